//! Maps whose keys can't be hashed or compared yet.
//!
//! A map under a cell or a lock is gathered first, as a list of pairs, and filled when the guard is gone, since keys are hashed and compared by
//! user code. Where a key leads back to the allocation of its own map, the filling waits until everything else is done; then it goes through
//! the cell, because by then user code may hold the cell, and every key is looked up again.

use super::{Engine, Verdict};
use crate::error::ErrorKind;
use crate::raw::entry::State;
use crate::raw::hold::PlacedValue;
use crate::raw::traits::{Failed, Placed};
use crate::raw::waiting::{Access, Waiting};

impl Engine<'_> {
    /// A cell or a lock is closed again: fills the maps gathered under it, as far as their keys are finished, unless another one around it is
    /// still open.
    #[inline(always)]
    pub(crate) fn left_guard(&mut self, gathered: usize, copy: Access) -> Placed {
        if self.waiting.len() == gathered {
            return Ok(());
        }
        self.fill_gathered(gathered, copy)
    }

    #[cold]
    fn fill_gathered(&mut self, from: usize, copy: Access) -> Placed {
        let here = self.place.owner;
        for index in from..self.waiting.len() {
            // Maps in other allocations, which were met under this guard, have had their own cells closed.
            let Some(map) = self.waiting[index].as_mut().filter(|map| map.lies_in(here)) else {
                continue;
            };
            map.left_cell(copy);
            if self.place.guards > 0 {
                continue;
            }
            if map.keys_lead_nowhere() {
                if let Some(map) = self.waiting[index].take() {
                    map.fill(self)?;
                }
            } else if map.can_wait() {
                // Looking now whether the keys are finished would mean to look again and again: at the end each is looked at once.
                map.waits();
            } else {
                self.fill_one(index)?;
            }
        }
        self.drop_filled(from);
        Ok(())
    }

    /// Lets go of maps that were filled since there were `from`: user code has them now, or will.
    pub(crate) fn keep_filled(&mut self, from: usize) {
        while self.filled.len() > from {
            if let Some(filled) = self.filled.pop() {
                filled.keep(self);
            }
        }
    }

    fn drop_filled(&mut self, from: usize) {
        while self.waiting.len() > from && self.waiting.last().is_some_and(Option::is_none) {
            self.waiting.pop();
        }
    }

    /// Fills the maps that have waited since there were `from`.
    pub(crate) fn fill_waiting(&mut self, from: usize) -> Placed {
        if self.waiting.len() == from {
            return Ok(());
        }
        let built = self.built.len();
        for index in from..self.waiting.len() {
            self.fill_one(index)?;
        }
        self.drop_filled(from);
        self.put_in_place(built)
    }

    /// Fills the maps in copies that user code is about to see.
    pub(crate) fn fill_shown(&mut self) -> Placed {
        let built = self.built.len();
        for index in 0..self.waiting.len() {
            let owner = self.waiting[index]
                .as_ref()
                .and_then(Waiting::owner_address);
            if let Some(id) = owner.and_then(|copy| self.entry_of_copy(copy)) {
                if self.memo.state(id) == State::Shown {
                    self.fill_one(index)?;
                }
            }
        }
        self.put_in_place(built)
    }

    fn fill_one(&mut self, index: usize) -> Placed {
        let Some(mut map) = self.waiting[index].take() else {
            return Ok(());
        };
        let failed = match self.finish_keys(&map) {
            Ok(Verdict::Finished) if map.has_waited() => {
                let built = map.build(self)?;
                self.built.push(built);
                return Ok(());
            }
            Ok(Verdict::Finished) => return map.fill(self),
            Ok(Verdict::Unfinished) => self.fail(ErrorKind::KeyInCycle, map.key_type()),
            Err(failed) => failed,
        };
        map.let_go_of_owner();
        self.waiting[index] = Some(map);
        Err(failed)
    }

    /// Puts the maps built since there were `from` into their cells. Two of them may share a cell: so all cells are opened for writing before the first is
    /// written to, and nobody else runs until the last has been.
    fn put_in_place(&mut self, from: usize) -> Placed {
        for built in &mut self.built[from..] {
            built.unshare();
        }
        let filled = self.filled.len();
        while self.built.len() > from {
            if let Some(built) = self.built.pop() {
                let done = built.swap(self)?;
                self.filled.push(done);
            }
        }
        for index in filled..self.filled.len() {
            let check = self.filled[index].check();
            check(self)?;
        }
        Ok(())
    }

    fn finish_keys(&mut self, map: &Waiting) -> Result<Verdict, Failed> {
        for key in 0..map.len() {
            if self.finish(map.key(key))? == Verdict::Unfinished {
                return Ok(Verdict::Unfinished);
            }
        }
        Ok(Verdict::Finished)
    }

    /// Finishes a key that is hashed or compared right away.
    pub(crate) fn finish_key(
        &mut self,
        key: PlacedValue,
        key_type: fn() -> &'static str,
    ) -> Placed {
        // Where the map is moved before a lock around it is released, the key has to be finished under the lock.
        let locks = core::mem::replace(&mut self.locks, 0);
        let barred = self.locks_barred;
        self.locks_barred |= locks > 0;
        let finished = match self.finish(key) {
            Ok(Verdict::Finished) => self.fill_shown(),
            Ok(Verdict::Unfinished) => Err(self.fail(ErrorKind::KeyInCycle, key_type())),
            Err(failed) => Err(failed),
        };
        self.locks_barred = barred;
        self.locks = locks;
        finished
    }

    /// What is left to do when all strong edges of a root have been followed.
    pub(crate) fn conclude(&mut self) -> Placed {
        self.settle_root();
        self.fill_waiting(0)?;
        self.open_graves();
        if !self.has_failed() {
            self.keep_filled(0);
        }
        if self.has_failed() {
            return Err(Failed(()));
        }
        Ok(())
    }
}
