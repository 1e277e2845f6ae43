//! Running one schedule again: a stored one, or a seed's; twice, to prove that it is deterministic.

use std::path::Path;

use ordain_checks::Violation;
use ordain_explore::{
    Factory, Finding, Job, JobSource, Replayed, RunReport, Runner, Sim, Stored, Verdict, first_difference, replay,
};
use ordain_world::Load;

use crate::exit::Exit;
use crate::fail::{Failure, Outcome};
use crate::open::{self, Opened};
use crate::regressions::Regression;

/// A verdict with one explaining line.
pub(crate) fn sentence(verdict: &Verdict) -> String {
    let why = match verdict {
        Verdict::Reproduced => "the same violation, by the same trace".to_owned(),
        Verdict::Drifted => "the same violation, by another trace: the system has changed on the way to it".to_owned(),
        Verdict::Fixed => "every deviation found its place, and all checks pass".to_owned(),
        Verdict::Stale { unmatched, .. } => {
            format!("all checks pass, but {unmatched} of its deviations found no place: the failure may only be hidden")
        }
        Verdict::Different(_) => "it still fails, in another way".to_owned(),
    };
    format!("{verdict}: {why}")
}

/// A stored schedule, run again.
pub(crate) struct Rerun {
    pub(crate) scenario: Opened,
    pub(crate) stored: Stored,
    pub(crate) replayed: Replayed,
    /// The first event that differs between two runs.
    pub(crate) nondeterminism: Option<String>,
    /// What should be known about it.
    pub(crate) notes: Vec<String>,
}

/// Runs a regression again, on its own scenario or on another.
pub(crate) fn regression(
    regression: &Regression,
    on: Option<&Path>,
    without: &[String],
    colour: bool,
) -> Outcome<Rerun> {
    let scenario = match on {
        Some(other) => open::open(other, without, colour)?,
        // It was found with these switched off; the command line may say otherwise.
        None if without.is_empty() => open::open(&regression.scenario()?, &regression.parsed.without, colour)?,
        None => open::open(&regression.scenario()?, without, colour)?,
    };
    let fitted = regression.fit(&scenario)?;
    let (first, second) = (replay(&mut sim(&scenario), &fitted.stored), replay(&mut sim(&scenario), &fitted.stored));
    let nondeterminism = differs(&first.report, &second.report);
    let (stored, notes) = (fitted.stored, if on.is_some() { Vec::new() } else { fitted.notes });
    Ok(Rerun { scenario, stored, replayed: first, nondeterminism, notes })
}

/// Runs a seed, recorded, with its load.
pub(crate) fn seed(scenario: &Opened, seed: u64) -> (Load, RunReport, Option<String>) {
    let run = || {
        let mut sim = sim(scenario);
        let load = sim.load(seed);
        let report = sim.run(Job::new(&load, JobSource::Seed(seed)).recorded());
        (load, report)
    };
    let ((load, first), (_, second)) = (run(), run());
    let nondeterminism = differs(&first, &second);
    (load, first, nondeterminism)
}

fn sim(scenario: &Opened) -> Sim {
    Sim::new(scenario.runnable.model())
}

fn differs(a: &RunReport, b: &RunReport) -> Option<String> {
    if a.hash == b.hash {
        return None;
    }
    let (Some(a), Some(b)) = (&a.trace, &b.trace) else { return Some("two runs differ".to_owned()) };
    Some(
        first_difference(a, b)
            .map_or_else(|| "two runs read the same and hash differently".to_owned(), |d| d.to_string()),
    )
}

/// What a replay shows, as a finding; nothing when it passes.
pub(crate) fn finding(stored: &Stored, replayed: Replayed) -> Option<Finding> {
    let violation = replayed.violation(stored)?.clone();
    Some(of_report(violation, replayed.report, stored.load.clone(), 0))
}

/// A violation of a recorded run as a finding: neither shrunk nor counted.
pub(crate) fn of_report(violation: Violation, report: RunReport, load: Load, seed: u64) -> Finding {
    Finding {
        violation,
        seed,
        runs_failed: 0,
        original: (load.commands.len(), report.deviation_texts.len()),
        load,
        deviations: report.deviation_texts,
        one_minimal: false,
        deletions_rerun: 0,
        shrink_runs: 0,
        trace: report.trace.unwrap_or_default(),
        nondeterminism: None,
        no_fewer: None,
    }
}

/// A failure that says that two runs differ.
pub(crate) fn nondeterministic(difference: &str) -> Failure {
    let text = format!("nondeterministic: two runs of the same deviations differ: {difference}");
    Failure::new(Exit::Nondeterministic, text)
}
