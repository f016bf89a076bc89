//! Another thread writes to a lock of the copy while maps in it wait for their keys: what it writes frees the places that they were to be filled in.
//!
//! It has the copy from the `Hash` of a key. A map is put in place under the lock, which is free before; so the other thread may come between at any time. How often it does is
//! for the scheduler to say.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::ops::DerefMut;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockWriteGuard};
use std::thread;

use deepclone::{DeepClone, ErrorKind};

/// How often a copy is made while the other thread writes.
fn rounds() -> usize {
    std::env::var("STRESS_ROUNDS").map_or(1500, |rounds| rounds.parse().expect("a number"))
}

/// A lock that is written to.
trait Write<T> {
    type Guard<'l>: DerefMut<Target = T>
    where
        Self: 'l;

    /// If nobody has it open.
    fn attempt(&self) -> Option<Self::Guard<'_>>;

    fn write(&self) -> Self::Guard<'_> {
        loop {
            if let Some(guard) = self.attempt() {
                return guard;
            }
            thread::yield_now();
        }
    }
}

impl<T> Write<T> for Mutex<T> {
    type Guard<'l>
        = MutexGuard<'l, T>
    where
        T: 'l;

    fn attempt(&self) -> Option<MutexGuard<'_, T>> {
        // Poisoned while its map is looked at.
        self.try_lock().ok()
    }
}

impl<T> Write<T> for RwLock<T> {
    type Guard<'l>
        = RwLockWriteGuard<'l, T>
    where
        T: 'l;

    fn attempt(&self) -> Option<RwLockWriteGuard<'_, T>> {
        self.try_write().ok()
    }
}

macro_rules! written {
    ($($name:ident: $lock:ident<$content:ty>, |$keys:ident| $new:expr;)*) => { $(
        mod $name {
            #[allow(clippy::wildcard_imports)]
            use super::*;

            #[derive(DeepClone)]
            struct Node {
                lock: $lock<$content>,
            }

            #[derive(DeepClone)]
            struct Key {
                number: u32,
                node: Arc<Node>,
            }

            thread_local! {
                /// Takes the first copy that a key leads to.
                static TAKER: RefCell<Option<Sender<Arc<Node>>>> = const { RefCell::new(None) };
            }

            impl Key {
                fn rank(&self) -> u32 {
                    if let Some(taker) = TAKER.take() {
                        taker.send(self.node.clone()).expect("somebody waits for it");
                    }
                    self.number
                }
            }

            deepclone_tests::ranked!(Key);

            fn content(node: Option<&Arc<Node>>) -> $content {
                let $keys = || (0..3).filter_map(|number| Some(Key { number, node: node?.clone() }));
                $new
            }

            #[test]
            fn what_another_thread_writes_is_not_taken_for_what_was_placed() {
                let source = Arc::new(Node { lock: $lock::new(content(None)) });
                *Write::write(&source.lock) = content(Some(&source));
                let (nodes, copies) = channel::<Arc<Node>>();
                let ended = AtomicBool::new(false);
                thread::scope(|scope| {
                    scope.spawn(|| {
                        for copy in copies {
                            while Arc::strong_count(&copy) > 1 && !ended.load(SeqCst) {
                                if let Some(mut guard) = copy.lock.attempt() {
                                    let old = std::mem::replace(&mut *guard, content(None));
                                    drop(guard);
                                    drop(old);
                                }
                            }
                        }
                    });
                    for _ in 0..rounds() {
                        TAKER.set(Some(nodes.clone()));
                        match source.try_deep_clone() {
                            Ok(copy) => *Write::write(&copy.lock) = content(None),
                            Err(error) => assert_eq!(error.kind(), ErrorKind::AlreadyBorrowed),
                        }
                        TAKER.set(None);
                    }
                    ended.store(true, SeqCst);
                    drop(nodes);
                });
                *Write::write(&source.lock) = content(None);
                assert_eq!(Arc::strong_count(&source), 1);
            }
        }
    )* };
}

written! {
    a_vector_under_a_rw_lock: RwLock<Vec<HashSet<Key>>>, |keys| (0..20).map(|_| keys().collect()).collect();
    a_vector_under_a_mutex: Mutex<Vec<HashSet<Key>>>, |keys| (0..20).map(|_| keys().collect()).collect();
    a_box_under_a_rw_lock: RwLock<Option<Box<(u8, BTreeSet<Key>)>>>, |keys| {
        Some(Box::new((1, keys().collect())))
    };
    a_variant_under_a_rw_lock: RwLock<Result<BTreeSet<Key>, [Box<u64>; 3]>>, |keys| match keys().next() {
        None => Err([1, 2, 3].map(Box::new)),
        Some(_) => Ok(keys().collect()),
    };
    a_variant_under_a_mutex: Mutex<Result<BTreeSet<Key>, [Box<u64>; 3]>>, |keys| match keys().next() {
        None => Err([1, 2, 3].map(Box::new)),
        Some(_) => Ok(keys().collect()),
    };
    a_map_in_a_map_under_a_rw_lock: RwLock<Vec<HashMap<u32, HashSet<Key>>>>, |keys| {
        (0..4).map(|_| HashMap::from([(1, keys().collect()), (2, keys().collect())])).collect()
    };
    a_deque_under_a_rw_lock: RwLock<VecDeque<HashSet<Key>>>, |keys| (0..5).map(|_| keys().collect()).collect();
    a_deque_under_a_mutex: Mutex<VecDeque<HashSet<Key>>>, |keys| (0..5).map(|_| keys().collect()).collect();
}
