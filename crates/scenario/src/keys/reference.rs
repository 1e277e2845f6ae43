//! The reference as Markdown, from the key table.

use std::fmt::Write as _;

use super::language::{BOUNDARY_DOCS, FUNCTIONS, Form, KEYS, LITERALS, METHODS, OPERATORS, SIGHTS, STATEMENTS};
use super::{BROKERS, Default, Key, ROOT, Section, Ty, Variants};

const STATEMENTS_INTRO: &str = "\
A body is a list of statements, with `;` or a line break between them; `#` begins a comment. It runs in one transaction:
commit, then publish what was emitted, then acknowledge the delivery.

A body sees the fields of the handled message, the tables of its service, its own `let` names, and `message.id`. A saga's
`done`, `undone` and `late` see the fields of the message that started it. A projection sees the event's fields and the
columns of its own row, and cannot `emit`, `send`, `call`, `chance` or `commit`.
";

const MISSING_ROW: &str = "\
There is no row of that key: `KEY in TABLE` is false, `TABLE[KEY] == null` is true, and `TABLE[KEY].column` is an error. In
a body an error fails the handling, as `fail` does; in a check it is a violation. Ask first:
`sku in items && items[sku].left > 0`. Only a projection's own columns have a value without a row: their default, or `null`.
";

const BOUNDARIES_INTRO: &str = "\
A handling passes these boundaries in order; the last three are those of an outbox relay. `after: X, before: Y` of a `crash`
or a `pause` means every boundary from X on that comes before Y; `after: X` alone is X, `before: Y` alone is all up to Y, and
neither is every boundary of a handling.
";

const KEYS_INTRO: &str = "\
A deviation of a regression file names its place by where it came from, never by when. A key is a path of these segments;
`#1`, `.1` and `~1` are not written.
";

/// All sections and keys, and the language of bodies and predicates, as Markdown.
pub fn reference() -> String {
    let mut out = String::from(
        "# Scenario reference\n\nEvery key of a scenario file. Durations are written `200ms`, `5s`, `10m`, `2h` or `1d`.\n",
    );
    write_section(&ROOT, &mut Vec::new(), &mut out);
    write_language(&mut out);
    out
}

fn write_language(out: &mut String) {
    let _ = write!(out, "\n## Statements\n\n{STATEMENTS_INTRO}");
    write_forms("statement", STATEMENTS, out);
    out.push_str("\n## Expressions\n\nBodies, checks and `load` share one language; it is typed, and nothing is converted silently.\n");
    for (title, head, forms) in [
        ("Literals", "literal", LITERALS),
        ("Operators, the tightest first", "operator", OPERATORS),
        ("Functions", "function", FUNCTIONS),
        ("Methods of tables, groups and columns", "method", METHODS),
        ("What a check can look at", "path", SIGHTS),
    ] {
        let _ = write!(out, "\n### {title}\n");
        write_forms(head, forms, out);
    }
    let _ = write!(out, "\n### A row that is not there\n\n{MISSING_ROW}");
    let _ = write!(out, "\n## Boundaries\n\n{BOUNDARIES_INTRO}\n| boundary | what has happened |\n|---|---|\n");
    for (name, doc) in BOUNDARY_DOCS {
        let _ = writeln!(out, "| `{name}` | {doc} |");
    }
    let _ = write!(out, "\n## Keys in regressions\n\n{KEYS_INTRO}\n| segment | meaning | example |\n|---|---|---|\n");
    for (form, doc, example) in KEYS {
        let _ = writeln!(out, "| {form} | {doc} | `{example}` |");
    }
}

fn write_forms(head: &str, forms: &[Form], out: &mut String) {
    let _ = write!(out, "\n| {head} | meaning | example |\n|---|---|---|\n");
    for form in forms {
        let _ = writeln!(out, "| {} | {} | `{}` |", form.form, form.doc, form.example.replace('|', "\\|"));
    }
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
