//! The smallest counterexample: of several seeds, and of all smaller sets of deviations.

use std::sync::atomic::AtomicBool;

use super::toy::{Seen, Toy, key, signature};
use crate::{Campaign, Finding, Hooks, Job, JobSource, Limits, Runner, SEEDS_MAX, Start, shrink};

/// Broken by six deviations together, and by one alone.
fn two_ways() -> Toy {
    let mut toy = Toy::new(|seen: &Seen| {
        let broken = all_six(seen) || seen.has(9, 3);
        broken.then_some(("broken", None)).into_iter().collect()
    });
    toy.commands = 12;
    toy
}

fn all_six(seen: &Seen) -> bool {
    [3, 5].into_iter().all(|command| (1..=3).all(|place| seen.has(command, place)))
}

/// The first of eight seeds with this property: it fails by six deviations only, and one of the others by one.
fn misleading_seed(toy: &mut Toy) -> u64 {
    let mut fires = |seed: u64, command, place| {
        let load = toy.load(seed);
        let report = toy.run(Job::new(&load, JobSource::Seed(seed)));
        report.fired.iter().any(|deviation| deviation.key == key(command, place))
    };
    let six = [(3, 1), (3, 2), (3, 3), (5, 1), (5, 2), (5, 3)];
    let misleads = |seed: &u64| !fires(*seed, 9, 3) && six.iter().all(|at| fires(*seed, at.0, at.1));
    (0..10_000).find(misleads).expect("a seed")
}

fn findings(toy: &Toy, campaign: &Campaign) -> Vec<Finding> {
    let interrupted = AtomicBool::new(false);
    campaign.run_with(&|| Box::new(toy.clone()), &Hooks::quiet(&interrupted)).findings
}

fn the_finding(toy: &Toy, campaign: &Campaign) -> Finding {
    let mut all = findings(toy, campaign);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn limits(fewer: u32) -> Limits {
    Limits { fewer, ..Limits::default() }
}

#[test]
fn a_local_minimum_of_the_lowest_seed_gives_way_to_a_smaller_one_of_another() {
    let mut toy = two_ways();
    let seed = misleading_seed(&mut toy);
    for jobs in [1, 3] {
        let seeds = seed..seed + SEEDS_MAX as u64;
        let finding = the_finding(&toy, &Campaign { seeds, jobs, shrink: limits(0), ..Campaign::default() });
        assert_eq!(finding.deviations.len(), 1);
        assert_eq!(finding.deviations[0].deviation.key, key(9, 3));
        assert!(finding.seed > seed && finding.seed < seed + SEEDS_MAX as u64, "the seed that it came from");
        assert!(finding.runs_failed > 1);
        assert_eq!(finding.no_fewer, Some(1), "the calm run");
    }
}

#[test]
fn the_search_finds_the_single_deviation_that_the_seed_does_not_have() {
    // Without command 9, so that what is left after shrinking has the place that no run of the seed had.
    let mut toy = Toy::new(|seen: &Seen| {
        let broken = all_six(seen) || seen.has(3, 4);
        broken.then_some(("broken", None)).into_iter().collect()
    });
    toy.commands = 12;
    let lacks = |seed: &u64| {
        let load = toy.clone().load(*seed);
        let report = toy.clone().run(Job::new(&load, JobSource::Seed(*seed)));
        !report.violations.is_empty() && report.fired.iter().all(|deviation| deviation.key != key(3, 4))
    };
    let seed = (0..10_000).find(lacks).expect("a seed");
    let campaign = Campaign { seeds: seed..seed + 1, ..Campaign::default() };
    let found = the_finding(&toy, &campaign);
    assert_eq!((found.seed, found.deviations.len(), found.load.commands.len()), (seed, 1, 1));
    assert_eq!(found.deviations[0].deviation.key, key(3, 4));
    assert!(found.one_minimal);
    assert_eq!(found.no_fewer, Some(1));

    let without = the_finding(&toy, &Campaign { shrink: limits(0), ..campaign });
    assert_eq!((without.deviations.len(), without.no_fewer), (6, None));
}

#[test]
fn the_runs_that_prove_that_no_fewer_deviations_do_are_counted() {
    let needs = |places: u32| {
        let mut toy = Toy::new(move |seen: &Seen| {
            let all = (1..=places).all(|place| seen.has(2, place));
            all.then_some(("broken", None)).into_iter().collect()
        });
        toy.commands = 3;
        toy
    };
    let campaign = |fewer| Campaign { seeds: 0..100, shrink: limits(fewer), ..Campaign::default() };
    // Eight places, of the command and of timed faults; each has three spans of holds and two of copies to try.
    let (singles, pairs) = (8 * 5, 8 * 7 / 2 * 5 * 5);
    for (places, proof) in [(1, 1), (2, 1 + singles), (3, 1 + singles + pairs)] {
        let finding = the_finding(&needs(places), &campaign(2_000));
        assert_eq!((finding.deviations.len() as u32, finding.no_fewer), (places, Some(proof)));
        let short = the_finding(&needs(places), &campaign(30));
        assert_eq!((short.deviations.len() as u32, short.no_fewer), (places, (places == 1).then_some(1)));
    }
}

#[test]
fn two_deviations_are_found_in_place_of_three() {
    let mut toy = Toy::new(|seen: &Seen| {
        let broken = (1..=3).all(|place| seen.has(2, place)) || (seen.has(0, 1) && seen.has(2, 4));
        broken.then_some(("broken", None)).into_iter().collect()
    });
    toy.commands = 3;
    let lacks = |seed: &u64| {
        let load = toy.clone().load(*seed);
        let report = toy.clone().run(Job::new(&load, JobSource::Seed(*seed)));
        !report.violations.is_empty() && report.fired.iter().all(|deviation| deviation.key != key(2, 4))
    };
    let seed = (0..10_000).find(lacks).expect("a seed");
    let finding = the_finding(&toy, &Campaign { seeds: seed..seed + 1, ..Campaign::default() });
    assert_eq!((finding.deviations.len(), finding.no_fewer), (2, Some(41)));
}

#[test]
fn the_lowest_failing_seeds_are_kept_whatever_the_number_of_jobs() {
    let toy = two_ways();
    let failing = |seed: &u64| {
        let load = toy.clone().load(*seed);
        !toy.clone().run(Job::new(&load, JobSource::Seed(*seed))).violations.is_empty()
    };
    let lowest: Vec<u64> = (0..600).filter(failing).take(SEEDS_MAX).collect();
    for jobs in [1, 2, 4] {
        let (campaign, interrupted) = (Campaign { seeds: 0..600, jobs, ..Campaign::default() }, AtomicBool::new(false));
        let sums = campaign.run_with(&|| Box::new(toy.clone()), &Hooks::quiet(&interrupted)).sums;
        let failure = &sums.failures[&signature("broken")];
        assert_eq!(failure.seeds.iter().map(|(seed, _)| *seed).collect::<Vec<_>>(), lowest);
        assert_eq!(failure.seed, lowest[0]);
    }
}

#[test]
fn of_two_deviations_that_would_do_the_later_stays() {
    let mut toy = Toy::new(|seen: &Seen| {
        let broken = seen.quiet && (seen.has(2, 1) || seen.has(2, 4));
        broken.then_some(("broken", None)).into_iter().collect()
    });
    (toy.commands, toy.chance_per_mille) = (2, 1_000);
    let load = toy.load(0);
    let signature = signature("broken");
    let report = toy.run(Job::new(&load, JobSource::Seed(0)).recorded().until(&signature));
    let start = Start { signature: &signature, load: &load, report: &report };
    let small = shrink(&mut toy, start, Limits::default(), &AtomicBool::new(false)).expect("it replays");
    assert_eq!(small.plan.entries().iter().map(|d| d.key).collect::<Vec<_>>(), [key(2, 4)]);
}

#[test]
fn an_interrupt_is_no_nondeterminism() {
    let mut toy = two_ways();
    let seed = misleading_seed(&mut toy);
    let load = toy.load(seed);
    let signature = signature("broken");
    let report = toy.run(Job::new(&load, JobSource::Seed(seed)).recorded().until(&signature));
    let start = Start { signature: &signature, load: &load, report: &report };
    let small = shrink(&mut toy, start, Limits::default(), &AtomicBool::new(true)).expect("it replays");
    assert!(!small.one_minimal && small.runs == 1);
}
