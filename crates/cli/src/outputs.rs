//! The files of a campaign: for each scenario a report, for each finding a regression, pictures and its story.

use std::path::{Path, PathBuf};

use ordain_explore::{Finding, story};
use ordain_report::{CausalGraph, FindingFiles, Look, Marks, ScenarioResult, Scope, dot, html, mermaid, svg};

use crate::fail::Outcome;
use crate::files;
use crate::open::Opened;
use crate::regressions;
use crate::select::{REGRESSION, stem};
use crate::slug::Names;
use crate::told;

/// The report of a scenario.
const REPORT: &str = "report.html";
/// What a scenario's folder holds; anything else there is not ours.
const ENDINGS: [&str; 6] = [REGRESSION, ".svg", ".dot", ".mmd", ".story.txt", REPORT];

/// The folder of one scenario under `--out`.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    name: String,
    names: Names,
    written: Vec<String>,
}

impl Folder {
    /// The folder for a scenario; `taken` are the names that other scenarios have.
    pub(crate) fn new(root: &Path, scenario: &Path, taken: &mut Names) -> Folder {
        let name = taken.take(&stem(scenario));
        Folder { root: root.to_owned(), name, names: Names::default(), written: Vec::new() }
    }

    /// Writes the files of a finding, and says what they are.
    pub(crate) fn finding(
        &mut self,
        scenario: &Opened,
        finding: Finding,
        told: Vec<ordain_kernel::EventId>,
    ) -> Outcome<FindingFiles> {
        let slug = self.names.take(&finding.violation.signature.to_string());
        let regression = format!("{slug}{REGRESSION}");
        let replay = format!("ordain replay {}", shell_word(&self.path().join(&regression)));
        let title = format!("{}: {}", scenario.name(), finding.violation.signature);
        let graph = CausalGraph::new(&finding.trace, Scope::Story(&told));
        let marks = Marks::of(&finding);
        files::output_folder(&self.path())?;
        let stored = regressions::text(scenario, &finding, &self.path())?;
        let mut files = FindingFiles::new(finding, told, replay);
        let finding = &files.finding;
        let pictures = [
            (regression, stored),
            (format!("{slug}.svg"), svg::render(&finding.trace, &graph, &marks, &title)),
            (format!("{slug}.dot"), dot::render(&finding.trace, &graph, &marks)),
            (format!("{slug}.mmd"), mermaid::flowchart(&finding.trace, &graph, &marks)),
            (format!("{slug}.story.txt"), told::finding(&files, Look::default())),
        ];
        for (name, text) in pictures {
            files.files.push(self.write(name, &text)?);
        }
        Ok(files)
    }

    /// Writes the report, which names all other files, and removes what an earlier run left.
    pub(crate) fn finish(mut self, result: &mut ScenarioResult) -> Outcome<()> {
        for finding in &mut result.findings {
            finding.files.push(format!("{}/{REPORT}", self.name));
        }
        let page = html::page(&result.name, std::slice::from_ref(result));
        self.write(REPORT.to_owned(), &page)?;
        files::sweep(&self.path(), &self.written, &ENDINGS)
    }

    /// Writes a file; gives its path under `--out`.
    fn write(&mut self, name: String, text: &str) -> Outcome<String> {
        let folder = self.path();
        files::output_folder(&folder)?;
        files::write(&folder.join(&name), text)?;
        tracing::debug!(file = %folder.join(&name).display(), bytes = text.len(), "written");
        let path = format!("{}/{name}", self.name);
        self.written.push(name);
        Ok(path)
    }

    fn path(&self) -> PathBuf {
        self.root.join(&self.name)
    }
}

/// The events that tell a finding.
pub(crate) fn told(finding: &Finding) -> Vec<ordain_kernel::EventId> {
    let events: Vec<_> = finding.deviations.iter().map(|deviation| deviation.event).collect();
    ordain_report::story::at_most(finding, &story(&finding.trace, &finding.violation, &events))
}

/// A path as a shell takes it.
pub(crate) fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:=@%,\\".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
