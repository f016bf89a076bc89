//! Values that keep a position: exhausted ranges, half-consumed iterators, cursors.

use alloc::vec::{self, Vec};
use core::ops::RangeInclusive;

use crate::cloner::Engine;
#[cfg(feature = "std")]
use crate::cloner::Fixed;
use crate::raw::erased::Meta;
use crate::raw::place::place_row;
use crate::raw::sweep::Sweep;
#[cfg(feature = "std")]
use crate::raw::sweep::sweep_leaf;
#[cfg(feature = "std")]
use crate::raw::traits::CloneVisitor;
use crate::raw::traits::{DeepClone, Placed, Sweeper};

// SAFETY: P1: all parts, or none.
unsafe impl<T: DeepClone + Clone> DeepClone for RangeInclusive<T> {
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        // Whether it is exhausted can only be copied by `Clone`.
        // SAFETY: `dst` has room for one.
        unsafe { crate::raw::hand::place_clone(self, dst, engine) }
    }
    fn __sweeper(&self) -> Sweeper {
        crate::raw::sweep::finished_sweeper::<Self>()
    }
    #[inline(always)]
    fn __racy() -> bool {
        T::__racy()
    }
}

// SAFETY: P1: an iterator over placed values, or nothing.
unsafe impl<T: DeepClone> DeepClone for vec::IntoIter<T> {
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        let rest = self.as_slice();
        engine.charge_bytes::<Self>(size_of_val(rest))?;
        let mut copy = Vec::<T>::with_capacity(rest.len());
        engine.descend::<Self>(|engine| {
            engine.in_block(|engine| {
                // SAFETY: there is room for as many.
                unsafe { place_row(rest, copy.as_mut_ptr(), engine) }
            })
        })?;
        // SAFETY: as many were placed.
        unsafe { copy.set_len(rest.len()) };
        // SAFETY: `dst` has room for one.
        unsafe { dst.cast::<Self>().write(copy.into_iter()) };
        Ok(())
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_rest<T: DeepClone>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>) {
            let at = at.cast::<vec::IntoIter<T>>();
            if sweep.disposes() {
                // SAFETY: the iterator is not used after this.
                unsafe { sweep.moved_out(at.read()) }
            } else {
                // SAFETY: a placed iterator.
                sweep.looked_at(unsafe { &*at }.as_slice().iter());
            }
        }
        sweep_rest::<T>
    }
    #[inline(always)]
    fn __racy() -> bool {
        false
    }
}

#[cfg(feature = "std")]
// SAFETY: P1: passed on, and the position set.
unsafe impl<T: DeepClone> DeepClone for std::io::Cursor<T> {
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        let mut content = core::mem::MaybeUninit::<T>::uninit();
        let place = content.as_mut_ptr().cast();
        engine.while_fixed(Fixed::Moves, |engine| {
            // SAFETY: room for one.
            unsafe { self.get_ref().__place(place, engine) }
        })?;
        // SAFETY: placed.
        let mut copy = Self::new(unsafe { content.assume_init() });
        copy.set_position(self.position());
        // SAFETY: `dst` has room for one.
        unsafe { dst.cast::<Self>().write(copy) };
        Ok(())
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_cursor<T: DeepClone>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>) {
            let at = at.cast::<std::io::Cursor<T>>();
            // SAFETY: a placed cursor; the reference ends here.
            let content = core::ptr::from_ref(unsafe { (*at).get_ref() }).addr() - at.addr();
            // SAFETY: the content is placed.
            unsafe { sweep.value(at.cast::<u8>().add(content).cast::<T>()) }
        }
        sweep_cursor::<T>
    }
    #[inline(always)]
    fn __racy() -> bool {
        T::__racy()
    }
}

super::text::leaf! {
    #[cfg(feature = "std")] std::io::Empty: |_| 0,
}
