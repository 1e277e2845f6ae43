//! The commands, one module each.

mod campaign;
mod check;
mod completions;
mod graph;
mod keep;
mod list;
mod new;
mod replay;
mod rerun;
mod results;
mod run;
mod schema;

use clap::Subcommand;

use crate::args::Cli;
use crate::exit::Exit;
use crate::fail::Outcome;

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(run::Run),
    Replay(replay::Replay),
    Keep(keep::Keep),
    Check(check::Check),
    List(list::List),
    Graph(graph::Graph),
    Schema(schema::Schema),
    New(new::New),
    Completions(completions::Completions),
}

/// Does what is asked for.
pub(crate) fn run(cli: &Cli) -> Outcome<Exit> {
    let color = cli.globals.color;
    match &cli.command {
        Command::Run(run) => run.run(color),
        Command::Replay(replay) => replay.run(color),
        Command::Keep(keep) => keep.run(),
        Command::Check(check) => check.run(color),
        Command::List(list) => list.run(color),
        Command::Graph(graph) => graph.run(color),
        Command::Schema(schema) => schema.run(),
        Command::New(new) => new.run(),
        Command::Completions(completions) => completions.run(),
    }
}
