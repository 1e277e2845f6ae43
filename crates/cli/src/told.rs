//! A replayed run, told: its deviations and events, without the history that only campaigns have.

use ordain_explore::{Finding, TraceData};
use ordain_kernel::EventId;
use ordain_report::{CausalGraph, FindingFiles, Look, Marks, Scope, story};

/// How many of something, in words.
pub(crate) fn counted(n: usize, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

/// A finding of a campaign; one that was only replayed has no history of shrinking, and none is told.
pub(crate) fn finding(files: &FindingFiles, look: Look) -> String {
    let finding = &files.finding;
    if !story::is_replayed(finding) {
        return story::render(finding, &files.story, &files.replay, look);
    }
    let violation = &finding.violation;
    let head = format!("{}: {}\n  {}\n\n", violation.grade.word(), violation.signature, violation.message);
    format!("{head}{}\n  replay: {}\n", story(finding, &files.story, look), files.replay)
}

/// The deviations of a finding and the events that tell it.
pub(crate) fn story(finding: &Finding, told: &[EventId], look: Look) -> String {
    let mut out = String::new();
    for (at, deviation) in finding.deviations.iter().take(story::LISTED_MAX).enumerate() {
        out.push_str(&format!("  [{}] {}\n", at + 1, deviation.words));
    }
    match story::unlisted(finding.deviations.len()) {
        None if finding.deviations.is_empty() => out.push_str("  no deviation: the calm run\n"),
        None => {}
        Some(more) => out.push_str(&format!("  {more}\n")),
    }
    out.push('\n');
    out.push_str(&story::event_log(&only(&finding.trace, told), &Marks::of(finding), look));
    out
}

/// A trace with only these events; what caused them is looked for among them.
fn only(trace: &TraceData, told: &[EventId]) -> TraceData {
    let graph = CausalGraph::new(trace, Scope::Story(told));
    let causes = graph.causes();
    let kept = trace.events.iter().zip(&trace.paths).filter(|(event, _)| told.contains(&event.id));
    let (mut events, mut paths) = (Vec::new(), Vec::new());
    for (event, path) in kept {
        let mut event = event.clone();
        event.parents = causes.get(&event.id).cloned().unwrap_or_default();
        events.push(event);
        paths.push(path.clone());
    }
    TraceData { events, paths, lanes: trace.lanes.clone(), hash: trace.hash, ended_at: trace.ended_at }
}
