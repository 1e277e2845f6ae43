//! Where things stand: columns for lanes, a row for each event, and how tall each row is.

use std::collections::BTreeMap;

use ordain_explore::TraceData;
use ordain_kernel::{EventId, Recorded, Time};

use super::{edges, measure};
use crate::graph::CausalGraph;
use crate::marks::Marks;
use crate::text::{clean, wrap_by};
use crate::{kind, view};

/// The width of a card, in pixels, as all lengths here.
pub(super) const CARD_WIDTH: i32 = 178;
/// Between the cards of two neighbouring lanes.
pub(super) const LANE_GAP: i32 = 52;
/// The column of time labels.
pub(super) const TIME_WIDTH: i32 = 84;
/// The row of lane names, with the space under it.
pub(super) const HEAD_HEIGHT: i32 = 62;
/// The height of a line of text.
pub(super) const LINE_HEIGHT: i32 = 16;
/// The number line of a card, with the space above and below the text.
const CARD_PADDING: i32 = 31;
const ROW_GAP: i32 = 18;
/// What a pause in virtual time adds between two rows.
const PAUSE_HEIGHT: i32 = 26;
const LINES_MAX: usize = 4;

/// A diagram, laid out.
pub(super) struct Diagram {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) lanes: Vec<LaneColumn>,
    pub(super) cards: Vec<Card>,
    pub(super) pauses: Vec<Pause>,
    pub(super) edges: Vec<edges::Edge>,
}

/// A lane.
pub(super) struct LaneColumn {
    pub(super) name: String,
    /// The middle of the column.
    pub(super) x: i32,
    /// From where to where the process was down.
    pub(super) down: Vec<(i32, i32)>,
}

/// An event.
pub(super) struct Card {
    pub(super) id: EventId,
    /// Which of the lanes shown.
    pub(super) column: usize,
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) height: i32,
    pub(super) lines: Vec<String>,
    pub(super) whole: String,
    pub(super) lane: String,
    pub(super) at: Time,
    /// Whether the time label is shown: at the first event of each instant.
    pub(super) new_time: bool,
    pub(super) class: String,
    pub(super) tag: String,
}

/// A stretch of virtual time in which nothing of the story happens.
pub(super) struct Pause {
    pub(super) y: i32,
    pub(super) words: String,
}

impl Card {
    pub(super) const fn middle(&self) -> i32 {
        self.top + self.height / 2
    }

    pub(super) const fn right(&self) -> i32 {
        self.left + CARD_WIDTH
    }

    pub(super) const fn bottom(&self) -> i32 {
        self.top + self.height
    }
}

impl Diagram {
    /// Lays out the events of a graph.
    pub(super) fn new(trace: &TraceData, graph: &CausalGraph, marks: &Marks) -> Diagram {
        let events: Vec<&Recorded> = graph.events().into_iter().filter_map(|id| view::event(trace, id)).collect();
        let columns = columns(&events);
        let mut diagram = Diagram {
            width: TIME_WIDTH + columns.len().max(1) as i32 * (CARD_WIDTH + LANE_GAP),
            height: 0,
            lanes: Vec::new(),
            cards: Vec::new(),
            pauses: Vec::new(),
            edges: Vec::new(),
        };
        let bottom = diagram.place(trace, &events, &columns, marks);
        diagram.height = bottom + ROW_GAP;
        diagram.name_lanes(trace, &events, &columns);
        diagram.edges = edges::route(&diagram.cards, &graph.edges());
        diagram
    }

    /// Places a card a row and tells where the last one ends.
    fn place(&mut self, trace: &TraceData, events: &[&Recorded], columns: &BTreeMap<u16, usize>, marks: &Marks) -> i32 {
        let long_ns = long_pause_ns(events);
        let mut top = HEAD_HEIGHT + 6;
        let mut before: Option<Time> = None;
        for event in events {
            let waited = before.map_or(0, |t| event.at.since(t).0);
            if waited >= long_ns {
                self.pauses.push(Pause { y: top + PAUSE_HEIGHT / 2 - ROW_GAP / 2, words: pause_words(waited) });
                top += PAUSE_HEIGHT;
            }
            let card = Card::new(trace, event, columns[&event.lane.0], top, before, marks);
            top += card.height + ROW_GAP;
            self.cards.push(card);
            before = Some(event.at);
        }
        top
    }

    fn name_lanes(&mut self, trace: &TraceData, events: &[&Recorded], columns: &BTreeMap<u16, usize>) {
        for (lane, column) in columns {
            let name = events.iter().find(|e| e.lane.0 == *lane).map_or("?", |e| view::lane(trace, e));
            let down = self.downtimes(*column, events);
            let x = column_left(*column) + CARD_WIDTH / 2;
            self.lanes.push(LaneColumn { name: clean(name), x, down });
        }
    }

    /// From each crash to the next event of its lane: its restart, where the story tells it.
    fn downtimes(&self, column: usize, events: &[&Recorded]) -> Vec<(i32, i32)> {
        let mut down = Vec::new();
        let mut since = None;
        for (card, event) in self.cards.iter().zip(events).filter(|(c, _)| c.column == column) {
            if let Some(from) = since.take() {
                down.push((from, card.top));
            }
            if event.code == kind::CRASHED {
                since = Some(card.bottom());
            }
        }
        down.extend(since.map(|from| (from, self.height)));
        down
    }
}

impl Card {
    fn new(trace: &TraceData, event: &Recorded, column: usize, top: i32, before: Option<Time>, marks: &Marks) -> Card {
        let whole = clean(&event.text);
        let lines = lines(&whole);
        Card {
            id: event.id,
            column,
            left: column_left(column),
            top,
            height: CARD_PADDING + LINE_HEIGHT * lines.len() as i32,
            lines,
            whole,
            lane: clean(view::lane(trace, event)),
            at: event.at,
            new_time: before != Some(event.at),
            class: class(event, marks),
            tag: tag(event.id, marks),
        }
    }
}

/// The lanes that have events here, in the order of the trace.
fn columns(events: &[&Recorded]) -> BTreeMap<u16, usize> {
    let mut columns: BTreeMap<u16, usize> = events.iter().map(|e| (e.lane.0, 0)).collect();
    for (at, column) in columns.values_mut().enumerate() {
        *column = at;
    }
    columns
}

const fn column_left(column: usize) -> i32 {
    TIME_WIDTH + LANE_GAP / 2 + column as i32 * (CARD_WIDTH + LANE_GAP)
}

fn lines(text: &str) -> Vec<String> {
    let width = (CARD_WIDTH as usize - 26) * 10;
    let mut lines = wrap_by(text, width, measure::tenths);
    // As narrow as the same number of lines allows: no line holds a lone last word.
    for narrower in (width / 2..width).rev().step_by(40) {
        let balanced = wrap_by(text, narrower, measure::tenths);
        if balanced.len() > lines.len() {
            break;
        }
        lines = balanced;
    }
    if lines.len() > LINES_MAX {
        let rest = lines.split_off(LINES_MAX - 1).join(" ");
        lines.push(cut(&rest, width / 10));
    }
    lines
}

/// A text on one line of at most `width` pixels, with an ellipsis where it was cut.
pub(super) fn cut(text: &str, width: usize) -> String {
    if measure::tenths(text) <= width * 10 {
        return text.to_owned();
    }
    let mut text = text.to_owned();
    while !text.is_empty() && measure::tenths(&text) + 130 > width * 10 {
        text.pop();
    }
    text.push('…');
    text
}

fn class(event: &Recorded, marks: &Marks) -> String {
    let mut class = format!("ev k-{}", kind::class(event.code));
    if !marks.deviations(event.id).is_empty() {
        class.push_str(" deviation");
    }
    if marks.is_violation(event.id) {
        class.push_str(" violation");
    }
    class
}

fn tag(event: EventId, marks: &Marks) -> String {
    let numbers: Vec<String> = marks.deviations(event).iter().map(usize::to_string).collect();
    match (numbers.is_empty(), marks.is_violation(event)) {
        (true, true) => "broken here".to_owned(),
        (true, false) => String::new(),
        (false, true) => format!("deviation {}, broken here", numbers.join(", ")),
        (false, false) => format!("deviation {}", numbers.join(", ")),
    }
}

/// From how long on a wait between two rows is told: a fifth of the whole story, and a tenth of a second.
fn long_pause_ns(events: &[&Recorded]) -> u64 {
    let whole = match (events.first(), events.last()) {
        (Some(first), Some(last)) => last.at.since(first.at).0,
        _ => 0,
    };
    (whole / 5).max(100_000_000)
}

/// `4.9 s later`, to a tenth.
fn pause_words(ns: u64) -> String {
    let tenths = (ns + 50_000_000) / 100_000_000;
    let (minutes, rest) = (tenths / 600, tenths % 600);
    match (minutes, rest % 10) {
        (0, 0) => format!("{} s later", rest / 10),
        (0, tenth) => format!("{}.{tenth} s later", rest / 10),
        (minutes, _) => format!("{minutes} min {} s later", rest / 10),
    }
}
