//! Tests on toy runners: the algorithms of this crate without a world.

mod campaigns;
mod ddmin_laws;
mod replays;
mod shrinking;
mod toy;
mod traces;
