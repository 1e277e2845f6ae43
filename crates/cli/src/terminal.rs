//! Standard output and standard error: colours, and pipes that close early.

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
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
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
