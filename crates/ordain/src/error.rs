//! What is wrong with a scenario.

use std::fmt;

use ordain_scenario::diag::Report;

/// A scenario that cannot run: all that is wrong with it, each with its place and a mend.
///
/// Both `{}` and `{:?}` give the diagnostics as `ordain check` prints them, so that a test that ends in `?` can be read.
///
/// ```
/// use ordain::Scenario;
///
/// let error = Scenario::from_text("tiny.yaml", "scenario: tiny\nchanels: {}\n").unwrap_err();
/// assert!(error.to_string().contains("did you mean `channels`?"));
/// ```
#[derive(Clone)]
pub struct ScenarioError {
    report: Report,
}

impl ScenarioError {
    pub(crate) fn new(report: Report) -> ScenarioError {
        ScenarioError { report }
    }

    /// The diagnostics.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.report.render(false).trim_end())
    }
}

impl fmt::Debug for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the scenario cannot run\n{self}")
    }
}

impl std::error::Error for ScenarioError {}
