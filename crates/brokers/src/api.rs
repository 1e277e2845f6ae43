//! The contract between the world and every broker model.

use ordain_kernel::{Choices, Key, Span, Time, Trace};

/// A message in the world's store; brokers move the handle and never look inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MsgId(pub u32);

/// One connection of one process incarnation; the world never reuses a number within a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client(pub u32);

/// A channel of the scenario: a topic, an exchange, or a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub u16);

/// A subscription: a consumer group on its channel, or a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubId(pub u16);

/// A delivery, for settling: unique within a broker and a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u64);

/// A publish, for matching its confirm: chosen by the world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u32);

/// What a broker may know of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// The handle.
    pub id: MsgId,
    /// The causal key, for the choices that this message's way through the broker leaves open.
    pub key: Key,
    /// The partition key (Kafka): the hash that the keyed partitioner takes of it. `None` is no key.
    pub partition_hash: Option<u32>,
    /// Which routing key it carries (RabbitMQ): the index of its type among the channel's `carries`.
    pub routing: u16,
}

/// A subscription of a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubscriptionDef {
    /// The world's number.
    pub id: SubId,
    /// The group or queue name.
    pub name: String,
    /// What it reads.
    pub channel: ChannelId,
    /// The routing keys that reach it (RabbitMQ bindings; indices of the channel's types); empty is all,
    /// unless there are `binding_patterns`.
    pub bindings: Vec<u16>,
    /// Binding patterns beside `bindings` (RabbitMQ topic exchanges: `*` is one word, `#` any number of
    /// words; direct exchanges: the whole routing key). Other systems ignore them.
    pub binding_patterns: Vec<String>,
    /// How often a failed message is tried again before it is dead-lettered; `None` is the system's default.
    pub retry_max: Option<u32>,
    /// Whether rejected and exhausted messages are kept in a dead-letter queue.
    pub dead_letter: bool,
}

/// A channel as the broker sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelDef {
    /// The world's number.
    pub id: ChannelId,
    /// Topic, exchange or queue name.
    pub name: String,
    /// Partitions (Kafka).
    pub partitions: u32,
    /// The routing-key texts, by index (RabbitMQ).
    pub routing_keys: Vec<String>,
}

/// All channels and subscriptions that live on one broker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topology {
    /// The channels.
    pub channels: Vec<ChannelDef>,
    /// Their subscriptions.
    pub subscriptions: Vec<SubscriptionDef>,
}

/// How a consumer ends a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settle {
    /// Done: ack, delete, or handled-up-to-here for the offset commit.
    Ack,
    /// Failed: try again after a backoff, in this system's own way.
    Retry {
        /// How long to wait.
        after: Span,
    },
    /// Refused: dead-letter, in this system's own way.
    Reject,
}

/// How a client went away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// It closed its connection in an orderly way.
    Closed,
    /// Its process died: the connection is reset, but no orderly leave was sent.
    Crashed,
    /// The network between it and the broker is cut; the client lives on. [`Input::Up`] ends it.
    Cut,
    /// The process stands still (a long pause): nothing is sent or handled. [`Input::Up`] ends it.
    Paused,
}

/// A fault that the broker itself realises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Kafka: the group of `sub` rebalances now, and uncommitted work repeats. `order` permutes the
    /// member ids: zero is the default order.
    Rebalance {
        /// The group.
        sub: SubId,
        /// Offset of the member-id order.
        order: u64,
    },
    /// This delivery happens again, by the system's own mechanism (see [`Duplicates`]), instead of being
    /// settled (rewind, connection loss), or beside it (extra delivery after `late`).
    Duplicate {
        /// The delivery.
        tag: Tag,
        /// Its subscription.
        sub: SubId,
        /// How late, where the mechanism leaves it open.
        late: Span,
    },
}

/// What the world tells a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A consumer of `sub` connects (joins the group, consumes from the queue, starts receiving).
    Join {
        /// The connection.
        client: Client,
        /// What it reads.
        sub: SubId,
    },
    /// A connection goes away or is cut.
    Down {
        /// The connection.
        client: Client,
        /// How.
        how: Down,
    },
    /// A cut or paused connection is back. A broker that gave up on it meanwhile said so then with
    /// [`Effect::Lost`]; it voids the client's buffer now with [`Effect::Revoked`], and treats it as joined
    /// anew.
    Up {
        /// The connection.
        client: Client,
    },
    /// A message arrives from a producer, which waits for [`Effect::Confirmed`] or [`Effect::Refused`].
    Publish {
        /// Where to.
        channel: ChannelId,
        /// What.
        message: Message,
        /// To match the confirm.
        token: Token,
    },
    /// A consumer settles a delivery. For one that is no longer its own the broker answers with
    /// [`Effect::Stale`], or does what the real one does.
    Settle {
        /// The connection.
        client: Client,
        /// Its subscription.
        sub: SubId,
        /// The delivery.
        tag: Tag,
        /// How.
        how: Settle,
    },
    /// The time that [`Broker::deadline`] named has come.
    Wake,
    /// A fault strikes.
    Fault(Fault),
    /// The faults end: what an earlier [`Fault`] still has in store happens now.
    FaultsEnd,
}

/// Where an accepted message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Partition (Kafka), else zero.
    pub partition: u32,
    /// Offset (Kafka), or a running number.
    pub offset: u64,
}

/// Why a delivery was lost to its consumer, or a message left the queue undelivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Rejected by the consumer.
    Rejected,
    /// Tried too often.
    Exhausted,
    /// Retention or time to live.
    Expired,
    /// No subscription takes it.
    Unroutable,
}

/// What a broker does in answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The message is stored; it counts as accepted from here on.
    Stored {
        /// What.
        message: MsgId,
        /// Where to.
        channel: ChannelId,
        /// Where exactly.
        place: Accepted,
    },
    /// The producer's answer.
    Confirmed {
        /// The publish.
        token: Token,
    },
    /// The producer's answer: not stored.
    Refused {
        /// The publish.
        token: Token,
    },
    /// A delivery leaves for a consumer. The world asks the hold choice for it and carries it over the
    /// network; deliveries of one `lane` never overtake each other.
    Deliver {
        /// To whom.
        client: Client,
        /// On which subscription.
        sub: SubId,
        /// What.
        message: MsgId,
        /// To settle it.
        tag: Tag,
        /// The ordered lane (partition, or consumer channel); `None` where the system keeps no order. Lanes are
        /// numbered over a broker, and the subscriptions of one channel may share them (Kafka's partitions).
        lane: Option<u32>,
        /// The system's own redelivery flag or receive count above one.
        redelivered: bool,
    },
    /// Deliveries on this lane (or all, with `None`) that the client has not begun to handle are void:
    /// it drops them from its buffer, and those still on their way to it never arrive. Those in handling run
    /// on, as zombies where the real one would. Deliveries after this effect are good.
    Revoked {
        /// The connection.
        client: Client,
        /// Of this subscription.
        sub: SubId,
        /// The lane.
        lane: Option<u32>,
    },
    /// The broker has given up on this client (session timeout, heartbeat missed): a fact for the trace.
    Lost {
        /// The connection.
        client: Client,
        /// Of this subscription.
        sub: SubId,
    },
    /// A settle came too late: the delivery was no longer this client's.
    Stale {
        /// The connection.
        client: Client,
        /// The delivery.
        tag: Tag,
    },
    /// A settle took effect: the message is done for this subscription.
    Settled {
        /// Of this subscription.
        sub: SubId,
        /// What.
        message: MsgId,
    },
    /// The message went to the dead-letter queue of its subscription, or was dropped where there is none.
    DeadLettered {
        /// Of this subscription.
        sub: SubId,
        /// What.
        message: MsgId,
        /// Why.
        why: Loss,
        /// Whether a dead-letter queue keeps it.
        kept: bool,
    },
    /// The publish was confirmed and the message dropped: no subscription takes it (RabbitMQ, SNS). No
    /// [`Effect::Stored`] comes.
    Dropped {
        /// What.
        message: MsgId,
        /// Where to.
        channel: ChannelId,
        /// Why.
        why: Loss,
    },
    /// The group began or ended a rebalance: a fact for the trace.
    Rebalanced {
        /// The group.
        sub: SubId,
        /// The generation.
        generation: u32,
    },
}

/// By what mechanism a system shows a consumer the same message again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// Kafka: rewind to the last committed offset.
    Rewind,
    /// RabbitMQ: the connection is lost before the ack arrives; all unacked deliveries are requeued.
    ConnectionLoss,
    /// SQS: an extra delivery at any time.
    ExtraDelivery,
}

/// What order a system keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Within a partition.
    Partition,
    /// Within a queue and a consumer's channel; a hold delays the channel.
    Queue,
    /// None.
    None,
}

/// What is not settled yet, for known quiet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Waiting to be delivered to a subscription.
    pub ready: u64,
    /// Delivered and not settled.
    pub unsettled: u64,
}

/// What a model is handed beside the input: where its choices go, and where its effects come out.
#[derive(Debug)]
pub struct Cx<'a> {
    /// Answers what the real system leaves open.
    pub choices: &'a mut Choices,
    /// Makes keys, so that their paths are known when recording.
    pub trace: &'a mut Trace,
    /// Takes the effects, in order.
    pub effects: &'a mut Vec<Effect>,
}

/// A broker model.
pub trait Broker: core::fmt::Debug {
    /// Takes an input at `now`; effects go to `cx`. Never panics on an input that the world can send.
    fn input(&mut self, now: Time, input: Input, cx: &mut Cx<'_>);

    /// When the broker next wants [`Input::Wake`]; `None` when only an input can change anything.
    fn deadline(&self) -> Option<Time>;

    /// Whether that deadline is work (an unsettled message waits for it) or mere upkeep. Any input may change
    /// the answer, even where the deadline stays.
    fn deadline_is_work(&self) -> bool;

    /// [`Broker::deadline`] and [`Broker::deadline_is_work`] in one call.
    fn wake(&self) -> (Option<Time>, bool) {
        (self.deadline(), self.deadline_is_work())
    }

    /// What is not settled, over all subscriptions that have consumers. O(1).
    fn backlog(&self) -> Backlog;

    /// The unsettled messages of one subscription, oldest first: to name what is stuck.
    fn unsettled(&self, sub: SubId) -> Vec<MsgId>;

    /// How it shows a consumer the same message again.
    fn duplicates(&self) -> Duplicates;

    /// What order it keeps.
    fn order(&self) -> Order;

    /// Back to the state of a fresh broker with the same topology; memory is kept.
    fn reset(&mut self);
}
