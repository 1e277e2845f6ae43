//! Why an expression has no value.

use ordain_kernel::Names;

use super::Op;
use crate::spec::TableId;
use crate::table::Tables;
use crate::value::{ArithError, Value, ValueKind};

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvalError {
    /// Arithmetic.
    Arith(ArithError),
    /// These kinds cannot be compared so.
    Operands(Op, ValueKind, ValueKind),
    /// A value of one kind was needed.
    Needs {
        /// The kind needed.
        need: ValueKind,
        /// The kind found.
        found: ValueKind,
    },
    /// There is no row with this key.
    NoRow(Box<(TableId, Value)>),
    /// A column was read outside of any row.
    NoRowInScope,
    /// A group was folded outside of any group.
    NoGroupInScope,
    /// A counter of the world was read where only the message and the tables can be seen.
    NoGauges,
    /// The step budget is used up.
    Budget,
}

impl EvalError {
    /// The error in words: a lowercase fragment.
    #[must_use]
    pub fn text(&self, names: &Names, tables: &Tables) -> String {
        match self {
            EvalError::Arith(error) => error.to_string(),
            EvalError::Operands(op, left, right) => {
                format!("no operator `{}` between {} and {}", op.text(), left.word(), right.word())
            }
            EvalError::Needs { need, found } => format!("{} where {} is needed", found.word(), need.word()),
            EvalError::NoRow(row) => {
                let (table, key) = &**row;
                let quote = if matches!(key, Value::Str(_)) { "'" } else { "" };
                format!("no such row `{}[{quote}{}{quote}]`", names.text(tables.name(*table)), key.render(names))
            }
            EvalError::NoRowInScope => "no row in scope".into(),
            EvalError::NoGroupInScope => "no group in scope".into(),
            EvalError::NoGauges => "counters of the world cannot be read here".into(),
            EvalError::Budget => "the expression takes more steps than allowed".into(),
        }
    }
}

impl From<ArithError> for EvalError {
    fn from(error: ArithError) -> EvalError {
        EvalError::Arith(error)
    }
}
