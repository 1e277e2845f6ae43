//! Reading and writing inside a transaction: its own overlay first, then the committed rows.

use super::transaction::{Append, Pending, Write};
use super::{Col, Entry, Held, LockRef, RowLock, RowRef, TableId, Tables, Transaction, Value};

impl Tables {
    /// The columns of a row as a transaction sees it.
    #[must_use]
    #[inline]
    pub fn read<'a>(&'a self, tx: &'a Transaction, table: TableId, key: &Value) -> Option<&'a [Value]> {
        if !tx.is_clean() {
            match self.pending(tx, table, key) {
                Some(Pending::Row(cols)) => return Some(cols),
                Some(Pending::Deleted) => return None,
                Some(Pending::Locked) | None => {}
            }
        }
        if tx.tracks() {
            tx.note(table, Some(key), self.tables[table.at()].version_of(key));
        }
        self.committed(table, key).map(|row| row.cols.as_slice())
    }

    /// All rows of a table as a transaction sees them, or the committed ones without a transaction: in order of
    /// insertion, then its own new rows in order of writing.
    pub fn scan<'a>(&'a self, tx: Option<&'a Transaction>, table: TableId) -> impl Iterator<Item = RowRef<'a>> {
        let of = &self.tables[table.at()];
        if let Some(tx) = tx.filter(|tx| tx.tracks()) {
            tx.note(table, None, of.version);
        }
        let tx = tx.filter(|tx| !tx.is_clean());
        let committed = of.rows.iter().filter(|(_, row)| row.live).filter_map(move |(key, row)| {
            match tx.and_then(|tx| self.pending(tx, table, key)) {
                Some(Pending::Row(cols)) => Some((key, cols.as_slice())),
                Some(Pending::Deleted) => None,
                Some(Pending::Locked) | None => Some((key, row.cols.as_slice())),
            }
        });
        committed.chain(tx.into_iter().flat_map(move |tx| self.new_rows(tx, table)))
    }

    fn new_rows<'a>(&'a self, tx: &'a Transaction, table: TableId) -> impl Iterator<Item = RowRef<'a>> {
        let written = tx.writes.iter().filter(move |write| write.table == table).filter_map(move |write| match &write
            .row
        {
            Pending::Row(cols) if self.committed(table, &write.key).is_none() => Some((&write.key, cols.as_slice())),
            _ => None,
        });
        let appended = tx.appends.iter().filter(move |row| row.table == table);
        written.chain(appended.map(|row| (&row.key, row.cols.as_slice())))
    }

    /// How many rows a transaction sees.
    #[must_use]
    pub fn count_rows(&self, tx: Option<&Transaction>, table: TableId) -> usize {
        match tx {
            Some(tx) if !tx.is_clean() || tx.tracks() => self.scan(Some(tx), table).count(),
            _ => self.len(table),
        }
    }

    /// The overlay's entry for a row. The lock table says where it stands, whatever the size of the overlay.
    fn pending<'a>(&self, tx: &'a Transaction, table: TableId, key: &Value) -> Option<&'a Pending> {
        const FEW: usize = 8;
        if tx.writes.len() <= FEW {
            return tx.writes.iter().find(|write| write.table == table && write.key == *key).map(|write| &write.row);
        }
        let held = self.locks.get(&LockRef { table, key })?;
        (held.owner == tx.owner).then(|| &tx.writes[held.at as usize].row)
    }

    /// Takes the lock of a row, which need not exist, until the end of the transaction. Idempotent.
    ///
    /// # Errors
    /// When another transaction holds it.
    pub fn lock(&mut self, tx: &mut Transaction, table: TableId, key: &Value) -> Result<(), RowLock> {
        self.lock_at(tx, table, key).map(|_| ())
    }

    /// Takes the lock and gives the row's place in the overlay.
    fn lock_at(&mut self, tx: &mut Transaction, table: TableId, key: &Value) -> Result<usize, RowLock> {
        match self.locks.entry(RowLock { table, key: key.clone() }) {
            Entry::Occupied(held) if held.get().owner == tx.owner => Ok(held.get().at as usize),
            Entry::Occupied(held) => Err(held.key().clone()),
            Entry::Vacant(free) => {
                let at = tx.writes.len();
                free.insert(Held { owner: tx.owner, at: at as u32 });
                tx.writes.push(Write { table, key: key.clone(), row: Pending::Locked });
                Ok(at)
            }
        }
    }

    /// Who holds the lock of a row.
    #[must_use]
    pub fn holder(&self, table: TableId, key: &Value) -> Option<u32> {
        self.locks.get(&LockRef { table, key }).map(|held| held.owner)
    }

    /// Writes columns of a row and keeps its others; those of a new row are nil.
    ///
    /// # Errors
    /// When another transaction holds its lock; nothing is written then.
    ///
    /// # Panics
    /// When the table has no such column.
    pub fn put(
        &mut self,
        tx: &mut Transaction,
        table: TableId,
        key: &Value,
        changes: impl IntoIterator<Item = (Col, Value)>,
    ) -> Result<(), RowLock> {
        let at = self.lock_at(tx, table, key)?;
        if !matches!(tx.writes[at].row, Pending::Row(_)) {
            let deleted = matches!(tx.writes[at].row, Pending::Deleted);
            tx.writes[at].row = Pending::Row(self.copy_of(table, key, deleted));
        }
        let Pending::Row(cols) = &mut tx.writes[at].row else { unreachable!("just written") };
        for (col, value) in changes {
            cols[col.at()] = value;
        }
        Ok(())
    }

    /// The committed columns of a row to write on, or a blank row.
    fn copy_of(&mut self, table: TableId, key: &Value, blank: bool) -> Vec<Value> {
        let mut cols = self.spare();
        match self.committed(table, key) {
            Some(row) if !blank => cols.extend_from_slice(&row.cols),
            _ => cols.resize(self.tables[table.at()].width, Value::Nil),
        }
        cols
    }

    /// Appends a row; columns not named are nil. It takes no lock, and its number is only known at the commit.
    ///
    /// # Panics
    /// When the table has no such column.
    pub fn append(&mut self, tx: &mut Transaction, table: TableId, changes: impl IntoIterator<Item = (Col, Value)>) {
        let mut cols = self.spare();
        let of = &self.tables[table.at()];
        cols.resize(of.width, Value::Nil);
        for (col, value) in changes {
            cols[col.at()] = value;
        }
        let before = tx.appends.iter().filter(|row| row.table == table).count();
        let key = Value::Int(of.next_append + before as i64);
        tx.appends.push(Append { table, key, cols });
    }

    /// Deletes a row; it is no error when there is none.
    ///
    /// # Errors
    /// When another transaction holds its lock; nothing is deleted then.
    pub fn delete(&mut self, tx: &mut Transaction, table: TableId, key: &Value) -> Result<(), RowLock> {
        let at = self.lock_at(tx, table, key)?;
        if let Pending::Row(cols) = core::mem::replace(&mut tx.writes[at].row, Pending::Deleted) {
            self.give_back(cols);
        }
        Ok(())
    }
}
