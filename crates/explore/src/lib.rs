//! Campaigns over many runs, shrinking and replay: everything that decides *which* runs are made.
//!
//! A [`Factory`] builds a [`Model`] (a world's specification, its checks and its load) once a thread; a [`Sim`] runs
//! it. [`Campaign`] runs seeds on all cores with results that do not depend on the number of threads, and turns each
//! distinct failure into a [`Finding`]; [`shrink()`] makes a failure small; [`replay()`] judges a stored one.
//!
//! Nothing here depends on the world: all works on a [`Runner`], which maps a [`Job`] to a [`RunReport`].

mod asks;
mod bounds;
mod calm;
mod campaign;
mod candidate;
mod cases;
mod ddmin;
mod diff;
mod fewer;
mod finding;
mod investigate;
mod met;
mod model;
mod polish;
mod purse;
mod readable;
mod replay;
mod run;
mod seeds;
mod shrink;
mod sim;
mod simpler;
mod slice;
mod smallest;
mod sums;
#[cfg(test)]
mod tests;
mod tighten;
mod told;
mod twin;
mod values;

pub use campaign::{Campaign, Hooks, Kept, KeptResult, Outcome, Progress};
pub use ddmin::{Probe, ddmin};
pub use diff::{Difference, Row, align, first_difference};
pub use finding::{DeviationText, Finding, TraceData};
pub use met::Met;
pub use model::{Factory, LoadGen, Model};
pub use replay::{Replayed, Stored, Verdict, replay};
pub use run::{About, CheckAbout, Job, JobSource, MakeRunner, Reason, RunReport, Runner};
pub use seeds::Ended;
pub use shrink::{Limits, Shrunk, Start, shrink};
pub use sim::Sim;
pub use slice::story;
pub use sums::{Failure, SEEDS_MAX, Sums};
pub use twin::{Twin, twin};
