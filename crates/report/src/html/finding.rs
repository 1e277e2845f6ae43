//! The section of a finding: what broke, what it took, the picture, the log, and how to see it again.

use ordain_checks::Severity;
use ordain_explore::Finding;
use ordain_kernel::EventId;

use super::log;
use crate::escape::xml;
use crate::graph::{CausalGraph, Scope};
use crate::input::{FindingFiles, ScenarioResult};
use crate::marks::Marks;
use crate::{story, svg, wording};

/// Appends the section of finding number `number`.
pub(super) fn section(out: &mut String, number: usize, scenario: &ScenarioResult, files: &FindingFiles) {
    let id = format!("f{number}");
    out.push_str(&format!("<section class=\"finding\" id=\"{id}\" aria-labelledby=\"{id}-title\">\n"));
    heading(out, &id, scenario, &files.finding);
    out.push_str("<div class=\"columns\">\n<div>\n");
    deviations(out, &files.finding);
    out.push_str("</div>\n<div>\n");
    load(out, files);
    out.push_str("</div>\n</div>\n");
    proof(out, files);
    picture(out, &id, files);
    log::table(out, &id, files);
    out.push_str("</section>\n");
}

fn heading(out: &mut String, id: &str, scenario: &ScenarioResult, finding: &Finding) {
    let violation = &finding.violation;
    let class = if violation.severity == Severity::Warn { "warn" } else { "bad" };
    out.push_str(&format!(
        "<p class=\"where\">{} · <code>{}</code></p>\n<h2 id=\"{id}-title\">{} <span class=\"badge {class}\">{}</span></h2>\n",
        xml(&scenario.name),
        xml(&violation.signature.to_string()),
        xml(&violation.signature.check),
        violation.grade.word(),
    ));
    let sentence = wording::grade_sentence(violation.grade);
    let message = if violation.message.is_empty() { sentence } else { &violation.message };
    out.push_str(&format!("<p class=\"lead\">{}</p>\n", xml(message)));
    if let Some(difference) = &finding.nondeterminism {
        out.push_str(&format!("<p class=\"nondeterminism\">Two runs of it differ: {}</p>\n", xml(difference)));
    }
}

fn deviations(out: &mut String, finding: &Finding) {
    let title = sentence(&wording::deviations_title(finding.deviations.len()));
    out.push_str(&format!("<h3>{title}</h3>\n"));
    if finding.deviations.is_empty() {
        return;
    }
    out.push_str("<ol class=\"deviations\">\n");
    for (at, deviation) in finding.deviations.iter().take(story::LISTED_MAX).enumerate() {
        let words = xml(&deviation.words);
        let words = if deviation.event == EventId::NONE {
            words
        } else {
            format!("<button type=\"button\" data-jump=\"{}\">{words}</button>", deviation.event.0)
        };
        let (n, path) = (at + 1, xml(&deviation.path));
        out.push_str(&format!("<li><span class=\"n\">{n}</span><span>{words}<br/><code>{path}</code></span></li>\n"));
    }
    out.push_str("</ol>\n");
    if let Some(more) = story::unlisted(finding.deviations.len()) {
        out.push_str(&format!("<p class=\"plain more\">{}</p>\n", sentence(&more)));
    }
}

fn load(out: &mut String, files: &FindingFiles) {
    out.push_str("<h3>Load that is left</h3>\n");
    if files.commands.is_empty() {
        out.push_str("<p class=\"plain\">No command is needed.</p>\n");
        return;
    }
    out.push_str("<ul class=\"load\">\n");
    for command in &files.commands {
        let (id, at, words) = (xml(&command.id), command.at, xml(&command.words));
        out.push_str(&format!("<li><code>{id}</code> <time>{at}</time> {words}</li>\n"));
    }
    out.push_str("</ul>\n");
}

fn proof(out: &mut String, files: &FindingFiles) {
    let finding = &files.finding;
    let class = if finding.one_minimal { "proved" } else { "unproved" };
    out.push_str(&format!(
        "<p class=\"proof\"><b class=\"{class}\">{}</b>. {}.</p>\n",
        sentence(&wording::minimality(finding)),
        sentence(&wording::history(finding)),
    ));
    let replay = xml(&files.replay);
    out.push_str(&format!(
        "<p class=\"replay\"><code>{replay}</code><button type=\"button\" class=\"copy\" data-copy=\"{replay}\" \
         aria-label=\"Copy the replay command\">Copy</button></p>\n"
    ));
    if !files.files.is_empty() {
        let names: Vec<String> = files.files.iter().map(|f| format!("<code>{}</code>", xml(f))).collect();
        out.push_str(&format!("<p class=\"files\">Files: {}</p>\n", names.join(", ")));
    }
}

fn picture(out: &mut String, id: &str, files: &FindingFiles) {
    let trace = &files.finding.trace;
    let graph = CausalGraph::new(trace, Scope::Story(&files.story));
    out.push_str("<h3>What happened</h3>\n");
    if graph.events().is_empty() {
        return;
    }
    let title = format!("Space-time diagram of {}", files.finding.violation.signature.check);
    let svg = svg::inline(trace, &graph, &Marks::of(&files.finding), &title, &format!("{id}-e"));
    out.push_str(&format!(
        "<div class=\"picture\" tabindex=\"0\" role=\"group\" aria-label=\"{}\" aria-describedby=\"{id}-keys\">\n{svg}\n</div>\n",
        xml(&title)
    ));
    legend(out, id);
}

fn legend(out: &mut String, id: &str) {
    const CLASSES: [(&str, &str); 7] = [
        ("load", "load"),
        ("message", "message"),
        ("state", "commit or saga"),
        ("effect", "external effect"),
        ("process", "process or network"),
        ("refused", "turned away or retried"),
        ("work", "work"),
    ];
    out.push_str("<ul class=\"legend\">\n");
    for (class, words) in CLASSES {
        out.push_str(&format!("<li><i style=\"background: var(--k-{class})\"></i>{words}</li>\n"));
    }
    out.push_str(&format!(
        "<li id=\"{id}-keys\"><kbd>↑</kbd> <kbd>↓</kbd> step, <kbd>←</kbd> to the cause, <kbd>→</kbd> to the effect</li>\n</ul>\n"
    ));
}

/// With a capital letter.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    xml(&format!("{first}{}", chars.as_str()))
}
