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

/// A room in a room in a room, each a cell in the one around it, with another cell beside.
macro_rules! far_inside {
    ($($name:ident: $cell:path;)*) => { $(
        mod $name {
            use $cell as Cell;

            use super::*;

            #[derive(DeepClone, Default)]
            struct Room {
                keys: HashSet<ById>,
                inner: Cell<Option<Box<Room>>>,
                beside: Cell<HashSet<ById>>,
            }

            #[derive(DeepClone, Default)]
            struct House {
                room: Cell<Room>,
            }

            #[derive(DeepClone)]
            struct ById(Arc<House>);

            impl ById {
                fn rank(&self) -> *const House {
                    Arc::as_ptr(&self.0)
                }
            }

            deepclone_tests::ranked!(ById);

            /// Puts a room around the one in the house.
            fn surround(house: &House, keys: HashSet<ById>, beside: HashSet<ById>) {
                let mut room = house.room.open();
                let inner = Cell::new(Some(Box::new(std::mem::take(&mut *room))));
                let beside = Cell::new(beside);
                *room = Room {
                    keys,
                    inner,
                    beside,
                };
            }

            /// Takes the rooms apart, and counts the keys that are found.
            fn cut(house: &Arc<House>) -> usize {
                let key = ById(house.clone());
                let mut room = std::mem::take(&mut *house.room.open());
                let mut found = 0;
                loop {
                    found += usize::from(room.keys.contains(&key));
                    found += usize::from(room.beside.open().contains(&key));
                    let inner = room.inner.open().take();
                    let Some(inner) = inner else {
                        return found;
                    };
                    room = *inner;
                }
            }

            #[test]
            fn a_map_in_each_of_ten_thousand_cells_in_each_other_has_its_key() {
                const DEPTH: usize = 10_000;
                let source = Arc::new(House::default());
                for at in 0..DEPTH {
                    let keys = |is_there: bool| is_there.then(|| ById(source.clone())).into_iter().collect();
                    surround(&source, keys(at % 3 < 2), keys(at % 3 > 0));
                }
                let count = Arc::strong_count(&source);
                let copy = source.deep_clone();
                assert_eq!(Arc::strong_count(&copy), count);
                assert_eq!(cut(&copy), count - 1);
                assert_eq!(cut(&source), count - 1);
            }

            #[test]
            fn a_map_at_the_end_of_a_hundred_thousand_cells_in_each_other_has_its_key_on_a_small_stack() {
                let work = || {
                    let source = Arc::new(House::default());
                    source.room.open().keys = HashSet::from([ById(source.clone())]);
                    for _ in 0..100_000 {
                        surround(&source, HashSet::new(), HashSet::new());
                    }
                    let copy = source.deep_clone();
                    assert_eq!(Arc::strong_count(&copy), 2);
                    assert_eq!((cut(&copy), cut(&source)), (1, 1));
                };
                let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(work);
                thread.expect("there is room for it").join().expect("it does not overflow");
            }
        }
    )* };
}

far_inside! {
    far_inside_ref_cells: std::cell::RefCell;
    far_inside_mutexes: std::sync::Mutex;
    far_inside_rw_locks: std::sync::RwLock;
}
