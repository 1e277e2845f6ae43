//! The story of a trace: the 5 to 15 events that a person should read, out of hundreds.

use std::collections::{BTreeMap, BTreeSet};

use ordain_checks::Violation;
use ordain_kernel::{EventId, Recorded, TouchKind};

use crate::candidate::command_of;
use crate::finding::TraceData;

/// A story has this many events, where the trace has them.
const SHORTEST: usize = 5;
/// And no more than this many, unless there are more deviations than that.
const LONGEST: usize = 15;
/// Kinds of fact of this weight and less are left out of a story that is long enough without them.
const BORING: u8 = 2;
/// Kinds of fact of this weight change the business.
const TELLING: u8 = 9;

/// Chooses the events of the story, in order: the violation, the deviations, and what led from one to the other along
/// data (what sent the message, who wrote the row that was read). Where there is room, what else the violated command
/// did to the business is told, too: the first of two charges did not cause the second, but belongs to its story.
#[must_use]
pub fn story(trace: &TraceData, violation: &Violation, deviations: &[EventId]) -> Vec<EventId> {
    let known = |id: &EventId| event(trace, *id).is_some();
    let must: BTreeSet<EventId> = deviations.iter().copied().chain([violation.event]).filter(known).collect();
    let mut slice = slice_back(trace, &must);
    if slice.len() < SHORTEST {
        slice.extend(of_command(trace, command(trace, violation)));
    }
    if slice.len() < SHORTEST {
        slice.extend(trace.events.iter().map(|event| event.id));
    }
    let mut story = trim(trace, &slice, &must);
    story.extend(beside(trace, violation, &slice, LONGEST.saturating_sub(story.len())));
    story.into_iter().collect()
}

fn event(trace: &TraceData, id: EventId) -> Option<&Recorded> {
    trace.events.get((id.0 as usize).checked_sub(1)?)
}

/// Everything that `from` rests on: parents, and the last writer of each row that was read.
fn slice_back(trace: &TraceData, from: &BTreeSet<EventId>) -> BTreeSet<EventId> {
    let writers = writers(trace);
    let mut slice = from.clone();
    let mut open: Vec<EventId> = from.iter().copied().collect();
    while let Some(id) = open.pop() {
        let Some(at) = event(trace, id) else { continue };
        let reads = at.touches.iter().filter(|touch| touch.kind == TouchKind::Read);
        let written = reads.filter_map(|touch| {
            let by = writers.get(&touch.object)?;
            by.range(..id).next_back().copied()
        });
        for cause in at.parents.iter().copied().chain(written) {
            if event(trace, cause).is_some() && slice.insert(cause) {
                open.push(cause);
            }
        }
    }
    slice
}

fn writers(trace: &TraceData) -> BTreeMap<u64, BTreeSet<EventId>> {
    let mut writers: BTreeMap<u64, BTreeSet<EventId>> = BTreeMap::new();
    for event in &trace.events {
        for touch in event.touches.iter().filter(|touch| touch.kind == TouchKind::Wrote) {
            writers.entry(touch.object).or_default().insert(event.id);
        }
    }
    writers
}

/// The command that the violation is about; where the check does not say, that of the violating event.
fn command(trace: &TraceData, violation: &Violation) -> Option<u32> {
    let index = (violation.event.0 as usize).checked_sub(1);
    violation.command.or_else(|| command_of(trace.paths.get(index?)?))
}

fn of_command(trace: &TraceData, command: Option<u32>) -> impl Iterator<Item = EventId> {
    let rooted = trace.events.iter().zip(&trace.paths);
    let rooted = rooted.filter(move |(_, path)| command.is_some() && command_of(path) == command);
    rooted.map(|(event, _)| event.id)
}

/// Leaves out the boring, then the least telling until it is short enough; of two alike the earlier goes.
fn trim(trace: &TraceData, slice: &BTreeSet<EventId>, must: &BTreeSet<EventId>) -> BTreeSet<EventId> {
    let weight = |id: EventId| event(trace, id).map_or(0, |event| weight(event.code));
    let mut optional: Vec<EventId> = slice.difference(must).copied().collect();
    optional.sort_by_key(|&id| (std::cmp::Reverse(weight(id)), std::cmp::Reverse(id)));
    let telling = optional.iter().filter(|&&id| weight(id) > BORING).count();
    let room = LONGEST.saturating_sub(must.len());
    let wanted = SHORTEST.saturating_sub(must.len());
    optional.truncate(telling.max(wanted).min(room));
    optional.into_iter().chain(must.iter().copied()).collect()
}

/// The last `room` telling events of the violated command before the violation that the slice does not have.
fn beside(trace: &TraceData, violation: &Violation, slice: &BTreeSet<EventId>, room: usize) -> Vec<EventId> {
    let command = command(trace, violation);
    let telling = |id: &EventId| event(trace, *id).is_some_and(|event| weight(event.code) >= TELLING);
    let ids: Vec<EventId> =
        of_command(trace, command).filter(|id| *id < violation.event && !slice.contains(id) && telling(id)).collect();
    ids[ids.len().saturating_sub(room)..].to_vec()
}

/// How much a kind of fact tells; by the numbers of `ordain_world::What::code`.
const fn weight(code: u16) -> u8 {
    match code {
        8 | 12 | 16 | 18 => 9,                // committed, effect, dead-lettered, crashed
        1 | 5 | 9 | 27 => 8,                  // issued, deduplicated, rolled back, saga
        3 | 17 | 22 | 25 | 26 | 30 | 31 => 7, // delivered, stale, cut, consumer lost, held, deviated, dropped
        15 | 19 | 20 | 24 => 6,               // retrying, restarted, paused, rebalanced
        21 | 23 => 5,                         // resumed, healed
        14 => 4,                              // settled
        2 | 10 => 3,                          // accepted, sent
        4 | 13 | 28 | 29 => 2,                // begun, answered, drain began, quiet
        _ => 1,                               // ignored, ran, confirmed
    }
}
