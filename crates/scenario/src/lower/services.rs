//! Services, projections, their tables and subscriptions, external systems, deploys.

use std::rc::Rc;

use indexmap::IndexMap;
use ordain_brokers::{ChannelId, SubId};
use ordain_world::expr::Expr;
use ordain_world::spec::{
    Col, DedupSpec, DeploySpec, ExternalId, ExternalSpec, ServiceId, ServiceSpec, SubSpec, TableId, TableSpec, TypeId,
};
use ordain_world::{Program, Value};

use crate::lower::bodies::Stand;
use crate::lower::scope::{Bind, Scope};
use crate::lower::{Lowered, Lowering, constants, time};
use crate::model::{Dedup, Message, Projection, Service, Table};
use crate::source::Spanned;
use crate::syntax::ast::Body;

/// What a subscription does with each type.
type Handlers = Vec<(TypeId, Rc<dyn Program>)>;

impl<'a> Lowering<'a> {
    pub(super) fn services(&mut self) -> Lowered<()> {
        for external in self.scenario.externals.values() {
            let name = self.spec.names.intern(&external.name.value);
            self.external_ids.insert(&external.name.value, ExternalId(self.spec.externals.len() as u16));
            self.spec.externals.push(ExternalSpec { name });
        }
        for service in self.scenario.services.values() {
            self.service(service)?;
        }
        for projection in self.scenario.projections.values() {
            self.projection(projection)?;
        }
        // Bodies come last: they may name any type and any external system.
        for service in self.scenario.services.values() {
            self.handlers(service)?;
        }
        for projection in self.scenario.projections.values() {
            self.folds(projection)?;
        }
        Ok(())
    }

    fn service(&mut self, service: &'a Service) -> Lowered<()> {
        let name = self.spec.names.intern(&service.name.value);
        let id = ServiceId(self.spec.services.len() as u16);
        self.service_ids.insert(&service.name.value, id);
        let dedup = self.dedup(service.dedup.as_ref());
        self.spec.services.push(ServiceSpec {
            name,
            replicas: service.replicas as u16,
            concurrency: service.concurrency as u16,
            dedup,
            outbox: service.outbox.as_ref().map(|outbox| time(outbox.relay_every)),
            serializable: service.serializable,
        });
        for table in service.tables.values() {
            self.table_spec(&service.name.value, id, table)?;
        }
        Ok(())
    }

    fn projection(&mut self, projection: &'a Projection) -> Lowered<()> {
        let name = self.spec.names.intern(&projection.name.value);
        let id = ServiceId(self.spec.services.len() as u16);
        self.service_ids.insert(&projection.name.value, id);
        let dedup = self.dedup(projection.dedup.as_ref());
        let replicas = projection.replicas as u16;
        self.spec.services.push(ServiceSpec {
            name,
            replicas,
            concurrency: 1,
            dedup,
            outbox: None,
            serializable: false,
        });
        self.table_spec(&projection.name.value, id, &projection.table)
    }

    fn dedup(&mut self, dedup: Option<&Dedup>) -> Option<DedupSpec> {
        let dedup = dedup?;
        let by = dedup.by.as_ref().map(|by| self.spec.names.intern(&by.value));
        Some(DedupSpec { by, window: dedup.window.map(time) })
    }

    fn table_spec(&mut self, owner: &'a str, service: ServiceId, table: &'a Table) -> Lowered<()> {
        let id = TableId(self.spec.tables.len() as u16);
        self.table_ids.insert((owner, &table.name.value), id);
        let name = self.spec.names.intern(&table.name.value);
        let key = table.key.as_ref().map(|key| self.spec.names.intern(&key.name.value));
        let columns = table
            .columns
            .iter()
            .map(|column| (self.spec.names.intern(&column.name.value), constants::ty(&column.ty)))
            .collect();
        for default in table.columns.iter().filter_map(|column| Some((column.default.as_ref()?, &column.ty))) {
            // The names of text defaults must be known before bodies use them.
            self.constant(default.0, default.1)?;
        }
        let mut rows = Vec::new();
        for (at, row) in table.rows.iter().enumerate() {
            let key = match table.key.as_ref().and_then(|key| Some((key, row.get(&key.name.value)?))) {
                Some((key, value)) => self.constant(value, &key.ty)?,
                None => Value::Int(at as i64),
            };
            let mut values = Vec::new();
            for column in &table.columns {
                let value = row.get(&column.name.value).or(column.default.as_ref());
                values.push(value.map_or(Ok(Value::Nil), |value| self.constant(value, &column.ty))?);
            }
            rows.push((key, values));
        }
        self.spec.tables.push(TableSpec { name, service, key, columns, rows });
        Ok(())
    }

    fn handlers(&mut self, service: &'a Service) -> Lowered<()> {
        let mut scope = Scope::default();
        scope.add("message", Bind::Envelope);
        for table in service.tables.keys() {
            let id = self.table_ids[&(service.name.value.as_str(), table.as_str())];
            scope.add(table, Bind::Table(id));
        }
        self.subscribe(&service.name.value, &service.handles, None, &scope)
    }

    fn folds(&mut self, projection: &'a Projection) -> Lowered<()> {
        let id = self.table_ids[&(projection.name.value.as_str(), projection.name.value.as_str())];
        let mut scope = Scope::default();
        scope.add("message", Bind::Envelope);
        scope.add(&projection.name.value, Bind::Table(id));
        for (at, column) in projection.table.columns.iter().enumerate() {
            scope.add(&column.name.value, Bind::Own(Col(at as u16)));
        }
        scope.own = Some((id, Expr::Const(Value::Nil)));
        self.subscribe(&projection.name.value, &projection.folds, Some(&projection.table), &scope)
    }

    /// A subscription for each channel that carries something handled, and one for requests.
    fn subscribe(
        &mut self,
        name: &'a str,
        bodies: &'a IndexMap<String, Spanned<Body>>,
        own: Option<&'a Table>,
        scope: &Scope,
    ) -> Lowered<()> {
        let scenario = self.scenario;
        let mut by_channel: IndexMap<Option<ChannelId>, Handlers> = IndexMap::new();
        for (message, body) in bodies {
            let Some(message) = scenario.messages.get(message) else { continue };
            let ty = self.type_ids[message.name.value.as_str()];
            let program = self.handler(name, message, &body.value, own, scope.clone())?;
            by_channel.entry(self.spec.types[ty.at()].channel).or_default().push((ty, program));
        }
        let service = self.service_ids[name];
        let sym = self.spec.names.intern(name);
        by_channel.sort_by_key(|channel, _| channel.map(|channel| channel.0));
        for (channel, handlers) in by_channel {
            let sub = SubId(self.spec.subs.len() as u16);
            if channel.is_none() {
                for (ty, _) in &handlers {
                    self.spec.types[ty.at()].request_sub = Some(sub);
                }
            }
            self.spec.subs.push(SubSpec { name: sym, service, channel, handlers });
        }
        Ok(())
    }

    fn handler(
        &mut self,
        owner: &'a str,
        message: &'a Message,
        body: &Body,
        own: Option<&'a Table>,
        mut scope: Scope,
    ) -> Lowered<Rc<dyn Program>> {
        let copied: Vec<&str> = message.layout().iter().map(|column| column.name.value.as_str()).collect();
        for (at, field) in copied.iter().enumerate() {
            scope.add(field, Bind::Field(at as u16));
        }
        if let (Some((_, row_key)), Some(key)) = (&mut scope.own, own.and_then(|own| own.key.as_ref()))
            && let Some(at) = copied.iter().position(|field| *field == key.name.value)
        {
            *row_key = Expr::Field(at as u16);
        }
        self.body(body, &Stand { owner, own, copied }, scope)
    }

    pub(super) fn deploys(&mut self) -> Lowered<()> {
        for deploy in &self.scenario.deploys {
            let service = self.service_ids[deploy.service.value.as_str()];
            for version in &deploy.emits {
                let ty = self.type_id(&version.message)?;
                let (at, rolling) = (time(deploy.at), time(deploy.rolling));
                self.spec.deploys.push(DeploySpec { service, ty, version: version.number as u8, at, rolling });
            }
        }
        Ok(())
    }
}
