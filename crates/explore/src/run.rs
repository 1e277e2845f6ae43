//! One run: what is asked for, and what comes back.

use ordain_checks::{Severity, Signature, Tally, Violation};
use ordain_kernel::{Decide, Deviation, Draw, Plan, RuleId, Site, Time};
use ordain_world::Load;

use crate::finding::{DeviationText, TraceData};

/// Where the deviations of a run come from.
pub enum JobSource<'a> {
    /// Nowhere: every choice at its default.
    Calm,
    /// A seed and the declared faults.
    Seed(u64),
    /// Exactly these.
    Plan(&'a Plan),
    /// Somebody else decides: enumeration, guided search.
    Other(Box<dyn Decide>),
}

/// A run to be made.
pub struct Job<'a> {
    /// The commands.
    pub load: &'a Load,
    /// The deviations.
    pub source: JobSource<'a>,
    /// Whether to keep the trace and the words of the deviations.
    pub record: bool,
    /// Ends the run as soon as this is seen.
    pub stop_on: Option<&'a Signature>,
}

impl<'a> Job<'a> {
    /// A run of `load` from `source`: unrecorded, to its end.
    ///
    /// ```
    /// use ordain_explore::{Job, JobSource};
    /// let load = ordain_world::Load::default();
    /// let job = Job::new(&load, JobSource::Seed(7)).recorded();
    /// assert!(job.record && job.stop_on.is_none());
    /// ```
    #[must_use]
    pub fn new(load: &'a Load, source: JobSource<'a>) -> Job<'a> {
        Job { load, source, record: false, stop_on: None }
    }

    /// The same, recorded.
    #[must_use]
    pub fn recorded(mut self) -> Job<'a> {
        self.record = true;
        self
    }

    /// The same, ended as soon as `signature` is seen.
    #[must_use]
    pub fn until(mut self, signature: &'a Signature) -> Job<'a> {
        self.stop_on = Some(signature);
        self
    }
}

/// Why a deviation could happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The place where its choice was put.
    pub site: Site,
    /// The rule behind it; in a run of a plan the first rule of the place.
    pub rule: Option<RuleId>,
}

/// What a run showed.
#[derive(Clone, Debug, Default)]
pub struct RunReport {
    /// The trace hash.
    pub hash: u128,
    /// Trace events.
    pub events: u64,
    /// Events taken from the queue.
    pub popped: u64,
    /// What is violated, in the order in which it was seen.
    pub violations: Vec<Violation>,
    /// The deviations that happened, in order.
    pub fired: Vec<Deviation>,
    /// Why each of them could happen, in the same order.
    pub reasons: Vec<Reason>,
    /// How often each declared fault struck, by its index in the specification.
    pub fault_counts: Vec<u64>,
    /// How many entries of the plan met no choice.
    pub unmatched: usize,
    /// How much there was to judge.
    pub tally: Tally,
    /// When it ended.
    pub ended_at: Time,
    /// The recorded run, when that was asked for.
    pub trace: Option<TraceData>,
    /// The deviations as people read them, when recorded; in order.
    pub deviation_texts: Vec<DeviationText>,
}

impl RunReport {
    /// The violation with this signature, if the run showed it.
    #[must_use]
    pub fn shows(&self, signature: &Signature) -> Option<&Violation> {
        self.violations.iter().find(|violation| violation.signature == *signature)
    }

    /// The violations that fail the run.
    pub fn errors(&self) -> impl Iterator<Item = &Violation> {
        self.violations.iter().filter(|violation| violation.severity == Severity::Error)
    }
}

/// A check, as far as a campaign must know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckAbout {
    /// Its name.
    pub name: String,
    /// How serious.
    pub severity: Severity,
    /// Whether it is a coverage check: it must hold in some run of the campaign.
    pub sometimes: bool,
}

/// What a campaign must know about the model that it runs.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct About {
    /// The texts of the declared faults.
    pub faults: Vec<String>,
    /// The checks, in the order of the scenario.
    pub checks: Vec<CheckAbout>,
    /// How each rule draws its values, by [`RuleId`]: so no shrunk fault is one that cannot happen.
    pub draws: Vec<Draw>,
}

/// Makes runs: a world with its checks, or a toy in a test. One run is a pure function of its job.
pub trait Runner {
    /// What there is to know about the model.
    fn about(&self) -> About;
    /// The load of `seed`.
    fn load(&mut self, seed: u64) -> Load;
    /// Makes a run.
    fn run(&mut self, job: Job<'_>) -> RunReport;
}

/// Makes a runner for a thread. Each call gives an equal one.
pub type MakeRunner<'a> = &'a (dyn Fn() -> Box<dyn Runner> + Sync);
