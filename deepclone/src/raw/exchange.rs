//! Maps that are put into their cells, taken out and looked up together.

use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::ops::Range;

use super::access::{Mode, Way};
use super::filled::{Built, Filled, Swap};
use super::forest::Forest;
use super::sweep::{Grave, Lost};
use super::trail::End;
use super::traits::{Failed, Placed};
use super::unwind;
use crate::cloner::Engine;
use crate::error::ErrorKind;

/// What a lock says to those who don't expect it to be poisoned.
const POISONED: &str = "Poison";

/// Brings maps together that belong in the same cell.
pub(crate) fn sort_by_cell(built: &mut [Built]) {
    built.sort_by_key(|built| Rc::as_ptr(&built.way));
}

/// What came of putting several maps into their cells.
pub(crate) enum Swapped {
    All,
    /// One could not be put there; but others were, and stay.
    Part(Failed),
    Nothing(Failed),
}

/// Puts maps into their cells, all or none, unless another thread comes between.
pub(crate) fn swap_together(built: Vec<Built>, engine: &mut Engine<'_>) -> Swapped {
    let seats: Vec<Seat> = built.iter().map(Built::seat).collect();
    let swapped = exchange_all(&seats, engine);
    let mut stays = false;
    for (built, is_there) in built.into_iter().zip(&swapped.is_there) {
        if *is_there {
            stays = true;
            engine.filled.push(Filled {
                map: built.map,
                spare: Some(built.fresh),
                way: built.way,
                end: built.end,
                table: built.table,
                owner: built.owner,
            });
        } else {
            engine.dispose_of(built, Built::dispose);
        }
    }
    match swapped.failed {
        None => Swapped::All,
        Some(failed) if stays => Swapped::Part(failed),
        Some(failed) => Swapped::Nothing(failed),
    }
}

/// A map's place in a cell, and a box with another map of the same type.
#[derive(Clone)]
pub(super) struct Seat {
    pub(super) way: Rc<Way>,
    pub(super) map: *mut u8,
    pub(super) end: End,
    pub(super) table: &'static Swap,
    pub(super) aside: *mut u8,
}

/// What came of an exchange.
struct Exchanged {
    /// Of each map, whether what was in the box is in the cell now.
    is_there: Vec<bool>,
    failed: Option<Failed>,
}

/// Exchanges maps in cells and those in the boxes: all or none, unless another thread comes between. No user code runs.
fn exchange_all(seats: &[Seat], engine: &mut Engine<'_>) -> Exchanged {
    let mut is_there = exchange(seats, engine);
    let Some(first) = is_there.iter().position(|is_there| !is_there) else {
        return Exchanged {
            is_there,
            failed: None,
        };
    };
    let failed = engine.fail(ErrorKind::AlreadyBorrowed, (seats[first].table.type_name)());
    let (there, back): (Vec<usize>, Vec<Seat>) = seats
        .iter()
        .enumerate()
        .filter(|(at, _)| is_there[*at])
        .map(|(at, seat)| (at, seat.clone()))
        .unzip();
    for (at, is_back) in there.into_iter().zip(exchange(&back, engine)) {
        is_there[at] = !is_back;
    }
    Exchanged {
        is_there,
        failed: Some(failed),
    }
}

/// Exchanges maps in cells and those in the boxes: all or none in each cell. Tells of each whether that was done. No user code runs.
fn exchange(seats: &[Seat], engine: &mut Engine<'_>) -> Vec<bool> {
    let cells = by_cell(seats, |seat| Rc::as_ptr(&seat.way));
    let mut done = alloc::vec![false; seats.len()];
    for cell in &cells {
        seats[cell.start].way.unshare();
    }
    let forest = Forest::of(
        cells
            .iter()
            .map(|cell| (&seats[cell.start].way, cell.len())),
    );
    // SAFETY: W2: under the guard, nobody else refers to the maps, which are looked for first.
    unsafe {
        forest.open(Mode::Write, engine, &mut |at, sight, _| {
            let cell = cells[at].clone();
            let all = seats[cell.clone()].iter().all(|seat| sight.has(seat.end));
            if all {
                for seat in &seats[cell.clone()] {
                    (seat.table.swap)(seat.map, seat.aside);
                }
                done[cell].fill(true);
            }
        });
        for cell in &cells {
            seats[cell.start].way.share();
        }
    }
    done
}

/// The maps of each cell, which stand side by side.
fn by_cell<T>(maps: &[T], way: impl Fn(&T) -> *const Way) -> Vec<Range<usize>> {
    let mut cells: Vec<Range<usize>> = Vec::new();
    for (at, map) in maps.iter().enumerate() {
        match cells.last_mut() {
            Some(cell) if way(&maps[cell.start]) == way(map) => cell.end += 1,
            _ => cells.push(at..at + 1),
        }
    }
    cells
}

/// Takes maps out of their cells, into boxes: in each is left what was in the cell. What was in the boxes is in the cell.
fn swap_out(
    filled: &mut [Filled],
    maps: &[usize],
    engine: &mut Engine<'_>,
) -> Result<Vec<Seat>, Failed> {
    let seats: Option<Vec<Seat>> = maps.iter().map(|map| seat(&filled[*map])).collect();
    let Some(seats) = seats else {
        let type_name = filled[maps[0]].table.type_name;
        return Err(engine.fail(ErrorKind::AlreadyBorrowed, type_name()));
    };
    let swapped = exchange_all(&seats, engine);
    for ((map, seat), is_out) in maps.iter().zip(&seats).zip(swapped.is_there) {
        if is_out {
            filled[*map].spare = None;
            if swapped.failed.is_some() {
                filled[*map].give_up(seat.aside, engine);
            }
        }
    }
    match swapped.failed {
        None => Ok(seats),
        Some(failed) => Err(failed),
    }
}

fn seat(filled: &Filled) -> Option<Seat> {
    Some(Seat {
        way: filled.way.clone(),
        map: filled.map,
        end: filled.end,
        table: filled.table,
        aside: filled.spare?,
    })
}

/// Puts them back.
fn swap_in(
    filled: &mut [Filled],
    maps: &[usize],
    seats: &[Seat],
    engine: &mut Engine<'_>,
) -> Placed {
    let mut failed = None;
    let is_back = exchange(seats, engine);
    for ((map, seat), is_back) in maps.iter().zip(seats).zip(is_back) {
        if is_back {
            filled[*map].spare = Some(seat.aside);
        } else {
            let type_name = seat.table.type_name;
            failed = Some(engine.fail(ErrorKind::AlreadyBorrowed, type_name()));
            filled[*map].give_up(seat.aside, engine);
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Looks every key of some maps up again, and tells of each map what was not found.
///
/// A map is read in its cell, so that a key that reads it notices. A lock that keeps readers out is not held meanwhile if it can be poisoned, since a key may want to take it:
/// the maps behind it are taken out before.
pub(crate) fn look_up_all(
    filled: &mut [Filled],
    maps: &[usize],
    engine: &mut Engine<'_>,
) -> Result<Vec<Lost>, Failed> {
    // What can't be opened is not found.
    let key_type = |map: &usize| (filled[*map].table.key_type)();
    let mut lost: Vec<Lost> = maps.iter().map(|map| Some(key_type(map))).collect();
    let mut in_sight = Vec::new();
    // By the lock that they are behind, in the order of the first of each.
    let mut locks: Vec<(Rc<Way>, Vec<usize>)> = Vec::new();
    let mut known = BTreeMap::new();
    for (at, map) in maps.iter().enumerate() {
        match filled[*map].way.lock() {
            None => in_sight.push(at),
            Some(lock) => {
                let index = *known.entry(Rc::as_ptr(&lock)).or_insert(locks.len());
                if index == locks.len() {
                    locks.push((lock, Vec::new()));
                }
                locks[index].1.push(at);
            }
        }
    }
    for (lock, behind) in locks {
        let behind_it: Vec<usize> = behind.iter().map(|at| maps[*at]).collect();
        let seats = swap_out(filled, &behind_it, engine)?;
        let looked_up = look_up_behind(&lock, &seats, engine);
        swap_in(filled, &behind_it, &seats, engine)?;
        let Some(looked_up) = looked_up else {
            in_sight.extend(behind);
            continue;
        };
        match looked_up {
            // It wants the lock around its own map: to fill that once more would not help it.
            Err((at, payload)) if unwind::mentions(&payload, POISONED) => {
                engine.bury(Grave::new(payload));
                let table = filled[behind_it[at]].table;
                return Err(engine.fail(ErrorKind::KeyInCycle, (table.key_type)()));
            }
            looked_up => {
                for (at, what) in behind.into_iter().zip(settle(looked_up, engine)?) {
                    lost[at] = what;
                }
            }
        }
    }
    look_up_in_sight(filled, maps, &in_sight, &mut lost, engine)?;
    Ok(lost)
}

/// What came of looking up keys. If that has panicked, at which map.
type LookedUp = Result<Vec<Lost>, (usize, unwind::Payload)>;

/// Looks up the keys of maps in their cells.
fn look_up_in_sight(
    filled: &[Filled],
    maps: &[usize],
    which: &[usize],
    lost: &mut [Lost],
    engine: &mut Engine<'_>,
) -> Placed {
    let cells = by_cell(which, |at| Rc::as_ptr(&filled[maps[*at]].way));
    let map = |at: &usize| &filled[maps[*at]];
    let forest = Forest::of(
        cells
            .iter()
            .map(|cell| (&map(&which[cell.start]).way, cell.len())),
    );
    let mut outcome = Ok(Vec::new());
    // SAFETY: W2: the maps are read under the guard, those that are in sight. A panic is kept until the guard is gone.
    unsafe {
        forest.open(Mode::Read, engine, &mut |at, sight, engine| {
            let beside = &which[cells[at].clone()];
            let all = beside.iter().all(|at| sight.has(map(at).end));
            if !all || outcome.is_err() || engine.has_failed() {
                return;
            }
            outcome = look_up(beside.iter().map(|at| (map(at).map, map(at).table)), engine);
            for (at, what) in beside.iter().zip(outcome.iter().flatten()) {
                lost[*at] = *what;
            }
        });
    }
    settle(outcome, engine).map(drop)
}

/// Looks up the keys of maps that were taken out of their cells, while the lock that these lie behind is free and poisoned, if that can be.
fn look_up_behind(lock: &Way, maps: &[Seat], engine: &mut Engine<'_>) -> Option<LookedUp> {
    let mut looked_up = None;
    // SAFETY: W2.
    unsafe {
        if lock.poison(true, engine) {
            let maps = maps.iter().map(|seat| (seat.aside, seat.table));
            looked_up = Some(look_up(maps, engine));
        }
        lock.poison(false, engine);
    }
    looked_up
}

/// Looks up the keys of maps.
fn look_up(
    maps: impl Iterator<Item = (*mut u8, &'static Swap)>,
    engine: &mut Engine<'_>,
) -> LookedUp {
    maps.enumerate()
        .map(|(at, (map, table))| {
            // SAFETY: the map is the caller's, or open for reading.
            let lost = unsafe { (table.look_up)(map, engine) };
            lost.map_err(|payload| (at, payload))
        })
        .collect()
}

/// Fills a map once more, now that others are in place that its keys may read.
pub(crate) fn fill_anew(filled: &mut [Filled], index: usize, engine: &mut Engine<'_>) -> Placed {
    let maps = [index];
    let seats = swap_out(filled, &maps, engine)?;
    let map = &filled[index];
    for seat in &seats {
        // SAFETY: the map is ours; all it holds is whole.
        unsafe { (map.table.fill_anew)(seat.aside, map.is_open_to_view(engine), engine) }?;
    }
    swap_in(filled, &maps, &seats, engine)
}

/// Takes back what was filled in, where user code may have seen it: then all of it is finished, and dropped as usual. The rest is taken apart with the allocations that it lies in.
pub(crate) fn undo(filled: &mut [Filled], engine: &mut Engine<'_>) {
    for map in &mut *filled {
        map.bury_spare(engine);
    }
    let open: Vec<&Filled> = filled
        .iter()
        .filter(|map| map.is_open_to_view(engine))
        .collect();
    let cells = by_cell(&open, |map| Rc::as_ptr(&map.way));
    let first = |cell: &Range<usize>| open[cell.start];
    for cell in &cells {
        first(cell).way.unshare();
    }
    let forest = Forest::of(cells.iter().map(|cell| (&first(cell).way, cell.len())));
    let mut graves = Vec::new();
    // SAFETY: W2, which the counts on the owners keep true.
    unsafe {
        forest.open(Mode::Write, engine, &mut |at, sight, _| {
            for map in &open[cells[at].clone()] {
                if sight.has(map.end) {
                    graves.push((map.table.take_all)(map.map));
                }
            }
        });
        for cell in &cells {
            first(cell).way.share();
        }
    }
    for grave in graves {
        engine.bury(grave);
    }
}

/// What came of user code.
fn settle(looked_up: LookedUp, engine: &mut Engine<'_>) -> Result<Vec<Lost>, Failed> {
    match looked_up {
        Ok(lost) if !engine.has_failed() => Ok(lost),
        Ok(_) => Err(Failed(())),
        Err((_, payload)) => Err(engine.fail_by_panic(payload)),
    }
}
