//! The causality graph: events as nodes, causes as edges, reduced so that pictures stay readable.

use std::collections::BTreeMap;

use ordain_explore::TraceData;
use ordain_kernel::{EventId, Recorded};
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{EdgeRef, Reversed, VisitMap, Visitable};

use crate::view;

/// Which events a graph shows.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// These; a cause that is left out is replaced by its own causes.
    Story(&'a [EventId]),
    /// All.
    Whole,
}

/// Events and what caused them.
///
/// Edges go from cause to effect. An edge that a longer way makes redundant is not there (transitive reduction).
#[derive(Clone, Debug, Default)]
pub struct CausalGraph {
    graph: DiGraph<EventId, ()>,
}

impl CausalGraph {
    /// The graph of a run, or of some of its events.
    #[must_use]
    pub fn new(trace: &TraceData, scope: Scope<'_>) -> CausalGraph {
        let mut graph = DiGraph::new();
        let mut nodes = BTreeMap::new();
        for event in kept(trace, scope) {
            let node = graph.add_node(event.id);
            nodes.insert(event.id, node);
        }
        for (id, node) in &nodes {
            for cause in nearest_causes(trace, *id, &nodes) {
                graph.update_edge(cause, *node, ());
            }
        }
        reduce(&mut graph);
        CausalGraph { graph }
    }

    /// The events, in order.
    #[must_use]
    pub fn events(&self) -> Vec<EventId> {
        self.graph.node_weights().copied().collect()
    }

    /// The edges as (cause, effect), ordered by effect, then cause.
    #[must_use]
    pub fn edges(&self) -> Vec<(EventId, EventId)> {
        let pair = |e: petgraph::graph::EdgeReference<'_, ()>| (self.graph[e.source()], self.graph[e.target()]);
        let mut edges: Vec<_> = self.graph.edge_references().map(pair).collect();
        edges.sort_unstable_by_key(|(cause, effect)| (*effect, *cause));
        edges
    }

    /// What caused each event that has a cause in the graph, in order of events.
    #[must_use]
    pub fn causes(&self) -> BTreeMap<EventId, Vec<EventId>> {
        let mut causes: BTreeMap<EventId, Vec<EventId>> = BTreeMap::new();
        for (cause, effect) in self.edges() {
            causes.entry(effect).or_default().push(cause);
        }
        causes
    }
}

fn kept<'a>(trace: &'a TraceData, scope: Scope<'_>) -> Vec<&'a Recorded> {
    match scope {
        Scope::Whole => trace.events.iter().collect(),
        Scope::Story(story) => {
            let mut ids = story.to_vec();
            ids.sort_unstable();
            ids.dedup();
            ids.into_iter().filter_map(|id| view::event(trace, id)).collect()
        }
    }
}

/// The causes of an event that are in the graph; through causes that are not, to theirs.
fn nearest_causes(trace: &TraceData, id: EventId, nodes: &BTreeMap<EventId, NodeIndex>) -> Vec<NodeIndex> {
    let mut found = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut todo = vec![id];
    while let Some(at) = todo.pop() {
        // A cause is always older than its effect; anything else is no cause.
        let causes = view::event(trace, at).map_or(&[][..], |e| e.parents.as_slice());
        for cause in causes.iter().copied().filter(|c| *c < at && *c != EventId::NONE) {
            match nodes.get(&cause) {
                Some(node) => found.push(*node),
                None if seen.insert(cause) => todo.push(cause),
                None => {}
            }
        }
    }
    found
}

/// Removes each edge whose cause also reaches its effect through another cause.
///
/// Nodes are numbered in causal order, so the search for a cause never looks behind it. Most events have one
/// cause and cost nothing; petgraph's own reduction computes the whole closure, too much for long runs.
fn reduce(graph: &mut DiGraph<EventId, ()>) {
    for effect in graph.node_indices() {
        let causes: Vec<NodeIndex> = graph.neighbors_directed(effect, Direction::Incoming).collect();
        for cause in causes.iter().filter(|_| causes.len() > 1) {
            let others = causes.iter().copied().filter(|other| other != cause).collect();
            if reaches(graph, others, *cause)
                && let Some(edge) = graph.find_edge(*cause, effect)
            {
                graph.remove_edge(edge);
            }
        }
    }
}

fn reaches(graph: &DiGraph<EventId, ()>, starts: Vec<NodeIndex>, goal: NodeIndex) -> bool {
    let backwards = Reversed(graph);
    let mut seen = backwards.visit_map();
    let mut todo = starts;
    while let Some(node) = todo.pop() {
        if node == goal {
            return true;
        }
        if node > goal && seen.visit(node) {
            todo.extend(graph.neighbors_directed(node, Direction::Incoming));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordain_kernel::{Key, Lane, Time};

    fn trace(causes: &[&[u32]]) -> TraceData {
        let event = |at: usize, parents: &[u32]| Recorded {
            id: EventId(at as u32 + 1),
            at: Time::START,
            code: 0,
            lane: Lane(0),
            key: Key(at as u64),
            parents: parents.iter().map(|p| EventId(*p)).collect(),
            text: String::new(),
            touches: Vec::new(),
        };
        let events = causes.iter().enumerate().map(|(at, parents)| event(at, parents)).collect();
        TraceData { events, ..TraceData::default() }
    }

    fn edges(causes: &[&[u32]], scope: Scope<'_>) -> Vec<(u32, u32)> {
        let graph = CausalGraph::new(&trace(causes), scope);
        graph.edges().into_iter().map(|(a, b)| (a.0, b.0)).collect()
    }

    #[test]
    fn a_shortcut_past_a_longer_way_is_left_out() {
        assert_eq!(edges(&[&[], &[1], &[2], &[1, 3]], Scope::Whole), [(1, 2), (2, 3), (3, 4)]);
        assert_eq!(edges(&[&[], &[1], &[1], &[2, 3]], Scope::Whole), [(1, 2), (1, 3), (2, 4), (3, 4)]);
    }

    #[test]
    fn what_a_story_leaves_out_is_bridged() {
        let causes: [&[u32]; 5] = [&[], &[1], &[2], &[2], &[3, 4]];
        assert_eq!(edges(&causes, Scope::Story(&[EventId(5), EventId(1), EventId(4)])), [(1, 4), (4, 5)]);
    }

    #[test]
    fn an_event_is_never_its_own_cause() {
        assert_eq!(edges(&[&[1, 2], &[2, 1]], Scope::Whole), [(1, 2)]);
    }
}
