//! The shape of a predicate: the parts whose conjunction it is, each judged by row, by group, or as a whole.

use ordain_world::expr::{Expr, footprint};
use ordain_world::spec::{Col, TableId};

/// How a part is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The predicate has to be `want` for each row of the table.
    Rows(TableId),
    /// The predicate has to hold for each group of rows of the table.
    Groups(TableId, Vec<Option<Col>>),
    /// The predicate has to be `want`.
    Whole,
}

/// A part of a predicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) shape: Shape,
    pub(crate) p: Expr,
    pub(crate) want: bool,
}

/// The pieces that all have to be in order for `expr` to be `want`. One out of order means that it is not.
///
/// Unlike [`Expr::scope`] it looks through negations, and leaves a row's predicate by row even when it reads
/// other tables: those are in the piece's own footprint, and only they cost a full evaluation.
pub(crate) fn pieces(expr: &Expr, want: bool) -> Vec<Piece> {
    let mut out = Vec::new();
    split(expr, want, &mut out);
    out
}

fn split(expr: &Expr, want: bool, out: &mut Vec<Piece>) {
    let mut push = |shape, p: &Expr| out.push(Piece { shape, p: p.clone(), want });
    match (expr, want) {
        (Expr::Not(a), _) => split(a, !want, out),
        (Expr::And(a, b), true) | (Expr::Or(a, b), false) => {
            split(a, want, out);
            split(b, want, out);
        }
        (Expr::All(table, p), true) | (Expr::Exists(table, p), false) => push(Shape::Rows(*table), p),
        (Expr::AllGroups(table, by, p), true) => push(Shape::Groups(*table, by.clone()), p),
        _ => push(Shape::Whole, expr),
    }
}

impl Piece {
    /// The table whose rows or groups it is about.
    pub(crate) fn table(&self) -> Option<TableId> {
        match self.shape {
            Shape::Rows(table) | Shape::Groups(table, _) => Some(table),
            Shape::Whole => None,
        }
    }

    /// Everything that it reads besides the row or group in scope.
    pub(crate) fn beside(&self) -> ordain_world::expr::Footprint {
        footprint(&self.p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordain_world::Value;

    fn row() -> Box<Expr> {
        Box::new(Expr::Col(Col(0)))
    }

    #[test]
    fn negations_are_looked_through() {
        let none = Expr::Not(Box::new(Expr::Exists(TableId(0), row())));
        let always = pieces(&none, true);
        assert_eq!(always, [Piece { shape: Shape::Rows(TableId(0)), p: *row(), want: false }]);
        let never = Expr::Or(Box::new(Expr::Exists(TableId(0), row())), Box::new(Expr::Not(row())));
        let never = pieces(&never, false);
        assert_eq!(never.len(), 2, "{never:?}");
        assert_eq!(never[1], Piece { shape: Shape::Whole, p: *row(), want: true });
    }

    #[test]
    fn a_disjunction_that_must_hold_stays_whole() {
        let either = Expr::Or(Box::new(Expr::All(TableId(0), row())), Box::new(Expr::Const(Value::Bool(false))));
        assert_eq!(pieces(&either, true), [Piece { shape: Shape::Whole, p: either.clone(), want: true }]);
    }
}
