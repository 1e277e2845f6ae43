//! The groups of a table's rows, kept up to date change by change: group key to row slots in order of insertion.

use indexmap::IndexMap;
use ordain_world::spec::{Col, TableId};
use ordain_world::table::RowRef;
use ordain_world::{Change, Tables, Value};
use rustc_hash::FxBuildHasher;

/// An index of groups. Memory is kept over [`Groups::begin`].
#[derive(Debug)]
pub(crate) struct Groups {
    table: TableId,
    by: Vec<Option<Col>>,
    built: bool,
    /// Group key to its number.
    numbers: IndexMap<Box<[Value]>, u32, FxBuildHasher>,
    /// The slots of each group, rising; recycled.
    slots: Vec<Vec<u32>>,
    scratch: Vec<Value>,
}

impl Groups {
    pub(crate) fn new(table: TableId, by: Vec<Option<Col>>) -> Groups {
        Groups { table, by, built: false, numbers: IndexMap::default(), slots: Vec::new(), scratch: Vec::new() }
    }

    pub(crate) fn by(&self) -> &[Option<Col>] {
        &self.by
    }

    pub(crate) fn begin(&mut self) {
        self.built = false;
        self.numbers.clear();
    }

    /// How many groups there have been.
    pub(crate) fn len(&self) -> u32 {
        self.numbers.len() as u32
    }

    /// The values that a group's rows share.
    pub(crate) fn key(&self, group: u32) -> &[Value] {
        self.numbers.get_index(group as usize).map_or(&[], |(key, _)| key)
    }

    /// The slots of a group's live rows.
    pub(crate) fn slots(&self, group: u32) -> &[u32] {
        &self.slots[group as usize]
    }

    /// Indexes all rows, once in a run.
    pub(crate) fn build(&mut self, tables: &Tables) {
        if self.built {
            return;
        }
        self.built = true;
        for (key, row) in tables.rows(self.table) {
            let slot = tables.slot(self.table, key).expect("a row has a slot");
            let group = self.number((key, &row.cols));
            self.slots[group as usize].push(slot);
        }
    }

    /// Takes a change: the groups that the row left and joined, which may be one and the same. The table is
    /// already as it is after the whole commit, so taking a change twice does no harm.
    pub(crate) fn change(&mut self, tables: &Tables, change: &Change) -> [Option<u32>; 2] {
        self.build(tables);
        let (key, row) = tables.row_at(self.table, change.slot);
        let left = change.before.as_ref().map(|before| self.number((key, before)));
        let joined = row.live.then(|| self.number((key, &row.cols)));
        if left == joined {
            return [joined, None];
        }
        if let Some(group) = left {
            let slots = &mut self.slots[group as usize];
            if let Ok(at) = slots.binary_search(&change.slot) {
                slots.remove(at);
            }
        }
        if let Some(group) = joined {
            let slots = &mut self.slots[group as usize];
            if let Err(at) = slots.binary_search(&change.slot) {
                slots.insert(at, change.slot);
            }
        }
        [left, joined]
    }

    /// The number of the group of a row, made on first sight.
    fn number(&mut self, (key, cols): RowRef<'_>) -> u32 {
        self.scratch.clear();
        self.scratch.extend(self.by.iter().map(|col| col.map_or(key, |col| &cols[col.at()])).cloned());
        if let Some(group) = self.numbers.get(self.scratch.as_slice()) {
            return *group;
        }
        let group = self.numbers.len() as u32;
        self.numbers.insert(self.scratch.as_slice().into(), group);
        match self.slots.get_mut(group as usize) {
            Some(slots) => slots.clear(),
            None => self.slots.push(Vec::new()),
        }
        group
    }
}
