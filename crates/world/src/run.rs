//! One run: the main loop, its two phases, and known quiet.

use ordain_brokers::{Down, Input, MsgId, SubId};
use ordain_kernel::{Deviation, EventId, Key, Lane, Time, Value as Choice, Weight};

use crate::fact::{Fact, Flow, Observer, View, What};
use crate::load::Load;
use crate::message::Messages;
use crate::spec::Spec;
use crate::state::{Delivery, DeviationNote, Ev, NO_CLIENT, State};
use crate::value::Value;
use crate::wiring::Wiring;
use crate::words;
use crate::world::{End, RunEnd};
use ordain_kernel::Span;

/// How long a load client waits before it tries a service again that refused its connection.
const REQUEST_RETRY: Span = Span::from_secs(1);
/// One-way latency between the load and a service.
pub(crate) const REQUEST_LATENCY: Span = Span::from_millis(1);

/// The lane of the load.
const LOAD_LANE: Lane = Lane(0);

/// A run under way: the fixed world, its state, and who watches.
pub(crate) struct Run<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) wiring: &'a Wiring,
    pub(crate) s: &'a mut State,
    pub(crate) load: &'a Load,
    pub(crate) observer: &'a mut dyn Observer,
    pub(crate) statements: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        spec: &'a Spec,
        wiring: &'a Wiring,
        s: &'a mut State,
        load: &'a Load,
        observer: &'a mut dyn Observer,
    ) -> Run<'a> {
        let statements = observer.wants_statements();
        Run { spec, wiring, s, load, observer, statements }
    }

    /// Runs to quiet, or to a bound.
    pub(crate) fn complete(mut self) -> RunEnd {
        for process in 0..self.s.processes.len() {
            self.connect(process, EventId::NONE);
        }
        self.schedule_strikes();
        for (at, command) in self.load.commands.iter().enumerate() {
            self.s.queue.at(command.at, Weight::Work, Ev::Command(at as u32));
        }
        self.s.queue.after(self.spec.horizon.load, Weight::Upkeep, Ev::Horizon);
        self.watch();
        let end = self.turn();
        RunEnd {
            end,
            at: self.s.queue.now(),
            events: self.s.trace.count(),
            popped: self.s.queue.popped(),
            hash: self.s.trace.hash(),
        }
    }

    /// Notes in which handlings a boundary can deviate at all in this run.
    fn watch(&mut self) {
        let State { choices, watched, .. } = &mut *self.s;
        watched.clear();
        let scripted = !self.wiring.scripted.is_empty();
        let sites = self.wiring.fate.iter();
        watched.extend(sites.map(|sites| scripted || sites.iter().any(|site| choices.open(*site))));
    }

    fn turn(&mut self) -> End {
        loop {
            if self.s.queue.work() == 0 {
                if self.settle() {
                    return self.finish();
                }
                continue;
            }
            let Some(event) = self.s.queue.pop() else {
                return self
                    .not_quiet(self.s.queue.halted().map_or("nothing moves any more", ordain_kernel::Halt::words));
            };
            if matches!(event, Ev::DrainEnd) {
                return self.not_quiet("the drain ended");
            }
            self.dispatch(event);
            if self.s.stopped {
                return End::Stopped;
            }
        }
    }

    /// Called when no work is pending: goes on to the next phase; true when the run is over.
    fn settle(&mut self) -> bool {
        if self.release_oldest() {
            return false;
        }
        if !self.s.draining {
            self.drain();
            return false;
        }
        true
    }

    fn finish(&mut self) -> End {
        let backlog: u64 = self.s.brokers.iter().map(|b| b.model.backlog()).map(|b| b.ready + b.unsettled).sum();
        if backlog > 0 || self.s.outbox_rows > 0 || self.s.in_flight > 0 {
            return self.not_quiet("nothing moves any more");
        }
        self.fact(LOAD_LANE, Key::ROOT, EventId::NONE, 0, What::Quiet);
        if self.s.stopped { End::Stopped } else { End::Quiet }
    }

    fn not_quiet(&mut self, why: &str) -> End {
        End::NotQuiet { stuck: words::stuck(self.spec, self.s), why: why.to_owned() }
    }

    /// Ends the faults: everything is healed, released and restarted.
    fn drain(&mut self) {
        self.s.draining = true;
        self.s.choices.end_faults();
        self.fact(LOAD_LANE, Key::ROOT, EventId::NONE, 0, What::DrainBegan);
        self.s.queue.after(self.spec.horizon.drain, Weight::Upkeep, Ev::DrainEnd);
        for service in 0..self.spec.services.len() {
            for broker in 0..self.spec.brokers.len() {
                self.heal(service, broker);
            }
        }
        for process in 0..self.s.processes.len() {
            if !self.s.processes[process].up {
                self.restart(process);
            }
            if self.s.processes[process].paused {
                self.unpause(process);
            }
        }
        self.release_all();
        for broker in 0..self.spec.brokers.len() {
            self.broker_input(broker, Input::FaultsEnd, EventId::NONE);
        }
    }

    fn dispatch(&mut self, event: Ev) {
        match event {
            Ev::ToBroker { broker, input, cause } => self.broker_input(broker as usize, input, cause),
            Ev::Arrive(delivery) => self.arrive(delivery),
            Ev::Confirmed { token, stored, cause } => self.confirmed(token, stored, cause),
            other => self.rarer(&other),
        }
    }

    /// Everything that is not the way of a message: kept out of the hot loop.
    #[inline(never)]
    fn rarer(&mut self, event: &Ev) {
        match *event {
            Ev::ToBroker { .. } | Ev::Arrive(_) | Ev::Confirmed { .. } | Ev::DrainEnd => {}
            Ev::Command(at) => self.command(at as usize),
            Ev::Revoked { client, lane } => self.revoked(client, lane),
            Ev::Request { process, sub, msg, cause } => self.request(process as usize, sub, msg, cause),
            Ev::Resume(handle) => self.resume(handle),
            Ev::CallDone(call) => self.call_done(call as usize),
            Ev::Wake(broker) => {
                self.s.brokers[broker as usize].armed = None;
                self.broker_input(broker as usize, Input::Wake, EventId::NONE);
            }
            Ev::Restart(process) => {
                if !self.s.processes[process as usize].up {
                    self.restart(process as usize);
                }
            }
            Ev::Unpause { process, pause } => {
                let of = &self.s.processes[process as usize];
                if of.paused && of.pauses == pause {
                    self.unpause(process as usize);
                }
            }
            Ev::RelayTick(service) => self.relay_tick(service as usize),
            Ev::Timer(at) => self.timer(at as usize),
            Ev::Strike { fault, n, lasts } => self.strike(fault as usize, n, lasts),
            Ev::Heal { service, broker, cut } => {
                let link = self.link(service as usize, broker as usize);
                if self.s.links[link].cuts == cut {
                    self.heal(service as usize, broker as usize);
                }
            }
            Ev::Release(held) => self.release(held as usize),
            Ev::Horizon => {
                if !self.s.draining {
                    self.drain();
                }
            }
        }
    }

    /// Issues a command: as a message to its channel, or as a request to its service.
    fn command(&mut self, at: usize) {
        let command = &self.load.commands[at];
        let key = self.s.trace.key(Key::ROOT, self.wiring.command, command.number);
        let mut msg = Messages::blank(key, command.ty);
        let spec = &self.spec.types[command.ty.at()];
        msg.version = spec.versions;
        msg.id = key.0;
        msg.command = command.number;
        msg.time = self.s.queue.now();
        let State { names, tables, messages, .. } = &mut *self.s;
        let mut fields = tables.spare();
        fields.extend(command.fields.iter().map(|datum| Value::from_datum(datum, names)));
        let id = messages.push_from(msg, &mut fields);
        tables.give_back(fields);
        let born = self.fact(LOAD_LANE, key, EventId::NONE, u64::from(id.0), What::Issued { msg: id });
        match (spec.channel, spec.request_sub) {
            (Some(_), _) => self.publish_from_load(id, born),
            (None, Some(sub)) => self.send_request(sub, id, born),
            (None, None) => {}
        }
    }

    fn send_request(&mut self, sub: SubId, msg: MsgId, cause: EventId) {
        let service = self.spec.subs[sub.0 as usize].service.at();
        match self.pick_process(service, msg, sub) {
            Some(process) => {
                let event = Ev::Request { process: process as u16, sub, msg, cause };
                self.s.queue.after(REQUEST_LATENCY, Weight::Work, event);
            }
            None => {
                // Connection refused: the client tries again; nothing was accepted yet.
                self.s.refused_requests += 1;
                let event = Ev::Request { process: u16::MAX, sub, msg, cause };
                self.s.queue.after(REQUEST_RETRY, Weight::Work, event);
            }
        }
    }

    /// A live process of the service: round-robin is the default, another one a pick.
    pub(crate) fn pick_process(&mut self, service: usize, msg: MsgId, sub: SubId) -> Option<usize> {
        let first = self.wiring.first_process[service] as usize;
        let all = self.spec.services[service].replicas as usize;
        let live = (first..first + all).filter(|at| self.s.processes[*at].up).count();
        if live == 0 {
            return None;
        }
        let turn = self.s.robins[service];
        self.s.robins[service] = turn.wrapping_add(1);
        let mut offset = 0;
        if live > 1 && self.s.choices.open(self.wiring.pick) {
            let key = self.s.trace.key(self.s.messages.get(msg).key, self.wiring.subs[sub.0 as usize], 1);
            if let Some(Choice::Pick(by)) = self.s.choices.ask(self.wiring.pick, key, live as u64) {
                offset = by;
                let drawn = self.s.choices.fired().len() - 1;
                let words = |run: &Run<'_>| format!("{} goes to another replica", run.short(msg, 1));
                self.deviated_since(drawn, LOAD_LANE, EventId::NONE, words);
            }
        }
        let nth = (u64::from(turn) + offset) % live as u64;
        (first..first + all).filter(|at| self.s.processes[*at].up).nth(nth as usize)
    }

    fn request(&mut self, process: usize, sub: SubId, msg: MsgId, cause: EventId) {
        let up = self.s.processes.get(process).is_some_and(|p| p.up);
        if !up {
            return self.send_request(sub, msg, cause);
        }
        let lane = self.s.processes[process].lane;
        let key = self.s.messages.get(msg).key;
        let what = What::Accepted { msg, channel: None, partition: 0, offset: 0 };
        let accepted = self.fact(lane, key, cause, u64::from(msg.0), what);
        self.s.messages.accept(msg, accepted);
        let delivery = self.local_delivery(sub, msg, accepted);
        self.enter_buffer(process, delivery);
    }

    /// A delivery that no broker made.
    pub(crate) fn local_delivery(&mut self, sub: SubId, msg: MsgId, cause: EventId) -> Delivery {
        let n = self.count_delivery(sub, msg);
        let key = self.s.trace.key(self.s.messages.get(msg).key, self.wiring.subs[sub.0 as usize], n);
        Delivery {
            client: NO_CLIENT,
            sub,
            msg,
            tag: ordain_brokers::Tag(0),
            lane: None,
            epoch: 0,
            n,
            key,
            redelivered: false,
            cause,
        }
    }

    /// The number of this delivery of the message to the subscription, from 1.
    pub(crate) fn count_delivery(&mut self, sub: SubId, msg: MsgId) -> u32 {
        self.s.deliveries.bump(msg, sub)
    }

    /// Joins the consumers of a process to their brokers.
    pub(crate) fn connect(&mut self, process: usize, cause: EventId) {
        let service = self.s.processes[process].service as usize;
        for sub in &self.wiring.subs_of[service] {
            if let Some(channel) = self.spec.subs[sub.0 as usize].channel {
                let broker = self.spec.channels[channel.0 as usize].broker.at();
                let client = self.new_client(process, *sub, broker);
                self.send_frame(service, broker, Input::Join { client, sub: *sub }, cause);
            }
        }
    }

    /// Disconnects the consumers of a process.
    pub(crate) fn disconnect(&mut self, process: usize, how: Down, cause: EventId) {
        let service = self.s.processes[process].service as usize;
        let clients = std::mem::take(&mut self.s.processes[process].clients);
        for &client in &clients {
            let broker = self.s.clients[client as usize].broker as usize;
            self.send_frame(service, broker, Input::Down { client: ordain_brokers::Client(client), how }, cause);
        }
        if how != Down::Crashed {
            self.s.processes[process].clients = clients;
        }
    }

    /// Enters a fact in the trace and tells the observer.
    #[inline(always)]
    pub(crate) fn fact(&mut self, lane: Lane, key: Key, cause: EventId, data: u64, what: What) -> EventId {
        // Inlined, so that the fact is written once, where it is read, and its kind is known.
        let fact = Fact { id: EventId(self.s.trace.count() + 1), at: self.s.queue.now(), lane, key, what };
        let commits = matches!(fact.what, What::Committed { .. });
        self.tell(&fact, fact.what.code(), commits, data, cause);
        fact.id
    }

    #[inline(never)]
    fn tell(&mut self, fact: &Fact, code: u16, commits: bool, data: u64, cause: EventId) {
        let State { trace, names, messages, tables, gauges, changes, .. } = &mut *self.s;
        let spec = self.spec;
        if trace.recording() {
            let text = words::fact(spec, names, messages, &fact.what);
            trace.enter(fact.at, code, fact.lane, fact.key, data, cause, || text);
        } else {
            trace.enter(fact.at, code, fact.lane, fact.key, data, cause, String::new);
        }
        let changes: &[_] = if commits { changes } else { &[] };
        let view = View { spec, names, messages, tables, changes, gauges };
        if self.observer.fact(fact, &view) == Flow::Stop {
            self.s.stopped = true;
        }
        if self.s.past_live > 0 {
            self.release_past(fact.key);
        }
    }

    /// Enters a deviation in the trace; its event is the cause of what follows from it.
    #[inline(never)]
    pub(crate) fn deviated(
        &mut self,
        lane: Lane,
        key: Key,
        value: Choice,
        cause: EventId,
        words: impl FnOnce(&Run<'_>) -> String,
    ) -> EventId {
        let rule = self.s.choices.fired().last().and_then(|fired| fired.rule);
        let fault = rule.and_then(|rule| self.wiring.fault_of.get(rule.0 as usize).copied().flatten());
        if let Some(fault) = fault {
            self.s.fault_counts[fault as usize] += 1;
        }
        let words = if self.s.trace.recording() { words(self) } else { String::new() };
        self.enter_deviation(lane, key, value, cause, fault, words)
    }

    /// Enters the deviations that were drawn since there were `drawn` of them: those of choices that a program or a
    /// broker put by itself. Gives the event of the last one.
    #[inline(never)]
    pub(crate) fn deviated_since(
        &mut self,
        drawn: usize,
        lane: Lane,
        cause: EventId,
        words: impl Fn(&Run<'_>) -> String,
    ) -> EventId {
        let mut last = cause;
        for at in drawn..self.s.choices.fired().len() {
            let Deviation { key, value } = self.s.choices.fired()[at].deviation;
            let words = if self.s.trace.recording() { words(self) } else { String::new() };
            last = self.enter_deviation(lane, key, value, last, None, words);
        }
        last
    }

    /// Enters a deviation whose words are known.
    pub(crate) fn enter_deviation(
        &mut self,
        lane: Lane,
        key: Key,
        value: Choice,
        cause: EventId,
        fault: Option<u16>,
        words: String,
    ) -> EventId {
        let what = What::Deviated { fault };
        let State { trace, queue, names, messages, tables, gauges, notes, .. } = &mut *self.s;
        let at = queue.now();
        let text = words.clone();
        let id = trace.enter(at, what.code(), lane, key, value.kind() as u64, cause, || text);
        if trace.recording() {
            notes.push(DeviationNote { deviation: Deviation { key, value }, words, event: id });
        }
        let view = View { spec: self.spec, names, messages, tables, changes: &[], gauges };
        if self.observer.fact(&Fact { id, at, lane, key, what }, &view) == Flow::Stop {
            self.s.stopped = true;
        }
        id
    }

    pub(crate) const fn broker_lane(broker: usize) -> Lane {
        Lane(1 + broker as u16)
    }

    pub(crate) fn external_lane(&self, external: usize) -> Lane {
        Lane((1 + self.spec.brokers.len() + self.s.processes.len() + external) as u16)
    }

    pub(crate) fn now(&self) -> Time {
        self.s.queue.now()
    }
}
