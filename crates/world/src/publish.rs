//! Publishing: messages on their way to a broker, and the answers.

use ordain_brokers::{Input, Message, MsgId, Token, kafka};
use ordain_kernel::{EventId, Weight};

use crate::fact::What;
use crate::run::Run;
use crate::state::{Ev, Publish, State, Waiter};
use crate::value::Value;
use crate::wiring::Route;

impl Run<'_> {
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

    pub(crate) fn send_publish(&mut self, service: Option<usize>, msg: MsgId, token: Token, cause: EventId) {
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
    pub(crate) fn partition_hash(&mut self, msg: MsgId, field: usize) -> u32 {
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
    pub(crate) fn answer(&mut self, broker: usize, token: Token, stored: bool, cause: EventId) {
        let publish = self.s.publishes[token.0 as usize];
        let accepted = self.s.messages.accepted(publish.msg).unwrap_or(cause);
        if publish.waiter.is_none() {
            return;
        }
        let event = Ev::Confirmed { token, stored, cause: accepted };
        self.send_back(publish.service as usize, broker, event);
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
}
