//! The command line as a whole: what all commands share.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser};

use crate::commands::Command;
use crate::exit;
use crate::terminal::Color;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Deterministic simulation and testing of event-driven systems.
///
/// Ordain runs brokers, services and their faults in one seeded, virtual-time world, and asks whether the business
/// comes out right. When it does not, it hands over the smallest schedule that breaks it.
#[derive(Debug, Parser)]
#[command(name = "ordain", version, styles = STYLES, max_term_width = 100)]
#[command(arg_required_else_help = true, subcommand_required = true, disable_help_subcommand = true)]
#[command(after_help = examples(), after_long_help = examples())]
pub(crate) struct Cli {
    /// What all commands share.
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Args, Debug)]
pub(crate) struct Globals {
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    #[arg(help = "When to use colours: auto, always or never; auto heeds NO_COLOR", help_heading = "Global options")]
    pub(crate) color: Color,
    /// Log what the harness does on standard error; -vv and -vvv tell more
    #[arg(short, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub(crate) verbosity: u8,
    /// Log by a filter such as `debug` or `ordain=trace`; ORDAIN_LOG does the same
    #[arg(long, global = true, value_name = "FILTER", help_heading = "Global options")]
    pub(crate) log: Option<String>,
}

fn examples() -> String {
    format!(
        "Examples:\n  \
         ordain new shop                        write a starter scenario\n  \
         ordain run shop.yaml                   break it in a thousand seeded runs\n  \
         ordain replay FINDING.regression.yaml  see a finding again\n  \
         ordain keep FINDING.regression.yaml    run it first from now on\n\n{}",
        exit::TABLE
    )
}
