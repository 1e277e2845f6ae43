//! Predicates over the committed state: `always`, `never`, `eventually`, `sometimes`.

use ordain_kernel::EventId;
use ordain_world::expr::Expr;
use ordain_world::{Gauge, Spec, What};

use crate::conjunct::{Outcome, Part};
use crate::gauge;
use crate::now::Now;
use crate::shape::pieces;
use crate::sink::Sink;

/// When a predicate is judged, and what it means when it does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// After each change that concerns it.
    Always,
    /// At quiet only.
    Quiet,
    /// After each change until it holds: its parts are those of the negation, so one out of order is success.
    Sometimes,
}

#[derive(Debug)]
struct Invariant {
    check: u16,
    mode: Mode,
    parts: Vec<Part>,
    /// Whether nothing more is to be learnt.
    settled: bool,
}

/// The number of an invariant and of one of its parts.
type PartAt = (u16, u16);

/// All predicates, and what concerns which.
#[derive(Debug)]
pub(crate) struct Invariants {
    all: Vec<Invariant>,
    by_table: Vec<Vec<PartAt>>,
    by_gauge: Vec<(Gauge, PartAt)>,
    /// The codes of facts that move a gauge in `by_gauge`, as a bit set.
    gauge_codes: u64,
    dirty: Vec<PartAt>,
}

impl Invariants {
    pub(crate) fn new(spec: &Spec) -> Invariants {
        Invariants {
            all: Vec::new(),
            by_table: vec![Vec::new(); spec.tables.len()],
            by_gauge: Vec::new(),
            gauge_codes: 0,
            dirty: Vec::new(),
        }
    }

    /// Adds a predicate that has to be `want`.
    pub(crate) fn add(&mut self, spec: &Spec, check: u16, mode: Mode, expr: &Expr, want: bool) {
        let want = if mode == Mode::Sometimes { !want } else { want };
        let parts: Vec<Part> = pieces(expr, want).iter().map(|piece| Part::new(spec, piece, expr)).collect();
        if mode != Mode::Quiet {
            for (at, part) in parts.iter().enumerate() {
                let here = (self.all.len() as u16, at as u16);
                part.tables().into_iter().for_each(|table| self.by_table[table.at()].push(here));
                for gauge in part.gauges() {
                    self.by_gauge.push((*gauge, here));
                    self.gauge_codes |= gauge::codes(*gauge);
                }
            }
        }
        self.all.push(Invariant { check, mode, parts, settled: false });
    }

    pub(crate) fn begin(&mut self) {
        self.dirty.clear();
        for invariant in &mut self.all {
            invariant.settled = false;
            invariant.parts.iter_mut().for_each(Part::begin);
        }
    }

    /// A transaction committed.
    pub(crate) fn committed(&mut self, now: &Now<'_>, sink: &mut Sink) {
        for change in now.view.changes {
            for here in &self.by_table[change.table.at()] {
                let invariant = &mut self.all[here.0 as usize];
                if invariant.settled {
                    continue;
                }
                sink.subject(invariant.check);
                let mut out = Outcome::default();
                if invariant.parts[here.1 as usize].touch(now, change, &mut out) && !self.dirty.contains(here) {
                    self.dirty.push(*here);
                }
                invariant.take(now, out, sink);
            }
        }
        self.clean(now, sink);
    }

    /// Whether a fact with this code can move a gauge that is read.
    #[inline]
    pub(crate) fn hears(&self, what: &What) -> bool {
        self.gauge_codes >> what.code() & 1 != 0
    }

    /// A fact moved gauges.
    pub(crate) fn moved(&mut self, now: &Now<'_>, what: &What, sink: &mut Sink) {
        for moved in gauge::moved(now.view.spec, what).into_iter().flatten() {
            for (gauge, here) in &self.by_gauge {
                let invariant = &mut self.all[here.0 as usize];
                if *gauge == moved && !invariant.settled && !self.dirty.contains(here) {
                    sink.subject(invariant.check);
                    invariant.parts[here.1 as usize].touch_all();
                    self.dirty.push(*here);
                }
            }
        }
        self.clean(now, sink);
    }

    fn clean(&mut self, now: &Now<'_>, sink: &mut Sink) {
        for here in &self.dirty {
            let invariant = &mut self.all[here.0 as usize];
            let mut out = Outcome::default();
            invariant.parts[here.1 as usize].evaluate(now, &mut out);
            invariant.take(now, out, sink);
        }
        self.dirty.clear();
    }

    /// Evaluates everything once, at quiet.
    pub(crate) fn finish(&mut self, now: &Now<'_>, sink: &mut Sink) {
        for invariant in self.all.iter_mut().filter(|invariant| !invariant.settled) {
            let mut out = Outcome::default();
            invariant.parts.iter_mut().for_each(|part| part.everything(now, &mut out));
            if invariant.mode == Mode::Quiet {
                sink.subject(invariant.check);
            }
            invariant.take(now, out, sink);
        }
    }
}

impl Invariant {
    fn take(&mut self, now: &Now<'_>, out: Outcome, sink: &mut Sink) {
        if out.evaluated > 0 {
            sink.evaluated(self.check, out.evaluated);
        }
        for mut found in out.found {
            if found.word.is_empty() {
                match self.mode {
                    Mode::Always => found.word = "violated",
                    Mode::Quiet => found.word = "unsettled",
                    Mode::Sometimes => {
                        sink.held(self.check);
                        self.settled = true;
                        continue;
                    }
                }
            }
            if self.mode != Mode::Quiet {
                // It was seen by the event that made it so.
                found.event = EventId::NONE;
            }
            sink.report(self.check, now, found);
        }
    }
}
