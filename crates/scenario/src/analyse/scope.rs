//! The names an expression can see.

use crate::analyse::kinds::Kind;
use crate::model::{Column, Scenario};

/// Where an expression stands; some functions exist only in some places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Body,
    Load,
    Check,
    /// A default, or a row that is there from the beginning.
    Constant,
}

/// The names an expression can see; later ones hide earlier ones.
#[derive(Clone, Debug)]
pub(super) struct Scope<'a> {
    pub(super) place: Place,
    names: Vec<(String, Kind<'a>)>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(place: Place) -> Self {
        Scope { place, names: Vec::new() }
    }

    /// What a check can see: services, projections, sagas and channels.
    pub(super) fn of_checks(scenario: &'a Scenario) -> Self {
        let mut scope = Scope::new(Place::Check);
        for name in scenario.channels.keys().map(String::as_str).chain(scenario.dead_letters()) {
            scope.add(name, Kind::Channel);
        }
        for service in scenario.services.values() {
            scope.add(&service.name.value, Kind::Service(service));
        }
        for projection in scenario.projections.values() {
            scope.add(&projection.name.value, Kind::Table(&projection.table));
        }
        for external in scenario.externals.keys().filter(|name| scope.find(name).is_none()).cloned().collect::<Vec<_>>()
        {
            scope.add(&external, Kind::External);
        }
        scope.add("sagas", Kind::Sagas);
        scope
    }

    pub(super) fn add(&mut self, name: &str, kind: Kind<'a>) {
        self.names.push((name.to_owned(), kind));
    }

    pub(super) fn add_fields(&mut self, fields: &[Column]) {
        for field in fields {
            self.add(&field.name.value, Kind::Plain(field.ty.clone()));
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<&Kind<'a>> {
        self.names.iter().rev().find(|(have, _)| have == name).map(|(_, kind)| kind)
    }

    /// Whether a row variable stands outside another one: only the innermost row can be looked at.
    pub(super) fn is_hidden(&self, name: &str) -> bool {
        let is_row = |kind: &Kind<'a>| matches!(kind, Kind::Row(_) | Kind::Group(_));
        let at = self.names.iter().rposition(|(have, _)| have == name);
        at.is_some_and(|at| is_row(&self.names[at].1) && self.names[at + 1..].iter().any(|(_, kind)| is_row(kind)))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, _)| name.as_str())
    }

    /// A mark to return to with `leave`.
    pub(super) fn enter(&self) -> usize {
        self.names.len()
    }

    pub(super) fn leave(&mut self, mark: usize) {
        self.names.truncate(mark);
    }
}
