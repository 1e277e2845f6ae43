//! `ordain replay`: one schedule again, with its verdict and its story.

use std::path::{Path, PathBuf};

use clap::Args;
use ordain_checks::{Severity, Violation};
use ordain_explore::{DeviationText, Finding, TraceData, story};
use ordain_kernel::EventId;
use ordain_report::{Look, Marks, ScenarioResult};

use super::rerun::{self, Rerun};
use crate::exit::Exit;
use crate::fail::{Failure, Outcome};
use crate::files;
use crate::open::{self, Opened};
use crate::outputs::{self, Folder};
use crate::regressions::Regression;
use crate::slug::Names;
use crate::terminal::{Color, complain, say};
use crate::told::{self, counted};

/// Replay a regression, or one seed of a scenario
///
/// A regression is judged `reproduced` (the same violation by the same trace), `drifted` (the same violation by
/// another trace), `fixed` (every deviation found its place, and it passes) or `stale` (it passes, but some deviations
/// found no place); one that fails in another way is `different`. Every replay runs twice, to prove that it is
/// deterministic.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  ordain replay reports/out/shop/FINDING.regression.yaml
  ordain replay shop.regressions/double-charge.yaml --on shop.fixed.yaml
  ordain replay shop.yaml --seed 204 --verbose")]
pub(crate) struct Replay {
    /// A regression file; with --seed, a scenario
    file: PathBuf,
    /// Run this seed of the scenario
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Replay the regression on this scenario instead of its own
    #[arg(long, value_name = "SCENARIO", conflicts_with = "seed")]
    on: Option<PathBuf>,
    /// Switch off a declared protection, such as `payment.dedup`
    #[arg(long, value_name = "PROTECTION")]
    without: Vec<String>,
    /// Print the whole event log
    #[arg(long)]
    verbose: bool,
    /// Write the report and the pictures of a failure there
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Replay {
    pub(crate) fn run(&self, color: Color) -> Outcome<Exit> {
        if let Some(out) = &self.out {
            files::output_folder(out)?;
        }
        match self.seed {
            Some(seed) => self.seed(seed, color),
            None => self.regression(color),
        }
    }

    fn regression(&self, color: Color) -> Outcome<Exit> {
        let regression = Regression::read(&self.file)?;
        let rerun = rerun::regression(&regression, self.on.as_deref(), &self.without, color.on_stderr())?;
        rerun.notes.iter().for_each(|note| complain(&format!("note: {note}")));
        let Rerun { scenario, stored, replayed, nondeterminism, .. } = rerun;
        let (verdict, report) = (replayed.verdict.clone(), &replayed.report);
        let violation = replayed.violation(&stored);
        self.log(report.trace.as_ref(), &report.deviation_texts, violation, color.look())?;
        say(&format!("{}\n", rerun::sentence(&verdict)))?;
        if let Some(finding) = rerun::finding(&stored, replayed) {
            let told = outputs::told(&finding);
            say(&told_violation(&finding.violation))?;
            self.show(&scenario, finding, told, color.look())?;
        }
        match nondeterminism {
            Some(difference) => Err(rerun::nondeterministic(&difference)),
            None if verdict.fails() => Ok(Exit::Finding),
            None => Ok(Exit::Passed),
        }
    }

    fn seed(&self, seed: u64, color: Color) -> Outcome<Exit> {
        if Regression::is_one(&self.file) {
            return Err(
                Failure::bad(format!("{}: a regression has no seeds", self.file.display())).mend("leave out --seed")
            );
        }
        let scenario = open::open(&self.file, &self.without, color.on_stderr())?;
        let (load, report, nondeterminism) = rerun::seed(&scenario, seed);
        let worst = report.errors().next().or(report.violations.first()).cloned();
        self.log(report.trace.as_ref(), &report.deviation_texts, worst.as_ref(), color.look())?;
        let failed = report.errors().count() > 0;
        let (commands, deviations) =
            (counted(load.commands.len(), "command"), counted(report.fired.len(), "deviation"));
        let size = format!("{commands}, {deviations}, {} events", report.events);
        say(&format!("seed {seed}: {}: {size}\n", if failed { "fails" } else { "passes" }))?;
        for violation in &report.violations {
            say(&told_violation(violation))?;
        }
        if let Some(violation) = worst.filter(|_| failed) {
            let finding = rerun::of_report(violation, report, load, seed);
            let told = story(&finding.trace, &finding.violation, &[]);
            self.show(&scenario, finding, told, color.look())?;
            let again = outputs::shell_word(&self.file);
            say(&format!("\n  shrink: ordain run {again} --seeds {seed}..{}\n", seed.saturating_add(1)))?;
        }
        match nondeterminism {
            Some(difference) => Err(rerun::nondeterministic(&difference)),
            None if failed => Ok(Exit::Finding),
            None => Ok(Exit::Passed),
        }
    }

    fn log(
        &self,
        trace: Option<&TraceData>,
        deviations: &[DeviationText],
        violation: Option<&Violation>,
        look: Look,
    ) -> Outcome<()> {
        let (true, Some(trace)) = (self.verbose, trace) else { return Ok(()) };
        let marks = marks(deviations, violation);
        say(&format!("{}\n", ordain_report::story::event_log(trace, &marks, look)))
    }

    fn show(&self, scenario: &Opened, finding: Finding, told: Vec<EventId>, look: Look) -> Outcome<()> {
        say(&format!("\n{}", told::story(&finding, &told, look)))?;
        match &self.out {
            Some(out) => write(out, scenario, finding, told),
            None => Ok(()),
        }
    }
}

fn told_violation(violation: &Violation) -> String {
    let warns = if violation.severity == Severity::Warn { " (warns)" } else { "" };
    format!("  {}{warns} at {}\n  {}\n", violation.signature, violation.at, violation.message)
}

/// The marks of a run that need not have failed.
fn marks(deviations: &[DeviationText], violation: Option<&Violation>) -> Marks {
    let Some(violation) = violation else { return Marks::default() };
    let report = ordain_explore::RunReport { deviation_texts: deviations.to_vec(), ..Default::default() };
    Marks::of(&rerun::of_report(violation.clone(), report, ordain_world::Load::default(), 0))
}

fn write(out: &Path, scenario: &Opened, finding: Finding, told: Vec<EventId>) -> Outcome<()> {
    let mut folder = Folder::new(out, &scenario.path, &mut Names::default());
    let mut result = ScenarioResult {
        name: scenario.name().to_owned(),
        path: scenario.path.display().to_string(),
        runs: 1,
        events: finding.trace.events.len() as u64,
        ..ScenarioResult::default()
    };
    result.findings.push(folder.finding(scenario, finding, told)?);
    folder.finish(&mut result)?;
    result
        .findings
        .iter()
        .flat_map(|f| &f.files)
        .try_for_each(|file| say(&format!("  wrote {}\n", out.join(file).display())))
}
