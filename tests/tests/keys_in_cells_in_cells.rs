//! Maps in cells that lie in other cells, on a cycle with their keys.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::mutable_key_type,
    reason = "nothing here leaves its thread, and keys that change what they lie in are the point"
)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::DerefMut;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, RwLock};

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

/// What a key does when it is hashed or compared.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Manner {
    Calm,
    /// Opens the inner cell around its own map and counts what it finds there.
    Reads,
    /// Puts something else into the outer cell around its own map.
    Replaces,
    /// Writes to another node's cells.
    WritesElsewhere,
}

thread_local! {
    static MANNER: Cell<Manner> = const { Cell::new(Manner::Calm) };
}

/// A cell, whichever.
trait Open<T> {
    fn open(&self) -> impl DerefMut<Target = T> + '_;
}

impl<T> Open<T> for RefCell<T> {
    fn open(&self) -> impl DerefMut<Target = T> + '_ {
        self.borrow_mut()
    }
}

impl<T> Open<T> for Mutex<T> {
    fn open(&self) -> impl DerefMut<Target = T> + '_ {
        self.lock().expect("nobody panics under it")
    }
}

impl<T> Open<T> for RwLock<T> {
    fn open(&self) -> impl DerefMut<Target = T> + '_ {
        // What would wait for ever is an error of the test instead.
        self.try_write().expect("it is free")
    }
}

#[cfg(feature = "foreign")]
impl<T> Open<T> for parking_lot::Mutex<T> {
    fn open(&self) -> impl DerefMut<Target = T> + '_ {
        // What would wait for ever is an error of the test instead.
        self.try_lock().expect("it is free")
    }
}

macro_rules! nested {
    ($($name:ident: $outer:path, $inner:path;)*) => { $(
        mod $name {
            use $outer as Outer;
            use $inner as Inner;

            use super::*;

            type Set = HashSet<Key>;

            #[derive(DeepClone)]
            enum Content {
                None([u64; 20]),
                Some {
                    direct: Inner<Set>,
                    row: Vec<Option<Inner<(u8, BTreeMap<Key, u32>, Set)>>>,
                    boxed: Box<[Inner<HashMap<Key, Box<u32>>>]>,
                    deeper: Inner<Option<Box<RefCell<Vec<Set>>>>>,
                },
            }

            #[derive(DeepClone)]
            struct Node {
                number: usize,
                content: Outer<Content>,
                fuse: Fuse,
            }

            #[derive(DeepClone, Clone)]
            struct Key(Arc<Node>, Arc<Node>);

            impl Key {
                fn rank(&self) -> usize {
                    match MANNER.get() {
                        Manner::Calm => {}
                        Manner::Reads => {
                            if let Content::Some { direct, .. } = &*self.1.content.open() {
                                return self.0.number + 100 * direct.open().len();
                            }
                        }
                        Manner::Replaces => {
                            *self.1.content.open() = Content::None([0x4141_4141_4141; 20]);
                        }
                        Manner::WritesElsewhere => {
                            if let Content::Some { row, .. } = &mut *self.0.content.open() {
                                row[1].as_ref().expect("second").open().0 += 1;
                            }
                        }
                    }
                    self.0.number
                }
            }

            deepclone_tests::ranked!(Key);

            fn content(keys: &[Key]) -> Content {
                let each = || keys.iter().cloned();
                let set = || each().collect::<Set>();
                Content::Some {
                    direct: Inner::new(set()),
                    row: vec![
                        None,
                        Some(Inner::new((0, each().zip(0..).collect(), set()))),
                        Some(Inner::new((0, BTreeMap::new(), set()))),
                    ],
                    boxed: [
                        Inner::new(each().zip(1..).map(|(key, at)| (key, Box::new(at))).collect()),
                        Inner::new(HashMap::new()),
                    ]
                    .into(),
                    deeper: Inner::new(Some(Box::new(RefCell::new(vec![set(), set()])))),
                }
            }

            fn nodes(detonator: &Detonator) -> Vec<Arc<Node>> {
                let node = |number| Arc::new(Node {
                    number,
                    content: Outer::new(Content::None([0; 20])),
                    fuse: detonator.fuse(),
                });
                let nodes: Vec<_> = (0..4).map(node).collect();
                for node in &nodes {
                    let made = content(&keys(&nodes, node));
                    *node.content.open() = made;
                }
                nodes
            }

            /// Of this node: the others, each with the node that it is a key of.
            fn keys(nodes: &[Arc<Node>], of: &Arc<Node>) -> Vec<Key> {
                let others = nodes.iter().filter(|node| !Arc::ptr_eq(node, of));
                others.map(|node| Key(node.clone(), of.clone())).collect()
            }

            fn cut(nodes: &[Arc<Node>]) {
                for node in nodes {
                    let content = std::mem::replace(&mut *node.content.open(), Content::None([0; 20]));
                    drop(content);
                }
            }

            fn assert_finds(content: &Content, keys: &[Key]) {
                let Content::Some { direct, row, boxed, deeper } = content else {
                    panic!("not what was copied");
                };
                assert!(row[0].is_none());
                for (at, key) in keys.iter().enumerate() {
                    assert!(direct.open().contains(key));
                    let first = row[1].as_ref().expect("second").open();
                    assert_eq!(first.1.get(key).map(|at| *at as usize), Some(at));
                    assert!(first.2.contains(key));
                    drop(first);
                    assert!(row[2].as_ref().expect("third").open().2.contains(key));
                    assert_eq!(boxed[0].open().get(key).map(|at| **at as usize), Some(at + 1));
                    let deeper = deeper.open();
                    let sets = deeper.as_ref().expect("set").borrow();
                    assert!(sets.iter().all(|set| set.contains(key)));
                }
            }

            #[test]
            fn their_keys_are_found_whatever_they_write_elsewhere() {
                for manner in [Manner::Calm, Manner::WritesElsewhere] {
                    let detonator = Detonator::new();
                    let nodes = nodes(&detonator);
                    let before: Vec<_> = nodes.iter().map(Arc::strong_count).collect();
                    MANNER.set(manner);
                    let copy = nodes.deep_clone();
                    MANNER.set(Manner::Calm);
                    assert_eq!(copy.iter().map(Arc::strong_count).collect::<Vec<_>>(), before);
                    for node in &copy {
                        let content = std::mem::replace(&mut *node.content.open(), Content::None([0; 20]));
                        assert_finds(&content, &keys(&copy, node));
                    }
                    cut(&nodes);
                    drop((copy, nodes));
                    assert_eq!(detonator.live(), 0);
                }
            }

            #[test]
            fn a_key_that_reads_its_own_map_is_an_error_or_a_panic_of_its_own() {
                let detonator = Detonator::new();
                let nodes = nodes(&detonator);
                MANNER.set(Manner::Reads);
                let outcome = catch_unwind(AssertUnwindSafe(|| nodes.try_deep_clone()));
                MANNER.set(Manner::Calm);
                if let Ok(outcome) = outcome {
                    let error = outcome.map(|copy| cut(&copy)).expect_err("it is never found");
                    assert_eq!(error.kind(), ErrorKind::KeyInCycle);
                }
                cut(&nodes);
                drop(nodes);
            }

            #[test]
            fn what_a_key_puts_into_the_outer_cell_is_not_taken_for_what_was_placed() {
                let detonator = Detonator::new();
                let nodes = nodes(&detonator);
                MANNER.set(Manner::Replaces);
                let outcome = catch_unwind(AssertUnwindSafe(|| nodes.try_deep_clone()));
                MANNER.set(Manner::Calm);
                if let Ok(outcome) = outcome {
                    let error = outcome.map(|copy| cut(&copy)).expect_err("nothing is there");
                    assert!(matches!(error.kind(), ErrorKind::AlreadyBorrowed | ErrorKind::KeyInCycle));
                }
                cut(&nodes);
                drop(nodes);
            }

            #[test]
            fn nothing_is_left_of_them_wherever_they_fail() {
                let detonator = Detonator::new();
                let nodes = nodes(&detonator);
                for mode in [Mode::Error, Mode::Panic] {
                    let (steps, outcome) =
                        detonator.fail_at_every_step(mode, || nodes.try_deep_clone(), |_| {});
                    assert_eq!(steps, 4);
                    cut(&outcome.expect("the fuse is not lit any more"));
                }
                cut(&nodes);
                drop(nodes);
                assert_eq!(detonator.live(), 0);
            }
        }
    )* };
}

nested! {
    ref_cells_in_ref_cells: std::cell::RefCell, std::cell::RefCell;
    mutexes_in_ref_cells: std::cell::RefCell, std::sync::Mutex;
    rw_locks_in_ref_cells: std::cell::RefCell, std::sync::RwLock;
    ref_cells_in_mutexes: std::sync::Mutex, std::cell::RefCell;
    mutexes_in_mutexes: std::sync::Mutex, std::sync::Mutex;
    rw_locks_in_mutexes: std::sync::Mutex, std::sync::RwLock;
    ref_cells_in_rw_locks: std::sync::RwLock, std::cell::RefCell;
    mutexes_in_rw_locks: std::sync::RwLock, std::sync::Mutex;
    rw_locks_in_rw_locks: std::sync::RwLock, std::sync::RwLock;
}

#[cfg(feature = "foreign")]
nested! {
    parking_lot_mutexes_in_ref_cells: std::cell::RefCell, parking_lot::Mutex;
    parking_lot_mutexes_in_mutexes: std::sync::Mutex, parking_lot::Mutex;
    ref_cells_in_parking_lot_mutexes: parking_lot::Mutex, std::cell::RefCell;
    mutexes_in_parking_lot_mutexes: parking_lot::Mutex, std::sync::Mutex;
}

/// A room in a room in a room, each a cell in the one around it.
mod far_inside {
    use super::*;

    #[derive(DeepClone, Default)]
    struct Room {
        keys: HashSet<ById>,
        inner: RefCell<Option<Box<Room>>>,
    }

    #[derive(DeepClone, Default)]
    struct House {
        room: RefCell<Room>,
    }

    #[derive(DeepClone)]
    struct ById(Arc<House>);

    impl ById {
        fn rank(&self) -> *const House {
            Arc::as_ptr(&self.0)
        }
    }

    deepclone_tests::ranked!(ById);

    #[test]
    fn a_map_in_each_of_two_thousand_cells_in_each_other_has_its_key() {
        const DEPTH: usize = 2_000;
        let source = Arc::new(House::default());
        for _ in 0..DEPTH {
            let outer = source.room.take();
            *source.room.borrow_mut() = Room {
                keys: HashSet::from([ById(source.clone())]),
                inner: RefCell::new(Some(Box::new(outer))),
            };
        }
        let copy = source.deep_clone();
        assert_eq!(Arc::strong_count(&copy), DEPTH + 1);
        let key = ById(copy.clone());
        let mut room = copy.room.take();
        let mut found = 0;
        while let Some(inner) = room.inner.take() {
            found += usize::from(room.keys.contains(&key));
            room = *inner;
        }
        assert_eq!(found, DEPTH);
        cut(&source);
    }

    fn cut(house: &Arc<House>) {
        let mut room = house.room.take();
        while let Some(inner) = room.inner.take() {
            room = *inner;
        }
        drop(room);
        assert_eq!(Arc::strong_count(house), 1);
    }

    #[test]
    fn a_map_at_the_end_of_a_hundred_thousand_cells_in_each_other_has_its_key_on_a_small_stack() {
        let work = || {
            let source = Arc::new(House::default());
            source.room.borrow_mut().keys = HashSet::from([ById(source.clone())]);
            for _ in 0..100_000 {
                let inner = RefCell::new(Some(Box::new(source.room.take())));
                let keys = HashSet::new();
                *source.room.borrow_mut() = Room { keys, inner };
            }
            let copy = source.deep_clone();
            assert_eq!(Arc::strong_count(&copy), 2);
            cut(&copy);
            cut(&source);
        };
        let thread = std::thread::Builder::new()
            .stack_size(256 << 10)
            .spawn(work);
        thread
            .expect("there is room for it")
            .join()
            .expect("it does not overflow");
    }
}

/// A map in a trait object can't be found again, so that its cell and all around it are kept from being written to.
mod behind_a_trait_object {
    use std::rc::Rc;

    use super::*;

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
            let keys =
                || -> RefCell<Box<dyn Holder>> { RefCell::new(Box::new(Keys(HashSet::new()))) };
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
}
