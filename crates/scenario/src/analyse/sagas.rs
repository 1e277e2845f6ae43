//! The saga rules: known commands and replies, a pivot that can only be retried, fields that reach every command.

use crate::analyse::Analysis;
use crate::analyse::bodies::BodyContext;
use crate::analyse::kinds::{Kind, fits};
use crate::analyse::scope::{Place, Scope};
use crate::diag::{Code, Diagnostic};
use crate::model::{Column, Message, Saga, Step};
use crate::source::Spanned;
use crate::syntax::ast::{Body, Ident};

impl<'a> Analysis<'a> {
    pub(super) fn sagas(&mut self) {
        let scenario = self.scenario;
        for saga in scenario.sagas.values() {
            self.saga_owner(saga);
            let Some(starts) = self.carried(&saga.starts, "starts a saga") else { continue };
            let fields = starts.newest().map_or(&[][..], |version| &version.fields);
            self.field_of(starts, &saga.key);
            if saga.steps.is_empty() {
                let text = format!("saga `{}` has no steps", saga.name.value);
                self.error(Code::Saga, saga.name.span, text, "add `steps: [{ do: .., done: .. }]`");
            }
            for step in &saga.steps {
                self.step(saga, step, fields);
            }
            self.pivot(saga);
            self.replies_differ(saga);
            for body in [&saga.done, &saga.undone, &saga.late].into_iter().flatten() {
                self.saga_body(saga, starts, body);
            }
        }
    }

    fn saga_owner(&mut self, saga: &Saga) {
        let scenario = self.scenario;
        if !self.known(&saga.owner, "service", scenario.services.keys().map(String::as_str)) {
            return;
        }
        if scenario.services.get(&saga.owner.value).is_some_and(|owner| owner.outbox.is_none()) {
            let text = format!("saga `{}` is owned by `{}`, which has no outbox", saga.name.value, saga.owner.value);
            self.warn(
                Code::Saga,
                saga.owner.span,
                text,
                "a crash after the commit loses its commands; add `outbox: { relay_every: 50ms }` to the owner",
            );
        }
    }

    /// A message type that a channel carries.
    fn carried(&mut self, name: &Ident, why: &str) -> Option<&'a Message> {
        let message = self.message(name)?;
        if self.scenario.home(&name.value).is_none() {
            let text = format!("`{}` {why}, but no channel carries it", name.value);
            self.error(Code::Saga, name.span, text, "list it under `carries` of a channel");
        }
        Some(message)
    }

    fn step(&mut self, saga: &Saga, step: &Step, fields: &'a [Column]) {
        for (name, why) in [(Some(&step.command), "is a saga's command"), (step.undo.as_ref(), "is a saga's undo")] {
            let Some(name) = name else { continue };
            let Some(message) = self.carried(name, why) else { continue };
            self.command_fields(saga, message, name, fields);
            if self.scenario.handlers(&name.value).is_empty() {
                let text =
                    format!("nothing handles `{}`, so saga `{}` can never get past it", name.value, saga.name.value);
                self.error(Code::Saga, name.span, text, format!("add a body for `{}` to a service", name.value));
            }
        }
        let replies = [Some(&step.done), step.refused.as_ref(), step.undone.as_ref()];
        for name in replies.into_iter().flatten() {
            self.carried(name, "is a reply to a saga");
        }
        if let (Some(undone), None) = (&step.undone, &step.undo) {
            self.error(
                Code::Saga,
                undone.span,
                "`undone` is given, but the step has no `undo`",
                "add `undo: COMMAND`, or remove `undone`",
            );
        }
    }

    fn command_fields(&mut self, saga: &Saga, message: &Message, name: &Ident, fields: &'a [Column]) {
        let Some(version) = message.newest() else { return };
        for column in version.fields.iter().filter(|column| column.default.is_none()) {
            let copied = fields.iter().find(|field| field.name.value == column.name.value);
            if copied.is_none_or(|copied| !fits(&column.ty, &Kind::Plain(copied.ty.clone()))) {
                let text = format!(
                    "nothing gives the field `{}` of `{}`: `{}` has none that fits",
                    column.name.value, message.name.value, saga.starts.value
                );
                let error = Diagnostic::error(Code::Gap, name.span, text).related(column.name.span, "the field");
                self.report.push(error.mend(format!(
                    "add `{}: {}` to `{}`, or give the field a default",
                    column.name.value,
                    column.ty.show(),
                    saga.starts.value
                )));
            }
        }
    }

    /// A step without `undo` is the pivot: it and its successors may only be retried.
    fn pivot(&mut self, saga: &Saga) {
        let Some(at) = saga.steps.iter().position(|step| step.undo.is_none()) else { return };
        let pivot = &saga.steps[at];
        for (index, step) in saga.steps.iter().enumerate().skip(at) {
            let here = if index == at {
                "has no `undo`, so it is the pivot".to_owned()
            } else {
                format!("comes after the pivot `{}`", pivot.command.value)
            };
            let mut refuse = |key: &str, word: &str, span| {
                let text = format!("step `{}` {here}: it can only be retried, not {word}", step.command.value);
                let error = Diagnostic::error(Code::Saga, span, text).related(pivot.command.span, "the pivot");
                let mend = format!("give `{}` an `undo`, or remove `{key}` and give `retry`", pivot.command.value);
                self.report.push(error.mend(mend));
            };
            if let Some(refused) = &step.refused {
                refuse("refused", "refused", refused.span);
            }
            if let Some(timeout) = &step.timeout {
                refuse("timeout", "timed out", timeout.span);
            }
            if let Some(undo) = step.undo.as_ref().filter(|_| index > at) {
                let text = format!(
                    "step `{}` comes after the pivot `{}`, so its `undo` is never sent",
                    step.command.value, pivot.command.value
                );
                let warning = Diagnostic::warning(Code::Saga, undo.span, text).related(pivot.command.span, "the pivot");
                self.report
                    .push(warning.mend(format!("give `{}` an `undo` too, or remove this one", pivot.command.value)));
            }
        }
    }

    /// Within a step, each reply says one thing.
    fn replies_differ(&mut self, saga: &Saga) {
        for step in &saga.steps {
            let refused = step.refused.as_ref().filter(|refused| refused.value == step.done.value);
            if let Some(refused) = refused {
                let text = format!("`{}` says both done and refused", refused.value);
                let error = Diagnostic::error(Code::Saga, refused.span, text).related(step.done.span, "done here");
                self.report.push(error.mend("use two message types"));
            }
        }
        for (at, step) in saga.steps.iter().enumerate() {
            let Some(first) = saga.steps[..at].iter().find(|first| first.command.value == step.command.value) else {
                continue;
            };
            let text = format!("saga `{}` has two steps `{}`", saga.name.value, step.command.value);
            let error = Diagnostic::error(Code::Saga, step.command.span, text).related(first.command.span, "the first");
            self.report.push(error.mend("a command names its step; give the second a message type of its own"));
        }
    }

    fn saga_body(&mut self, saga: &Saga, starts: &'a Message, body: &Spanned<Body>) {
        let service = self.scenario.services.get(&saga.owner.value);
        let fields = starts.newest().map_or(&[][..], |version| &version.fields);
        let mut scope = Scope::new(Place::Body);
        scope.add("message", Kind::Envelope);
        for table in service.iter().flat_map(|service| service.tables.values()) {
            scope.add(&table.name.value, Kind::Table(table));
        }
        scope.add_fields(fields);
        let context = BodyContext { service, own: None, copied: fields, from: format!("saga `{}`", saga.name.value) };
        self.body(&body.value, &context, &mut scope);
    }
}
