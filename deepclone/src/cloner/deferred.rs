//! Pointees that are filled later: where the stack is deep, and where a lock is held.
//!
//! The handle is out, the address will not change: what is left to do is to fill it. The last queued is filled first, so that
//! the queue stays as short as the source is narrow.

use core::cell::Cell;

use super::Engine;
use crate::path::Segment;
use crate::raw::entry::{Entry, State};
use crate::raw::traits::Placed;
use crate::raw::waiting::Owner;

impl Engine<'_> {
    /// Puts an entry off whose handle goes out now.
    pub(super) fn enqueue(&mut self, id: u32) {
        self.memo.set_state(id, State::Queued);
        if self.is_exposed(id) {
            self.memo.entry(id).hold_source();
        }
        self.stats.deferred += 1;
        self.queue.push(id);
        self.note_depth();
    }

    /// Writes the pointee of an entry that is `Started` or `Filling`.
    #[inline]
    pub(super) fn fill(&mut self, id: u32, entry: &Entry) -> Placed {
        let owner = Owner {
            key: entry.key(),
            copy: entry.copy(),
            pointee: entry.pointee(),
            around: self.place.owner,
            id: Cell::new(id),
            weak_found: Cell::new(0),
            unkeyed: Cell::new(false),
        };
        self.inside(&owner, |engine| {
            if engine.accounts {
                engine.deeper(entry.pointee().type_name)?;
                let placed = entry.place(engine);
                engine.leave();
                placed
            } else {
                entry.place(engine)
            }
        })?;
        self.memo.set_state(id, State::Placed);
        Ok(())
    }

    /// Fills an entry that was put off.
    pub(super) fn fill_queued(&mut self, id: u32) -> Placed {
        // After a failure the entry stays `Filling`, and the tear-down gives its source back.
        self.memo.set_state(id, State::Filling);
        let entry = self.memo.entry(id);
        if self.fill(id, &entry).is_err() {
            return Err(self.at(Segment::PutOff));
        }
        self.release_queued(id);
        if self.has_failed() {
            return Err(self.at(Segment::PutOff));
        }
        Ok(())
    }

    /// Fills all that was queued since the queue was `from` long.
    #[inline]
    pub(crate) fn run_queue(&mut self, from: usize) -> Placed {
        if self.queue.len() > from {
            self.drain(from)
        } else {
            Ok(())
        }
    }

    #[inline(never)]
    fn drain(&mut self, from: usize) -> Placed {
        while self.queue.len() > from {
            let position = self.queue.len() - 1;
            let id = self.queue[position];
            let depth = self.recall_depth(position);
            self.queue.truncate(position);
            self.forget_depths(position);
            // What had to be finished for user code is not queued any more.
            if self.memo.state(id) == State::Queued {
                let depth = self.swap_depth(depth);
                let filled = self.fill_queued(id);
                self.swap_depth(depth);
                filled?;
            }
        }
        Ok(())
    }
}
