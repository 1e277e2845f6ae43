//! From paths on the command line to scenario files.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::exit::Exit;
use crate::fail::{Failure, Outcome};

/// Folders of kept regressions end like this.
pub(crate) const REGRESSIONS: &str = ".regressions";
/// Regression files that `ordain run` writes end like this.
pub(crate) const REGRESSION: &str = ".regression.yaml";
/// Folders deeper than this are not looked into.
const DEPTH_MAX: usize = 32;

/// The scenario files that paths name: files as they are, folders with all below them; in order, none twice.
pub(crate) fn scenarios(paths: &[PathBuf]) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut found = Vec::new();
            below(path, DEPTH_MAX, &mut found)?;
            found.sort();
            files.extend(found);
        } else if path.exists() {
            files.push(scenario_file(path)?);
        } else {
            return Err(missing(path));
        }
    }
    let mut seen = BTreeSet::new();
    files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    if files.is_empty() {
        return Err(nothing(paths));
    }
    Ok(files)
}

fn below(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Outcome<()> {
    let refuse = |error| Failure::file(Exit::BadInput, folder, "look into it", &error);
    #[expect(clippy::disallowed_methods, reason = "what is found is sorted")]
    let entries = fs::read_dir(folder).map_err(refuse)?;
    for entry in entries {
        let entry = entry.map_err(refuse)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(refuse)?);
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() && depth > 0 && !name.starts_with('.') && !name.ends_with(REGRESSIONS) {
            below(&path, depth - 1, found)?;
        } else if !kind.is_dir() && path.is_file() && is_yaml(&path) && !name.ends_with(REGRESSION) {
            found.push(path);
        }
    }
    Ok(())
}

/// A file is taken as a scenario whatever its name; but a regression that was taken for one is told so.
fn scenario_file(path: &Path) -> Outcome<PathBuf> {
    let name = path.to_string_lossy();
    let kept = path.parent().is_some_and(|folder| folder.to_string_lossy().ends_with(REGRESSIONS));
    if name.ends_with(REGRESSION) || kept {
        let text = format!("{name}: this is a regression, not a scenario");
        return Err(Failure::bad(text).mend(format!("`ordain replay {name}` runs it")));
    }
    Ok(path.to_owned())
}

fn missing(path: &Path) -> Failure {
    let name = path.display();
    if name.to_string().contains(['*', '?', '[']) {
        return Failure::new(Exit::Nothing, format!("nothing matches {name}"));
    }
    Failure::bad(format!("{name}: no such file or folder"))
}

fn nothing(paths: &[PathBuf]) -> Failure {
    // A folder that is called like a file is likely to be a mistake.
    if let Some(folder) = paths.iter().find(|path| is_yaml(path)) {
        return Failure::new(Exit::Nothing, format!("{} is a folder without scenarios", folder.display()));
    }
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let failure = Failure::new(Exit::Nothing, format!("no scenario under {}", names.join(", ")));
    failure.mend("scenarios are files that end in `.yaml` or `.yml`; `ordain new NAME` writes one")
}

pub(crate) fn is_yaml(path: &Path) -> bool {
    path.extension().and_then(OsStr::to_str).is_some_and(|ending| ending == "yaml" || ending == "yml")
}

/// `order-saga.fixed` for `scenarios/order-saga.fixed.yaml`.
pub(crate) fn stem(scenario: &Path) -> String {
    scenario.file_stem().unwrap_or(OsStr::new("scenario")).to_string_lossy().into_owned()
}

/// The folder beside a scenario that holds its kept regressions.
pub(crate) fn kept_folder(scenario: &Path) -> PathBuf {
    scenario.with_file_name(format!("{}{REGRESSIONS}", stem(scenario)))
}
