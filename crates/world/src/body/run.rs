//! Running a body: from where its frame stands to its next step.

use ordain_kernel::Seg;

use super::{Body, FieldFrom, Instr};
use crate::expr::{Env, EvalError, Expr, Op, STEP_BUDGET, apply, eval};
use crate::program::{CallAnswer, Frame, Outgoing, Program, Step, StepCx};
use crate::spec::{Col, TableId, TypeId};
use crate::table::{RowLock, RowRef};
use crate::value::{Value, ValueKind};

/// Instructions between two steps; more is an endless loop.
const INSTRUCTIONS: u32 = 100_000;

/// Why a statement did not run.
enum Halt {
    /// A row is locked.
    Blocked(RowLock),
    /// An expression has no value.
    Error(EvalError),
}

impl From<EvalError> for Halt {
    fn from(error: EvalError) -> Halt {
        Halt::Error(error)
    }
}

impl From<RowLock> for Halt {
    fn from(lock: RowLock) -> Halt {
        Halt::Blocked(lock)
    }
}

impl Program for Body {
    fn resume(&self, frame: &mut Frame, cx: &mut StepCx<'_>) -> Step {
        if let Some(why) = self.failed_call(frame, cx) {
            return Step::Fail(why);
        }
        for _ in 0..INSTRUCTIONS {
            let instr = &self.code[frame.pc as usize];
            if let Instr::End = instr {
                return Step::Done;
            }
            if let Instr::Emit(seg, ty, fields) = instr {
                match outgoing(*ty, fields, frame, cx) {
                    Ok(outgoing) => cx.emits.push(outgoing),
                    Err(error) => return Step::Fail(error.text(cx.names, cx.tables)),
                }
                frame.pc += 1;
                return Step::Ran(*seg);
            }
            match run(instr, frame, cx) {
                Ok(None) => {}
                Ok(Some(step)) => return step,
                Err(Halt::Blocked(lock)) => return Step::Blocked(lock),
                Err(Halt::Error(error)) => return Step::Fail(error.text(cx.names, cx.tables)),
            }
        }
        Step::Fail("the body takes more instructions than allowed".into())
    }
}

impl Body {
    /// Takes the answer to the call it waited for, and says what failed, if it did.
    fn failed_call(&self, frame: &Frame, cx: &mut StepCx<'_>) -> Option<String> {
        let answer = cx.answer.take()?;
        let called = self.code.get((frame.pc as usize).wrapping_sub(1))?;
        match (answer, called) {
            (CallAnswer::Failed, Instr::Call(seg, ..)) => Some(format!("`{}` failed", cx.names.text(seg.name))),
            _ => None,
        }
    }
}

/// Runs one instruction; `None` goes on with the next one. The frame only moves when it ran.
fn run(instr: &Instr, frame: &mut Frame, cx: &mut StepCx<'_>) -> Result<Option<Step>, Halt> {
    let step = match instr {
        Instr::Let(local, e) => {
            let value = value(e, None, frame, cx)?;
            let at = usize::from(*local);
            if frame.locals.len() <= at {
                frame.locals.resize(at + 1, Value::Nil);
            }
            frame.locals[at] = value;
            None
        }
        Instr::Put(seg, table, key, changes) => Some(put(*seg, *table, key, changes, frame, cx)?),
        Instr::Add(seg, table, changes) => Some(add(*seg, *table, changes, frame, cx)?),
        Instr::Update(seg, table, key, col, op, e) => {
            let key = value(key, None, frame, cx)?;
            update((*table, key), *col, *op, e, frame, cx)?;
            Some(Step::Ran(*seg))
        }
        Instr::Delete(seg, table, key) => {
            let key = value(key, None, frame, cx)?;
            cx.tables.delete(cx.tx, *table, &key)?;
            Some(Step::Ran(*seg))
        }
        Instr::Send(seg, ty, fields) => Some(Step::Send(*seg, outgoing(*ty, fields, frame, cx)?)),
        Instr::Call(seg, external, key, latency) => {
            let key = key.as_ref().map(|key| value(key, None, frame, cx)).transpose()?;
            Some(Step::Call { seg: *seg, external: *external, key, latency: *latency })
        }
        Instr::Sleep(seg, span) => Some(Step::Sleep(*seg, *span)),
        Instr::Commit => Some(Step::Commit),
        Instr::Chance(..) | Instr::Unless(..) | Instr::Jump(_) => {
            branch(instr, frame, cx)?;
            return Ok(None);
        }
        Instr::Fail(e) => return Ok(Some(Step::Fail(value(e, None, frame, cx)?.render(cx.names)))),
        Instr::Reject(e) => return Ok(Some(Step::Reject(value(e, None, frame, cx)?.render(cx.names)))),
        Instr::Emit(..) | Instr::End => unreachable!("done by the loop"),
    };
    frame.pc += 1;
    Ok(step)
}

/// Moves the frame to where a branch leads.
fn branch(instr: &Instr, frame: &mut Frame, cx: &mut StepCx<'_>) -> Result<(), Halt> {
    let target = match instr {
        Instr::Chance(seg, answer, target) => cx.unlikely(frame, *seg, *answer).then_some(*target),
        Instr::Unless(e, target) => match value(e, None, frame, cx)? {
            Value::Bool(holds) => (!holds).then_some(*target),
            other => return Err(EvalError::Needs { need: ValueKind::Bool, found: other.kind() }.into()),
        },
        Instr::Jump(target) => Some(*target),
        _ => unreachable!("no branch"),
    };
    frame.pc = target.unwrap_or(frame.pc + 1);
    Ok(())
}

/// The value of an expression as a handler sees it.
fn value(e: &Expr, row: Option<RowRef<'_>>, frame: &Frame, cx: &StepCx<'_>) -> Result<Value, EvalError> {
    match e {
        Expr::Const(constant) => return Ok(constant.clone()),
        Expr::Field(at) => return Ok(cx.fields()[usize::from(*at)].clone()),
        _ => {}
    }
    eval(e, &mut env(row, frame, cx))
}

fn env<'a>(row: Option<RowRef<'a>>, frame: &'a Frame, cx: &'a StepCx<'_>) -> Env<'a> {
    Env {
        names: cx.names,
        tables: cx.tables,
        tx: Some(cx.tx),
        gauges: None,
        fields: cx.fields(),
        locals: &frame.locals,
        // The bits of the id: it is only ever compared, stored and sent.
        message_id: Value::Int(cx.messages.get(cx.msg).id as i64),
        now: cx.now,
        row,
        group: None,
        budget: STEP_BUDGET,
    }
}

/// Evaluates all changes before any is written, so that each sees the row as it was.
fn values(
    changes: &[(Col, Expr)],
    row: Option<RowRef<'_>>,
    frame: &Frame,
    cx: &StepCx<'_>,
    out: &mut Vec<Value>,
) -> Result<(), EvalError> {
    for (_, e) in changes {
        out.push(value(e, row, frame, cx)?);
    }
    Ok(())
}

fn put(
    seg: Seg,
    table: TableId,
    key: &Expr,
    changes: &[(Col, Expr)],
    frame: &Frame,
    cx: &mut StepCx<'_>,
) -> Result<Step, Halt> {
    let key = value(key, None, frame, cx)?;
    cx.tables.lock(cx.tx, table, &key)?;
    let mut new = cx.tables.spare();
    let row = cx.tables.read(cx.tx, table, &key).map(|cols| (&key, cols));
    values(changes, row, frame, cx, &mut new)?;
    cx.tables.put(cx.tx, table, &key, changes.iter().map(|(col, _)| *col).zip(new.drain(..)))?;
    cx.tables.give_back(new);
    Ok(Step::Ran(seg))
}

fn add(seg: Seg, table: TableId, changes: &[(Col, Expr)], frame: &Frame, cx: &mut StepCx<'_>) -> Result<Step, Halt> {
    let mut new = cx.tables.spare();
    values(changes, None, frame, cx, &mut new)?;
    cx.tables.append(cx.tx, table, changes.iter().map(|(col, _)| *col).zip(new.drain(..)));
    cx.tables.give_back(new);
    Ok(Step::Ran(seg))
}

fn update(
    (table, key): (TableId, Value),
    col: Col,
    op: Option<Op>,
    e: &Expr,
    frame: &Frame,
    cx: &mut StepCx<'_>,
) -> Result<(), Halt> {
    cx.tables.lock(cx.tx, table, &key)?;
    let Some(cols) = cx.tables.read(cx.tx, table, &key) else {
        return Err(EvalError::NoRow(Box::new((table, key))).into());
    };
    let operand = value(e, Some((&key, cols)), frame, cx)?;
    let new = match op {
        None => operand,
        Some(op) => apply(op, &cols[col.at()], &operand, cx.names)?,
    };
    cx.tables.put(cx.tx, table, &key, [(col, new)])?;
    Ok(())
}

fn outgoing(ty: TypeId, from: &[FieldFrom], frame: &Frame, cx: &mut StepCx<'_>) -> Result<Outgoing, EvalError> {
    let mut fields = cx.tables.spare();
    fields.reserve(from.len());
    for field in from {
        fields.push(match field {
            FieldFrom::Expr(e) => value(e, None, frame, cx)?,
            FieldFrom::Copy(at) => cx.fields()[usize::from(*at)].clone(),
            FieldFrom::Default => Value::Nil,
        });
    }
    Ok(Outgoing { ty, fields, saga: None, id: None })
}
