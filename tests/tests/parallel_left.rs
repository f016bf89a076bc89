//! Work that a thread of a parallel copy leaves to the calling thread: what user code had made or seen by then.

#![allow(
    clippy::mutable_key_type,
    clippy::vec_box,
    reason = "keys that change what does not count, and blocks that are freed, are the point"
)]

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, Weak};

use deepclone::{DeepClone, ParDeepClone};
use deepclone_tests::pools::{ByHand, on_pools, work};

mod keys_with_a_part_that_user_code_has_made {
    use super::*;

    /// What is used up by whoever looks at it first.
    struct Cache {
        number: usize,
        once: Mutex<Option<Box<u64>>>,
    }

    fn fresh(cache: &Cache) -> Cache {
        Cache {
            number: cache.number,
            once: Mutex::new(Some(Box::new(7))),
        }
    }

    #[derive(DeepClone)]
    struct Key(#[deepclone(with = fresh)] Cache);

    impl Key {
        fn rank(&self) -> usize {
            let once = self.0.once.lock().expect("not poisoned").take();
            assert!(once.is_none_or(|once| *once == 7));
            self.0.number
        }
    }

    deepclone_tests::ranked!(Key);

    #[derive(DeepClone)]
    struct Element {
        hashed: HashMap<Key, u8>,
        sorted: BTreeMap<Key, u8>,
        hand: ByHand,
    }

    #[test]
    fn are_hashed_and_compared_by_the_thread_that_keeps_them() {
        let keys = || {
            let cache = |number| Cache {
                number,
                once: Mutex::default(),
            };
            (0..5).map(move |number| (Key(cache(number)), 1))
        };
        let element = |number| Element {
            hashed: keys().collect(),
            sorted: keys().collect(),
            hand: ByHand(number),
        };
        let source: Vec<Element> = (0..100).map(element).collect();
        on_pools([2, 4], || {
            let copy = source.par_deep_clone();
            assert!(copy.iter().map(|element| element.hand.0).eq(0..100));
            for element in &copy {
                assert!(keys().all(|(key, _)| element.hashed.contains_key(&key)));
                assert!(keys().all(|(key, _)| element.sorted.contains_key(&key)));
            }
        });
    }
}

mod keys_that_user_code_has_seen {
    use super::*;

    static SEEN: Mutex<Vec<Weak<Guard>>> = Mutex::new(Vec::new());
    static NOTES: AtomicBool = AtomicBool::new(false);
    static ALIVE: AtomicUsize = AtomicUsize::new(0);

    #[derive(DeepClone)]
    struct Guard {
        rows: Vec<Box<u64>>,
    }

    impl Guard {
        fn new() -> Self {
            ALIVE.fetch_add(1, SeqCst);
            Self {
                rows: (0..2_000).map(|_| Box::new(7)).collect(),
            }
        }
    }

    impl Drop for Guard {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, SeqCst);
        }
    }

    /// Notes in itself that it was hashed.
    #[derive(DeepClone)]
    struct Key(usize, Mutex<Option<Arc<Guard>>>);

    impl Key {
        fn rank(&self) -> usize {
            let mut note = self.1.lock().expect("not poisoned");
            if note.is_none() && NOTES.load(SeqCst) {
                let guard = Arc::new(Guard::new());
                SEEN.lock()
                    .expect("not poisoned")
                    .push(Arc::downgrade(&guard));
                *note = Some(guard);
            }
            self.0
        }
    }

    deepclone_tests::ranked!(Key);

    #[derive(DeepClone)]
    struct Element {
        map: HashMap<Key, u8>,
        hand: ByHand,
    }

    #[test]
    fn are_dropped_as_usual() {
        let keys = || (0..3).map(|number| (Key(number, Mutex::default()), 1));
        let element = |number| Element {
            map: keys().collect(),
            hand: ByHand(number),
        };
        let source: Vec<Element> = (0..40).map(element).collect();
        NOTES.store(true, SeqCst);
        let has_ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            // Somebody who looks at the notes meanwhile.
            scope.spawn(|| {
                while !has_ended.load(SeqCst) {
                    let last = SEEN.lock().expect("not poisoned").last().cloned();
                    if let Some(guard) = last.and_then(|guard| guard.upgrade()) {
                        assert!(guard.rows.iter().all(|row| **row == 7));
                    }
                    std::thread::yield_now();
                }
            });
            on_pools([2, 4], || {
                for _ in 0..10 {
                    assert_eq!(source.par_deep_clone().len(), 40);
                }
            });
            has_ended.store(true, SeqCst);
        });
        NOTES.store(false, SeqCst);
        drop(source);
        assert_eq!(ALIVE.load(SeqCst), 0);
    }
}

/// Values that were made for work that was left, and are not needed, because an element before that has failed.
mod values_that_are_not_used {
    use super::*;

    static ALIVE: AtomicUsize = AtomicUsize::new(0);
    /// How many copies are dropped before the `Drop` of one panics.
    static LEFT: AtomicUsize = AtomicUsize::new(usize::MAX);

    struct Made {
        is_copy: bool,
    }

    impl Made {
        fn new(is_copy: bool) -> Self {
            ALIVE.fetch_add(1, SeqCst);
            Self { is_copy }
        }
    }

    impl Drop for Made {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, SeqCst);
            let counts = self.is_copy && LEFT.load(SeqCst) != usize::MAX;
            if counts && LEFT.fetch_sub(1, SeqCst) == 0 {
                LEFT.store(usize::MAX, SeqCst);
                std::panic::resume_unwind(Box::new("of a drop"));
            }
        }
    }

    fn make(_: &Made) -> Made {
        std::hint::black_box(work(&0));
        Made::new(true)
    }

    fn fail_late(number: &usize) -> usize {
        if *number == 70 {
            for _ in 0..20 {
                std::hint::black_box(work(&0));
            }
            std::panic::resume_unwind(Box::new("of an element"));
        }
        *number
    }

    #[derive(DeepClone)]
    struct Element {
        #[deepclone(with = make)]
        one: Made,
        #[deepclone(with = make)]
        two: Made,
        #[deepclone(with = fail_late)]
        number: usize,
        hand: Option<ByHand>,
    }

    #[test]
    fn are_all_dropped_if_a_drop_panics() {
        let element = |number| Element {
            one: Made::new(false),
            two: Made::new(false),
            number,
            hand: (number > 70).then_some(ByHand(number)),
        };
        let source: Vec<Element> = (0..200).map(element).collect();
        let alive = ALIVE.load(SeqCst);
        on_pools([2, 4], || {
            for left in 0..8 {
                LEFT.store(left, SeqCst);
                let outcome = catch_unwind(AssertUnwindSafe(|| source.par_deep_clone()));
                LEFT.store(usize::MAX, SeqCst);
                assert!(outcome.is_err());
                assert_eq!(ALIVE.load(SeqCst), alive);
            }
        });
    }
}
