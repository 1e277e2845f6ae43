//! Orchestrated sagas: each instance ends done, or undone with each completed step undone once, in reverse order.
//!
//! A step's action *is done* when the saga says so or when its `done` reply is accepted. An undo is judged by the
//! commits of handlings of its message; the second one counts only when it changes rows, so that a handler that
//! looks before it undoes may see its message twice. An action comes after its undo when its handling, with a
//! change of rows where its service has tables, commits after the undo's and is answered with `done`. The reverse
//! order is that of the commits where the undo is awaited, else that in which the saga asks.

use indexmap::IndexMap;
use ordain_brokers::MsgId;
use ordain_kernel::EventId;
use ordain_world::fact::SagaTurn;
use ordain_world::spec::{SagaId, TypeId};
use ordain_world::{SagaRef, Spec, Value};
use rustc_hash::FxBuildHasher;

use crate::now::Now;
use crate::routes::{Ear, Wanted};
use crate::sink::{Found, Sink};
use crate::spec::Moment;
use crate::text;

#[derive(Debug)]
struct Step {
    act: TypeId,
    done: TypeId,
    undo: Option<TypeId>,
    awaited: bool,
    name: String,
    undo_name: String,
    place: String,
}

/// What is known of one step of one instance.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    done: bool,
    asked_to_undo: bool,
    undone: bool,
    undo_changed_rows: bool,
    /// The message of an action that committed after the undo.
    late: Option<MsgId>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Instance {
    end: Option<SagaTurn>,
    step: u16,
    command: Option<u32>,
    /// The last event that moved it: a turn, a reply, or a commit of an action or undo.
    last: EventId,
}

/// A `saga` check on a saga with an owner.
#[derive(Debug)]
pub(crate) struct SagaCheck {
    check: u16,
    pub(crate) saga: SagaId,
    name: String,
    steps: Vec<Step>,
    numbers: IndexMap<Value, Instance, FxBuildHasher>,
    /// By instance, then by step.
    turns: Vec<Turn>,
}

/// A commit of a handling, as sagas look at it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Commit {
    pub(crate) msg: MsgId,
    /// Whether it changed any row.
    pub(crate) effective: bool,
    /// Whether its service has tables at all.
    pub(crate) has_tables: bool,
}

impl SagaCheck {
    pub(crate) fn new(spec: &Spec, check: u16, saga: SagaId) -> SagaCheck {
        let of = &spec.sagas[saga.at()];
        let name = spec.names.text(of.name).to_owned();
        let steps = of.steps.iter().map(|step| Step {
            act: step.act,
            done: step.done,
            undo: step.undo,
            awaited: step.undone.is_some(),
            name: text::type_text(spec, step.act).to_owned(),
            undo_name: step.undo.map_or("", |undo| text::type_text(spec, undo)).to_owned(),
            place: format!("{name}.{}", text::type_text(spec, step.act)),
        });
        SagaCheck { check, saga, steps: steps.collect(), name, numbers: IndexMap::default(), turns: Vec::new() }
    }

    pub(crate) fn listen(&self, at: u16, wanted: &mut Wanted) {
        for step in &self.steps {
            wanted.add(Moment::Accepted(step.done), Ear::Reply(at));
            wanted.add(Moment::Committed(step.act), Ear::Step(at));
            if let Some(undo) = step.undo {
                wanted.add(Moment::Committed(undo), Ear::Step(at));
            }
        }
    }

    pub(crate) fn begin(&mut self) {
        self.numbers.clear();
        self.turns.clear();
    }

    fn number(&mut self, instance: &Value, sink: &mut Sink) -> usize {
        if let Some(at) = self.numbers.get_index_of(instance) {
            return at;
        }
        sink.subject(self.check);
        self.turns.resize(self.turns.len() + self.steps.len(), Turn::default());
        self.numbers.insert_full(instance.clone(), Instance::default()).0
    }

    fn turns(&mut self, instance: usize) -> &mut [Turn] {
        let steps = self.steps.len();
        &mut self.turns[instance * steps..(instance + 1) * steps]
    }

    /// The instance moved.
    pub(crate) fn turn(&mut self, now: &Now<'_>, instance: &Value, turn: SagaTurn, sink: &mut Sink) {
        sink.evaluated(self.check, 1);
        let at = self.number(instance, sink);
        self.numbers[at].last = now.event;
        match turn {
            SagaTurn::Asked(step) => self.numbers[at].step = step,
            SagaTurn::Completed(step) => self.turns(at)[step as usize].done = true,
            SagaTurn::Undoing(step) => {
                self.numbers[at].step = step;
                self.turns(at)[step as usize].asked_to_undo = true;
                self.ask_order(now, at, step as usize, sink);
            }
            SagaTurn::Done | SagaTurn::Undone => self.numbers[at].end = Some(turn),
            SagaTurn::Stuck => {
                self.numbers[at].end = Some(turn);
                let step = self.numbers[at].step as usize;
                self.report(now, at, Some(step), "stuck", |step| format!("cannot go on from step {step}"), sink);
            }
            _ => {}
        }
    }

    /// Whether an undo was asked for while a later step, which is done, was not asked to undo.
    fn ask_order(&mut self, now: &Now<'_>, at: usize, step: usize, sink: &mut Sink) {
        let later = self.later(at, step, |step, turn| step.undo.is_some() && !turn.asked_to_undo && !turn.undone);
        if let Some(later) = later {
            let later = self.steps[later].name.clone();
            let what = |step: &str| format!("asked to undo {step} before {later}");
            self.report(now, at, Some(step), "undo-out-of-order", what, sink);
        }
    }

    fn later(&mut self, at: usize, step: usize, is: impl Fn(&Step, &Turn) -> bool) -> Option<usize> {
        let from = at * self.steps.len();
        (step + 1..self.steps.len()).find(|later| {
            let turn = &self.turns[from + later];
            turn.done && is(&self.steps[*later], turn)
        })
    }

    /// The reply that completes a step was accepted.
    pub(crate) fn reply(&mut self, now: &Now<'_>, msg: MsgId, sink: &mut Sink) {
        let of = now.view.messages.get(msg);
        let Some((header, step)) = self.header(of.saga.as_ref()) else { return };
        if header.undo || self.steps[step].done != of.ty {
            return;
        }
        let at = self.number(&header.instance, sink);
        (self.numbers[at].command, self.numbers[at].last) = (Some(of.command), now.event);
        let turn = &mut self.turns(at)[step];
        turn.done = true;
        if turn.late.is_some() && turn.late == of.causation {
            turn.late = None;
            let what = |step: &str| format!("{step} was done after its undo");
            self.report(now, at, Some(step), "undo-before-action", what, sink);
        }
    }

    /// A handling of an action or undo committed.
    pub(crate) fn committed(&mut self, now: &Now<'_>, commit: Commit, sink: &mut Sink) {
        let of = now.view.messages.get(commit.msg);
        let Some((header, step)) = self.header(of.saga.as_ref()) else { return };
        let (is_act, is_undo) = (self.steps[step].act == of.ty, self.steps[step].undo == Some(of.ty));
        sink.evaluated(self.check, 1);
        let at = self.number(&header.instance, sink);
        (self.numbers[at].command, self.numbers[at].last) = (Some(of.command), now.event);
        if header.undo && is_undo {
            self.undone(now, at, step, commit, sink);
        } else if !header.undo && is_act {
            let turn = &mut self.turns(at)[step];
            if turn.undone && (commit.effective || !commit.has_tables) {
                turn.late = Some(commit.msg);
            }
        }
    }

    fn undone(&mut self, now: &Now<'_>, at: usize, step: usize, commit: Commit, sink: &mut Sink) {
        let turn = &mut self.turns(at)[step];
        let first = !turn.undone;
        let twice = turn.undo_changed_rows && commit.effective;
        turn.undone = true;
        turn.undo_changed_rows |= commit.effective;
        if twice {
            self.report(now, at, Some(step), "undone-twice", |step| format!("undid {step} twice"), sink);
        }
        if first && self.steps[step].awaited {
            let later = self.later(at, step, |step, turn| step.awaited && !turn.undone);
            if let Some(later) = later {
                let later = self.steps[later].name.clone();
                let what = |step: &str| format!("{step} was undone before {later}");
                self.report(now, at, Some(step), "undo-out-of-order", what, sink);
            }
        }
    }

    fn header<'a>(&self, saga: Option<&'a SagaRef>) -> Option<(&'a SagaRef, usize)> {
        let header = saga.filter(|header| header.saga == self.saga)?;
        Some((header, header.step as usize)).filter(|(_, step)| *step < self.steps.len())
    }

    /// Judges all instances at quiet.
    pub(crate) fn finish(&mut self, now: &Now<'_>, sink: &mut Sink) {
        for at in 0..self.numbers.len() {
            sink.evaluated(self.check, 1);
            let instance = self.numbers[at];
            match instance.end {
                None => {
                    let step = instance.step as usize;
                    self.report(
                        now,
                        at,
                        Some(step),
                        "unsettled",
                        |step| format!("stands at step {step} for ever"),
                        sink,
                    );
                }
                Some(SagaTurn::Done) => self.all_done(now, at, sink),
                Some(SagaTurn::Undone) => self.all_undone(now, at, sink),
                Some(_) => {}
            }
        }
    }

    fn all_done(&mut self, now: &Now<'_>, at: usize, sink: &mut Sink) {
        let open = self.turns(at).iter().position(|turn| !turn.done);
        if let Some(step) = open {
            let what = |step: &str| format!("ended well without step {step}");
            self.report(now, at, Some(step), "unsettled", what, sink);
        }
    }

    fn all_undone(&mut self, now: &Now<'_>, at: usize, sink: &mut Sink) {
        let left = self.turns(at).iter().position(|turn| turn.done && !turn.undone);
        if let Some(step) = left {
            let undo = match self.steps[step].undo_name.as_str() {
                "" => "it cannot be undone".to_owned(),
                undo => format!("{undo} was never committed"),
            };
            let what = |step: &str| format!("ended undone, but {step} is done and {undo}");
            self.report(now, at, Some(step), "not-undone", what, sink);
        }
    }

    fn report(
        &self,
        now: &Now<'_>,
        at: usize,
        step: Option<usize>,
        word: &'static str,
        what: impl FnOnce(&str) -> String,
        sink: &mut Sink,
    ) {
        let (key, instance) = self.numbers.get_index(at).expect("the instance is known");
        let step = step.and_then(|step| self.steps.get(step));
        let subject = key.render(now.view.names);
        let message = format!("{} of {subject} {}", self.name, what(step.map_or("", |step| &step.name)));
        let place = step.map_or(&self.name, |step| &step.place).clone();
        let (command, event) = (instance.command, instance.last);
        sink.report(self.check, now, Found { word, place, subject, command, event, message });
    }
}
