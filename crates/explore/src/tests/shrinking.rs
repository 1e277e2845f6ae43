//! Shrinking toys whose causes are known.

use std::sync::atomic::AtomicBool;

use ordain_kernel::{Span, Value, mix};
use proptest::prelude::*;

use super::toy::{Seen, Toy, key, signature};
use crate::{Job, JobSource, Limits, RunReport, Runner, Shrunk, Start, shrink};

fn started(toy: &mut Toy, seed: u64, word: &str) -> (ordain_world::Load, RunReport) {
    let load = toy.load(seed);
    let report = toy.run(Job::new(&load, JobSource::Seed(seed)).recorded().until(&signature(word)));
    (load, report)
}

fn shrunk(toy: &mut Toy, seed: u64, word: &str, limits: Limits) -> Shrunk {
    let (load, report) = started(toy, seed, word);
    let start = Start { signature: &signature(word), load: &load, report: &report };
    shrink(toy, start, limits, &AtomicBool::new(false)).expect("a run's own deviations show what it showed")
}

fn numbers(shrunk: &Shrunk) -> Vec<u32> {
    shrunk.load.commands.iter().map(|command| command.number).collect()
}

/// The lowest seed whose run shows `word`.
fn failing_seed(toy: &mut Toy, word: &str) -> u64 {
    (0..1_000).find(|&seed| started(toy, seed, word).1.shows(&signature(word)).is_some()).expect("a failing seed")
}

#[test]
fn two_deviations_on_one_command_are_found_among_hundreds() {
    for known in [None, Some(41)] {
        let mut toy = Toy::new(move |seen: &Seen| {
            let both = seen.has(41, 1) && seen.has(41, 3);
            both.then_some(("broken", known)).into_iter().collect()
        });
        let seed = failing_seed(&mut toy, "broken");
        let whole = toy.run(Job::new(&toy.clone().load(seed), JobSource::Seed(seed)));
        assert!(whole.fired.len() > 150, "there is noise: {}", whole.fired.len());
        let small = shrunk(&mut toy, seed, "broken", Limits::default());
        assert_eq!(numbers(&small), [41]);
        let mut keys: Vec<_> = small.plan.entries().iter().map(|d| d.key).collect();
        let mut want = vec![key(41, 1), key(41, 3)];
        keys.sort();
        want.sort();
        assert_eq!(keys, want);
        assert!(small.one_minimal);
        assert_eq!(small.deletions_rerun, 3, "two deviations and a command");
        assert!(small.runs < 60, "{} runs", small.runs);
    }
}

#[test]
fn causes_in_two_commands_and_a_timed_fault_are_all_kept() {
    let mut toy = Toy::new(|seen: &Seen| {
        let all = seen.has(7, 2) && seen.commands.contains(&60) && seen.has(0, 1);
        all.then_some(("broken", Some(7))).into_iter().collect()
    });
    let seed = failing_seed(&mut toy, "broken");
    let small = shrunk(&mut toy, seed, "broken", Limits::default());
    assert_eq!(numbers(&small), [7, 60]);
    assert_eq!(small.plan.len(), 2);
    assert_eq!(small.deletions_rerun, 4);
    assert_eq!(small.load.commands[1].at.0, 100_000_000, "the load is pulled together");
}

#[test]
fn a_failure_of_the_calm_run_needs_no_deviation() {
    let mut toy = Toy::new(|seen: &Seen| seen.commands.contains(&5).then_some(("broken", None)).into_iter().collect());
    let small = shrunk(&mut toy, 3, "broken", Limits::default());
    assert_eq!((numbers(&small), small.plan.len(), small.one_minimal), (vec![5], 0, true));
}

#[test]
fn values_become_as_simple_as_the_failure_allows() {
    let long = |value: &Value| match value {
        Value::HoldFor(span) => *span >= Span::from_millis(11),
        Value::Copies { count, .. } => *count >= 1,
        _ => false,
    };
    let mut toy = Toy::new(move |seen: &Seen| {
        let pair = [(9, 1), (9, 2)].map(|at| seen.fired.get(&at));
        let kinds = matches!(pair, [Some(Value::HoldFor(_)), Some(Value::Copies { .. })]);
        let bad = kinds && pair.iter().flatten().all(|value| long(value));
        bad.then_some(("broken", Some(9))).into_iter().collect()
    });
    let seed = failing_seed(&mut toy, "broken");
    let small = shrunk(&mut toy, seed, "broken", Limits::default());
    let mut values: Vec<String> = small.plan.entries().iter().map(|d| d.value.to_string()).collect();
    values.sort();
    assert_eq!(values, ["copies 1", "for 5s"], "the 10ms rung is too short; how late a copy is changes nothing");
}

#[test]
fn without_runs_or_time_the_smallest_so_far_is_told_without_a_proof() {
    let judge = |seen: &Seen| (seen.has(41, 1) && seen.has(77, 3)).then_some(("broken", None)).into_iter().collect();
    let mut toy = Toy::new(judge);
    let seed = failing_seed(&mut toy, "broken");
    let small = shrunk(&mut toy, seed, "broken", Limits { runs: 10, ..Limits::default() });
    assert!(!small.one_minimal);
    assert_eq!(small.runs, 10);
    let report = toy.run(Job::new(&small.load, JobSource::Plan(&small.plan)));
    assert!(report.shows(&signature("broken")).is_some());
}

#[test]
fn deviations_that_do_not_replay_are_refused() {
    let mut toy = Toy::new(|_: &Seen| Vec::new());
    let (load, report) = started(&mut toy, 1, "broken");
    let start = Start { signature: &signature("broken"), load: &load, report: &report };
    assert!(shrink(&mut toy, start, Limits::default(), &AtomicBool::new(false)).is_none());
}

#[test]
fn another_failure_met_on_the_way_is_remembered() {
    let mut toy = Toy::new(|seen: &Seen| {
        let (a, b) = (seen.has(41, 1), seen.has(41, 3));
        let word = if a && b { Some("both") } else { (seen.quiet && a).then_some("one") };
        word.map(|word| (word, Some(41))).into_iter().collect()
    });
    let seed = failing_seed(&mut toy, "both");
    let small = shrunk(&mut toy, seed, "both", Limits::default());
    assert_eq!(numbers(&small), [41]);
    let met: Vec<_> = small.met.iter().map(|met| met.violation.signature.clone()).collect();
    assert_eq!(met, [signature("one")]);
    let report = toy.run(Job::new(&small.met[0].load, JobSource::Plan(&small.met[0].plan)));
    assert!(report.shows(&signature("one")).is_some());
}

/// Fails by an arbitrary but fixed rule of what fired and which commands there are.
fn arbitrary(seen: &Seen, salt: u64) -> bool {
    let commands = seen.commands.iter().fold(salt, |h, number| mix(h, u64::from(*number)));
    let fired = seen.fired.keys().fold(commands, |h, (command, place)| mix(h, u64::from(*command * 10 + *place)));
    seen.fired.len() >= 2 && fired.is_multiple_of(4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn shrinking_keeps_the_signature_and_proves_what_it_says(salt: u64, seed in 0_u64..1_000) {
        let mut toy = Toy::new(move |seen: &Seen| arbitrary(seen, salt).then_some(("broken", None)).into_iter().collect());
        toy.commands = 12;
        let (load, report) = started(&mut toy, seed, "broken");
        prop_assume!(report.shows(&signature("broken")).is_some());
        let small = shrunk(&mut toy, seed, "broken", Limits::default());
        prop_assert!(small.load.commands.len() <= load.commands.len());
        prop_assert!(small.plan.len() <= report.fired.len());
        let mut fails = |load: &ordain_world::Load, plan: &ordain_kernel::Plan| {
            toy.run(Job::new(load, JobSource::Plan(plan))).shows(&signature("broken")).is_some()
        };
        prop_assert!(fails(&small.load, &small.plan));
        prop_assert!(small.one_minimal);
        for index in 0..small.plan.len() {
            let mut less = small.plan.entries().to_vec();
            less.remove(index);
            prop_assert!(!fails(&small.load, &ordain_kernel::Plan::new(less)));
        }
        for index in 0..small.load.commands.len() {
            let mut less = small.load.clone();
            less.commands.remove(index);
            prop_assert!(!fails(&less, &small.plan));
        }
    }
}
