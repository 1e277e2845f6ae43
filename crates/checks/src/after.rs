//! `after A expect B`: each trigger must be followed by the expected moment with the same key, in time.

use indexmap::{IndexMap, IndexSet};
use ordain_brokers::MsgId;
use ordain_kernel::{EventId, Names, Span, Sym, Time};
use ordain_world::{Spec, Value};
use rustc_hash::FxBuildHasher;

use crate::now::Now;
use crate::routes::{Ear, Wanted};
use crate::sink::{Found, Sink};
use crate::spec::Moment;
use crate::text::{self, KeyOf};

/// A trigger that still waits.
#[derive(Clone, Copy, Debug)]
struct Open {
    since: Time,
    command: u32,
}

/// What is known of one key.
#[derive(Clone, Copy, Debug, Default)]
struct Wait {
    /// The latest expected moment.
    expected: Option<Time>,
    /// The earliest trigger that no expected moment followed.
    open: Option<Open>,
}

impl Wait {
    /// When an open trigger is overdue: `within` counts from the later of the trigger and the end of the faults.
    fn due(&self, within: Span, drain: Time) -> Option<Time> {
        self.open.map(|open| open.since.max(drain) + within)
    }
}

/// An `after` check.
#[derive(Debug)]
pub(crate) struct After {
    check: u16,
    within: Option<Span>,
    /// Whether an expected moment before the trigger counts.
    earlier: bool,
    trigger: KeyOf,
    expect: KeyOf,
    trigger_text: String,
    expect_text: String,
    same: Option<Sym>,
    waits: IndexMap<Value, Wait, FxBuildHasher>,
    /// The ids of the messages that have triggered: each does once, however often it is sent or comes.
    triggered: IndexSet<u64, FxBuildHasher>,
    /// When the first open trigger may be overdue.
    pub(crate) next: Time,
}

fn type_of(moment: Moment) -> ordain_world::spec::TypeId {
    match moment {
        Moment::Accepted(ty) | Moment::Handled(ty) | Moment::Committed(ty) => ty,
    }
}

impl After {
    pub(crate) fn new(
        spec: &Spec,
        check: u16,
        (trigger, expect): (Moment, Moment),
        same: Option<Sym>,
        (within, earlier): (Option<Span>, bool),
    ) -> After {
        After {
            check,
            within,
            earlier,
            trigger: KeyOf::new(spec, type_of(trigger), same),
            expect: KeyOf::new(spec, type_of(expect), same),
            trigger_text: text::moment(spec, trigger),
            expect_text: text::moment(spec, expect),
            same,
            waits: IndexMap::default(),
            triggered: IndexSet::default(),
            next: Time::NEVER,
        }
    }

    pub(crate) fn listen(at: u16, trigger: Moment, expect: Moment, wanted: &mut Wanted) {
        wanted.add(trigger, Ear::Trigger(at));
        wanted.add(expect, Ear::Expect(at));
    }

    pub(crate) fn begin(&mut self) {
        self.waits.clear();
        self.triggered.clear();
        self.next = Time::NEVER;
    }

    /// The trigger came.
    pub(crate) fn trigger(&mut self, now: &Now<'_>, msg: MsgId, sink: &mut Sink) {
        if !self.triggered.insert(now.view.messages.get(msg).id) {
            return;
        }
        sink.subject(self.check);
        let wait = self.waits.entry(self.trigger.value(now.view, msg)).or_default();
        let came = wait.expected.is_some_and(|at| self.earlier || at == now.at);
        if came || wait.open.is_some() {
            return;
        }
        wait.open = Some(Open { since: now.at, command: now.view.messages.get(msg).command });
        if let (Some(within), Some(drain)) = (self.within, now.drain) {
            self.next = self.next.min(now.at.max(drain) + within);
        }
    }

    /// What was expected came.
    pub(crate) fn expected(&mut self, now: &Now<'_>, msg: MsgId, sink: &mut Sink) {
        sink.evaluated(self.check, 1);
        let wait = self.waits.entry(self.expect.value(now.view, msg)).or_default();
        wait.expected = Some(now.at);
        wait.open = None;
    }

    /// Time has passed in the drain: reports what is overdue, and sets the next deadline.
    pub(crate) fn overdue(&mut self, now: &Now<'_>, sink: &mut Sink) {
        let (Some(within), Some(drain)) = (self.within, now.drain) else { return };
        self.next = Time::NEVER;
        for at in 0..self.waits.len() {
            match self.waits[at].due(within, drain) {
                Some(due) if due < now.at => self.missing(at, now, Some(due), sink),
                Some(due) => self.next = self.next.min(due),
                None => {}
            }
        }
    }

    /// Reports what is open at quiet.
    pub(crate) fn finish(&mut self, now: &Now<'_>, sink: &mut Sink) {
        sink.evaluated(self.check, self.waits.len() as u64);
        for at in 0..self.waits.len() {
            if self.waits[at].open.is_some() {
                self.missing(at, now, None, sink);
            }
        }
    }

    fn missing(&mut self, at: usize, now: &Now<'_>, due: Option<Time>, sink: &mut Sink) {
        let (value, wait) = self.waits.get_index_mut(at).expect("the index is in range");
        let Some(open) = wait.open.take() else { return };
        let names = now.view.names;
        let subject = self.trigger.text(value, names);
        let whose = whose(names, self.same, &subject);
        let by = due.map_or("until quiet".to_owned(), |due| format!("by {due}"));
        let found = Found {
            word: "missing",
            place: self.expect_text.clone(),
            message: format!("{} of {whose} at {} and no {} {by}", self.trigger_text, open.since, self.expect_text),
            subject,
            command: Some(open.command),
            event: EventId::NONE,
        };
        sink.report(self.check, now, found);
    }
}

fn whose(names: &Names, same: Option<Sym>, subject: &str) -> String {
    same.map_or(subject.to_owned(), |field| format!("{} {subject}", names.text(field)))
}
