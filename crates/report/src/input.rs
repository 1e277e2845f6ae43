//! What reports are made of: the results of scenarios, as plain data that the caller fills.

use ordain_checks::{Severity, Tally};
use ordain_explore::Finding;
use ordain_kernel::{EventId, Time};

use crate::{kind, story};

/// One scenario of a campaign.
#[derive(Clone, Debug, Default)]
pub struct ScenarioResult {
    /// Its name.
    pub name: String,
    /// Its file, as the user named it.
    pub path: String,
    /// How many runs were made.
    pub runs: u64,
    /// How many events they had together.
    pub events: u64,
    /// How long that took, in milliseconds of wall time.
    pub wall_ms: u64,
    /// The declared faults that never fired, as the scenario spells them.
    pub faults_never_fired: Vec<String>,
    /// The `sometimes` checks that never held.
    pub never_held: Vec<String>,
    /// Checks of severity `warn`, with the number of runs that violated them.
    pub warnings: Vec<(String, u64)>,
    /// The checks, in the order of the scenario.
    pub checks: Vec<CheckLine>,
    /// How much there was to judge, over all runs.
    pub tally: Tally,
    /// The distinct failures.
    pub findings: Vec<FindingFiles>,
}

impl ScenarioResult {
    /// Whether the scenario failed: a finding that is more than a warning, or a `sometimes` that never held.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.failures() > 0 || !self.never_held.is_empty()
    }

    /// How many findings are more than warnings.
    #[must_use]
    pub fn failures(&self) -> usize {
        self.findings.iter().filter(|f| f.finding.violation.severity == Severity::Error).count()
    }
}

/// A check, and how often it was put to the test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckLine {
    /// Its name.
    pub name: String,
    /// How often it was evaluated.
    pub evaluated: u64,
    /// How many subjects it judged: triggers, keys, instances, messages.
    pub subjects: u64,
    /// In how many runs it failed.
    pub failed_runs: u64,
}

/// A command of the load that is left, as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandText {
    /// `c7`.
    pub id: String,
    /// When it is issued.
    pub at: Time,
    /// What it is: `PlaceOrder(c7) {qty 2}`.
    pub words: String,
}

/// A finding with what the caller made of it.
#[derive(Clone, Debug)]
pub struct FindingFiles {
    /// The finding.
    pub finding: Finding,
    /// The events that tell it, five to fifteen of them.
    pub story: Vec<EventId>,
    /// The files that were written for it, relative to the output directory.
    pub files: Vec<String>,
    /// The command line that replays it.
    pub replay: String,
    /// The commands that are left.
    pub commands: Vec<CommandText>,
}

impl FindingFiles {
    /// A finding with its story, cut to what is told, and its replay line; the commands are described by the events that issued them.
    #[must_use]
    pub fn new(finding: Finding, story: Vec<EventId>, replay: String) -> FindingFiles {
        let commands = commands_of(&finding);
        let story = story::at_most(&finding, &story);
        FindingFiles { finding, story, files: Vec::new(), replay, commands }
    }
}

fn commands_of(finding: &Finding) -> Vec<CommandText> {
    let trace = &finding.trace;
    let issued =
        |id: &str| trace.events.iter().zip(&trace.paths).find(|(e, path)| e.code == kind::ISSUED && *path == id);
    let command = |number: u32, at: Time| {
        let id = format!("c{number}");
        let words = issued(&id).map_or(id.as_str(), |(event, _)| &event.text);
        let words = words.strip_prefix("issues ").unwrap_or(words).to_owned();
        CommandText { id, at, words }
    };
    finding.load.commands.iter().map(|c| command(c.number, c.at)).collect()
}
