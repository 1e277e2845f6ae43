//! What looking into a failure may cost: events, and the caller's time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::toy::{Seen, Toy, signature};
use crate::{Campaign, Finding, Hooks, Job, JobSource, Limits, RunReport, Runner, Shrunk, Start, shrink};

/// A toy that counts what its runs cost; each takes ten events from its queue for one that it traces.
#[derive(Clone)]
struct Costly {
    toy: Toy,
    spent: Arc<AtomicU64>,
}

impl Runner for Costly {
    fn about(&self) -> crate::About {
        self.toy.about()
    }

    fn load(&mut self, seed: u64) -> ordain_world::Load {
        self.toy.load(seed)
    }

    fn run(&mut self, job: Job<'_>) -> RunReport {
        let mut report = self.toy.run(job);
        report.popped = 10 * report.events;
        self.spent.fetch_add(report.popped, Ordering::Relaxed);
        report
    }
}

fn costly(judge: impl Fn(&Seen) -> bool + Send + Sync + 'static) -> Costly {
    let toy = Toy::new(move |seen: &Seen| judge(seen).then_some(("broken", None)).into_iter().collect());
    Costly { toy, spent: Arc::default() }
}

/// Broken by two deviations of two commands, which is only seen at the end.
fn late() -> Costly {
    costly(|seen| seen.quiet && seen.has(41, 1) && seen.has(77, 3))
}

fn failing_seed(toy: &Costly) -> u64 {
    let shows = |seed: &u64| {
        let load = toy.toy.clone().load(*seed);
        !toy.toy.clone().run(Job::new(&load, JobSource::Seed(*seed))).violations.is_empty()
    };
    (0..1_000).find(shows).expect("a seed")
}

fn shrunk(toy: &mut Costly, events: u64) -> (Shrunk, usize, u64) {
    let (seed, signature) = (failing_seed(toy), signature("broken"));
    let load = toy.load(seed);
    let report = toy.run(Job::new(&load, JobSource::Seed(seed)).recorded().until(&signature));
    let start = Start { signature: &signature, load: &load, report: &report };
    let limits = Limits { events, ..Limits::default() };
    let small = shrink(toy, start, limits, &AtomicBool::new(false)).expect("it replays");
    let again = toy.run(Job::new(&small.load, JobSource::Plan(&small.plan)));
    assert!(again.shows(&signature).is_some());
    (small, report.fired.len(), report.popped)
}

#[test]
fn shrinking_ends_when_the_events_give_out_with_what_it_has() {
    let (small, _, run) = shrunk(&mut late(), 20_000);
    assert!(!small.one_minimal);
    assert!((20_000..20_000 + run).contains(&small.events), "{} events", small.events);
    let (small, ..) = shrunk(&mut late(), Limits::default().events);
    assert_eq!((small.one_minimal, small.load.commands.len(), small.plan.len()), (true, 2, 2));
}

#[test]
fn scarce_events_are_not_all_spent_on_commands_of_which_none_can_go() {
    // Some thirty whole runs: not enough for the single deletions of either.
    let mut all_needed = costly(|seen| seen.quiet && seen.commands.len() == 100 && seen.has(41, 1));
    let (small, fired, run) = shrunk(&mut all_needed, 100_000);
    assert!(100_000 / run < 50 && !small.one_minimal, "{run} events a run");
    assert_eq!(small.load.commands.len(), 100);
    assert!(small.plan.len() * 4 <= fired, "{} deviations of {fired}", small.plan.len());
}

fn campaign(toy: &Costly, seeds: u64, jobs: usize, shrink: Limits, hooks: &Hooks<'_>) -> Vec<Finding> {
    let seed = failing_seed(toy);
    let campaign = Campaign { seeds: seed..seed + seeds, jobs, shrink, ..Campaign::default() };
    campaign.run_with(&|| Box::new(toy.clone()), hooks).findings
}

#[test]
fn the_events_are_those_of_all_seeds_and_of_the_search() {
    let interrupted = AtomicBool::new(false);
    let hooks = Hooks::quiet(&interrupted);
    for events in [0, 50_000, 200_000, 1_000_000] {
        let toy = late();
        let all = campaign(&toy, 100, 1, Limits { events, ..Limits::default() }, &hooks);
        let (whole, told) = (10 * 300, &all[0]);
        assert!(told.nondeterminism.is_none());
        // The seeds of the campaign, and what is made whatever it costs.
        let spent = toy.spent.load(Ordering::Relaxed);
        assert!(spent < events + (100 + 10) * whole, "{spent} events of {events}");
        let again = campaign(&late(), 100, 2, Limits { events, ..Limits::default() }, &hooks);
        assert_eq!(format!("{all:?}"), format!("{again:?}"));
    }
}

#[test]
fn the_callers_time_ends_shrinking_soon_but_not_the_last_proof() {
    let (toy, interrupted, asked) = (late(), AtomicBool::new(false), AtomicU64::new(0));
    let out_of_time = || asked.fetch_add(1, Ordering::Relaxed) > 10;
    let hooks = Hooks { out_of_time: &out_of_time, ..Hooks::quiet(&interrupted) };
    let all = campaign(&toy, 1, 1, Limits::default(), &hooks);
    let told = &all[0];
    assert!(!told.one_minimal && told.no_fewer.is_none() && told.nondeterminism.is_none());
    assert!((2..=11).contains(&told.shrink_runs), "{} runs", told.shrink_runs);
    assert_eq!(told.trace.events.last().map(|event| event.id), Some(told.violation.event), "the last proof is made");
    assert!(!told.deviations.is_empty());
}
