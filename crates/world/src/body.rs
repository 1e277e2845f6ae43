//! Bodies: the statements of a handler, compiled to a flat program of instructions.

use ordain_kernel::{Seg, Span};

use crate::expr::{Expr, Op};
use crate::spec::{Col, ExternalId, TableId, TypeId};

mod run;

/// Where a field of an outgoing message comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldFrom {
    /// An expression.
    Expr(Expr),
    /// The field of this index of the handled message.
    Copy(u16),
    /// The field's default, which the program does not know: it sends nil, and the world fills it in.
    Default,
}

/// An instruction. Jumps are absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instr {
    /// `let x = e`: locals are numbered.
    Let(u16, Expr),
    /// `put T(key, col = e, ..)`: writes a row, keeping columns that are not named; in a new row they are nil.
    /// The expressions see the row as it was before.
    Put(Seg, TableId, Expr, Vec<(Col, Expr)>),
    /// `add T(col = e, ..)`: appends a row.
    Add(Seg, TableId, Vec<(Col, Expr)>),
    /// `T[key].col op= e`: one atomic update, locked to commit; `None` is plain assignment. A missing row is an
    /// evaluation error.
    Update(Seg, TableId, Expr, Col, Option<Op>, Expr),
    /// `del T[key]`
    Delete(Seg, TableId, Expr),
    /// `emit T(..)`: in this transaction's outbox, or published after the commit.
    Emit(Seg, TypeId, Vec<FieldFrom>),
    /// `send T(..)`: published now.
    Send(Seg, TypeId, Vec<FieldFrom>),
    /// `call NAME(key) latency a..b`
    Call(Seg, ExternalId, Option<Expr>, (Span, Span)),
    /// `sleep d`
    Sleep(Seg, Span),
    /// `chance p { .. } else { .. }`: goes to the target when the *unlikely* branch (index of
    /// [`crate::Spec::answers`]) is taken.
    Chance(Seg, u16, u32),
    /// Goes to the target when the expression is false.
    Unless(Expr, u32),
    /// Goes to the target.
    Jump(u32),
    /// `commit`
    Commit,
    /// `fail e`
    Fail(Expr),
    /// `reject e`
    Reject(Expr),
    /// The end.
    End,
}

/// A compiled body.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Body {
    /// The instructions; the last one is [`Instr::End`].
    pub code: Vec<Instr>,
}

impl Body {
    /// Checks what lowering must have got right: the code is not empty, its last instruction is [`Instr::End`],
    /// and all jumps stay inside.
    ///
    /// # Panics
    /// When it is not so, naming the instruction.
    pub fn validate(&self) {
        let len = self.code.len() as u32;
        let closed = matches!(self.code.last(), Some(Instr::End));
        assert!(closed, "the last instruction of a body is {:?}, not its end", self.code.last());
        for (at, instr) in self.code.iter().enumerate() {
            if let Instr::Chance(_, _, target) | Instr::Unless(_, target) | Instr::Jump(target) = instr {
                assert!(*target < len, "instruction {at} jumps to {target}, outside of a body of {len}");
            }
        }
    }
}

#[cfg(test)]
mod tests;
