//! Broker models at work: inputs, effects, deadlines.

use ordain_brokers::{Cx, Effect, Input, MsgId, SubId, Tag};
use ordain_kernel::{EventId, Key, Time, Weight};

use crate::fact::{Gauge, What};
use crate::run::Run;
use crate::spec::BrokerKind;
use crate::state::{Ev, State};

impl Run<'_> {
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
    pub(crate) fn arm(&mut self, broker: usize) {
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

    pub(crate) fn effect(&mut self, broker: usize, effect: &Effect, cause: EventId) {
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
    pub(crate) fn rare_effect(&mut self, broker: usize, effect: &Effect, cause: EventId) {
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

    pub(crate) fn unlag(&mut self, sub: SubId) {
        if let Some(channel) = self.spec.subs[sub.0 as usize].channel {
            self.s.gauges.add(Gauge::Lag(channel), -1);
        }
    }

    pub(crate) fn stale(&mut self, lane: ordain_kernel::Lane, client: u32, tag: Tag, cause: EventId) {
        let sub = self.s.clients[client as usize].sub;
        self.fact(lane, Key::ROOT, cause, tag.0, What::Stale { sub });
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
}
