//! Deterministic simulation and testing of event-driven systems: the facade for Rust users.
//!
//! A scenario describes services, brokers, load, faults and what must hold. [`Scenario::run`] runs it once a seed, in
//! virtual time, and [`Outcome::assert_holds`] fails the test with the smallest schedule that breaks it: five to
//! fifteen events, the faults it took, and the line that replays it.
//!
//! ```
//! use ordain::prelude::*;
//!
//! # fn main() -> Result<(), ScenarioError> {
//! let hello = Scenario::from_text(
//!     "hello",
//!     "
//! scenario: hello
//! brokers: { mail: { kind: sqs } }
//! channels: { letters: { broker: mail, mode: queue, carries: [Letter] } }
//! messages: { Letter: { house: id } }
//! services: { postman: { handles: { Letter: \"call doorbell\" } } }
//! load: { Letter: { count: 10, every: 1s } }
//! ",
//! )?;
//! let outcome = hello.seeds(0..200).run();
//! assert_eq!(outcome.runs(), 200);
//! outcome.assert_holds();
//! # Ok(())
//! # }
//! ```
//!
//! In a test of your own, the scenario is a file:
//!
//! ```no_run
//! # use ordain::prelude::*;
//! # fn main() -> Result<(), ScenarioError> {
//! Scenario::from_file("scenarios/order-saga.yaml")?.seeds(0..1_000).jobs(2).run().assert_holds();
//! # Ok(())
//! # }
//! ```
//!
//! The same seeds give the same outcome on every machine and with every number of jobs.
//!
//! # What is not here yet
//!
//! Services are written in the scenario language. Handing over async Rust handlers as they are is not part of this
//! version. Kept regressions and reports are the command line's: `ordain run` replays the former and writes the latter.
//!
//! # Underneath
//!
//! The crates below are the rooms of the simulation, for those who build worlds, checks or searches in Rust. They change
//! more often than what is above.

mod error;
mod outcome;
mod scenario;

pub use error::ScenarioError;
pub use outcome::Outcome;
pub use scenario::Scenario;

#[doc(no_inline)]
pub use ordain_explore::{DeviationText, Finding};

pub use ordain_brokers as brokers;
pub use ordain_checks as checks;
pub use ordain_explore as explore;
pub use ordain_kernel as kernel;
pub use ordain_report as report;
pub use ordain_scenario as language;
pub use ordain_world as world;

/// What a test needs.
pub mod prelude {
    pub use crate::{Finding, Outcome, Scenario, ScenarioError};
}
