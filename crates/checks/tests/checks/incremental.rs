//! Incremental evaluation finds exactly what evaluating everything after each commit finds.

use std::collections::BTreeSet;

use ordain_checks::{CheckKind, CheckSpec, Severity};
use ordain_world::expr::{Env, Expr, Fold, Op};
use ordain_world::spec::Col;
use ordain_world::table::RowRef;
use ordain_world::{Tables, Transaction, Value};
use proptest::prelude::*;

use crate::bench::*;

/// One write of a commit, on append table and keyed table.
#[derive(Clone, Debug)]
enum Write {
    Add(u8, i64),
    Move(u8, u8, i64),
    Drop(u8),
    Left(u8, i64),
    Gone(u8),
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        (0..4u8, -1..2i64).prop_map(|(group, amount)| Write::Add(group, amount)),
        (0..12u8, 0..4u8, -1..2i64).prop_map(|(row, group, amount)| Write::Move(row, group, amount)),
        (0..12u8).prop_map(Write::Drop),
        (0..4u8, -1..3i64).prop_map(|(key, left)| Write::Left(key, left)),
        (0..4u8).prop_map(Write::Gone),
    ]
}

fn apply(write: &Write, keys: &[Value], tables: &mut Tables, tx: &mut Transaction) {
    let row = |row: &u8| Value::Int(i64::from(*row) + 1);
    let done = match write {
        Write::Add(group, amount) => {
            let cols = [(Col(0), keys[*group as usize].clone()), (Col(1), Value::Int(*amount))];
            tables.append(tx, CHARGES, cols);
            Ok(())
        }
        Write::Move(at, group, amount) if tables.read(tx, CHARGES, &row(at)).is_some() => {
            let cols = [(Col(0), keys[*group as usize].clone()), (Col(1), Value::Int(*amount))];
            tables.put(tx, CHARGES, &row(at), cols)
        }
        Write::Move(..) => Ok(()),
        Write::Drop(at) => tables.delete(tx, CHARGES, &row(at)),
        Write::Left(key, left) => tables.put(tx, ITEMS, &keys[*key as usize], [(Col(0), Value::Int(*left))]),
        Write::Gone(key) => tables.delete(tx, ITEMS, &keys[*key as usize]),
    };
    done.expect("nobody else holds locks");
}

fn bin(op: Op, a: Expr, n: i64) -> Expr {
    Expr::Bin(op, Box::new(a), Box::new(Expr::Const(Value::Int(n))))
}

fn group_rule() -> Expr {
    let sum = Expr::Over(Fold::Sum, Box::new(Expr::Col(Col(1))));
    let one = Box::new(Expr::Const(Value::Bool(true)));
    Expr::And(Box::new(bin(Op::Ge, sum.clone(), 0)), {
        let few = bin(Op::Le, Expr::Over(Fold::Count, one), 3);
        Box::new(Expr::And(Box::new(few), Box::new(bin(Op::Le, sum, 1))))
    })
}

/// A row of `items` is fine while it is not below zero and somebody is charged for it.
fn row_rule() -> Expr {
    let charged = Expr::Exists(CHARGES, Box::new(bin(Op::Eq, Expr::Col(Col(1)), 1)));
    Expr::Or(Box::new(bin(Op::Ge, Expr::Col(Col(0)), 0)), Box::new(charged))
}

fn bench() -> Bench {
    let check =
        |name: &str, expr| CheckSpec { name: name.into(), severity: Severity::Error, kind: CheckKind::Always(expr) };
    Bench::with(vec![
        check("groups", Expr::AllGroups(CHARGES, vec![Some(Col(0))], Box::new(group_rule()))),
        check("rows", Expr::All(ITEMS, Box::new(row_rule()))),
        check(
            "whole",
            Expr::Or(Box::new(bin(Op::Le, Expr::Rows(CHARGES), 5)), Box::new(bin(Op::Gt, Expr::Rows(ITEMS), 2))),
        ),
    ])
}

/// Everything that is wrong now, as (check, subject), evaluated from nothing.
fn wrong(bench: &Bench) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut env = Env::committed(&bench.names, &bench.tables, &bench.gauges, bench.at);
    let mut groups: Vec<(&Value, Vec<RowRef<'_>>)> = Vec::new();
    for (key, row) in bench.tables.rows(CHARGES) {
        match groups.iter_mut().find(|(group, _)| *group == &row.cols[0]) {
            Some((_, rows)) => rows.push((key, &row.cols)),
            None => groups.push((&row.cols[0], vec![(key, &row.cols)])),
        }
    }
    for (group, rows) in groups {
        if env.group_holds(&group_rule(), &rows) != Ok(true) {
            out.push(("groups".into(), group.render(&bench.names)));
        }
    }
    for (key, row) in bench.tables.rows(ITEMS) {
        if env.row_holds(&row_rule(), (key, &row.cols)) != Ok(true) {
            out.push(("rows".into(), key.render(&bench.names)));
        }
    }
    if bench.tables.len(CHARGES) > 5 && bench.tables.len(ITEMS) <= 2 {
        out.push(("whole".into(), "stock.items".into()));
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn incremental_is_full(runs in prop::collection::vec(prop::collection::vec(prop::collection::vec(write(), 1..4), 1..25), 1..3)) {
        let mut bench = bench();
        for run in runs {
            bench.again();
            let keys: Vec<Value> = ["A", "B", "C", "D"].iter().map(|key| bench.text(key)).collect();
            let mut full = BTreeSet::new();
            for commit in run {
                let msg = bench.msg(SHIP, 1);
                bench.commit_with(msg, SHIPPING, |tables, tx| {
                    commit.iter().for_each(|write| apply(write, &keys, tables, tx));
                });
                full.extend(wrong(&bench));
                let found = bench.violations().iter().map(|v| (v.signature.check.clone(), v.subject.clone()));
                prop_assert_eq!(found.collect::<BTreeSet<_>>(), full.clone());
            }
            let before = bench.violations().len();
            bench.quiet();
            prop_assert_eq!(bench.violations().len(), before, "the full evaluation at the end found more");
        }
    }
}
