//! Keys on a strong cycle with their own map whose copy, `Hash`, `Eq` or `Ord` fails, in each of the five containers: nothing is left behind,
//! and what user code was shown is whole.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::mutable_key_type,
    reason = "nothing here leaves its thread, and what is hashed and compared does not change"
)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::hash::{Hash, Hasher};

use deepclone::DeepClone;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};
use deepclone_tests::sites::{Site, clone_of};

/// The container whose keys lead back to its own node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Container {
    HashMap,
    HashSet,
    TreeMap,
    TreeSet,
    Heap,
}

const CONTAINERS: [(Container, &[Site]); 5] = [
    (Container::HashMap, &[Site::Copy, Site::Hash, Site::Eq]),
    (Container::HashSet, &[Site::Copy, Site::Hash, Site::Eq]),
    (Container::TreeMap, &[Site::Copy, Site::Ord]),
    (Container::TreeSet, &[Site::Copy, Site::Ord]),
    (Container::Heap, &[Site::Copy, Site::Ord]),
];

const KEYS: u32 = 3;

macro_rules! keys {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        mod $name {
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);

            thread_local! {
                /// Nodes of keys that user code was shown.
                static SEEN: RefCell<Vec<Weak<Node>>> = const { RefCell::new(Vec::new()) };
            }

            #[derive(DeepClone)]
            struct Node {
                before: Fuse,
                hash_map: Slot<HashMap<Key, Fuse>>,
                hash_set: Slot<HashSet<Key>>,
                tree_map: Slot<BTreeMap<Key, Fuse>>,
                tree_set: Slot<BTreeSet<Key>>,
                heap: Slot<BinaryHeap<Key>>,
                after: Fuse,
            }

            #[derive(DeepClone)]
            struct Key {
                number: u32,
                fuse: Fuse,
                node: Strong<Node>,
            }

            impl Key {
                fn touch(&self, site: Site) {
                    SEEN.with_borrow_mut(|seen| seen.push(Strong::downgrade(&self.node)));
                    drop(site.step(&self.fuse));
                }
            }

            /// All keys collide.
            impl Hash for Key {
                fn hash<H: Hasher>(&self, _: &mut H) {
                    self.touch(Site::Hash);
                }
            }

            deepclone_tests::touched!(Key);

            fn node(detonator: &Detonator, container: Container) -> Strong<Node> {
                let node = Strong::new(Node {
                    before: detonator.fuse(),
                    hash_map: Slot::default(),
                    hash_set: Slot::default(),
                    tree_map: Slot::default(),
                    tree_set: Slot::default(),
                    heap: Slot::default(),
                    after: detonator.fuse(),
                });
                for number in 0..KEYS {
                    let key = Key {
                        number,
                        fuse: detonator.fuse(),
                        node: node.clone(),
                    };
                    match container {
                        Container::HashMap => {
                            open(&node.hash_map).insert(key, detonator.fuse());
                        }
                        Container::HashSet => {
                            open(&node.hash_set).insert(key);
                        }
                        Container::TreeMap => {
                            open(&node.tree_map).insert(key, detonator.fuse());
                        }
                        Container::TreeSet => {
                            open(&node.tree_set).insert(key);
                        }
                        Container::Heap => open(&node.heap).push(key),
                    }
                }
                node
            }

            /// Every key leads to the node itself and is found where it is.
            fn assert_whole(node: &Strong<Node>, container: Container) {
                let mut numbers = Vec::new();
                let mut look = |key: &Key, found: bool| {
                    assert!(found && Strong::ptr_eq(&key.node, node));
                    numbers.push(key.number);
                };
                match container {
                    Container::HashMap => {
                        let map = open(&node.hash_map);
                        map.keys().for_each(|key| look(key, map.contains_key(key)));
                    }
                    Container::HashSet => {
                        let set = open(&node.hash_set);
                        set.iter().for_each(|key| look(key, set.contains(key)));
                    }
                    Container::TreeMap => {
                        let map = open(&node.tree_map);
                        map.keys().for_each(|key| look(key, map.contains_key(key)));
                    }
                    Container::TreeSet => {
                        let set = open(&node.tree_set);
                        set.iter().for_each(|key| look(key, set.contains(key)));
                    }
                    Container::Heap => {
                        let heap = open(&node.heap);
                        let top = heap.peek().map(|key| key.number);
                        assert_eq!(top, Some(KEYS - 1));
                        heap.iter().for_each(|key| look(key, true));
                    }
                }
                numbers.sort_unstable();
                assert!(numbers.iter().copied().eq(0..KEYS));
            }

            fn let_go(node: &Node) {
                let taken = (
                    std::mem::take(&mut *open(&node.hash_map)),
                    std::mem::take(&mut *open(&node.hash_set)),
                    std::mem::take(&mut *open(&node.tree_map)),
                    std::mem::take(&mut *open(&node.tree_set)),
                    std::mem::take(&mut *open(&node.heap)),
                );
                drop(taken);
            }

            /// Returns the sites that failed.
            fn fails_everywhere(container: Container, mode: Mode) -> Vec<Site> {
                let detonator = Detonator::new();
                let source = node(&detonator, container);
                SEEN.take();
                let (live, strong) = (detonator.live(), KEYS as usize + 1);
                let mut sites = Vec::new();
                let unharmed = || {
                    assert_eq!(counts(&source), (strong, 0));
                    assert_whole(&source, container);
                    SEEN.take();
                };
                let (_, copy) = detonator.fail_at_every_step(
                    mode,
                    || clone_of(&source),
                    |_| {
                        sites.push(Site::of_the_failure());
                        // User code was shown keys on a cycle, and has not kept any: so none is left, though nobody cuts the cycle.
                        let seen = SEEN.take();
                        let mut alive = seen.iter().filter_map(Weak::upgrade);
                        assert!(alive.all(|node| Strong::ptr_eq(&node, &source)));
                        unharmed();
                    },
                );
                SEEN.take();
                let copy = copy.expect("no step is left to fail");
                assert_eq!(detonator.live(), live * 2);
                assert_eq!(counts(&copy), (strong, 0));
                assert_whole(&copy, container);
                let_go(&copy);
                SEEN.take();
                assert_eq!(counts(&copy), (1, 0));
                drop(copy);
                unharmed();
                assert_eq!(detonator.live(), live, "{container:?}");
                let_go(&source);
                drop(source);
                assert_eq!(detonator.live(), 0);
                sites.sort_unstable();
                sites.dedup();
                sites
            }

            #[test]
            fn keys_on_a_cycle_that_fail_at_any_step_leave_nothing_behind_in_any_container() {
                for (container, sites) in CONTAINERS {
                    for mode in [Mode::Error, Mode::Panic] {
                        assert_eq!(fails_everywhere(container, mode), sites, "{container:?}");
                    }
                }
            }
        }
    };
}

deepclone_tests::each_kind!(keys);
