//! RabbitMQ 4.x, over AMQP 0-9-1.
//!
//! # Covers
//! - A channel of the scenario is an exchange: direct, topic (`*` is one word, `#` any number) or fanout. Each
//!   subscription is one queue, bound by its bindings. In queue mode that is the default exchange, and the
//!   same.
//! - Publisher confirms; an unroutable publish that is not mandatory is confirmed and dropped.
//! - Classic and quorum queues; prefetch per consumer, unlimited by default; competing consumers in turn (which
//!   of them is a choice: `message@subscription.n`).
//! - Acknowledgement, rejection with dead-lettering, requeueing with the `redelivered` flag and its position:
//!   classic queues put it back to its original place, quorum queues ahead of fresh messages in the order of
//!   return; after a channel closes, in the order of the deliveries.
//! - The delivery limit of quorum queues: rejections and closed channels count, `basic.nack` does not.
//! - Connections: a reset is seen at once; a silent client is given up after two missed heartbeat timeouts
//!   (120 s by default; the real server takes between two and three), and deliveries to it wait in its socket.
//!   Its tags are unknown on the channels that it opens later.
//! - Retries in the usual way: a message waits in a retry queue with a TTL (one for each delay, so that none
//!   blocks another), then comes back to the tail as a new message. `retry_max` limits this.
//!
//! # Does not cover
//! Headers exchanges, mandatory returns, message and queue TTL, length limits and overflow, priorities, single
//! active consumers, `consumer_timeout`, at-least-once dead-lettering, streams, transactions, persistence,
//! clusters and their partitions, flow control; `basic.cancel` without closing the channel.
//!
//! # Sources
//! RabbitMQ documentation: "Exchanges", "Consumer Acknowledgements and Publisher Confirms", "Consumer
//! Prefetch", "Quorum Queues", "Dead Letter Exchanges", "Detecting Dead TCP Connections with Heartbeats"; the
//! requeue positions and the counting of returns as a 4.3 server shows them.

mod channel;
mod exchange;
mod options;
mod queue;
#[cfg(test)]
mod tests;

use ordain_kernel::{Choices, Form, Kind, Names, Seg, Time};

use crate::index::Index;
use crate::timers::Timers;
use crate::{
    Accepted, Backlog, Broker, ChannelId, Client, Cx, Down, Duplicates, Effect, Fault, Input, Loss, Message, MsgId,
    Order, SubId, SubscriptionDef, Tag, Token, Topology,
};
use exchange::Routes;
pub use exchange::topic_matches;
pub use options::{ExchangeKind, QueueKind, RabbitMqOptions};
use queue::{Entry, Queue};

/// How a consumer gives a delivery back to its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requeue {
    /// `basic.nack` with `requeue`: does not count for the delivery limit.
    Nack,
    /// `basic.reject` with `requeue`: counts.
    Reject,
}

/// What the queues of a broker hold.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    /// Neither settled nor dead-lettered.
    total: u64,
    /// Of these, delivered.
    unacked: u64,
}

/// What a queue needs beside itself while it handles an input.
struct Run<'a, 'c> {
    now: Time,
    options: &'a RabbitMqOptions,
    tally: &'a mut Tally,
    next_lane: &'a mut u32,
    parked: &'a mut Timers<(SubId, Entry)>,
    cx: &'a mut Cx<'c>,
}

#[derive(Debug)]
struct Exchange {
    channel: ChannelId,
    routes: Routes,
    published: u64,
}

/// A RabbitMQ broker as its clients see it.
///
/// ```
/// use ordain_brokers::rabbitmq::{RabbitMq, RabbitMqOptions};
/// use ordain_brokers::{Broker, ChannelDef, Client, Cx, Input, Message, SubId, SubscriptionDef, Token, Topology};
/// use ordain_brokers::{ChannelId, Effect, MsgId};
/// use ordain_kernel::{Choices, Key, Names, Time, Trace};
/// let topology = Topology {
///     channels: vec![ChannelDef { name: "orders".into(), ..ChannelDef::default() }],
///     subscriptions: vec![SubscriptionDef { name: "billing".into(), ..SubscriptionDef::default() }],
/// };
/// let (mut choices, mut trace, mut effects) = (Choices::default(), Trace::default(), Vec::new());
/// let mut rabbit = RabbitMq::new(RabbitMqOptions::default(), &topology, &mut choices, &mut Names::default());
/// let mut cx = Cx { choices: &mut choices, trace: &mut trace, effects: &mut effects };
/// rabbit.input(Time::START, Input::Join { client: Client(1), sub: SubId(0) }, &mut cx);
/// let message = Message { id: MsgId(7), key: Key(7), partition_hash: None, routing: 0 };
/// rabbit.input(Time::START, Input::Publish { channel: ChannelId(0), message, token: Token(1) }, &mut cx);
/// assert!(matches!(cx.effects.last(), Some(Effect::Deliver { message: MsgId(7), redelivered: false, .. })));
/// ```
#[derive(Debug)]
pub struct RabbitMq {
    options: RabbitMqOptions,
    exchanges: Vec<Exchange>,
    queues: Vec<Queue>,
    channel_index: Index,
    sub_index: Index,
    tally: Tally,
    next_lane: u32,
    parked: Timers<(SubId, Entry)>,
    /// When the server next gives up on a silent client.
    silent_wake: Option<Time>,
}

impl RabbitMq {
    /// A fresh broker with this topology. It adds one site: which of several competing consumers gets a
    /// message, a pick.
    ///
    /// # Panics
    /// When the topology names one number twice.
    #[must_use]
    pub fn new(options: RabbitMqOptions, topology: &Topology, choices: &mut Choices, names: &mut Names) -> RabbitMq {
        let site = choices.add_site(Kind::Pick, Vec::new());
        let subs = &topology.subscriptions;
        let queues = subs.iter().map(|def| Queue::new(def, Seg::new(names, Form::Handling, &def.name), site)).collect();
        let exchange = |channel: &crate::ChannelDef| {
            let of_channel = subs.iter().enumerate().filter(|(_, def)| def.channel == channel.id);
            let bound: Vec<(u32, &SubscriptionDef)> = of_channel.map(|(at, def)| (at as u32, def)).collect();
            Exchange { channel: channel.id, routes: Routes::new(options.exchange, channel, &bound), published: 0 }
        };
        RabbitMq {
            options,
            exchanges: topology.channels.iter().map(exchange).collect(),
            queues,
            channel_index: Index::of_channels(topology.channels.iter().map(|channel| channel.id)),
            sub_index: Index::of_subs(subs.iter().map(|sub| sub.id)),
            tally: Tally::default(),
            next_lane: 0,
            parked: Timers::new(),
            silent_wake: None,
        }
    }

    /// A consumer gives a delivery back at once: `basic.nack` or `basic.reject` with `requeue`.
    pub fn requeue(&mut self, now: Time, client: Client, sub: SubId, tag: Tag, how: Requeue, cx: &mut Cx<'_>) {
        match self.sub_index.sub(sub) {
            Some(queue) => self.with(queue, now, cx, |queue, run| queue.give_back(client, tag, how, run)),
            None => cx.effects.push(Effect::Stale { client, tag }),
        }
    }

    /// Runs `act` on one queue with what it needs.
    #[inline]
    fn with<R>(
        &mut self,
        queue: usize,
        now: Time,
        cx: &mut Cx<'_>,
        act: impl FnOnce(&mut Queue, &mut Run<'_, '_>) -> R,
    ) -> R {
        let mut run = Run {
            now,
            options: &self.options,
            tally: &mut self.tally,
            next_lane: &mut self.next_lane,
            parked: &mut self.parked,
            cx,
        };
        act(&mut self.queues[queue], &mut run)
    }

    fn publish(&mut self, now: Time, channel: ChannelId, message: &Message, token: Token, cx: &mut Cx<'_>) {
        let Some(at) = self.channel_index.channel(channel) else {
            cx.effects.push(Effect::Refused { token });
            return;
        };
        let exchange = &mut self.exchanges[at];
        let reached = exchange.routes.of(message.routing).len();
        if reached == 0 {
            cx.effects.push(Effect::Confirmed { token });
            cx.effects.push(Effect::Dropped { message: message.id, channel: exchange.channel, why: Loss::Unroutable });
            return;
        }
        let place = Accepted { partition: 0, offset: exchange.published };
        exchange.published += 1;
        cx.effects.push(Effect::Stored { message: message.id, channel: exchange.channel, place });
        cx.effects.push(Effect::Confirmed { token });
        for queue in 0..reached {
            let queue = self.exchanges[at].routes.of(message.routing)[queue] as usize;
            self.with(queue, now, cx, |queue, run| queue.publish(message.key, message.id, run));
        }
    }

    fn on_client(&mut self, now: Time, cx: &mut Cx<'_>, act: impl Fn(&mut Queue, &mut Run<'_, '_>)) {
        for queue in 0..self.queues.len() {
            self.with(queue, now, cx, &act);
        }
        self.silent_wake = self.queues.iter().filter_map(Queue::wake).min();
    }

    /// The connection of the client that holds this delivery is lost before the acknowledgement arrives, and
    /// opened again at once.
    fn duplicate(&mut self, now: Time, sub: SubId, tag: Tag, cx: &mut Cx<'_>) {
        let Some(client) = self.sub_index.sub(sub).and_then(|at| self.queues[at].holder(tag)) else {
            return;
        };
        let consumed: Vec<usize> =
            (0..self.queues.len()).filter(|at| self.queues[*at].channel_of(client).is_some()).collect();
        for &queue in &consumed {
            self.with(queue, now, cx, |queue, run| {
                if let Some((lane, true)) = queue.close(client, run) {
                    run.cx.effects.push(Effect::Revoked { client, sub: queue.sub, lane: Some(lane) });
                }
                queue.dispatch(run);
            });
        }
        for &queue in &consumed {
            self.with(queue, now, cx, |queue, run| queue.consume(client, run));
        }
        self.silent_wake = self.queues.iter().filter_map(Queue::wake).min();
    }

    fn wake(&mut self, now: Time, cx: &mut Cx<'_>) {
        while let Some((sub, entry)) = self.parked.pop_due(now) {
            let queue = self.sub_index.sub(sub).expect("parked messages are of queues of this broker");
            self.with(queue, now, cx, |queue, run| queue.unpark(entry, run));
        }
        if self.silent_wake.is_some_and(|at| at <= now) {
            self.on_client(now, cx, Queue::on_time);
        }
    }
}

impl Broker for RabbitMq {
    fn input(&mut self, now: Time, input: Input, cx: &mut Cx<'_>) {
        match input {
            Input::Publish { channel, message, token } => self.publish(now, channel, &message, token, cx),
            Input::Settle { client, sub, tag, how } => match self.sub_index.sub(sub) {
                Some(queue) => self.with(queue, now, cx, |queue, run| queue.settle(client, tag, how, run)),
                None => cx.effects.push(Effect::Stale { client, tag }),
            },
            Input::Join { client, sub } => {
                if let Some(queue) = self.sub_index.sub(sub) {
                    self.with(queue, now, cx, |queue, run| queue.consume(client, run));
                }
            }
            Input::Down { client, how } => self.on_client(now, cx, |queue, run| match how {
                Down::Closed | Down::Crashed => queue.gone(client, run),
                Down::Cut | Down::Paused => queue.silence(client, run),
            }),
            Input::Up { client } => self.on_client(now, cx, |queue, run| queue.hear(client, run)),
            Input::Wake => self.wake(now, cx),
            Input::FaultsEnd => {}
            Input::Fault(Fault::Duplicate { tag, sub, .. }) => self.duplicate(now, sub, tag, cx),
            Input::Fault(Fault::Rebalance { .. }) => {}
        }
    }

    fn deadline(&self) -> Option<Time> {
        self.parked.next_at().into_iter().chain(self.silent_wake).min()
    }

    fn deadline_is_work(&self) -> bool {
        self.tally.total > 0 && self.deadline().is_some()
    }

    fn backlog(&self) -> Backlog {
        Backlog { ready: self.tally.total - self.tally.unacked, unsettled: self.tally.unacked }
    }

    fn unsettled(&self, sub: SubId) -> Vec<MsgId> {
        let Some(queue) = self.sub_index.sub(sub).map(|at| &self.queues[at]) else {
            return Vec::new();
        };
        let parked = self.parked.iter().filter(|(of, _)| *of == sub).map(|(_, entry)| entry.id);
        let mut found: Vec<MsgId> = queue.messages().chain(parked).collect();
        found.sort_unstable();
        found
    }

    fn duplicates(&self) -> Duplicates {
        Duplicates::ConnectionLoss
    }

    fn order(&self) -> Order {
        Order::Queue
    }

    fn reset(&mut self) {
        self.queues.iter_mut().for_each(Queue::reset);
        self.exchanges.iter_mut().for_each(|exchange| exchange.published = 0);
        self.tally = Tally::default();
        self.next_lane = 0;
        self.parked.clear();
        self.silent_wake = None;
    }
}
