//! Message types: comma lists, versions, fields.

use indexmap::IndexMap;

use crate::diag::{Code, Diagnostic};
use crate::model::{Message, Version, VersionName};
use crate::read::section::{Reader, head};
use crate::read::settings::Settings;
use crate::source::{Span, Spanned};
use crate::syntax::ast::Ident;
use crate::yaml::{Entry, Style};

impl Reader<'_> {
    pub(super) fn messages(&mut self, root: &Settings<'_>) -> IndexMap<String, Message> {
        let mut messages: IndexMap<String, Message> = IndexMap::new();
        let Some(node) = root.own("messages") else { return messages };
        let Some(entries) = node.value.map() else {
            let text = format!("`messages` must be a map from types to fields, found {}", node.value.shape());
            self.error(Code::Value, head(node.value), text, "write `OrderPlaced: { order_id: id, qty: int }`");
            return messages;
        };
        for entry in entries {
            let fields = self.columns(&entry.value);
            for name in listed_names(entry) {
                let Some(versioned) = self.versioned(&name) else { continue };
                let VersionName { message: name, number } = versioned;
                self.check_name(&name, "message type");
                let message = messages
                    .entry(name.value.clone())
                    .or_insert_with(|| Message { name: name.clone(), versions: Vec::new() });
                let version = Version { number, span: name.span, fields: fields.clone() };
                self.add_version(message, version);
            }
        }
        messages
    }

    fn add_version(&mut self, message: &mut Message, version: Version) {
        let at = message.versions.partition_point(|have| have.number < version.number);
        match message.versions.get(at).filter(|have| have.number == version.number) {
            Some(first) => {
                let text = format!("version {} of `{}` is declared twice", version.number, message.name.value);
                let error = Diagnostic::error(Code::Conflict, version.span, text).label("again here");
                self.report.push(
                    error
                        .related(first.span, "first declared here")
                        .mend("keep one, or number them: `Type@1`, `Type@2`"),
                );
            }
            None => message.versions.insert(at, version),
        }
    }

    /// `Type` or `Type@2`; a type without a version is version 1.
    pub(super) fn versioned(&mut self, name: &Ident) -> Option<VersionName> {
        let Some((base, number)) = name.value.split_once('@') else {
            return Some(VersionName { message: name.clone(), number: 1 });
        };
        match number.trim().parse::<u32>() {
            Ok(number) if number > 0 => {
                let span =
                    Span { start: name.span.start, end: (name.span.start + base.len() as u32).min(name.span.end) };
                Some(VersionName { message: Spanned::new(base.trim().to_owned(), span), number })
            }
            _ => {
                let text = format!("`{}` is not a version", number.escape_debug());
                self.error(Code::Value, name.span, text, format!("versions are whole numbers from 1: `{base}@2`"));
                None
            }
        }
    }
}

/// The names of a key such as `A, B@2, C`, each at its own place.
fn listed_names(entry: &Entry) -> Vec<Ident> {
    let quote = u32::from(entry.key_style != Style::Plain);
    let mut at = 0;
    let mut names = Vec::new();
    for part in entry.key.value.split(',') {
        let lead = part.len() - part.trim_start().len();
        let start = entry.key.span.start + quote + (at + lead) as u32;
        let name = part.trim();
        names.push(Spanned::new(name.to_owned(), Span { start, end: start + name.len() as u32 }));
        at += part.len() + 1;
    }
    names
}
