//! Values: what rows, message fields and expressions hold. No floats; arithmetic is checked.

use core::cmp::Ordering;
use core::fmt::{self, Write};
use std::rc::Rc;

use ordain_kernel::{Names, Span, Sym, Time, mix};

mod arith;
mod datum;
mod decimal;

pub use arith::ArithError;
pub use datum::ParseDatumError;
pub use decimal::ParseDecimalError;

/// A value inside one run. Small and cheap to clone; strings are symbols of the run's interner.
///
/// `==` of Rust is structural, as map keys need it: `Int(2)` and the decimal `2` differ. The language's `==` is
/// [`Value::equals`], which compares numbers by their size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Value {
    /// Absent.
    #[default]
    Nil,
    /// A truth value.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A decimal.
    Dec(Decimal),
    /// A string or an id.
    Str(Sym),
    /// A span in nanoseconds; differences of times may be negative.
    Span(i64),
    /// An instant of virtual time.
    Time(Time),
    /// A list.
    List(Rc<Vec<Value>>),
}

/// A decimal number: `mantissa` / 10^`scale`, always in lowest terms, so that equal numbers are equal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// The digits.
    pub mantissa: i64,
    /// How many of them stand behind the point; at most 18.
    pub scale: u8,
}

/// A value outside any run: in loads, regression files and Rust tests. It can be sent between threads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Datum {
    /// Absent.
    #[default]
    Nil,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A decimal.
    Dec(Decimal),
    /// A string or an id.
    Str(std::sync::Arc<str>),
    /// A span in nanoseconds.
    Span(i64),
    /// An instant in nanoseconds since the start of the run.
    Time(u64),
    /// A list.
    List(Vec<Datum>),
}

/// The type of a field or column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `decimal`
    Dec,
    /// `string`
    Str,
    /// `id`: a string that only is compared; generated when the load gives none.
    Id,
    /// `duration`
    Span,
    /// `time`
    Time,
    /// `list(T)`
    List(Box<Ty>),
}

/// The kind of a value, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Absent.
    Nil,
    /// A truth value.
    Bool,
    /// An integer.
    Int,
    /// A decimal.
    Dec,
    /// A string or an id.
    Str,
    /// A span.
    Span,
    /// An instant.
    Time,
    /// A list.
    List,
}

impl ValueKind {
    /// The word of the scenario language.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            ValueKind::Nil => "nil",
            ValueKind::Bool => "bool",
            ValueKind::Int => "int",
            ValueKind::Dec => "decimal",
            ValueKind::Str => "string",
            ValueKind::Span => "duration",
            ValueKind::Time => "time",
            ValueKind::List => "list",
        }
    }
}

impl Value {
    /// The kind of this value.
    #[must_use]
    pub const fn kind(&self) -> ValueKind {
        match self {
            Value::Nil => ValueKind::Nil,
            Value::Bool(_) => ValueKind::Bool,
            Value::Int(_) => ValueKind::Int,
            Value::Dec(_) => ValueKind::Dec,
            Value::Str(_) => ValueKind::Str,
            Value::Span(_) => ValueKind::Span,
            Value::Time(_) => ValueKind::Time,
            Value::List(_) => ValueKind::List,
        }
    }

    /// Whether this is the truth value `true`.
    #[must_use]
    pub const fn is_true(&self) -> bool {
        matches!(self, Value::Bool(true))
    }

    /// The order of two values: numbers by size, strings by text, lists element by element; `None` when they
    /// cannot be compared. Nil is only equal to nil.
    #[must_use]
    #[inline]
    pub fn compare(&self, other: &Value, names: &Names) -> Option<Ordering> {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) | (Value::Span(a), Value::Span(b)) => Some(a.cmp(b)),
            (Value::Str(a), Value::Str(b)) if a == b => Some(Ordering::Equal),
            (Value::Str(a), Value::Str(b)) => Some(names.text(*a).cmp(names.text(*b))),
            (Value::Dec(a), Value::Dec(b)) => Some(a.cmp(b)),
            (Value::Int(a), Value::Dec(b)) => Some(Decimal::from(*a).cmp(b)),
            (Value::Dec(a), Value::Int(b)) => Some(a.cmp(&Decimal::from(*b))),
            (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
            (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
            (Value::Nil, Value::Nil) => Some(Ordering::Equal),
            (Value::List(a), Value::List(b)) => compare_lists(a, b, names),
            _ => None,
        }
    }

    /// The language's `==`: numbers by size, everything else by content. It needs no interner, because equal
    /// texts have equal symbols.
    #[must_use]
    #[inline]
    pub fn equals(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Int(a), Value::Dec(b)) | (Value::Dec(b), Value::Int(a)) => Decimal::from(*a) == *b,
            (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals(b)),
            _ => self == other,
        }
    }

    /// The text that people read: strings plain, decimals in lowest terms, spans and times as the kernel prints
    /// them, lists in brackets.
    #[must_use]
    pub fn render(&self, names: &Names) -> String {
        let mut out = String::new();
        self.write(names, &mut out);
        out
    }

    /// Appends the bytes that a keyed partitioner hashes: the rendering in UTF-8.
    pub fn partition_bytes(&self, names: &Names, out: &mut Vec<u8>) {
        match self {
            Value::Str(sym) => out.extend_from_slice(names.text(*sym).as_bytes()),
            _ => self.write(names, &mut Bytes(out)),
        }
    }

    fn write(&self, names: &Names, out: &mut impl Write) {
        // Neither sink can fail.
        let _ = match self {
            Value::Nil => out.write_str("nil"),
            Value::Bool(b) => write!(out, "{b}"),
            Value::Int(n) => write!(out, "{n}"),
            Value::Dec(d) => write!(out, "{d}"),
            Value::Str(sym) => out.write_str(names.text(*sym)),
            Value::Span(nanos) => write_span(out, *nanos),
            Value::Time(time) => write!(out, "{time}"),
            Value::List(items) => {
                let _ = out.write_char('[');
                for (at, item) in items.iter().enumerate() {
                    let _ = out.write_str(if at == 0 { "" } else { ", " });
                    item.write(names, out);
                }
                out.write_char(']')
            }
        };
    }

    /// A hash that depends on texts and never on symbol numbers: the same in every run and on every machine.
    /// Values that are equal in the language have equal hashes.
    #[must_use]
    pub fn stable_hash(&self, names: &Names) -> u64 {
        match self {
            Value::Nil => mix(1, 1),
            Value::Bool(b) => mix(2, u64::from(*b)),
            Value::Int(n) => mix(3, *n as u64),
            Value::Dec(d) if d.scale == 0 => mix(3, d.mantissa as u64),
            Value::Dec(d) => mix(mix(4, d.mantissa as u64), u64::from(d.scale)),
            Value::Str(sym) => mix(5, names.hash(*sym)),
            Value::Span(nanos) => mix(6, *nanos as u64),
            Value::Time(time) => mix(7, time.0),
            Value::List(items) => {
                items.iter().fold(mix(8, items.len() as u64), |h, item| mix(h, item.stable_hash(names)))
            }
        }
    }
}

fn compare_lists(a: &[Value], b: &[Value], names: &Names) -> Option<Ordering> {
    for (a, b) in a.iter().zip(b) {
        match a.compare(b, names)? {
            Ordering::Equal => {}
            unequal => return Some(unequal),
        }
    }
    Some(a.len().cmp(&b.len()))
}

/// Writes a span as [`Span`] prints it, with a minus when it is negative.
fn write_span(out: &mut impl Write, nanos: i64) -> fmt::Result {
    write!(out, "{}{}", if nanos < 0 { "-" } else { "" }, Span(nanos.unsigned_abs()))
}

struct Bytes<'a>(&'a mut Vec<u8>);

impl Write for Bytes<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
