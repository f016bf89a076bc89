//! A map gathered as a list of pairs, until its keys can be hashed or compared.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::Cell;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;

use super::access::Way;
use super::erased::Erased;
use super::filled::{Built, Swap, SwapOf, dispose_fresh};
use super::hold::PlacedValue;
use super::keyed::{Asks, Keyed};
use super::pairs::{dispose_pairs, fill_at};
use super::pointee::Pointee;
use super::sweep::{Grave, Sweep};
use super::trail::End;
use super::traits::{Failed, Placed};
use crate::cloner::{Engine, Keys};

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
/// `gather` says, inside the frame that gathered it or, if it has waited, inside the allocation of `owner`, on which this owns a strong count, behind one cell,
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
    /// How many cells lie between its owner and the map.
    cells: usize,
    /// The outermost of them, once that is closed.
    cell: *const (),
    /// Through the only one, to where the map can be found again.
    way: Option<(Rc<Way>, End)>,
    has_waited: bool,
    /// How many maps were gathered before the pairs of this one: those since then may lie in them.
    inner_from: usize,
    /// It lies in a pair of a map that waits, and so waits with it.
    rides: bool,
}

struct Table {
    len: unsafe fn(*const u8) -> usize,
    key: unsafe fn(*mut u8, usize) -> PlacedValue,
    value: unsafe fn(*mut u8, usize) -> PlacedValue,
    /// Fills the map at its place.
    fill: unsafe fn(*mut u8, Keys, &mut Engine<'_>) -> Placed,
    map: unsafe fn(*const u8) -> *const u8,
    /// Makes another map, which is to take the place of the one in the cell.
    prepare: unsafe fn(*mut u8, &mut Engine<'_>) -> Placed,
    /// Fills that one.
    build: unsafe fn(*mut u8, Keys, &mut Engine<'_>) -> Result<Fresh, Failed>,
    dispose: unsafe fn(*mut u8, &mut Sweep<'_, '_>),
    key_type: fn() -> &'static str,
}

/// The pairs of a map of type `M`, which lies empty at `map`.
struct Gather<M: Keyed> {
    map: *mut M,
    pairs: Vec<ManuallyDrop<(M::Key, M::Value)>>,
    /// An empty map, if it has to be found again through its cell.
    fresh: Option<Box<M>>,
}

/// A filled map.
struct Fresh {
    /// Where it is to be put.
    map: *mut u8,
    /// The box that it lies in.
    fresh: *mut u8,
    table: &'static Swap,
}

struct TableOf<M>(PhantomData<M>);

impl<M: Keyed> TableOf<M> {
    const TABLE: &'static Table = &Table {
        len: len::<M>,
        key: key::<M>,
        value: value::<M>,
        fill: fill::<M>,
        map: map::<M>,
        prepare: prepare::<M>,
        build: build::<M>,
        dispose: dispose::<M>,
        key_type: core::any::type_name::<M::Key>,
    };
}

/// Gathers the pairs of `source`, whose copy lies empty at `map`. What asks no user code and holds no map that waits is filled at once.
///
/// # Safety
///
/// `map` holds an empty map, at its place.
pub(crate) unsafe fn gather<M: Keyed>(source: &M, map: *mut M, engine: &mut Engine<'_>) -> Placed {
    let mut gathered = Gather {
        map,
        pairs: Vec::new(),
        fresh: None,
    };
    let mut keys_lead_nowhere = true;
    let before = engine.gathered.len();
    let count = source.count();
    gathered.pairs.reserve_exact(count);
    // A map that is gathered inside of a pair notes where it lies: so pairs are placed where they stay until they are added.
    let placed = engine.aside(|engine| {
        source.each(|index, source_key, source_value| {
            if index >= count {
                // Another thread has set a cell that was not set when it was asked.
                return Ok(());
            }
            let pair = gathered.pairs.as_mut_ptr().cast::<(M::Key, M::Value)>();
            // SAFETY: there is room for as many pairs as the source has.
            let (key, value) = unsafe {
                let pair = pair.add(index);
                (&raw mut (*pair).0, &raw mut (*pair).1)
            };
            // SAFETY: both have room for what is placed there.
            let leads_somewhere = unsafe {
                let index = M::INDEXED.then_some(index);
                super::keyed::place_pair(index, source_key, source_value, key, value, engine)
            }?;
            keys_lead_nowhere &= !leads_somewhere;
            // SAFETY: as many pairs were placed, in order.
            unsafe { gathered.pairs.set_len(index + 1) };
            Ok(())
        })
    });
    if placed.is_ok() && M::ASKS == Asks::Nothing && engine.gathered.len() == before {
        // SAFETY: all pairs are placed; the map is empty, and ours.
        return unsafe { fill_at(&mut gathered.pairs, Keys::Finished, &mut *map, engine) };
    }
    let table = TableOf::<M>::TABLE;
    let gather: *mut u8 = Box::into_raw(Box::new(gathered)).cast();
    if placed.is_err() {
        // SAFETY: W1, and it is not used after this.
        engine.dispose(|sweep| unsafe { dispose::<M>(gather, sweep) });
        return placed;
    }
    // SAFETY: the frame that placed the owner is below us on the stack.
    let owner = unsafe { engine.place.owner.as_ref() };
    if let Some(owner) = owner {
        engine.give_entry(owner);
    }
    let owner = owner.cloned();
    if let Some(owner) = &owner {
        owner.hold();
    }
    let place = engine.place;
    let is_alone = M::ASKS == Asks::Order && count == 1;
    engine.gathered.push(Waiting {
        gather,
        table,
        owner,
        nobody_looks: keys_lead_nowhere || is_alone,
        cell_moves: place.moves(),
        cells: place.guards(),
        cell: core::ptr::null(),
        way: None,
        has_waited: false,
        inner_from: before,
        rides: false,
    });
    Ok(())
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
        let wanted = self.cells == 1 && !self.cell_moves && self.owner.is_some();
        // SAFETY: W1.
        wanted.then(|| unsafe { (self.table.map)(self.gather) })
    }

    /// It was found there.
    pub(crate) fn found(&mut self, way: &Rc<Way>, end: End) {
        if way.leads_to(end) {
            self.way = Some((Rc::clone(way), end));
        }
    }

    /// Whether the map's place will still be there, and reached through one cell, when all is done.
    pub(crate) fn can_wait(&self) -> bool {
        self.way.is_some()
    }

    /// Whether the map could wait if it lies in a pair of one that does, and has to.
    pub(crate) fn has_to_ride(&self) -> bool {
        self.can_ride() && !self.nobody_looks
    }

    /// Whether nothing but the cell around that map lies between.
    pub(crate) fn can_ride(&self) -> bool {
        self.cells == 1 && !self.can_wait()
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
        if let Some((way, end)) = &self.way {
            // SAFETY: W2: the cell lives. Nobody has it yet.
            unsafe { way.waits(*end) };
        }
        // SAFETY: W1 and W2: nobody has the map yet.
        unsafe { (self.table.prepare)(self.gather, engine) }
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

unsafe fn len<M: Keyed>(gather: *const u8) -> usize {
    // SAFETY: W1.
    unsafe { (*gather.cast::<Gather<M>>()).pairs.len() }
}

unsafe fn key<M: Keyed>(gather: *mut u8, index: usize) -> PlacedValue {
    // SAFETY: W1.
    let gather = unsafe { &mut *gather.cast::<Gather<M>>() };
    let pair: *mut ManuallyDrop<(M::Key, M::Value)> = &mut gather.pairs[index];
    // SAFETY: `ManuallyDrop` is transparent; the pair is placed.
    unsafe { PlacedValue::new(&raw mut (*pair.cast::<(M::Key, M::Value)>()).0) }
}

unsafe fn value<M: Keyed>(gather: *mut u8, index: usize) -> PlacedValue {
    // SAFETY: W1.
    let gather = unsafe { &mut *gather.cast::<Gather<M>>() };
    let pair: *mut ManuallyDrop<(M::Key, M::Value)> = &mut gather.pairs[index];
    // SAFETY: `ManuallyDrop` is transparent; the pair is placed.
    unsafe { PlacedValue::new(&raw mut (*pair.cast::<(M::Key, M::Value)>()).1) }
}

unsafe fn map<M: Keyed>(gather: *const u8) -> *const u8 {
    // SAFETY: W1.
    unsafe { (*gather.cast::<Gather<M>>()).map.cast() }
}

/// # Safety
///
/// W1 and W2. Nobody else has the map.
unsafe fn prepare<M: Keyed>(gather: *mut u8, engine: &mut Engine<'_>) -> Placed {
    // SAFETY: W1.
    let gather = unsafe { &mut *gather.cast::<Gather<M>>() };
    let map = gather.map;
    engine.before_user()?;
    // SAFETY: W2: the empty map is ours alone.
    let fresh = engine.user(|| unsafe { (*map).empty_like() })?;
    gather.fresh = Some(Box::new(fresh));
    Ok(())
}

unsafe fn dispose<M: Keyed>(gather: *mut u8, sweep: &mut Sweep<'_, '_>) {
    // SAFETY: W1; given once.
    let mut gather = unsafe { Box::from_raw(gather.cast::<Gather<M>>()) };
    if let Some(fresh) = gather.fresh.take() {
        sweep.engine.bury(Grave::new(fresh));
    }
    // SAFETY: all pairs are placed, and forgotten after this.
    unsafe { dispose_pairs::<M>(&mut gather.pairs, 0, sweep) }
}

/// # Safety
///
/// W1 and W2. The gather is not used after this.
unsafe fn fill<M: Keyed>(gather: *mut u8, keys: Keys, engine: &mut Engine<'_>) -> Placed {
    // SAFETY: W1; given once.
    let mut gather = unsafe { Box::from_raw(gather.cast::<Gather<M>>()) };
    let map = gather.map;
    // SAFETY: W2: an empty map that nobody else can reach.
    unsafe { fill_at(&mut gather.pairs, keys, &mut *map, engine) }
}

/// # Safety
///
/// As [`fill`]; `prepare` was called.
unsafe fn build<M: Keyed>(
    gather: *mut u8,
    keys: Keys,
    engine: &mut Engine<'_>,
) -> Result<Fresh, Failed> {
    // SAFETY: W1; given once.
    let mut gather = unsafe { Box::from_raw(gather.cast::<Gather<M>>()) };
    let Some(fresh) = gather.fresh.take() else {
        unreachable!("it was prepared when it began to wait");
    };
    let fresh = Box::into_raw(fresh);
    // SAFETY: the map is ours.
    if let Err(failed) = unsafe { fill_at(&mut gather.pairs, keys, &mut *fresh, engine) } {
        // SAFETY: it holds placed pairs and is not used after this.
        engine.dispose(|sweep| unsafe { dispose_fresh::<M>(fresh.cast(), sweep) });
        return Err(failed);
    }
    Ok(Fresh {
        map: gather.map.cast(),
        fresh: fresh.cast(),
        table: SwapOf::<M>::TABLE,
    })
}
