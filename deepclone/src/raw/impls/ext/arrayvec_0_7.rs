//! `arrayvec` 0.7: a vector that lies where it is, and so is placed there.

use arrayvec::ArrayVec;

use crate::cloner::Engine;
use crate::raw::erased::Meta;
use crate::raw::place::place_row;
use crate::raw::sweep::Sweep;
use crate::raw::trail::{Row, Step};
use crate::raw::traits::{DeepClone, Placed, Sweeper};

impl<T, const CAPACITY: usize> Row for ArrayVec<T, CAPACITY> {
    type Item = T;

    fn row(&self) -> &[T] {
        self
    }
}

// SAFETY: P1: a vector of placed values, or an empty one, which owns nothing.
unsafe impl<T: DeepClone, const CAPACITY: usize> DeepClone for ArrayVec<T, CAPACITY> {
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        let copy = dst.cast::<Self>();
        // SAFETY: `dst` has room for a vector.
        unsafe { copy.write(Self::new()) };
        engine.descend::<Self>(|engine| {
            // SAFETY: the vector was written; the reference ends here.
            let first = unsafe { (*copy).as_mut_ptr() };
            // SAFETY: there is room for as many, since the capacity is the same.
            unsafe { place_row(self, first, engine) }
        })?;
        // SAFETY: as many were placed.
        unsafe { (*copy).set_len(self.len()) };
        Ok(())
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_array<T: DeepClone, const CAPACITY: usize>(
            at: *mut u8,
            _: Meta,
            sweep: &mut Sweep<'_, '_>,
        ) {
            let at = at.cast::<ArrayVec<T, CAPACITY>>();
            // SAFETY: a placed vector; the references end here. Others may look at it unless it is taken apart. It owns nothing but its values.
            let (first, count) = unsafe {
                let first = if sweep.disposes() {
                    (*at).as_mut_ptr()
                } else {
                    (*at).as_ptr().cast_mut()
                };
                (first, (*at).len())
            };
            sweep.behind(
                // SAFETY: a placed vector; the reference ends here.
                || Step::row(unsafe { &*at }),
                // SAFETY: as many are placed.
                |sweep| unsafe { sweep.row(first, count) },
            );
        }
        sweep_array::<T, CAPACITY>
    }
}
