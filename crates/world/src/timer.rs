//! Durable timers of saga instances: set and taken back by commits, handed to a live replica of the owner.

use ordain_kernel::{EventId, Time, Weight};

use crate::fact::{Gauge, SagaTurn, What};
use crate::message::Messages;
use crate::program::TimerOp;
use crate::run::{REQUEST_LATENCY, Run};
use crate::spec::SagaId;
use crate::state::{Delivery, Ev, Handle, SagaTimer};
use ordain_kernel::Span;

/// When a timer finds its handling failed, or nobody alive, it fires again after this.
const TIMER_AGAIN: Span = Span::from_millis(100);

impl Run<'_> {
    /// Carries out the timer operations and tells the saga facts of a commit.
    pub(crate) fn apply_timers(&mut self, handle: Handle, cause: EventId) {
        let slot = handle.slot as usize;
        if self.s.handlings[slot].turns.is_empty() && self.s.handlings[slot].timers.is_empty() {
            return;
        }
        let mut turns = std::mem::take(&mut self.s.handlings[slot].turns);
        for (saga, instance, turn) in turns.drain(..) {
            self.count_turn(saga, turn);
            let h = &self.s.handlings[slot];
            let (lane, key) = (self.s.processes[h.process as usize].lane, h.delivery.key);
            let data = instance.stable_hash(&self.s.names);
            self.fact(lane, key, cause, data, What::Saga { saga, instance, turn });
        }
        self.s.handlings[slot].turns = turns;
        let mut ops = std::mem::take(&mut self.s.handlings[slot].timers);
        for op in ops.drain(..) {
            match op {
                TimerOp::Set { saga, after } => {
                    self.cancel_timer(saga.saga, &saga.instance);
                    self.set_timer(handle, saga, after, cause);
                }
                TimerOp::Cancel { saga } => self.cancel_timer(saga.saga, &saga.instance),
            }
        }
        self.s.handlings[slot].timers = ops;
    }

    fn count_turn(&mut self, saga: SagaId, turn: SagaTurn) {
        let gauges = &mut self.s.gauges;
        match turn {
            SagaTurn::Started => gauges.add(Gauge::SagaOpen(saga), 1),
            SagaTurn::Done => {
                gauges.add(Gauge::SagaOpen(saga), -1);
                gauges.add(Gauge::SagaDone(saga), 1);
            }
            SagaTurn::Undone => {
                gauges.add(Gauge::SagaOpen(saga), -1);
                gauges.add(Gauge::SagaUndone(saga), 1);
            }
            SagaTurn::Stuck => {
                gauges.add(Gauge::SagaOpen(saga), -1);
                gauges.add(Gauge::SagaStuck(saga), 1);
            }
            _ => {}
        }
    }

    fn cancel_timer(&mut self, saga: SagaId, instance: &crate::value::Value) {
        let Some(at) = self.s.timers_of.swap_remove(&(saga.0, instance.clone())) else { return };
        if let Some(ticket) = self.s.timers[at as usize].ticket.take() {
            self.s.queue.cancel(ticket);
        }
    }

    fn set_timer(&mut self, handle: Handle, saga: crate::message::SagaRef, after: Span, cause: EventId) {
        let n = self.s.handlings[handle.slot as usize].frame.count(self.wiring.timeout);
        let key = self.step_key(handle, self.wiring.timeout, n);
        let from = self.s.messages.get(self.s.handlings[handle.slot as usize].delivery.msg);
        let mut msg = Messages::blank(key, self.spec.sagas[saga.saga.at()].starts);
        msg.command = from.command;
        msg.id = key.0;
        msg.timer = true;
        msg.saga = Some(saga.clone());
        msg.time = self.s.queue.now();
        msg.born = cause;
        let msg = self.s.messages.push(msg, &[]);
        let at = self.s.timers.len() as u32;
        let ticket = Some(self.s.queue.after(after, Weight::Work, Ev::Timer(at)));
        self.s.timers_of.insert((saga.saga.0, saga.instance.clone()), at);
        self.s.timers.push(SagaTimer { saga, ticket, msg, cause });
    }

    /// A timer fires: a live replica of the owner handles it, or it waits for one.
    pub(crate) fn timer(&mut self, at: usize) {
        let SagaTimer { saga, msg, cause, .. } = self.s.timers[at].clone();
        self.s.timers[at].ticket = None;
        let sub = crate::saga::timer_sub(self.spec, saga.saga);
        let service = self.spec.sagas[saga.saga.at()].owner.at();
        match self.pick_process(service, msg, sub) {
            Some(process) => {
                let mut delivery = self.local_delivery(sub, msg, cause);
                delivery.tag = ordain_brokers::Tag(at as u64);
                self.enter_buffer(process, delivery);
            }
            None => self.again(at, TIMER_AGAIN.max(REQUEST_LATENCY)),
        }
    }

    fn again(&mut self, at: usize, after: Span) {
        let ticket = self.s.queue.after(after, Weight::Work, Ev::Timer(at as u32));
        self.s.timers[at].ticket = Some(ticket);
    }

    /// The handling of a timer came to nothing: it is durable, and fires again.
    pub(crate) fn retry_timer(&mut self, delivery: Delivery) {
        let at = delivery.tag.0 as usize;
        if self.s.timers[at].ticket.is_none() && self.now() < Time::NEVER {
            self.again(at, TIMER_AGAIN);
        }
    }
}
