//! A scenario and the campaign that is to be run on it.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use ordain_explore::{Campaign, Hooks};
use ordain_scenario::source::Source;
use ordain_scenario::{Checked, Runnable, check, check_file};

use crate::{Outcome, ScenarioError};

/// A scenario, and how to run it: 1,000 seeds on one thread unless told otherwise.
#[derive(Clone, Debug)]
#[must_use = "a scenario does nothing until `run`"]
pub struct Scenario {
    runnable: Runnable,
    file: String,
    campaign: Campaign,
}

impl Scenario {
    /// Reads a scenario file. A relative path counts from the current folder: in a test, that of the package's manifest.
    ///
    /// # Errors
    /// All that is wrong with it, or why it cannot be read.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Scenario, ScenarioError> {
        let path = path.as_ref();
        let folder = path.parent().unwrap_or(Path::new(""));
        Scenario::new(check_file(path), path.display().to_string(), folder)
    }

    /// Reads a scenario from a text; `name` stands for the file in diagnostics and stories. Captured load that it names
    /// is looked for in the current folder.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn from_text(name: &str, text: &str) -> Result<Scenario, ScenarioError> {
        Scenario::new(check(Source::new(name, text)), name.to_owned(), Path::new(""))
    }

    fn new(checked: Checked, file: String, folder: &Path) -> Result<Scenario, ScenarioError> {
        let runnable = Runnable::new(checked, folder).map_err(ScenarioError::new)?;
        Ok(Scenario { runnable, file, campaign: Campaign::default() })
    }

    /// Runs exactly these seeds.
    pub fn seeds(mut self, seeds: Range<u64>) -> Scenario {
        self.campaign.seeds = seeds;
        self
    }

    /// Runs on so many threads; zero counts as one. The outcome does not depend on it.
    pub fn jobs(mut self, jobs: usize) -> Scenario {
        self.campaign.jobs = jobs.max(1);
        self
    }

    /// Ends at the lowest seed that fails.
    pub fn fail_fast(mut self) -> Scenario {
        self.campaign.fail_fast = true;
        self
    }

    /// Runs the campaign: each seed once; what fails is shrunk, proved minimal and run twice.
    pub fn run(&self) -> Outcome {
        let interrupted = AtomicBool::new(false);
        let outcome = self.campaign.run(&self.runnable, &Hooks::quiet(&interrupted));
        Outcome::new(self.file.clone(), outcome)
    }
}
