//! From the model to a world and its checks: names become indices, bodies and predicates become programs.

mod bodies;
mod brokers;
mod checks;
mod constants;
mod draw;
mod exprs;
mod faults;
mod load;
mod messages;
mod realise;
mod sagas;
mod scope;
mod services;

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use ordain_brokers::ChannelId;
use ordain_checks::CheckSpec;
use ordain_explore::{Factory, Model};
use ordain_kernel::{Chance, Limits, Names, Span as Time};
use ordain_world::Spec;
use ordain_world::spec::{BrokerId, ExternalId, Horizon, SagaId, ServiceId, TableId, TypeId};

pub use realise::{Realisation, realisation};

pub(crate) use constants::constant;

use crate::Checked;
use crate::capture::Capture;
use crate::diag::{Code, Diagnostic, Report};
use crate::model::Scenario;
use crate::source::Span;

/// The chance that a span such as `20ms..2s` is not at its lower bound, in parts per million.
const SPAN_CHANCE_PPM: u32 = 100_000;

/// A scenario that is ready to run: read, checked, its captured load at hand.
#[derive(Clone, Debug)]
pub struct Runnable {
    scenario: Scenario,
    captures: IndexMap<String, Capture>,
}

impl Runnable {
    /// Prepares a checked scenario: reads captured load (relative to `folder`) and lowers everything once.
    ///
    /// # Errors
    /// The report, with what is wrong; a scenario that has errors already gives its report back.
    pub fn new(checked: Checked, folder: &Path) -> Result<Runnable, Report> {
        let Checked { scenario, mut report } = checked;
        let Some(scenario) = scenario else { return Err(report) };
        let mut captures = IndexMap::new();
        for (message, captured) in scenario.captured() {
            let path: PathBuf = folder.join(&captured.file.value);
            match crate::capture::read(captured, message, &path) {
                Ok(capture) => drop(captures.insert(message.name.value.clone(), capture)),
                Err(error) => report.push(error.diagnostic(captured)),
            }
        }
        if report.has_errors() {
            return Err(report);
        }
        let runnable = Runnable { scenario, captures };
        match runnable.lower() {
            Ok(_) => Ok(runnable),
            Err(diagnostic) => {
                report.push(*diagnostic);
                Err(report)
            }
        }
    }

    /// The scenario behind it.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The commands and lines that captured load gave, by message type.
    pub fn captures(&self) -> &IndexMap<String, Capture> {
        &self.captures
    }

    fn lower(&self) -> Lowered<Model> {
        let mut lowering = Lowering::new(&self.scenario);
        lowering.brokers()?;
        lowering.messages()?;
        lowering.services()?;
        lowering.sagas()?;
        lowering.faults()?;
        lowering.deploys()?;
        let checks: Vec<CheckSpec> = lowering.checks()?;
        let load = lowering.load(&self.captures)?;
        Ok(Model { spec: lowering.spec, checks, load: Box::new(load) })
    }
}

impl Factory for Runnable {
    fn model(&self) -> Model {
        match self.lower() {
            Ok(model) => model,
            Err(diagnostic) => {
                panic!("a scenario that was lowered before cannot be lowered again: {}", diagnostic.text)
            }
        }
    }
}

/// The outcome of a lowering step.
type Lowered<T> = Result<T, Box<Diagnostic>>;

/// What is on its way: the specification so far, and where each name went.
struct Lowering<'a> {
    scenario: &'a Scenario,
    spec: Spec,
    broker_ids: IndexMap<&'a str, BrokerId>,
    channel_ids: IndexMap<&'a str, ChannelId>,
    type_ids: IndexMap<&'a str, TypeId>,
    /// Services, then projections.
    service_ids: IndexMap<&'a str, ServiceId>,
    /// Tables by service or projection, and name.
    table_ids: IndexMap<(&'a str, &'a str), TableId>,
    external_ids: IndexMap<&'a str, ExternalId>,
    saga_ids: IndexMap<&'a str, SagaId>,
}

impl<'a> Lowering<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let horizon = Horizon { load: time(scenario.load_for.value), drain: time(scenario.drain_for.value) };
        let spec = Spec {
            names: Names::default(),
            name: scenario.name.value.clone(),
            horizon,
            limits: Limits::default(),
            types: Vec::new(),
            brokers: Vec::new(),
            channels: Vec::new(),
            subs: Vec::new(),
            services: Vec::new(),
            tables: Vec::new(),
            externals: Vec::new(),
            sagas: Vec::new(),
            saga_tables: Vec::new(),
            deploys: Vec::new(),
            faults: Vec::new(),
            answers: Vec::new(),
            span_chance: Chance::from_ppm(SPAN_CHANCE_PPM),
        };
        Lowering {
            scenario,
            spec,
            broker_ids: IndexMap::new(),
            channel_ids: IndexMap::new(),
            type_ids: IndexMap::new(),
            service_ids: IndexMap::new(),
            table_ids: IndexMap::new(),
            external_ids: IndexMap::new(),
            saga_ids: IndexMap::new(),
        }
    }
}

/// Virtual time.
fn time(duration: std::time::Duration) -> Time {
    Time(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}

/// Both ends of a range of virtual time.
fn times(times: crate::model::Times) -> (Time, Time) {
    (time(times.least), time(times.most))
}

/// Something that the analysis lets through and the world cannot carry.
fn refuse<T>(span: Span, text: impl Into<String>, mend: &str) -> Lowered<T> {
    Err(Box::new(Diagnostic::error(Code::Value, span, text).mend(mend)))
}
