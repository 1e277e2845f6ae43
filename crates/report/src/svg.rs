//! SVG: a self-contained space-time diagram; lanes are columns, virtual time runs downwards, one event a row.

mod cards;
mod draw;
mod edges;
mod measure;

use ordain_explore::TraceData;

use crate::graph::CausalGraph;
use crate::marks::Marks;

/// The colours, light and dark, shared with the HTML page.
pub(crate) const PALETTE_CSS: &str = include_str!("assets/palette.css");
/// The look of the diagram, shared with the HTML page.
pub(crate) const DIAGRAM_CSS: &str = include_str!("assets/diagram.css");

/// A diagram as a file of its own, with its style inside; it follows the reader's colour scheme.
///
/// Meant for stories: each event takes a row of some 60 pixels, so a whole run of thousands is a very long picture.
#[must_use]
pub fn render(trace: &TraceData, graph: &CausalGraph, marks: &Marks, title: &str) -> String {
    let diagram = cards::Diagram::new(trace, graph, marks);
    let style = format!("<style>\n{PALETTE_CSS}{DIAGRAM_CSS}</style>\n");
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&draw::draw(&diagram, title, "e", &style));
    out.push('\n');
    out
}

/// A diagram to stand in a page that has the styles; `id_prefix` keeps its ids apart from those of other diagrams.
pub(crate) fn inline(trace: &TraceData, graph: &CausalGraph, marks: &Marks, title: &str, id_prefix: &str) -> String {
    let diagram = cards::Diagram::new(trace, graph, marks);
    draw::draw(&diagram, title, id_prefix, "")
}
