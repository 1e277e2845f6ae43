//! The syntax tree of expressions and bodies.

use std::time::Duration;

use crate::source::{Span, Spanned};
use crate::syntax::literal::Decimal;

/// A name and its place.
pub type Ident = Spanned<String>;

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
    /// The height of the tree under it, for the limit.
    pub(super) height: u16,
}

impl Expr {
    /// The same expression, standing elsewhere.
    pub fn at(self, span: Span) -> Self {
        Expr { span, ..self }
    }
}

/// The forms of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExprKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// `12`.
    Int(i64),
    /// `1.5`.
    Decimal(Decimal),
    /// `'text'`.
    Text(String),
    /// `200ms`.
    Duration(Duration),
    /// `90%`, in parts per million.
    Percent(u32),
    /// A bare name.
    Name(String),
    /// `a.b`.
    Field(Box<Expr>, Ident),
    /// `a[k]`.
    Index(Box<Expr>, Box<Expr>),
    /// `f(a, b)`.
    Call(Ident, Vec<Expr>),
    /// `a.f(b, c)`.
    Method(Box<Expr>, Ident, Vec<Expr>),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `a..b`, both ends included.
    Range(Box<Expr>, Box<Expr>),
    /// `!a` or `-a`.
    Unary(UnaryOp, Box<Expr>),
    /// `a + b` and its like.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `c ? a : b`.
    Ternary(Box<Expr>, Box<Expr>, Box<Expr>),
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `!`.
    Not,
    /// `-`.
    Minus,
}

/// An operator between its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `||`.
    Or,
    /// `&&`.
    And,
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `in`.
    In,
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`.
    Times,
    /// `/`.
    Over,
    /// `%`.
    Remainder,
}

impl BinaryOp {
    /// The sign as it is written.
    pub fn sign(self) -> &'static str {
        match self {
            BinaryOp::Or => "||",
            BinaryOp::And => "&&",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessOrEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterOrEqual => ">=",
            BinaryOp::In => "in",
            BinaryOp::Plus => "+",
            BinaryOp::Minus => "-",
            BinaryOp::Times => "*",
            BinaryOp::Over => "/",
            BinaryOp::Remainder => "%",
        }
    }
}

/// The statements of a body, or of a block in one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The statements, in order.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// Where it stands.
    pub span: Span,
}

/// A given field: `name = value`, or a bare value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The name, if one is written.
    pub name: Option<Ident>,
    /// The value.
    pub value: Expr,
}

/// A message type as a body names it: `OrderPlaced` or `OrderPlaced@2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageName {
    /// The type.
    pub name: Ident,
    /// The version, if one is written.
    pub version: Option<Spanned<u32>>,
}

/// How an update combines the old value and the new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateOp {
    /// `=`.
    Set,
    /// `+=`.
    Add,
    /// `-=`.
    Subtract,
}

/// The forms of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each form is shown by its example")]
pub enum StatementKind {
    /// `put T(key, f = e)`: insert or replace; without a name, the projection's own row.
    Put { table: Option<Ident>, arguments: Vec<Argument> },
    /// `add T(f = e)`: append a row, or insert one whose key must be new.
    Add { table: Ident, arguments: Vec<Argument> },
    /// `del T[key]`.
    Delete { table: Ident, key: Expr },
    /// `T[key].f -= e`.
    Update { table: Ident, key: Expr, column: Ident, op: UpdateOp, value: Expr },
    /// `f = e` or `f += e` in a projection: a column of its own row.
    UpdateOwn { column: Ident, op: UpdateOp, value: Expr },
    /// `if c { .. } else { .. }`.
    If { condition: Expr, then: Body, otherwise: Body },
    /// `emit T(f = e)`.
    Emit { message: MessageName, arguments: Vec<Argument> },
    /// `send T(f = e)`.
    Send { message: MessageName, arguments: Vec<Argument> },
    /// `call NAME(key) latency 20ms..2s`.
    Call { target: Ident, arguments: Vec<Argument>, latency: Option<Expr> },
    /// `chance 90% { .. } else { .. }`.
    Chance { chance_ppm: Spanned<u32>, then: Body, otherwise: Body },
    /// `commit`.
    Commit,
    /// `fail "why"`.
    Fail { why: Option<String> },
    /// `reject "why"`.
    Reject { why: Option<String> },
    /// `let x = e`.
    Let { name: Ident, value: Expr },
    /// `sleep 10ms` or `sleep 10ms..1s`.
    Sleep { duration: Expr },
}

impl Body {
    /// Calls `visit` with every statement, those in blocks included, in order.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Statement)) {
        for statement in &self.statements {
            visit(statement);
            match &statement.kind {
                StatementKind::If { then, otherwise, .. } | StatementKind::Chance { then, otherwise, .. } => {
                    then.walk(visit);
                    otherwise.walk(visit);
                }
                _ => {}
            }
        }
    }
}
