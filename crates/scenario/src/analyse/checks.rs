//! Checks: predicates are bools, names exist, the two sides of a check fit each other.

use crate::analyse::Analysis;
use crate::analyse::exprs::columns;
use crate::analyse::kinds::{Kind, comparable};
use crate::analyse::scope::Scope;
use crate::diag::Code;
use crate::model::{Channels, Check, CheckKind, Column, ColumnPath, EventName, Moment};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::Ident;

impl<'a> Analysis<'a> {
    pub(super) fn checks(&mut self) {
        let scenario = self.scenario;
        let mut scope = Scope::of_checks(scenario);
        for check in scenario.checks.values() {
            self.check(check, &mut scope);
        }
    }

    fn check(&mut self, check: &Check, scope: &mut Scope<'a>) {
        match &check.kind {
            CheckKind::Always(predicate)
            | CheckKind::Never(predicate)
            | CheckKind::Eventually(predicate)
            | CheckKind::Sometimes(predicate) => {
                self.expect_bool(predicate, scope, "a check");
            }
            CheckKind::After { trigger, expect, same, .. } => self.after(trigger, expect, same.as_ref()),
            CheckKind::Converges { copy, original, .. } => self.converges(copy, original),
            CheckKind::Effects { external, per, .. } => {
                let externals = self.scenario.externals.keys().map(String::as_str);
                self.known(external, "external system", externals);
                if let Some(per) = per {
                    self.some_field(per);
                }
            }
            CheckKind::Saga(name) => {
                let sagas = self.scenario.sagas.keys().map(String::as_str);
                self.known(name, "saga", sagas);
            }
            CheckKind::NoLoss(channels) => {
                if let Channels::These(names) = channels {
                    for name in names {
                        let all = self.scenario.channels.keys().map(String::as_str).chain(["all"]);
                        self.known(name, "channel", all);
                    }
                }
            }
            CheckKind::Order { channel, per } => self.order(channel, per.as_ref()),
        }
    }

    fn after(&mut self, trigger: &EventName, expect: &EventName, same: Option<&Ident>) {
        for event in [trigger, expect] {
            let Some(message) = self.message(&event.message) else { continue };
            if event.moment == Moment::Accepted
                && self.scenario.home(&event.message.value).is_none()
                && !self.scenario.load.iter().any(|load| load.message.value == event.message.value)
            {
                let text = format!("`{}` is never accepted by a broker: no channel carries it", event.message.value);
                self.error(
                    Code::Conflict,
                    event.message.span,
                    text,
                    format!("write `handled({})` or `committed({})`", event.message.value, event.message.value),
                );
            }
            if event.moment != Moment::Accepted && self.scenario.handlers(&event.message.value).is_empty() {
                let text = format!("nothing handles `{}`", event.message.value);
                self.error(
                    Code::Conflict,
                    event.message.span,
                    text,
                    "name the message alone: it counts when its broker accepts it",
                );
            }
            if let Some(same) = same {
                self.field_of(message, same);
            }
        }
    }

    fn converges(&mut self, copy: &ColumnPath, original: &ColumnPath) {
        let (Some(a), Some(b)) = (self.path_column(copy), self.path_column(original)) else { return };
        let (left, right) = (Kind::Plain(a.ty.clone()), Kind::Plain(b.ty.clone()));
        if !comparable(&left, &right) {
            let text = format!("`{}` is {}, but `{}` is {}", a.name.value, left.show(), b.name.value, right.show());
            self.error(Code::Type, copy.column.span, text, "compare columns of the same type");
        }
    }

    fn path_column(&mut self, path: &ColumnPath) -> Option<&'a Column> {
        let scenario = self.scenario;
        let table = match &path.table {
            None => {
                let known = self.known(&path.owner, "projection", scenario.projections.keys().map(String::as_str));
                scenario.projections.get(&path.owner.value).filter(|_| known).map(|projection| &projection.table)?
            }
            Some(table) => {
                if !self.known(&path.owner, "service", scenario.services.keys().map(String::as_str)) {
                    return None;
                }
                let service = scenario.services.get(&path.owner.value)?;
                self.known(table, "table", service.tables.keys().map(String::as_str));
                service.tables.get(&table.value)?
            }
        };
        let column = table.column(&path.column.value);
        if column.is_none() {
            let text = format!("table `{}` has no column `{}`", table.name.value, path.column.value);
            self.error(
                Code::UnknownName,
                path.column.span,
                text,
                suggest::mend(&path.column.value, "column", columns(table)),
            );
        }
        column
    }

    fn order(&mut self, name: &Ident, per: Option<&Ident>) {
        let scenario = self.scenario;
        if !self.known(name, "channel", scenario.channels.keys().map(String::as_str)) {
            return;
        }
        let Some(channel) = scenario.channels.get(&name.value) else { return };
        if channel.key.is_none() && per.is_none() {
            let text = format!("channel `{}` has no key, so it promises no order", name.value);
            self.error(Code::Conflict, name.span, text, "say which field names the key: `per: order_id`");
        }
        if let Some(per) = per {
            for message in &channel.carries {
                if let Some(message) = scenario.messages.get(&message.value) {
                    self.field_of(message, per);
                }
            }
        }
        if scenario.brokers.get(&channel.broker.value).is_some_and(|broker| broker.kind == "sqs") {
            let text = format!("channel `{}` is a standard SQS queue, which keeps no order", name.value);
            self.warn(Code::Conflict, name.span, text, "drop the check, or put the channel on another broker");
        }
    }

    /// A field that at least one message has.
    fn some_field(&mut self, field: &Ident) {
        let fields =
            self.scenario.messages.values().filter_map(|message| message.newest()).flat_map(|version| &version.fields);
        let names = fields.map(|column| column.name.value.as_str());
        if !names.clone().any(|name| name == field.value) {
            self.unknown_field(field, field.span, names.collect());
        }
    }

    fn unknown_field(&mut self, field: &Ident, span: Span, mut names: Vec<&str>) {
        names.sort_unstable();
        names.dedup();
        self.error(
            Code::UnknownName,
            span,
            format!("no message has a field `{}`", field.value),
            suggest::mend(&field.value, "field", names),
        );
    }
}
