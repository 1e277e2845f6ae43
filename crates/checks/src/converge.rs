//! Convergence: each row of a view equals the row of the truth with the same key, at quiet or in time.

use indexmap::IndexMap;
use ordain_kernel::{EventId, Span, Time};
use ordain_world::spec::{Col, TableId};
use ordain_world::{Change, Spec, Tables, Value};
use rustc_hash::FxBuildHasher;

use crate::now::Now;
use crate::sink::{Found, Sink};
use crate::text;

/// What is known of one key.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// The last change of the truth.
    changed: Time,
    differs: bool,
    command: Option<u32>,
}

/// A `converges` check.
#[derive(Debug)]
pub(crate) struct Converge {
    check: u16,
    view: (TableId, Col),
    truth: (TableId, Col),
    within: Option<Span>,
    place: String,
    truth_text: String,
    known: IndexMap<Value, Known, FxBuildHasher>,
    /// When the first difference may be overdue.
    pub(crate) next: Time,
}

/// The column of the row with this key; `None` when there is no row.
fn cell<'a>(tables: &'a Tables, (table, col): (TableId, Col), key: &Value) -> Option<&'a Value> {
    tables.committed(table, key).map(|row| &row.cols[col.at()])
}

/// The commit that last wrote, or deleted, the row with this key.
fn writer(tables: &Tables, table: TableId, key: &Value) -> EventId {
    tables.slot(table, key).map_or(EventId::NONE, |slot| tables.row_at(table, slot).1.writer)
}

fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.equals(b),
        (None, None) => true,
        _ => false,
    }
}

impl Converge {
    pub(crate) fn new(
        spec: &Spec,
        check: u16,
        view: (TableId, Col),
        truth: (TableId, Col),
        within: Option<Span>,
    ) -> Converge {
        Converge {
            check,
            view,
            truth,
            within,
            place: text::table(spec, view.0),
            truth_text: text::table(spec, truth.0),
            known: IndexMap::default(),
            next: Time::NEVER,
        }
    }

    pub(crate) fn tables(&self) -> [TableId; 2] {
        [self.view.0, self.truth.0]
    }

    pub(crate) fn begin(&mut self) {
        self.known.clear();
        self.next = Time::NEVER;
    }

    /// A row of the view or of the truth changed.
    pub(crate) fn changed(&mut self, now: &Now<'_>, change: &Change, sink: &mut Sink) {
        sink.evaluated(self.check, 1);
        let tables = now.view.tables;
        let truth = cell(tables, self.truth, &change.key);
        let differs = !same(cell(tables, self.view, &change.key), truth);
        let known = match self.known.get_mut(&change.key) {
            Some(known) => known,
            None => {
                sink.subject(self.check);
                self.known.entry(change.key.clone()).or_default()
            }
        };
        let before = change.before.as_ref().map(|cols| &cols[self.truth.1.at()]);
        if change.table == self.truth.0 && !same(before, truth) {
            known.changed = now.at;
            known.command = now.command;
        }
        known.differs = differs;
        if let (true, Some(within), Some(drain)) = (differs, self.within, now.drain) {
            self.next = self.next.min(known.changed.max(drain) + within);
        }
    }

    /// Time has passed in the drain: reports what is overdue, and sets the next deadline.
    pub(crate) fn overdue(&mut self, now: &Now<'_>, sink: &mut Sink) {
        let (Some(within), Some(drain)) = (self.within, now.drain) else { return };
        self.next = Time::NEVER;
        let Converge { check, known, next, .. } = self;
        let mut late = Vec::new();
        for (key, known) in known.iter_mut().filter(|(_, known)| known.differs) {
            let due = known.changed.max(drain) + within;
            if due < now.at {
                // Told once; a later change of the row looks again.
                known.differs = false;
                late.push((key.clone(), known.command, due));
            } else {
                *next = (*next).min(due);
            }
        }
        sink.evaluated(*check, late.len() as u64);
        for (key, command, due) in late {
            self.diverged(&key, command, Some(due), now, sink);
        }
    }

    /// Compares all rows at quiet.
    pub(crate) fn finish(&mut self, now: &Now<'_>, sink: &mut Sink) {
        let tables = now.view.tables;
        sink.evaluated(self.check, tables.len(self.truth.0) as u64);
        for (key, row) in tables.rows(self.truth.0) {
            if !same(cell(tables, self.view, key), Some(&row.cols[self.truth.1.at()])) {
                self.diverged(key, self.command(key), None, now, sink);
            }
        }
        for (key, _) in tables.rows(self.view.0) {
            if tables.committed(self.truth.0, key).is_none() {
                self.diverged(key, self.command(key), None, now, sink);
            }
        }
    }

    fn command(&self, key: &Value) -> Option<u32> {
        self.known.get(key).and_then(|known| known.command)
    }

    fn diverged(&self, key: &Value, command: Option<u32>, due: Option<Time>, now: &Now<'_>, sink: &mut Sink) {
        let view = now.view;
        let side = |of| {
            let value = cell(view.tables, of, key);
            value.map_or("has no row".to_owned(), |value| format!("is {}", text::quoted(value, view.names)))
        };
        let column = |(table, col): (TableId, Col)| view.names.text(view.spec.tables[table.at()].columns[col.at()].0);
        let subject = key.render(view.names);
        let when = due.map_or("at quiet".to_owned(), |due| format!("after {due}"));
        let message = format!(
            "{}.{} of {subject} {} {when}, and {}.{} {}",
            self.place,
            column(self.view),
            side(self.view),
            self.truth_text,
            column(self.truth),
            side(self.truth),
        );
        let event = writer(view.tables, self.view.0, key).max(writer(view.tables, self.truth.0, key));
        let place = self.place.clone();
        sink.report(self.check, now, Found { word: "diverged", place, subject, command, event, message });
    }
}
