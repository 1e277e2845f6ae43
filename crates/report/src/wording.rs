//! Wording: the sentences that more than one format says about a finding.

use ordain_checks::{Grade, Tally};
use ordain_explore::Finding;

use crate::text::{count, counted};

/// `1-minimal: 4 deletions re-run, each loses it`.
pub(crate) fn minimality(finding: &Finding) -> String {
    let n = u64::from(finding.deletions_rerun);
    let rerun = counted(n, "deletion", "deletions");
    if replayed(finding) {
        return "replayed as it is, not shrunk".to_owned();
    }
    let minimal = match (finding.one_minimal, n) {
        (false, 0) => "not shown to be minimal: a smaller one may show it, too".to_owned(),
        (false, _) => format!("not shown to be minimal: {rerun} re-run, a smaller one may show it, too"),
        (true, 0) => "1-minimal: there is nothing to delete".to_owned(),
        (true, 1) => format!("1-minimal: {rerun} re-run, it loses it"),
        (true, _) => format!("1-minimal: {rerun} re-run, each loses it"),
    };
    match finding.no_fewer {
        Some(runs) if finding.deviations.len() > 1 => {
            format!(
                "{minimal}; on this load, none with fewer deviations breaks it ({})",
                counted(u64::from(runs), "run", "runs")
            )
        }
        _ => minimal,
    }
}

/// Whether a finding was only replayed, from a kept regression or a seed: it has no history of shrinking.
pub(crate) const fn replayed(finding: &Finding) -> bool {
    finding.runs_failed == 0 && finding.shrink_runs == 0 && finding.nondeterminism.is_none()
}

/// How much was shaved off, and how often the campaign showed it.
pub(crate) fn history(finding: &Finding) -> String {
    let (commands, deviations) = finding.original;
    let size = |commands: usize, deviations: usize| {
        let commands = counted(commands as u64, "command", "commands");
        format!("{commands} and {}", counted(deviations as u64, "deviation", "deviations"))
    };
    if replayed(finding) {
        let (commands, deviations) = (finding.load.commands.len(), finding.deviations.len());
        return format!("no run of a campaign, but a schedule of {}", size(commands, deviations));
    }
    let shown = match finding.runs_failed {
        0 => "met while shrinking another failure; no run of the campaign showed it by itself".to_owned(),
        n => format!("{} showed it, this one by seed {}", counted(n, "run", "runs"), finding.seed),
    };
    format!(
        "{shown}; shrunk from {} to {}, in {}",
        size(commands, deviations),
        size(finding.load.commands.len(), finding.deviations.len()),
        counted(u64::from(finding.shrink_runs), "run", "runs"),
    )
}

/// What the deviations are introduced with.
pub(crate) fn deviations_title(n: usize) -> String {
    match n {
        0 => "it takes no deviation: the calm run breaks it".to_owned(),
        1 => "it takes one deviation".to_owned(),
        n => format!("it takes {} deviations", count(n as u64)),
    }
}

/// What a finding is, beside its grade's word.
pub(crate) const fn grade_sentence(grade: Grade) -> &'static str {
    match grade {
        Grade::Violation => "a declared property does not hold",
        Grade::NoQuiescence => "the system did not come to rest",
        Grade::Nondeterministic => "the same deviations gave two different runs",
    }
}

/// What there was to judge: one clause a counter that is not zero.
pub(crate) fn vacuity(tally: &Tally) -> Vec<String> {
    let clauses = [
        (tally.duplicates, "duplicate reached a handler", "duplicates reached a handler"),
        (tally.duplicates_after_commit, "of them after a commit", "of them after a commit"),
        (tally.deduplicated, "message turned away by an inbox", "messages turned away by an inbox"),
        (tally.crashes, "crash", "crashes"),
        (tally.crashes_after_commit, "crash between commit and ack", "crashes between commit and ack"),
        (tally.overtaken, "message was overtaken", "messages were overtaken"),
        (tally.dead_lettered, "message dead-lettered", "messages dead-lettered"),
        (tally.effects, "external effect", "external effects"),
    ];
    let told = clauses.into_iter().filter(|(n, ..)| *n > 0);
    let mut out: Vec<String> = told.map(|(n, one, many)| counted(n, one, many)).collect();
    let (done, undone, stuck) = tally.sagas;
    if done + undone + stuck > 0 {
        out.push(format!("sagas: {} done, {} undone, {} stuck", count(done), count(undone), count(stuck)));
    }
    out
}

/// What never happened although it matters: the pass says less than it seems to.
pub(crate) fn untested(tally: &Tally) -> Vec<&'static str> {
    let missing = [
        (tally.duplicates, "no duplicate reached a handler"),
        (tally.crashes_after_commit, "no crash fell between commit and ack"),
        (tally.overtaken, "no message was overtaken"),
    ];
    missing.into_iter().filter(|(n, _)| *n == 0).map(|(_, words)| words).collect()
}
