//! Maps whose keys can't be hashed or compared yet.
//!
//! A map under a cell or a lock is gathered first, as a list of pairs, and filled when the guard is gone, since keys are hashed and compared by
//! user code. Where a key leads back to the allocation of its own map, the filling waits until everything else is done; then it goes through
//! the cell, because by then user code may hold the cell, and every key is looked up again.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::finish::{Then, Walk};
use super::{Engine, Verdict};
use crate::error::ErrorKind;
use crate::raw::access::Access;
use crate::raw::entry::State;
use crate::raw::filled::{Filled, fill_anew};
use crate::raw::hold::PlacedValue;
use crate::raw::traits::{Failed, Placed};
use crate::raw::waiting::{Owner, Waiting};

/// What has to be done before the keys of a map are hashed or compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Keys {
    /// Nothing: they lead nowhere, or user code has them.
    Finished,
    /// Each is handed over.
    Lead,
    /// And so are the maps that it leads to, which can't be filled later.
    LeadToMaps,
}

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
        let here = self.place.owner;
        for map in self.waiting[from..].iter_mut().flatten() {
            // Maps in other allocations, which were met under this guard, have had their own cells closed.
            if map.lies_in(here) {
                map.left_cell(copy);
            }
        }
        if self.place.guards() > 0 {
            return Ok(());
        }
        self.wait_for_inner(from, here);
        for index in from..self.waiting.len() {
            let Some(map) = self.waiting[index].as_mut().filter(|map| map.lies_in(here)) else {
                continue;
            };
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

    /// Where a map with keys that lead somewhere lies in a pair of another one that can wait, both wait.
    fn wait_for_inner(&mut self, from: usize, here: *const Owner) {
        let inner = |map: &Waiting| map.inner_from().max(from);
        let lie_here = |maps: &[Option<Waiting>]| {
            maps.iter()
                .flatten()
                .any(|map| map.lies_in(here) && map.has_to_ride())
        };
        let is_late = |index: &usize| {
            let map = self.waiting[*index]
                .as_ref()
                .filter(|map| map.lies_in(here) && map.can_wait());
            map.is_some_and(|map| lie_here(&self.waiting[inner(map)..*index]))
        };
        let late: Vec<usize> = (from..self.waiting.len()).filter(is_late).collect();
        for outer in late {
            let Some(map) = &mut self.waiting[outer] else {
                continue;
            };
            map.waits();
            let inner = inner(map);
            let inner = self.waiting[inner..outer].iter_mut().flatten();
            inner
                .filter(|map| map.lies_in(here) && map.can_ride())
                .for_each(Waiting::rides);
        }
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
            .is_some_and(|id| self.is_shown(id))
    }

    /// Whether user code has a copy.
    pub(crate) fn is_shown(&self, id: u32) -> bool {
        self.memo.state(id) == State::Shown
    }

    /// Fills several maps. First it is made sure that user code may see their keys; but it is handed a key only when that is hashed or compared: until then the key, and what
    /// it leads to, stays the engine's to take apart.
    fn fill_together(&mut self, maps: &[usize]) -> Placed {
        self.check_maps(maps)?;
        let filled = self.filled.len();
        for together in self.by_cell(maps) {
            let built = self.built.len();
            for index in together {
                self.fill_checked(index)?;
            }
            self.put_in_place(built)?;
        }
        self.look_again(filled)
    }

    /// Makes sure that the keys of these maps are finished, and the values where user code will be able to open the cell and see them: what keys lead to may
    /// open further cells. Nothing is shown.
    fn check_maps(&mut self, maps: &[usize]) -> Placed {
        let mut walk = self.begin_walk()?;
        let walked = self.walk_maps(maps, &mut walk);
        let verdict = self.end_walk(walk, walked.map(|_| ()), Then::Leave)?;
        match (walked, verdict) {
            (Ok(Some(index)), Verdict::Unfinished) => {
                let key_type = self.waiting[index].as_ref().map_or("", Waiting::key_type);
                Err(self.fail_key(key_type))
            }
            _ => Ok(()),
        }
    }

    /// The walk of `check_maps`. Ends at a map that leads to something unfinished, and tells which.
    fn walk_maps(&mut self, maps: &[usize], walk: &mut Walk) -> Result<Option<usize>, Failed> {
        for index in maps {
            if self.walk_pairs(*index, Waiting::key, walk)? == Verdict::Unfinished {
                return Ok(Some(*index));
            }
        }
        let mut unseen = maps.to_vec();
        loop {
            let (open, rest): (Vec<usize>, Vec<usize>) = unseen.into_iter().partition(|index| {
                let id = self.waiting[*index].as_ref().and_then(Waiting::owner_id);
                id.is_some_and(|id| self.will_be_shown(id, walk))
            });
            for index in &open {
                if self.walk_pairs(*index, Waiting::value, walk)? == Verdict::Unfinished {
                    return Ok(Some(*index));
                }
            }
            unseen = rest;
            if open.is_empty() {
                return Ok(None);
            }
        }
    }

    /// Walks all keys or all values of a map.
    fn walk_pairs(
        &mut self,
        index: usize,
        part: fn(&Waiting, usize) -> PlacedValue,
        walk: &mut Walk,
    ) -> Result<Verdict, Failed> {
        let count = self.waiting[index].as_ref().map_or(0, Waiting::len);
        for at in 0..count {
            let Some(value) = self.waiting[index].as_ref().map(|map| part(map, at)) else {
                break;
            };
            self.walk(value, walk)?;
            if walk.verdict() == Verdict::Unfinished {
                return Ok(Verdict::Unfinished);
            }
        }
        Ok(Verdict::Finished)
    }

    fn fail_key(&mut self, key_type: &'static str) -> Failed {
        if self.hands.is_empty() {
            self.fail(ErrorKind::KeyInCycle, key_type)
        } else {
            self.fail_incomplete(key_type)
        }
    }

    /// A key is about to be hashed or compared: user code gets it.
    pub(crate) fn hand_over(
        &mut self,
        key: PlacedValue,
        keys: Keys,
        key_type: fn() -> &'static str,
    ) -> Placed {
        if keys == Keys::LeadToMaps {
            self.keep_up()?;
        }
        if self.finish(key)? == Verdict::Unfinished {
            return Err(self.fail_key(key_type()));
        }
        if keys == Keys::LeadToMaps {
            self.fill_shown()?;
        }
        Ok(())
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
                self.with_all_filled(|filled, engine| fill_anew(filled, *index, engine))?;
            }
        }
    }

    /// Lets a map that was filled do something. It stays where it is.
    fn with_filled<R>(&mut self, index: usize, act: impl FnOnce(&mut Filled, &mut Self) -> R) -> R {
        self.with_all_filled(|filled, engine| act(&mut filled[index], engine))
    }

    fn with_all_filled<R>(&mut self, act: impl FnOnce(&mut [Filled], &mut Self) -> R) -> R {
        let mut filled = core::mem::take(&mut self.filled);
        let done = act(&mut filled, self);
        debug_assert!(self.filled.is_empty(), "keys fill no maps");
        self.filled = filled;
        done
    }

    /// Fills a map that can't wait.
    fn fill_one(&mut self, index: usize) -> Placed {
        self.whatever_is_locked(|engine| {
            engine.check_maps(&[index])?;
            engine.fill_checked(index)
        })
    }

    /// Finishes keys now. Under code written by hand a lock may be held that is not released before: then none is taken for their sake.
    fn whatever_is_locked(&mut self, work: impl FnOnce(&mut Self) -> Placed) -> Placed {
        let locks = core::mem::replace(&mut self.locks, 0);
        let barred = self.locks_barred;
        self.locks_barred |= locks > 0;
        let done = work(self);
        self.locks_barred = barred;
        self.locks = locks;
        done
    }

    fn fill_checked(&mut self, index: usize) -> Placed {
        match self.waiting[index].take() {
            Some(map) if map.waits_in_cell() => {
                let built = map.build(self)?;
                self.built.push(built);
                Ok(())
            }
            Some(map) => map.fill(self),
            None => Ok(()),
        }
    }

    /// Puts the maps built since there were `from` into their cells. Two of them may share a cell: so all cells are opened for writing before the first is
    /// written to, and nobody else runs until the last has been.
    fn put_in_place(&mut self, from: usize) -> Placed {
        for index in from..self.built.len() {
            self.finish_built(index)?;
        }
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

    /// Where user code can open the cell, it will see the values.
    fn finish_built(&mut self, index: usize) -> Placed {
        let built = &self.built[index];
        if !built.owner_id().is_some_and(|id| self.is_shown(id)) {
            return Ok(());
        }
        let (pairs, key_type) = (built.pairs(), built.key_type());
        match self.finish(pairs)? {
            Verdict::Finished => Ok(()),
            Verdict::Unfinished => Err(self.fail_key(key_type)),
        }
    }

    /// Finishes a key that is hashed or compared right away.
    pub(crate) fn finish_key(
        &mut self,
        key: PlacedValue,
        key_type: fn() -> &'static str,
    ) -> Placed {
        self.look_at_key(key, key_type, Then::Show)
    }

    /// Makes sure that a key can be finished, at which nobody looks yet.
    pub(crate) fn check_key(&mut self, key: PlacedValue, key_type: fn() -> &'static str) -> Placed {
        self.look_at_key(key, key_type, Then::Leave)
    }

    fn look_at_key(
        &mut self,
        key: PlacedValue,
        key_type: fn() -> &'static str,
        then: Then,
    ) -> Placed {
        self.keep_up()?;
        self.whatever_is_locked(|engine| match engine.walk_from(key, then)? {
            Verdict::Finished if then == Then::Show => engine.fill_shown(),
            Verdict::Finished => Ok(()),
            Verdict::Unfinished => Err(engine.fail(ErrorKind::KeyInCycle, key_type())),
        })
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
