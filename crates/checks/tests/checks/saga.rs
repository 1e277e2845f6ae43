//! Orchestrated sagas, anomaly by anomaly.

use ordain_brokers::MsgId;
use ordain_checks::CheckKind;
use ordain_world::fact::SagaTurn;

use crate::bench::*;

fn bench() -> Bench {
    Bench::new(CheckKind::Saga(SAGA))
}

/// Step `step` of `c7` acts, and its reply is accepted.
fn act(bench: &mut Bench, step: u16) -> MsgId {
    let (ty, done, sub) =
        [(RESERVE, RESERVED, STOCK), (CHARGE, CHARGED, PAYMENT), (SHIP, SHIPPED, SHIPPING)][step as usize];
    bench.saga(7, SagaTurn::Asked(step));
    let msg = bench.saga_msg(ty, 7, step, false, None);
    bench.accept(msg);
    if step == 1 {
        bench.charge(msg, 1);
    } else {
        bench.commit(msg, sub);
    }
    let reply = bench.saga_msg(done, 7, step, false, Some(msg));
    bench.accept(reply);
    msg
}

fn acted(bench: &mut Bench, step: u16) {
    act(bench, step);
    bench.saga(7, SagaTurn::Completed(step));
}

/// The undo of step 1 commits a row, that of step 0 none.
fn undo(bench: &mut Bench, step: u16) -> MsgId {
    let ty = [RELEASE, REFUND][step as usize];
    bench.saga(7, SagaTurn::Undoing(step));
    let msg = bench.saga_msg(ty, 7, step, true, None);
    bench.accept(msg);
    if step == 1 {
        bench.charge(msg, -1)
    } else {
        bench.commit(msg, STOCK)
    }
    msg
}

#[test]
fn done_with_all_steps_or_undone_in_reverse_passes() {
    let mut bench = bench();
    (0..3).for_each(|step| acted(&mut bench, step));
    bench.saga(7, SagaTurn::Done);
    bench.quiet();
    bench.expect(&[]);
    bench.again();
    (0..2).for_each(|step| acted(&mut bench, step));
    undo(&mut bench, 1);
    let release = undo(&mut bench, 0);
    // Delivered again, but it changes nothing.
    bench.commit(release, STOCK);
    bench.saga(7, SagaTurn::Undone);
    bench.quiet();
    bench.expect(&[]);
    assert_eq!(bench.checks.tally().checks[0].subjects, 1);
}

#[test]
fn an_instance_that_never_ends_is_unsettled() {
    let mut bench = bench();
    acted(&mut bench, 0);
    bench.saga(7, SagaTurn::Asked(1));
    bench.quiet();
    assert_eq!(bench.told(), ["unsettled/checkout.Charge/c7: checkout of c7 stands at step Charge for ever"]);
}

#[test]
fn stuck_is_told_at_once() {
    let mut bench = bench();
    acted(&mut bench, 0);
    bench.saga(7, SagaTurn::Undoing(0));
    bench.saga(7, SagaTurn::Stuck);
    bench.expect(&["stuck/checkout.Reserve/c7"]);
}

#[test]
fn an_undo_that_changes_rows_twice() {
    let mut bench = bench();
    acted(&mut bench, 1);
    let refund = undo(&mut bench, 1);
    bench.expect(&[]);
    bench.charge(refund, -1);
    bench.expect(&["undone-twice/checkout.Charge/c7"]);
}

#[test]
fn an_action_after_its_undo_unless_it_is_refused() {
    for (reply, found) in [(DECLINED, &[][..]), (CHARGED, &["undo-before-action/checkout.Charge/c7"][..])] {
        let mut bench = bench();
        acted(&mut bench, 0);
        bench.saga(7, SagaTurn::Asked(1));
        bench.saga(7, SagaTurn::TimedOut(1));
        undo(&mut bench, 1);
        undo(&mut bench, 0);
        bench.saga(7, SagaTurn::Undone);
        let late = bench.saga_msg(CHARGE, 7, 1, false, None);
        bench.charge(late, 1);
        let answer = bench.saga_msg(reply, 7, 1, false, Some(late));
        bench.accept(answer);
        bench.quiet();
        bench.expect(found);
    }
}

#[test]
fn undos_in_the_wrong_order() {
    let mut bench = bench();
    (0..2).for_each(|step| acted(&mut bench, step));
    bench.saga(7, SagaTurn::Undoing(1));
    let refund = bench.saga_msg(REFUND, 7, 1, true, None);
    undo(&mut bench, 0);
    bench.charge(refund, -1);
    bench.saga(7, SagaTurn::Undone);
    bench.quiet();
    bench.expect(&["undo-out-of-order/checkout.Reserve/c7"]);
}

#[test]
fn a_completed_step_that_stays() {
    let mut bench = bench();
    (0..2).for_each(|step| acted(&mut bench, step));
    undo(&mut bench, 1);
    bench.saga(7, SagaTurn::Undoing(0));
    bench.saga(7, SagaTurn::Undone);
    bench.quiet();
    assert_eq!(
        bench.told(),
        ["not-undone/checkout.Reserve/c7: \
          checkout of c7 ended undone, but Reserve is done and Release was never committed"]
    );
}

#[test]
fn an_instance_that_never_ends_points_to_the_last_event_that_moved_it() {
    let mut bench = bench();
    acted(&mut bench, 0);
    bench.saga(7, SagaTurn::Asked(1));
    let moved = bench.event;
    bench.saga(8, SagaTurn::Asked(0));
    let other = bench.event;
    bench.accepted(CHARGE, 9);
    bench.quiet();
    let events: Vec<_> = bench.violations().iter().map(|violation| violation.event).collect();
    assert_eq!(events, [moved, other]);
}
