//! HTML: one self-contained page for a campaign, with each finding to step through.

mod finding;
mod log;
mod scenario;

use crate::escape::xml;
use crate::input::{FindingFiles, ScenarioResult};
use crate::svg::{DIAGRAM_CSS, PALETTE_CSS};
use crate::text::{count, counted};

const PAGE_CSS: &str = include_str!("assets/page.css");
const PAGE_JS: &str = include_str!("assets/page.js");

/// Nothing is ever loaded from anywhere, whatever a scenario's names say.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

/// The report of a campaign: verdict and counts, a section a finding, then every scenario with its tallies.
///
/// It holds no wall time: the same campaign gives the same bytes, on any machine.
#[must_use]
pub fn page(title: &str, scenarios: &[ScenarioResult]) -> String {
    let findings = numbered(scenarios);
    let title = xml(title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"/>\n<title>{title}</title>\n\
         <style>\n{PALETTE_CSS}{DIAGRAM_CSS}{PAGE_CSS}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the findings</a>\n"
    );
    out.push_str(&format!("<header class=\"top wide\">\n<p class=\"brand\">{title}</p>\n"));
    header(&mut out, scenarios, &findings);
    out.push_str("</header>\n<main id=\"main\" class=\"wide\">\n");
    for (number, scenario, files) in &findings {
        finding::section(&mut out, *number, scenario, files);
    }
    for scenario in scenarios {
        scenario::section(&mut out, scenario);
    }
    out.push_str(
        "</main>\n<footer class=\"wide\">Written by Ordain. This page loads nothing from elsewhere.</footer>\n",
    );
    out.push_str(&format!("<script>\n{PAGE_JS}</script>\n</body>\n</html>\n"));
    out
}

/// The findings of all scenarios, counted from 1.
fn numbered(scenarios: &[ScenarioResult]) -> Vec<(usize, &ScenarioResult, &FindingFiles)> {
    let all = scenarios.iter().flat_map(|s| s.findings.iter().map(move |f| (s, f)));
    all.enumerate().map(|(at, (scenario, files))| (at + 1, scenario, files)).collect()
}

fn header(out: &mut String, scenarios: &[ScenarioResult], findings: &[(usize, &ScenarioResult, &FindingFiles)]) {
    let failed = scenarios.iter().filter(|s| s.failed()).count() as u64;
    let all = counted(scenarios.len() as u64, "scenario", "scenarios");
    let (class, word, verdict) = match failed {
        0 => ("good", "passed", format!("{all} passed")),
        n => ("bad", "failed", format!("{} of {all} failed", count(n))),
    };
    out.push_str(&format!("<h1><span class=\"badge {class}\">{word}</span> {verdict}</h1>\n<dl class=\"counts\">\n"));
    let sum = |of: fn(&ScenarioResult) -> u64| scenarios.iter().map(of).sum::<u64>();
    let counts = [
        ("Findings", count(findings.len() as u64)),
        ("Runs", count(sum(|s| s.runs))),
        ("Events", count(sum(|s| s.events))),
    ];
    for (name, value) in counts {
        out.push_str(&format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n"));
    }
    out.push_str("</dl>\n");
    if findings.is_empty() {
        return;
    }
    out.push_str("<nav aria-label=\"Findings\">\n<ul class=\"contents\">\n");
    for (number, scenario, files) in findings {
        let violation = &files.finding.violation;
        out.push_str(&format!(
            "<li><a href=\"#f{number}\">{}</a> <span>in {}: {}</span></li>\n",
            xml(&violation.signature.check),
            xml(&scenario.name),
            xml(&violation.message),
        ));
    }
    out.push_str("</ul>\n</nav>\n");
}
