//! A handling's open transaction: what it wrote, which locks it holds, what it read.

use core::cell::RefCell;

use crate::spec::TableId;
use crate::value::Value;

/// Something that a transaction read from the committed state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The table.
    pub table: TableId,
    /// The row; `None` is the whole table.
    pub key: Option<Value>,
    /// The version it had at the first read: zero for a row that never was.
    pub version: u32,
}

/// A row in an overlay.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    /// Locked and not written.
    Locked,
    /// Written.
    Row(Vec<Value>),
    /// Deleted.
    Deleted,
}

/// A locked row of an overlay.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) table: TableId,
    pub(super) key: Value,
    pub(super) row: Pending,
}

/// An appended row of an overlay, under the number it would get now.
#[derive(Clone, Debug)]
pub(super) struct Append {
    pub(super) table: TableId,
    pub(super) key: Value,
    pub(super) cols: Vec<Value>,
}

/// A handling's open transaction: an overlay of rows, invisible to everybody else until the commit.
///
/// Every entry of `writes` stands for one row lock that the owner holds.
#[derive(Clone, Debug, Default)]
pub struct Transaction {
    pub(super) owner: u32,
    pub(super) serializable: bool,
    pub(super) recording: bool,
    pub(super) writes: Vec<Write>,
    pub(super) appends: Vec<Append>,
    pub(super) reads: RefCell<Vec<Read>>,
}

impl Transaction {
    /// Begins a transaction. `owner` names it in locks: no two open transactions may share one.
    #[must_use]
    pub fn begin(owner: u32) -> Transaction {
        Transaction { owner, ..Transaction::default() }
    }

    /// Begins anew for `owner`, read committed and without recording; memory is kept.
    ///
    /// # Panics
    /// When it still holds locks: it must have been committed or rolled back, or abandoned with its run.
    pub fn reset(&mut self, owner: u32) {
        assert!(self.is_clean(), "a transaction was reset that is neither committed nor rolled back");
        self.owner = owner;
        self.serializable = false;
        self.recording = false;
        self.reads.get_mut().clear();
    }

    /// Forgets everything without releasing any lock: only for the end of a run, before [`super::Tables::reset`].
    pub fn abandon(&mut self) {
        self.writes.clear();
        self.appends.clear();
        self.reads.get_mut().clear();
    }

    /// Makes it serializable: the commit fails when something it read has changed.
    pub fn serializable(&mut self, on: bool) {
        self.serializable = on;
    }

    /// Keeps a list of what it reads, for footprints.
    pub fn record_reads(&mut self, on: bool) {
        self.recording = on;
    }

    /// Its owner.
    #[must_use]
    pub const fn owner(&self) -> u32 {
        self.owner
    }

    /// Whether it has written and locked nothing.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.writes.is_empty() && self.appends.is_empty()
    }

    /// What it read so far, each row once; empty unless it is serializable or recording. The commit and the
    /// rollback forget it.
    #[must_use]
    pub fn reads(&self) -> core::cell::Ref<'_, [Read]> {
        core::cell::Ref::map(self.reads.borrow(), Vec::as_slice)
    }

    /// The rows it wrote so far, without appended ones, which have no key yet.
    pub fn writes(&self) -> impl Iterator<Item = (TableId, &Value)> {
        let written = self.writes.iter().filter(|write| !matches!(write.row, Pending::Locked));
        written.map(|write| (write.table, &write.key))
    }

    pub(super) fn tracks(&self) -> bool {
        self.serializable || self.recording
    }

    /// Enters a read; only the first one of a row counts, because its version must still hold at the commit.
    pub(super) fn note(&self, table: TableId, key: Option<&Value>, version: u32) {
        let mut reads = self.reads.borrow_mut();
        if !reads.iter().any(|read| read.table == table && read.key.as_ref() == key) {
            reads.push(Read { table, key: key.cloned(), version });
        }
    }
}
