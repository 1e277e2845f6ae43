//! From failures to findings: all cases on all threads, then what was met on the way.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use ordain_checks::Signature;

use crate::campaign::Campaign;
use crate::cases::Case;
use crate::finding::Finding;
use crate::met::Met;
use crate::purse::Stop;
use crate::run::MakeRunner;
use crate::seeds::on_threads;
use crate::smallest::smallest;

/// What one case comes to, and what was met on the way: the seed whose shrinking met it, and the schedule.
pub(crate) type Investigated = (Finding, Vec<(u64, Met)>);

/// Looks into all cases, on as many threads as the campaign has; then into the failures that were only met while
/// shrinking those. The findings come by (seed, signature), whatever the number of threads.
pub(crate) fn investigate_all(
    cases: Vec<Case>,
    campaign: &Campaign,
    make: MakeRunner<'_>,
    stop: Stop<'_>,
) -> Vec<Finding> {
    let mut known: BTreeSet<Signature> = cases.iter().map(|case| case.violation.signature.clone()).collect();
    let mut met_left = campaign.met_max;
    let mut findings = Vec::new();
    let mut round = cases;
    while !round.is_empty() {
        let mut next = Vec::new();
        for (finding, met) in investigate_round(&round, campaign, make, stop) {
            for (seed, met) in met {
                if met_left > 0 && known.insert(met.violation.signature.clone()) {
                    met_left -= 1;
                    next.push(Case::of_met(seed, met));
                }
            }
            findings.push(finding);
        }
        round = next;
    }
    findings.sort_by(|a, b| (a.seed, &a.violation.signature).cmp(&(b.seed, &b.violation.signature)));
    findings
}

fn investigate_round(cases: &[Case], campaign: &Campaign, make: MakeRunner<'_>, stop: Stop<'_>) -> Vec<Investigated> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    on_threads(campaign.jobs.clamp(1, cases.len()), &|| {
        while !stop.interrupted.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(index) else { return };
            let result = smallest(case, campaign.shrink, make, stop);
            results.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
