//! Fault rules: which subscriptions and processes they strike, and the rungs of their holds.

use std::time::Duration;

use ordain_brokers::SubId;
use ordain_kernel::{Chance, Span as Time};
use ordain_world::fact::Boundary as At;
use ordain_world::spec::{BrokerId, FaultKind, FaultSpec, Schedule, Script, ServiceId};

use crate::lower::{Lowered, Lowering, refuse, time, times};
use crate::model::{self, Boundary, Channels, Fault, Setting, Times, When, Window};
use crate::source::Spanned;
use crate::syntax::ast::Ident;

impl Lowering<'_> {
    pub(super) fn faults(&mut self) -> Lowered<()> {
        let ladder = self.ladder();
        for fault in &self.scenario.faults {
            let kind = self.fault(fault, &ladder)?;
            let chance = fault.chance_ppm.map_or(Chance::ALWAYS, Chance::from_ppm);
            self.spec.faults.push(FaultSpec { text: fault.title(), chance, kind });
        }
        Ok(())
    }

    fn fault(&self, fault: &Fault, ladder: &[Time]) -> Lowered<FaultKind> {
        Ok(match &fault.kind {
            model::FaultKind::Duplicate { channels, copies, late } => {
                let late = late.map_or_else(|| ladder.to_vec(), |late| rungs(late, 3));
                FaultKind::Duplicate {
                    subs: self.subs_of(channels),
                    copies: (copies.least.max(1), copies.most.max(1)),
                    late,
                }
            }
            model::FaultKind::Reorder { channels } => {
                FaultKind::Hold { subs: self.subs_of(channels), rungs: ladder.to_vec(), quiet: true }
            }
            model::FaultKind::Delay { channels, by } => {
                FaultKind::Hold { subs: self.subs_of(channels), rungs: rungs(*by, 8), quiet: false }
            }
            model::FaultKind::Lose { .. } => {
                return refuse(
                    fault.span,
                    "no broker here loses accepted messages",
                    "use `crash`, `delay` or `duplicate`",
                );
            }
            model::FaultKind::Crash { process, window, at, down } => {
                let (service, subs) = self.process(process)?;
                let (after, before) = boundaries(*window);
                let script = at.as_ref().map(|at| self.script(at)).transpose()?;
                FaultKind::Crash { service, subs, after, before, down: times(*down), script }
            }
            model::FaultKind::Pause { process, window, every, lasts } => {
                let (service, subs) = self.process(process)?;
                let (after, before) = boundaries(*window);
                match every {
                    Some(every) => FaultKind::TimedPause {
                        service,
                        when: Schedule::Every(time(every.least), time(every.most)),
                        lasts: times(*lasts),
                    },
                    None => FaultKind::Pause { service, subs, after, before, lasts: times(*lasts) },
                }
            }
            model::FaultKind::AmbiguousCommit { service } => {
                FaultKind::AmbiguousCommit { service: self.process(service)?.0 }
            }
            model::FaultKind::Partition { sides, when, lasts } => self.partition(sides, *when, *lasts)?,
            model::FaultKind::Rebalance { broker, every } => FaultKind::Rebalance {
                broker: self.broker(broker)?,
                when: Schedule::Every(time(every.least), time(every.most)),
            },
            model::FaultKind::Fail { external, effect_done } => {
                FaultKind::Fail { external: self.external_ids[external.value.as_str()], done: Some(*effect_done) }
            }
            model::FaultKind::Slow { external, by } => {
                FaultKind::Slow { external: self.external_ids[external.value.as_str()], by: times(*by) }
            }
        })
    }

    /// The subscriptions of channels.
    fn subs_of(&self, channels: &Channels) -> Vec<SubId> {
        let wanted = |name: &str| match channels {
            Channels::All => true,
            Channels::These(names) => names.iter().any(|channel| channel.value == name),
        };
        let on = |sub: &&(usize, &ordain_world::spec::SubSpec)| {
            let channel = sub.1.channel.and_then(|channel| self.scenario.channels.get_index(channel.0 as usize));
            channel.is_some_and(|(name, _)| wanted(name))
        };
        let subs: Vec<(usize, &ordain_world::spec::SubSpec)> = self.spec.subs.iter().enumerate().collect();
        subs.iter().filter(on).map(|(at, _)| SubId(*at as u16)).collect()
    }

    /// A process by name: a service, a projection, or a saga within its owner.
    fn process(&self, name: &Ident) -> Lowered<(ServiceId, Vec<SubId>)> {
        if let Some(service) = self.service_ids.get(name.value.as_str()) {
            return Ok((*service, Vec::new()));
        }
        let sym = self.spec.names.find(&name.value);
        let saga = self.scenario.sagas.get(&name.value);
        let owner = saga.and_then(|saga| self.service_ids.get(saga.owner.value.as_str()));
        let Some(owner) = owner else {
            return refuse(name.span, format!("unknown process `{}`", name.value), "name a service");
        };
        let own = self.spec.subs.iter().enumerate().filter(|(_, sub)| sub.service == *owner && Some(sub.name) == sym);
        Ok((*owner, own.map(|(at, _)| SubId(at as u16)).collect()))
    }

    fn broker(&self, name: &Ident) -> Lowered<BrokerId> {
        let found = self.broker_ids.get(name.value.as_str()).copied();
        found.map_or_else(|| refuse(name.span, format!("unknown broker `{}`", name.value), "name a broker"), Ok)
    }

    fn partition(&self, sides: &[Ident; 2], when: When, lasts: Times) -> Lowered<FaultKind> {
        let (service, broker) = if self.broker_ids.contains_key(sides[1].value.as_str()) {
            (&sides[0], &sides[1])
        } else {
            (&sides[1], &sides[0])
        };
        let when = match when {
            When::At(at) => Schedule::Once(time(at.least), time(at.most)),
            When::Every(every) => Schedule::Every(time(every.least), time(every.most)),
        };
        Ok(FaultKind::Partition {
            service: self.process(service)?.0,
            broker: self.broker(broker)?,
            when,
            lasts: times(lasts),
        })
    }

    /// `Charge(c7).2`.
    fn script(&self, at: &Spanned<String>) -> Lowered<Script> {
        let head = at.value.rsplit('/').next().unwrap_or_default();
        let parts = head.split_once('(').and_then(|(name, rest)| {
            let (command, tail) = rest.split_once(')')?;
            let number = command.trim().trim_start_matches('c').parse::<u32>().ok()?;
            let n = tail.trim_start_matches(['.', '#']);
            Some((name.trim(), number, if n.is_empty() { 1 } else { n.parse().ok()? }))
        });
        let Some((name, command, n)) = parts else {
            return refuse(at.span, format!("`{}` does not name a handling", at.value), "write `Charge(c7).2`");
        };
        let ty = self.type_id(&Ident::new(name.to_owned(), at.span))?;
        Ok(Script { ty, command, n })
    }

    /// The rungs of holds: around every declared time, and multiples of the latency.
    fn ladder(&self) -> Vec<Time> {
        let mut rungs: Vec<Time> = Vec::new();
        for broker in &self.spec.brokers {
            rungs.extend([2, 10, 100].map(|factor| broker.latency.times(factor)));
        }
        for length in self.declared_times() {
            let margin = Time::from_millis(1);
            rungs.extend([length - margin, length + margin]);
        }
        rungs.retain(|rung| *rung > Time::ZERO);
        rungs.sort_unstable();
        rungs.dedup();
        rungs
    }

    fn declared_times(&self) -> Vec<Time> {
        let scenario = self.scenario;
        let leases = scenario.brokers.values().flat_map(|broker| {
            let named = broker.settings.iter().filter(|(key, _)| key.ends_with("_timeout"));
            named.filter_map(|(_, setting)| if let Setting::Time(length) = setting { Some(*length) } else { None })
        });
        let windows = scenario.services.values().filter_map(|service| service.dedup.as_ref()?.window);
        let steps =
            scenario.sagas.values().flat_map(|saga| &saga.steps).filter_map(|step| Some(step.timeout.as_ref()?.value));
        let backoffs = scenario
            .channels
            .values()
            .filter_map(|channel| channel.retry.as_ref())
            .flat_map(|retry| [retry.backoff.least, retry.backoff.most]);
        leases.chain(windows).chain(steps).chain(backoffs).map(time).collect()
    }
}

impl Fault {
    /// The fault as keys, reports and draws name it; independent of where it stands in the file.
    pub fn title(&self) -> String {
        let window = |window: &Window| {
            let after = window.after.map_or(String::new(), |at| format!(" after {}", at.word()));
            let before = window.before.map_or(String::new(), |at| format!(" before {}", at.word()));
            after + &before
        };
        let channels = |channels: &Channels| match channels {
            Channels::All => "all".to_owned(),
            Channels::These(names) => names.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(" "),
        };
        match &self.kind {
            model::FaultKind::Duplicate { channels: which, .. } => format!("duplicate {}", channels(which)),
            model::FaultKind::Reorder { channels: which } => format!("reorder {}", channels(which)),
            model::FaultKind::Delay { channels: which, .. } => format!("delay {}", channels(which)),
            model::FaultKind::Lose { channels: which } => format!("lose {}", channels(which)),
            model::FaultKind::Crash { process, window: at, at: script, .. } => {
                let script = script.as_ref().map_or(String::new(), |at| format!(" at {}", at.value));
                format!("crash {}{}{script}", process.value, window(at))
            }
            model::FaultKind::AmbiguousCommit { service } => format!("ambiguous_commit {}", service.value),
            model::FaultKind::Partition { sides, .. } => format!("partition {} {}", sides[0].value, sides[1].value),
            model::FaultKind::Rebalance { broker, .. } => format!("rebalance {}", broker.value),
            model::FaultKind::Pause { process, window: at, .. } => format!("pause {}{}", process.value, window(at)),
            model::FaultKind::Fail { external, .. } => format!("fail {}", external.value),
            model::FaultKind::Slow { external, .. } => format!("slow {}", external.value),
        }
    }
}

fn boundary(boundary: Boundary) -> At {
    At::ALL[boundary as usize]
}

/// The window of a fault: from the first boundary to before the second. Without a second it is that of one
/// boundary; without a first it begins with the message.
fn boundaries(window: Window) -> (At, At) {
    let next = |at: Boundary| Boundary::ALL.get(at as usize + 1).copied().unwrap_or(Boundary::RelayMarked);
    let (after, before) = match (window.after, window.before) {
        (Some(after), Some(before)) => (after, before),
        (Some(after), None) => (after, next(after)),
        (None, Some(before)) if before.of_relay() => (Boundary::RelayRead, before),
        (None, Some(before)) => (Boundary::Received, before),
        (None, None) => (Boundary::Received, Boundary::RelayRead),
    };
    (boundary(after), boundary(before))
}

/// Even rungs between two bounds.
fn rungs(between: Times, count: u64) -> Vec<Time> {
    let (least, most) = (time(between.least), time(between.most));
    if most <= least {
        return vec![least.max(time(Duration::from_nanos(1)))];
    }
    let step = (most.0 - least.0) / (count - 1).max(1);
    (0..count).map(|at| if at + 1 == count { most } else { Time(least.0 + at * step) }).collect()
}
