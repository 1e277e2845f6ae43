//! The specification of a world: everything that is fixed before a run, resolved to indices.

use std::rc::Rc;

use ordain_brokers::kafka::KafkaOptions;
use ordain_brokers::rabbitmq::RabbitMqOptions;
use ordain_brokers::sqs::SqsOptions;
use ordain_brokers::{ChannelId, SubId};
use ordain_kernel::{Chance, Limits, Names, Span, Sym};

use crate::fact::Boundary;
use crate::program::Program;
use crate::value::{Ty, Value};

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident($int:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $int);
        impl $name {
            /// As an index.
            #[must_use]
            pub const fn at(self) -> usize { self.0 as usize }
        }
    )*};
}

index! {
    /// A message type.
    TypeId(u16);
    /// A service, projection included.
    ServiceId(u16);
    /// A table.
    TableId(u16);
    /// A broker.
    BrokerId(u16);
    /// A saga.
    SagaId(u16);
    /// An external system that handlers call.
    ExternalId(u16);
    /// A column of a table.
    Col(u16);
}

/// Everything that is fixed before a run.
#[derive(Debug)]
pub struct Spec {
    /// The interner, with every name of the scenario in it.
    pub names: Names,
    /// The scenario's name.
    pub name: String,
    /// Phases.
    pub horizon: Horizon,
    /// Hard limits.
    pub limits: Limits,
    /// Message types, by [`TypeId`].
    pub types: Vec<TypeSpec>,
    /// Brokers, by [`BrokerId`].
    pub brokers: Vec<BrokerSpec>,
    /// Channels, by [`ChannelId`].
    pub channels: Vec<ChannelSpec>,
    /// Subscriptions, by [`SubId`].
    pub subs: Vec<SubSpec>,
    /// Services, by [`ServiceId`].
    pub services: Vec<ServiceSpec>,
    /// Tables of all services, by [`TableId`].
    pub tables: Vec<TableSpec>,
    /// External systems, by [`ExternalId`].
    pub externals: Vec<ExternalSpec>,
    /// Orchestrated sagas, by [`SagaId`]; add them with [`crate::saga::install`], after the channels.
    pub sagas: Vec<SagaSpec>,
    /// The state table of each saga, by [`SagaId`]; filled by [`crate::saga::install`].
    pub saga_tables: Vec<TableId>,
    /// Rolling deploys.
    pub deploys: Vec<DeploySpec>,
    /// Faults, in the order of the scenario.
    pub faults: Vec<FaultSpec>,
    /// Answers that bodies leave open: the chance of the *less* likely branch of each `chance` statement.
    /// Bodies name them by index.
    pub answers: Vec<Chance>,
    /// The chance that a span (`20ms..2s`) is not at its lower bound.
    pub span_chance: Chance,
}

/// The two phases of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// Faults end at the latest here.
    pub load: Span,
    /// After the faults, everything must settle within this.
    pub drain: Span,
}

/// A message type, all versions together.
#[derive(Clone, Debug)]
pub struct TypeSpec {
    /// Its name without version.
    pub name: Sym,
    /// The layout: the union of the fields of all versions.
    pub fields: Vec<FieldSpec>,
    /// Highest version, from 1.
    pub versions: u8,
    /// Its home; `None` for a request.
    pub channel: Option<ChannelId>,
    /// The subscription that takes it when it is a request.
    pub request_sub: Option<SubId>,
}

/// A field of a message type.
#[derive(Clone, Debug)]
pub struct FieldSpec {
    /// Its name.
    pub name: Sym,
    /// Its type.
    pub ty: Ty,
    /// What a reader sees where the message has none.
    pub default: Option<Value>,
    /// The versions that have it, as a bit set: bit 0 is version 1.
    pub versions: u64,
}

/// A broker.
#[derive(Clone, Debug)]
pub struct BrokerSpec {
    /// Its name.
    pub name: Sym,
    /// The system and its options.
    pub kind: BrokerKind,
    /// One-way latency between it and its clients.
    pub latency: Span,
}

/// Which system a broker is.
#[derive(Clone, Debug)]
pub enum BrokerKind {
    /// Apache Kafka.
    Kafka(KafkaOptions),
    /// RabbitMQ.
    RabbitMq(RabbitMqOptions),
    /// Amazon SQS, standard queues.
    Sqs(SqsOptions),
}

/// A channel.
#[derive(Clone, Debug)]
pub struct ChannelSpec {
    /// Its name.
    pub name: Sym,
    /// Where it lives.
    pub broker: BrokerId,
    /// What it carries, in order: a type's position is its routing key.
    pub carries: Vec<TypeId>,
    /// Partitions (Kafka).
    pub partitions: u32,
    /// The field that partitions or groups it, by name; each carried type has it.
    pub key: Option<Sym>,
    /// What happens to failed messages.
    pub retry: Retry,
    /// The name of its dead-letter queue.
    pub dead_letter: Option<Sym>,
}

/// A retry policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often a failed message is tried again; `None` is without end.
    pub max: Option<u32>,
    /// The first and the longest backoff; it doubles in between.
    pub backoff: (Span, Span),
}

/// Who handles what comes from where: a consumer group or a queue, or the request port of a service.
#[derive(Clone, Debug)]
pub struct SubSpec {
    /// The group or queue name: that of the service, the saga or the projection. It is the name in keys.
    pub name: Sym,
    /// Whose replicas run it.
    pub service: ServiceId,
    /// What it reads; `None` is the request port.
    pub channel: Option<ChannelId>,
    /// What it does with each type; a type without a handler is acked and counted.
    pub handlers: Vec<(TypeId, Rc<dyn Program>)>,
}

/// A service.
#[derive(Clone, Debug)]
pub struct ServiceSpec {
    /// Its name.
    pub name: Sym,
    /// Replicas at the start.
    pub replicas: u16,
    /// Handlings at once in one replica.
    pub concurrency: u16,
    /// The inbox.
    pub dedup: Option<DedupSpec>,
    /// The outbox: how often the relay looks.
    pub outbox: Option<Span>,
    /// Serializable transactions instead of read committed.
    pub serializable: bool,
}

/// An inbox.
#[derive(Clone, Debug)]
pub struct DedupSpec {
    /// By what: `None` is the message id, else a field of this name.
    pub by: Option<Sym>,
    /// How long a marker is kept; `None` is for ever.
    pub window: Option<Span>,
}

/// A table.
#[derive(Clone, Debug)]
pub struct TableSpec {
    /// Its name.
    pub name: Sym,
    /// Whose it is.
    pub service: ServiceId,
    /// The name of its key column; `None` for an append table, whose rows are numbered.
    pub key: Option<Sym>,
    /// The other columns.
    pub columns: Vec<(Sym, Ty)>,
    /// The rows at the start: key and columns.
    pub rows: Vec<(Value, Vec<Value>)>,
}

/// An external system.
#[derive(Clone, Debug)]
pub struct ExternalSpec {
    /// Its name.
    pub name: Sym,
}

/// An orchestrated saga. [`crate::saga::install`] adds its state table and its subscriptions to the spec.
#[derive(Clone, Debug)]
pub struct SagaSpec {
    /// Its name.
    pub name: Sym,
    /// Whose tables and outbox it uses.
    pub owner: ServiceId,
    /// The field that identifies an instance, by name; each message of the saga has it.
    pub key: Sym,
    /// The message type that starts an instance.
    pub starts: TypeId,
    /// The fields that an instance remembers, by name: the union of the fields of all its messages. The bodies
    /// of `done`, `undone` and `late` are compiled against this layout: `Field(i)` is the i-th of these.
    pub layout: Vec<Sym>,
    /// The steps in order.
    pub steps: Vec<SagaStep>,
    /// What runs in the transaction that ends it well.
    pub done: Option<Rc<dyn Program>>,
    /// What runs in the transaction that ends it undone.
    pub undone: Option<Rc<dyn Program>>,
}

/// A step of a saga.
#[derive(Clone, Debug)]
pub struct SagaStep {
    /// The command.
    pub act: TypeId,
    /// The reply that completes it.
    pub done: TypeId,
    /// The reply that refuses it.
    pub refused: Option<TypeId>,
    /// The command that undoes it.
    pub undo: Option<TypeId>,
    /// The reply that the undo is awaited with; `None` is fire and forget.
    pub undone: Option<TypeId>,
    /// After this long without a reply the try counts as failed.
    pub timeout: Option<Span>,
    /// Tries after the first, under the same command id.
    pub retry: Option<Retry>,
    /// What runs when a reply comes for another than the current step.
    pub late: Option<Rc<dyn Program>>,
}

/// A rolling deploy: from `at` on, replica after replica emits the new version.
#[derive(Clone, Debug)]
pub struct DeploySpec {
    /// The service.
    pub service: ServiceId,
    /// The type whose version changes.
    pub ty: TypeId,
    /// The version.
    pub version: u8,
    /// When the first replica changes.
    pub at: Span,
    /// The time between the first replica and the last.
    pub rolling: Span,
}

/// A fault: what, where, how often. `text` names it in keys, reports and draws.
#[derive(Clone, Debug)]
pub struct FaultSpec {
    /// Its identity, such as `crash payment after committed before acked`.
    pub text: String,
    /// At each opportunity.
    pub chance: Chance,
    /// What.
    pub kind: FaultKind,
}

/// The kinds of fault.
#[derive(Clone, Debug)]
pub enum FaultKind {
    /// Deliveries happen again, by each system's own mechanism.
    Duplicate {
        /// On these subscriptions.
        subs: Vec<SubId>,
        /// How often.
        copies: (u32, u32),
        /// How late (SQS), as rungs.
        late: Vec<Span>,
    },
    /// Deliveries wait.
    Hold {
        /// On these subscriptions.
        subs: Vec<SubId>,
        /// For how long: rungs.
        rungs: Vec<Span>,
        /// Whether until quiet, too.
        quiet: bool,
    },
    /// A process dies at a boundary in this window.
    Crash {
        /// Whose process.
        service: ServiceId,
        /// Only in handlings of these subscriptions (a saga or projection named by the fault); empty is all,
        /// and the relay.
        subs: Vec<SubId>,
        /// From this boundary.
        after: Boundary,
        /// To before this one.
        before: Boundary,
        /// For how long it is down.
        down: (Span, Span),
        /// Scripted: only at the handling of this type by this command, n-th delivery.
        script: Option<Script>,
    },
    /// A process stands still at a boundary in this window.
    Pause {
        /// Whose process.
        service: ServiceId,
        /// Only in handlings of these subscriptions; empty is all, and the relay.
        subs: Vec<SubId>,
        /// From this boundary.
        after: Boundary,
        /// To before this one.
        before: Boundary,
        /// For how long.
        lasts: (Span, Span),
    },
    /// Commits succeed and the answer is lost.
    AmbiguousCommit {
        /// Whose commits.
        service: ServiceId,
    },
    /// Calls fail.
    Fail {
        /// To whom.
        external: ExternalId,
        /// Whether the effect happened all the same; `None` leaves that open.
        done: Option<bool>,
    },
    /// Calls are slow.
    Slow {
        /// To whom.
        external: ExternalId,
        /// By how much.
        by: (Span, Span),
    },
    /// The network between a service and a broker is cut.
    Partition {
        /// The service.
        service: ServiceId,
        /// The broker.
        broker: BrokerId,
        /// When.
        when: Schedule,
        /// For how long.
        lasts: (Span, Span),
    },
    /// All groups of a Kafka broker rebalance.
    Rebalance {
        /// The broker.
        broker: BrokerId,
        /// When.
        when: Schedule,
    },
    /// A replica of a service stands still.
    TimedPause {
        /// The service.
        service: ServiceId,
        /// When.
        when: Schedule,
        /// For how long.
        lasts: (Span, Span),
    },
}

/// When a timed fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Once, at a time in this range after the start.
    Once(Span, Span),
    /// Again and again, with gaps in this range.
    Every(Span, Span),
}

/// A scripted place: `Charge(c7).2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The type.
    pub ty: TypeId,
    /// The command at its root.
    pub command: u32,
    /// The n-th delivery.
    pub n: u32,
}
