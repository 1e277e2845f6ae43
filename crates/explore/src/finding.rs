//! Findings: what a campaign hands over for each distinct failure.

use ordain_checks::Violation;
use ordain_kernel::{Deviation, EventId, Recorded, Time};
use ordain_world::Load;

/// A deviation as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviationText {
    /// The choice and its value.
    pub deviation: Deviation,
    /// The readable path of its key.
    pub path: String,
    /// What it does, in words: `copy Charge(c7) -> payment`.
    pub words: String,
    /// The event at which it happened.
    pub event: EventId,
}

/// A recorded run, ready for reports: all symbols are rendered.
#[derive(Clone, Debug, Default)]
pub struct TraceData {
    /// The events, in order; ids count from 1.
    pub events: Vec<Recorded>,
    /// The names of the lanes, by index: `load`, `bus`, `payment/0`, ...
    pub lanes: Vec<String>,
    /// The readable path of each event's key, by event.
    pub paths: Vec<String>,
    /// The rolling hash.
    pub hash: u128,
    /// When the run ended.
    pub ended_at: Time,
}

/// A distinct failure, shrunk and proved.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What is violated; its signature identifies the finding.
    pub violation: Violation,
    /// The seed whose run was shrunk to this: a seed that shows it, though not always the lowest.
    pub seed: u64,
    /// How many runs of the campaign showed it; none when it was only met while another failure was shrunk.
    pub runs_failed: u64,
    /// Commands and deviations of the run that was shrunk.
    pub original: (usize, usize),
    /// The load that is left.
    pub load: Load,
    /// The deviations that are left.
    pub deviations: Vec<DeviationText>,
    /// Whether every single deletion was re-run and none counts: it lost the signature, or what it leaves of the load
    /// breaks the check by itself, in its calm run, though the full load does not.
    pub one_minimal: bool,
    /// How many deletions were re-run for that proof.
    pub deletions_rerun: u32,
    /// How many runs shrinking took in all: of each seed that was tried, and of the search for fewer deviations.
    pub shrink_runs: u32,
    /// When no smaller set of deviations over `load` breaks it, of the values that were tried: how many runs prove that.
    /// `None` without deviations, and when not all sets could be tried.
    pub no_fewer: Option<u32>,
    /// The recorded run of the shrunk schedule.
    pub trace: TraceData,
    /// When a second run of the same deviations differed: the first differing event, in words.
    pub nondeterminism: Option<String>,
}
