//! One operation of several engines: what a member does, and how the calling engine takes over.
//!
//! A member copies elements of a collection on a thread of its own. Of an `Arc` that may have other edges it reserves the copy, in a table that all
//! members share, hands the handle out, and leaves the content to the calling engine: so each allocation has one copy, whoever meets it, and nobody waits. Where
//! code written by hand would have to see such a copy, or anything else that needs the memo, the member stops before that code runs, and the
//! element is left to the calling engine as a whole.

use alloc::boxed::Box;

use super::edge::Found;
use super::memo::Probe;
use super::{Engine, Exposure, Failure};
use crate::error::ErrorKind;
use crate::raw::entry::{Entry, State};
use crate::raw::erased::Erased;
use crate::raw::gang::{Gang, Slot};
use crate::raw::hold::{Hold, describe};
use crate::raw::pointee::Pointee;
use crate::raw::sweep::Grave;
use crate::raw::traits::Failed;

/// What makes an engine a member.
pub(crate) struct Member<'op> {
    gang: &'op Gang,
    /// The element being copied.
    pub(crate) element: usize,
    stopped: bool,
}

impl<'op> Engine<'op> {
    /// A member of a gang.
    pub(crate) fn member(gang: &'op Gang) -> Self {
        let mut engine = Self::plain();
        engine.exposure = Exposure::Threads;
        engine.member = Some(Member {
            gang,
            element: 0,
            stopped: false,
        });
        engine
    }

    /// Begins an element.
    pub(crate) fn begin_element(&mut self, element: usize) {
        if let Some(member) = &mut self.member {
            member.element = element;
        }
    }
}

impl Engine<'_> {
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

    /// Whether the last failure was a stop.
    pub(crate) fn take_stop(&mut self) -> bool {
        self.member
            .as_mut()
            .is_some_and(|member| core::mem::take(&mut member.stopped))
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
        let Some(member) = &self.member else {
            unreachable!("only members are asked");
        };
        let copy = member.gang.edge(key, member.element, state, || {
            let copy = (pointee.family.reserve)(description.layout);
            Entry::new(key, source.meta, pointee, copy, state)
        });
        Ok(Found {
            copy,
            counted: false,
        })
    }

    /// Takes over what the members have reserved. Returns whether it is queued now.
    pub(crate) fn adopt(&mut self, slot: Slot) -> bool {
        debug_assert!(self.exposure >= Exposure::Threads);
        let entry = slot.entry;
        let Probe::Vacant(vacancy) = self.memo.probe(entry.key()) else {
            unreachable!("what this engine knows was in the table as known");
        };
        // The element whose edge it was may have been left: then nobody has a handle.
        let wanted = entry.state() == State::Queued && entry.strong_count() > 1;
        let state = if wanted {
            State::Queued
        } else {
            State::Reserved
        };
        let adopted = Entry::new(
            entry.key(),
            entry.source().meta,
            entry.pointee(),
            entry.copy_address(),
            state,
        );
        let id = self.memo.insert(&vacancy, adopted);
        if wanted {
            // The handles own the rest.
            entry.let_go_of_copy();
            self.stats.deferred += 1;
            self.queue.push(id);
        } else {
            self.reservations.push(id);
            if entry.state() == State::Queued {
                self.bury(Grave::new(Hold::of(&entry)));
            }
        }
        wanted
    }

    /// Fails as a member has failed.
    #[cold]
    pub(crate) fn take_over(&mut self, failure: Box<Failure>) -> Failed {
        if self.failure.is_none() {
            self.failure = Some(failure);
            self.freeze();
        }
        Failed(())
    }
}
