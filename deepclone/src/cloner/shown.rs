//! What user code is handed: keys, and values of code written by hand, together with the maps that wait in what they lead to.
//!
//! Those are filled before it is handed over. And before any of them is, all of it is walked: as long as something may be wrong, user code has none of it, and nothing of it is user
//! code's to cut.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::finish::{Then, Walk};
use super::{Engine, Verdict};
use crate::error::ErrorKind;
use crate::raw::entry::State;
use crate::raw::hold::PlacedValue;
use crate::raw::traits::{Failed, Placed};
use crate::raw::waiting::Waiting;

impl Engine<'_> {
    /// Whether user code has a copy.
    pub(crate) fn is_shown(&self, id: u32) -> bool {
        self.memo.state(id) == State::Shown
    }

    /// Fills the maps in what a value leads to, and finishes it.
    pub(crate) fn show(&mut self, value: PlacedValue) -> Result<Verdict, Failed> {
        if !self.waiting_in.is_empty() {
            match self.maps_below(value)? {
                Some(maps) if maps.is_empty() => {}
                Some(maps) => self.fill_together(maps)?,
                None => return Ok(Verdict::Unfinished),
            }
        }
        self.finish(value)
    }

    /// The maps that wait in what a value leads to; or nothing, if something there is not finished.
    fn maps_below(&mut self, value: PlacedValue) -> Result<Option<Vec<usize>>, Failed> {
        let mut walk = self.begin_walk()?;
        let mut maps = Vec::new();
        let walked = self
            .walk(value, &mut walk)
            .and_then(|()| self.walk_below(&mut maps, &mut walk));
        let verdict = self.end_walk(walk, walked.map(|_| ()), Then::Leave)?;
        Ok((verdict == Verdict::Finished).then_some(maps))
    }

    /// Makes sure that the keys of these maps are finished, and so is all that is shown together with them. Nothing is shown. Answers with the maps that wait there as well, in the order
    /// in which they were gathered: those in the pairs of a map stand before that.
    pub(super) fn check_maps(&mut self, mut maps: Vec<usize>) -> Result<Vec<usize>, Failed> {
        let mut walk = self.begin_walk()?;
        let walked = self.walk_maps(&mut maps, &mut walk);
        self.end_walk(walk, walked.map(|_| ()), Then::Leave)?;
        match walked {
            Ok(Some(index)) => {
                let key_type = self.waiting[index].as_ref().map_or("", Waiting::key_type);
                Err(self.fail_key(key_type))
            }
            _ => {
                maps.sort_unstable();
                Ok(maps)
            }
        }
    }

    /// Walks the keys of maps, and what `walk_below` does. Ends at a map that leads to something unfinished, and tells which.
    fn walk_maps(
        &mut self,
        maps: &mut Vec<usize>,
        walk: &mut Walk,
    ) -> Result<Option<usize>, Failed> {
        for index in maps.clone() {
            let owner = self.waiting[index].as_ref().and_then(Waiting::owner_id);
            let is_open = owner.is_some_and(|id| self.is_shown(id));
            if self.walk_pairs(index, Waiting::key, walk)? == Verdict::Unfinished
                || is_open && self.walk_pairs(index, Waiting::value, walk)? == Verdict::Unfinished
            {
                return Ok(Some(index));
            }
        }
        self.walk_below(maps, walk)
    }

    /// Walks the keys and values of all maps that wait in what a walk has met, and of those in what these lead to, and so on, and adds them to `maps`.
    fn walk_below(
        &mut self,
        maps: &mut Vec<usize>,
        walk: &mut Walk,
    ) -> Result<Option<usize>, Failed> {
        let mut known: BTreeSet<usize> = maps.iter().copied().collect();
        let mut met = 0;
        while let Some(id) = walk.met(met) {
            met += 1;
            for index in self.maps_in(id) {
                let is_new = known.insert(index);
                if is_new {
                    maps.push(index);
                }
                if is_new && self.walk_pairs(index, Waiting::key, walk)? == Verdict::Unfinished
                    || self.walk_pairs(index, Waiting::value, walk)? == Verdict::Unfinished
                {
                    return Ok(Some(index));
                }
            }
        }
        Ok(None)
    }

    /// The maps that wait in the copy of an entry.
    fn maps_in(&mut self, id: u32) -> Vec<usize> {
        let Some(mut maps) = self.waiting_in.remove(&id) else {
            return Vec::new();
        };
        maps.retain(|index| {
            let map = self.waiting.get(*index).and_then(Option::as_ref);
            map.and_then(Waiting::owner_id) == Some(id)
        });
        if !maps.is_empty() {
            self.waiting_in.insert(id, maps.clone());
        }
        maps
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

    /// A key that was checked is about to be hashed or compared: user code gets it.
    pub(crate) fn hand_over(&mut self, key: PlacedValue, key_type: fn() -> &'static str) -> Placed {
        match self.finish(key)? {
            Verdict::Finished => Ok(()),
            Verdict::Unfinished => Err(self.fail_key(key_type())),
        }
    }

    /// The same for a key of which nothing is known yet.
    pub(crate) fn finish_key(
        &mut self,
        key: PlacedValue,
        key_type: fn() -> &'static str,
    ) -> Placed {
        self.keep_up()?;
        self.whatever_is_locked(|engine| match engine.show(key)? {
            Verdict::Finished => Ok(()),
            Verdict::Unfinished => Err(engine.fail(ErrorKind::KeyInCycle, key_type())),
        })
    }

    /// Makes sure that a key can be finished, at which nobody looks yet.
    pub(crate) fn check_key(&mut self, key: PlacedValue, key_type: fn() -> &'static str) -> Placed {
        self.keep_up()?;
        self.whatever_is_locked(|engine| match engine.maps_below(key)? {
            Some(_) => Ok(()),
            None => Err(engine.fail(ErrorKind::KeyInCycle, key_type())),
        })
    }

    /// Finishes keys now. Under code written by hand a lock may be held that is not released before: then none is taken for their sake.
    pub(super) fn whatever_is_locked(&mut self, work: impl FnOnce(&mut Self) -> Placed) -> Placed {
        let locks = core::mem::replace(&mut self.locks, 0);
        let barred = self.locks_barred;
        self.locks_barred |= locks > 0;
        let done = work(self);
        self.locks_barred = barred;
        self.locks = locks;
        done
    }

    /// Maps are to take their places in cells. Where user code can open those, it will see the values: walks them, and answers with the walk, for the time when they are there.
    pub(super) fn walk_built(&mut self, from: usize) -> Result<Option<Walk>, Failed> {
        let mut open = (from..self.built.len()).collect::<Vec<_>>();
        open.retain(|index| {
            let owner = self.built[*index].owner_id();
            owner.is_some_and(|id| self.is_shown(id))
        });
        if open.is_empty() {
            return Ok(None);
        }
        let mut walk = self.begin_walk()?;
        for index in open {
            let (pairs, key_type) = (self.built[index].pairs(), self.built[index].key_type());
            let walked = self.walk(pairs, &mut walk);
            if walked.is_ok() && walk.verdict() == Verdict::Finished {
                continue;
            }
            self.end_walk(walk, walked, Then::Leave)?;
            return Err(self.fail_key(key_type));
        }
        Ok(Some(walk))
    }
}
