//! Simpler values of a deviation: shorter, fewer, rounder, but never less than the scenario allows.

use ordain_kernel::{Deviation, Fate, Span, Value};

use crate::run::Floors;

/// The simpler values to try for `value`, the simplest first. Each is strictly less, so that taking them ends.
pub(crate) fn simpler(value: Value, floors: &Floors) -> Vec<Value> {
    match value {
        Value::HoldFor(span) => rungs_under(floors, span),
        Value::HoldUntilQuiet | Value::HoldPast(_) => rungs_under(floors, Span(u64::MAX)),
        Value::Copies { count, late } => fewer_copies(count, late),
        Value::Fate(Fate::Crash { down }) => {
            shorter(floors.down, down).map(|down| Value::Fate(Fate::Crash { down })).collect()
        }
        Value::Fate(Fate::Pause { lasts }) => {
            shorter(floors.lasts, lasts).map(|lasts| Value::Fate(Fate::Pause { lasts })).collect()
        }
        Value::Fate(Fate::Strike { at, lasts }) if lasts > Span::ZERO => {
            shorter(floors.lasts, lasts).map(|lasts| Value::Fate(Fate::Strike { at, lasts })).collect()
        }
        Value::Fate(_) => Vec::new(),
        Value::Pick(offset) => nearer(offset),
    }
}

/// The list with the value at `index` replaced.
pub(crate) fn replaced(deviations: &[Deviation], index: usize, value: Value) -> Vec<Deviation> {
    let mut all = deviations.to_vec();
    all[index].value = value;
    all
}

fn rungs_under(floors: &Floors, span: Span) -> Vec<Value> {
    floors.rungs.iter().filter(|rung| **rung < span).map(|rung| Value::HoldFor(*rung)).collect()
}

fn fewer_copies(count: u32, late: Span) -> Vec<Value> {
    let mut all = vec![(1, Span::ZERO), (1, late), (count, Span::ZERO)];
    all.dedup();
    all.retain(|at| *at != (count, late));
    all.into_iter().map(|(count, late)| Value::Copies { count, late }).collect()
}

/// The floor, then round spans above it and under `span`, ascending.
fn shorter(floor: Span, span: Span) -> impl Iterator<Item = Span> {
    let first = (floor < span).then_some(floor);
    first.into_iter().chain(round_spans().filter(move |round| *round > floor && *round < span))
}

/// A pick of 1 is the nearest alternative; offsets of spans are nanoseconds, and get round values as well.
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

    fn floors() -> Floors {
        Floors {
            rungs: vec![Span::from_millis(10), Span::from_secs(20)],
            down: Span::from_secs(1),
            lasts: Span::from_secs(2),
        }
    }

    #[test]
    fn simpler_values_start_at_what_the_scenario_allows() {
        let texts = |value: &str| {
            let value: Value = value.parse().expect("a value");
            simpler(value, &floors()).iter().map(Value::to_string).collect::<Vec<_>>()
        };
        assert_eq!(texts("until quiet"), ["for 10ms", "for 20s"]);
        assert_eq!(texts("for 20s"), ["for 10ms"]);
        assert_eq!(texts("crash down 6s"), ["crash down 1s", "crash down 2s", "crash down 5s"]);
        assert_eq!(texts("copies 3 late 5s"), ["copies 1", "copies 1 late 5s", "copies 3"]);
        assert_eq!(texts("copies 1"), [""; 0]);
        assert_eq!(texts("pick 3"), ["pick 1"]);
        assert_eq!(texts("pick 3000000"), ["pick 1", "pick 1000000", "pick 2000000"]);
        assert_eq!(texts("at 7s lasts 3s"), ["at 7s lasts 2s"]);
        let point = Value::Fate(Fate::Strike { at: Time(5), lasts: Span::ZERO });
        assert!(simpler(point, &floors()).is_empty());
    }

    #[test]
    fn taking_simpler_values_ends() {
        for start in ["until quiet", "crash down 9h", "copies 9 late 1h", "pick 9000000000", "at 1s lasts 4h"] {
            let mut value: Value = start.parse().expect("a value");
            let mut steps = 0;
            while let Some(next) = simpler(value, &floors()).last() {
                value = *next;
                steps += 1;
                assert!(steps < 100, "{start} does not end");
            }
        }
    }
}
