//! Writing a value to its place, piece by piece: what derived code and the library's own impls share.

use core::mem::MaybeUninit;
use core::ptr;

use super::stream::copy_row;
use super::sweep::Field;
use super::traits::{DeepClone, Failed, Placed};
use crate::cloner::Engine;
use crate::path::Segment;

/// Copies the bytes of a whole value.
///
/// # Safety
///
/// `dst` has room for a `T`; a copy of this value is the same bytes.
#[inline(always)]
pub unsafe fn place_bytes<T>(source: &T, dst: *mut u8) {
    // SAFETY: one is borrowed, the other ours.
    unsafe { ptr::copy_nonoverlapping(source, dst.cast::<T>(), 1) }
}

/// The same for a field of function pointers.
///
/// # Safety
///
/// `dst` has room for a `T`.
#[inline(always)]
pub unsafe fn place_copy<T: Copy>(source: &T, dst: *mut u8) {
    // SAFETY: `Copy`, and passed on.
    unsafe { place_bytes(source, dst) }
}

/// How far a field is from the start of its value.
#[inline(always)]
pub fn offset_of_ref<B: ?Sized, F: ?Sized>(base: &B, field: &F) -> usize {
    (&raw const *field).addr() - (&raw const *base).addr()
}

/// The bytes of a field in its value.
#[derive(Clone, Copy)]
pub struct Span {
    offset: usize,
    size: usize,
}

impl Span {
    pub(crate) fn offset(self) -> usize {
        self.offset
    }
}

/// The bytes of `field` in `base`.
#[inline(always)]
pub fn span<B, F>(base: &B, field: &F) -> Span {
    Span {
        offset: offset_of_ref(base, field),
        size: size_of::<F>(),
    }
}

/// Begins an enum variant in place: writes all that tells the variants apart.
///
/// That is in the bytes that no field covers, or in a field's niche, which the field's own copy then fills with a value of
/// the same variant. Where no other thread can write to the source's bytes, all of them are copied, which is cheaper.
///
/// # Safety
///
/// `dst` has room for a `T`, `fields` are all the fields of the variant that `source` is; they are placed next. Unless `racy`, no other thread
/// writes to the bytes of `source`.
#[inline(always)]
pub unsafe fn start_variant<T, const N: usize>(
    source: &T,
    dst: *mut u8,
    racy: bool,
    mut fields: [Span; N],
) {
    let from = ptr::from_ref(source).cast::<MaybeUninit<u8>>();
    if racy {
        // SAFETY: the caller gives all fields.
        unsafe { copy_gaps(from, dst.cast(), size_of::<T>(), &mut fields) };
    } else {
        // SAFETY: one is borrowed, the other ours; uninitialised bytes stay what they are.
        unsafe { ptr::copy_nonoverlapping(from, dst.cast(), size_of::<T>()) };
    }
}

/// Copies the bytes that no field covers.
///
/// # Safety
///
/// `from` points to a borrowed value of that size, `to` to room for one. `fields` are all its fields that own anything or that others may write to.
#[inline(never)]
pub(crate) unsafe fn copy_gaps(
    from: *const MaybeUninit<u8>,
    to: *mut MaybeUninit<u8>,
    size: usize,
    fields: &mut [Span],
) {
    fields.sort_unstable_by_key(|field| field.offset);
    let mut at = 0;
    let end = Span {
        offset: size,
        size: 0,
    };
    for field in fields.iter().chain([&end]) {
        if field.offset > at {
            // SAFETY: within the value, and outside of its fields, so outside of every cell.
            unsafe { ptr::copy_nonoverlapping(from.add(at), to.add(at), field.offset - at) };
        }
        at = at.max(field.offset + field.size);
    }
}

/// Leaves a value half-way: takes the fields apart that were placed, and notes which one failed.
///
/// # Errors
///
/// Always.
///
/// # Safety
///
/// The fields before `failed` are placed at `at` and not used after this.
#[cold]
#[inline(never)]
pub unsafe fn undo(
    engine: &mut Engine<'_>,
    at: *mut u8,
    fields: &[Field],
    failed: usize,
    variant: Option<&'static str>,
) -> Placed {
    engine.dispose(|sweep| {
        // SAFETY: passed on.
        unsafe { sweep.fields(at, &fields[..failed]) }
    });
    engine.at(Segment::Field(fields[failed].name));
    if let Some(variant) = variant {
        engine.at(Segment::Variant(variant));
    }
    Err(Failed(()))
}

/// Places a row of values.
///
/// # Safety
///
/// `dst` has room for as many values.
#[inline]
pub(crate) unsafe fn place_row<T: DeepClone>(
    source: &[T],
    dst: *mut T,
    engine: &mut Engine<'_>,
) -> Placed {
    if T::__plain() {
        // SAFETY: a copy of plain values is the same bytes.
        unsafe { copy_row(source.as_ptr(), dst, source.len()) };
        return Ok(());
    }
    #[cfg(feature = "rayon")]
    if engine.leads || engine.is_member() {
        // SAFETY: passed on.
        if let Some(placed) = unsafe { super::parallel::place_row(source, dst, engine) } {
            return placed;
        }
    }
    if source.len() >= LONG_ROW {
        // SAFETY: passed on.
        return unsafe { place_long_row(source, dst, engine) };
    }
    // SAFETY: passed on.
    unsafe { place_each(source, dst, engine) }
}

/// # Safety
///
/// As [`place_row`].
#[inline(always)]
unsafe fn place_each<T: DeepClone>(source: &[T], dst: *mut T, engine: &mut Engine<'_>) -> Placed {
    let mut placed = 0;
    while placed < source.len() {
        // SAFETY: within the row.
        if unsafe { source[placed].__place(dst.add(placed).cast(), engine) }.is_err() {
            // SAFETY: as many were placed.
            return Err(unsafe { undo_row(dst, placed, engine) });
        }
        placed += 1;
    }
    Ok(())
}

/// A loop of its own: what is around a short row is more than the row, and keeps the registers of a long one.
///
/// # Safety
///
/// As [`place_row`].
#[inline(never)]
unsafe fn place_long_row<T: DeepClone>(
    source: &[T],
    dst: *mut T,
    engine: &mut Engine<'_>,
) -> Placed {
    if let Some(place_edges) = T::__edges_placer() {
        let mut placed = 0;
        // SAFETY: passed on.
        if unsafe { place_edges(source, dst, engine, &mut placed) }.is_err() {
            // SAFETY: as many were placed.
            return Err(unsafe { undo_row(dst, placed, engine) });
        }
        return Ok(());
    }
    // SAFETY: passed on.
    unsafe { place_each(source, dst, engine) }
}

/// From how many on a row is worth a look ahead.
const LONG_ROW: usize = 16;
/// Places what is left of a row.
///
/// # Safety
///
/// `dst` has room for as many values. On `Err` the first ones are placed, as many as `placed` says.
#[cfg(feature = "rayon")]
pub(super) unsafe fn place_rest_of_row<T: DeepClone>(
    source: &[T],
    dst: *mut T,
    engine: &mut Engine<'_>,
    placed: &mut usize,
) -> Placed {
    if let Some(place_edges) = T::__edges_placer() {
        // SAFETY: passed on.
        return unsafe { place_edges(source, dst, engine, placed) };
    }
    for value in source {
        // SAFETY: within the row.
        unsafe { value.__place(dst.add(*placed).cast(), engine) }?;
        *placed += 1;
    }
    Ok(())
}

/// # Safety
///
/// `placed` values lie from `dst` on, and are not used after this.
#[cold]
#[inline(never)]
pub(crate) unsafe fn undo_row<T: DeepClone>(
    dst: *mut T,
    placed: usize,
    engine: &mut Engine<'_>,
) -> Failed {
    engine.dispose(|sweep| {
        // SAFETY: passed on.
        unsafe { sweep.row(dst, placed) }
    });
    engine.at(Segment::Index(placed))
}
