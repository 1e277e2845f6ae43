//! How the text formats look.

use ordain_report::{CausalGraph, Look, Marks, Scope, dot, json, junit, mermaid, story, summary};

use crate::fixture;

#[test]
fn story_of_a_double_charge() {
    let text = story::render(&fixture::finding(), &fixture::story(), "ordain replay x.regression", Look::default());
    insta::assert_snapshot!(text);
}

#[test]
fn story_in_sixty_columns() {
    let look = Look { width: 60, ..Look::default() };
    insta::assert_snapshot!(story::render(&fixture::finding(), &fixture::story(), "ordain replay x.regression", look));
}

#[test]
fn event_log_of_a_double_charge() {
    let finding = fixture::finding();
    insta::assert_snapshot!(story::event_log(&finding.trace, &Marks::of(&finding), Look::default()));
}

#[test]
fn summary_of_a_campaign() {
    insta::assert_snapshot!(summary::render(&fixture::campaign(), Look::default()));
}

#[test]
fn json_of_a_campaign() {
    insta::assert_snapshot!(json::render(&fixture::campaign()));
}

#[test]
fn junit_of_a_campaign() {
    insta::assert_snapshot!(junit::render(&fixture::campaign()));
}

#[test]
fn graph_languages() {
    let finding = fixture::finding();
    let (story, marks) = (fixture::story(), Marks::of(&finding));
    let graph = CausalGraph::new(&finding.trace, Scope::Story(&story));
    insta::assert_snapshot!("dot", dot::render(&finding.trace, &graph, &marks));
    insta::assert_snapshot!("mermaid_flowchart", mermaid::flowchart(&finding.trace, &graph, &marks));
    insta::assert_snapshot!("mermaid_sequence", mermaid::sequence(&finding.trace, &graph, &marks));
}
