//! Pairs on their way into a map: the key belongs to the map as soon as it is added, the value if there was no equal key.

use alloc::vec::Vec;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr::NonNull;

use super::hold::PlacedValue;
use super::keyed::{Asks, Keyed};
use super::sweep::{Grave, Sweep};
use super::traits::{DeepClone, Failed, Placed};
use super::unwind;
use crate::cloner::{Engine, Keys};
use crate::path::Segment;

/// How far a row of pairs has gone into a map.
#[derive(Clone, Copy)]
pub(super) struct Moved {
    /// So many are the map's.
    pub(super) count: usize,
    /// The key of the next went into the map's `add`, and is gone.
    pub(super) half: bool,
}

impl Moved {
    pub(super) const NONE: Self = Self {
        count: 0,
        half: false,
    };

    /// Adds pairs of the row that begins at `first`, until so many are the map's. If the map refuses one, `false`. Both may be found in the middle of it, by a panic.
    ///
    /// # Safety
    ///
    /// As many pairs are placed at `first`, those that were not moved yet are ours alone and their keys finished; `map` is ours alone.
    #[inline(always)]
    pub(super) unsafe fn add_until<M: Keyed>(
        &mut self,
        first: *mut (M::Key, M::Value),
        until: usize,
        map: &mut M,
    ) -> bool {
        while self.count < until {
            // SAFETY: passed on.
            if unsafe { self.add_next(first, map) }.is_none() {
                return false;
            }
        }
        true
    }

    /// Adds the next pair, and tells where its value lies now.
    ///
    /// # Safety
    ///
    /// As [`add_until`](Self::add_until), for one pair.
    #[inline(always)]
    pub(super) unsafe fn add_next<M: Keyed>(
        &mut self,
        first: *mut (M::Key, M::Value),
        map: &mut M,
    ) -> Option<NonNull<M::Value>> {
        self.half = true;
        // SAFETY: within the row; the key is moved out once, which `half` remembers.
        let added = unsafe {
            let pair = first.add(self.count);
            map.add((&raw const (*pair).0).read(), &raw mut (*pair).1)
        }?;
        self.half = false;
        self.count += 1;
        Some(added)
    }

    /// Takes apart what is left of the row, up to `end`.
    ///
    /// # Safety
    ///
    /// As many pairs were placed at `first`, this says what became of them, and they are not used after this.
    pub(super) unsafe fn dispose_rest<K: DeepClone, V: DeepClone>(
        self,
        first: *mut (K, V),
        end: usize,
        sweep: &mut Sweep<'_, '_>,
    ) {
        for at in self.count..end {
            // SAFETY: placed, and not used after this; a key that went into `add` is not there any more.
            unsafe {
                let pair = first.add(at);
                if at > self.count || !self.half {
                    sweep.value(&raw mut (*pair).0);
                }
                sweep.value(&raw mut (*pair).1);
            }
        }
    }
}

/// Where a key lies.
pub(super) fn key_of<K, V>(pairs: &mut [ManuallyDrop<(K, V)>], index: usize) -> *mut K {
    let pair: *mut ManuallyDrop<(K, V)> = &mut pairs[index];
    // SAFETY: `ManuallyDrop` is transparent; the pair is there.
    unsafe { &raw mut (*pair.cast::<(K, V)>()).0 }
}

/// A key is about to be added. User code gets it now; or, if it is compared with nothing, together with the next.
///
/// If it is not known yet whether it is whole, that is made sure of before the one before it is handed over.
pub(super) fn hand_over<M: Keyed>(
    map: &M,
    key: PlacedValue,
    keys: Keys,
    engine: &mut Engine<'_>,
) -> Placed {
    let key_type = core::any::type_name::<M::Key>;
    let hand_over = |key, engine: &mut Engine<'_>| match keys {
        Keys::Finished => Ok(()),
        Keys::Checked => engine.hand_over(key, key_type),
        Keys::LeadNow => engine.finish_key(key, key_type),
    };
    if M::ASKS == Asks::Order && map.count() < 2 {
        let Some(only) = map.first_key() else {
            return Ok(());
        };
        if keys == Keys::LeadNow {
            engine.check_key(key, key_type)?;
        }
        // SAFETY: the key is placed and stays there until the next is added. A walk reads it, and no more.
        let only = unsafe { PlacedValue::new(core::ptr::from_ref(only).cast_mut()) };
        hand_over(only, engine)?;
    }
    hand_over(key, engine)
}

/// A comparison of two keys has panicked. The first is all that is in the map: it is dropped as usual, as the second was.
pub(super) fn bury_compared<M: Keyed>(map: &mut M, moved: Moved, engine: &mut Engine<'_>) {
    if moved.half {
        bury_alone(map, engine);
    }
}

/// Drops the key that is alone in a map that compares, as user code has seen it.
pub(super) fn bury_alone<M: Keyed>(map: &mut M, engine: &mut Engine<'_>) {
    if M::ASKS != Asks::Order || map.count() != 1 {
        return;
    }
    for (key, value) in map.take_all() {
        engine.bury(Grave::new(key));
        let mut value = MaybeUninit::new(value);
        // SAFETY: it is placed, and nobody else has it.
        engine.dispose(|sweep| unsafe { sweep.value(value.as_mut_ptr()) });
    }
}

/// Pairs that were not added.
pub(super) struct Left {
    pub(super) failed: Failed,
    pub(super) moved: Moved,
}

/// Moves the pairs into `map`. Whatever happens, no pair is left.
///
/// # Safety
///
/// All pairs are placed, and ours alone; so is `map`. The keys are as `keys` says.
pub(crate) unsafe fn fill_at<M: Keyed>(
    pairs: &mut Vec<ManuallyDrop<(M::Key, M::Value)>>,
    keys: Keys,
    map: &mut M,
    engine: &mut Engine<'_>,
) -> Placed {
    // SAFETY: passed on.
    let filled = unsafe { fill_and_tell(pairs, keys, map, None, engine) };
    filled.map_err(|index| engine.at(Segment::Key(index)))
}

/// What is told where each value lay, and where it lies in the map now.
pub(crate) type Tell<'t, M> = &'t mut dyn FnMut(
    usize,
    *const <M as Keyed>::Value,
    NonNull<<M as Keyed>::Value>,
    &mut M,
    &mut Engine<'_>,
);

/// The same, and somebody is told of each pair. On a failure this tells at which, which is not in the path.
///
/// # Safety
///
/// As [`fill_at`].
pub(crate) unsafe fn fill_and_tell<M: Keyed>(
    pairs: &mut Vec<ManuallyDrop<(M::Key, M::Value)>>,
    keys: Keys,
    map: &mut M,
    tell: Option<Tell<'_, M>>,
    engine: &mut Engine<'_>,
) -> Result<(), usize> {
    // SAFETY: passed on.
    let added = unsafe { add_all(pairs, keys, map, tell, engine) };
    let result = added.map_err(|left| {
        // SAFETY: the pairs from `moved` on are still there.
        engine.dispose(|sweep| unsafe { dispose_left(pairs, &left, sweep) });
        left.moved.count
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
    // SAFETY: passed on; `ManuallyDrop` is transparent.
    unsafe {
        left.moved
            .dispose_rest::<K, V>(pairs.as_mut_ptr().cast(), pairs.len(), sweep);
    }
    pairs.clear();
}

/// Moves the pairs into `map`: all at once, or each when its key was handed over.
///
/// # Safety
///
/// As [`fill_at`]. Pairs that were moved are not used after this.
pub(super) unsafe fn add_all<M: Keyed>(
    pairs: &mut [ManuallyDrop<(M::Key, M::Value)>],
    keys: Keys,
    map: &mut M,
    mut tell: Option<Tell<'_, M>>,
    engine: &mut Engine<'_>,
) -> Result<(), Left> {
    if M::ASKS != Asks::Nothing {
        engine.expose(crate::cloner::Exposure::User);
    }
    let mut moved = Moved::NONE;
    let first: *mut (M::Key, M::Value) = pairs.as_mut_ptr().cast();
    while moved.count < pairs.len() {
        let index = moved.count;
        let mut until = pairs.len();
        if keys != Keys::Finished || tell.is_some() {
            until = index + 1;
        }
        if keys != Keys::Finished {
            // SAFETY: placed, and ours until it is added.
            let key = unsafe { PlacedValue::new(&raw mut (*first.add(index)).0) };
            hand_over(map, key, keys, engine).map_err(|failed| Left { failed, moved })?;
        }
        let mut added = None;
        let done = unwind::catch(|| {
            while moved.count < until {
                // SAFETY: passed on; the keys up to `until` are finished.
                added = unsafe { moved.add_next(first, map) };
                if added.is_none() {
                    return;
                }
            }
        });
        let failed = match (done, added) {
            (Ok(()), Some(new)) => {
                if let Some(tell) = &mut tell {
                    // SAFETY: within the row.
                    let old = unsafe { &raw const (*first.add(index)).1 };
                    tell(index, old, new, map, engine);
                }
                continue;
            }
            (Ok(()), None) => engine.fail_equal::<M::Key>(),
            (Err(payload), _) => engine.fail_by_panic(payload),
        };
        bury_compared(map, moved, engine);
        return Err(Left { failed, moved });
    }
    Ok(())
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
