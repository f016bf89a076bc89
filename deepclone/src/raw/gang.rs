//! The table that the engines of a parallel operation share: from a source allocation to the copy that is reserved for it.
//!
//! Invariants: G1. The table owns one strong count on every copy in it that it does not merely know, a weak count on its source, and, if a strong edge
//! was met, a strong count on its source. G2. A copy in it is written by whoever was given its claim, once, and read by nobody as long as the table is shared. So a handle to
//! one may be made on any thread; what it leads to is nobody's business until the table was taken apart by one thread. G3. Only allocations of `Arc` are entered.

#[cfg(all(tsan, test))]
mod crowd;
#[cfg(all(any(loom, tsan), test))]
mod model;

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::PoisonError;
use std::vec::Vec;

use super::entry::{Entry, State};
use crate::sync::{AtomicBool, AtomicUsize, Mutex, MutexGuard, Ordering};

/// Which of them a source belongs to depends on its address. loom runs a model again and again and needs the same steps each time, which addresses don't give: so
/// there it is one. No two are locked at once, so another one would only let threads pass each other.
const SHARDS: usize = if cfg!(all(loom, test)) {
    1
} else if cfg!(all(tsan, test)) {
    2
} else {
    64
};

/// What is known of a source.
pub(crate) struct Slot {
    pub(crate) entry: Entry,
    /// The first element, in the order of the source, that leads there.
    pub(crate) first: usize,
    pub(crate) serial: usize,
    /// The calling engine has an entry for it already.
    known: bool,
}

/// The right to fill a copy. It is given once.
pub(crate) struct Claim {
    pub(crate) entry: Entry,
    pub(crate) serial: usize,
}

// SAFETY: G2 and G3: the right may be used on any thread.
unsafe impl Send for Claim {}

/// What the engines of one operation share.
pub(crate) struct Gang {
    shards: Vec<Mutex<Slots>>,
    reserved: AtomicUsize,
    halted: AtomicBool,
    first_failed: AtomicUsize,
}

type Slots = HashMap<usize, Slot, BuildHasherDefault<Spread>>;

/// Addresses spread by the golden ratio.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }
    fn write_usize(&mut self, address: usize) {
        self.0 = (self.0 ^ address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 32;
    }
}

// SAFETY: G2 and G3: through what it holds, other threads touch counts only, and those are atomic.
unsafe impl Send for Gang {}
// SAFETY: as above; the slots lie behind locks.
unsafe impl Sync for Gang {}

impl Gang {
    pub(crate) fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::new(Slots::default())).collect(),
            reserved: AtomicUsize::new(0),
            halted: AtomicBool::new(false),
            first_failed: AtomicUsize::new(usize::MAX),
        }
    }

    fn shard(&self, key: *const ()) -> MutexGuard<'_, Slots> {
        let index = key.addr().wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as usize) >> 16;
        // No code of the user's runs under it, so nothing panics.
        self.shards[index % SHARDS]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a copy that the calling engine has made. A member can add an edge to it if that is all there is to do; otherwise it leaves its work.
    pub(crate) fn know(&self, entry: Entry) {
        let entry = match entry.state() {
            State::Started | State::Queued | State::Filling | State::Placed | State::Walking => {
                entry
            }
            _ => entry.in_state(State::Absent),
        };
        self.shard(entry.key()).insert(
            entry.key().addr(),
            Slot {
                entry,
                first: 0,
                serial: 0,
                known: true,
            },
        );
    }

    /// Follows an edge of `element`, strong (`State::Queued`) or weak (`State::Reserved`). `make` reserves. The edge keeps the source alive. The first strong
    /// edge gets the claim. `None` if only the calling engine can follow it.
    pub(crate) fn edge(
        &self,
        key: *const (),
        element: usize,
        state: State,
        make: impl FnOnce() -> Entry,
    ) -> Option<(*mut u8, Option<Claim>)> {
        let mut shard = self.shard(key);
        match shard.entry(key.addr()) {
            Place::Occupied(mut slot) => {
                let slot = slot.get_mut();
                if slot.entry.state() == State::Absent {
                    return None;
                }
                slot.first = slot.first.min(element);
                let claims =
                    !slot.known && state == State::Queued && slot.entry.state() == State::Reserved;
                if claims {
                    slot.entry.hold_source();
                    slot.entry = slot.entry.in_state(State::Queued);
                }
                let claim = claims.then_some(Claim {
                    entry: slot.entry,
                    serial: slot.serial,
                });
                Some((slot.entry.copy_address(), claim))
            }
            Place::Vacant(place) => {
                let entry = make();
                debug_assert!(entry.pointee().family.across_threads, "G3");
                entry.pin_source();
                let claims = state == State::Queued;
                if claims {
                    entry.hold_source();
                }
                let serial = self.reserved.fetch_add(1, Ordering::Relaxed);
                place.insert(Slot {
                    entry,
                    first: element,
                    serial,
                    known: false,
                });
                let claim = claims.then_some(Claim { entry, serial });
                Some((entry.copy_address(), claim))
            }
        }
    }

    /// How many copies were reserved.
    pub(crate) fn reserved(&self) -> usize {
        self.reserved.load(Ordering::Relaxed)
    }

    /// No more elements are begun.
    pub(crate) fn halt(&self) {
        self.halted.store(true, Ordering::Relaxed);
    }

    /// An element has failed.
    pub(crate) fn fail(&self, element: usize) {
        self.first_failed.fetch_min(element, Ordering::Relaxed);
    }

    /// Whether an element need not be begun.
    pub(crate) fn leaves(&self, element: usize) -> bool {
        self.halted.load(Ordering::Relaxed) || self.first_failed.load(Ordering::Relaxed) < element
    }

    /// Takes the table apart, in the order in which the sources were met, as far as there is one.
    pub(crate) fn into_slots(self) -> Vec<Slot> {
        let mut slots: Vec<Slot> = self
            .shards
            .into_iter()
            .flat_map(|shard| shard.into_inner().unwrap_or_else(PoisonError::into_inner))
            .map(|(_, slot)| slot)
            .filter(|slot| !slot.known)
            .collect();
        slots.sort_unstable_by_key(|slot| (slot.first, slot.serial));
        slots
    }
}
