//! Loss and order.

use ordain_brokers::Loss;
use ordain_checks::CheckKind;
use ordain_world::What;

use crate::bench::*;

#[test]
fn an_accepted_message_must_be_handled_by_each_subscription_that_handles_it() {
    let mut bench = Bench::new(CheckKind::NoLoss(vec![EVENTS]));
    let charged = bench.accepted(CHARGED, 7);
    let declined = bench.accepted(DECLINED, 8);
    bench.commit(charged, CHECKOUT);
    bench.commit(declined, CHECKOUT);
    bench.accepted(CHARGE, 9);
    bench.finish(ordain_checks::Finish::Stopped);
    bench.expect(&[]);
    bench.quiet();
    bench.expect(&["lost/events@audit/Charged(c7)"]);
}

#[test]
fn a_message_that_is_settled_without_being_handled_is_lost() {
    let mut bench = Bench::new(CheckKind::NoLoss(vec![WORK]));
    let (skipped, handled) = (bench.accepted(CHARGE, 7), bench.accepted(CHARGE, 8));
    bench.commit(handled, PAYMENT);
    bench.settle(skipped, PAYMENT);
    let settled = bench.event;
    bench.settle(handled, PAYMENT);
    bench.quiet();
    assert_eq!(
        bench.told(),
        ["lost/work@payment/Charge(c7): Charge(c7) was accepted and was settled without being handled: work@payment"]
    );
    assert_eq!(bench.violations()[0].event, settled);
}

#[test]
fn a_commit_of_another_subscription_does_not_save_a_message() {
    let mut bench = Bench::new(CheckKind::NoLoss(vec![EVENTS]));
    let charged = bench.accepted(CHARGED, 7);
    let accepted = bench.event;
    bench.commit(charged, CHECKOUT);
    bench.quiet();
    bench.expect(&["lost/events@audit/Charged(c7)"]);
    assert_eq!(bench.violations()[0].event, accepted);
}

#[test]
fn a_message_that_the_inbox_knew_or_nobody_takes_is_not_lost() {
    let mut bench = Bench::new(CheckKind::NoLoss(vec![WORK]));
    let (msg, other) = (bench.accepted(CHARGE, 7), bench.accepted(CHARGE, 8));
    bench.commit(msg, PAYMENT);
    let copy = bench.republished(msg);
    bench.fact(What::Deduplicated { msg: copy, sub: PAYMENT });
    bench.fact(What::Ignored { msg: other, sub: PAYMENT });
    bench.quiet();
    bench.expect(&[]);
}

#[test]
fn a_message_given_up_after_a_partial_commit_is_lost_and_one_handled_before_it_expired_is_not() {
    for (fails, why, found) in
        [(true, Loss::Exhausted, &["lost/work@payment/Charge(c7)"][..]), (false, Loss::Expired, &[][..])]
    {
        let mut bench = Bench::new(CheckKind::NoLoss(vec![WORK]));
        let msg = bench.accepted(CHARGE, 7);
        bench.commit(msg, PAYMENT);
        if fails {
            bench.fail(msg, PAYMENT);
        }
        bench.fact(What::DeadLettered { msg, sub: PAYMENT, why, kept: false });
        bench.quiet();
        bench.expect(found);
    }
}

#[test]
fn a_copy_that_a_relay_sent_again_is_no_late_handling() {
    let mut bench = Bench::new(CheckKind::Order { channel: WORK, per: None });
    let charge = bench.accepted(CHARGE, 7);
    let copy = bench.republished(charge);
    let refund = bench.accepted(REFUND, 7);
    bench.commit(charge, PAYMENT);
    bench.commit(refund, PAYMENT);
    bench.fact(What::Deduplicated { msg: copy, sub: PAYMENT });
    bench.settle(copy, PAYMENT);
    bench.commit(copy, PAYMENT);
    bench.expect(&[]);
}

#[test]
fn a_copy_handled_first_stands_where_the_original_was_accepted() {
    let mut bench = Bench::new(CheckKind::Order { channel: WORK, per: None });
    let (charge, refund) = (bench.accepted(CHARGE, 7), bench.accepted(REFUND, 7));
    let copy = bench.republished(charge);
    bench.commit(copy, PAYMENT);
    bench.commit(refund, PAYMENT);
    bench.commit(charge, PAYMENT);
    bench.expect(&[]);
}

#[test]
fn a_dead_letter_is_not_lost_unless_nothing_keeps_it() {
    for (why, kept, found) in [
        (Loss::Exhausted, true, &[][..]),
        (Loss::Rejected, false, &[][..]),
        (Loss::Expired, false, &["lost/work@payment/Charge(c7)"][..]),
    ] {
        let mut bench = Bench::new(CheckKind::NoLoss(vec![WORK]));
        let msg = bench.accepted(CHARGE, 7);
        bench.fact(What::DeadLettered { msg, sub: PAYMENT, why, kept });
        bench.quiet();
        bench.expect(found);
    }
}

#[test]
fn a_message_that_the_broker_confirmed_and_dropped_is_lost_to_who_handles_it() {
    let mut bench = Bench::new(CheckKind::NoLoss(vec![WORK]));
    let msg = bench.msg(CHARGE, 7);
    bench.fact(What::Dropped { msg, channel: WORK });
    bench.quiet();
    bench.expect(&["lost/work@payment/Charge(c7)"]);
}

#[test]
fn the_first_handling_follows_acceptance_per_value() {
    let order = || Bench::new(CheckKind::Order { channel: WORK, per: None });
    let mut bench = order();
    let (charge, other, refund) = (bench.accepted(CHARGE, 7), bench.accepted(CHARGE, 8), bench.accepted(REFUND, 7));
    bench.commit(other, PAYMENT);
    bench.commit(charge, PAYMENT);
    bench.commit(refund, PAYMENT);
    bench.commit(charge, PAYMENT);
    bench.settle(charge, PAYMENT);
    bench.expect(&[]);
    bench.again();
    let (charge, refund) = (bench.accepted(CHARGE, 7), bench.accepted(REFUND, 7));
    bench.commit(refund, PAYMENT);
    bench.commit(charge, PAYMENT);
    assert_eq!(
        bench.told(),
        ["out-of-order/work@payment/c7: Charge(c7) of order_id c7 was handled after Refund(c7), \
          which was accepted later: work@payment"]
    );
}
