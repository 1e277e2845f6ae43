//! Values that read simpler without being less of a fault: `10s` rather than `9999ms`.

use ordain_kernel::{Draw, Fate, Span, Time, Value};

use crate::bounds::{rungs_range, within};

/// Whole seconds first, then tenths, hundredths, milliseconds and microseconds.
const GRAINS: [u64; 5] = [1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 1_000];

/// The values next to `value` that the fault allows and that take fewer characters, the roundest first. `earliest` is
/// what the strike of a timed fault counts its gap from.
pub(crate) fn readable(value: Value, draw: &Draw, earliest: Time) -> Vec<Value> {
    match (value, draw) {
        (Value::HoldFor(span), Draw::Hold { rungs, .. }) => {
            rounder(span, rungs_range(rungs)).map(Value::HoldFor).collect()
        }
        (Value::Copies { count, late }, Draw::Copies { late: rungs, .. }) => {
            rounder(late, rungs_range(rungs)).map(|late| Value::Copies { count, late }).collect()
        }
        (Value::Fate(Fate::Crash { down }), Draw::Crash { down: range }) => {
            rounder(down, *range).map(|down| Value::Fate(Fate::Crash { down })).collect()
        }
        (Value::Fate(Fate::Pause { lasts }), Draw::Pause { lasts: range }) => {
            rounder(lasts, *range).map(|lasts| Value::Fate(Fate::Pause { lasts })).collect()
        }
        (Value::Fate(Fate::Strike { at, lasts }), Draw::Strike { gap, lasts: range }) => {
            let when = (Span((earliest + gap.0).0), Span((earliest + gap.1).0));
            let times = rounder(Span(at.0), when).map(|at| Fate::Strike { at: Time(at.0), lasts });
            times.chain(rounder(lasts, *range).map(|lasts| Fate::Strike { at, lasts })).map(Value::Fate).collect()
        }
        _ => Vec::new(),
    }
}

fn rounder(span: Span, range: (Span, Span)) -> impl Iterator<Item = Span> {
    let length = span.to_string().len();
    let grains = GRAINS.into_iter().filter(move |grain| *grain <= span.0);
    let near = grains.flat_map(move |grain| {
        let under = span.0 - span.0 % grain;
        [Span(under), Span(under.saturating_add(grain))]
    });
    near.filter(move |round| within(*round, range) && round.to_string().len() < length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(value: &str, draw: &Draw, earliest: Time) -> Vec<String> {
        let value: Value = value.parse().expect("a value");
        readable(value, draw, earliest).iter().map(Value::to_string).collect()
    }

    #[test]
    fn neighbours_are_rounder_and_within_what_the_fault_allows() {
        let (ms, s) = (Span::from_millis, Span::from_secs);
        let crash = |low, high| Draw::Crash { down: (low, high) };
        let at = Time::START;
        assert_eq!(texts("crash down 3127ms", &crash(s(3), s(9)), at)[..2], ["crash down 3s", "crash down 4s"]);
        assert_eq!(texts("crash down 3127ms", &crash(ms(3_100), ms(3_500)), at), [""; 0], "none is shorter to read");
        assert_eq!(texts("crash down 3s", &crash(s(1), s(9)), at), [""; 0]);
        let hold = Draw::Hold { rungs: vec![ms(2), ms(9_999), ms(10_001)], quiet: false };
        assert_eq!(texts("for 9999ms", &hold, at)[..2], ["for 9s", "for 10s"]);
        assert_eq!(texts("for 2ms", &hold, at), [""; 0]);
    }

    #[test]
    fn strikes_stay_within_their_gap() {
        let (ms, s) = (Span::from_millis, Span::from_secs);
        let strike = Draw::Strike { gap: (s(20), s(60)), lasts: (s(12), s(12)) };
        let earliest = Time::START + ms(23_100);
        assert_eq!(texts("at 43127ms lasts 12s", &strike, earliest), ["at 44s lasts 12s"]);
        assert_eq!(texts("at 43127ms lasts 12s", &strike, Time::START), ["at 43s lasts 12s", "at 44s lasts 12s"]);
    }
}
