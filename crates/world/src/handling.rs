//! Handlings: from received to acked, step by step.

use ordain_brokers::{Client, Fault as BrokerFault, Input, MsgId, Settle, Tag};
use ordain_kernel::{EventId, Key, Seg, Span, Value as Choice, Weight};

use crate::fact::{Boundary, Gauge, What};
use crate::process::After;
use crate::program::{Step, StepCx};
use crate::run::Run;
use crate::state::{Delivery, Ev, Handle, Handling, NO_CLIENT, Next, State, Waiter};

impl Run<'_> {
    /// Runs a handling to its next wait, or to its end; then its process may begin another one.
    pub(crate) fn advance(&mut self, handle: Handle) {
        let process = self.h(handle).process as usize;
        if self.go_on(handle) {
            self.pump(process);
        }
    }

    /// Runs a handling to its next wait, or to its end; true when it ended.
    pub(crate) fn go_on(&mut self, handle: Handle) -> bool {
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
    pub(crate) fn h(&mut self, handle: Handle) -> &mut Handling {
        &mut self.s.handlings[handle.slot as usize]
    }

    /// Enters a fact of a handling; it becomes the cause of the next one.
    #[inline(always)]
    pub(crate) fn step_fact(&mut self, handle: Handle, data: u64, what: What) -> EventId {
        let h = &self.s.handlings[handle.slot as usize];
        let (lane, key, last) = (h.lane, h.delivery.key, h.last);
        let id = self.fact(lane, key, last, data, what);
        self.h(handle).last = id;
        id
    }

    #[inline(never)]
    pub(crate) fn open(&mut self, handle: Handle) -> After {
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

    #[inline(never)]
    pub(crate) fn body(&mut self, handle: Handle) -> After {
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

    pub(crate) fn take_step(&mut self, handle: Handle, step: Step) -> After {
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

    pub(crate) fn turn_to(&mut self, handle: Handle, next: Next) -> After {
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

    #[inline(never)]
    pub(crate) fn publish_next(&mut self, handle: Handle, last: bool) -> After {
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
    pub(crate) fn ack(&mut self, handle: Handle) -> After {
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
    pub(crate) fn duplicate_instead(&mut self, handle: Handle, delivery: Delivery) -> bool {
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
    pub(crate) fn fail(&mut self, handle: Handle, why: &str) -> After {
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
    pub(crate) fn reject(&mut self, handle: Handle, why: &str) -> After {
        self.roll_back(handle, why);
        self.h(handle).next = Next::End;
        if self.h(handle).delivery.client != NO_CLIENT {
            self.settle_delivery(handle, Settle::Reject);
        }
        After::On
    }
}
