//! The vacuity counters.

use ordain_checks::{CheckKind, Tally};
use ordain_world::fact::SagaTurn;
use ordain_world::spec::ServiceId;
use ordain_world::{Boundary, What};

use crate::bench::*;

#[test]
fn facts_are_counted_as_documented() {
    let mut bench = Bench::new(CheckKind::NoLoss(vec![WORK]));
    let (first, second) = (bench.accepted(CHARGE, 7), bench.accepted(CHARGE, 8));
    bench.accept(first);
    bench.deliver(second, PAYMENT, 1);
    bench.deliver(first, PAYMENT, 1);
    bench.begin(first, PAYMENT, 1);
    bench.deliver(first, PAYMENT, 2);
    bench.commit(first, PAYMENT);
    bench.deliver(first, PAYMENT, 3);
    bench.fact(What::Deduplicated { msg: first, sub: PAYMENT });
    for after in [None, Some(Boundary::Begun), Some(Boundary::Committed), Some(Boundary::Acked)] {
        bench.fact(What::Crashed { service: ServiceId(1), replica: 0, after });
    }
    bench.saga(7, SagaTurn::Done);
    let found = bench.checks.tally().clone();
    assert_eq!((found.accepted, found.delivered, found.duplicates, found.duplicates_after_commit), (2, 4, 2, 1));
    assert_eq!((found.overtaken, found.deduplicated, found.crashes, found.crashes_after_commit), (1, 1, 4, 1));
    assert_eq!(found.sagas, (1, 0, 0));
    bench.quiet();
    assert_eq!(bench.checks.tally().checks[0].subjects, 2);
}

#[test]
fn a_retry_and_a_delivery_of_what_never_began_are_no_duplicates() {
    let mut bench = Bench::new(CheckKind::NoLoss(vec![WORK]));
    let counts = |bench: &Bench| (bench.checks.tally().duplicates, bench.checks.tally().duplicates_after_commit);
    let msg = bench.accepted(CHARGE, 7);
    bench.deliver(msg, PAYMENT, 1);
    bench.deliver(msg, PAYMENT, 2);
    assert_eq!(counts(&bench), (0, 0), "the first delivery never began");
    bench.begin(msg, PAYMENT, 2);
    bench.fail(msg, PAYMENT);
    bench.deliver(msg, PAYMENT, 3);
    assert_eq!(counts(&bench), (0, 0), "it failed and is tried again");
    bench.begin(msg, PAYMENT, 3);
    bench.deliver(msg, SHIPPING, 2);
    bench.deliver(msg, PAYMENT, 4);
    assert_eq!(counts(&bench), (1, 0), "it had begun at this subscription");
    bench.commit(msg, PAYMENT);
    bench.fail(msg, PAYMENT);
    bench.deliver(msg, PAYMENT, 5);
    assert_eq!(counts(&bench), (2, 1), "part of it was committed");
}

#[test]
fn tallies_add_up() {
    let mut sum = Tally::default();
    let mut bench = Bench::new(CheckKind::NoLoss(vec![WORK]));
    for _ in 0..3 {
        bench.again();
        bench.accepted(CHARGE, 7);
        bench.quiet();
        sum.add(bench.checks.tally());
    }
    assert_eq!((sum.accepted, sum.checks[0].subjects, sum.checks[0].held), (3, 3, false));
}
