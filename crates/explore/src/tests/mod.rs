//! Tests: the algorithms of this crate on toy runners, and a campaign on a world.

mod by_itself;
mod campaigns;
mod costs;
mod ddmin_laws;
mod payment;
mod races;
mod replays;
mod shrinking;
mod smallest;
mod strikes;
mod toy;
mod traces;
