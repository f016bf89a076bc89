//! Slices and sequences: values in a row, in the order of the source.

use alloc::collections::{LinkedList, VecDeque};
use alloc::vec::Vec;
use core::alloc::Layout;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr;

use super::boxed::{free, reserve};
use crate::Error;
use crate::cloner::Engine;
use crate::path::Segment;
use crate::raw::erased::Meta;
use crate::raw::moved::{MovedInto, is_gathered, place_gathered};
use crate::raw::place::place_row;
use crate::raw::root;
use crate::raw::stream::copy_row;
use crate::raw::sweep::Sweep;
use crate::raw::trail::Step;
use crate::raw::traits::{CloneVisitor, DeepClone, Placed, Sweeper};

// SAFETY: P1: passed on to the row.
unsafe impl<T: DeepClone> DeepClone for [T] {
    #[inline]
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        // SAFETY: `dst` has room for as many.
        unsafe { place_row(self, dst.cast::<T>(), engine) }
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_slice<T: DeepClone>(at: *mut u8, meta: Meta, sweep: &mut Sweep<'_, '_>) {
            // SAFETY: the metadata of a slice is its length, and so many values are placed.
            unsafe {
                let slice = crate::raw::erased::from_parts::<[T]>(at, meta);
                sweep.row(slice.cast::<T>(), slice.len());
            }
        }
        sweep_slice::<T>
    }
    #[inline(always)]
    fn __immutable(&self) -> bool {
        T::__byte()
    }
    #[inline(always)]
    fn __is_row(&self) -> bool {
        true
    }
}

/// Places a vector of these. Inlined: its frame is what a level of a deep value costs.
///
/// # Safety
///
/// `dst` has room for a vector.
#[inline(always)]
unsafe fn place_vec<T: DeepClone>(source: &[T], dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
    let layout = Layout::for_value(source);
    let first: *mut T = reserve(layout).cast();
    // SAFETY: there is room for as many.
    let placed = unsafe { place_row(source, first, engine) };
    if placed.is_err() {
        // SAFETY: it was reserved with that layout; nothing lies in it.
        unsafe { free(first.cast(), layout) };
        return placed;
    }
    // SAFETY: as a vector with room for as many has it, and as many were placed.
    let copy = unsafe { Vec::from_raw_parts(first, source.len(), source.len()) };
    // SAFETY: `dst` has room for a vector.
    unsafe { dst.cast::<Vec<T>>().write(copy) };
    Ok(())
}

/// Writes a vector of the same bytes. Its parts go first, the length excepted: whoever moves them on at once would wait for all bytes of the row.
///
/// # Safety
///
/// The values are plain, and `dst` has room for a vector.
#[inline(always)]
unsafe fn place_plain<T>(source: &[T], dst: *mut Vec<T>) {
    // SAFETY: `dst` has room. A copy of plain values is the same bytes, and there is room for them.
    unsafe {
        dst.write(Vec::with_capacity(source.len()));
        copy_row(source.as_ptr(), (*dst).as_mut_ptr(), source.len());
        (*dst).set_len(source.len());
    }
}

/// A vector of the same bytes.
///
/// # Safety
///
/// The values are plain.
#[inline(always)]
unsafe fn copy_plain<T>(source: &[T]) -> Vec<T> {
    let mut copy = Vec::with_capacity(source.len());
    // SAFETY: a copy of plain values is the same bytes, and there is room for them.
    unsafe {
        copy_row(source.as_ptr(), copy.as_mut_ptr(), source.len());
        copy.set_len(source.len());
    }
    copy
}

// SAFETY: P1: a vector of placed values, or nothing.
unsafe impl<T: DeepClone> DeepClone for Vec<T> {
    #[inline]
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        if T::__plain() {
            engine.charge_flat::<Self>(size_of_val(self.as_slice()))?;
            // SAFETY: they are plain, and `dst` has room for a vector.
            unsafe { place_plain(self, dst.cast()) };
            return Ok(());
        }
        if engine.needs_care() {
            let size = size_of_val(self.as_slice());
            return engine.carefully(size, core::any::type_name::<Self>, &mut |engine| {
                // SAFETY: passed on.
                unsafe { place_vec(self, dst, engine) }
            });
        }
        // SAFETY: passed on.
        unsafe { place_vec(self, dst, engine) }
    }
    #[inline]
    #[track_caller]
    fn deep_clone(&self) -> Self {
        if T::__plain() {
            // It needs no operation around it.
            // SAFETY: they are plain.
            return unsafe { copy_plain(self) };
        }
        root::deep_clone(self)
    }
    #[inline]
    fn try_deep_clone(&self) -> Result<Self, Error> {
        if T::__plain() {
            // SAFETY: they are plain.
            return Ok(unsafe { copy_plain(self) });
        }
        root::try_deep_clone(self)
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_vec<T: DeepClone>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>) {
            let at = at.cast::<Vec<T>>();
            // SAFETY: a placed vector; the references end here.
            let (first, count) = unsafe { ((*at).as_ptr().cast_mut(), (*at).len()) };
            sweep.behind(
                // SAFETY: a placed vector; the reference ends here.
                || Step::row(unsafe { &*at }),
                |sweep| {
                    sweep.with_room(&mut |sweep| {
                        // SAFETY: as many are placed.
                        unsafe { sweep.row(first, count) }
                    });
                },
            );
            if sweep.disposes() {
                // SAFETY: its values are gone, and it is not used after this.
                unsafe {
                    (*at).set_len(0);
                    ptr::drop_in_place(at);
                }
            }
        }
        sweep_vec::<T>
    }
    #[inline(always)]
    fn __racy() -> bool {
        false
    }
    #[inline(always)]
    fn __as_clone<C: CloneVisitor<Self>>(visitor: C) -> bool {
        struct Inner<C>(C);
        impl<T, C: CloneVisitor<Vec<T>>> CloneVisitor<T> for Inner<C> {
            #[inline(always)]
            fn visit(self)
            where
                T: Clone,
            {
                self.0.visit();
            }
        }
        T::__as_clone(Inner(visitor))
    }
}

// SAFETY: P1: as a vector.
unsafe impl<T: DeepClone> DeepClone for VecDeque<T> {
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        engine.charge_bytes::<Self>(self.len() * size_of::<T>())?;
        let mut copy = Vec::<T>::with_capacity(self.len());
        let (front, back) = self.as_slices();
        let first = copy.as_mut_ptr();
        engine.descend::<Self>(|engine| {
            // SAFETY: there is room for as many.
            unsafe { place_row(front, first, engine)? };
            // SAFETY: there is room for as many behind the front.
            let placed = unsafe { place_row(back, first.add(front.len()), engine) };
            if placed.is_err() {
                engine.shift_index(front.len());
                engine.dispose(|sweep| {
                    // SAFETY: the front was placed, and is not used after this.
                    unsafe { sweep.row(first, front.len()) }
                });
            }
            placed
        })?;
        // SAFETY: as many were placed.
        unsafe { copy.set_len(self.len()) };
        // SAFETY: `dst` has room for a deque.
        unsafe { dst.cast::<Self>().write(Self::from(copy)) };
        Ok(())
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_deque<T: DeepClone>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>) {
            let at = at.cast::<VecDeque<T>>();
            if sweep.disposes() {
                // SAFETY: the deque is not used after this. In one piece it is a vector.
                let mut values = ManuallyDrop::new(Vec::from(unsafe { at.read() }));
                let (first, count) = (values.as_mut_ptr(), values.len());
                sweep.with_room(&mut |sweep| {
                    // SAFETY: as many are placed.
                    unsafe { sweep.row(first, count) }
                });
                // SAFETY: nothing of them is left.
                unsafe {
                    values.set_len(0);
                    ManuallyDrop::drop(&mut values);
                }
            } else {
                // SAFETY: a placed deque.
                let deque = unsafe { &*at };
                sweep.behind(|| Step::row(deque), |sweep| sweep.looked_at(deque.iter()));
            }
        }
        sweep_deque::<T>
    }
    #[inline(always)]
    fn __racy() -> bool {
        false
    }
}

// SAFETY: the value is in its node when that is linked.
unsafe impl<T: DeepClone> MovedInto for LinkedList<T> {
    type Value = T;
    const INDEXED: bool = true;

    fn new() -> Self {
        Self::new()
    }
    fn values(&self) -> impl ExactSizeIterator<Item = &T> {
        self.iter()
    }
    fn push(&mut self, value: T) {
        self.push_back(value);
    }
    fn into_values(self) -> impl Iterator<Item = T> {
        self.into_iter()
    }
}

// SAFETY: P1: a list of placed values, or nothing.
unsafe impl<T: DeepClone> DeepClone for LinkedList<T> {
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        engine.charge_bytes::<Self>(self.len() * size_of::<T>())?;
        if is_gathered::<Self>(engine) {
            // SAFETY: passed on.
            return engine.descend::<Self>(|engine| unsafe { place_gathered(self, dst, engine) });
        }
        let mut copy = ManuallyDrop::new(Self::new());
        let placed = engine.descend::<Self>(|engine| {
            engine.afloat(|engine| {
                let afloat = engine.count_afloat();
                for (index, value) in self.iter().enumerate() {
                    let mut aside = MaybeUninit::<T>::uninit();
                    let at = aside.as_mut_ptr();
                    // SAFETY: room for one.
                    if unsafe { value.__place(at.cast(), engine) }.is_err() {
                        return Err(engine.at(Segment::Index(index)));
                    }
                    // SAFETY: placed.
                    copy.push_back(unsafe { at.read() });
                    if engine.count_afloat() > afloat {
                        let node = copy.back_mut().map_or(ptr::null_mut(), ptr::from_mut);
                        if engine.lands_at(afloat, at, node).is_err() {
                            return Err(engine.at(Segment::Index(index)));
                        }
                    }
                }
                Ok(())
            })
        });
        if placed.is_err() {
            engine.dispose(|sweep| {
                // SAFETY: the list is not used after this.
                unsafe { sweep.moved_out(ManuallyDrop::take(&mut copy).into_iter()) }
            });
            return placed;
        }
        // SAFETY: `dst` has room for a list.
        unsafe { dst.cast::<Self>().write(ManuallyDrop::into_inner(copy)) };
        Ok(())
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_list<T: DeepClone>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>) {
            let at = at.cast::<LinkedList<T>>();
            if sweep.disposes() {
                // SAFETY: the list is not used after this.
                unsafe { sweep.moved_out(at.read().into_iter()) }
            } else {
                if sweep.meets(at.cast()) {
                    return;
                }
                // SAFETY: a placed list.
                sweep.looked_at(unsafe { &*at }.iter());
            }
        }
        sweep_list::<T>
    }
    #[inline(always)]
    fn __racy() -> bool {
        false
    }
}
