//! A map that takes its place in a cell when its keys are finished, and is looked at there.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;

use super::access::Way;
use super::erased::Meta;
use super::exchange::Seat;
use super::hold::PlacedValue;
use super::keyed::Keyed;
use super::pairs::{add_all, bury_alone};
use super::sweep::{Grave, Lost, Purpose, Sweep};
use super::trail::End;
use super::traits::{Placed, Sweeper};
use super::unwind;
use super::waiting::Owner;
use crate::cloner::{Engine, Keys};

/// A filled map that is to take its place in a cell.
pub(crate) struct Built {
    pub(super) map: *mut u8,
    /// A box with a map of the same type, whose keys user code has, unless nobody looked at them.
    pub(super) fresh: *mut u8,
    pub(crate) way: Rc<Way>,
    pub(super) end: End,
    pub(super) table: &'static Swap,
    pub(super) owner: Option<Owner>,
}

pub(super) struct Swap {
    /// Exchanges the maps.
    pub(super) swap: unsafe fn(*mut u8, *mut u8),
    /// Frees the box, after an exchange.
    pub(super) old: unsafe fn(*mut u8) -> Grave,
    /// Walks the map in the box.
    pub(super) trace: Sweeper,
    /// Takes the box and the map in it apart.
    pub(super) dispose: unsafe fn(*mut u8, &mut Sweep<'_, '_>),
    /// Looks up the keys of a map and of those that lie in it.
    pub(super) look_up: unsafe fn(*mut u8, &mut Engine<'_>) -> Result<Lost, unwind::Payload>,
    pub(super) take_all: unsafe fn(*mut u8) -> Grave,
    /// Adds all pairs anew. On a failure the box is gone; what user code may have seen of it is dropped as usual.
    pub(super) fill_anew: unsafe fn(*mut u8, bool, &mut Engine<'_>) -> Placed,
    pub(super) type_name: fn() -> &'static str,
    pub(super) key_type: fn() -> &'static str,
}

impl Built {
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

    pub(super) fn seat(&self) -> Seat {
        Seat {
            way: self.way.clone(),
            map: self.map,
            end: self.end,
            table: self.table,
            aside: self.fresh,
        }
    }

    /// Gives the owner free. Whoever does that holds it.
    pub(crate) fn let_go(&mut self) {
        if let Some(owner) = self.owner.take() {
            owner.let_go();
        }
    }

    /// Takes the map apart.
    pub(crate) fn dispose(self, sweep: &mut Sweep<'_, '_>) {
        drop(self.way);
        if let Some(owner) = self.owner {
            owner.let_go();
        }
        // SAFETY: the box is given away once.
        unsafe { (self.table.dispose)(self.fresh, sweep) }
    }
}

/// A map that was filled through its cell. As long as the operation may fail, it can be emptied again: its keys may be what keeps a cycle
/// closed that nobody was given.
pub(crate) struct Filled {
    pub(super) map: *mut u8,
    /// A box with what was in the cell: an empty map, unless user code has put something in.
    pub(super) spare: Option<*mut u8>,
    pub(crate) way: Rc<Way>,
    pub(super) end: End,
    pub(super) table: &'static Swap,
    pub(super) owner: Option<Owner>,
}

impl Filled {
    /// Whether user code can open the cell. Then all that the map holds is finished.
    pub(super) fn is_open_to_view(&self, engine: &Engine<'_>) -> bool {
        self.owner
            .as_ref()
            .is_some_and(|owner| engine.is_shown(owner.id.get()))
    }

    /// The map that was taken out can't be put back.
    pub(super) fn give_up(&self, aside: *mut u8, engine: &mut Engine<'_>) {
        let table = self.table;
        // SAFETY: the box is given away once.
        unsafe {
            if self.is_open_to_view(engine) {
                engine.bury((table.old)(aside));
            } else {
                engine.dispose(|sweep| (table.dispose)(aside, sweep));
            }
        }
    }

    /// What was in the cell before may go.
    pub(crate) fn bury_spare(&mut self, engine: &mut Engine<'_>) {
        if let Some(spare) = self.spare.take() {
            // SAFETY: the box is given away once.
            engine.bury(unsafe { (self.table.old)(spare) });
        }
    }

    /// Leaves it as it is.
    pub(crate) fn keep(mut self, engine: &mut Engine<'_>) {
        self.bury_spare(engine);
        drop(self.way);
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

/// The table of a map of type `M`.
pub(super) struct SwapOf<M>(PhantomData<M>);

impl<M: Keyed> SwapOf<M> {
    pub(super) const TABLE: &'static Swap = &Swap {
        swap: swap::<M>,
        old: old::<M>,
        trace: trace::<M>,
        dispose: dispose_fresh::<M>,
        look_up: look_up::<M>,
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

unsafe fn look_up<M: Keyed>(
    map: *mut u8,
    engine: &mut Engine<'_>,
) -> Result<Lost, unwind::Payload> {
    let mut sweep = Sweep::new(Purpose::LookUp, engine);
    // SAFETY: the map is open for reading.
    unsafe { M::sweep_at(map.cast::<M>(), &mut sweep) };
    sweep.lost
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
    let Err(left) = (unsafe { add_all(&mut pairs, Keys::Finished, map, None, engine) }) else {
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
        // User code has seen the keys, and not the values.
        for (at, pair) in pairs.iter_mut().enumerate().skip(left.moved.count) {
            let pair: *mut ManuallyDrop<(M::Key, M::Value)> = pair;
            let pair: *mut (M::Key, M::Value) = pair.cast();
            // SAFETY: placed, and not used after this.
            unsafe {
                if at > left.moved.count || !left.moved.half {
                    engine.bury(Grave::new((&raw mut (*pair).0).read()));
                }
                engine.dispose(|sweep| sweep.value(&raw mut (*pair).1));
            }
        }
        bury_alone(map, engine);
        // SAFETY: the box is given away once.
        engine.dispose(|sweep| unsafe { dispose_fresh::<M>(fresh.cast(), sweep) });
    }
    Err(left.failed)
}
