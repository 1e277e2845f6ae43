//! Decimals: exact numbers of up to 18 fractional digits, without floats.

use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

use super::{ArithError, Decimal};

/// Most fractional digits of a decimal.
const MAX_SCALE: u32 = 18;

/// Fractional digits of a quotient, unless its dividend has more.
const QUOTIENT_SCALE: u32 = 6;

const fn pow10(n: u32) -> i128 {
    10_i128.pow(n)
}

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal { mantissa: 0, scale: 0 };

    /// `mantissa` / 10^`scale` in lowest terms; `None` when it has no exact representation.
    ///
    /// ```
    /// use ordain_world::Decimal;
    /// assert_eq!(Decimal::new(1_500, 3).unwrap().to_string(), "1.5");
    /// ```
    #[must_use]
    pub fn new(mantissa: i128, scale: u32) -> Option<Decimal> {
        let (mut mantissa, mut scale) = (mantissa, scale);
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        if scale > MAX_SCALE {
            return None;
        }
        Some(Decimal { mantissa: i64::try_from(mantissa).ok()?, scale: scale as u8 })
    }

    /// The mantissas of both numbers under one scale.
    fn aligned(self, other: Decimal) -> (i128, i128, u32) {
        let (a, b) = (u32::from(self.scale), u32::from(other.scale));
        let scale = a.max(b);
        (i128::from(self.mantissa) * pow10(scale - a), i128::from(other.mantissa) * pow10(scale - b), scale)
    }

    /// The exact sum.
    ///
    /// # Errors
    /// When the sum has no exact representation.
    pub fn checked_add(self, other: Decimal) -> Result<Decimal, ArithError> {
        let (a, b, scale) = self.aligned(other);
        Decimal::new(a + b, scale).ok_or(ArithError::Overflow)
    }

    /// The exact difference.
    ///
    /// # Errors
    /// When the difference has no exact representation.
    pub fn checked_sub(self, other: Decimal) -> Result<Decimal, ArithError> {
        let (a, b, scale) = self.aligned(other);
        Decimal::new(a - b, scale).ok_or(ArithError::Overflow)
    }

    /// The exact product.
    ///
    /// # Errors
    /// When the product has no exact representation.
    pub fn checked_mul(self, other: Decimal) -> Result<Decimal, ArithError> {
        let product = i128::from(self.mantissa) * i128::from(other.mantissa);
        Decimal::new(product, u32::from(self.scale) + u32::from(other.scale)).ok_or(ArithError::Overflow)
    }

    /// The quotient, rounded half to even at six fractional digits, or at as many as the dividend has, if more.
    ///
    /// ```
    /// use ordain_world::Decimal;
    /// let quotient = Decimal::from(2).checked_div(Decimal::from(3)).unwrap();
    /// assert_eq!(quotient.to_string(), "0.666667");
    /// ```
    ///
    /// # Errors
    /// On division by zero, and when the quotient does not fit.
    pub fn checked_div(self, other: Decimal) -> Result<Decimal, ArithError> {
        if other.mantissa == 0 {
            return Err(ArithError::DivisionByZero);
        }
        let scale = QUOTIENT_SCALE.max(u32::from(self.scale));
        let shift = scale - u32::from(self.scale) + u32::from(other.scale);
        let dividend = i128::from(self.mantissa).checked_mul(pow10(shift)).ok_or(ArithError::Overflow)?;
        Decimal::new(half_even(dividend, i128::from(other.mantissa)), scale).ok_or(ArithError::Overflow)
    }
}

/// `a / b` rounded half to even; `b` is not zero and fits in 64 bits.
fn half_even(a: i128, b: i128) -> i128 {
    let (quotient, rest) = (a / b, a % b);
    let up = match (rest.abs() * 2).cmp(&b.abs()) {
        Ordering::Less => false,
        Ordering::Equal => quotient % 2 != 0,
        Ordering::Greater => true,
    };
    let away = if (a < 0) == (b < 0) { 1 } else { -1 };
    if up { quotient + away } else { quotient }
}

impl From<i64> for Decimal {
    fn from(n: i64) -> Decimal {
        Decimal { mantissa: n, scale: 0 }
    }
}

impl Ord for Decimal {
    #[inline]
    fn cmp(&self, other: &Decimal) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        let (a, b, _) = self.aligned(*other);
        a.cmp(&b)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    /// In lowest terms: `1.5`, `-0.25`, `2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.pow(u32::from(self.scale));
        let digits = self.mantissa.unsigned_abs();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if self.scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        write!(f, "{sign}{}.{:0width$}", digits / unit, digits % unit, width = usize::from(self.scale))
    }
}

/// A text that is no decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseDecimalError {
    /// Not digits with at most one point inside.
    Syntax,
    /// More digits than fit.
    TooLong,
}

impl fmt::Display for ParseDecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParseDecimalError::Syntax => "not a decimal, such as `12.50`",
            ParseDecimalError::TooLong => "more digits than a decimal holds (18 behind the point, 64 bits in all)",
        })
    }
}

impl std::error::Error for ParseDecimalError {}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    /// Reads digits with an optional minus and an optional point inside: `12`, `-12.50`.
    fn from_str(text: &str) -> Result<Decimal, ParseDecimalError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) {
            return Err(ParseDecimalError::Syntax);
        }
        let fraction = fraction.trim_end_matches('0');
        let mut mantissa = 0_i128;
        for digit in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa * 10 + i128::from(digit - b'0');
            if mantissa > i128::from(u64::MAX) {
                return Err(ParseDecimalError::TooLong);
            }
        }
        let mantissa = if text.starts_with('-') { -mantissa } else { mantissa };
        Decimal::new(mantissa, fraction.len() as u32).ok_or(ParseDecimalError::TooLong)
    }
}
