//! Simpler values of a deviation: shorter, fewer, rounder, but never less than the fault that made it allows.

use ordain_kernel::{Deviation, Draw, Fate, Span, Value};

use crate::bounds::rungs_range;

/// The simpler values to try for `value`, the simplest first. Each is strictly less, so that taking them ends.
pub(crate) fn simpler(value: Value, draw: &Draw) -> Vec<Value> {
    match (value, draw) {
        (Value::HoldFor(span), Draw::Hold { rungs, .. }) => rungs_under(rungs, span),
        (Value::HoldUntilQuiet | Value::HoldPast(_), Draw::Hold { rungs, .. }) => rungs_under(rungs, Span(u64::MAX)),
        (Value::Copies { count, late }, Draw::Copies { count: (least, _), late: rungs }) => {
            fewer_copies((count, late), (*least, rungs_range(rungs).0))
        }
        (Value::Fate(Fate::Crash { down }), Draw::Crash { down: (least, _) }) => {
            shorter(*least, down).map(|down| Value::Fate(Fate::Crash { down })).collect()
        }
        (Value::Fate(Fate::Pause { lasts }), Draw::Pause { lasts: (least, _) }) => {
            shorter(*least, lasts).map(|lasts| Value::Fate(Fate::Pause { lasts })).collect()
        }
        (Value::Fate(Fate::Strike { at, lasts }), Draw::Strike { lasts: (least, _), .. }) => {
            shorter(*least, lasts).map(|lasts| Value::Fate(Fate::Strike { at, lasts })).collect()
        }
        (Value::Pick(offset), Draw::Alternative) => nearer(offset),
        _ => Vec::new(),
    }
}

/// The list with the value at `index` replaced.
pub(crate) fn replaced(deviations: &[Deviation], index: usize, value: Value) -> Vec<Deviation> {
    let mut all = deviations.to_vec();
    all[index].value = value;
    all
}

fn rungs_under(rungs: &[Span], span: Span) -> Vec<Value> {
    rungs.iter().filter(|rung| **rung < span).map(|rung| Value::HoldFor(*rung)).collect()
}

fn fewer_copies((count, late): (u32, Span), (least, soonest): (u32, Span)) -> Vec<Value> {
    let mut all = vec![(least, soonest), (least, late), (count, soonest)];
    all.retain(|at| at.0 <= count && at.1 <= late && *at != (count, late));
    all.dedup();
    all.into_iter().map(|(count, late)| Value::Copies { count, late }).collect()
}

/// The floor, then round spans above it and under `span`, ascending.
fn shorter(floor: Span, span: Span) -> impl Iterator<Item = Span> {
    let first = (floor < span).then_some(floor);
    first.into_iter().chain(round_spans().filter(move |round| *round > floor && *round < span))
}

/// A pick of 1 is the nearest alternative; spans have many, and get round offsets as well.
fn nearer(offset: u64) -> Vec<Value> {
    let rounds = round_spans().map(|span| span.0).filter(|round| *round < offset);
    (offset > 1).then_some(1).into_iter().chain(rounds).map(Value::Pick).collect()
}

/// 1 ms, 2 ms, 5 ms, 10 ms ... 50,000 s.
fn round_spans() -> impl Iterator<Item = Span> {
    (0..8).flat_map(|decade| [1, 2, 5].map(|lead| Span::from_millis(lead * 10_u64.pow(decade))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordain_kernel::Time;

    fn texts(value: &str, draw: &Draw) -> Vec<String> {
        let value: Value = value.parse().expect("a value");
        simpler(value, draw).iter().map(Value::to_string).collect()
    }

    #[test]
    fn simpler_values_start_at_what_the_fault_allows() {
        let (ms, s) = (Span::from_millis, Span::from_secs);
        let hold = Draw::Hold { rungs: vec![ms(10), s(20)], quiet: true };
        assert_eq!(texts("until quiet", &hold), ["for 10ms", "for 20s"]);
        assert_eq!(texts("for 20s", &hold), ["for 10ms"]);
        let crash = |least| Draw::Crash { down: (s(least), s(9)) };
        assert_eq!(texts("crash down 6s", &crash(1)), ["crash down 1s", "crash down 2s", "crash down 5s"]);
        assert_eq!(texts("crash down 6s", &crash(4)), ["crash down 4s", "crash down 5s"], "each fault has its own");
        let copies = Draw::Copies { count: (1, 3), late: vec![ms(2), s(5)] };
        assert_eq!(texts("copies 3 late 5s", &copies), ["copies 1 late 2ms", "copies 1 late 5s", "copies 3 late 2ms"]);
        assert_eq!(texts("copies 1", &copies), [""; 0]);
        let at_once = Draw::Copies { count: (2, 3), late: Vec::new() };
        assert_eq!(texts("copies 3", &at_once), ["copies 2"]);
        assert_eq!(texts("pick 3", &Draw::Alternative), ["pick 1"]);
        assert_eq!(texts("pick 3000000", &Draw::Alternative), ["pick 1", "pick 1000000", "pick 2000000"]);
        let strike = Draw::Strike { gap: (s(1), s(9)), lasts: (s(2), s(3)) };
        assert_eq!(texts("at 7s lasts 3s", &strike), ["at 7s lasts 2s"]);
        let point = Value::Fate(Fate::Strike { at: Time(5), lasts: Span::ZERO });
        assert!(simpler(point, &Draw::Strike { gap: (s(1), s(9)), lasts: (Span::ZERO, Span::ZERO) }).is_empty());
    }

    #[test]
    fn taking_simpler_values_ends() {
        let (zero, top) = (Span::ZERO, Span(u64::MAX));
        let cases = [
            ("until quiet", Draw::Hold { rungs: vec![Span(1), Span(2), Span(3)], quiet: true }),
            ("crash down 9h", Draw::Crash { down: (zero, top) }),
            ("copies 9 late 1h", Draw::Copies { count: (1, 9), late: vec![Span(1)] }),
            ("pick 9000000000", Draw::Alternative),
            ("at 1s lasts 4h", Draw::Strike { gap: (zero, top), lasts: (zero, top) }),
        ];
        for (start, draw) in cases {
            let mut value: Value = start.parse().expect("a value");
            let mut steps = 0;
            while let Some(next) = simpler(value, &draw).last() {
                value = *next;
                steps += 1;
                assert!(steps < 100, "{start} does not end");
            }
        }
    }
}
