//! Checks.

use ordain_brokers::ChannelId;
use ordain_checks::{CheckKind, CheckSpec, Moment, Severity};
use ordain_world::expr::{Expr, Op};
use ordain_world::fact::Gauge;
use ordain_world::spec::{Col, TableId, TypeId};

use crate::lower::scope::{Bind, Scope};
use crate::lower::{Lowered, Lowering, refuse};
use crate::model::{self, Channels, Check, ColumnPath, EffectCount, EventName};
use crate::syntax::ast::{Ident, StatementKind};

impl Lowering<'_> {
    pub(super) fn checks(&mut self) -> Lowered<Vec<CheckSpec>> {
        let mut scope = self.check_scope();
        let mut checks = Vec::new();
        for check in self.scenario.checks.values() {
            let kind = self.check(check, &mut scope)?;
            let severity = if check.warn { Severity::Warn } else { Severity::Error };
            checks.push(CheckSpec { name: check.name.value.clone(), severity, kind });
        }
        Ok(checks)
    }

    /// What a check can see: channels, services, projections, sagas, external systems.
    fn check_scope(&self) -> Scope {
        let mut scope = Scope::default();
        for (name, id) in &self.external_ids {
            scope.add(name, Bind::External(Expr::Gauge(Gauge::Effects(*id))));
        }
        for (name, id) in &self.channel_ids {
            scope.add(name, Bind::Count(Expr::Gauge(Gauge::Lag(*id))));
        }
        for name in self.scenario.dead_letters() {
            let channels = self.scenario.channels.values().enumerate();
            let here = channels.filter(|(_, channel)| {
                channel.dead_letter.as_ref().is_some_and(|dead_letter| dead_letter.value == name)
            });
            let gauges = here.map(|(at, _)| Expr::Gauge(Gauge::DeadLetters(ChannelId(at as u16))));
            if let Some(sum) = gauges.reduce(|sum, next| Expr::Bin(Op::Add, Box::new(sum), Box::new(next))) {
                scope.add(name, Bind::Count(sum));
            }
        }
        for name in self.scenario.services.keys() {
            scope.add(name, Bind::Service(self.service_ids[name.as_str()], name.clone()));
        }
        for name in self.scenario.projections.keys() {
            scope.add(name, Bind::Table(self.table_ids[&(name.as_str(), name.as_str())]));
        }
        scope.add("sagas", Bind::Sagas);
        scope
    }

    fn check(&mut self, check: &Check, scope: &mut Scope) -> Lowered<CheckKind> {
        Ok(match &check.kind {
            model::CheckKind::Always(predicate) => CheckKind::Always(self.expr(predicate, scope)?),
            model::CheckKind::Never(predicate) => CheckKind::Never(self.expr(predicate, scope)?),
            model::CheckKind::Eventually(predicate) => CheckKind::Eventually(self.expr(predicate, scope)?),
            model::CheckKind::Sometimes(predicate) => CheckKind::Sometimes(self.expr(predicate, scope)?),
            model::CheckKind::After { trigger, expect, same, within, earlier } => CheckKind::After {
                trigger: self.moment(trigger)?,
                expect: self.moment(expect)?,
                same: same.as_ref().map(|same| self.spec.names.intern(&same.value)),
                within: Some(crate::lower::time(within.value)),
                earlier: *earlier,
            },
            model::CheckKind::Converges { copy, original, within } => CheckKind::Converges {
                view: self.path(copy)?,
                truth: self.path(original)?,
                within: Some(crate::lower::time(within.value)),
            },
            model::CheckKind::Effects { external, per, count } => self.effects(external, per.as_ref(), *count)?,
            model::CheckKind::Saga(name) => match self.saga_ids.get(name.value.as_str()) {
                Some(id) => CheckKind::Saga(*id),
                None => return refuse(name.span, format!("unknown saga `{}`", name.value), "name a saga"),
            },
            model::CheckKind::NoLoss(channels) => CheckKind::NoLoss(self.channel_list(channels)),
            model::CheckKind::Order { channel, per } => CheckKind::Order {
                channel: self.channel_ids[channel.value.as_str()],
                per: per.as_ref().map(|per| self.spec.names.intern(&per.value)),
            },
        })
    }

    fn channel_list(&self, channels: &Channels) -> Vec<ChannelId> {
        match channels {
            Channels::All => self.channel_ids.values().copied().collect(),
            Channels::These(names) => {
                names.iter().filter_map(|name| self.channel_ids.get(name.value.as_str()).copied()).collect()
            }
        }
    }

    fn moment(&self, event: &EventName) -> Lowered<Moment> {
        let ty = self.type_id(&event.message)?;
        Ok(match event.moment {
            model::Moment::Accepted => Moment::Accepted(ty),
            model::Moment::Handled => Moment::Handled(ty),
            model::Moment::Committed => Moment::Committed(ty),
        })
    }

    fn path(&self, path: &ColumnPath) -> Lowered<(TableId, Col)> {
        let owner = path.owner.value.as_str();
        let table = path.table.as_ref().map_or(owner, |table| table.value.as_str());
        let Some(id) = self.table_ids.get(&(owner, table)).copied() else {
            return refuse(path.owner.span, "unknown table", "write `projection.column` or `service.table.column`");
        };
        match self.column(id, &path.column)? {
            Some(col) => Ok((id, col)),
            None => refuse(path.column.span, "the key of a row always converges", "name another column"),
        }
    }

    fn effects(&mut self, external: &Ident, per: Option<&Ident>, count: EffectCount) -> Lowered<CheckKind> {
        let exactly = count == EffectCount::ExactlyOne;
        let mut expected = Vec::new();
        if exactly {
            let per = per.map(|per| self.spec.names.intern(&per.value));
            expected = self.always_call(&external.value).into_iter().map(|ty| (ty, per)).collect();
            if expected.is_empty() {
                let text = format!(
                    "no body calls `{}` in every case, so nothing says which effects to expect",
                    external.value
                );
                return refuse(external.span, text, "use `at_most: 1`, or move the call out of `if` and `chance`");
            }
        }
        Ok(CheckKind::Effects { external: self.external_ids[external.value.as_str()], exactly, expected })
    }

    /// Types whose handling always calls the system: the call is a statement of the body itself, with nothing
    /// before it that might end the handling.
    fn always_call(&self, external: &str) -> Vec<TypeId> {
        let services = self.scenario.services.values().flat_map(|service| &service.handles);
        let calls = services.filter(|(_, body)| {
            let head = body.value.statements.iter().take_while(|statement| {
                !matches!(
                    statement.kind,
                    StatementKind::If { .. }
                        | StatementKind::Chance { .. }
                        | StatementKind::Fail { .. }
                        | StatementKind::Reject { .. }
                )
            });
            head.into_iter().any(
                |statement| matches!(&statement.kind, StatementKind::Call { target, .. } if target.value == external),
            )
        });
        calls.filter_map(|(name, _)| self.type_ids.get(name.as_str()).copied()).collect()
    }
}
