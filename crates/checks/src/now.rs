//! The moment that checks are told about: when, which event, whose command, and the committed state.

use ordain_kernel::{EventId, Time};
use ordain_world::View;

/// A moment of the run.
#[derive(Clone, Copy)]
pub(crate) struct Now<'a> {
    /// When.
    pub(crate) at: Time,
    /// The event in the trace.
    pub(crate) event: EventId,
    /// The command at the root of the message that the moment is about.
    pub(crate) command: Option<u32>,
    /// When the drain began, if it has.
    pub(crate) drain: Option<Time>,
    /// The committed state.
    pub(crate) view: &'a View<'a>,
}
