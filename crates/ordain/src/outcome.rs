//! What a campaign came to, and how a test reads it.

use std::fmt::Write;

use ordain_explore::{Finding, story};
use ordain_report::{Look, story as terminal};

/// What a campaign came to: the same for the same scenario and seeds, whatever the machine.
#[derive(Clone, Debug)]
#[must_use = "an outcome says nothing until it is asked, for example by `assert_holds`"]
pub struct Outcome {
    file: String,
    campaign: ordain_explore::Outcome,
}

impl Outcome {
    pub(crate) fn new(file: String, campaign: ordain_explore::Outcome) -> Outcome {
        Outcome { file, campaign }
    }

    /// Whether every run held, and every `sometimes` check held in some run.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.campaign.failed() && self.campaign.never_held().is_empty()
    }

    /// The distinct failures, each shrunk to the fewest commands and deviations; the lowest seed first.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.campaign.findings
    }

    /// The first finding of a check, by the name that the scenario gives it.
    #[must_use]
    pub fn finding(&self, check: &str) -> Option<&Finding> {
        self.findings().iter().find(|finding| finding.violation.signature.check == check)
    }

    /// How many seeds were run.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.campaign.sums.runs
    }

    /// The declared faults that struck in no run: what a pass says nothing about.
    #[must_use]
    pub fn never_fired(&self) -> Vec<&str> {
        self.campaign.never_fired()
    }

    /// The `sometimes` checks that held in no run.
    #[must_use]
    pub fn never_held(&self) -> Vec<&str> {
        self.campaign.never_held()
    }

    /// Everything else that the campaign counted.
    #[must_use]
    pub fn campaign(&self) -> &ordain_explore::Outcome {
        &self.campaign
    }

    /// What went wrong, for people: the story of each finding and the line that replays it. Empty when all holds.
    #[must_use]
    pub fn story(&self) -> String {
        let mut text = String::new();
        for finding in self.findings() {
            let deviations: Vec<_> = finding.deviations.iter().map(|deviation| deviation.event).collect();
            let events = story(&finding.trace, &finding.violation, &deviations);
            let replay = format!("ordain replay {} --seed {}", self.file, finding.seed);
            text.push_str(&terminal::render(finding, &events, &replay, Look::default()));
            text.push('\n');
        }
        for check in self.never_held() {
            let _ = writeln!(text, "never held: {check}, in {} runs", self.runs());
        }
        text
    }

    /// Passes when every run held.
    ///
    /// # Panics
    /// With the [story](Outcome::story) of what broke, when something did; and when no seed was run, which shows nothing.
    #[track_caller]
    pub fn assert_holds(&self) {
        assert!(self.runs() > 0, "{}: no seed was run", self.file);
        assert!(self.holds(), "{} does not hold\n\n{}", self.file, self.story());
    }
}
