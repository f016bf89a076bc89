//! `smallvec` 1: a vector whose first values lie inside it.

use core::ptr;

use smallvec::{Array, SmallVec};

use crate::cloner::Engine;
use crate::raw::erased::Meta;
use crate::raw::place::place_row;
use crate::raw::sweep::Sweep;
use crate::raw::trail::{Row, Step};
use crate::raw::traits::{DeepClone, Placed, Sweeper};

impl<A: Array> Row for SmallVec<A> {
    type Item = A::Item;

    fn row(&self) -> &[A::Item] {
        self
    }
}

// SAFETY: P1: a vector of placed values, or nothing.
unsafe impl<A: Array> DeepClone for SmallVec<A>
where
    A::Item: DeepClone,
{
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        if self.spilled() {
            engine.charge_bytes::<Self>(size_of_val(self.as_slice()))?;
        }
        let copy = dst.cast::<Self>();
        // SAFETY: `dst` has room for a vector.
        unsafe { copy.write(Self::with_capacity(self.len())) };
        let placed = engine.descend::<Self>(|engine| {
            // SAFETY: the vector was written; the reference ends here.
            let first = unsafe { (*copy).as_mut_ptr() };
            // SAFETY: there is room for as many.
            unsafe { place_row(self, first, engine) }
        });
        if placed.is_err() {
            // SAFETY: an empty vector, which is not used after this.
            unsafe { ptr::drop_in_place(copy) };
            return placed;
        }
        // SAFETY: as many were placed.
        unsafe { (*copy).set_len(self.len()) };
        Ok(())
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_small<A: Array>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>)
        where
            A::Item: DeepClone,
        {
            let at = at.cast::<SmallVec<A>>();
            // SAFETY: a placed vector; the references end here. Others may look at it unless it is taken apart.
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
        sweep_small::<A>
    }
}
