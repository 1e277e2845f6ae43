//! The families of checks, and which of them hears what.

use ordain_brokers::MsgId;
use ordain_kernel::Time;
use ordain_world::Spec;
use ordain_world::expr::Expr;

use crate::after::After;
use crate::choreography::Choreography;
use crate::converge::Converge;
use crate::effects::Effects;
use crate::invariant::{Invariants, Mode};
use crate::loss::NoLoss;
use crate::now::Now;
use crate::order::Order;
use crate::routes::{Ear, Routes, Wanted};
use crate::saga::{Commit, SagaCheck};
use crate::sink::Sink;
use crate::spec::{CheckKind, CheckSpec};

/// All checks, family by family.
#[derive(Debug)]
pub(crate) struct Families {
    pub(crate) invariants: Invariants,
    pub(crate) afters: Vec<After>,
    pub(crate) converges: Vec<Converge>,
    /// By table: the `converges` checks that read it.
    converges_of: Vec<Vec<u16>>,
    pub(crate) effects: Vec<Effects>,
    pub(crate) sagas: Vec<SagaCheck>,
    pub(crate) choreographies: Vec<Choreography>,
    pub(crate) losses: Vec<NoLoss>,
    pub(crate) orders: Vec<Order>,
}

impl Families {
    pub(crate) fn new(specs: &[CheckSpec], spec: &Spec) -> (Families, Routes) {
        let mut families = Families {
            invariants: Invariants::new(spec),
            afters: Vec::new(),
            converges: Vec::new(),
            converges_of: vec![Vec::new(); spec.tables.len()],
            effects: Vec::new(),
            sagas: Vec::new(),
            choreographies: Vec::new(),
            losses: Vec::new(),
            orders: Vec::new(),
        };
        let mut wanted = Wanted::default();
        for (check, of) in specs.iter().enumerate() {
            families.add(spec, check as u16, &of.kind, &mut wanted);
        }
        let routes = Routes::new(spec, &wanted);
        (families, routes)
    }

    fn add(&mut self, spec: &Spec, check: u16, kind: &CheckKind, wanted: &mut Wanted) {
        let mut predicate = |mode, expr: &Expr, want| self.invariants.add(spec, check, mode, expr, want);
        match kind {
            CheckKind::Always(expr) => predicate(Mode::Always, expr, true),
            CheckKind::Never(expr) => predicate(Mode::Always, expr, false),
            CheckKind::Eventually(expr) => predicate(Mode::Quiet, expr, true),
            CheckKind::Sometimes(expr) => predicate(Mode::Sometimes, expr, true),
            CheckKind::After { trigger, expect, same, within, earlier } => {
                After::listen(self.afters.len() as u16, *trigger, *expect, wanted);
                self.afters.push(After::new(spec, check, (*trigger, *expect), *same, (*within, *earlier)));
            }
            CheckKind::Converges { view, truth, within } => {
                self.converge(Converge::new(spec, check, *view, *truth, *within))
            }
            CheckKind::Effects { external, exactly, expected } => {
                let effects = Effects::new(spec, check, *external, *exactly, expected);
                effects.listen(self.effects.len() as u16, wanted);
                self.effects.push(effects);
            }
            CheckKind::Saga(saga) => {
                let saga = SagaCheck::new(spec, check, *saga);
                saga.listen(self.sagas.len() as u16, wanted);
                self.sagas.push(saga);
            }
            CheckKind::Choreography { actions, key } => {
                let choreography = Choreography::new(spec, check, actions, *key);
                choreography.listen(self.choreographies.len() as u16, wanted);
                self.choreographies.push(choreography);
            }
            CheckKind::NoLoss(channels) => self.losses.push(NoLoss::new(spec, check, channels)),
            CheckKind::Order { channel, per } => self.orders.push(Order::new(spec, check, *channel, *per)),
        }
    }

    fn converge(&mut self, check: Converge) {
        for table in check.tables() {
            let of = &mut self.converges_of[table.at()];
            let here = self.converges.len() as u16;
            if !of.contains(&here) {
                of.push(here);
            }
        }
        self.converges.push(check);
    }

    pub(crate) fn begin(&mut self) {
        self.invariants.begin();
        self.afters.iter_mut().for_each(After::begin);
        self.converges.iter_mut().for_each(Converge::begin);
        self.effects.iter_mut().for_each(Effects::begin);
        self.sagas.iter_mut().for_each(SagaCheck::begin);
        self.choreographies.iter_mut().for_each(Choreography::begin);
        self.orders.iter_mut().for_each(Order::begin);
    }

    /// Rows changed.
    pub(crate) fn changed(&mut self, now: &Now<'_>, sink: &mut Sink, alarm: &mut Time) {
        self.invariants.committed(now, sink);
        for change in now.view.changes {
            for at in &self.converges_of[change.table.at()] {
                let check = &mut self.converges[*at as usize];
                check.changed(now, change, sink);
                *alarm = (*alarm).min(check.next);
            }
        }
    }

    /// A message was accepted, or settled by a subscription that handles it.
    pub(crate) fn message(&mut self, ear: Ear, now: &Now<'_>, msg: MsgId, sink: &mut Sink, alarm: &mut Time) {
        match ear {
            Ear::Trigger(at) => {
                let check = &mut self.afters[at as usize];
                check.trigger(now, msg, sink);
                *alarm = (*alarm).min(check.next);
            }
            Ear::Expect(at) => self.afters[at as usize].expected(now, msg, sink),
            Ear::Expected(at) => self.effects[at as usize].expected(now, msg),
            Ear::Reply(at) => self.sagas[at as usize].reply(now, msg, sink),
            Ear::Step(_) | Ear::Act(..) | Ear::Undo(..) => {}
        }
    }

    /// A handling committed.
    pub(crate) fn commit(&mut self, ear: Ear, now: &Now<'_>, commit: Commit, sink: &mut Sink, alarm: &mut Time) {
        match ear {
            Ear::Step(at) => self.sagas[at as usize].committed(now, commit, sink),
            Ear::Act(at, action) => self.choreographies[at as usize].acted(now, action as usize, commit, sink),
            Ear::Undo(at, action) => self.choreographies[at as usize].undid(now, action as usize, commit, sink),
            _ => self.message(ear, now, commit.msg, sink, alarm),
        }
    }

    /// Reports what is overdue; when something may be next.
    pub(crate) fn overdue(&mut self, now: &Now<'_>, sink: &mut Sink) -> Time {
        let mut next = Time::NEVER;
        for check in &mut self.afters {
            check.overdue(now, sink);
            next = next.min(check.next);
        }
        for check in &mut self.converges {
            check.overdue(now, sink);
            next = next.min(check.next);
        }
        next
    }
}
