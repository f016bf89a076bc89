//! Maps of one cell that are put into it, taken out and looked up together.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::access::{Count, Mode, Way};
use super::filled::{Built, Filled, Swap};
use super::sweep::Grave;
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

/// Where those begin that belong in the same cell as the last.
pub(crate) fn first_of_last_cell(built: &[Built]) -> usize {
    let Some(last) = built.last() else {
        return 0;
    };
    built.partition_point(|built| !Rc::ptr_eq(&built.way, &last.way))
}

/// Puts maps into the cell that they all belong in.
pub(crate) fn swap_together(built: Vec<Built>, engine: &mut Engine<'_>) -> Placed {
    let Some(first) = built.first() else {
        return Ok(());
    };
    let (way, type_name) = (Rc::clone(&first.way), first.table.type_name);
    let seats: Vec<_> = built.iter().map(Built::seat).collect();
    if !exchange(&way, &seats, engine) {
        let failed = engine.fail(ErrorKind::AlreadyBorrowed, type_name());
        drop(way);
        for built in built {
            engine.dispose_of(built, Built::dispose);
        }
        return Err(failed);
    }
    let filled = built.into_iter().map(|built| Filled {
        map: built.map,
        spare: Some(built.fresh),
        way: built.way,
        end: built.end,
        table: built.table,
        owner: built.owner,
    });
    engine.filled.extend(filled);
    Ok(())
}

/// A map's place in a cell, and a box with another map of the same type.
pub(super) struct Seat {
    pub(super) map: *mut u8,
    pub(super) end: End,
    pub(super) table: &'static Swap,
    pub(super) aside: *mut u8,
}

/// Exchanges maps in a cell and those in the boxes: all or none. No user code runs.
fn exchange(way: &Way, seats: &[Seat], engine: &mut Engine<'_>) -> bool {
    let mut done = false;
    way.unshare();
    // SAFETY: W2: under the guard, nobody else refers to the maps, which are looked for first.
    unsafe {
        way.open(Mode::Write, Count::of(seats), engine, &mut |sight, _| {
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
        match looked_up {
            // It wants the lock around its own map: to fill that once more would not help it.
            Some(Err((at, payload))) if unwind::mentions(&payload, POISONED) => {
                engine.bury(Grave::new(payload));
                return Err(filled[maps[at]].lost(engine));
            }
            Some(found) => return settle(found, engine),
            None => {}
        }
    }
    let mut looked_up = None;
    // SAFETY: W2: the maps are read under the guard, those that are in sight. A panic is kept until the guard is gone.
    unsafe {
        way.open(Mode::Read, Count::of(maps), engine, &mut |sight, engine| {
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
