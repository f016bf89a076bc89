//! A row of elements placed by several threads.
//!
//! Invariants: R1. An element is placed by one thread, at a place of its own. R2. What is placed is noted, and only that is taken apart after a failure.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::member::{Harvest, SAMPLE, Work};
use crate::cloner::{Engine, Exposure, Failure, Order};
use crate::raw::gang::Gang;
use crate::raw::sweep::{Grave, Sweep};
use crate::raw::traits::Placed;

/// Fewer elements than this are copied by one thread: a sample would be all of them. Rows in them may be copied by several.
pub(crate) const FEW: usize = SAMPLE + 1;
/// Pieces of work for each thread.
const PIECES: usize = 16;
/// Elements, and where their copies go.
///
/// # Safety
///
/// `place` and `dispose` of different elements may run at the same time, on any thread.
pub(crate) unsafe trait Row: Sync {
    fn len(&self) -> usize;
    /// # Safety
    ///
    /// As `DeepClone::__place`. Each element is placed once.
    unsafe fn place(&self, index: usize, engine: &mut Engine<'_>) -> Placed;
    /// # Safety
    ///
    /// The element is placed, and not used after this.
    unsafe fn dispose(&self, index: usize, sweep: &mut Sweep<'_, '_>);
    /// Places elements one after the other, and counts those that are placed.
    ///
    /// # Safety
    ///
    /// As [`place`](Row::place).
    unsafe fn place_range(
        &self,
        elements: Range<usize>,
        placed: &mut usize,
        engine: &mut Engine<'_>,
    ) -> Placed {
        for element in elements {
            // SAFETY: passed on.
            unsafe { self.place(element, engine) }?;
            *placed += 1;
        }
        Ok(())
    }
}

/// Which elements are placed.
#[derive(Default)]
struct Done {
    flags: Vec<AtomicBool>,
    /// Of those that have no flag, so many.
    more: usize,
}

/// Places all elements, or none.
///
/// # Safety
///
/// The row's places have room. Whatever the elements lead to may be read by other threads, and what is made of it sent back.
pub(crate) unsafe fn place_all(row: &dyn Row, engine: &mut Engine<'_>) -> Placed {
    let leads = core::mem::replace(&mut engine.leads, false);
    let keeps = engine.kept.is_some();
    let mut done = Done::default();
    // SAFETY: passed on.
    let placed = unsafe { place_elements(row, &mut done, engine) };
    if placed.is_err() {
        engine.dispose(|sweep| {
            let flagged = done.flags.len();
            let flags = done.flags.iter().map(|flag| flag.load(Ordering::Relaxed));
            let placed = (0..flagged).zip(flags).filter(|(_, flag)| *flag);
            let more = (flagged..flagged + done.more).map(|index| (index, true));
            for (index, _) in placed.chain(more) {
                // SAFETY: R2.
                unsafe { row.dispose(index, sweep) }
            }
        });
    }
    if !keeps {
        if let Some(kept) = engine.kept.take() {
            kept.bury(engine);
        }
    }
    engine.leads = leads;
    placed
}

/// # Safety
///
/// As [`place_all`].
unsafe fn place_elements(row: &dyn Row, done: &mut Done, engine: &mut Engine<'_>) -> Placed {
    engine.key_owners();
    // What its members make is kept, so the call can't begin again.
    let order = core::mem::replace(&mut engine.order, Order::Kept);
    let gang = Gang::new();
    let known = engine.memo.len();
    for id in 0..known {
        gang.know(engine.memo.entry(id));
    }
    let harvest = Mutex::new(Harvest::default());
    let length = row.len();
    done.flags = unset(length.min(SAMPLE));
    let sample = Work {
        row,
        gang: &gang,
        flags: &done.flags,
        harvest: &harvest,
    }
    .sample();
    if sample.is_worth_while && length > SAMPLE {
        // Before another thread begins: it may run code of the user's.
        engine.expose(sample.exposure.max(Exposure::Threads));
        done.flags.append(&mut unset(length - SAMPLE));
        let work = Work {
            row,
            gang: &gang,
            flags: &done.flags,
            harvest: &harvest,
        };
        let step = (length - SAMPLE).div_ceil(rayon::current_num_threads() * PIECES);
        rayon::scope(|scope| {
            for start in (SAMPLE..length).step_by(step).rev() {
                let elements = start..length.min(start + step);
                scope.spawn(move |scope| work.elements(elements, scope));
            }
            for (element, claims) in sample.claims {
                scope.spawn(move |scope| work.claims(element, claims, scope));
            }
        });
    } else {
        engine.has_led_in_vain(known);
        engine.expose(sample.exposure);
    }
    let harvest = harvest.into_inner().unwrap_or_else(PoisonError::into_inner);
    // A key with such a row leads to where its elements lead.
    engine.edges += harvest.edges;
    if engine.exposure == Exposure::Nobody && harvest.is_quiet() {
        // Only the engine has run, and only this thread: as if the call had begun here.
        engine.order = order;
    }
    // SAFETY: passed on.
    unsafe { finish(row, done, gang, harvest, engine) }
}

fn unset(count: usize) -> Vec<AtomicBool> {
    (0..count).map(|_| AtomicBool::new(false)).collect()
}

/// Takes over what the members have done, and does the rest.
///
/// # Safety
///
/// As [`place_all`].
unsafe fn finish(
    row: &dyn Row,
    done: &mut Done,
    gang: Gang,
    harvest: Harvest,
    engine: &mut Engine<'_>,
) -> Placed {
    let mut is_filled = alloc::vec![false; gang.reserved()];
    for serial in harvest.filled {
        is_filled[serial] = true;
    }
    engine.keep_made(harvest.made, harvest.left.into_iter());
    // Copies that were left because they are long are copied by all threads, unless something was made for what was left: they would make it once more.
    engine.leads = harvest.long && engine.kept.is_none();
    let mut failures: Vec<Failed> = Vec::new();
    for (element, failure) in harvest.failed_elements {
        failures.push(Failed {
            element,
            copy: None,
            failure,
        });
    }
    let mut failed_copies = harvest.failed_copies;
    // The last is filled first: so the first that was met comes last.
    let mut firsts = Vec::new();
    let slots = gang.into_slots().into_iter().rev();
    engine.adopt_all(
        slots,
        |serial| is_filled[serial],
        |engine, slot, id| {
            let failed = failed_copies
                .iter()
                .position(|(serial, _)| *serial == slot.serial);
            match failed {
                Some(index) => failures.push(Failed {
                    element: slot.first,
                    copy: Some((id, slot.entry.strong_count())),
                    failure: failed_copies.swap_remove(index).1,
                }),
                None => {
                    engine.queue_adopted(id);
                    firsts.push(slot.first);
                }
            }
        },
    );
    failures.sort_by_key(|failed| (failed.element, failed.copy.is_none()));
    let limit = failures.first().map_or(row.len(), |first| first.element);
    // What comes before the failure in the source may fail as well, and then comes first.
    // The `Drop` of a source whose last owner this was may have failed.
    let rest = engine.unless_failed().and_then(|()| {
        // SAFETY: passed on.
        unsafe { place_rest(row, done, limit, &mut firsts, engine) }
    });
    if rest.is_err() {
        bury_all(failures, engine);
        return rest;
    }
    // Or it leads to something that has failed for a later element.
    let met = failures.iter().position(|failed| {
        failed
            .copy
            .is_some_and(|(copy, count)| engine.was_met_since(copy, count))
    });
    if failures.is_empty() {
        return Ok(());
    }
    let first = failures.swap_remove(met.unwrap_or(0));
    bury_all(failures, engine);
    Err(engine.take_over(first.failure))
}

/// What failures carry is the user's, and is dropped when user code may run.
fn bury_all(failures: Vec<Failed>, engine: &mut Engine<'_>) {
    for failed in failures {
        engine.bury(Grave::new(failed.failure));
    }
}

/// A failure of a member's.
struct Failed {
    /// The first element that is known to lead to it.
    element: usize,
    /// The entry of the copy whose filling has failed, and how many handles lead there.
    copy: Option<(u32, usize)>,
    failure: Box<Failure>,
}

/// Places what was left of the elements below `limit`, and fills what is queued for them: `firsts` tells, from the bottom of the queue on, for which element
/// each entry is.
///
/// # Safety
///
/// As [`place_all`].
unsafe fn place_rest(
    row: &dyn Row,
    done: &mut Done,
    limit: usize,
    firsts: &mut Vec<usize>,
    engine: &mut Engine<'_>,
) -> Placed {
    let bottom = engine.queue.len() - firsts.len();
    if engine.order != Order::Kept {
        // One thread was at it, so those that are done lie in front.
        let is_done = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        let front = done.flags.iter().take_while(|flag| is_done(flag)).count();
        debug_assert!(!done.flags[front..].iter().any(is_done));
        done.flags.truncate(front);
        // SAFETY: R1: what has no flag was not begun.
        unsafe { row.place_range(front..limit, &mut done.more, engine) }?;
        return engine.run_queue(bottom);
    }
    let floor = engine.floor;
    let mut fill_before = |element: usize, engine: &mut Engine<'_>| {
        while firsts.last().is_some_and(|first| *first < element) {
            firsts.pop();
        }
        engine.floor = bottom + firsts.len();
        engine.run_queue(engine.floor)
    };
    let flagged = limit.min(done.flags.len());
    for element in 0..flagged {
        if done.flags[element].load(Ordering::Relaxed) {
            continue;
        }
        fill_before(element, engine)?;
        // SAFETY: R1.
        unsafe { row.place(element, engine) }?;
        done.flags[element].store(true, Ordering::Relaxed);
    }
    fill_before(flagged, engine)?;
    // SAFETY: R1: what has no flag was not begun.
    unsafe { row.place_range(flagged..limit, &mut done.more, engine) }?;
    fill_before(limit, engine)?;
    engine.floor = floor;
    Ok(())
}
