//! Evaluation: a walk over the tree, without allocation for numbers, strings and comparisons.

use core::cmp::Ordering;
use std::rc::Rc;

use ordain_kernel::{Names, Time};

use super::{EvalError, Expr, Op};
use crate::fact::{Gauge, Gauges};
use crate::spec::{Col, TableId};
use crate::table::{RowRef, Tables, Transaction};
use crate::value::{Value, ValueKind};

/// The usual step budget of one evaluation: each node of the tree that is visited is a step.
pub const STEP_BUDGET: u32 = 4_000_000;

/// What an expression sees.
#[derive(Clone, Debug)]
pub struct Env<'a> {
    /// The interner.
    pub names: &'a Names,
    /// The tables.
    pub tables: &'a Tables,
    /// The transaction whose overlay is seen before the committed rows.
    pub tx: Option<&'a Transaction>,
    /// The counters of the world, where they can be read.
    pub gauges: Option<&'a Gauges>,
    /// The fields of the message in handling.
    pub fields: &'a [Value],
    /// The locals; one that was never set is nil.
    pub locals: &'a [Value],
    /// The id of the message in handling.
    pub message_id: Value,
    /// Now.
    pub now: Time,
    /// The row in scope.
    pub row: Option<RowRef<'a>>,
    /// The rows of the group in scope.
    pub group: Option<&'a [RowRef<'a>]>,
    /// Steps left.
    pub budget: u32,
}

impl<'a> Env<'a> {
    /// What a predicate over the committed state sees: no message, no locals, no transaction.
    #[must_use]
    pub fn committed(names: &'a Names, tables: &'a Tables, gauges: &'a Gauges, now: Time) -> Env<'a> {
        Env {
            names,
            tables,
            tx: None,
            gauges: Some(gauges),
            fields: &[],
            locals: &[],
            message_id: Value::Nil,
            now,
            row: None,
            group: None,
            budget: STEP_BUDGET,
        }
    }

    /// Whether a predicate holds.
    ///
    /// # Errors
    /// When it has no value, or one that is no truth value.
    pub fn holds(&mut self, p: &Expr) -> Result<bool, EvalError> {
        truth(&eval(p, self)?)
    }

    /// Whether a predicate holds for one row.
    ///
    /// # Errors
    /// When it has no value, or one that is no truth value.
    pub fn row_holds(&mut self, p: &Expr, row: RowRef<'a>) -> Result<bool, EvalError> {
        let outer = self.row.replace(row);
        let held = self.holds(p);
        self.row = outer;
        held
    }

    /// Whether a predicate holds for one group of rows; its row in scope is the first one.
    ///
    /// # Errors
    /// When it has no value, or one that is no truth value.
    pub fn group_holds(&mut self, p: &Expr, rows: &[RowRef<'a>]) -> Result<bool, EvalError> {
        let mut inner = Env { row: rows.first().copied(), group: Some(rows), ..self.clone() };
        let held = inner.holds(p);
        self.budget = inner.budget;
        held
    }

    /// The value of a leaf where it stands; `None` for everything that has to be computed. The row, fields and
    /// locals live longer than the environment, so the value does not borrow it.
    fn leaf<'b>(&self, expr: &'b Expr) -> Option<&'b Value>
    where
        'a: 'b,
    {
        match expr {
            Expr::Const(value) => Some(value),
            Expr::Field(at) => Some(&self.fields[*at as usize]),
            Expr::Local(at) => Some(self.locals.get(*at as usize).unwrap_or(&Value::Nil)),
            Expr::Col(col) => self.row.map(|(_, cols)| &cols[col.at()]),
            Expr::RowKey => self.row.map(|(key, _)| key),
            _ => None,
        }
    }

    /// The columns of a row, from the overlay first.
    #[inline]
    pub(super) fn read(&self, table: TableId, key: &Value) -> Option<&'a [Value]> {
        match self.tx {
            Some(tx) => self.tables.read(tx, table, key),
            None => self.tables.committed(table, key).map(|row| row.cols.as_slice()),
        }
    }

    #[inline]
    pub(super) fn step(&mut self) -> Result<(), EvalError> {
        self.budget = self.budget.checked_sub(1).ok_or(EvalError::Budget)?;
        Ok(())
    }
}

/// A truth value, or an error.
pub(super) fn truth(value: &Value) -> Result<bool, EvalError> {
    match value {
        Value::Bool(b) => Ok(*b),
        other => Err(EvalError::Needs { need: ValueKind::Bool, found: other.kind() }),
    }
}

/// The value of an expression.
///
/// # Errors
/// When it has none: see [`EvalError`].
///
/// # Panics
/// When it names a field, column or table that does not exist: lowering has checked that.
pub fn eval(expr: &Expr, env: &mut Env<'_>) -> Result<Value, EvalError> {
    env.step()?;
    if let Some(value) = env.leaf(expr) {
        return Ok(value.clone());
    }
    match expr {
        Expr::Const(_) | Expr::Field(_) | Expr::Local(_) => unreachable!("a leaf has a value"),
        Expr::Col(_) | Expr::RowKey => Err(EvalError::NoRowInScope),
        Expr::MessageId => Ok(env.message_id.clone()),
        Expr::Now => Ok(Value::Time(env.now)),
        Expr::At(table, key, col) => at(*table, key, *col, env),
        Expr::Has(table, key) => with(key, env, |key, env| Ok(Value::Bool(env.read(*table, key).is_some()))),
        Expr::Not(a) => Ok(Value::Bool(!env.holds(a)?)),
        Expr::Neg(a) => Ok(eval(a, env)?.neg()?),
        Expr::And(a, b) => Ok(Value::Bool(env.holds(a)? && env.holds(b)?)),
        Expr::Or(a, b) => Ok(Value::Bool(env.holds(a)? || env.holds(b)?)),
        Expr::Bin(op, a, b) => binary(*op, a, b, env),
        Expr::If(c, a, b) => {
            let branch = if env.holds(c)? { a } else { b };
            eval(branch, env)
        }
        Expr::List(items) => {
            let values: Result<Vec<Value>, EvalError> = items.iter().map(|item| eval(item, env)).collect();
            Ok(Value::List(Rc::new(values?)))
        }
        Expr::Size(a) => with(a, env, size),
        Expr::Gauge(gauge) => read_gauge(*gauge, env),
        Expr::Rows(_)
        | Expr::All(..)
        | Expr::Exists(..)
        | Expr::AllGroups(..)
        | Expr::Over(..)
        | Expr::OverTable(..) => super::fold::eval_rows(expr, env),
    }
}

/// Hands the value of `expr` on by reference; leaves are not cloned.
fn with<'a, T>(
    expr: &Expr,
    env: &mut Env<'a>,
    then: impl FnOnce(&Value, &mut Env<'a>) -> Result<T, EvalError>,
) -> Result<T, EvalError> {
    match env.leaf(expr) {
        Some(value) => {
            env.step()?;
            then(value, env)
        }
        None => {
            let value = eval(expr, env)?;
            then(&value, env)
        }
    }
}

fn at(table: TableId, key: &Expr, col: Col, env: &mut Env<'_>) -> Result<Value, EvalError> {
    with(key, env, |key, env| match env.read(table, key) {
        Some(cols) => Ok(cols[col.at()].clone()),
        None => Err(EvalError::NoRow(Box::new((table, key.clone())))),
    })
}

fn read_gauge(gauge: Gauge, env: &Env<'_>) -> Result<Value, EvalError> {
    env.gauges.map(|gauges| Value::Int(gauges.get(gauge))).ok_or(EvalError::NoGauges)
}

fn size(value: &Value, env: &mut Env<'_>) -> Result<Value, EvalError> {
    match value {
        Value::List(items) => Ok(Value::Int(items.len() as i64)),
        Value::Str(sym) => Ok(Value::Int(env.names.text(*sym).chars().count() as i64)),
        other => Err(EvalError::Needs { need: ValueKind::List, found: other.kind() }),
    }
}

fn binary(op: Op, a: &Expr, b: &Expr, env: &mut Env<'_>) -> Result<Value, EvalError> {
    with(a, env, |a, env| match b {
        Expr::List(items) if op == Op::In => among(a, items, env),
        _ => with(b, env, |b, env| apply(op, a, b, env.names)),
    })
}

/// `a in [x, y]` without building the list; later elements are not evaluated once one is equal.
fn among(a: &Value, items: &[Expr], env: &mut Env<'_>) -> Result<Value, EvalError> {
    env.step()?;
    for item in items {
        if with(item, env, |item, _| Ok(a.equals(item)))? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

/// The value of a binary operator on two values.
#[inline]
pub(crate) fn apply(op: Op, a: &Value, b: &Value, names: &Names) -> Result<Value, EvalError> {
    let ordered = |holds: fn(Ordering) -> bool| match a.compare(b, names) {
        Some(order) if !matches!(a, Value::Nil) => Ok(Value::Bool(holds(order))),
        _ => Err(EvalError::Operands(op, a.kind(), b.kind())),
    };
    match op {
        Op::Add => Ok(a.add(b)?),
        Op::Sub => Ok(a.sub(b)?),
        Op::Mul => Ok(a.mul(b)?),
        Op::Div => Ok(a.div(b)?),
        Op::Rem => Ok(a.rem(b)?),
        Op::Eq => Ok(Value::Bool(a.equals(b))),
        Op::Ne => Ok(Value::Bool(!a.equals(b))),
        Op::Lt => ordered(Ordering::is_lt),
        Op::Le => ordered(Ordering::is_le),
        Op::Gt => ordered(Ordering::is_gt),
        Op::Ge => ordered(Ordering::is_ge),
        Op::In => match b {
            Value::List(items) => Ok(Value::Bool(items.iter().any(|item| item.equals(a)))),
            other => Err(EvalError::Operands(op, a.kind(), other.kind())),
        },
    }
}
