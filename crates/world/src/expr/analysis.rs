//! What an expression depends on: its footprint, and the parts that can be judged row by row or group by group.

use super::Expr;
use crate::fact::Gauge;
use crate::spec::{Col, TableId};

/// Everything that an expression reads, besides its row or group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    /// Tables, in order and without repetition.
    pub tables: Vec<TableId>,
    /// Counters of the world, in the order of the expression and without repetition.
    pub gauges: Vec<Gauge>,
    /// Whether it depends on the time.
    pub now: bool,
    /// Whether it depends on a message in handling: its fields, id, or the handler's locals.
    pub message: bool,
}

impl Footprint {
    /// Whether it reads nothing but the row or group in scope.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Footprint::default()
    }
}

/// One of the parts whose conjunction a predicate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conjunct<'a> {
    /// `p` has to be `want` for each row, and depends on nothing but the row: after a commit only the changed
    /// rows need to be judged.
    Rows {
        /// The table.
        table: TableId,
        /// The predicate.
        p: &'a Expr,
        /// What it has to be: false for the negation of [`Expr::Exists`].
        want: bool,
    },
    /// `p` has to hold for each group of rows, and depends on nothing but the group.
    Groups {
        /// The table.
        table: TableId,
        /// The columns that make a group: see [`super::group_key`].
        by: &'a [Option<Col>],
        /// The predicate.
        p: &'a Expr,
    },
    /// Anything else: to be judged as a whole whenever its footprint is touched.
    Whole(&'a Expr),
}

/// Everything that `expr` reads.
#[must_use]
pub fn footprint(expr: &Expr) -> Footprint {
    let mut found = Footprint::default();
    expr.walk(&mut |part| found.take(part));
    found.tables.sort_unstable();
    found.tables.dedup();
    found
}

impl Footprint {
    fn take(&mut self, part: &Expr) {
        match part {
            Expr::At(table, ..)
            | Expr::Has(table, _)
            | Expr::Rows(table)
            | Expr::All(table, _)
            | Expr::Exists(table, _)
            | Expr::AllGroups(table, ..)
            | Expr::OverTable(table, ..) => self.tables.push(*table),
            Expr::Gauge(gauge) if !self.gauges.contains(gauge) => self.gauges.push(*gauge),
            Expr::Now => self.now = true,
            Expr::Field(_) | Expr::Local(_) | Expr::MessageId => self.message = true,
            _ => {}
        }
    }
}

impl Expr {
    /// Calls `visit` on this expression and on everything in it, from outside in.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        visit(self);
        match self {
            Expr::Const(_)
            | Expr::Field(_)
            | Expr::Local(_)
            | Expr::MessageId
            | Expr::Now
            | Expr::Col(_)
            | Expr::RowKey
            | Expr::Rows(_)
            | Expr::Gauge(_) => {}
            Expr::At(_, a, _)
            | Expr::Has(_, a)
            | Expr::Not(a)
            | Expr::Neg(a)
            | Expr::Size(a)
            | Expr::All(_, a)
            | Expr::Exists(_, a)
            | Expr::AllGroups(_, _, a)
            | Expr::Over(_, a)
            | Expr::OverTable(_, _, a) => a.walk(visit),
            Expr::And(a, b) | Expr::Or(a, b) | Expr::Bin(_, a, b) => {
                a.walk(visit);
                b.walk(visit);
            }
            Expr::If(c, a, b) => {
                c.walk(visit);
                a.walk(visit);
                b.walk(visit);
            }
            Expr::List(items) => items.iter().for_each(|item| item.walk(visit)),
        }
    }

    /// The parts of a predicate, which holds when all of them do; most checks are one part over rows or groups.
    ///
    /// The parts agree with the whole where every part has a value: `&&` stops at the first false one.
    #[must_use]
    pub fn scope(&self) -> Vec<Conjunct<'_>> {
        let mut parts = Vec::new();
        self.split(&mut parts);
        parts
    }

    fn split<'a>(&'a self, parts: &mut Vec<Conjunct<'a>>) {
        let local = |p: &Expr| footprint(p).is_empty();
        match self {
            Expr::And(a, b) => {
                a.split(parts);
                b.split(parts);
            }
            Expr::All(table, p) if local(p) => parts.push(Conjunct::Rows { table: *table, p, want: true }),
            Expr::AllGroups(table, by, p) if local(p) => parts.push(Conjunct::Groups { table: *table, by, p }),
            Expr::Not(inner) => match &**inner {
                Expr::Exists(table, p) if local(p) => parts.push(Conjunct::Rows { table: *table, p, want: false }),
                _ => parts.push(Conjunct::Whole(self)),
            },
            _ => parts.push(Conjunct::Whole(self)),
        }
    }
}
