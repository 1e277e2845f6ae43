//! Sagas and projections.

use std::time::Duration;

use indexmap::IndexMap;

use super::{Dedup, Retry, Table};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Body, Ident};

/// A saga with an owner.
#[derive(Clone, Debug)]
pub struct Saga {
    /// Its name.
    pub name: Ident,
    /// The service that runs it.
    pub owner: Ident,
    /// The field that names an instance.
    pub key: Ident,
    /// The event that begins an instance.
    pub starts: Ident,
    /// The steps.
    pub steps: Vec<Step>,
    /// When all is done.
    pub done: Option<Spanned<Body>>,
    /// When all is undone.
    pub undone: Option<Spanned<Body>>,
    /// On a reply nobody waits for.
    pub late: Option<Spanned<Body>>,
}

/// A step of a saga.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it stands.
    pub span: Span,
    /// The command, which names the step.
    pub command: Ident,
    /// The reply that says done.
    pub done: Ident,
    /// The reply that says refused.
    pub refused: Option<Ident>,
    /// How long to wait for a reply.
    pub timeout: Option<Spanned<Duration>>,
    /// How often to send again.
    pub retry: Option<Retry>,
    /// The command that undoes it.
    pub undo: Option<Ident>,
    /// The reply that says undone.
    pub undone: Option<Ident>,
}

/// A projection.
#[derive(Clone, Debug)]
pub struct Projection {
    /// Its name.
    pub name: Ident,
    /// Its rows.
    pub table: Table,
    /// How many processes.
    pub replicas: u32,
    /// The inbox, if it has one.
    pub dedup: Option<Dedup>,
    /// Bodies by message type.
    pub folds: IndexMap<String, Spanned<Body>>,
}
