//! Compiled expressions: one grammar for bodies, load and checks, names resolved to indices.

use crate::fact::Gauge;
use crate::spec::{Col, TableId};
use crate::value::Value;

mod analysis;
mod error;
mod eval;
mod fold;

pub use analysis::{Conjunct, Footprint, footprint};
pub use error::EvalError;
pub(crate) use eval::apply;
pub use eval::{Env, STEP_BUDGET, eval};
pub use fold::group_key;

/// A binary operator. Arithmetic is checked; comparison of strings is by text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`
    In,
}

impl Op {
    /// The operator as it is written.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Op::Add => "+",
            Op::Sub => "-",
            Op::Mul => "*",
            Op::Div => "/",
            Op::Rem => "%",
            Op::Eq => "==",
            Op::Ne => "!=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::In => "in",
        }
    }
}

/// A fold over the rows of a group or table. Rows on which the expression is nil are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// The sum of an expression; the integer zero of none.
    Sum,
    /// How many rows on which the expression is neither nil nor false.
    Count,
    /// The least; nil of none.
    Min,
    /// The greatest; nil of none.
    Max,
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// A constant.
    Const(Value),
    /// A field of the message in handling, by index of its type's layout.
    Field(u16),
    /// A local.
    Local(u16),
    /// The id of the message in handling.
    MessageId,
    /// Now.
    Now,
    /// A column of the row in scope (inside `.all(i, ..)`, or of the row that a statement updates).
    Col(Col),
    /// The key of the row in scope.
    RowKey,
    /// A column of the row with this key; an error when there is none.
    At(TableId, Box<Expr>, Col),
    /// Whether there is a row with this key.
    Has(TableId, Box<Expr>),
    /// `!`
    Not(Box<Expr>),
    /// `-`
    Neg(Box<Expr>),
    /// `&&`, short-circuit.
    And(Box<Expr>, Box<Expr>),
    /// `||`, short-circuit.
    Or(Box<Expr>, Box<Expr>),
    /// A binary operator.
    Bin(Op, Box<Expr>, Box<Expr>),
    /// `c ? a : b`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// The number of elements of a list, or of characters of a string.
    Size(Box<Expr>),
    /// The number of rows.
    Rows(TableId),
    /// A predicate holds for each row of a table.
    All(TableId, Box<Expr>),
    /// A predicate holds for some row of a table.
    Exists(TableId, Box<Expr>),
    /// A predicate holds for each group of rows that share these columns; inside it [`Expr::Over`] folds the
    /// group. `None` is the key column.
    AllGroups(TableId, Vec<Option<Col>>, Box<Expr>),
    /// A fold over the rows of the group in scope, of an expression on each row.
    Over(Fold, Box<Expr>),
    /// A fold over a whole table.
    OverTable(TableId, Fold, Box<Expr>),
    /// A counter of the world.
    Gauge(Gauge),
}

#[cfg(test)]
mod tests;
