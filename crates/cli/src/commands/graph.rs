//! `ordain graph`: what caused what, as a picture.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ordain_explore::TraceData;
use ordain_report::{CausalGraph, Marks, Scope, dot, mermaid, svg};

use super::rerun;
use crate::exit::Exit;
use crate::fail::Outcome;
use crate::files;
use crate::outputs;
use crate::regressions::Regression;
use crate::terminal::{Color, complain, say};

/// Draw the causality graph of a regression
///
/// Replays the regression and draws the events that tell it, or the whole run. No Graphviz is needed for SVG. A
/// regression that passes by now has no violation to tell: then the whole run is drawn.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  ordain graph reports/out/shop/FINDING.regression.yaml --format svg -o bug.svg
  ordain graph shop.regressions/double-charge.yaml --whole | dot -Tpdf -o run.pdf")]
pub(crate) struct Graph {
    /// A regression file
    file: PathBuf,
    /// The language of the picture
    #[arg(long, value_name = "FORMAT", default_value = "dot")]
    format: Format,
    /// Draw every event of the run
    #[arg(long)]
    whole: bool,
    /// Write it to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The language of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Graphviz
    Dot,
    /// A Mermaid flowchart
    Mermaid,
    /// A Mermaid sequence diagram
    Sequence,
    /// A picture by itself
    Svg,
}

impl Graph {
    pub(crate) fn run(&self, color: Color) -> Outcome<Exit> {
        if let Some(file) = &self.output {
            files::ready_for(file, "--output")?;
        }
        let rerun = rerun::regression(&Regression::read(&self.file)?, None, &[], color.on_stderr())?;
        if let Some(difference) = &rerun.nondeterminism {
            return Err(rerun::nondeterministic(difference));
        }
        let title = format!("{}: {}", rerun.scenario.name(), rerun.stored.signature);
        let verdict = rerun.replayed.verdict.clone();
        let trace = rerun.replayed.report.trace.clone().unwrap_or_default();
        let text = match rerun::finding(&rerun.stored, rerun.replayed) {
            Some(finding) => {
                let told = outputs::told(&finding);
                let scope = if self.whole { Scope::Whole } else { Scope::Story(&told) };
                self.drawn(&finding.trace, scope, &Marks::of(&finding), &title)
            }
            None => {
                complain(&format!("note: {}; the whole run is drawn", rerun::sentence(&verdict)));
                self.drawn(&trace, Scope::Whole, &Marks::default(), &title)
            }
        };
        match &self.output {
            Some(file) => files::write(file, &text)?,
            None => say(&text)?,
        }
        Ok(Exit::Passed)
    }

    fn drawn(&self, trace: &TraceData, scope: Scope<'_>, marks: &Marks, title: &str) -> String {
        let graph = CausalGraph::new(trace, scope);
        match self.format {
            Format::Dot => dot::render(trace, &graph, marks),
            Format::Mermaid => mermaid::flowchart(trace, &graph, marks),
            Format::Sequence => mermaid::sequence(trace, &graph, marks),
            Format::Svg => svg::render(trace, &graph, marks, title),
        }
    }
}
