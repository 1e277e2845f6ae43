//! Each check against facts made by hand: one sequence that it alone flags, and one much like it that it passes.

mod after;
mod bench;
mod choreography;
mod converge;
mod delivery;
mod effects;
mod incremental;
mod predicates;
mod quiescence;
mod saga;
mod tally;
