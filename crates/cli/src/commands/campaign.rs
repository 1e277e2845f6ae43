//! One scenario's campaign: kept regressions, seeds, findings, and the files that come of it.

use std::ops::Range;
use std::sync::atomic::AtomicBool;

use ordain_explore::{Campaign, Ended, Hooks, Kept, Outcome as Explored};
use ordain_report::ScenarioResult;
use ordain_scenario::diag::Severity;

use super::{rerun, results};
use crate::clock::{Deadline, Stopwatch};
use crate::exit::Exit;
use crate::fail::{Failure, Outcome};
use crate::open::Opened;
use crate::outputs::{self, Folder};
use crate::progress::Line;
use crate::regressions;
use crate::told::counted;

/// What all campaigns of a command share.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) seeds: Range<u64>,
    pub(crate) jobs: usize,
    pub(crate) fail_fast: bool,
    /// Whether kept regressions are run.
    pub(crate) regressions: bool,
    pub(crate) quiet: bool,
    pub(crate) interrupted: &'static AtomicBool,
}

/// What a campaign came to.
#[derive(Debug)]
pub(crate) struct Campaigned {
    /// For the reports.
    pub(crate) result: ScenarioResult,
    /// What the program ends with.
    pub(crate) exit: Exit,
    /// Lines for people: kept regressions, why it ended early.
    pub(crate) notes: Vec<String>,
    /// Regressions that could not be run.
    pub(crate) problems: Vec<Failure>,
}

/// Runs the campaign of a scenario, and writes its files.
pub(crate) fn run(
    scenario: &Opened,
    settings: &Settings,
    deadline: &Deadline,
    folder: Folder,
    place: (usize, usize),
) -> Outcome<Campaigned> {
    let (kept, problems) = if settings.regressions { regressions::kept(scenario)? } else { (Vec::new(), Vec::new()) };
    let watch = Stopwatch::start();
    let explored = explore(scenario, settings, deadline, kept.clone(), place);
    let wall_ms = watch.elapsed_ms();
    tracing::info!(scenario = scenario.name(), runs = explored.sums.runs, wall_ms, ended = ?explored.ended, "campaign over");
    let mut result = results::result(scenario, &explored, wall_ms);
    let exit = verdict(&explored, &result, &problems);
    let notes = notes(scenario, settings, &explored);
    write(scenario, &kept, explored, folder, &mut result)?;
    Ok(Campaigned { result, exit, notes, problems })
}

fn explore(
    scenario: &Opened,
    settings: &Settings,
    deadline: &Deadline,
    kept: Vec<Kept>,
    place: (usize, usize),
) -> Explored {
    let line = Line::new(scenario.name(), place, settings.quiet);
    let campaign = Campaign {
        seeds: settings.seeds.clone(),
        jobs: settings.jobs,
        fail_fast: settings.fail_fast,
        regressions: kept,
        ..Campaign::default()
    };
    let hooks = Hooks {
        out_of_time: &|| deadline.passed(),
        progress: &|progress| {
            tracing::trace!(done = progress.done, failed = progress.failed, "seeds");
            line.update(progress);
        },
        interrupted: settings.interrupted,
    };
    tracing::info!(scenario = scenario.name(), seeds = ?settings.seeds, jobs = settings.jobs, "campaign begins");
    campaign.run(&scenario.runnable, &hooks)
}

fn verdict(explored: &Explored, result: &ScenarioResult, problems: &[Failure]) -> Exit {
    let mut exit = Exit::Passed;
    if explored.failed() || result.failed() {
        exit = exit.or(Exit::Finding);
    }
    if explored.findings.iter().any(|finding| finding.nondeterminism.is_some()) {
        exit = exit.or(Exit::Nondeterministic);
    }
    match explored.ended {
        Ended::Interrupted => exit = exit.or(Exit::Interrupted),
        Ended::OutOfTime if explored.sums.runs == 0 => exit = exit.or(Exit::Unfinished),
        _ => {}
    }
    problems.iter().fold(exit, |exit, problem| exit.or(problem.exit))
}

fn notes(scenario: &Opened, settings: &Settings, explored: &Explored) -> Vec<String> {
    let mut notes = Vec::new();
    match scenario.report.count(Severity::Warning) {
        0 => {}
        n => notes.push(format!("{}: {}; `ordain check` shows them", scenario.path.display(), counted(n, "warning"))),
    }
    for (message, capture) in scenario.runnable.captures().iter().filter(|(_, capture)| capture.skipped > 0) {
        notes.push(format!("{}: {message}: {} skipped", scenario.name(), counted(capture.skipped, "malformed line")));
    }
    for kept in &explored.regressions {
        notes.push(format!("{}: kept {}: {}", scenario.name(), kept.name, rerun::sentence(&kept.replayed.verdict)));
    }
    let cut = |why: &str| {
        let (ran, of) = (explored.sums.runs, settings.seeds.end - settings.seeds.start);
        format!("{}: {why} after {ran} of {of} seeds", scenario.name())
    };
    match explored.ended {
        Ended::Complete => {}
        Ended::FailFast => notes.push(cut("stopped by the first failure")),
        Ended::OutOfTime => notes.push(cut("stopped by the budget")),
        Ended::Interrupted => notes.push(cut("interrupted")),
    }
    notes
}

/// Writes what was found: the campaign's findings, and kept regressions that fail in a way it did not find again.
fn write(
    scenario: &Opened,
    kept: &[Kept],
    explored: Explored,
    mut folder: Folder,
    result: &mut ScenarioResult,
) -> Outcome<()> {
    let mut findings = explored.findings;
    for (kept, replay) in kept.iter().zip(explored.regressions) {
        let Some(finding) = rerun::finding(&kept.stored, replay.replayed) else { continue };
        if findings.iter().all(|known| known.violation.signature != finding.violation.signature) {
            findings.push(finding);
        }
    }
    for finding in findings {
        let told = outputs::told(&finding);
        tracing::info!(
            signature = %finding.violation.signature, seed = finding.seed, from = ?finding.original,
            to = ?(finding.load.commands.len(), finding.deviations.len()), runs = finding.shrink_runs, "shrunk"
        );
        result.findings.push(folder.finding(scenario, finding, told)?);
    }
    folder.finish(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explored(ended: Ended) -> Explored {
        let (about, sums) = (ordain_explore::About::default(), ordain_explore::Sums::default());
        Explored { about, sums, ended, regressions: Vec::new(), findings: Vec::new() }
    }

    fn finding() -> ordain_explore::Finding {
        let violation = ordain_checks::Violation {
            signature: ordain_checks::Signature { check: "c".to_owned(), word: "w".to_owned(), place: "p".to_owned() },
            grade: ordain_checks::Grade::Violation,
            severity: ordain_checks::Severity::Error,
            at: ordain_kernel::Time(0),
            event: ordain_kernel::EventId::NONE,
            subject: String::new(),
            command: None,
            message: String::new(),
        };
        rerun::of_report(violation, ordain_explore::RunReport::default(), ordain_world::Load::default(), 0)
    }

    #[test]
    fn the_gravest_outcome_decides_the_exit_code() {
        let mut outcome = explored(Ended::Complete);
        let result = ScenarioResult::default();
        assert_eq!(verdict(&outcome, &result, &[]), Exit::Passed);
        let unreadable = [Failure::new(Exit::Unreadable, "x")];
        assert_eq!(verdict(&outcome, &result, &unreadable), Exit::Unreadable);
        outcome.findings.push(finding());
        assert_eq!(verdict(&outcome, &result, &unreadable), Exit::Finding);
        outcome.findings[0].nondeterminism = Some("event 7 differs".to_owned());
        assert_eq!(verdict(&outcome, &result, &unreadable), Exit::Nondeterministic);
        outcome.ended = Ended::Interrupted;
        assert_eq!(verdict(&outcome, &result, &[]), Exit::Interrupted);
        assert_eq!(verdict(&explored(Ended::OutOfTime), &result, &[]), Exit::Unfinished);
    }
}
