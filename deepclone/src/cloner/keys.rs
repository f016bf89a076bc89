//! Maps whose keys can't be hashed or compared yet.
//!
//! A map under a cell or a lock is gathered first, as a list of pairs, and filled when the guard is gone, since keys are hashed and compared by
//! user code. Where a key leads back to the allocation of its own map, the filling waits until everything else is done; then it goes through
//! the cell, because by then user code may hold the cell, and every key is looked up again.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{Engine, Verdict};
use crate::error::ErrorKind;
use crate::raw::access::Access;
use crate::raw::entry::State;
use crate::raw::filled::Filled;
use crate::raw::hold::PlacedValue;
use crate::raw::traits::{Failed, Placed};
use crate::raw::waiting::Waiting;

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
        self.keep_up()?;
        let (here, guards) = (self.place.owner, self.place.guards());
        for index in from..self.waiting.len() {
            // Maps in other allocations, which were met under this guard, have had their own cells closed.
            let Some(map) = self.waiting[index].as_mut().filter(|map| map.lies_in(here)) else {
                continue;
            };
            map.left_cell(copy);
            if guards > 0 {
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
        let all: Vec<usize> = (from..self.waiting.len()).collect();
        let filled = self.fill_together(&all);
        self.drop_filled(from);
        filled
    }

    /// Fills the maps in copies that user code is about to see.
    pub(crate) fn fill_shown(&mut self) -> Placed {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let shown: Vec<usize> = (0..self.waiting.len())
            .filter(|index| self.is_open_to_view(*index))
            .collect();
        self.fill_together(&shown)
    }

    /// Whether user code has a way to the cell that a map waits in.
    fn is_open_to_view(&self, index: usize) -> bool {
        self.waiting[index]
            .as_ref()
            .and_then(Waiting::owner_id)
            .is_some_and(|id| self.memo.state(id) == State::Shown)
    }

    /// Fills several maps. Their keys are finished first, and the values where user code could open the cell and see them: what keys lead to may open
    /// further cells. What nobody can see stays the engine's to take apart.
    fn fill_together(&mut self, maps: &[usize]) -> Placed {
        for index in maps {
            self.finish_all(*index, Waiting::key)?;
        }
        let mut unseen = maps.to_vec();
        loop {
            let (open, rest): (Vec<usize>, Vec<usize>) = unseen
                .into_iter()
                .partition(|index| self.is_open_to_view(*index));
            for index in &open {
                self.finish_all(*index, Waiting::value)?;
                if let Some(map) = &mut self.waiting[*index] {
                    map.opens_to_view();
                }
            }
            unseen = rest;
            if open.is_empty() {
                break;
            }
        }
        let filled = self.filled.len();
        for together in self.by_cell(maps) {
            let built = self.built.len();
            for index in together {
                self.fill_finished(index)?;
            }
            self.put_in_place(built)?;
        }
        self.look_again(filled)
    }

    /// Groups maps that wait in the same cell, in the order of the first of each.
    fn by_cell(&self, maps: &[usize]) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut known = BTreeMap::new();
        for index in maps {
            let cell = self.waiting[*index].as_ref().and_then(Waiting::cell);
            match cell.and_then(|cell| known.get(&cell)) {
                Some(group) => {
                    let group: &usize = group;
                    groups[*group].push(*index);
                }
                None => {
                    if let Some(cell) = cell {
                        known.insert(cell, groups.len());
                    }
                    groups.push(Vec::from([*index]));
                }
            }
        }
        groups
    }

    /// Looks up every key of the maps filled since there were `from`. A key that is not found may have read another map before that was in place: so its map is
    /// filled once more, as long as that helps any.
    fn look_again(&mut self, from: usize) -> Placed {
        let mut astray: Vec<usize> = (from..self.filled.len()).collect();
        let mut tried = false;
        loop {
            let before = astray.len();
            let mut lost = Vec::new();
            for index in astray {
                if !self.with_filled(index, Filled::finds_all)? {
                    lost.push(index);
                }
            }
            astray = lost;
            let Some(first) = astray.first() else {
                for index in from..self.filled.len() {
                    self.with_filled(index, Filled::bury_spare);
                }
                return Ok(());
            };
            if tried && astray.len() == before {
                return Err(self.with_filled(*first, |map, engine| map.lost(engine)));
            }
            tried = true;
            for index in &astray {
                self.with_filled(*index, Filled::fill_anew)?;
            }
        }
    }

    /// Lets a map that was filled do something. It stays where it is.
    fn with_filled<R>(&mut self, index: usize, act: impl FnOnce(&mut Filled, &mut Self) -> R) -> R {
        let mut filled = core::mem::take(&mut self.filled);
        let done = act(&mut filled[index], self);
        debug_assert!(self.filled.is_empty(), "keys fill no maps");
        self.filled = filled;
        done
    }

    /// Fills a map that can't wait.
    fn fill_one(&mut self, index: usize) -> Placed {
        self.finish_all(index, Waiting::key)?;
        // Keys may read maps in what they lead to.
        self.fill_shown()?;
        self.fill_finished(index)
    }

    fn fill_finished(&mut self, index: usize) -> Placed {
        match self.waiting[index].take() {
            Some(map) if map.has_waited() => {
                let built = map.build(self)?;
                self.built.push(built);
                Ok(())
            }
            Some(map) => map.fill(self),
            None => Ok(()),
        }
    }

    /// Finishes all keys or all values of a map.
    fn finish_all(&mut self, index: usize, part: fn(&Waiting, usize) -> PlacedValue) -> Placed {
        let count = self.waiting[index].as_ref().map_or(0, Waiting::len);
        for at in 0..count {
            let Some(value) = self.waiting[index].as_ref().map(|map| part(map, at)) else {
                break;
            };
            if self.finish(value)? == Verdict::Unfinished {
                let key_type = self.waiting[index].as_ref().map_or("", Waiting::key_type);
                return Err(if self.hands.is_empty() {
                    self.fail(ErrorKind::KeyInCycle, key_type)
                } else {
                    self.fail_incomplete(key_type)
                });
            }
        }
        Ok(())
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
        for map in &mut self.filled[filled..] {
            map.share();
        }
        Ok(())
    }

    /// Finishes a key that is hashed or compared right away.
    pub(crate) fn finish_key(
        &mut self,
        key: PlacedValue,
        key_type: fn() -> &'static str,
    ) -> Placed {
        self.keep_up()?;
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
