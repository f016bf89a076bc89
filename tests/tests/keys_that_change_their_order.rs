//! Keys of a sorted map that change their order while it is copied, with maps in cells in the values.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells are the point"
)]

use std::cell::{Cell, OnceCell, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::chance::Chance;

thread_local! {
    static CHANCE: Cell<Option<u64>> = const { Cell::new(None) };
}

#[derive(DeepClone, Default)]
struct Node {
    number: u32,
    map: OnceCell<BTreeMap<Moody, Value>>,
}

type Value = (u32, RefCell<HashSet<ById>>);

#[derive(DeepClone)]
struct Moody(Rc<Node>);

impl Moody {
    fn compare(&self, other: &Self) -> Ordering {
        let order = self.0.number.cmp(&other.0.number);
        let Some(seed) = CHANCE.get() else {
            return order;
        };
        let mut chance = Chance(seed);
        let kind = chance.below(60);
        CHANCE.set(Some(chance.0));
        match kind {
            0 => order.reverse(),
            1 if chance.below(9) == 0 => Ordering::Equal,
            _ => order,
        }
    }
}

deepclone_tests::compared!(Moody);

#[derive(DeepClone)]
struct ById(Rc<Node>);

impl ById {
    fn rank(&self) -> *const Node {
        Rc::as_ptr(&self.0)
    }
}

deepclone_tests::ranked!(ById);

#[test]
fn each_value_still_has_its_own_map() {
    let mut copied = 0;
    for seed in 1..400 {
        let leaves = (0..40).map(|number| {
            Rc::new(Node {
                number,
                ..Node::default()
            })
        });
        let leaves: Vec<Rc<Node>> = leaves.collect();
        let value = |leaf: &Rc<Node>| (leaf.number, RefCell::default());
        let pairs = leaves.iter().map(|leaf| (Moody(leaf.clone()), value(leaf)));
        let node = Rc::new(Node {
            number: 99,
            map: OnceCell::from(pairs.collect::<BTreeMap<_, _>>()),
        });
        for (leaf, (_, set)) in node.map.get().expect("it is set") {
            set.borrow_mut()
                .extend([ById(node.clone()), ById(leaf.0.clone())]);
        }
        CHANCE.set(Some(seed));
        let outcome = node.try_deep_clone();
        CHANCE.set(None);
        let copy = match outcome {
            Ok(copy) => {
                copied += 1;
                Some(copy)
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::KeyInCycle);
                None
            }
        };
        for node in copy.iter().chain([&node]) {
            for (key, (number, set)) in node.map.get().expect("it is set") {
                assert_eq!(*number, key.0.number);
                let set = set.take();
                assert_eq!(set.len(), 2);
                assert!(set.contains(&ById(node.clone())) && set.contains(&ById(key.0.clone())));
            }
            assert_eq!(Rc::strong_count(node), 1);
        }
    }
    assert!(copied > 100);
}
