//! Scenario files, read and made ready to run.

use std::path::{Path, PathBuf};

use ordain_scenario::diag::{Report, Severity};
use ordain_scenario::{Runnable, check_file};

use crate::exit::Exit;
use crate::fail::{Failure, Outcome};

/// A scenario that can run.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The file, as the user named it.
    pub(crate) path: PathBuf,
    /// What was found in it; warnings only.
    pub(crate) report: Report,
    /// What runs.
    pub(crate) runnable: Runnable,
}

/// Reads a scenario; its report is the error.
pub(crate) fn read(path: &Path) -> Result<Opened, Report> {
    let checked = check_file(path);
    let report = checked.report.clone();
    let folder = path.parent().unwrap_or(Path::new(""));
    let runnable = Runnable::new(checked, folder)?;
    tracing::info!(file = %path.display(), warnings = report.count(Severity::Warning), "scenario read");
    Ok(Opened { path: path.to_owned(), report, runnable })
}

/// Reads a scenario, or says all that is wrong with it.
pub(crate) fn open(path: &Path, colour: bool) -> Outcome<Opened> {
    read(path).map_err(|report| Failure::report(Exit::BadInput, report.render(colour)))
}

/// Reads scenarios, or says all that is wrong with all of them.
pub(crate) fn open_all(paths: &[PathBuf], colour: bool) -> Outcome<Vec<Opened>> {
    let (mut opened, mut wrong) = (Vec::new(), String::new());
    for path in paths {
        match read(path) {
            Ok(scenario) => opened.push(scenario),
            Err(report) => wrong.push_str(&report.render(colour)),
        }
    }
    if wrong.is_empty() { Ok(opened) } else { Err(Failure::report(Exit::BadInput, wrong)) }
}

impl Opened {
    /// The scenario's name.
    pub(crate) fn name(&self) -> &str {
        &self.runnable.scenario().name.value
    }
}
