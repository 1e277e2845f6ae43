//! `ordain list`: which scenarios there are.

use std::path::PathBuf;

use clap::Args;
use ordain_scenario::model::Scenario;
use ordain_scenario::realisation;

use crate::exit::Exit;
use crate::fail::Outcome;
use crate::open::{self, Opened};
use crate::select;
use crate::terminal::{Color, say};

/// List scenarios: what they are about, their services, checks and faults
///
/// Folders are searched for files that end in `.yaml` or `.yml`; kept regressions are left out. Nothing is run.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  ordain list scenarios/\n  ordain list shop.yaml orders.yaml")]
pub(crate) struct List {
    /// Scenario files, or folders with all scenarios below them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

impl List {
    pub(crate) fn run(&self, color: Color) -> Outcome<Exit> {
        let files = select::scenarios(&self.paths)?;
        let scenarios = open::open_all(&files, &[], color.on_stderr())?;
        for (at, scenario) in scenarios.iter().enumerate() {
            say(&format!("{}{}", if at > 0 { "\n" } else { "" }, described(scenario)))?;
        }
        Ok(Exit::Passed)
    }
}

fn described(opened: &Opened) -> String {
    let scenario = opened.runnable.scenario();
    let mut out = format!("{}  ({})\n", opened.name(), opened.path.display());
    if let Some(about) = &scenario.about {
        out.push_str(&format!("  {}\n", about.trim()));
    }
    for (what, names) in [("services", services(scenario)), ("checks", checks(scenario)), ("faults", faults(scenario))]
    {
        if !names.is_empty() {
            out.push_str(&format!("  {what}: {}\n", names.join(", ")));
        }
    }
    out
}

fn services(scenario: &Scenario) -> Vec<String> {
    let counted =
        |name: &String, replicas: u32| if replicas > 1 { format!("{name} x{replicas}") } else { name.clone() };
    scenario.services.iter().map(|(name, service)| counted(name, service.replicas)).collect()
}

fn checks(scenario: &Scenario) -> Vec<String> {
    scenario
        .checks
        .iter()
        .map(|(name, check)| if check.warn { format!("{name} (warns)") } else { name.clone() })
        .collect()
}

fn faults(scenario: &Scenario) -> Vec<String> {
    let mut names: Vec<String> = realisation(scenario).into_iter().map(|line| line.fault).collect();
    names.dedup();
    names
}
