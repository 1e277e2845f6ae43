//! `after A expect B`.

use ordain_checks::{CheckKind, Moment};
use ordain_kernel::Span;

use crate::bench::*;

fn bench(within: Option<u64>) -> Bench {
    let same = shop().names.find("order_id");
    let (trigger, expect) = (Moment::Accepted(DECLINED), Moment::Committed(RELEASE));
    Bench::new(CheckKind::After { trigger, expect, same, within: within.map(Span::from_secs), earlier: false })
}

#[test]
fn what_is_expected_must_come_under_the_same_key() {
    let mut bench = bench(None);
    bench.accepted(DECLINED, 7);
    bench.wait(1);
    let other = bench.msg(RELEASE, 8);
    bench.commit(other, STOCK);
    bench.quiet();
    assert_eq!(
        bench.told(),
        ["missing/committed(Release)/c7: Declined of order_id c7 at 0.000s and no committed(Release) until quiet"]
    );
    bench.again();
    bench.accepted(DECLINED, 7);
    bench.wait(1);
    let own = bench.msg(RELEASE, 7);
    bench.commit(own, STOCK);
    bench.quiet();
    bench.expect(&[]);
}

#[test]
fn before_the_trigger_does_not_count_but_the_same_instant_does() {
    for (gap, found) in [(0, &[][..]), (1, &["missing/committed(Release)/c7"][..])] {
        let mut bench = bench(None);
        let release = bench.msg(RELEASE, 7);
        bench.commit(release, STOCK);
        bench.wait(gap);
        bench.accepted(DECLINED, 7);
        bench.quiet();
        bench.expect(found);
    }
}

#[test]
fn the_bound_counts_from_the_end_of_the_faults() {
    for (late, found) in [(59, &[][..]), (61, &["missing/committed(Release)/c7"][..])] {
        let mut bench = bench(Some(60));
        bench.accepted(DECLINED, 7);
        bench.wait(300);
        bench.drain();
        bench.wait(late);
        let release = bench.msg(RELEASE, 7);
        bench.commit(release, STOCK);
        bench.quiet();
        bench.expect(found);
    }
}

#[test]
fn a_late_answer_is_seen_as_soon_as_time_is_up() {
    let mut bench = bench(Some(60));
    bench.drain();
    bench.accepted(DECLINED, 7);
    bench.wait(60);
    bench.accepted(CHARGE, 9);
    bench.expect(&[]);
    bench.wait(1);
    bench.accepted(CHARGE, 9);
    assert!(bench.told()[0].ends_with("by 60.000s"), "{:?}", bench.told());
}

#[test]
fn a_message_triggers_once_however_often_it_is_accepted() {
    let mut bench = bench(None);
    let declined = bench.accepted(DECLINED, 7);
    bench.wait(1);
    let release = bench.msg(RELEASE, 7);
    bench.commit(release, STOCK);
    bench.wait(1);
    bench.accept(declined);
    bench.quiet();
    bench.expect(&[]);
}

#[test]
fn a_message_that_a_relay_sends_again_does_not_trigger_again() {
    let mut bench = bench(None);
    let declined = bench.accepted(DECLINED, 7);
    bench.wait(1);
    let release = bench.msg(RELEASE, 7);
    bench.commit(release, STOCK);
    bench.wait(1);
    bench.republished(declined);
    bench.quiet();
    bench.expect(&[]);
    assert_eq!(bench.checks.tally().checks[0].subjects, 1);
}

#[test]
fn handled_means_settled_by_a_subscription_with_a_handler() {
    for (sub, found) in [(CHECKOUT, &[][..]), (AUDIT, &["missing/handled(Declined)/c7"][..])] {
        let kind = CheckKind::After {
            trigger: Moment::Accepted(DECLINED),
            expect: Moment::Handled(DECLINED),
            same: None,
            within: None,
            earlier: false,
        };
        let mut bench = Bench::new(kind);
        let declined = bench.accepted(DECLINED, 7);
        bench.wait(1);
        bench.settle(declined, sub);
        bench.quiet();
        bench.expect(found);
    }
}

#[test]
fn an_earlier_moment_counts_only_where_that_is_said() {
    for (earlier, found) in [(true, &[][..]), (false, &["missing/committed(Release)/c7"][..])] {
        let (trigger, expect) = (Moment::Accepted(DECLINED), Moment::Committed(RELEASE));
        let mut bench = Bench::new(CheckKind::After { trigger, expect, same: None, within: None, earlier });
        let release = bench.accepted(RELEASE, 7);
        bench.commit(release, STOCK);
        bench.wait(1);
        bench.accepted(DECLINED, 7);
        bench.quiet();
        bench.expect(found);
    }
}
