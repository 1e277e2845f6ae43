//! SVG and XML are well formed, whatever the names in a scenario are.

use ordain_report::{CausalGraph, Marks, ScenarioResult, Scope, dot, html, junit, mermaid, svg};
use roxmltree::{Document, ParsingOptions};

use crate::fixture;

/// Everything that has broken a report somewhere.
pub(crate) const HOSTILE: &str =
    "</script><img src=x onerror=alert(1)>'\"&amp;]]>--><!--\u{1}\u{b}\u{FFFE}\u{2028}\n`#;%%{";

/// The fixture with the hostile name in every text.
pub(crate) fn hostile() -> Vec<ScenarioResult> {
    let mut scenario = fixture::failing();
    scenario.name = HOSTILE.to_owned();
    scenario.path = HOSTILE.to_owned();
    scenario.faults_never_fired = vec![HOSTILE.to_owned()];
    scenario.never_held = vec![HOSTILE.to_owned()];
    scenario.checks[0].name = HOSTILE.to_owned();
    let files = &mut scenario.findings[0];
    files.replay = HOSTILE.to_owned();
    files.files = vec![HOSTILE.to_owned()];
    files.commands[0].words = HOSTILE.to_owned();
    let finding = &mut files.finding;
    finding.violation.signature.check = HOSTILE.to_owned();
    finding.violation.message = HOSTILE.to_owned();
    finding.nondeterminism = Some(HOSTILE.to_owned());
    for deviation in &mut finding.deviations {
        deviation.words = HOSTILE.to_owned();
        deviation.path = HOSTILE.to_owned();
    }
    for text in finding.trace.events.iter_mut().map(|e| &mut e.text) {
        *text = HOSTILE.to_owned();
    }
    for text in finding.trace.lanes.iter_mut().chain(&mut finding.trace.paths) {
        *text = HOSTILE.to_owned();
    }
    vec![scenario]
}

fn parsed(text: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

#[test]
fn svg_is_well_formed_and_holds_every_event() {
    for scenario in [fixture::failing(), hostile().remove(0)] {
        let finding = &scenario.findings[0].finding;
        for scope in [Scope::Story(&fixture::story()), Scope::Whole] {
            let graph = CausalGraph::new(&finding.trace, scope);
            let text = svg::render(&finding.trace, &graph, &Marks::of(finding), &scenario.name);
            let document = parsed(&text);
            let with = |name: &str| document.descendants().filter(|n| n.has_attribute(name)).count();
            assert_eq!(with("data-event"), graph.events().len());
            assert_eq!(with("data-from"), 2 * graph.edges().len());
            assert!(document.descendants().all(|n| !n.has_tag_name("img")));
        }
    }
}

#[test]
fn an_empty_graph_is_a_picture_too() {
    let trace = ordain_explore::TraceData::default();
    let graph = CausalGraph::new(&trace, Scope::Whole);
    parsed(&svg::render(&trace, &graph, &Marks::default(), "nothing"));
    assert!(dot::render(&trace, &graph, &Marks::default()).ends_with("}\n"));
    assert!(mermaid::sequence(&trace, &graph, &Marks::default()).starts_with("sequenceDiagram"));
}

#[test]
fn junit_counts_what_it_holds() {
    for campaign in [fixture::campaign(), hostile(), Vec::new()] {
        let text = junit::render(&campaign);
        let document = parsed(&text);
        let root = document.root_element();
        let count = |name: &str| document.descendants().filter(|n| n.has_tag_name(name)).count().to_string();
        assert_eq!(root.attribute("tests"), Some(count("testcase").as_str()));
        assert_eq!(root.attribute("failures"), Some(count("failure").as_str()));
    }
}

#[test]
fn the_page_is_well_formed_and_runs_no_foreign_script() {
    for campaign in [fixture::campaign(), hostile(), Vec::new()] {
        let page = html::page(&campaign.first().map_or(String::new(), |s| s.name.clone()), &campaign);
        let text = without_raw_text(&page);
        let document = parsed(&text);
        let findings: usize = campaign.iter().map(|s| s.findings.len()).sum();
        let tagged = |name: &str| document.descendants().filter(|n| n.tag_name().name() == name).count();
        assert_eq!(tagged("script"), findings + 1);
        assert_eq!(tagged("img") + tagged("link") + tagged("iframe"), 0);
        for node in document.descendants() {
            assert!(node.attributes().all(|a| !a.name().starts_with("on") && a.name() != "src"));
        }
    }
}

#[test]
fn ids_are_unique_and_references_resolve() {
    let mut campaign = fixture::campaign();
    let again = campaign[0].findings[0].clone();
    campaign[0].findings.push(again);
    let page = without_raw_text(&html::page("two findings", &campaign));
    let document = parsed(&page);
    let mut ids: Vec<&str> = document.descendants().filter_map(|n| n.attribute("id")).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
    for node in document.descendants() {
        for name in ["aria-labelledby", "aria-describedby"] {
            assert!(node.attribute(name).is_none_or(|id| ids.contains(&id)), "{node:?}");
        }
        let link = node.attribute("href").and_then(|h| h.strip_prefix('#'));
        assert!(link.is_none_or(|id| ids.contains(&id)), "{link:?}");
    }
}

/// The page as XML: script and style hold raw text, which ends at the first end tag, as in a browser.
fn without_raw_text(page: &str) -> String {
    let mut out = page.to_owned();
    for tag in ["script", "style"] {
        let parts: Vec<&str> = out.split(&format!("</{tag}>")).collect();
        let cut = |part: &&str| match part.split_once(&format!("<{tag}")) {
            Some((before, inside)) => {
                let attributes = inside.split_once('>').map_or("", |(a, _)| a);
                format!("{before}<{tag}{attributes}>")
            }
            None => (*part).to_owned(),
        };
        let cut: Vec<String> = parts.iter().map(cut).collect();
        out = cut.join(&format!("</{tag}>"));
    }
    out
}
