//! Convergence of a view to its truth.

use ordain_checks::CheckKind;
use ordain_kernel::Span;
use ordain_world::spec::Col;

use crate::bench::*;

fn bench(within: Option<u64>) -> Bench {
    let (view, truth) = ((SHOWN, Col(0)), (ORDERS, Col(0)));
    Bench::new(CheckKind::Converges { view, truth, within: within.map(Span::from_secs) })
}

#[test]
fn the_view_must_be_equal_at_quiet() {
    let mut bench = bench(None);
    bench.put_text(7, ORDERS, "c7", "open");
    bench.put_text(7, SHOWN, "c7", "open");
    bench.put_text(7, ORDERS, "c7", "shipped");
    bench.quiet();
    assert_eq!(
        bench.told(),
        ["diverged/audit.shown/c7: audit.shown.status of c7 is 'open' at quiet, and order.orders.status is 'shipped'"]
    );
    assert_eq!(bench.violations()[0].command, Some(7));
    bench.again();
    bench.put_text(7, ORDERS, "c7", "shipped");
    bench.put_text(7, SHOWN, "c7", "shipped");
    bench.quiet();
    bench.expect(&[]);
}

#[test]
fn a_difference_at_quiet_points_to_the_last_commit_that_wrote_either_row() {
    let mut bench = bench(None);
    bench.put_text(7, SHOWN, "c7", "open");
    bench.put_text(7, ORDERS, "c7", "shipped");
    let writer = bench.event;
    bench.put_text(8, ORDERS, "c8", "open");
    bench.put_text(8, SHOWN, "c8", "open");
    bench.wait(5);
    bench.quiet();
    bench.expect(&["diverged/audit.shown/c7"]);
    assert_eq!((bench.violations()[0].event, bench.violations()[0].at), (writer, bench.at));
}

#[test]
fn a_missing_row_and_a_ghost_row_are_differences() {
    let mut bench = bench(None);
    bench.put_text(7, ORDERS, "c7", "open");
    bench.put_text(8, SHOWN, "c8", "open");
    bench.quiet();
    bench.expect(&["diverged/audit.shown/c7", "diverged/audit.shown/c8"]);
}

#[test]
fn the_bound_counts_from_the_last_change_of_the_truth_in_the_drain() {
    for (late, found) in [(4, &[][..]), (6, &["diverged/audit.shown/c7"][..])] {
        let mut bench = bench(Some(5));
        bench.put_text(7, ORDERS, "c7", "open");
        bench.wait(100);
        bench.drain();
        bench.wait(3);
        bench.put_text(7, ORDERS, "c7", "shipped");
        bench.wait(late);
        bench.put_text(7, SHOWN, "c7", "shipped");
        bench.quiet();
        bench.expect(found);
    }
}
