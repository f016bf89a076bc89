//! Who else may run during the operation, and what that asks for.
//!
//! As long as nobody but the engine runs, a borrowed source stands still: its addresses are good keys, its allocations
//! stay. Code of the user's can take a source apart through its cells, and other threads can through its locks. From
//! before the first of these on, every entry pins its source's address by a weak count, and queued entries hold
//! their source by a strong one.

use super::Engine;
use crate::raw::entry::State;
use crate::raw::hold::Hold;
use crate::raw::sweep::Grave;
use crate::raw::traits::Failed;
use crate::raw::unwind;

/// Who may change a source while it is copied.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Exposure {
    /// Nobody.
    Nobody,
    /// Nobody yet; but others will look for what is met now, so all that may have another edge has to be found by its source.
    #[cfg(feature = "rayon")]
    Later,
    /// Other threads, through a lock: only what they may own too.
    #[cfg_attr(
        not(feature = "std"),
        expect(dead_code, reason = "the locks that we know are those of `std`")
    )]
    Threads,
    /// User code on this thread.
    User,
}

impl Engine<'_> {
    /// Prepares for others to run.
    #[inline]
    pub(crate) fn expose(&mut self, to: Exposure) {
        if self.exposure < to {
            self.expose_all(to);
        }
    }

    #[cold]
    fn expose_all(&mut self, to: Exposure) {
        self.key_owners();
        let before = core::mem::replace(&mut self.exposure, to);
        for id in 0..self.memo.len() {
            let entry = self.memo.entry(id);
            let across_threads = entry.pointee().family.across_threads;
            let was = before.concerns(across_threads);
            if to.concerns(across_threads) && !was {
                entry.pin_source();
                if matches!(entry.state(), State::Queued | State::Filling) {
                    entry.hold_source();
                }
            }
        }
    }

    /// Whether the entry's source is pinned, and held while it is `Queued` or `Filling`.
    #[inline(always)]
    pub(crate) fn is_exposed(&self, id: u32) -> bool {
        self.exposure != Exposure::Nobody
            && self
                .exposure
                .concerns(self.memo.entry(id).pointee().family.across_threads)
    }

    /// Whether a lock of the source is held, also by what waits for code written by hand. A `Drop` might want that one.
    fn holds_a_lock(&self) -> bool {
        self.locks > 0 || self.locks_barred
    }

    /// Gives a queued source back. It may have been the last owner: then its `Drop` runs, user code.
    pub(crate) fn release_queued(&mut self, id: u32) {
        if self.is_exposed(id) {
            let entry = self.memo.entry(id);
            if self.holds_a_lock() {
                self.bury(Grave::new(Hold::of(&entry)));
            } else {
                self.user(|| entry.release_source()).ok();
            }
        }
    }

    /// Runs code of the user's: prepares for it, and keeps a panic for later.
    pub(crate) fn user<R>(&mut self, code: impl FnOnce() -> R) -> Result<R, Failed> {
        self.expose(Exposure::User);
        match unwind::catch(code) {
            Ok(result) => Ok(result),
            Err(payload) => Err(self.fail_by_panic(payload)),
        }
    }

    /// Drops a handle on a source. If it is the last one, that is put off until user code may run.
    pub(crate) fn drop_handle<H>(&mut self, handle: H, is_last: impl FnOnce(&H) -> bool) {
        if is_last(&handle) || self.holds_a_lock() {
            self.bury(Grave::new(handle));
        } else if let Err(payload) = unwind::catch(|| drop(handle)) {
            // Another thread has let go of it in this very moment.
            self.fail_by_panic(payload);
        }
    }

    /// Drops what waits for it, when no lock is held.
    pub(crate) fn open_graves(&mut self) {
        while !self.holds_a_lock() {
            let Some(grave) = self.graves.pop() else {
                break;
            };
            self.user(|| grave.open()).ok();
        }
    }
}

impl Exposure {
    /// Whether sources of such a family can be changed.
    #[inline]
    pub(crate) fn concerns(self, across_threads: bool) -> bool {
        match self {
            Self::Nobody => false,
            #[cfg(feature = "rayon")]
            Self::Later => false,
            Self::Threads => across_threads,
            Self::User => true,
        }
    }
}
