//! A map gathered as a list of pairs, until its keys can be hashed or compared.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::Cell;
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, MaybeUninit};

use super::erased::Erased;
use super::hold::PlacedValue;
use super::keyed::Keyed;
use super::pointee::Pointee;
use super::sweep::{Grave, Sweep};
use super::traits::Placed;
use super::unwind;
use crate::cloner::Engine;
use crate::error::ErrorKind;

/// The shared allocation that a value is placed in, on the stack of the frame that fills it.
#[derive(Clone)]
pub(crate) struct Owner {
    pub(crate) key: *const (),
    pub(crate) copy: Erased,
    pub(crate) pointee: &'static Pointee,
    /// The one around it.
    pub(crate) around: *const Owner,
    /// Its entry; `NO_ENTRY` if its only edge is the one that we came by.
    pub(crate) id: u32,
    /// Weak edges that were found from inside.
    pub(crate) weak_found: Cell<usize>,
    /// Nobody else can find the entry: there is one strong edge, and the weak ones have all been found from inside so far.
    pub(crate) unkeyed: Cell<bool>,
}

/// Stands for the number of an entry that is not there.
pub(crate) const NO_ENTRY: u32 = u32::MAX;

/// How to open a cell or a lock of the copy.
#[derive(Clone, Copy)]
pub(crate) struct Access {
    pub(crate) cell: Erased,
    /// Runs the work while the cell is open, for writing or for reading; or tells that somebody else has it open.
    pub(crate) open: unsafe fn(Erased, Mode, &mut dyn FnMut()) -> bool,
}

/// What a cell is opened for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    Write,
    Read,
}

/// A map that waits.
///
/// Invariants: W1. `gather` is a `Gather<M>` of the type that `table` was made for. W2. As long as the map can still be filled, its place is where
/// `gather` says, inside the frame that gathered it or, if it has waited, inside the allocation of `owner`, on which this owns a strong count, behind one cell
/// and nothing else that could be changed.
pub(crate) struct Waiting {
    gather: *mut u8,
    table: &'static Table,
    owner: Option<Owner>,
    /// Where the owner was found. Only compared.
    frame: *const Owner,
    keys_lead_nowhere: bool,
    stable: bool,
    cells: u32,
    access: Option<Access>,
    has_waited: bool,
}

struct Table {
    len: unsafe fn(*const u8) -> usize,
    key: unsafe fn(*mut u8, usize) -> PlacedValue,
    fill: unsafe fn(*mut u8, Option<Access>, &mut Engine<'_>) -> Placed,
    dispose: unsafe fn(*mut u8, &mut Sweep<'_, '_>),
    key_type: fn() -> &'static str,
}

/// The pairs of a map of type `M`, which lies empty at `map`.
struct Gather<M: Keyed> {
    map: *mut M,
    pairs: Vec<ManuallyDrop<(M::Key, M::Value)>>,
}

struct TableOf<M>(PhantomData<M>);

impl<M: Keyed> TableOf<M> {
    const TABLE: &'static Table = &Table {
        len: len::<M>,
        key: key::<M>,
        fill: fill::<M>,
        dispose: dispose::<M>,
        key_type: core::any::type_name::<M::Key>,
    };
}

/// Gathers the pairs of `source`, whose copy lies empty at `map`.
///
/// # Safety
///
/// `map` holds an empty map, at its place.
pub(crate) unsafe fn gather<M: Keyed>(source: &M, map: *mut M, engine: &mut Engine<'_>) -> Placed {
    let mut gathered = Gather {
        map,
        pairs: Vec::with_capacity(source.count()),
    };
    let mut keys_lead_nowhere = true;
    let stable = core::mem::replace(&mut engine.place.stable, false);
    let placed = source.each(|index, source_key, source_value| {
        let mut key = MaybeUninit::<M::Key>::uninit();
        let mut value = MaybeUninit::<M::Value>::uninit();
        // SAFETY: both have room for what is placed there.
        let leads_somewhere = unsafe {
            super::keyed::place_pair(
                index,
                source_key,
                source_value,
                &mut key,
                &mut value,
                engine,
            )
        }?;
        keys_lead_nowhere &= !leads_somewhere;
        // SAFETY: both were placed.
        let pair = unsafe { (key.assume_init(), value.assume_init()) };
        gathered.pairs.push(ManuallyDrop::new(pair));
        Ok(())
    });
    engine.place.stable = stable;
    let table = TableOf::<M>::TABLE;
    let gather: *mut u8 = Box::into_raw(Box::new(gathered)).cast();
    if placed.is_err() {
        // SAFETY: W1, and it is not used after this.
        engine.dispose(|sweep| unsafe { dispose::<M>(gather, sweep) });
        return placed;
    }
    // SAFETY: the frame that placed the owner is below us on the stack.
    let owner = unsafe { engine.place.owner.as_ref() }.cloned();
    if let Some(owner) = &owner {
        owner.hold();
    }
    engine.waiting.push(Some(Waiting {
        gather,
        table,
        owner,
        frame: engine.place.owner,
        keys_lead_nowhere,
        stable: engine.place.stable,
        cells: 0,
        access: None,
        has_waited: false,
    }));
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

    fn let_go(&self) {
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
    /// Whether the map lies in that allocation, and a cell around it may still be open.
    pub(crate) fn lies_in(&self, frame: *const Owner) -> bool {
        core::ptr::eq(self.frame, frame) && !self.has_waited
    }

    /// Whether no key holds an edge: then each is finished.
    pub(crate) fn keys_lead_nowhere(&self) -> bool {
        self.keys_lead_nowhere
    }

    /// The guard of a cell around the map is gone.
    pub(crate) fn left_cell(&mut self, access: Access) {
        self.cells += 1;
        self.access = Some(access);
    }

    /// Whether the map's place will still be there, and reached through one cell, when all is done.
    pub(crate) fn can_wait(&self) -> bool {
        self.stable && self.owner.is_some() && self.cells == 1
    }

    pub(crate) fn waits(&mut self) {
        self.has_waited = true;
    }

    pub(crate) fn owner_address(&self) -> Option<*const ()> {
        self.owner.as_ref().map(|owner| owner.copy.data)
    }

    pub(crate) fn let_go_of_owner(&mut self) {
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

    pub(crate) fn key_type(&self) -> &'static str {
        (self.table.key_type)()
    }

    /// Fills the map. Its keys are finished.
    pub(crate) fn fill(mut self, engine: &mut Engine<'_>) -> Placed {
        let access = self.access.filter(|_| self.has_waited);
        // SAFETY: W1 and W2; the gather is given away once.
        let filled = unsafe { (self.table.fill)(self.gather, access, engine) };
        if let Some(owner) = self.owner.take() {
            if self.has_waited && filled.is_ok() {
                // User code may have dropped every other handle: then this is the last.
                engine
                    .user(|| {
                        // SAFETY: the count of `hold`. The pointee is finished.
                        unsafe { (owner.pointee.release)(owner.copy) }
                    })
                    .ok();
            } else {
                owner.let_go();
            }
        }
        filled
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

unsafe fn dispose<M: Keyed>(gather: *mut u8, sweep: &mut Sweep<'_, '_>) {
    // SAFETY: W1; given once.
    let mut gather = unsafe { Box::from_raw(gather.cast::<Gather<M>>()) };
    // SAFETY: all pairs are placed, and forgotten after this.
    unsafe { dispose_pairs::<M>(&mut gather.pairs, 0, sweep) }
}

/// # Safety
///
/// The pairs from `from` on are placed and not used after this.
unsafe fn dispose_pairs<M: Keyed>(
    pairs: &mut Vec<ManuallyDrop<(M::Key, M::Value)>>,
    from: usize,
    sweep: &mut Sweep<'_, '_>,
) {
    for pair in &mut pairs[from..] {
        let pair: *mut ManuallyDrop<(M::Key, M::Value)> = pair;
        let pair: *mut (M::Key, M::Value) = pair.cast();
        // SAFETY: placed, and not used after this.
        unsafe { sweep.value(&raw mut (*pair).0) };
        // SAFETY: placed, and not used after this.
        unsafe { sweep.value(&raw mut (*pair).1) };
    }
    pairs.clear();
}

/// Fills the map at its place, or, through `access`, a fresh one that then takes its place.
unsafe fn fill<M: Keyed>(
    gather: *mut u8,
    access: Option<Access>,
    engine: &mut Engine<'_>,
) -> Placed {
    // SAFETY: W1; given once.
    let mut gather = unsafe { Box::from_raw(gather.cast::<Gather<M>>()) };
    let map = gather.map;
    let Some(access) = access else {
        // SAFETY: W2: an empty map that nobody else can reach.
        return unsafe { fill_at(&mut gather.pairs, &mut *map, engine) };
    };
    let made = engine.user(|| {
        let mut fresh = None;
        // SAFETY: W2: the cell lives. The map is read under its guard.
        let opened = unsafe {
            (access.open)(access.cell, Mode::Read, &mut || {
                fresh = Some((*map).empty_like());
            })
        };
        debug_assert_eq!(opened, fresh.is_some());
        fresh
    });
    let mut fresh = match made {
        Ok(Some(fresh)) => ManuallyDrop::new(fresh),
        other => {
            let failed = match other {
                Err(failed) => failed,
                Ok(_) => engine.fail(ErrorKind::AlreadyBorrowed, core::any::type_name::<M>()),
            };
            // SAFETY: the pairs are placed.
            engine.dispose(|sweep| unsafe { dispose_pairs::<M>(&mut gather.pairs, 0, sweep) });
            return Err(failed);
        }
    };
    // SAFETY: the map is a local.
    let filled = unsafe { fill_at(&mut gather.pairs, &mut *fresh, engine) };
    if let Err(failed) = filled {
        // SAFETY: it holds placed pairs and is not used after this.
        engine.dispose(|sweep| unsafe { M::sweep_at(&raw mut *fresh, sweep) });
        return Err(failed);
    }
    // SAFETY: W2: under the guard, nobody else refers to the map.
    let swapped = unsafe {
        (access.open)(access.cell, Mode::Write, &mut || {
            core::ptr::swap(map, &raw mut *fresh);
        })
    };
    if !swapped {
        let failed = engine.fail(ErrorKind::AlreadyBorrowed, core::any::type_name::<M>());
        // SAFETY: as above.
        engine.dispose(|sweep| unsafe { M::sweep_at(&raw mut *fresh, sweep) });
        return Err(failed);
    }
    // What was in the cell: an empty map, unless user code has put something in.
    engine.bury(Grave::new(ManuallyDrop::into_inner(fresh)));
    let mut same = false;
    let checked = engine.user(|| {
        // SAFETY: W2: the map is read under its guard.
        unsafe {
            (access.open)(access.cell, Mode::Read, &mut || {
                same = (*map).finds_all();
            })
        }
    })?;
    if checked && same && !engine.has_failed() {
        Ok(())
    } else {
        Err(engine.fail(ErrorKind::KeyInCycle, core::any::type_name::<M::Key>()))
    }
}

/// Moves the pairs into `map`. Whatever happens, no pair is left.
///
/// # Safety
///
/// The keys are finished; `map` is ours alone.
unsafe fn fill_at<M: Keyed>(
    pairs: &mut Vec<ManuallyDrop<(M::Key, M::Value)>>,
    map: &mut M,
    engine: &mut Engine<'_>,
) -> Placed {
    engine.expose(crate::cloner::Exposure::User);
    let mut moved = 0;
    let mut half = false;
    let first: *mut (M::Key, M::Value) = pairs.as_mut_ptr().cast();
    let filled = unwind::catch(|| {
        while moved < pairs.len() {
            half = true;
            // SAFETY: within the list; the key is moved out once, which `half` and `moved` remember.
            let added = unsafe {
                let key = (&raw const (*first.add(moved)).0).read();
                map.add(key, &raw mut (*first.add(moved)).1)
            };
            if !added {
                return false;
            }
            half = false;
            moved += 1;
        }
        true
    });
    let result = match filled {
        Ok(true) => Ok(()),
        Ok(false) => Err(engine.fail(ErrorKind::KeyInCycle, core::any::type_name::<M::Key>())),
        Err(payload) => Err(engine.fail_by_panic(payload)),
    };
    if result.is_err() {
        engine.dispose(|sweep| {
            if half {
                // SAFETY: the key went into `add`, the value did not.
                unsafe { sweep.value(&raw mut (*first.add(moved)).1) };
                moved += 1;
            }
            // SAFETY: the pairs from `moved` on are still there.
            unsafe { dispose_pairs::<M>(pairs, moved, sweep) }
        });
    }
    pairs.clear();
    result
}
