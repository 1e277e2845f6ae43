//! Scenario files, read and made ready to run.

use std::path::{Path, PathBuf};

use ordain_scenario::diag::{Report, Severity};
use ordain_scenario::{Runnable, check_file};

use crate::exit::Exit;
use crate::fail::{Failure, Outcome};
use crate::select::stem;

/// A scenario that can run.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The file, as the user named it.
    pub(crate) path: PathBuf,
    /// What was found in it; warnings only.
    pub(crate) report: Report,
    /// What runs.
    pub(crate) runnable: Runnable,
    /// What reports call it.
    name: String,
    /// The protections that are switched off.
    without: Vec<String>,
}

/// Reads a scenario; its report is the error.
pub(crate) fn read(path: &Path) -> Result<Opened, Report> {
    read_without(path, &[]).unwrap_or_else(|_| unreachable!("nothing is switched off"))
}

/// Reads a scenario and switches protections off; one that it does not have is the outer error.
fn read_without(path: &Path, without: &[String]) -> Outcome<Result<Opened, Report>> {
    let mut checked = check_file(path);
    let report = checked.report.clone();
    if let Some(scenario) = &mut checked.scenario {
        for protection in without {
            let refuse = |text: String| Failure::bad(format!("{}: --without {protection}: {text}", path.display()));
            scenario.without(protection).map_err(refuse)?;
        }
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let runnable = Runnable::new(checked, folder);
    tracing::info!(file = %path.display(), warnings = report.count(Severity::Warning), ok = runnable.is_ok(), "scenario read");
    let (path, without) = (path.to_owned(), without.to_vec());
    Ok(runnable.map(|runnable| {
        let name = runnable.scenario().name.value.clone();
        Opened { path, report, runnable, name, without }
    }))
}

/// Reads a scenario, or says all that is wrong with it.
pub(crate) fn open(path: &Path, without: &[String], colour: bool) -> Outcome<Opened> {
    read_without(path, without)?.map_err(|report| Failure::report(Exit::BadInput, report.render(colour)))
}

/// Reads scenarios, or says all that is wrong with all of them.
pub(crate) fn open_all(paths: &[PathBuf], without: &[String], colour: bool) -> Outcome<Vec<Opened>> {
    let (mut opened, mut wrong) = (Vec::new(), String::new());
    for path in paths {
        match read_without(path, without)? {
            Ok(scenario) => opened.push(scenario),
            Err(report) => wrong.push_str(&report.render(colour)),
        }
    }
    tell_apart(&mut opened);
    if wrong.is_empty() { Ok(opened) } else { Err(Failure::report(Exit::BadInput, wrong)) }
}

/// A bug and its mended twin have one name: then both are called as their files are.
fn tell_apart(scenarios: &mut [Opened]) {
    let names: Vec<String> = scenarios.iter().map(|scenario| scenario.name.clone()).collect();
    for scenario in scenarios {
        if names.iter().filter(|name| **name == scenario.name).count() > 1 {
            scenario.name = stem(&scenario.path);
        }
    }
}

impl Opened {
    /// The scenario's name; its file's, when another of the same command has the same name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The protections that are switched off.
    pub(crate) fn without(&self) -> &[String] {
        &self.without
    }
}
