//! Campaigns: independence of threads, fail-fast, limits, and what is told of each failure.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ordain_checks::{Grade, Severity};

use super::toy::{Seen, Toy, load, plan, signature};
use crate::{Campaign, Ended, Hooks, Kept, Outcome, Runner, Stored, twin};

/// Fails in about one seed of 64 in one way, in one of 128 in another, and warns in a quarter.
fn rare() -> Toy {
    let mut toy = Toy::new(|seen: &Seen| {
        let three = |command| (1..=3).all(|place| seen.has(command, place));
        let (a, b) = (three(3) && three(5), three(8) && three(9) && seen.has(0, 1));
        let words = [("first", a), ("second", b), ("warned", seen.has(2, 1) && seen.has(2, 2))];
        words.into_iter().filter(|(_, shows)| *shows).map(|(word, _)| (word, None)).collect()
    });
    toy.commands = 12;
    toy
}

fn run(toy: &Toy, campaign: &Campaign) -> Outcome {
    let interrupted = AtomicBool::new(false);
    campaign.run_with(&|| Box::new(toy.clone()), &Hooks::quiet(&interrupted))
}

#[test]
fn results_do_not_depend_on_the_number_of_jobs() {
    let outcomes: Vec<Outcome> =
        [1, 2, 4].map(|jobs| run(&rare(), &Campaign { seeds: 0..1_500, jobs, ..Campaign::default() })).into();
    assert_eq!(outcomes[0].sums.runs, 1_500);
    assert_eq!(outcomes[0].ended, Ended::Complete);
    assert!(outcomes[0].findings.len() >= 2);
    for outcome in &outcomes[1..] {
        assert_eq!(outcomes[0].sums, outcome.sums);
        assert_eq!(format!("{:?}", outcomes[0].findings), format!("{:?}", outcome.findings));
    }
}

#[test]
fn fail_fast_ends_at_the_lowest_failing_seed_whatever_the_number_of_jobs() {
    let all = run(&rare(), &Campaign { seeds: 0..1_500, ..Campaign::default() });
    let lowest = all.sums.by_seed(Severity::Error)[0].seed;
    assert!(lowest > 3, "the test has something to stop at");
    for jobs in [1, 2, 4] {
        let fast = run(&rare(), &Campaign { seeds: 0..1_500, jobs, fail_fast: true, ..Campaign::default() });
        assert_eq!(fast.ended, Ended::FailFast);
        assert_eq!(fast.sums.runs, lowest + 1);
        assert_eq!(fast.sums.failed, 1);
        assert_eq!(
            fast.sums.digest,
            run(&rare(), &Campaign { seeds: 0..lowest + 1, ..Campaign::default() }).sums.digest
        );
        assert_eq!(fast.findings[0].seed, lowest);
    }
}

#[test]
fn a_finding_says_what_is_left_and_how_it_was_proved() {
    let outcome = run(&rare(), &Campaign { seeds: 0..1_500, jobs: 2, ..Campaign::default() });
    let failure = &outcome.sums.failures[&signature("first")];
    let finding = outcome.findings.iter().find(|f| f.violation.signature == signature("first")).expect("found");
    assert_eq!((finding.seed, finding.runs_failed), (failure.seed, failure.runs));
    assert_eq!(finding.original.0, 12);
    assert_eq!(finding.load.commands.len(), 2);
    assert_eq!(finding.deviations.len(), 6);
    assert!(finding.one_minimal && finding.nondeterminism.is_none());
    assert_eq!(finding.deletions_rerun, 8);
    assert_eq!(finding.trace.events.last().map(|event| event.id), Some(finding.violation.event));
    assert!(outcome.failed());
    let near = twin(&mut rare(), finding).expect("there is a nearest passing run");
    assert_eq!(near.without, finding.deviations[5], "the last deviation parts latest");
}

#[test]
fn warnings_are_counted_and_fail_nothing() {
    let mut toy = rare();
    toy.judge = Arc::new(|seen: &Seen| seen.has(2, 1).then_some(("warned", None)).into_iter().collect());
    let outcome = run(&toy, &Campaign { seeds: 0..100, ..Campaign::default() });
    assert!(!outcome.failed());
    assert_eq!(outcome.sums.by_seed(Severity::Warn).len(), 1);
    assert!(outcome.sums.check_failures["toy"] > 20);
}

#[test]
fn faults_that_never_fired_and_coverage_that_never_held_are_named() {
    let outcome = run(&rare(), &Campaign { seeds: 0..10, ..Campaign::default() });
    assert_eq!(outcome.never_fired(), ["idle"]);
    assert_eq!(outcome.never_held(), ["held"]);
    assert!(outcome.sums.fault_counts.iter().all(|count| *count > 0));
}

#[test]
fn time_and_interrupts_end_it_with_what_there_is() {
    let (asked, interrupted) = (AtomicU64::new(0), AtomicBool::new(false));
    let quiet = Hooks::quiet(&interrupted);
    let out_of_time = || asked.fetch_add(1, Ordering::Relaxed) > 100;
    let campaign = Campaign { seeds: 0..u64::MAX, jobs: 2, ..Campaign::default() };
    let outcome = campaign.run_with(&|| Box::new(rare()), &Hooks { out_of_time: &out_of_time, ..quiet });
    assert_eq!(outcome.ended, Ended::OutOfTime);
    assert!((1..=101).contains(&outcome.sums.runs), "{} runs", outcome.sums.runs);

    let progress = |progress: crate::Progress| interrupted.store(progress.done > 50, Ordering::Relaxed);
    let outcome = campaign.run_with(&|| Box::new(rare()), &Hooks { progress: &progress, ..quiet });
    assert_eq!(outcome.ended, Ended::Interrupted);
    assert!(outcome.findings.is_empty(), "nothing is shrunk after an interrupt");
}

#[test]
fn nondeterminism_is_found_and_named() {
    let mut toy = Toy::new(|seen: &Seen| seen.has(2, 1).then_some(("broken", None)).into_iter().collect());
    toy.jitter = Some(Arc::default());
    let outcome = run(&toy, &Campaign { seeds: 0..10, ..Campaign::default() });
    let finding = &outcome.findings[0];
    assert_eq!(finding.violation.grade, Grade::Nondeterministic);
    let why = finding.nondeterminism.as_deref().expect("named");
    assert!(why.starts_with("two runs of the same seed differ: event 1 is \"%start.1: starts"), "{why}");
    assert!(!finding.one_minimal);
}

#[test]
fn a_failure_met_while_shrinking_becomes_a_finding_of_its_own() {
    // Two deviations together break it one way, either alone another way, which the one seeded run does not show.
    let mut toy = Toy::new(|seen: &Seen| {
        let (a, b) = (seen.has(4, 1), seen.has(4, 2));
        let word = if a && b { Some("both") } else { (seen.quiet && a != b).then_some("one") };
        word.map(|word| (word, None)).into_iter().collect()
    });
    toy.commands = 5;
    let seed = (0..1_000).find(|seed| {
        let mut toy = toy.clone();
        let load = toy.load(*seed);
        let report = toy.run(crate::Job::new(&load, crate::JobSource::Seed(*seed)));
        report.shows(&signature("both")).is_some()
    });
    let seed = seed.expect("a seed");
    let outcome = run(&toy, &Campaign { seeds: seed..seed + 1, ..Campaign::default() });
    let found: Vec<(&str, u64)> =
        outcome.findings.iter().map(|f| (f.violation.signature.word.as_str(), f.runs_failed)).collect();
    assert_eq!(outcome.sums.failures.len(), 1);
    assert_eq!(found, [("both", 1), ("one", 0)]);
    assert_eq!(outcome.findings[1].deviations.len(), 1);

    let none = run(&toy, &Campaign { seeds: seed..seed + 1, met_max: 0, ..Campaign::default() });
    assert_eq!(none.findings.len(), 1);

    let many = run(&toy, &Campaign { seeds: 0..200, ..Campaign::default() });
    assert_eq!(many.findings.len(), 2, "what a seed showed is not found again by shrinking");
    assert!(many.findings.iter().all(|finding| finding.runs_failed > 0));
}

#[test]
fn kept_regressions_run_first_and_can_be_the_end() {
    let (load, plan, signature) =
        (load([3, 5]), plan(&[(3, 1), (3, 2), (3, 3), (5, 1), (5, 2), (5, 3)]), signature("first"));
    let stored = Stored { load, plan, signature, trace_hash: 0 };
    let kept = vec![Kept { name: "first twice".into(), stored }];
    let campaign = Campaign { seeds: 0..3, regressions: kept, ..Campaign::default() };
    let outcome = run(&rare(), &campaign);
    assert_eq!(outcome.regressions[0].replayed.verdict.to_string(), "drifted");
    assert_eq!(outcome.sums.runs, 3);
    let fast = run(&rare(), &Campaign { fail_fast: true, ..campaign });
    assert_eq!((fast.sums.runs, fast.ended, fast.failed()), (0, Ended::FailFast, true));
}
