//! `ordain completions`: scripts that complete commands in shells.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::Exit;
use crate::fail::Outcome;
use crate::terminal::say;

/// Print a completion script for a shell
///
/// The script completes commands, options and their values. Where it belongs depends on the shell: see the examples.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  ordain completions bash > ~/.local/share/bash-completion/completions/ordain
  ordain completions zsh > ~/.zfunc/_ordain
  ordain completions fish > ~/.config/fish/completions/ordain.fish")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> Outcome<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "ordain", &mut script);
        say(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Passed)
    }
}
