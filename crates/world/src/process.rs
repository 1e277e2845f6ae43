//! Processes: buffers, and the handlings that go from received to acked, boundary by boundary.

use ordain_brokers::{Client, Fault as BrokerFault, Input, MsgId, Settle, SubId, Tag};
use ordain_kernel::{EventId, Fate, Key, Seg, Site, Span, Touch, TouchKind, Value as Choice, Weight};

use crate::fact::{Boundary, Gauge, What};
use crate::message::Messages;
use crate::program::{Outgoing, Step, StepCx};
use crate::run::Run;
use crate::spec::{DedupSpec, ServiceId, TypeId};
use crate::state::{Delivery, Ev, Handle, Handling, NO_CLIENT, Next, OutboxRow, State, Waiter};
use crate::value::Value;

/// Whether a handling goes on after a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// On.
    On,
    /// Its process died, or stands still: something else will take it up, or nothing.
    Off,
}

impl Run<'_> {
    /// A delivery arrives over the network.
    pub(crate) fn arrive(&mut self, delivery: Delivery) {
        let client = &self.s.clients[delivery.client as usize];
        let process = client.process as usize;
        let alive = self.s.processes[process].up && self.s.processes[process].incarnation == client.incarnation;
        if !alive || delivery.epoch < client.seen(delivery.lane) {
            return;
        }
        self.enter_buffer(process, delivery);
    }

    /// A delivery is in the process: its handling may begin at once.
    pub(crate) fn enter_buffer(&mut self, process: usize, mut delivery: Delivery) {
        let lane = self.s.processes[process].lane;
        let Delivery { msg, sub, n, redelivered, key, cause, .. } = delivery;
        delivery.cause = self.fact(lane, key, cause, u64::from(n), What::Delivered { msg, sub, n, redelivered });
        let of = &mut self.s.processes[process];
        if of.buffer.is_empty() && of.has_room(&self.spec.services) {
            self.begin(process, &delivery);
            if self.s.processes[process].buffer.is_empty() {
                return;
            }
        } else {
            of.buffer.push_back(delivery);
        }
        self.pump(process);
    }

    /// Begins handlings while the process has room for them.
    pub(crate) fn pump(&mut self, process: usize) {
        loop {
            let of = &mut self.s.processes[process];
            if of.buffer.is_empty() || !of.has_room(&self.spec.services) {
                return;
            }
            let Some(delivery) = of.buffer.pop_front() else { return };
            self.begin(process, &delivery);
        }
    }

    fn begin(&mut self, process: usize, delivery: &Delivery) {
        let State { handlings, processes, messages, free, watched, .. } = &mut *self.s;
        let slot = free.pop().unwrap_or_else(|| {
            handlings.push(Handling::new(*delivery));
            (handlings.len() - 1) as u32
        });
        let of = &mut processes[process];
        of.active.push(slot);
        let h = &mut handlings[slot as usize];
        h.process = process as u16;
        h.service = of.service;
        h.lane = of.lane;
        h.program = self.wiring.handler(delivery.sub, messages.get(delivery.msg).ty);
        h.watched = watched[delivery.sub.0 as usize];
        h.begin(slot, delivery);
        let handle = Handle { slot, generation: h.generation };
        self.s.in_flight += 1;
        if self.boundary(handle, Boundary::Received, self.wiring.boundaries[Boundary::Received as usize]) == After::On {
            self.go_on(handle);
        }
    }

    /// A sleeping, blocked, or stalled handling goes on.
    pub(crate) fn resume(&mut self, handle: Handle) {
        if !self.s.alive(handle) {
            return;
        }
        let process = self.s.handlings[handle.slot as usize].process as usize;
        if self.s.processes[process].paused {
            self.s.processes[process].stalled.push(handle);
            return;
        }
        self.advance(handle);
    }

    /// Runs a handling to its next wait, or to its end; then its process may begin another one.
    pub(crate) fn advance(&mut self, handle: Handle) {
        let process = self.h(handle).process as usize;
        if self.go_on(handle) {
            self.pump(process);
        }
    }

    /// Runs a handling to its next wait, or to its end; true when it ended.
    fn go_on(&mut self, handle: Handle) -> bool {
        loop {
            let after = match self.s.handlings[handle.slot as usize].next {
                Next::Open => self.open(handle),
                Next::Body => self.body(handle),
                Next::Commit { last } => self.commit(handle, last),
                Next::Publish { last } => self.publish_next(handle, last),
                Next::Ack => self.ack(handle),
                Next::End => {
                    self.free_slot(handle.slot);
                    return true;
                }
            };
            if after == After::Off || self.s.stopped {
                return false;
            }
        }
    }

    #[inline]
    fn h(&mut self, handle: Handle) -> &mut Handling {
        &mut self.s.handlings[handle.slot as usize]
    }

    /// Enters a fact of a handling; it becomes the cause of the next one.
    #[inline(always)]
    fn step_fact(&mut self, handle: Handle, data: u64, what: What) -> EventId {
        let h = &self.s.handlings[handle.slot as usize];
        let (lane, key, last) = (h.lane, h.delivery.key, h.last);
        let id = self.fact(lane, key, last, data, what);
        self.h(handle).last = id;
        id
    }

    #[inline(never)]
    fn open(&mut self, handle: Handle) -> After {
        let h = self.h(handle);
        let Delivery { msg, sub, n, .. } = h.delivery;
        if h.program.is_none() {
            self.step_fact(handle, 0, What::Ignored { msg, sub });
            self.h(handle).next = Next::Ack;
            return After::On;
        }
        let service = self.spec.subs[sub.0 as usize].service;
        if let Some(dedup) = &self.spec.services[service.at()].dedup
            && self.known(service.0, dedup, msg, sub)
        {
            self.s.gauges.add(Gauge::DedupHits(service), 1);
            self.step_fact(handle, 0, What::Deduplicated { msg, sub });
            self.h(handle).next = Next::Ack;
            return After::On;
        }
        self.step_fact(handle, u64::from(n), What::Begun { msg, sub, n });
        let h = self.h(handle);
        h.next = Next::Body;
        self.boundary(handle, Boundary::Begun, self.wiring.boundaries[Boundary::Begun as usize])
    }

    /// Whether the inbox has a marker for the message that is not too old.
    #[inline(never)]
    fn known(&mut self, service: u16, dedup: &DedupSpec, msg: MsgId, sub: SubId) -> bool {
        let key = self.inbox_key(dedup, msg, sub);
        let now = self.now();
        let marked = self.s.inbox.get(&(service, key));
        marked.is_some_and(|at| dedup.window.is_none_or(|window| now.since(*at) < window))
    }

    /// Whether the marker of the inbox, a unique row, was written by another handling since this one began.
    #[inline(never)]
    fn marked_meanwhile(&mut self, service: usize, msg: MsgId, sub: SubId) -> bool {
        let Some(dedup) = &self.spec.services[service].dedup else { return false };
        let known = self.known(service as u16, dedup, msg, sub);
        if known {
            self.s.gauges.add(Gauge::DedupHits(ServiceId(service as u16)), 1);
        }
        known
    }

    /// What identifies a message to an inbox: its id, or a field; two subscriptions never share a marker.
    fn inbox_key(&mut self, dedup: &DedupSpec, msg: MsgId, sub: SubId) -> Value {
        let of = self.s.messages.get(msg);
        let field = dedup.by.and_then(|name| {
            let at = self.spec.types[of.ty.at()].fields.iter().position(|f| f.name == name)?;
            self.s.messages.fields(msg).get(at).cloned()
        });
        let ty = i64::from(of.ty.0);
        let id = field.unwrap_or(Value::Int(of.id as i64));
        Value::List(std::rc::Rc::new(vec![Value::Int(i64::from(sub.0)), Value::Int(ty), id]))
    }

    #[inline(never)]
    fn body(&mut self, handle: Handle) -> After {
        let spec = self.spec;
        let drawn = self.s.choices.fired().len();
        let State { handlings, names, tables, choices, trace, messages, queue, .. } = &mut *self.s;
        let h = &mut handlings[handle.slot as usize];
        let Some(program) = h.program else { return After::Off };
        let program = &spec.subs[h.delivery.sub.0 as usize].handlers[program as usize].1;
        h.tx.record_reads(trace.recording());
        h.tx.serializable(spec.services[h.service as usize].serializable);
        let mut cx = StepCx {
            now: queue.now(),
            msg: h.delivery.msg,
            messages,
            names,
            tables,
            tx: &mut h.tx,
            emits: &mut h.emits,
            timers: &mut h.timers,
            turns: &mut h.turns,
            answer: h.answer.take(),
            answer_sites: &self.wiring.answers,
            choices,
            trace,
            handling: h.delivery.key,
            record: None,
        };
        // A statement after which nothing can happen is no reason to stop.
        let stops = self.statements || h.watched;
        let step = loop {
            let step = program.resume(&mut h.frame, &mut cx);
            if stops || !matches!(step, Step::Ran(_)) || cx.choices.fired().len() > drawn {
                break step;
            }
            (cx.answer, cx.record) = (None, None);
        };
        if self.s.choices.fired().len() > drawn {
            let h = &self.s.handlings[handle.slot as usize];
            let (lane, last) = (h.lane, h.last);
            let words = |run: &Run<'_>| format!("the less likely answer at {}", run.at(handle));
            self.h(handle).last = self.deviated_since(drawn, lane, last, words);
        }
        self.take_step(handle, step)
    }

    fn take_step(&mut self, handle: Handle, step: Step) -> After {
        match step {
            Step::Ran(seg) => {
                if self.statements {
                    let msg = self.h(handle).delivery.msg;
                    self.step_fact(handle, seg.hash, What::Ran { msg });
                }
                self.boundary(handle, Boundary::Statements, seg)
            }
            Step::Blocked(lock) => {
                self.s.waiting.push_back((lock, handle));
                After::Off
            }
            Step::Send(seg, outgoing) => {
                let n = self.h(handle).frame.count(seg);
                let key = self.step_key(handle, seg, n);
                self.h(handle).send_step = Some(key);
                let mut outgoing = outgoing;
                let msg = self.create(handle, &mut outgoing);
                let service = self.service_of(handle);
                let cause = self.h(handle).last;
                self.h(handle).last = self.publish(service, Waiter::Handling(handle), msg, 1, cause);
                After::Off
            }
            Step::Call { seg, external, key, latency } => self.call(handle, seg, external, key, latency),
            Step::Sleep(_, span) => {
                self.s.queue.after(span, Weight::Work, Ev::Resume(handle));
                After::Off
            }
            Step::Commit => self.turn_to(handle, Next::Commit { last: false }),
            Step::Done => self.turn_to(handle, Next::Commit { last: true }),
            Step::Fail(why) => self.fail(handle, &why),
            Step::Reject(why) => self.reject(handle, &why),
        }
    }

    fn turn_to(&mut self, handle: Handle, next: Next) -> After {
        self.h(handle).next = next;
        After::On
    }

    pub(crate) fn step_key(&mut self, handle: Handle, seg: Seg, n: u32) -> Key {
        let parent = self.s.handlings[handle.slot as usize].delivery.key;
        self.s.trace.key(parent, seg, n)
    }

    #[inline]
    pub(crate) fn service_of(&self, handle: Handle) -> usize {
        self.s.handlings[handle.slot as usize].service as usize
    }

    /// Stores an outgoing message under the key of its place in this handling.
    fn create(&mut self, handle: Handle, out: &mut Outgoing) -> MsgId {
        let seg = self.wiring.types[out.ty.at()];
        let h = &mut self.s.handlings[handle.slot as usize];
        let k = h.frame.count(seg);
        let (parent, handled, sub) = (h.delivery.key, h.delivery.msg, h.delivery.sub);
        let (born, process) = (h.last, h.process);
        let key = self.s.trace.key(parent, seg, k);
        let version = self.version(process as usize, out.ty);
        let from = self.s.messages.get(handled);
        let mut msg = Messages::blank(key, out.ty);
        msg.version = version;
        msg.id = out.id.unwrap_or(key.0);
        msg.command = from.command;
        msg.causation = Some(handled);
        msg.source = Some(self.spec.subs[sub.0 as usize].service);
        msg.saga = out.saga.take().or_else(|| from.saga.clone());
        msg.time = self.s.queue.now();
        msg.born = born;
        for (value, spec) in out.fields.iter_mut().zip(&self.spec.types[out.ty.at()].fields) {
            let lacks = spec.versions >> (version - 1) & 1 == 0;
            if lacks || matches!(value, Value::Nil) {
                *value = spec.default.clone().unwrap_or_default();
            }
        }
        let id = self.s.messages.push_from(msg, &mut out.fields);
        self.s.tables.give_back(std::mem::take(&mut out.fields));
        id
    }

    /// The version of a type that a replica emits now: a pure function of the deploys and of time.
    fn version(&self, process: usize, ty: TypeId) -> u8 {
        if self.spec.deploys.is_empty() {
            return self.spec.types[ty.at()].versions;
        }
        let of = &self.s.processes[process];
        let replicas = u64::from(self.spec.services[of.service as usize].replicas);
        let mut version = None;
        for deploy in self.spec.deploys.iter().filter(|d| d.service.0 == of.service && d.ty == ty) {
            let turn = Span(deploy.rolling.0 * u64::from(of.replica) / (replicas - 1).max(1));
            let before = version.unwrap_or_else(|| deploy.version.saturating_sub(1).max(1));
            version = Some(if self.now().0 >= (deploy.at + turn).0 { deploy.version } else { before });
        }
        version.unwrap_or(self.spec.types[ty.at()].versions)
    }

    #[inline(never)]
    fn commit(&mut self, handle: Handle, last: bool) -> After {
        let Delivery { msg, sub, .. } = self.h(handle).delivery;
        let service = self.service_of(handle);
        let seg = self.wiring.commit;
        let n = self.h(handle).frame.count(seg);
        let site = self.wiring.ambiguous[service];
        let mut lost = false;
        if self.s.choices.open(site) {
            let key = self.step_key(handle, seg, n);
            if let Some(value @ Choice::Fate(Fate::Ambiguous)) = self.s.choices.ask(site, key, 0) {
                self.deviate(handle, key, value, |run| {
                    format!("ambiguous commit: done, answer lost, at {}", run.at(handle))
                });
                lost = true;
            }
        }
        if n == 1 && self.spec.services[service].dedup.is_some() && self.marked_meanwhile(service, msg, sub) {
            self.roll_back(handle, "the inbox has it already: another delivery was faster");
            self.step_fact(handle, 1, What::Deduplicated { msg, sub });
            return self.turn_to(handle, Next::Ack);
        }
        let reads = self.s.trace.recording().then(|| self.reads_of(handle));
        if !self.apply(handle) {
            return self.restart_body(handle);
        }
        let id = self.step_fact(handle, u64::from(lost), What::Committed { msg, sub, ambiguous: lost });
        if let Some(reads) = reads {
            self.footprint(id, reads);
        }
        self.mark_inbox(service, msg, sub);
        self.wake_waiters();
        self.apply_timers(handle, id);
        self.take_emits(handle, service, id);
        if lost {
            return self.fail(handle, "the commit's answer was lost");
        }
        let h = self.h(handle);
        h.tx.reset(handle.slot);
        h.next = Next::Publish { last };
        self.boundary(handle, Boundary::Committed, self.wiring.boundaries[Boundary::Committed as usize])
    }

    /// Applies the transaction; false when a serializable one must run again.
    fn apply(&mut self, handle: Handle) -> bool {
        let State { handlings, tables, changes, trace, freed, .. } = &mut *self.s;
        let writer = EventId(trace.count() + 1);
        tables.recycle(changes);
        let tx = &mut handlings[handle.slot as usize].tx;
        tables.commit(tx, writer, changes, freed).is_ok()
    }

    #[inline(never)]
    fn restart_body(&mut self, handle: Handle) -> After {
        let State { handlings, tables, freed, .. } = &mut *self.s;
        let h = &mut handlings[handle.slot as usize];
        tables.rollback(&mut h.tx, freed);
        h.tx.reset(handle.slot);
        h.frame.pc = 0;
        h.frame.locals.clear();
        h.frame.state = None;
        h.emits.clear();
        h.timers.clear();
        h.turns.clear();
        h.next = Next::Body;
        self.wake_waiters();
        After::On
    }

    /// What the transaction has read so far, with the commits that wrote it: only kept when recording.
    #[inline(never)]
    fn reads_of(&self, handle: Handle) -> Vec<(u64, EventId)> {
        let tx = &self.s.handlings[handle.slot as usize].tx;
        let reads = tx.reads();
        let rows = reads.iter().filter_map(|read| Some((read.table, read.key.as_ref()?)));
        rows.map(|(table, key)| {
            let writer = self.s.tables.committed(table, key).map_or(EventId::NONE, |row| row.writer);
            (object(table.0, key.stable_hash(&self.s.names)), writer)
        })
        .collect()
    }

    /// Reports what the transaction read and wrote, and takes the writers of what it read as causes.
    #[inline(never)]
    fn footprint(&mut self, id: EventId, reads: Vec<(u64, EventId)>) {
        let State { trace, names, changes, .. } = &mut *self.s;
        for (object, writer) in reads {
            trace.also(id, writer);
            trace.touch(id, Touch { kind: TouchKind::Read, object });
        }
        for change in changes.iter() {
            let object = object(change.table.0, change.key.stable_hash(names));
            trace.touch(id, Touch { kind: TouchKind::Wrote, object });
        }
    }

    fn mark_inbox(&mut self, service: usize, msg: MsgId, sub: SubId) {
        let Some(dedup) = &self.spec.services[service].dedup else { return };
        let key = self.inbox_key(dedup, msg, sub);
        let now = self.now();
        self.s.inbox.insert((service as u16, key), now);
    }

    /// Emitted messages become outbox rows, or wait to be published by this handling.
    fn take_emits(&mut self, handle: Handle, service: usize, cause: EventId) {
        if self.h(handle).emits.is_empty() {
            return;
        }
        let mut emits = std::mem::take(&mut self.h(handle).emits);
        for out in &mut emits {
            let msg = self.create(handle, out);
            if let Some(relay) = &mut self.s.relays[service] {
                relay.rows.push_back(OutboxRow { msg, tries: 0, cause });
                self.s.outbox_rows += 1;
                self.arm_relay(service);
            } else {
                self.h(handle).publish.push_back(msg);
            }
        }
        emits.clear();
        self.h(handle).emits = emits;
    }

    #[inline(never)]
    fn publish_next(&mut self, handle: Handle, last: bool) -> After {
        let h = self.h(handle);
        let (service, cause) = (h.service as usize, h.last);
        let Some(msg) = h.publish.pop_front() else {
            h.next = if last { Next::Ack } else { Next::Body };
            return After::On;
        };
        h.publishing = Some(msg);
        self.h(handle).last = self.publish(service, Waiter::Handling(handle), msg, 1, cause);
        After::Off
    }

    /// The broker confirmed what this handling published.
    pub(crate) fn handling_confirmed(&mut self, handle: Handle, msg: MsgId, cause: EventId) {
        self.h(handle).last = cause;
        let ty = self.s.messages.get(msg).ty;
        let after = if self.h(handle).publishing.take().is_some() {
            self.boundary(handle, Boundary::Published, self.wiring.published[ty.at()])
        } else {
            let key = self.h(handle).send_step.take().unwrap_or_default();
            self.boundary_at(handle, Boundary::Statements, key)
        };
        if after == After::On {
            self.resume(handle);
        }
    }

    #[inline(never)]
    fn ack(&mut self, handle: Handle) -> After {
        let delivery = self.h(handle).delivery;
        self.h(handle).next = Next::End;
        if delivery.client == NO_CLIENT {
            let Delivery { msg, sub, .. } = delivery;
            if !self.s.messages.get(msg).timer {
                self.step_fact(handle, 0, What::Settled { msg, sub });
            }
            return self.boundary(handle, Boundary::Acked, self.wiring.boundaries[Boundary::Acked as usize]);
        }
        if !self.duplicate_instead(handle, delivery) {
            self.settle_delivery(handle, Settle::Ack);
        }
        self.boundary(handle, Boundary::Acked, self.wiring.boundaries[Boundary::Acked as usize])
    }

    pub(crate) fn settle_delivery(&mut self, handle: Handle, how: Settle) {
        let Delivery { client, sub, tag, .. } = self.h(handle).delivery;
        let cause = self.h(handle).last;
        self.client_input(client, Input::Settle { client: Client(client), sub, tag, how }, cause);
    }

    /// Puts the copy choice of systems whose duplicates come from an ack that never arrives.
    fn duplicate_instead(&mut self, handle: Handle, delivery: Delivery) -> bool {
        let Delivery { client, sub, msg, tag, key, .. } = delivery;
        if !self.duplicates_by_lost_ack(client) {
            return false;
        }
        let place = (msg, sub);
        if let Some(left) = self.s.copies_left.get_mut(&place)
            && *left > 0
        {
            *left -= 1;
        } else {
            let site = self.wiring.copy[sub.0 as usize];
            let Some(value @ Choice::Copies { count, .. }) = self.s.choices.ask(site, key, 0) else { return false };
            self.deviate(handle, key, value, |run| run.copy_words(msg, sub, count));
            if count > 1 {
                self.s.copies_left.insert(place, count - 1);
            }
        }
        let cause = self.h(handle).last;
        let fault = BrokerFault::Duplicate { tag: Tag(tag.0), sub, late: Span::ZERO };
        self.client_input(client, Input::Fault(fault), cause);
        true
    }

    /// A deviation at a handling: entered, and the cause of what follows.
    #[inline(never)]
    pub(crate) fn deviate(
        &mut self,
        handle: Handle,
        key: Key,
        value: Choice,
        words: impl FnOnce(&Run<'_>) -> String,
    ) -> EventId {
        let h = &self.s.handlings[handle.slot as usize];
        let (lane, last) = (self.s.processes[h.process as usize].lane, h.last);
        let id = self.deviated(lane, key, value, last, words);
        self.h(handle).last = id;
        id
    }

    #[inline(never)]
    fn fail(&mut self, handle: Handle, why: &str) -> After {
        let Delivery { msg, sub, client, .. } = self.h(handle).delivery;
        self.roll_back(handle, why);
        self.h(handle).next = Next::End;
        if client == NO_CLIENT {
            if self.s.messages.get(msg).timer {
                let delivery = self.h(handle).delivery;
                self.retry_timer(delivery);
            }
            return After::On;
        }
        let Some(channel) = self.spec.subs[sub.0 as usize].channel else { return After::On };
        let retry = self.spec.channels[channel.0 as usize].retry;
        let tries = self.count_failure(msg, sub);
        if self.client_counts_tries(client) && retry.max.is_some_and(|max| tries > max) {
            self.settle_delivery(handle, Settle::Reject);
            return After::On;
        }
        let after = Span(retry.backoff.0.0.saturating_mul(1 << (tries - 1).min(30)).min(retry.backoff.1.0));
        self.step_fact(handle, u64::from(tries), What::Retrying { msg, sub });
        self.settle_delivery(handle, Settle::Retry { after });
        After::On
    }

    #[inline(never)]
    fn reject(&mut self, handle: Handle, why: &str) -> After {
        self.roll_back(handle, why);
        self.h(handle).next = Next::End;
        if self.h(handle).delivery.client != NO_CLIENT {
            self.settle_delivery(handle, Settle::Reject);
        }
        After::On
    }

    #[inline(never)]
    fn roll_back(&mut self, handle: Handle, why: &str) {
        let Delivery { msg, sub, .. } = self.h(handle).delivery;
        self.drop_transaction(handle.slot);
        let why = Value::Str(self.s.names.intern(why));
        self.step_fact(handle, 0, What::RolledBack { msg, sub, why });
        self.wake_waiters();
    }

    pub(crate) fn drop_transaction(&mut self, slot: u32) {
        let State { handlings, tables, freed, .. } = &mut *self.s;
        let h = &mut handlings[slot as usize];
        tables.rollback(&mut h.tx, freed);
        h.emits.clear();
        h.timers.clear();
        h.turns.clear();
    }

    /// Resumes the handlings that wait for freed rows, first come first served.
    #[inline]
    pub(crate) fn wake_waiters(&mut self) {
        if !self.s.freed.is_empty() {
            self.wake_some();
        }
    }

    #[inline(never)]
    fn wake_some(&mut self) {
        while let Some(lock) = self.s.freed.pop() {
            let Some(at) = self.s.waiting.iter().position(|(waits, _)| *waits == lock) else { continue };
            if let Some((_, handle)) = self.s.waiting.remove(at) {
                self.s.queue.after(Span::ZERO, Weight::Work, Ev::Resume(handle));
            }
        }
    }

    pub(crate) fn free_slot(&mut self, slot: u32) {
        let h = &mut self.s.handlings[slot as usize];
        h.live = false;
        h.program = None;
        let active = &mut self.s.processes[h.process as usize].active;
        if let Some(at) = active.iter().position(|other| *other == slot) {
            active.remove(at);
        }
        self.s.free.push(slot);
        self.s.in_flight -= 1;
    }

    /// Puts the fate choice after a boundary of a handling.
    #[inline]
    fn boundary(&mut self, handle: Handle, boundary: Boundary, seg: Seg) -> After {
        if !self.h(handle).watched {
            return After::On;
        }
        self.watched_boundary(handle, boundary, seg)
    }

    #[inline(never)]
    fn watched_boundary(&mut self, handle: Handle, boundary: Boundary, seg: Seg) -> After {
        let sub = self.h(handle).delivery.sub;
        let site = self.wiring.fate[sub.0 as usize][boundary as usize];
        if !self.s.choices.open(site) && self.wiring.scripted.is_empty() {
            return After::On;
        }
        let n = if boundary == Boundary::Received || boundary == Boundary::Begun || boundary == Boundary::Acked {
            1
        } else {
            self.h(handle).frame.count(seg)
        };
        let key = self.step_key(handle, seg, n);
        self.boundary_at(handle, boundary, key)
    }

    /// The same for a step whose key is known.
    pub(crate) fn boundary_at(&mut self, handle: Handle, boundary: Boundary, key: Key) -> After {
        let sub = self.h(handle).delivery.sub;
        let mut site = self.wiring.fate[sub.0 as usize][boundary as usize];
        if let Some(scripted) = self.scripted_here(handle, boundary) {
            site = scripted;
        }
        let Some(value @ Choice::Fate(fate)) = self.s.choices.ask(site, key, 0) else { return After::On };
        let process = self.h(handle).process as usize;
        match fate {
            Fate::Crash { down } => {
                let id = self.deviate(handle, key, value, |run| run.crash_words(handle, boundary));
                self.crash(process, down, Some(boundary), id);
                After::Off
            }
            Fate::Pause { lasts } => {
                let id = self.deviate(handle, key, value, |run| run.pause_words(handle, boundary, lasts));
                self.s.processes[process].stalled.push(handle);
                self.pause(process, lasts, id);
                After::Off
            }
            _ => After::On,
        }
    }

    /// The site of a scripted crash that names exactly this place.
    fn scripted_here(&self, handle: Handle, boundary: Boundary) -> Option<Site> {
        if self.wiring.scripted.is_empty() {
            return None;
        }
        let delivery = self.s.handlings[handle.slot as usize].delivery;
        let msg = self.s.messages.get(delivery.msg);
        let service = self.spec.subs[delivery.sub.0 as usize].service;
        let here = self.wiring.scripted.iter().find(|crash| {
            crash.service == service
                && crash.after <= boundary
                && boundary < crash.before
                && crash.script.ty == msg.ty
                && crash.script.command == msg.command
                && crash.script.n == delivery.n
        });
        here.map(|crash| crash.site)
    }
}

/// The stable name of a row, for footprints.
fn object(table: u16, key: u64) -> u64 {
    ordain_kernel::mix(key, u64::from(table) + 1)
}
