//! Mermaid: the causality graph as a flowchart, or the story as a sequence diagram.

use std::collections::BTreeMap;

use ordain_explore::TraceData;
use ordain_kernel::{EventId, Recorded};

use crate::escape::mermaid as escaped;
use crate::graph::CausalGraph;
use crate::marks::Marks;
use crate::text::clean;
use crate::view;

/// A flowchart with one subgraph a lane.
#[must_use]
pub fn flowchart(trace: &TraceData, graph: &CausalGraph, marks: &Marks) -> String {
    let mut out = String::from("flowchart TB\n");
    for (lane, events) in lanes(trace, graph) {
        out.push_str(&format!("  subgraph lane{lane}[\"{}\"]\n", name(trace, events[0])));
        for event in events {
            let label = escaped(&clean(&event.text));
            let at = event.at;
            out.push_str(&format!(
                "    e{0}[\"#35;{0} at {at}<br/>{label}\"]{1}\n",
                event.id.0,
                class(event.id, marks)
            ));
        }
        out.push_str("  end\n");
    }
    for (cause, effect) in graph.edges() {
        out.push_str(&format!("  e{} --> e{}\n", cause.0, effect.0));
    }
    out.push_str("  classDef deviation fill:#fff1cc,stroke:#c98a10,stroke-width:2px,color:#3d2a00\n");
    out.push_str("  classDef violation fill:#ffe4e0,stroke:#c93a2b,stroke-width:2px,color:#5c120b\n");
    out
}

/// A sequence diagram: an event with a cause in another lane is an arrow from there, any other one a note.
#[must_use]
pub fn sequence(trace: &TraceData, graph: &CausalGraph, marks: &Marks) -> String {
    let mut out = String::from("sequenceDiagram\n");
    for (lane, events) in lanes(trace, graph) {
        out.push_str(&format!("  participant L{lane} as {}\n", name(trace, events[0])));
    }
    let causes = graph.causes();
    for event in graph.events().into_iter().filter_map(|id| view::event(trace, id)) {
        let from = causes.get(&event.id).into_iter().flatten().filter_map(|id| view::event(trace, *id));
        let from = from.map(|cause| cause.lane).find(|lane| *lane != event.lane);
        let text = format!("#35;{} {}", event.id.0, escaped(&clean(&event.text)));
        let step = match from {
            Some(from) => format!("  L{}->>L{}: {text}\n", from.0, event.lane.0),
            None => format!("  Note over L{}: {text}\n", event.lane.0),
        };
        match shade(event.id, marks) {
            Some(rgb) => out.push_str(&format!("  rect rgb({rgb})\n  {step}  end\n")),
            None => out.push_str(&step),
        }
    }
    out
}

fn lanes<'a>(trace: &'a TraceData, graph: &CausalGraph) -> BTreeMap<u16, Vec<&'a Recorded>> {
    let mut lanes: BTreeMap<u16, Vec<&Recorded>> = BTreeMap::new();
    for event in graph.events().into_iter().filter_map(|id| view::event(trace, id)) {
        lanes.entry(event.lane.0).or_default().push(event);
    }
    lanes
}

fn name(trace: &TraceData, event: &Recorded) -> String {
    escaped(&clean(view::lane(trace, event)))
}

fn class(event: EventId, marks: &Marks) -> &'static str {
    if marks.is_violation(event) {
        ":::violation"
    } else if !marks.deviations(event).is_empty() {
        ":::deviation"
    } else {
        ""
    }
}

fn shade(event: EventId, marks: &Marks) -> Option<&'static str> {
    if marks.is_violation(event) {
        return Some("255, 228, 224");
    }
    (!marks.deviations(event).is_empty()).then_some("255, 241, 204")
}
