//! Pairs on their way into a map: the key belongs to the map as soon as it is added, the value if there was no equal key.

use alloc::vec::Vec;
use core::mem::ManuallyDrop;

use super::keyed::Keyed;
use super::sweep::Sweep;
use super::traits::{DeepClone, Failed, Placed};
use super::unwind;
use crate::cloner::Engine;
use crate::error::ErrorKind;

/// Pairs that were not added.
pub(super) struct Left {
    pub(super) failed: Failed,
    /// The first of them.
    pub(super) moved: usize,
    /// Its key is gone.
    pub(super) half: bool,
}

/// Moves the pairs into `map`. Whatever happens, no pair is left.
///
/// # Safety
///
/// The keys are finished; `map` is ours alone.
pub(crate) unsafe fn fill_at<M: Keyed>(
    pairs: &mut Vec<ManuallyDrop<(M::Key, M::Value)>>,
    map: &mut M,
    engine: &mut Engine<'_>,
) -> Placed {
    // SAFETY: passed on.
    let added = unsafe { add_all(pairs, map, engine) };
    let result = added.map_err(|left| {
        // SAFETY: the pairs from `moved` on are still there.
        engine.dispose(|sweep| unsafe { dispose_left(pairs, &left, sweep) });
        left.failed
    });
    pairs.clear();
    result
}

/// # Safety
///
/// What `left` says of the pairs is so. They are not used after this.
pub(super) unsafe fn dispose_left<K: DeepClone, V: DeepClone>(
    pairs: &mut Vec<ManuallyDrop<(K, V)>>,
    left: &Left,
    sweep: &mut Sweep<'_, '_>,
) {
    for (at, pair) in pairs.iter_mut().enumerate().skip(left.moved) {
        let pair: *mut ManuallyDrop<(K, V)> = pair;
        let pair: *mut (K, V) = pair.cast();
        // SAFETY: placed, and not used after this; a key that went into `add` is not there any more.
        unsafe {
            if at > left.moved || !left.half {
                sweep.value(&raw mut (*pair).0);
            }
            sweep.value(&raw mut (*pair).1);
        }
    }
    pairs.clear();
}

/// Moves the pairs into `map`.
///
/// # Safety
///
/// The keys are finished; `map` is ours alone. Pairs that were moved are not used after this.
pub(super) unsafe fn add_all<M: Keyed>(
    pairs: &mut [ManuallyDrop<(M::Key, M::Value)>],
    map: &mut M,
    engine: &mut Engine<'_>,
) -> Result<(), Left> {
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
    let failed = match filled {
        Ok(true) => return Ok(()),
        Ok(false) => engine.fail(ErrorKind::KeyInCycle, core::any::type_name::<M::Key>()),
        Err(payload) => engine.fail_by_panic(payload),
    };
    Err(Left {
        failed,
        moved,
        half,
    })
}

/// # Safety
///
/// The pairs from `from` on are placed and not used after this.
pub(super) unsafe fn dispose_pairs<M: Keyed>(
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
