//! Loads that break a check by themselves: they are no smaller counterexamples, and no failures.

use std::sync::atomic::AtomicBool;

use super::toy::{Seen, Toy, key, signature};
use crate::{Campaign, Finding, Hooks, Job, JobSource, Runner};

type Words = Vec<(&'static str, Option<u32>)>;

fn told(word: &'static str, shows: bool) -> Words {
    shows.then_some((word, None)).into_iter().collect()
}

/// One row for each command, and another when all of `twice` deviate; there must be `rows` at the end.
fn counted(rows: usize, commands: u32, twice: &'static [(u32, u32)]) -> Toy {
    let mut toy = Toy::new(move |seen: &Seen| {
        let more = twice.iter().all(|at| seen.has(at.0, at.1));
        told("miscounted", seen.quiet && seen.commands.len() + usize::from(more) != rows)
    });
    toy.commands = commands;
    toy
}

/// The findings of the first seed that shows `word`.
fn findings(toy: &Toy, word: &str, jobs: usize) -> Vec<Finding> {
    let shows = |seed: &u64| {
        let load = toy.clone().load(*seed);
        toy.clone().run(Job::new(&load, JobSource::Seed(*seed))).shows(&signature(word)).is_some()
    };
    let seed = (0..1_000).find(shows).expect("a seed");
    let campaign = Campaign { seeds: seed..seed + 1, jobs, ..Campaign::default() };
    campaign.run_with(&|| Box::new(toy.clone()), &Hooks::quiet(&AtomicBool::new(false))).findings
}

#[test]
fn a_check_that_counts_absolutely_keeps_its_commands_and_its_cause() {
    let twice = [(17, 2), (40, 1)];
    let all = findings(&counted(60, 60, &[(17, 2), (40, 1)]), "miscounted", 1);
    let finding = &all[0];
    assert_eq!((all.len(), finding.load.commands.len(), finding.deviations.len()), (1, 60, 2));
    assert!(finding.deviations.iter().all(|text| twice.iter().any(|at| key(at.0, at.1) == text.deviation.key)));
    assert!(finding.one_minimal, "each deletion of a command breaks it by itself");
    assert_eq!(finding.deletions_rerun, 62);
    assert_eq!(finding.runs_failed, 1);
}

#[test]
fn nothing_is_asked_of_smaller_loads_when_the_full_load_breaks_it_by_itself() {
    let all = findings(&counted(60, 61, &[(17, 2)]), "miscounted", 1);
    assert_eq!((all[0].load.commands.len(), all[0].deviations.len(), all[0].one_minimal), (0, 0, true));
}

#[test]
fn commands_that_do_not_count_still_go() {
    let mut toy = Toy::new(|seen: &Seen| {
        let counted = seen.commands.iter().filter(|number| **number <= 3).count();
        told("miscounted", seen.quiet && counted + usize::from(seen.has(2, 1)) != 3)
    });
    toy.commands = 30;
    let all = findings(&toy, "miscounted", 1);
    let left: Vec<u32> = all[0].load.commands.iter().map(|command| command.number).collect();
    assert_eq!((left, all[0].deviations.len(), all[0].one_minimal), (vec![1, 2, 3], 1, true));
}

#[test]
fn what_a_smaller_load_breaks_by_itself_is_not_met() {
    // Shrinking "both" deletes commands, which alone is miscounted; and it meets "one", which is real.
    let mut toy = Toy::new(|seen: &Seen| {
        let (a, b) = (seen.has(4, 1), seen.has(4, 2));
        let mut words = told("both", a && b);
        words.extend(told("one", seen.quiet && a != b));
        words.extend(told("miscounted", seen.quiet && seen.commands.len() != 5));
        words
    });
    toy.commands = 5;
    for jobs in [1, 2] {
        let all = findings(&toy, "both", jobs);
        let found: Vec<(&str, u64, usize)> =
            all.iter().map(|f| (f.violation.signature.word.as_str(), f.runs_failed, f.deviations.len())).collect();
        assert_eq!(found, [("both", 1, 2), ("one", 0, 1)]);
    }
}
