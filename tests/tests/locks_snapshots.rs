//! What is kept equal under one lock is equal in each of 100,000 snapshots, while it changes.

use std::sync::{Arc, Mutex, RwLock};
use std::thread;

use deepclone::DeepClone;
use deepclone_tests::stir::while_stirred;

/// How many snapshots, and how often something has to be written in the middle of one.
const ROUNDS: (usize, usize) = (100_000, 100);

const WRITERS: usize = 8;

/// One number three times, in the lock's own data and in what it owns.
type Pair = (u64, Box<u64>, Vec<u64>);

fn write(pair: &mut Pair) {
    pair.0 += 1;
    *pair.1 += 1;
    pair.2[0] = pair.0;
}

/// What the snapshots showed: it must never go back.
struct Seen {
    first: Option<u64>,
    last: u64,
    distinct: usize,
}

impl Seen {
    fn new() -> Self {
        Self {
            first: None,
            last: 0,
            distinct: 0,
        }
    }

    fn see(&mut self, (a, b, c): Pair) {
        assert_eq!((a, a), (*b, c[0]));
        assert!(self.last <= a);
        if self.first.is_none() || self.last < a {
            self.distinct += 1;
        }
        self.first.get_or_insert(a);
        self.last = a;
    }

    /// The value moved while the snapshots were taken.
    fn check(&self, end: u64) {
        assert!(self.distinct > 1, "{} distinct values", self.distinct);
        assert!(self.first.is_some_and(|first| first < self.last));
        assert!(self.last <= end);
    }
}

macro_rules! locks {
    ($name:ident, $lock:ident, $write:ident) => {
        mod $name {
            use super::*;

            fn pair() -> $lock<Pair> {
                $lock::new((0, Box::new(0), vec![0]))
            }

            #[test]
            fn pairs_kept_equal_under_one_lock_are_equal_in_each_snapshot_while_they_change() {
                let pair = pair();
                let mut seen = Seen::new();
                let stir = |_| {
                    write(&mut pair.$write().expect("not poisoned"));
                    thread::yield_now();
                };
                while_stirred(WRITERS, ROUNDS, stir, |_| {
                    seen.see(pair.deep_clone().into_inner().expect("not poisoned"));
                });
                seen.check(pair.$write().expect("not poisoned").0);
            }

            #[test]
            fn pairs_kept_equal_under_a_shared_lock_are_equal_in_each_snapshot_while_they_change() {
                // By two edges, of which the second finds the copy that the first has made.
                let pair = Arc::new(pair());
                let source = vec![pair.clone(), pair.clone()];
                let mut seen = Seen::new();
                let stir = |_| {
                    write(&mut pair.$write().expect("not poisoned"));
                    thread::yield_now();
                };
                while_stirred(WRITERS, ROUNDS, stir, |_| {
                    let mut copy = source.deep_clone();
                    let last = copy.pop().expect("there are two");
                    assert!(Arc::ptr_eq(&last, &copy[0]));
                    drop(copy);
                    let pair = Arc::into_inner(last).expect("nobody else has it");
                    seen.see(pair.into_inner().expect("not poisoned"));
                });
                seen.check(pair.$write().expect("not poisoned").0);
                assert_eq!((Arc::strong_count(&pair), Arc::weak_count(&pair)), (3, 0));
            }
        }
    };
}

locks!(mutexes, Mutex, lock);
locks!(rw_locks, RwLock, write);
