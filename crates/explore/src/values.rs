//! The few values of a fault that stand for all of them when deviations are enumerated.

use ordain_kernel::{Draw, Fate, Span, Time, Value};

use crate::bounds::rungs_range;

/// How many spans stand for a range or a ladder.
const SPANS_MAX: usize = 4;
const SECOND: u64 = 1_000_000_000;

/// The values to try, the mildest first; `room` as the choice has it.
pub(crate) fn representative(draw: &Draw, room: u64) -> Vec<Value> {
    match draw {
        Draw::Hold { rungs, quiet } => {
            let quiet = *quiet || rungs.is_empty();
            let spans = spread(rungs, SPANS_MAX - usize::from(quiet)).into_iter().map(Value::HoldFor);
            spans.chain(quiet.then_some(Value::HoldUntilQuiet)).collect()
        }
        Draw::Copies { count: (least, _), late } => {
            ends(rungs_range(late)).into_iter().map(|late| Value::Copies { count: *least, late }).collect()
        }
        Draw::Crash { down } => ends(*down).into_iter().map(|down| Value::Fate(Fate::Crash { down })).collect(),
        Draw::Pause { lasts } => ends(*lasts).into_iter().map(|lasts| Value::Fate(Fate::Pause { lasts })).collect(),
        Draw::Ambiguous => vec![Value::Fate(Fate::Ambiguous)],
        Draw::Lose => vec![Value::Fate(Fate::Lose)],
        Draw::Fail { done } => {
            let both = [false, true].into_iter().filter(|it| done.is_none_or(|done| done == *it));
            both.map(|done| Value::Fate(Fate::Fail { done })).collect()
        }
        Draw::Alternative if room < 2 => Vec::new(),
        Draw::Alternative => ends((Span(1), Span(room - 1))).into_iter().map(|at| Value::Pick(at.0)).collect(),
        Draw::Strike { gap, lasts } => strikes(Time(room), *gap, lasts.1),
    }
}

/// Strikes over the whole gap, at whole seconds where it has them.
fn strikes(earliest: Time, (low, high): (Span, Span), lasts: Span) -> Vec<Value> {
    let (first, last) = ((earliest + low).0, (earliest + high).0);
    let step = last.saturating_sub(first) / (SPANS_MAX as u64 - 1);
    let even = (0..SPANS_MAX as u64).map(|at| first + at * step);
    let mut times: Vec<u64> = even.map(|at| at.next_multiple_of(SECOND)).filter(|at| *at <= last).collect();
    if times.is_empty() {
        times.push(first);
    }
    times.dedup();
    times.into_iter().map(|at| Value::Fate(Fate::Strike { at: Time(at), lasts })).collect()
}

/// At most `most` of them, the first and the last included.
fn spread(rungs: &[Span], most: usize) -> Vec<Span> {
    if rungs.len() <= most {
        return rungs.to_vec();
    }
    (0..most).map(|at| rungs[at * (rungs.len() - 1) / (most - 1)]).collect()
}

fn ends((low, high): (Span, Span)) -> Vec<Span> {
    if low < high { vec![low, high] } else { vec![low] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(draw: &Draw, room: u64) -> Vec<String> {
        representative(draw, room).iter().map(Value::to_string).collect()
    }

    #[test]
    fn few_values_stand_for_many() {
        let s = Span::from_secs;
        let rungs: Vec<Span> = (1..=10).map(s).collect();
        assert_eq!(
            texts(&Draw::Hold { rungs: rungs.clone(), quiet: false }, 0),
            ["for 1s", "for 4s", "for 7s", "for 10s"]
        );
        assert_eq!(texts(&Draw::Hold { rungs, quiet: true }, 0), ["for 1s", "for 5s", "for 10s", "until quiet"]);
        assert_eq!(texts(&Draw::Hold { rungs: Vec::new(), quiet: false }, 0), ["until quiet"]);
        assert_eq!(texts(&Draw::Copies { count: (1, 2), late: Vec::new() }, 0), ["copies 1"]);
        assert_eq!(texts(&Draw::Crash { down: (s(3), s(3)) }, 0), ["crash down 3s"]);
        assert_eq!(texts(&Draw::Fail { done: None }, 0), ["fail not_done", "fail done"]);
        assert_eq!(texts(&Draw::Fail { done: Some(true) }, 0), ["fail done"]);
        assert_eq!(texts(&Draw::Alternative, 1), [""; 0]);
        assert_eq!(texts(&Draw::Alternative, 2), ["pick 1"]);
        assert_eq!(texts(&Draw::Alternative, 9), ["pick 1", "pick 8"]);
    }

    #[test]
    fn strikes_come_a_few_times_and_as_long_as_they_may() {
        let s = Span::from_secs;
        let draw = Draw::Strike { gap: (s(20), s(50)), lasts: (s(2), s(3)) };
        let earliest = 500_000_000;
        assert_eq!(texts(&draw, earliest), ["at 21s lasts 3s", "at 31s lasts 3s", "at 41s lasts 3s"]);
        let exact = Draw::Strike { gap: (Span(5), Span(5)), lasts: (Span::ZERO, Span::ZERO) };
        assert_eq!(texts(&exact, 0), ["at 5ns lasts 0s"]);
    }
}
