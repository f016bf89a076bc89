//! Keys that have changed since they were inserted, keys that read the map that they sit in, and what a key finds when it is hashed.

#![allow(clippy::mutable_key_type, reason = "keys that change are the point")]

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::each_family;

/// A key whose rank can be changed while it sits in a map.
#[derive(DeepClone, Debug)]
struct Shifty(Rc<Cell<u32>>);

impl Shifty {
    fn pair() -> (Self, Self, impl Fn()) {
        let (a, b) = (Rc::new(Cell::new(1)), Rc::new(Cell::new(2)));
        let shift = {
            let b = b.clone();
            move || b.set(1)
        };
        (Self(a), Self(b), shift)
    }

    fn rank(&self) -> u32 {
        self.0.get()
    }
}

deepclone_tests::ranked!(Shifty);

fn kept_or_refused<C: DeepClone>(source: &C, len: impl Fn(&C) -> usize) {
    match source.try_deep_clone() {
        Ok(copy) => assert_eq!(len(&copy), 2),
        Err(error) => assert_eq!(error.kind(), ErrorKind::KeyInCycle),
    }
    assert_eq!(len(source), 2);
}

#[test]
fn keys_that_have_become_equal_are_never_dropped_silently() {
    let (a, b, shift) = Shifty::pair();
    let map = HashMap::from([(a, "a".to_owned()), (b, "b".to_owned())]);
    shift();
    kept_or_refused(&map, HashMap::len);
    kept_or_refused(&RefCell::new(map), |map| map.borrow().len());

    let (a, b, shift) = Shifty::pair();
    let set = HashSet::from([a, b]);
    shift();
    kept_or_refused(&set, HashSet::len);

    let (a, b, shift) = Shifty::pair();
    let map = BTreeMap::from([(a, "a".to_owned()), (b, "b".to_owned())]);
    shift();
    kept_or_refused(&map, BTreeMap::len);
    kept_or_refused(&std::sync::Mutex::new(map), |map| {
        map.lock().expect("not poisoned").len()
    });

    let (a, b, shift) = Shifty::pair();
    let set = BTreeSet::from([a, b]);
    shift();
    kept_or_refused(&set, BTreeSet::len);

    let (a, b, shift) = Shifty::pair();
    let heap = BinaryHeap::from([a, b]);
    shift();
    assert_eq!(heap.deep_clone().len(), 2);
}

thread_local! {
    static SHIFT: Cell<u32> = const { Cell::new(0) };
}

/// Hashed by something that lies outside of it altogether. `Clone` copies its bytes.
#[derive(DeepClone, Clone, Copy, Debug)]
struct Ambient(u32);

impl Ambient {
    fn rank(&self) -> u32 {
        self.0.saturating_sub(SHIFT.get())
    }
}

deepclone_tests::ranked!(Ambient);

#[test]
fn equal_keys_are_kept_where_clone_would_keep_them() {
    SHIFT.set(0);
    let map: HashMap<Ambient, String> = (0..10).map(|n| (Ambient(n), n.to_string())).collect();
    SHIFT.set(5);
    assert_eq!(map.clone().len(), 10);
    // Keys that are `Copy` and texts: the map is copied by its `Clone`, in a cell too.
    let copy = map.try_deep_clone().expect("it is kept");
    let in_a_cell = RefCell::new(map)
        .try_deep_clone()
        .expect("it is kept")
        .into_inner();
    SHIFT.set(0);
    for copy in [copy, in_a_cell] {
        assert_eq!(copy.len(), 10);
        assert!((0..10).all(|number| copy[&Ambient(number)] == number.to_string()));
    }
}

each_family! {
    /// Asserts in its `Hash` that all of it is there.
    #[derive(DeepClone)]
    struct Whole {
        parts: Strong<Slot<Vec<Strong<Part>>>>,
        len: usize,
        sum: u64,
    }

    #[derive(DeepClone)]
    struct Part {
        number: u64,
        next: Slot<Option<Strong<Part>>>,
        names: Slot<BTreeMap<u64, String>>,
    }

    impl Hash for Whole {
        fn hash<H: Hasher>(&self, state: &mut H) {
            let mut sum = 0;
            let parts = open(&self.parts);
            assert_eq!(parts.len(), self.len);
            for part in &*parts {
                let mut part = Some(part.clone());
                while let Some(this) = part {
                    sum += this.number;
                    assert_eq!(open(&this.names)[&this.number], this.number.to_string());
                    part = open(&this.next).clone();
                }
            }
            assert_eq!(sum, self.sum);
            sum.hash(state);
        }
    }

    deepclone_tests::equal_by!(Whole, |key| key.sum);

    fn whole(seed: u64, chain: u64) -> Whole {
        let mut sum = 0;
        let parts: Vec<_> = (0..3)
            .map(|column| {
                let mut next = None;
                for row in 0..chain {
                    let number = seed * 1_000_000 + column * 1_000 + row;
                    sum += number;
                    next = Some(Strong::new(Part {
                        number,
                        next: Slot::new(next),
                        names: Slot::new(BTreeMap::from([(number, number.to_string())])),
                    }));
                }
                next.expect("a chain has a first part")
            })
            .collect();
        Whole { len: 3, sum, parts: Strong::new(Slot::new(parts)) }
    }

    #[test]
    fn a_key_is_hashed_only_when_all_that_it_leads_to_is_finished() {
        for chain in [1, 10, 900] {
            let in_a_cell = Slot::new((0..4).map(|seed| (whole(seed, chain), seed)).collect::<HashMap<_, _>>());
            let in_none: HashSet<Whole> = (0..4).map(|seed| whole(seed, chain)).collect();
            let (in_a_cell, in_none) = (in_a_cell, in_none).deep_clone();
            assert_eq!(open(&in_a_cell).len(), 4);
            assert_eq!(in_none.len(), 4);
            assert_eq!(open(&in_a_cell)[&whole(3, chain)], 3);
            assert!(in_none.contains(&whole(2, chain)));
        }
    }

    thread_local! {
        static WATCHED: RefCell<Option<Strong<Watched>>> = const { RefCell::new(None) };
        static LOOKS: Cell<u32> = const { Cell::new(0) };
    }

    type Outer = (HashMap<Watcher, u32>, BTreeSet<Watcher>, Slot<HashMap<Watcher, u32>>);

    #[derive(DeepClone)]
    struct Watched {
        outer: Slot<Outer>,
    }

    /// Looks in its `Hash` and `Ord` whether the source's slots are free.
    #[derive(DeepClone, PartialEq, Eq)]
    struct Watcher(u32, Box<u32>);

    impl Watcher {
        fn look() {
            WATCHED.with_borrow(|watched| {
                if let Some(watched) = watched {
                    assert!(is_at_rest(&watched.outer));
                    assert!(is_at_rest(&open(&watched.outer).2));
                    LOOKS.set(LOOKS.get() + 1);
                }
            });
        }
    }

    impl Hash for Watcher {
        fn hash<H: Hasher>(&self, state: &mut H) {
            Self::look();
            self.0.hash(state);
        }
    }

    impl Ord for Watcher {
        fn cmp(&self, other: &Self) -> Ordering {
            Self::look();
            self.0.cmp(&other.0)
        }
    }

    impl PartialOrd for Watcher {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    #[test]
    fn keys_are_never_hashed_or_compared_under_a_guard_of_ours() {
        let keys = || (0..4).map(|number| Watcher(number, Box::new(number)));
        let source = Strong::new(Watched {
            outer: Slot::new((keys().zip(0..).collect(), keys().collect(), Slot::new(keys().zip(0..).collect()))),
        });
        WATCHED.set(Some(source.clone()));
        let copy = source.deep_clone();
        WATCHED.set(None);
        assert!(LOOKS.get() >= 12, "{}", LOOKS.get());
        assert_eq!(open(&copy.outer).0.len(), 4);
        assert_eq!(open(&copy.outer).1.len(), 4);
        assert_eq!(open(&open(&copy.outer).2).len(), 4);
    }
}

macro_rules! nosy {
    ($name:ident, $strong:path, $weak:path, $slot:path, $read:ident, $write:ident) => {
        mod $name {
            use $slot as Slot;
            use $strong as Strong;
            use $weak as Weak;

            use super::*;

            thread_local! {
                static SEEN: RefCell<Vec<Weak<Crowd>>> = const { RefCell::new(Vec::new()) };
            }

            /// Hashed by how many keys are in the map that it sits in, if that can be read.
            #[derive(DeepClone)]
            struct Nosy(Strong<Crowd>, u32);

            #[derive(DeepClone, Default)]
            struct Crowd {
                members: Slot<HashMap<Nosy, u32>>,
            }

            impl Hash for Nosy {
                fn hash<H: Hasher>(&self, state: &mut H) {
                    SEEN.with_borrow_mut(|seen| seen.push(Strong::downgrade(&self.0)));
                    let members = self
                        .0
                        .members
                        .$read()
                        .map_or(usize::MAX, |members| members.len());
                    (self.1, members).hash(state);
                }
            }

            deepclone_tests::equal_by!(Nosy, |key| key.1);

            pub(super) fn outcome() -> Result<(), ErrorKind> {
                let source = Strong::new(Crowd::default());
                let members = (0..5)
                    .map(|number| (Nosy(source.clone(), number), number))
                    .collect();
                *source.members.$write().expect("free") = members;
                SEEN.take();
                let cloned = source.try_deep_clone();
                let copies: Vec<_> = SEEN.take().iter().filter_map(Weak::upgrade).collect();
                let outcome = match cloned {
                    Ok(copy) => {
                        let members = copy.members.$write().expect("free");
                        assert_eq!(members.len(), 5);
                        assert!(members.keys().all(|key| members.contains_key(key)));
                        Ok(())
                    }
                    Err(error) => Err(error.kind()),
                };
                for crowd in copies.iter().filter(|copy| !Strong::ptr_eq(copy, &source)) {
                    let members = std::mem::take(&mut *crowd.members.$write().expect("free"));
                    drop(members);
                }
                assert_eq!(Strong::strong_count(&source), 6);
                let members = std::mem::take(&mut *source.members.$write().expect("free"));
                assert_eq!(members.len(), 5);
                drop(members);
                outcome
            }
        }
    };
}

nosy!(
    nosy_rc,
    std::rc::Rc,
    std::rc::Weak,
    RefCell,
    try_borrow,
    try_borrow_mut
);
nosy!(
    nosy_arc,
    std::sync::Arc,
    std::sync::Weak,
    std::sync::RwLock,
    try_read,
    try_write
);
nosy!(
    shut_out,
    std::sync::Arc,
    std::sync::Weak,
    std::sync::Mutex,
    try_lock,
    try_lock
);

#[test]
fn keys_whose_hash_reads_the_map_that_they_sit_in_are_an_error() {
    assert_eq!(nosy_rc::outcome(), Err(ErrorKind::KeyInCycle));
    assert_eq!(nosy_arc::outcome(), Err(ErrorKind::KeyInCycle));
}

#[test]
fn keys_whose_hash_fails_to_read_the_map_that_they_sit_in_are_found_or_an_error() {
    assert!(matches!(
        shut_out::outcome(),
        Ok(()) | Err(ErrorKind::KeyInCycle)
    ));
}
