//! Campaigns: kept regressions first, then seeds on all cores, then a finding for each distinct failure.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use ordain_checks::Severity;

use crate::cases::Case;
use crate::finding::Finding;
use crate::investigate::investigate_all;
use crate::model::Factory;
use crate::purse::Stop;
use crate::replay::{Replayed, Stored, replay};
use crate::run::{About, MakeRunner};
use crate::seeds::{Ended, Seeds, run_seeds};
use crate::shrink::Limits;
use crate::sim::Sim;
use crate::sums::Sums;

/// A regression file, read.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What it is called.
    pub name: String,
    /// What it holds.
    pub stored: Stored,
}

/// What became of a kept regression.
#[derive(Clone, Debug)]
pub struct KeptResult {
    /// What it is called.
    pub name: String,
    /// Its replay.
    pub replayed: Replayed,
}

/// How far a campaign is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Seeds run.
    pub done: u64,
    /// Seeds to run.
    pub of: u64,
    /// Runs that failed.
    pub failed: u64,
}

/// What the caller lends a campaign, which has no clock and no terminal of its own.
#[derive(Clone, Copy)]
pub struct Hooks<'a> {
    /// Whether the caller's time is up; asked before each seed and each run of shrinking, which then ends
    /// with what it has; the last proof of each finding is always made. Results then depend on the machine.
    pub out_of_time: &'a (dyn Fn() -> bool + Sync),
    /// Told after each batch of seeds, from any thread.
    pub progress: &'a (dyn Fn(Progress) + Sync),
    /// Ends it early with what it has.
    pub interrupted: &'a AtomicBool,
}

impl<'a> Hooks<'a> {
    /// No limit, no progress; only `interrupted` ends it early.
    #[must_use]
    pub fn quiet(interrupted: &'a AtomicBool) -> Hooks<'a> {
        Hooks { out_of_time: &|| false, progress: &|_| (), interrupted }
    }
}

/// What to run.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The seeds: exactly these.
    pub seeds: Range<u64>,
    /// Threads. Results do not depend on it.
    pub jobs: usize,
    /// Ends at the lowest failing seed. A kept regression that fails ends it before the first.
    pub fail_fast: bool,
    /// Kept regressions, replayed first.
    pub regressions: Vec<Kept>,
    /// What shrinking may cost, for each failure.
    pub shrink: Limits,
    /// How many failures that are only met while shrinking become findings of their own.
    pub met_max: usize,
}

impl Default for Campaign {
    fn default() -> Self {
        Campaign {
            seeds: 0..1_000,
            jobs: 1,
            fail_fast: false,
            regressions: Vec::new(),
            shrink: Limits::default(),
            met_max: 16,
        }
    }
}

/// What a campaign came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The model's faults and checks.
    pub about: About,
    /// The kept regressions.
    pub regressions: Vec<KeptResult>,
    /// The seeded runs, added up.
    pub sums: Sums,
    /// Why the seeds ended.
    pub ended: Ended,
    /// The failures of severity error, shrunk, by (seed, signature).
    pub findings: Vec<Finding>,
}

impl Outcome {
    /// Whether anything failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        !self.findings.is_empty() || self.sums.failed > 0 || self.regressions.iter().any(|r| r.replayed.verdict.fails())
    }

    /// The declared faults that never struck.
    #[must_use]
    pub fn never_fired(&self) -> Vec<&str> {
        let counts = self.sums.fault_counts.iter().copied().chain(std::iter::repeat(0));
        self.about.faults.iter().zip(counts).filter(|(_, count)| *count == 0).map(|(text, _)| text.as_str()).collect()
    }

    /// The `sometimes` checks that held in no run.
    #[must_use]
    pub fn never_held(&self) -> Vec<&str> {
        let held = self.sums.tally.checks.iter().map(|tally| tally.held).chain(std::iter::repeat(false));
        let checks = self.about.checks.iter().zip(held);
        checks.filter(|(check, held)| check.sometimes && !held).map(|(check, _)| check.name.as_str()).collect()
    }
}

impl Campaign {
    /// Runs it on the models of a factory, one a thread.
    #[must_use]
    pub fn run(&self, factory: &dyn Factory, hooks: &Hooks<'_>) -> Outcome {
        self.run_with(&|| Box::new(Sim::new(factory.model())), hooks)
    }

    /// Runs it on runners of your own.
    #[must_use]
    pub fn run_with(&self, make: MakeRunner<'_>, hooks: &Hooks<'_>) -> Outcome {
        let (about, regressions) = self.replay_kept(make, hooks);
        let stop = self.fail_fast && regressions.iter().any(|kept| kept.replayed.verdict.fails());
        let (sums, ended) = if stop {
            (Sums::default(), Ended::FailFast)
        } else {
            let seeds = Seeds { range: self.seeds.clone(), jobs: self.jobs, fail_fast: self.fail_fast };
            run_seeds(&seeds, make, hooks)
        };
        let cases = sums.by_seed(Severity::Error).into_iter().map(Case::of_failure).collect();
        let findings = investigate_all(cases, self, make, Stop::of(hooks));
        Outcome { about, regressions, sums, ended, findings }
    }

    fn replay_kept(&self, make: MakeRunner<'_>, hooks: &Hooks<'_>) -> (About, Vec<KeptResult>) {
        let mut runner = make();
        let going = self.regressions.iter().take_while(|_| !hooks.interrupted.load(Ordering::Relaxed));
        let results =
            going.map(|kept| KeptResult { name: kept.name.clone(), replayed: replay(&mut *runner, &kept.stored) });
        let results = results.collect();
        (runner.about(), results)
    }
}
