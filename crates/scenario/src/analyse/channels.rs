//! Channels: one home for each type, one handler for each type of a queue, and what each broker can carry.

use std::collections::BTreeMap;

use crate::analyse::Analysis;
use crate::diag::{Code, Diagnostic};
use crate::model::{Channel, Mode};
use crate::source::Span;

impl Analysis<'_> {
    pub(super) fn channels(&mut self) {
        let scenario = self.scenario;
        let mut homes: BTreeMap<&str, (&str, Span)> = BTreeMap::new();
        for channel in scenario.channels.values() {
            self.known(&channel.broker, "broker", scenario.brokers.keys().map(String::as_str));
            self.fits_broker(channel);
            for name in &channel.carries {
                let Some(message) = self.message(name) else { continue };
                if let Some((home, first)) = homes.get(name.value.as_str()) {
                    let text =
                        format!("`{}` has two homes: channels `{home}` and `{}`", name.value, channel.name.value);
                    let error = Diagnostic::error(Code::Conflict, name.span, text).related(*first, "its first home");
                    self.report
                        .push(error.mend("a type lives on one channel; a topic reaches every service that handles it"));
                    continue;
                }
                homes.insert(&name.value, (&channel.name.value, name.span));
                if let Some(key) = &channel.key
                    && message.field(&key.value).is_none()
                {
                    let text = format!(
                        "channel `{}` goes by the key `{}`, which `{}` does not have",
                        channel.name.value, key.value, name.value
                    );
                    let error = Diagnostic::error(Code::UnknownName, name.span, text).related(key.span, "the key");
                    self.report.push(
                        error.mend(format!("add `{}: id` to `{}`, or choose another key", key.value, name.value)),
                    );
                }
                if channel.mode == Mode::Queue {
                    self.one_handler(&name.value, name.span, &format!("lives on the queue `{}`", channel.name.value));
                }
            }
        }
        self.requests();
        self.unused();
    }

    /// A queue's type, or a request, has one handler.
    fn one_handler(&mut self, message: &str, span: Span, why: &str) {
        let handlers = self.scenario.handlers(message);
        match handlers.as_slice() {
            [] => {
                let text = format!("`{message}` {why}, but no service handles it");
                self.error(
                    Code::Conflict,
                    span,
                    text,
                    format!("add a body for `{message}` under `handles` of one service"),
                );
            }
            [_] => {}
            [(one, first), (two, second), ..] => {
                let text = format!("`{message}` {why} and is handled twice: by {} and {}", one.show(), two.show());
                let error = Diagnostic::error(Code::Conflict, *second, text).related(*first, "handled here too");
                self.report
                    .push(error.mend("let one of them handle it, or move the type to a channel with `mode: topic`"));
            }
        }
    }

    /// Types that nothing carries: one service handles each, and only load and `call` send it.
    fn requests(&mut self) {
        let scenario = self.scenario;
        for message in scenario.messages.values().filter(|message| scenario.home(&message.name.value).is_none()) {
            let name = &message.name;
            let handlers = scenario.handlers(&name.value);
            let loaded = scenario.load.iter().any(|load| load.message.value == name.value);
            if handlers.is_empty() && !loaded {
                let text = format!("no channel carries `{}`, and nothing handles it", name.value);
                self.warn(
                    Code::Unused,
                    name.span,
                    text,
                    "list it under `carries` of a channel, handle it, or remove it",
                );
            } else {
                self.one_handler(&name.value, name.span, "is a request (no channel carries it)");
            }
        }
    }

    fn unused(&mut self) {
        let scenario = self.scenario;
        for broker in scenario.brokers.values() {
            if !scenario.channels.values().any(|channel| channel.broker.value == broker.name.value) {
                let text = format!("no channel is on broker `{}`", broker.name.value);
                self.warn(Code::Unused, broker.name.span, text, "put a channel on it, or remove it");
            }
        }
    }

    fn fits_broker(&mut self, channel: &Channel) {
        let Some(broker) = self.scenario.brokers.get(&channel.broker.value) else { return };
        let (kind, name, span) = (broker.kind, &channel.name.value, channel.name.span);
        if channel.partitions > 1 && !matches!(kind, "kafka" | "") {
            let text = format!("channel `{name}` has {} partitions, but {kind} has none", channel.partitions);
            self.error(Code::Conflict, span, text, "remove `partitions`, or use a broker of `kind: kafka`");
        }
        if kind == "sqs" && channel.mode == Mode::Topic {
            let text = format!("channel `{name}` is a topic, but sqs has only queues");
            self.error(Code::Conflict, span, text, "write `mode: queue`, or put it on another broker");
        }
    }
}
