//! The step program: what every process runs. Scenario bodies, sagas, projections and native Rust implement it.

use core::any::Any;
use core::fmt;

use ordain_brokers::MsgId;
use ordain_kernel::{Choices, Key, Names, Seg, Site, Span, Time, Trace, Value as ChoiceValue};

use crate::fact::SagaTurn;
use crate::message::{Messages, SagaRef};
use crate::spec::{ExternalId, SagaId, TypeId};
use crate::table::{RowLock, Tables, Transaction};
use crate::value::Value;

/// A handler: called again and again, from where its frame stands to its next step.
///
/// It must be a pure function of its frame and of what it reads through the context.
pub trait Program: fmt::Debug {
    /// Runs to the next step. A program that returned [`Step::Blocked`] is resumed at the same place.
    fn resume(&self, frame: &mut Frame, cx: &mut StepCx<'_>) -> Step;
}

/// Where one handling stands: recycled, never shared.
#[derive(Debug, Default)]
pub struct Frame {
    /// The next instruction, for compiled programs.
    pub pc: u32,
    /// Local values.
    pub locals: Vec<Value>,
    /// Anything else a native program keeps.
    pub state: Option<Box<dyn Any>>,
    /// How often each step segment has come up in this handling: the `#k` of step keys.
    pub counts: Vec<(u64, u32)>,
}

impl Frame {
    /// Back to the start; memory is kept.
    pub fn reset(&mut self) {
        self.pc = 0;
        self.locals.clear();
        self.state = None;
        self.counts.clear();
    }

    /// The number of this occurrence of `seg` in this handling, from 1.
    pub fn count(&mut self, seg: Seg) -> u32 {
        match self.counts.iter_mut().find(|(hash, _)| *hash == seg.hash) {
            Some((_, n)) => {
                *n += 1;
                *n
            }
            None => {
                self.counts.push((seg.hash, 1));
                1
            }
        }
    }
}

/// A message on its way out of a handling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its type; the world chooses the version by the deploys.
    pub ty: TypeId,
    /// Its fields in the order of the type's layout.
    pub fields: Vec<Value>,
    /// Saga headers; `None` copies those of the handled message.
    pub saga: Option<SagaRef>,
    /// The message id to send it under; `None` makes a new one.
    pub id: Option<u64>,
}

/// What a program did, or wants the world to do, before it is resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A statement ran: a boundary. `seg` is its step segment (`:put orders`).
    Ran(Seg),
    /// A row is locked by another handling: resumed at the same place when it is free.
    Blocked(RowLock),
    /// Publish now, outside the transaction; resumed when confirmed.
    Send(Seg, Outgoing),
    /// Call an external system; resumed with the answer in [`StepCx::answer`].
    Call {
        /// The step segment.
        seg: Seg,
        /// Whom.
        external: ExternalId,
        /// The business key under which the effect counts; `None` is the command's.
        key: Option<Value>,
        /// Latency: the lower bound is the default, the upper one is reached by deviations.
        latency: (Span, Span),
    },
    /// Wait.
    Sleep(Seg, Span),
    /// Commit this transaction and begin the next.
    Commit,
    /// The handling is done: commit, publish, ack.
    Done,
    /// It failed: roll back, and the channel's retry policy decides.
    Fail(String),
    /// It refuses the message: roll back, dead-letter.
    Reject(String),
}

/// An operation on the durable timers of saga instances. It takes effect with the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimerOp {
    /// Set or move.
    Set {
        /// The instance.
        saga: SagaRef,
        /// When, from now.
        after: Span,
    },
    /// Take back.
    Cancel {
        /// The instance.
        saga: SagaRef,
    },
}

/// How an external call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallAnswer {
    /// Well.
    Ok,
    /// It failed or timed out; its effect may have happened.
    Failed,
}

/// What a program sees of the world.
#[derive(Debug)]
pub struct StepCx<'a> {
    /// Now.
    pub now: Time,
    /// The message in handling.
    pub msg: MsgId,
    /// All messages.
    pub messages: &'a Messages,
    /// The interner.
    pub names: &'a mut Names,
    /// The tables.
    pub tables: &'a mut Tables,
    /// The transaction of this handling.
    pub tx: &'a mut Transaction,
    /// What it emits: published after the commit, or rows of the outbox.
    pub emits: &'a mut Vec<Outgoing>,
    /// The durable timers that it sets and takes back, with the commit.
    pub timers: &'a mut Vec<TimerOp>,
    /// What happened to saga instances: told with the commit.
    pub turns: &'a mut Vec<(SagaId, Value, SagaTurn)>,
    /// The answer to the call it waited for.
    pub answer: Option<CallAnswer>,
    /// The sites of the answers that bodies leave open, by index of [`crate::Spec::answers`].
    pub answer_sites: &'a [Site],
    /// The choices.
    pub choices: &'a mut Choices,
    /// The trace, for keys.
    pub trace: &'a mut Trace,
    /// The key of this handling.
    pub handling: Key,
    /// What [`StepCx::fields`] gives instead of the message's fields: the memory of a saga instance.
    pub record: Option<&'a [Value]>,
}

impl StepCx<'_> {
    /// The fields that the body was compiled against: those of the message in handling, or of the saga instance.
    #[must_use]
    #[inline]
    pub fn fields(&self) -> &[Value] {
        match self.record {
            Some(record) => record,
            None => self.messages.fields(self.msg),
        }
    }

    /// Puts the choice number `answer`: false is the likelier branch.
    pub fn unlikely(&mut self, frame: &mut Frame, seg: Seg, answer: u16) -> bool {
        let n = frame.count(seg);
        let key = self.trace.key(self.handling, seg, n);
        matches!(self.choices.ask(self.answer_sites[answer as usize], key, 2), Some(ChoiceValue::Pick(1)))
    }
}
