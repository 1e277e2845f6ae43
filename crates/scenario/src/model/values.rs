//! Values and ranges: what several sections share.

use std::time::Duration;

use crate::syntax::ast::{Expr, Ident};

/// A duration, or a range of them; both ends are included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// The shortest, which is the default.
    pub least: Duration,
    /// The longest.
    pub most: Duration,
}

/// A number, or a range of them; both ends are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The smallest.
    pub least: u32,
    /// The largest.
    pub most: u32,
}

/// The type of a field, a column or an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A 64-bit whole number.
    Int,
    /// An exact decimal.
    Decimal,
    /// A text.
    Text,
    /// An identity; comparable with texts.
    Id,
    /// A span of time.
    Duration,
    /// A point in virtual time.
    Time,
    /// A list.
    List(Box<Type>),
}

impl Type {
    /// The names that a file may use.
    pub const NAMES: [&'static str; 7] = ["bool", "int", "decimal", "string", "id", "duration", "time"];

    /// The type of a name.
    pub fn named(name: &str) -> Option<Type> {
        Some(match name {
            "bool" => Type::Bool,
            "int" => Type::Int,
            "decimal" => Type::Decimal,
            "string" => Type::Text,
            "id" => Type::Id,
            "duration" => Type::Duration,
            "time" => Type::Time,
            _ => {
                let inner = name.strip_prefix('[')?.strip_suffix(']')?;
                let flat = Type::named(inner.trim()).filter(|ty| !matches!(ty, Type::List(_)))?;
                Type::List(Box::new(flat))
            }
        })
    }

    /// The type as a file names it.
    pub fn show(&self) -> String {
        match self {
            Type::Bool => "bool".to_owned(),
            Type::Int => "int".to_owned(),
            Type::Decimal => "decimal".to_owned(),
            Type::Text => "string".to_owned(),
            Type::Id => "id".to_owned(),
            Type::Duration => "duration".to_owned(),
            Type::Time => "time".to_owned(),
            Type::List(inner) => format!("[{}]", inner.show()),
        }
    }
}

/// A field of a message or a column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: Type,
    /// Its value where none is given.
    pub default: Option<Expr>,
}
