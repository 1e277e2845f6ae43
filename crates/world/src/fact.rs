//! Facts: what happened, told to observers as it happens, with a view of the committed state.

use ordain_brokers::{ChannelId, Loss, MsgId, SubId};
use ordain_kernel::{EventId, Key, Lane, Names, Time};

use crate::message::Messages;
use crate::spec::{BrokerId, ExternalId, SagaId, ServiceId, Spec};
use crate::table::{Change, Tables};
use crate::value::Value;

/// The boundaries of a handling and of a relay, in order. Faults strike *after* one and before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Boundary {
    /// The message is in the process, nothing was done.
    Received,
    /// The transaction is open.
    Begun,
    /// A statement has run (each one is a boundary).
    Statements,
    /// The transaction is committed.
    Committed,
    /// An emitted message is confirmed (each one is a boundary).
    Published,
    /// The delivery is settled.
    Acked,
    /// The relay has read a row.
    RelayRead,
    /// The relay has published it.
    RelayPublished,
    /// The relay has marked it.
    RelayMarked,
}

impl Boundary {
    /// All boundaries in order.
    pub const ALL: [Boundary; 9] = [
        Boundary::Received,
        Boundary::Begun,
        Boundary::Statements,
        Boundary::Committed,
        Boundary::Published,
        Boundary::Acked,
        Boundary::RelayRead,
        Boundary::RelayPublished,
        Boundary::RelayMarked,
    ];

    /// The word of the scenario language.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Boundary::Received => "received",
            Boundary::Begun => "begun",
            Boundary::Statements => "statements",
            Boundary::Committed => "committed",
            Boundary::Published => "published",
            Boundary::Acked => "acked",
            Boundary::RelayRead => "relay_read",
            Boundary::RelayPublished => "relay_published",
            Boundary::RelayMarked => "relay_marked",
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The load issued a command.
    Issued {
        /// Its message.
        msg: MsgId,
    },
    /// A broker stored a message, or a service took a request: from here on it must not be lost.
    Accepted {
        /// The message.
        msg: MsgId,
        /// Where; `None` for a request.
        channel: Option<ChannelId>,
        /// Kafka's partition, else zero.
        partition: u32,
        /// Kafka's offset, or a running number.
        offset: u64,
    },
    /// A delivery reached a replica.
    Delivered {
        /// The message.
        msg: MsgId,
        /// The subscription.
        sub: SubId,
        /// The n-th delivery of this message to this subscription.
        n: u32,
        /// The system's own redelivery flag.
        redelivered: bool,
    },
    /// A handling began.
    Begun {
        /// The message.
        msg: MsgId,
        /// The subscription.
        sub: SubId,
        /// The n-th delivery.
        n: u32,
    },
    /// The inbox knew the message: it is acked without being handled.
    Deduplicated {
        /// The message.
        msg: MsgId,
        /// The subscription.
        sub: SubId,
    },
    /// The subscription has no handler for this type: it is acked and counted.
    Ignored {
        /// The message.
        msg: MsgId,
        /// The subscription.
        sub: SubId,
    },
    /// A statement ran (only told when recording, or to observers that want it).
    Ran {
        /// The message in handling.
        msg: MsgId,
    },
    /// A transaction committed; [`View::changes`] has the rows.
    Committed {
        /// The message in handling.
        msg: MsgId,
        /// The subscription.
        sub: SubId,
        /// Whether its answer was lost.
        ambiguous: bool,
    },
    /// A transaction was rolled back.
    RolledBack {
        /// The message in handling.
        msg: MsgId,
        /// The subscription.
        sub: SubId,
        /// Why.
        why: Value,
    },
    /// A message was handed to a broker by a process.
    Sent {
        /// The message.
        msg: MsgId,
        /// The n-th time (republish).
        n: u32,
    },
    /// A publish was confirmed to its producer.
    Confirmed {
        /// The message.
        msg: MsgId,
    },
    /// An external call had its effect.
    Effect {
        /// The message whose handling called.
        msg: MsgId,
        /// On whom.
        external: ExternalId,
        /// The business key.
        key: Value,
        /// By whom.
        service: ServiceId,
        /// How many effects this key has had, this one included.
        count: u32,
    },
    /// An external call answered, or failed, to its caller.
    Answered {
        /// Who.
        external: ExternalId,
        /// Whether well.
        ok: bool,
    },
    /// The delivery is settled for good: this subscription is done with the message.
    Settled {
        /// The message.
        msg: MsgId,
        /// The subscription.
        sub: SubId,
    },
    /// The handling failed and will be tried again.
    Retrying {
        /// The message.
        msg: MsgId,
        /// The subscription.
        sub: SubId,
    },
    /// The message left its queue without being handled.
    DeadLettered {
        /// The message.
        msg: MsgId,
        /// The subscription.
        sub: SubId,
        /// Why.
        why: Loss,
        /// Whether a dead-letter queue keeps it.
        kept: bool,
    },
    /// The broker confirmed the message and dropped it: no subscription takes it.
    Dropped {
        /// The message.
        msg: MsgId,
        /// Where to.
        channel: ChannelId,
    },
    /// A settle came too late.
    Stale {
        /// The subscription.
        sub: SubId,
    },
    /// A process died.
    Crashed {
        /// Whose.
        service: ServiceId,
        /// Which.
        replica: u16,
        /// Where its handling stood, if one was under way.
        after: Option<Boundary>,
    },
    /// A process came back.
    Restarted {
        /// Whose.
        service: ServiceId,
        /// Which.
        replica: u16,
    },
    /// A process stands still.
    Paused {
        /// Whose.
        service: ServiceId,
        /// Which.
        replica: u16,
    },
    /// A paused process goes on.
    Resumed {
        /// Whose.
        service: ServiceId,
        /// Which.
        replica: u16,
    },
    /// The network between a service and a broker was cut.
    Cut {
        /// The service.
        service: ServiceId,
        /// The broker.
        broker: BrokerId,
    },
    /// It was healed.
    Healed {
        /// The service.
        service: ServiceId,
        /// The broker.
        broker: BrokerId,
    },
    /// A group rebalanced.
    Rebalanced {
        /// The group.
        sub: SubId,
    },
    /// A broker gave up on a consumer.
    ConsumerLost {
        /// Of this subscription.
        sub: SubId,
        /// Whose.
        service: ServiceId,
        /// Which replica.
        replica: u16,
    },
    /// A delivery is held back.
    Held {
        /// The message.
        msg: MsgId,
        /// The subscription.
        sub: SubId,
    },
    /// A saga instance moved.
    Saga {
        /// The saga.
        saga: SagaId,
        /// The instance.
        instance: Value,
        /// What happened to it.
        turn: SagaTurn,
    },
    /// A choice left its default; the text says how.
    Deviated {
        /// The declared fault behind it, by index of [`Spec::faults`]; `None` for answers, spans and picks.
        fault: Option<u16>,
    },
    /// The faults ended; everything is healed and restarted.
    DrainBegan,
    /// Nothing is left to do.
    Quiet,
}

/// What happened to a saga instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SagaTurn {
    /// It began.
    Started,
    /// Step `0`.. was asked to act.
    Asked(u16),
    /// Step `0`.. is completed.
    Completed(u16),
    /// Step `0`.. was refused.
    Refused(u16),
    /// Step `0`.. did not answer in time.
    TimedOut(u16),
    /// Step `0`.. was asked to undo.
    Undoing(u16),
    /// Step `0`.. is undone.
    StepUndone(u16),
    /// It ended well.
    Done,
    /// It ended undone.
    Undone,
    /// It cannot end.
    Stuck,
    /// A reply for another than the current step was ignored.
    Late(u16),
}

impl What {
    /// The number of this kind of fact in traces; stable within a format version.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            What::Issued { .. } => 1,
            What::Accepted { .. } => 2,
            What::Delivered { .. } => 3,
            What::Begun { .. } => 4,
            What::Deduplicated { .. } => 5,
            What::Ignored { .. } => 6,
            What::Ran { .. } => 7,
            What::Committed { .. } => 8,
            What::RolledBack { .. } => 9,
            What::Sent { .. } => 10,
            What::Confirmed { .. } => 11,
            What::Effect { .. } => 12,
            What::Answered { .. } => 13,
            What::Settled { .. } => 14,
            What::Retrying { .. } => 15,
            What::DeadLettered { .. } => 16,
            What::Stale { .. } => 17,
            What::Crashed { .. } => 18,
            What::Restarted { .. } => 19,
            What::Paused { .. } => 20,
            What::Resumed { .. } => 21,
            What::Cut { .. } => 22,
            What::Healed { .. } => 23,
            What::Rebalanced { .. } => 24,
            What::ConsumerLost { .. } => 25,
            What::Held { .. } => 26,
            What::Saga { .. } => 27,
            What::DrainBegan => 28,
            What::Quiet => 29,
            What::Deviated { .. } => 30,
            What::Dropped { .. } => 31,
        }
    }
}

/// A fact.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its event in the trace.
    pub id: EventId,
    /// When.
    pub at: Time,
    /// Where.
    pub lane: Lane,
    /// The causal key.
    pub key: Key,
    /// What.
    pub what: What,
}

/// Whether a run goes on after a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// On.
    Go,
    /// Enough has been seen.
    Stop,
}

/// A counter of the world that expressions can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gauge {
    /// Saga instances that ended well.
    SagaDone(SagaId),
    /// Saga instances that ended undone.
    SagaUndone(SagaId),
    /// Saga instances that are stuck.
    SagaStuck(SagaId),
    /// Saga instances under way.
    SagaOpen(SagaId),
    /// Messages that the inbox of a service turned away.
    DedupHits(ServiceId),
    /// Messages in the dead-letter queue of a channel.
    DeadLetters(ChannelId),
    /// Messages of a channel that are accepted and not settled by all its subscriptions.
    Lag(ChannelId),
    /// Effects on an external system.
    Effects(ExternalId),
    /// Crashes of a service.
    Crashes(ServiceId),
}

/// What an observer may look at: committed state only.
#[derive(Debug)]
pub struct View<'a> {
    /// The specification.
    pub spec: &'a Spec,
    /// The interner of the run.
    pub names: &'a Names,
    /// The messages.
    pub messages: &'a Messages,
    /// The tables.
    pub tables: &'a Tables,
    /// The rows changed by the commit that is being told; empty for other facts.
    pub changes: &'a [Change],
    /// The gauges.
    pub gauges: &'a Gauges,
}

/// The values of all gauges: one dense row a kind.
#[derive(Clone, Debug, Default)]
pub struct Gauges {
    rows: [Vec<i64>; Gauge::KINDS],
}

impl Gauge {
    const KINDS: usize = 9;

    const fn place(self) -> (usize, usize) {
        match self {
            Gauge::SagaDone(id) => (0, id.at()),
            Gauge::SagaUndone(id) => (1, id.at()),
            Gauge::SagaStuck(id) => (2, id.at()),
            Gauge::SagaOpen(id) => (3, id.at()),
            Gauge::DedupHits(id) => (4, id.at()),
            Gauge::DeadLetters(id) => (5, id.0 as usize),
            Gauge::Lag(id) => (6, id.0 as usize),
            Gauge::Effects(id) => (7, id.at()),
            Gauge::Crashes(id) => (8, id.at()),
        }
    }
}

impl Gauges {
    /// The value of a gauge; one that never moved is zero.
    #[must_use]
    pub fn get(&self, gauge: Gauge) -> i64 {
        let (row, at) = gauge.place();
        self.rows[row].get(at).copied().unwrap_or(0)
    }

    /// Moves a gauge.
    pub fn add(&mut self, gauge: Gauge, by: i64) {
        let (row, at) = gauge.place();
        let row = &mut self.rows[row];
        if row.len() <= at {
            row.resize(at + 1, 0);
        }
        row[at] += by;
    }

    /// All back to zero.
    pub fn reset(&mut self) {
        for row in &mut self.rows {
            row.fill(0);
        }
    }
}

/// Somebody who is told the facts: checks, counters, tests.
pub trait Observer {
    /// Takes a fact. [`Flow::Stop`] ends the run.
    fn fact(&mut self, fact: &Fact, view: &View<'_>) -> Flow;

    /// Whether [`What::Ran`] facts are wanted, too.
    fn wants_statements(&self) -> bool {
        false
    }
}

/// An observer that sees nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Observer for Nobody {
    fn fact(&mut self, _fact: &Fact, _view: &View<'_>) -> Flow {
        Flow::Go
    }
}
