//! The spanned tree.

use crate::source::{Source, Span, Spanned};
use crate::yaml::TextMap;

/// A value of the file, and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands.
    pub span: Span,
}

/// The three shapes of YAML.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// A map, in the order of the file.
    Map(Vec<Entry>),
    /// A list.
    Seq(Vec<Node>),
    /// A text, as written: what it means is for the reader to say.
    Scalar(String, Style),
}

/// One entry of a map.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key; always a scalar.
    pub key: Spanned<String>,
    /// How the key was quoted.
    pub key_style: Style,
    /// The value.
    pub value: Node,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// A `|` block.
    Literal,
    /// A `>` block.
    Folded,
}

impl Node {
    /// A word for the shape: `a map`, `a list`, `a value` or `nothing`.
    pub fn shape(&self) -> &'static str {
        match &self.kind {
            NodeKind::Map(_) => "a map",
            NodeKind::Seq(_) => "a list",
            NodeKind::Scalar(..) if self.is_null() => "nothing",
            NodeKind::Scalar(..) => "a value",
        }
    }

    /// Whether it is an empty plain scalar, `~` or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, NodeKind::Scalar(text, Style::Plain) if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// The text, if it is a scalar that is not null.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar(text, _) if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// The entries, if it is a map.
    pub fn map(&self) -> Option<&[Entry]> {
        if let NodeKind::Map(entries) = &self.kind { Some(entries) } else { None }
    }

    /// The items, if it is a list.
    pub fn seq(&self) -> Option<&[Node]> {
        if let NodeKind::Seq(items) = &self.kind { Some(items) } else { None }
    }

    /// The value under a key, if it is a map that has the key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.map()?.iter().find(|entry| entry.key.value == key).map(|entry| &entry.value)
    }

    /// Where each byte of a scalar's text stands in the file.
    pub fn text_map(&self, source: &Source) -> TextMap {
        match &self.kind {
            NodeKind::Scalar(text, style) => TextMap::new(text, *style, self.span, source),
            _ => TextMap::default(),
        }
    }
}
