//! Deliveries on their way to a consumer: holds, lanes, copies, revocations.

use ordain_brokers::{Fault as BrokerFault, Input, MsgId, SubId, Tag};
use ordain_kernel::{EventId, Key, Span, Value as Choice, Weight};
use std::collections::VecDeque;

use crate::fact::What;
use crate::run::Run;
use crate::state::{ClientState, Delivery, Ev, Held, LaneHold, State};

impl ClientState {
    /// The epoch below which deliveries of a lane are void, as far as the client knows.
    #[inline]
    pub(crate) fn seen(&self, lane: Option<u32>) -> u32 {
        if self.lane_epochs.is_empty() {
            return self.seen_epoch;
        }
        let own = self.lane_epochs.iter().find(|(of, ..)| Some(*of) == lane).map_or(0, |(_, _, seen)| *seen);
        self.seen_epoch + own
    }

    /// The epoch of deliveries sent now.
    #[inline]
    fn sent(&self, lane: Option<u32>) -> u32 {
        if self.lane_epochs.is_empty() {
            return self.sent_epoch;
        }
        let own = self.lane_epochs.iter().find(|(of, ..)| Some(*of) == lane).map_or(0, |(_, sent, _)| *sent);
        self.sent_epoch + own
    }
}

impl Run<'_> {
    /// A delivery sets out: the hold choice says when it arrives.
    #[inline(never)]
    #[expect(clippy::too_many_arguments, reason = "the fields of one effect")]
    pub(crate) fn deliver(
        &mut self,
        broker: usize,
        client: u32,
        sub: SubId,
        msg: MsgId,
        tag: Tag,
        lane: Option<u32>,
        redelivered: bool,
        cause: EventId,
    ) {
        let n = self.count_delivery(sub, msg);
        let key = self.s.trace.key(self.s.messages.get(msg).key, self.wiring.subs[sub.0 as usize], n);
        let accepted = self.s.messages.accepted(msg).unwrap_or(cause);
        let cause = if n > 1 && cause != EventId::NONE { cause } else { accepted };
        let epoch = self.s.clients[client as usize].sent(lane);
        let delivery = Delivery { client, sub, msg, tag, lane, epoch, n, key, redelivered, cause };
        match self.s.choices.ask(self.wiring.hold[sub.0 as usize], key, 0) {
            None => {
                self.send_or_queue(broker, delivery, None);
                self.copy_beside(broker, delivery);
            }
            Some(value) => {
                let words = |run: &Run<'_>| run.hold_words(msg, sub, n, value);
                let cause = self.deviated(Run::broker_lane(broker), key, value, delivery.cause, words);
                let delivery = Delivery { cause, ..delivery };
                self.send_or_queue(broker, delivery, Some(value));
                self.copy_beside(broker, delivery);
            }
        }
    }

    /// Sends a delivery or holds it, or queues it behind what holds its lane.
    #[inline]
    pub(crate) fn send_or_queue(&mut self, broker: usize, delivery: Delivery, hold: Option<Choice>) {
        if let Some(lane) = delivery.lane {
            let holds = &mut self.s.clients[delivery.client as usize].lane_holds;
            if let Some(behind) = holds.iter_mut().find(|hold| hold.lane == lane) {
                behind.queue.push_back((delivery, hold));
                return;
            }
        }
        match hold {
            Some(how) => self.hold(broker, delivery, how),
            None => self.send_on(broker, delivery),
        }
    }

    /// Carries a delivery over the network.
    #[inline]
    pub(crate) fn send_on(&mut self, broker: usize, delivery: Delivery) {
        let process = self.s.clients[delivery.client as usize].process as usize;
        let service = self.s.processes[process].service as usize;
        self.send_back(service, broker, Ev::Arrive(delivery));
    }

    #[cold]
    pub(crate) fn hold(&mut self, broker: usize, delivery: Delivery, how: Choice) {
        let Delivery { msg, sub, key, cause, client, lane, .. } = delivery;
        let at = self.s.held.len() as u32;
        let (past, ticket) = match how {
            Choice::HoldFor(span) => (None, Some(self.s.queue.after(span, Weight::Work, Ev::Release(at)))),
            Choice::HoldPast(key) => (Some(key), None),
            _ => (None, None),
        };
        self.s.held.push(Held { delivery, past, ticket, live: true });
        self.s.held_live += 1;
        self.s.past_live += usize::from(past.is_some());
        if let Some(lane) = lane {
            self.s.clients[client as usize].lane_holds.push(LaneHold { lane, queue: VecDeque::new() });
        }
        self.fact(Run::broker_lane(broker), key, cause, 0, What::Held { msg, sub });
    }

    /// Lets a held delivery go, and what queued behind it, up to the next one that is held itself.
    pub(crate) fn release(&mut self, at: usize) {
        let Held { delivery, past, ticket, live } = self.s.held[at];
        if !live {
            return;
        }
        self.s.held[at].live = false;
        self.s.held_live -= 1;
        self.s.past_live -= usize::from(past.is_some());
        if let Some(ticket) = ticket.filter(|_| self.s.draining) {
            self.s.queue.cancel(ticket);
        }
        let client = &mut self.s.clients[delivery.client as usize];
        let broker = client.broker as usize;
        let mut queued = VecDeque::new();
        if let Some(place) = client.lane_holds.iter().position(|hold| Some(hold.lane) == delivery.lane) {
            queued = client.lane_holds.swap_remove(place).queue;
        }
        self.send_on(broker, delivery);
        for (next, hold) in queued {
            self.send_or_queue(broker, next, hold.filter(|_| !self.s.draining));
        }
    }

    /// At quiet: the delivery that is held longest goes; false when none is held.
    pub(crate) fn release_oldest(&mut self) -> bool {
        if self.s.held_live == 0 {
            return false;
        }
        let oldest = self.s.held.iter().position(|held| held.live);
        if let Some(at) = oldest {
            self.release(at);
        }
        oldest.is_some()
    }

    pub(crate) fn release_all(&mut self) {
        while self.release_oldest() {}
    }

    /// Lets go what waits for an event with this key.
    #[cold]
    pub(crate) fn release_past(&mut self, key: Key) {
        for at in 0..self.s.held.len() {
            if self.s.held[at].live && self.s.held[at].past == Some(key) {
                self.s.queue.after(Span::ZERO, Weight::Work, Ev::Release(at as u32));
            }
        }
    }

    /// Puts the copy choice of systems that may deliver a message again at any time.
    pub(crate) fn copy_beside(&mut self, broker: usize, delivery: Delivery) {
        let Delivery { client, sub, msg, tag, key, cause, n, .. } = delivery;
        if n > 1 || self.duplicates_by_lost_ack(client) {
            return;
        }
        let site = self.wiring.copy[sub.0 as usize];
        let Some(value @ Choice::Copies { count, late }) = self.s.choices.ask(site, key, 0) else { return };
        let words = |run: &Run<'_>| run.copy_words(msg, sub, count);
        let id = self.deviated(Run::broker_lane(broker), key, value, cause, words);
        for copy in 1..=u64::from(count) {
            let input = Input::Fault(BrokerFault::Duplicate { tag, sub, late: late.times(copy) });
            let event = Ev::ToBroker { broker: broker as u16, input, cause: id };
            self.s.queue.after(Span::ZERO, Weight::Work, event);
        }
    }

    #[cold]
    pub(crate) fn revoke(&mut self, broker: usize, client: u32, lane: Option<u32>) {
        let of = &mut self.s.clients[client as usize];
        match lane {
            None => of.sent_epoch += 1,
            Some(lane) => match of.lane_epochs.iter_mut().find(|(l, ..)| *l == lane) {
                Some((_, sent, _)) => *sent += 1,
                None => of.lane_epochs.push((lane, 1, 0)),
            },
        }
        // What is held is void from now on, and what the broker sends after this must not wait behind it.
        of.lane_holds.retain(|hold| lane.is_some_and(|lane| lane != hold.lane));
        let service = self.s.processes[of.process as usize].service as usize;
        let State { held, held_live, past_live, queue, .. } = &mut *self.s;
        let void = |d: &Delivery| d.client == client && (lane.is_none() || lane == d.lane);
        for held in held.iter_mut().filter(|held| held.live && void(&held.delivery)) {
            held.live = false;
            *held_live -= 1;
            *past_live -= usize::from(held.past.is_some());
            if let Some(ticket) = held.ticket.take() {
                queue.cancel(ticket);
            }
        }
        self.send_back(service, broker, Ev::Revoked { client, lane });
    }

    /// The consumer learns that what it has buffered is void.
    pub(crate) fn revoked(&mut self, client: u32, lane: Option<u32>) {
        let of = &mut self.s.clients[client as usize];
        match lane {
            None => of.seen_epoch += 1,
            Some(lane) => {
                if let Some((.., seen)) = of.lane_epochs.iter_mut().find(|(l, ..)| *l == lane) {
                    *seen += 1;
                }
            }
        }
        let process = of.process as usize;
        let State { clients, processes, .. } = &mut *self.s;
        let void = |d: &Delivery| d.client == client && d.epoch < clients[client as usize].seen(d.lane);
        processes[process].buffer.retain(|delivery| !void(delivery));
    }
}
