//! What an edge of the source finds: nothing yet, a reservation, a copy.

use alloc::vec::Vec;

use super::memo::Probe;
use super::{Engine, Exposure, Place};
use crate::error::ErrorKind;
use crate::raw::entry::{Entry, State};
use crate::raw::erased::Erased;
use crate::raw::hand::ByHand;
use crate::raw::pointee::{Description, Pointee};
use crate::raw::traits::Failed;

/// The copy that an edge leads to.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) copy: *mut u8,
    /// One strong count is already ours; otherwise the edge still has to add it.
    pub(crate) counted: bool,
}

/// Tells pointees at one address apart, which have layouts of their own: all empty `Arc<str>`, `Arc<[T]>` and `Arc<CStr>` made by `Default`
/// lie in one static. A pointee of more than one byte is alone at its address, and has the tag 0.
#[inline(always)]
pub(crate) fn tag_of(size: usize, align: usize) -> u8 {
    const WORD: usize = align_of::<usize>();
    match (size, align) {
        (0, 0..=WORD) => 1,
        (0, _) if align == 2 * WORD => 2,
        (1, _) => 3,
        _ => 0,
    }
}

impl Engine<'_> {
    /// Follows a strong edge. `unique` says that it is the only edge of any kind to its target.
    #[inline]
    pub(crate) fn strong_edge(
        &mut self,
        source: Erased,
        tag: u8,
        pointee: &'static Pointee,
        unique: bool,
    ) -> Result<Found, Failed> {
        self.edges += 1;
        if unique && self.trusts_unique {
            return self.unique_edge(source, tag, pointee);
        }
        match self.memo.probe(source.data, tag) {
            Probe::Found(id) => self.hit(id, source, pointee),
            Probe::Vacant(vacancy) => {
                let description = self.describe(source, pointee);
                let size = description.layout.size();
                self.charge_object(size, pointee.type_name)?;
                let by_hand = description.by_hand.filter(|_| self.locks == 0);
                let copy = match by_hand {
                    Some(_) => core::ptr::null_mut(),
                    None => (pointee.family.reserve)(description.layout),
                };
                let entry = Entry::new(source, tag, pointee, copy, State::Started);
                let id = self.memo.insert(&vacancy, entry);
                self.pin_new(id);
                self.start(id, by_hand)
            }
        }
    }

    /// Pins the source of an entry that was just made. From then on it stays pinned until the entry is forgotten.
    #[inline]
    fn pin_new(&mut self, id: u32) {
        if self.is_exposed(id) {
            self.memo.entry(id).pin_source();
        }
    }

    fn describe(&self, source: Erased, pointee: &'static Pointee) -> Description {
        crate::raw::hold::describe(source, pointee)
    }

    /// An edge that nobody else shares, but that has to be put off.
    fn unique_edge(
        &mut self,
        source: Erased,
        tag: u8,
        pointee: &'static Pointee,
    ) -> Result<Found, Failed> {
        let description = self.describe(source, pointee);
        let copy = (pointee.family.reserve)(description.layout);
        let entry = Entry::new(source, tag, pointee, copy, State::Started);
        let id = self.memo.insert_unkeyed(entry);
        self.pin_new(id);
        self.start(id, None)
    }

    /// Fills a fresh entry now or queues it. The entry's own count goes to the edge.
    fn start(&mut self, id: u32, by_hand: Option<ByHand>) -> Result<Found, Failed> {
        if let Some(hand) = by_hand {
            return self.start_by_hand(id, &hand);
        }
        if self.locks > 0 || self.stack.is_deep() {
            self.enqueue(id);
        } else {
            self.fill(id, State::Started)?;
        }
        Ok(Found {
            copy: self.memo.entry(id).copy_address(),
            counted: true,
        })
    }

    /// Copies a pointee that is written by hand, inside `new_cyclic`.
    fn start_by_hand(&mut self, id: u32, hand: &ByHand) -> Result<Found, Failed> {
        self.expose(Exposure::User);
        self.memo.entry_mut(id).set_state(State::ByHand);
        let source = self.memo.entry(id).source();
        let across_threads = self.memo.entry(id).pointee().family.across_threads;
        let place = core::mem::replace(&mut self.place, Place::ASIDE);
        let made = hand.in_new_cyclic(across_threads, source, self, id);
        self.place = place;
        match made {
            Ok(copy) => {
                let entry = self.memo.entry_mut(id);
                debug_assert_eq!(entry.copy_address(), copy);
                entry.set_state(State::Shown);
                entry.pin_copy();
                Ok(Found {
                    copy,
                    counted: true,
                })
            }
            Err(failed) => {
                self.memo.entry_mut(id).set_state(State::Absent);
                self.memo.entry_mut(id).set_copy(core::ptr::null_mut());
                Err(failed)
            }
        }
    }

    /// `new_cyclic` has allocated: weak edges may lead there.
    pub(crate) fn entered_by_hand(&mut self, id: u32, copy: *mut u8) {
        self.memo.entry_mut(id).set_copy(copy);
        self.memo.index_copy(id);
    }

    /// A strong edge to a source that was seen before.
    #[inline]
    fn hit(&mut self, id: u32, source: Erased, pointee: &'static Pointee) -> Result<Found, Failed> {
        let entry = self.memo.entry(id);
        let state = entry.state();
        let copy = entry.copy_address();
        match state {
            State::Placed | State::Walking => {
                self.stats.shared_edges += 1;
                Ok(Found {
                    copy,
                    counted: false,
                })
            }
            State::Started | State::Queued | State::Filling => {
                self.stats.shared_edges += 1;
                self.stats.cycles += 1;
                Ok(Found {
                    copy,
                    counted: false,
                })
            }
            _ => self.rare_hit(id, source, pointee),
        }
    }

    #[cold]
    fn rare_hit(
        &mut self,
        id: u32,
        source: Erased,
        pointee: &'static Pointee,
    ) -> Result<Found, Failed> {
        let entry = *self.memo.entry(id);
        match entry.state() {
            State::Shown => {
                if entry.revive_copy() {
                    self.stats.shared_edges += 1;
                    return Ok(Found {
                        copy: entry.copy_address(),
                        counted: true,
                    });
                }
                entry.unpin_copy();
                self.again(id, source, pointee)
            }
            State::Absent => self.again(id, source, pointee),
            State::Reserved => {
                self.memo.entry_mut(id).set_state(State::Started);
                if self.locks > 0 || self.stack.is_deep() {
                    self.enqueue(id);
                } else {
                    self.fill(id, State::Started)?;
                }
                Ok(Found {
                    copy: entry.copy_address(),
                    counted: true,
                })
            }
            State::Kept => {
                self.stats.shared_edges += 1;
                Ok(Found {
                    copy: entry.copy_address(),
                    counted: false,
                })
            }
            State::Settled if self.hands.is_empty() => {
                // A key was hashed while it dangled.
                Err(self.fail(ErrorKind::KeyInCycle, (pointee.type_name)()))
            }
            State::Settled | State::ByHand => Err(self.fail_incomplete((pointee.type_name)())),
            State::Placed | State::Walking | State::Started | State::Queued | State::Filling => {
                unreachable!("handled by `hit`")
            }
        }
    }

    /// Copies a source again whose first copy is gone.
    fn again(
        &mut self,
        id: u32,
        source: Erased,
        pointee: &'static Pointee,
    ) -> Result<Found, Failed> {
        let description = self.describe(source, pointee);
        self.charge_object(description.layout.size(), pointee.type_name)?;
        let by_hand = description.by_hand.filter(|_| self.locks == 0);
        let copy = match by_hand {
            Some(_) => core::ptr::null_mut(),
            None => (pointee.family.reserve)(description.layout),
        };
        let tag = self.memo.entry(id).tag();
        *self.memo.entry_mut(id) = Entry::new(source, tag, pointee, copy, State::Started);
        self.memo.index_copy(id);
        self.replaced.push(id);
        self.start(id, by_hand)
    }

    /// Follows a weak edge to a target that is alive. The copy has room for another weak handle.
    #[inline]
    pub(crate) fn weak_edge(
        &mut self,
        source: Erased,
        tag: u8,
        pointee: &'static Pointee,
    ) -> Result<*mut u8, Failed> {
        self.edges += 1;
        match self.memo.probe(source.data, tag) {
            Probe::Found(id) => {
                let entry = self.memo.entry(id);
                if entry.state() != State::Absent {
                    return Ok(entry.copy_address());
                }
                let layout = self.describe(source, pointee).layout;
                self.charge_object(layout.size(), pointee.type_name)?;
                let copy = (pointee.family.reserve)(layout);
                *self.memo.entry_mut(id) = Entry::new(source, tag, pointee, copy, State::Reserved);
                self.memo.index_copy(id);
                self.replaced.push(id);
                self.reservations.push(id);
                Ok(copy)
            }
            Probe::Vacant(vacancy) => {
                let layout = self.describe(source, pointee).layout;
                self.charge_object(layout.size(), pointee.type_name)?;
                let copy = (pointee.family.reserve)(layout);
                let entry = Entry::new(source, tag, pointee, copy, State::Reserved);
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
        let entry = *self.memo.entry(id);
        if entry.state() == State::Reserved {
            let size = entry.layout().size();
            if settled == State::Settled {
                entry.pin_copy();
                self.settled.push(id);
            }
            entry.let_go_of_copy();
            self.refund_object(size);
            self.memo.entry_mut(id).set_state(settled);
            if settled == State::Absent {
                self.memo.entry_mut(id).set_copy(core::ptr::null_mut());
            }
        }
    }

    /// Leaves an allocation shared with the source.
    ///
    /// # Errors
    ///
    /// `Incomplete` while a copy of it lives.
    pub(crate) fn keep(
        &mut self,
        source: Erased,
        tag: u8,
        pointee: &'static Pointee,
    ) -> Result<(), Failed> {
        self.expose(Exposure::User);
        match self.memo.probe(source.data, tag) {
            Probe::Found(id) => {
                let entry = *self.memo.entry(id);
                match entry.state() {
                    State::Kept => return Ok(()),
                    State::Shown => {
                        if entry.revive_copy() {
                            entry.release_copy();
                            return Err(self.fail(ErrorKind::Incomplete, (pointee.type_name)()));
                        }
                        entry.unpin_copy();
                    }
                    _ => {}
                }
                *self.memo.entry_mut(id) = Entry::new(
                    source,
                    tag,
                    pointee,
                    source.data.cast_mut().cast(),
                    State::Kept,
                );
                self.memo.index_copy(id);
            }
            Probe::Vacant(vacancy) => {
                let entry = Entry::new(
                    source,
                    tag,
                    pointee,
                    source.data.cast_mut().cast(),
                    State::Kept,
                );
                let id = self.memo.insert(&vacancy, entry);
                self.pin_new(id);
            }
        }
        Ok(())
    }

    /// Leaves an allocation shared that no edge has met yet.
    #[cold]
    pub(crate) fn share(&mut self, source: Erased, tag: u8, pointee: &'static Pointee) {
        if let Probe::Vacant(_) = self.memo.probe(source.data, tag) {
            // It is not known, so it can't have been copied.
            self.keep(source, tag, pointee).ok();
        }
    }

    /// The copy of a target that was met before, by its address alone; only for targets whose tag is 0.
    #[inline]
    pub(crate) fn known_weak_target(&mut self, source: *const ()) -> Option<*mut u8> {
        match self.memo.probe(source, 0) {
            Probe::Found(id) => {
                let entry = self.memo.entry(id);
                (entry.state() != State::Absent).then(|| entry.copy_address())
            }
            Probe::Vacant(_) => None,
        }
    }

    /// The entry of a source whose copy is finished and known.
    pub(crate) fn entry_of_source(&mut self, source: *const (), tag: u8) -> Option<Entry> {
        match self.memo.probe(source, tag) {
            Probe::Found(id) => Some(*self.memo.entry(id)),
            Probe::Vacant(_) => None,
        }
    }
}
