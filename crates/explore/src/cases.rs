//! A failure to look into, and how to make a run again that showed it.

use ordain_checks::Violation;
use ordain_kernel::Plan;
use ordain_world::Load;

use crate::met::Met;
use crate::run::{JobSource, Runner};
use crate::sums::Failure;

/// How to make a failing run again.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// The run of the seed, and its hash when it went to its end.
    Seed(u128),
    /// A candidate of another failure's shrinking.
    Met(Load, Plan),
}

/// A run that showed the failure.
#[derive(Clone, Debug)]
pub(crate) struct Failing {
    pub(crate) seed: u64,
    pub(crate) origin: Origin,
}

impl Failing {
    pub(crate) fn load(&self, runner: &mut dyn Runner) -> Load {
        match &self.origin {
            Origin::Seed(_) => runner.load(self.seed),
            Origin::Met(load, _) => load.clone(),
        }
    }

    pub(crate) fn source(&self) -> JobSource<'_> {
        match &self.origin {
            Origin::Seed(_) => JobSource::Seed(self.seed),
            Origin::Met(_, plan) => JobSource::Plan(plan),
        }
    }

    /// Whether a whole run has the hash that the campaign saw, as far as it saw one.
    pub(crate) fn repeats(&self, hash: u128) -> bool {
        match self.origin {
            Origin::Seed(seen) => seen == hash,
            Origin::Met(..) => true,
        }
    }
}

/// A failure to look into.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) violation: Violation,
    /// How many runs of the campaign showed it.
    pub(crate) runs: u64,
    /// The runs to start from, by seed; one at least.
    pub(crate) failing: Vec<Failing>,
}

impl Case {
    pub(crate) fn of_failure(failure: &Failure) -> Case {
        let failing = failure.seeds.iter().map(|&(seed, hash)| Failing { seed, origin: Origin::Seed(hash) });
        Case { violation: failure.violation.clone(), runs: failure.runs, failing: failing.collect() }
    }

    /// What was only met while a failure of `seed` was shrunk.
    pub(crate) fn of_met(seed: u64, met: Met) -> Case {
        let failing = Failing { seed, origin: Origin::Met(met.load, met.plan) };
        Case { violation: met.violation, runs: 0, failing: vec![failing] }
    }
}
