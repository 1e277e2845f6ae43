//! The network between clients and brokers: frames, confirms, deliveries, holds and cuts.

use std::collections::VecDeque;

use ordain_brokers::{Client, Cx, Effect, Fault as BrokerFault, Input, Message, MsgId, SubId, Tag, Token, kafka};
use ordain_kernel::{EventId, Key, Span, Time, Value as Choice, Weight};

use crate::fact::{Gauge, What};
use crate::run::Run;
use crate::spec::BrokerKind;
use crate::state::{ClientState, Delivery, Ev, Held, LaneHold, Publish, State, Waiter};
use crate::value::Value;
use crate::wiring::Route;

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
    #[inline]
    pub(crate) fn link(&self, service: usize, broker: usize) -> usize {
        service * self.spec.brokers.len() + broker
    }

    pub(crate) fn new_client(&mut self, process: usize, sub: SubId, broker: usize) -> Client {
        let id = self.s.clients.len() as u32;
        self.s.clients.push(ClientState {
            process: process as u16,
            incarnation: self.s.processes[process].incarnation,
            sub,
            broker: broker as u16,
            sent_epoch: 0,
            seen_epoch: 0,
            lane_epochs: Vec::new(),
            lane_holds: Vec::new(),
        });
        self.s.processes[process].clients.push(id);
        Client(id)
    }

    /// Sends a client's frame; behind a cut it waits for the heal, as TCP would have it.
    #[inline]
    pub(crate) fn send_frame(&mut self, service: usize, broker: usize, input: Input, cause: EventId) {
        let link = self.link(service, broker);
        if self.s.links[link].cut {
            self.s.links[link].out.push_back((input, cause));
            return;
        }
        let event = Ev::ToBroker { broker: broker as u16, input, cause };
        self.s.queue.after(self.spec.brokers[broker].latency, Weight::Work, event);
    }

    pub(crate) fn client_input(&mut self, client: u32, input: Input, cause: EventId) {
        let of = &self.s.clients[client as usize];
        let (process, broker) = (of.process as usize, of.broker as usize);
        let service = self.s.processes[process].service as usize;
        self.send_frame(service, broker, input, cause);
    }

    pub(crate) fn duplicates_by_lost_ack(&self, client: u32) -> bool {
        let broker = self.s.clients[client as usize].broker as usize;
        self.s.brokers[broker].lost_ack
    }

    /// Whether the client, not the broker, counts the tries of a message.
    pub(crate) fn client_counts_tries(&self, client: u32) -> bool {
        let broker = self.s.clients[client as usize].broker as usize;
        !matches!(self.spec.brokers[broker].kind, BrokerKind::Sqs(_))
    }

    /// How often handlings of this message failed here, this time included.
    pub(crate) fn count_failure(&mut self, msg: MsgId, sub: SubId) -> u32 {
        let n = self.s.failures.entry((msg, sub)).or_insert(0);
        *n += 1;
        *n
    }

    /// Hands an input to a broker model and carries out what it answers.
    pub(crate) fn broker_input(&mut self, broker: usize, input: Input, cause: EventId) {
        let drawn = self.s.choices.fired().len();
        let State { brokers, choices, trace, effects, queue, .. } = &mut *self.s;
        let mut cx = Cx { choices, trace, effects };
        brokers[broker].model.input(queue.now(), input, &mut cx);
        if self.s.choices.fired().len() > drawn {
            let name = |run: &Run<'_>| run.spec.names.text(run.spec.brokers[broker].name).to_owned();
            let words = |run: &Run<'_>| format!("{} chooses another consumer", name(run));
            self.deviated_since(drawn, Run::broker_lane(broker), cause, words);
        }
        let mut effects = std::mem::take(&mut self.s.effects);
        for effect in &effects {
            self.effect(broker, effect, cause);
        }
        effects.clear();
        self.s.effects = effects;
        self.arm(broker);
    }

    /// Keeps one pending wake-up a broker: never later than its deadline, never work without need.
    #[inline(never)]
    fn arm(&mut self, broker: usize) {
        let State { brokers, queue, .. } = &mut *self.s;
        let state = &mut brokers[broker];
        let (wanted, work) = state.model.wake();
        if let Some((at, armed_work, ticket)) = state.armed {
            let keep = wanted.is_some_and(|deadline| at <= deadline && armed_work == work);
            if keep {
                return;
            }
            queue.cancel(ticket);
            state.armed = None;
        }
        if let Some(deadline) = wanted.filter(|deadline| *deadline != Time::NEVER) {
            let weight = if work { Weight::Work } else { Weight::Upkeep };
            let ticket = queue.at(deadline, weight, Ev::Wake(broker as u16));
            state.armed = Some((deadline, work, ticket));
        }
    }

    fn effect(&mut self, broker: usize, effect: &Effect, cause: EventId) {
        let lane = Run::broker_lane(broker);
        match *effect {
            Effect::Stored { message: msg, channel, place } => {
                let of = self.s.messages.get(msg);
                let key = of.key;
                let audience = self.wiring.routes[of.ty.at()].map_or(0, |route| route.audience);
                self.s.gauges.add(Gauge::Lag(channel), audience);
                let what =
                    What::Accepted { msg, channel: Some(channel), partition: place.partition, offset: place.offset };
                let id = self.fact(lane, key, cause, place.offset ^ u64::from(place.partition) << 48, what);
                self.s.messages.accept(msg, id);
            }
            Effect::Confirmed { token } => self.answer(broker, token, true, cause),
            Effect::Refused { token } => self.answer(broker, token, false, cause),
            Effect::Deliver { client, sub, message, tag, lane, redelivered } => {
                self.deliver(broker, client.0, sub, message, tag, lane, redelivered, cause);
            }
            Effect::Settled { sub, message: msg } => {
                self.unlag(sub);
                let key = self.s.messages.get(msg).key;
                self.fact(lane, key, cause, u64::from(sub.0), What::Settled { msg, sub });
            }
            ref other => self.rare_effect(broker, other, cause),
        }
    }

    #[cold]
    fn rare_effect(&mut self, broker: usize, effect: &Effect, cause: EventId) {
        let lane = Run::broker_lane(broker);
        match *effect {
            Effect::Stored { .. }
            | Effect::Confirmed { .. }
            | Effect::Refused { .. }
            | Effect::Deliver { .. }
            | Effect::Settled { .. } => {}
            Effect::Revoked { client, lane, .. } => self.revoke(broker, client.0, lane),
            Effect::Lost { client, sub } => {
                let process = &self.s.processes[self.s.clients[client.0 as usize].process as usize];
                let (service, replica) = (process.service, process.replica);
                let key = self.process_key(self.s.clients[client.0 as usize].process as usize);
                let service = crate::spec::ServiceId(service);
                self.fact(lane, key, cause, u64::from(client.0), What::ConsumerLost { sub, service, replica });
            }
            Effect::Stale { client, tag } => self.stale(lane, client.0, tag, cause),
            Effect::DeadLettered { sub, message: msg, why, kept } => {
                self.unlag(sub);
                if let (true, Some(channel)) = (kept, self.spec.subs[sub.0 as usize].channel) {
                    self.s.gauges.add(Gauge::DeadLetters(channel), 1);
                }
                let key = self.s.messages.get(msg).key;
                self.fact(lane, key, cause, u64::from(sub.0), What::DeadLettered { msg, sub, why, kept });
            }
            Effect::Dropped { message: msg, channel, .. } => {
                let key = self.s.messages.get(msg).key;
                self.fact(lane, key, cause, u64::from(channel.0), What::Dropped { msg, channel });
            }
            Effect::Rebalanced { sub, generation } => {
                self.fact(
                    lane,
                    Key::ROOT,
                    cause,
                    u64::from(sub.0) << 32 | u64::from(generation),
                    What::Rebalanced { sub },
                );
            }
        }
    }

    fn unlag(&mut self, sub: SubId) {
        if let Some(channel) = self.spec.subs[sub.0 as usize].channel {
            self.s.gauges.add(Gauge::Lag(channel), -1);
        }
    }

    fn stale(&mut self, lane: ordain_kernel::Lane, client: u32, tag: Tag, cause: EventId) {
        let sub = self.s.clients[client as usize].sub;
        self.fact(lane, Key::ROOT, cause, tag.0, What::Stale { sub });
    }

    /// Publishes a message of a service; its waiter is told of the confirm. Gives the event of the sending.
    pub(crate) fn publish(&mut self, service: usize, waiter: Waiter, msg: MsgId, n: u32, cause: EventId) -> EventId {
        let lane = match waiter {
            Waiter::Handling(handle) => self.s.handlings[handle.slot as usize].lane,
            Waiter::Relay { service, .. } => {
                let process = self.s.relays[service as usize].as_ref().map_or(0, |r| r.process as usize);
                self.s.processes[process].lane
            }
        };
        let key = self.s.messages.get(msg).key;
        let sent = self.fact(lane, key, cause, u64::from(n), What::Sent { msg, n });
        let token = Token(self.s.publishes.len() as u32);
        self.s.publishes.push(Publish { msg, waiter: Some(waiter), service: service as u16 });
        self.send_publish(Some(service), msg, token, sent);
        sent
    }

    pub(crate) fn publish_from_load(&mut self, msg: MsgId, cause: EventId) {
        let token = Token(self.s.publishes.len() as u32);
        self.s.publishes.push(Publish { msg, waiter: None, service: u16::MAX });
        self.send_publish(None, msg, token, cause);
    }

    fn send_publish(&mut self, service: Option<usize>, msg: MsgId, token: Token, cause: EventId) {
        let of = self.s.messages.get(msg);
        let key = of.key;
        let Some(Route { channel, broker, routing, key: by, .. }) = self.wiring.routes[of.ty.at()] else { return };
        let partition_hash = by.map(|at| self.partition_hash(msg, at as usize));
        let message = Message { id: msg, key, partition_hash, routing };
        let input = Input::Publish { channel, message, token };
        match service {
            Some(service) => self.send_frame(service, broker as usize, input, cause),
            None => {
                let event = Ev::ToBroker { broker, input, cause };
                self.s.queue.after(self.spec.brokers[broker as usize].latency, Weight::Work, event);
            }
        }
    }

    /// What the keyed partitioner hashes is the text of a field.
    fn partition_hash(&mut self, msg: MsgId, field: usize) -> u32 {
        let State { messages, names, scratch, .. } = &mut *self.s;
        match &messages.fields(msg)[field] {
            Value::Str(text) => kafka::partition_hash(names.text(*text).as_bytes()),
            other => {
                scratch.clear();
                other.partition_bytes(names, scratch);
                kafka::partition_hash(scratch)
            }
        }
    }

    /// A producer's answer sets out.
    #[inline]
    fn answer(&mut self, broker: usize, token: Token, stored: bool, cause: EventId) {
        let publish = self.s.publishes[token.0 as usize];
        let accepted = self.s.messages.accepted(publish.msg).unwrap_or(cause);
        if publish.waiter.is_none() {
            return;
        }
        let event = Ev::Confirmed { token, stored, cause: accepted };
        self.send_back(publish.service as usize, broker, event);
    }

    #[inline]
    fn send_back(&mut self, service: usize, broker: usize, event: Ev) {
        let link = self.link(service, broker);
        if self.s.links[link].cut {
            self.s.links[link].back.push_back(event);
        } else {
            self.s.queue.after(self.spec.brokers[broker].latency, Weight::Work, event);
        }
    }

    pub(crate) fn confirmed(&mut self, token: Token, _stored: bool, cause: EventId) {
        let Publish { msg, waiter, .. } = self.s.publishes[token.0 as usize];
        match waiter {
            Some(Waiter::Handling(handle)) if self.s.alive(handle) => {
                let h = &self.s.handlings[handle.slot as usize];
                let (lane, key, last) = (h.lane, self.s.messages.get(msg).key, h.last);
                let id = self.fact(lane, key, cause, 0, What::Confirmed { msg });
                self.s.trace.also(id, last);
                self.handling_confirmed(handle, msg, id);
            }
            Some(Waiter::Relay { service, run }) => self.relay_confirmed(service as usize, run, msg, cause),
            _ => {}
        }
    }

    /// A delivery sets out: the hold choice says when it arrives.
    #[inline(never)]
    #[expect(clippy::too_many_arguments, reason = "the fields of one effect")]
    fn deliver(
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
    fn send_or_queue(&mut self, broker: usize, delivery: Delivery, hold: Option<Choice>) {
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
    fn send_on(&mut self, broker: usize, delivery: Delivery) {
        let process = self.s.clients[delivery.client as usize].process as usize;
        let service = self.s.processes[process].service as usize;
        self.send_back(service, broker, Ev::Arrive(delivery));
    }

    #[cold]
    fn hold(&mut self, broker: usize, delivery: Delivery, how: Choice) {
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
    fn copy_beside(&mut self, broker: usize, delivery: Delivery) {
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
    fn revoke(&mut self, broker: usize, client: u32, lane: Option<u32>) {
        let of = &mut self.s.clients[client as usize];
        match lane {
            None => of.sent_epoch += 1,
            Some(lane) => match of.lane_epochs.iter_mut().find(|(l, ..)| *l == lane) {
                Some((_, sent, _)) => *sent += 1,
                None => of.lane_epochs.push((lane, 1, 0)),
            },
        }
        let service = self.s.processes[of.process as usize].service as usize;
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
        of.lane_holds.retain(|hold| lane.is_some_and(|lane| lane != hold.lane));
        let process = of.process as usize;
        let State { clients, processes, held, held_live, past_live, queue, .. } = &mut *self.s;
        let void = |d: &Delivery| d.client == client && d.epoch < clients[client as usize].seen(d.lane);
        processes[process].buffer.retain(|delivery| !void(delivery));
        for held in held.iter_mut().filter(|held| held.live && void(&held.delivery)) {
            held.live = false;
            *held_live -= 1;
            *past_live -= usize::from(held.past.is_some());
            if let Some(ticket) = held.ticket.take() {
                queue.cancel(ticket);
            }
        }
    }

    /// Cuts the network between a service and a broker.
    pub(crate) fn cut(&mut self, service: usize, broker: usize, lasts: Span, cause: EventId) {
        let link = self.link(service, broker);
        if self.s.links[link].cut {
            return;
        }
        let what =
            What::Cut { service: crate::spec::ServiceId(service as u16), broker: crate::spec::BrokerId(broker as u16) };
        let id = self.fact(Run::broker_lane(broker), Key::ROOT, cause, link as u64, what);
        self.tell_clients(service, broker, id, |client| Input::Down { client, how: ordain_brokers::Down::Cut });
        let state = &mut self.s.links[link];
        state.cut = true;
        state.cuts += 1;
        let cut = state.cuts;
        let event = Ev::Heal { service: service as u16, broker: broker as u16, cut };
        self.s.queue.after(lasts, Weight::Work, event);
    }

    /// Heals it: what was under way arrives now, in order.
    pub(crate) fn heal(&mut self, service: usize, broker: usize) {
        let link = self.link(service, broker);
        if !self.s.links[link].cut {
            return;
        }
        self.s.links[link].cut = false;
        let what = What::Healed {
            service: crate::spec::ServiceId(service as u16),
            broker: crate::spec::BrokerId(broker as u16),
        };
        let id = self.fact(Run::broker_lane(broker), Key::ROOT, EventId::NONE, link as u64, what);
        self.tell_clients(service, broker, id, |client| Input::Up { client });
        let latency = self.spec.brokers[broker].latency;
        for (input, cause) in std::mem::take(&mut self.s.links[link].out) {
            let event = Ev::ToBroker { broker: broker as u16, input, cause };
            self.s.queue.after(latency, Weight::Work, event);
        }
        for event in std::mem::take(&mut self.s.links[link].back) {
            self.s.queue.after(latency, Weight::Work, event);
        }
    }

    /// What a broker finds out by itself about the consumers of a service: at once, without a frame.
    pub(crate) fn tell_clients(
        &mut self,
        service: usize,
        broker: usize,
        cause: EventId,
        input: impl Fn(Client) -> Input,
    ) {
        let first = self.wiring.first_process[service] as usize;
        for process in first..first + self.spec.services[service].replicas as usize {
            for at in 0..self.s.processes[process].clients.len() {
                let client = self.s.processes[process].clients[at];
                if self.s.clients[client as usize].broker as usize == broker {
                    self.broker_input(broker, input(Client(client)), cause);
                }
            }
        }
    }
}
