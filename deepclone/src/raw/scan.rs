//! Pointees written by hand under a lock.
//!
//! The copy of such a pointee is user code: it may not run while the lock is held. And where weak handles to it exist, it should run inside `new_cyclic`, which makes
//! the strong handle only when it has returned. So the lock's content is looked through first, what is found is copied with the lock released, and when the content is placed, its edges find the copies.

use alloc::vec::Vec;
use core::ptr;

use super::entry::{Entry, Hit, State, key_of};
use super::hold::Hold;
use super::sweep::{Purpose, Sweep};
use super::traits::{DeepClone, Failed};
use crate::cloner::Engine;

impl Engine<'_> {
    /// The pointees written by hand that a content leads to directly.
    ///
    /// # Safety
    ///
    /// The content of a source's lock, which is held.
    pub(crate) unsafe fn scan<T: ?Sized + DeepClone>(&mut self, content: &T) -> Vec<Hold> {
        let mut sweep = Sweep {
            purpose: Purpose::Scan,
            engine: self,
            found: Vec::new(),
            by_hand: Vec::new(),
        };
        // SAFETY: a scan reads what a shared reference may, and asks cells before it opens them.
        unsafe { sweep.value(ptr::from_ref(content).cast_mut()) };
        sweep.by_hand
    }

    /// Copies such pointees. The result keeps the copies alive until edges lead to them.
    pub(crate) fn copy_by_hand(&mut self, sources: Vec<Hold>) -> Result<Vec<Entry>, Failed> {
        let mut made = Vec::new();
        let mut result = Ok(());
        for source in sources {
            let (view, pointee) = (source.source(), source.pointee());
            if result.is_ok() {
                let layout = super::hold::describe(view, pointee).layout;
                let key = key_of(view.data, layout.size(), layout.align());
                if matches!(self.memo.hit(key), Hit::Vacant) {
                    match self.strong_edge(key, view, pointee, false) {
                        Ok(_) => made.extend(self.entry_of_source(key)),
                        Err(failed) => result = Err(failed),
                    }
                }
            }
            self.bury(super::sweep::Grave::new(source));
        }
        match result {
            Ok(()) => Ok(made),
            Err(failed) => {
                self.release_made(made);
                Err(failed)
            }
        }
    }

    /// Gives back what `copy_by_hand` kept.
    pub(crate) fn release_made(&mut self, made: Vec<Entry>) {
        for entry in made {
            debug_assert_eq!(entry.state(), State::Shown);
            // The edges that found it are those of the source, less the one that made it, which was ours.
            self.stats.shared_edges = self.stats.shared_edges.saturating_sub(1);
            self.user(|| entry.release_copy()).ok();
        }
    }
}
