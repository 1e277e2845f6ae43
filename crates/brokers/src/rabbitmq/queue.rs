//! A queue: fresh messages, requeued ones in front of them, and its consumers' channels.

use std::collections::VecDeque;

use ordain_kernel::{Key, Seg, Site, Span, Time};

use super::channel::{Channel, lane_of};
use super::{QueueKind, Requeue, Run};
use crate::competing::{Handout, choose};
use crate::{Client, Effect, Loss, MsgId, Settle, SubId, SubscriptionDef, Tag};

/// A message in a queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    key: Key,
    /// Its place in the queue: rises with every message that is appended.
    place: u64,
    pub(crate) id: MsgId,
    /// How often it was delivered.
    deliveries: u32,
    /// Returns that count for the delivery limit.
    returns: u16,
    /// Failed attempts that went through the retry queue (the `x-death` count).
    retries: u16,
    redelivered: bool,
}

/// A queue and its consumers.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    pub(crate) sub: SubId,
    retry_max: Option<u32>,
    dead_letter: bool,
    handling: Seg,
    site: Site,
    fresh: VecDeque<Entry>,
    /// Requeued messages, in the order in which they are delivered again.
    returned: VecDeque<Entry>,
    next_place: u64,
    pub(crate) channels: Vec<Channel>,
    turn: usize,
    /// Clients that live on but were given up while silent.
    given_up: Vec<Client>,
    /// Former channels, for their memory.
    spare: Vec<Channel>,
}

impl Queue {
    /// An empty queue without consumers.
    pub(crate) fn new(def: &SubscriptionDef, handling: Seg, site: Site) -> Queue {
        Queue {
            sub: def.id,
            retry_max: def.retry_max,
            dead_letter: def.dead_letter,
            handling,
            site,
            fresh: VecDeque::new(),
            returned: VecDeque::new(),
            next_place: 0,
            channels: Vec::new(),
            turn: 0,
            given_up: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// The index of a client's channel.
    #[inline]
    pub(crate) fn channel_of(&self, client: Client) -> Option<usize> {
        self.channels.iter().position(|channel| channel.client == client)
    }

    /// When the server next gives up on a silent client.
    pub(crate) fn wake(&self) -> Option<Time> {
        self.channels.iter().filter_map(|channel| channel.expires).min()
    }

    /// A message is routed here.
    #[inline]
    pub(crate) fn publish(&mut self, key: Key, id: MsgId, run: &mut Run<'_, '_>) {
        run.tally.total += 1;
        self.append(Entry { key, place: 0, id, deliveries: 0, returns: 0, retries: 0, redelivered: false });
        self.dispatch(run);
    }

    fn append(&mut self, mut entry: Entry) {
        entry.place = self.next_place;
        self.next_place += 1;
        self.fresh.push_back(entry);
    }

    /// A message comes back from the retry queue: to the tail, as a new one.
    pub(crate) fn unpark(&mut self, entry: Entry, run: &mut Run<'_, '_>) {
        self.append(entry);
        self.dispatch(run);
    }

    /// Hands out messages while a consumer has credit.
    pub(crate) fn dispatch(&mut self, run: &mut Run<'_, '_>) {
        let prefetch = run.options.prefetch;
        while let Some(next) = self.returned.front().or_else(|| self.fresh.front()) {
            let delivery = next.deliveries + 1;
            let handout = Handout { site: self.site, message: next.key, handling: self.handling, delivery };
            let channels = &self.channels;
            let eligible = |at: usize| channels[at].has_credit(prefetch);
            let Some(chosen) = choose(handout, &mut self.turn, channels.len(), eligible, run.cx) else {
                return;
            };
            let Some(mut entry) = self.returned.pop_front().or_else(|| self.fresh.pop_front()) else {
                return;
            };
            entry.deliveries = delivery;
            let channel = &mut self.channels[chosen];
            let tag = channel.deliver(entry);
            run.tally.unacked += 1;
            if channel.expires.is_none() {
                let (client, lane) = (channel.client, channel.lane);
                run.cx.effects.push(delivered(self.sub, client, lane, tag, &entry));
            }
        }
    }

    /// Opens a channel with a consumer.
    pub(crate) fn consume(&mut self, client: Client, run: &mut Run<'_, '_>) {
        if self.channel_of(client).is_some() {
            return;
        }
        self.given_up.retain(|gone| *gone != client);
        *run.next_lane += 1;
        let channel = match self.spare.pop() {
            Some(mut channel) => {
                channel.renew(client, *run.next_lane);
                channel
            }
            None => Channel::new(client, *run.next_lane),
        };
        self.channels.push(channel);
        self.dispatch(run);
    }

    /// A consumer settles a delivery.
    pub(crate) fn settle(&mut self, client: Client, tag: Tag, how: Settle, run: &mut Run<'_, '_>) {
        let Some(entry) = self.take(client, tag, run) else {
            return;
        };
        match how {
            Settle::Ack => {
                run.tally.total -= 1;
                run.cx.effects.push(Effect::Settled { sub: self.sub, message: entry.id });
            }
            Settle::Reject => self.dead_letter(&entry, Loss::Rejected, run),
            Settle::Retry { after } => self.retry(entry, after, run),
        }
        self.dispatch(run);
    }

    fn take(&mut self, client: Client, tag: Tag, run: &mut Run<'_, '_>) -> Option<Entry> {
        let entry = self.channel_of(client).and_then(|at| self.channels[at].take(tag));
        match entry {
            Some(_) => run.tally.unacked -= 1,
            None => run.cx.effects.push(Effect::Stale { client, tag }),
        }
        entry
    }

    fn dead_letter(&mut self, entry: &Entry, why: Loss, run: &mut Run<'_, '_>) {
        run.tally.total -= 1;
        let kept = self.dead_letter;
        run.cx.effects.push(Effect::DeadLettered { sub: self.sub, message: entry.id, why, kept });
    }

    /// The consumer lets the message through the retry queue for this delay.
    fn retry(&mut self, entry: Entry, after: Span, run: &mut Run<'_, '_>) {
        let retries = entry.retries.saturating_add(1);
        if self.retry_max.is_some_and(|max| u32::from(retries) > max) {
            self.dead_letter(&entry, Loss::Exhausted, run);
            return;
        }
        let entry = Entry { retries, returns: 0, redelivered: false, ..entry };
        if after == Span::ZERO {
            self.append(entry);
        } else {
            run.parked.set(run.now + after, (self.sub, entry));
        }
    }

    /// `basic.nack` or `basic.reject` with `requeue`.
    pub(crate) fn give_back(&mut self, client: Client, tag: Tag, how: Requeue, run: &mut Run<'_, '_>) {
        let Some(entry) = self.take(client, tag, run) else {
            return;
        };
        self.requeue(entry, how == Requeue::Reject, run);
        self.dispatch(run);
    }

    fn requeue(&mut self, entry: Entry, counts: bool, run: &mut Run<'_, '_>) {
        let returns = entry.returns.saturating_add(u16::from(counts));
        let entry = Entry { redelivered: true, returns, ..entry };
        match run.options.queue {
            QueueKind::Classic => {
                let at = self.returned.partition_point(|other| other.place < entry.place);
                self.returned.insert(at, entry);
            }
            QueueKind::Quorum if run.options.delivery_limit.is_some_and(|max| u32::from(returns) > max) => {
                self.dead_letter(&entry, Loss::Exhausted, run);
            }
            QueueKind::Quorum => self.returned.push_back(entry),
        }
    }

    /// A client's channel closes, in whatever way: its unacknowledged deliveries are requeued, and not yet
    /// handed out again. Answers the channel's lane, and whether there were any.
    pub(crate) fn close(&mut self, client: Client, run: &mut Run<'_, '_>) -> Option<(u32, bool)> {
        let at = self.channel_of(client)?;
        let mut channel = self.channels.remove(at);
        if self.turn > at {
            self.turn -= 1;
        }
        let had_any = channel.open() > 0;
        while let Some(entry) = channel.take_oldest() {
            run.tally.unacked -= 1;
            self.requeue(entry, true, run);
        }
        let lane = channel.lane;
        self.spare.push(channel);
        Some((lane, had_any))
    }

    /// A client is gone for good.
    pub(crate) fn gone(&mut self, client: Client, run: &mut Run<'_, '_>) {
        self.given_up.retain(|gone| *gone != client);
        if self.close(client, run).is_some() {
            self.dispatch(run);
        }
    }

    /// A client falls silent; its connection stays open until the heartbeats are missed.
    pub(crate) fn silence(&mut self, client: Client, run: &mut Run<'_, '_>) {
        if let Some(at) = self.channel_of(client) {
            let expires = run.now + run.options.heartbeat.times(2);
            self.channels[at].expires.get_or_insert(expires);
        }
    }

    /// A silent client is heard again: what waited in its socket arrives, or it connects anew.
    pub(crate) fn hear(&mut self, client: Client, run: &mut Run<'_, '_>) {
        if let Some(at) = self.given_up.iter().position(|gone| *gone == client) {
            self.given_up.swap_remove(at);
            run.cx.effects.push(Effect::Revoked { client, sub: self.sub, lane: None });
            self.consume(client, run);
            return;
        }
        let Some(at) = self.channel_of(client) else {
            return;
        };
        let channel = &mut self.channels[at];
        if channel.expires.take().is_some() {
            let lane = channel.lane;
            let waiting = channel.flush();
            run.cx.effects.extend(waiting.map(|(tag, entry)| delivered(self.sub, client, lane, tag, &entry)));
        }
    }

    /// Gives up on the clients whose heartbeats are missed by now.
    pub(crate) fn on_time(&mut self, run: &mut Run<'_, '_>) {
        while let Some(at) = self.channels.iter().position(|c| c.expires.is_some_and(|at| at <= run.now)) {
            let client = self.channels[at].client;
            run.cx.effects.push(Effect::Lost { client, sub: self.sub });
            self.given_up.push(client);
            self.close(client, run);
            self.dispatch(run);
        }
    }

    /// The client that a delivery is outstanding at.
    pub(crate) fn holder(&self, tag: Tag) -> Option<Client> {
        self.channels
            .iter()
            .find(|channel| channel.lane == lane_of(tag) && channel.holds(tag))
            .map(|channel| channel.client)
    }

    /// Its messages that are waiting or unacknowledged.
    pub(crate) fn messages(&self) -> impl Iterator<Item = MsgId> {
        let unacked = self.channels.iter().flat_map(Channel::entries);
        self.returned.iter().chain(&self.fresh).chain(unacked).map(|entry| entry.id)
    }

    /// Back to an empty queue without consumers; memory is kept.
    pub(crate) fn reset(&mut self) {
        self.fresh.clear();
        self.returned.clear();
        self.next_place = 0;
        self.spare.append(&mut self.channels);
        self.turn = 0;
        self.given_up.clear();
    }
}

fn delivered(sub: SubId, client: Client, lane: u32, tag: Tag, entry: &Entry) -> Effect {
    Effect::Deliver { client, sub, message: entry.id, tag, lane: Some(lane), redelivered: entry.redelivered }
}
