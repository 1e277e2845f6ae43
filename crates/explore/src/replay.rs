//! Replay: what has become of a stored failure.

use core::fmt;

use ordain_checks::{Signature, Violation};
use ordain_kernel::Plan;
use ordain_world::Load;

use crate::run::{Job, JobSource, RunReport, Runner};

/// A stored failure: what a regression file holds.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The commands.
    pub load: Load,
    /// The deviations.
    pub plan: Plan,
    /// What it showed.
    pub signature: Signature,
    /// The hash of the run that showed it, ended at the violation.
    pub trace_hash: u128,
}

/// What a replay came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same signature by the same trace.
    Reproduced,
    /// The same signature by another trace.
    Drifted,
    /// Every key matched, and it passes.
    Fixed,
    /// It passes, but these many keys met no choice: the failure may only be hidden.
    Stale {
        /// Keys without a match.
        unmatched: usize,
        /// Keys in all.
        of: usize,
    },
    /// It fails by another signature.
    Different(Signature),
}

impl Verdict {
    /// Whether the system fails: `reproduced`, `drifted` and `different`.
    #[must_use]
    pub const fn fails(&self) -> bool {
        matches!(self, Verdict::Reproduced | Verdict::Drifted | Verdict::Different(_))
    }
}

impl fmt::Display for Verdict {
    /// `reproduced`, `drifted`, `fixed`, `stale 1/3`, `different charged_once/violated/payment.charges`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Reproduced => f.write_str("reproduced"),
            Verdict::Drifted => f.write_str("drifted"),
            Verdict::Fixed => f.write_str("fixed"),
            Verdict::Stale { unmatched, of } => write!(f, "stale {unmatched}/{of}"),
            Verdict::Different(signature) => write!(f, "different {signature}"),
        }
    }
}

/// A replay: its verdict, and the recorded run.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// What it came to.
    pub verdict: Verdict,
    /// The run, recorded; it ends where the stored signature is seen.
    pub report: RunReport,
}

impl Replayed {
    /// The violation that the verdict speaks of.
    #[must_use]
    pub fn violation(&self, stored: &Stored) -> Option<&Violation> {
        match &self.verdict {
            Verdict::Different(signature) => self.report.shows(signature),
            _ => self.report.shows(&stored.signature),
        }
    }
}

/// Runs a stored failure again.
pub fn replay(runner: &mut dyn Runner, stored: &Stored) -> Replayed {
    let job = Job::new(&stored.load, JobSource::Plan(&stored.plan)).recorded().until(&stored.signature);
    let report = runner.run(job);
    Replayed { verdict: judge(&report, stored), report }
}

fn judge(report: &RunReport, stored: &Stored) -> Verdict {
    if report.shows(&stored.signature).is_some() {
        return if report.hash == stored.trace_hash { Verdict::Reproduced } else { Verdict::Drifted };
    }
    if let Some(other) = report.errors().next() {
        return Verdict::Different(other.signature.clone());
    }
    match report.unmatched {
        0 => Verdict::Fixed,
        unmatched => Verdict::Stale { unmatched, of: stored.plan.len() },
    }
}
