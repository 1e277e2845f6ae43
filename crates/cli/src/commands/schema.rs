//! `ordain schema`: the scenario language, for editors and for people.

use clap::Args;
use ordain_scenario::keys;

use crate::exit::Exit;
use crate::fail::Outcome;
use crate::terminal::say;

/// Print the JSON Schema of scenario files, or the reference of their language
///
/// The schema is for editors: with the YAML language server, put `# yaml-language-server: $schema=FILE` on the first
/// line of a scenario. The reference is Markdown: every key with its values, its default, its meaning and an example, then the
/// statements and expressions of bodies and checks, the boundaries, and the keys of regressions.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  ordain schema > scenario.v1.json\n  ordain schema --reference | less")]
pub(crate) struct Schema {
    /// Print the reference in Markdown instead
    #[arg(long)]
    reference: bool,
}

impl Schema {
    pub(crate) fn run(&self) -> Outcome<Exit> {
        match self.reference {
            true => say(&keys::reference())?,
            false => say(&format!("{:#}\n", keys::schema()))?,
        }
        Ok(Exit::Passed)
    }
}
