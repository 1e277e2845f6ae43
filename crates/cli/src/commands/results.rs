//! From what a campaign came to, to what reports are made of.

use ordain_checks::Severity;
use ordain_explore::Outcome;
use ordain_report::{CheckLine, ScenarioResult};

use crate::open::Opened;

/// The result of a scenario, without its findings.
pub(crate) fn result(scenario: &Opened, explored: &Outcome, wall_ms: u64) -> ScenarioResult {
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    let ran = explored.sums.runs > 0;
    ScenarioResult {
        name: scenario.name().to_owned(),
        path: scenario.path.display().to_string(),
        runs: explored.sums.runs,
        events: explored.sums.events,
        wall_ms,
        faults_never_fired: if ran { owned(explored.never_fired()) } else { Vec::new() },
        never_held: if ran { owned(explored.never_held()) } else { Vec::new() },
        warnings: warnings(explored),
        checks: checks(explored),
        tally: explored.sums.tally.clone(),
        findings: Vec::new(),
    }
}

fn failed_runs(explored: &Outcome, check: &str) -> u64 {
    explored.sums.check_failures.get(check).copied().unwrap_or(0)
}

fn warnings(explored: &Outcome) -> Vec<(String, u64)> {
    let warns = explored.about.checks.iter().filter(|check| check.severity == Severity::Warn);
    let counted = warns.map(|check| (check.name.clone(), failed_runs(explored, &check.name)));
    counted.filter(|(_, runs)| *runs > 0).collect()
}

fn checks(explored: &Outcome) -> Vec<CheckLine> {
    let tallies = explored.sums.tally.checks.iter().cloned().chain(std::iter::repeat_with(Default::default));
    let lines = explored.about.checks.iter().zip(tallies).map(|(check, tally)| CheckLine {
        name: check.name.clone(),
        evaluated: tally.evaluated,
        subjects: tally.subjects,
        failed_runs: if check.severity == Severity::Error { failed_runs(explored, &check.name) } else { 0 },
    });
    lines.collect()
}
