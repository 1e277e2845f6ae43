//! What the scenario allows to the deviations of a run: the draw of the rule behind each.

use std::collections::BTreeMap;

use ordain_kernel::{Deviation, Draw, Fate, Key, Kind, Span, Value};

use crate::run::RunReport;

/// The draw behind each choice that deviated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bounds(BTreeMap<(Key, Kind), Draw>);

impl Bounds {
    /// Reads them from a run, given the draws of all rules.
    pub(crate) fn of(report: &RunReport, draws: &[Draw]) -> Bounds {
        let mut bounds = BTreeMap::new();
        for (deviation, reason) in report.fired.iter().zip(&report.reasons) {
            let draw = reason.rule.and_then(|rule| draws.get(usize::from(rule.0)));
            if let Some(draw) = draw.filter(|draw| admits(draw, deviation.value)) {
                bounds.entry(deviation.choice()).or_insert_with(|| draw.clone());
            }
        }
        Bounds(bounds)
    }

    /// The draw that bounds a deviation; `None` when it is not known, and the value must stay as it is.
    pub(crate) fn draw(&self, deviation: &Deviation) -> Option<&Draw> {
        self.0.get(&deviation.choice())
    }
}

/// Whether a draw can be behind a value. A plan names only the first rule of a place, which may be another one.
pub(crate) fn admits(draw: &Draw, value: Value) -> bool {
    match (draw, value) {
        (Draw::Hold { rungs, .. }, Value::HoldFor(span)) => within(span, rungs_range(rungs)),
        (Draw::Hold { rungs, quiet }, Value::HoldUntilQuiet | Value::HoldPast(_)) => *quiet || rungs.is_empty(),
        (Draw::Copies { count: range, .. }, Value::Copies { count, .. }) => range.0 <= count && count <= range.1,
        (Draw::Crash { down: range }, Value::Fate(Fate::Crash { down })) => within(down, *range),
        (Draw::Pause { lasts: range }, Value::Fate(Fate::Pause { lasts })) => within(lasts, *range),
        (Draw::Fail { done: only }, Value::Fate(Fate::Fail { done })) => only.is_none_or(|only| only == done),
        (Draw::Strike { lasts: range, .. }, Value::Fate(Fate::Strike { lasts, .. })) => within(lasts, *range),
        (Draw::Ambiguous, Value::Fate(Fate::Ambiguous)) | (Draw::Lose, Value::Fate(Fate::Lose)) => true,
        (Draw::Alternative, Value::Pick(_)) => true,
        _ => false,
    }
}

/// The shortest and the longest rung.
pub(crate) fn rungs_range(rungs: &[Span]) -> (Span, Span) {
    (rungs.first().copied().unwrap_or_default(), rungs.last().copied().unwrap_or_default())
}

pub(crate) fn within(span: Span, (low, high): (Span, Span)) -> bool {
    low <= span && span <= high
}
