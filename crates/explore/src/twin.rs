//! The twin of a finding: the passing run that is nearest to it.

use ordain_kernel::Plan;

use crate::diff::{Difference, first_difference};
use crate::finding::{DeviationText, Finding, TraceData};
use crate::run::{Job, JobSource, Runner};

/// The nearest schedule that does not fail: one deviation less, and alike for as long as possible.
#[derive(Clone, Debug)]
pub struct Twin {
    /// The deviation that it does without.
    pub without: DeviationText,
    /// Its recorded run, to its end.
    pub trace: TraceData,
    /// Where the two part.
    pub parts_at: Difference,
}

/// Of the runs with one deviation less that do not show the signature, the one that parts latest from the finding; of two
/// the first. `None` when the finding has no deviation, or none whose deletion passes.
///
/// The twin passes as to the finding's signature; it may show another.
pub fn twin(runner: &mut dyn Runner, finding: &Finding) -> Option<Twin> {
    let mut best: Option<Twin> = None;
    for (index, without) in finding.deviations.iter().enumerate() {
        let mut less: Vec<_> = finding.deviations.iter().map(|text| text.deviation).collect();
        less.remove(index);
        let plan = Plan::new(less);
        let report = runner.run(Job::new(&finding.load, JobSource::Plan(&plan)).recorded());
        let passes = report.shows(&finding.violation.signature).is_none();
        let Some(trace) = report.trace.filter(|_| passes) else { continue };
        let Some(parts_at) = first_difference(&finding.trace, &trace) else { continue };
        if best.as_ref().is_none_or(|best| parts_at.index > best.parts_at.index) {
            best = Some(Twin { without: without.clone(), trace, parts_at });
        }
    }
    best
}
