//! The rows that are placed by several threads: values of a sequence, pairs of a map.
//!
//! Invariant R3: the threads share an operation only whose root is `Send + Sync` with all that it holds, which the entry points ask for. So what the
//! root reaches may be read by all of them, and its copies sent. An `unsafe impl` of these traits is taken at its word, as it is
//! by two threads that deep-clone the same value.

use alloc::vec::Vec;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ops::Range;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicBool, Ordering};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::together::{Row, place_all};
use crate::cloner::{Engine, Keys};
use crate::path::Segment;
use crate::raw::adrift::{Adrift, Cells};
use crate::raw::keyed::{Asks, Listed};
use crate::raw::pairs::{fill_and_tell, fill_at};
use crate::raw::place::place_rest_of_row;
use crate::raw::sweep::Sweep;
use crate::raw::traits::{DeepClone, Placed};

/// Rows of plain values shorter than this are copied by one thread.
const FEW_BYTES: usize = 1 << 20;

/// Values, copied to a row.
struct Values<'a, T> {
    source: &'a [T],
    first: *mut T,
}

// SAFETY: R1 and R3.
unsafe impl<T> Sync for Values<'_, T> {}

// SAFETY: R1: the places don't overlap.
unsafe impl<T: DeepClone> Row for Values<'_, T> {
    fn len(&self) -> usize {
        self.source.len()
    }
    unsafe fn place(&self, index: usize, engine: &mut Engine<'_>) -> Placed {
        // SAFETY: there is room for all.
        let placed = unsafe { self.source[index].__place(self.first.add(index).cast(), engine) };
        if placed.is_err() {
            engine.at(Segment::Index(index));
        }
        placed
    }
    unsafe fn dispose(&self, index: usize, sweep: &mut Sweep<'_, '_>) {
        // SAFETY: passed on.
        unsafe { sweep.value(self.first.add(index)) }
    }
    unsafe fn place_range(
        &self,
        elements: Range<usize>,
        placed: &mut usize,
        engine: &mut Engine<'_>,
    ) -> Placed {
        let start = elements.start;
        let mut count = 0;
        let rest = &self.source[elements];
        // SAFETY: there is room for all.
        let done = unsafe { place_rest_of_row(rest, self.first.add(start), engine, &mut count) };
        *placed += count;
        if done.is_err() {
            engine.at(Segment::Index(start + count));
        }
        done
    }
}

/// Places a row by several threads, if that can be done here.
///
/// # Safety
///
/// There is room for as many at `first`. R3.
#[inline(never)]
pub(crate) unsafe fn place_row<T: DeepClone>(
    source: &[T],
    first: *mut T,
    engine: &mut Engine<'_>,
) -> Option<Placed> {
    if let Err(left) = engine.leave_row(source.len()) {
        return Some(Err(left));
    }
    // SAFETY: passed on.
    engine
        .may_lead(source.len())
        .then(|| unsafe { place_all(&Values { source, first }, engine) })
}

/// Copies plain values.
///
/// # Safety
///
/// There is room for as many at `first`, and a copy of them is the same bytes.
pub(crate) unsafe fn copy_bytes<T: Send + Sync>(source: &[T], first: *mut T) {
    struct To<T>(*mut T);
    // SAFETY: R1: each piece has places of its own, and what is written there is sent.
    unsafe impl<T: Send> Sync for To<T> {}
    impl<T> To<T> {
        fn at(&self, offset: usize) -> *mut T {
            self.0.wrapping_add(offset)
        }
    }
    let threads = rayon::current_num_threads();
    if threads == 1 || size_of_val(source) < FEW_BYTES {
        // SAFETY: passed on.
        unsafe { ptr::copy_nonoverlapping(source.as_ptr(), first, source.len()) };
        return;
    }
    let to = To(first);
    let step = source.len().div_ceil(threads * 4);
    (0..source.len().div_ceil(step))
        .into_par_iter()
        .for_each(|piece| {
            let values = &source[piece * step..source.len().min((piece + 1) * step)];
            // SAFETY: R1.
            unsafe {
                ptr::copy_nonoverlapping(values.as_ptr(), to.at(piece * step), values.len());
            }
        });
}

/// The pairs of a map, copied to a row.
struct Pairs<K, V> {
    sources: Vec<(*const K, *const V)>,
    first: *mut (K, V),
    keys_lead_somewhere: AtomicBool,
}

// SAFETY: R1 and R3.
unsafe impl<K, V> Sync for Pairs<K, V> {}

// SAFETY: R1: the places don't overlap.
unsafe impl<K: DeepClone, V: DeepClone> Row for Pairs<K, V> {
    fn len(&self) -> usize {
        self.sources.len()
    }
    unsafe fn place(&self, index: usize, engine: &mut Engine<'_>) -> Placed {
        let (key, value) = self.sources[index];
        // SAFETY: within the room for all.
        let (to_key, to_value) = unsafe {
            let pair = self.first.add(index);
            (&raw mut (*pair).0, &raw mut (*pair).1)
        };
        let edges = engine.edges;
        // SAFETY: the map is borrowed for as long as this is.
        let placed = engine.in_key(|engine| unsafe { (*key).__place(to_key.cast(), engine) });
        if placed.is_err() {
            return Err(engine.at(Segment::Key(index)));
        }
        let mut done = Ok(());
        if engine.edges != edges {
            self.keys_lead_somewhere.store(true, Ordering::Relaxed);
            // The key is hashed or compared when the map is put together. A member can't finish what it shares with others.
            done = if engine.is_member() {
                Err(engine.stop())
            } else {
                engine.sinks(edges)
            };
        }
        let done = done.map_err(|_| Segment::Key(index)).and_then(|()| {
            // SAFETY: as above.
            unsafe { (*value).__place(to_value.cast(), engine) }.map_err(|_| Segment::Index(index))
        });
        done.map_err(|segment| {
            engine.dispose(|sweep| {
                // SAFETY: the key was placed and is not used after this.
                unsafe { sweep.value(to_key) }
            });
            engine.at(segment)
        })
    }
    unsafe fn dispose(&self, index: usize, sweep: &mut Sweep<'_, '_>) {
        // SAFETY: passed on.
        unsafe {
            let pair = self.first.add(index);
            sweep.value(&raw mut (*pair).0);
            sweep.value(&raw mut (*pair).1);
        }
    }
}

/// Copies a map: its pairs by several threads, their way into the map by this one.
///
/// # Safety
///
/// `dst` has room for a map. R3.
#[inline(never)]
pub(crate) unsafe fn place_map<M: Listed>(
    source: &M,
    dst: *mut M,
    engine: &mut Engine<'_>,
) -> Placed {
    let mut sources = Vec::with_capacity(source.count());
    source.each(|_, key, value| {
        sources.push((ptr::from_ref(key), ptr::from_ref(value)));
        Ok(())
    })?;
    let length = sources.len();
    let mut pairs = Vec::<ManuallyDrop<(M::Key, M::Value)>>::with_capacity(length);
    let row = Pairs {
        sources,
        first: pairs.as_mut_ptr().cast(),
        keys_lead_somewhere: AtomicBool::new(false),
    };
    let afloat = engine.count_afloat();
    let place = engine.place;
    engine.place = place.afloat();
    // SAFETY: there is room for all; `ManuallyDrop` is transparent.
    let placed = unsafe { place_all(&row, engine) };
    engine.place = place;
    placed?;
    // SAFETY: all were placed.
    unsafe { pairs.set_len(length) };
    let empty = match engine.user(|| source.empty_like()) {
        Ok(empty) => empty,
        Err(failed) => {
            engine.dispose(|sweep| {
                for index in 0..length {
                    // SAFETY: placed, and not used after this.
                    unsafe { row.dispose(index, sweep) }
                }
            });
            return Err(failed);
        }
    };
    let mut copy = MaybeUninit::new(empty);
    let keys_lead_somewhere = row.keys_lead_somewhere.into_inner();
    // SAFETY: all pairs are placed, the map is a local.
    let filled = unsafe {
        fill(
            pairs,
            keys_lead_somewhere,
            afloat,
            copy.assume_init_mut(),
            engine,
        )
    };
    if let Err(failed) = filled {
        // SAFETY: it holds placed pairs and is not used after this.
        engine.dispose(|sweep| unsafe { M::sweep_at(copy.as_mut_ptr(), sweep) });
        return Err(failed);
    }
    // SAFETY: it was made above, and `dst` has room for one.
    unsafe { dst.write(copy.assume_init()) };
    Ok(())
}

/// Moves pairs into a map, and tells the cells that are afloat since there were so many where they went. Whatever happens, no pair is left.
///
/// # Safety
///
/// As [`fill_at`].
unsafe fn fill<M: Listed>(
    mut pairs: Vec<ManuallyDrop<(M::Key, M::Value)>>,
    keys_lead_somewhere: bool,
    afloat: usize,
    map: &mut M,
    engine: &mut Engine<'_>,
) -> Placed {
    let keys = if keys_lead_somewhere {
        Keys::LeadNow
    } else {
        Keys::Finished
    };
    if engine.count_afloat() == afloat {
        // SAFETY: passed on.
        return unsafe { fill_at(&mut pairs, keys, map, engine) };
    }
    let cells = Cells::of_row(afloat, pairs.as_ptr_range(), engine);
    if M::ASKS == Asks::Order {
        return Adrift::of_row(pairs, cells, keys_lead_somewhere).fill(map, engine);
    }
    let mut tell = |index, old, new: NonNull<M::Value>, _: &mut M, engine: &mut Engine<'_>| {
        engine.has_moved(cells.of(index), old, new.as_ptr());
    };
    // SAFETY: passed on.
    let filled = unsafe { fill_and_tell(&mut pairs, keys, map, Some(&mut tell), engine) };
    filled.map_err(|index| engine.at(Segment::Key(index)))?;
    engine.lands(afloat)
}
