//! What is to be checked, resolved to indices.

use ordain_brokers::ChannelId;
use ordain_kernel::{Span, Sym};
use ordain_world::expr::Expr;
use ordain_world::spec::{Col, ExternalId, SagaId, TableId, TypeId};

/// How serious a violation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It fails the run.
    Error,
    /// It is told, and fails nothing.
    Warn,
}

/// A moment of a message that temporal checks speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// `X`: accepted by the broker (or by the service, for a request).
    Accepted(TypeId),
    /// `handled(X)`: settled by a subscription that handles it.
    Handled(TypeId),
    /// `committed(X)`: the transaction of a handling of it committed.
    Committed(TypeId),
}

/// An action of a choreographed saga and what undoes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SagaAction {
    /// Committing a handling of this type is the action.
    pub act: TypeId,
    /// Committing a handling of this type undoes it.
    pub undo: Option<TypeId>,
}

/// A check.
#[derive(Clone, Debug)]
pub struct CheckSpec {
    /// Its name in the scenario.
    pub name: String,
    /// How serious.
    pub severity: Severity,
    /// What.
    pub kind: CheckKind,
}

/// The kinds of check.
#[derive(Clone, Debug)]
pub enum CheckKind {
    /// Holds after every commit (anomaly word `violated`).
    Always(Expr),
    /// Never holds after any commit (`violated`).
    Never(Expr),
    /// Holds at quiet (`unsettled`).
    Eventually(Expr),
    /// Held at some commit of some run: a coverage check over the campaign, never a violation of one run.
    Sometimes(Expr),
    /// After the trigger, the expected moment with the same value of a field, within a span that counts
    /// from the later of the trigger and the end of the faults (`missing`). Before the trigger does not count,
    /// the same instant does; a message id triggers once, however often it is sent or seen.
    After {
        /// The trigger.
        trigger: Moment,
        /// What must follow.
        expect: Moment,
        /// The field, by name, that both messages share; `None` is the correlation id.
        same: Option<Sym>,
        /// The bound; `None` is quiet.
        within: Option<Span>,
        /// Whether an expected moment that came before the trigger counts, too.
        earlier: bool,
    },
    /// At quiet, and at the latest `within` after the later of the last change of the truth and the end of the
    /// faults, each row of the view equals the row of the truth with the same key (`diverged`).
    Converges {
        /// The view's table and column.
        view: (TableId, Col),
        /// The truth's table and column.
        truth: (TableId, Col),
        /// The bound; `None` is quiet.
        within: Option<Span>,
    },
    /// Effects on an external system, per business key (`duplicate-effect`, `missing-effect`).
    Effects {
        /// Whom.
        external: ExternalId,
        /// At most one, or exactly one for each key seen in `expected`.
        exactly: bool,
        /// With `exactly`: each accepted message of these types must have its effect; the key is this field.
        expected: Vec<(TypeId, Option<Sym>)>,
    },
    /// Each instance of an orchestrated saga ends done with all steps completed, or undone with every
    /// completed step undone in reverse order, none before its action and none twice
    /// (`unsettled`, `stuck`, `undone-twice`, `undo-before-action`, `undo-out-of-order`, `not-undone`).
    ///
    /// A step is completed when its `done` reply is accepted. A second commit of an undo counts when both change
    /// rows. An action comes after its undo when its handling commits later, changes rows (where its service has
    /// tables), and is answered with `done`. Order is that of the commits between awaited undos, else of asking.
    Saga(SagaId),
    /// The same for a saga without an owner, judged by the commits of its actions and undos. A commit of an action
    /// that changes no row, where its service has tables, is a refusal: it needs no undo.
    Choreography {
        /// The actions in order.
        actions: Vec<SagaAction>,
        /// The field, by name, that identifies an instance.
        key: Sym,
    },
    /// Every accepted message is handled (a commit, or the inbox knew it) or dead-lettered by each subscription that
    /// has a handler for its type (`lost`). Being settled is not enough. One that left its queue by a limit (tries, age) and that no dead-letter queue keeps is lost; one
    /// that a handler rejected is not.
    NoLoss(Vec<ChannelId>),
    /// Messages with one value of a field are handled for the first time in the order in which the broker
    /// accepted them, at each subscription (`out-of-order`). What counts is the first commit of a handling of a
    /// message id, and the first acceptance of it: copies that a relay sends again are the same message.
    Order {
        /// The channel.
        channel: ChannelId,
        /// The field, by name; `None` is the channel's key.
        per: Option<Sym>,
    },
}
