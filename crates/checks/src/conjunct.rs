//! One part of a predicate, evaluated for what a change touches: the row, the group, or everything.

use indexmap::IndexSet;
use ordain_kernel::EventId;
use ordain_world::expr::{Env, EvalError, Expr, Footprint, footprint};
use ordain_world::spec::TableId;
use ordain_world::table::RowRef;
use ordain_world::{Change, Gauge, Spec, View};
use rustc_hash::FxBuildHasher;

use crate::evidence;
use crate::gauge;
use crate::groups::Groups;
use crate::now::Now;
use crate::shape::{Piece, Shape};
use crate::sink::Found;
use crate::text;

/// Rows of a group that are gathered without asking for memory.
const FEW: usize = 16;

/// What a part is about, with what it keeps of the run.
#[derive(Debug)]
enum Scope {
    Rows(TableId),
    Groups(TableId, Groups),
    Whole,
}

/// A part of a predicate.
#[derive(Debug)]
pub(crate) struct Part {
    scope: Scope,
    p: Expr,
    want: bool,
    /// What the predicate reads besides its row or group.
    beside: Footprint,
    place: String,
    /// The rows (by slot), groups (by number), or the whole (zero) that were reported.
    flagged: IndexSet<u32, FxBuildHasher>,
    /// Groups touched by the commit that is being told.
    touched: Vec<u32>,
    /// Whether everything has to be evaluated.
    all: bool,
}

/// What an evaluation did.
#[derive(Default)]
pub(crate) struct Outcome {
    /// How many predicates were evaluated.
    pub(crate) evaluated: u64,
    /// What is out of order and was not reported before.
    pub(crate) found: Vec<Found>,
}

impl Part {
    pub(crate) fn new(spec: &Spec, piece: &Piece, whole: &Expr) -> Part {
        let scope = match &piece.shape {
            Shape::Rows(table) => Scope::Rows(*table),
            Shape::Groups(table, by) => Scope::Groups(*table, Groups::new(*table, by.clone())),
            Shape::Whole => Scope::Whole,
        };
        let beside = piece.beside();
        Part {
            scope,
            p: piece.p.clone(),
            want: piece.want,
            place: place(spec, piece.table(), &[&beside, &footprint(whole)]),
            beside,
            flagged: IndexSet::default(),
            touched: Vec::new(),
            all: false,
        }
    }

    /// The tables whose changes concern it.
    pub(crate) fn tables(&self) -> Vec<TableId> {
        let mut tables = self.beside.tables.clone();
        if let Scope::Rows(table) | Scope::Groups(table, _) = self.scope
            && !tables.contains(&table)
        {
            tables.push(table);
        }
        tables
    }

    /// The gauges whose moves concern it.
    pub(crate) fn gauges(&self) -> &[Gauge] {
        &self.beside.gauges
    }

    pub(crate) fn begin(&mut self) {
        if let Scope::Groups(_, groups) = &mut self.scope {
            groups.begin();
        }
        self.flagged.clear();
        self.touched.clear();
        self.all = false;
    }

    /// A gauge moved, or everything has to be looked at: the next [`Part::evaluate`] does.
    pub(crate) fn touch_all(&mut self) {
        self.all = true;
    }

    /// Takes a change in one of its tables: evaluated at once by row, by group or whole at the next
    /// [`Part::evaluate`]. Whether that is needed.
    pub(crate) fn touch(&mut self, now: &Now<'_>, change: &Change, out: &mut Outcome) -> bool {
        self.all |= self.beside.tables.contains(&change.table);
        match &mut self.scope {
            Scope::Rows(table) if *table == change.table && !self.all => {
                let (key, row) = now.view.tables.row_at(*table, change.slot);
                if row.live {
                    self.row(now, change.slot, (key, &row.cols), out);
                }
                false
            }
            Scope::Groups(table, groups) if *table == change.table => {
                for group in groups.change(now.view.tables, change).into_iter().flatten() {
                    if !self.touched.contains(&group) {
                        self.touched.push(group);
                    }
                }
                true
            }
            _ => true,
        }
    }

    /// Evaluates what was touched and could wait for the end of the commit.
    pub(crate) fn evaluate(&mut self, now: &Now<'_>, out: &mut Outcome) {
        if core::mem::take(&mut self.all) {
            self.touched.clear();
            self.everything(now, out);
            return;
        }
        for at in 0..self.touched.len() {
            self.group(now, self.touched[at], out);
        }
        self.touched.clear();
    }

    /// Evaluates every row, every group, or the whole.
    pub(crate) fn everything(&mut self, now: &Now<'_>, out: &mut Outcome) {
        let tables = now.view.tables;
        match &mut self.scope {
            Scope::Rows(table) => {
                let table = *table;
                for (key, row) in tables.rows(table) {
                    let slot = tables.slot(table, key).expect("a row has a slot");
                    self.row(now, slot, (key, &row.cols), out);
                }
            }
            Scope::Groups(_, groups) => {
                groups.build(tables);
                for group in 0..groups.len() {
                    self.group(now, group, out);
                }
            }
            Scope::Whole => self.whole(now, out),
        }
    }

    fn row(&mut self, now: &Now<'_>, slot: u32, row: RowRef<'_>, out: &mut Outcome) {
        let mut env = env(now);
        let held = env.row_holds(&self.p, row);
        env.row = Some(row);
        self.judge(now, slot, held, &mut env, out, |_, view| {
            let subject = row.0.render(view.names);
            (subject.clone(), subject)
        });
    }

    fn group(&mut self, now: &Now<'_>, group: u32, out: &mut Outcome) {
        let Scope::Groups(table, groups) = &self.scope else { return };
        let at = |slot: &u32| -> RowRef<'_> {
            let (key, row) = now.view.tables.row_at(*table, *slot);
            (key, &row.cols)
        };
        let slots = groups.slots(group);
        let Some(first) = slots.first() else { return };
        let mut few = [at(first); FEW];
        let many: Vec<RowRef<'_>>;
        let rows: &[RowRef<'_>] = if slots.len() <= FEW {
            for (row, slot) in few.iter_mut().zip(slots) {
                *row = at(slot);
            }
            &few[..slots.len()]
        } else {
            many = slots.iter().map(at).collect();
            &many
        };
        let mut env = Env { row: rows.first().copied(), group: Some(rows), ..env(now) };
        let held = env.holds(&self.p);
        self.judge(now, group, held, &mut env, out, |part, view| part.group_name(group, view));
    }

    fn whole(&mut self, now: &Now<'_>, out: &mut Outcome) {
        let mut env = env(now);
        let held = env.holds(&self.p);
        self.judge(now, 0, held, &mut env, out, |part, _| (part.place.clone(), String::new()));
    }

    /// A group's subject, and what it is called in a sentence: `c7`, `of order_id c7`.
    fn group_name(&self, group: u32, view: &View<'_>) -> (String, String) {
        let Scope::Groups(table, groups) = &self.scope else { return Default::default() };
        let spec = &view.spec.tables[table.at()];
        let mut subject = Vec::new();
        let mut name = Vec::new();
        for (col, value) in groups.by().iter().zip(groups.key(group)) {
            let value = value.render(view.names);
            let column = col.map_or(spec.key, |col| Some(spec.columns[col.at()].0));
            name.push(format!("{} {value}", column.map_or("row", |column| view.names.text(column))));
            subject.push(value);
        }
        (subject.join(", "), format!("of {}", name.join(", ")))
    }

    fn judge(
        &mut self,
        now: &Now<'_>,
        at: u32,
        held: Result<bool, EvalError>,
        env: &mut Env<'_>,
        out: &mut Outcome,
        name: impl FnOnce(&Part, &View<'_>) -> (String, String),
    ) {
        out.evaluated += 1;
        if held.as_ref().is_ok_and(|held| *held == self.want) || !self.flagged.insert(at) {
            return;
        }
        let (subject, name) = name(self, now.view);
        let whose = match &self.scope {
            Scope::Rows(table) | Scope::Groups(table, _) => {
                let table = now.view.names.text(now.view.spec.tables[table.at()].name);
                format!("{table} {name}: ")
            }
            Scope::Whole => String::new(),
        };
        let (word, evidence) = match held {
            Ok(_) => ("", evidence::of(now.view.spec, self.table(), &self.p, self.want, env)),
            Err(error) => ("error", error.text(now.view.names, now.view.tables)),
        };
        let message = format!("{whose}{evidence}");
        let (place, event) = (self.place.clone(), self.writer(now, at));
        out.found.push(Found { word, place, subject, command: now.command, event, message });
    }

    /// The last commit that wrote the rows that it is about, where it is about rows alone.
    fn writer(&self, now: &Now<'_>, at: u32) -> EventId {
        let tables = now.view.tables;
        let latest = match &self.scope {
            Scope::Rows(table) => Some(tables.row_at(*table, at).1.writer),
            Scope::Groups(table, groups) => {
                groups.slots(at).iter().map(|slot| tables.row_at(*table, *slot).1.writer).max()
            }
            Scope::Whole if self.beside.gauges.is_empty() => {
                let rows = self.beside.tables.iter().flat_map(|table| tables.rows(*table));
                rows.map(|(_, row)| row.writer).max()
            }
            Scope::Whole => None,
        };
        latest.unwrap_or(EventId::NONE)
    }

    fn table(&self) -> Option<TableId> {
        match self.scope {
            Scope::Rows(table) | Scope::Groups(table, _) => Some(table),
            Scope::Whole => None,
        }
    }
}

fn env<'a>(now: &Now<'a>) -> Env<'a> {
    Env::committed(now.view.names, now.view.tables, now.view.gauges, now.at)
}

/// Where a part is at home: its table, else the first table or gauge that it, or else the check, reads.
fn place(spec: &Spec, table: Option<TableId>, footprints: &[&Footprint]) -> String {
    let of = |found: &Footprint| {
        let table = found.tables.first().map(|table| text::table(spec, *table));
        table.or_else(|| found.gauges.first().map(|gauge| gauge::text(spec, *gauge)))
    };
    let own = table.map(|table| text::table(spec, table));
    own.or_else(|| footprints.iter().find_map(|found| of(found))).unwrap_or_else(|| "world".to_owned())
}
