//! The reference as Markdown, from the key table.

use std::fmt::Write as _;

use super::{BROKERS, Default, Key, ROOT, Section, Ty, Variants};

/// All sections and keys, as Markdown.
pub fn reference() -> String {
    let mut out = String::from(
        "# Scenario reference\n\nEvery key of a scenario file. Durations are written `200ms`, `5s`, `10m`, `2h` or `1d`.\n",
    );
    write_section(&ROOT, &mut Vec::new(), &mut out);
    out
}

/// The settings of one kind of broker, as Markdown; `None` for an unknown kind.
pub fn broker_reference(kind: &str) -> Option<String> {
    let variant = BROKERS.variants.all().iter().find(|variant| variant.tag == kind)?;
    let mut out = format!("# `kind: {}`\n\n{}\n", variant.tag, variant.doc);
    write_keys(&mut BROKERS.keys.iter().chain(variant.keys), &mut out);
    Some(out)
}

fn write_section(section: &'static Section, seen: &mut Vec<&'static str>, out: &mut String) {
    if seen.contains(&section.path) {
        return;
    }
    seen.push(section.path);
    let title = if section.path.is_empty() { "The file".to_owned() } else { format!("`{}`", section.path) };
    let _ = write!(out, "\n## {title}\n\n{}\n", section.doc);
    if !section.keys.is_empty() {
        write_keys(&mut section.keys.iter(), out);
    }
    for variant in section.variants.all() {
        let title = match section.variants {
            Variants::ByValue(key, _) => format!("{key}: {}", variant.tag),
            _ => format!("{}:", variant.tag),
        };
        let _ = write!(out, "\n### `{title}`\n\n{}\n", variant.doc);
        write_keys(&mut variant.keys.iter(), out);
    }
    let keys = section.keys.iter().chain(section.variants.all().iter().flat_map(|variant| variant.keys));
    for key in keys {
        if let Ty::Section(inner) | Ty::Named(inner, _) | Ty::List(inner) = &key.ty {
            write_section(inner, seen, out);
        }
    }
}

fn write_keys(keys: &mut dyn Iterator<Item = &'static Key>, out: &mut String) {
    out.push_str("\n| key | value | default | meaning | example |\n|---|---|---|---|---|\n");
    for key in keys {
        let default = match key.default {
            Default::Required => "required".to_owned(),
            Default::Absent | Default::Is("") => "none".to_owned(),
            Default::Is(text) => format!("`{text}`"),
        };
        let (ty, doc) = (type_words(&key.ty).replace('|', "\\|"), key.doc.replace('|', "\\|"));
        let _ = writeln!(out, "| `{}` | {ty} | {default} | {doc} | `{}` |", key.name, key.example.replace('|', "\\|"));
    }
}

fn type_words(ty: &Ty) -> String {
    match ty {
        Ty::Text => "text".to_owned(),
        Ty::Name(what) => format!("a {what}"),
        Ty::Names(what) => format!("one or more {what}s"),
        Ty::Bool => "`true` or `false`".to_owned(),
        Ty::Int(least, most) => format!("{least} to {most}"),
        Ty::Count => "a number or a range".to_owned(),
        Ty::Percent => "a percentage".to_owned(),
        Ty::Duration => "a duration".to_owned(),
        Ty::Span => "a duration or a range".to_owned(),
        Ty::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Ty::Body => "statements".to_owned(),
        Ty::Expr => "an expression".to_owned(),
        Ty::Section(section) => format!("see `{}`", section.path),
        Ty::Named(section, what) => format!("{what}s by name, see `{}`", section.path),
        Ty::List(section) => format!("a list, see `{}`", section.path),
        Ty::Fields => "names and types".to_owned(),
        Ty::Bodies(what) => format!("statements for each {what}"),
        Ty::Values => "names and expressions".to_owned(),
        Ty::Own => "see the meaning".to_owned(),
    }
}
