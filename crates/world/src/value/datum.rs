//! Values outside a run: conversions to and from [`Value`], and a spelling as YAML scalars that reads back.

use core::fmt::{self, Write};
use core::str::FromStr;
use std::rc::Rc;

use ordain_kernel::{Names, Span, Time};

use super::{Datum, Decimal, Value, write_span};

impl Value {
    /// The value of a datum; texts are interned.
    #[must_use]
    pub fn from_datum(datum: &Datum, names: &mut Names) -> Value {
        match datum {
            Datum::Nil => Value::Nil,
            Datum::Bool(b) => Value::Bool(*b),
            Datum::Int(n) => Value::Int(*n),
            Datum::Dec(d) => Value::Dec(*d),
            Datum::Str(text) => Value::Str(names.intern(text)),
            Datum::Span(nanos) => Value::Span(*nanos),
            Datum::Time(nanos) => Value::Time(Time(*nanos)),
            Datum::List(items) => {
                Value::List(Rc::new(items.iter().map(|item| Value::from_datum(item, names)).collect()))
            }
        }
    }

    /// The datum of this value, free of the run.
    #[must_use]
    pub fn to_datum(&self, names: &Names) -> Datum {
        match self {
            Value::Nil => Datum::Nil,
            Value::Bool(b) => Datum::Bool(*b),
            Value::Int(n) => Datum::Int(*n),
            Value::Dec(d) => Datum::Dec(*d),
            Value::Str(sym) => Datum::Str(names.text(*sym).into()),
            Value::Span(nanos) => Datum::Span(*nanos),
            Value::Time(time) => Datum::Time(time.0),
            Value::List(items) => Datum::List(items.iter().map(|item| item.to_datum(names)).collect()),
        }
    }
}

impl fmt::Display for Datum {
    /// A YAML scalar, or a flow sequence of them: `null`, `true`, `7`, `1.5`, `2.0`, `open`, `"7"`, `-5s`,
    /// `+1.250s` (a time after the start), `[1, 2]`. [`Datum::from_str`] reads it back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Datum::Nil => f.write_str("null"),
            Datum::Bool(b) => write!(f, "{b}"),
            Datum::Int(n) => write!(f, "{n}"),
            Datum::Dec(d) if d.scale == 0 => write!(f, "{d}.0"),
            Datum::Dec(d) => write!(f, "{d}"),
            Datum::Str(text) if is_plain(text) => f.write_str(text),
            Datum::Str(text) => write_quoted(f, text),
            Datum::Span(nanos) => write_span(f, *nanos),
            Datum::Time(nanos) => write!(f, "+{}", Time(*nanos)),
            Datum::List(items) => {
                f.write_char('[')?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at == 0 { "" } else { ", " })?;
                }
                f.write_char(']')
            }
        }
    }
}

/// Whether a text can stand unquoted: it begins like a name, and no YAML reader takes it for something else.
fn is_plain(text: &str) -> bool {
    const TAKEN: [&str; 9] = ["null", "nil", "true", "false", "yes", "no", "on", "off", "y"];
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./".contains(&b))
        && !TAKEN.iter().chain(&["n"]).any(|word| word.eq_ignore_ascii_case(text))
}

fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                write!(f, "\\u{:04x}", c as u32)?
            }
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

/// A text that is no datum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseDatumError {
    /// The text, or the part of it that is wrong.
    pub text: String,
}

impl fmt::Display for ParseDatumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no value, such as `7`, `1.5`, `open`, `\"two words\"`, `5s` or `[1, 2]`", self.text)
    }
}

impl std::error::Error for ParseDatumError {}

impl FromStr for Datum {
    type Err = ParseDatumError;

    /// Reads what `Display` writes. A plain word that is nothing else is a string.
    fn from_str(text: &str) -> Result<Datum, ParseDatumError> {
        match read(text.trim_start()) {
            Some((datum, rest)) if rest.trim_end().is_empty() => Ok(datum),
            _ => Err(ParseDatumError { text: text.to_owned() }),
        }
    }
}

/// One datum at the start of `text`, and what follows it.
fn read(text: &str) -> Option<(Datum, &str)> {
    match text.chars().next()? {
        '"' => read_quoted(&text[1..]),
        '[' => read_list(&text[1..]),
        _ => {
            let end = text.find([',', ']']).unwrap_or(text.len());
            Some((read_plain(text[..end].trim_end())?, &text[end..]))
        }
    }
}

fn read_list(text: &str) -> Option<(Datum, &str)> {
    let mut items = Vec::new();
    let mut rest = text.trim_start();
    if let Some(rest) = rest.strip_prefix(']') {
        return Some((Datum::List(items), rest));
    }
    loop {
        let (item, after) = read(rest)?;
        items.push(item);
        let after = after.trim_start();
        if let Some(rest) = after.strip_prefix(']') {
            return Some((Datum::List(items), rest));
        }
        rest = after.strip_prefix(',')?.trim_start();
    }
}

fn read_quoted(text: &str) -> Option<(Datum, &str)> {
    let mut out = String::new();
    let mut chars = text.chars();
    loop {
        match chars.next()? {
            '"' => return Some((Datum::Str(out.into()), chars.as_str())),
            '\\' => out.push(read_escape(&mut chars)?),
            c => out.push(c),
        }
    }
}

fn read_escape(chars: &mut core::str::Chars<'_>) -> Option<char> {
    Some(match chars.next()? {
        c @ ('"' | '\\') => c,
        'n' => '\n',
        't' => '\t',
        'u' => {
            let digits = chars.as_str().get(..4)?;
            *chars = chars.as_str()[4..].chars();
            char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
        }
        _ => return None,
    })
}

fn read_plain(text: &str) -> Option<Datum> {
    if text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return Some(match text {
            "null" => Datum::Nil,
            "true" => Datum::Bool(true),
            "false" => Datum::Bool(false),
            word => Datum::Str(word.into()),
        });
    }
    if let Some(time) = text.strip_prefix('+') {
        return read_time(time).map(Datum::Time);
    }
    if let Ok(n) = text.parse::<i64>() {
        return Some(Datum::Int(n));
    }
    if let Ok(d) = text.parse::<Decimal>() {
        return Some(Datum::Dec(d));
    }
    let (digits, negative) = text.strip_prefix('-').map_or((text, false), |digits| (digits, true));
    let nanos = i128::from(digits.parse::<Span>().ok()?.0);
    i64::try_from(if negative { -nanos } else { nanos }).ok().map(Datum::Span)
}

/// Nanoseconds of `12.345s`.
fn read_time(text: &str) -> Option<u64> {
    let (secs, fraction) = text.strip_suffix('s')?.split_once('.')?;
    if fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanos = fraction.parse::<u64>().ok()? * 10_u64.pow(9 - fraction.len() as u32);
    secs.parse::<u64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanos)
}
