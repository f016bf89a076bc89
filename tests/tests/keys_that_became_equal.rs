//! Keys that became equal after they were inserted, in all five containers: kept as `Clone` keeps them, or an error, and never dropped silently.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::mutable_key_type,
    reason = "nothing here leaves its thread, and keys that change are the point"
)]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::hash::Hash;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

/// A rank of one thread.
#[derive(DeepClone)]
struct OfOne(Cell<u32>);

/// A rank of many threads.
#[derive(DeepClone)]
struct OfMany(AtomicU32);

/// What can be changed while it sits in a container.
trait Rank: DeepClone + 'static {
    fn new(rank: u32) -> Self;
    fn get(&self) -> u32;
    fn set(&self, rank: u32);
}

impl Rank for OfOne {
    fn new(rank: u32) -> Self {
        Self(Cell::new(rank))
    }
    fn get(&self) -> u32 {
        self.0.get()
    }
    fn set(&self, rank: u32) {
        self.0.set(rank);
    }
}

impl Rank for OfMany {
    fn new(rank: u32) -> Self {
        Self(AtomicU32::new(rank))
    }
    fn get(&self) -> u32 {
        self.0.load(Relaxed)
    }
    fn set(&self, rank: u32) {
        self.0.store(rank, Relaxed);
    }
}

const KEYS: u32 = 4;

/// A container of keys.
trait Keeps<K>: DeepClone + Default {
    fn put(&mut self, key: K, value: Fuse);
    fn keys(&self) -> Vec<&K>;
}

impl<K: DeepClone + Hash + Eq> Keeps<K> for HashMap<K, Fuse> {
    fn put(&mut self, key: K, value: Fuse) {
        self.insert(key, value);
    }
    fn keys(&self) -> Vec<&K> {
        self.keys().collect()
    }
}

impl<K: DeepClone + Hash + Eq> Keeps<K> for HashSet<K> {
    fn put(&mut self, key: K, _: Fuse) {
        self.insert(key);
    }
    fn keys(&self) -> Vec<&K> {
        self.iter().collect()
    }
}

impl<K: DeepClone + Ord> Keeps<K> for BTreeMap<K, Fuse> {
    fn put(&mut self, key: K, value: Fuse) {
        self.insert(key, value);
    }
    fn keys(&self) -> Vec<&K> {
        self.keys().collect()
    }
}

impl<K: DeepClone + Ord> Keeps<K> for BTreeSet<K> {
    fn put(&mut self, key: K, _: Fuse) {
        self.insert(key);
    }
    fn keys(&self) -> Vec<&K> {
        self.iter().collect()
    }
}

impl<K: DeepClone + Ord> Keeps<K> for BinaryHeap<K> {
    fn put(&mut self, key: K, _: Fuse) {
        self.push(key);
    }
    fn keys(&self) -> Vec<&K> {
        self.iter().collect()
    }
}

macro_rules! keys {
    ($name:ident, $strong:path, $slot:path, $open:ident, $rank:ident) => {
        mod $name {
            use $slot as Slot;
            use $strong as Strong;

            use super::*;

            fn open<T: ?Sized>(slot: &Slot<T>) -> impl std::ops::DerefMut<Target = T> + '_ {
                slot.$open()
                    .expect("nobody has it open, and it is not poisoned")
            }

            #[derive(DeepClone)]
            struct Node {
                before: Fuse,
                in_cell: Slot<Held>,
                after: Fuse,
            }

            #[derive(DeepClone, Default)]
            struct Held {
                hash_map: HashMap<Key, Fuse>,
                hash_set: HashSet<Key>,
                tree_map: BTreeMap<Key, Fuse>,
                tree_set: BTreeSet<Key>,
                heap: BinaryHeap<Key>,
            }

            #[derive(DeepClone)]
            struct Key {
                rank: $rank,
                fuse: Fuse,
                node: Option<Strong<Node>>,
            }

            impl Key {
                fn rank(&self) -> u32 {
                    self.rank.get()
                }
            }

            deepclone_tests::ranked!(Key);

            fn node(detonator: &Detonator) -> Strong<Node> {
                Strong::new(Node {
                    before: detonator.fuse(),
                    in_cell: Slot::default(),
                    after: detonator.fuse(),
                })
            }

            /// Puts keys into a container and makes two of them equal.
            fn fill<C: Keeps<Key>>(
                container: &mut C,
                node: Option<&Strong<Node>>,
                detonator: &Detonator,
            ) {
                for rank in 0..KEYS {
                    let key = Key {
                        rank: Rank::new(rank),
                        fuse: detonator.fuse(),
                        node: node.cloned(),
                    };
                    container.put(key, detonator.fuse());
                }
                let keys = container.keys();
                let last = keys.iter().find(|key| key.rank.get() == KEYS - 1);
                last.expect("it was put there").rank.set(KEYS - 2);
            }

            /// Fails at every step that there is, and says what comes of no failure.
            fn outcome<T: DeepClone>(
                detonator: &Detonator,
                source: &T,
                check: impl Fn(&T),
                let_go: impl Fn(&T),
            ) -> Result<(), ErrorKind> {
                check(source);
                let live = detonator.live();
                let mut outcomes = Vec::new();
                for mode in [Mode::Error, Mode::Panic] {
                    let attempt = || source.try_deep_clone();
                    let (_, ended) = detonator.fail_at_every_step(mode, attempt, |_| check(source));
                    outcomes.push(ended.map_err(|error| error.kind()).map(|copy| {
                        check(&copy);
                        let_go(&copy);
                    }));
                    assert_eq!(detonator.live(), live);
                    check(source);
                }
                assert_eq!(outcomes[0], outcomes[1]);
                outcomes[0]
            }

            fn assert_all_there<C: Keeps<Key>>(container: &C) {
                let mut ranks: Vec<_> = container.keys().iter().map(|key| key.rank.get()).collect();
                ranks.sort_unstable();
                assert_eq!(ranks, [0, 1, KEYS - 2, KEYS - 2]);
            }

            fn in_no_cell<C: Keeps<Key>>() -> Result<(), ErrorKind> {
                let detonator = Detonator::new();
                let mut source = C::default();
                fill(&mut source, None, &detonator);
                let found = outcome(&detonator, &source, assert_all_there, |_| ());
                drop(source);
                assert_eq!(detonator.live(), 0);
                found
            }

            fn in_a_cell<C: Keeps<Key>>(
                held: fn(&mut Held) -> &mut C,
                on_a_cycle: bool,
            ) -> Result<(), ErrorKind> {
                let detonator = Detonator::new();
                let source = node(&detonator);
                let to = on_a_cycle.then_some(&source);
                fill(held(&mut open(&source.in_cell)), to, &detonator);
                let strong = if on_a_cycle { KEYS as usize + 1 } else { 1 };
                let check = |node: &Strong<Node>| {
                    assert_all_there(held(&mut open(&node.in_cell)));
                    assert_eq!(
                        (Strong::strong_count(node), Strong::weak_count(node)),
                        (strong, 0)
                    );
                    let mut content = open(&node.in_cell);
                    let leads = held(&mut content).keys().iter().all(|key| {
                        key.node.as_ref().is_some_and(|to| Strong::ptr_eq(to, node)) == on_a_cycle
                    });
                    assert!(leads);
                };
                let let_go = |node: &Strong<Node>| {
                    let taken = std::mem::take(&mut *open(&node.in_cell));
                    drop(taken);
                };
                let found = outcome(&detonator, &source, check, let_go);
                let_go(&source);
                drop(source);
                assert_eq!(detonator.live(), 0);
                found
            }

            /// A heap has no equal keys to drop. All others say so.
            const OUTCOMES: [Result<(), ErrorKind>; 5] = [
                Err(ErrorKind::KeyInCycle),
                Err(ErrorKind::KeyInCycle),
                Err(ErrorKind::KeyInCycle),
                Err(ErrorKind::KeyInCycle),
                Ok(()),
            ];

            #[test]
            fn keys_in_no_cell_that_became_equal_are_an_error_but_in_a_heap() {
                let outcomes = [
                    in_no_cell::<HashMap<Key, Fuse>>(),
                    in_no_cell::<HashSet<Key>>(),
                    in_no_cell::<BTreeMap<Key, Fuse>>(),
                    in_no_cell::<BTreeSet<Key>>(),
                    in_no_cell::<BinaryHeap<Key>>(),
                ];
                assert_eq!(outcomes, OUTCOMES);
            }

            #[test]
            fn keys_in_a_cell_that_became_equal_are_an_error_but_in_a_heap_on_a_cycle_and_off_it() {
                for on_a_cycle in [false, true] {
                    let outcomes = [
                        in_a_cell(|held| &mut held.hash_map, on_a_cycle),
                        in_a_cell(|held| &mut held.hash_set, on_a_cycle),
                        in_a_cell(|held| &mut held.tree_map, on_a_cycle),
                        in_a_cell(|held| &mut held.tree_set, on_a_cycle),
                        in_a_cell(|held| &mut held.heap, on_a_cycle),
                    ];
                    assert_eq!(outcomes, OUTCOMES, "on a cycle: {on_a_cycle}");
                }
            }
        }
    };
}

keys!(
    rc_in_ref_cells,
    std::rc::Rc,
    std::cell::RefCell,
    try_borrow_mut,
    OfOne
);
keys!(
    arc_in_mutexes,
    std::sync::Arc,
    std::sync::Mutex,
    try_lock,
    OfMany
);
keys!(
    arc_in_rw_locks,
    std::sync::Arc,
    std::sync::RwLock,
    try_write,
    OfMany
);

/// `Cell` has an order and no hash. It is not among the types whose containers are copied by their `Clone`.
#[test]
fn cells_as_keys_that_became_equal_are_an_error() {
    let map = BTreeMap::from([1, 2, 3].map(|rank| (Cell::new(rank), rank.to_string())));
    let set: BTreeSet<_> = [1, 2, 3].map(Cell::new).into();
    map.keys().chain(&set).for_each(|rank| rank.set(7));
    assert_eq!((map.clone().len(), set.clone().len()), (3, 3));
    let kinds = [map.try_deep_clone().err(), set.try_deep_clone().err()];
    assert!(
        kinds
            .iter()
            .flatten()
            .all(|error| error.kind() == ErrorKind::KeyInCycle)
    );
    assert_eq!(kinds.iter().flatten().count(), 2);
    assert_eq!((map.len(), set.len()), (3, 3));
}
