//! Services, their tables and protections, and external systems.

use std::time::Duration;

use indexmap::IndexMap;

use super::{Column, Times};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Body, Expr, Ident};

/// A service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: Ident,
    /// How many processes.
    pub replicas: u32,
    /// Messages at a time in each.
    pub concurrency: u32,
    /// Whether transactions are serializable.
    pub serializable: bool,
    /// Tables by name.
    pub tables: IndexMap<String, Table>,
    /// The outbox, if it has one.
    pub outbox: Option<Outbox>,
    /// The inbox, if it has one.
    pub dedup: Option<Dedup>,
    /// Bodies by message type.
    pub handles: IndexMap<String, Spanned<Body>>,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: Ident,
    /// The key column; a table without one is only added to.
    pub key: Option<Column>,
    /// The other columns.
    pub columns: Vec<Column>,
    /// Rows that are there from the beginning: all columns given, or with a default.
    pub rows: Vec<IndexMap<String, Expr>>,
}

impl Table {
    /// A column, the key included.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.all_columns().find(|column| column.name.value == name)
    }

    /// All columns, the key first.
    pub fn all_columns(&self) -> impl Iterator<Item = &Column> {
        self.key.iter().chain(&self.columns)
    }
}

/// An outbox and its relay.
#[derive(Clone, Debug)]
pub struct Outbox {
    /// Where it stands.
    pub span: Span,
    /// How often the relay looks.
    pub relay_every: Duration,
}

/// An inbox.
#[derive(Clone, Debug)]
pub struct Dedup {
    /// Where it stands.
    pub span: Span,
    /// The field it goes by; none is the message id.
    pub by: Option<Ident>,
    /// How long it remembers.
    pub window: Option<Duration>,
}

/// An external system.
#[derive(Clone, Debug)]
pub struct External {
    /// Its name.
    pub name: Ident,
    /// How long a call takes.
    pub latency: Times,
}
