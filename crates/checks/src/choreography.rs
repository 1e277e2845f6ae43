//! Sagas without an owner: all actions of an instance committed, or each committed one undone once, in reverse.
//!
//! An action *happened* when a handling of its message committed with a change of rows, or at all where the
//! service has no tables: a handling that refuses changes nothing. An undo is there with the first commit of a
//! handling of its message; a second one counts only when it changes rows.

use indexmap::IndexMap;
use ordain_kernel::{EventId, Sym};
use ordain_world::{Spec, Value};
use rustc_hash::FxBuildHasher;

use crate::now::Now;
use crate::routes::{Ear, Wanted};
use crate::saga::Commit;
use crate::sink::{Found, Sink};
use crate::spec::{Moment, SagaAction};
use crate::text::{self, KeyOf};

/// What is known of one action of one instance.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    happened: bool,
    /// Committed without a change, last of all after the undo.
    declined_after_undo: bool,
    declined: bool,
    undone: bool,
    undo_changed_rows: bool,
}

#[derive(Debug)]
struct Action {
    act: KeyOf,
    undo: Option<KeyOf>,
    name: String,
    undo_name: String,
}

/// A `saga` check on a saga without an owner.
#[derive(Debug)]
pub(crate) struct Choreography {
    check: u16,
    actions: Vec<Action>,
    moments: Vec<SagaAction>,
    /// The instances, with the number of a command and the last commit of each.
    instances: IndexMap<Value, (u32, EventId), FxBuildHasher>,
    /// By instance, then by action.
    turns: Vec<Turn>,
}

impl Choreography {
    pub(crate) fn new(spec: &Spec, check: u16, actions: &[SagaAction], key: Sym) -> Choreography {
        let of = |action: &SagaAction| Action {
            act: KeyOf::new(spec, action.act, Some(key)),
            undo: action.undo.map(|undo| KeyOf::new(spec, undo, Some(key))),
            name: text::type_text(spec, action.act).to_owned(),
            undo_name: action.undo.map_or("", |undo| text::type_text(spec, undo)).to_owned(),
        };
        Choreography {
            check,
            actions: actions.iter().map(of).collect(),
            moments: actions.to_vec(),
            instances: IndexMap::default(),
            turns: Vec::new(),
        }
    }

    pub(crate) fn listen(&self, at: u16, wanted: &mut Wanted) {
        for (action, moment) in self.moments.iter().enumerate() {
            wanted.add(Moment::Committed(moment.act), Ear::Act(at, action as u16));
            if let Some(undo) = moment.undo {
                wanted.add(Moment::Committed(undo), Ear::Undo(at, action as u16));
            }
        }
    }

    pub(crate) fn begin(&mut self) {
        self.instances.clear();
        self.turns.clear();
    }

    fn number(&mut self, now: &Now<'_>, key: KeyOf, commit: Commit, sink: &mut Sink) -> usize {
        sink.evaluated(self.check, 1);
        let value = key.value(now.view, commit.msg);
        if let Some((at, _, (_, last))) = self.instances.get_full_mut(&value) {
            *last = now.event;
            return at;
        }
        sink.subject(self.check);
        self.turns.resize(self.turns.len() + self.actions.len(), Turn::default());
        self.instances.insert_full(value, (now.view.messages.get(commit.msg).command, now.event)).0
    }

    fn turns(&mut self, instance: usize) -> &mut [Turn] {
        let actions = self.actions.len();
        &mut self.turns[instance * actions..(instance + 1) * actions]
    }

    /// A handling of an action committed.
    pub(crate) fn acted(&mut self, now: &Now<'_>, action: usize, commit: Commit, sink: &mut Sink) {
        let at = self.number(now, self.actions[action].act, commit, sink);
        let turn = &mut self.turns(at)[action];
        if !commit.effective && commit.has_tables {
            turn.declined = true;
            turn.declined_after_undo |= turn.undone;
            return;
        }
        turn.happened = true;
        if turn.undone {
            let what = format!("{} committed after {}", self.actions[action].name, self.actions[action].undo_name);
            self.report(now, at, action, "undo-before-action", &what, sink);
        }
    }

    /// A handling of an undo committed.
    pub(crate) fn undid(&mut self, now: &Now<'_>, action: usize, commit: Commit, sink: &mut Sink) {
        let Some(key) = self.actions[action].undo else { return };
        let at = self.number(now, key, commit, sink);
        let turn = &mut self.turns(at)[action];
        let first = !turn.undone;
        let twice = turn.undo_changed_rows && commit.effective;
        turn.undone = true;
        turn.undo_changed_rows |= commit.effective;
        if twice {
            let what = format!("{} committed twice", self.actions[action].undo_name);
            self.report(now, at, action, "undone-twice", &what, sink);
        }
        let later = (action + 1..self.actions.len()).find(|later| {
            let turn = &self.turns[at * self.actions.len() + later];
            turn.happened && !turn.undone && self.actions[*later].undo.is_some()
        });
        if let (true, Some(later)) = (first, later) {
            let what = format!("{} committed before {}", self.actions[action].undo_name, self.actions[later].undo_name);
            self.report(now, at, action, "undo-out-of-order", &what, sink);
        }
    }

    /// Judges all instances at quiet.
    pub(crate) fn finish(&mut self, now: &Now<'_>, sink: &mut Sink) {
        for at in 0..self.instances.len() {
            sink.evaluated(self.check, 1);
            self.settle(now, at, sink);
        }
    }

    fn settle(&mut self, now: &Now<'_>, at: usize, sink: &mut Sink) {
        let turns: &[Turn] = self.turns(at);
        let undoing = turns.iter().any(|turn| turn.undone);
        let done = turns.iter().all(|turn| turn.happened);
        let declined = turns.iter().any(|turn| turn.declined && !turn.happened);
        let missing = turns.iter().position(|turn| !turn.happened);
        let left = turns.iter().rposition(|turn| turn.happened && !turn.undone);
        let ghost = turns.iter().position(|turn| turn.undo_changed_rows && !turn.happened && !turn.declined_after_undo);
        if let Some(action) = ghost {
            let what =
                format!("{} committed, and {} never did", self.actions[action].undo_name, self.actions[action].name);
            self.report(now, at, action, "undo-before-action", &what, sink);
            return;
        }
        match (left, missing) {
            (Some(action), _) if undoing || (declined && !done) => {
                let undo = match self.actions[action].undo_name.as_str() {
                    "" => "it cannot be undone".to_owned(),
                    undo => format!("{undo} never did"),
                };
                let what = format!("{} committed, the saga was given up, and {undo}", self.actions[action].name);
                self.report(now, at, action, "not-undone", &what, sink);
            }
            (Some(_), Some(action)) => {
                let what = format!("{} never committed, and nothing was undone", self.actions[action].name);
                self.report(now, at, action, "unsettled", &what, sink);
            }
            _ => {}
        }
    }

    fn report(&self, now: &Now<'_>, at: usize, action: usize, word: &'static str, what: &str, sink: &mut Sink) {
        let (key, (command, event)) = self.instances.get_index(at).expect("the instance is known");
        let subject = self.actions[action].act.text(key, now.view.names);
        let place = self.actions[action].name.clone();
        let message = format!("saga of {subject}: {what}");
        let (command, event) = (Some(*command), *event);
        sink.report(self.check, now, Found { word, place, subject, command, event, message });
    }
}
