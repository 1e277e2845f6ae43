//! Orchestrated sagas: an instance is a durable row of the owner, a transition is one owner transaction.
//!
//! Commands leave by the owner's outbox (or after its commit). A reply for another than the current step is ignored
//! and counted, unless the step has a `late` body. A timeout after the last try means *outcome unknown*: that step is
//! undone, too, then the completed ones in reverse order.

use std::rc::Rc;

use ordain_brokers::{ChannelId, SubId};
use ordain_kernel::Span;

use crate::fact::SagaTurn;
use crate::message::SagaRef;
use crate::program::{Frame, Outgoing, Program, Step, StepCx, TimerOp};
use crate::spec::{Col, SagaId, SagaSpec, SagaStep, Spec, SubSpec, TableId, TableSpec, TypeId};
use crate::table::RowLock;
use crate::value::{Ty, Value};

/// How long an awaited undo, or a step that is only retried, waits for its reply when nothing is said.
const RETRY_DEFAULT: Span = Span::from_secs(15);

const STATE: Col = Col(0);
const STEP: Col = Col(1);
const TRIES: Col = Col(2);
const COMPLETED: Col = Col(3);
const COMMAND_ID: Col = Col(4);
const DATA: Col = Col(5);

/// Where an instance stands; the number is what its row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running = 0,
    Undoing = 1,
    Done = 2,
    Undone = 3,
    Stuck = 4,
}

impl Phase {
    const fn of(number: i64) -> Phase {
        match number {
            0 => Phase::Running,
            1 => Phase::Undoing,
            2 => Phase::Done,
            3 => Phase::Undone,
            _ => Phase::Stuck,
        }
    }
}

/// The layout of one message type of the saga: where each of its fields stands in the instance's memory.
#[derive(Clone, Debug)]
struct Layout {
    ty: TypeId,
    fields: Vec<(Option<u16>, Option<Value>)>,
}

/// The handler of all messages and timers of a saga.
#[derive(Debug)]
struct SagaProgram {
    id: SagaId,
    table: TableId,
    spec: SagaSpec,
    layouts: Vec<Layout>,
    key_at: u16,
}

/// An instance, read from its row.
#[derive(Debug)]
struct Instance {
    key: Value,
    phase: Phase,
    step: u16,
    tries: u32,
    completed: u64,
    command_id: i64,
    data: Rc<Vec<Value>>,
}

/// The body that ends a handling of the saga, with its own frame.
struct Ending {
    program: Rc<dyn Program>,
    frame: Frame,
    data: Rc<Vec<Value>>,
}

/// Adds a saga to the specification: its state table and its subscriptions, named after it.
///
/// # Panics
/// When `saga.key` is not among `saga.layout`.
pub fn install(spec: &mut Spec, saga: SagaSpec) -> SagaId {
    let id = SagaId(spec.sagas.len() as u16);
    let table = TableId(spec.tables.len() as u16);
    let columns =
        [("state", Ty::Int), ("step", Ty::Int), ("tries", Ty::Int), ("completed", Ty::Int), ("command_id", Ty::Int)];
    let mut columns: Vec<_> = columns.into_iter().map(|(name, ty)| (spec.names.intern(name), ty)).collect();
    columns.push((spec.names.intern("data"), Ty::List(Box::new(Ty::Str))));
    spec.tables.push(TableSpec {
        name: saga.name,
        service: saga.owner,
        key: Some(saga.key),
        columns,
        rows: Vec::new(),
    });
    let handled = handled_types(&saga);
    let program: Rc<dyn Program> = Rc::new(SagaProgram {
        id,
        table,
        layouts: all_types(&saga).into_iter().map(|ty| layout(spec, &saga, ty)).collect(),
        key_at: saga.layout.iter().position(|name| *name == saga.key).expect("the key is among the fields") as u16,
        spec: saga.clone(),
    });
    let mut channels: Vec<ChannelId> = Vec::new();
    for ty in &handled {
        if let Some(channel) = spec.types[ty.at()].channel
            && !channels.contains(&channel)
        {
            channels.push(channel);
        }
    }
    for channel in channels {
        let here = handled.iter().filter(|ty| spec.types[ty.at()].channel == Some(channel));
        let handlers = here.map(|ty| (*ty, program.clone())).collect();
        spec.subs.push(SubSpec { name: saga.name, service: saga.owner, channel: Some(channel), handlers });
    }
    spec.sagas.push(saga);
    spec.saga_tables.push(table);
    id
}

/// The subscription that timers of a saga are handed to: the one that its start comes from.
pub(crate) fn timer_sub(spec: &Spec, saga: SagaId) -> SubId {
    let of = &spec.sagas[saga.at()];
    let at = spec.subs.iter().position(|sub| {
        sub.service == of.owner && sub.name == of.name && sub.handlers.iter().any(|(ty, _)| *ty == of.starts)
    });
    SubId(at.unwrap_or(0) as u16)
}

fn handled_types(saga: &SagaSpec) -> Vec<TypeId> {
    let mut types = vec![saga.starts];
    for step in &saga.steps {
        types.extend([Some(step.done), step.refused, step.undone].into_iter().flatten());
    }
    types.sort_unstable();
    types.dedup();
    types
}

fn all_types(saga: &SagaSpec) -> Vec<TypeId> {
    let mut types = handled_types(saga);
    types.extend(saga.steps.iter().flat_map(|step| [Some(step.act), step.undo]).flatten());
    types.sort_unstable();
    types.dedup();
    types
}

fn layout(spec: &Spec, saga: &SagaSpec, ty: TypeId) -> Layout {
    let fields = spec.types[ty.at()].fields.iter().map(|field| {
        let at = saga.layout.iter().position(|name| *name == field.name);
        (at.map(|at| at as u16), field.default.clone())
    });
    Layout { ty, fields: fields.collect() }
}

impl Program for SagaProgram {
    fn resume(&self, frame: &mut Frame, cx: &mut StepCx<'_>) -> Step {
        if frame.state.is_none() {
            match self.turn(cx) {
                Ok(None) => return Step::Done,
                Ok(Some(ending)) => frame.state = Some(Box::new(ending)),
                Err(lock) => return Step::Blocked(lock),
            }
        }
        let Some(ending) = frame.state.as_mut().and_then(|state| state.downcast_mut::<Ending>()) else {
            return Step::Done;
        };
        let mut inner = StepCx {
            now: cx.now,
            msg: cx.msg,
            messages: cx.messages,
            names: cx.names,
            tables: cx.tables,
            tx: cx.tx,
            emits: cx.emits,
            timers: cx.timers,
            turns: cx.turns,
            answer: cx.answer.take(),
            answer_sites: cx.answer_sites,
            choices: cx.choices,
            trace: cx.trace,
            handling: cx.handling,
            record: Some(&ending.data),
        };
        ending.program.resume(&mut ending.frame, &mut inner)
    }
}

impl SagaProgram {
    /// One transition: what the message or timer in handling does to its instance.
    fn turn(&self, cx: &mut StepCx<'_>) -> Result<Option<Ending>, RowLock> {
        let msg = cx.messages.get(cx.msg);
        let (ty, timer, header) = (msg.ty, msg.timer, msg.saga.clone());
        let key = self.instance_key(cx, timer, header.as_ref());
        cx.tables.lock(cx.tx, self.table, &key)?;
        let Some(mut at) = self.read(cx, &key) else {
            if ty == self.spec.starts && !timer {
                return self.start(cx, key);
            }
            return Ok(None);
        };
        let from = header.filter(|header| header.saga == self.id).map_or(u16::MAX, |header| header.step);
        if timer {
            if from != at.step || !matches!(at.phase, Phase::Running | Phase::Undoing) {
                return Ok(None);
            }
            return self.timed_out(cx, at);
        }
        if ty == self.spec.starts {
            return Ok(None);
        }
        self.remember(cx, &mut at, ty);
        let step = &self.spec.steps[at.step as usize];
        match at.phase {
            Phase::Running if from == at.step && ty == step.done => self.completed(cx, at),
            Phase::Running if from == at.step && step.refused == Some(ty) => {
                self.say(cx, &at.key, SagaTurn::Refused(at.step));
                self.undo(cx, at)
            }
            Phase::Undoing if from == at.step && step.undone == Some(ty) => {
                self.say(cx, &at.key, SagaTurn::StepUndone(at.step));
                at.completed &= !(1 << at.step);
                self.undo(cx, at)
            }
            _ => {
                self.say(cx, &at.key, SagaTurn::Late(from));
                let late = self.spec.steps.get(from as usize).and_then(|step| step.late.clone());
                Ok(late.map(|program| Ending { program, frame: Frame::default(), data: at.data }))
            }
        }
    }

    fn instance_key(&self, cx: &StepCx<'_>, timer: bool, header: Option<&SagaRef>) -> Value {
        if let (true, Some(header)) = (timer, header) {
            return header.instance.clone();
        }
        let ty = cx.messages.get(cx.msg).ty;
        let layout = self.layout(ty);
        let at = layout.fields.iter().position(|(at, _)| *at == Some(self.key_at)).unwrap_or(0);
        cx.messages.fields(cx.msg).get(at).cloned().unwrap_or_default()
    }

    fn layout(&self, ty: TypeId) -> &Layout {
        let found = self.layouts.iter().find(|layout| layout.ty == ty);
        found.expect("the saga subscribes only to its own types")
    }

    fn read(&self, cx: &StepCx<'_>, key: &Value) -> Option<Instance> {
        let cols = cx.tables.read(cx.tx, self.table, key)?;
        let int = |col: Col| if let Value::Int(n) = cols[col.at()] { n } else { 0 };
        let data = if let Value::List(list) = &cols[DATA.at()] { list.clone() } else { Rc::default() };
        Some(Instance {
            key: key.clone(),
            phase: Phase::of(int(STATE)),
            step: int(STEP) as u16,
            tries: int(TRIES) as u32,
            completed: int(COMPLETED) as u64,
            command_id: int(COMMAND_ID),
            data,
        })
    }

    fn write(&self, cx: &mut StepCx<'_>, at: &Instance) -> Result<(), RowLock> {
        let cols = [
            (STATE, Value::Int(at.phase as i64)),
            (STEP, Value::Int(i64::from(at.step))),
            (TRIES, Value::Int(i64::from(at.tries))),
            (COMPLETED, Value::Int(at.completed as i64)),
            (COMMAND_ID, Value::Int(at.command_id)),
            (DATA, Value::List(at.data.clone())),
        ];
        cx.tables.put(cx.tx, self.table, &at.key, cols)
    }

    /// Takes the fields of the message in handling into the instance's memory.
    fn remember(&self, cx: &StepCx<'_>, at: &mut Instance, ty: TypeId) {
        let data = Rc::make_mut(&mut at.data);
        for ((place, _), value) in self.layout(ty).fields.iter().zip(cx.messages.fields(cx.msg)) {
            if let Some(place) = place {
                data[*place as usize] = value.clone();
            }
        }
    }

    fn say(&self, cx: &mut StepCx<'_>, key: &Value, turn: SagaTurn) {
        cx.turns.push((self.id, key.clone(), turn));
    }

    fn start(&self, cx: &mut StepCx<'_>, key: Value) -> Result<Option<Ending>, RowLock> {
        let data = Rc::new(vec![Value::Nil; self.spec.layout.len()]);
        let mut at = Instance { key, phase: Phase::Running, step: 0, tries: 0, completed: 0, command_id: 0, data };
        self.remember(cx, &mut at, self.spec.starts);
        self.say(cx, &at.key, SagaTurn::Started);
        self.ask(cx, at)
    }

    /// Asks the current step to act; the first time under a new command id, then under the same.
    fn ask(&self, cx: &mut StepCx<'_>, mut at: Instance) -> Result<Option<Ending>, RowLock> {
        let step = &self.spec.steps[at.step as usize];
        if at.tries == 0 {
            at.command_id = new_id(cx, "do", at.step);
        }
        self.say(cx, &at.key, SagaTurn::Asked(at.step));
        self.emit(cx, &at, step.act, Some(at.command_id));
        let wait = step.timeout.or_else(|| step.retry.map(|_| backoff(step, at.tries)));
        self.set_timer(cx, &at, wait);
        self.write(cx, &at)?;
        Ok(None)
    }

    /// Sends a command of the current step under its id; an undo that nobody waits for has none of its own.
    fn emit(&self, cx: &mut StepCx<'_>, at: &Instance, ty: TypeId, id: Option<i64>) {
        let undo = at.phase == Phase::Undoing;
        let fields = self.layout(ty).fields.iter();
        let fields = fields.map(|(place, default)| match place.map(|place| at.data[place as usize].clone()) {
            Some(value) if value != Value::Nil => value,
            _ => default.clone().unwrap_or_default(),
        });
        let saga = SagaRef { saga: self.id, instance: at.key.clone(), step: at.step, undo };
        cx.emits.push(Outgoing { ty, fields: fields.collect(), saga: Some(saga), id: id.map(|id| id as u64) });
    }

    fn set_timer(&self, cx: &mut StepCx<'_>, at: &Instance, after: Option<Span>) {
        let undo = at.phase == Phase::Undoing;
        let saga = SagaRef { saga: self.id, instance: at.key.clone(), step: at.step, undo };
        cx.timers.push(match after {
            Some(after) => TimerOp::Set { saga, after },
            None => TimerOp::Cancel { saga },
        });
    }

    fn completed(&self, cx: &mut StepCx<'_>, mut at: Instance) -> Result<Option<Ending>, RowLock> {
        self.say(cx, &at.key, SagaTurn::Completed(at.step));
        at.completed |= 1 << at.step;
        at.tries = 0;
        if at.step as usize + 1 < self.spec.steps.len() {
            at.step += 1;
            return self.ask(cx, at);
        }
        self.end(cx, at, Phase::Done)
    }

    fn timed_out(&self, cx: &mut StepCx<'_>, mut at: Instance) -> Result<Option<Ending>, RowLock> {
        let step = &self.spec.steps[at.step as usize];
        let more = step.retry.is_some_and(|retry| retry.max.is_none_or(|max| at.tries < max));
        if at.phase == Phase::Undoing {
            if step.retry.is_some() && !more {
                return self.end(cx, at, Phase::Stuck);
            }
            at.tries += 1;
            return self.ask_undo(cx, at);
        }
        self.say(cx, &at.key, SagaTurn::TimedOut(at.step));
        if more {
            at.tries += 1;
            return self.ask(cx, at);
        }
        if step.undo.is_none() {
            return self.end(cx, at, Phase::Stuck);
        }
        // The outcome is unknown: this step is undone, too.
        at.completed |= 1 << at.step;
        self.undo(cx, at)
    }

    /// Undoes what is left, last step first, to the first one whose undo is awaited.
    fn undo(&self, cx: &mut StepCx<'_>, mut at: Instance) -> Result<Option<Ending>, RowLock> {
        at.phase = Phase::Undoing;
        at.tries = 0;
        while at.completed != 0 {
            at.step = (63 - at.completed.leading_zeros()) as u16;
            let step = &self.spec.steps[at.step as usize];
            if step.undone.is_some() {
                return self.ask_undo(cx, at);
            }
            if let Some(undo) = step.undo {
                self.say(cx, &at.key, SagaTurn::Undoing(at.step));
                self.emit(cx, &at, undo, None);
            }
            at.completed &= !(1 << at.step);
        }
        self.end(cx, at, Phase::Undone)
    }

    fn ask_undo(&self, cx: &mut StepCx<'_>, mut at: Instance) -> Result<Option<Ending>, RowLock> {
        let step = &self.spec.steps[at.step as usize];
        if let Some(undo) = step.undo {
            if at.tries == 0 {
                at.command_id = new_id(cx, "undo", at.step);
            }
            self.say(cx, &at.key, SagaTurn::Undoing(at.step));
            self.emit(cx, &at, undo, Some(at.command_id));
        }
        self.set_timer(cx, &at, Some(step.timeout.unwrap_or_else(|| backoff(step, at.tries))));
        self.write(cx, &at)?;
        Ok(None)
    }

    fn end(&self, cx: &mut StepCx<'_>, mut at: Instance, phase: Phase) -> Result<Option<Ending>, RowLock> {
        at.phase = phase;
        self.set_timer(cx, &at, None);
        let (turn, program) = match phase {
            Phase::Done => (SagaTurn::Done, self.spec.done.clone()),
            Phase::Undone => (SagaTurn::Undone, self.spec.undone.clone()),
            _ => (SagaTurn::Stuck, None),
        };
        self.say(cx, &at.key, turn);
        self.write(cx, &at)?;
        Ok(program.map(|program| Ending { program, frame: Frame::default(), data: at.data }))
    }
}

/// The wait before try number `tries` is given up when the step has no timeout.
fn backoff(step: &SagaStep, tries: u32) -> Span {
    let Some(retry) = step.retry else { return RETRY_DEFAULT };
    let (first, most) = retry.backoff;
    if first == Span::ZERO { RETRY_DEFAULT } else { Span(first.0.saturating_mul(1 << tries.min(30)).min(most.0)) }
}

/// The id of a command, kept for every time that it is sent again.
fn new_id(cx: &mut StepCx<'_>, verb: &str, step: u16) -> i64 {
    let seg = ordain_kernel::Seg::new(cx.names, ordain_kernel::Form::Step, &format!("{verb} {step}"));
    (cx.handling.child(seg, 1).0 >> 1) as i64
}
