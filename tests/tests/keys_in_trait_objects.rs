//! Maps in trait objects in cells: they can't be found again, so that their cell and all around it are kept from being written to.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells are the point"
)]

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Mutex;

use deepclone::{DeepClone, ErrorKind};

trait Holder: DeepClone {
    fn keys(&mut self) -> Option<&mut HashSet<Key>>;
}

#[derive(DeepClone)]
struct Keys(HashSet<Key>);

impl Holder for Keys {
    fn keys(&mut self) -> Option<&mut HashSet<Key>> {
        Some(&mut self.0)
    }
}

#[derive(DeepClone)]
struct Plain([u64; 8]);

impl Holder for Plain {
    fn keys(&mut self) -> Option<&mut HashSet<Key>> {
        None
    }
}

#[derive(DeepClone)]
struct Node {
    outer: RefCell<Vec<RefCell<Box<dyn Holder>>>>,
    locked: Mutex<Vec<RefCell<Box<dyn Holder>>>>,
}

#[derive(DeepClone, Clone)]
struct Key(u32, Rc<Node>);

/// Tells whether it could.
type Act = fn(&Node) -> bool;

thread_local! {
    /// What keys do that are hashed, and how often they could.
    static NEXT: Cell<Option<Act>> = const { Cell::new(None) };
    static DONE: Cell<u32> = const { Cell::new(0) };
}

impl Key {
    fn rank(&self) -> u32 {
        if NEXT.get().is_some_and(|next| next(&self.1)) {
            DONE.set(DONE.get() + 1);
        }
        self.0
    }
}

deepclone_tests::ranked!(Key);

fn clear(node: &Node) -> bool {
    node.outer
        .try_borrow_mut()
        .map(|mut outer| *outer = Vec::new())
        .is_ok()
}

fn replace(node: &Node) -> bool {
    node.outer.try_borrow().is_ok_and(|outer| {
        let inner = outer[0].try_borrow_mut();
        inner
            .map(|mut inner| *inner = Box::new(Plain([0x41; 8])))
            .is_ok()
    })
}

#[test]
fn nobody_can_write_to_any_of_the_cells_around_it() {
    for next in [clear, replace] {
        let keys = || -> RefCell<Box<dyn Holder>> { RefCell::new(Box::new(Keys(HashSet::new()))) };
        let source = Rc::new(Node {
            outer: RefCell::new(vec![keys(), keys()]),
            locked: Mutex::default(),
        });
        for inner in &*source.outer.borrow() {
            let made = (0..3).map(|number| Key(number, source.clone())).collect();
            *inner.borrow_mut().keys().expect("keys") = made;
        }
        NEXT.set(Some(next));
        DONE.set(0);
        let copy = source.deep_clone();
        NEXT.set(None);
        assert_eq!(DONE.get(), 0);
        assert_eq!(Rc::strong_count(&copy), 7);
        let outer = copy.outer.take();
        for inner in &outer {
            let mut inner = inner.borrow_mut();
            let found = inner.keys().expect("keys");
            assert!((0..3).all(|number| found.contains(&Key(number, copy.clone()))));
        }
        assert!(clear(&source));
    }
}

thread_local! {
    /// How many hashers can be cloned before one panics.
    static LEFT: Cell<u32> = const { Cell::new(u32::MAX) };
}

#[derive(Default)]
struct Brittle;

impl Clone for Brittle {
    fn clone(&self) -> Self {
        LEFT.set(LEFT.get() - 1);
        assert!(LEFT.get() > 0, "no more hashers");
        Self
    }
}

impl std::hash::BuildHasher for Brittle {
    type Hasher = std::hash::DefaultHasher;

    fn build_hasher(&self) -> Self::Hasher {
        std::hash::DefaultHasher::new()
    }
}

trait Shelf: DeepClone {
    fn put(&mut self, key: Owner);
    fn clear(&mut self);
}

impl Shelf for HashSet<Owner, Brittle> {
    fn put(&mut self, key: Owner) {
        self.insert(key);
    }
    fn clear(&mut self) {
        Self::clear(self);
    }
}

type Shelved = RefCell<Box<dyn Shelf>>;

#[derive(DeepClone)]
struct Cupboard {
    boxed: Box<Shelved>,
    row: Vec<Shelved>,
}

#[derive(DeepClone)]
struct Owner(u32, Rc<Cupboard>);

impl Owner {
    fn rank(&self) -> u32 {
        self.0
    }
}

deepclone_tests::ranked!(Owner);

#[test]
fn a_hasher_that_panics_when_its_map_begins_to_wait_leaves_nothing() {
    let shelf = || -> Shelved { RefCell::new(Box::new(HashSet::with_hasher(Brittle))) };
    let all = |cupboard: &Cupboard, act: &dyn Fn(&mut dyn Shelf)| {
        act(&mut **cupboard.boxed.borrow_mut());
        cupboard
            .row
            .iter()
            .for_each(|shelf| act(&mut **shelf.borrow_mut()));
    };
    let mut panics = 0;
    for left in 1..20 {
        let source = Rc::new(Cupboard {
            boxed: Box::new(shelf()),
            row: vec![shelf(), shelf()],
        });
        all(&source, &|shelf| {
            (0..2).for_each(|number| shelf.put(Owner(number, source.clone())));
        });
        LEFT.set(left);
        let outcome = catch_unwind(AssertUnwindSafe(|| source.deep_clone()));
        LEFT.set(u32::MAX);
        match outcome {
            Ok(copy) => {
                all(&copy, &|shelf| shelf.clear());
                assert_eq!(Rc::strong_count(&copy), 1);
            }
            Err(_) => panics += 1,
        }
        all(&source, &|shelf| shelf.clear());
        assert_eq!(Rc::strong_count(&source), 1);
    }
    // One for the place of each map, and one for what takes that.
    assert_eq!(panics, 6);
}

#[test]
fn in_a_lock_it_can_not_wait() {
    let source = Rc::new(Node {
        outer: RefCell::default(),
        locked: Mutex::default(),
    });
    let keys = HashSet::from([Key(1, source.clone())]);
    source
        .locked
        .lock()
        .expect("free")
        .push(RefCell::new(Box::new(Keys(keys))));
    let error = source
        .try_deep_clone()
        .map(drop)
        .expect_err("it can't wait");
    assert_eq!(error.kind(), ErrorKind::KeyInCycle);
    source.locked.lock().expect("free").clear();
    assert_eq!(Rc::strong_count(&source), 1);
}
