//! Evidence: why a predicate is not what it should be, with the values it was judged by.

use ordain_world::Spec;
use ordain_world::expr::{Env, Expr, Fold, eval};
use ordain_world::spec::{Col, TableId};
use ordain_world::table::RowRef;

use crate::gauge;
use crate::text;

/// Most rows told of one group.
const ROWS_TOLD: usize = 5;

/// What shows that `p` is not `want`: the clauses that decide it, with their values, else the rows in scope.
pub(crate) fn of(spec: &Spec, table: Option<TableId>, p: &Expr, want: bool, env: &mut Env<'_>) -> String {
    let writer = Writer { spec, table };
    writer.clause(p, want, env).unwrap_or_else(|| writer.rows(env).unwrap_or_else(|| writer.source(p)))
}

#[derive(Clone, Copy)]
struct Writer<'a> {
    spec: &'a Spec,
    /// The table of the row in scope.
    table: Option<TableId>,
}

impl Writer<'_> {
    fn clause(&self, p: &Expr, want: bool, env: &mut Env<'_>) -> Option<String> {
        match (p, want) {
            (Expr::Not(a), _) => self.clause(a, !want, env),
            (Expr::And(a, b), true) | (Expr::Or(a, b), false) => {
                // One of the two decides: the first that is not as it should be.
                let first = env.holds(a) != Ok(want);
                self.clause(if first { a } else { b }, want, env)
            }
            (Expr::And(a, b), false) | (Expr::Or(a, b), true) => {
                Some(format!("{} and {}", self.clause(a, want, env)?, self.clause(b, want, env)?))
            }
            (Expr::Bin(_, a, b), _) => {
                let sides: Vec<String> = [a, b].into_iter().filter_map(|side| self.value(side, env)).collect();
                if sides.is_empty() { None } else { Some(sides.join(" and ")) }
            }
            (Expr::Has(..) | Expr::Col(_) | Expr::At(..), _) => self.value(p, env),
            _ => None,
        }
    }

    /// `left is -1`; `None` for what is written out in the check itself.
    fn value(&self, e: &Expr, env: &mut Env<'_>) -> Option<String> {
        let mut constant = true;
        e.walk(&mut |part| constant &= matches!(part, Expr::Const(_) | Expr::List(_) | Expr::Neg(_)));
        if constant {
            return None;
        }
        let value = eval(e, env).ok()?;
        Some(format!("{} is {}", self.source(e), text::quoted(&value, env.names)))
    }

    /// The rows in scope, column by column.
    fn rows(&self, env: &Env<'_>) -> Option<String> {
        let one = |row: RowRef<'_>| {
            let cols = row.1.iter().enumerate();
            let cells =
                cols.map(|(at, value)| format!("{} = {}", self.column(Col(at as u16)), text::quoted(value, env.names)));
            cells.collect::<Vec<_>>().join(", ")
        };
        match (env.group, env.row) {
            (Some(rows), _) => {
                let told: Vec<String> = rows.iter().take(ROWS_TOLD).map(|row| format!("({})", one(*row))).collect();
                let more = if rows.len() > ROWS_TOLD { ", .." } else { "" };
                Some(format!("{} rows {}{more}", rows.len(), told.join(", ")))
            }
            (None, Some(row)) => Some(one(row)),
            (None, None) => None,
        }
    }

    fn column(&self, col: Col) -> &str {
        self.column_of(self.table, col)
    }

    fn column_of(&self, table: Option<TableId>, col: Col) -> &str {
        table.map_or("?", |table| self.spec.names.text(self.spec.tables[table.at()].columns[col.at()].0))
    }

    fn key(&self) -> &str {
        let key = self.table.and_then(|table| self.spec.tables[table.at()].key);
        key.map_or("row", |key| self.spec.names.text(key))
    }

    /// An expression as people read it.
    fn source(&self, e: &Expr) -> String {
        let of = |table: TableId| text::table(self.spec, table);
        let within = |table: TableId, e: &Expr| Writer { table: Some(table), ..*self }.source(e);
        match e {
            Expr::Const(value) => text::quoted(value, &self.spec.names),
            Expr::Field(at) => format!("field {at}"),
            Expr::Local(at) => format!("local {at}"),
            Expr::MessageId => "message_id".to_owned(),
            Expr::Now => "now".to_owned(),
            Expr::Col(col) => self.column(*col).to_owned(),
            Expr::RowKey => self.key().to_owned(),
            Expr::At(table, key, col) => {
                format!("{}[{}].{}", of(*table), self.source(key), self.column_of(Some(*table), *col))
            }
            Expr::Has(table, key) => format!("has({}[{}])", of(*table), self.source(key)),
            Expr::Not(a) => format!("!{}", self.source(a)),
            Expr::Neg(a) => format!("-{}", self.source(a)),
            Expr::And(a, b) => format!("{} && {}", self.source(a), self.source(b)),
            Expr::Or(a, b) => format!("({} || {})", self.source(a), self.source(b)),
            Expr::Bin(op, a, b) => format!("{} {} {}", self.source(a), op.text(), self.source(b)),
            Expr::If(c, a, b) => format!("{} ? {} : {}", self.source(c), self.source(a), self.source(b)),
            Expr::List(items) => {
                format!("[{}]", items.iter().map(|item| self.source(item)).collect::<Vec<_>>().join(", "))
            }
            Expr::Size(a) => format!("size({})", self.source(a)),
            Expr::Rows(table) => format!("size({})", of(*table)),
            Expr::All(table, p) => format!("{}.all({})", of(*table), within(*table, p)),
            Expr::Exists(table, p) => format!("{}.exists({})", of(*table), within(*table, p)),
            Expr::AllGroups(table, _, p) => format!("{}.by(..).all({})", of(*table), within(*table, p)),
            Expr::Over(how, e) => fold_text(*how, &self.source(e)),
            Expr::OverTable(table, how, e) => format!("{}.{}", of(*table), fold_text(*how, &within(*table, e))),
            Expr::Gauge(gauge) => gauge::text(self.spec, *gauge),
        }
    }
}

fn fold_text(how: Fold, of: &str) -> String {
    match how {
        Fold::Sum => format!("sum({of})"),
        // Counting constants is counting rows.
        Fold::Count if of == "true" || of == "1" => "count()".to_owned(),
        Fold::Count => format!("count({of})"),
        Fold::Min => format!("min({of})"),
        Fold::Max => format!("max({of})"),
    }
}
