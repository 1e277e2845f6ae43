//! Deploys, boundaries and faults.

use std::time::Duration;

use super::{Count, Times, VersionName};
use crate::source::{Span, Spanned};
use crate::syntax::ast::Ident;

/// A version that rolls through replicas.
#[derive(Clone, Debug)]
pub struct Deploy {
    /// Where it stands.
    pub span: Span,
    /// The service.
    pub service: Ident,
    /// What it emits from then on.
    pub emits: Vec<VersionName>,
    /// When it begins.
    pub at: Duration,
    /// How long it takes.
    pub rolling: Duration,
}

/// A boundary of a handling or of a relay, in the order they are passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Boundary {
    /// The message has arrived.
    Received,
    /// The transaction has begun.
    Begun,
    /// The statements have run.
    Statements,
    /// The transaction is committed.
    Committed,
    /// What was emitted is published.
    Published,
    /// The message is acked.
    Acked,
    /// The relay has read rows.
    RelayRead,
    /// The relay has published them.
    RelayPublished,
    /// The relay has marked them.
    RelayMarked,
}

impl Boundary {
    /// All, in order.
    pub const ALL: [Boundary; 9] = [
        Boundary::Received,
        Boundary::Begun,
        Boundary::Statements,
        Boundary::Committed,
        Boundary::Published,
        Boundary::Acked,
        Boundary::RelayRead,
        Boundary::RelayPublished,
        Boundary::RelayMarked,
    ];

    /// The word in the file.
    pub fn word(self) -> &'static str {
        crate::keys::BOUNDARIES[self as usize]
    }

    /// The boundary of a word.
    pub fn named(word: &str) -> Option<Boundary> {
        Boundary::ALL.into_iter().find(|boundary| boundary.word() == word)
    }

    /// Whether it belongs to a relay.
    pub fn of_relay(self) -> bool {
        self >= Boundary::RelayRead
    }
}

/// Which channels a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channels {
    /// All of them.
    All,
    /// These.
    These(Vec<Ident>),
}

/// A fault rule.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Where it stands.
    pub span: Span,
    /// The chance at each opportunity, in parts per million; none for rules that go by time or are scripted.
    pub chance_ppm: Option<u32>,
    /// What goes wrong.
    pub kind: FaultKind,
}

/// The window between two boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Not before this one.
    pub after: Option<Boundary>,
    /// Before this one.
    pub before: Option<Boundary>,
}

/// What goes wrong.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the keys of the key table")]
pub enum FaultKind {
    /// A message is delivered again.
    Duplicate { channels: Channels, copies: Count, late: Option<Times> },
    /// A message is overtaken.
    Reorder { channels: Channels },
    /// A message takes longer.
    Delay { channels: Channels, by: Times },
    /// A message is lost.
    Lose { channels: Channels },
    /// A process dies.
    Crash { process: Ident, window: Window, at: Option<Spanned<String>>, down: Times },
    /// A commit is done and its answer lost.
    AmbiguousCommit { service: Ident },
    /// Two sides cannot reach each other.
    Partition { sides: [Ident; 2], when: When, lasts: Times },
    /// A group's members change.
    Rebalance { broker: Ident, every: Times },
    /// A process stands still.
    Pause { process: Ident, window: Window, every: Option<Times>, lasts: Times },
    /// A call fails.
    Fail { external: Ident, effect_done: bool },
    /// A call takes longer.
    Slow { external: Ident, by: Times },
}

/// Once, or again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Once, at a time in this range.
    At(Times),
    /// Again and again, with this time between.
    Every(Times),
}
