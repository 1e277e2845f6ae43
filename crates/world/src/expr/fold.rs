//! Evaluation over rows: quantifiers, groups and folds.

use core::cmp::Ordering;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::{Env, EvalError, Expr, Fold, Op, eval};
use crate::spec::{Col, TableId};
use crate::table::RowRef;
use crate::value::Value;

/// Evaluates the expressions that walk rows.
pub(super) fn eval_rows(expr: &Expr, env: &mut Env<'_>) -> Result<Value, EvalError> {
    match expr {
        Expr::Rows(table) => Ok(Value::Int(env.tables.count_rows(env.tx, *table) as i64)),
        Expr::All(table, p) => Ok(Value::Bool(!any_row(*table, p, false, env)?)),
        Expr::Exists(table, p) => Ok(Value::Bool(any_row(*table, p, true, env)?)),
        Expr::AllGroups(table, by, p) => all_groups(*table, by, p, env),
        Expr::Over(how, e) => {
            let rows = env.group.ok_or(EvalError::NoGroupInScope)?;
            fold(*how, e, rows.iter().copied(), env)
        }
        Expr::OverTable(table, how, e) => fold(*how, e, env.tables.scan(env.tx, *table), env),
        _ => unreachable!("no expression over rows"),
    }
}

/// Whether there is a row for which the predicate is `wanted`.
fn any_row(table: TableId, p: &Expr, wanted: bool, env: &mut Env<'_>) -> Result<bool, EvalError> {
    for row in env.tables.scan(env.tx, table) {
        if env.row_holds(p, row)? == wanted {
            return Ok(true);
        }
    }
    Ok(false)
}

fn all_groups(table: TableId, by: &[Option<Col>], p: &Expr, env: &mut Env<'_>) -> Result<Value, EvalError> {
    let mut groups: IndexMap<Vec<&Value>, Vec<RowRef<'_>>, FxBuildHasher> = IndexMap::default();
    for row in env.tables.scan(env.tx, table) {
        env.step()?;
        groups.entry(group_key(by, row)).or_default().push(row);
    }
    for rows in groups.values() {
        if !env.group_holds(p, rows)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

/// The values that say to which group a row belongs; `None` in `by` is the key.
#[must_use]
pub fn group_key<'a>(by: &[Option<Col>], (key, cols): RowRef<'a>) -> Vec<&'a Value> {
    by.iter().map(|col| col.map_or(key, |col| &cols[col.at()])).collect()
}

fn fold<'a>(
    how: Fold,
    e: &Expr,
    rows: impl Iterator<Item = RowRef<'a>>,
    env: &mut Env<'a>,
) -> Result<Value, EvalError> {
    let outer = env.row;
    let folded = fold_rows(how, e, rows, env);
    env.row = outer;
    folded
}

fn fold_rows<'a>(
    how: Fold,
    e: &Expr,
    rows: impl Iterator<Item = RowRef<'a>>,
    env: &mut Env<'a>,
) -> Result<Value, EvalError> {
    let mut folded = Value::Nil;
    let mut count = 0;
    for row in rows {
        env.row = Some(row);
        let value = eval(e, env)?;
        if matches!(value, Value::Nil) {
            continue;
        }
        count += i64::from(value != Value::Bool(false));
        folded = match (how, &folded) {
            (Fold::Count, _) => continue,
            (_, Value::Nil) => value,
            (Fold::Sum, sum) => sum.add(&value)?,
            (Fold::Min, least) => better(Ordering::Less, value, least, env)?,
            (Fold::Max, most) => better(Ordering::Greater, value, most, env)?,
        };
    }
    Ok(match how {
        Fold::Count => Value::Int(count),
        Fold::Sum if folded == Value::Nil => Value::Int(0),
        _ => folded,
    })
}

/// `value` when it stands in this order to `best`, else `best`.
fn better(order: Ordering, value: Value, best: &Value, env: &Env<'_>) -> Result<Value, EvalError> {
    match value.compare(best, env.names) {
        Some(found) if found == order => Ok(value),
        Some(_) => Ok(best.clone()),
        None => Err(EvalError::Operands(Op::Lt, value.kind(), best.kind())),
    }
}
