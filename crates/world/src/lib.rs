//! The simulated world: services and their replicas, stores and transactions, clients, crashes, faults and
//! external effects around the broker models, and the step program that every process runs.
//!
//! A [`World`] is built from a [`Spec`], then run as often as you like: `world.run(load, source, observer)`.
//! What happens is told to an [`Observer`] as [`Fact`]s, with a [`View`] of the committed state.
//! This crate knows neither scenario files nor reports.

pub mod body;
mod boundary;
mod broker;
mod commit;
mod counts;
mod deliver;
pub mod expr;
mod external;
pub mod fact;
mod faults;
mod handling;
mod inbox;
mod link;
pub mod load;
pub mod message;
mod process;
pub mod program;
mod publish;
mod relay;
mod run;
pub mod saga;
pub mod spec;
mod state;
pub mod table;
mod timer;
pub mod value;
mod wiring;
mod words;
mod world;

pub use fact::{Boundary, Fact, Flow, Gauge, Observer, View, What};
pub use load::{Command, Load};
pub use message::{Messages, Msg, SagaRef};
pub use program::{Frame, Outgoing, Program, Step, StepCx};
pub use spec::Spec;
pub use state::DeviationNote;
pub use table::{Change, Tables, Transaction};
pub use value::{Datum, Decimal, Value};
pub use world::{End, RunEnd, RunSource, World, WorldTrace};
