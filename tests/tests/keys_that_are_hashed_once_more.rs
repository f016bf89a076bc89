//! Keys that read a map which is filled after their own: they are added once more, and a panic then finds keys that user code has seen, in no map.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that read other maps are the point"
)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::{Rc, Weak};

use deepclone::DeepClone;

thread_local! {
    /// How many times a key is hashed or compared before that panics.
    static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
    static ALIVE: Cell<usize> = const { Cell::new(0) };
}

/// What user code puts into a key that it sees.
#[derive(DeepClone)]
struct Note(u64);

impl Note {
    fn new() -> Self {
        ALIVE.set(ALIVE.get() + 1);
        Self(7)
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
    }
}

#[derive(DeepClone)]
struct Key {
    number: u32,
    middle: Rc<Middle>,
    note: RefCell<Option<Rc<Note>>>,
}

impl Key {
    fn rank(&self) -> (u32, usize) {
        let read = self.middle.read.borrow().upgrade();
        let length = read.map_or(0, |read| read.map.borrow().len());
        if let Some(left) = LEFT.get() {
            let mut note = self.note.borrow_mut();
            note.get_or_insert_with(|| Rc::new(Note::new()));
            if left == 0 {
                resume_unwind(Box::new(()));
            }
            LEFT.set(Some(left - 1));
        }
        (self.number, length)
    }
}

#[derive(DeepClone)]
struct Middle {
    read: RefCell<Weak<Read>>,
}

/// With the map that keys read.
#[derive(DeepClone, Default)]
struct Read {
    map: RefCell<HashSet<ById>>,
}

#[derive(DeepClone)]
struct ById(Rc<Middle>, u32);

impl ById {
    fn rank(&self) -> u32 {
        self.1
    }
}

deepclone_tests::ranked!(Key, ById);

#[derive(DeepClone, Default)]
struct Reads {
    hashed: RefCell<HashMap<Key, u8>>,
    sorted: RefCell<BTreeMap<Key, u8>>,
}

#[test]
fn are_dropped_as_usual_wherever_that_panics() {
    for is_sorted in [false, true] {
        let read = Rc::new(Read::default());
        let middle = Rc::new(Middle {
            read: RefCell::new(Rc::downgrade(&read)),
        });
        let ids = (0..2).map(|number| ById(middle.clone(), number));
        read.map.borrow_mut().extend(ids);
        let reads = Rc::new(Reads::default());
        for number in 0..5 {
            let key = Key {
                number,
                middle: middle.clone(),
                note: RefCell::default(),
            };
            let added = if is_sorted {
                reads.sorted.borrow_mut().insert(key, 7)
            } else {
                reads.hashed.borrow_mut().insert(key, 7)
            };
            assert!(added.is_none());
        }
        let root = (reads.clone(), read.clone(), (reads, read));
        for left in 0.. {
            LEFT.set(Some(left));
            let outcome = catch_unwind(AssertUnwindSafe(|| root.try_deep_clone()));
            LEFT.set(None);
            let has_ended = outcome.is_ok();
            if let Ok(copy) = outcome {
                let copy = copy.expect("they are found in the end");
                copy.1.map.take();
            }
            assert_eq!(ALIVE.get(), 0, "sorted {is_sorted}, step {left}");
            if has_ended {
                assert!(left > 10);
                break;
            }
        }
        root.1.map.take();
    }
}
