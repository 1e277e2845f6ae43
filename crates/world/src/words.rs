//! Facts in words: what a recorded event says to people.

use ordain_brokers::{Loss, MsgId, SubId};
use ordain_kernel::Names;

use crate::fact::{SagaTurn, What};
use crate::message::Messages;
use crate::spec::{SagaId, Spec};
use crate::state::State;

/// `Charge(c7)`; `Charge(c7)~1` when a relay sent it again.
pub(crate) fn message(spec: &Spec, messages: &Messages, msg: MsgId) -> String {
    let of = messages.get(msg);
    if of.timer {
        let saga = of.saga.as_ref().map_or("timer", |saga| spec.names.text(spec.sagas[saga.saga.at()].name));
        return format!("timeout of {saga}(c{})", of.command);
    }
    let again = if of.republished > 0 { format!("~{}", of.republished) } else { String::new() };
    format!("{}(c{}){again}", spec.names.text(spec.types[of.ty.at()].name), of.command)
}

/// The same with the delivery's number where it is not the first: `Charge(c7).2`.
pub(crate) fn message_n(spec: &Spec, messages: &Messages, msg: MsgId, n: u32) -> String {
    let name = message(spec, messages, msg);
    if n > 1 { format!("{name}.{n}") } else { name }
}

/// `payment/1`, or `payment` when it is the only replica.
pub(crate) fn process(spec: &Spec, state: &State, process: usize) -> String {
    let of = &state.processes[process];
    let service = &spec.services[of.service as usize];
    let name = spec.names.text(service.name);
    if service.replicas > 1 { format!("{name}/{}", of.replica) } else { name.to_owned() }
}

struct Words<'a> {
    spec: &'a Spec,
    names: &'a Names,
    messages: &'a Messages,
}

/// What a fact says.
pub(crate) fn fact(spec: &Spec, names: &Names, messages: &Messages, what: &What) -> String {
    let words = Words { spec, names, messages };
    words.message_fact(what).or_else(|| words.process_fact(what)).unwrap_or_else(|| words.other(what))
}

impl Words<'_> {
    fn msg(&self, msg: MsgId) -> String {
        message(self.spec, self.messages, msg)
    }

    fn sub(&self, sub: SubId) -> &str {
        self.spec.names.text(self.spec.subs[sub.0 as usize].name)
    }

    fn nth(&self, msg: MsgId, n: u32) -> String {
        message_n(self.spec, self.messages, msg, n)
    }

    fn fields(&self, msg: MsgId) -> String {
        let spec = &self.spec.types[self.messages.get(msg).ty.at()];
        let fields = spec.fields.iter().zip(self.messages.fields(msg));
        let texts: Vec<String> = fields
            .map(|(field, value)| format!("{} {}", self.spec.names.text(field.name), value.render(self.names)))
            .collect();
        texts.join(", ")
    }

    fn message_fact(&self, what: &What) -> Option<String> {
        Some(match what {
            What::Issued { msg } => format!("issues {} {{{}}}", self.msg(*msg), self.fields(*msg)),
            What::Accepted { msg, channel: None, .. } => format!("takes {}", self.msg(*msg)),
            What::Accepted { msg, channel: Some(channel), partition, offset } => {
                let channel = self.spec.names.text(self.spec.channels[channel.0 as usize].name);
                format!("stores {} in {channel} at {partition}:{offset}", self.msg(*msg))
            }
            What::Delivered { msg, sub, n, redelivered } => {
                let flag = if *redelivered { ", redelivered" } else { "" };
                format!("receives {} as {}{flag}", self.nth(*msg, *n), self.sub(*sub))
            }
            What::Begun { msg, n, .. } => format!("begins {}", self.nth(*msg, *n)),
            What::Deduplicated { msg, .. } => format!("has seen {} before and skips it", self.msg(*msg)),
            What::Ignored { msg, sub } => format!("{} has no handler for {}", self.sub(*sub), self.msg(*msg)),
            What::Ran { msg } => format!("ran a statement of {}", self.msg(*msg)),
            What::Committed { msg, ambiguous: false, .. } => format!("commits {}", self.msg(*msg)),
            What::Committed { msg, .. } => format!("commits {}, but never learns of it", self.msg(*msg)),
            What::RolledBack { msg, why, .. } => format!("rolls back {}: {}", self.msg(*msg), why.render(self.names)),
            What::Sent { msg, n: 1 } => format!("publishes {}", self.msg(*msg)),
            What::Sent { msg, n } => format!("publishes {} for the {n}. time", self.msg(*msg)),
            What::Confirmed { msg } => format!("knows that {} is stored", self.msg(*msg)),
            What::Settled { msg, sub } => format!("{} is done with {}", self.sub(*sub), self.msg(*msg)),
            What::Retrying { msg, .. } => format!("will try {} again", self.msg(*msg)),
            What::DeadLettered { msg, sub, why, kept } => {
                let kept = if *kept { "dead-letters" } else { "drops" };
                format!("{kept} {} of {}: {}", self.msg(*msg), self.sub(*sub), loss(*why))
            }
            What::Dropped { msg, .. } => format!("drops {}: no queue takes it", self.msg(*msg)),
            What::Held { msg, sub } => format!("{} for {} is held back", self.msg(*msg), self.sub(*sub)),
            _ => return None,
        })
    }

    fn process_fact(&self, what: &What) -> Option<String> {
        Some(match what {
            What::Crashed { after: Some(boundary), .. } => format!("crashes after {}", boundary.word()),
            What::Crashed { .. } => "crashes".to_owned(),
            What::Restarted { .. } => "restarts".to_owned(),
            What::Paused { .. } => "stands still".to_owned(),
            What::Resumed { .. } => "goes on".to_owned(),
            What::Stale { sub } => format!("refuses a late ack of {}", self.sub(*sub)),
            What::Rebalanced { sub } => format!("rebalances the group {}", self.sub(*sub)),
            What::ConsumerLost { service, replica, .. } => {
                format!("gives up on {}/{replica}", self.spec.names.text(self.spec.services[service.at()].name))
            }
            What::Cut { service, broker } | What::Healed { service, broker } => {
                let verb = if matches!(what, What::Cut { .. }) { "is cut off from" } else { "reaches" };
                let service = self.spec.names.text(self.spec.services[service.at()].name);
                format!("{service} {verb} {}", self.spec.names.text(self.spec.brokers[broker.at()].name))
            }
            _ => return None,
        })
    }

    fn other(&self, what: &What) -> String {
        match what {
            What::Effect { external, key, count, .. } => {
                let name = self.spec.names.text(self.spec.externals[external.at()].name);
                format!("{name} acts for {} (effect {count})", key.render(self.names))
            }
            What::Answered { external, ok } => {
                let name = self.spec.names.text(self.spec.externals[external.at()].name);
                if *ok { format!("hears from {name}") } else { format!("gives up on {name}") }
            }
            What::Saga { saga, instance, turn } => self.saga(*saga, &instance.render(self.names), *turn),
            What::DrainBegan => "the faults end: all is healed and restarted".to_owned(),
            What::Quiet => "quiet: nothing is left to do".to_owned(),
            _ => String::new(),
        }
    }

    fn saga(&self, saga: SagaId, instance: &str, turn: SagaTurn) -> String {
        let of = &self.spec.sagas[saga.at()];
        let name = self.spec.names.text(of.name);
        let step = |at: u16| match of.steps.get(at as usize) {
            Some(step) => self.spec.names.text(self.spec.types[step.act.at()].name),
            None => "no step",
        };
        let what = match turn {
            SagaTurn::Started => "starts".to_owned(),
            SagaTurn::Asked(at) => format!("asks for {}", step(at)),
            SagaTurn::Completed(at) => format!("has {} done", step(at)),
            SagaTurn::Refused(at) => format!("is refused {}", step(at)),
            SagaTurn::TimedOut(at) => format!("hears nothing of {} in time", step(at)),
            SagaTurn::Undoing(at) => format!("undoes {}", step(at)),
            SagaTurn::StepUndone(at) => format!("has {} undone", step(at)),
            SagaTurn::Done => "ends done".to_owned(),
            SagaTurn::Undone => "ends undone".to_owned(),
            SagaTurn::Stuck => "is stuck".to_owned(),
            SagaTurn::Late(at) => format!("ignores a late reply to {}", step(at)),
        };
        format!("{name}({instance}) {what}")
    }
}

const fn loss(why: Loss) -> &'static str {
    match why {
        Loss::Rejected => "rejected",
        Loss::Exhausted => "tried too often",
        Loss::Expired => "expired",
        Loss::Unroutable => "no queue takes it",
    }
}

/// What keeps a world from being quiet, most telling first.
pub(crate) fn stuck(spec: &Spec, s: &State) -> Vec<String> {
    let mut out = Vec::new();
    for (at, sub) in spec.subs.iter().enumerate() {
        let Some(channel) = sub.channel else { continue };
        let broker = spec.channels[channel.0 as usize].broker;
        let waiting = s.brokers[broker.at()].model.unsettled(SubId(at as u16));
        if let Some(first) = waiting.first() {
            let (sub, channel) = (spec.names.text(sub.name), spec.names.text(spec.channels[channel.0 as usize].name));
            let count = waiting.len();
            out.push(format!("{channel} -> {sub}: {count} unsettled, oldest {}", message(spec, &s.messages, *first)));
        }
    }
    for h in s.handlings.iter().filter(|h| h.live) {
        let name = process(spec, s, h.process as usize);
        out.push(format!("{name} is handling {}", message(spec, &s.messages, h.delivery.msg)));
    }
    for (service, relay) in s.relays.iter().enumerate() {
        if let Some(row) = relay.as_ref().and_then(|relay| relay.rows.front()) {
            let name = spec.names.text(spec.services[service].name);
            out.push(format!("outbox of {name}: oldest row {}", message(spec, &s.messages, row.msg)));
        }
    }
    for timer in s.timers.iter().filter(|timer| timer.ticket.is_some()) {
        out.push(message(spec, &s.messages, timer.msg));
    }
    out.truncate(20);
    out
}
