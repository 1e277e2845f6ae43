//! Findings as stories, causality graphs, HTML, JSON and JUnit.
//!
//! Everything here is a pure function of data to text: no files, no clock, no network, and the same input gives
//! the same bytes on every machine. A campaign is handed over as [`ScenarioResult`]s; a single finding and its
//! story (the five to fifteen events that tell it) are enough for the rest.
//!
//! | for | call |
//! |---|---|
//! | the terminal, one finding | [`story::render`], and [`story::event_log`] for the whole log |
//! | the terminal, a campaign | [`summary::render`] |
//! | pictures | [`graph::CausalGraph`], then [`dot::render`], [`mermaid::flowchart`], [`mermaid::sequence`], [`svg::render`] |
//! | a page to step through | [`html::page`] |
//! | machines | [`json::render`], [`junit::render`] |
//!
//! ```
//! use ordain_report::{Look, ScenarioResult, summary};
//! let outbox = ScenarioResult { name: "outbox".to_owned(), runs: 500, ..ScenarioResult::default() };
//! assert!(summary::render(&[outbox], Look::default()).starts_with("pass  outbox  500 runs"));
//! ```
//!
//! This crate does not know how a run was chosen, and it reads nothing but its arguments.

pub mod dot;
mod escape;
pub mod graph;
pub mod html;
mod input;
pub mod json;
pub mod junit;
mod kind;
mod marks;
pub mod mermaid;
mod paint;
pub mod story;
pub mod summary;
pub mod svg;
mod text;
mod view;
mod wording;

pub use graph::{CausalGraph, Scope};
pub use input::{CheckLine, CommandText, FindingFiles, ScenarioResult};
pub use marks::Marks;
pub use paint::{Look, Paint};
