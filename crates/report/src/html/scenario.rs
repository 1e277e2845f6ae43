//! The section of a scenario: its checks, and how much its verdict is worth.

use crate::escape::xml;
use crate::input::{CheckLine, ScenarioResult};
use crate::text::{count, counted};
use crate::wording;

/// Appends the section.
pub(super) fn section(out: &mut String, scenario: &ScenarioResult) {
    let (class, word) = if scenario.failed() { ("bad", "failed") } else { ("good", "passed") };
    let name = xml(&scenario.name);
    out.push_str(&format!(
        "<section class=\"scenario\" aria-label=\"Scenario {name}\">\n<p class=\"where\">{}</p>\n\
         <h2 class=\"scenario-name\">{name} <span class=\"badge {class}\">{word}</span></h2>\n\
         <p class=\"proof\">{}, {}</p>\n",
        xml(&scenario.path),
        counted(scenario.runs, "run", "runs"),
        counted(scenario.events, "event", "events"),
    ));
    checks(out, scenario);
    let seen = wording::vacuity(&scenario.tally);
    if !seen.is_empty() {
        out.push_str(&format!("<h3>What there was to judge</h3>\n<p class=\"plain\">{}</p>\n", xml(&seen.join(", "))));
    }
    let untested: Vec<String> = wording::untested(&scenario.tally).into_iter().map(str::to_owned).collect();
    list(out, "What these runs did not show", &untested);
    list(out, "Faults that never fired", &scenario.faults_never_fired);
    list(out, "Never held", &scenario.never_held);
    out.push_str("</section>\n");
}

fn checks(out: &mut String, scenario: &ScenarioResult) {
    if scenario.checks.is_empty() {
        return;
    }
    out.push_str(
        "<h3>Checks</h3>\n<div class=\"scroll\">\n<table>\n<thead><tr><th scope=\"col\">check</th><th scope=\"col\">verdict</th>\
         <th scope=\"col\" class=\"number\">runs that failed</th><th scope=\"col\" class=\"number\">subjects</th>\
         <th scope=\"col\" class=\"number\">evaluations</th></tr></thead>\n<tbody>\n",
    );
    for check in &scenario.checks {
        let (class, verdict) = verdict(check, scenario);
        out.push_str(&format!(
            "<tr><td>{}</td><td><span class=\"badge {class}\">{verdict}</span></td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
            xml(&check.name),
            count(check.failed_runs),
            count(check.subjects),
            count(check.evaluated),
        ));
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

fn verdict(check: &CheckLine, scenario: &ScenarioResult) -> (&'static str, String) {
    let warned: u64 = scenario.warnings.iter().filter(|(n, _)| *n == check.name).map(|(_, runs)| runs).sum();
    match (check.failed_runs, warned) {
        (0, 0) if scenario.never_held.contains(&check.name) => ("bad", "never held".to_owned()),
        (0, 0) if check.evaluated == 0 => ("warn", "never evaluated".to_owned()),
        (0, 0) => ("good", "ok".to_owned()),
        (0, n) => ("warn", format!("warns in {}", counted(n, "run", "runs"))),
        (_, _) => ("bad", "fails".to_owned()),
    }
}

fn list(out: &mut String, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    out.push_str(&format!("<h3>{title}</h3>\n<ul class=\"plain\">\n"));
    for item in items {
        out.push_str(&format!("<li>{}</li>\n", xml(item)));
    }
    out.push_str("</ul>\n");
}
