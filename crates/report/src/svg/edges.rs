//! How causes are drawn: lines that never cross a card.
//!
//! Each event has a row of its own, so a horizontal line in a row meets no other card, and the gutters between
//! lanes hold no cards at all. A line leaves its cause sideways, runs to the gutter beside the effect's lane,
//! goes down there, and enters the effect from the side.

use std::collections::BTreeMap;

use ordain_kernel::EventId;

use super::cards::Card;

/// How far the innermost track of a gutter is from the cards.
const TRACK_FIRST: i32 = 13;
const TRACK_STEP: i32 = 5;
const TRACKS: usize = 3;
const RADIUS: i32 = 7;
/// How far below its top a card is entered, and above its bottom left, so that the two never meet.
const PORT: i32 = 14;

/// A cause drawn.
pub(super) struct Edge {
    pub(super) cause: EventId,
    pub(super) effect: EventId,
    /// Whether it goes from lane to lane.
    pub(super) far: bool,
    /// The line.
    pub(super) line: String,
    /// The arrow head.
    pub(super) tip: String,
}

/// A gutter beside a lane: the lane and whether it is on its right.
type Gutter = (usize, bool);

/// What is taken in each track of each gutter, as stretches of y.
#[derive(Default)]
struct Tracks(BTreeMap<Gutter, Vec<Vec<(i32, i32)>>>);

impl Tracks {
    /// The first track that is free from `top` to `bottom`; the last one when none is.
    fn take(&mut self, gutter: Gutter, top: i32, bottom: i32) -> i32 {
        let tracks = self.0.entry(gutter).or_insert_with(|| vec![Vec::new(); TRACKS]);
        let free = |taken: &Vec<(i32, i32)>| taken.iter().all(|(t, b)| bottom < *t || *b < top);
        let at = tracks.iter().position(free).unwrap_or(TRACKS - 1);
        tracks[at].push((top, bottom));
        at as i32
    }
}

/// Draws the edges; both ends of each must have a card.
pub(super) fn route(cards: &[Card], edges: &[(EventId, EventId)]) -> Vec<Edge> {
    let mut tracks = Tracks::default();
    let at = |id: EventId| cards.binary_search_by_key(&id, |c| c.id).ok();
    let ends = edges.iter().filter_map(|(cause, effect)| Some((at(*cause)?, at(*effect)?)));
    ends.map(|(cause, effect)| one(cards, cause, effect, &mut tracks)).collect()
}

fn one(cards: &[Card], cause: usize, effect: usize, tracks: &mut Tracks) -> Edge {
    let (from, to) = (&cards[cause], &cards[effect]);
    let far = from.column != to.column;
    let between = &cards[cause + 1..effect];
    let (line, tip) = if !far && between.iter().all(|c| c.column != to.column) {
        straight(from, to)
    } else {
        around(from, to, tracks)
    };
    Edge { cause: from.id, effect: to.id, far, line, tip }
}

/// Straight down, when nothing stands between.
fn straight(from: &Card, to: &Card) -> (String, String) {
    let x = (from.left + from.right()) / 2;
    (format!("M{x} {}V{}", from.bottom(), to.top - 5), format!("M{x} {}l-4 -7h8z", to.top))
}

/// Sideways, down the gutter, sideways.
fn around(from: &Card, to: &Card, tracks: &mut Tracks) -> (String, String) {
    let rightwards = to.column > from.column;
    let gutter = (to.column, to.column < from.column);
    let (y0, y1) = (from.bottom() - PORT, to.top + PORT);
    let offset = TRACK_FIRST + TRACK_STEP * tracks.take(gutter, y0, y1);
    let enters_left = !gutter.1;
    let (x, end) = if enters_left { (to.left - offset, to.left) } else { (to.right() + offset, to.right()) };
    let start = if rightwards { from.right() } else { from.left };
    let out = if rightwards { 1 } else { -1 };
    let inwards = if enters_left { 1 } else { -1 };
    let r = RADIUS.min((y1 - y0) / 2).min((x - start).abs());
    let line = format!(
        "M{start} {y0}H{}Q{x} {y0} {x} {}V{}Q{x} {y1} {} {y1}H{}",
        x - out * r,
        y0 + r,
        y1 - r,
        x + inwards * r,
        end - inwards * 5,
    );
    (line, format!("M{end} {y1}l{} -4v8z", -7 * inwards))
}
