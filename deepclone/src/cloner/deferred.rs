//! Pointees that are filled later: where the stack is deep, where a list is followed first, and where a lock is held. Boxes that are: where the stack is deep.
//!
//! The handle is out, the address will not change: what is left to do is to fill it. The last queued is filled first, so that
//! the queue stays as short as the source is narrow.

use core::cell::Cell;

use super::rare::Rare;
use super::{Engine, Exposure, Order, Place};
use crate::path::Segment;
use crate::raw::entry::{Entry, State};
use crate::raw::open::OpenBox;
use crate::raw::pointee::Pointee;
use crate::raw::traits::{Failed, Placed};
use crate::raw::waiting::Owner;

/// What an element of a list may lead to, before all that the list leads to is met in its order first.
const MANY: u32 = 4096;

impl Engine<'_> {
    /// Whether something may be put off though there is room on the stack: only before user code runs, which may ask for anything.
    #[inline]
    pub(crate) fn may_overtake(&self) -> bool {
        !self.doubts_unique
            && !self.accounts
            && self.order != Order::Kept
            && self.exposure == Exposure::Nobody
    }

    /// Begins a long row of pointers to what lies in memory in the order of the row. If one of them leads to a large part of the graph, by ways that lead
    /// anywhere, the row is better followed first, and what is put off is filled then: both are reserved and met in the order of memory.
    pub(crate) fn begin_list(&mut self) -> u32 {
        core::mem::replace(&mut self.overflow, self.memo.len().saturating_add(MANY))
    }

    /// The next element of a list begins.
    #[inline]
    pub(crate) fn next_of_list(&mut self) {
        self.overflow = if self.is_overflowing() {
            1
        } else {
            self.memo.len().saturating_add(MANY)
        };
    }

    /// Ends a list. `before` is what [`begin_list`](Self::begin_list) has returned.
    pub(crate) fn end_list(&mut self, before: u32) {
        self.overflow = before;
    }

    /// Whether a pointee is put off because there are many. Not what leads nowhere.
    #[inline]
    pub(super) fn puts_off_many(&self, pointee: &Pointee) -> bool {
        self.is_overflowing() && self.may_overtake() && !pointee.leads_nowhere
    }

    #[inline]
    fn is_overflowing(&self) -> bool {
        self.overflow != 0 && self.memo.len() > self.overflow
    }

    /// Fills what was put off because the stack is deep, if that is possible here, and tells whether there was any: what user code is about to see may look different then.
    pub(super) fn catches_up(&mut self) -> Result<bool, Failed> {
        debug_assert!(
            self.boxes.is_empty(),
            "a call with user code keeps the order"
        );
        if self.queue.is_empty() || self.locks > 0 || self.locks_barred {
            return Ok(false);
        }
        self.run_queue(0)?;
        Ok(true)
    }

    /// Puts an entry off whose handle goes out now.
    pub(super) fn enqueue(&mut self, id: u32) {
        self.memo.set_state(id, State::Queued);
        if self.is_exposed(id) {
            self.memo.entry(id).hold_source();
        }
        self.stats.deferred += 1;
        if self.queue.len() == self.queue.capacity() {
            // By an eighth: the peak counts.
            let more = (self.queue.len() / 8).max(64);
            self.queue.reserve_exact(more);
        }
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
        let entry = self.memo.put_into(id, State::Filling);
        if self.fill(id, &entry).is_err() {
            return Err(self.at(Segment::PutOff));
        }
        self.release_queued(id);
        self.unless_failed().map_err(|_| self.at(Segment::PutOff))
    }

    /// Fills an entry before its turn, and what was put off meanwhile. What was queued before waits: it may lie under a lock that is held.
    pub(super) fn fill_out_of_turn(&mut self, id: u32) -> Placed {
        let (is_late, floor) = (self.is_late, self.floor);
        let queued = self.queue.len();
        self.is_late = false;
        self.floor = queued;
        self.fill_queued(id)?;
        self.run_queue(queued)?;
        self.is_late = is_late;
        self.floor = floor;
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

    /// Whether a box is put off that is met here: where the stack is deep. Only one that the root owns: the frame of what
    /// else may own it has to know of all that lies in it. And only before user code runs, which may ask for anything.
    #[cold]
    #[inline(never)]
    pub(crate) fn puts_off_box(&mut self) -> bool {
        #[cfg(feature = "rayon")]
        if self.leads || self.is_member() {
            return false;
        }
        self.may_overtake()
            && self.stack.may_need_room()
            && self.locks == 0
            && self.place.is_of_root()
            && self.stack.is_deep_for_box()
    }

    /// Puts off the content of a box.
    pub(crate) fn put_off_box(&mut self, open: OpenBox) {
        self.overtakes();
        self.boxes.push(open);
    }

    /// Places the content of all boxes that were put off, the last first.
    #[inline]
    pub(crate) fn fill_boxes(&mut self) -> Placed {
        if self.boxes.is_empty() {
            Ok(())
        } else {
            self.fill_open_boxes()
        }
    }

    #[inline(never)]
    fn fill_open_boxes(&mut self) -> Placed {
        while let Some(open) = self.boxes.pop() {
            let block = open.block();
            self.filling.push(block);
            let place = core::mem::replace(&mut self.place, Place::ROOT);
            let placed = open.fill(self);
            self.place = place;
            if placed.is_ok() {
                self.close_box(block);
            }
            if placed.is_err() || self.has_failed() {
                return Err(self.at(Segment::PutOff));
            }
        }
        Ok(())
    }

    /// The content of a box is placed.
    fn close_box(&mut self, block: *mut u8) {
        if self.filling.last() == Some(&block) {
            self.filling.pop();
        } else {
            // One of those that are filled inside has failed.
            self.filling.retain(|other| *other != block);
            if let Some(open) = &mut self.open {
                open.remove(&block);
            }
        }
    }

    /// Whether nothing lies in the block of a box. Asked where values are taken apart.
    pub(crate) fn is_open_box(&mut self, block: *mut u8) -> bool {
        if !self.has_failed() || (self.boxes.is_empty() && self.filling.is_empty()) {
            return false;
        }
        let Rare {
            boxes,
            filling,
            open,
            ..
        } = &mut **self;
        // Nothing is put off after a failure.
        open.get_or_insert_with(|| {
            let put_off = boxes.iter().map(OpenBox::block);
            put_off.chain(filling.iter().copied()).collect()
        })
        .contains(&block)
    }

    #[inline(never)]
    fn drain(&mut self, from: usize) -> Placed {
        let floor = self.floor;
        while self.queue.len() > from {
            let position = self.queue.len() - 1;
            self.is_late = false;
            self.floor = position;
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
        self.is_late = false;
        self.floor = floor;
        Ok(())
    }
}
