//! Regression files: read, fitted to a scenario, written, moved.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ordain_explore::{Factory, Finding, Kept, Stored};
use ordain_scenario::regression::{Regression as Parsed, scenario_hash};
use ordain_scenario::source::Source;

use crate::exit::Exit;
use crate::fail::{Failure, Outcome};
use crate::files;
use crate::open::Opened;
use crate::relative;
use crate::select::{is_yaml, kept_folder};

/// The longest regression file that is read.
const BYTES_MAX: u64 = 16 << 20;

/// A regression file.
#[derive(Debug)]
pub(crate) struct Regression {
    path: PathBuf,
    text: String,
    pub(crate) parsed: Parsed,
}

/// A regression on a scenario.
#[derive(Debug)]
pub(crate) struct Fitted {
    pub(crate) stored: Stored,
    /// What should be known about it, but is no reason against it.
    pub(crate) notes: Vec<String>,
}

impl Regression {
    /// Reads a file; one that is no regression, or of another format, is refused.
    pub(crate) fn read(path: &Path) -> Outcome<Regression> {
        let text = files::read(path, Exit::Unreadable, BYTES_MAX)?;
        let source = Source::new(path.display().to_string(), text.clone());
        let refuse = |report: ordain_scenario::diag::Report| {
            if !is_regression(&text) && text.lines().any(|line| line.starts_with("scenario:")) {
                let failure =
                    Failure::new(Exit::BadInput, format!("{}: a scenario is replayed by a seed", path.display()));
                return failure.mend("add `--seed N`");
            }
            Failure::report(Exit::Unreadable, report.render(false))
        };
        let parsed = Parsed::read(&source).map_err(refuse)?;
        Ok(Regression { path: path.to_owned(), text, parsed })
    }

    /// Whether a file says that it is a regression.
    pub(crate) fn is_one(path: &Path) -> bool {
        files::read(path, Exit::Unreadable, BYTES_MAX).is_ok_and(|text| is_regression(&text))
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its scenario file.
    pub(crate) fn scenario(&self) -> Outcome<PathBuf> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let path = folder.join(&self.parsed.scenario);
        if path.is_file() {
            return Ok(shortest(&path));
        }
        let text = format!("{}: its scenario is not there: {}", self.path.display(), path.display());
        let mend = "mend the key `scenario` in it, or replay it on another with `--on SCENARIO`";
        Err(Failure::new(Exit::Unreadable, text).mend(mend))
    }

    /// The schedule, with the scenario's types, fields and keys.
    pub(crate) fn fit(&self, scenario: &Opened) -> Outcome<Fitted> {
        let refuse = |text: String| {
            let (here, there) = (self.path.display(), scenario.path.display());
            let failure = Failure::new(Exit::Unreadable, format!("{here}: does not fit {there}: {text}"));
            failure.mend("the scenario has changed too much: delete the regression, or mend it by hand")
        };
        let stored = self.parsed.resolve(&scenario.runnable.model().spec).map_err(refuse)?;
        let mut notes = Vec::new();
        if self.parsed.scenario_hash != scenario_hash(scenario.report.source().text()) {
            notes.push(format!("{} has changed since this was written", scenario.path.display()));
        }
        Ok(Fitted { stored, notes })
    }
}

fn is_regression(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("ordain:"))
}

/// A path without its `..`, as it is seen from the working folder, where that is possible.
fn shortest(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let full = path.canonicalize();
    match (here, full) {
        (Ok(here), Ok(full)) => full.strip_prefix(&here).map_or_else(|_| path.to_owned(), Path::to_owned),
        _ => path.to_owned(),
    }
}

/// The text of a finding's regression, for a file in `folder`, which must exist.
pub(crate) fn text(scenario: &Opened, finding: &Finding, folder: &Path) -> Outcome<String> {
    let cannot = |error| Failure::file(Exit::Unfinished, folder, "find the way from it to the scenario", &error);
    let way = relative::from_to(folder, &scenario.path).map_err(cannot)?;
    let spec = scenario.runnable.model().spec;
    let text = scenario.report.source().text();
    Ok(Parsed::of(finding, &spec, (&way, text), scenario.without()).write())
}

/// The regressions kept beside a scenario, by name; and why others cannot be run.
pub(crate) fn kept(scenario: &Opened) -> Outcome<(Vec<Kept>, Vec<Failure>)> {
    let (mut kept, mut problems) = (Vec::new(), Vec::new());
    for path in kept_files(&kept_folder(&scenario.path))? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match Regression::read(&path).and_then(|regression| regression.fit(scenario)) {
            Ok(Fitted { stored, .. }) => kept.push(Kept { name, stored }),
            Err(failure) => problems.push(failure),
        }
    }
    Ok((kept, problems))
}

fn kept_files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let cannot = |error| Failure::file(Exit::Unfinished, folder, "look into it", &error);
    #[expect(clippy::disallowed_methods, reason = "what it lists is sorted below")]
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(cannot(error)),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(cannot)?;
    let mut paths: Vec<PathBuf> = paths.into_iter().filter(|path| is_yaml(path) && path.is_file()).collect();
    paths.sort();
    Ok(paths)
}

/// The text of a regression with another way to its scenario; all else stays as it is, comments too.
pub(crate) fn moved(text: &str, way: &str) -> String {
    let quoted = format!("\"{}\"", way.replace('\\', "\\\\").replace('"', "\\\""));
    let line = |line: &str| match line.starts_with("scenario:") {
        true => format!("scenario: {quoted}\n"),
        false => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn moving_changes_the_way_and_nothing_else() {
        let text = "ordain: regression\nscenario: ../../../a.yaml\nscenario_hash: \"00\"\n  - { x } # scenario: no\n";
        let there = "ordain: regression\nscenario: \"../a.yaml\"\nscenario_hash: \"00\"\n  - { x } # scenario: no\n";
        assert_eq!(moved(text, "../a.yaml"), there);
    }
}
