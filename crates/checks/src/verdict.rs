//! Verdicts: violations with their signatures, and the tally that comes with every pass.

use core::fmt;

use ordain_kernel::{EventId, Time};

use crate::spec::Severity;

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// A declared property is violated.
    Violation,
    /// The system did not come to rest.
    NoQuiescence,
    /// The same deviations gave two different runs.
    Nondeterministic,
}

impl Grade {
    /// The word for files and people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Grade::Violation => "violation",
            Grade::NoQuiescence => "no-quiescence",
            Grade::Nondeterministic => "nondeterministic",
        }
    }
}

/// What makes two failures the same: check, anomaly word, and place; no ids, values, times or deviations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature {
    /// The check's name.
    pub check: String,
    /// The anomaly word.
    pub word: String,
    /// Service and table, or saga step, or channel.
    pub place: String,
}

impl fmt::Display for Signature {
    /// `charged_once/violated/payment.charges`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.check, self.word, self.place)
    }
}

/// A violated check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What makes it the same as another.
    pub signature: Signature,
    /// How sure.
    pub grade: Grade,
    /// How serious.
    pub severity: Severity,
    /// When it was seen: for what is judged at quiet the end of the run, whatever `event` says.
    pub at: Time,
    /// The event that made it true. For what is judged at quiet: the last commit that wrote the rows, or the last
    /// event of the instance or message, that it is about; the last event of the run where there is none.
    pub event: EventId,
    /// Whom it is about: a key value, a message, an instance, as text.
    pub subject: String,
    /// The command number that the subject belongs to, where that is known.
    pub command: Option<u32>,
    /// What is wrong, in a sentence with its evidence: `charges of order_id c7 sum to 2`.
    pub message: String,
}

/// How much there was to judge, for one check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckTally {
    /// How often it was evaluated.
    pub evaluated: u64,
    /// How often its subject came up (triggers, keys, instances, messages).
    pub subjects: u64,
    /// For `sometimes`: whether it held.
    pub held: bool,
}

/// How much there was to judge in a run, or in a campaign when added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Accepted messages.
    pub accepted: u64,
    /// Deliveries to handlers.
    pub delivered: u64,
    /// Deliveries of a message that the subscription had begun to handle before. One that failed and is tried
    /// again does not count, unless something of it was committed.
    pub duplicates: u64,
    /// Duplicates of a message whose earlier handling had committed.
    pub duplicates_after_commit: u64,
    /// Messages turned away by an inbox.
    pub deduplicated: u64,
    /// Crashes.
    pub crashes: u64,
    /// Crashes between a commit and its ack.
    pub crashes_after_commit: u64,
    /// First deliveries to a subscription that came after one of a message which the channel accepted later:
    /// messages that were overtaken.
    pub overtaken: u64,
    /// Messages dead-lettered.
    pub dead_lettered: u64,
    /// Effects on external systems.
    pub effects: u64,
    /// Saga instances: done, undone, stuck.
    pub sagas: (u64, u64, u64),
    /// By check, in the order of the scenario.
    pub checks: Vec<CheckTally>,
}

/// Most violations kept of one run; later ones are dropped, except one that the run was to stop on.
pub const VIOLATIONS_MAX: usize = 64;

impl Tally {
    /// Adds another tally to this one: counters add up, `held` latches. Checks are matched by position; the
    /// longer list wins.
    pub fn add(&mut self, other: &Tally) {
        let pairs = [
            (&mut self.accepted, other.accepted),
            (&mut self.delivered, other.delivered),
            (&mut self.duplicates, other.duplicates),
            (&mut self.duplicates_after_commit, other.duplicates_after_commit),
            (&mut self.deduplicated, other.deduplicated),
            (&mut self.crashes, other.crashes),
            (&mut self.crashes_after_commit, other.crashes_after_commit),
            (&mut self.overtaken, other.overtaken),
            (&mut self.dead_lettered, other.dead_lettered),
            (&mut self.effects, other.effects),
            (&mut self.sagas.0, other.sagas.0),
            (&mut self.sagas.1, other.sagas.1),
            (&mut self.sagas.2, other.sagas.2),
        ];
        for (mine, theirs) in pairs {
            *mine += theirs;
        }
        if self.checks.len() < other.checks.len() {
            self.checks.resize(other.checks.len(), CheckTally::default());
        }
        for (mine, theirs) in self.checks.iter_mut().zip(&other.checks) {
            mine.evaluated += theirs.evaluated;
            mine.subjects += theirs.subjects;
            mine.held |= theirs.held;
        }
    }

    /// All counters back to zero; the list of checks keeps its length.
    pub fn reset(&mut self) {
        let mut checks = core::mem::take(&mut self.checks);
        checks.fill(CheckTally::default());
        *self = Tally { checks, ..Tally::default() };
    }
}
