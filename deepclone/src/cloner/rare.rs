//! What most operations never need: a value without shared pointers pays for none of it, neither to make nor to drop it.
//!
//! The engine reads and writes these fields as its own. The first write makes them.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

use super::afloat::Afloat;
use super::{Engine, Failure};
use crate::options::{Options, Stats};
use crate::raw::filled::{Built, Filled};
use crate::raw::open::OpenBox;
use crate::raw::sweep::Grave;
use crate::raw::waiting::Waiting;

/// The part of an [`Engine`] that lies apart.
pub struct Rare {
    pub(crate) queue: Vec<u32>,
    /// What lies below this in the queue waits for something else than its turn.
    pub(crate) floor: usize,
    /// Entries that became `Reserved` and may still be.
    pub(super) reservations: Vec<u32>,
    /// Entries that became `Settled` in this root call.
    pub(super) settled: Vec<u32>,
    /// A key of a map was hashed or compared while a weak handle in it dangled.
    pub(super) keys_dangled: bool,
    /// Entries that got a new copy in this root call, after an earlier one was gone.
    pub(super) replaced: Vec<u32>,
    /// What earlier calls of a session have entered lies below this.
    pub(crate) base: u32,
    /// Entries of earlier calls that edges of this one have led to, maybe several times.
    pub(super) earlier: Vec<u32>,
    /// Entries on which the failure holds a count that may be the last.
    pub(super) revived: Vec<u32>,
    /// Boxes whose content is placed later.
    pub(super) boxes: Vec<OpenBox>,
    /// The blocks of those whose content is being placed.
    pub(super) filling: Vec<*mut u8>,
    /// The blocks of both, after a failure, once somebody asks.
    pub(super) open: Option<BTreeSet<*mut u8>>,
    pub(crate) failure: Option<Box<Failure>>,
    /// The types whose copies, written by hand, are running; the innermost last.
    pub(crate) hands: Vec<fn() -> &'static str>,
    /// Maps under the cells and locks that are open.
    pub(crate) gathered: Vec<Waiting>,
    /// Closed cells in what is moved once more, with the maps in them.
    pub(super) afloat: Vec<Afloat>,
    /// Maps that wait for their keys.
    pub(crate) waiting: Vec<Option<Waiting>>,
    /// By the entry of the allocation that they lie in: those that wait, and some that did.
    pub(super) waiting_in: BTreeMap<u32, Vec<usize>>,
    /// Maps that are to be put into their cells.
    pub(crate) built: Vec<Built>,
    /// Maps that were filled through their cells.
    pub(crate) filled: Vec<Filled>,
    pub(super) graves: Vec<Grave>,
    /// Walks that are under way, one inside the other.
    pub(super) walks: u32,
    /// What it has cost to begin rows for several threads where that was not worth while, in look-ups.
    #[cfg(feature = "rayon")]
    pub(super) in_vain: u32,
    pub(super) depth: u64,
    pub(super) depths: Vec<u64>,
    pub(crate) options: Options,
    pub(crate) stats: Stats,
}

impl Rare {
    const fn new() -> Self {
        Self {
            queue: Vec::new(),
            floor: 0,
            reservations: Vec::new(),
            settled: Vec::new(),
            keys_dangled: false,
            replaced: Vec::new(),
            base: 0,
            earlier: Vec::new(),
            revived: Vec::new(),
            boxes: Vec::new(),
            filling: Vec::new(),
            open: None,
            failure: None,
            hands: Vec::new(),
            gathered: Vec::new(),
            afloat: Vec::new(),
            waiting: Vec::new(),
            waiting_in: BTreeMap::new(),
            built: Vec::new(),
            filled: Vec::new(),
            graves: Vec::new(),
            walks: 0,
            #[cfg(feature = "rayon")]
            in_vain: 0,
            depth: 0,
            depths: Vec::new(),
            options: Options::new(),
            stats: Stats {
                objects: 0,
                shared_edges: 0,
                cycles: 0,
                deferred: 0,
                bytes: 0,
            },
        }
    }
}

const NOTHING: &Rare = &Rare::new();

#[cold]
#[inline(never)]
fn make(place: &mut Option<Box<Rare>>) -> &mut Rare {
    place.insert(Box::new(Rare::new()))
}

impl Deref for Engine<'_> {
    type Target = Rare;

    #[inline(always)]
    fn deref(&self) -> &Rare {
        match &self.rare {
            Some(rare) => rare,
            None => NOTHING,
        }
    }
}

impl DerefMut for Engine<'_> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Rare {
        match &mut self.rare {
            Some(rare) => rare,
            none => make(none),
        }
    }
}
