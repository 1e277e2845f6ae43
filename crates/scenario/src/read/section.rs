//! Opens a section of the file by the key table: unknown, missing and misshapen keys are told here, once for all sections.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Report};
use crate::keys::{Default, Key, Section, Ty, Variants};
use crate::read::settings::{Setting, Settings, Value};
use crate::source::{Source, Span, Spanned};
use crate::suggest;
use crate::syntax::ast::Ident;
use crate::yaml::{Node, TextMap};

/// Reads nodes by the key table and collects what is wrong.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) report: &'a mut Report,
}

impl Reader<'_> {
    pub(super) fn error(&mut self, code: Code, span: Span, text: impl Into<String>, mend: impl Into<String>) {
        self.report.push(Diagnostic::error(code, span, text).mend(mend));
    }

    /// Reads a map by a section. `name` is what the user calls it, and where.
    pub(super) fn section<'n>(
        &mut self,
        node: &'n Node,
        section: &'static Section,
        name: Option<&Ident>,
    ) -> Settings<'n> {
        let called = called(section, name);
        let mut settings = Settings { span: name.map_or(head(node), |name| name.span), ..Settings::default() };
        let Some(entries) = node.map() else {
            if node.is_null()
                && section.keys.iter().all(|key| key.default != Default::Required)
                && section.variants.all().is_empty()
            {
                self.defaults(section.keys.iter(), &mut settings);
                return settings;
            }
            let text = format!("{called} must be a map, found {}", node.shape());
            self.error(Code::Value, head(node), text, example(section));
            return settings;
        };
        let Some((tag, keys)) = self.variant(node, section, &called) else { return settings };
        settings.tag = tag;
        for entry in entries {
            let key_name = entry.key.value.as_str();
            match keys.iter().find(|key| key.name == key_name) {
                Some(key) => {
                    let value = self.value(&entry.value, key);
                    settings.values.insert(key.name, Setting { span: entry.value.span, given: true, value });
                }
                None => self.unknown_key(&entry.key, section, &keys, &called, tag),
            }
        }
        for key in keys.iter().filter(|key| key.default == Default::Required && !settings.values.contains_key(key.name))
        {
            let text = format!("{called} needs the key `{}`", key.name);
            let mend = format!("{} For example `{}: {}`", key.doc, key.name, key.example);
            self.error(Code::MissingKey, settings.span, text, mend);
        }
        self.defaults(keys.into_iter(), &mut settings);
        settings
    }

    /// The variant a map chooses, and all keys it may then have.
    fn variant(
        &mut self,
        node: &Node,
        section: &'static Section,
        called: &str,
    ) -> Option<(&'static str, Vec<&'static Key>)> {
        let base = section.keys.iter();
        let variants = section.variants.all();
        let tags: Vec<&str> = variants.iter().map(|variant| variant.tag).collect();
        let entries = node.map().unwrap_or_default();
        match section.variants {
            Variants::None => Some(("", base.collect())),
            Variants::ByKey(_) => {
                let found =
                    entries.iter().find_map(|entry| variants.iter().find(|variant| variant.tag == entry.key.value));
                if found.is_none() {
                    let near =
                        entries.first().and_then(|entry| suggest::nearest(&entry.key.value, tags.iter().copied()));
                    let span = entries.first().map_or(head(node), |entry| entry.key.span);
                    let text = format!("this {} has no kind", section.what);
                    let mend = near.map_or_else(
                        || format!("begin it with {}", suggest::list(&tags)),
                        |near| format!("did you mean `{near}`?"),
                    );
                    self.error(Code::MissingKey, span, text, mend);
                }
                found.map(|variant| (variant.tag, variant.keys.iter().chain(base).collect()))
            }
            Variants::ByValue(key, _) => {
                let Some(value) = node.get(key) else {
                    let text = format!("{called} needs the key `{key}`");
                    self.error(
                        Code::MissingKey,
                        head(node),
                        text,
                        format!("add `{key}:` with one of {}", suggest::list(&tags)),
                    );
                    return None;
                };
                let word = value.text().unwrap_or_default();
                let found = variants.iter().find(|variant| variant.tag == word);
                if found.is_none() {
                    let text = format!("`{word}` is not a kind of {}", section.what);
                    let mend = suggest::mend(word, &format!("{} kind", section.what), tags.iter().copied());
                    self.error(Code::Value, value.span, text, mend);
                }
                found.map(|variant| (variant.tag, base.chain(variant.keys).collect()))
            }
        }
    }

    fn unknown_key(&mut self, key: &Ident, section: &'static Section, keys: &[&'static Key], called: &str, tag: &str) {
        let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
        let mut mend = suggest::mend(&key.value, "key", names.iter().copied());
        let elsewhere = section
            .variants
            .all()
            .iter()
            .find(|variant| variant.tag != tag && variant.keys.iter().any(|k| k.name == key.value));
        let text = format!("unknown key `{}` in {called}", key.value);
        if let Some(variant) = elsewhere
            && suggest::nearest(&key.value, names.iter().copied()).is_none()
        {
            mend = format!("`{}` belongs to `{}`; the keys here are {}", key.value, variant.tag, suggest::list(&names));
        }
        self.error(Code::UnknownKey, key.span, text, mend);
    }

    fn defaults(&mut self, keys: impl Iterator<Item = &'static Key>, settings: &mut Settings<'_>) {
        for key in keys {
            let Default::Is(text) = key.default else { continue };
            if !settings.values.contains_key(key.name) {
                let value = self.scalar_of(text, &TextMap::default(), settings.span, key);
                settings.values.insert(key.name, Setting { span: settings.span, given: false, value });
            }
        }
    }

    /// Reads a value by its key's type.
    fn value<'n>(&mut self, node: &'n Node, key: &'static Key) -> Value<'n> {
        match &key.ty {
            Ty::Section(section) => Value::Section(self.section(node, section, None)),
            Ty::Named(section, what) => self.named(node, section, what),
            Ty::List(section) => self.list(node, section, key),
            Ty::Names(what) => self.names(node, key, what),
            Ty::Fields => Value::Columns(self.columns(node)),
            Ty::Bodies(what) => self.bodies(node, what),
            Ty::Values => self.values(node, key),
            Ty::Own => Value::Own(node),
            _ => match node.text() {
                Some(text) => {
                    let map = node.text_map(self.source);
                    self.scalar_of(text, &map, node.span, key)
                }
                None => {
                    let text = format!("`{}` must be a value, found {}", key.name, node.shape());
                    self.error(
                        Code::Value,
                        head(node),
                        text,
                        format!("{} For example `{}: {}`", key.doc, key.name, key.example),
                    );
                    Value::Bad
                }
            },
        }
    }

    fn named<'n>(&mut self, node: &'n Node, section: &'static Section, what: &str) -> Value<'n> {
        let Some(entries) = node.map() else {
            if node.is_null() {
                return Value::Named(Vec::new());
            }
            let text = format!("expected a map from {what} names, found {}", node.shape());
            self.error(Code::Value, head(node), text, example(section));
            return Value::Bad;
        };
        let mut named = Vec::new();
        for entry in entries {
            self.check_name(&entry.key, what);
            named.push((entry.key.clone(), self.section(&entry.value, section, Some(&entry.key))));
        }
        Value::Named(named)
    }

    fn list<'n>(&mut self, node: &'n Node, section: &'static Section, key: &Key) -> Value<'n> {
        match node.seq() {
            Some(items) => Value::List(items.iter().map(|item| self.section(item, section, None)).collect()),
            None if node.is_null() => Value::List(Vec::new()),
            None => {
                let text = format!("`{}` must be a list, found {}", key.name, node.shape());
                self.error(Code::Value, head(node), text, format!("begin each entry with `- `: {}", key.example));
                Value::Bad
            }
        }
    }

    fn names<'n>(&mut self, node: &'n Node, key: &Key, what: &str) -> Value<'n> {
        let items = match node.seq() {
            Some(items) => items.iter().collect(),
            None if node.text().is_some() => vec![node],
            None => {
                let text = format!("`{}` must be one {what} or a list of them, found {}", key.name, node.shape());
                self.error(Code::Value, head(node), text, format!("for example `{}: {}`", key.name, key.example));
                return Value::Bad;
            }
        };
        let mut names = BTreeMap::new();
        let mut out = Vec::new();
        for item in items {
            let Some(text) = item.text() else {
                self.error(
                    Code::Value,
                    head(item),
                    format!("expected the name of a {what}, found {}", item.shape()),
                    "list names only",
                );
                continue;
            };
            if let Some(first) = names.insert(text, item.span) {
                let error = Diagnostic::error(Code::Conflict, item.span, format!("`{text}` is listed twice"));
                self.report.push(error.related(first, "first listed here").mend("keep one of them"));
                continue;
            }
            out.push(Spanned::new(text.to_owned(), item.span));
        }
        Value::Names(out)
    }

    /// A name that bodies and keys can use.
    pub(super) fn check_name(&mut self, name: &Ident, what: &str) {
        let mut chars = name.value.chars();
        let good = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && chars.all(|c| c.is_alphanumeric() || c == '_');
        if !good {
            let shown = name.value.escape_debug();
            self.error(
                Code::Value,
                name.span,
                format!("`{shown}` cannot name a {what}"),
                "a name has letters, digits and `_`, and begins with a letter",
            );
        }
    }
}

/// What an error calls a section: `service `order``, or `the horizon`.
fn called(section: &Section, name: Option<&Ident>) -> String {
    match name {
        Some(name) => format!("{} `{}`", section.what, name.value),
        None => format!("the {}", section.what),
    }
}

/// The first line of a node: enough to point at.
pub(super) fn head(node: &Node) -> Span {
    match node.map().and_then(|entries| entries.first()) {
        Some(first) => first.key.span,
        None => node.span,
    }
}

fn example(section: &Section) -> String {
    let keys = section.keys.iter().chain(section.variants.all().first().map_or(&[][..], |variant| variant.keys));
    let required =
        keys.filter(|key| key.default == Default::Required).map(|key| format!("{}: {}", key.name, key.example));
    let parts: Vec<String> = required.collect();
    format!("write it as `{{ {} }}`", if parts.is_empty() { "..".to_owned() } else { parts.join(", ") })
}
