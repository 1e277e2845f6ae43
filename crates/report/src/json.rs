//! The JSON document of `--format json`, version 1.

use ordain_kernel::EventId;
use serde::Serialize;

use crate::graph::{CausalGraph, Scope};
use crate::input::{FindingFiles, ScenarioResult};
use crate::marks::Marks;
use crate::view;

/// The version of the document; readers refuse one they do not know.
pub const FORMAT: u32 = 1;

/// The results of a campaign, indented, with a newline at the end.
///
/// # Panics
/// Never: the document holds nothing that JSON cannot.
#[must_use]
pub fn render(scenarios: &[ScenarioResult]) -> String {
    let document = Document { format: FORMAT, scenarios: scenarios.iter().map(Scenario::of).collect() };
    let mut text = serde_json::to_string_pretty(&document).expect("strings and numbers only");
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    scenarios: Vec<Scenario<'a>>,
}

#[derive(Serialize)]
struct Scenario<'a> {
    name: &'a str,
    runs: u64,
    events: u64,
    wall_ms: u64,
    faults_never_fired: &'a [String],
    findings: Vec<Failure<'a>>,
}

#[derive(Serialize)]
struct Failure<'a> {
    check: &'a str,
    grade: &'static str,
    signature: String,
    seed: u64,
    runs_failed: u64,
    deviations: Vec<Deviation<'a>>,
    commands: Vec<Command<'a>>,
    one_minimal: bool,
    deletions_rerun: u32,
    story: Vec<Event<'a>>,
    files: &'a [String],
}

#[derive(Serialize)]
struct Deviation<'a> {
    key: &'a str,
    kind: &'static str,
    value: String,
    words: &'a str,
}

#[derive(Serialize)]
struct Command<'a> {
    id: &'a str,
    at_ns: u64,
    words: &'a str,
}

#[derive(Serialize)]
struct Event<'a> {
    event: u32,
    at_ns: u64,
    lane: &'a str,
    text: &'a str,
    causes: Vec<u32>,
    /// The deviations that happened here, as indices into `deviations`.
    deviations: Vec<usize>,
    violation: bool,
}

impl<'a> Scenario<'a> {
    fn of(result: &'a ScenarioResult) -> Scenario<'a> {
        Scenario {
            name: &result.name,
            runs: result.runs,
            events: result.events,
            wall_ms: result.wall_ms,
            faults_never_fired: &result.faults_never_fired,
            findings: result.findings.iter().map(Failure::of).collect(),
        }
    }
}

impl<'a> Failure<'a> {
    fn of(files: &'a FindingFiles) -> Failure<'a> {
        let finding = &files.finding;
        let violation = &finding.violation;
        let deviation = |d: &'a ordain_explore::DeviationText| Deviation {
            key: &d.path,
            kind: d.deviation.value.kind().word(),
            value: d.deviation.value.to_string(),
            words: &d.words,
        };
        let command = |c: &'a crate::input::CommandText| Command { id: &c.id, at_ns: c.at.0, words: &c.words };
        Failure {
            check: &violation.signature.check,
            grade: violation.grade.word(),
            signature: violation.signature.to_string(),
            seed: finding.seed,
            runs_failed: finding.runs_failed,
            deviations: finding.deviations.iter().map(deviation).collect(),
            commands: files.commands.iter().map(command).collect(),
            one_minimal: finding.one_minimal,
            deletions_rerun: finding.deletions_rerun,
            story: story(files),
            files: &files.files,
        }
    }
}

fn story(files: &FindingFiles) -> Vec<Event<'_>> {
    let trace = &files.finding.trace;
    let marks = Marks::of(&files.finding);
    let graph = CausalGraph::new(trace, Scope::Story(&files.story));
    let causes = graph.causes();
    let told = |id: EventId| {
        let event = view::event(trace, id)?;
        Some(Event {
            event: id.0,
            at_ns: event.at.0,
            lane: view::lane(trace, event),
            text: &event.text,
            causes: causes.get(&id).into_iter().flatten().map(|c| c.0).collect(),
            deviations: marks.deviations(id).iter().map(|n| n - 1).collect(),
            violation: marks.is_violation(id),
        })
    };
    graph.events().into_iter().filter_map(told).collect()
}
