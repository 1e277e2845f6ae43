//! The mutable state of one run: processes, handlings, clients, links, relays. Reset, never reallocated.

use std::collections::VecDeque;

use indexmap::IndexMap;
use ordain_brokers::{Broker, Effect, Input, MsgId, SubId, Tag, Token};
use ordain_kernel::{Choices, Deviation, EventId, Key, Lane, Names, Queue, Span, Ticket, Time, Trace, Value as Choice};
use rustc_hash::FxBuildHasher;

use crate::counts::Counts;
use crate::fact::{Gauges, SagaTurn};
use crate::message::{Messages, SagaRef};
use crate::program::{CallAnswer, Frame, Outgoing, TimerOp};
use crate::spec::{ExternalId, SagaId, ServiceSpec};
use crate::table::{Change, RowLock, Tables, Transaction};
use crate::value::Value;

/// An event of the world.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ev {
    /// Command number `0` of the load (its position) is issued.
    Command(u32),
    /// A client's frame arrives at a broker.
    ToBroker { broker: u16, input: Input, cause: EventId },
    /// A delivery arrives at a client.
    Arrive(Delivery),
    /// A producer's answer arrives.
    Confirmed { token: Token, stored: bool, cause: EventId },
    /// A consumer learns that deliveries are void.
    Revoked { client: u32, lane: Option<u32> },
    /// A request arrives at a process.
    Request { process: u16, sub: SubId, msg: MsgId, cause: EventId },
    /// A sleeping handling goes on.
    Resume(Handle),
    /// An external call answers.
    CallDone(u32),
    /// A broker's deadline.
    Wake(u16),
    /// A process comes back.
    Restart(u16),
    /// A paused process goes on; the number says which pause.
    Unpause { process: u16, pause: u32 },
    /// A relay looks at its outbox.
    RelayTick(u16),
    /// A saga timer fires.
    Timer(u32),
    /// A timed fault strikes.
    Strike { fault: u16, n: u32, lasts: Span },
    /// A partition heals.
    Heal { service: u16, broker: u16, cut: u32 },
    /// A held delivery is let go.
    Release(u32),
    /// The load phase ends at the latest.
    Horizon,
    /// The drain ends at the latest.
    DrainEnd,
}

/// A delivery on its way to a consumer, or in its buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    pub(crate) client: u32,
    pub(crate) sub: SubId,
    pub(crate) msg: MsgId,
    pub(crate) tag: Tag,
    pub(crate) lane: Option<u32>,
    pub(crate) epoch: u32,
    pub(crate) n: u32,
    pub(crate) key: Key,
    pub(crate) redelivered: bool,
    pub(crate) cause: EventId,
}

/// The client number of deliveries that no broker made: requests and saga timers.
pub(crate) const NO_CLIENT: u32 = u32::MAX;

/// A reference to a handling that notices when its slot was reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Handle {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

/// What a handling does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Open,
    Body,
    Commit { last: bool },
    Publish { last: bool },
    Ack,
    End,
}

/// A handling under way.
#[derive(Debug)]
pub(crate) struct Handling {
    pub(crate) generation: u32,
    pub(crate) live: bool,
    pub(crate) process: u16,
    pub(crate) service: u16,
    pub(crate) lane: Lane,
    pub(crate) delivery: Delivery,
    /// The place of its program among the handlers of its subscription.
    pub(crate) program: Option<u16>,
    /// Whether its boundaries can deviate in this run.
    pub(crate) watched: bool,
    pub(crate) frame: Frame,
    pub(crate) tx: Transaction,
    pub(crate) emits: Vec<Outgoing>,
    pub(crate) timers: Vec<TimerOp>,
    pub(crate) turns: Vec<(SagaId, Value, SagaTurn)>,
    pub(crate) answer: Option<CallAnswer>,
    pub(crate) next: Next,
    pub(crate) publish: VecDeque<MsgId>,
    pub(crate) publishing: Option<MsgId>,
    pub(crate) send_step: Option<Key>,
    pub(crate) last: EventId,
}

/// A replica of a service.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) service: u16,
    pub(crate) replica: u16,
    pub(crate) lane: Lane,
    pub(crate) up: bool,
    pub(crate) paused: bool,
    pub(crate) pauses: u32,
    pub(crate) incarnation: u32,
    pub(crate) buffer: VecDeque<Delivery>,
    pub(crate) active: Vec<u32>,
    pub(crate) clients: Vec<u32>,
    pub(crate) stalled: Vec<Handle>,
    pub(crate) relay_stalled: bool,
    pub(crate) down_cause: EventId,
}

/// A consumer's connection.
#[derive(Debug)]
pub(crate) struct ClientState {
    pub(crate) process: u16,
    pub(crate) incarnation: u32,
    pub(crate) sub: SubId,
    pub(crate) broker: u16,
    /// Raised when deliveries sent so far become void, on all lanes.
    pub(crate) sent_epoch: u32,
    pub(crate) seen_epoch: u32,
    /// The same for single lanes: (lane, sent, seen).
    pub(crate) lane_epochs: Vec<(u32, u32, u32)>,
    pub(crate) lane_holds: Vec<LaneHold>,
}

/// An ordered lane behind a held delivery.
#[derive(Debug)]
pub(crate) struct LaneHold {
    pub(crate) lane: u32,
    /// What came later, with its own hold where it has one.
    pub(crate) queue: VecDeque<(Delivery, Option<Choice>)>,
}

/// A held delivery: for a time (the ticket lets it go), past an event, or until quiet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) delivery: Delivery,
    pub(crate) past: Option<Key>,
    pub(crate) ticket: Option<Ticket>,
    pub(crate) live: bool,
}

/// The network between a service and a broker.
#[derive(Debug, Default)]
pub(crate) struct Link {
    pub(crate) cut: bool,
    pub(crate) cuts: u32,
    pub(crate) out: VecDeque<(Input, EventId)>,
    pub(crate) back: VecDeque<Ev>,
}

/// Who waits for a confirm.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Waiter {
    Handling(Handle),
    Relay { service: u16, run: u32 },
}

/// A publish under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Publish {
    pub(crate) msg: MsgId,
    pub(crate) waiter: Option<Waiter>,
    pub(crate) service: u16,
}

/// An unsent row of an outbox.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutboxRow {
    pub(crate) msg: MsgId,
    pub(crate) tries: u32,
    pub(crate) cause: EventId,
}

/// What a relay does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RelayNext {
    Idle,
    Read,
    Publish,
    Mark,
}

/// An outbox and its relay.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) rows: VecDeque<OutboxRow>,
    pub(crate) batch: usize,
    pub(crate) next: RelayNext,
    pub(crate) process: u16,
    pub(crate) run: u32,
    pub(crate) armed: bool,
    pub(crate) last: EventId,
    pub(crate) marking: MsgId,
}

/// An external call under way.
#[derive(Clone, Debug)]
pub(crate) struct CallState {
    pub(crate) msg: MsgId,
    pub(crate) handle: Handle,
    pub(crate) external: ExternalId,
    pub(crate) key: Value,
    pub(crate) done: bool,
    pub(crate) ok: bool,
    pub(crate) process: u16,
    pub(crate) path: Key,
    pub(crate) cause: EventId,
}

/// A durable timer of a saga instance.
#[derive(Clone, Debug)]
pub(crate) struct SagaTimer {
    pub(crate) saga: SagaRef,
    pub(crate) ticket: Option<Ticket>,
    pub(crate) msg: MsgId,
    pub(crate) cause: EventId,
}

/// A broker and its armed deadline.
#[derive(Debug)]
pub(crate) struct BrokerState {
    pub(crate) model: Box<dyn Broker>,
    /// Whether its duplicates come from an ack that never arrives.
    pub(crate) lost_ack: bool,
    pub(crate) armed: Option<(Time, bool, Ticket)>,
}

/// A deviation of a recorded run, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviationNote {
    /// The choice and its value.
    pub deviation: Deviation,
    /// What it does, in words.
    pub words: String,
    /// The event at which it happened.
    pub event: EventId,
}

type Map<K, V> = IndexMap<K, V, FxBuildHasher>;

/// Everything that changes during a run.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) queue: Queue<Ev>,
    pub(crate) choices: Choices,
    pub(crate) trace: Trace,
    pub(crate) names: Names,
    pub(crate) messages: Messages,
    pub(crate) tables: Tables,
    pub(crate) gauges: Gauges,
    pub(crate) brokers: Vec<BrokerState>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) processes: Vec<Process>,
    pub(crate) robins: Vec<u32>,
    pub(crate) handlings: Vec<Handling>,
    pub(crate) free: Vec<u32>,
    pub(crate) in_flight: usize,
    pub(crate) clients: Vec<ClientState>,
    pub(crate) links: Vec<Link>,
    pub(crate) publishes: Vec<Publish>,
    pub(crate) relays: Vec<Option<Relay>>,
    pub(crate) outbox_rows: usize,
    pub(crate) waiting: VecDeque<(RowLock, Handle)>,
    /// Who was woken for a row and has not gone on yet: when it dies first, the next one must be woken.
    pub(crate) woken: Vec<(RowLock, Handle)>,
    pub(crate) freed: Vec<RowLock>,
    /// Whether the handlings of each subscription are watched: see [`Handling::watched`].
    pub(crate) watched: Vec<bool>,
    pub(crate) deliveries: Counts,
    pub(crate) failures: Map<(MsgId, SubId), u32>,
    pub(crate) copies_left: Map<(MsgId, SubId), u32>,
    pub(crate) inbox: Map<(u16, Value), Time>,
    pub(crate) effect_counts: Map<(ExternalId, Value), u32>,
    pub(crate) calls: Vec<CallState>,
    pub(crate) timers: Vec<SagaTimer>,
    pub(crate) timers_of: Map<(u16, Value), u32>,
    pub(crate) held: Vec<Held>,
    pub(crate) held_live: usize,
    pub(crate) past_live: usize,
    pub(crate) changes: Vec<Change>,
    pub(crate) draining: bool,
    pub(crate) stopped: bool,
    pub(crate) notes: Vec<DeviationNote>,
    pub(crate) fault_counts: Vec<u64>,
    pub(crate) refused_requests: u64,
    pub(crate) scratch: Vec<u8>,
}

impl Handling {
    pub(crate) fn new(slot_delivery: Delivery) -> Handling {
        Handling {
            generation: 0,
            live: false,
            process: 0,
            service: 0,
            lane: Lane(0),
            delivery: slot_delivery,
            program: None,
            watched: false,
            frame: Frame::default(),
            tx: Transaction::default(),
            emits: Vec::new(),
            timers: Vec::new(),
            turns: Vec::new(),
            answer: None,
            next: Next::End,
            publish: VecDeque::new(),
            publishing: None,
            send_step: None,
            last: EventId::NONE,
        }
    }
}

impl Handling {
    /// Begins a new handling in this slot; memory is kept.
    pub(crate) fn begin(&mut self, slot: u32, delivery: &Delivery) {
        self.generation += 1;
        self.live = true;
        self.delivery = *delivery;
        self.frame.reset();
        self.tx.reset(slot);
        self.emits.clear();
        self.timers.clear();
        self.turns.clear();
        self.answer = None;
        self.next = Next::Open;
        self.publish.clear();
        self.publishing = None;
        self.send_step = None;
        self.last = delivery.cause;
    }
}

impl Process {
    /// Whether it can begin another handling now.
    #[inline]
    pub(crate) fn has_room(&self, services: &[ServiceSpec]) -> bool {
        self.up && !self.paused && self.active.len() < services[self.service as usize].concurrency as usize
    }
}

impl State {
    /// The handling behind a handle, if it is still the same one.
    #[inline]
    pub(crate) fn alive(&self, handle: Handle) -> bool {
        self.handlings.get(handle.slot as usize).is_some_and(|h| h.live && h.generation == handle.generation)
    }
}
