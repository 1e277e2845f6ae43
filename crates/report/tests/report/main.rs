//! Reports of a double charge made by hand: how they look, and that they are well formed.

mod fixture;
mod markup;
mod page;
mod snapshots;
mod terminal;
