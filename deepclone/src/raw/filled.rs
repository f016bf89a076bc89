//! A map that takes its place in a cell when its keys are finished, and is looked at there.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;

use super::access::{Mode, Way};
use super::erased::Meta;
use super::hold::PlacedValue;
use super::keyed::Keyed;
use super::pairs::{add_all, dispose_left};
use super::sweep::{Grave, Purpose, Sweep};
use super::traits::{Failed, Placed, Sweeper};
use super::unwind;
use super::waiting::Owner;
use crate::cloner::{Engine, Keys};
use crate::error::ErrorKind;

/// A filled map that is to take its place in a cell.
pub(crate) struct Built {
    pub(super) map: *mut u8,
    /// A box with a map of the same type, whose keys user code has, unless nobody looked at them.
    pub(super) fresh: *mut u8,
    pub(super) way: Way,
    pub(super) table: &'static Swap,
    pub(super) owner: Option<Owner>,
    pub(super) shared: Option<Grave>,
}

pub(super) struct Swap {
    /// Exchanges the maps.
    swap: unsafe fn(*mut u8, *mut u8),
    /// Frees the box, after an exchange.
    old: unsafe fn(*mut u8) -> Grave,
    /// Walks the map in the box.
    trace: Sweeper,
    /// Takes the box and the map in it apart.
    dispose: unsafe fn(*mut u8, &mut Sweep<'_, '_>),
    /// Looks up the keys of a map and of those that lie in it.
    finds_all: unsafe fn(*mut u8, bool, &mut Engine<'_>) -> Result<bool, unwind::Payload>,
    take_all: unsafe fn(*mut u8) -> Grave,
    /// Adds all pairs anew. On a failure the box is gone; what user code may have seen of it is dropped as usual.
    fill_anew: unsafe fn(*mut u8, bool, &mut Engine<'_>) -> Placed,
    type_name: fn() -> &'static str,
    key_type: fn() -> &'static str,
}

impl Built {
    /// Gives the cell and its owner free.
    pub(crate) fn let_go(&mut self) {
        self.unshare();
        if let Some(owner) = self.owner.take() {
            owner.let_go();
        }
    }

    /// Lets the cell be written to. No user code may run from here to `swap`.
    pub(crate) fn unshare(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.open();
        }
    }

    /// The entry of the allocation that the cell lies in.
    pub(crate) fn owner_id(&self) -> Option<u32> {
        self.owner.as_ref().map(|owner| owner.id.get())
    }

    pub(crate) fn key_type(&self) -> &'static str {
        (self.table.key_type)()
    }

    /// All of the map, to be walked.
    pub(crate) fn pairs(&self) -> PlacedValue {
        // SAFETY: the map is placed, and stays in its box until it is swapped.
        unsafe { PlacedValue::of(self.fresh, self.table.trace) }
    }

    /// Puts the map into its cell.
    pub(crate) fn swap(self, engine: &mut Engine<'_>) -> Result<Filled, Failed> {
        let (map, fresh, table) = (self.map, self.fresh, self.table);
        // SAFETY: W2: under the guard, nobody else refers to the map.
        let swapped = unsafe { self.way.open(Mode::Write, &mut || (table.swap)(map, fresh)) };
        if !swapped {
            let failed = engine.fail(ErrorKind::AlreadyBorrowed, (table.type_name)());
            engine.dispose_of(self, Self::dispose);
            return Err(failed);
        }
        Ok(Filled {
            map,
            spare: Some(fresh),
            way: self.way,
            table,
            owner: self.owner,
            shared: None,
        })
    }

    /// Takes the map apart.
    pub(crate) fn dispose(mut self, sweep: &mut Sweep<'_, '_>) {
        self.let_go();
        // SAFETY: the box is given away once.
        unsafe { (self.table.dispose)(self.fresh, sweep) }
    }
}

/// A map that was filled through its cell. As long as the operation may fail, it can be emptied again: its keys may be what keeps a cycle
/// closed that nobody was given.
pub(crate) struct Filled {
    map: *mut u8,
    /// A box with what was in the cell: an empty map, unless user code has put something in.
    spare: Option<*mut u8>,
    way: Way,
    table: &'static Swap,
    owner: Option<Owner>,
    /// Keeps the cell from being written to as long as the map may be looked at.
    shared: Option<Grave>,
}

/// What a lock says to those who don't expect it to be poisoned.
const POISONED: &str = "PoisonError";

impl Filled {
    /// Whether user code can open the cell. Then all that the map holds is finished.
    fn is_open_to_view(&self, engine: &Engine<'_>) -> bool {
        self.owner
            .as_ref()
            .is_some_and(|owner| engine.is_shown(owner.id.get()))
    }

    /// Keeps the cell from being written to again, now that all maps are in place.
    pub(crate) fn share(&mut self) {
        if let Some(share) = self.way.access.share {
            // SAFETY: W2, which the count on the owner keeps true.
            self.shared = unsafe { share(self.way.access.cell) };
        }
    }

    /// Lets the cell be written to. No user code may run from here to `undo` or `swap_out`.
    pub(crate) fn unshare(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.open();
        }
    }

    /// Looks every key up again, and tells whether all were found.
    ///
    /// The map is read in its cell, so that a key that reads the map notices. A lock that can't be shared is not held meanwhile, since a key may want to take it:
    /// the map is taken out, and the lock poisoned.
    pub(crate) fn finds_all(&mut self, engine: &mut Engine<'_>) -> Result<bool, Failed> {
        let (map, access, table) = (self.map, self.way.access, self.table);
        if let Some(poison) = access.poison {
            let spare = self.swap_out(engine)?;
            // SAFETY: W2: the lock lives.
            let poisoned = unsafe { poison(access.cell, true) };
            let mut found = Ok(true);
            if poisoned {
                // SAFETY: the map is ours.
                found = unsafe { (table.finds_all)(spare, false, engine) };
                // SAFETY: as above.
                unsafe { poison(access.cell, false) };
            }
            self.swap_in(spare, engine)?;
            if poisoned {
                return match found {
                    // It wants the lock around its own map: to fill that once more would not help it.
                    Err(payload) if unwind::mentions(&payload, POISONED) => {
                        engine.bury(Grave::new(payload));
                        Err(self.lost(engine))
                    }
                    found => settle(found, engine),
                };
            }
        }
        let mut found = Ok(true);
        // SAFETY: W2: the map is read under its guard. A panic is kept until the guard is gone.
        let opened = unsafe {
            self.way.open(Mode::Read, &mut || {
                found = (table.finds_all)(map, access.is_of_one_thread, engine);
            })
        };
        Ok(settle(found, engine)? && opened)
    }

    /// The error of a key that is found no more.
    pub(crate) fn lost(&self, engine: &mut Engine<'_>) -> Failed {
        engine.fail(ErrorKind::KeyInCycle, (self.table.key_type)())
    }

    /// Takes the map out of its cell, into the box that is returned. What was in the box is in the cell.
    fn swap_out(&mut self, engine: &mut Engine<'_>) -> Result<*mut u8, Failed> {
        match self.spare.take() {
            Some(spare) if self.exchange(spare) => Ok(spare),
            spare => {
                self.spare = spare;
                Err(engine.fail(ErrorKind::AlreadyBorrowed, (self.table.type_name)()))
            }
        }
    }

    /// Puts it back.
    fn swap_in(&mut self, aside: *mut u8, engine: &mut Engine<'_>) -> Placed {
        if self.exchange(aside) {
            self.spare = Some(aside);
            return Ok(());
        }
        let failed = engine.fail(ErrorKind::AlreadyBorrowed, (self.table.type_name)());
        let table = self.table;
        // SAFETY: the box is given away once.
        unsafe {
            if self.is_open_to_view(engine) {
                engine.bury((table.old)(aside));
            } else {
                engine.dispose(|sweep| (table.dispose)(aside, sweep));
            }
        }
        Err(failed)
    }

    /// Exchanges what is in the cell and what is in a box. No user code runs.
    fn exchange(&self, with: *mut u8) -> bool {
        let (map, table) = (self.map, self.table);
        // SAFETY: W2: under the guard, nobody else refers to the map.
        unsafe { self.way.open(Mode::Write, &mut || (table.swap)(map, with)) }
    }

    /// What was in the cell before may go.
    pub(crate) fn bury_spare(&mut self, engine: &mut Engine<'_>) {
        if let Some(spare) = self.spare.take() {
            // SAFETY: the box is given away once.
            engine.bury(unsafe { (self.table.old)(spare) });
        }
    }

    /// Takes back what was filled in, if user code may have seen it: then all of it is finished, and dropped as usual. Otherwise it is taken apart with
    /// the allocation that it lies in.
    pub(crate) fn undo(&mut self, engine: &mut Engine<'_>) {
        self.bury_spare(engine);
        if !self.is_open_to_view(engine) {
            return;
        }
        let mut pairs = None;
        // SAFETY: W2, which the count on the owner keeps true.
        unsafe {
            self.way.open(Mode::Write, &mut || {
                pairs = Some((self.table.take_all)(self.map));
            });
        }
        if let Some(pairs) = pairs {
            engine.bury(pairs);
        }
    }

    /// Leaves it as it is.
    pub(crate) fn keep(mut self, engine: &mut Engine<'_>) {
        self.unshare();
        self.bury_spare(engine);
        if let Some(owner) = self.owner {
            // User code may have dropped every other handle: then this is the last.
            engine
                .user(|| {
                    // SAFETY: the count of `hold`. The pointee is finished.
                    unsafe { (owner.pointee.release)(owner.copy) }
                })
                .ok();
        }
    }
}

/// Fills a map once more, now that others are in place that its keys may read.
pub(crate) fn fill_anew(filled: &mut [Filled], index: usize, engine: &mut Engine<'_>) -> Placed {
    let aside = while_unshared(filled, index, |map| map.swap_out(engine))?;
    let map = &filled[index];
    // SAFETY: the map is ours; all it holds is whole.
    unsafe { (map.table.fill_anew)(aside, map.is_open_to_view(engine), engine) }?;
    while_unshared(filled, index, |map| map.swap_in(aside, engine))
}

/// Lets the cell of a map be written to, by this alone. Others may lie in it.
fn while_unshared<R>(
    filled: &mut [Filled],
    index: usize,
    work: impl FnOnce(&mut Filled) -> R,
) -> R {
    let cell = filled[index].way.access.cell.data;
    let in_it = |map: &&mut Filled| core::ptr::eq(map.way.access.cell.data, cell);
    filled.iter_mut().filter(in_it).for_each(Filled::unshare);
    let done = work(&mut filled[index]);
    filled.iter_mut().filter(in_it).for_each(Filled::share);
    done
}

/// What came of user code.
fn settle(found: Result<bool, unwind::Payload>, engine: &mut Engine<'_>) -> Result<bool, Failed> {
    match found {
        Ok(found) if !engine.has_failed() => Ok(found),
        Ok(_) => Err(Failed(())),
        Err(payload) => Err(engine.fail_by_panic(payload)),
    }
}

/// The table of a map of type `M`.
pub(super) struct SwapOf<M>(PhantomData<M>);

impl<M: Keyed> SwapOf<M> {
    pub(super) const TABLE: &'static Swap = &Swap {
        swap: swap::<M>,
        old: old::<M>,
        trace: trace::<M>,
        dispose: dispose_fresh::<M>,
        finds_all: finds_all::<M>,
        take_all: take_all::<M>,
        fill_anew: refill::<M>,
        type_name: core::any::type_name::<M>,
        key_type: core::any::type_name::<M::Key>,
    };
}

unsafe fn swap<M: Keyed>(map: *mut u8, fresh: *mut u8) {
    // SAFETY: two maps, ours for the moment.
    unsafe { core::ptr::swap(map.cast::<M>(), fresh.cast::<M>()) }
}

unsafe fn old<M: Keyed>(fresh: *mut u8) -> Grave {
    // SAFETY: the box of `build`, given once.
    Grave::new(unsafe { Box::from_raw(fresh.cast::<M>()) })
}

unsafe fn trace<M: Keyed>(fresh: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>) {
    // SAFETY: a placed map, which a trace leaves as it is.
    unsafe { M::sweep_at(fresh.cast::<M>(), sweep) }
}

pub(super) unsafe fn dispose_fresh<M: Keyed>(fresh: *mut u8, sweep: &mut Sweep<'_, '_>) {
    // SAFETY: the map is not used after this; its box is freed without it.
    unsafe {
        M::sweep_at(fresh.cast::<M>(), sweep);
        drop(Box::from_raw(fresh.cast::<ManuallyDrop<M>>()));
    }
}

unsafe fn finds_all<M: Keyed>(
    map: *mut u8,
    stays_out_of_blocks: bool,
    engine: &mut Engine<'_>,
) -> Result<bool, unwind::Payload> {
    let mut sweep = Sweep::new(Purpose::LookUp, engine);
    // In a cell of one thread, a map in a block inside of another waits by itself. In a lock it waits with the other.
    sweep.stays_out_of_blocks = stays_out_of_blocks;
    // SAFETY: the map is open for reading.
    unsafe { M::sweep_at(map.cast::<M>(), &mut sweep) };
    sweep.found_all
}

unsafe fn take_all<M: Keyed>(map: *mut u8) -> Grave {
    // SAFETY: the map is open for writing.
    Grave::new(unsafe { (*map.cast::<M>()).take_all() })
}

unsafe fn refill<M: Keyed>(fresh: *mut u8, open_to_view: bool, engine: &mut Engine<'_>) -> Placed {
    let fresh = fresh.cast::<M>();
    // SAFETY: the map in the box is the caller's.
    let map = unsafe { &mut *fresh };
    let mut pairs: Vec<_> = map.take_all().into_iter().map(ManuallyDrop::new).collect();
    // SAFETY: the keys are finished, the map is empty.
    let Err(left) = (unsafe { add_all(&mut pairs, Keys::Finished, map, engine) }) else {
        return Ok(());
    };
    if open_to_view {
        for (at, pair) in pairs.iter_mut().enumerate().skip(left.moved.count) {
            let pair: *mut ManuallyDrop<(M::Key, M::Value)> = pair;
            let pair: *mut (M::Key, M::Value) = pair.cast();
            // SAFETY: whole, and moved out once: of the pair that is half moved the value is left.
            unsafe {
                engine.bury(Grave::new((&raw mut (*pair).1).read()));
                if at > left.moved.count || !left.moved.half {
                    engine.bury(Grave::new((&raw mut (*pair).0).read()));
                }
            }
        }
        // SAFETY: the box is given away once.
        engine.bury(unsafe { old::<M>(fresh.cast()) });
    } else {
        // SAFETY: placed pairs, not used after this.
        engine.dispose(|sweep| unsafe {
            dispose_left(&mut pairs, &left, sweep);
            dispose_fresh::<M>(fresh.cast(), sweep);
        });
    }
    Err(left.failed)
}
