//! The summary of a campaign in a terminal: a line a scenario, and how much its verdict is worth.

use crate::input::{CheckLine, ScenarioResult};
use crate::paint::{Look, Style};
use crate::text::{clean, columns, count, counted, pad, pad_left, wall, wrap};
use crate::wording;

/// The summary of a campaign.
#[must_use]
pub fn render(scenarios: &[ScenarioResult], look: Look) -> String {
    let widest = |cell: &dyn Fn(&ScenarioResult) -> usize| scenarios.iter().map(cell).max().unwrap_or(0);
    let at = Columns {
        name: widest(&|s| columns(&clean(&s.name))),
        runs: widest(&|s| runs(s).len()),
        events: widest(&|s| events(s).len()),
        wall: widest(&|s| wall(s.wall_ms).len()),
    };
    let mut out = String::new();
    for scenario in scenarios {
        line(&mut out, scenario, &at, look);
        details(&mut out, scenario, look);
    }
    if !scenarios.is_empty() {
        out.push('\n');
    }
    out.push_str(&total(scenarios, look));
    out.push('\n');
    out
}

struct Columns {
    name: usize,
    runs: usize,
    events: usize,
    wall: usize,
}

fn runs(scenario: &ScenarioResult) -> String {
    counted(scenario.runs, "run", "runs")
}

fn events(scenario: &ScenarioResult) -> String {
    counted(scenario.events, "event", "events")
}

/// `ok`, `2 findings`, `never held: 1`.
fn verdict(scenario: &ScenarioResult) -> String {
    match (scenario.failures(), scenario.never_held.len()) {
        (0, 0) => "ok".to_owned(),
        (0, n) => counted(n as u64, "check never held", "checks never held"),
        (n, _) => counted(n as u64, "finding", "findings"),
    }
}

fn line(out: &mut String, scenario: &ScenarioResult, at: &Columns, look: Look) {
    let failed = scenario.failed();
    let (sign, style) = if failed { ("FAIL", Style::Bad) } else { ("pass", Style::Good) };
    let text = format!(
        "{}  {}  {}  {}  {}  {}\n",
        look.paint.on(style, sign),
        look.paint.on(Style::Strong, &pad(&clean(&scenario.name), at.name)),
        pad_left(&runs(scenario), at.runs),
        pad_left(&events(scenario), at.events),
        look.paint.on(Style::Quiet, &pad_left(&wall(scenario.wall_ms), at.wall)),
        look.paint.on(style, &verdict(scenario)),
    );
    out.push_str(&text);
}

fn details(out: &mut String, scenario: &ScenarioResult, look: Look) {
    let judged: Vec<Judged> = scenario.checks.iter().map(|c| Judged::of(c, scenario)).collect();
    let name = judged.iter().map(|j| columns(&j.name)).max().unwrap_or(0);
    let verdict = judged.iter().map(|j| j.verdict.len()).max().unwrap_or(0);
    for check in &judged {
        check.write(out, name, verdict, look);
    }
    let seen = wording::vacuity(&scenario.tally);
    if !seen.is_empty() {
        said(out, "", &seen.join(", "), Style::Quiet, look);
    }
    let untested = wording::untested(&scenario.tally);
    if !untested.is_empty() && !scenario.failed() {
        said(out, "note: ", &untested.join(", "), Style::Quiet, look);
    }
    for fault in &scenario.faults_never_fired {
        said(out, "never fired: ", fault, Style::Deviation, look);
    }
    let listed = |name: &String| scenario.checks.iter().any(|c| c.name == *name);
    for check in scenario.never_held.iter().filter(|name| !listed(name)) {
        said(out, "never held: ", check, Style::Bad, look);
    }
    for (check, runs) in scenario.warnings.iter().filter(|(name, _)| !listed(name)) {
        said(out, "warning: ", &format!("{check} in {}", counted(*runs, "run", "runs")), Style::Deviation, look);
    }
}

/// A check with its verdict in words.
struct Judged {
    name: String,
    verdict: String,
    style: Style,
    counts: String,
}

impl Judged {
    fn of(check: &CheckLine, scenario: &ScenarioResult) -> Judged {
        let warned: u64 = scenario.warnings.iter().filter(|(n, _)| *n == check.name).map(|(_, runs)| runs).sum();
        let (verdict, style) = match (check.failed_runs, warned) {
            (0, 0) if scenario.never_held.contains(&check.name) => ("never held".to_owned(), Style::Bad),
            (0, 0) if check.evaluated == 0 => ("never evaluated".to_owned(), Style::Deviation),
            (0, 0) => ("ok".to_owned(), Style::Good),
            (0, n) => (format!("warns in {} of {}", count(n), runs(scenario)), Style::Deviation),
            (n, _) => (format!("fails in {} of {}", count(n), runs(scenario)), Style::Bad),
        };
        let subjects = counted(check.subjects, "subject", "subjects");
        let counts = match check.evaluated {
            0 => String::new(),
            n => format!("{subjects}, {}", counted(n, "evaluation", "evaluations")),
        };
        Judged { name: clean(&check.name), verdict, style, counts }
    }

    fn write(&self, out: &mut String, name: usize, verdict: usize, look: Look) {
        out.push_str(&format!("      {}  {}", pad(&self.name, name), look.paint.on(self.style, &self.verdict)));
        let here = 6 + name + 2 + self.verdict.len();
        let there = 6 + name + 2 + verdict + 2;
        if self.counts.is_empty() {
            out.push('\n');
            return;
        }
        let gap = if there + self.counts.len() <= look.columns() {
            " ".repeat(there - here)
        } else {
            format!("\n{}", " ".repeat(6 + name + 2))
        };
        out.push_str(&format!("{gap}{}\n", look.paint.on(Style::Quiet, &self.counts)));
    }
}

fn said(out: &mut String, head: &str, text: &str, style: Style, look: Look) {
    let indent = 6 + head.len();
    for (at, part) in wrap(&clean(text), look.columns().saturating_sub(indent)).iter().enumerate() {
        let head = if at == 0 { head } else { "" };
        let gap = " ".repeat(indent - head.len());
        out.push_str(&format!("{gap}{}\n", look.paint.on(style, &format!("{head}{part}"))));
    }
}

fn total(scenarios: &[ScenarioResult], look: Look) -> String {
    let failed = scenarios.iter().filter(|s| s.failed()).count();
    let passed = scenarios.len() - failed;
    let sum = |of: &dyn Fn(&ScenarioResult) -> u64| scenarios.iter().map(of).sum::<u64>();
    let (style, verdict) = match failed {
        0 => (Style::Good, format!("{} passed", count(passed as u64))),
        n => (Style::Bad, format!("{} passed, {} failed", count(passed as u64), count(n as u64))),
    };
    let head = counted(scenarios.len() as u64, "scenario", "scenarios");
    let sums = format!(
        "{}, {}, {} in {}",
        counted(sum(&|s| s.failures() as u64), "finding", "findings"),
        counted(sum(&|s| s.runs), "run", "runs"),
        counted(sum(&|s| s.events), "event", "events"),
        wall(sum(&|s| s.wall_ms)),
    );
    let fits = columns(&head) + columns(&verdict) + columns(&sums) + 4 <= look.columns();
    let gap = if fits { " " } else { "\n  " };
    format!("{head}: {};{gap}{sums}", look.paint.on(style, &verdict))
}
