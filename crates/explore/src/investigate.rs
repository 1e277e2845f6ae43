//! From a failure to a finding: proved deterministic, shrunk, re-run and recorded.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use ordain_checks::{Grade, Signature, Violation};
use ordain_kernel::Plan;
use ordain_world::Load;

use crate::campaign::Campaign;
use crate::diff::first_difference;
use crate::finding::{Finding, TraceData};
use crate::run::{Job, JobSource, MakeRunner, RunReport, Runner};
use crate::seeds::on_threads;
use crate::shrink::{Limits, Met, Shrunk, Start, shrink};
use crate::sums::Failure;

/// How to make the failing run again.
#[derive(Clone, Debug)]
enum Origin {
    /// The seeded run.
    Seed,
    /// A candidate of another failure's shrinking.
    Met(Load, Plan),
}

/// A failure to look into.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    violation: Violation,
    seed: u64,
    runs: u64,
    /// The hash of the run that showed it, when it went to its end.
    hash: Option<u128>,
    origin: Origin,
}

impl Case {
    pub(crate) fn of_failure(failure: &Failure) -> Case {
        Case {
            violation: failure.violation.clone(),
            seed: failure.seed,
            runs: failure.runs,
            hash: Some(failure.hash),
            origin: Origin::Seed,
        }
    }

    fn of_met(seed: u64, met: Met) -> Case {
        Case { violation: met.violation, seed, runs: 0, hash: None, origin: Origin::Met(met.load, met.plan) }
    }

    fn load(&self, runner: &mut dyn Runner) -> Load {
        match &self.origin {
            Origin::Seed => runner.load(self.seed),
            Origin::Met(load, _) => load.clone(),
        }
    }

    fn source(&self) -> JobSource<'_> {
        match &self.origin {
            Origin::Seed => JobSource::Seed(self.seed),
            Origin::Met(_, plan) => JobSource::Plan(plan),
        }
    }
}

/// Looks into all cases, on as many threads as the campaign has; then into the failures that were only met while
/// shrinking those. The findings come by (seed, signature), whatever the number of threads.
pub(crate) fn investigate_all(
    cases: Vec<Case>,
    campaign: &Campaign,
    make: MakeRunner<'_>,
    stop: &AtomicBool,
) -> Vec<Finding> {
    let mut known: BTreeSet<Signature> = cases.iter().map(|case| case.violation.signature.clone()).collect();
    let mut met_left = campaign.met_max;
    let mut findings = Vec::new();
    let mut round = cases;
    while !round.is_empty() {
        let mut next = Vec::new();
        for (finding, met) in investigate_round(&round, campaign, make, stop) {
            for met in met {
                if met_left > 0 && known.insert(met.violation.signature.clone()) {
                    met_left -= 1;
                    next.push(Case::of_met(finding.seed, met));
                }
            }
            findings.push(finding);
        }
        round = next;
    }
    findings.sort_by(|a, b| (a.seed, &a.violation.signature).cmp(&(b.seed, &b.violation.signature)));
    findings
}

fn investigate_round(
    cases: &[Case],
    campaign: &Campaign,
    make: MakeRunner<'_>,
    stop: &AtomicBool,
) -> Vec<(Finding, Vec<Met>)> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    on_threads(campaign.jobs.clamp(1, cases.len()), &|| {
        while !stop.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(index) else { return };
            let result = investigate(case, campaign.shrink, make, stop);
            results.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// One case. Each uses runners of its own, so that what one leaves behind cannot help or harm another.
fn investigate(case: &Case, limits: Limits, make: MakeRunner<'_>, stop: &AtomicBool) -> (Finding, Vec<Met>) {
    let (mut runner, mut other) = (make(), make());
    let load = case.load(&mut *runner);
    let whole = runner.run(Job::new(&load, case.source()));
    let again = other.run(Job::new(&load, case.source()));
    let signature = &case.violation.signature;
    let differs = whole.hash != again.hash || case.hash.is_some_and(|hash| hash != whole.hash);
    let start = runner.run(Job::new(&load, case.source()).recorded().until(signature));
    if differs || start.shows(signature).is_none() {
        let a = runner.run(Job::new(&load, case.source()).recorded());
        let b = other.run(Job::new(&load, case.source()).recorded());
        let why = differing(&a, &b, "two runs of the same seed differ");
        return (nondeterministic(case, load, a, why), Vec::new());
    }
    let from = Start { signature, load: &load, fired: &start.fired, texts: &start.deviation_texts };
    let Some(shrunk) = shrink(&mut *runner, from, limits, stop) else {
        let plan = Plan::new(start.fired.clone());
        let replayed = other.run(Job::new(&load, JobSource::Plan(&plan)).recorded().until(signature));
        let why = differing(&start, &replayed, "the run's own deviations, replayed, do not show it");
        return (nondeterministic(case, load, start, why), Vec::new());
    };
    let original = (load.commands.len(), whole.fired.len());
    (finding(case, original, &shrunk, &mut *runner, &mut *other), shrunk.met)
}

/// Re-runs the shrunk schedule on both runners, recorded: the last proof before it is told.
fn finding(
    case: &Case,
    original: (usize, usize),
    shrunk: &Shrunk,
    runner: &mut dyn Runner,
    other: &mut dyn Runner,
) -> Finding {
    let signature = &case.violation.signature;
    let job = || Job::new(&shrunk.load, JobSource::Plan(&shrunk.plan)).recorded().until(signature);
    let (report, twin) = (runner.run(job()), other.run(job()));
    let shown = report.shows(signature).cloned();
    let unsure = report.hash != twin.hash || shown.is_none();
    let nondeterminism = unsure.then(|| differing(&report, &twin, "two runs of the shrunk schedule differ"));
    let mut violation = shown.unwrap_or_else(|| case.violation.clone());
    if unsure {
        violation.grade = Grade::Nondeterministic;
    }
    Finding {
        violation,
        seed: case.seed,
        runs_failed: case.runs,
        original,
        load: shrunk.load.clone(),
        deviations: report.deviation_texts,
        one_minimal: shrunk.one_minimal && !unsure,
        deletions_rerun: shrunk.deletions_rerun,
        shrink_runs: shrunk.runs,
        trace: report.trace.unwrap_or_default(),
        nondeterminism,
    }
}

/// A failure that cannot be relied on: told as it is, not shrunk.
fn nondeterministic(case: &Case, load: Load, report: RunReport, why: String) -> Finding {
    let mut violation = report.shows(&case.violation.signature).unwrap_or(&case.violation).clone();
    violation.grade = Grade::Nondeterministic;
    Finding {
        violation,
        seed: case.seed,
        runs_failed: case.runs,
        original: (load.commands.len(), report.fired.len()),
        load,
        deviations: report.deviation_texts,
        one_minimal: false,
        deletions_rerun: 0,
        shrink_runs: 0,
        trace: report.trace.unwrap_or_default(),
        nondeterminism: Some(why),
    }
}

/// Names the first differing event of two recorded runs.
fn differing(a: &RunReport, b: &RunReport, what: &str) -> String {
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
