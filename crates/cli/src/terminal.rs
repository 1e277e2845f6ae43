//! Standard output and standard error: colours, and pipes that close early.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use ordain_report::{Look, Paint};

use crate::exit::Exit;
use crate::fail::{Failure, Outcome};

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The width is the same on a terminal and in a pipe, so that both say the same.
const WIDTH: usize = 100;

impl Color {
    fn on(self, terminal: bool) -> bool {
        self.decide(terminal, &variable)
    }

    fn decide(self, terminal: bool, variable: &dyn Fn(&str) -> Option<OsString>) -> bool {
        let set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let dumb = variable("TERM").is_some_and(|term| term == "dumb");
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !dumb && !set("NO_COLOR"),
        }
    }

    /// How text on standard output looks.
    pub(crate) fn look(self) -> Look {
        let paint = if self.on(io::stdout().is_terminal()) { Paint::Ansi } else { Paint::Plain };
        Look { paint, width: WIDTH }
    }

    /// Whether diagnostics on standard error are coloured.
    pub(crate) fn on_stderr(self) -> bool {
        self.on(io::stderr().is_terminal())
    }

    /// Whether text on standard output is coloured.
    pub(crate) fn on_stdout(self) -> bool {
        self.on(io::stdout().is_terminal())
    }
}

/// A variable of the environment.
#[expect(clippy::disallowed_methods, reason = "the command line may read the environment")]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Writes to standard output. A reader that has gone away is no failure.
pub(crate) fn say(text: &str) -> Outcome<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Unfinished, format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line to standard error; if that cannot be done, there is nobody to tell.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::Color;

    #[test]
    fn no_color_and_dumb_terminals_are_heeded_unless_colour_is_asked_for() {
        let with =
            |color: Color, terminal, set: &str| color.decide(terminal, &|name| (name == set).then(|| "dumb".into()));
        assert!(with(Color::Auto, true, ""));
        assert!(!with(Color::Auto, false, ""));
        assert!(!with(Color::Auto, true, "NO_COLOR"));
        assert!(!with(Color::Auto, true, "TERM"));
        assert!(with(Color::Always, false, "NO_COLOR"));
        assert!(!with(Color::Never, true, ""));
    }
}
