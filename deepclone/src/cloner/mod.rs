//! One clone operation.
//!
//! | file        | the idea it owns                                                        |
//! |-------------|-------------------------------------------------------------------------|
//! | [`memo`]    | from a source allocation to its copy                                    |
//! | `edge`      | what an edge finds: nothing, a reservation, an unfinished or finished copy |
//! | `deferred`  | pointees that are filled later                                          |
//! | `keys`      | maps that wait for their keys                                           |
//! | `exposure`  | when anybody else may run: pins and holds                               |
//! | `finish`    | what user code may see                                                  |
//! | `gang`      | several engines at one operation                                        |
//! | `budget`    | objects, bytes and depth, counted and limited                           |
//! | `failure`   | the one failure of an operation, and its path                           |
//! | `teardown`  | what is left of a failed operation, and its end                         |
//!
//! Nothing here is unsafe. What an entry may be asked to do in which state stands in `raw/entry.rs`.

mod budget;
mod deferred;
mod edge;
mod exposure;
mod failure;
mod finish;
#[cfg(feature = "rayon")]
mod gang;
mod keys;
pub(crate) mod memo;
mod teardown;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::marker::PhantomData;

pub(crate) use exposure::Exposure;
pub(crate) use failure::Failure;
pub(crate) use finish::Verdict;
#[cfg(feature = "rayon")]
pub(crate) use gang::{Adopted, Undone};

use crate::options::{ImmutablePolicy, Options, Stats};
#[cfg(feature = "rayon")]
use crate::raw::kept::Kept;
use crate::raw::stack::Stack;
use crate::raw::sweep::Grave;
use crate::raw::traits::Placed;
use crate::raw::waiting::{Built, Filled, Owner, Waiting};
use memo::Memo;

/// The state of one operation, or of a session of several.
pub struct Engine<'op> {
    /// An edge that is the only one to its target needs no entry: nobody else runs that could make another, and
    /// what it leads to is visited once. True in a plain call, outside of code written by hand.
    pub(crate) trusts_unique: bool,
    /// Something is counted or limited.
    pub(crate) accounts: bool,
    /// Code written by hand runs under a lock: no other lock may be taken.
    pub(crate) locks_barred: bool,
    pub(crate) exposure: Exposure,
    /// Locks that are held around the value being placed.
    pub(crate) locks: u32,
    pub(crate) place: Place,
    pub(crate) stack: Stack,
    pub(crate) memo: Memo,
    pub(crate) queue: Vec<u32>,
    /// Entries that became `Reserved` and may still be.
    reservations: Vec<u32>,
    /// Entries that became `Settled` in this root call.
    settled: Vec<u32>,
    /// Entries that got a new copy in this root call, after an earlier one was gone.
    replaced: Vec<u32>,
    /// Entries on which the failure holds a count that may be the last.
    revived: Vec<u32>,
    pub(crate) failure: Option<Box<Failure>>,
    /// The types whose copies, written by hand, are running; the innermost last.
    pub(crate) hands: Vec<fn() -> &'static str>,
    /// Maps that wait for their keys.
    pub(crate) waiting: Vec<Option<Waiting>>,
    /// Maps that are to be put into their cells.
    pub(crate) built: Vec<Built>,
    /// Maps that were filled through their cells.
    pub(crate) filled: Vec<Filled>,
    graves: Vec<Grave>,
    /// Walks that are under way, one inside the other.
    walks: u32,
    /// Entries under way that can't be found by their source yet.
    pub(crate) unkeyed: u32,
    /// Edges seen, to notice that there were none.
    pub(crate) edges: u64,
    depth: u64,
    depths: Vec<u64>,
    pub(crate) options: Options,
    pub(crate) stats: Stats,
    /// One of several engines at one operation.
    #[cfg(feature = "rayon")]
    member: Option<gang::Member<'op>>,
    /// Collections met on the way may be copied by several threads.
    #[cfg(feature = "rayon")]
    pub(crate) leads: bool,
    /// What members had made before they left their work.
    #[cfg(feature = "rayon")]
    pub(crate) kept: Option<Box<Kept>>,
    _operation: PhantomData<fn(&'op ()) -> &'op ()>,
}

/// Where the value being placed lies.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// The shared allocation it lies in, if that is known.
    pub(crate) owner: *const Owner,
    /// Cells and locks that are open around it, up to that allocation.
    pub(crate) guards: u32,
    pub(crate) fixed: Fixed,
}

/// How long the place of a value stays the place of that value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Fixed {
    /// It is moved as soon as it is placed.
    Moves,
    /// It is moved when the maps gathered with it are filled.
    UntilFilled,
    /// Until the operation ends, if nobody writes to the cell around it.
    UnlessWritten,
    /// Until the operation ends, whatever is written to the cell around it: between the two there are fields only.
    Forever,
}

impl Place {
    const ROOT: Self = Self {
        owner: core::ptr::null(),
        guards: 0,
        fixed: Fixed::Forever,
    };

    /// Inside a fresh shared allocation.
    #[inline(always)]
    pub(crate) fn inside(owner: &Owner) -> Self {
        Self {
            owner,
            guards: 0,
            fixed: Fixed::Forever,
        }
    }

    /// In a local of ours, or on the way into a container.
    pub(crate) const ASIDE: Self = Self {
        owner: core::ptr::null(),
        guards: 0,
        fixed: Fixed::Moves,
    };
}

impl Engine<'_> {
    /// What is placed next lies in memory of its own that does not move: a box, a buffer.
    #[inline(always)]
    pub(crate) fn in_block(&mut self, place: impl FnOnce(&mut Self) -> Placed) -> Placed {
        let fixed = if self.place.guards == 0 {
            Fixed::Forever
        } else {
            Fixed::UnlessWritten
        };
        self.while_fixed(fixed, place)
    }

    /// What is placed next lies in a variant of an enum, which `start_variant` notes for as long as this lasts.
    #[inline(always)]
    pub(crate) fn in_variant(&mut self, place: impl FnOnce(&mut Self) -> Placed) -> Placed {
        self.while_fixed(self.place.fixed, place)
    }

    /// What is placed next is fixed no longer than that.
    #[inline(always)]
    pub(crate) fn while_fixed(
        &mut self,
        fixed: Fixed,
        place: impl FnOnce(&mut Self) -> Placed,
    ) -> Placed {
        let before = core::mem::replace(&mut self.place.fixed, fixed);
        let placed = place(self);
        self.place.fixed = before;
        placed
    }

    /// An operation of one root, without limits.
    #[inline]
    pub(crate) fn plain() -> Self {
        Self::new(true, Options::new())
    }

    /// Several roots, counted.
    pub(crate) fn session(options: Options) -> Self {
        Self::new(false, options)
    }

    /// Begins anew, and leaks what it had: counts on sources and copies.
    #[cold]
    pub(crate) fn abandon(&mut self) {
        let fresh = Self::new(self.trusts_unique, self.options);
        core::mem::forget(core::mem::replace(self, fresh));
    }

    #[inline(always)]
    fn new(plain: bool, options: Options) -> Self {
        Self {
            trusts_unique: plain,
            accounts: !plain,
            locks_barred: false,
            exposure: Exposure::Nobody,
            locks: 0,
            place: Place::ROOT,
            stack: Stack::here(!plain),
            memo: Memo::new(),
            queue: Vec::new(),
            reservations: Vec::new(),
            settled: Vec::new(),
            replaced: Vec::new(),
            revived: Vec::new(),
            failure: None,
            hands: Vec::new(),
            waiting: Vec::new(),
            built: Vec::new(),
            filled: Vec::new(),
            graves: Vec::new(),
            walks: 0,
            unkeyed: 0,
            edges: 0,
            depth: 0,
            depths: Vec::new(),
            options,
            stats: Stats {
                objects: 0,
                shared_edges: 0,
                cycles: 0,
                deferred: 0,
                bytes: 0,
            },
            #[cfg(feature = "rayon")]
            member: None,
            #[cfg(feature = "rayon")]
            leads: false,
            #[cfg(feature = "rayon")]
            kept: None,
            _operation: PhantomData,
        }
    }

    /// Whether a unique pointer can be followed right here, without an entry.
    #[inline(always)]
    pub(crate) fn follows_unique(&mut self) -> bool {
        self.trusts_unique && self.locks == 0 && !self.stack.is_deep()
    }

    /// Whether others are at the same operation, so that nothing shared is finished before all have ended.
    #[cfg(feature = "rayon")]
    #[inline(always)]
    pub(crate) fn is_member(&self) -> bool {
        self.member.is_some()
    }

    /// Whether what user code has made is kept while the rest of its value is taken apart.
    #[inline(always)]
    pub(crate) fn keeps_made(&self) -> bool {
        #[cfg(feature = "rayon")]
        let keeps = self.has_stopped();
        #[cfg(not(feature = "rayon"))]
        let keeps = false;
        keeps
    }

    /// Whether shared immutable data stays shared.
    #[inline(always)]
    pub(crate) fn shares_immutable(&self) -> bool {
        self.accounts && self.options.immutable == ImmutablePolicy::Share
    }

    /// Nothing but the value itself was touched.
    #[inline(always)]
    pub(crate) fn is_untouched(&self) -> bool {
        self.memo.len() == 0
            && self.failure.is_none()
            && self.waiting.is_empty()
            && self.graves.is_empty()
    }

    #[inline(always)]
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Puts a finished value where it is dropped later, at a time when user code may run.
    pub(crate) fn bury(&mut self, grave: Grave) {
        self.graves.push(grave);
    }

    /// The entry whose copy lies at an address.
    pub(crate) fn entry_of_copy(&mut self, copy: *const ()) -> Option<u32> {
        self.memo.index_copies();
        self.memo.by_copy(copy)
    }
}
