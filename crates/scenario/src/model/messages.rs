//! Message types and their versions.

use super::Column;
use crate::source::Span;
use crate::syntax::ast::Ident;

/// A message type.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its name.
    pub name: Ident,
    /// Its versions, rising.
    pub versions: Vec<Version>,
}

/// One version of a message type.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its number.
    pub number: u32,
    /// Where it stands.
    pub span: Span,
    /// Its fields.
    pub fields: Vec<Column>,
}

impl Message {
    /// The newest version.
    pub fn newest(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// A field of the newest version.
    pub fn field(&self, name: &str) -> Option<&Column> {
        self.newest()?.fields.iter().find(|field| field.name.value == name)
    }

    /// A version by its number.
    pub fn version(&self, number: u32) -> Option<&Version> {
        self.versions.iter().find(|version| version.number == number)
    }
}

/// A message type with a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionName {
    /// The type.
    pub message: Ident,
    /// The version.
    pub number: u32,
}
