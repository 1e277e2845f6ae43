//! Comparing two traces: their first differing event, and an alignment by causal key.

use core::fmt;
use std::collections::BTreeMap;

use ordain_kernel::Recorded;

use crate::finding::TraceData;

/// The first place where two traces differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// How many events they have in common before it.
    pub index: usize,
    /// What the first trace has there, in words; `None` when it has ended.
    pub left: Option<String>,
    /// What the second trace has there.
    pub right: Option<String>,
}

impl fmt::Display for Difference {
    /// `event 12 is "c7@pay: committed" at 1.000s on payment/0 in one run and ... in the other`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_end = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing more".to_owned());
        let (left, right) = (or_end(&self.left), or_end(&self.right));
        write!(f, "event {} is {left} in one run and {right} in the other", self.index + 1)
    }
}

/// The first differing event of two traces; `None` when all events read the same.
#[must_use]
pub fn first_difference(left: &TraceData, right: &TraceData) -> Option<Difference> {
    let longest = left.events.len().max(right.events.len());
    let index = (0..longest).find(|&index| !same(left, right, index))?;
    Some(Difference { index, left: words(left, index), right: words(right, index) })
}

fn same(left: &TraceData, right: &TraceData, index: usize) -> bool {
    let (Some(a), Some(b)) = (left.events.get(index), right.events.get(index)) else { return false };
    (a.at, a.code, a.key, &a.text) == (b.at, b.code, b.key, &b.text) && lane(left, a) == lane(right, b)
}

fn lane<'a>(trace: &'a TraceData, event: &Recorded) -> &'a str {
    trace.lanes.get(usize::from(event.lane.0)).map_or("?", String::as_str)
}

fn words(trace: &TraceData, index: usize) -> Option<String> {
    let event = trace.events.get(index)?;
    let path = trace.paths.get(index).map_or("", String::as_str);
    Some(format!("\"{path}: {}\" at {} on {}", event.text, event.at, lane(trace, event)))
}

/// A row of an alignment: indices into the events of the two traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The same event in both; their times and texts may differ.
    Both(usize, usize),
    /// Only in the first, or at another place in the second.
    Left(usize),
    /// Only in the second, or at another place in the first.
    Right(usize),
}

/// Aligns two traces by causal key, kind of fact and occurrence. Of events that changed places only the longest run that
/// kept its order is aligned. The rows hold each event of each trace once, each trace in its own order.
#[must_use]
pub fn align(left: &TraceData, right: &TraceData) -> Vec<Row> {
    let places: BTreeMap<_, usize> = occurrences(right).into_iter().zip(0..).collect();
    let matched = occurrences(left).into_iter().zip(0..).filter_map(|(what, at)| Some((at, *places.get(&what)?)));
    let pairs = longest_rising(&matched.collect::<Vec<_>>());
    let mut rows = Vec::new();
    let (mut l, mut r) = (0, 0);
    for (to_l, to_r) in pairs {
        rows.extend((l..to_l).map(Row::Left));
        rows.extend((r..to_r).map(Row::Right));
        rows.push(Row::Both(to_l, to_r));
        (l, r) = (to_l + 1, to_r + 1);
    }
    rows.extend((l..left.events.len()).map(Row::Left));
    rows.extend((r..right.events.len()).map(Row::Right));
    rows
}

/// What identifies each event across runs: key, kind of fact, and how many like it came before.
fn occurrences(trace: &TraceData) -> Vec<(u64, u16, u32)> {
    let mut seen: BTreeMap<(u64, u16), u32> = BTreeMap::new();
    let identity = |event: &Recorded| {
        let count = seen.entry((event.key.0, event.code)).or_default();
        *count += 1;
        (event.key.0, event.code, *count)
    };
    trace.events.iter().map(identity).collect()
}

/// The longest part of `pairs` (rising on the left) that rises on the right as well: patience sorting.
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut piles: Vec<usize> = Vec::new(); // index of the top of each pile
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, &(_, right)) in pairs.iter().enumerate() {
        let pile = piles.partition_point(|&top| pairs[top].1 < right);
        before.push(pile.checked_sub(1).map(|under| piles[under]));
        if pile == piles.len() {
            piles.push(index);
        } else {
            piles[pile] = index;
        }
    }
    let chain = std::iter::successors(piles.last().copied(), |&index| before[index]);
    let mut rising: Vec<(usize, usize)> = chain.map(|index| pairs[index]).collect();
    rising.reverse();
    rising
}
