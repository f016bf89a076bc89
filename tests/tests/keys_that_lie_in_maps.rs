//! Maps that lie in maps, in lists and in once-cells in one cell, whose keys lie on a cycle with them.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::mutable_key_type,
    reason = "nothing here leaves its thread, and what is hashed and compared does not change"
)]

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList};
use std::sync::{Mutex, RwLock};

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

/// Looks at the content of a cell as code does that trusts that nobody writes to it.
trait Look<T> {
    fn look<R>(&self, at: impl FnOnce(&T) -> R) -> R;
}

impl<T> Look<T> for RefCell<T> {
    fn look<R>(&self, at: impl FnOnce(&T) -> R) -> R {
        at(&self.borrow())
    }
}

impl<T> Look<T> for Mutex<T> {
    fn look<R>(&self, at: impl FnOnce(&T) -> R) -> R {
        at(&self.lock().expect("not poisoned"))
    }
}

impl<T> Look<T> for RwLock<T> {
    fn look<R>(&self, at: impl FnOnce(&T) -> R) -> R {
        at(&self.read().expect("not poisoned"))
    }
}

macro_rules! keys {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        mod $name {
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);

            /// What is hashed and compared by the place of its node, and by a number.
            #[derive(DeepClone)]
            struct Key {
                number: u32,
                node: Strong<Node>,
                fuse: Fuse,
            }

            impl Key {
                fn rank(&self) -> (u32, usize) {
                    drop(self.fuse.clone());
                    (self.number, Strong::as_ptr(&self.node).addr())
                }
            }

            deepclone_tests::ranked!(Key);

            type Mixed = (u8, Option<HashSet<Key>>, Vec<HashMap<u32, HashSet<Key>>>);

            #[derive(DeepClone, Default)]
            struct Node {
                sets: Slot<HashMap<u32, HashSet<Key>>>,
                trees: Slot<BTreeMap<u32, BTreeMap<Key, u32>>>,
                deep: Slot<HashMap<u32, BTreeMap<u32, (HashMap<Key, u32>, u32)>>>,
                keys: Slot<HashSet<BTreeSet<Key>>>,
                ordered: Slot<BTreeMap<BTreeSet<Key>, HashSet<Key>>>,
                heap: Slot<BinaryHeap<BTreeSet<Key>>>,
                list: Slot<LinkedList<HashSet<Key>>>,
                once: Slot<OnceCell<HashMap<Key, u32>>>,
                listed: Slot<Option<OnceCell<LinkedList<HashMap<u32, BTreeSet<Key>>>>>>,
                mixed: Slot<Option<HashMap<u32, Mixed>>>,
            }

            /// How many keys a full node has.
            const KEYS: usize = 2 * 2 + 2 * 2 + 2 * 2 + 2 + 4 + 2 + 4 + 2 + 2 + 2 * 4;

            fn fill(node: &Strong<Node>, detonator: &Detonator) {
                let key = |number| Key {
                    number,
                    node: node.clone(),
                    fuse: detonator.fuse(),
                };
                let set = || HashSet::from([key(1), key(2)]);
                let ordered = || BTreeSet::from([key(1), key(2)]);
                let map = || HashMap::from([(key(1), 1), (key(2), 2)]);
                let tree = || BTreeMap::from([(key(1), 1), (key(2), 2)]);
                open(&node.sets).extend([(1, set()), (2, set())]);
                open(&node.trees).extend([(1, tree()), (2, tree())]);
                open(&node.deep).insert(7, BTreeMap::from([(1, (map(), 1)), (2, (map(), 2))]));
                open(&node.keys).insert(ordered());
                open(&node.ordered).insert(ordered(), set());
                open(&node.heap).push(ordered());
                open(&node.list).extend([set(), set()]);
                *open(&node.once) = OnceCell::from(map());
                let listed = LinkedList::from([HashMap::from([(1, ordered())])]);
                *open(&node.listed) = Some(OnceCell::from(listed));
                let mixed = || (3, Some(set()), vec![HashMap::from([(1, set())])]);
                *open(&node.mixed) = Some(HashMap::from([(1, mixed()), (2, mixed())]));
            }

            fn assert_filled(node: &Strong<Node>, detonator: &Detonator) {
                assert_eq!(counts(node), (KEYS + 1, 0));
                let key = |number| Key {
                    number,
                    node: node.clone(),
                    fuse: detonator.fuse(),
                };
                let keys = [key(1), key(2)];
                let in_set =
                    |set: &HashSet<Key>| set.len() == 2 && keys.iter().all(|key| set.contains(key));
                let is_ordered = |set: &BTreeSet<Key>| set.len() == 2 && keys.iter().eq(set);
                let in_map = |map: &HashMap<Key, u32>| {
                    keys.iter().all(|key| map.get(key) == Some(&key.number))
                };
                let in_tree = |map: &BTreeMap<Key, u32>| {
                    keys.iter().all(|key| map.get(key) == Some(&key.number))
                };
                assert!([1, 2].iter().all(|at| in_set(&open(&node.sets)[at])));
                assert!([1, 2].iter().all(|at| in_tree(&open(&node.trees)[at])));
                assert!([1, 2].iter().all(|at| in_map(&open(&node.deep)[&7][at].0)));
                let whole = BTreeSet::from([key(1), key(2)]);
                assert!(open(&node.keys).contains(&whole));
                assert!(open(&node.ordered).get(&whole).is_some_and(in_set));
                assert!(open(&node.heap).peek().is_some_and(is_ordered));
                assert!(open(&node.list).len() == 2 && open(&node.list).iter().all(in_set));
                assert!(open(&node.once).get().is_some_and(in_map));
                let listed = open(&node.listed);
                let listed = listed.as_ref().and_then(OnceCell::get).expect("a list");
                assert!(listed.iter().all(|map| is_ordered(&map[&1])));
                let mixed = open(&node.mixed);
                let mixed = mixed.as_ref().expect("a map");
                assert_eq!(mixed.len(), 2);
                assert!(mixed.values().all(|mixed| {
                    mixed.1.as_ref().is_some_and(in_set) && in_set(&mixed.2[0][&1])
                }));
            }

            fn let_go(node: &Node) {
                drop(std::mem::take(&mut *open(&node.sets)));
                drop(std::mem::take(&mut *open(&node.trees)));
                drop(std::mem::take(&mut *open(&node.deep)));
                drop(std::mem::take(&mut *open(&node.keys)));
                drop(std::mem::take(&mut *open(&node.ordered)));
                drop(std::mem::take(&mut *open(&node.heap)));
                drop(std::mem::take(&mut *open(&node.list)));
                drop(std::mem::take(&mut *open(&node.once)));
                drop(std::mem::take(&mut *open(&node.listed)));
                drop(std::mem::take(&mut *open(&node.mixed)));
            }

            #[test]
            fn they_are_filled_at_the_end_and_found() {
                let detonator = Detonator::new();
                let source = Strong::new(Node::default());
                fill(&source, &detonator);
                assert_filled(&source, &detonator);
                let copy = source.deep_clone();
                assert_filled(&copy, &detonator);
                assert_filled(&source, &detonator);
                assert!(!same(&copy, &source));
                let_go(&copy);
                assert_eq!(counts(&copy), (1, 0));
                let_go(&source);
                drop((copy, source));
                assert_eq!(detonator.live(), 0);
            }

            /// Errors while keys are copied, panics there and while they are hashed, compared and looked up again.
            #[test]
            fn nothing_of_them_is_left_wherever_they_fail() {
                let detonator = Detonator::new();
                let source = Strong::new(Node::default());
                fill(&source, &detonator);
                for mode in [Mode::Error, Mode::Panic] {
                    let unharmed = |_| assert_eq!(counts(&source), (KEYS + 1, 0));
                    let (steps, copy) =
                        detonator.fail_at_every_step(mode, || source.try_deep_clone(), unharmed);
                    assert!(steps > 4 * KEYS, "{steps}");
                    let copy = copy.expect("nothing fails");
                    assert_filled(&copy, &detonator);
                    let_go(&copy);
                }
                assert_filled(&source, &detonator);
                let_go(&source);
                drop(source);
                assert_eq!(detonator.live(), 0);
            }

            /// A key that is hashed by how many containers lie beside the one that it is in.
            #[derive(DeepClone)]
            struct Reader(u32, Strong<Crowd>);

            #[derive(DeepClone, Default)]
            struct Crowd {
                sets: Slot<HashMap<u32, HashSet<Reader>>>,
                list: Slot<LinkedList<BTreeMap<Reader, u32>>>,
            }

            impl Reader {
                fn rank(&self) -> u32 {
                    // In the source they are made before they are put in.
                    let beside = self.1.sets.look(HashMap::len) + self.1.list.look(LinkedList::len);
                    if beside % 2 == 0 { self.0 } else { 9 - self.0 }
                }
            }

            deepclone_tests::ranked!(Reader);

            #[test]
            fn a_key_whose_hash_or_order_reads_what_its_own_map_lies_in_is_an_error() {
                for ordered in [false, true] {
                    let source = Strong::new(Crowd::default());
                    let keys = [1, 2].map(|number| Reader(number, source.clone()));
                    if ordered {
                        let map = BTreeMap::from(keys.map(|key| (key, 1)));
                        open(&source.list).push_back(map);
                    } else {
                        let set = HashSet::from(keys);
                        open(&source.sets).insert(1, set);
                    }
                    let error = source.try_deep_clone().err();
                    assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::KeyInCycle));
                    drop((
                        std::mem::take(&mut *open(&source.sets)),
                        std::mem::take(&mut *open(&source.list)),
                    ));
                    assert_eq!(counts(&source), (1, 0));
                }
            }
        }
    };
}

deepclone_tests::each_kind!(keys);

/// Each key is hashed a few times, however deep its map lies in others.
mod counted {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;

    thread_local! {
        static HASHED: Cell<usize> = const { Cell::new(0) };
    }

    #[derive(DeepClone)]
    struct Owner {
        levels: RefCell<Level>,
    }

    #[derive(DeepClone, Default)]
    enum Level {
        #[default]
        End,
        Direct(HashMap<Inner, LinkedList<Level>>),
        Boxed(HashMap<Inner, Box<Level>>),
        Row(HashMap<Inner, Vec<Level>>),
    }

    #[derive(DeepClone)]
    struct Inner(Rc<Owner>);

    impl Inner {
        fn rank(&self) -> u32 {
            HASHED.set(HASHED.get() + 1);
            1
        }
    }

    deepclone_tests::ranked!(Inner);

    #[test]
    fn a_key_is_hashed_as_often_at_any_depth() {
        const DEPTH: usize = 300;
        for kind in 0..3 {
            let owner = Rc::new(Owner {
                levels: RefCell::default(),
            });
            let mut levels = Level::End;
            for _ in 0..DEPTH {
                let key = Inner(owner.clone());
                levels = match kind {
                    0 => Level::Direct(HashMap::from([(key, LinkedList::from([levels]))])),
                    1 => Level::Boxed(HashMap::from([(key, Box::new(levels))])),
                    _ => Level::Row(HashMap::from([(key, vec![levels])])),
                };
            }
            owner.levels.replace(levels);
            HASHED.set(0);
            let copy = owner.deep_clone();
            // When it is added, and when it is looked up, which compares it with itself.
            assert_eq!(HASHED.get(), 4 * DEPTH, "kind {kind}");
            assert_eq!(Rc::strong_count(&copy), DEPTH + 1);
            copy.levels.take();
            owner.levels.take();
        }
    }

    /// Equal to nothing, so never found; but it is copied by its `Clone`, and nobody looks.
    #[derive(DeepClone, Clone, Copy, PartialEq, Debug)]
    struct Float(f64);

    impl Eq for Float {}

    impl std::hash::Hash for Float {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            self.0.to_bits().hash(state);
        }
    }

    #[derive(DeepClone)]
    struct Table {
        map: RefCell<HashMap<Named, HashMap<Float, u32>>>,
    }

    #[derive(DeepClone)]
    struct Named(Rc<Table>);

    impl Named {
        fn rank(&self) -> u32 {
            1
        }
    }

    deepclone_tests::ranked!(Named);

    #[test]
    fn plain_keys_in_a_map_that_waits_are_kept_as_they_are() {
        let source = Rc::new(Table {
            map: RefCell::default(),
        });
        let floats = HashMap::from([(Float(f64::NAN), 1), (Float(2.0), 2)]);
        source
            .map
            .borrow_mut()
            .insert(Named(source.clone()), floats);
        let copy = source.deep_clone();
        let map = copy.map.take();
        assert_eq!(map[&Named(copy.clone())].len(), 2);
        source.map.take();
    }
}
