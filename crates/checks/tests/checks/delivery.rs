//! Loss and order.

use ordain_brokers::Loss;
use ordain_checks::CheckKind;
use ordain_world::What;

use crate::bench::*;

#[test]
fn an_accepted_message_must_be_settled_by_each_subscription_that_handles_it() {
    let mut bench = Bench::new(CheckKind::NoLoss(vec![EVENTS]));
    let charged = bench.accepted(CHARGED, 7);
    let declined = bench.accepted(DECLINED, 8);
    bench.settle(charged, CHECKOUT);
    bench.settle(declined, CHECKOUT);
    bench.accepted(CHARGE, 9);
    bench.finish(ordain_checks::Finish::Stopped);
    bench.expect(&[]);
    bench.quiet();
    bench.expect(&["lost/events@audit/Charged(c7)"]);
    bench.settle(charged, AUDIT);
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
