//! RFC 3339 times, without a clock or a time zone table.

/// Nanoseconds since 1970 of `2019-03-15T00:04:00.5Z`, `2019-03-15 00:04:00+01:00`, or without an offset, which is then UTC.
pub(super) fn parse(text: &str) -> Option<i128> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| -> Option<i64> {
        let part = text.get(range)?;
        if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse().ok() } else { None }
    };
    let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
    let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
    let marks =
        [(4, b"-"), (7, b"-"), (13, b":"), (16, b":")].iter().all(|(at, mark)| bytes.get(*at) == Some(&mark[0]));
    let good = marks && matches!(bytes.get(10), Some(b'T' | b't' | b' '));
    let in_range = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !good || !in_range {
        return None;
    }
    let (nanos, rest) = fraction(text.get(19..)?)?;
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset(rest)?;
    Some(i128::from(seconds) * 1_000_000_000 + i128::from(nanos))
}

/// The nanoseconds of `.5`, and what follows.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let Some(tail) = text.strip_prefix('.') else { return Some((0, text)) };
    let length = tail.bytes().take_while(u8::is_ascii_digit).count();
    let digits = &tail[..length.min(9)];
    let value: u32 = digits.parse().ok()?;
    Some((value * 10_u32.pow(9 - digits.len() as u32), &tail[length..]))
}

/// The seconds of `Z`, `+01:00` or nothing.
fn offset(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first() {
        None | Some(b'Z' | b'z') if text.len() <= 1 => return Some(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return None,
    };
    let (hours, minutes) = text[1..].split_once(':')?;
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then(|| sign * (i64::from(hours) * 3_600 + i64::from(minutes) * 60))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from the first of January 1970, by the civil calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_rfc_3339() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse("2019-03-15T00:04:00Z"), Some(1_552_608_240_000_000_000));
        assert_eq!(parse("2019-03-15 01:04:00.5+01:00"), Some(1_552_608_240_500_000_000));
        assert_eq!(parse("2000-02-29T12:00:00"), Some(951_825_600_000_000_000));
        assert_eq!(parse("2019-02-29T12:00:00Z"), None);
        assert_eq!(parse("yesterday"), None);
    }
}
