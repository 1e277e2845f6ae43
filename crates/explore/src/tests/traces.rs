//! Stories and differences of traces.

use ordain_checks::{Grade, Severity, Violation};
use ordain_kernel::{EventId, Key, Lane, Recorded, Time, Touch, TouchKind};
use proptest::prelude::*;

use super::toy::signature;
use crate::{Row, TraceData, align, first_difference, story};

fn event(id: u32, code: u16, parents: &[u32]) -> Recorded {
    Recorded {
        id: EventId(id),
        at: Time(u64::from(id)),
        code,
        lane: Lane(0),
        key: Key(u64::from(id)),
        parents: parents.iter().map(|id| EventId(*id)).collect(),
        text: format!("fact {code}"),
        touches: Vec::new(),
    }
}

fn trace(events: Vec<Recorded>) -> TraceData {
    let paths = events.iter().map(|event| format!("c{}", event.key.0)).collect();
    TraceData { events, lanes: vec!["load".into()], paths, ..TraceData::default() }
}

fn violation(event: u32, command: Option<u32>) -> Violation {
    Violation {
        signature: signature("broken"),
        grade: Grade::Violation,
        severity: Severity::Error,
        at: Time(0),
        event: EventId(event),
        subject: String::new(),
        command,
        message: String::new(),
    }
}

#[test]
fn a_story_follows_causes_and_rows_and_leaves_the_rest_out() {
    let (row, other) = (77, 78);
    let mut events: Vec<Recorded> = (1..=40).map(|id| event(id, 8, &[])).collect();
    events[30].parents = vec![EventId(20)];
    events[30].touches = vec![Touch { kind: TouchKind::Read, object: row }];
    events[9].touches = vec![Touch { kind: TouchKind::Wrote, object: row }];
    events[4].touches = vec![Touch { kind: TouchKind::Wrote, object: row }];
    events[11].touches = vec![Touch { kind: TouchKind::Wrote, object: other }];
    events[19].parents = vec![EventId(18), EventId(3)];
    let ids: Vec<u32> = story(&trace(events), &violation(31, None), &[]).iter().map(|id| id.0).collect();
    assert_eq!(ids, [3, 10, 18, 20, 31]);
}

#[test]
fn a_story_is_five_to_fifteen_events_and_keeps_deviations() {
    let chain: Vec<Recorded> = (1..=60).map(|id| event(id, if id % 3 == 0 { 8 } else { 11 }, &[id - 1])).collect();
    let told = story(&trace(chain), &violation(60, None), &[EventId(2), EventId(4)]);
    assert_eq!(told.len(), 15);
    assert!(told.is_sorted() && told.contains(&EventId(2)) && told.contains(&EventId(60)));
    assert!(!told.contains(&EventId(59)), "confirmations are boring");

    let lonely: Vec<Recorded> = (1..=9).map(|id| event(id, 11, &[])).collect();
    assert_eq!(story(&trace(lonely), &violation(9, None), &[]).len(), 5);
    assert!(story(&TraceData::default(), &violation(9, Some(3)), &[EventId(1)]).is_empty());
}

#[test]
fn the_first_difference_is_named() {
    let left = trace((1..=4).map(|id| event(id, 8, &[])).collect());
    assert_eq!(first_difference(&left, &left), None);
    let mut right = left.clone();
    right.events[2].text = "another".into();
    let difference = first_difference(&left, &right).expect("they differ");
    let says = "event 3 is \"c3: fact 8\" at 0.000000003s on load in one run and \"c3: another\" at 0.000000003s on load in the other";
    assert_eq!(difference.to_string(), says);
    right.events.truncate(2);
    let difference = first_difference(&left, &right).expect("one is shorter");
    assert!(difference.to_string().ends_with("and nothing more in the other"));
}

#[test]
fn an_alignment_pairs_by_key_and_tells_moves_apart() {
    let keyed = |keys: &[u64]| {
        let at = |(id, key): (u32, &u64)| Recorded { key: Key(*key), ..event(id, 8, &[]) };
        trace((1..).zip(keys).map(at).collect())
    };
    let rows = align(&keyed(&[1, 2, 3, 3, 4]), &keyed(&[2, 1, 3, 9, 3]));
    let want =
        [Row::Left(0), Row::Both(1, 0), Row::Right(1), Row::Both(2, 2), Row::Right(3), Row::Both(3, 4), Row::Left(4)];
    let turned =
        [Row::Right(0), Row::Both(0, 1), Row::Left(1), Row::Both(2, 2), Row::Right(3), Row::Both(3, 4), Row::Left(4)];
    assert!(rows == want || rows == turned, "{rows:?}");
}

proptest! {
    #[test]
    fn an_alignment_holds_every_event_once_in_order(left in prop::collection::vec(0_u64..6, 0..20), right in prop::collection::vec(0_u64..6, 0..20)) {
        let keyed = |keys: &[u64]| {
            let at = |(id, key): (u32, &u64)| Recorded { key: Key(*key), ..event(id, 8, &[]) };
            trace((1..).zip(keys).map(at).collect())
        };
        let rows = align(&keyed(&left), &keyed(&right));
        let lefts = rows.iter().filter_map(|row| match row { Row::Both(l, _) | Row::Left(l) => Some(*l), Row::Right(_) => None });
        let rights = rows.iter().filter_map(|row| match row { Row::Both(_, r) | Row::Right(r) => Some(*r), Row::Left(_) => None });
        prop_assert!(lefts.eq(0..left.len()));
        prop_assert!(rights.eq(0..right.len()));
        for row in &rows {
            if let Row::Both(l, r) = row {
                prop_assert_eq!(left[*l], right[*r]);
            }
        }
    }
}
