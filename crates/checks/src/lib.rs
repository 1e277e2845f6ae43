//! Facts in, verdicts out: the checks that judge a run.
//!
//! [`Checks`] observes a run as an [`ordain_world::Observer`], evaluates incrementally, and never knows how the
//! run was chosen. At the end [`Checks::finish`] settles what can only be judged at quiet, and
//! [`Checks::tally`] says how much there was to judge: the vacuity counters that come with every pass.

mod after;
mod checks;
mod choreography;
mod conjunct;
mod converge;
mod effects;
mod evidence;
mod finish;
mod gauge;
mod groups;
mod hear;
mod invariant;
mod loss;
mod now;
mod order;
mod progress;
mod quiescence;
mod routes;
mod saga;
mod shape;
mod sink;
mod spec;
mod text;
mod verdict;

pub use checks::Checks;
pub use finish::Finish;
pub use spec::{CheckKind, CheckSpec, Moment, SagaAction, Severity};
pub use verdict::{CheckTally, Grade, Signature, Tally, VIOLATIONS_MAX, Violation};
