//! The smallest counterexample of a failure: several failing seeds are shrunk, then fewer deviations are searched for.

use ordain_kernel::{Draw, Plan};
use ordain_world::Load;

use crate::asks::Places;
use crate::bounds::Bounds;
use crate::calm::Calm;
use crate::cases::{Case, Failing};
use crate::fewer::{Search, Searched};
use crate::finding::Finding;
use crate::investigate::Investigated;
use crate::met::{AllMet, Met};
use crate::purse::{Purse, Stop, cost};
use crate::run::{Job, JobSource, MakeRunner, RunReport, Runner};
use crate::shrink::{Limits, Shrunk, Start, shrink_within};
use crate::told::{Small, differing, finding, nondeterministic, unreplayed};

/// One case. It has two runners of its own, so that what one case leaves behind cannot help or harm another.
pub(crate) fn smallest(case: &Case, limits: Limits, make: MakeRunner<'_>, stop: Stop<'_>) -> Investigated {
    let (mut runner, mut other) = (make(), make());
    let draws = runner.about().draws;
    let (runner, other) = (&mut *runner, &mut *other);
    let mut quest =
        Quest { case, stop, draws, runner, other, limits, runs: 0, places: Places::default(), met: Vec::new() };
    let found = quest.of_all_seeds().map(|small| quest.with_fewest(small));
    let (runs, met) = (quest.runs, quest.met);
    let told = match found {
        Ok((small, no_fewer)) => finding(case, &small, runs, no_fewer, (quest.runner, quest.other)),
        Err(unreliable) => *unreliable,
    };
    (told, met)
}

struct Quest<'q> {
    case: &'q Case,
    stop: Stop<'q>,
    draws: Vec<Draw>,
    runner: &'q mut dyn Runner,
    other: &'q mut dyn Runner,
    /// What is left.
    limits: Limits,
    /// How many runs it took so far.
    runs: u32,
    places: Places,
    met: Vec<(u64, Met)>,
}

impl Quest<'_> {
    /// Shrinks the run of the lowest seed, and of others while more than one deviation is left; hands over the smallest
    /// by (deviations, commands, seed).
    fn of_all_seeds(&mut self) -> Result<Small, Box<Finding>> {
        let (first, others) = self.case.failing.split_first().expect("a failure was seen in some run");
        let mut best = self.of_seed(first)?;
        for failing in others {
            let spent = self.limits.runs == 0 || self.limits.events == 0;
            if best.shrunk.plan.len() <= 1 || spent || self.stop.now() {
                break;
            }
            let small = self.of_seed(failing)?;
            if size(&small.shrunk) < size(&best.shrunk) {
                best = small;
            }
        }
        Ok(best)
    }

    /// Shrinks one failing run, when it can be relied on.
    fn of_seed(&mut self, failing: &Failing) -> Result<Small, Box<Finding>> {
        let load = failing.load(self.runner);
        let whole = self.runner.run(Job::new(&load, failing.source()));
        let again = self.other.run(Job::new(&load, failing.source()));
        let signature = &self.case.violation.signature;
        let start = self.runner.run(Job::new(&load, failing.source()).recorded().until(signature));
        self.pay([&whole, &again, &start].map(cost).iter().sum());
        if whole.hash != again.hash || !failing.repeats(whole.hash) || start.shows(signature).is_none() {
            let a = self.runner.run(Job::new(&load, failing.source()).recorded());
            let b = self.other.run(Job::new(&load, failing.source()).recorded());
            let why = differing(&a, &b, "two runs of the same seed differ");
            return Err(Box::new(nondeterministic(self.case, failing.seed, load, a, why)));
        }
        self.places.learn(&whole);
        let original = (load.commands.len(), whole.fired.len());
        let mut calm = Calm::of(self.runner.load(failing.seed));
        match self.shrunk(failing.seed, (&load, &start), &mut calm, self.limits.runs) {
            Some(shrunk) => Ok(Small { seed: failing.seed, original, shrunk, calm }),
            None => {
                let why = unreplayed(self.case, &load, &start, self.other);
                Err(Box::new(nondeterministic(self.case, failing.seed, load, start, why)))
            }
        }
    }

    fn pay(&mut self, events: u64) {
        self.limits.events = self.limits.events.saturating_sub(events);
    }

    fn shrunk(&mut self, seed: u64, (load, report): (&Load, &RunReport), calm: &mut Calm, runs: u32) -> Option<Shrunk> {
        let start = Start { signature: &self.case.violation.signature, load, report };
        let bounds = Bounds::of(report, &self.draws);
        let purse = Purse::new(self.runner, (runs, self.limits.events), self.stop);
        let mut shrunk = shrink_within(purse, bounds, start, calm)?;
        let beyond = shrunk.runs.saturating_sub(self.limits.runs);
        self.limits.runs = self.limits.runs.saturating_sub(shrunk.runs);
        self.limits.fewer = self.limits.fewer.saturating_sub(beyond);
        self.pay(shrunk.events);
        self.runs += shrunk.runs;
        self.met.extend(std::mem::take(&mut shrunk.met).into_iter().map(|met| (seed, met)));
        Some(shrunk)
    }

    /// Searches for fewer deviations over the load that is left, again and again until there are none; gives the number
    /// of runs that prove that as well.
    fn with_fewest(&mut self, mut small: Small) -> (Small, Option<u32>) {
        // What could not be shrunk to its end is too large to enumerate.
        while small.shrunk.plan.len() > 1 && small.shrunk.one_minimal {
            match self.search(&mut small) {
                Searched::Fewer(fewer) => match self.reshrunk(&mut small, &Plan::new(fewer)) {
                    Some(shrunk) => small.shrunk = shrunk,
                    None => return (small, None),
                },
                Searched::None(proof) => return (small, Some(proof)),
                Searched::Unfinished => return (small, None),
            }
        }
        // Of one deviation it is proved already that the calm run passes: that is its deletion.
        let proved = small.shrunk.plan.len() == 1 && small.shrunk.one_minimal;
        (small, proved.then_some(1))
    }

    fn search(&mut self, small: &mut Small) -> Searched {
        let mut search = Search {
            purse: Purse::new(self.runner, (self.limits.fewer, self.limits.events), self.stop),
            signature: &self.case.violation.signature,
            draws: &self.draws,
            places: std::mem::take(&mut self.places),
            calm: &mut small.calm,
            met: AllMet::default(),
        };
        let searched = search.below(&small.shrunk.load, small.shrunk.plan.len());
        let Search { purse, places, met, .. } = search;
        let (runs, events) = (purse.runs, purse.events);
        self.places = places;
        self.runs += runs;
        self.limits.fewer -= runs;
        self.pay(events);
        self.met.extend(met.all.into_iter().map(|met| (small.seed, met)));
        searched
    }

    /// Shrinks what the search found, with all the runs that are left.
    fn reshrunk(&mut self, small: &mut Small, plan: &Plan) -> Option<Shrunk> {
        let (load, signature) = (&small.shrunk.load, &self.case.violation.signature);
        let report = self.runner.run(Job::new(load, JobSource::Plan(plan)).recorded().until(signature));
        let runs = self.limits.runs + self.limits.fewer;
        self.pay(cost(&report));
        let shrunk = self.shrunk(small.seed, (load, &report), &mut small.calm, runs)?;
        (size(&shrunk) < size(&small.shrunk)).then_some(shrunk)
    }
}

/// What makes one schedule smaller than another.
fn size(shrunk: &Shrunk) -> (usize, usize) {
    (shrunk.plan.len(), shrunk.load.commands.len())
}
