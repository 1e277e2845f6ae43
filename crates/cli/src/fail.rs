//! Failures of a command: what is wrong, and how to mend it.

use std::fmt;
use std::io;
use std::path::Path;

use crate::exit::Exit;

/// Why a command cannot go on.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What the program ends with.
    pub(crate) exit: Exit,
    /// A lowercase fragment, or a whole report that says all by itself.
    text: String,
    /// What to do about it.
    mend: Option<String>,
    /// Whether the text is a finished report.
    whole: bool,
}

/// What a command step gives.
pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(exit: Exit, text: impl Into<String>) -> Failure {
        Failure { exit, text: text.into(), mend: None, whole: false }
    }

    /// Bad input or usage.
    pub(crate) fn bad(text: impl Into<String>) -> Failure {
        Failure::new(Exit::BadInput, text)
    }

    /// A report that is printed as it is.
    pub(crate) fn report(exit: Exit, text: impl Into<String>) -> Failure {
        Failure { whole: true, ..Failure::new(exit, text) }
    }

    /// Something that cannot be done with a file.
    pub(crate) fn file(exit: Exit, path: &Path, what: &str, error: &io::Error) -> Failure {
        Failure::new(exit, format!("{}: cannot {what}: {error}", path.display()))
    }

    /// Says how to mend it.
    pub(crate) fn mend(mut self, mend: impl Into<String>) -> Failure {
        self.mend = Some(mend.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.whole {
            return f.write_str(self.text.trim_end());
        }
        write!(f, "error: {}", self.text)?;
        self.mend.iter().try_for_each(|mend| write!(f, "\n  = help: {mend}"))
    }
}
