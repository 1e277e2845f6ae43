//! Exit codes: a stable part of the interface.

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All passed.
    Passed,
    /// The harness itself could not finish.
    Unfinished,
    /// A regression that is unreadable, or of another version.
    Unreadable,
    /// A finding, or a replay that fails.
    Finding,
    /// The same deviations gave two different runs.
    Nondeterministic,
    /// Nothing was selected.
    Nothing,
    /// Bad input or usage.
    BadInput,
    /// The user interrupted.
    Interrupted,
}

/// For the help of the program.
pub(crate) const TABLE: &str = "\
Exit codes:
    0  all passed
    1  a fault of ordain itself: please report it
    2  bad input or usage
    4  nothing was selected
  100  a finding, or a replay that still fails
  101  nondeterminism: the same deviations gave two different runs
  102  a regression that cannot be read, or does not fit its scenario
  103  the harness could not finish
  130  interrupted";

impl Exit {
    /// The number that the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Exit::Passed => 0,
            Exit::BadInput => 2,
            Exit::Nothing => 4,
            Exit::Finding => 100,
            Exit::Nondeterministic => 101,
            Exit::Unreadable => 102,
            Exit::Unfinished => 103,
            Exit::Interrupted => 130,
        }
    }

    /// The graver of two: what a command that did both ends with.
    pub(crate) fn or(self, other: Exit) -> Exit {
        self.max(other)
    }
}
