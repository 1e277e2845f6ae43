//! Adding up runs: counters, tallies, and one entry for each distinct failure.

use std::collections::{BTreeMap, BTreeSet};

use ordain_checks::{Severity, Signature, Tally, Violation};
use ordain_kernel::mix;

use crate::run::RunReport;

/// How many failing seeds are kept for each distinct failure: shrinking tries them until one becomes small.
pub const SEEDS_MAX: usize = 8;

/// A distinct failure of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What the lowest seed showed; its signature and severity are those of the failure.
    pub violation: Violation,
    /// The lowest seed that showed it.
    pub seed: u64,
    /// How many runs showed it.
    pub runs: u64,
    /// The lowest seeds that showed it and the trace hashes of their runs, ascending; at most [`SEEDS_MAX`].
    pub seeds: Vec<(u64, u128)>,
}

impl Failure {
    fn add(&mut self, other: Failure) {
        self.runs += other.runs;
        let above = self.seeds.last().is_some_and(|(highest, _)| *highest < other.seed);
        if above && self.seeds.len() == SEEDS_MAX {
            return;
        }
        self.seeds.extend(other.seeds);
        self.seeds.sort_unstable();
        self.seeds.truncate(SEEDS_MAX);
        if other.seed < self.seed {
            (self.seed, self.violation) = (other.seed, other.violation);
        }
    }
}

/// What many runs come to. Adding is commutative and associative, so the order of runs and threads does not matter;
/// its size does not grow with the number of runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Runs made.
    pub runs: u64,
    /// Runs with a violation of severity error.
    pub failed: u64,
    /// Trace events.
    pub events: u64,
    /// Events taken from queues.
    pub popped: u64,
    /// A digest of all (seed, trace hash): two campaigns with one digest ran the same runs.
    pub digest: u128,
    /// Deviations that happened.
    pub deviations: u64,
    /// How much there was to judge.
    pub tally: Tally,
    /// How often each declared fault struck.
    pub fault_counts: Vec<u64>,
    /// How many runs violated each check, by its name.
    pub check_failures: BTreeMap<String, u64>,
    /// The distinct failures.
    pub failures: BTreeMap<Signature, Failure>,
}

impl Sums {
    /// Adds a run; says whether it failed.
    pub(crate) fn add_run(&mut self, seed: u64, report: &RunReport) -> bool {
        let failed = report.errors().next().is_some();
        self.runs += 1;
        self.failed += u64::from(failed);
        self.events += report.events;
        self.popped += report.popped;
        let (low, high) = (report.hash as u64, (report.hash >> 64) as u64);
        let word = (u128::from(mix(high, seed)) << 64) | u128::from(mix(low, seed));
        self.digest = self.digest.wrapping_add(word);
        self.deviations += report.fired.len() as u64;
        self.tally.add(&report.tally);
        add_counts(&mut self.fault_counts, &report.fault_counts);
        if !report.violations.is_empty() {
            self.add_violations(seed, report);
        }
        failed
    }

    fn add_violations(&mut self, seed: u64, report: &RunReport) {
        let mut seen = BTreeSet::new();
        let mut checks = BTreeSet::new();
        for violation in &report.violations {
            if seen.insert(&violation.signature) {
                let seeds = vec![(seed, report.hash)];
                let failure = Failure { violation: violation.clone(), seed, runs: 1, seeds };
                self.add_failure(violation.signature.clone(), failure);
            }
            if checks.insert(&violation.signature.check) {
                *self.check_failures.entry(violation.signature.check.clone()).or_default() += 1;
            }
        }
    }

    fn add_failure(&mut self, signature: Signature, failure: Failure) {
        match self.failures.get_mut(&signature) {
            None => {
                self.failures.insert(signature, failure);
            }
            Some(mine) => mine.add(failure),
        }
    }

    /// Adds other sums.
    pub(crate) fn add(&mut self, other: Sums) {
        self.runs += other.runs;
        self.failed += other.failed;
        self.events += other.events;
        self.popped += other.popped;
        self.digest = self.digest.wrapping_add(other.digest);
        self.deviations += other.deviations;
        self.tally.add(&other.tally);
        add_counts(&mut self.fault_counts, &other.fault_counts);
        for (check, runs) in other.check_failures {
            *self.check_failures.entry(check).or_default() += runs;
        }
        for (signature, failure) in other.failures {
            self.add_failure(signature, failure);
        }
    }

    /// The failures of one severity, by (lowest seed, signature).
    #[must_use]
    pub fn by_seed(&self, severity: Severity) -> Vec<&Failure> {
        let mut all: Vec<&Failure> = self.failures.values().filter(|f| f.violation.severity == severity).collect();
        all.sort_by_key(|failure| failure.seed); // stable: within a seed they stay in the order of signatures
        all
    }
}

fn add_counts(mine: &mut Vec<u64>, theirs: &[u64]) {
    if mine.len() < theirs.len() {
        mine.resize(theirs.len(), 0);
    }
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        *mine += theirs;
    }
}
