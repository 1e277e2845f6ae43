//! `always`, `never`, `eventually`, `sometimes`: by row, by group, as a whole, with their evidence.

use ordain_checks::CheckKind;
use ordain_world::expr::{Expr, Fold, Op};
use ordain_world::spec::Col;
use ordain_world::{Gauge, Value, What};

use crate::bench::*;

fn int(n: i64) -> Expr {
    Expr::Const(Value::Int(n))
}

fn bin(op: Op, a: Expr, b: Expr) -> Expr {
    Expr::Bin(op, Box::new(a), Box::new(b))
}

fn no_oversell() -> Expr {
    Expr::All(ITEMS, Box::new(bin(Op::Ge, Expr::Col(Col(0)), int(0))))
}

fn charged_once() -> Expr {
    let sum = Expr::Over(Fold::Sum, Box::new(Expr::Col(Col(1))));
    Expr::AllGroups(CHARGES, vec![Some(Col(0))], Box::new(bin(Op::In, sum, Expr::List(vec![int(0), int(1)]))))
}

#[test]
fn a_row_that_breaks_the_rule_is_told_with_its_value() {
    let mut bench = Bench::new(CheckKind::Always(no_oversell()));
    bench.put(1, ITEMS, "A", Value::Int(0));
    bench.expect(&[]);
    bench.put(2, ITEMS, "A", Value::Int(-1));
    bench.put(3, ITEMS, "A", Value::Int(-2));
    bench.quiet();
    assert_eq!(bench.told(), ["violated/stock.items/A: items A: left is -1"]);
    assert_eq!(bench.violations()[0].command, Some(2));
    assert_eq!(bench.checks.tally().checks[0].evaluated, 4);
}

#[test]
fn rows_of_the_start_are_judged_at_quiet() {
    let mut bench = Bench::new(CheckKind::Always(Expr::All(ITEMS, Box::new(bin(Op::Lt, Expr::Col(Col(0)), int(2))))));
    bench.quiet();
    bench.expect(&["violated/stock.items/A"]);
}

#[test]
fn a_group_is_judged_by_its_fold() {
    let mut bench = Bench::new(CheckKind::Always(charged_once()));
    for command in [7, 8] {
        let msg = bench.msg(CHARGE, command);
        bench.charge(msg, 1);
        bench.charge(msg, -1);
    }
    bench.expect(&[]);
    let msg = bench.msg(CHARGE, 7);
    bench.charge(msg, 1);
    bench.charge(msg, 1);
    bench.quiet();
    assert_eq!(bench.told(), ["violated/payment.charges/c7: charges of order_id c7: sum(amount) is 2"]);
    assert_eq!(bench.violations()[0].command, Some(7));
}

#[test]
fn never_is_the_negation_by_row() {
    let mut bench = Bench::new(CheckKind::Never(Expr::Exists(ITEMS, Box::new(bin(Op::Lt, Expr::Col(Col(0)), int(0))))));
    bench.put(1, ITEMS, "B", Value::Int(3));
    bench.expect(&[]);
    bench.put(1, ITEMS, "B", Value::Int(-3));
    assert_eq!(bench.told(), ["violated/stock.items/B: items B: left is -3"]);
}

#[test]
fn a_predicate_over_two_tables_is_judged_when_either_changes() {
    let key = Box::new(Expr::RowKey);
    let mut bench = Bench::new(CheckKind::Always(Expr::All(SHOWN, Box::new(Expr::Has(ORDERS, key)))));
    bench.put_text(1, ORDERS, "c1", "open");
    bench.put_text(1, SHOWN, "c1", "open");
    bench.expect(&[]);
    let (msg, order) = (bench.msg(SHIP, 1), bench.text("c1"));
    bench.commit_with(msg, SHIPPING, |tables, tx| tables.delete(tx, ORDERS, &order).expect("no locks"));
    assert_eq!(bench.told(), ["violated/audit.shown/c1: shown c1: has(order.orders[order_id]) is false"]);
}

#[test]
fn a_gauge_is_judged_when_it_moves() {
    let mut bench = Bench::new(CheckKind::Always(bin(Op::Eq, Expr::Gauge(Gauge::DeadLetters(WORK)), int(0))));
    let msg = bench.accepted(CHARGE, 7);
    bench.expect(&[]);
    bench.gauges.add(Gauge::DeadLetters(WORK), 1);
    bench.fact(What::DeadLettered { msg, sub: PAYMENT, why: ordain_brokers::Loss::Exhausted, kept: true });
    assert_eq!(bench.told(), ["violated/work_dlq/work_dlq: work_dlq is 1"]);
    assert_eq!(bench.violations()[0].command, Some(7));
}

#[test]
fn a_predicate_without_value_is_an_error() {
    let half = bin(Op::Div, int(1), Expr::Col(Col(0)));
    let mut bench = Bench::new(CheckKind::Always(Expr::All(ITEMS, Box::new(bin(Op::Ge, half, int(0))))));
    bench.put(1, ITEMS, "A", Value::Int(1));
    bench.expect(&[]);
    bench.put(1, ITEMS, "A", Value::Int(0));
    bench.expect(&["error/stock.items/A"]);
}

#[test]
fn eventually_counts_at_quiet_only() {
    for (last, found) in [("shipped", &[][..]), ("open", &["unsettled/order.orders/c7"][..])] {
        let shipped = Expr::Const(Value::Str(shop().names.find("Shipped").expect("a name of the shop")));
        let mut bench =
            Bench::new(CheckKind::Eventually(Expr::All(ORDERS, Box::new(bin(Op::Eq, Expr::Col(Col(0)), shipped)))));
        bench.put_text(7, ORDERS, "c7", "open");
        bench.expect(&[]);
        let last = if last == "shipped" { "Shipped" } else { last };
        bench.put_text(7, ORDERS, "c7", last);
        bench.quiet();
        bench.expect(found);
    }
}

#[test]
fn sometimes_latches_and_is_never_a_violation() {
    let gone = Expr::Exists(ITEMS, Box::new(bin(Op::Eq, Expr::Col(Col(0)), int(0))));
    let mut bench = Bench::new(CheckKind::Sometimes(gone));
    bench.put(1, ITEMS, "A", Value::Int(1));
    assert!(!bench.checks.tally().checks[0].held);
    bench.put(1, ITEMS, "A", Value::Int(0));
    bench.put(1, ITEMS, "A", Value::Int(1));
    bench.quiet();
    assert!(bench.checks.tally().checks[0].held);
    bench.expect(&[]);
    bench.again();
    bench.quiet();
    assert!(!bench.checks.tally().checks[0].held, "another run, another latch");
}

#[test]
fn sometimes_over_gauges_needs_both() {
    let some = |gauge| bin(Op::Gt, Expr::Gauge(gauge), int(0));
    let both = Expr::And(Box::new(some(Gauge::SagaUndone(SAGA))), Box::new(some(Gauge::Effects(PSP))));
    let mut bench = Bench::new(CheckKind::Sometimes(both));
    bench.saga(1, ordain_world::fact::SagaTurn::Undone);
    assert!(!bench.checks.tally().checks[0].held);
    bench.gauges.add(Gauge::Effects(PSP), 1);
    let key = bench.text("c1");
    let msg = bench.msg(CHARGE, 1);
    bench.fact(What::Effect { msg, external: PSP, key, service: ordain_world::spec::ServiceId(1), count: 1 });
    assert!(bench.checks.tally().checks[0].held);
}

#[test]
fn what_is_unsettled_at_quiet_points_to_the_last_commit_that_wrote_its_rows() {
    let mut bench = Bench::new(CheckKind::Eventually(charged_once()));
    let (seven, eight) = (bench.msg(CHARGE, 7), bench.msg(CHARGE, 8));
    bench.charge(seven, 1);
    bench.charge(seven, 1);
    let writer = bench.event;
    bench.charge(eight, 1);
    bench.wait(5);
    bench.quiet();
    bench.expect(&["unsettled/payment.charges/c7"]);
    assert_eq!((bench.violations()[0].event, bench.violations()[0].at), (writer, bench.at));
}

#[test]
fn a_row_that_is_unsettled_at_quiet_points_to_its_writer_and_one_of_the_start_to_the_end() {
    let mut bench =
        Bench::new(CheckKind::Eventually(Expr::All(ITEMS, Box::new(bin(Op::Lt, Expr::Col(Col(0)), int(2))))));
    bench.put(1, ITEMS, "B", Value::Int(3));
    let writer = bench.event;
    bench.put(2, ITEMS, "C", Value::Int(1));
    bench.quiet();
    bench.expect(&["unsettled/stock.items/A", "unsettled/stock.items/B"]);
    let events: Vec<_> = bench.violations().iter().map(|violation| violation.event).collect();
    assert_eq!(events, [bench.event, writer]);
}
