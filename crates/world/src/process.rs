//! Processes: buffers, and when a handling begins and ends.

use crate::fact::{Boundary, What};
use crate::run::Run;
use crate::state::{Delivery, Handle, Handling, State};

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

    pub(crate) fn begin(&mut self, process: usize, delivery: &Delivery) {
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
        if !self.s.woken.is_empty() {
            self.s.woken.retain(|(_, woken)| *woken != handle);
        }
        self.advance(handle);
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
}
