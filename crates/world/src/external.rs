//! Calls to external systems: latency, failures, and effects counted per business key.

use ordain_kernel::{EventId, Fate, Key, Seg, Span, Value as Choice, Weight};

use crate::fact::{Boundary, Gauge, What};
use crate::process::After;
use crate::program::CallAnswer;
use crate::run::Run;
use crate::spec::{ExternalId, ServiceId};
use crate::state::{CallState, Ev, Handle};
use crate::value::Value;

impl Run<'_> {
    pub(crate) fn call(
        &mut self,
        handle: Handle,
        seg: Seg,
        external: ExternalId,
        key: Option<Value>,
        latency: (Span, Span),
    ) -> After {
        let n = self.s.handlings[handle.slot as usize].frame.count(seg);
        let path = self.step_key(handle, seg, n);
        let mut wait = self.latency(handle, path, latency);
        let slow = self.s.choices.ask(self.wiring.call_slow[external.at()], path, 0);
        if let Some(value @ Choice::HoldFor(by)) = slow {
            self.deviate(handle, path, value, |run| run.call_words("slow", external, handle, &format!(" by {by}")));
            wait = wait + by;
        }
        let (mut done, mut ok) = (true, true);
        let fate = self.s.choices.ask(self.wiring.call_fail[external.at()], path, 0);
        if let Some(value @ Choice::Fate(Fate::Fail { done: effect })) = fate {
            let how = if effect { ", effect done" } else { ", effect not done" };
            self.deviate(handle, path, value, |run| run.call_words("fail", external, handle, how));
            (done, ok) = (effect, false);
        }
        let h = &self.s.handlings[handle.slot as usize];
        let (process, msg, cause) = (h.process, h.delivery.msg, h.last);
        let key = key.unwrap_or_else(|| self.business_key(msg));
        let at = self.s.calls.len() as u32;
        self.s.calls.push(CallState { msg, handle, external, key, done, ok, process, path, cause });
        self.s.queue.after(wait, Weight::Work, Ev::CallDone(at));
        After::Off
    }

    /// The latency of a call: its lower bound, unless the span deviates.
    fn latency(&mut self, handle: Handle, path: Key, (low, high): (Span, Span)) -> Span {
        if high <= low {
            return low;
        }
        let grain = if high.0 - low.0 >= 1_000_000 { 1_000_000 } else { 1 };
        let room = (high.0 - low.0) / grain + 1;
        match self.s.choices.ask(self.wiring.span, path, room) {
            Some(value @ Choice::Pick(by)) => {
                let wait = Span(low.0 + by * grain);
                self.deviate(handle, path, value, |run| format!("latency {wait} at {}", run.at(handle)));
                wait
            }
            _ => low,
        }
    }

    /// What an effect counts under when the scenario gives no key: the command.
    fn business_key(&mut self, msg: ordain_brokers::MsgId) -> Value {
        let command = self.s.messages.get(msg).command;
        Value::Str(self.s.names.intern(&format!("c{command}")))
    }

    fn call_words(&self, verb: &str, external: ExternalId, handle: Handle, how: &str) -> String {
        let name = self.spec.names.text(self.spec.externals[external.at()].name);
        format!("{verb} {name} call at {}{how}", self.at(handle))
    }

    /// The call has come to its end: the effect counts whether or not its caller still lives.
    pub(crate) fn call_done(&mut self, at: usize) {
        let CallState { msg, handle, external, key, done, ok, process, path, cause } = self.s.calls[at].clone();
        let mut cause: EventId = cause;
        if done {
            let count = self.s.effect_counts.entry((external, key.clone())).or_insert(0);
            *count += 1;
            let count = *count;
            self.s.gauges.add(Gauge::Effects(external), 1);
            let service = ServiceId(self.s.processes[process as usize].service);
            let data = key.stable_hash(&self.s.names);
            let what = What::Effect { msg, external, key, service, count };
            cause = self.fact(self.external_lane(external.at()), path, cause, data, what);
        }
        if !self.s.alive(handle) {
            return;
        }
        let lane = self.s.processes[process as usize].lane;
        let id = self.fact(lane, path, cause, u64::from(ok), What::Answered { external, ok });
        let h = &mut self.s.handlings[handle.slot as usize];
        h.last = id;
        h.answer = Some(if ok { CallAnswer::Ok } else { CallAnswer::Failed });
        if self.s.processes[process as usize].paused {
            self.s.processes[process as usize].stalled.push(handle);
        } else if self.boundary_at(handle, Boundary::Statements, path) == After::On {
            self.advance(handle);
        }
    }
}
