//! The snapshotter: a deep clone of all users every 250 ms, and what it found.

use std::thread;
use std::time::{Duration, Instant};

use deepclone::Session;
use hdrhistogram::Histogram;

use crate::clock::{Clock, Phase};
use crate::curve::histogram;
use crate::nanoseconds;
use crate::shadow::{self, Comparison};
use crate::store::{Store, open};

const EVERY: Duration = Duration::from_millis(250);

/// What the snapshotter has to tell.
pub(crate) struct Snapshots {
    pub(crate) times: Histogram<u64>,
    /// Allocations and bytes of the last one.
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
    /// Users in all copies.
    pub(crate) users: u64,
    /// Users that were copied in the middle of an update, or not copied at all.
    pub(crate) torn: u64,
    pub(crate) failed: Vec<String>,
    pub(crate) comparison: Comparison,
}

/// Takes snapshots while it is time for them.
pub(crate) fn take(store: &Store, clock: &Clock) -> Snapshots {
    let mut snapshots = Snapshots {
        times: histogram(3),
        objects: 0,
        bytes: 0,
        users: 0,
        torn: 0,
        failed: Vec::new(),
        comparison: Comparison::default(),
    };
    loop {
        match clock.phase() {
            Phase::Over => return snapshots,
            Phase::Quiet => thread::sleep(Duration::from_millis(1)),
            Phase::Copying => {
                let start = Instant::now();
                snapshots.take_one(store);
                while start.elapsed() < EVERY && clock.phase() == Phase::Copying {
                    thread::sleep(Duration::from_millis(1));
                }
            }
        }
    }
}

impl Snapshots {
    fn take_one(&mut self, store: &Store) {
        let start = Instant::now();
        let mut session = Session::new();
        let copy = match session.deep_clone(&store.users) {
            Ok(copy) => copy,
            Err(error) => {
                self.failed.push(error.to_string());
                return;
            }
        };
        self.times.saturating_record(nanoseconds(start));
        self.objects = session.stats().objects;
        self.bytes = session.stats().bytes;
        drop(session);
        store.add_copy();
        let turn = store.copies();
        for number in 0..store.count {
            self.users += 1;
            let source = store.user(number);
            let whole = copy.user(number).is_some_and(|copied| {
                !std::sync::Arc::ptr_eq(&copied, &source) && open(&copied).is_whole()
            });
            self.torn += u64::from(!whole);
            if number % 20 == turn % 20 {
                shadow::compare(&source, &mut self.comparison);
            }
        }
    }
}
