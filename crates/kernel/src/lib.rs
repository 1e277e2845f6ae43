//! The simulation kernel: virtual time, the event queue, choices with causal keys, trace and causality.
//!
//! A run is a pure function of its load and its *deviations*: the sparse map of the choices that
//! are not at their default. This crate holds what that sentence needs and nothing else: it knows
//! no brokers, no services, no I/O, no threads and no wall clock.
//!
//! - [`Time`], [`Span`]: virtual nanoseconds.
//! - [`Queue`]: events in (time, sequence) order, ties first in, first out.
//! - [`Key`]: where a decision came from; [`Seg`] is one step of its path.
//! - [`Choices`]: answers each choice from a [`Source`]: calm, seeded, a plan, or your own.
//! - [`Trace`]: a rolling 128-bit hash, always on, and the recorded events, when asked for.

mod choice;
mod key;
mod mix;
mod names;
mod plan;
mod queue;
mod rule;
mod seeded;
mod time;
mod trace;

pub use choice::{Answer, Ask, Choices, Decide, Fired, Source};
pub use key::{Form, Key, ParseKeyError, Seg, parse_key};
pub use mix::{Digest, Mixer, mix, text_hash};
pub use names::{Names, Sym};
pub use plan::{Deviation, Plan};
pub use queue::{Halt, Limits, Queue, Ticket, Weight};
pub use rule::{Chance, Draw, Fate, Kind, Rule, RuleId, Site, Value};
pub use seeded::{LoadDraw, Seeded};
pub use time::{Span, Time};
pub use trace::{EventId, Lane, Recorded, Recording, Touch, TouchKind, Trace};
