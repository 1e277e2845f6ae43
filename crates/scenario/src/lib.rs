//! The scenario language: YAML in, a world and its checks out, with diagnostics.
//!
//! A file is read in three steps: [`yaml`] builds a tree that knows where everything stands; the tree is read into a
//! [`model::Scenario`] by the one table of [`keys`]; the scenario is analysed. Every step collects what is wrong in a
//! [`diag::Report`] and goes on.
//!
//! ```
//! use ordain_scenario::{check, source::Source};
//!
//! let text = "scenario: tiny\nbrokers: { bus: { kind: kafka } }\nchanels: {}\n";
//! let checked = check(Source::new("tiny.yaml", text));
//! assert!(checked.scenario.is_none());
//! assert!(checked.report.render(false).contains("did you mean `channels`?"));
//! ```

mod analyse;
pub mod capture;
pub mod diag;
pub mod keys;
mod lower;
pub mod model;
mod protections;
mod read;
pub mod regression;
pub mod source;
pub mod suggest;
pub mod syntax;
pub mod yaml;

use std::path::Path;

pub use analyse::{Handler, emitted_versions};
use diag::Report;
pub use lower::{Realisation, Runnable, realisation};
use model::Scenario;
use source::Source;

/// The outcome of reading a scenario.
#[derive(Debug)]
pub struct Checked {
    /// The scenario; none if there was an error.
    pub scenario: Option<Scenario>,
    /// All that was found.
    pub report: Report,
}

/// Reads and checks a scenario text.
pub fn check(source: Source) -> Checked {
    let mut report = Report::new(source.clone());
    let scenario = read::read(&source, &mut report).map(|mut scenario| {
        analyse::analyse(&mut scenario, &mut report);
        scenario
    });
    let scenario = scenario.filter(|_| !report.has_errors());
    Checked { scenario, report }
}

/// Reads and checks a scenario file.
pub fn check_file(path: &Path) -> Checked {
    match Source::open(path) {
        Ok(source) => check(source),
        Err(report) => Checked { scenario: None, report },
    }
}
