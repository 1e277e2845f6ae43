//! The story of a finding in a terminal: what broke, what it took, what happened, and how to see it again.

use ordain_checks::Grade;
use ordain_explore::{Finding, TraceData};
use ordain_kernel::{EventId, Recorded};

use crate::graph::{CausalGraph, Scope};
use crate::marks::Marks;
use crate::paint::{Look, Paint, Style};
use crate::text::{clean, columns, count, counted, pad, pad_left, wrap};
use crate::{view, wording};

/// The deviations that are listed: a schedule that could not be shrunk has hundreds.
pub const LISTED_MAX: usize = 12;
/// The events that are told.
pub const TOLD_MAX: usize = 15;

/// `and 7 more`, when there are more deviations than are listed.
#[must_use]
pub fn unlisted(deviations: usize) -> Option<String> {
    let more = deviations.saturating_sub(LISTED_MAX) as u64;
    (more > 0).then(|| format!("and {} more", count(more)))
}

/// Whether a finding was only replayed, from a kept regression or a seed, and so has no history of shrinking.
#[must_use]
pub const fn is_replayed(finding: &Finding) -> bool {
    wording::replayed(finding)
}

/// The events of a story that are told: the violation, the deviations that are listed, then the latest of the others.
#[must_use]
pub fn at_most(finding: &Finding, story: &[EventId]) -> Vec<EventId> {
    let listed = finding.deviations.iter().take(LISTED_MAX).map(|deviation| deviation.event);
    let first = std::iter::once(finding.violation.event).chain(listed).filter(|id| story.contains(id));
    let mut kept: Vec<EventId> = Vec::new();
    for id in first.chain(story.iter().rev().copied()) {
        if kept.len() < TOLD_MAX && !kept.contains(&id) {
            kept.push(id);
        }
    }
    kept.sort_unstable();
    kept
}

/// The story of a finding: five to fifteen events, between what broke and the line that replays it.
///
/// `story` are the events to tell, `replay` the command line that shows them again.
#[must_use]
pub fn render(finding: &Finding, story: &[EventId], replay: &str, look: Look) -> String {
    let mut out = String::new();
    headline(&mut out, finding, look);
    deviations(&mut out, finding, look);
    let told = at_most(finding, story);
    let graph = CausalGraph::new(&finding.trace, Scope::Story(&told));
    let causes = graph.causes();
    let rows = graph.events().into_iter().filter_map(|id| {
        let event = view::event(&finding.trace, id)?;
        Some(Row::new(&finding.trace, event, causes.get(&id).map_or(&[], Vec::as_slice)))
    });
    let rows: Vec<Row> = rows.collect();
    if !rows.is_empty() {
        let whole = counted(finding.trace.events.len() as u64, "event", "events");
        section(&mut out, &format!("what happens: {} of {whole}", count(rows.len() as u64)), look);
        table(&mut out, &rows, &Marks::of(finding), look);
        out.push('\n');
    }
    foot(&mut out, finding, replay, look);
    out
}

/// The whole log of a run, one event a line, each with its own causes.
#[must_use]
pub fn event_log(trace: &TraceData, marks: &Marks, look: Look) -> String {
    let rows: Vec<Row> = trace.events.iter().map(|e| Row::new(trace, e, &e.parents)).collect();
    let mut out = String::new();
    table(&mut out, &rows, marks, look);
    out
}

fn headline(out: &mut String, finding: &Finding, look: Look) {
    let violation = &finding.violation;
    let (signature, grade) = (&violation.signature, violation.grade);
    let word = look.paint.on(Style::Bad, grade.word());
    let check = look.paint.on(Style::Strong, &clean(&signature.check));
    line(out, &format!("{word}: {check}  {}", look.paint.on(Style::Quiet, &clean(&signature.to_string()))));
    let message = if violation.message.is_empty() { wording::grade_sentence(grade) } else { &violation.message };
    hanging(out, "  ", message, Style::Strong, look);
    if let Some(difference) = &finding.nondeterminism {
        let said = if grade == Grade::Nondeterministic { "" } else { "two runs of it differ: " };
        hanging(out, "  ", &format!("{said}{difference}"), Style::Deviation, look);
    }
    out.push('\n');
}

fn deviations(out: &mut String, finding: &Finding, look: Look) {
    section(out, &wording::deviations_title(finding.deviations.len()), look);
    for (at, deviation) in finding.deviations.iter().take(LISTED_MAX).enumerate() {
        hanging(out, &format!("  [{}] ", at + 1), &deviation.words, Style::Deviation, look);
    }
    if let Some(more) = unlisted(finding.deviations.len()) {
        section(out, &more, look);
    }
    out.push('\n');
}

fn foot(out: &mut String, finding: &Finding, replay: &str, look: Look) {
    let style = if finding.one_minimal { Style::Good } else { Style::Deviation };
    hanging(out, "  ", &wording::minimality(finding), style, look);
    hanging(out, "  ", &wording::history(finding), Style::Quiet, look);
    // Never wrapped: the line is there to be copied.
    line(out, &format!("  replay: {}", look.paint.on(Style::Strong, &clean(replay))));
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn section(out: &mut String, title: &str, look: Look) {
    line(out, &format!("  {}", look.paint.on(Style::Quiet, title)));
}

/// `head`, then the text; further lines stand under its first word.
fn hanging(out: &mut String, head: &str, text: &str, style: Style, look: Look) {
    let indent = columns(head);
    for (at, part) in wrap(&clean(text), look.columns() - indent).iter().enumerate() {
        let head = if at == 0 { head.to_owned() } else { " ".repeat(indent) };
        line(out, &format!("{head}{}", look.paint.on(style, part)));
    }
}

/// One event, ready for the table.
struct Row {
    id: EventId,
    number: String,
    time: String,
    lane: String,
    text: String,
    causes: String,
}

impl Row {
    fn new(trace: &TraceData, event: &Recorded, causes: &[EventId]) -> Row {
        let named: Vec<String> = causes.iter().map(|c| format!("#{}", c.0)).collect();
        Row {
            id: event.id,
            number: format!("#{}", event.id.0),
            time: event.at.to_string(),
            lane: clean(view::lane(trace, event)),
            text: clean(&event.text),
            causes: if named.is_empty() { String::new() } else { format!("<- {}", named.join(" ")) },
        }
    }
}

/// How wide the columns of a table are.
struct Columns {
    label: usize,
    number: usize,
    time: usize,
    lane: usize,
    text: usize,
    /// Whether the causes have a column of their own; else they follow the text.
    causes: bool,
}

impl Columns {
    fn of(rows: &[Row], marks: &Marks, look: Look) -> Columns {
        let widest = |cell: &dyn Fn(&Row) -> usize| rows.iter().map(cell).max().unwrap_or(0);
        let label = widest(&|r| marks.label(r.id).len());
        let number = widest(&|r| r.number.len());
        let time = widest(&|r| r.time.len());
        let lane = widest(&|r| columns(&r.lane)).min(24);
        let causes = widest(&|r| r.causes.len());
        let before = 2 + label + usize::from(label > 0) + number + 2 + time + 2 + lane + 2;
        let left = look.columns().saturating_sub(before);
        let beside = left.saturating_sub(causes + 2);
        let wanted = widest(&|r| columns(&r.text));
        let apart = beside >= wanted.min(32);
        let text = if apart { wanted.min(beside) } else { left.max(16) };
        Columns { label, number, time, lane, text, causes: apart }
    }

    fn head(&self, row: &Row, marks: &Marks, paint: Paint) -> String {
        let label = match (self.label, marks.is_violation(row.id)) {
            (0, _) => String::new(),
            (width, bad) => {
                let style = if bad { Style::Bad } else { Style::Deviation };
                format!("{} ", paint.on(style, &pad(&marks.label(row.id), width)))
            }
        };
        let lane = crate::text::wrap(&row.lane, self.lane.max(1)).swap_remove(0);
        format!(
            "  {label}{}  {}  {}  ",
            paint.on(Style::Quiet, &pad_left(&row.number, self.number)),
            pad_left(&row.time, self.time),
            paint.on(Style::Lane, &pad(&lane, self.lane)),
        )
    }

    fn indent(&self) -> usize {
        2 + self.label + usize::from(self.label > 0) + self.number + 2 + self.time + 2 + self.lane + 2
    }
}

fn table(out: &mut String, rows: &[Row], marks: &Marks, look: Look) {
    let at = Columns::of(rows, marks, look);
    for row in rows {
        let style = match (marks.is_violation(row.id), marks.deviations(row.id).is_empty()) {
            (true, _) => Some(Style::Bad),
            (false, false) => Some(Style::Deviation),
            (false, true) => None,
        };
        let text = if at.causes { row.text.clone() } else { format!("{} {}", row.text, row.causes) };
        for (nth, part) in wrap(&text, at.text).iter().enumerate() {
            let head = if nth == 0 { at.head(row, marks, look.paint) } else { " ".repeat(at.indent()) };
            let painted = style.map_or_else(|| part.clone(), |s| look.paint.on(s, part));
            let causes = if nth == 0 && at.causes { row.causes.as_str() } else { "" };
            let gap = if causes.is_empty() { 0 } else { at.text.saturating_sub(columns(part)) + 2 };
            line(out, &format!("{head}{painted}{}{}", " ".repeat(gap), look.paint.on(Style::Quiet, causes)));
        }
    }
}
