//! The end of a transaction: validate what it read, publish its overlay, release its locks.

use indexmap::map::Entry;
use ordain_kernel::EventId;

use super::transaction::{Append, Pending, Write};
use super::{Change, Conflict, LockRef, Row, RowLock, Table, Tables, Transaction, Value};

impl Tables {
    /// Makes the overlay the committed state. The changed rows are added to `changes`, the released locks to
    /// `freed`, in the order in which they were taken.
    ///
    /// # Errors
    /// When the transaction is serializable and something it read has changed. Nothing is released then: roll it
    /// back and run it again.
    pub fn commit(
        &mut self,
        tx: &mut Transaction,
        writer: EventId,
        changes: &mut Vec<Change>,
        freed: &mut Vec<RowLock>,
    ) -> Result<(), Conflict> {
        if tx.serializable {
            self.validate(tx)?;
        }
        if tx.is_clean() {
            tx.reads.get_mut().clear();
            return Ok(());
        }
        for write in tx.writes.drain(..) {
            self.release(&write, freed);
            let table = &mut self.tables[write.table.at()];
            let change = match write.row {
                Pending::Locked => None,
                Pending::Row(cols) => Some(table.write(write.key, cols, writer)),
                Pending::Deleted => table.remove(write.key, writer),
            };
            changes.extend(change.map(|(key, slot, before)| Change { table: write.table, key, slot, before }));
        }
        for Append { table, cols, .. } in tx.appends.drain(..) {
            let of = &mut self.tables[table.at()];
            let number = Value::Int(of.next_append);
            let (key, slot, before) = of.write(number, cols, writer);
            changes.push(Change { table, key, slot, before });
        }
        tx.reads.get_mut().clear();
        Ok(())
    }

    /// Forgets the overlay. The released locks are added to `freed`, in the order in which they were taken.
    pub fn rollback(&mut self, tx: &mut Transaction, freed: &mut Vec<RowLock>) {
        for write in tx.writes.drain(..) {
            self.release(&write, freed);
            if let Pending::Row(cols) = write.row {
                self.give_back(cols);
            }
        }
        for append in tx.appends.drain(..) {
            self.give_back(append.cols);
        }
        tx.reads.get_mut().clear();
    }

    fn release(&mut self, write: &Write, freed: &mut Vec<RowLock>) {
        let lock = self.locks.swap_remove_entry(&LockRef { table: write.table, key: &write.key });
        let (lock, _) = lock.expect("each row of an overlay is locked");
        freed.push(lock);
    }

    fn validate(&self, tx: &Transaction) -> Result<(), Conflict> {
        for read in tx.reads.borrow().iter() {
            let table = &self.tables[read.table.at()];
            let now = read.key.as_ref().map_or(table.version, |key| table.version_of(key));
            if now != read.version {
                return Err(Conflict { table: read.table, key: read.key.clone() });
            }
        }
        Ok(())
    }
}

impl Table {
    /// Publishes a row: its key, its slot, and its columns before.
    fn write(&mut self, key: Value, cols: Vec<Value>, writer: EventId) -> (Value, u32, Option<Vec<Value>>) {
        self.version += 1;
        if let Value::Int(n) = key {
            self.next_append = self.next_append.max(n.saturating_add(1));
        }
        match self.rows.entry(key.clone()) {
            Entry::Occupied(mut slot) => {
                let at = slot.index() as u32;
                let row = slot.get_mut();
                let before = core::mem::replace(&mut row.cols, cols);
                let lived = core::mem::replace(&mut row.live, true);
                row.version += 1;
                row.writer = writer;
                self.live += usize::from(!lived);
                (key, at, lived.then_some(before))
            }
            Entry::Vacant(slot) => {
                let at = slot.index() as u32;
                slot.insert(Row { cols, version: 1, writer, live: true });
                self.live += 1;
                (key, at, None)
            }
        }
    }

    /// Publishes a deletion; `None` when there was no such row.
    fn remove(&mut self, key: Value, writer: EventId) -> Option<(Value, u32, Option<Vec<Value>>)> {
        let (slot, _, row) = self.rows.get_full_mut(&key)?;
        if !row.live {
            return None;
        }
        row.live = false;
        row.version += 1;
        row.writer = writer;
        self.version += 1;
        self.live -= 1;
        let before = core::mem::take(&mut row.cols);
        Some((key, slot as u32, Some(before)))
    }
}
