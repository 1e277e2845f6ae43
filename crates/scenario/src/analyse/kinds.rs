//! Static types of expressions: plain types, and the things that only predicates and bodies can name.

use crate::model::{Saga, Service, Table, Type};

/// What an expression is.
#[derive(Clone, Debug)]
pub(super) enum Kind<'a> {
    /// Unknown, after an error that is reported already.
    Any,
    Null,
    Plain(Type),
    EmptyList,
    Percent,
    /// A range of numbers or durations.
    Range(Type),
    Table(&'a Table),
    Row(&'a Table),
    /// A table split by a column.
    Groups(&'a Table),
    Group(&'a Table),
    /// A column of all rows of a table or group: only its folds are values.
    Column(Type),
    /// An external system.
    External,
    Service(&'a Service),
    /// The inbox of a service.
    Dedup,
    /// A channel or a dead-letter channel.
    Channel,
    /// All sagas.
    Sagas,
    Saga(&'a Saga),
    /// The handled message: its envelope.
    Envelope,
}

impl Kind<'_> {
    pub(super) const BOOL: Kind<'static> = Kind::Plain(Type::Bool);
    pub(super) const INT: Kind<'static> = Kind::Plain(Type::Int);

    /// The kind as a sentence names it.
    pub(super) fn show(&self) -> String {
        match self {
            Kind::Any => "unknown".to_owned(),
            Kind::Null => "null".to_owned(),
            Kind::Plain(Type::Id) => "an id".to_owned(),
            Kind::Plain(Type::Int) => "an int".to_owned(),
            Kind::Plain(Type::List(inner)) => format!("a list of {}", inner.show()),
            Kind::Plain(ty) => format!("a {}", ty.show()),
            Kind::EmptyList => "an empty list".to_owned(),
            Kind::Percent => "a percentage".to_owned(),
            Kind::Range(ty) => format!("a range of {}", ty.show()),
            Kind::Table(table) => format!("the table `{}`", table.name.value),
            Kind::Row(table) => format!("a row of `{}`", table.name.value),
            Kind::Groups(table) => format!("the groups of `{}`", table.name.value),
            Kind::Group(table) => format!("a group of rows of `{}`", table.name.value),
            Kind::Column(ty) => format!("a column of {}", ty.show()),
            Kind::External => "an external system".to_owned(),
            Kind::Service(service) => format!("the service `{}`", service.name.value),
            Kind::Dedup => "an inbox".to_owned(),
            Kind::Channel => "a channel".to_owned(),
            Kind::Sagas => "the sagas".to_owned(),
            Kind::Saga(saga) => format!("the saga `{}`", saga.name.value),
            Kind::Envelope => "the message".to_owned(),
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Kind::Any | Kind::Plain(Type::Int | Type::Decimal))
    }

    pub(super) fn is_bool(&self) -> bool {
        matches!(self, Kind::Any | Kind::Plain(Type::Bool))
    }
}

/// Whether a value of this kind can be given where the type is wanted.
pub(super) fn fits(wanted: &Type, given: &Kind<'_>) -> bool {
    match (wanted, given) {
        (_, Kind::Any) | (Type::Decimal, Kind::Plain(Type::Int)) | (Type::List(_), Kind::EmptyList) => true,
        (Type::Text | Type::Id, Kind::Plain(Type::Text | Type::Id)) => true,
        (Type::List(wanted), Kind::Plain(Type::List(given))) => fits(wanted, &Kind::Plain((**given).clone())),
        (wanted, Kind::Plain(given)) => wanted == given,
        _ => false,
    }
}

/// Whether two values can be compared for equality.
pub(super) fn comparable(a: &Kind<'_>, b: &Kind<'_>) -> bool {
    match (a, b) {
        (Kind::Any, _) | (_, Kind::Any) => true,
        (Kind::Null, Kind::Row(_)) | (Kind::Row(_), Kind::Null) | (Kind::EmptyList, Kind::EmptyList) => true,
        (Kind::Plain(a), b) if fits(a, b) => true,
        (a, Kind::Plain(b)) => fits(b, a),
        _ => false,
    }
}

/// Whether two values have an order.
pub(super) fn ordered(a: &Kind<'_>, b: &Kind<'_>) -> bool {
    let has_order = |kind: &Kind<'_>| {
        !matches!(kind, Kind::Plain(Type::Bool | Type::List(_)) | Kind::Null | Kind::Row(_) | Kind::EmptyList)
    };
    comparable(a, b) && has_order(a) && has_order(b)
}
