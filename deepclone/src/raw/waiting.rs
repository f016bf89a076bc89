//! A map whose pairs were gathered, until its keys can be hashed or compared.

use alloc::rc::Rc;
use core::cell::Cell;
use core::ops::Range;

use super::access::Way;
use super::erased::Erased;
use super::filled::Built;
use super::gather::{Fresh, Table};
use super::hold::PlacedValue;
use super::pointee::Pointee;
use super::sweep::Sweep;
use super::trail::End;
use super::traits::{Failed, Placed};
use crate::cloner::{Engine, Keys, Turn};

/// The shared allocation that a value is placed in, on the stack of the frame that fills it.
#[derive(Clone)]
pub(crate) struct Owner {
    pub(crate) key: *const (),
    pub(crate) copy: Erased,
    pub(crate) pointee: &'static Pointee,
    /// The one around it.
    pub(crate) around: *const Owner,
    /// Its entry; `NO_ENTRY` if its only edge is the one that we came by, until a map in it has to be found.
    pub(crate) id: Cell<u32>,
    /// Weak edges that were found from inside.
    pub(crate) weak_found: Cell<usize>,
    /// Nobody else can find the entry: there is one strong edge, and the weak ones have all been found from inside so far.
    pub(crate) unkeyed: Cell<bool>,
}

/// Stands for the number of an entry that is not there.
pub(crate) const NO_ENTRY: u32 = u32::MAX;

/// A map that waits.
///
/// Invariants: W1. `gather` is a `Gather<M>` of the type that `table` was made for. W2. As long as the map can still be filled, its place is where
/// `gather` says, inside the frame that gathered it, or in what that has moved and told where to, or, if it has waited, inside the allocation of `owner`, on which this owns a strong count, behind cells,
/// as long as its trail holds, which [`Way::open`] sees to. A map that rides lies in a pair of another that waits, which is nobody
/// else's, and does not move before this one is filled.
pub(crate) struct Waiting {
    gather: *mut u8,
    table: &'static Table,
    owner: Option<Owner>,
    /// No key leads anywhere, or there is only one, which is compared with nothing.
    nobody_looks: bool,
    /// The outermost cell around it is moved as soon as it is placed.
    cell_moves: bool,
    /// How many lie between its owner and the map.
    cells: usize,
    /// The outermost of them, once that is closed.
    cell: *const (),
    /// Through them, to where the map can be found again.
    way: Option<(Rc<Way>, End)>,
    has_waited: bool,
    /// How many maps were gathered before the pairs of this one: those since then may lie in them.
    inner_from: usize,
    /// It lies in a pair of a map that waits, and so waits with it.
    rides: bool,
    /// How many of the cells around it are locks.
    locks: u32,
    turn: Turn,
}

impl Owner {
    fn hold(&self) {
        // SAFETY: the allocation is being placed, so it is live; only the metadata of the pointee is looked at.
        unsafe {
            let layout = (self.pointee.layout)(self.copy);
            self.pointee
                .family
                .increment(self.copy.data.cast_mut().cast(), layout);
        }
    }

    pub(super) fn let_go(&self) {
        // SAFETY: the count of `hold`; another one is left, since the value was not given out yet.
        unsafe {
            let layout = (self.pointee.layout)(self.copy);
            self.pointee
                .family
                .decrement(self.copy.data.cast_mut().cast(), layout);
        }
    }
}

impl Waiting {
    /// The map of a gather, which is being placed now.
    ///
    /// # Safety
    ///
    /// W1. The gather is given away.
    pub(super) unsafe fn new(
        gather: *mut u8,
        table: &'static Table,
        nobody_looks: bool,
        inner_from: usize,
        engine: &mut Engine<'_>,
    ) -> Self {
        let place = engine.place;
        // SAFETY: the frame that placed the owner is below us on the stack.
        let owner = unsafe { place.owner.as_ref() };
        if let Some(owner) = owner {
            engine.give_entry(owner);
            owner.hold();
        }
        Self {
            gather,
            table,
            owner: owner.cloned(),
            nobody_looks,
            cell_moves: place.moves(),
            cells: place.guards(),
            cell: core::ptr::null(),
            way: None,
            has_waited: false,
            inner_from,
            rides: false,
            locks: engine.locks,
            turn: Turn::First,
        }
    }

    /// It is to be filled where it lies now.
    pub(crate) fn can_not_wait(&mut self) {
        self.cell_moves = true;
    }

    /// It lies in a pair of another that was gathered, or in a value that is placed aside. That has moved.
    pub(crate) fn moves(&mut self, old: &Range<usize>, new: *mut u8) {
        // SAFETY: W1.
        unsafe { (self.table.moves)(self.gather, old, new) }
    }

    /// Whether nobody looks at anything that may be unfinished: no key leads anywhere, or there is only one, which is compared with nothing.
    pub(crate) fn nobody_looks(&self) -> bool {
        self.nobody_looks
    }

    /// The outermost cell around it is closed.
    pub(crate) fn left_cell(&mut self, cell: *const ()) {
        self.cell = cell;
    }

    /// Where the map lies, if it could be found again there once the guard of the outermost cell around it is gone.
    pub(crate) fn wanted(&self) -> Option<*const u8> {
        let wanted = self.cells > 0 && !self.cell_moves && self.owner.is_some();
        // SAFETY: W1.
        wanted.then(|| unsafe { (self.table.map)(self.gather) })
    }

    /// It was found there.
    pub(crate) fn found(&mut self, way: Rc<Way>, end: End) {
        if way.leads_to(end) {
            self.way = Some((way, end));
        }
    }

    /// Whether the map's place will still be there, and reached through its cells, when all is done.
    pub(crate) fn can_wait(&self) -> bool {
        self.way.is_some()
    }

    /// Whether the map has to wait with another one in a pair of which it lies.
    pub(crate) fn has_to_ride(&self) -> bool {
        !self.nobody_looks && !self.can_wait()
    }

    /// The way to it through its cell, if it can wait there.
    pub(crate) fn way(&self) -> Option<&Way> {
        self.way.as_ref().map(|(way, _)| &**way)
    }

    /// Lets the map wait with the one in a pair of which it lies: it is filled there, before that is.
    pub(crate) fn rides(&mut self) {
        self.has_waited = true;
        self.rides = true;
    }

    /// How many maps had been gathered under the guard before the pairs of this one.
    pub(crate) fn inner_from(&self) -> usize {
        self.inner_from
    }

    /// Lets the map wait until all is done. Nobody else has seen the cell so far.
    pub(crate) fn waits(&mut self, engine: &mut Engine<'_>) -> Placed {
        self.has_waited = true;
        // SAFETY: W1 and W2: nobody has the map yet.
        let prepared = unsafe { (self.table.prepare)(self.gather, engine) };
        if prepared.is_err() {
            // The failure has let go of all maps but this one, which the engine does not have now.
            self.let_go_of_owner();
        } else if let Some((way, end)) = &self.way {
            // SAFETY: W2: the cell lives. Nobody has it yet.
            unsafe { way.waits(*end) };
        }
        prepared
    }

    /// The entry of the allocation that the map lies in.
    pub(crate) fn owner_id(&self) -> Option<u32> {
        self.owner.as_ref().map(|owner| owner.id.get())
    }

    /// Gives the cell and its owner free.
    pub(crate) fn let_go_of_owner(&mut self) {
        self.way = None;
        if let Some(owner) = self.owner.take() {
            owner.let_go();
        }
    }

    pub(crate) fn len(&self) -> usize {
        // SAFETY: W1.
        unsafe { (self.table.len)(self.gather) }
    }

    /// The key of a pair.
    pub(crate) fn key(&self, index: usize) -> PlacedValue {
        // SAFETY: W1; the index is checked there.
        unsafe { (self.table.key)(self.gather, index) }
    }

    /// The value of a pair.
    pub(crate) fn value(&self, index: usize) -> PlacedValue {
        // SAFETY: W1; the index is checked there.
        unsafe { (self.table.value)(self.gather, index) }
    }

    pub(crate) fn key_type(&self) -> &'static str {
        (self.table.key_type)()
    }

    /// The cell that it waits in.
    pub(crate) fn cell(&self) -> Option<*const ()> {
        self.has_waited.then_some(self.cell)
    }

    pub(crate) fn has_waited(&self) -> bool {
        self.has_waited
    }

    /// Whether it has to be filled through its cell.
    pub(crate) fn waits_in_cell(&self) -> bool {
        self.has_waited && !self.rides
    }

    /// The turn of a map in which others ride.
    pub(crate) fn turn_with(&self, inner: &[Option<Self>]) -> Turn {
        let mut riders = inner.iter().flatten().filter(|map| map.has_to_ride());
        if riders.any(|rider| rider.locks > self.locks) {
            Turn::WithLocked
        } else {
            Turn::WithRiders
        }
    }

    pub(crate) fn takes(&mut self, turn: Turn) {
        self.turn = turn;
    }

    pub(crate) fn turn(&self) -> Turn {
        self.turn
    }

    fn keys(&self) -> Keys {
        if self.nobody_looks {
            Keys::Finished
        } else {
            Keys::Checked
        }
    }

    /// Fills the map at its place, which nobody has seen. What its keys lead to is whole.
    pub(crate) fn fill(mut self, engine: &mut Engine<'_>) -> Placed {
        let keys = self.keys();
        // SAFETY: W1 and W2; the gather is given away once.
        let filled = unsafe { (self.table.fill)(self.gather, keys, engine) };
        self.let_go_of_owner();
        filled
    }

    /// Fills a map that is to take the place of the one in the cell. What its keys lead to is whole.
    pub(crate) fn build(mut self, engine: &mut Engine<'_>) -> Result<Built, Failed> {
        let keys = self.keys();
        // SAFETY: W1 and W2; the gather is given away once.
        let built = unsafe { (self.table.build)(self.gather, keys, engine) };
        match (built, self.way.take()) {
            (Ok(Fresh { map, fresh, table }), Some((way, end))) => Ok(Built {
                map,
                fresh,
                way,
                end,
                table,
                owner: self.owner.take(),
            }),
            (Ok(_), None) => unreachable!("what has waited lies in a cell"),
            (Err(failed), way) => {
                drop(way);
                self.let_go_of_owner();
                Err(failed)
            }
        }
    }

    /// Takes the pairs apart.
    pub(crate) fn dispose(mut self, sweep: &mut Sweep<'_, '_>) {
        self.let_go_of_owner();
        // SAFETY: W1; it is given away once.
        unsafe { (self.table.dispose)(self.gather, sweep) }
    }
}
