//! Tests of tables: known histories, and the laws of overlays, rollbacks and locks.

use indexmap::IndexMap;
use ordain_kernel::{EventId, Names};
use proptest::prelude::*;
use rustc_hash::FxBuildHasher;

use super::{Change, Conflict, RowLock, Tables, Transaction};
use crate::spec::{Col, ServiceId, TableId, TableSpec};
use crate::value::{Ty, Value};

const ITEMS: TableId = TableId(0);
const LOG: TableId = TableId(1);
const LEFT: Col = Col(0);
const SOLD: Col = Col(1);

fn specs() -> Vec<TableSpec> {
    let mut names = Names::default();
    let mut name = |text| names.intern(text);
    let columns = vec![(name("left"), Ty::Int), (name("sold"), Ty::Int)];
    let row = |key: i64, left: i64| (Value::Int(key), vec![Value::Int(left), Value::Int(0)]);
    let items = TableSpec {
        name: name("items"),
        service: ServiceId(0),
        key: Some(name("sku")),
        columns: columns.clone(),
        rows: vec![row(1, 10), row(2, 20)],
    };
    let log = TableSpec { name: name("log"), service: ServiceId(0), key: None, columns, rows: vec![] };
    vec![items, log]
}

/// Tables, and what their commits told.
struct Bench {
    tables: Tables,
    changes: Vec<Change>,
    freed: Vec<RowLock>,
}

impl Bench {
    fn new() -> Bench {
        Bench { tables: Tables::new(&specs()), changes: vec![], freed: vec![] }
    }

    fn put(&mut self, tx: &mut Transaction, key: i64, left: i64) -> Result<(), RowLock> {
        self.tables.put(tx, ITEMS, &Value::Int(key), [(LEFT, Value::Int(left))])
    }

    fn commit(&mut self, tx: &mut Transaction) -> Result<(), Conflict> {
        self.tables.commit(tx, EventId(9), &mut self.changes, &mut self.freed)
    }

    fn rollback(&mut self, tx: &mut Transaction) {
        self.tables.rollback(tx, &mut self.freed);
    }

    fn left(&self, key: i64) -> Option<i64> {
        let row = self.tables.committed(ITEMS, &Value::Int(key))?;
        match row.cols[LEFT.at()] {
            Value::Int(n) => Some(n),
            _ => None,
        }
    }

    fn scan(&self, tx: Option<&Transaction>, table: TableId) -> Vec<(i64, Value)> {
        let number = |key: &Value| if let Value::Int(n) = key { *n } else { panic!("no number") };
        self.tables.scan(tx, table).map(|(key, cols)| (number(key), cols[0].clone())).collect()
    }
}

#[test]
fn an_overlay_is_seen_by_its_owner_only_until_the_commit() {
    let mut bench = Bench::new();
    let (mut tx, other) = (Transaction::begin(1), Transaction::begin(2));
    bench.put(&mut tx, 1, 5).unwrap();
    bench.put(&mut tx, 3, 7).unwrap();
    let key = Value::Int(1);
    assert_eq!(bench.tables.read(&tx, ITEMS, &key).unwrap()[0], Value::Int(5));
    assert_eq!(bench.tables.read(&other, ITEMS, &key).unwrap()[0], Value::Int(10));
    assert_eq!(bench.scan(Some(&tx), ITEMS), [(1, Value::Int(5)), (2, Value::Int(20)), (3, Value::Int(7))]);
    assert_eq!(bench.tables.count_rows(Some(&tx), ITEMS), 3);
    assert_eq!(bench.left(3), None);
    bench.commit(&mut tx).unwrap();
    assert_eq!((bench.left(1), bench.left(3)), (Some(5), Some(7)));
    let row = bench.tables.committed(ITEMS, &Value::Int(3)).unwrap();
    assert_eq!(row.cols[SOLD.at()], Value::Nil, "a column that was not named");
    assert_eq!((row.version, row.writer), (1, EventId(9)));
    assert_eq!(bench.tables.committed(ITEMS, &key).unwrap().version, 2);
    let before = vec![Value::Int(10), Value::Int(0)];
    assert_eq!(bench.changes[0], Change { table: ITEMS, key, slot: 0, before: Some(before) });
    assert_eq!(bench.changes[1], Change { table: ITEMS, key: Value::Int(3), slot: 2, before: None });
    bench.tables.recycle(&mut bench.changes);
    assert!(bench.changes.is_empty() && bench.tables.spare().is_empty());
}

#[test]
fn deleted_rows_keep_their_slot() {
    let mut bench = Bench::new();
    let (mut tx, key) = (Transaction::begin(1), Value::Int(1));
    bench.tables.delete(&mut tx, ITEMS, &key).unwrap();
    bench.tables.delete(&mut tx, ITEMS, &Value::Int(99)).unwrap();
    assert_eq!(bench.tables.read(&tx, ITEMS, &key), None);
    assert_eq!(bench.scan(Some(&tx), ITEMS), [(2, Value::Int(20))]);
    bench.commit(&mut tx).unwrap();
    assert_eq!((bench.changes.len(), bench.tables.len(ITEMS)), (1, 1));
    assert!(!bench.tables.row_at(ITEMS, 0).1.live);
    bench.put(&mut tx, 1, 4).unwrap();
    assert_eq!(bench.tables.read(&tx, ITEMS, &key).unwrap(), [Value::Int(4), Value::Nil]);
    bench.commit(&mut tx).unwrap();
    assert_eq!((bench.tables.slot(ITEMS, &key), bench.changes[1].before.as_ref()), (Some(0), None));
    assert_eq!(bench.tables.committed(ITEMS, &key).unwrap().version, 3);
    assert_eq!(bench.scan(None, ITEMS), [(1, Value::Int(4)), (2, Value::Int(20))]);
}

#[test]
fn appended_rows_get_their_numbers_at_the_commit() {
    let mut bench = Bench::new();
    let (mut first, mut second) = (Transaction::begin(1), Transaction::begin(2));
    bench.tables.append(&mut first, LOG, [(LEFT, Value::Int(10))]);
    bench.tables.append(&mut second, LOG, [(LEFT, Value::Int(20))]);
    bench.tables.append(&mut first, LOG, [(LEFT, Value::Int(11))]);
    assert_eq!(bench.scan(Some(&first), LOG), [(1, Value::Int(10)), (2, Value::Int(11))]);
    bench.commit(&mut second).unwrap();
    bench.commit(&mut first).unwrap();
    assert_eq!(bench.scan(None, LOG), [(1, Value::Int(20)), (2, Value::Int(10)), (3, Value::Int(11))]);
    assert!(bench.freed.is_empty(), "an append takes no lock");
}

#[test]
fn serializable_commits_fail_when_a_read_has_changed() {
    let mut bench = Bench::new();
    let (key, absent) = (Value::Int(1), Value::Int(3));
    for whole in [false, true] {
        let (mut reader, mut writer) = (Transaction::begin(1), Transaction::begin(2));
        reader.serializable(true);
        if whole {
            assert_eq!(bench.tables.count_rows(Some(&reader), ITEMS), 2);
        } else {
            let _ = bench.tables.read(&reader, ITEMS, &key);
            assert!(bench.tables.read(&reader, ITEMS, &absent).is_none());
            assert_eq!(reader.reads().len(), 2);
        }
        bench.put(&mut writer, 3, 1).unwrap();
        bench.commit(&mut writer).unwrap();
        bench.put(&mut reader, 2, 1).unwrap();
        let found = bench.commit(&mut reader).unwrap_err();
        assert_eq!(found, Conflict { table: ITEMS, key: (!whole).then(|| absent.clone()) });
        assert_eq!(bench.tables.holder(ITEMS, &Value::Int(2)), Some(1), "a conflict releases nothing");
        bench.rollback(&mut reader);
        assert_eq!(bench.left(2), Some(20));
        reader.reset(1);
        bench.tables.delete(&mut reader, ITEMS, &absent).unwrap();
        bench.commit(&mut reader).unwrap();
    }
}

#[test]
fn a_reset_is_a_fresh_start() {
    let mut bench = Bench::new();
    let mut tx = Transaction::begin(1);
    bench.put(&mut tx, 1, 5).unwrap();
    bench.tables.append(&mut tx, LOG, []);
    bench.commit(&mut tx).unwrap();
    bench.put(&mut tx, 2, 5).unwrap();
    tx.abandon();
    bench.tables.reset(&specs());
    tx.reset(1);
    assert_eq!(bench.scan(None, ITEMS), [(1, Value::Int(10)), (2, Value::Int(20))]);
    assert!(bench.tables.is_empty(LOG) && bench.tables.holder(ITEMS, &Value::Int(2)).is_none());
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Put(i64, i64),
    Delete(i64),
    Append(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0_i64..30, any::<i64>()).prop_map(|(key, n)| Act::Put(key, n)),
        (0_i64..30).prop_map(Act::Delete),
        any::<i64>().prop_map(Act::Append),
    ]
}

type Model = IndexMap<i64, i64, FxBuildHasher>;

impl Bench {
    fn act(&mut self, tx: &mut Transaction, act: Act) -> Result<(), RowLock> {
        match act {
            Act::Put(key, n) => self.put(tx, key, n),
            Act::Delete(key) => self.tables.delete(tx, ITEMS, &Value::Int(key)),
            Act::Append(n) => {
                self.tables.append(tx, LOG, [(LEFT, Value::Int(n))]);
                Ok(())
            }
        }
    }
}

fn apply(model: &mut Model, log: &mut Vec<i64>, act: Act) {
    match act {
        Act::Put(key, n) => drop(model.insert(key, n)),
        Act::Delete(key) => drop(model.shift_remove(&key)),
        Act::Append(n) => log.push(n),
    }
}

fn sorted(rows: Vec<(i64, Value)>) -> Vec<(i64, Value)> {
    let mut rows = rows;
    rows.sort_by_key(|(key, _)| *key);
    rows
}

proptest! {
    /// Every transaction reads its own writes; a commit publishes them, a rollback leaves no trace.
    #[test]
    fn overlays_commit_whole_or_leave_no_trace(
        txs in prop::collection::vec((prop::collection::vec(act(), 0..24), any::<bool>()), 1..6),
    ) {
        let mut bench = Bench::new();
        let mut model: Model = [(1, 10), (2, 20)].into_iter().collect();
        let mut log = Vec::new();
        let mut tx = Transaction::begin(1);
        for (acts, keep) in txs {
            tx.reset(1);
            let before = (bench.scan(None, ITEMS), bench.scan(None, LOG));
            let (mut inner, mut inner_log) = (model.clone(), log.clone());
            for act in acts {
                bench.act(&mut tx, act).unwrap();
                apply(&mut inner, &mut inner_log, act);
            }
            let want = sorted(inner.iter().map(|(key, n)| (*key, Value::Int(*n))).collect());
            let want_log: Vec<_> = (1..).zip(inner_log.iter().map(|n| Value::Int(*n))).collect();
            prop_assert_eq!(&sorted(bench.scan(Some(&tx), ITEMS)), &want);
            prop_assert_eq!(&bench.scan(Some(&tx), LOG), &want_log);
            for key in 0..30 {
                let read = bench.tables.read(&tx, ITEMS, &Value::Int(key)).map(|cols| cols[0].clone());
                prop_assert_eq!(read, inner.get(&key).map(|n| Value::Int(*n)));
            }
            prop_assert_eq!((bench.scan(None, ITEMS), bench.scan(None, LOG)), before.clone());
            if keep {
                bench.commit(&mut tx).unwrap();
                prop_assert_eq!(sorted(bench.scan(None, ITEMS)), want);
                prop_assert_eq!(bench.scan(None, LOG), want_log);
                (model, log) = (inner, inner_log);
            } else {
                bench.rollback(&mut tx);
                prop_assert_eq!((bench.scan(None, ITEMS), bench.scan(None, LOG)), before);
            }
            prop_assert!(tx.is_clean() && bench.tables.locks.is_empty());
            prop_assert_eq!(bench.tables.len(ITEMS), model.len());
        }
    }

    /// A row is locked by whoever wrote it first, until that transaction ends.
    #[test]
    fn a_lock_is_exclusive_until_its_transaction_ends(
        acts in prop::collection::vec((0_usize..3, prop_oneof![3 => act().prop_map(Some), 1 => Just(None)]), 1..60),
    ) {
        let mut bench = Bench::new();
        let mut txs = [Transaction::begin(0), Transaction::begin(1), Transaction::begin(2)];
        let mut owners = IndexMap::<i64, usize, FxBuildHasher>::default();
        for (who, act) in acts {
            let Some(act) = act else {
                bench.freed.clear();
                bench.commit(&mut txs[who]).unwrap();
                let freed = bench.freed.len();
                let before = owners.len();
                owners.retain(|_, owner| *owner != who);
                prop_assert_eq!(freed, before - owners.len());
                continue;
            };
            let got = bench.act(&mut txs[who], act);
            let (Act::Put(key, _) | Act::Delete(key)) = act else {
                prop_assert!(got.is_ok());
                continue;
            };
            let owner = *owners.entry(key).or_insert(who);
            prop_assert_eq!(got.is_ok(), owner == who);
            prop_assert_eq!(bench.tables.holder(ITEMS, &Value::Int(key)), Some(owner as u32));
        }
    }
}
