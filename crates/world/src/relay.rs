//! The outbox relay of a service: reads unsent rows, publishes each, marks each, boundary by boundary.

use ordain_brokers::MsgId;
use ordain_kernel::{EventId, Fate, Key, Span, Value as Choice, Weight};

use crate::fact::Boundary;
use crate::run::Run;
use crate::state::{Ev, RelayNext, Waiter};

impl Run<'_> {
    /// Arms the relay for its next grid point, if rows wait and nobody is at it.
    pub(crate) fn arm_relay(&mut self, service: usize) {
        let Some(every) = self.spec.services[service].outbox else { return };
        let now = self.now();
        let Some(relay) = self.s.relays[service].as_mut() else { return };
        if relay.armed || relay.rows.is_empty() || relay.next != RelayNext::Idle {
            return;
        }
        relay.armed = true;
        let every = every.0.max(1);
        let at = ordain_kernel::Time((now.0 / every + 1) * every);
        self.s.queue.at(at, Weight::Work, Ev::RelayTick(service as u16));
    }

    /// The relay looks: the first live replica of the service takes all rows that wait.
    pub(crate) fn relay_tick(&mut self, service: usize) {
        let first = self.wiring.first_process[service] as usize;
        let all = first..first + self.spec.services[service].replicas as usize;
        let runs = all.into_iter().find(|at| self.s.processes[*at].up && !self.s.processes[*at].paused);
        let Some(relay) = self.s.relays[service].as_mut() else { return };
        relay.armed = false;
        let Some(process) = runs else {
            // Nobody runs: a restart arms it again; a pause ends sooner or later.
            relay.armed = true;
            let every = self.spec.services[service].outbox.unwrap_or(Span::from_millis(50));
            self.s.queue.after(every.max(Span::from_millis(1)), Weight::Work, Ev::RelayTick(service as u16));
            return;
        };
        relay.process = process as u16;
        relay.batch = relay.rows.len();
        relay.run += 1;
        relay.next = RelayNext::Read;
        self.relay_go(service);
    }

    /// Goes on with the relay's batch until it has to wait.
    pub(crate) fn relay_go(&mut self, service: usize) {
        loop {
            let Some(relay) = self.s.relays[service].as_mut() else { return };
            let process = relay.process as usize;
            if self.s.processes[process].paused {
                self.s.processes[process].relay_stalled = true;
                return;
            }
            match relay.next {
                RelayNext::Idle => return,
                RelayNext::Read if relay.batch == 0 => {
                    relay.next = RelayNext::Idle;
                    return self.arm_relay(service);
                }
                RelayNext::Read => {
                    relay.rows[0].tries += 1;
                    relay.last = relay.rows[0].cause;
                    relay.next = RelayNext::Publish;
                    if !self.relay_boundary(service, Boundary::RelayRead) {
                        return;
                    }
                }
                RelayNext::Publish => return self.relay_publish(service),
                RelayNext::Mark => {
                    relay.rows.pop_front();
                    relay.batch -= 1;
                    relay.next = RelayNext::Read;
                    self.s.outbox_rows -= 1;
                    if !self.relay_marked(service) {
                        return;
                    }
                }
            }
        }
    }

    fn relay_publish(&mut self, service: usize) {
        let Some(relay) = self.s.relays[service].as_mut() else { return };
        let (row, run) = (relay.rows[0], relay.run);
        relay.marking = row.msg;
        relay.next = RelayNext::Mark;
        let msg = if row.tries > 1 { self.republish(row.msg, row.tries - 1) } else { row.msg };
        let waiter = Waiter::Relay { service: service as u16, run };
        let last = self.publish(service, waiter, msg, row.tries, row.cause);
        if let Some(relay) = self.s.relays[service].as_mut() {
            relay.last = last;
        }
    }

    /// The same message sent again: the same id and fields under the key `~n`.
    fn republish(&mut self, msg: MsgId, n: u32) -> MsgId {
        let mut copy = self.s.messages.get(msg).clone();
        copy.republished = n;
        copy.key = self.s.trace.key(copy.key, self.wiring.republish, n);
        let fields = self.s.messages.fields(msg).to_vec();
        self.s.messages.push(copy, &fields)
    }

    /// The broker confirmed the row under way.
    pub(crate) fn relay_confirmed(&mut self, service: usize, run: u32, msg: MsgId, cause: EventId) {
        let Some(relay) = self.s.relays[service].as_mut() else { return };
        if relay.run != run || relay.next != RelayNext::Mark {
            return;
        }
        let lane = self.s.processes[relay.process as usize].lane;
        let last = relay.last;
        let key = self.s.messages.get(msg).key;
        let id = self.fact(lane, key, cause, 0, crate::fact::What::Confirmed { msg });
        self.s.trace.also(id, last);
        if let Some(relay) = self.s.relays[service].as_mut() {
            relay.last = id;
        }
        if self.relay_boundary(service, Boundary::RelayPublished) {
            self.relay_go(service);
        }
    }

    fn relay_marked(&mut self, service: usize) -> bool {
        self.relay_boundary(service, Boundary::RelayMarked)
    }

    /// Puts the fate choice after a boundary of the relay; false when its process died or stands still.
    fn relay_boundary(&mut self, service: usize, boundary: Boundary) -> bool {
        let at = boundary as usize - Boundary::RelayRead as usize;
        let site = self.wiring.relay_fate[service][at];
        if !self.s.choices.open(site) {
            return true;
        }
        let Some(relay) = self.s.relays[service].as_ref() else { return true };
        let (process, last) = (relay.process as usize, relay.last);
        let (msg, tries) = match relay.rows.front() {
            Some(row) if boundary != Boundary::RelayMarked => (row.msg, row.tries),
            _ => (relay.marking, 1),
        };
        let parent = self.s.messages.get(msg).key;
        let key: Key = self.s.trace.key(parent, self.wiring.boundaries[boundary as usize], tries);
        let Some(value @ Choice::Fate(fate)) = self.s.choices.ask(site, key, 0) else { return true };
        let lane = self.s.processes[process].lane;
        let verb = match fate {
            Fate::Crash { .. } => "crash".to_owned(),
            Fate::Pause { lasts } => format!("pause for {lasts}"),
            _ => return true,
        };
        let words = |run: &Run<'_>| {
            let name = crate::words::process(run.spec, run.s, process);
            format!("{verb} {name} {}, at {}", crate::faults::window(boundary), run.short(msg, 1))
        };
        let id = self.deviated(lane, key, value, last, words);
        match fate {
            Fate::Crash { down } => self.crash(process, down, Some(boundary), id),
            Fate::Pause { lasts } => {
                self.s.processes[process].relay_stalled = true;
                self.pause(process, lasts, id);
            }
            _ => {}
        }
        false
    }

    /// The process that ran the relay died: what was not marked is read again.
    pub(crate) fn relay_lost(&mut self, process: usize) {
        let service = self.s.processes[process].service as usize;
        let Some(relay) = self.s.relays[service].as_mut() else { return };
        if relay.next != RelayNext::Idle && relay.process as usize == process {
            relay.next = RelayNext::Idle;
            relay.run += 1;
            self.arm_relay(service);
        }
    }
}
