//! The world: built once from a specification, run as often as you like.

use std::collections::VecDeque;

use indexmap::IndexMap;
use ordain_brokers::kafka::Kafka;
use ordain_brokers::rabbitmq::RabbitMq;
use ordain_brokers::sqs::Sqs;
use ordain_brokers::{Broker, ChannelDef, ChannelId, Duplicates, MsgId, SubId, SubscriptionDef, Topology};
use ordain_kernel::{
    Choices, Decide, Deviation, EventId, Fired, Lane, Names, Plan, Queue, Recording, Rule, Source, Time, Trace,
};

use crate::counts::Counts;
use crate::fact::{Gauges, Observer, View};
use crate::load::Load;
use crate::message::Messages;
use crate::run::Run;
use crate::spec::{BrokerKind, Spec, SubSpec, TypeId};
use crate::state::{BrokerState, DeviationNote, Link, Process, Relay, RelayNext, State};
use crate::table::Tables;
use crate::wiring::Wiring;

/// Where the deviations of a run come from.
pub enum RunSource {
    /// No deviation.
    Calm,
    /// The fault rules, by seed.
    Seed(u64),
    /// Exactly these.
    Plan(Plan),
    /// Somebody else decides.
    Other(Box<dyn Decide>),
}

impl core::fmt::Debug for RunSource {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            RunSource::Calm => f.write_str("Calm"),
            RunSource::Seed(seed) => write!(f, "Seed({seed})"),
            RunSource::Plan(plan) => write!(f, "Plan({})", plan.len()),
            RunSource::Other(_) => f.write_str("Other"),
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing was left to do.
    Quiet,
    /// The observer had seen enough.
    Stopped,
    /// It did not come to rest.
    NotQuiet {
        /// What is stuck, in words, most telling first.
        stuck: Vec<String>,
        /// Which bound was reached.
        why: String,
    },
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// How.
    pub end: End,
    /// When, in virtual time.
    pub at: Time,
    /// Events of the trace.
    pub events: u32,
    /// Events taken from the queue.
    pub popped: u64,
    /// The trace hash.
    pub hash: u128,
}

/// What a recorded run leaves behind.
#[derive(Clone, Debug)]
pub struct WorldTrace {
    /// The events and the paths of their keys.
    pub recording: Recording,
    /// The names of the lanes, by index.
    pub lanes: Vec<String>,
    /// The readable path of each event's key, by event.
    pub paths: Vec<String>,
    /// The deviations with path and words.
    pub deviations: Vec<(DeviationNote, String)>,
}

/// A simulated world.
///
/// Build it from a [`Spec`]; each [`World::run`] starts from the same state. Memory is kept between runs.
#[derive(Debug)]
pub struct World {
    spec: Spec,
    wiring: Wiring,
    state: State,
}

/// Whether messages of this type reach the subscription at all: a Kafka group sees every record of its
/// topic, a queue only what its bindings let in.
pub(crate) fn reaches(spec: &Spec, sub: &SubSpec, ty: TypeId) -> bool {
    let Some(channel) = sub.channel else { return false };
    let broker = spec.channels[channel.0 as usize].broker;
    matches!(spec.brokers[broker.at()].kind, BrokerKind::Kafka(_)) || sub.handlers.iter().any(|(t, _)| *t == ty)
}

fn topology(spec: &Spec, broker: usize) -> Topology {
    let here = |channel: ChannelId| spec.channels[channel.0 as usize].broker.at() == broker;
    let mut out = Topology::default();
    for (at, channel) in spec.channels.iter().enumerate() {
        if channel.broker.at() == broker {
            out.channels.push(ChannelDef {
                id: ChannelId(at as u16),
                name: spec.names.text(channel.name).to_owned(),
                partitions: channel.partitions.max(1),
                routing_keys: channel
                    .carries
                    .iter()
                    .map(|t| spec.names.text(spec.types[t.at()].name).to_owned())
                    .collect(),
            });
        }
    }
    for (at, sub) in spec.subs.iter().enumerate() {
        let Some(channel) = sub.channel.filter(|channel| here(*channel)) else { continue };
        let carrier = &spec.channels[channel.0 as usize];
        let bound = carrier.carries.iter().enumerate().filter(|(_, ty)| reaches(spec, sub, **ty));
        out.subscriptions.push(SubscriptionDef {
            id: SubId(at as u16),
            name: spec.names.text(sub.name).to_owned(),
            channel,
            bindings: bound.map(|(index, _)| index as u16).collect(),
            binding_patterns: Vec::new(),
            retry_max: carrier.retry.max,
            dead_letter: carrier.dead_letter.is_some(),
        });
    }
    out
}

fn processes(spec: &Spec) -> Vec<Process> {
    let mut out: Vec<Process> = Vec::new();
    for (service, of) in spec.services.iter().enumerate() {
        for replica in 0..of.replicas {
            let lane = Lane((1 + spec.brokers.len() + out.len()) as u16);
            out.push(Process {
                service: service as u16,
                replica,
                lane,
                up: true,
                paused: false,
                pauses: 0,
                incarnation: 0,
                buffer: VecDeque::new(),
                active: Vec::new(),
                clients: Vec::new(),
                stalled: Vec::new(),
                relay_stalled: false,
                down_cause: EventId::NONE,
            });
        }
    }
    out
}

impl World {
    /// Builds the world of a specification.
    #[must_use]
    pub fn new(spec: Spec) -> World {
        let mut names = spec.names.clone();
        let mut choices = Choices::default();
        let wiring = Wiring::new(&spec, &mut names, &mut choices);
        let mut queue = Queue::default();
        queue.set_limits(spec.limits);
        let brokers = spec.brokers.iter().enumerate();
        let brokers = brokers
            .map(|(at, broker)| {
                let topology = topology(&spec, at);
                let model: Box<dyn Broker> = match &broker.kind {
                    BrokerKind::Kafka(o) => Box::new(Kafka::new(*o, &topology, &mut choices, &mut names)),
                    BrokerKind::RabbitMq(o) => Box::new(RabbitMq::new(*o, &topology, &mut choices, &mut names)),
                    BrokerKind::Sqs(o) => Box::new(Sqs::new(*o, &topology, &mut choices, &mut names)),
                };
                let lost_ack = model.duplicates() != Duplicates::ExtraDelivery;
                BrokerState { model, lost_ack, armed: None }
            })
            .collect();
        names.seal();
        let relays = spec.services.iter().map(|service| {
            service.outbox.map(|_| Relay {
                rows: VecDeque::new(),
                batch: 0,
                next: RelayNext::Idle,
                process: 0,
                run: 0,
                armed: false,
                last: EventId::NONE,
                marking: MsgId(0),
            })
        });
        let state = State {
            queue,
            choices,
            trace: Trace::default(),
            names,
            messages: Messages::default(),
            tables: Tables::new(&spec.tables),
            gauges: Gauges::default(),
            brokers,
            effects: Vec::new(),
            processes: processes(&spec),
            robins: vec![0; spec.services.len()],
            handlings: Vec::new(),
            free: Vec::new(),
            in_flight: 0,
            clients: Vec::new(),
            links: (0..spec.services.len() * spec.brokers.len()).map(|_| Link::default()).collect(),
            publishes: Vec::new(),
            relays: relays.collect(),
            outbox_rows: 0,
            waiting: VecDeque::new(),
            woken: Vec::new(),
            freed: Vec::new(),
            watched: Vec::new(),
            deliveries: Counts::default(),
            copies_left: IndexMap::default(),
            failures: IndexMap::default(),
            inbox: IndexMap::default(),
            effect_counts: IndexMap::default(),
            calls: Vec::new(),
            timers: Vec::new(),
            timers_of: IndexMap::default(),
            held: Vec::new(),
            held_live: 0,
            past_live: 0,
            changes: Vec::new(),
            draining: false,
            stopped: false,
            notes: Vec::new(),
            fault_counts: vec![0; spec.faults.len()],
            refused_requests: 0,
            scratch: Vec::new(),
        };
        World { spec, wiring, state }
    }

    /// Runs the load once. The same load and the same deviations give the same trace, byte for byte.
    pub fn run(&mut self, load: &Load, source: RunSource, record: bool, observer: &mut dyn Observer) -> RunEnd {
        self.reset();
        let choices = &mut self.state.choices;
        match source {
            RunSource::Calm => choices.begin(Source::Calm),
            RunSource::Seed(seed) => choices.begin_seeded(seed),
            RunSource::Plan(plan) => choices.begin(Source::Plan(plan)),
            RunSource::Other(decide) => choices.begin(Source::Other(decide)),
        }
        self.state.trace.begin(record);
        let run = Run::new(&self.spec, &self.wiring, &mut self.state, load, observer);
        run.complete()
    }

    fn reset(&mut self) {
        let s = &mut self.state;
        s.queue.reset();
        s.names.reset();
        s.messages.reset();
        s.tables.reset(&self.spec.tables);
        s.gauges.reset();
        for broker in &mut s.brokers {
            broker.model.reset();
            broker.armed = None;
        }
        s.effects.clear();
        for process in &mut s.processes {
            (process.up, process.paused, process.pauses, process.incarnation) = (true, false, 0, 0);
            process.buffer.clear();
            process.active.clear();
            process.clients.clear();
            process.stalled.clear();
            process.relay_stalled = false;
            process.down_cause = EventId::NONE;
        }
        s.robins.fill(0);
        s.free.clear();
        for (slot, handling) in s.handlings.iter_mut().enumerate() {
            handling.live = false;
            handling.generation = 0;
            handling.program = None;
            handling.tx.abandon();
            s.free.push(slot as u32);
        }
        s.free.reverse();
        s.in_flight = 0;
        s.clients.clear();
        for link in &mut s.links {
            (link.cut, link.cuts) = (false, 0);
            link.out.clear();
            link.back.clear();
        }
        s.publishes.clear();
        for relay in s.relays.iter_mut().flatten() {
            relay.rows.clear();
            (relay.batch, relay.next, relay.run, relay.armed) = (0, RelayNext::Idle, 0, false);
        }
        s.outbox_rows = 0;
        s.waiting.clear();
        s.woken.clear();
        s.freed.clear();
        s.deliveries.clear();
        s.copies_left.clear();
        s.failures.clear();
        s.inbox.clear();
        s.effect_counts.clear();
        s.calls.clear();
        s.timers.clear();
        s.timers_of.clear();
        s.held.clear();
        (s.held_live, s.past_live) = (0, 0);
        s.changes.clear();
        (s.draining, s.stopped) = (false, false);
        s.notes.clear();
        s.fault_counts.fill(0);
        s.refused_requests = 0;
    }

    /// The specification.
    #[must_use]
    pub const fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The fault and answer rules, in the order of the specification's faults first.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        self.state.choices.rules()
    }

    /// The deviations of the last run, in the order in which they were drawn.
    #[must_use]
    pub fn fired(&self) -> &[Fired] {
        self.state.choices.fired()
    }

    /// The deviations of the last run's plan that never came up.
    #[must_use]
    pub fn unmatched(&self) -> Vec<Deviation> {
        self.state.choices.plan().map(|plan| plan.unmatched().copied().collect()).unwrap_or_default()
    }

    /// How often each declared fault struck in the last run, by index of [`Spec::faults`].
    #[must_use]
    pub fn fault_counts(&self) -> &[u64] {
        &self.state.fault_counts
    }

    /// Requests that found no live replica in the last run, and were tried again.
    #[must_use]
    pub const fn refused_requests(&self) -> u64 {
        self.state.refused_requests
    }

    /// The committed state at the end of the last run.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View {
            spec: &self.spec,
            names: &self.state.names,
            messages: &self.state.messages,
            tables: &self.state.tables,
            changes: &[],
            gauges: &self.state.gauges,
        }
    }

    /// The names of the lanes, by index.
    #[must_use]
    pub fn lanes(&self) -> Vec<String> {
        let text = |sym| self.spec.names.text(sym);
        let mut lanes = vec!["load".to_owned()];
        lanes.extend(self.spec.brokers.iter().map(|b| text(b.name).to_owned()));
        for process in &self.state.processes {
            let service = &self.spec.services[process.service as usize];
            let name = text(service.name);
            lanes.push(if service.replicas > 1 { format!("{name}/{}", process.replica) } else { name.to_owned() });
        }
        lanes.extend(self.spec.externals.iter().map(|e| text(e.name).to_owned()));
        lanes
    }

    /// The trace of the last run, when it was recorded.
    pub fn take_trace(&mut self) -> Option<WorldTrace> {
        let recording = *self.state.trace.take()?;
        let names: &Names = &self.state.names;
        let paths = recording.events.iter().map(|event| recording.path(names, event.key)).collect();
        let notes = std::mem::take(&mut self.state.notes);
        let deviations = notes
            .into_iter()
            .map(|note| {
                let path = recording.path(names, note.deviation.key);
                (note, path)
            })
            .collect();
        Some(WorldTrace { paths, deviations, lanes: self.lanes(), recording })
    }
}
