//! DOT: the causality graph for Graphviz, one cluster a lane.

use std::collections::BTreeMap;

use ordain_explore::TraceData;
use ordain_kernel::{EventId, Recorded};

use crate::escape::dot as quoted;
use crate::graph::CausalGraph;
use crate::marks::Marks;
use crate::text::{clean, wrap};
use crate::view;

/// The graph in the DOT language; deviations are amber, the violation is red.
#[must_use]
pub fn render(trace: &TraceData, graph: &CausalGraph, marks: &Marks) -> String {
    let mut out = String::from(concat!(
        "digraph ordain {\n",
        "  graph [rankdir=TB, newrank=true, fontname=\"Helvetica\", fontsize=11, color=\"#c9ced6\", style=\"rounded\"];\n",
        "  node [shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\", color=\"#8b95a3\", ",
        "fontname=\"Helvetica\", fontsize=10, margin=\"0.12,0.06\"];\n",
        "  edge [color=\"#5b6675\", arrowsize=0.6];\n",
    ));
    let mut lanes: BTreeMap<u16, Vec<&Recorded>> = BTreeMap::new();
    for event in graph.events().into_iter().filter_map(|id| view::event(trace, id)) {
        lanes.entry(event.lane.0).or_default().push(event);
    }
    for (lane, events) in &lanes {
        let name = quoted(&clean(view::lane(trace, events[0])));
        out.push_str(&format!("  subgraph cluster_{lane} {{\n    label=\"{name}\";\n"));
        for event in events {
            out.push_str(&format!("    e{} [label=\"{}\"{}];\n", event.id.0, label(event), accent(event.id, marks)));
        }
        out.push_str("  }\n");
    }
    for (cause, effect) in graph.edges() {
        out.push_str(&format!("  e{} -> e{};\n", cause.0, effect.0));
    }
    out.push_str("}\n");
    out
}

fn label(event: &Recorded) -> String {
    let text = wrap(&clean(&event.text), 32).join("\n");
    quoted(&format!("#{} at {}\n{text}", event.id.0, event.at))
}

fn accent(event: EventId, marks: &Marks) -> &'static str {
    if marks.is_violation(event) {
        ", fillcolor=\"#ffe4e0\", color=\"#c93a2b\", penwidth=2"
    } else if !marks.deviations(event).is_empty() {
        ", fillcolor=\"#fff1cc\", color=\"#c98a10\", penwidth=2"
    } else {
        ""
    }
}
