//! One clone operation.
//!
//! | file        | the idea it owns                                                        |
//! |-------------|-------------------------------------------------------------------------|
//! | `afloat`    | maps in cells in what is moved once more before they can wait            |
//! | `arena`     | a list that grows by chunks                                             |
//! | [`memo`]    | from a source allocation to its copy                                    |
//! | `slots`     | the memo's table: from addresses to numbers                             |
//! | `shown`     | what user code is handed, with the maps that wait there                  |
//! | `edge`      | what a strong edge finds: nothing, a reservation, an unfinished or finished copy |
//! | `weak`      | what a weak edge finds, and what becomes of reservations                 |
//! | `keep`      | what stays shared with the source                                        |
//! | `deferred`  | pointees that are filled later                                          |
//! | `keys`      | maps that wait for their keys                                           |
//! | `exposure`  | when anybody else may run: pins and holds                               |
//! | `finish`    | what user code may see                                                  |
//! | `gang`      | several engines at one operation                                        |
//! | `budget`    | objects, bytes and depth, counted and limited                           |
//! | `failure`   | the one failure of an operation, and its path                           |
//! | `order`     | what is placed before what comes first, until user code could tell        |
//! | `place`     | where the value being placed lies, and for how long                      |
//! | `rare`      | what most operations never need                                         |
//! | `teardown`  | what is left of a failed operation, and its end                         |
//!
//! Nothing here is unsafe. What an entry may be asked to do in which state stands in `raw/entry.rs`.

mod afloat;
mod arena;
mod budget;
mod deferred;
mod edge;
mod exposure;
mod failure;
mod finish;
#[cfg(feature = "rayon")]
mod gang;
mod keep;
mod keys;
pub(crate) mod memo;
mod order;
mod place;
mod rare;
mod shown;
mod slots;
mod teardown;
mod weak;

use alloc::boxed::Box;
use core::marker::PhantomData;

pub(crate) use exposure::Exposure;
pub(crate) use failure::Failure;
pub(crate) use finish::Verdict;
#[cfg(feature = "rayon")]
pub(crate) use gang::Undone;
pub(crate) use keys::{Keys, Turn};
pub(crate) use order::Order;
pub(crate) use place::Place;

use crate::options::{ImmutablePolicy, Options};
#[cfg(feature = "rayon")]
use crate::raw::kept::Kept;
use crate::raw::stack::Stack;
use crate::raw::sweep::Grave;
use memo::Memo;
use rare::Rare;

/// The state of one operation, or of a session of several.
///
/// What every edge looks at lies here; the rest is behind a pointer, `Rare`, and made when it is first written to.
pub struct Engine<'op> {
    /// An edge that is the only one to its target needs an entry all the same: somebody else runs that could make another, or
    /// what it leads to is visited again. False in a plain call, outside of code written by hand.
    pub(crate) doubts_unique: bool,
    /// The last strong edge was the only one to its target, and so may the next be: its counts are asked before the memo.
    pub(crate) expects_unique: bool,
    /// Something is counted or limited.
    pub(crate) accounts: bool,
    /// Whether what comes later may be placed first: where the stack is deep, and where a list is followed first. Until user code is about to run, which
    /// may tell, or something fails: then the call begins again without.
    pub(crate) order: Order,
    /// A pointee was put off because the stack is deep, and the order is kept: it is filled before anything else is followed.
    pub(crate) is_late: bool,
    /// With more entries than this, shared pointees are put off: all that a list tells of is met in the order of the list then. Zero where there is no list.
    overflow: u32,
    /// Code written by hand runs under a lock: no other lock may be taken.
    pub(crate) locks_barred: bool,
    pub(crate) exposure: Exposure,
    /// Locks that are held around the value being placed.
    pub(crate) locks: u32,
    pub(crate) memo: Memo,
    pub(crate) stack: Stack,
    pub(crate) place: Place,
    /// Entries under way that can't be found by their source yet.
    pub(crate) unkeyed: u32,
    /// Edges seen, to notice that there were none.
    pub(crate) edges: u64,
    rare: Option<Box<Rare>>,
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

impl Engine<'_> {
    /// An operation of one root, without limits.
    #[inline]
    pub(crate) fn plain() -> Self {
        Self::new(true)
    }

    /// Several roots, counted.
    pub(crate) fn session(options: Options) -> Self {
        let mut engine = Self::new(false);
        engine.options = options;
        engine
    }

    /// Begins anew, and leaks what it had: counts on sources and copies.
    #[cold]
    pub(crate) fn abandon(&mut self) {
        let mut fresh = Self::new(!self.doubts_unique);
        fresh.options = self.options;
        core::mem::forget(core::mem::replace(self, fresh));
    }

    #[inline(always)]
    fn new(plain: bool) -> Self {
        Self {
            doubts_unique: !plain,
            expects_unique: false,
            accounts: !plain,
            order: if plain { Order::Free } else { Order::Kept },
            is_late: false,
            overflow: 0,
            locks_barred: false,
            exposure: Exposure::Nobody,
            locks: 0,
            place: Place::ROOT,
            stack: Stack::here(!plain),
            memo: Memo::new(),
            unkeyed: 0,
            edges: 0,
            rare: None,
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
        !self.doubts_unique && self.locks == 0 && !self.stack.is_deep()
    }

    /// Whether others are at the same operation, so that nothing shared is finished before all have ended.
    #[cfg(feature = "rayon")]
    #[inline(always)]
    pub(crate) fn is_member(&self) -> bool {
        self.member.is_some()
    }

    /// A lock is held from here on.
    #[cfg(feature = "std")]
    pub(crate) fn holds_lock(&mut self) {
        self.locks += 1;
        #[cfg(feature = "rayon")]
        self.has_taken_lock();
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

    /// Nothing but the value itself was touched, and nothing was allocated for it.
    #[inline(always)]
    pub(crate) fn is_untouched(&self) -> bool {
        self.rare.is_none() & self.memo.is_fresh()
    }

    #[inline(always)]
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Puts a finished value where it is dropped later, at a time when user code may run.
    pub(crate) fn bury(&mut self, grave: Grave) {
        if self.graves.len() == self.graves.capacity() {
            // By an eighth: the peak counts.
            let more = (self.graves.len() / 8).max(16);
            self.graves.reserve_exact(more);
        }
        self.graves.push(grave);
    }

    /// The entry whose copy lies at an address.
    pub(crate) fn entry_of_copy(&mut self, copy: *const ()) -> Option<u32> {
        self.memo.index_copies();
        self.memo.by_copy(copy)
    }
}
