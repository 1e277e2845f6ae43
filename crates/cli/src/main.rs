//! The command line of Ordain: commands, progress, files, exit codes. It knows no rule of the simulation.

mod args;
mod bug;
mod clock;
mod commands;
mod exit;
mod fail;
mod files;
mod interrupt;
mod log;
mod open;
mod outputs;
mod parse;
mod progress;
mod regressions;
mod relative;
mod select;
mod slug;
mod terminal;
mod told;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    bug::watch();
    let cli = args::Cli::parse();
    let outcome = log::start(&cli.globals).and_then(|()| commands::run(&cli));
    let exit = outcome.unwrap_or_else(|failure| {
        terminal::complain(&failure.to_string());
        failure.exit
    });
    ExitCode::from(exit.code())
}
