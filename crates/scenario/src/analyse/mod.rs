//! What the scenario means: names resolved, types checked, rules of the language and of the brokers held.

mod bodies;
mod channels;
mod checks;
mod exprs;
mod faults;
mod kinds;
mod load;
mod names;
mod sagas;
mod scope;
mod services;
mod times;

pub(crate) use bodies::pun;
#[cfg(test)]
pub(crate) use exprs::words;
pub use names::{Handler, emitted_versions};

use crate::diag::{Code, Diagnostic, Report};
use crate::model::Scenario;
use crate::source::Span;

/// Checks a scenario and fills in what it implies, such as external systems that are only called.
pub(crate) fn analyse(scenario: &mut Scenario, report: &mut Report) {
    let misread = report.has_errors();
    names::implied_externals(scenario, report);
    let mut analysis = Analysis { scenario, report };
    analysis.channels();
    analysis.services();
    analysis.sagas();
    analysis.load();
    analysis.faults();
    analysis.checks();
    if !analysis.report.has_errors() {
        analysis.times();
    }
    if misread {
        // What was misread has stand-ins, and a warning about a stand-in would mislead.
        report.drop_warnings();
    }
}

/// One pass over a scenario.
struct Analysis<'a> {
    scenario: &'a Scenario,
    report: &'a mut Report,
}

impl Analysis<'_> {
    fn error(&mut self, code: Code, span: Span, text: impl Into<String>, mend: impl Into<String>) {
        self.report.push(Diagnostic::error(code, span, text).mend(mend));
    }

    fn warn(&mut self, code: Code, span: Span, text: impl Into<String>, mend: impl Into<String>) {
        self.report.push(Diagnostic::warning(code, span, text).mend(mend));
    }
}
