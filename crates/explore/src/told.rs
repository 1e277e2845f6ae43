//! How a failure is told: re-run and recorded for the last time, or as one that cannot be relied on.

use ordain_checks::Grade;
use ordain_kernel::Plan;
use ordain_world::Load;

use crate::calm::Calm;
use crate::cases::Case;
use crate::diff::first_difference;
use crate::finding::{Finding, TraceData};
use crate::run::{Job, JobSource, RunReport, Runner};
use crate::shrink::Shrunk;

/// A failure made small: which seed it came from, and what that run had.
pub(crate) struct Small {
    pub(crate) seed: u64,
    pub(crate) original: (usize, usize),
    pub(crate) shrunk: Shrunk,
    /// What is known of calm runs of the seed's load and its parts.
    pub(crate) calm: Calm,
}

/// Re-runs the shrunk schedule on both runners, recorded: the last proof before it is told.
pub(crate) fn finding(
    case: &Case,
    small: &Small,
    runs: u32,
    no_fewer: Option<u32>,
    runners: (&mut dyn Runner, &mut dyn Runner),
) -> Finding {
    let (signature, shrunk) = (&case.violation.signature, &small.shrunk);
    let job = || Job::new(&shrunk.load, JobSource::Plan(&shrunk.plan)).recorded().until(signature);
    let (report, twin) = (runners.0.run(job()), runners.1.run(job()));
    let shown = report.shows(signature).cloned();
    let unsure = report.hash != twin.hash || shown.is_none();
    let nondeterminism = unsure.then(|| differing(&report, &twin, "two runs of the shrunk schedule differ"));
    let mut violation = shown.unwrap_or_else(|| case.violation.clone());
    if unsure {
        violation.grade = Grade::Nondeterministic;
    }
    Finding {
        violation,
        seed: small.seed,
        runs_failed: case.runs,
        original: small.original,
        load: shrunk.load.clone(),
        deviations: report.deviation_texts,
        one_minimal: shrunk.one_minimal && !unsure,
        deletions_rerun: shrunk.deletions_rerun,
        shrink_runs: runs,
        no_fewer: no_fewer.filter(|_| !unsure),
        trace: report.trace.unwrap_or_default(),
        nondeterminism,
    }
}

/// A failure that cannot be relied on: told as it is, not shrunk.
pub(crate) fn nondeterministic(case: &Case, seed: u64, load: Load, report: RunReport, why: String) -> Finding {
    let mut violation = report.shows(&case.violation.signature).unwrap_or(&case.violation).clone();
    violation.grade = Grade::Nondeterministic;
    Finding {
        violation,
        seed,
        runs_failed: case.runs,
        original: (load.commands.len(), report.fired.len()),
        load,
        deviations: report.deviation_texts,
        one_minimal: false,
        deletions_rerun: 0,
        shrink_runs: 0,
        no_fewer: None,
        trace: report.trace.unwrap_or_default(),
        nondeterminism: Some(why),
    }
}

/// Why the deviations of a run do not show what the run showed, when they are replayed.
pub(crate) fn unreplayed(case: &Case, load: &Load, start: &RunReport, other: &mut dyn Runner) -> String {
    let plan = Plan::new(start.fired.clone());
    let job = Job::new(load, JobSource::Plan(&plan)).recorded().until(&case.violation.signature);
    differing(start, &other.run(job), "the run's own deviations, replayed, do not show it")
}

/// Names the first differing event of two recorded runs.
pub(crate) fn differing(a: &RunReport, b: &RunReport, what: &str) -> String {
    let empty = TraceData::default();
    let traces = (a.trace.as_ref().unwrap_or(&empty), b.trace.as_ref().unwrap_or(&empty));
    match first_difference(traces.0, traces.1) {
        Some(difference) => format!("{what}: {difference}"),
        None if a.hash != b.hash => {
            format!("{what}: their events read the same, but hash {:032x} and {:032x}", a.hash, b.hash)
        }
        None => format!("{what}, but two recorded runs agree"),
    }
}
