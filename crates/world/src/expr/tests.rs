//! Tests of expressions: a table of answers, and the analysis that checks rely on.

use std::rc::Rc;

use ordain_kernel::{Names, Time};

use super::{Conjunct, Env, EvalError, Expr, Fold, Op, eval, footprint, group_key};
use crate::fact::{Gauge, Gauges};
use crate::spec::{Col, ServiceId, TableId, TableSpec};
use crate::table::Tables;
use crate::value::{ArithError, Ty, Value, ValueKind};

const ITEMS: TableId = TableId(0);
const LEFT: Col = Col(0);
const OWNER: Col = Col(1);
const DEDUP: Gauge = Gauge::DedupHits(ServiceId(0));

fn int(n: i64) -> Expr {
    Expr::Const(Value::Int(n))
}

fn bin(op: Op, a: Expr, b: Expr) -> Expr {
    Expr::Bin(op, a.into(), b.into())
}

fn list(items: &[i64]) -> Value {
    Value::List(Rc::new(items.iter().map(|n| Value::Int(*n)).collect()))
}

/// A world of one table `items[sku] = (left, owner)`: A = (4, 1), B = (50, 1), C = (nil, 2).
struct World {
    names: Names,
    tables: Tables,
    gauges: Gauges,
}

impl World {
    fn new() -> World {
        let mut names = Names::default();
        let rows = [("A", Value::Int(4), 1), ("B", Value::Int(50), 1), ("C", Value::Nil, 2)];
        let rows = rows.map(|(key, left, owner)| (Value::Str(names.intern(key)), vec![left, Value::Int(owner)]));
        let spec = TableSpec {
            name: names.intern("items"),
            service: ServiceId(0),
            key: Some(names.intern("sku")),
            columns: vec![(names.intern("left"), Ty::Int), (names.intern("owner"), Ty::Int)],
            rows: rows.to_vec(),
        };
        names.intern("Z");
        let mut gauges = Gauges::default();
        gauges.add(DEDUP, 3);
        World { names, tables: Tables::new(&[spec]), gauges }
    }

    fn env(&self) -> Env<'_> {
        Env::committed(&self.names, &self.tables, &self.gauges, Time(7))
    }

    fn text(&self, text: &str) -> Box<Expr> {
        Box::new(Expr::Const(Value::Str(self.names.find(text).unwrap())))
    }

    fn eval(&self, expr: &Expr) -> Result<Value, EvalError> {
        let fields = [Value::Int(2), list(&[1, 2])];
        eval(expr, &mut Env { fields: &fields, locals: &[Value::Int(9)], ..self.env() })
    }
}

#[test]
fn expressions_have_known_values() {
    let world = World::new();
    let yes = || Box::new(Expr::Const(Value::Bool(true)));
    let no = || Box::new(Expr::Const(Value::Bool(false)));
    let broken = || Box::new(bin(Op::Div, int(1), int(0)));
    let left = || Box::new(Expr::Col(LEFT));
    let known = || Box::new(bin(Op::Ne, Expr::Col(LEFT), Expr::Const(Value::Nil)));
    let mine = || Box::new(bin(Op::Le, Expr::Col(OWNER), int(1)));
    let over = |how| Box::new(bin(Op::In, Expr::Over(how, left()), Expr::List(vec![int(54), int(0)])));
    let bool = Value::Bool;
    let cases = [
        (bin(Op::Add, Expr::Field(0), Expr::Local(0)), Value::Int(11)),
        (Expr::Local(5), Value::Nil),
        (bin(Op::In, int(2), Expr::Field(1)), bool(true)),
        (bin(Op::In, int(3), Expr::List(vec![int(3), Expr::Neg(broken())])), bool(true)),
        (bin(Op::Lt, *world.text("A"), *world.text("B")), bool(true)),
        (bin(Op::Eq, Expr::Const(Value::Nil), int(0)), bool(false)),
        (Expr::And(no(), broken()), bool(false)),
        (Expr::Or(yes(), broken()), bool(true)),
        (Expr::Not(no()), bool(true)),
        (Expr::If(no(), broken(), Box::new(int(1))), Value::Int(1)),
        (Expr::Size(Box::new(Expr::Field(1))), Value::Int(2)),
        (Expr::Size(world.text("items")), Value::Int(5)),
        (Expr::Now, Value::Time(Time(7))),
        (Expr::At(ITEMS, world.text("B"), LEFT), Value::Int(50)),
        (Expr::Has(ITEMS, world.text("Z")), bool(false)),
        (Expr::Rows(ITEMS), Value::Int(3)),
        (Expr::All(ITEMS, known()), bool(false)),
        (Expr::Exists(ITEMS, known()), bool(true)),
        (Expr::Exists(ITEMS, Box::new(bin(Op::Eq, Expr::RowKey, *world.text("C")))), bool(true)),
        (Expr::OverTable(ITEMS, Fold::Sum, left()), Value::Int(54)),
        (Expr::OverTable(ITEMS, Fold::Count, left()), Value::Int(2)),
        (Expr::OverTable(ITEMS, Fold::Count, mine()), Value::Int(2)),
        (Expr::OverTable(ITEMS, Fold::Min, left()), Value::Int(4)),
        (Expr::OverTable(ITEMS, Fold::Max, left()), Value::Int(50)),
        (Expr::OverTable(ITEMS, Fold::Max, Box::new(Expr::Const(Value::Nil))), Value::Nil),
        (Expr::AllGroups(ITEMS, vec![Some(OWNER)], over(Fold::Sum)), bool(true)),
        (Expr::AllGroups(ITEMS, vec![Some(OWNER)], over(Fold::Max)), bool(false)),
        (Expr::AllGroups(ITEMS, vec![None], over(Fold::Sum)), bool(false)),
        (Expr::Gauge(DEDUP), Value::Int(3)),
        (Expr::List(vec![int(1), int(2)]), list(&[1, 2])),
    ];
    for (expr, want) in cases {
        assert_eq!(world.eval(&expr), Ok(want), "{expr:?}");
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let world = World::new();
    let yes = || Expr::Const(Value::Bool(true));
    for (expr, want) in [
        (bin(Op::Add, int(i64::MAX), int(1)), "overflow"),
        (bin(Op::Rem, int(1), int(0)), "division by zero"),
        (bin(Op::Mul, int(1), yes()), "no operator `*` between int and bool"),
        (bin(Op::Lt, int(1), Expr::Const(Value::Nil)), "no operator `<` between int and nil"),
        (bin(Op::Lt, Expr::Const(Value::Nil), Expr::Const(Value::Nil)), "no operator `<` between nil and nil"),
        (Expr::Not(int(1).into()), "int where bool is needed"),
        (Expr::At(ITEMS, world.text("Z"), LEFT), "no such row `items['Z']`"),
        (Expr::At(ITEMS, int(7).into(), LEFT), "no such row `items[7]`"),
        (Expr::Col(LEFT), "no row in scope"),
        (Expr::Over(Fold::Sum, int(1).into()), "no group in scope"),
    ] {
        assert_eq!(world.eval(&expr).unwrap_err().text(&world.names, &world.tables), want);
    }
    let mut env = Env { budget: 3, ..world.env() };
    assert_eq!(eval(&Expr::All(ITEMS, yes().into()), &mut env), Err(EvalError::Budget));
    let mut env = Env { gauges: None, ..world.env() };
    assert_eq!(eval(&Expr::Gauge(DEDUP), &mut env), Err(EvalError::NoGauges));
    let kinds = ArithError::Kinds { op: '+', left: ValueKind::Int, right: ValueKind::Str };
    assert_eq!(world.eval(&bin(Op::Add, int(1), *world.text("A"))), Err(EvalError::Arith(kinds)));
}

#[test]
fn steps_are_charged_once_a_node() {
    let world = World::new();
    let mut env = Env { budget: 5, ..world.env() };
    let sum = bin(Op::Add, bin(Op::Add, int(1), int(2)), int(3));
    assert_eq!(eval(&sum, &mut env), Ok(Value::Int(6)));
    assert_eq!(env.budget, 0);
}

#[test]
fn a_predicate_is_split_into_parts_that_are_judged_alone() {
    let world = World::new();
    let row = Box::new(bin(Op::Ge, Expr::Col(LEFT), int(0)));
    let group = Box::new(bin(Op::In, Expr::Over(Fold::Sum, Expr::Col(LEFT).into()), Expr::List(vec![int(0)])));
    let outside = Box::new(bin(Op::Lt, Expr::Col(LEFT), Expr::Gauge(DEDUP)));
    let all = |p: &Expr| Box::new(Expr::All(ITEMS, p.clone().into()));
    let by = vec![Some(OWNER)];
    let none = Box::new(Expr::Not(Box::new(Expr::Exists(ITEMS, row.clone()))));
    let groups = Box::new(Expr::AllGroups(ITEMS, by.clone(), group.clone()));
    let whole = Expr::And(Expr::And(all(&row), groups).into(), Expr::And(all(&outside), none).into());
    assert_eq!(
        whole.scope(),
        [
            Conjunct::Rows { table: ITEMS, p: &row, want: true },
            Conjunct::Groups { table: ITEMS, by: &by, p: &group },
            Conjunct::Whole(&all(&outside)),
            Conjunct::Rows { table: ITEMS, p: &row, want: false },
        ]
    );
    let reads = footprint(&whole);
    assert_eq!((reads.tables, reads.gauges, reads.now), (vec![ITEMS], vec![DEDUP], false));

    let rows: Vec<_> = world.tables.scan(None, ITEMS).take(2).collect();
    let mut env = world.env();
    assert_eq!(env.row_holds(&row, rows[0]), Ok(true));
    assert_eq!(env.group_holds(&group, &rows), Ok(false));
    assert_eq!(env.row, None);
    assert_eq!(group_key(&[None, Some(OWNER)], rows[0])[1], &Value::Int(1));
}
