//! Apache Kafka 4.x, with consumers of the classic group protocol.
//!
//! # Covers
//! - Topics with partitions; the keyed partition is `(murmur2(key) & 0x7fffffff) % n`; records without a key
//!   stick to one partition for a batch of [`KafkaOptions::sticky_batch_records`].
//! - Append-only logs with offsets that rise by one.
//! - Consumer groups: one subscription is one group on one topic. A service that reads several topics is
//!   several groups here, where a real one would often be one: a rebalance of one does not touch the others.
//! - Join, `group.initial.rebalance.delay.ms`, the eager rebalance (all partitions revoked, then assigned by
//!   the range assignor in member-id order), generations, session timeouts, evictions.
//! - Polls of at most `max.poll.records`; positions; commits after each record, after each batch, or
//!   automatic; `auto.offset.reset`.
//! - Automatic commits are part of the poll: the first poll after `auto.commit.interval.ms` commits what earlier
//!   polls returned. A batch is handled when the next poll comes, so a crash amid it repeats it. A consumer
//!   that has nothing to do polls on, and commits its last batch when the interval is over. The interval begins anew
//!   with each commit and each assignment.
//! - An orderly close, and a rebalance before it revokes, commit automatically at once: also records of the last
//!   poll that are not handled yet. Those are lost, unless a handler that is at them finishes.
//! - A dynamic member that crashed is still a member until its session ends: whoever joins meanwhile,
//!   the restarted process too, waits for that.
//! - Failed records: the consumer seeks back, pauses the partition for the backoff and reads on there, as error
//!   handlers of consumer frameworks do; attempts are counted in the consumer's memory and start again after a
//!   rebalance. Refused records go to a dead-letter topic and are committed.
//!
//! # Simplified
//! - Members that are heard join a rebalance at once, and abandon what they have not begun: the client polls
//!   beside its handlers. A handler that is caught by it runs on, and its commit is refused.
//! - Groups exist from the start with committed offset zero, unless `auto_offset_reset` is latest.
//! - A commit never goes backwards, and covers all earlier records of its partition.
//! - A member that is silent when a rebalance begins commits nothing automatically, even if it is heard again
//!   before the rebalance ends.
//! - A group reads every record of its topic; bindings are ignored.
//! - Fetches see a record as soon as it is appended; batching, `linger.ms` and `fetch.min.bytes` take no time.
//!
//! # Does not cover
//! Replication, leader election and `acks` below all; transactions and `read_committed`; duplicates by a
//! producer's resend (the world publishes again); compaction and retention; cooperative rebalancing, static
//! membership, KIP-848 and share groups (KIP-932); `max.poll.interval.ms` of a slow handler; manual
//! assignment and seeking by users.
//!
//! # Sources
//! Apache Kafka documentation: consumer configs, producer configs, broker configs, "The Consumer", "Consumer
//! group protocol"; the Java client's `Utils.murmur2`, `RangeAssignor` and `ConsumerCoordinator` (`poll`,
//! `onJoinPrepare`, `onJoinComplete`, `close`); the group coordinator's `ClassicGroup`.

mod assignor;
mod consume;
mod cursor;
mod group;
mod member;
mod options;
mod partitioner;
#[cfg(test)]
mod tests;
mod topic;

use ordain_kernel::{Choices, Names, Time};

use crate::index::Index;
use crate::timers::Timers;
use crate::{
    Backlog, Broker, ChannelId, Client, Cx, Down, Duplicates, Effect, Fault, Input, Message, MsgId, Order, SubId,
    Token, Topology,
};
use group::Group;
pub use options::{Commit, KafkaOptions, OffsetReset};
pub use partitioner::{murmur2, partition_hash};
use topic::Topic;

/// What the groups of a broker have before them.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    /// Appended and not committed.
    total: u64,
    /// Of these, fetched by a member.
    in_flight: u64,
}

/// The backoff of a partition's retry that ends.
#[derive(Clone, Copy, Debug)]
struct Due {
    sub: SubId,
    partition: u32,
    epoch: u32,
}

/// What a group needs beside itself while it handles an input.
struct Run<'a> {
    now: Time,
    options: &'a KafkaOptions,
    topic: &'a Topic,
    tally: &'a mut Tally,
    next_tag: &'a mut u64,
    timers: &'a mut Timers<Due>,
    effects: &'a mut Vec<Effect>,
}

impl Run<'_> {
    fn revoked(&mut self, client: Client, sub: SubId, lane: Option<u32>) {
        self.effects.push(Effect::Revoked { client, sub, lane });
    }
}

/// A Kafka cluster as its clients see it.
///
/// ```
/// use ordain_brokers::kafka::{Kafka, KafkaOptions};
/// use ordain_brokers::{Broker, ChannelDef, ChannelId, Client, Cx, Effect, Input, SubId, SubscriptionDef, Topology};
/// use ordain_kernel::{Choices, Names, Span, Time, Trace};
/// let topology = Topology {
///     channels: vec![ChannelDef { name: "orders".into(), partitions: 1, ..ChannelDef::default() }],
///     subscriptions: vec![SubscriptionDef { name: "billing".into(), ..SubscriptionDef::default() }],
/// };
/// let (mut choices, mut trace, mut effects) = (Choices::default(), Trace::default(), Vec::new());
/// let mut kafka = Kafka::new(KafkaOptions::default(), &topology, &mut choices, &mut Names::default());
/// let mut cx = Cx { choices: &mut choices, trace: &mut trace, effects: &mut effects };
/// kafka.input(Time::START, Input::Join { client: Client(1), sub: SubId(0) }, &mut cx);
/// let at = kafka.deadline().expect("the group waits for more members");
/// assert_eq!(at, Time::START + Span::from_secs(3));
/// kafka.input(at, Input::Wake, &mut cx);
/// assert_eq!(*cx.effects, [Effect::Rebalanced { sub: SubId(0), generation: 1 }]);
/// ```
#[derive(Debug)]
pub struct Kafka {
    options: KafkaOptions,
    topics: Vec<Topic>,
    groups: Vec<Group>,
    channel_index: Index,
    sub_index: Index,
    tally: Tally,
    next_tag: u64,
    timers: Timers<Due>,
    /// When something next happens by itself in a group: its membership changes, or an idle member commits.
    group_wake: Option<Time>,
}

impl Kafka {
    /// A fresh cluster with this topology. It puts no choices: the order of member ids comes with
    /// [`Fault::Rebalance`].
    ///
    /// # Panics
    /// When the topology names one number twice, or a subscription of a channel that it does not have.
    #[must_use]
    pub fn new(options: KafkaOptions, topology: &Topology, _choices: &mut Choices, _names: &mut Names) -> Kafka {
        let channel_index = Index::of_channels(topology.channels.iter().map(|channel| channel.id));
        let sub_index = Index::of_subs(topology.subscriptions.iter().map(|sub| sub.id));
        let mut lane = 0;
        let mut topics = Vec::new();
        for channel in &topology.channels {
            topics.push(Topic::new(channel.id, channel.partitions, lane));
            lane += channel.partitions.max(1);
        }
        let mut groups = Vec::new();
        for def in &topology.subscriptions {
            let topic = channel_index.channel(def.channel).expect("a subscription reads a channel of its broker");
            topics[topic].groups.push(groups.len() as u32);
            groups.push(Group::new(def, topic as u32, topics[topic].partitions(), options.offset_reset));
        }
        Kafka {
            options,
            topics,
            groups,
            channel_index,
            sub_index,
            tally: Tally::default(),
            next_tag: 0,
            timers: Timers::new(),
            group_wake: None,
        }
    }

    /// Runs `act` on one group with what it needs.
    #[inline]
    fn with<R>(
        &mut self,
        group: usize,
        now: Time,
        effects: &mut Vec<Effect>,
        act: impl FnOnce(&mut Group, &mut Run<'_>) -> R,
    ) -> R {
        let group = &mut self.groups[group];
        let mut run = Run {
            now,
            options: &self.options,
            topic: &self.topics[group.topic as usize],
            tally: &mut self.tally,
            next_tag: &mut self.next_tag,
            timers: &mut self.timers,
            effects,
        };
        act(group, &mut run)
    }

    fn publish(&mut self, now: Time, channel: ChannelId, message: &Message, token: Token, effects: &mut Vec<Effect>) {
        let Some(topic) = self.channel_index.channel(channel) else {
            effects.push(Effect::Refused { token });
            return;
        };
        let (partition, offset) = self.topics[topic].append(message, self.options.sticky_batch_records);
        let place = crate::Accepted { partition, offset };
        effects.push(Effect::Stored { message: message.id, channel: self.topics[topic].channel, place });
        effects.push(Effect::Confirmed { token });
        for at in 0..self.topics[topic].groups.len() {
            let group = self.topics[topic].groups[at] as usize;
            self.with(group, now, effects, |group, run| group.appended(partition, run));
        }
    }

    fn down(&mut self, now: Time, client: Client, how: Down, effects: &mut Vec<Effect>) {
        for group in 0..self.groups.len() {
            self.with(group, now, effects, |group, run| match how {
                Down::Closed => group.leave(client, run),
                Down::Crashed => group.silence(client, true, run),
                Down::Cut | Down::Paused => group.silence(client, false, run),
            });
        }
    }

    fn wake(&mut self, now: Time, effects: &mut Vec<Effect>) {
        while let Some(due) = self.timers.pop_due(now) {
            if !holds(&due, &self.groups, &self.sub_index) {
                continue;
            }
            let group = self.sub_index.sub(due.sub).expect("timers are of groups of this broker");
            self.with(group, now, effects, |group, run| group.resume_partition(due.partition, run));
        }
        if self.group_wake.is_some_and(|at| at <= now) {
            for group in 0..self.groups.len() {
                if self.groups[group].wake().is_some_and(|at| at <= now) {
                    self.with(group, now, effects, Group::on_time);
                }
            }
        }
    }

    fn trim(&mut self) {
        let (groups, subs) = (&self.groups, &self.sub_index);
        self.timers.trim(|due| holds(due, groups, subs));
    }

    fn set_group_wake(&mut self) {
        self.group_wake = self.groups.iter().filter_map(Group::wake).min();
    }
}

/// Whether a timer is still for what it was set for.
fn holds(due: &Due, groups: &[Group], subs: &Index) -> bool {
    subs.sub(due.sub).is_some_and(|group| {
        let cursor = &groups[group].cursors[due.partition as usize];
        cursor.paused && cursor.epoch == due.epoch
    })
}

impl Broker for Kafka {
    fn input(&mut self, now: Time, input: Input, cx: &mut Cx<'_>) {
        let effects = &mut *cx.effects;
        match input {
            Input::Publish { channel, message, token } => {
                self.publish(now, channel, &message, token, effects);
                if !self.options.commit.is_auto() {
                    return;
                }
            }
            Input::Settle { client, sub, tag, how } => match self.sub_index.sub(sub) {
                Some(group) => self.with(group, now, effects, |group, run| group.settle(client, tag, how, run)),
                None => effects.push(Effect::Stale { client, tag }),
            },
            Input::Fault(Fault::Duplicate { tag, sub, .. }) => {
                if let Some(group) = self.sub_index.sub(sub) {
                    self.with(group, now, effects, |group, run| group.duplicate(tag, run));
                }
            }
            Input::Join { client, sub } => {
                if let Some(group) = self.sub_index.sub(sub) {
                    self.with(group, now, effects, |group, run| group.join(client, run));
                }
                self.set_group_wake();
            }
            Input::Down { client, how } => {
                self.down(now, client, how, effects);
                self.set_group_wake();
            }
            Input::Up { client } => {
                for group in 0..self.groups.len() {
                    self.with(group, now, effects, |group, run| group.hear(client, run));
                }
                self.set_group_wake();
            }
            Input::Fault(Fault::Rebalance { sub, order }) => {
                if let Some(group) = self.sub_index.sub(sub) {
                    self.with(group, now, effects, |group, run| group.rebalance(Some(order), run));
                }
                self.set_group_wake();
            }
            Input::FaultsEnd => {}
            Input::Wake => {
                self.wake(now, effects);
                self.set_group_wake();
            }
        }
        if self.options.commit.is_auto() {
            self.set_group_wake();
        }
        self.trim();
    }

    fn deadline(&self) -> Option<Time> {
        self.timers.next_at().into_iter().chain(self.group_wake).min()
    }

    fn deadline_is_work(&self) -> bool {
        self.tally.total > 0 && self.deadline().is_some()
    }

    fn backlog(&self) -> Backlog {
        Backlog { ready: self.tally.total - self.tally.in_flight, unsettled: self.tally.in_flight }
    }

    fn unsettled(&self, sub: SubId) -> Vec<MsgId> {
        let Some(group) = self.sub_index.sub(sub).map(|at| &self.groups[at]) else {
            return Vec::new();
        };
        let topic = &self.topics[group.topic as usize];
        let mut found: Vec<MsgId> = Vec::new();
        for (cursor, log) in group.cursors.iter().zip(&topic.logs) {
            found.extend(&log[cursor.committed as usize..]);
        }
        found.sort_unstable();
        found
    }

    fn duplicates(&self) -> Duplicates {
        Duplicates::Rewind
    }

    fn order(&self) -> Order {
        Order::Partition
    }

    fn reset(&mut self) {
        self.topics.iter_mut().for_each(Topic::reset);
        self.groups.iter_mut().for_each(|group| group.reset(&self.options));
        self.tally = Tally::default();
        self.next_tag = 0;
        self.timers.clear();
        self.group_wake = None;
    }
}
