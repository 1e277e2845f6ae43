//! What looking into a failure may still cost: runs, events, and the caller's patience.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::campaign::Hooks;
use crate::run::{Job, RunReport, Runner};

/// What the caller ends it by.
#[derive(Clone, Copy)]
pub(crate) struct Stop<'a> {
    pub(crate) interrupted: &'a AtomicBool,
    pub(crate) out_of_time: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> Stop<'a> {
    /// Ends it by an interrupt only.
    pub(crate) fn on(interrupted: &'a AtomicBool) -> Stop<'a> {
        Stop { interrupted, out_of_time: &|| false }
    }

    pub(crate) const fn of(hooks: &Hooks<'a>) -> Stop<'a> {
        Stop { interrupted: hooks.interrupted, out_of_time: hooks.out_of_time }
    }

    pub(crate) fn now(self) -> bool {
        self.interrupted.load(Ordering::Relaxed) || (self.out_of_time)()
    }
}

/// What a run costs: its trace events, or the events that it took from its queue when those are more.
pub(crate) fn cost(report: &RunReport) -> u64 {
    report.events.max(report.popped)
}

/// A runner, and how much it may still be used.
pub(crate) struct Purse<'r> {
    runner: &'r mut dyn Runner,
    stop: Stop<'r>,
    runs_max: u32,
    events_max: u64,
    /// Runs made.
    pub(crate) runs: u32,
    /// What they cost.
    pub(crate) events: u64,
    /// Whether a run was refused.
    pub(crate) given_out: bool,
}

impl<'r> Purse<'r> {
    pub(crate) fn new(runner: &'r mut dyn Runner, (runs_max, events_max): (u32, u64), stop: Stop<'r>) -> Purse<'r> {
        Purse { runner, stop, runs_max, events_max, runs: 0, events: 0, given_out: false }
    }

    /// Makes a run; `None` when there is nothing left for it.
    pub(crate) fn run(&mut self, job: Job<'_>) -> Option<RunReport> {
        if self.runs_left() == 0 || self.events_left() == 0 || self.stop.now() {
            self.given_out = true;
            return None;
        }
        Some(self.run_anyway(job))
    }

    /// Makes a run whatever is left.
    pub(crate) fn run_anyway(&mut self, job: Job<'_>) -> RunReport {
        let report = self.runner.run(job);
        self.runs += 1;
        self.events += cost(&report);
        report
    }

    pub(crate) const fn runs_left(&self) -> u32 {
        self.runs_max.saturating_sub(self.runs)
    }

    pub(crate) const fn events_left(&self) -> u64 {
        self.events_max.saturating_sub(self.events)
    }
}
