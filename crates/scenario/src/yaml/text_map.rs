//! From the text of a scalar back to the bytes it was written with.
//!
//! YAML strips quotes, escapes, indentation and folded line breaks. The map walks the text and the
//! source side by side and notes each place where the distance between them changes.

use crate::source::{Source, Span};
use crate::yaml::Style;

/// Maps bytes of a scalar's text to bytes of the file.
#[derive(Clone, Debug, Default)]
pub struct TextMap {
    /// (byte in the text, byte in the file), rising; between two the distance is constant.
    anchors: Vec<(u32, u32)>,
    end: u32,
}

/// A character of the source as it reads after unquoting.
struct Unit {
    char: char,
    at: u32,
}

impl TextMap {
    /// Aligns a scalar's text with the source it came from.
    pub(super) fn new(text: &str, style: Style, span: Span, source: &Source) -> Self {
        let raw = source.slice(span);
        let units = units(raw, style, span.start);
        let end = units.last().map_or(span.end, |unit| unit.at + unit.char.len_utf8() as u32);
        let mut map = TextMap { anchors: Vec::new(), end };
        map.align(text, &units);
        map
    }

    /// A text that stands in the file just as it is, from a byte on.
    pub fn identity(start: u32, length: usize) -> Self {
        TextMap { anchors: vec![(0, start)], end: start + length as u32 }
    }

    /// The place in the file of a range of the text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let first = self.byte(start);
        let last = if end > start { self.byte(end - 1) + 1 } else { first };
        Span { start: first, end: last.max(first) }
    }

    fn byte(&self, at: usize) -> u32 {
        let after = self.anchors.partition_point(|(text, _)| *text as usize <= at);
        let found = after.checked_sub(1).and_then(|index| self.anchors.get(index));
        found.map_or(self.end, |(text, file)| (file + (at as u32 - text)).min(self.end))
    }

    fn align(&mut self, text: &str, units: &[Unit]) {
        let mut at = 0;
        let mut chars = text.char_indices().peekable();
        while let Some((index, char)) = chars.next() {
            if char.is_whitespace() {
                self.anchor(index, units.get(at));
                while chars.next_if(|(_, next)| next.is_whitespace()).is_some() {}
                while units.get(at).is_some_and(|unit| unit.char.is_whitespace()) {
                    at += 1;
                }
                continue;
            }
            while units.get(at).is_some_and(|unit| unit.char != char) {
                at += 1;
            }
            self.anchor(index, units.get(at));
            at += 1;
        }
    }

    fn anchor(&mut self, index: usize, unit: Option<&Unit>) {
        let Some(unit) = unit else { return };
        let same = self.anchors.last().is_some_and(|(text, file)| unit.at.wrapping_sub(*file) == index as u32 - text);
        if !same {
            self.anchors.push((index as u32, unit.at));
        }
    }
}

fn units(raw: &str, style: Style, start: u32) -> Vec<Unit> {
    let (body, offset) = match style {
        Style::Plain => (raw, 0),
        Style::Single => (raw.strip_prefix('\'').unwrap_or(raw), 1),
        Style::Double => (raw.strip_prefix('"').unwrap_or(raw), 1),
        Style::Literal | Style::Folded => {
            let header = header_length(raw);
            (&raw[header..], header)
        }
    };
    let body = match style {
        Style::Single => body.strip_suffix('\'').unwrap_or(body),
        Style::Double => body.strip_suffix('"').unwrap_or(body),
        _ => body,
    };
    let base = start + offset as u32;
    let mut units = Vec::with_capacity(body.len());
    let mut chars = body.char_indices().peekable();
    while let Some((index, char)) = chars.next() {
        let at = base + index as u32;
        match (style, char) {
            (Style::Single, '\'') => {
                chars.next_if(|(_, next)| *next == '\'');
                units.push(Unit { char, at });
            }
            (Style::Double, '\\') => {
                if let Some(char) = unescape(&mut chars) {
                    units.push(Unit { char, at });
                }
            }
            _ => units.push(Unit { char, at }),
        }
    }
    units
}

/// The length of a block's first line (`|`, `>-`, `|2 # why`), where the span begins with it.
fn header_length(raw: &str) -> usize {
    let Some(line) = raw.split_inclusive('\n').next() else { return 0 };
    let marks = line.trim_start_matches(['|', '>']);
    let rest = marks.trim_start_matches(|c: char| c.is_ascii_digit() || c == '+' || c == '-').trim();
    let is_header = marks.len() < line.len() && (rest.is_empty() || rest.starts_with('#'));
    if is_header { line.len() } else { 0 }
}

/// The character of a double-quoted escape; nothing for an escaped line break.
fn unescape(chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>) -> Option<char> {
    let (_, kind) = chars.next()?;
    let digits = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        'n' | 'N' | 'L' | 'P' | 'r' | 't' | '\t' | '_' => return Some('\n'),
        '\n' => return None,
        '0' => return Some('\0'),
        other => return Some(other),
    };
    let mut code = 0;
    for _ in 0..digits {
        let (_, digit) = chars.next_if(|(_, c)| c.is_ascii_hexdigit())?;
        code = code * 16 + digit.to_digit(16)?;
    }
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source_text: &str, text: &str, style: Style, part: &str) -> String {
        let source = Source::new("t.yaml", source_text);
        let map = TextMap::new(text, style, Span::new(0, source_text.len()), &source);
        let start = text.find(part).unwrap();
        source.slice(map.span(start, start + part.len())).to_owned()
    }

    #[test]
    fn maps_every_style() {
        assert_eq!(shown("\"a \\\"b\\\" c\"", "a \"b\" c", Style::Double, "c"), "c");
        assert_eq!(shown("'it''s so'", "it's so", Style::Single, "so"), "so");
        assert_eq!(shown("|\n    emit A\n      emit B\n", "emit A\n  emit B\n", Style::Literal, "emit B"), "emit B");
        assert_eq!(shown("    emit A\n      emit B\n", "emit A\n  emit B\n", Style::Literal, "emit A"), "emit A");
        assert_eq!(shown(">\n  one\n  two\n", "one two\n", Style::Folded, "two"), "two");
        assert_eq!(shown("one\n    two", "one two", Style::Plain, "two"), "two");
    }
}
