//! Values in values in values, each with a map in a cell, on a cycle with its key.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells are the point"
)]

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet, LinkedList};
use std::rc::Rc;

use deepclone::DeepClone;

const LEVELS: usize = 10_000;

#[derive(DeepClone, Default)]
struct Level {
    keys: RefCell<HashSet<ById>>,
    map: HashMap<u8, Level>,
    sorted: BTreeMap<u8, Level>,
    list: LinkedList<Level>,
    once: OnceCell<Box<Level>>,
}

/// How a level holds the next.
type Put = fn(&mut Level, Level);

const WAYS: [Put; 4] = [
    |level, next| drop(level.map.insert(1, next)),
    |level, next| drop(level.sorted.insert(1, next)),
    |level, next| level.list.push_back(next),
    |level, next| level.once = OnceCell::from(Box::new(next)),
];

impl Level {
    fn next(&self) -> Option<&Self> {
        let boxed = self.once.get().map(|level| &**level);
        let hashed = boxed.or_else(|| self.map.get(&1));
        let sorted = hashed.or_else(|| self.sorted.get(&1));
        sorted.or_else(|| self.list.front())
    }

    fn take_next(&mut self) -> Option<Self> {
        let boxed = self.once.take().map(|level| *level);
        let hashed = boxed.or_else(|| self.map.remove(&1));
        let sorted = hashed.or_else(|| self.sorted.remove(&1));
        sorted.or_else(|| self.list.pop_front())
    }
}

#[derive(DeepClone)]
struct Top(OnceCell<Level>);

#[derive(DeepClone)]
struct ById(Rc<Top>);

impl ById {
    fn rank(&self) -> *const Top {
        Rc::as_ptr(&self.0)
    }
}

deepclone_tests::ranked!(ById);

fn levels(top: &Top) -> impl Iterator<Item = &Level> {
    std::iter::successors(top.0.get(), |level| level.next())
}

/// Cuts all cycles, and takes the levels apart one by one.
fn cut(top: Rc<Top>) {
    levels(&top).for_each(|level| drop(level.keys.take()));
    let mut next = Rc::into_inner(top).and_then(|mut top| top.0.take());
    while let Some(mut level) = next {
        next = level.take_next();
    }
}

fn assert_copied(ways: &[Put]) {
    let mut level = Level::default();
    for at in 1..LEVELS {
        let inner = std::mem::take(&mut level);
        ways[at % ways.len()](&mut level, inner);
    }
    let top = Rc::new(Top(OnceCell::from(level)));
    for level in levels(&top) {
        level.keys.borrow_mut().insert(ById(top.clone()));
    }
    let copy = top.deep_clone();
    assert_eq!(Rc::strong_count(&copy), LEVELS + 1);
    let key = ById(copy.clone());
    let found = levels(&copy).filter(|level| level.keys.borrow().contains(&key));
    assert_eq!(found.count(), LEVELS);
    drop(key);
    cut(top);
    cut(copy);
}

#[test]
fn a_map_in_each_of_ten_thousand_hash_maps_in_each_other_has_its_key() {
    assert_copied(&WAYS[..1]);
}

#[test]
fn a_map_in_each_of_ten_thousand_sorted_maps_in_each_other_has_its_key() {
    assert_copied(&WAYS[1..2]);
}

#[test]
fn a_map_in_each_of_ten_thousand_lists_in_each_other_has_its_key() {
    assert_copied(&WAYS[2..3]);
}

#[test]
fn a_map_in_each_of_ten_thousand_once_cells_in_each_other_has_its_key() {
    assert_copied(&WAYS[3..]);
}

#[test]
fn a_map_in_each_of_ten_thousand_containers_in_each_other_has_its_key() {
    assert_copied(&WAYS);
}
