//! Weak edges: to a copy, or to one that is reserved and dangles if no strong edge comes.

use alloc::vec::Vec;

use super::Engine;
use super::memo::Probe;
use crate::raw::entry::{Entry, State};
use crate::raw::erased::Erased;
use crate::raw::hold::describe;
use crate::raw::pointee::Pointee;
use crate::raw::traits::Failed;

impl Engine<'_> {
    /// Follows a weak edge to a target that is alive. The copy has room for another weak handle.
    pub(crate) fn weak_edge(
        &mut self,
        key: *const (),
        source: Erased,
        pointee: &'static Pointee,
    ) -> Result<*mut u8, Failed> {
        self.edges += 1;
        #[cfg(feature = "rayon")]
        if self.is_member() {
            let found = self.edge_of_member(key, source, pointee, State::Reserved)?;
            return Ok(found.copy);
        }
        match self.memo.probe(key) {
            Probe::Found(id) => {
                if let Some(copy) = self.weak_target(id) {
                    return Ok(copy);
                }
                self.unless_failed()?;
                let layout = describe(source, pointee).layout;
                self.charge_object(layout.size(), pointee.type_name)?;
                let copy = (pointee.family.reserve)(layout);
                let entry = Entry::new(key, source.meta, pointee, copy, State::Reserved);
                self.memo.replace(id, entry);
                self.replaced.push(id);
                self.reservations.push(id);
                Ok(copy)
            }
            Probe::Vacant(_) if self.is_late => {
                self.keep_up()?;
                self.weak_edge(key, source, pointee)
            }
            Probe::Vacant(vacancy) => {
                self.unless_failed()?;
                let layout = describe(source, pointee).layout;
                self.charge_object(layout.size(), pointee.type_name)?;
                let copy = (pointee.family.reserve)(layout);
                let entry = Entry::new(key, source.meta, pointee, copy, State::Reserved);
                let id = self.memo.insert(&vacancy, entry);
                self.pin_new(id);
                self.reservations.push(id);
                Ok(copy)
            }
        }
    }

    /// Frees what only weak edges have asked for, so that they dangle. `settled` is what becomes of the entry.
    pub(crate) fn settle_reservations(&mut self, from: usize, settled: State) {
        let reserved: Vec<u32> = self.reservations.drain(from..).collect();
        for id in reserved {
            self.settle(id, settled);
        }
    }

    pub(super) fn settle(&mut self, id: u32, settled: State) {
        let entry = self.memo.entry(id);
        if entry.state() == State::Reserved {
            let size = entry.layout().size();
            if settled == State::Settled {
                let by_key = self.hands.is_empty();
                self.keys_dangled |= by_key;
                entry.pin_copy();
                self.settled.push(id);
            }
            entry.let_go_of_copy();
            if self.has_failed() {
                // P5.
                entry.let_go_of_copy();
            }
            self.refund_object(size);
            self.memo.set_state(id, settled);
            if settled == State::Absent {
                self.memo.set_copy(id, core::ptr::null_mut());
            }
        }
    }

    /// The copy of a target that was met before, by its address alone; only for targets whose tag is 0.
    #[inline]
    pub(crate) fn known_weak_target(&mut self, source: *const ()) -> Option<*mut u8> {
        self.edges += 1;
        match self.memo.probe(source) {
            Probe::Found(id) => self.weak_target(id),
            Probe::Vacant(_) => None,
        }
    }

    /// The copy that a weak edge may lead to, if the entry has one that is not gone.
    pub(super) fn weak_target(&mut self, id: u32) -> Option<*mut u8> {
        let entry = self.memo.entry(id);
        match entry.state() {
            State::Absent => None,
            State::Shown => {
                if entry.revive_copy() {
                    // It may be the last one by now: then the copy's `Drop` runs.
                    let released = self.user(|| entry.release_copy());
                    return released.ok().map(|()| entry.copy_address());
                }
                self.bury_copy(id, &entry);
                None
            }
            _ => Some(entry.copy_address()),
        }
    }
}
