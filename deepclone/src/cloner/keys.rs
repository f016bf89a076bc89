//! Maps whose keys can't be hashed or compared yet.
//!
//! A map under a cell or a lock is gathered first, as a list of pairs, and filled when the guard is gone, since keys are hashed and compared by
//! user code. Where a key leads back to the allocation of its own map, the filling waits until everything else is done; then it goes through
//! the cell, because by then user code may hold the cell, and every key is looked up again.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::Engine;
use super::finish::Then;
use crate::error::ErrorKind;
use crate::path::Segment;
use crate::raw::access::Access;
use crate::raw::exchange::{Swapped, fill_anew, look_up_all, sort_by_cell, swap_together};
use crate::raw::filled::Filled;
use crate::raw::sweep::{Purpose, Sweep};
use crate::raw::trail::Search;
use crate::raw::traits::{Failed, Placed};
use crate::raw::waiting::Waiting;

/// What is known of the keys of a map that are to be hashed or compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Keys {
    /// They lead nowhere, or user code has them, or nobody looks at them.
    Finished,
    /// What they lead to is whole, and no map waits there that is not filled together with this one.
    Checked,
    /// Nothing.
    LeadNow,
}

/// When a map that has waited is filled. Keys may read other maps, which have to be in place by then where they are not looked up again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Turn {
    /// No map rides in it, and so it can be filled once more.
    First,
    /// Some ride in it. Their keys are looked up again, but they stay as they are.
    WithRiders,
    /// Some do in locks, whose keys are not looked up again.
    WithLocked,
}

/// How often all maps are looked at, if keys read maps that read maps.
const PASSES: usize = 8;

impl Engine<'_> {
    /// A cell or a lock is closed again: fills the maps gathered under it, as far as their keys are finished, unless another one around it is
    /// still open.
    #[inline(always)]
    pub(crate) fn left_guard(&mut self, gathered: usize, copy: Access) -> Placed {
        if self.gathered.len() == gathered || self.place.guards() > 0 {
            return Ok(());
        }
        self.fill_gathered(gathered, copy)
    }

    #[cold]
    fn fill_gathered(&mut self, gathered: usize, copy: Access) -> Placed {
        self.keep_up()?;
        let maps = self.gathered.split_off(gathered);
        if self.place.floats() && !maps.iter().all(Waiting::nobody_looks) {
            self.floats(maps, gathered, copy);
            return Ok(());
        }
        self.fill_closed(maps, gathered, copy)
    }

    /// Fills the maps of a cell that lies where it stays, or lets them wait. They were gathered since there were `gathered`.
    pub(super) fn fill_closed(
        &mut self,
        maps: Vec<Waiting>,
        gathered: usize,
        copy: Access,
    ) -> Placed {
        let from = self.waiting.len();
        self.waiting.extend(maps.into_iter().map(|mut map| {
            map.left_cell(copy.cell.data);
            Some(map)
        }));
        self.unless_failed()?;
        let until = self.waiting.len();
        self.search(gathered, from, copy);
        for index in self.wait_for_inner(gathered, from) {
            self.lets_wait(index)?;
        }
        for index in from..until {
            match &self.waiting[index] {
                Some(map) if map.has_waited() => {}
                Some(map) if map.nobody_looks() => {
                    if let Some(map) = self.waiting[index].take() {
                        map.fill(self)?;
                    }
                }
                // Looking now whether the keys are finished would mean to look again and again: at the end each is looked at once.
                Some(map) if map.can_wait() => self.lets_wait(index)?,
                _ => self.fill_one(index)?,
            }
        }
        for index in from..until {
            let owner = self.waiting[index].as_ref().and_then(Waiting::owner_id);
            if let Some(id) = owner {
                self.waiting_in.entry(id).or_default().push(index);
            }
        }
        self.drop_filled(from);
        Ok(())
    }

    /// Looks for the maps since there were `from` in their cell, which was just placed, if one of them may have to wait there.
    fn search(&mut self, gathered: usize, from: usize, access: Access) {
        let maps = self.waiting[from..].iter().enumerate();
        let mut may_wait = false;
        let wanted = maps.filter_map(|(index, map)| {
            let map = map.as_ref()?;
            may_wait |= !map.nobody_looks();
            // Those in its pairs may have to wait, too.
            let has_inner = map.inner_from() - gathered < index;
            let at = map.wanted().filter(|_| has_inner || !map.nobody_looks())?;
            Some((at, from + index))
        });
        let wanted = wanted.collect();
        if !may_wait {
            return;
        }
        let mut sweep = Sweep::new(Purpose::Search, self);
        sweep.search = Search::of(wanted);
        access.sweep(&mut sweep);
        for (index, way, end) in sweep.search.end() {
            if let Some(map) = &mut self.waiting[index] {
                map.found(way, end);
            }
        }
    }

    /// Lets a map wait until all is done.
    fn lets_wait(&mut self, index: usize) -> Placed {
        let Some(mut map) = self.waiting[index].take() else {
            return Ok(());
        };
        let waits = map.waits(self);
        self.waiting[index] = Some(map);
        waits
    }

    /// Where a map with keys that lead somewhere lies in a pair of another one that can wait, both wait: the inner ones with the outer one, which this answers with. The maps since there
    /// were `from` are those that were gathered since there were `gathered`.
    fn wait_for_inner(&mut self, gathered: usize, from: usize) -> Vec<usize> {
        let mut wait = Vec::new();
        let maps = &mut self.waiting[from..];
        // How many have to ride, of those before each.
        let mut riders = Vec::with_capacity(maps.len());
        let mut count = 0_usize;
        for map in maps.iter().flatten() {
            riders.push(count);
            count += usize::from(map.has_to_ride());
        }
        if count == 0 {
            return wait;
        }
        // From the last on: a map comes behind those in its pairs, and what lies in one that waits reaches down to here.
        let mut waits_from = maps.len();
        let mut turn = Turn::First;
        for index in (0..maps.len()).rev() {
            let (before, map) = maps.split_at_mut(index);
            let Some(map) = &mut map[0] else {
                continue;
            };
            let inner = map.inner_from() - gathered;
            let holds_riders = riders[index] > riders[inner];
            if map.can_wait() {
                if holds_riders {
                    wait.push(from + index);
                    if inner < waits_from {
                        waits_from = inner;
                        turn = map.turn_with(&before[inner..]);
                    }
                    map.takes(turn);
                }
            } else if index >= waits_from && (holds_riders || map.has_to_ride()) {
                map.takes(turn);
                map.rides();
            }
        }
        wait
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
        let all = (from..self.waiting.len()).collect();
        let filled = self.fill_together(all);
        self.drop_filled(from);
        filled
    }

    /// Fills several maps, and those that their keys lead to. First it is made sure that user code may see the keys; but it is handed a key only when that is hashed or
    /// compared: until then the key, and what it leads to, stays the engine's to take apart.
    pub(super) fn fill_together(&mut self, maps: Vec<usize>) -> Placed {
        let maps = self.check_maps(maps)?;
        let filled = self.filled.len();
        for together in self.by_cell(&maps) {
            let built = self.built.len();
            for index in together {
                self.fill_checked(index)?;
            }
            self.put_in_place(built)?;
        }
        self.look_again(filled)
    }

    /// Groups maps that wait in the same cell and have the same turn: by turn, and then in the order of the first of each.
    fn by_cell(&self, maps: &[usize]) -> Vec<Vec<usize>> {
        let mut groups: Vec<(Turn, Vec<usize>)> = Vec::new();
        let mut known = BTreeMap::new();
        for index in maps {
            let map = self.waiting[*index].as_ref();
            let turn = map.map_or(Turn::First, Waiting::turn);
            let seat = map.and_then(Waiting::cell).map(|cell| (turn, cell));
            match seat.and_then(|seat| known.get(&seat)) {
                Some(group) => {
                    let group: &usize = group;
                    groups[*group].1.push(*index);
                }
                None => {
                    if let Some(seat) = seat {
                        known.insert(seat, groups.len());
                    }
                    groups.push((turn, Vec::from([*index])));
                }
            }
        }
        groups.sort_by_key(|(turn, _)| *turn);
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// Looks up every key of the maps filled since there were `from`. A key that is not found may have read another map before that was in place: so its map is
    /// filled once more, as long as that helps any. Others may have read that one: so in the end all are looked at again, a few times.
    fn look_again(&mut self, from: usize) -> Placed {
        let mut passes = 0;
        loop {
            let all: Vec<usize> = (from..self.filled.len()).collect();
            let astray = self.astray(&all)?;
            let Some((_, lost)) = astray.first() else {
                for index in from..self.filled.len() {
                    self.with_filled(index, Filled::bury_spare);
                }
                return Ok(());
            };
            if passes == PASSES {
                return Err(self.fail(ErrorKind::KeyInCycle, lost));
            }
            self.fill_astray(astray)?;
            passes += 1;
        }
    }

    /// Those of several maps with keys that are not found, each with the type of one.
    fn astray(&mut self, maps: &[usize]) -> Result<Vec<(usize, &'static str)>, Failed> {
        let lost = self.with_all_filled(|filled, engine| look_up_all(filled, maps, engine))?;
        let astray = maps.iter().zip(lost);
        Ok(astray
            .filter_map(|(map, lost)| lost.map(|lost| (*map, lost)))
            .collect())
    }

    /// Fills maps once more until all keys of theirs are found.
    fn fill_astray(&mut self, mut astray: Vec<(usize, &'static str)>) -> Placed {
        let mut tried = false;
        while let Some((_, lost)) = astray.first().copied() {
            let maps: Vec<usize> = astray.iter().map(|(map, _)| *map).collect();
            for index in &maps {
                self.with_all_filled(|filled, engine| fill_anew(filled, *index, engine))?;
            }
            astray = self.astray(&maps)?;
            if tried && astray.len() == maps.len() {
                return Err(self.fail(ErrorKind::KeyInCycle, lost));
            }
            tried = true;
        }
        Ok(())
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

    /// Fills a map that can't wait, and before it those that its keys lead to.
    fn fill_one(&mut self, index: usize) -> Placed {
        self.whatever_is_locked(|engine| {
            let mut maps = engine.check_maps(Vec::from([index]))?;
            maps.retain(|map| *map != index);
            if !maps.is_empty() {
                engine.fill_together(maps)?;
            }
            engine.fill_checked(index)
        })
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

    /// Puts the maps built since there were `from` into their cells. Values are shown when they are there.
    fn put_in_place(&mut self, from: usize) -> Placed {
        sort_by_cell(&mut self.built[from..]);
        let walk = self.walk_built(from)?;
        let built = self.built.split_off(from);
        let swapped = swap_together(built, self);
        if let Some(walk) = walk {
            let then = match swapped {
                Swapped::Nothing(_) => Then::Leave,
                Swapped::All | Swapped::Part(_) => Then::Show,
            };
            self.end_walk(walk, Ok(()), then)?;
        }
        match swapped {
            Swapped::All => Ok(()),
            Swapped::Part(failed) | Swapped::Nothing(failed) => Err(failed),
        }
    }

    /// What is left to do when all strong edges of a root have been followed.
    pub(crate) fn conclude(&mut self) -> Placed {
        if self.rare.is_none() {
            return Ok(());
        }
        self.settle_root();
        self.unless_failed()?;
        self.fill_waiting(0).map_err(|_| self.at(Segment::PutOff))?;
        self.waiting_in.clear();
        self.open_graves();
        self.unless_failed()?;
        self.keep_filled(0);
        self.unless_failed()
    }
}
