//! Running a range of seeds on several threads, with results that do not depend on how many.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::campaign::{Hooks, Progress};
use crate::run::{Job, JobSource, MakeRunner, Runner};
use crate::sums::Sums;

/// Most seeds that a thread takes at once.
const BATCH_MAX: u64 = 64;

/// Why a range of seeds ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All seeds were run.
    Complete,
    /// A run failed, and that was to be the end. All lower seeds were run, too.
    FailFast,
    /// The caller's time was up.
    OutOfTime,
    /// The caller interrupted.
    Interrupted,
}

/// The seeds to run.
#[derive(Clone, Debug)]
pub(crate) struct Seeds {
    pub(crate) range: Range<u64>,
    pub(crate) jobs: usize,
    pub(crate) fail_fast: bool,
}

/// What the threads share.
struct Shared<'a> {
    seeds: &'a Seeds,
    batch: u64,
    next: AtomicU64,
    /// The lowest failing seed so far.
    lowest: AtomicU64,
    out_of_time: AtomicBool,
    ledger: Mutex<Ledger>,
    hooks: &'a Hooks<'a>,
}

/// Sums of the finished batches. Without fail-fast they are added at once. With it they wait, because a lower seed may
/// yet fail, until no unfinished batch lies below them: so what is kept stays small.
#[derive(Default)]
struct Ledger {
    sums: Sums,
    waiting: BTreeMap<u64, Sums>,
    added_below: u64,
    done: u64,
    failed: u64,
}

/// Runs the seeds. Each thread makes its own runner.
pub(crate) fn run_seeds(seeds: &Seeds, make: MakeRunner<'_>, hooks: &Hooks<'_>) -> (Sums, Ended) {
    let count = seeds.range.end.saturating_sub(seeds.range.start);
    let jobs = seeds.jobs.max(1);
    let shared = Shared {
        batch: (count / (jobs as u64 * 8)).clamp(1, BATCH_MAX),
        seeds,
        next: AtomicU64::new(seeds.range.start),
        lowest: AtomicU64::new(u64::MAX),
        out_of_time: AtomicBool::new(false),
        ledger: Mutex::new(Ledger { added_below: seeds.range.start, ..Ledger::default() }),
        hooks,
    };
    if count > 0 {
        on_threads(jobs.min(usize::try_from(count).unwrap_or(jobs)), &|| shared.work(&mut *make()));
    }
    shared.settle()
}

/// Runs `work` on so many threads, this one included, and waits for all.
#[expect(clippy::disallowed_methods, reason = "whole runs go to threads; what is inside a run never does")]
pub(crate) fn on_threads(jobs: usize, work: &(dyn Fn() + Sync)) {
    std::thread::scope(|scope| {
        for _ in 1..jobs {
            scope.spawn(work);
        }
        work();
    });
}

impl Shared<'_> {
    /// Takes batches until there are none, or something ends it.
    fn work(&self, runner: &mut dyn Runner) {
        while !self.over() {
            let start = self.next.fetch_add(self.batch, Ordering::Relaxed);
            if start >= self.seeds.range.end || start > self.bound() {
                return;
            }
            let end = start.saturating_add(self.batch).min(self.seeds.range.end);
            let sums = self.run_batch(runner, start..end);
            self.enter(start, sums);
        }
    }

    /// Runs a batch; with fail-fast only up to its own first failure, or the lowest of another.
    fn run_batch(&self, runner: &mut dyn Runner, batch: Range<u64>) -> Sums {
        let mut sums = Sums::default();
        for seed in batch {
            if self.over() || seed > self.bound() {
                break;
            }
            let load = runner.load(seed);
            let report = runner.run(Job::new(&load, JobSource::Seed(seed)));
            if sums.add_run(seed, &report) && self.seeds.fail_fast {
                self.lowest.fetch_min(seed, Ordering::Relaxed);
            }
        }
        sums
    }

    fn count(&self) -> u64 {
        self.seeds.range.end.saturating_sub(self.seeds.range.start)
    }

    /// No seed above this one counts.
    fn bound(&self) -> u64 {
        if self.seeds.fail_fast { self.lowest.load(Ordering::Relaxed) } else { u64::MAX }
    }

    fn over(&self) -> bool {
        if (self.hooks.out_of_time)() {
            self.out_of_time.store(true, Ordering::Relaxed);
        }
        self.out_of_time.load(Ordering::Relaxed) || self.hooks.interrupted.load(Ordering::Relaxed)
    }

    fn enter(&self, start: u64, sums: Sums) {
        let progress = {
            let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
            ledger.done += sums.runs;
            ledger.failed += sums.failed;
            if self.seeds.fail_fast {
                ledger.waiting.insert(start, sums);
                ledger.add_settled(self.batch, self.seeds.range.end, self.bound());
            } else {
                ledger.sums.add(sums);
            }
            Progress { done: ledger.done, failed: ledger.failed, of: self.count() }
        };
        (self.hooks.progress)(progress);
    }

    fn settle(self) -> (Sums, Ended) {
        let (lowest, count) = (self.bound(), self.count());
        let mut ledger = self.ledger.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (start, sums) in std::mem::take(&mut ledger.waiting) {
            if start <= lowest {
                ledger.sums.add(sums);
            }
        }
        let ended = if self.hooks.interrupted.load(Ordering::Relaxed) {
            Ended::Interrupted
        } else if self.seeds.fail_fast && lowest < u64::MAX {
            Ended::FailFast
        } else if self.out_of_time.load(Ordering::Relaxed) && ledger.sums.runs < count {
            Ended::OutOfTime
        } else {
            Ended::Complete
        };
        (ledger.sums, ended)
    }
}

impl Ledger {
    /// Adds the batches below which all are finished; above `bound` none counts.
    fn add_settled(&mut self, batch: u64, end: u64, bound: u64) {
        while self.added_below <= bound && self.added_below < end {
            let Some(sums) = self.waiting.remove(&self.added_below) else { return };
            self.sums.add(sums);
            self.added_below += batch;
        }
    }
}
