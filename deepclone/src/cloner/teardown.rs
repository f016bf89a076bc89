//! The end of an operation, good or bad.
//!
//! From the moment of a failure on, the engine owns one strong count on every copy that it knows. Then values can be taken apart in any
//! order: a handle that is disposed of is never the last, unless the engine doesn't know its target, which then belongs to that handle
//! alone. When the frames have left, each whole pointee is disposed of once, and the counts are given back.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::afloat::Afloat;
use super::memo::Memo;
use super::rare::Rare;
use super::{Engine, Failure};
use crate::raw::entry::State;
use crate::raw::exchange::undo;
use crate::raw::filled::Built;
use crate::raw::sweep::{Purpose, Sweep};
use crate::raw::waiting::Waiting;

impl Engine<'_> {
    /// Takes one count on every copy. Called once, by the failure.
    pub(super) fn freeze(&mut self) {
        self.key_owners();
        self.hold_all();
        let rare: &mut Rare = self;
        let afloat = rare.afloat.iter_mut().flat_map(Afloat::maps);
        let waiting = rare.waiting.iter_mut().flatten();
        for map in waiting.chain(&mut rare.gathered).chain(afloat) {
            map.let_go_of_owner();
        }
        for map in &mut self.built {
            map.let_go();
        }
    }

    /// See [`freeze`](Self::freeze).
    #[inline(never)]
    fn hold_all(&mut self) {
        for id in self.concerned() {
            let entry = self.memo.entry(id);
            match entry.state() {
                State::Reserved
                | State::Started
                | State::Queued
                | State::Filling
                | State::Placed
                | State::Walking => entry.hold_copy(),
                State::Shown => {
                    if entry.revive_copy() {
                        self.revived.push(id);
                    }
                }
                State::Kept => {
                    if entry.hold_kept() {
                        self.revived.push(id);
                    }
                }
                State::Absent | State::ByHand | State::Settled => {}
            }
        }
    }

    /// What was entered until now is an earlier call's.
    pub(crate) fn begin_call(&mut self) -> u32 {
        debug_assert!(self.earlier.is_empty() && self.replaced.is_empty());
        debug_assert!(self.hands.is_empty() && self.locks == 0 && self.walks == 0);
        self.place = super::Place::ROOT;
        self.base = self.memo.len();
        self.base
    }

    /// The entries of this call, and those of earlier ones to which edges of it have led.
    fn concerned(&self) -> impl Iterator<Item = u32> + use<> {
        let mut earlier: Vec<u32> = self.earlier.iter().chain(&self.replaced).copied().collect();
        earlier.retain(|id| *id < self.base);
        earlier.sort_unstable();
        earlier.dedup();
        earlier.into_iter().chain(self.base..self.memo.len())
    }

    /// Takes apart a value or a pointee.
    #[cold]
    pub(crate) fn dispose(&mut self, mut sweep_it: impl FnMut(&mut Sweep<'_, '_>)) {
        self.dispose_by(&mut sweep_it);
    }

    /// Takes apart what has to be given away for it.
    pub(crate) fn dispose_of<V>(&mut self, value: V, sweep_it: fn(V, &mut Sweep<'_, '_>)) {
        let mut value = Some(value);
        self.dispose(|sweep| {
            if let Some(value) = value.take() {
                sweep_it(value, sweep);
            }
        });
    }

    #[inline(never)]
    fn dispose_by(&mut self, sweep_it: &mut dyn FnMut(&mut Sweep<'_, '_>)) {
        let mut sweep = Sweep::new(Purpose::Dispose, self);
        sweep_it(&mut sweep);
    }

    /// Ends a failed operation: nothing of what was made since entry `from` is left. No frame of it may be on the stack.
    pub(crate) fn tear_down(&mut self, from: u32) -> Box<Failure> {
        debug_assert_eq!(from, self.base);
        // Their keys may be what keeps a cycle closed that nobody was given. No user code runs until all are taken out.
        let mut filled = core::mem::take(&mut self.filled);
        undo(&mut filled, self);
        let waiting = self.waiting.iter().flatten().filter_map(Waiting::way);
        let built = self.built.iter().map(|built| &*built.way);
        for way in waiting
            .chain(built)
            .chain(filled.iter().map(|filled| &*filled.way))
        {
            way.retire();
        }
        for map in filled {
            map.keep(self);
        }
        while let Some(built) = self.built.pop() {
            self.dispose_of(built, Built::dispose);
        }
        let gathered = core::mem::take(&mut self.gathered);
        let afloat = core::mem::take(&mut self.afloat);
        let afloat = afloat.into_iter().flat_map(Afloat::into_maps);
        let waiting = core::mem::take(&mut self.waiting);
        self.waiting_in.clear();
        for map in waiting.into_iter().flatten().chain(gathered).chain(afloat) {
            self.dispose_of(map, Waiting::dispose);
        }
        let end = self.memo.len();
        for id in self.concerned() {
            let entry = self.memo.entry(id);
            if matches!(entry.state(), State::Placed | State::Walking) {
                self.dispose(|sweep| entry.sweep(sweep));
            }
        }
        for id in self.concerned() {
            let entry = self.memo.entry(id);
            match entry.state() {
                State::Started | State::Reserved => {
                    entry.let_go_of_copy();
                    entry.let_go_of_copy();
                }
                State::Queued | State::Filling | State::Placed | State::Walking => {
                    entry.let_go_of_copy();
                }
                _ => continue,
            }
            self.memo.set_state(id, State::Absent);
            self.memo.set_copy(id, core::ptr::null_mut());
            if matches!(entry.state(), State::Queued | State::Filling) {
                self.release_queued(id);
            }
        }
        self.open_graves();
        let revived = core::mem::take(&mut self.revived);
        for id in revived {
            let entry = self.memo.entry(id);
            let ended = match entry.state() {
                State::Kept => self.user(|| entry.release_source()),
                _ => self.user(|| entry.release_copy()),
            };
            ended.ok();
        }
        self.open_graves();
        self.queue.clear();
        self.floor = 0;
        self.is_late = false;
        self.boxes.clear();
        self.filling.clear();
        self.open = None;
        self.forget_depths(0);
        self.reservations.clear();
        self.forget_settled();
        // Of a session, what earlier calls have copied stays known.
        for id in from..end {
            self.forget(id);
        }
        let replaced = core::mem::take(&mut self.replaced);
        for id in replaced {
            if id < from && self.memo.state(id) == State::Shown {
                let entry = self.memo.entry(id);
                entry.unpin_copy();
                self.memo.set_state(id, State::Absent);
                self.memo.set_copy(id, core::ptr::null_mut());
            }
        }
        self.memo.truncate(from);
        self.earlier = Vec::new();
        match self.failure.take() {
            Some(failure) => failure,
            None => unreachable!("only a failure is torn down"),
        }
    }

    /// Gives back the pins of an entry.
    fn forget(&mut self, id: u32) {
        let entry = self.memo.entry(id);
        if matches!(entry.state(), State::Shown | State::Settled) {
            entry.unpin_copy();
        }
        if self.is_exposed(id) {
            entry.unpin_source();
        }
    }

    /// Ends a root call that went well: nothing waits any more.
    pub(crate) fn settle_root(&mut self) {
        self.settle_reservations(0, State::Absent);
        self.forget_settled();
        self.open_graves();
    }

    /// Nobody has to know any more that weak handles to a copy dangle.
    fn forget_settled(&mut self) {
        let settled = core::mem::take(&mut self.settled);
        for id in settled {
            let entry = self.memo.entry(id);
            if entry.state() == State::Settled {
                entry.unpin_copy();
                self.memo.set_state(id, State::Absent);
                self.memo.set_copy(id, core::ptr::null_mut());
            }
        }
    }

    /// Forgets everything, at the end of a plain call or of a session.
    pub(crate) fn close(&mut self) {
        if self.exposure != super::Exposure::Nobody || self.doubts_unique {
            for id in 0..self.memo.len() {
                self.forget(id);
            }
        }
        self.memo = Memo::new();
    }

    /// Makes all copies known to later roots: user code has them now.
    pub(crate) fn show_all(&mut self, from: u32) {
        self.expose(super::Exposure::User);
        self.earlier = Vec::new();
        for id in from..self.memo.len() {
            if self.memo.state(id) == State::Placed {
                self.memo.set_state(id, State::Shown);
                self.memo.entry(id).pin_copy();
            }
        }
        let replaced = core::mem::take(&mut self.replaced);
        for id in replaced {
            if self.memo.state(id) == State::Placed {
                self.memo.set_state(id, State::Shown);
                self.memo.entry(id).pin_copy();
            }
        }
    }
}
