//! Paths into a line of JSON, without making floats of its numbers.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// A part of a line, as it is written there.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Null,
    Bool(bool),
    /// The digits.
    Number(&'a str),
    /// A string in quotes, escapes and all.
    Text(&'a str),
    List(&'a str),
    Map,
}

/// Looks at a value.
pub(super) fn part(raw: &str) -> Part<'_> {
    let raw = raw.trim();
    match raw.as_bytes().first() {
        Some(b'"') => Part::Text(raw),
        Some(b'[') => Part::List(raw),
        Some(b'{') => Part::Map,
        Some(b't') => Part::Bool(true),
        Some(b'f') => Part::Bool(false),
        Some(b'n') | None => Part::Null,
        _ => Part::Number(raw),
    }
}

/// The value at a path such as `data.total_cents`; `None` if a step is not there.
pub(super) fn find<'a>(raw: &'a str, path: &str) -> Option<&'a str> {
    let mut here = raw;
    for step in path.split('.') {
        let map: BTreeMap<String, &'a RawValue> = serde_json::from_str(here).ok()?;
        here = map.get(step)?.get();
    }
    Some(here)
}

/// The text of a quoted string.
pub(super) fn unquote(raw: &str) -> Option<String> {
    serde_json::from_str(raw).ok()
}

/// The items of a list.
pub(super) fn items(raw: &str) -> Option<Vec<&str>> {
    let items: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
    Some(items.into_iter().map(RawValue::get).collect())
}

/// What is wrong with a line that is not a map of JSON.
pub(super) fn complaint(line: &str) -> Option<String> {
    let parsed: Result<BTreeMap<String, &RawValue>, _> = serde_json::from_str(line);
    parsed.err().map(|error| error.to_string())
}
