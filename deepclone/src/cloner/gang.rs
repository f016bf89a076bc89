//! One operation of several engines: what a member does, and how the calling engine takes over.
//!
//! A member copies elements of a collection on a thread of its own. Of an `Arc` that may have other edges it reserves the copy, in a table that all
//! members share, and hands the handle out. Who reserves it has the claim to fill it, and does so when the element is done, unless another thread has nothing else to do: so each
//! allocation has one copy, made once, whoever meets it, and nobody waits. Where code written by hand would have to see such a copy, or anything else that needs the
//! memo, the member leaves its work before that code runs, and the calling engine takes it up again, with what user code had made until then.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::Cell;

use super::edge::Found;
use super::memo::Probe;
use super::{Engine, Exposure, Failure, Order};
use crate::error::ErrorKind;
use crate::path::Segment;
use crate::raw::entry::{Entry, State};
use crate::raw::erased::Erased;
use crate::raw::gang::{Claim, Gang, Slot};
use crate::raw::hold::{Hold, describe};
use crate::raw::kept::Made;
use crate::raw::pointee::Pointee;
use crate::raw::sweep::Grave;
use crate::raw::traits::{Failed, Placed};
use crate::raw::waiting::{NO_ENTRY, Owner};

/// A row of so many elements in a shared allocation is copied by all threads, unless there is enough else to do.
const LONG: usize = 1 << 14;
/// So many shared allocations are enough to do.
const ENOUGH: usize = 16;
/// A row is not copied by several threads if that means to tell them of so many allocations and more for each element.
const KNOWN: u32 = 4;

/// What makes an engine a member.
pub(crate) struct Member<'op> {
    gang: &'op Gang,
    /// The element being copied.
    element: usize,
    /// It is a claim that is being filled.
    fills: bool,
    stopped: bool,
    /// It was stopped before a long row.
    long: bool,
    /// A lock was taken for the piece of work at hand.
    locked: bool,
    claims: Vec<Claim>,
    made: Made,
}

/// How a member's work ended that was not done.
pub(crate) enum Undone {
    /// The calling engine has to do it, and can use what was made. Unless user code has panicked when it was dropped.
    Left(Made, Option<Box<Failure>>),
    Failed(Box<Failure>),
}

impl<'op> Engine<'op> {
    /// A member of a gang.
    pub(crate) fn member(gang: &'op Gang, exposure: Exposure) -> Self {
        let mut engine = Self::plain();
        engine.exposure = exposure;
        engine.member = Some(Member {
            gang,
            element: 0,
            fills: false,
            stopped: false,
            long: false,
            locked: false,
            claims: Vec::new(),
            made: Made::default(),
        });
        engine
    }

    /// Begins an element, or what it leads to.
    pub(crate) fn begin_element(&mut self, element: usize) {
        if let Some(member) = &mut self.member {
            member.element = element;
        }
    }

    /// The claims that were got and not used yet.
    pub(crate) fn claims(&mut self) -> &mut Vec<Claim> {
        match &mut self.member {
            Some(member) => &mut member.claims,
            None => unreachable!("only members have claims"),
        }
    }
}

impl Engine<'_> {
    /// What user code has made for the work of a member.
    #[inline]
    pub(crate) fn made(&mut self) -> Option<&mut Made> {
        self.member.as_mut().map(|member| &mut member.made)
    }

    /// A lock was taken.
    pub(super) fn has_taken_lock(&mut self) {
        if let Some(member) = &mut self.member {
            member.locked = true;
        }
    }

    /// Whether a lock was taken for the piece of work at hand.
    pub(crate) fn has_locked(&self) -> bool {
        self.member.as_ref().is_some_and(|member| member.locked)
    }

    /// Whether the work is being left.
    #[inline(always)]
    pub(crate) fn has_stopped(&self) -> bool {
        self.member.as_ref().is_some_and(|member| member.stopped)
    }

    /// Whether a collection of so many may be copied by several threads here.
    #[inline(always)]
    pub(crate) fn may_lead(&self, count: usize) -> bool {
        self.leads && self.leads_here(count)
    }

    fn leads_here(&self, count: usize) -> bool {
        let known = u32::try_from(count)
            .unwrap_or(u32::MAX)
            .saturating_mul(KNOWN);
        count >= crate::raw::parallel::FEW
            // Under code written by hand there may be what belongs to this thread.
            && self.hands.is_empty()
            && self.locks == 0
            && self.place.guards() == 0
            && !self.has_failed()
            && self.order != Order::Overtaken
            && self.memo.len() <= known.saturating_add(1024)
            // Many small rows are not begun in vain again and again.
            && self.in_vain <= known
    }

    /// A row was begun for several threads, and copied by one, after a gang was told of all entries.
    pub(crate) fn has_led_in_vain(&mut self, told: u32) {
        self.in_vain = self.in_vain.saturating_add(told.saturating_add(64));
    }

    /// Leaves a shared allocation to the calling engine if it has a row that is copied by all threads there.
    pub(crate) fn leave_row(&mut self, count: usize) -> Result<(), Failed> {
        let Some(member) = &mut self.member else {
            return Ok(());
        };
        if !member.fills || count < LONG || member.gang.reserved() >= ENOUGH || self.locks > 0 {
            return Ok(());
        }
        member.long = true;
        Err(self.stop())
    }

    /// Whether the last stop was before a long row.
    pub(crate) fn take_long(&mut self) -> bool {
        self.member
            .as_mut()
            .is_some_and(|member| core::mem::take(&mut member.long))
    }

    /// Leaves the element to the calling engine.
    #[cold]
    pub(crate) fn stop(&mut self) -> Failed {
        if self.failure.is_none() {
            if let Some(member) = &mut self.member {
                member.stopped = true;
            }
        }
        self.fail(ErrorKind::Incomplete, "")
    }

    /// Does a piece of work as a member. On failure nothing is left of it.
    pub(crate) fn perform(
        &mut self,
        place: impl FnOnce(&mut Self) -> Placed,
        dispose: impl FnOnce(&mut Self),
    ) -> Result<(), Undone> {
        if let Some(member) = &mut self.member {
            member.locked = false;
        }
        let whole = place(self);
        let done = whole
            .and_then(|()| self.run_queue(0))
            .and_then(|()| self.conclude());
        if done.is_ok() && !self.has_failed() {
            self.caught_up();
            self.forget_made();
            if self.memo.len() > 0 {
                self.close();
            }
            return Ok(());
        }
        if whole.is_ok() {
            dispose(self);
        }
        let failure = self.tear_down(0);
        let Some(member) = &mut self.member else {
            unreachable!("only members perform");
        };
        if core::mem::take(&mut member.stopped) {
            let made = core::mem::take(&mut member.made);
            let panicked = failure.panic.is_some();
            return Err(Undone::Left(made, panicked.then_some(failure)));
        }
        self.forget_made();
        Err(Undone::Failed(failure))
    }

    /// Fills a copy as a member.
    pub(crate) fn fill_claimed(&mut self, entry: &Entry) -> Result<(), Undone> {
        // In case that the copy gets an entry here as well: that takes a count over.
        entry.hold_copy();
        let owner = Owner {
            key: entry.key(),
            copy: entry.copy(),
            pointee: entry.pointee(),
            around: core::ptr::null(),
            id: Cell::new(NO_ENTRY),
            weak_found: Cell::new(0),
            unkeyed: Cell::new(false),
        };
        let placed = Cell::new(false);
        self.fills(true);
        let done = self.perform(
            |engine| {
                let place = engine.place;
                let whole = engine.inside(&owner, |engine| entry.place(engine));
                engine.place = place;
                if whole.is_err() {
                    return Err(engine.at(Segment::PutOff));
                }
                placed.set(true);
                if owner.id.get() != NO_ENTRY {
                    engine.memo.set_state(owner.id.get(), State::Placed);
                }
                Ok(())
            },
            |engine| {
                if owner.id.get() == NO_ENTRY {
                    let placed = entry.in_state(State::Placed);
                    engine.dispose(|sweep| placed.sweep(sweep));
                }
            },
        );
        self.fills(false);
        if placed.get() || owner.id.get() == NO_ENTRY {
            entry.let_go_of_copy();
        }
        done
    }

    fn fills(&mut self, fills: bool) {
        if let Some(member) = &mut self.member {
            member.fills = fills;
        }
    }

    /// Follows an edge of a member's: strong or weak.
    #[cold]
    pub(super) fn edge_of_member(
        &mut self,
        key: *const (),
        source: Erased,
        pointee: &'static Pointee,
        state: State,
    ) -> Result<Found, Failed> {
        let description = describe(source, pointee);
        // What is written by hand is made inside `new_cyclic`. What belongs to one thread can come from an `unsafe impl Send` only.
        if description.by_hand.is_some() || !pointee.family.across_threads {
            return Err(self.stop());
        }
        let Some(member) = &mut self.member else {
            unreachable!("only members are asked");
        };
        let edge = member.gang.edge(key, member.element, state, || {
            let copy = (pointee.family.reserve)(description.layout);
            Entry::new(key, source.meta, pointee, copy, state)
        });
        let Some((copy, claim)) = edge else {
            return Err(self.stop());
        };
        member.claims.extend(claim);
        Ok(Found {
            copy,
            counted: false,
        })
    }

    /// Takes over what the members have reserved, and tells of what is not filled. Sources are let go of when all is taken over, since that may run code of the user's.
    pub(crate) fn adopt_all(
        &mut self,
        slots: impl IntoIterator<Item = Slot>,
        is_filled: impl Fn(usize) -> bool,
        mut unfilled: impl FnMut(&mut Self, Slot, u32),
    ) {
        let mut held = Vec::new();
        for slot in slots {
            match self.adopt(&slot, is_filled(slot.serial)) {
                Adopted::Unfilled(id) => unfilled(self, slot, id),
                Adopted::Filled(id) => held.extend(id),
                Adopted::Unwanted => {}
            }
        }
        for id in held {
            self.release_queued(id);
        }
    }

    fn adopt(&mut self, slot: &Slot, filled: bool) -> Adopted {
        let entry = &slot.entry;
        let Probe::Vacant(vacancy) = self.memo.probe(entry.key()) else {
            unreachable!("what this engine knows was in the table as known");
        };
        let held = entry.state() == State::Queued;
        // The element whose edge it was may have been left: then nobody has a handle.
        let wanted = held && entry.strong_count() > 1;
        debug_assert!(wanted || !filled, "what leads to it is filled before");
        let state = match (wanted, filled) {
            (false, _) => State::Reserved,
            (true, false) => State::Queued,
            (true, true) => State::Placed,
        };
        let id = self.memo.insert(&vacancy, entry.in_state(state));
        let is_exposed = self.is_exposed(id);
        if wanted {
            // The handles own the rest.
            entry.let_go_of_copy();
        } else {
            self.reservations.push(id);
        }
        if !is_exposed {
            // Nobody else has run.
            entry.unpin_source();
            if held {
                entry.release_source();
            }
        } else if held && !wanted {
            self.bury(Grave::new(Hold::of(entry)));
        }
        match state {
            State::Queued => Adopted::Unfilled(id),
            State::Placed => Adopted::Filled(is_exposed.then_some(id)),
            _ => Adopted::Unwanted,
        }
    }

    /// Whether an edge has led to a copy since it was taken over unfilled, and not queued, with so many handles. Code written by hand may have had it filled since, and dropped it.
    pub(crate) fn was_met_since(&self, id: u32, handles: usize) -> bool {
        let entry = self.memo.entry(id);
        entry.state() != State::Queued || entry.strong_count() > handles
    }

    /// Queues a copy that was taken over unfilled.
    pub(crate) fn queue_adopted(&mut self, id: u32) {
        self.stats.deferred += 1;
        self.queue.push(id);
        self.note_depth();
    }

    /// Keeps what was made for work that was left, and what it was made of.
    pub(crate) fn keep_made(&mut self, made: Vec<Made>, sources: impl Iterator<Item = Entry>) {
        for entry in sources {
            entry.hold_source();
            self.bury(Grave::new(Hold::of(&entry)));
        }
        if made.is_empty() {
            return;
        }
        self.kept.get_or_insert_default().add(made);
    }

    /// Fails as a member has failed.
    #[cold]
    pub(crate) fn take_over(&mut self, failure: Box<Failure>) -> Failed {
        if self.failure.is_none() {
            self.failure = Some(failure);
            self.freeze();
        } else {
            self.bury(Grave::new(failure));
        }
        Failed(())
    }
}

/// What has become of a copy that was taken over.
enum Adopted {
    /// It has handles, and its content. Its source may be held.
    Filled(Option<u32>),
    /// It has handles, and is to be filled.
    Unfilled(u32),
    /// Only weak edges lead there, if any.
    Unwanted,
}
