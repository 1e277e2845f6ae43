//! JUnit XML: a suite a scenario, a case a check, for the test views of CI systems.

use ordain_checks::{Grade, Severity};

use crate::escape::xml;
use crate::input::{FindingFiles, ScenarioResult};
use crate::paint::Look;
use crate::story;
use crate::text::counted;

/// The case that stands for coming to rest.
const QUIESCENCE: &str = "quiescence";

/// The results of a campaign as JUnit XML.
#[must_use]
pub fn render(scenarios: &[ScenarioResult]) -> String {
    let suites: Vec<Suite<'_>> = scenarios.iter().map(Suite::of).collect();
    let (tests, failures) = suites.iter().fold((0, 0), |(t, f), s| (t + s.cases.len(), f + s.failures()));
    let wall_ms = scenarios.iter().map(|s| s.wall_ms).sum();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let time = seconds(wall_ms);
    out.push_str(&format!(
        "<testsuites name=\"ordain\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" time=\"{time}\">\n"
    ));
    for suite in &suites {
        suite.write(&mut out);
    }
    out.push_str("</testsuites>\n");
    out
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

struct Suite<'a> {
    scenario: &'a ScenarioResult,
    cases: Vec<Case<'a>>,
}

struct Case<'a> {
    name: &'a str,
    findings: Vec<&'a FindingFiles>,
    never_held: bool,
    warned_runs: u64,
}

impl<'a> Suite<'a> {
    /// A case a check, one for quiescence, and one for each finding that belongs to neither.
    fn of(scenario: &'a ScenarioResult) -> Suite<'a> {
        let mut names: Vec<&str> = scenario.checks.iter().map(|c| c.name.as_str()).collect();
        names.push(QUIESCENCE);
        let others = scenario.findings.iter().map(case_name).chain(scenario.never_held.iter().map(String::as_str));
        for name in others {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let case = |name| Case {
            name,
            findings: scenario.findings.iter().filter(|f| case_name(f) == name).collect(),
            never_held: scenario.never_held.iter().any(|n| n == name),
            warned_runs: scenario.warnings.iter().filter(|(n, _)| n == name).map(|(_, runs)| runs).sum(),
        };
        Suite { scenario, cases: names.into_iter().map(case).collect() }
    }

    fn failures(&self) -> usize {
        self.cases.iter().filter(|c| c.failed()).count()
    }

    fn write(&self, out: &mut String) {
        let scenario = self.scenario;
        out.push_str(&format!(
            "  <testsuite name=\"{}\" file=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" time=\"{}\">\n",
            xml(&scenario.name),
            xml(&scenario.path),
            self.cases.len(),
            self.failures(),
            seconds(scenario.wall_ms),
        ));
        for case in &self.cases {
            case.write(out, scenario);
        }
        for fault in &scenario.faults_never_fired {
            out.push_str(&format!("    <system-out>never fired: {}</system-out>\n", xml(fault)));
        }
        out.push_str("  </testsuite>\n");
    }
}

fn case_name(files: &FindingFiles) -> &str {
    let violation = &files.finding.violation;
    if violation.grade == Grade::NoQuiescence { QUIESCENCE } else { &violation.signature.check }
}

impl Case<'_> {
    fn failed(&self) -> bool {
        self.never_held || self.findings.iter().any(|f| f.finding.violation.severity == Severity::Error)
    }

    fn write(&self, out: &mut String, scenario: &ScenarioResult) {
        let (suite, name) = (xml(&scenario.name), xml(self.name));
        let head = format!("    <testcase classname=\"{suite}\" name=\"{name}\" file=\"{}\"", xml(&scenario.path));
        let inside = self.inside(scenario);
        if inside.is_empty() {
            out.push_str(&format!("{head}/>\n"));
        } else {
            out.push_str(&format!("{head}>\n{inside}    </testcase>\n"));
        }
    }

    fn inside(&self, scenario: &ScenarioResult) -> String {
        let mut out = String::new();
        let (failing, warning): (Vec<&FindingFiles>, Vec<&FindingFiles>) =
            self.findings.iter().copied().partition(|f| f.finding.violation.severity == Severity::Error);
        if let Some(first) = failing.first() {
            // One failure a case: readers of this format keep only one.
            let violation = &first.finding.violation;
            let (kind, message) = (violation.grade.word(), xml(&violation.message));
            let stories: Vec<String> = failing.iter().map(|f| told(f)).collect();
            let stories = stories.join("\n\n");
            out.push_str(&format!("      <failure type=\"{kind}\" message=\"{message}\">{stories}</failure>\n"));
        }
        if self.never_held && failing.is_empty() {
            let runs = counted(scenario.runs, "run", "runs");
            out.push_str(&format!("      <failure type=\"never-held\" message=\"never held in {runs}\"/>\n"));
        }
        if self.warned_runs > 0 {
            let runs = counted(self.warned_runs, "run", "runs");
            out.push_str(&format!("      <system-out>warning: violated in {runs}</system-out>\n"));
        }
        for files in warning {
            out.push_str(&format!("      <system-out>{}</system-out>\n", told(files)));
        }
        out
    }
}

/// The story as XML text; its lines stay lines.
fn told(files: &FindingFiles) -> String {
    let text = story::render(&files.finding, &files.story, &files.replay, Look::default());
    let lines: Vec<String> = text.lines().map(xml).collect();
    lines.join("\n")
}
