//! The simulated world as a runner: a world, its checks and its load.

use ordain_checks::{CheckKind, CheckSpec, Checks, Finish};
use ordain_kernel::{Draw, EventId};
use ordain_world::{End, Load, RunEnd, RunSource, Spec, World, WorldTrace};

use crate::finding::{DeviationText, TraceData};
use crate::model::{LoadGen, Model};
use crate::run::{About, CheckAbout, Job, JobSource, Reason, RunReport, Runner};

/// A world and its checks, ready to run. Memory is kept from run to run.
pub struct Sim {
    world: World,
    checks: Checks,
    load: Box<dyn LoadGen>,
    about: About,
}

impl Sim {
    /// Builds the world and the checks of a model.
    ///
    /// # Panics
    /// When the model is inconsistent: lowering has checked that.
    #[must_use]
    pub fn new(model: Model) -> Sim {
        let checks = Checks::new(model.checks.clone(), &model.spec);
        let world = World::new(model.spec);
        let draws = world.rules().iter().map(|rule| rule.draw.clone()).collect();
        let about = about(world.spec(), &model.checks, draws);
        Sim { world, checks, load: model.load, about }
    }

    /// The world, as the last run left it.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    fn report(&mut self, end: RunEnd) -> RunReport {
        let mut report = RunReport {
            hash: end.hash,
            events: u64::from(end.events),
            popped: end.popped,
            violations: self.checks.violations().to_vec(),
            fired: self.world.fired().iter().map(|fired| fired.deviation).collect(),
            reasons: self.world.fired().iter().map(|fired| Reason { site: fired.site, rule: fired.rule }).collect(),
            fault_counts: self.world.fault_counts().to_vec(),
            unmatched: self.world.unmatched().len(),
            tally: self.checks.tally().clone(),
            ended_at: end.at,
            trace: None,
            deviation_texts: Vec::new(),
        };
        if let Some(trace) = self.world.take_trace() {
            let (data, texts) = rendered(trace, &end);
            (report.trace, report.deviation_texts) = (Some(data), texts);
        }
        report
    }
}

impl Runner for Sim {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn load(&mut self, seed: u64) -> Load {
        self.load.load(seed)
    }

    fn run(&mut self, job: Job<'_>) -> RunReport {
        self.checks.stop_on(job.stop_on.cloned());
        self.checks.begin();
        let source = match job.source {
            JobSource::Calm => RunSource::Calm,
            JobSource::Seed(seed) => RunSource::Seed(seed),
            JobSource::Plan(plan) => RunSource::Plan(plan.clone()),
            JobSource::Other(decide) => RunSource::Other(decide),
        };
        let end = self.world.run(job.load, source, job.record, &mut self.checks);
        let finish = match &end.end {
            End::Quiet => Finish::Quiet,
            End::Stopped => Finish::Stopped,
            End::NotQuiet { stuck, why } => Finish::NotQuiet { stuck: stuck.clone(), why: why.clone() },
        };
        self.checks.finish(&self.world.view(), end.at, EventId(end.events), finish);
        self.report(end)
    }
}

fn rendered(trace: WorldTrace, end: &RunEnd) -> (TraceData, Vec<DeviationText>) {
    let text = |(note, path): (ordain_world::DeviationNote, String)| DeviationText {
        deviation: note.deviation,
        path,
        words: note.words,
        event: note.event,
    };
    let texts = trace.deviations.into_iter().map(text).collect();
    let (events, lanes, paths) = (trace.recording.events, trace.lanes, trace.paths);
    (TraceData { events, lanes, paths, hash: end.hash, ended_at: end.at }, texts)
}

fn about(spec: &Spec, checks: &[CheckSpec], draws: Vec<Draw>) -> About {
    let check = |check: &CheckSpec| CheckAbout {
        name: check.name.clone(),
        severity: check.severity,
        sometimes: matches!(check.kind, CheckKind::Sometimes(_)),
    };
    About {
        faults: spec.faults.iter().map(|fault| fault.text.clone()).collect(),
        checks: checks.iter().map(check).collect(),
        draws,
    }
}
