//! A section of the file, read by the key table: every value checked against its key's type.

use std::collections::BTreeMap;
use std::time::Duration;

use indexmap::IndexMap;

use crate::model::{Column, Count, Times};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Body, Expr, Ident};
use crate::yaml::Node;

/// The values of one section.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings<'a> {
    /// The whole section.
    pub(super) span: Span,
    /// The variant that was chosen, if the section has any.
    pub(super) tag: &'static str,
    pub(super) values: BTreeMap<&'static str, Setting<'a>>,
}

/// One value.
#[derive(Clone, Debug)]
pub(super) struct Setting<'a> {
    /// Where the value stands; the section's head for a default.
    pub(super) span: Span,
    /// Whether the file gives it.
    pub(super) given: bool,
    pub(super) value: Value<'a>,
}

/// A value after its key's type.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Bool(bool),
    Int(i64),
    Count(Count),
    Ppm(u32),
    Duration(Duration),
    Times(Times),
    Text(String),
    Names(Vec<Ident>),
    Choice(&'static str),
    Body(Body),
    Expr(Box<Expr>),
    Section(Settings<'a>),
    Named(Vec<(Ident, Settings<'a>)>),
    List(Vec<Settings<'a>>),
    Columns(Vec<Column>),
    Bodies(IndexMap<String, Spanned<Body>>),
    Values(IndexMap<String, (Span, Expr)>),
    Own(&'a Node),
    /// Wrong, and reported.
    Bad,
}

macro_rules! getter {
    ($(#[$doc:meta])* $name:ident, $variant:ident, $ty:ty, $fallback:expr) => {
        $(#[$doc])*
        pub(super) fn $name(&self, key: &str) -> Option<Spanned<$ty>> {
            let setting = self.values.get(key)?;
            match &setting.value {
                Value::$variant(value) => Some(Spanned::new(value.clone(), setting.span)),
                _ => $fallback.map(|value| Spanned::new(value, setting.span)),
            }
        }
    };
}

impl<'a> Settings<'a> {
    getter!(bool, Bool, bool, Some(false));
    getter!(int, Int, i64, Some(1));
    getter!(count, Count, Count, Some(Count { least: 1, most: 1 }));
    getter!(ppm, Ppm, u32, Some(0));
    getter!(duration, Duration, Duration, Some(Duration::ZERO));
    getter!(times, Times, Times, Some(Times::default()));
    getter!(text, Text, String, None::<String>);
    getter!(choice, Choice, &'static str, Some(""));
    getter!(names, Names, Vec<Ident>, Some(Vec::new()));
    getter!(body, Body, Body, Some(Body::default()));
    getter!(expr, Expr, Box<Expr>, None::<Box<Expr>>);
    getter!(own, Own, &'a Node, None::<&'a Node>);

    /// Whether the file gives the key.
    pub(super) fn given(&self, key: &str) -> bool {
        self.values.get(key).is_some_and(|setting| setting.given)
    }

    /// The place of a value; the section's head when it is absent.
    pub(super) fn span_of(&self, key: &str) -> Span {
        self.values.get(key).map_or(self.span, |setting| setting.span)
    }

    /// A text that the file must give; empty when it was missing or wrong, which is reported already.
    pub(super) fn name(&self, key: &str) -> Ident {
        self.text(key).unwrap_or_else(|| Spanned::new(String::new(), self.span_of(key)))
    }

    pub(super) fn whole(&self, key: &str) -> u32 {
        self.int(key).map_or(0, |int| u32::try_from(int.value).unwrap_or(u32::MAX))
    }

    pub(super) fn length(&self, key: &str) -> Duration {
        self.duration(key).map_or(Duration::ZERO, |duration| duration.value)
    }

    pub(super) fn word(&self, key: &str) -> &'static str {
        self.choice(key).map_or("", |choice| choice.value)
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.bool(key).is_some_and(|flag| flag.value)
    }

    pub(super) fn section(&self, key: &str) -> Option<&Settings<'a>> {
        match &self.values.get(key)?.value {
            Value::Section(section) => Some(section),
            _ => None,
        }
    }

    pub(super) fn named(&self, key: &str) -> &[(Ident, Settings<'a>)] {
        match self.values.get(key).map(|setting| &setting.value) {
            Some(Value::Named(entries)) => entries,
            _ => &[],
        }
    }

    pub(super) fn list(&self, key: &str) -> &[Settings<'a>] {
        match self.values.get(key).map(|setting| &setting.value) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    pub(super) fn columns(&self, key: &str) -> Vec<Column> {
        match self.values.get(key).map(|setting| &setting.value) {
            Some(Value::Columns(columns)) => columns.clone(),
            _ => Vec::new(),
        }
    }

    pub(super) fn bodies(&self, key: &str) -> IndexMap<String, Spanned<Body>> {
        match self.values.get(key).map(|setting| &setting.value) {
            Some(Value::Bodies(bodies)) => bodies.clone(),
            _ => IndexMap::new(),
        }
    }

    pub(super) fn fields(&self, key: &str) -> IndexMap<String, (Span, Expr)> {
        match self.values.get(key).map(|setting| &setting.value) {
            Some(Value::Values(values)) => values.clone(),
            _ => IndexMap::new(),
        }
    }
}
