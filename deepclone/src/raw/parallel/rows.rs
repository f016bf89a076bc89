//! Elements of a collection placed by several threads.
//!
//! Invariants: R1. An element is placed by one thread, at a place of its own. R2. What is placed is noted, and only that is taken apart after a failure.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::cloner::{Engine, Exposure, Failure};
use crate::path::Segment;
use crate::raw::gang::Gang;
use crate::raw::hold::PlacedValue;
use crate::raw::keyed::Keyed;
use crate::raw::pairs::fill_at;
use crate::raw::sweep::Sweep;
use crate::raw::traits::{DeepClone, Failed, Placed};

/// Fewer elements than this are copied by one thread.
const FEW: usize = 16;
/// After so many elements a piece is judged.
const SAMPLE: usize = 64;
/// Rows of plain values shorter than this are copied by one thread.
const FEW_BYTES: usize = 1 << 20;
/// Pieces of work for each thread.
const PIECES: usize = 16;

/// Elements, and where their copies go.
///
/// # Safety
///
/// `place` and `dispose` of different elements may run at the same time, on any thread.
pub(crate) unsafe trait Row: Sync {
    fn len(&self) -> usize;
    /// An element is one pointer: if it is shared, nothing of it is to be copied in parallel.
    fn is_of_pointers(&self) -> bool;
    /// # Safety
    ///
    /// As `DeepClone::__place`. Each element is placed once.
    unsafe fn place(&self, index: usize, engine: &mut Engine<'_>) -> Placed;
    /// # Safety
    ///
    /// The element is placed, and not used after this.
    unsafe fn dispose(&self, index: usize, sweep: &mut Sweep<'_, '_>);
}

/// Places all elements, or none.
///
/// # Safety
///
/// The row's places have room.
pub(crate) unsafe fn place_all(row: &impl Row, engine: &mut Engine<'_>) -> Placed {
    let length = row.len();
    let placed: Vec<AtomicBool> = (0..length).map(|_| AtomicBool::new(false)).collect();
    let threads = rayon::current_num_threads();
    let alone = threads == 1 || length < FEW || engine.is_member() || engine.locks > 0;
    let done = if alone {
        // SAFETY: passed on.
        unsafe { place_rest(row, &placed, length, &mut Vec::new(), engine) }
    } else {
        // SAFETY: passed on.
        unsafe { place_together(row, &placed, threads, engine) }
    };
    if done.is_err() {
        engine.dispose(|sweep| {
            for (index, placed) in placed.iter().enumerate() {
                if placed.load(Ordering::Relaxed) {
                    // SAFETY: R2.
                    unsafe { row.dispose(index, sweep) }
                }
            }
        });
    }
    done
}

/// # Safety
///
/// As [`place_all`].
unsafe fn place_together(
    row: &impl Row,
    placed: &[AtomicBool],
    threads: usize,
    engine: &mut Engine<'_>,
) -> Placed {
    // Before the first source is met: other threads run code of the user's from now on.
    engine.expose(Exposure::Threads);
    let gang = Gang::new();
    for id in 0..engine.memo.len() {
        gang.know(engine.memo.entry(id));
    }
    let first_failure: Mutex<Option<(usize, Box<Failure>)>> = Mutex::new(None);
    let length = row.len();
    let step = length.div_ceil(threads * PIECES);
    (0..length.div_ceil(step))
        .into_par_iter()
        .for_each(|piece| {
            let elements = piece * step..length.min((piece + 1) * step);
            // SAFETY: R1: each element lies in one piece.
            let failed = unsafe { place_piece(row, placed, elements, &gang) };
            if let Some((element, failure)) = failed {
                gang.fail(element);
                let mut first = first_failure.lock().unwrap_or_else(PoisonError::into_inner);
                if first.as_ref().is_none_or(|(known, _)| element < *known) {
                    *first = Some((element, failure));
                }
            }
        });
    // The last is filled first: so the first that was met comes last.
    let mut firsts = Vec::new();
    for slot in gang.into_slots().into_iter().rev() {
        let first = slot.first;
        if engine.adopt(slot) {
            firsts.push(first);
        }
    }
    let failure = first_failure
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let limit = failure.as_ref().map_or(length, |(element, _)| *element);
    // What comes before the failure in the source may fail as well, and then comes first.
    // SAFETY: R1: what was not placed is placed now.
    unsafe { place_rest(row, placed, limit, &mut firsts, engine) }?;
    if let Some((_, failure)) = failure {
        return Err(engine.take_over(failure));
    }
    Ok(())
}

/// Places some elements as a member. Returns the first that fails.
///
/// # Safety
///
/// As [`place_all`].
unsafe fn place_piece(
    row: &impl Row,
    placed: &[AtomicBool],
    elements: core::ops::Range<usize>,
    gang: &Gang,
) -> Option<(usize, Box<Failure>)> {
    let mut engine = Engine::member(gang);
    let mut count = 0;
    for element in elements {
        if gang.leaves(element) {
            break;
        }
        engine.begin_element(element);
        // SAFETY: passed on.
        let whole = unsafe { row.place(element, &mut engine) };
        let done = whole
            .and_then(|()| engine.run_queue(0))
            .and_then(|()| engine.conclude());
        if done.is_ok() && !engine.has_failed() {
            placed[element].store(true, Ordering::Relaxed);
            if engine.memo.len() > 0 {
                engine.close();
            }
            count += 1;
            if count == SAMPLE && row.is_of_pointers() && engine.edges >= SAMPLE as u64 {
                gang.halt();
            }
            continue;
        }
        if whole.is_ok() {
            // SAFETY: the element was placed, and is not used after this.
            engine.dispose(|sweep| unsafe { row.dispose(element, sweep) });
        }
        let failure = engine.tear_down(0);
        if !engine.take_stop() {
            return Some((element, failure));
        }
        gang.halt();
    }
    gang.count(count);
    None
}

/// Places what was left of the elements below `limit`, and fills what is queued for them: `firsts` tells, from the bottom of the queue on, for which element
/// each entry is.
///
/// # Safety
///
/// As [`place_all`].
unsafe fn place_rest(
    row: &impl Row,
    placed: &[AtomicBool],
    limit: usize,
    firsts: &mut Vec<usize>,
    engine: &mut Engine<'_>,
) -> Placed {
    let bottom = engine.queue.len() - firsts.len();
    let mut fill_before = |element: usize, engine: &mut Engine<'_>| {
        while firsts.last().is_some_and(|first| *first < element) {
            firsts.pop();
        }
        engine.run_queue(bottom + firsts.len())
    };
    for (element, placed) in placed[..limit].iter().enumerate() {
        if placed.load(Ordering::Relaxed) {
            continue;
        }
        fill_before(element, engine)?;
        // SAFETY: R1.
        unsafe { row.place(element, engine) }?;
        placed.store(true, Ordering::Relaxed);
    }
    fill_before(limit, engine)
}

/// Values in one or two pieces, copied to one.
struct Values<'a, T> {
    front: &'a [T],
    back: &'a [T],
    first: *mut T,
}

// SAFETY: R1: threads read shared values and write values that are sent.
unsafe impl<T: Send + Sync> Sync for Values<'_, T> {}

// SAFETY: R1: the places don't overlap.
unsafe impl<T: DeepClone + Send + Sync> Row for Values<'_, T> {
    fn len(&self) -> usize {
        self.front.len() + self.back.len()
    }
    fn is_of_pointers(&self) -> bool {
        size_of::<T>() <= 2 * size_of::<usize>()
    }
    unsafe fn place(&self, index: usize, engine: &mut Engine<'_>) -> Placed {
        let value = match self.front.get(index) {
            Some(value) => value,
            None => &self.back[index - self.front.len()],
        };
        // SAFETY: there is room for all.
        engine
            .in_block(|engine| unsafe { value.__place(self.first.add(index).cast(), engine) })
            .map_err(|Failed(())| engine.at(Segment::Index(index)))
    }
    unsafe fn dispose(&self, index: usize, sweep: &mut Sweep<'_, '_>) {
        // SAFETY: passed on.
        unsafe { sweep.value(self.first.add(index)) }
    }
}

/// Places values to a fresh vector.
pub(crate) fn place_values<T: DeepClone + Send + Sync>(
    front: &[T],
    back: &[T],
    engine: &mut Engine<'_>,
) -> Result<Vec<T>, Failed> {
    let length = front.len() + back.len();
    let mut copy = Vec::<T>::with_capacity(length);
    let row = Values {
        front,
        back,
        first: copy.as_mut_ptr(),
    };
    if T::__plain() {
        for (source, offset) in [(front, 0), (back, front.len())] {
            // SAFETY: there is room for all.
            unsafe { copy_bytes(source, row.first.add(offset)) };
        }
    } else {
        // SAFETY: there is room for all.
        unsafe { place_all(&row, engine) }?;
    }
    // SAFETY: all were placed.
    unsafe { copy.set_len(length) };
    Ok(copy)
}

/// Copies plain values.
///
/// # Safety
///
/// There is room for as many at `first`, and a copy of them is the same bytes.
unsafe fn copy_bytes<T: Send + Sync>(source: &[T], first: *mut T) {
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
}

// SAFETY: R1: threads read shared pairs and write pairs that are sent.
unsafe impl<K, V> Sync for Pairs<K, V> where (K, V): Send + Sync {}

// SAFETY: R1: the places don't overlap.
unsafe impl<K: DeepClone, V: DeepClone> Row for Pairs<K, V>
where
    (K, V): Send + Sync,
{
    fn len(&self) -> usize {
        self.sources.len()
    }
    fn is_of_pointers(&self) -> bool {
        false
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
        if unsafe { (*key).__place(to_key.cast(), engine) }.is_err() {
            return Err(engine.at(Segment::Key(index)));
        }
        let mut done = Ok(());
        if engine.edges != edges {
            // The key is hashed or compared when the map is put together. A member can't finish what it shares with others.
            // SAFETY: the key is placed, and ours.
            let placed = unsafe { PlacedValue::new(to_key) };
            done = engine.finish_key(placed, core::any::type_name::<K>);
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
pub(crate) fn place_map<M: Keyed>(source: &M, engine: &mut Engine<'_>) -> Result<M, Failed>
where
    (M::Key, M::Value): Send + Sync,
{
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
    };
    let place = core::mem::replace(&mut engine.place, crate::cloner::Place::ASIDE);
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
    // SAFETY: the keys are finished, the map is a local.
    if let Err(failed) = unsafe { fill_at(&mut pairs, copy.assume_init_mut(), engine) } {
        // SAFETY: it holds placed pairs and is not used after this.
        engine.dispose(|sweep| unsafe { M::sweep_at(copy.as_mut_ptr(), sweep) });
        return Err(failed);
    }
    // SAFETY: it was made above.
    Ok(unsafe { copy.assume_init() })
}
