//! A key that is the only owner of what it leads to gives that to user code as soon as it is hashed or compared. From then on the operation keeps out of it: user code
//! may have tied a knot there, and other threads may write to it.

#![allow(clippy::mutable_key_type, reason = "a key's number doesn't change")]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use deepclone::{DeepClone, ErrorKind, impl_deep_clone};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

thread_local! {
    static ARMED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` while keys keep what they see.
fn armed<R>(work: impl FnOnce() -> R) -> R {
    let _end = AtEnd(|| ARMED.set(false));
    ARMED.set(true);
    work()
}

/// Done when this is dropped.
struct AtEnd<F: FnMut()>(F);

impl<F: FnMut()> Drop for AtEnd<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

each_family! {
    #[derive(DeepClone)]
    struct Node {
        number: u32,
        next: Slot<Option<Strong<Node>>>,
        fuse: Fuse,
    }

    #[derive(DeepClone)]
    struct Key(Strong<Node>);

    impl Key {
        fn new(number: u32, fuse: &Fuse) -> Self {
            Self(Strong::new(Node { number, next: Slot::default(), fuse: fuse.clone() }))
        }

        /// What it is hashed and compared by. Ties a knot.
        fn rank(&self) -> u32 {
            if ARMED.get() {
                *open(&self.0.next) = Some(self.0.clone());
                KNOTS.with_borrow_mut(|knots| knots.push(Self(self.0.clone())));
            }
            self.0.number
        }

        /// Whether there is a knot, which is cut.
        fn cut(&self) -> bool {
            open(&self.0.next).take().is_some_and(|next| same(&next, &self.0))
        }
    }

    deepclone_tests::ranked!(Key);

    thread_local! {
        static KNOTS: RefCell<Vec<Key>> = const { RefCell::new(Vec::new()) };
    }

    /// All kinds of containers, each with keys of its own.
    #[derive(DeepClone)]
    struct Tables {
        map: HashMap<Key, u8>,
        set: HashSet<Key>,
        sorted: BTreeMap<Key, u8>,
        sorted_set: BTreeSet<Key>,
        heap: BinaryHeap<Key>,
    }

    impl Tables {
        fn new(fuse: &Fuse) -> Self {
            let key = |number| Key::new(number, fuse);
            Self {
                map: [key(1), key(2)].map(|key| (key, 0)).into(),
                set: [key(3), key(4)].into(),
                sorted: [key(5), key(6)].map(|key| (key, 0)).into(),
                sorted_set: [key(7), key(8)].into(),
                heap: [key(9), key(10)].into(),
            }
        }

        fn keys(&self) -> impl Iterator<Item = &Key> {
            let sorted = self.sorted.keys().chain(&self.sorted_set).chain(&self.heap);
            self.map.keys().chain(&self.set).chain(sorted)
        }

        fn cut(&self) -> usize {
            self.keys().filter(|key| key.cut()).count()
        }
    }

    /// Asks for the tables by hand, so that all that they lead to is looked at.
    struct Reader(Strong<Tables>);

    impl_deep_clone! {
        impl for Reader = |reader, cloner| Ok(Reader(cloner.deep_clone(&reader.0)?))
    }

    #[test]
    fn a_knot_that_keys_tie_does_not_hold_up_who_looks_at_their_map_later() {
        let detonator = Detonator::new();
        let tables = Strong::new(Tables::new(&detonator.fuse()));
        let source = (tables.clone(), Reader(tables));
        let copy = armed(|| source.try_deep_clone()).expect("nothing fails");
        assert!(same(&copy.0, &copy.1.0));
        assert_eq!(copy.0.cut(), 10);
        assert_eq!(source.0.cut(), 0);
        drop((copy, source, KNOTS.take()));
        assert_eq!(detonator.live(), 0);
    }

    #[test]
    fn keys_with_knots_are_user_codes_to_cut_when_something_fails_later() {
        for mode in [Mode::Error, Mode::Panic] {
            let detonator = Detonator::new();
            let tables = Strong::new(Tables::new(&detonator.fuse()));
            let source = (tables.clone(), Reader(tables), detonator.fuse());
            let (steps, _) = detonator.fail_at_every_step(
                mode,
                || {
                    let _cut = AtEnd(|| {
                        KNOTS.take().iter().for_each(|key| {
                            key.cut();
                        });
                    });
                    armed(|| source.try_deep_clone())
                },
                |_| {},
            );
            assert_eq!(steps, 11, "that of each key, and the last");
            assert_eq!(source.0.cut(), 0);
        }
    }

    #[test]
    fn a_key_alone_is_looked_at_all_the_same() {
        // Nobody has compared it. It leads back to the reader's copy, which is not finished.
        #[derive(DeepClone)]
        struct Alone(BTreeSet<Lead>);
        #[derive(DeepClone)]
        struct Lead(Strong<(u8, Slot<Option<Strong<Ring>>>)>);
        impl Lead {
            fn rank(&self) -> u8 {
                self.0.0
            }
        }
        deepclone_tests::ranked!(Lead);
        struct Ring(Strong<Alone>);
        impl_deep_clone! { impl for Ring = |ring, cloner| Ok(Ring(cloner.deep_clone(&ring.0)?)) }

        let lead = Strong::new((1, Slot::default()));
        let ring = Strong::new(Ring(Strong::new(Alone([Lead(lead.clone())].into()))));
        *open(&lead.1) = Some(ring.clone());
        let error = ring.try_deep_clone().map(drop).expect_err("it is a cycle");
        assert_eq!(error.kind(), ErrorKind::Incomplete);
        open(&lead.1).take();
    }
}

#[derive(DeepClone)]
struct Shared {
    number: usize,
    rows: Mutex<Vec<Vec<Arc<usize>>>>,
}

static SEEN: Mutex<Vec<Arc<Shared>>> = Mutex::new(Vec::new());

/// Gives what it owns to other threads.
#[derive(DeepClone)]
struct Open(Arc<Shared>);

impl Open {
    fn rank(&self) -> usize {
        if ARMED.get() {
            let mut seen = SEEN.lock().expect("nobody panics with it");
            seen.push(self.0.clone());
        }
        self.0.number
    }
}

deepclone_tests::ranked!(Open);

/// A key whose map is walked when this is.
#[derive(DeepClone)]
struct Holder(Arc<HashMap<Open, u8>>);

impl Holder {
    fn rank(&self) -> usize {
        self.0.len()
    }
}

deepclone_tests::ranked!(Holder);

fn rows(count: usize) -> Vec<Vec<Arc<usize>>> {
    let row = |at| vec![Arc::new(at), Arc::new(at)];
    (0..count).map(row).collect()
}

#[test]
fn other_threads_write_to_what_a_key_owned_while_its_map_is_walked() {
    let key = |number| {
        Open(Arc::new(Shared {
            number,
            rows: Mutex::new(rows(3)),
        }))
    };
    let map: HashMap<Open, u8> = (0..64).map(|number| (key(number), 1)).collect();
    let holder = Arc::new(map);
    let source = (holder.clone(), HashMap::from([(Holder(holder), 1)]));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut count = 0;
            while !stop.load(Relaxed) {
                let seen = SEEN.lock().expect("nobody panics with it").clone();
                for shared in seen {
                    count += 1;
                    *shared.rows.lock().expect("nobody panics with it") = rows(count % 9);
                }
            }
        });
        for _ in 0..300 {
            let copy = armed(|| source.try_deep_clone()).expect("nothing fails");
            assert_eq!(copy.0.len(), 64);
            assert!(Arc::ptr_eq(
                &copy.0,
                &copy.1.keys().next().expect("there is one").0
            ));
            SEEN.lock().expect("nobody panics with it").clear();
        }
        stop.store(true, Relaxed);
    });
}
