//! Values on the command line: ranges of seeds and durations.

use std::ops::Range;
use std::time::Duration;

/// `0..1000`: from the first to before the last.
pub(crate) fn seeds(text: &str) -> Result<Range<u64>, String> {
    let number = |part: &str| part.replace('_', "").parse::<u64>();
    let Some((start, end)) = text.split_once("..") else {
        return Err(match number(text) {
            Ok(n) => format!(
                "this is a number, not a range: write `0..{n}` for the first {n}, or `{n}..{}`",
                n.saturating_add(1)
            ),
            Err(_) => "write a range of whole numbers, such as `0..1000`".to_owned(),
        });
    };
    let (end, inclusive) = end.strip_prefix('=').map_or((end, false), |end| (end, true));
    let (Ok(start), Ok(end)) = (number(start), number(end)) else {
        return Err("both ends are whole numbers, such as `0..1000`".to_owned());
    };
    let end = end.saturating_add(u64::from(inclusive));
    match start < end {
        true => Ok(start..end),
        false => Err(format!(
            "this range is empty: its end comes after its start, as in `{end}..{}`",
            start.max(end.saturating_add(1))
        )),
    }
}

/// `30s`, `500ms`, `5m`, `1h`; never zero.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let form = || "write a duration such as `30s`, `500ms`, `5m` or `1h`".to_owned();
    let at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(form)?;
    let (number, unit) = text.split_at(at);
    let number: u64 = number.parse().map_err(|_| form())?;
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(form()),
    };
    match number.checked_mul(unit_ms) {
        Some(0) => Err("a budget of zero runs nothing: give it some time, such as `30s`".to_owned()),
        Some(ms) => Ok(Duration::from_millis(ms)),
        None => Err("this is longer than the universe will last".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, seeds};
    use std::time::Duration;

    #[test]
    fn ranges_are_read_and_bad_ones_are_explained() {
        assert_eq!(seeds("0..1000"), Ok(0..1_000));
        assert_eq!(seeds("1_000..=1_001"), Ok(1_000..1_002));
        assert!(seeds("9..3").unwrap_err().contains("empty"));
        assert!(seeds("7..7").unwrap_err().contains("empty"));
        assert!(seeds("1000").unwrap_err().contains("`0..1000`"));
        for text in ["", "abc", "..", "1..", "..9", "-1..4", "1.5..2", "0..99999999999999999999"] {
            assert!(seeds(text).is_err(), "{text}");
        }
        assert!(seeds(&format!("{}..{}", u64::MAX, u64::MAX)).is_err());
    }

    #[test]
    fn durations_are_read_and_zero_is_refused() {
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        for text in ["", "0", "0s", "30", "s", "1.5s", "30 s", "-3s", "99999999999999999999h", "18446744073709551615h"]
        {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
