//! Regression files: read, fitted to a scenario, written.

use std::path::{Path, PathBuf};

use ordain_explore::{Finding, Kept, Stored};

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
}

/// A regression on a scenario.
#[derive(Debug)]
pub(crate) struct Fitted {
    pub(crate) stored: Stored,
    pub(crate) notes: Vec<String>,
}

impl Regression {
    pub(crate) fn read(path: &Path) -> Outcome<Regression> {
        let text = files::read(path, Exit::Unreadable, BYTES_MAX)?;
        Ok(Regression { path: path.to_owned(), text })
    }

    pub(crate) fn is_one(_path: &Path) -> bool {
        false
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn scenario(&self) -> Outcome<PathBuf> {
        Ok(self.path.clone())
    }

    pub(crate) fn fit(&self, _scenario: &Opened) -> Outcome<Fitted> {
        Err(Failure::new(Exit::Unreadable, "not yet"))
    }
}

/// The text of a finding's regression, for a file in `folder`.
pub(crate) fn text(_scenario: &Opened, _finding: &Finding, _folder: &Path) -> Outcome<String> {
    Ok(String::new())
}

/// The regressions kept beside a scenario, by name; and those that cannot be run.
pub(crate) fn kept(_scenario: &Opened) -> Outcome<(Vec<Kept>, Vec<Failure>)> {
    let _ = (relative::from_to, is_yaml, kept_folder);
    Ok((Vec::new(), Vec::new()))
}

/// The text of a regression with another way to its scenario.
pub(crate) fn moved(text: &str, way: &str) -> String {
    let _ = way;
    text.to_owned()
}
