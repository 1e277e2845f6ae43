//! Amazon SQS standard queues, and SNS in front of them.
//!
//! # Covers
//! - One queue per subscription; a channel in topic mode is an SNS topic that fans out to them, with the
//!   bindings as filter policies. What no subscription takes is accepted and dropped.
//! - At-least-once delivery: receives of at most `receive_max` messages; the visibility timeout; receipt
//!   handles: a delete with the newest one works, even after the timeout. Whether one with an older handle does,
//!   AWS leaves open ("might not be deleted"). It is a choice (`message@subscription.n:delete old handle`, n the
//!   newest delivery): it works by default, and else is refused. A later delivery that is being handled
//!   runs on, and its own delete finds nothing.
//! - Redrive: `retry_max` is `maxReceiveCount`. A message that was received that often and is visible again is
//!   dead-lettered by the next receive. Without it messages come back for ever.
//! - `ChangeMessageVisibility` for a retry after a backoff. A consumer that refuses a message sends it to the
//!   dead-letter queue itself, and deletes it. `ChangeMessageVisibility` with an old handle is refused.
//! - Extra deliveries at any time, of deleted messages too.
//! - Nobody notices that a consumer is gone: what it received comes back after the visibility timeout.
//! - Which of several waiting consumers gets a message is a choice (`message@subscription.n`), by default in
//!   turn. Visible messages are handed out first in, first out; the order is not promised, and the world
//!   reorders deliveries by holding them.
//!
//! # Simplified
//! A consumer receives again once it has settled what it received, and its receives are long polls without
//! gaps. An extra delivery that is not deleted is not delivered yet again.
//!
//! # Does not cover
//! FIFO queues, delays, retention (4 days by default), empty receives of short polls, the limit of 120,000
//! messages in flight, the cap of 12 h on a visibility timeout, batch deletes that fail in part, SNS delivery
//! retries, EventBridge.
//!
//! # Sources
//! Amazon SQS Developer Guide: "Visibility timeout", "Standard queues", "Dead-letter queues", "Queue and message
//! identifiers"; API reference of ReceiveMessage, DeleteMessage and ChangeMessageVisibility; Amazon SNS Developer
//! Guide: "Fanout to Amazon SQS queues", "Message filtering".

mod options;
mod queue;
mod store;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use ordain_kernel::{Choices, Form, Kind, Names, Seg, Time};

use crate::index::Index;
use crate::timers::Timers;
use crate::{
    Accepted, Backlog, Broker, ChannelId, Cx, Down, Duplicates, Effect, Fault, Input, Loss, Message, MsgId, Order,
    SubId, Tag, Token, Topology,
};
pub use options::SqsOptions;
use queue::Queue;
use store::State;

/// What the queues of a service hold.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    /// Neither deleted nor dead-lettered.
    total: u64,
    /// Of these, received and not visible again.
    in_flight: u64,
}

/// A hidden message that becomes visible.
#[derive(Clone, Copy, Debug)]
struct Due {
    sub: SubId,
    tag: Tag,
}

/// What a queue needs beside itself while it handles an input.
struct Run<'a, 'c> {
    now: Time,
    options: &'a SqsOptions,
    tally: &'a mut Tally,
    next_serial: &'a mut u32,
    visible_again: &'a mut VecDeque<(Time, SubId, Tag)>,
    timers: &'a mut Timers<Due>,
    cx: &'a mut Cx<'c>,
}

impl Run<'_, '_> {
    /// The number of another receipt handle; zero is none.
    fn serial(&mut self) -> u32 {
        *self.next_serial =
            self.next_serial.checked_add(1).expect("fewer than four thousand million deliveries in a run");
        *self.next_serial
    }
}

#[derive(Debug)]
struct Topic {
    channel: ChannelId,
    published: u64,
    /// Which queues take which type; an empty list of types takes all.
    queues: Vec<(u32, Vec<u16>)>,
}

/// An SQS service as its clients see it.
///
/// ```
/// use ordain_brokers::sqs::{Sqs, SqsOptions};
/// use ordain_brokers::{Broker, ChannelDef, Client, Cx, Effect, Input, Message, MsgId, SubId, SubscriptionDef};
/// use ordain_brokers::{ChannelId, Token, Topology};
/// use ordain_kernel::{Choices, Key, Names, Span, Time, Trace};
/// let topology = Topology {
///     channels: vec![ChannelDef { name: "orders".into(), ..ChannelDef::default() }],
///     subscriptions: vec![SubscriptionDef { name: "billing".into(), ..SubscriptionDef::default() }],
/// };
/// let (mut choices, mut trace, mut effects) = (Choices::default(), Trace::default(), Vec::new());
/// let mut sqs = Sqs::new(SqsOptions::default(), &topology, &mut choices, &mut Names::default());
/// let mut cx = Cx { choices: &mut choices, trace: &mut trace, effects: &mut effects };
/// sqs.input(Time::START, Input::Join { client: Client(1), sub: SubId(0) }, &mut cx);
/// let message = Message { id: MsgId(7), key: Key(7), partition_hash: None, routing: 0 };
/// sqs.input(Time::START, Input::Publish { channel: ChannelId(0), message, token: Token(1) }, &mut cx);
/// assert!(matches!(cx.effects.last(), Some(Effect::Deliver { message: MsgId(7), lane: None, .. })));
/// assert_eq!(sqs.deadline(), Some(Time::START + Span::from_secs(30)), "the visibility timeout");
/// ```
#[derive(Debug)]
pub struct Sqs {
    options: SqsOptions,
    topics: Vec<Topic>,
    queues: Vec<Queue>,
    channel_index: Index,
    sub_index: Index,
    tally: Tally,
    next_serial: u32,
    /// Ends of visibility timeouts. They are all equally long, so this is in order.
    visible_again: VecDeque<(Time, SubId, Tag)>,
    timers: Timers<Due>,
}

impl Sqs {
    /// A fresh service with this topology. It adds two sites, both picks: which of several competing
    /// consumers gets a message, and whether a delete with an old receipt handle works.
    ///
    /// # Panics
    /// When the topology names one number twice.
    #[must_use]
    pub fn new(options: SqsOptions, topology: &Topology, choices: &mut Choices, names: &mut Names) -> Sqs {
        let site = choices.add_site(Kind::Pick, Vec::new());
        let old_handle = (Seg::new(names, Form::Step, "delete old handle"), choices.add_site(Kind::Pick, Vec::new()));
        let subs = &topology.subscriptions;
        let mut queue = |def: &crate::SubscriptionDef| {
            let handling = Seg::new(names, Form::Handling, &def.name);
            Queue::new(def, handling, site, old_handle)
        };
        let queues = subs.iter().map(&mut queue).collect();
        let topic = |channel: &crate::ChannelDef| {
            let of_channel = subs.iter().enumerate().filter(|(_, def)| def.channel == channel.id);
            let queues = of_channel.map(|(at, def)| (at as u32, def.bindings.clone())).collect();
            Topic { channel: channel.id, published: 0, queues }
        };
        Sqs {
            options,
            topics: topology.channels.iter().map(topic).collect(),
            queues,
            channel_index: Index::of_channels(topology.channels.iter().map(|channel| channel.id)),
            sub_index: Index::of_subs(subs.iter().map(|sub| sub.id)),
            tally: Tally::default(),
            next_serial: 0,
            visible_again: VecDeque::new(),
            timers: Timers::new(),
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
            next_serial: &mut self.next_serial,
            visible_again: &mut self.visible_again,
            timers: &mut self.timers,
            cx,
        };
        act(&mut self.queues[queue], &mut run)
    }

    fn publish(&mut self, now: Time, channel: ChannelId, message: &Message, token: Token, cx: &mut Cx<'_>) {
        let Some(at) = self.channel_index.channel(channel) else {
            cx.effects.push(Effect::Refused { token });
            return;
        };
        let takes = |types: &[u16]| types.is_empty() || types.contains(&message.routing);
        let topic = &mut self.topics[at];
        if !topic.queues.iter().any(|(_, types)| takes(types)) {
            cx.effects.push(Effect::Confirmed { token });
            cx.effects.push(Effect::Dropped { message: message.id, channel: topic.channel, why: Loss::Unroutable });
            return;
        }
        let place = Accepted { partition: 0, offset: topic.published };
        topic.published += 1;
        cx.effects.push(Effect::Stored { message: message.id, channel: topic.channel, place });
        cx.effects.push(Effect::Confirmed { token });
        for queue in 0..self.topics[at].queues.len() {
            let (queue, types) = &self.topics[at].queues[queue];
            if takes(types) {
                self.with(*queue as usize, now, cx, |queue, run| queue.send(message.key, message.id, run));
            }
        }
    }

    fn down(&mut self, now: Time, client: crate::Client, how: Down, cx: &mut Cx<'_>) {
        for queue in 0..self.queues.len() {
            self.with(queue, now, cx, |queue, run| match how {
                Down::Closed | Down::Crashed => queue.leave(client),
                Down::Cut | Down::Paused => queue.set_live(client, false, run),
            });
        }
    }

    /// Extra deliveries that are still to come, come now.
    fn extras_now(&mut self, now: Time, cx: &mut Cx<'_>) {
        for (at, due) in self.timers.take_all() {
            match self.sub_index.sub(due.sub) {
                Some(queue) if self.queues[queue].is_extra(due.tag) => {
                    self.with(queue, now, cx, |queue, run| queue.due(due.tag, run));
                }
                _ => self.timers.set(at, due),
            }
        }
    }

    fn wake(&mut self, now: Time, cx: &mut Cx<'_>) {
        while let Some(&(at, sub, tag)) = self.visible_again.front()
            && at <= now
        {
            self.visible_again.pop_front();
            if let Some(queue) = self.queue_with(sub, tag, State::InFlight) {
                self.with(queue, now, cx, |queue, run| queue.visible_again(tag, run));
            }
        }
        while let Some(Due { sub, tag }) = self.timers.pop_due(now) {
            if let Some(queue) = self.queue_with(sub, tag, State::Hidden) {
                self.with(queue, now, cx, |queue, run| queue.due(tag, run));
            }
        }
    }

    /// The queue of `sub`, if the message behind this newest handle is in that state.
    fn queue_with(&self, sub: SubId, tag: Tag, state: State) -> Option<usize> {
        self.sub_index.sub(sub).filter(|at| self.queues[*at].store.state(tag) == Some(state))
    }

    fn trim(&mut self) {
        while let Some(&(_, sub, tag)) = self.visible_again.front()
            && self.queue_with(sub, tag, State::InFlight).is_none()
        {
            self.visible_again.pop_front();
        }
        let (queues, subs) = (&self.queues, &self.sub_index);
        let holds =
            |due: &Due| subs.sub(due.sub).is_some_and(|at| queues[at].store.state(due.tag) == Some(State::Hidden));
        self.timers.trim(holds);
    }
}

impl Broker for Sqs {
    fn input(&mut self, now: Time, input: Input, cx: &mut Cx<'_>) {
        match input {
            Input::Publish { channel, message, token } => self.publish(now, channel, &message, token, cx),
            Input::Settle { client, sub, tag, how } => match self.sub_index.sub(sub) {
                Some(queue) => self.with(queue, now, cx, |queue, run| queue.settle(client, tag, how, run)),
                None => cx.effects.push(Effect::Stale { client, tag }),
            },
            Input::Join { client, sub } => {
                if let Some(queue) = self.sub_index.sub(sub) {
                    self.with(queue, now, cx, |queue, run| queue.join(client, run));
                }
            }
            Input::Down { client, how } => self.down(now, client, how, cx),
            Input::Up { client } => {
                for queue in 0..self.queues.len() {
                    self.with(queue, now, cx, |queue, run| queue.set_live(client, true, run));
                }
            }
            Input::Wake => self.wake(now, cx),
            Input::Fault(Fault::Duplicate { tag, sub, late }) => {
                if let Some(queue) = self.sub_index.sub(sub) {
                    self.with(queue, now, cx, |queue, run| queue.duplicate(tag, late, run));
                }
            }
            Input::Fault(Fault::Rebalance { .. }) => {}
            Input::FaultsEnd => self.extras_now(now, cx),
        }
        self.trim();
    }

    fn deadline(&self) -> Option<Time> {
        let visible = self.visible_again.front().map(|(at, ..)| *at);
        visible.into_iter().chain(self.timers.next_at()).min()
    }

    fn deadline_is_work(&self) -> bool {
        self.deadline().is_some()
    }

    fn backlog(&self) -> Backlog {
        Backlog { ready: self.tally.total - self.tally.in_flight, unsettled: self.tally.in_flight }
    }

    fn unsettled(&self, sub: SubId) -> Vec<MsgId> {
        let Some(queue) = self.sub_index.sub(sub).map(|at| &self.queues[at]) else {
            return Vec::new();
        };
        let mut found: Vec<MsgId> = queue.store.messages().collect();
        found.sort_unstable();
        found
    }

    fn duplicates(&self) -> Duplicates {
        Duplicates::ExtraDelivery
    }

    fn order(&self) -> Order {
        Order::None
    }

    fn reset(&mut self) {
        self.queues.iter_mut().for_each(Queue::reset);
        self.topics.iter_mut().for_each(|topic| topic.published = 0);
        self.tally = Tally::default();
        self.next_serial = 0;
        self.visible_again.clear();
        self.timers.clear();
    }
}
