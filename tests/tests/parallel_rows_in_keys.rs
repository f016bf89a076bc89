//! Long rows in the keys of small maps: the rows are copied by several threads, the keys are hashed and compared by one, who has to know where they lead.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells are the point"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use deepclone::{DeepClone, ErrorKind, ParDeepClone};
use deepclone_tests::fuse::{Detonator, Fuse, Mode};
use deepclone_tests::pools::on_pools;

/// More than one thread copies alone.
const MANY: usize = 300;

/// Enough to be worth another thread.
fn texts(number: usize) -> Vec<String> {
    let text = |at| format!("a text that is on the heap, number {number} {at}");
    (0..200).map(text).collect()
}

/// Every element leads to what another one leads to as well.
#[derive(DeepClone)]
struct Key {
    number: usize,
    row: Vec<Arc<Vec<String>>>,
}

impl Key {
    fn new(number: usize) -> Self {
        let texts: Vec<_> = (0..MANY / 2).map(|at| Arc::new(texts(at))).collect();
        let row = texts.iter().chain(&texts).cloned().collect();
        Self { number, row }
    }

    /// Reads all that the key leads to.
    fn rank(&self) -> (usize, usize) {
        let length = |texts: &Arc<Vec<String>>| texts.iter().map(String::len).sum::<usize>();
        (self.number, self.row.iter().map(length).sum())
    }

    fn check(&self) {
        for (first, second) in self.row.iter().zip(&self.row[MANY / 2..]) {
            assert!(Arc::ptr_eq(first, second));
            assert_eq!((Arc::strong_count(first), Arc::weak_count(first)), (2, 0));
        }
        assert_eq!(self.rank(), Self::new(self.number).rank());
    }
}

deepclone_tests::ranked!(Key);

#[derive(DeepClone)]
struct Root {
    set: HashSet<Key>,
    sorted_set: BTreeSet<Key>,
    map: HashMap<Key, u8>,
    sorted: BTreeMap<Key, u8>,
    late: Fuse,
}

impl Root {
    fn keys(&self) -> impl Iterator<Item = &Key> {
        let sets = self.set.iter().chain(&self.sorted_set);
        sets.chain(self.map.keys()).chain(self.sorted.keys())
    }
}

#[test]
fn rows_in_keys_are_whole_when_the_keys_are_hashed_and_dropped_once_after_a_failure() {
    let detonator = Detonator::new();
    let keys = || [Key::new(1), Key::new(2)];
    let root = Arc::new(Root {
        set: keys().into(),
        sorted_set: keys().into(),
        map: keys().map(|key| (key, 3)).into(),
        sorted: keys().map(|key| (key, 4)).into(),
        late: detonator.fuse(),
    });
    on_pools([1, 2, 4], || {
        let copy = root.try_par_deep_clone().expect("nothing fails");
        assert_eq!(copy.keys().map(Key::check).count(), 8);
        for key in root.keys() {
            assert!(copy.set.contains(key) && copy.sorted_set.contains(key));
            assert!(copy.map.contains_key(key) && copy.sorted.contains_key(key));
        }
        for mode in [Mode::Error, Mode::Panic] {
            detonator.fail_at(0, mode, || root.try_par_deep_clone());
        }
        assert_eq!(root.keys().map(Key::check).count(), 8);
    });
}

/// A node with a map in no cell, whose only key leads back to it from the middle of a row.
#[derive(DeepClone)]
struct Node {
    set: HashSet<Back>,
    sorted: BTreeSet<Back>,
    name: String,
}

#[derive(DeepClone)]
struct Back {
    row: Vec<Element>,
}

#[derive(DeepClone)]
struct Element {
    to: Mutex<Option<Arc<Node>>>,
    texts: Vec<String>,
}

impl Back {
    /// What is not written yet would be read here.
    fn rank(&self) -> usize {
        let name = |element: &Element| {
            let node = element.to.lock().expect("not poisoned");
            node.as_ref().map_or(0, |node| node.name.len())
        };
        self.row.iter().map(name).sum()
    }
}

deepclone_tests::ranked!(Back);

#[test]
fn a_row_that_leads_back_to_the_map_of_its_key_is_an_error_before_it_is_hashed() {
    let element = |number| Element {
        to: Mutex::default(),
        texts: texts(number),
    };
    let key = || Back {
        row: (0..MANY).map(element).collect(),
    };
    for sorted in [false, true] {
        // Nobody compares one that is alone.
        let mut node = Node {
            set: HashSet::new(),
            sorted: BTreeSet::new(),
            name: "a name that is on the heap".repeat(2),
        };
        if sorted {
            let longer = || Back {
                row: vec![Element {
                    to: Mutex::new(Some(Arc::new(Node {
                        set: HashSet::new(),
                        sorted: BTreeSet::new(),
                        name: "n".to_owned(),
                    }))),
                    texts: texts(0),
                }],
            };
            node.sorted.extend([key(), longer()]);
        } else {
            node.set.insert(key());
        }
        let node = Arc::new(node);
        let elements = || {
            let keys = node.set.iter().chain(&node.sorted);
            keys.flat_map(|key| &key.row)
        };
        for element in elements() {
            let mut to = element.to.lock().expect("not poisoned");
            to.get_or_insert_with(|| node.clone());
        }
        let roots = Arc::new((node.clone(), node.clone()));
        on_pools([1, 2, 4], || {
            let error = roots.try_par_deep_clone().err().expect("a cycle");
            assert_eq!(error.kind(), ErrorKind::KeyInCycle);
        });
        for element in elements() {
            element.to.lock().expect("not poisoned").take();
        }
    }
}
