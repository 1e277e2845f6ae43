//! `ordain new`: a first scenario, that runs and finds its planted bug.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use clap::Args;

use crate::exit::Exit;
use crate::fail::{Failure, Outcome};
use crate::outputs::shell_word;
use crate::select::{is_yaml, stem};
use crate::terminal::say;

/// The starter; `NAME` stands for the scenario's name.
const STARTER: &str = include_str!("starter.yaml");

/// Write a commented starter scenario
///
/// The scenario runs as it is, and has a bug on purpose: `ordain run` finds it, and a comment says how to mend it. A
/// file that is there is not overwritten.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  ordain new shop && ordain run shop.yaml\n  ordain new scenarios/shop.yaml")]
pub(crate) struct New {
    /// A name, or the path of a file that ends in `.yaml`
    #[arg(value_name = "NAME|PATH")]
    target: PathBuf,
}

impl New {
    pub(crate) fn run(&self) -> Outcome<Exit> {
        let path = self.path();
        let name = stem(&path);
        let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(good) {
            let text = format!("{name}: a scenario's name begins with a letter and has letters, digits, `-` and `_`");
            return Err(Failure::bad(text));
        }
        let cannot = |error: std::io::Error| {
            let failure = Failure::file(Exit::BadInput, &path, "write it", &error);
            match error.kind() {
                ErrorKind::AlreadyExists => failure.mend("choose another name, or remove the file first"),
                ErrorKind::NotFound => failure.mend("make its folder first"),
                _ => failure,
            }
        };
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(cannot)?;
        file.write_all(STARTER.replace("NAME", &name).as_bytes()).map_err(cannot)?;
        say(&format!("wrote {}\n  run: ordain run {}\n", path.display(), shell_word(&path)))?;
        Ok(Exit::Passed)
    }

    fn path(&self) -> PathBuf {
        if is_yaml(&self.target) {
            return self.target.clone();
        }
        let mut path = self.target.clone().into_os_string();
        path.push(".yaml");
        PathBuf::from(path)
    }
}
