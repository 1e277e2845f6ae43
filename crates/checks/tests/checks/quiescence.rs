//! The end of a run, and stopping before it.

use ordain_checks::{CheckKind, CheckSpec, Finish, Grade, Severity, Signature, VIOLATIONS_MAX};
use ordain_world::expr::{Expr, Op};
use ordain_world::spec::Col;
use ordain_world::{Flow, Value};

use crate::bench::*;

fn checks() -> Vec<CheckSpec> {
    let left = |op, n| Expr::Bin(op, Box::new(Expr::Col(Col(0))), Box::new(Expr::Const(Value::Int(n))));
    let check = |name: &str, severity, p| CheckSpec {
        name: name.into(),
        severity,
        kind: CheckKind::Always(Expr::All(ITEMS, Box::new(p))),
    };
    vec![check("few", Severity::Warn, left(Op::Lt, 100)), check("some", Severity::Error, left(Op::Ge, 0))]
}

#[test]
fn no_rest_is_a_verdict_of_its_own() {
    let mut bench = Bench::new(CheckKind::NoLoss(vec![WORK]));
    bench.accepted(CHARGE, 7);
    let stuck = vec!["work -> payment: 1 unsettled, oldest Charge(c7)".to_owned()];
    bench.finish(Finish::NotQuiet { stuck, why: "the drain ended".into() });
    let found = &bench.violations()[0];
    assert_eq!(bench.violations().len(), 1);
    assert_eq!(found.grade, Grade::NoQuiescence);
    assert_eq!(found.signature.to_string(), "quiescence/no-quiescence/work -> payment");
    assert_eq!(found.command, Some(7));
    assert_eq!(found.message, "the drain ended; stuck: work -> payment: 1 unsettled, oldest Charge(c7)");
}

#[test]
fn a_run_stops_on_the_signature_or_on_any_error() {
    let mut bench = Bench::with(checks());
    let wanted = Signature { check: "some".into(), word: "violated".into(), place: "stock.items".into() };
    bench.checks.stop_on(Some(wanted));
    bench.put(1, ITEMS, "A", Value::Int(100));
    assert_eq!(bench.flow, Flow::Go);
    bench.put(1, ITEMS, "B", Value::Int(-1));
    assert_eq!(bench.flow, Flow::Stop);
    bench.checks.stop_on(None);
    bench.checks.stop_on_any(true);
    bench.again();
    bench.put(1, ITEMS, "A", Value::Int(100));
    assert_eq!(bench.flow, Flow::Go, "a warning stops nothing");
    bench.put(1, ITEMS, "B", Value::Int(-1));
    assert_eq!(bench.flow, Flow::Stop);
}

#[test]
fn violations_are_capped_but_not_the_one_that_is_waited_for() {
    let mut bench = Bench::with(checks());
    bench.checks.stop_on(Some(Signature {
        check: "some".into(),
        word: "violated".into(),
        place: "stock.items".into(),
    }));
    for n in 0..100 {
        bench.put(1, ITEMS, &format!("many{n}"), Value::Int(100));
    }
    assert_eq!((bench.violations().len(), bench.flow), (VIOLATIONS_MAX, Flow::Go));
    bench.put(1, ITEMS, "B", Value::Int(-1));
    assert_eq!((bench.violations().len(), bench.flow), (VIOLATIONS_MAX, Flow::Stop));
    assert_eq!(bench.violations()[VIOLATIONS_MAX - 1].signature.check, "some");
}
