//! The network between services and brokers: connections, frames, cuts.

use ordain_brokers::{Client, Input, SubId};
use ordain_kernel::{EventId, Key, Span, Weight};

use crate::fact::What;
use crate::run::Run;
use crate::state::{ClientState, Ev};

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

    #[inline]
    pub(crate) fn send_back(&mut self, service: usize, broker: usize, event: Ev) {
        let link = self.link(service, broker);
        if self.s.links[link].cut {
            self.s.links[link].back.push_back(event);
        } else {
            self.s.queue.after(self.spec.brokers[broker].latency, Weight::Work, event);
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
