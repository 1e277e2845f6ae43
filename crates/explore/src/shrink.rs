//! Shrinking: the smallest load and plan that still show a signature, with proof that nothing more can go.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use ordain_checks::{Signature, Violation};
use ordain_kernel::{Deviation, Plan, Time};
use ordain_world::{Command, Load};

use crate::bounds::Bounds;
use crate::calm::Calm;
use crate::candidate::{Candidate, Roots};
use crate::ddmin::ddmin_to;
use crate::met::{AllMet, Met};
use crate::purse::{Purse, Stop};
use crate::run::{Job, JobSource, RunReport, Runner};
use crate::simpler::{replaced, simpler};
use crate::tighten::tighter_loads;

/// How many chunks the coarse pass cuts a list into at most.
const COARSE: usize = 8;

/// What shrinking starts from: a failing run, recorded.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    /// What must stay.
    pub signature: &'a Signature,
    /// The commands.
    pub load: &'a Load,
    /// The run: its deviations, the rules behind them, and their paths, which say what command each is rooted in.
    pub report: &'a RunReport,
}

/// How much shrinking may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Runs of shrinking, for each signature, over all seeds that are tried.
    pub runs: u32,
    /// Runs of the search for fewer deviations, for each signature.
    pub fewer: u32,
    /// Events of all those runs together, for each signature: of each run its trace events, or the events that it took
    /// from its queue when those are more. The run in which they give out is still made.
    pub events: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { runs: 5_000, fewer: 2_000, events: 30_000_000 }
    }
}

/// A shrunk schedule.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The commands that are left.
    pub load: Load,
    /// The deviations that are left.
    pub plan: Plan,
    /// Whether every single deletion was re-run at the end, and none counts: it lost the signature, or what it leaves of
    /// the load shows the signature in its calm run, though the full load does not. Such a deletion breaks the check
    /// by itself.
    pub one_minimal: bool,
    /// How many deletions were re-run for that.
    pub deletions_rerun: u32,
    /// How many runs it took in all.
    pub runs: u32,
    /// What they cost, as [`Limits::events`] counts.
    pub events: u64,
    /// Other signatures that candidates showed, in the order in which they were met.
    pub met: Vec<Met>,
}

/// Shrinks a failing run with its signature held fixed. `None` when the deviations, replayed as a plan, do not show it.
///
/// When the calm run of the load does not show the signature, no load is taken whose own calm run does.
/// `stop` ends it early, with the smallest schedule so far.
pub fn shrink(runner: &mut dyn Runner, start: Start<'_>, limits: Limits, stop: &AtomicBool) -> Option<Shrunk> {
    let bounds = Bounds::of(start.report, &runner.about().draws);
    let purse = Purse::new(runner, (limits.runs, limits.events), Stop::on(stop));
    shrink_within(purse, bounds, start, &mut Calm::of(start.load.clone()))
}

/// The same with what is known of calm runs. The load to start from is taken to be admitted.
pub(crate) fn shrink_within<'c>(
    purse: Purse<'_>,
    bounds: Bounds,
    start: Start<'c>,
    calm: &'c mut Calm,
) -> Option<Shrunk> {
    let mut shrinker = Shrinker {
        bounds,
        roots: Roots::of(&start.report.deviation_texts),
        purse,
        calm,
        signature: start.signature,
        started: start.load,
        lost: BTreeSet::new(),
        last: None,
        met: AllMet::default(),
    };
    let first = Candidate { commands: start.load.commands.clone(), deviations: latest_first(&start.report.fired) };
    let first = shrinker.probe(&first)?;
    let mut small = shrinker.leap(first);
    let proof = loop {
        small = shrinker.reduce(small);
        small = shrinker.readable_values(small);
        match shrinker.prove(&small) {
            Proof::Smaller(smaller) => small = smaller,
            Proof::Done { one_minimal, deletions } => break (one_minimal, deletions),
        }
    };
    Some(Shrunk {
        load: small.load(),
        plan: small.plan(),
        one_minimal: proof.0,
        deletions_rerun: proof.1,
        runs: shrinker.purse.runs,
        events: shrinker.purse.events,
        met: shrinker.met.all,
    })
}

/// The deviations of a run, each choice once. Reductions delete from the end, so of two that would do the later stays:
/// what led to it is not part of the story.
fn latest_first(fired: &[Deviation]) -> Vec<Deviation> {
    let mut seen = BTreeSet::new();
    let mut all: Vec<Deviation> = fired.iter().filter(|deviation| seen.insert(deviation.choice())).copied().collect();
    all.reverse();
    all
}

enum Proof {
    /// A deletion kept the signature after all.
    Smaller(Candidate),
    /// All deletions were re-run, or the runs gave out.
    Done { one_minimal: bool, deletions: u32 },
}

pub(crate) struct Shrinker<'r, 'c> {
    pub(crate) purse: Purse<'r>,
    pub(crate) signature: &'c Signature,
    pub(crate) bounds: Bounds,
    roots: Roots,
    calm: &'c mut Calm,
    /// The load to start from.
    started: &'c Load,
    /// Digests of the candidates that lost the signature, or have a load that shows it by itself.
    lost: BTreeSet<u128>,
    /// The violation of the last candidate that kept it.
    last: Option<Violation>,
    met: AllMet,
}

impl Shrinker<'_, '_> {
    /// Runs a candidate; `None` when the runs have given out.
    pub(crate) fn run(&mut self, candidate: &Candidate) -> Option<RunReport> {
        let (load, plan) = (candidate.load(), candidate.plan());
        let job = Job::new(&load, JobSource::Plan(&plan)).until(self.signature);
        // The first run is always made: what it does not show is nondeterminism, not a lack of runs.
        let first = self.purse.runs == 0;
        let report = if first { self.purse.run_anyway(job) } else { self.purse.run(job)? };
        self.met.remember(&report, self.signature, (&load, &plan), (&mut *self.calm, &mut self.purse));
        Some(report)
    }

    /// Runs a candidate, unless it is known to lose the signature. When it keeps it: the candidate without what
    /// did not fire and what came after the violation.
    pub(crate) fn probe(&mut self, candidate: &Candidate) -> Option<Candidate> {
        let mut kept = None;
        let mut at = candidate.clone();
        // Cutting may move the violation and so allow another cut; each is smaller than the one before.
        while !self.lost.contains(&at.digest()) && !self.refuses(&at) {
            let Some(report) = self.run(&at) else { break };
            let shown = report.shows(self.signature);
            let Some(admitted) = shown.map_or(Some(false), |_| self.admits(&at)) else { break };
            let Some(violation) = shown.filter(|_| admitted) else {
                self.lost.insert(at.digest());
                break;
            };
            let cut = self.cut(&at, &report.fired, violation.at);
            self.last = Some(violation.clone());
            let settled = cut == at;
            kept = Some(std::mem::replace(&mut at, cut));
            if settled {
                break;
            }
        }
        kept
    }

    /// Whether the load of a candidate that showed the signature does not show it by itself, as far as it must not;
    /// `None` when the runs have given out.
    fn admits(&mut self, candidate: &Candidate) -> Option<bool> {
        if candidate.commands == self.started.commands {
            return Some(true);
        }
        self.calm.admits(&candidate.load(), self.signature, &mut self.purse)
    }

    /// Whether the load of a candidate is known to show the signature by itself.
    fn refuses(&self, candidate: &Candidate) -> bool {
        candidate.commands != self.started.commands && self.calm.refuses(&candidate.load(), self.signature)
    }

    /// A candidate without what had no part in its run; with all its commands when only they keep the calm run well.
    fn cut(&self, candidate: &Candidate, fired: &[Deviation], end: Time) -> Candidate {
        let cut = candidate.cut(fired, end);
        if self.refuses(&cut) { candidate.with_deviations(cut.deviations) } else { cut }
    }

    /// Two long shots that often save most of the work: no deviation at all; only the command that it is about.
    fn leap(&mut self, from: Candidate) -> Candidate {
        let calm = from.with_deviations(Vec::new());
        let from = self.probe(&calm).unwrap_or(from);
        let Some(number) = self.last.as_ref().and_then(|violation| violation.command) else { return from };
        let alone: Vec<Command> = from.commands.iter().filter(|command| command.number == number).cloned().collect();
        let alone = from.with_commands(alone, &self.roots);
        self.probe(&alone).unwrap_or(from)
    }

    /// All reductions, again and again until none helps: first what can go, then what can be simpler.
    fn reduce(&mut self, from: Candidate) -> Candidate {
        let mut now = self.coarsely_fewer(from);
        loop {
            let before = now.clone();
            now = self.fewer(now);
            now = self.simpler_values(now);
            now = self.tighter_load(now);
            if now == before || self.purse.given_out {
                return now;
            }
        }
    }

    /// Fewer commands and fewer deviations, until neither can be had.
    fn fewer(&mut self, from: Candidate) -> Candidate {
        let mut now = from;
        loop {
            now = self.fewer_commands(now, 1);
            let before = now.clone();
            now = self.fewer_deviations(now, 1);
            if now == before || self.purse.given_out {
                return now;
            }
        }
    }

    /// When the events may not last for all single deletions: large chunks of both first, or commands would take all.
    fn coarsely_fewer(&mut self, from: Candidate) -> Candidate {
        let size = from.commands.len() + from.deviations.len();
        let run = self.purse.events / u64::from(self.purse.runs.max(1));
        if self.purse.events_left() / run.max(1) >= 4 * size as u64 {
            return from;
        }
        let finest = from.commands.len().div_ceil(COARSE);
        let now = self.fewer_commands(from, finest);
        let finest = now.deviations.len().div_ceil(COARSE);
        self.fewer_deviations(now, finest)
    }

    fn fewer_commands(&mut self, from: Candidate, finest: usize) -> Candidate {
        let mut best = from.clone();
        ddmin_to(finest, from.commands, &mut |part: &[Command]| {
            let fewer = best.with_commands(part.to_vec(), &self.roots);
            best = self.probe(&fewer)?;
            Some(best.commands.clone())
        });
        best
    }

    fn fewer_deviations(&mut self, from: Candidate, finest: usize) -> Candidate {
        let mut best = from.clone();
        ddmin_to(finest, from.deviations, &mut |part: &[Deviation]| {
            best = self.probe(&best.with_deviations(part.to_vec()))?;
            Some(best.deviations.clone())
        });
        best
    }

    fn simpler_values(&mut self, from: Candidate) -> Candidate {
        let mut now = from;
        let mut index = 0;
        while let Some(deviation) = now.deviations.get(index) {
            let values = self.bounds.draw(deviation).map_or_else(Vec::new, |draw| simpler(deviation.value, draw));
            let tried = values.into_iter().find_map(|value| {
                let simpler = now.with_deviations(replaced(&now.deviations, index, value));
                self.probe(&simpler)
            });
            if let Some(simpler) = tried {
                now = simpler;
            }
            index += 1;
        }
        now
    }

    fn tighter_load(&mut self, from: Candidate) -> Candidate {
        for commands in tighter_loads(&from.commands) {
            let tighter = Candidate { commands, deviations: from.deviations.clone() };
            if let Some(kept) = self.probe(&tighter) {
                return kept;
            }
        }
        from
    }

    /// Re-runs every single deletion of a deviation or a command, whatever is remembered of it. One whose load shows
    /// the signature by itself does not count.
    fn prove(&mut self, small: &Candidate) -> Proof {
        let mut deletions = 0;
        for deletion in self.single_deletions(small) {
            let unproved = Proof::Done { one_minimal: false, deletions };
            let Some(report) = self.run(&deletion) else { return unproved };
            let shown = report.shows(self.signature);
            let Some(counts) = shown.map_or(Some(false), |_| self.admits(&deletion)) else { return unproved };
            deletions += 1;
            if let Some(violation) = shown.filter(|_| counts) {
                let cut = self.cut(&deletion, &report.fired, violation.at);
                return Proof::Smaller(self.probe(&cut).unwrap_or(deletion));
            }
        }
        Proof::Done { one_minimal: !self.purse.given_out, deletions }
    }

    fn single_deletions(&self, small: &Candidate) -> Vec<Candidate> {
        let mut all = Vec::new();
        for index in 0..small.deviations.len() {
            let mut less = small.deviations.clone();
            less.remove(index);
            all.push(small.with_deviations(less));
        }
        for index in 0..small.commands.len() {
            let mut less = small.commands.clone();
            less.remove(index);
            all.push(small.with_commands(less, &self.roots));
        }
        all
    }
}
