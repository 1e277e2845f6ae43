//! Checks.

use std::time::Duration;

use super::Channels;
use crate::source::Spanned;
use crate::syntax::ast::{Expr, Ident};

/// Something that must hold.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name.
    pub name: Ident,
    /// Whether a violation only warns.
    pub warn: bool,
    /// What must hold.
    pub kind: CheckKind,
}

/// Which moment of a message a temporal check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The broker accepted it.
    Accepted,
    /// A handler handled it to its end.
    Handled,
    /// A handling of it committed.
    Committed,
}

/// A message type at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventName {
    /// The moment.
    pub moment: Moment,
    /// The type.
    pub message: Ident,
}

/// A column of a table or of a projection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnPath {
    /// The service or the projection.
    pub owner: Ident,
    /// The table; none for a projection.
    pub table: Option<Ident>,
    /// The column.
    pub column: Ident,
}

/// How many effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectCount {
    /// Exactly one for each business key, once at rest.
    ExactlyOne,
    /// Never more than one.
    AtMostOne,
}

/// What must hold.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the keys of the key table")]
pub enum CheckKind {
    /// After every commit.
    Always(Expr),
    /// After no commit.
    Never(Expr),
    /// At rest.
    Eventually(Expr),
    /// At least once in a campaign.
    Sometimes(Expr),
    /// Each X is followed by a Y.
    After {
        /// X.
        trigger: EventName,
        /// Y.
        expect: EventName,
        /// The field in which they agree.
        same: Option<Ident>,
        /// How soon.
        within: Spanned<Duration>,
        /// Whether a Y before the X counts.
        earlier: bool,
    },
    /// A copy follows its original.
    Converges { copy: ColumnPath, original: ColumnPath, within: Spanned<Duration> },
    /// Effects for each business key.
    Effects { external: Ident, per: Option<Ident>, count: EffectCount },
    /// Every instance ends properly.
    Saga(Ident),
    /// Every accepted message is handled.
    NoLoss(Channels),
    /// Messages of one key in order.
    Order { channel: Ident, per: Option<Ident> },
}
