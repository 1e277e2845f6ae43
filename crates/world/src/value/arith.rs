//! Checked arithmetic on values: integers, decimals, spans and times; what has no result is a typed error.

use core::fmt;

use ordain_kernel::Time;

use super::{Decimal, Value, ValueKind};

/// Why an operation has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArithError {
    /// The result does not fit.
    Overflow,
    /// Divided by zero.
    DivisionByZero,
    /// There is no such operation on these kinds.
    Kinds {
        /// The operator.
        op: char,
        /// The kind on its left.
        left: ValueKind,
        /// The kind on its right.
        right: ValueKind,
    },
}

impl fmt::Display for ArithError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArithError::Overflow => f.write_str("overflow"),
            ArithError::DivisionByZero => f.write_str("division by zero"),
            ArithError::Kinds { op, left, right } => {
                write!(f, "no operator `{op}` between {} and {}", left.word(), right.word())
            }
        }
    }
}

impl std::error::Error for ArithError {}

type Result = core::result::Result<Value, ArithError>;

fn int(result: Option<i64>) -> Result {
    result.map(Value::Int).ok_or(ArithError::Overflow)
}

fn span(result: Option<i64>) -> Result {
    result.map(Value::Span).ok_or(ArithError::Overflow)
}

fn time(result: Option<u64>) -> Result {
    result.map(|nanos| Value::Time(Time(nanos))).ok_or(ArithError::Overflow)
}

fn dec(result: core::result::Result<Decimal, ArithError>) -> Result {
    result.map(Value::Dec)
}

fn nonzero(b: i64) -> core::result::Result<i64, ArithError> {
    if b == 0 { Err(ArithError::DivisionByZero) } else { Ok(b) }
}

impl Value {
    /// `a + b`: numbers; span and span; time and span.
    ///
    /// # Errors
    /// On overflow, and for kinds that cannot be added.
    #[inline]
    pub fn add(&self, other: &Value) -> Result {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) => int(a.checked_add(*b)),
            (Value::Span(a), Value::Span(b)) => span(a.checked_add(*b)),
            (Value::Time(a), Value::Span(b)) | (Value::Span(b), Value::Time(a)) => time(a.0.checked_add_signed(*b)),
            _ => match decimals(self, other) {
                Some((a, b)) => dec(a.checked_add(b)),
                None => no_such('+', self, other),
            },
        }
    }

    /// `a - b`: numbers; span and span; time and span; the span between two times.
    ///
    /// # Errors
    /// On overflow, and for kinds that cannot be subtracted.
    #[inline]
    pub fn sub(&self, other: &Value) -> Result {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) => int(a.checked_sub(*b)),
            (Value::Span(a), Value::Span(b)) => span(a.checked_sub(*b)),
            (Value::Time(a), Value::Span(b)) => time(i64::checked_neg(*b).and_then(|b| a.0.checked_add_signed(b))),
            (Value::Time(a), Value::Time(b)) => span(i64::try_from(i128::from(a.0) - i128::from(b.0)).ok()),
            _ => match decimals(self, other) {
                Some((a, b)) => dec(a.checked_sub(b)),
                None => no_such('-', self, other),
            },
        }
    }

    /// `a * b`: numbers; a span and an integer.
    ///
    /// # Errors
    /// On overflow, and for kinds that cannot be multiplied.
    #[inline]
    pub fn mul(&self, other: &Value) -> Result {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) => int(a.checked_mul(*b)),
            (Value::Span(a), Value::Int(b)) | (Value::Int(b), Value::Span(a)) => span(a.checked_mul(*b)),
            _ => match decimals(self, other) {
                Some((a, b)) => dec(a.checked_mul(b)),
                None => no_such('*', self, other),
            },
        }
    }

    /// `a / b`: integers towards zero; decimals as [`Decimal::checked_div`]; a span by an integer; how often a span
    /// goes into another.
    ///
    /// # Errors
    /// On division by zero, on overflow, and for kinds that cannot be divided.
    #[inline]
    pub fn div(&self, other: &Value) -> Result {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) | (Value::Span(a), Value::Span(b)) => int(a.checked_div(nonzero(*b)?)),
            (Value::Span(a), Value::Int(b)) => span(a.checked_div(nonzero(*b)?)),
            _ => match decimals(self, other) {
                Some((a, b)) => dec(a.checked_div(b)),
                None => no_such('/', self, other),
            },
        }
    }

    /// `a % b` of integers or spans, with the sign of `a`.
    ///
    /// # Errors
    /// On division by zero, on overflow, and for other kinds.
    #[inline]
    pub fn rem(&self, other: &Value) -> Result {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) => int(a.checked_rem(nonzero(*b)?)),
            (Value::Span(a), Value::Span(b)) => span(a.checked_rem(nonzero(*b)?)),
            _ => no_such('%', self, other),
        }
    }

    /// `-a` of a number or span.
    ///
    /// # Errors
    /// On overflow, and for other kinds.
    #[inline]
    pub fn neg(&self) -> Result {
        match self {
            Value::Int(a) => int(a.checked_neg()),
            Value::Span(a) => span(a.checked_neg()),
            Value::Dec(a) => {
                let mantissa = a.mantissa.checked_neg().ok_or(ArithError::Overflow)?;
                Ok(Value::Dec(Decimal { mantissa, scale: a.scale }))
            }
            _ => no_such('-', &Value::Int(0), self),
        }
    }
}

/// Both as decimals when both are numbers.
fn decimals(a: &Value, b: &Value) -> Option<(Decimal, Decimal)> {
    let number = |value: &Value| match value {
        Value::Int(n) => Some(Decimal::from(*n)),
        Value::Dec(d) => Some(*d),
        _ => None,
    };
    Some((number(a)?, number(b)?))
}

#[cold]
fn no_such(op: char, left: &Value, right: &Value) -> Result {
    Err(ArithError::Kinds { op, left: left.kind(), right: right.kind() })
}
