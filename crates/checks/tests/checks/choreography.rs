//! Sagas without an owner, anomaly by anomaly.

use ordain_brokers::MsgId;
use ordain_checks::{CheckKind, SagaAction};
use ordain_world::Value;
use ordain_world::spec::{Col, TypeId};

use crate::bench::*;

fn bench() -> Bench {
    let action = |act, undo| SagaAction { act, undo };
    let actions = vec![action(RESERVE, Some(RELEASE)), action(CHARGE, Some(REFUND)), action(SHIP, None)];
    Bench::new(CheckKind::Choreography { actions, key: shop().names.find("order_id").expect("a field of the shop") })
}

/// A handling for `c7` commits a change of rows.
fn does(bench: &mut Bench, ty: TypeId) -> MsgId {
    let msg = bench.msg(ty, 7);
    if ty == RESERVE || ty == RELEASE {
        let left = bench.tables.rows(ITEMS).next().map(|(_, row)| row.cols[0].clone());
        let Some(Value::Int(left)) = left else { panic!("items has a row") };
        let key = bench.text("A");
        let left = if ty == RESERVE { left - 1 } else { left + 1 };
        bench.commit_with(msg, STOCK, |tables, tx| {
            tables.put(tx, ITEMS, &key, [(Col(0), Value::Int(left))]).expect("no locks");
        });
    } else if ty == SHIP {
        bench.commit(msg, SHIPPING);
    } else {
        bench.charge(msg, 1);
    }
    msg
}

/// A handling for `c7` that changes nothing.
fn declines(bench: &mut Bench, ty: TypeId) {
    let msg = bench.msg(ty, 7);
    bench.commit(msg, PAYMENT);
}

#[test]
fn each_story_has_its_word() {
    let stories: [(&[TypeId], &[&str]); 9] = [
        (&[RESERVE, CHARGE, SHIP], &[]),
        (&[RESERVE, CHARGE, REFUND, RELEASE], &[]),
        (&[RESERVE, CHARGE], &["unsettled/Ship/c7"]),
        (&[RESERVE, CHARGE, REFUND], &["not-undone/Reserve/c7"]),
        (&[RESERVE, CHARGE, RELEASE, REFUND], &["undo-out-of-order/Reserve/c7"]),
        (&[RESERVE, REFUND, CHARGE, RELEASE], &["undo-before-action/Charge/c7"]),
        (&[RESERVE, CHARGE, REFUND, REFUND, RELEASE], &["undone-twice/Charge/c7"]),
        (&[RESERVE, RELEASE, REFUND], &["undo-before-action/Charge/c7"]),
        (&[RESERVE, CHARGE, SHIP, REFUND, RELEASE], &["not-undone/Ship/c7"]),
    ];
    for (story, found) in stories {
        let mut bench = bench();
        for ty in story {
            does(&mut bench, *ty);
        }
        bench.quiet();
        bench.expect(found);
    }
}

#[test]
fn an_action_that_was_declined_needs_no_undo() {
    let mut bench = bench();
    does(&mut bench, RESERVE);
    declines(&mut bench, CHARGE);
    does(&mut bench, RELEASE);
    bench.quiet();
    bench.expect(&[]);
    bench.again();
    does(&mut bench, RESERVE);
    declines(&mut bench, CHARGE);
    bench.quiet();
    bench.expect(&["not-undone/Reserve/c7"]);
}

#[test]
fn a_tombstone_that_turns_the_late_action_away_is_fine() {
    let mut bench = bench();
    does(&mut bench, RESERVE);
    does(&mut bench, REFUND);
    declines(&mut bench, CHARGE);
    does(&mut bench, RELEASE);
    bench.quiet();
    bench.expect(&[]);
}

#[test]
fn an_instance_left_unsettled_points_to_its_last_commit() {
    let mut bench = bench();
    does(&mut bench, RESERVE);
    does(&mut bench, CHARGE);
    let last = bench.event;
    bench.accepted(RESERVED, 9);
    bench.quiet();
    bench.expect(&["unsettled/Ship/c7"]);
    assert_eq!(bench.violations()[0].event, last);
}
