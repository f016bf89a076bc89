//! A long row of pointers: runs of those whose copies are known are placed at once, and a list of what lies in the order of memory is followed in that order.

use super::traits::{DeepClone, Placed};
use crate::cloner::Engine;

/// How many pointers of a row that leads to ever new targets are placed between two looks ahead.
const RARELY: usize = 64;
/// From how many on a row may tell of all that lies in memory beside each other.
const LIST: usize = 1024;
/// So many steps between neighbours are looked at.
const STEPS: usize = 32;
/// Neighbours in memory are not further apart.
const NEAR: usize = 1024;

/// Places pointers from the start of a row, as far as their copies are known already, and answers how many.
pub(crate) type KnownPlacer<P> = unsafe fn(row: &[P], dst: *mut P, &mut Engine<'_>) -> usize;

/// Places a row of pointers.
///
/// # Safety
///
/// `dst` has room for as many. On `Err` the first ones are placed, as many as `placed` says.
pub(crate) unsafe fn place<P: DeepClone>(
    row: &[P],
    dst: *mut P,
    engine: &mut Engine<'_>,
    placed: &mut usize,
    place_known: KnownPlacer<P>,
    target: impl Fn(&P) -> usize,
) -> Placed {
    let is_list = row.len() >= LIST && engine.may_overtake() && lies_in_order(row, target);
    let before = is_list.then(|| engine.begin_list());
    let mut pause = 1;
    while *placed < row.len() {
        // SAFETY: within the row.
        let known = unsafe { place_known(&row[*placed..], dst.add(*placed), engine) };
        *placed += known;
        pause = if known > 0 { 1 } else { RARELY.min(2 * pause) };
        for edge in row[*placed..].iter().take(pause) {
            if is_list {
                engine.next_of_list();
            }
            // SAFETY: within the row.
            unsafe { edge.__place(dst.add(*placed).cast(), engine) }?;
            *placed += 1;
        }
    }
    if let Some(before) = before {
        engine.end_list(before);
    }
    Ok(())
}

/// Whether a row leads to what lies in memory in the same order, or nearly.
fn lies_in_order<P>(row: &[P], target: impl Fn(&P) -> usize) -> bool {
    let mut near = 0;
    for step in 0..STEPS {
        let at = (row.len() - 1) / STEPS * step;
        let distance = target(&row[at]).abs_diff(target(&row[at + 1]));
        near += usize::from((1..=NEAR).contains(&distance));
    }
    near > STEPS * 3 / 4
}
