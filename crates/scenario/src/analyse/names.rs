//! Who handles what, what a name may refer to, and which versions are emitted.

use std::time::Duration;

use crate::analyse::Analysis;
use crate::diag::{Code, Diagnostic, Report};
use crate::model::{Channel, External, Message, Scenario, Times};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{Body, Ident, StatementKind};

/// Something that handles a message type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handler {
    /// A service.
    Service(String),
    /// A saga, which runs in its owner.
    Saga(String),
    /// A projection.
    Projection(String),
}

impl Handler {
    /// The handler as a sentence names it.
    pub fn show(&self) -> String {
        match self {
            Handler::Service(name) => format!("service `{name}`"),
            Handler::Saga(name) => format!("saga `{name}`"),
            Handler::Projection(name) => format!("projection `{name}`"),
        }
    }
}

impl Scenario {
    /// The channel that carries a type; none for a request.
    pub fn home(&self, message: &str) -> Option<&Channel> {
        self.channels.values().find(|channel| channel.carries.iter().any(|name| name.value == message))
    }

    /// All that handle a type, and where they say so.
    pub fn handlers(&self, message: &str) -> Vec<(Handler, Span)> {
        let services = self.services.values().filter_map(|service| {
            let body = service.handles.get(message)?;
            Some((Handler::Service(service.name.value.clone()), body.span))
        });
        let sagas = self.sagas.values().filter_map(|saga| {
            let steps =
                saga.steps.iter().flat_map(|step| [Some(&step.done), step.refused.as_ref(), step.undone.as_ref()]);
            let name = std::iter::once(&saga.starts).chain(steps.flatten()).find(|name| name.value == message)?;
            Some((Handler::Saga(saga.name.value.clone()), name.span))
        });
        let projections = self.projections.values().filter_map(|projection| {
            let body = projection.folds.get(message)?;
            Some((Handler::Projection(projection.name.value.clone()), body.span))
        });
        services.chain(sagas).chain(projections).collect()
    }

    /// Every body, with the service whose process runs it.
    pub(crate) fn all_bodies(&self) -> impl Iterator<Item = &Body> {
        let handles = self.services.values().flat_map(|service| service.handles.values());
        let folds = self.projections.values().flat_map(|projection| projection.folds.values());
        let sagas = self.sagas.values().flat_map(|saga| [&saga.done, &saga.undone, &saga.late].into_iter().flatten());
        handles.chain(folds).chain(sagas).map(|body| &body.value)
    }

    /// Names of dead-letter channels, each once.
    pub fn dead_letters(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.channels.values().filter_map(|channel| channel.dead_letter.as_ref()) {
            if !names.contains(&name.value.as_str()) {
                names.push(&name.value);
            }
        }
        names
    }
}

/// The versions of a type that a service emits when its body names none: the first, then those of its deploys.
pub fn emitted_versions(scenario: &Scenario, service: &str, message: &Message) -> Vec<u32> {
    let deploys = scenario.deploys.iter().filter(|deploy| deploy.service.value == service);
    let mut later: Vec<u32> = deploys
        .flat_map(|deploy| &deploy.emits)
        .filter(|v| v.message.value == message.name.value)
        .map(|v| v.number)
        .collect();
    later.sort_unstable();
    later.dedup();
    let before =
        |limit: u32| message.versions.iter().rev().map(|version| version.number).find(|number| *number < limit);
    let first = match later.first() {
        Some(least) => before(*least),
        None => message.newest().map(|version| version.number),
    };
    first.into_iter().chain(later).collect()
}

/// Adds the external systems that bodies call and nothing declares.
pub(super) fn implied_externals(scenario: &mut Scenario, report: &mut Report) {
    let mut called: Vec<Ident> = Vec::new();
    for body in scenario.all_bodies() {
        body.walk(&mut |statement| {
            if let StatementKind::Call { target, .. } = &statement.kind {
                called.push(target.clone());
            }
        });
    }
    let declared: Vec<String> = scenario.externals.keys().cloned().collect();
    for target in called {
        if scenario.messages.contains_key(&target.value) || scenario.externals.contains_key(&target.value) {
            continue;
        }
        let known = declared.iter().chain(scenario.messages.keys()).map(String::as_str);
        if let Some(near) = suggest::nearest(&target.value, known) {
            let text = format!("`{}` is neither an external system nor a message type", target.value);
            report
                .push(Diagnostic::error(Code::UnknownName, target.span, text).mend(format!("did you mean `{near}`?")));
        }
        let latency = Times { least: Duration::from_millis(20), most: Duration::from_millis(20) };
        let external = External { name: target.clone(), latency };
        scenario.externals.insert(target.value, external);
    }
}

impl<'a> Analysis<'a> {
    /// A message type by name, or a diagnostic.
    pub(super) fn message(&mut self, name: &Ident) -> Option<&'a Message> {
        let scenario = self.scenario;
        let found = scenario.messages.get(&name.value);
        if found.is_none() && !name.value.is_empty() {
            let base = name.value.split('@').next().unwrap_or_default();
            let mend = match scenario.messages.get(base) {
                Some(_) => format!("write `{base}` without a version here"),
                None => suggest::mend(&name.value, "message type", scenario.messages.keys().map(String::as_str)),
            };
            self.error(Code::UnknownName, name.span, format!("unknown message type `{}`", name.value), mend);
        }
        found
    }

    /// One name out of several kinds of declaration, or a diagnostic.
    pub(super) fn known<'n>(&mut self, name: &Ident, what: &str, names: impl Iterator<Item = &'n str> + Clone) -> bool {
        // A body that could not be parsed may have called it.
        let unsure = what == "external system" && self.report.diagnostics().iter().any(|d| d.code == Code::Syntax);
        let found = unsure || name.value.is_empty() || names.clone().any(|known| known == name.value);
        if !found {
            self.error(
                Code::UnknownName,
                name.span,
                format!("unknown {what} `{}`", name.value),
                suggest::mend(&name.value, what, names),
            );
        }
        found && !name.value.is_empty()
    }

    /// A field that a message must have.
    pub(super) fn field_of(&mut self, message: &Message, field: &Ident) -> bool {
        let Some(version) = message.newest() else { return false };
        let names = version.fields.iter().map(|column| column.name.value.as_str());
        let found = field.value.is_empty() || names.clone().any(|name| name == field.value);
        if !found {
            let text = format!("message `{}` has no field `{}`", message.name.value, field.value);
            self.error(Code::UnknownName, field.span, text, suggest::mend(&field.value, "field", names));
        }
        found
    }
}
