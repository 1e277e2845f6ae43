//! `ordain check`: what is wrong with scenarios, and what their faults will do, without a run.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ordain_scenario::diag::{Report, Severity};
use ordain_scenario::{Realisation, realisation};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::fail::Outcome;
use crate::open::{self, Opened};
use crate::select;
use crate::terminal::{Color, say};
use crate::told::counted;

/// Check scenarios without running them
///
/// Prints everything that is wrong with each file, then how each of its faults will be realised on each channel: a
/// duplicate is a rewind on Kafka, a lost connection on RabbitMQ, an extra delivery on SQS. Warnings do not fail it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  ordain check shop.yaml
  ordain check scenarios/ --format json | jq '.files[].diagnostics'")]
pub(crate) struct Check {
    /// Scenario files, or folders with all scenarios below them
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

/// How to print it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One JSON document
    Json,
}

impl Check {
    pub(crate) fn run(&self, color: Color) -> Outcome<Exit> {
        let files = select::scenarios(&self.paths)?;
        let read: Vec<Result<Opened, Report>> = files.iter().map(|file| open::read(file)).collect();
        match self.format {
            Format::Human => read.iter().try_for_each(|read| say(&human(read, color.on_stdout())))?,
            Format::Json => say(&document(&read))?,
        }
        Ok(if read.iter().any(Result::is_err) { Exit::BadInput } else { Exit::Passed })
    }
}

fn report(read: &Result<Opened, Report>) -> &Report {
    read.as_ref().map_or_else(|report| report, |opened| &opened.report)
}

fn human(read: &Result<Opened, Report>, colour: bool) -> String {
    let report = report(read);
    let mut out = report.render(colour);
    if report.is_empty() {
        out.push_str(&format!("{}: ok\n", report.source().name()));
    }
    if let Ok(opened) = read {
        for (message, capture) in opened.runnable.captures() {
            out.push_str(&format!("  captured load: {}\n", captured(message, capture)));
        }
        out.push_str(&table(&realisation(opened.runnable.scenario())));
    }
    out
}

fn captured(message: &str, capture: &ordain_scenario::capture::Capture) -> String {
    let commands = counted(capture.commands.len(), "command");
    match capture.skipped {
        0 => format!("{message}: {commands}"),
        n => format!("{message}: {commands}, {} skipped", counted(n, "malformed line")),
    }
}

/// `fault  chance  place  how`, aligned; a fault is named on the first of its lines.
fn table(lines: &[Realisation]) -> String {
    let width = |cell: fn(&Realisation) -> &str| lines.iter().map(|line| cell(line).chars().count()).max().unwrap_or(0);
    let (fault, chance, place) = (width(|l| &l.fault), width(|l| &l.chance), width(|l| &l.place));
    let mut out = if lines.is_empty() { "  no faults\n".to_owned() } else { "  faults:\n".to_owned() };
    for (at, line) in lines.iter().enumerate() {
        let again = at > 0 && (&lines[at - 1].fault, &lines[at - 1].chance) == (&line.fault, &line.chance);
        let (name, odds) = if again { ("", "") } else { (line.fault.as_str(), line.chance.as_str()) };
        out.push_str(&format!("    {name:fault$}  {odds:>chance$}  {:place$}  {}\n", line.place, line.how));
    }
    out
}

fn document(read: &[Result<Opened, Report>]) -> String {
    let files: Vec<Value> = read.iter().map(file).collect();
    format!("{:#}\n", json!({ "format": 1, "files": files }))
}

fn file(read: &Result<Opened, Report>) -> Value {
    let report = report(read);
    let faults = read.as_ref().map_or(Vec::new(), |opened| realisation(opened.runnable.scenario()));
    let faults = faults.iter().map(|f| json!({ "fault": f.fault, "chance": f.chance, "place": f.place, "how": f.how }));
    let diagnostics = report.diagnostics().iter().map(|d| {
        let place = report.place(d);
        let severity = if d.severity == Severity::Error { "error" } else { "warning" };
        json!({
            "severity": severity, "code": d.code.word(), "line": place.line, "column": place.column,
            "text": d.text, "mend": d.mend,
        })
    });
    json!({
        "file": report.source().name(),
        "ok": read.is_ok(),
        "diagnostics": diagnostics.collect::<Vec<_>>(),
        "faults": faults.collect::<Vec<_>>(),
    })
}
