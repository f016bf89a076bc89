//! A map that takes its place in a cell when its keys are finished, and is looked at there.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;

use super::access::{Mode, Way};
use super::erased::Meta;
use super::hold::PlacedValue;
use super::keyed::Keyed;
use super::pairs::{add_all, dispose_left};
use super::sweep::{Grave, Purpose, Sweep};
use super::trail::End;
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
    pub(super) way: Rc<Way>,
    pub(super) end: End,
    pub(super) table: &'static Swap,
    pub(super) owner: Option<Owner>,
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
    finds_all: unsafe fn(*mut u8, &mut Engine<'_>) -> Result<bool, unwind::Payload>,
    take_all: unsafe fn(*mut u8) -> Grave,
    /// Adds all pairs anew. On a failure the box is gone; what user code may have seen of it is dropped as usual.
    fill_anew: unsafe fn(*mut u8, bool, &mut Engine<'_>) -> Placed,
    type_name: fn() -> &'static str,
    key_type: fn() -> &'static str,
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

    fn seat(&self) -> Seat {
        Seat {
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

/// Puts maps into the cells that they belong in: all into one cell at once.
pub(crate) fn swap_all(mut built: Vec<Built>, engine: &mut Engine<'_>) -> Placed {
    built.sort_by_key(|built| Rc::as_ptr(&built.way));
    let mut built = built.into_iter().peekable();
    while let Some(first) = built.next() {
        let way = Rc::clone(&first.way);
        let mut beside = Vec::from([first]);
        while let Some(next) = built.next_if(|next| Rc::ptr_eq(&next.way, &way)) {
            beside.push(next);
        }
        let seats: Vec<_> = beside.iter().map(Built::seat).collect();
        if !exchange(&way, &seats, engine) {
            let type_name = beside[0].table.type_name;
            let failed = engine.fail(ErrorKind::AlreadyBorrowed, type_name());
            drop(way);
            for built in beside.into_iter().chain(built) {
                engine.dispose_of(built, Built::dispose);
            }
            return Err(failed);
        }
        let filled = beside.into_iter().map(|built| Filled {
            map: built.map,
            spare: Some(built.fresh),
            way: built.way,
            end: built.end,
            table: built.table,
            owner: built.owner,
        });
        engine.filled.extend(filled);
    }
    Ok(())
}

/// A map's place in a cell, and a box with another map of the same type.
struct Seat {
    map: *mut u8,
    end: End,
    table: &'static Swap,
    aside: *mut u8,
}

/// Exchanges maps in a cell and those in the boxes: all or none. No user code runs.
fn exchange(way: &Way, seats: &[Seat], engine: &mut Engine<'_>) -> bool {
    let mut done = false;
    way.unshare();
    // SAFETY: W2: under the guard, nobody else refers to the maps, which are looked for first.
    unsafe {
        way.open(Mode::Write, engine, &mut |sight, _| {
            done = seats.iter().all(|seat| sight.has(seat.end));
            if done {
                for seat in seats {
                    (seat.table.swap)(seat.map, seat.aside);
                }
            }
        });
        way.share();
    }
    done
}

/// A map that was filled through its cell. As long as the operation may fail, it can be emptied again: its keys may be what keeps a cycle
/// closed that nobody was given.
pub(crate) struct Filled {
    map: *mut u8,
    /// A box with what was in the cell: an empty map, unless user code has put something in.
    spare: Option<*mut u8>,
    way: Rc<Way>,
    end: End,
    table: &'static Swap,
    owner: Option<Owner>,
}

/// What a lock says to those who don't expect it to be poisoned.
const POISONED: &str = "Poison";

impl Filled {
    /// Whether user code can open the cell. Then all that the map holds is finished.
    fn is_open_to_view(&self, engine: &Engine<'_>) -> bool {
        self.owner
            .as_ref()
            .is_some_and(|owner| engine.is_shown(owner.id.get()))
    }

    /// Whether two lie in one cell.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.way, &other.way)
    }

    /// The error of a key that is found no more.
    pub(crate) fn lost(&self, engine: &mut Engine<'_>) -> Failed {
        engine.fail(ErrorKind::KeyInCycle, (self.table.key_type)())
    }

    /// The map that was taken out can't be put back.
    fn give_up(&self, aside: *mut u8, engine: &mut Engine<'_>) {
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

    /// Takes back what was filled in, if user code may have seen it: then all of it is finished, and dropped as usual. Otherwise it is taken apart with
    /// the allocation that it lies in.
    pub(crate) fn undo(&mut self, engine: &mut Engine<'_>) {
        self.bury_spare(engine);
        if !self.is_open_to_view(engine) {
            return;
        }
        let mut pairs = None;
        self.way.unshare();
        // SAFETY: W2, which the count on the owner keeps true.
        unsafe {
            self.way.open(Mode::Write, engine, &mut |sight, _| {
                if sight.has(self.end) {
                    pairs = Some((self.table.take_all)(self.map));
                }
            });
        }
        if let Some(pairs) = pairs {
            engine.bury(pairs);
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

/// Takes maps of one cell out of it, into boxes: in each is left what was in the cell. What was in the boxes is in the cell.
fn swap_out(
    filled: &mut [Filled],
    maps: &[usize],
    engine: &mut Engine<'_>,
) -> Result<Vec<*mut u8>, Failed> {
    let seats: Option<Vec<Seat>> = maps.iter().map(|map| seat(filled, *map)).collect();
    let Some(seats) = seats.filter(|seats| exchange(&filled[maps[0]].way, seats, engine)) else {
        let type_name = filled[maps[0]].table.type_name;
        return Err(engine.fail(ErrorKind::AlreadyBorrowed, type_name()));
    };
    for map in maps {
        filled[*map].spare = None;
    }
    Ok(seats.into_iter().map(|seat| seat.aside).collect())
}

fn seat(filled: &[Filled], map: usize) -> Option<Seat> {
    let map = &filled[map];
    Some(Seat {
        map: map.map,
        end: map.end,
        table: map.table,
        aside: map.spare?,
    })
}

/// Puts them back.
fn swap_in(
    filled: &mut [Filled],
    maps: &[usize],
    aside: &[*mut u8],
    engine: &mut Engine<'_>,
) -> Placed {
    for (map, aside) in maps.iter().zip(aside) {
        filled[*map].spare = Some(*aside);
    }
    let seats: Option<Vec<Seat>> = maps.iter().map(|map| seat(filled, *map)).collect();
    if seats.is_some_and(|seats| exchange(&filled[maps[0]].way, &seats, engine)) {
        return Ok(());
    }
    let failed = engine.fail(
        ErrorKind::AlreadyBorrowed,
        (filled[maps[0]].table.type_name)(),
    );
    for (map, aside) in maps.iter().zip(aside) {
        filled[*map].spare = None;
        filled[*map].give_up(*aside, engine);
    }
    Err(failed)
}

/// Looks every key of maps in one cell up again, and tells of each map whether all were found.
///
/// A map is read in its cell, so that a key that reads it notices. A lock that keeps readers out is not held meanwhile if it can be poisoned, since a key may want to take it:
/// the maps are taken out before.
pub(crate) fn finds_all(
    filled: &mut [Filled],
    maps: &[usize],
    engine: &mut Engine<'_>,
) -> Result<Vec<bool>, Failed> {
    let way = Rc::clone(&filled[maps[0]].way);
    if way.keeps_out {
        let aside = swap_out(filled, maps, engine)?;
        let seats = maps.iter().zip(&aside);
        let seats = seats.map(|(map, aside)| (*aside, filled[*map].table));
        let looked_up = look_up_behind(&way, seats, engine);
        swap_in(filled, maps, &aside, engine)?;
        if let Some(found) = looked_up {
            let key_type = |at: usize| filled[maps[at]].table.key_type;
            return settle_behind(found, key_type, engine);
        }
    }
    let mut looked_up = None;
    // SAFETY: W2: the maps are read under the guard, those that are in sight. A panic is kept until the guard is gone.
    unsafe {
        way.open(Mode::Read, engine, &mut |sight, engine| {
            let all = maps.iter().all(|map| sight.has(filled[*map].end));
            looked_up = all.then(|| {
                let maps = maps.iter().map(|map| &filled[*map]);
                look_up(maps.map(|map| (map.map, map.table)), engine)
            });
        });
    }
    match looked_up {
        Some(found) => settle(found, engine),
        None => Ok(maps.iter().map(|_| false).collect()),
    }
}

/// Makes sure that no key wants to write to the lock around its own map, as far as that lock has to be open for reading when the keys are looked up. The maps are about to be put into it.
pub(crate) fn stay_out(built: &[Built], engine: &mut Engine<'_>) -> Placed {
    for beside in built.chunk_by(|one, next| Rc::ptr_eq(&one.way, &next.way)) {
        let way = &beside[0].way;
        if way.keeps_out || !way.has_locks {
            continue;
        }
        let maps = beside.iter().map(|built| (built.fresh, built.table));
        if let Some(looked_up) = look_up_behind(way, maps, engine) {
            settle_behind(looked_up, |at| beside[at].table.key_type, engine)?;
        }
    }
    Ok(())
}

/// What came of looking up keys. If that has panicked, at which map.
type LookedUp = Result<Vec<bool>, (usize, unwind::Payload)>;

/// Looks up the keys of maps while the locks around the place that they belong in are free and poisoned, if that can be.
fn look_up_behind(
    way: &Way,
    maps: impl Iterator<Item = (*mut u8, &'static Swap)>,
    engine: &mut Engine<'_>,
) -> Option<LookedUp> {
    let mut looked_up = None;
    // SAFETY: W2.
    unsafe {
        if way.poison(true, engine) {
            looked_up = Some(look_up(maps, engine));
        }
        way.poison(false, engine);
    }
    looked_up
}

fn settle_behind(
    looked_up: LookedUp,
    key_type: impl Fn(usize) -> fn() -> &'static str,
    engine: &mut Engine<'_>,
) -> Result<Vec<bool>, Failed> {
    match looked_up {
        // It wants the lock around its own map: to fill that once more would not help it.
        Err((at, payload)) if unwind::mentions(&payload, POISONED) => {
            engine.bury(Grave::new(payload));
            Err(engine.fail(ErrorKind::KeyInCycle, key_type(at)()))
        }
        looked_up => settle(looked_up, engine),
    }
}

/// Looks up the keys of maps.
fn look_up(
    maps: impl Iterator<Item = (*mut u8, &'static Swap)>,
    engine: &mut Engine<'_>,
) -> LookedUp {
    maps.enumerate()
        .map(|(at, (map, table))| {
            // SAFETY: the map is the caller's, or open for reading.
            let found = unsafe { (table.finds_all)(map, engine) };
            found.map_err(|payload| (at, payload))
        })
        .collect()
}

/// Fills a map once more, now that others are in place that its keys may read.
pub(crate) fn fill_anew(filled: &mut [Filled], index: usize, engine: &mut Engine<'_>) -> Placed {
    let maps = [index];
    let aside = swap_out(filled, &maps, engine)?;
    let map = &filled[index];
    for aside in &aside {
        // SAFETY: the map is ours; all it holds is whole.
        unsafe { (map.table.fill_anew)(*aside, map.is_open_to_view(engine), engine) }?;
    }
    swap_in(filled, &maps, &aside, engine)
}

/// What came of user code.
fn settle(looked_up: LookedUp, engine: &mut Engine<'_>) -> Result<Vec<bool>, Failed> {
    match looked_up {
        Ok(found) if !engine.has_failed() => Ok(found),
        Ok(_) => Err(Failed(())),
        Err((_, payload)) => Err(engine.fail_by_panic(payload)),
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
        finds_all: finds_all_of::<M>,
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

unsafe fn finds_all_of<M: Keyed>(
    map: *mut u8,
    engine: &mut Engine<'_>,
) -> Result<bool, unwind::Payload> {
    let mut sweep = Sweep::new(Purpose::LookUp, engine);
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
