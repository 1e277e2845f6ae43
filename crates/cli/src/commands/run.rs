//! `ordain run`: campaigns over scenarios, one after the other, each on all cores.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use ordain_report::{Look, ScenarioResult, json, junit, summary};

use super::campaign::{self, Campaigned, Settings};
use crate::clock::Budget;
use crate::exit::Exit;
use crate::fail::Outcome;
use crate::files;
use crate::interrupt;
use crate::open::{self, Opened};
use crate::outputs::Folder;
use crate::parse;
use crate::select;
use crate::slug::Names;
use crate::terminal::{Color, complain, say};
use crate::told;

/// Run scenarios under seeded faults, and shrink what breaks
///
/// Runs the regressions that were kept beside a scenario, then each seed of the range; every distinct failure is proved
/// deterministic, shrunk to the smallest schedule that still shows it, and told as a story. The same seeds give the
/// same results on every machine and with any number of jobs, unless `--budget` cuts them short.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  ordain run scenarios/
  ordain run shop.yaml --seeds 0..10000 --fail-fast
  ordain run scenarios/ --budget 5m --format json > results.json
  ordain run scenarios/ --junit reports/junit.xml -q")]
pub(crate) struct Run {
    /// Scenario files, or folders with all scenarios below them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The seeds to run: exactly these
    #[arg(long, value_name = "A..B", default_value = "0..1000", value_parser = parse::seeds)]
    seeds: Range<u64>,
    /// Threads; results do not depend on it [default: the number of cores]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Stop at the lowest failing seed, and after the first scenario that fails
    #[arg(long)]
    fail_fast: bool,
    /// Stop starting seeds when this wall time is up; scenarios share it evenly [default: no limit]
    #[arg(long, value_name = "TIME", value_parser = parse::duration)]
    budget: Option<Duration>,
    /// Where reports are written; nothing is written anywhere else
    #[arg(long, value_name = "DIR", default_value = "reports/out")]
    out: PathBuf,
    /// What standard output shows
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Write JUnit XML to this file, too; its folder is made
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Switch off a declared protection, such as `payment.dedup`
    #[arg(long, value_name = "PROTECTION")]
    without: Vec<String>,
    /// Leave out the regressions that were kept beside scenarios
    #[arg(long)]
    no_regressions: bool,
    /// Only print the summary: no stories, no notes, no progress
    #[arg(long, short)]
    quiet: bool,
}

/// What standard output shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Stories and a summary, for people
    Human,
    /// One JSON document, format 1
    Json,
    /// JUnit XML
    Junit,
}

impl Run {
    pub(crate) fn run(&self, color: Color) -> Outcome<Exit> {
        let paths = select::scenarios(&self.paths)?;
        let scenarios = open::open_all(&paths, &self.without, color.on_stderr())?;
        if let Some(file) = &self.junit {
            files::ready_for(file, "--junit")?;
        }
        let settings = self.settings()?;
        files::output_folder(&self.out)?;
        let (results, exit) = self.campaigns(&scenarios, &settings, color.look())?;
        self.tell(&results, color.look())?;
        Ok(exit)
    }

    fn settings(&self) -> Outcome<Settings> {
        Ok(Settings {
            seeds: self.seeds.clone(),
            jobs: self.jobs.map_or_else(cores, usize::from),
            fail_fast: self.fail_fast,
            regressions: !self.no_regressions,
            quiet: self.quiet,
            interrupted: interrupt::listen()?,
        })
    }

    fn campaigns(&self, scenarios: &[Opened], settings: &Settings, look: Look) -> Outcome<(Vec<ScenarioResult>, Exit)> {
        let (budget, mut taken) = (Budget::new(self.budget), Names::default());
        let (mut results, mut exit) = (Vec::new(), Exit::Passed);
        for (at, scenario) in scenarios.iter().enumerate() {
            let deadline = budget.share(scenarios.len() - at);
            let folder = Folder::new(&self.out, &scenario.path, &mut taken);
            let campaigned = campaign::run(scenario, settings, &deadline, folder, (at + 1, scenarios.len()))?;
            self.tell_one(&campaigned, look)?;
            exit = exit.or(campaigned.exit);
            let stop = self.fail_fast && campaigned.result.failed();
            results.push(campaigned.result);
            if interrupt::heard() || stop {
                self.note_left_out(&scenarios[at + 1..]);
                break;
            }
        }
        Ok((results, exit))
    }

    /// The stories of a scenario, as soon as it is through.
    fn tell_one(&self, campaigned: &Campaigned, look: Look) -> Outcome<()> {
        campaigned.problems.iter().for_each(|problem| complain(&problem.to_string()));
        if self.quiet || self.format != Format::Human {
            return Ok(());
        }
        for note in &campaigned.notes {
            say(&format!("{note}\n"))?;
        }
        for files in &campaigned.result.findings {
            say(&format!("{}\n", told::finding(files, look)))?;
        }
        Ok(())
    }

    fn note_left_out(&self, left: &[Opened]) {
        if !left.is_empty() && !self.quiet {
            let names: Vec<&str> = left.iter().map(Opened::name).collect();
            complain(&format!("not run: {}", names.join(", ")));
        }
    }

    fn tell(&self, results: &[ScenarioResult], look: Look) -> Outcome<()> {
        if let Some(file) = &self.junit {
            files::write(file, &junit::render(results))?;
        }
        match self.format {
            Format::Human => say(&summary::render(results, look)),
            Format::Json => say(&json::render(results)),
            Format::Junit => say(&junit::render(results)),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how many threads; results do not depend on it")]
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
