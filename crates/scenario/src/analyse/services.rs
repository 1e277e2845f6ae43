//! Services, projections and deploys: what they handle, their tables, their versions.

use crate::analyse::Analysis;
use crate::analyse::bodies::BodyContext;
use crate::analyse::scope::{Place, Scope};
use crate::diag::Code;
use crate::model::{Column, Dedup, Projection, Service, Table, VersionName};
use crate::suggest;

impl Analysis<'_> {
    pub(super) fn services(&mut self) {
        let scenario = self.scenario;
        for message in scenario.messages.values() {
            for version in &message.versions {
                self.defaults(&version.fields);
            }
        }
        for service in scenario.services.values() {
            for table in service.tables.values() {
                self.table(table);
            }
            self.service(service);
        }
        for projection in scenario.projections.values() {
            self.table(&projection.table);
            self.projection(projection);
        }
        self.one_name_each();
        self.deploys();
    }

    /// Services and projections are named in one space: faults and checks use the bare name.
    fn one_name_each(&mut self) {
        let scenario = self.scenario;
        for projection in scenario.projections.values() {
            if let Some(service) = scenario.services.get(&projection.name.value) {
                let text = format!("`{}` names a service and a projection", projection.name.value);
                let error = crate::diag::Diagnostic::error(Code::Conflict, projection.name.span, text);
                self.report.push(
                    error
                        .related(service.name.span, "the service")
                        .mend("rename one: faults and checks use the bare name"),
                );
            }
        }
    }

    fn table(&mut self, table: &Table) {
        let columns: Vec<Column> = table.all_columns().cloned().collect();
        self.defaults(&columns);
        for (name, value) in table.rows.iter().flatten() {
            if let Some(column) = table.column(name) {
                let what = format!("column `{name}` of `{}`", table.name.value);
                self.expect_type(&column.ty, value, &mut Scope::new(Place::Constant), &what);
            }
        }
    }

    fn defaults(&mut self, columns: &[Column]) {
        for column in columns {
            if let Some(default) = &column.default {
                let what = format!("field `{}`", column.name.value);
                self.expect_type(&column.ty, default, &mut Scope::new(Place::Constant), &what);
            }
        }
    }

    fn service(&mut self, service: &Service) {
        let scenario = self.scenario;
        // The borrow must outlive the report's: take the service from the scenario itself.
        let Some(service) = scenario.services.get(&service.name.value) else { return };
        for (name, body) in &service.handles {
            let ident = crate::source::Spanned::new(name.clone(), body.span);
            let Some(message) = self.message(&ident) else { continue };
            let fields = message.newest().map_or(&[][..], |version| &version.fields);
            let mut scope = Scope::new(Place::Body);
            scope.add("message", crate::analyse::kinds::Kind::Envelope);
            for table in service.tables.values() {
                scope.add(&table.name.value, crate::analyse::kinds::Kind::Table(table));
            }
            scope.add_fields(fields);
            let context = BodyContext { service: Some(service), own: None, copied: fields, from: format!("`{name}`") };
            self.body(&body.value, &context, &mut scope);
            self.dedup_field(service.dedup.as_ref(), name);
        }
    }

    fn dedup_field(&mut self, dedup: Option<&Dedup>, message: &str) {
        let Some(by) = dedup.and_then(|dedup| dedup.by.as_ref()) else { return };
        let Some(message) = self.scenario.messages.get(message) else { return };
        if message.field(&by.value).is_none() {
            let text = format!("dedup goes by `{}`, which `{}` does not have", by.value, message.name.value);
            self.error(
                Code::UnknownName,
                by.span,
                text,
                format!("use `message_id`, or add `{}` to `{}`", by.value, message.name.value),
            );
        }
    }

    fn projection(&mut self, projection: &Projection) {
        let scenario = self.scenario;
        let Some(projection) = scenario.projections.get(&projection.name.value) else { return };
        for (name, body) in &projection.folds {
            let ident = crate::source::Spanned::new(name.clone(), body.span);
            let Some(message) = self.message(&ident) else { continue };
            if scenario.home(name).is_none() {
                let text = format!("projection `{}` folds `{name}`, which no channel carries", projection.name.value);
                self.error(Code::Conflict, body.span, text, format!("list `{name}` under `carries` of a topic"));
            }
            let fields = message.newest().map_or(&[][..], |version| &version.fields);
            let mut scope = Scope::new(Place::Body);
            scope.add("message", crate::analyse::kinds::Kind::Envelope);
            scope.add(&projection.name.value, crate::analyse::kinds::Kind::Table(&projection.table));
            for column in &projection.table.columns {
                scope.add(&column.name.value, crate::analyse::kinds::Kind::Plain(column.ty.clone()));
            }
            scope.add_fields(fields);
            let context =
                BodyContext { service: None, own: Some(&projection.table), copied: fields, from: format!("`{name}`") };
            self.body(&body.value, &context, &mut scope);
        }
    }

    pub(super) fn versions(&mut self, versions: &[VersionName]) {
        for version in versions {
            let Some(message) = self.message(&version.message) else { continue };
            if message.version(version.number).is_none() {
                let known: Vec<String> =
                    message.versions.iter().map(|known| format!("{}@{}", message.name.value, known.number)).collect();
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let text = format!("`{}` has no version {}", message.name.value, version.number);
                self.error(
                    Code::UnknownName,
                    version.message.span,
                    text,
                    format!("its versions are {}", suggest::list(&known)),
                );
            }
        }
    }

    fn deploys(&mut self) {
        let scenario = self.scenario;
        for deploy in &scenario.deploys {
            self.known(&deploy.service, "service", scenario.services.keys().map(String::as_str));
            self.versions(&deploy.emits);
            if deploy.at >= scenario.load_for.value {
                let text = "the deploy begins when the load is over";
                self.warn(Code::Time, deploy.span, text, "deploy earlier, or lengthen `horizon.load`");
            }
        }
    }
}
