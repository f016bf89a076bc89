//! Pointees written by hand under a lock.
//!
//! The copy of such a pointee is user code: it may not run while the lock is held. And where weak handles to it exist, it should run inside `new_cyclic`, which makes
//! the strong handle only when it has returned. So the lock's content is looked through first, what is found is copied with the lock released, and when the content is placed, its edges find the copies.

use alloc::vec::Vec;
use core::ops::Deref;
use core::ptr;

use super::access::Access;
use super::entry::{Entry, Hit, State, key_of};
use super::hold::Hold;
use super::sweep::{Purpose, Sweep};
use super::traits::{DeepClone, Failed, Placed};
use crate::cloner::Engine;

impl Engine<'_> {
    /// The pointees written by hand that a content leads to directly.
    ///
    /// # Safety
    ///
    /// The content of a source's lock, which is held.
    unsafe fn scan<T: ?Sized + DeepClone>(&mut self, content: &T) -> Vec<Hold> {
        let mut sweep = Sweep::new(Purpose::Scan, self);
        // SAFETY: a scan reads what a shared reference may, and asks cells before it opens them.
        unsafe { sweep.value(ptr::from_ref(content).cast_mut()) };
        sweep.by_hand
    }

    /// Takes a lock to copy what lies under it. What is written by hand there is copied first, with no lock held.
    ///
    /// # Safety
    ///
    /// `take` takes a source's lock.
    pub(crate) unsafe fn take_lock<T: ?Sized + DeepClone, G: Deref<Target = T>>(
        &mut self,
        take: impl Fn(&mut Self) -> Result<G, Failed>,
    ) -> Result<(G, Vec<Entry>), Failed> {
        self.keep_up()?;
        let guard = take(self)?;
        if self.locks > 0 {
            return Ok((guard, Vec::new()));
        }
        // SAFETY: the content stands still under the guard.
        let by_hand = unsafe { self.scan(&*guard) };
        if by_hand.is_empty() {
            return Ok((guard, Vec::new()));
        }
        drop(guard);
        let made = self.copy_by_hand(by_hand)?;
        match take(self) {
            Ok(guard) => Ok((guard, made)),
            Err(failed) => {
                self.release_made(made);
                Err(failed)
            }
        }
    }

    /// After a lock was released: fills what was put off under it, unless another lock is still held or the stack is deep, and the maps gathered there.
    pub(crate) fn left_lock(&mut self, queued: usize, gathered: usize, copy: Access) -> Placed {
        self.fill_put_off_under_lock(queued)?;
        self.left_guard(gathered, copy)
    }

    /// Fills what was put off under a lock that was released, since the queue was `from` long, unless another lock is still held or the stack is deep.
    pub(crate) fn fill_put_off_under_lock(&mut self, from: usize) -> Placed {
        if self.locks > 0 || self.queue.len() == from {
            return Ok(());
        }
        if self.stack.is_deep() {
            self.falls_behind();
            return Ok(());
        }
        self.run_queue(from)
    }

    /// Copies such pointees. The result keeps the copies alive until edges lead to them.
    fn copy_by_hand(&mut self, sources: Vec<Hold>) -> Result<Vec<Entry>, Failed> {
        let mut made = Vec::new();
        let mut result = Ok(());
        for source in sources {
            let (view, pointee) = (source.source(), source.pointee());
            if result.is_ok() {
                let description = super::hold::describe(view, pointee);
                let layout = description.layout;
                let key = key_of(view.data, layout.size(), layout.align());
                // The copy of another one may have borrowed the cell that it lies in: then nothing can be made of it.
                let is_by_hand = description.by_hand.is_some();
                if is_by_hand && matches!(self.memo.hit(key), Hit::Vacant) {
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
