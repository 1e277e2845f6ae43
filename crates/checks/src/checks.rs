//! The observer: takes facts, hands them to the checks that they concern, and keeps the tally.

use ordain_brokers::{Loss, MsgId, SubId};
use ordain_kernel::Time;
use ordain_world::fact::SagaTurn;
use ordain_world::{Boundary, Fact, Flow, Observer, Spec, View, What};

use crate::finish::{self, Finish};
use crate::hear::Families;
use crate::now::Now;
use crate::progress::{Keep, Mark, Progress};
use crate::routes::Routes;
use crate::saga::Commit;
use crate::sink::Sink;
use crate::spec::CheckSpec;
use crate::verdict::{Signature, Tally, Violation};

/// All checks of a scenario, judging one run at a time.
///
/// [`Checks::begin`] before a run, the run's facts through [`Observer::fact`], [`Checks::finish`] after it. Memory
/// is kept from run to run. Facts must come in the order of the run, and the view must show the state *after* the
/// fact: the changed rows of a commit, and the gauges that it moved.
#[derive(Debug)]
pub struct Checks {
    routes: Routes,
    families: Families,
    progress: Progress,
    sink: Sink,
    /// By subscription: whether its service has tables.
    has_tables: Vec<bool>,
    drain: Option<Time>,
    /// When something may first be overdue.
    alarm: Time,
}

impl Checks {
    /// The checks of a scenario, resolved against its world.
    ///
    /// # Panics
    /// When a check names something that `spec` does not have: lowering has checked that.
    #[must_use]
    pub fn new(specs: Vec<CheckSpec>, spec: &Spec) -> Checks {
        let owned = |service| {
            let tables = spec.tables.iter().enumerate().filter(|(_, table)| table.service == service);
            tables.into_iter().any(|(at, _)| !spec.saga_tables.iter().any(|saga| saga.at() == at))
        };
        let (families, routes) = Families::new(&specs, spec);
        let keep = Keep { ids: !families.orders.is_empty(), ends: !families.losses.is_empty() };
        Checks {
            routes,
            families,
            progress: Progress::new(spec, keep),
            sink: Sink::new(&specs),
            has_tables: spec.subs.iter().map(|sub| owned(sub.service)).collect(),
            drain: None,
            alarm: Time::NEVER,
        }
    }

    /// Forgets the last run: violations, tally and all state; what to stop on stays, and so does memory.
    pub fn begin(&mut self) {
        self.families.begin();
        self.progress.begin();
        self.sink.begin();
        self.drain = None;
        self.alarm = Time::NEVER;
    }

    /// Ends runs early: [`Observer::fact`] returns [`Flow::Stop`] from the first violation with this signature on.
    /// `None` takes that back.
    pub fn stop_on(&mut self, signature: Option<Signature>) {
        self.sink.stop_on(signature);
    }

    /// Ends runs early, or no longer, on the first violation of severity error, whatever its signature.
    pub fn stop_on_any(&mut self, on: bool) {
        self.sink.stop_on_any(on);
    }

    /// The violations of this run so far, in the order in which they were seen: at most one for each check and
    /// subject, at most [`crate::VIOLATIONS_MAX`].
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        self.sink.violations()
    }

    /// How much there was to judge in this run so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.sink.tally
    }

    /// Judges what can only be judged at the end of a run. `at` and `event` are those of its last fact.
    ///
    /// At [`Finish::Quiet`] that is everything that must have come true by then. At [`Finish::NotQuiet`] only the
    /// lack of rest is reported, as check `quiescence`: what hangs has not been lost yet. At [`Finish::Stopped`]
    /// nothing is.
    pub fn finish(&mut self, view: &View<'_>, at: Time, event: ordain_kernel::EventId, end: Finish) {
        let now = Now { at, event, command: None, drain: self.drain, view };
        finish::judge(&mut self.families, &self.progress, &mut self.sink, &now, &end);
    }

    fn accepted(&mut self, now: &Now<'_>, msg: MsgId) {
        let of = now.view.messages.get(msg);
        if self.progress.accept(msg, of, now.event) {
            self.sink.tally.accepted += 1;
        }
        for ear in self.routes.accepted.of(of.ty) {
            self.families.message(*ear, now, msg, &mut self.sink, &mut self.alarm);
        }
    }

    fn delivered(&mut self, now: &Now<'_>, msg: MsgId, sub: SubId, n: u32) {
        if now.view.messages.get(msg).timer {
            return;
        }
        let tally = &mut self.sink.tally;
        tally.delivered += 1;
        if n > 1 {
            let committed = self.progress.is(msg, sub, Mark::Committed);
            tally.duplicates += u64::from(committed || self.progress.is(msg, sub, Mark::Begun));
            tally.duplicates_after_commit += u64::from(committed);
        } else if self.progress.deliver(msg, sub) {
            tally.overtaken += 1;
        }
    }

    fn committed(&mut self, now: &Now<'_>, msg: MsgId, sub: SubId) {
        self.progress.mark(msg, sub, Mark::Committed);
        self.progress.unmark(msg, sub, Mark::Failed);
        if !now.view.changes.is_empty() {
            self.families.changed(now, &mut self.sink, &mut self.alarm);
        }
        let of = now.view.messages.get(msg);
        if of.timer {
            // A saga's own clock: no message of the scenario was handled.
            return;
        }
        let ears = self.routes.committed.of(of.ty);
        if !ears.is_empty() {
            let has_tables = self.has_tables[sub.0 as usize];
            let commit = Commit { msg, effective: changes_anything(now.view), has_tables };
            for ear in ears {
                self.families.commit(*ear, now, commit, &mut self.sink, &mut self.alarm);
            }
        }
        self.handled(now, msg, sub);
    }

    fn settled(&mut self, now: &Now<'_>, msg: MsgId, sub: SubId) {
        self.progress.end(msg, sub, Mark::Settled, now.event);
        let of = now.view.messages.get(msg);
        let ty = of.ty;
        if of.timer || !self.progress.handles(sub, ty) {
            return;
        }
        for ear in self.routes.handled.of(ty) {
            self.families.message(*ear, now, msg, &mut self.sink, &mut self.alarm);
        }
    }

    /// A handling committed: the first time counts for the order, whichever message of this id it was.
    fn handled(&mut self, now: &Now<'_>, msg: MsgId, sub: SubId) {
        if self.families.orders.is_empty() {
            return;
        }
        let first = self.progress.first(msg, now.view.messages.get(msg));
        if !self.progress.mark(first, sub, Mark::Handled) {
            return;
        }
        for order in &mut self.families.orders {
            order.handled(now, first, sub, &self.progress, &mut self.sink);
        }
    }

    fn dead_lettered(&mut self, now: &Now<'_>, (msg, sub): (MsgId, SubId), why: Loss, kept: bool) {
        self.sink.tally.dead_lettered += 1;
        // Refusing a message is a decision; losing it to a limit is not.
        let mark = if kept || why == Loss::Rejected { Mark::DeadLettered } else { Mark::Dropped };
        self.progress.end(msg, sub, mark, now.event);
    }

    fn crashed(&mut self, after: Option<Boundary>) {
        let tally = &mut self.sink.tally;
        tally.crashes += 1;
        tally.crashes_after_commit += u64::from(matches!(after, Some(Boundary::Committed | Boundary::Published)));
    }

    fn saga(&mut self, now: &Now<'_>, what: &What) {
        let What::Saga { saga, instance, turn } = what else { return };
        let counts = &mut self.sink.tally.sagas;
        match turn {
            SagaTurn::Done => counts.0 += 1,
            SagaTurn::Undone => counts.1 += 1,
            SagaTurn::Stuck => counts.2 += 1,
            _ => {}
        }
        for check in self.families.sagas.iter_mut().filter(|check| check.saga == *saga) {
            check.turn(now, instance, *turn, &mut self.sink);
        }
    }

    fn effect(&mut self, now: &Now<'_>, what: &What) {
        let What::Effect { msg, external, key, service, count } = what else { return };
        self.sink.tally.effects += 1;
        for check in self.families.effects.iter_mut().filter(|check| check.external == *external) {
            check.effect(now, key, (*msg, *service), *count, &mut self.sink);
        }
    }

    /// The command behind a fact about a message.
    fn command(view: &View<'_>, what: &What) -> Option<u32> {
        let msg = match what {
            What::Accepted { msg, .. }
            | What::Committed { msg, .. }
            | What::Deduplicated { msg, .. }
            | What::Settled { msg, .. }
            | What::DeadLettered { msg, .. } => *msg,
            _ => return None,
        };
        Some(view.messages.get(msg).command)
    }
}

/// Whether a commit left any row different from what it was.
fn changes_anything(view: &View<'_>) -> bool {
    view.changes.iter().any(|change| {
        let (_, row) = view.tables.row_at(change.table, change.slot);
        !view.spec.saga_tables.contains(&change.table)
            && match &change.before {
                Some(before) => !row.live || *before != row.cols,
                None => row.live,
            }
    })
}

impl Observer for Checks {
    fn fact(&mut self, fact: &Fact, view: &View<'_>) -> Flow {
        let mut now = Now { at: fact.at, event: fact.id, command: None, drain: self.drain, view };
        if fact.at > self.alarm {
            self.alarm = self.families.overdue(&now, &mut self.sink);
        }
        match &fact.what {
            What::Accepted { msg, .. } => self.accepted(&now, *msg),
            What::Delivered { msg, sub, n, .. } => self.delivered(&now, *msg, *sub, *n),
            What::Begun { msg, sub, .. } => {
                self.progress.mark(*msg, *sub, Mark::Begun);
            }
            What::RolledBack { msg, sub, .. } => {
                self.progress.mark(*msg, *sub, Mark::Failed);
            }
            What::Retrying { msg, sub } => self.progress.unmark(*msg, *sub, Mark::Begun),
            What::Deduplicated { msg, sub } => {
                self.sink.tally.deduplicated += 1;
                self.progress.mark(*msg, *sub, Mark::Known);
            }
            What::Ignored { msg, sub } => {
                self.progress.mark(*msg, *sub, Mark::Known);
            }
            What::Committed { msg, sub, .. } => {
                now.command = Self::command(view, &fact.what);
                self.committed(&now, *msg, *sub);
            }
            What::Effect { .. } => self.effect(&now, &fact.what),
            What::Settled { msg, sub } => self.settled(&now, *msg, *sub),
            What::DeadLettered { msg, sub, why, kept } => self.dead_lettered(&now, (*msg, *sub), *why, *kept),
            // Confirmed and gone: where somebody handles its type, it counts as accepted, and will be found lost.
            What::Dropped { msg, .. } => {
                self.progress.accept(*msg, view.messages.get(*msg), fact.id);
            }
            What::Crashed { after, .. } => self.crashed(*after),
            What::Saga { .. } => self.saga(&now, &fact.what),
            What::DrainBegan => {
                self.drain = Some(fact.at);
                now.drain = self.drain;
                self.alarm = self.families.overdue(&now, &mut self.sink);
            }
            _ => {}
        }
        if self.families.invariants.hears(&fact.what) {
            now.command = now.command.or_else(|| Self::command(view, &fact.what));
            self.families.invariants.moved(&now, &fact.what, &mut self.sink);
        }
        self.sink.flow()
    }
}
