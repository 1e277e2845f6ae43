//! Literals with units: durations, percents and decimals, exact, never as floats.

use std::fmt;
use std::time::Duration;

/// An exact decimal: `units` divided by ten to the power of `scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// The digits as a whole number.
    pub units: i64,
    /// How many of them stand behind the point, at most 18.
    pub scale: u8,
}

impl Decimal {
    /// Reads `12`, `-1.50` or `.5`, also `1e3` and `1.5E-2`; `None` for anything else, or what does not fit.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, mantissa),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && part.is_empty() || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut units: i64 = 0;
        for digit in whole.bytes().chain(part.bytes()) {
            units = units.checked_mul(10)?.checked_add(i64::from(digit - b'0'))?;
        }
        let mut scale = i32::try_from(part.len()).ok()?.checked_sub(exponent)?;
        while scale < 0 {
            units = units.checked_mul(10)?;
            scale += 1;
        }
        let scale = u8::try_from(scale).ok().filter(|scale| *scale <= 18)?;
        Some(Decimal { units: if negative { -units } else { units }, scale }.reduced())
    }

    /// The same value with the fewest digits behind the point.
    pub fn reduced(mut self) -> Self {
        while self.scale > 0 && self.units % 10 == 0 {
            self.units /= 10;
            self.scale -= 1;
        }
        self
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.units);
        }
        let unit = 10_u64.pow(u32::from(self.scale));
        let (whole, part) = (self.units.unsigned_abs() / unit, self.units.unsigned_abs() % unit);
        let sign = if self.units < 0 { "-" } else { "" };
        write!(f, "{sign}{whole}.{part:0width$}", width = usize::from(self.scale))
    }
}

/// Why a duration could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DurationError {
    /// A number without a unit.
    NoUnit,
    /// A unit that does not exist.
    BadUnit,
    /// Not a number and a unit at all.
    Shape,
    /// Longer than a century.
    TooLong,
}

const UNITS_NS: [(&str, u64); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// The longest duration, in days (a century).
pub const DAYS_MAX: u64 = 36_525;

/// Reads `200ms`, `1.5s`, `10m`, `2h` or `1d`.
pub fn duration(text: &str) -> Result<Duration, DurationError> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number = Decimal::parse(number).ok_or(DurationError::Shape)?;
    if unit.is_empty() {
        return if number.units == 0 { Ok(Duration::ZERO) } else { Err(DurationError::NoUnit) };
    }
    let (_, unit_ns) = UNITS_NS.iter().find(|(name, _)| *name == unit).ok_or(DurationError::BadUnit)?;
    let ns = i128::from(number.units) * i128::from(*unit_ns) / 10_i128.pow(u32::from(number.scale));
    let ns = u64::try_from(ns).map_err(|_| DurationError::TooLong)?;
    if ns > DAYS_MAX * 86_400_000_000_000 { Err(DurationError::TooLong) } else { Ok(Duration::from_nanos(ns)) }
}

/// Writes a duration the way it is read: the largest unit that leaves a whole number.
pub fn show_duration(duration: Duration) -> String {
    let ns = duration.as_nanos() as u64;
    if ns == 0 {
        return "0s".to_owned();
    }
    let fit = UNITS_NS
        .iter()
        .rev()
        .find(|(name, unit)| ns.is_multiple_of(*unit) && *name != "d" || ns.is_multiple_of(*unit) && ns / unit < 1000);
    let (name, unit) = fit.copied().unwrap_or(UNITS_NS[0]);
    format!("{}{name}", ns / unit)
}

/// Reads `3%` or `0.5%` as parts per million, up to `100%`.
pub fn percent_ppm(text: &str) -> Option<u32> {
    let number = Decimal::parse(text.strip_suffix('%')?.trim_end())?;
    let ppm = i128::from(number.units) * 10_000 / 10_i128.pow(u32::from(number.scale));
    u32::try_from(ppm).ok().filter(|ppm| *ppm <= 1_000_000)
}

/// Writes parts per million as a percentage.
pub fn show_ppm(ppm: u32) -> String {
    format!("{}%", Decimal { units: i64::from(ppm), scale: 4 }.reduced())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_exactly() {
        assert_eq!(duration("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("5"), Err(DurationError::NoUnit));
        assert_eq!(duration("5sec"), Err(DurationError::BadUnit));
        assert_eq!(duration("999999d"), Err(DurationError::TooLong));
        assert_eq!(show_duration(Duration::from_secs(90)), "90s");
        assert_eq!(show_duration(Duration::from_secs(600)), "10m");
        assert_eq!(percent_ppm("0.5%"), Some(5_000));
        assert_eq!(percent_ppm("101%"), None);
        assert_eq!(show_ppm(5_000), "0.5%");
        assert_eq!(Decimal::parse("-12.50").map(|d| d.to_string()), Some("-12.5".to_owned()));
        assert_eq!(Decimal::parse("1e3").map(|d| d.units), Some(1000));
        assert_eq!(Decimal::parse("1.2.3"), None);
    }
}
