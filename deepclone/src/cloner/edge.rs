//! What a strong edge of the source finds: nothing yet, a reservation, a copy.

use super::memo::Probe;
use super::{Engine, Exposure, Place};
use crate::error::{ErrorKind, Told};
use crate::raw::entry::{Entry, State};
use crate::raw::erased::Erased;
use crate::raw::hand::ByHand;
use crate::raw::hold::describe;
use crate::raw::pointee::{Description, Pointee};
use crate::raw::traits::{Failed, Placed};
use crate::raw::unwind::CAN_LEAVE;
use crate::raw::waiting::{NO_ENTRY, Owner};

/// The copy that an edge leads to.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) copy: *mut u8,
    /// One strong count is already ours; otherwise the edge still has to add it.
    pub(crate) counted: bool,
}

impl Engine<'_> {
    /// Counts an edge that found a copy.
    #[inline(always)]
    pub(crate) fn count_hit(&mut self, unfinished: bool) {
        self.edges += 1;
        if self.accounts {
            self.stats.shared_edges += 1;
            self.stats.cycles += u64::from(unfinished);
        }
    }

    /// Follows a strong edge that `hit` has not answered. `unique` says that it is the only edge of any kind to its target.
    #[inline(never)]
    pub(crate) fn strong_edge(
        &mut self,
        key: *const (),
        source: Erased,
        pointee: &'static Pointee,
        unique: bool,
    ) -> Result<Found, Failed> {
        self.edges += 1;
        if unique && !self.doubts_unique {
            return self.unique_edge(key, source, pointee);
        }
        #[cfg(feature = "rayon")]
        if self.is_member() {
            return self.edge_of_member(key, source, pointee, State::Queued);
        }
        match self.memo.probe(key) {
            Probe::Found(id) => self.rare_hit(id, source, pointee),
            Probe::Vacant(vacancy) => {
                let description = describe(source, pointee);
                let (copy, by_hand) = self.reserve(description, pointee)?;
                let entry = Entry::new(key, source.meta, pointee, copy, State::Started);
                let id = self.memo.insert(&vacancy, entry);
                self.pin_new(id);
                self.start(id, &entry, by_hand)
            }
        }
    }

    /// Memory for a copy, unless it is made by hand inside `new_cyclic`.
    #[inline]
    fn reserve(
        &mut self,
        description: Description,
        pointee: &'static Pointee,
    ) -> Result<(*mut u8, Option<ByHand>), Failed> {
        self.unless_failed()?;
        self.charge_object(description.layout.size(), pointee.type_name)?;
        // Under a lock a handle has to go out now, so the copy can't be made inside the call that makes the allocation.
        // And where that call can't be left, a failure would let other threads upgrade weak handles to what was never made.
        let can_leave = CAN_LEAVE || !pointee.family.across_threads;
        let by_hand = description.by_hand.filter(|_| self.locks == 0 && can_leave);
        let copy = match by_hand {
            Some(_) => core::ptr::null_mut(),
            None => (pointee.family.reserve)(description.layout),
        };
        Ok((copy, by_hand))
    }

    /// Pins the source of an entry that was just made. From then on it stays pinned until the entry is forgotten.
    #[inline(always)]
    pub(super) fn pin_new(&mut self, id: u32) {
        if self.is_exposed(id) {
            self.memo.entry(id).pin_source();
        }
    }

    /// An edge that nobody else shares, but that has to be put off.
    fn unique_edge(
        &mut self,
        key: *const (),
        source: Erased,
        pointee: &'static Pointee,
    ) -> Result<Found, Failed> {
        self.unless_failed()?;
        let copy = (pointee.family.reserve)(describe(source, pointee).layout);
        let entry = Entry::new(key, source.meta, pointee, copy, State::Started);
        let id = self.memo.insert_unkeyed(entry);
        self.pin_new(id);
        self.start(id, &entry, None)
    }

    /// Begins an entry for the only strong edge to a source that has weak ones too. As long as those are found from inside, nobody has to look it up.
    #[inline]
    pub(crate) fn begin_sole(&mut self, entry: Entry) -> u32 {
        self.edges += 1;
        self.unkeyed += 1;
        self.hold_if_failed(&entry);
        self.memo.insert_unkeyed(entry)
    }

    /// P5 for an entry that is made after the failure.
    #[inline(always)]
    fn hold_if_failed(&self, entry: &Entry) {
        if self.has_failed() {
            entry.hold_copy();
        }
    }

    /// Ends what `begin_sole` began.
    #[inline]
    pub(crate) fn end_sole(&mut self, owner: &Owner, weak_count: usize) {
        self.memo.set_state(owner.id.get(), State::Placed);
        if owner.unkeyed.get() {
            self.unkeyed -= 1;
            if owner.weak_found.get() < weak_count {
                self.memo.key(owner.id.get());
            }
        }
    }

    /// Gives an entry to an allocation that is being filled and has none: something in it has to be found by its address.
    /// Whatever leads there leads to something that the engine knows from then on, so that counts as an edge.
    pub(crate) fn give_entry(&mut self, owner: &Owner) {
        if owner.id.get() == NO_ENTRY {
            let copy = owner.copy.data.cast_mut().cast();
            let entry = Entry::new(
                owner.key,
                owner.copy.meta,
                owner.pointee,
                copy,
                State::Started,
            );
            self.edges += 1;
            self.hold_if_failed(&entry);
            let id = self.memo.insert_unkeyed(entry);
            self.pin_new(id);
            owner.id.set(id);
        }
    }

    /// Fills a fresh entry now or queues it. The entry's own count goes to the edge.
    #[inline]
    fn start(&mut self, id: u32, entry: &Entry, by_hand: Option<ByHand>) -> Result<Found, Failed> {
        if let Some(hand) = by_hand {
            return self.start_by_hand(id, &hand);
        }
        self.fill_or_put_off(id, entry)?;
        Ok(Found {
            copy: entry.copy_address(),
            counted: true,
        })
    }

    #[inline]
    fn fill_or_put_off(&mut self, id: u32, entry: &Entry) -> Placed {
        if self.puts_off_many(entry.pointee()) {
            self.overtakes();
        } else if self.locks == 0 {
            if !self.stack.is_deep() {
                return self.fill(id, entry);
            }
            self.falls_behind();
        }
        self.enqueue(id);
        Ok(())
    }

    /// Copies a pointee that is written by hand, inside `new_cyclic`.
    fn start_by_hand(&mut self, id: u32, hand: &ByHand) -> Result<Found, Failed> {
        // There is no copy yet that a failure could hold.
        self.memo.set_state(id, State::Absent);
        self.before_user()?;
        debug_assert!(!self.is_late, "the edge that leads here has kept up");
        self.expose(Exposure::User);
        let entry = self.memo.put_into(id, State::ByHand);
        let across_threads = entry.pointee().family.across_threads;
        let place = core::mem::replace(&mut self.place, Place::ASIDE);
        let made = hand.in_new_cyclic(across_threads, entry.source(), self, id);
        self.place = place;
        match made {
            Ok(copy) => {
                debug_assert_eq!(self.memo.entry(id).copy_address(), copy);
                self.memo.set_state(id, State::Shown);
                self.memo.entry(id).pin_copy();
                Ok(Found {
                    copy,
                    counted: true,
                })
            }
            Err(failed) => {
                self.memo.set_state(id, State::Absent);
                self.memo.set_copy(id, core::ptr::null_mut());
                Err(failed)
            }
        }
    }

    /// `new_cyclic` has allocated: weak edges may lead there.
    pub(crate) fn entered_by_hand(&mut self, id: u32, copy: *mut u8) {
        self.memo.set_copy(id, copy);
    }

    /// A strong edge to a source that was seen before, and has no copy to which it only has to be added.
    #[cold]
    fn rare_hit(
        &mut self,
        id: u32,
        source: Erased,
        pointee: &'static Pointee,
    ) -> Result<Found, Failed> {
        self.unless_failed()?;
        let entry = self.memo.entry(id);
        match entry.state() {
            State::Shown => {
                if entry.revive_copy() {
                    self.met_again(id);
                    self.stats.shared_edges += 1;
                    return Ok(Found {
                        copy: entry.copy_address(),
                        counted: true,
                    });
                }
                self.bury_copy(id, &entry);
                self.again(id, source, pointee)
            }
            State::Absent => self.again(id, source, pointee),
            State::Reserved => {
                self.memo.set_state(id, State::Started);
                self.fill_or_put_off(id, &entry)?;
                Ok(Found {
                    copy: entry.copy_address(),
                    counted: true,
                })
            }
            State::Kept => {
                self.met_again(id);
                self.stats.shared_edges += 1;
                Ok(Found {
                    copy: entry.copy_address(),
                    counted: false,
                })
            }
            State::Settled if self.hands.is_empty() && self.keys_dangled => {
                // A key was hashed while it dangled.
                let type_name = (pointee.type_name)();
                Err(self.fail_told(ErrorKind::KeyInCycle, type_name, Told::KEY_DANGLED))
            }
            State::Settled | State::ByHand => Err(self.fail_incomplete((pointee.type_name)())),
            State::Placed | State::Walking | State::Started | State::Queued | State::Filling => {
                unreachable!("answered by `hit`")
            }
        }
    }

    /// An edge leads to what may be an earlier call's.
    fn met_again(&mut self, id: u32) {
        if id < self.base && self.earlier.last() != Some(&id) {
            self.earlier.push(id);
        }
    }

    /// Forgets a copy that was shown and is gone.
    pub(super) fn bury_copy(&mut self, id: u32, entry: &Entry) {
        entry.unpin_copy();
        self.memo.set_state(id, State::Absent);
        self.memo.set_copy(id, core::ptr::null_mut());
    }

    /// Copies a source again whose first copy is gone.
    fn again(
        &mut self,
        id: u32,
        source: Erased,
        pointee: &'static Pointee,
    ) -> Result<Found, Failed> {
        let description = describe(source, pointee);
        let (copy, by_hand) = self.reserve(description, pointee)?;
        let key = self.memo.entry(id).key();
        let entry = Entry::new(key, source.meta, pointee, copy, State::Started);
        self.memo.replace(id, entry);
        self.replaced.push(id);
        self.start(id, &entry, by_hand)
    }

    /// The entry of a source.
    pub(crate) fn entry_of_source(&mut self, key: *const ()) -> Option<Entry> {
        match self.memo.probe(key) {
            Probe::Found(id) => Some(self.memo.entry(id)),
            Probe::Vacant(_) => None,
        }
    }
}
