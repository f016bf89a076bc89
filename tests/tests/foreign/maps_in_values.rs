//! Maps in cells in the values of maps of other crates that lie in no cell, on a cycle with their keys.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells are the point"
)]

use std::collections::HashSet;
use std::sync::Arc;

use arrayvec::ArrayVec;
use dashmap::DashMap;
use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::fuse::{Detonator, Fuse, Mode};
use indexmap::{IndexMap, IndexSet};
use parking_lot::{Mutex, RwLock};
use smallvec::SmallVec;

#[derive(DeepClone)]
struct Value {
    fuse: Fuse,
    set: Mutex<HashSet<ById>>,
    few: SmallVec<[RwLock<IndexSet<ById>>; 2]>,
    row: ArrayVec<Mutex<hashbrown::HashSet<ById>>, 3>,
}

#[derive(DeepClone)]
struct Node {
    indexed: IndexMap<usize, Value>,
    hashed: hashbrown::HashMap<usize, Value>,
    in_both: IndexMap<usize, hashbrown::HashMap<usize, Value>>,
}

#[derive(DeepClone, Clone)]
struct ById(Arc<Node>);

impl ById {
    fn rank(&self) -> *const Node {
        Arc::as_ptr(&self.0)
    }
}

deepclone_tests::ranked!(ById);

impl Value {
    fn new(fuse: &Fuse) -> Self {
        Self {
            fuse: fuse.clone(),
            set: Mutex::default(),
            few: (0..3).map(|_| RwLock::default()).collect(),
            row: (0..2).map(|_| Mutex::default()).collect(),
        }
    }

    fn fill(&self, key: &ById) {
        let mut inserted = self.set.lock().insert(key.clone());
        for set in &self.few {
            inserted &= set.write().insert(key.clone());
        }
        for set in &self.row {
            inserted &= set.lock().insert(key.clone());
        }
        assert!(inserted);
    }

    fn finds(&self, key: &ById) -> bool {
        self.set.lock().contains(key)
            && self.few.iter().all(|set| set.read().contains(key))
            && self.row.iter().all(|set| set.lock().contains(key))
    }

    fn clear(&self) {
        self.set.lock().clear();
        self.few.iter().for_each(|set| set.write().clear());
        self.row.iter().for_each(|set| set.lock().clear());
    }
}

impl Node {
    fn values(&self) -> impl Iterator<Item = &Value> {
        let inner = self.in_both.values().flat_map(|map| map.values());
        let direct = self.indexed.values().chain(self.hashed.values());
        direct.chain(inner)
    }

    fn clear(&self) {
        self.values().for_each(Value::clear);
    }
}

const COUNT: usize = 100;

fn node(fuse: &Fuse) -> Arc<Node> {
    let values = |count| (0..count).map(|at| (at, Value::new(fuse)));
    let node = Arc::new(Node {
        indexed: values(COUNT).collect(),
        hashed: values(COUNT).collect(),
        in_both: (0..5).map(|at| (at, values(at).collect())).collect(),
    });
    let key = ById(node.clone());
    node.values().for_each(|value| value.fill(&key));
    node
}

fn assert_copied(copy: &Arc<Node>, source: &Arc<Node>) {
    assert_eq!(Arc::strong_count(copy), Arc::strong_count(source));
    let key = ById(copy.clone());
    let found = copy.values().filter(|value| value.finds(&key));
    assert_eq!(found.count(), source.values().count());
    for at in 0..COUNT {
        assert!(copy.indexed[&at].finds(&key) && copy.hashed[&at].finds(&key));
    }
    assert!(copy.indexed.keys().eq(source.indexed.keys()));
}

#[test]
fn are_found_where_their_values_went() {
    let detonator = Detonator::new();
    let node = node(&detonator.fuse());
    let live = detonator.live();
    let copy = node.deep_clone();
    assert_copied(&copy, &node);
    copy.clear();
    drop(copy);
    assert_eq!(detonator.live(), live);
    node.clear();
}

#[test]
fn nothing_is_left_of_them_wherever_they_fail() {
    let detonator = Detonator::new();
    let node = node(&detonator.fuse());
    for mode in [Mode::Error, Mode::Panic] {
        let (steps, outcome) = detonator.fail_at_every_step(mode, || node.try_deep_clone(), |_| {});
        assert_eq!(steps, 2 * COUNT + 10);
        let copy = outcome.expect("the fuse is not lit any more");
        assert_copied(&copy, &node);
        copy.clear();
    }
    node.clear();
    drop(node);
    assert_eq!(detonator.live(), 0);
}

/// A `DashMap` does not tell where its values go.
#[test]
fn are_an_error_in_the_values_of_a_dash_map() {
    #[derive(DeepClone, Default)]
    struct Table {
        rows: DashMap<u8, Mutex<HashSet<ByAddress>>>,
    }

    #[derive(DeepClone)]
    struct ByAddress(Arc<Table>);

    impl ByAddress {
        fn rank(&self) -> *const Table {
            Arc::as_ptr(&self.0)
        }
    }

    deepclone_tests::ranked!(ByAddress);

    let table = Arc::new(Table::default());
    let keys = HashSet::from([ByAddress(table.clone())]);
    table.rows.insert(1, Mutex::new(keys));
    let error = table.try_deep_clone().map(drop).expect_err("a cycle");
    assert_eq!(error.kind(), ErrorKind::KeyInCycle);
    table.rows.clear();
    assert_eq!(Arc::strong_count(&table), 1);
}
