//! Keys of a sorted map that panic when they are compared, with maps in cells in the values: keys that were compared are dropped as usual, and of the others nothing is left.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells are the point"
)]

use std::cell::{Cell, OnceCell, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use deepclone::DeepClone;
use deepclone_tests::fuse::{Detonator, Fuse};

thread_local! {
    /// The keys that were compared and not dropped yet.
    static SEEN: RefCell<BTreeSet<u64>> = const { RefCell::new(BTreeSet::new()) };
    static LAST: Cell<u64> = const { Cell::new(0) };
    /// How many comparisons are left before one panics.
    static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
}

fn fresh(_: &u64) -> u64 {
    LAST.set(LAST.get() + 1);
    LAST.get()
}

#[derive(DeepClone)]
struct Node {
    number: u32,
    _fuse: Fuse,
    /// Rings.
    others: RefCell<Vec<Rc<Node>>>,
    map: OnceCell<BTreeMap<Key, RefCell<HashSet<ById>>>>,
}

impl Node {
    fn new(number: u32, detonator: &Detonator) -> Rc<Self> {
        Rc::new(Self {
            number,
            _fuse: detonator.fuse(),
            others: RefCell::default(),
            map: OnceCell::new(),
        })
    }
}

#[derive(DeepClone)]
struct Key {
    node: Rc<Node>,
    #[deepclone(with = fresh)]
    id: u64,
}

impl Key {
    fn new(node: &Rc<Node>) -> Self {
        Self {
            node: node.clone(),
            id: fresh(&0),
        }
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        SEEN.with_borrow_mut(|seen| seen.remove(&self.id));
        if LEFT.get().is_some() {
            // What user code has seen is its own to cut.
            self.node.others.take();
        }
    }
}

impl Key {
    fn compare(&self, other: &Self) -> Ordering {
        if let Some(left) = LEFT.get() {
            SEEN.with_borrow_mut(|seen| seen.extend([self.id, other.id]));
            if left == 0 {
                resume_unwind(Box::new(()));
            }
            LEFT.set(Some(left - 1));
        }
        self.node.number.cmp(&other.node.number)
    }
}

deepclone_tests::compared!(Key);

#[derive(DeepClone)]
struct ById(Rc<Node>);

impl ById {
    fn rank(&self) -> *const Node {
        Rc::as_ptr(&self.0)
    }
}

deepclone_tests::ranked!(ById);

#[test]
fn are_dropped_as_usual_if_they_were_compared() {
    for count in [1, 2, 3, 12, 30] {
        let detonator = Detonator::new();
        let leaves: Vec<Rc<Node>> = (0..count)
            .map(|number| Node::new(number, &detonator))
            .collect();
        for leaf in &leaves {
            leaf.others.borrow_mut().push(leaf.clone());
        }
        let node = Node::new(99, &detonator);
        let pairs = leaves
            .iter()
            .map(|leaf| (Key::new(leaf), RefCell::default()));
        assert!(node.map.set(pairs.collect()).is_ok());
        for set in node.map.get().expect("it is set").values() {
            set.borrow_mut().insert(ById(node.clone()));
        }
        let cut = |node: &Node| {
            for (key, set) in node.map.get().expect("it is set") {
                set.take();
                key.node.others.take();
            }
        };
        let alive = detonator.live();
        for left in 0.. {
            LEFT.set(Some(left));
            let outcome = catch_unwind(AssertUnwindSafe(|| node.deep_clone()));
            if let Ok(copy) = outcome {
                LEFT.set(None);
                assert_eq!(
                    copy.map.get().map(BTreeMap::len),
                    node.map.get().map(BTreeMap::len)
                );
                cut(&copy);
                drop(copy);
                SEEN.take();
                assert_eq!(detonator.live(), alive);
                assert!(count == 1 || left > 0);
                break;
            }
            LEFT.set(None);
            assert_eq!(
                SEEN.take(),
                BTreeSet::new(),
                "{count} keys, comparison {left}"
            );
            assert_eq!(detonator.live(), alive, "{count} keys, comparison {left}");
        }
        leaves.iter().for_each(|leaf| drop(leaf.others.take()));
        cut(&node);
    }
}
