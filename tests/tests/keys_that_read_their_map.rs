//! Keys whose `Hash` or `Ord` reads the container that they sit in: there is no copy that is right, and that is said.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::mutable_key_type,
    reason = "nothing here leaves its thread, and keys that change are the point"
)]

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::hash::{Hash, Hasher};

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::fuse::{Detonator, Fuse};

const KEYS: u32 = 5;

macro_rules! keys {
    ($name:ident, $strong:path, $slot:path, $read:ident, $write:ident) => {
        mod $name {
            use $slot as Slot;
            use $strong as Strong;

            use super::*;

            #[derive(DeepClone)]
            struct Crowd {
                fuse: Fuse,
                hash_map: Slot<HashMap<Nosy, Fuse>>,
                hash_set: Slot<HashSet<Nosy>>,
                tree_map: Slot<BTreeMap<Nosy, Fuse>>,
                tree_set: Slot<BTreeSet<Nosy>>,
                heap: Slot<BinaryHeap<Nosy>>,
            }

            /// Hashed and compared otherwise as soon as there is anything in a container of its crowd.
            #[derive(DeepClone)]
            struct Nosy(Strong<Crowd>, u32, Fuse);

            impl Nosy {
                fn sees_any(&self) -> bool {
                    const FREE: &str = "it can be read";
                    let crowd = &self.0;
                    // One at a time: no other guard lives where one can't be had.
                    let hash_map = crowd.hash_map.$read().expect(FREE).len();
                    let hash_set = crowd.hash_set.$read().expect(FREE).len();
                    let tree_map = crowd.tree_map.$read().expect(FREE).len();
                    let tree_set = crowd.tree_set.$read().expect(FREE).len();
                    let heap = crowd.heap.$read().expect(FREE).len();
                    hash_map + hash_set + tree_map + tree_set + heap > 0
                }
            }

            impl Hash for Nosy {
                fn hash<H: Hasher>(&self, state: &mut H) {
                    (self.1, self.sees_any()).hash(state);
                }
            }

            impl PartialEq for Nosy {
                fn eq(&self, other: &Self) -> bool {
                    self.1 == other.1
                }
            }

            impl Eq for Nosy {}

            impl Ord for Nosy {
                fn cmp(&self, other: &Self) -> Ordering {
                    let order = self.1.cmp(&other.1);
                    if self.sees_any() {
                        order.reverse()
                    } else {
                        order
                    }
                }
            }

            impl PartialOrd for Nosy {
                fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                    Some(self.cmp(other))
                }
            }

            /// Gathers keys while they see nothing, and puts them into a container then.
            fn outcome<C: FromIterator<M> + Default, M>(
                slot: fn(&Crowd) -> &Slot<C>,
                len: fn(&C) -> usize,
                member: fn(Nosy, &Detonator) -> M,
            ) -> Result<(), ErrorKind> {
                let detonator = Detonator::new();
                let source = Strong::new(Crowd {
                    fuse: detonator.fuse(),
                    hash_map: Slot::default(),
                    hash_set: Slot::default(),
                    tree_map: Slot::default(),
                    tree_set: Slot::default(),
                    heap: Slot::default(),
                });
                let key = |number| Nosy(source.clone(), number, detonator.fuse());
                let members: C = (0..KEYS)
                    .map(|number| member(key(number), &detonator))
                    .collect();
                *slot(&source).$write().expect("free") = members;
                let live = detonator.live();
                let cloned = source.try_deep_clone();
                let outcome = match &cloned {
                    Ok(copy) => {
                        let members = std::mem::take(&mut *slot(copy).$write().expect("free"));
                        assert_eq!(len(&members), KEYS as usize);
                        drop(members);
                        Ok(())
                    }
                    Err(error) => Err(error.kind()),
                };
                drop(cloned);
                // Nobody has kept a copy of a key, so that none is left.
                assert_eq!(detonator.live(), live);
                assert_eq!(Strong::strong_count(&source), KEYS as usize + 1);
                assert_eq!(Strong::weak_count(&source), 0);
                let members = std::mem::take(&mut *slot(&source).$write().expect("free"));
                assert_eq!(len(&members), KEYS as usize);
                drop((members, source));
                assert_eq!(detonator.live(), 0);
                outcome
            }

            #[test]
            fn a_key_whose_hash_reads_the_map_or_set_that_it_sits_in_is_an_error() {
                let pair = |key, detonator: &Detonator| (key, detonator.fuse());
                let in_map = outcome(|crowd| &crowd.hash_map, HashMap::len, pair);
                let in_set = outcome(|crowd| &crowd.hash_set, HashSet::len, |key, _| key);
                assert_eq!(in_map, Err(ErrorKind::KeyInCycle));
                assert_eq!(in_set, Err(ErrorKind::KeyInCycle));
            }

            #[test]
            fn a_key_whose_order_reads_the_map_set_or_heap_that_it_sits_in_is_an_error() {
                let pair = |key, detonator: &Detonator| (key, detonator.fuse());
                let in_map = outcome(|crowd| &crowd.tree_map, BTreeMap::len, pair);
                let in_set = outcome(|crowd| &crowd.tree_set, BTreeSet::len, |key, _| key);
                let in_heap = outcome(|crowd| &crowd.heap, BinaryHeap::len, |key, _| key);
                assert_eq!(in_map, Err(ErrorKind::KeyInCycle));
                assert_eq!(in_set, Err(ErrorKind::KeyInCycle));
                assert_eq!(in_heap, Err(ErrorKind::KeyInCycle));
            }
        }
    };
}

keys!(
    rc_in_ref_cells,
    std::rc::Rc,
    std::cell::RefCell,
    try_borrow,
    try_borrow_mut
);
keys!(
    arc_in_rw_locks,
    std::sync::Arc,
    std::sync::RwLock,
    try_read,
    try_write
);
// A mutex is taken for reading as well.
keys!(arc_in_mutexes, std::sync::Arc, std::sync::Mutex, lock, lock);

/// Reads a lock beside its set first, and holds it while it reads its set.
mod with_two_locks {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(DeepClone, Default)]
    struct Member {
        names: Mutex<Vec<u32>>,
        members: Mutex<HashSet<Greedy>>,
    }

    #[derive(DeepClone)]
    struct Greedy(Arc<Member>);

    impl Hash for Greedy {
        fn hash<H: Hasher>(&self, state: &mut H) {
            let names = self.0.names.lock().expect("not poisoned");
            let members = self.0.members.lock().expect("not poisoned");
            (names.len(), members.len()).hash(state);
        }
    }

    deepclone_tests::equal_by!(Greedy, |key| Arc::as_ptr(&key.0));

    #[test]
    fn a_key_that_holds_another_lock_while_it_takes_that_of_its_set_is_an_error() {
        let source = Arc::new(Member::default());
        let members = HashSet::from([Greedy(source.clone())]);
        *source.members.lock().expect("free") = members;
        let cloned = source.try_deep_clone();
        assert_eq!(
            cloned.err().map(|error| error.kind()),
            Some(ErrorKind::KeyInCycle)
        );
        assert!(!source.names.is_poisoned() && !source.members.is_poisoned());
        let members = std::mem::take(&mut *source.members.lock().expect("free"));
        assert_eq!((members.len(), Arc::strong_count(&source)), (1, 2));
    }
}

/// Tries the lock of its own map and set, and forgives poison.
mod with_a_lock_that_is_tried {
    use std::sync::{Arc, Mutex, TryLockError};

    use super::*;

    #[derive(DeepClone, Default)]
    struct Crowd {
        hash_map: Mutex<HashMap<Calm, u32>>,
        tree_set: Mutex<BTreeSet<Calm>>,
    }

    #[derive(DeepClone)]
    struct Calm(Arc<Crowd>, u32);

    /// Whoever looks something up has the lock: so all is found where it was inserted under it.
    fn is_taken<T>(lock: &Mutex<T>) -> bool {
        matches!(lock.try_lock(), Err(TryLockError::WouldBlock))
    }

    impl Hash for Calm {
        fn hash<H: Hasher>(&self, state: &mut H) {
            (self.1, is_taken(&self.0.hash_map)).hash(state);
        }
    }

    impl PartialEq for Calm {
        fn eq(&self, other: &Self) -> bool {
            self.1 == other.1
        }
    }

    impl Eq for Calm {}

    impl Ord for Calm {
        fn cmp(&self, other: &Self) -> Ordering {
            let order = self.1.cmp(&other.1);
            if is_taken(&self.0.tree_set) {
                order.reverse()
            } else {
                order
            }
        }
    }

    impl PartialOrd for Calm {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    fn copied_but_not_found(fill: fn(&Arc<Crowd>), found: fn(&Arc<Crowd>) -> usize) {
        let source = Arc::new(Crowd::default());
        fill(&source);
        assert_eq!(found(&source), KEYS as usize);
        let cloned = source.try_deep_clone();
        let outcome = cloned.as_ref().map(found).map_err(|error| error.kind());
        for crowd in [Some(source), cloned.ok()].into_iter().flatten() {
            let hash_map = std::mem::take(&mut *crowd.hash_map.lock().expect("free"));
            let tree_set = std::mem::take(&mut *crowd.tree_set.lock().expect("free"));
            drop((hash_map, tree_set));
            assert_eq!(Arc::strong_count(&crowd), 1);
        }
        // They are hashed and looked up again while the lock is free. If that ends, so should this test and the limit.
        assert!(
            matches!(outcome, Ok(found) if found < KEYS as usize),
            "{outcome:?}"
        );
    }

    #[test]
    fn keys_whose_hash_tells_whether_the_lock_of_their_map_is_taken_may_not_be_found_as_limitations_say()
     {
        copied_but_not_found(
            |crowd| {
                let mut map = crowd.hash_map.lock().expect("free");
                map.extend((0..KEYS).map(|number| (Calm(crowd.clone(), number), number)));
            },
            |crowd| {
                let map = crowd.hash_map.lock().expect("free");
                let keys = (0..KEYS).map(|number| Calm(crowd.clone(), number));
                keys.filter(|key| map.contains_key(key)).count()
            },
        );
    }

    #[test]
    fn keys_whose_order_tells_whether_the_lock_of_their_set_is_taken_may_not_be_found_as_limitations_say()
     {
        copied_but_not_found(
            |crowd| {
                let mut set = crowd.tree_set.lock().expect("free");
                set.extend((0..KEYS).map(|number| Calm(crowd.clone(), number)));
            },
            |crowd| {
                let set = crowd.tree_set.lock().expect("free");
                let keys = (0..KEYS).map(|number| Calm(crowd.clone(), number));
                keys.filter(|key| set.contains(key)).count()
            },
        );
    }
}

/// Keys that read a map which is filled after their own.
mod with_a_map_beside {
    use super::*;

    deepclone_tests::each_family! {
        #[derive(DeepClone, Default)]
        struct Node {
            two: Slot<(HashSet<Reader>, BTreeMap<Reader, u8>)>,
            row: Slot<Vec<HashSet<Reader>>>,
            beside: Slot<HashSet<Plain>>,
        }

        #[derive(DeepClone)]
        struct Plain(u32, Strong<Node>);

        impl Plain {
            fn rank(&self) -> u32 {
                self.0
            }
        }

        #[derive(DeepClone)]
        struct Reader(u32, Strong<Node>);

        impl Reader {
            fn rank(&self) -> u32 {
                let beside = look(&self.1.beside).expect("nobody writes to it");
                if beside.is_empty() { 100 - self.0 } else { self.0 }
            }
        }

        deepclone_tests::ranked!(Plain, Reader);

        fn keys(node: &Strong<Node>) -> impl Iterator<Item = Reader> {
            (0..5).map(|number| Reader(number, node.clone()))
        }

        fn let_go(node: &Node) {
            drop(std::mem::take(&mut *open(&node.two)));
            drop(std::mem::take(&mut *open(&node.row)));
            let beside = std::mem::take(&mut *open(&node.beside));
            drop(beside);
        }

        #[test]
        fn several_maps_in_one_cell_are_filled_once_more_when_it_is_in_place() {
            let source = Strong::new(Node::default());
            open(&source.beside).insert(Plain(1, source.clone()));
            let two = (keys(&source).collect(), keys(&source).map(|key| (key, 1)).collect());
            *open(&source.two) = two;
            let row = (0..3).map(|_| keys(&source).collect()).collect();
            *open(&source.row) = row;
            let copy = source.deep_clone();
            for key in keys(&copy) {
                let two = open(&copy.two);
                assert!(two.0.contains(&key) && two.1.contains_key(&key));
                assert!(open(&copy.row).iter().all(|set| set.contains(&key)));
            }
            let_go(&copy);
            let_go(&source);
            assert_eq!((counts(&copy), counts(&source)), ((1, 0), (1, 0)));
        }

        /// Keys that read a map of keys that read a map.
        #[derive(DeepClone, Default)]
        struct Chain {
            first: Slot<HashSet<OfFirst>>,
            second: Slot<BTreeSet<OfSecond>>,
            third: Slot<HashSet<OfThird>>,
        }

        #[derive(DeepClone)]
        struct OfFirst(Strong<Chain>);

        impl OfFirst {
            fn rank(&self) -> Option<u32> {
                look(&self.0.second).expect("nobody writes to it").first().map(|key| key.0)
            }
        }

        #[derive(DeepClone)]
        struct OfSecond(u32, Strong<Chain>);

        impl OfSecond {
            fn rank(&self) -> u32 {
                let third = look(&self.1.third).expect("nobody writes to it");
                if third.is_empty() { self.0 } else { 100 - self.0 }
            }
        }

        #[derive(DeepClone)]
        struct OfThird(Strong<Chain>);

        impl OfThird {
            fn rank(&self) -> u32 {
                3
            }
        }

        deepclone_tests::ranked!(OfFirst, OfSecond, OfThird);

        #[test]
        fn a_map_that_was_right_is_looked_at_again_when_what_it_reads_is_filled_once_more() {
            let source = Strong::new(Chain::default());
            open(&source.third).insert(OfThird(source.clone()));
            let second = [1, 2].map(|number| OfSecond(number, source.clone()));
            let second = BTreeSet::from(second);
            *open(&source.second) = second;
            let first = HashSet::from([OfFirst(source.clone())]);
            *open(&source.first) = first;
            match source.try_deep_clone() {
                Ok(copy) => {
                    let first = std::mem::take(&mut *open(&copy.first));
                    assert!(first.contains(&OfFirst(copy.clone())));
                    drop((std::mem::take(&mut *open(&copy.second)), std::mem::take(&mut *open(&copy.third))));
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::KeyInCycle),
            }
            drop((std::mem::take(&mut *open(&source.first)), std::mem::take(&mut *open(&source.second))));
            drop(std::mem::take(&mut *open(&source.third)));
            assert_eq!(counts(&source), (1, 0));
        }
    }
}
