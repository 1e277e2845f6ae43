//! Faults that strike processes and links: crashes and restarts, pauses, timed faults; and deviations in words.

use ordain_brokers::{Down, Fault as BrokerFault, Input, MsgId, SubId};
use ordain_kernel::{EventId, Fate, Key, Span, Time, Value as Choice, Weight};

use crate::fact::{Boundary, Gauge, What};
use crate::run::Run;
use crate::spec::{FaultKind, Schedule, ServiceId};
use crate::state::{Ev, Handle};

/// A timed fault strikes at most so often in a run.
const STRIKES_MAX: u32 = 10_000;

impl Run<'_> {
    pub(crate) fn process_key(&mut self, process: usize) -> Key {
        let of = &self.s.processes[process];
        let (seg, replica) = (self.wiring.process[of.service as usize], u32::from(of.replica));
        self.s.trace.key(Key::ROOT, seg, replica)
    }

    /// A process dies: volatile memory is gone, open transactions roll back, brokers find out in their own way.
    pub(crate) fn crash(&mut self, process: usize, down: Span, after: Option<Boundary>, cause: EventId) {
        let key = self.process_key(process);
        let of = &self.s.processes[process];
        let (lane, service, replica, incarnation) = (of.lane, ServiceId(of.service), of.replica, of.incarnation);
        self.s.gauges.add(Gauge::Crashes(service), 1);
        let id = self.fact(lane, key, cause, u64::from(incarnation), What::Crashed { service, replica, after });
        let slots = self.s.processes[process].active.clone();
        for slot in slots {
            self.drop_transaction(slot);
            let delivery = self.s.handlings[slot as usize].delivery;
            if self.s.messages.get(delivery.msg).timer {
                self.retry_timer(delivery);
            }
            self.free_slot(slot);
        }
        let s = &mut *self.s;
        s.processes[process].active.clear();
        s.processes[process].up = false;
        s.processes[process].paused = false;
        s.processes[process].incarnation += 1;
        s.processes[process].stalled.clear();
        s.processes[process].relay_stalled = false;
        s.processes[process].down_cause = id;
        let lost = std::mem::take(&mut s.processes[process].buffer);
        let waiting = std::mem::take(&mut s.waiting);
        self.s.waiting = waiting.into_iter().filter(|(_, handle)| self.s.alive(*handle)).collect();
        for (lock, handle) in std::mem::take(&mut self.s.woken) {
            if self.s.alive(handle) {
                self.s.woken.push((lock, handle));
            } else {
                self.s.freed.push(lock);
            }
        }
        for delivery in lost {
            if self.s.messages.get(delivery.msg).timer {
                self.retry_timer(delivery);
            }
        }
        self.disconnect(process, Down::Crashed, id);
        self.relay_lost(process);
        self.wake_waiters();
        self.s.queue.after(down, Weight::Work, Ev::Restart(process as u16));
    }

    /// A process comes back with empty memory and joins its brokers anew.
    pub(crate) fn restart(&mut self, process: usize) {
        let key = self.process_key(process);
        let of = &mut self.s.processes[process];
        of.up = true;
        let (lane, service, replica, cause) = (of.lane, ServiceId(of.service), of.replica, of.down_cause);
        let incarnation = u64::from(of.incarnation);
        let id = self.fact(lane, key, cause, incarnation, What::Restarted { service, replica });
        self.connect(process, id);
        self.arm_relay(service.at());
    }

    /// A process stands still: nothing is handled or sent until it goes on.
    pub(crate) fn pause(&mut self, process: usize, lasts: Span, cause: EventId) {
        let key = self.process_key(process);
        let of = &mut self.s.processes[process];
        of.paused = true;
        of.pauses += 1;
        let (pause, lane, service, replica) = (of.pauses, of.lane, of.service, of.replica);
        let what = What::Paused { service: ServiceId(service), replica };
        let id = self.fact(lane, key, cause, u64::from(pause), what);
        self.tell_own_clients(process, id, |client| Input::Down { client, how: Down::Paused });
        self.s.queue.after(lasts, Weight::Work, Ev::Unpause { process: process as u16, pause });
    }

    /// A paused process goes on where it stood.
    pub(crate) fn unpause(&mut self, process: usize) {
        let key = self.process_key(process);
        let of = &mut self.s.processes[process];
        of.paused = false;
        let (lane, service, replica, pause) = (of.lane, of.service, of.replica, of.pauses);
        let what = What::Resumed { service: ServiceId(service), replica };
        let id = self.fact(lane, key, EventId::NONE, u64::from(pause), what);
        let stalled = std::mem::take(&mut self.s.processes[process].stalled);
        for handle in stalled {
            self.resume(handle);
        }
        self.tell_own_clients(process, id, |client| Input::Up { client });
        if std::mem::take(&mut self.s.processes[process].relay_stalled) {
            self.relay_go(service as usize);
        }
        self.pump(process);
    }

    /// What brokers find out by themselves about one process: at once, without a frame.
    fn tell_own_clients(&mut self, process: usize, cause: EventId, input: impl Fn(ordain_brokers::Client) -> Input) {
        let clients = self.s.processes[process].clients.clone();
        for client in clients {
            let broker = self.s.clients[client as usize].broker as usize;
            self.broker_input(broker, input(ordain_brokers::Client(client)), cause);
        }
    }

    /// Asks each timed fault when it first strikes.
    pub(crate) fn schedule_strikes(&mut self) {
        for at in 0..self.spec.faults.len() {
            self.next_strike(at, 1, Time::START);
        }
    }

    /// Asks a timed fault for its next occurrence, from number `n` on and not before `earliest`. The occurrence
    /// after that is asked for when it strikes, so that what never comes up is no deviation.
    fn next_strike(&mut self, at: usize, n: u32, earliest: Time) {
        let when = match &self.spec.faults[at].kind {
            FaultKind::Partition { when, .. }
            | FaultKind::Rebalance { when, .. }
            | FaultKind::TimedPause { when, .. } => *when,
            _ => return,
        };
        let (seg, site) = self.wiring.strikes[at];
        let (most, step) = match when {
            Schedule::Once(..) => (1, Span::ZERO),
            Schedule::Every(low, _) => (STRIKES_MAX, low.max(Span::from_millis(1))),
        };
        let mut earliest = earliest;
        for n in n..=most {
            if earliest.since(Time::START) >= self.spec.horizon.load {
                return;
            }
            let key = self.s.trace.key(Key::ROOT, seg, n);
            if let Some(Choice::Fate(Fate::Strike { at: time, lasts })) = self.s.choices.ask(site, key, earliest.0) {
                self.s.queue.at(time, Weight::Upkeep, Ev::Strike { fault: at as u16, n, lasts });
                return;
            }
            earliest += step;
        }
    }

    pub(crate) fn strike(&mut self, at: usize, n: u32, lasts: Span) {
        if self.s.draining {
            return;
        }
        let spec = self.spec;
        let (seg, _) = self.wiring.strikes[at];
        let key = self.s.trace.key(Key::ROOT, seg, n);
        self.s.fault_counts[at] += 1;
        self.next_strike(at, n + 1, self.s.queue.now());
        let value = Choice::Fate(Fate::Strike { at: self.now(), lasts });
        match &spec.faults[at].kind {
            FaultKind::Partition { service, broker, .. } => {
                let names = (self.service_name(service.at()), spec.names.text(spec.brokers[broker.at()].name));
                let words = format!("partition {} from {} for {lasts} at {}", names.0, names.1, self.now());
                let id = self.struck(at, key, value, words);
                self.cut(service.at(), broker.at(), lasts, id);
            }
            FaultKind::Rebalance { broker, .. } => {
                let words = format!("rebalance {} at {}", spec.names.text(spec.brokers[broker.at()].name), self.now());
                let id = self.struck(at, key, value, words);
                self.rebalance(broker.at(), id);
            }
            FaultKind::TimedPause { service, .. } => {
                let first = self.wiring.first_process[service.at()] as usize;
                let process = first + (n as usize - 1) % spec.services[service.at()].replicas as usize;
                if self.s.processes[process].up && !self.s.processes[process].paused {
                    let words = format!("pause {} for {lasts} at {}", self.service_name(service.at()), self.now());
                    let id = self.struck(at, key, value, words);
                    self.pause(process, lasts, id);
                }
            }
            _ => {}
        }
    }

    fn struck(&mut self, at: usize, key: Key, value: Choice, words: String) -> EventId {
        let lane = match &self.spec.faults[at].kind {
            FaultKind::Partition { broker, .. } | FaultKind::Rebalance { broker, .. } => Run::broker_lane(broker.at()),
            _ => ordain_kernel::Lane(0),
        };
        self.enter_deviation(lane, key, value, EventId::NONE, Some(at as u16), words)
    }

    fn rebalance(&mut self, broker: usize, cause: EventId) {
        for (at, sub) in self.spec.subs.iter().enumerate() {
            let here = sub.channel.is_some_and(|c| self.spec.channels[c.0 as usize].broker.at() == broker);
            if here {
                let fault = BrokerFault::Rebalance { sub: SubId(at as u16), order: 0 };
                self.broker_input(broker, Input::Fault(fault), cause);
            }
        }
    }

    pub(crate) fn service_name(&self, service: usize) -> &str {
        self.spec.names.text(self.spec.services[service].name)
    }

    /// `Charge(c7)`, with the delivery's number where it is not the first.
    pub(crate) fn short(&self, msg: MsgId, n: u32) -> String {
        crate::words::message_n(self.spec, &self.s.messages, msg, n)
    }

    /// Where a handling stands, in words.
    pub(crate) fn at(&self, handle: Handle) -> String {
        let delivery = self.s.handlings[handle.slot as usize].delivery;
        self.short(delivery.msg, delivery.n)
    }

    pub(crate) fn copy_words(&self, msg: MsgId, sub: SubId, count: u32) -> String {
        let times = if count > 1 { format!(" {count} times") } else { String::new() };
        let to = self.spec.names.text(self.spec.subs[sub.0 as usize].name);
        format!("copy {} -> {to}{times}", self.short(msg, 1))
    }

    pub(crate) fn hold_words(&self, msg: MsgId, sub: SubId, n: u32, value: Choice) -> String {
        let to = self.spec.names.text(self.spec.subs[sub.0 as usize].name);
        format!("hold {} -> {to} {value}", self.short(msg, n))
    }

    pub(crate) fn crash_words(&self, handle: Handle, after: Boundary) -> String {
        let service = self.process_name(handle);
        format!("crash {service} {}, at {}", window(after), self.at(handle))
    }

    pub(crate) fn pause_words(&self, handle: Handle, after: Boundary, lasts: Span) -> String {
        let service = self.process_name(handle);
        format!("pause {service} for {lasts} {}, at {}", window(after), self.at(handle))
    }

    fn process_name(&self, handle: Handle) -> String {
        let process = self.s.handlings[handle.slot as usize].process as usize;
        crate::words::process(self.spec, self.s, process)
    }
}

/// `after committed, before acked`
pub(crate) fn window(after: Boundary) -> String {
    let next = match after {
        Boundary::Received => "begun",
        Boundary::Begun | Boundary::Statements => "committed",
        Boundary::Committed | Boundary::Published => "acked",
        Boundary::Acked => return "after acked".to_owned(),
        Boundary::RelayRead => "relay_published",
        Boundary::RelayPublished => "relay_marked",
        Boundary::RelayMarked => return "after relay_marked".to_owned(),
    };
    format!("after {}, before {next}", after.word())
}
