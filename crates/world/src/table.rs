//! Durable tables with transactions: read committed, row locks to commit, optional serializable checks.

use indexmap::IndexMap;
use indexmap::map::Entry;
use ordain_kernel::{EventId, Sym};
use rustc_hash::FxBuildHasher;

use crate::spec::{Col, TableId, TableSpec};
use crate::value::Value;

mod commit;
mod overlay;
mod transaction;

pub use transaction::{Read, Transaction};

/// A row as expressions see it: its key and its columns.
pub type RowRef<'a> = (&'a Value, &'a [Value]);

/// A row that somebody waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RowLock {
    /// The table.
    pub table: TableId,
    /// The row's key.
    pub key: Value,
}

/// A committed row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The columns, without the key.
    pub cols: Vec<Value>,
    /// Rises with each commit that writes it, from 1.
    pub version: u32,
    /// The commit that wrote it last.
    pub writer: EventId,
    /// False once deleted: the slot stays, so that the order of rows is the order of insertion.
    pub live: bool,
}

/// A row that a commit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The table.
    pub table: TableId,
    /// The row's key.
    pub key: Value,
    /// The row's slot in its table.
    pub slot: u32,
    /// Its columns before; `None` when it is new (or was deleted).
    pub before: Option<Vec<Value>>,
}

/// Another transaction committed what this one had read: it must be rolled back and run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The table.
    pub table: TableId,
    /// The row; `None` when the transaction had read the whole table.
    pub key: Option<Value>,
}

/// One table.
#[derive(Clone, Debug)]
pub struct Table {
    name: Sym,
    width: usize,
    rows: IndexMap<Value, Row, FxBuildHasher>,
    live: usize,
    /// Rises with each commit that changes any row.
    version: u32,
    /// The number of the next appended row: greater than every integer key so far, from 1.
    next_append: i64,
}

/// All tables of a world.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    tables: Vec<Table>,
    locks: IndexMap<RowLock, Held, FxBuildHasher>,
    spare: Vec<Vec<Value>>,
}

/// Who holds a row lock, and where in its overlay the row stands.
#[derive(Clone, Copy, Debug)]
struct Held {
    owner: u32,
    at: u32,
}

/// A [`RowLock`] that borrows its key, for lookups.
#[derive(Hash)]
struct LockRef<'a> {
    table: TableId,
    key: &'a Value,
}

impl indexmap::Equivalent<RowLock> for LockRef<'_> {
    fn equivalent(&self, lock: &RowLock) -> bool {
        self.table == lock.table && *self.key == lock.key
    }
}

/// Most vectors kept for reuse.
const SPARES: usize = 4_096;

impl Tables {
    /// The tables of these specifications, with their rows at the start.
    ///
    /// # Panics
    /// When a row at the start has another number of columns than its table.
    #[must_use]
    pub fn new(specs: &[TableSpec]) -> Tables {
        let mut tables = Tables::default();
        tables.reset(specs);
        tables
    }

    /// Back to the start of a run: committed rows as specified, no locks; memory is kept.
    ///
    /// # Panics
    /// When a row at the start has another number of columns than its table.
    pub fn reset(&mut self, specs: &[TableSpec]) {
        self.locks.clear();
        self.tables.truncate(specs.len());
        for (at, spec) in specs.iter().enumerate() {
            if at == self.tables.len() {
                self.tables.push(Table::empty(spec));
            }
            let table = &mut self.tables[at];
            for (_, row) in table.rows.drain(..) {
                give(&mut self.spare, row.cols);
            }
            table.start(spec, &mut self.spare);
        }
    }

    /// The name of a table.
    #[must_use]
    pub fn name(&self, table: TableId) -> Sym {
        self.tables[table.at()].name
    }

    /// The committed row with this key.
    #[must_use]
    #[inline]
    pub fn committed(&self, table: TableId, key: &Value) -> Option<&Row> {
        self.tables[table.at()].rows.get(key).filter(|row| row.live)
    }

    /// The slot of the row with this key, deleted or not.
    #[must_use]
    pub fn slot(&self, table: TableId, key: &Value) -> Option<u32> {
        self.tables[table.at()].rows.get_index_of(key).map(|slot| slot as u32)
    }

    /// The row in a slot, deleted or not: see [`Row::live`].
    ///
    /// # Panics
    /// When the table has no such slot.
    #[must_use]
    #[inline]
    pub fn row_at(&self, table: TableId, slot: u32) -> (&Value, &Row) {
        let found = self.tables[table.at()].rows.get_index(slot as usize);
        found.unwrap_or_else(|| panic!("table {} has no slot {slot}", table.0))
    }

    /// The committed rows in order of insertion.
    pub fn rows(&self, table: TableId) -> impl Iterator<Item = (&Value, &Row)> {
        self.tables[table.at()].rows.iter().filter(|(_, row)| row.live)
    }

    /// How many committed rows there are.
    #[must_use]
    #[inline]
    pub fn len(&self, table: TableId) -> usize {
        self.tables[table.at()].live
    }

    /// Whether a table has no committed row.
    #[must_use]
    pub fn is_empty(&self, table: TableId) -> bool {
        self.len(table) == 0
    }

    /// How many tables there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.tables.len()
    }

    /// An empty vector, recycled where possible; [`Tables::give_back`] takes it back.
    #[must_use]
    #[inline]
    pub fn spare(&mut self) -> Vec<Value> {
        self.spare.pop().unwrap_or_default()
    }

    /// Keeps the memory of a vector for later.
    #[inline]
    pub fn give_back(&mut self, values: Vec<Value>) {
        give(&mut self.spare, values);
    }

    /// Empties a list of changes and keeps the memory of its rows for later.
    pub fn recycle(&mut self, changes: &mut Vec<Change>) {
        for change in changes.drain(..) {
            if let Some(before) = change.before {
                give(&mut self.spare, before);
            }
        }
    }
}

impl Table {
    fn empty(spec: &TableSpec) -> Table {
        let rows = IndexMap::default();
        Table { name: spec.name, width: spec.columns.len(), rows, live: 0, version: 0, next_append: 1 }
    }

    /// Sets the rows of the start; the table is empty.
    fn start(&mut self, spec: &TableSpec, spare: &mut Vec<Vec<Value>>) {
        (self.name, self.width) = (spec.name, spec.columns.len());
        (self.version, self.next_append) = (0, 1);
        for (key, cols) in &spec.rows {
            assert!(cols.len() == self.width, "a row at the start has {} columns, not {}", cols.len(), self.width);
            let mut copy = spare.pop().unwrap_or_default();
            copy.extend_from_slice(cols);
            self.rows.insert(key.clone(), Row { cols: copy, version: 1, writer: EventId::NONE, live: true });
            if let Value::Int(n) = key {
                self.next_append = self.next_append.max(n.saturating_add(1));
            }
        }
        self.live = self.rows.len();
    }

    /// The version that a reader of this key sees: zero when there never was such a row.
    fn version_of(&self, key: &Value) -> u32 {
        self.rows.get(key).map_or(0, |row| row.version)
    }
}

fn give(spare: &mut Vec<Vec<Value>>, mut values: Vec<Value>) {
    if values.capacity() > 0 && spare.len() < SPARES {
        values.clear();
        spare.push(values);
    }
}

#[cfg(test)]
mod tests;
