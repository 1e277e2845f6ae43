//! Faults: names, and what the real system could never show.

use crate::analyse::Analysis;
use crate::diag::{Code, Diagnostic};
use crate::model::{Boundary, Broker, Channels, Fault, FaultKind, Scenario, When, Window};
use crate::source::{Span, Spanned};
use crate::suggest;
use crate::syntax::ast::Ident;
use crate::syntax::literal::show_duration;

/// Why a broker does not lose accepted messages.
fn no_loss_promise(broker: &Broker) -> &'static str {
    match broker.kind {
        "kafka" => "acks=all keeps what it has confirmed",
        "rabbitmq" => "publishers await confirms, and a confirmed message is on disk",
        _ => "an accepted message is stored in several places",
    }
}

impl Analysis<'_> {
    pub(super) fn faults(&mut self) {
        for fault in &self.scenario.faults {
            self.fault(fault);
            if fault.chance_ppm == Some(0) {
                self.warn(
                    Code::Fault,
                    fault.span,
                    "the chance is zero, so this fault never fires",
                    "raise it, or remove the rule",
                );
            }
        }
    }

    fn fault(&mut self, fault: &Fault) {
        match &fault.kind {
            FaultKind::Duplicate { channels, .. } => {
                self.fault_channels(channels);
                self.consumed(channels);
            }
            FaultKind::Reorder { channels } | FaultKind::Delay { channels, .. } => self.fault_channels(channels),
            FaultKind::Lose { channels } => self.lose(channels, fault.span),
            FaultKind::Crash { process, window, at, .. } => {
                self.process_at(process, window);
                if let Some(at) = at {
                    self.scripted(process, at);
                }
            }
            FaultKind::Pause { process, window, .. } => self.process_at(process, window),
            FaultKind::AmbiguousCommit { service } => self.ambiguous(service),
            FaultKind::Partition { sides, when, .. } => self.partition(sides, *when, fault.span),
            FaultKind::Rebalance { broker, .. } => self.rebalance(broker),
            FaultKind::Fail { external, .. } | FaultKind::Slow { external, .. } => {
                let externals = self.scenario.externals.keys().map(String::as_str);
                self.known(external, "external system", externals);
            }
        }
    }

    fn fault_channels(&mut self, channels: &Channels) {
        let scenario = self.scenario;
        if let Channels::These(names) = channels {
            for name in names {
                let all = scenario.channels.keys().map(String::as_str).chain(["all"]);
                self.known(name, "channel", all);
                if name.value == "all" {
                    self.error(
                        Code::Value,
                        name.span,
                        "`all` already means every channel",
                        "write `all` alone, or list channels",
                    );
                }
            }
        }
    }

    fn consumed(&mut self, channels: &Channels) {
        let Channels::These(names) = channels else { return };
        for name in names {
            let Some(channel) = self.scenario.channels.get(&name.value) else { continue };
            if channel.carries.iter().all(|message| self.scenario.handlers(&message.value).is_empty()) {
                let text = format!("nobody consumes channel `{}`, so nothing on it can be delivered twice", name.value);
                self.error(
                    Code::Fault,
                    name.span,
                    text,
                    "handle one of its types in a service, or name another channel",
                );
            }
        }
    }

    fn lose(&mut self, channels: &Channels, span: Span) {
        let scenario = self.scenario;
        let names: Vec<Ident> = match channels {
            Channels::All => scenario.channels.keys().map(|name| Spanned::new(name.clone(), span)).collect(),
            Channels::These(names) => names.clone(),
        };
        for name in &names {
            if !self.known(name, "channel", scenario.channels.keys().map(String::as_str)) {
                continue;
            }
            let broker =
                scenario.channels.get(&name.value).and_then(|channel| scenario.brokers.get(&channel.broker.value));
            let Some(broker) = broker else { continue };
            let text = format!("channel `{}` cannot lose messages: {}", name.value, no_loss_promise(broker));
            let mend = "what looks like loss is a crash at the wrong moment: use `crash`, `delay` or `duplicate`";
            let error = Diagnostic::error(Code::Fault, name.span, text).related(broker.name.span, "its broker");
            self.report.push(error.mend(mend));
        }
    }

    /// A process by name: a service, a saga or a projection; the boundaries must be its own.
    fn process_at(&mut self, name: &Ident, window: &Window) {
        let scenario = self.scenario;
        if !self.known(name, "service, saga or projection", processes(scenario)) {
            return;
        }
        let relay = [window.after, window.before].into_iter().flatten().find(|boundary| boundary.of_relay());
        let owner = scenario.sagas.get(&name.value).map_or(name.value.as_str(), |saga| saga.owner.value.as_str());
        let has_outbox = scenario.services.get(owner).is_some_and(|service| service.outbox.is_some());
        if let Some(boundary) = relay.filter(|_| !has_outbox) {
            let text =
                format!("`{}` is a boundary of an outbox relay, but `{}` has no outbox", boundary.word(), name.value);
            let mend = "add `outbox: { relay_every: 50ms }` to the service, or use `committed` and `published`";
            self.error(Code::Fault, name.span, text, mend);
        }
        if window.after == Some(Boundary::RelayMarked) {
            let text = "nothing comes after `relay_marked`";
            self.error(Code::Fault, name.span, text, "name an earlier boundary");
        }
        if window.before == Some(Boundary::Received) {
            let text = "nothing comes before `received`";
            self.error(Code::Fault, name.span, text, "name a later boundary");
        }
    }

    /// `Charge(c7).2`: a message type the process handles, a command, and which delivery.
    fn scripted(&mut self, process: &Ident, at: &Spanned<String>) {
        let scenario = self.scenario;
        let head = at.value.rsplit('/').next().unwrap_or_default();
        let (name, rest) = head.split_once('(').unwrap_or((head, ""));
        let good = rest.split_once(')').is_some_and(|(command, tail)| {
            let number = tail.strip_prefix('.').or(tail.strip_prefix('#'));
            !command.is_empty() && (tail.is_empty() || number.is_some_and(|number| number.parse::<u32>().is_ok()))
        });
        if !good {
            let text = format!("`{}` does not name a handling", at.value.escape_debug());
            self.error(Code::Value, at.span, text, "write `Charge(c7)`, or `Charge(c7).2` for its second delivery");
            return;
        }
        let ident = Spanned::new(name.trim().to_owned(), at.span);
        if self.message(&ident).is_none() {
            return;
        }
        let handles = scenario.handlers(&ident.value).iter().any(|(handler, _)| {
            let (crate::analyse::Handler::Service(by)
            | crate::analyse::Handler::Saga(by)
            | crate::analyse::Handler::Projection(by)) = handler;
            *by == process.value || scenario.sagas.get(by).is_some_and(|saga| saga.owner.value == process.value)
        });
        if !handles {
            let text = format!("`{}` does not handle `{}`", process.value, ident.value);
            self.error(Code::Fault, at.span, text, "name a message type that it handles");
        }
    }

    fn ambiguous(&mut self, name: &Ident) {
        let scenario = self.scenario;
        if !self.known(name, "service", processes(scenario)) {
            return;
        }
        let Some(service) = scenario.services.get(&name.value) else { return };
        let owns_saga = scenario.sagas.values().any(|saga| saga.owner.value == name.value);
        if service.tables.is_empty() && service.outbox.is_none() && service.dedup.is_none() && !owns_saga {
            let text = format!("service `{}` has no tables, so it has no commit to be in doubt", name.value);
            self.error(Code::Fault, name.span, text, "name a service with tables, an outbox or an inbox");
        }
    }

    fn partition(&mut self, sides: &[Ident; 2], when: When, span: Span) {
        let scenario = self.scenario;
        let services = scenario.services.keys().chain(scenario.projections.keys()).map(String::as_str);
        let names = services.clone().chain(scenario.brokers.keys().map(String::as_str));
        let mut all_known = true;
        for side in sides {
            all_known &= self.known(side, "service or broker", names.clone());
        }
        let brokers = sides.iter().filter(|side| scenario.brokers.contains_key(&side.value)).count();
        if all_known && brokers != 1 {
            let text = format!(
                "`{}` and `{}` do not talk to each other, so nothing would change",
                sides[0].value, sides[1].value
            );
            self.error(Code::Fault, sides[0].span, text, "name a service on one side and a broker on the other");
        }
        if let When::At(at) = when
            && at.least >= scenario.load_for.value
        {
            let text = format!("the partition begins at {}, when faults have stopped", show_duration(at.least));
            self.warn(Code::Fault, span, text, "let it begin earlier, or lengthen `horizon.load`");
        }
    }

    fn rebalance(&mut self, name: &Ident) {
        let scenario = self.scenario;
        if !self.known(name, "broker", scenario.brokers.keys().map(String::as_str)) {
            return;
        }
        let Some(broker) = scenario.brokers.get(&name.value) else { return };
        if !matches!(broker.kind, "kafka" | "") {
            let grouped: Vec<&str> =
                scenario.brokers.values().filter(|b| b.kind == "kafka").map(|b| b.name.value.as_str()).collect();
            let text = format!("broker `{}` is {}, which has no consumer groups to rebalance", name.value, broker.kind);
            let mend = if grouped.is_empty() {
                "use `crash` or `partition` instead".to_owned()
            } else {
                format!("name {}", suggest::list(&grouped))
            };
            self.error(Code::Fault, name.span, text, mend);
        }
    }
}

fn processes(scenario: &Scenario) -> impl Iterator<Item = &str> + Clone {
    let sagas = scenario.sagas.keys();
    scenario.services.keys().chain(sagas).chain(scenario.projections.keys()).map(String::as_str)
}
