//! Shrinking: the smallest load and plan that still show a signature, with proof that nothing more can go.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use ordain_checks::{Signature, Violation};
use ordain_kernel::{Deviation, Plan};
use ordain_world::{Command, Load};

use crate::bounds::Bounds;
use crate::candidate::{Candidate, Roots};
use crate::ddmin::ddmin;
use crate::run::{Job, JobSource, RunReport, Runner};
use crate::simpler::{replaced, simpler};
use crate::tighten::tighter_loads;

/// How many other signatures one shrinking remembers.
const MET_MAX: usize = 16;

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
}

impl Default for Limits {
    fn default() -> Self {
        Limits { runs: 5_000, fewer: 2_000 }
    }
}

/// Another failure that was met while shrinking.
#[derive(Clone, Debug)]
pub struct Met {
    /// What is violated.
    pub violation: Violation,
    /// The commands of the run that showed it.
    pub load: Load,
    /// Its deviations.
    pub plan: Plan,
}

/// A shrunk schedule.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The commands that are left.
    pub load: Load,
    /// The deviations that are left.
    pub plan: Plan,
    /// Whether every single deletion was re-run at the end and lost the signature.
    pub one_minimal: bool,
    /// How many deletions were re-run for that.
    pub deletions_rerun: u32,
    /// How many runs it took in all.
    pub runs: u32,
    /// Other signatures that candidates showed, in the order in which they were met.
    pub met: Vec<Met>,
}

/// Shrinks a failing run with its signature held fixed. `None` when the deviations, replayed as a plan, do not show it.
///
/// `stop` ends it early, with the smallest schedule so far.
pub fn shrink(runner: &mut dyn Runner, start: Start<'_>, limits: Limits, stop: &AtomicBool) -> Option<Shrunk> {
    let mut shrinker = Shrinker {
        bounds: Bounds::of(start.report, &runner.about().draws),
        roots: Roots::of(&start.report.deviation_texts),
        runner,
        signature: start.signature,
        limits,
        stop,
        runs: 0,
        exhausted: false,
        lost: BTreeSet::new(),
        last: None,
        met: Vec::new(),
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
        runs: shrinker.runs,
        met: shrinker.met,
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

/// Keeps the other signatures that a run showed.
pub(crate) fn remember(all: &mut Vec<Met>, report: &RunReport, own: &Signature, schedule: impl Fn() -> (Load, Plan)) {
    for violation in report.errors() {
        let known = |met: &Met| met.violation.signature == violation.signature;
        if violation.signature != *own && all.len() < MET_MAX && !all.iter().any(known) {
            let (load, plan) = schedule();
            all.push(Met { violation: violation.clone(), load, plan });
        }
    }
}

enum Proof {
    /// A deletion kept the signature after all.
    Smaller(Candidate),
    /// All deletions were re-run, or the runs gave out.
    Done { one_minimal: bool, deletions: u32 },
}

pub(crate) struct Shrinker<'r> {
    pub(crate) runner: &'r mut dyn Runner,
    pub(crate) signature: &'r Signature,
    pub(crate) bounds: Bounds,
    roots: Roots,
    pub(crate) limits: Limits,
    stop: &'r AtomicBool,
    pub(crate) runs: u32,
    exhausted: bool,
    /// Digests of the candidates that lost the signature.
    lost: BTreeSet<u128>,
    /// The violation of the last candidate that kept it.
    last: Option<Violation>,
    met: Vec<Met>,
}

impl Shrinker<'_> {
    /// Runs a candidate; `None` when the runs have given out.
    pub(crate) fn run(&mut self, candidate: &Candidate) -> Option<RunReport> {
        // The first run is always made: what it does not show is nondeterminism, not a lack of runs.
        if self.runs > 0 && (self.runs >= self.limits.runs || self.stop.load(Ordering::Relaxed)) {
            self.exhausted = true;
            return None;
        }
        self.runs += 1;
        let (load, plan) = (candidate.load(), candidate.plan());
        let report = self.runner.run(Job::new(&load, JobSource::Plan(&plan)).until(self.signature));
        remember(&mut self.met, &report, self.signature, || (load.clone(), plan.clone()));
        Some(report)
    }

    /// Runs a candidate, unless it is known to lose the signature. When it keeps it: the candidate without what
    /// did not fire and what came after the violation.
    pub(crate) fn probe(&mut self, candidate: &Candidate) -> Option<Candidate> {
        let mut kept = None;
        let mut at = candidate.clone();
        // Cutting may move the violation and so allow another cut; each is smaller than the one before.
        while !self.lost.contains(&at.digest()) {
            let Some(report) = self.run(&at) else { break };
            let Some(violation) = report.shows(self.signature) else {
                self.lost.insert(at.digest());
                break;
            };
            let cut = at.cut(&report.fired, violation.at);
            self.last = Some(violation.clone());
            let settled = cut == at;
            kept = Some(std::mem::replace(&mut at, cut));
            if settled {
                break;
            }
        }
        kept
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

    /// All reductions, again and again until none helps.
    fn reduce(&mut self, from: Candidate) -> Candidate {
        let mut now = from;
        loop {
            let before = now.clone();
            now = self.fewer_commands(now);
            now = self.fewer_deviations(now);
            now = self.simpler_values(now);
            now = self.tighter_load(now);
            if now == before || self.exhausted {
                return now;
            }
        }
    }

    fn fewer_commands(&mut self, from: Candidate) -> Candidate {
        let mut best = from.clone();
        ddmin(from.commands, &mut |part: &[Command]| {
            let fewer = best.with_commands(part.to_vec(), &self.roots);
            best = self.probe(&fewer)?;
            Some(best.commands.clone())
        });
        best
    }

    fn fewer_deviations(&mut self, from: Candidate) -> Candidate {
        let mut best = from.clone();
        ddmin(from.deviations, &mut |part: &[Deviation]| {
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

    /// Re-runs every single deletion of a deviation or a command, whatever is remembered of it.
    fn prove(&mut self, small: &Candidate) -> Proof {
        let mut deletions = 0;
        for deletion in self.single_deletions(small) {
            let Some(report) = self.run(&deletion) else { return Proof::Done { one_minimal: false, deletions } };
            deletions += 1;
            if let Some(violation) = report.shows(self.signature) {
                let end = violation.at;
                let cut = deletion.cut(&report.fired, end);
                return Proof::Smaller(self.probe(&cut).unwrap_or(deletion));
            }
        }
        Proof::Done { one_minimal: !self.exhausted, deletions }
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
