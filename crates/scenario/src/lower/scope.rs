//! The names an expression can see, resolved to where the world keeps them.

use ordain_world::expr::Expr;
use ordain_world::spec::{Col, ServiceId, TableId};

/// What a name stands for.
#[derive(Clone, Debug)]
pub(super) enum Bind {
    /// A field of the message, or of the saga instance.
    Field(u16),
    /// A value named with `let`.
    Local(u16),
    /// A table.
    Table(TableId),
    /// A column of a projection's own row.
    Own(Col),
    /// The row in scope, of this table.
    Row(TableId),
    /// The group of rows in scope.
    Group(TableId),
    /// The handled message.
    Envelope,
    /// A service: its tables and counters.
    Service(ServiceId, String),
    /// All sagas.
    Sagas,
    /// A counter, or a sum of counters: a channel, an external system.
    Count(Expr),
    /// An external system.
    External(Expr),
}

/// The names in scope; later ones hide earlier ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    names: Vec<(String, Bind)>,
    /// The projection's own table and the key of the row that is folded.
    pub(super) own: Option<(TableId, Expr)>,
    /// Whether the expression sees the row that a statement changes.
    pub(super) in_row: bool,
    /// How many locals there are.
    pub(super) locals: u16,
}

impl Scope {
    pub(super) fn add(&mut self, name: &str, bind: Bind) {
        self.names.push((name.to_owned(), bind));
    }

    pub(super) fn find(&self, name: &str) -> Option<&Bind> {
        self.names.iter().rev().find(|(have, _)| have == name).map(|(_, bind)| bind)
    }

    pub(super) fn enter(&self) -> usize {
        self.names.len()
    }

    pub(super) fn leave(&mut self, mark: usize) {
        self.names.truncate(mark);
    }
}
