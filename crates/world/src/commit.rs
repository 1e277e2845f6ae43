//! The end of a transaction: commit or rollback, what it emits, and who waits for its rows.

use ordain_brokers::MsgId;
use ordain_kernel::{EventId, Fate, Span, Touch, TouchKind, Value as Choice, Weight};

use crate::fact::{Boundary, What};
use crate::message::Messages;
use crate::process::After;
use crate::program::Outgoing;
use crate::run::Run;
use crate::spec::TypeId;
use crate::state::{Delivery, Ev, Handle, Next, OutboxRow, State};
use crate::value::Value;

impl Run<'_> {
    #[inline(never)]
    pub(crate) fn commit(&mut self, handle: Handle, last: bool) -> After {
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
    pub(crate) fn apply(&mut self, handle: Handle) -> bool {
        let State { handlings, tables, changes, trace, freed, .. } = &mut *self.s;
        let writer = EventId(trace.count() + 1);
        tables.recycle(changes);
        let tx = &mut handlings[handle.slot as usize].tx;
        tables.commit(tx, writer, changes, freed).is_ok()
    }

    #[inline(never)]
    pub(crate) fn restart_body(&mut self, handle: Handle) -> After {
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

    /// Stores an outgoing message under the key of its place in this handling.
    pub(crate) fn create(&mut self, handle: Handle, out: &mut Outgoing) -> MsgId {
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
    pub(crate) fn version(&self, process: usize, ty: TypeId) -> u8 {
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

    /// Emitted messages become outbox rows, or wait to be published by this handling.
    pub(crate) fn take_emits(&mut self, handle: Handle, service: usize, cause: EventId) {
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

    /// What the transaction has read so far, with the commits that wrote it: only kept when recording.
    #[inline(never)]
    pub(crate) fn reads_of(&self, handle: Handle) -> Vec<(u64, EventId)> {
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
    pub(crate) fn footprint(&mut self, id: EventId, reads: Vec<(u64, EventId)>) {
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

    #[inline(never)]
    pub(crate) fn roll_back(&mut self, handle: Handle, why: &str) {
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
    pub(crate) fn wake_some(&mut self) {
        while let Some(lock) = self.s.freed.pop() {
            let Some(at) = self.s.waiting.iter().position(|(waits, _)| *waits == lock) else { continue };
            if let Some((lock, handle)) = self.s.waiting.remove(at) {
                self.s.woken.push((lock, handle));
                self.s.queue.after(Span::ZERO, Weight::Work, Ev::Resume(handle));
            }
        }
    }
}

/// The stable name of a row, for footprints.
fn object(table: u16, key: u64) -> u64 {
    ordain_kernel::mix(key, u64::from(table) + 1)
}
