//! The key table: every key of the language, once, with its type, default, doc and example.
//!
//! The reader, the suggestions, the JSON Schema and the reference text are all driven by it.

mod brokers;
mod checks;
mod faults;
mod language;
mod reference;
mod schema;
mod sections;

pub use brokers::{BROKERS, KINDS};
pub use faults::BOUNDARIES;
pub use reference::{broker_reference, reference};
pub use schema::schema;
pub use sections::ROOT;

/// A map with a fixed set of keys.
#[derive(Debug)]
pub struct Section {
    /// The path in the reference, such as `services.NAME`.
    pub path: &'static str,
    /// What an error calls it, such as `service`.
    pub what: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// The keys, in the order of the reference.
    pub keys: &'static [Key],
    /// Further keys that depend on a value or on which key is present.
    pub variants: Variants,
}

/// How a section chooses among variants.
#[derive(Debug)]
pub enum Variants {
    /// It has none.
    None,
    /// By the value of a key, as brokers do by `kind`.
    ByValue(&'static str, &'static [Variant]),
    /// By which key is there, as faults and checks do.
    ByKey(&'static [Variant]),
}

/// One variant: its tag, and the keys it adds.
#[derive(Debug)]
pub struct Variant {
    /// The value or the key that chooses it.
    pub tag: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// The keys it adds.
    pub keys: &'static [Key],
}

/// One key.
#[derive(Debug)]
pub struct Key {
    /// The name.
    pub name: &'static str,
    /// What its value may be.
    pub ty: Ty,
    /// What holds when it is absent.
    pub default: Default,
    /// One sentence.
    pub doc: &'static str,
    /// A value as it would be written.
    pub example: &'static str,
}

/// What holds when a key is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// It must be there.
    Required,
    /// It is off, or has no value.
    Absent,
    /// This value, as it would be written.
    Is(&'static str),
}

/// What a value may be.
#[derive(Debug)]
pub enum Ty {
    /// Any text.
    Text,
    /// The name of something declared elsewhere; the word says what.
    Name(&'static str),
    /// One name or a list of them; the word says what.
    Names(&'static str),
    /// `true` or `false`.
    Bool,
    /// A whole number between two bounds.
    Int(i64, i64),
    /// A whole number, or a range of them.
    Count,
    /// `3%`.
    Percent,
    /// `200ms`.
    Duration,
    /// `200ms`, or a range `200ms..5s`.
    Span,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Statements.
    Body,
    /// An expression.
    Expr,
    /// A map with fixed keys.
    Section(&'static Section),
    /// A map from names the user chooses to sections; the word says what they name.
    Named(&'static Section, &'static str),
    /// A list of sections.
    List(&'static Section),
    /// A map from field names to types.
    Fields,
    /// A map from names to bodies; the word says what the names are.
    Bodies(&'static str),
    /// A map from field names to expressions.
    Values,
    /// A form of its own, told in the doc.
    Own,
}

impl Section {
    /// The key of that name, whatever the variant.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().chain(self.variants.all().iter().flat_map(|variant| variant.keys)).find(|key| key.name == name)
    }
}

impl Variants {
    /// All variants.
    pub fn all(&self) -> &'static [Variant] {
        match self {
            Variants::None => &[],
            Variants::ByValue(_, variants) | Variants::ByKey(variants) => variants,
        }
    }
}

const fn must(name: &'static str, ty: Ty, doc: &'static str, example: &'static str) -> Key {
    Key { name, ty, default: Default::Required, doc, example }
}

const fn may(name: &'static str, ty: Ty, doc: &'static str, example: &'static str) -> Key {
    Key { name, ty, default: Default::Absent, doc, example }
}

const fn key(name: &'static str, ty: Ty, default: &'static str, doc: &'static str, example: &'static str) -> Key {
    Key { name, ty, default: Default::Is(default), doc, example }
}

const fn section(path: &'static str, what: &'static str, doc: &'static str, keys: &'static [Key]) -> Section {
    Section { path, what, doc, keys, variants: Variants::None }
}
