//! Values that keep a position: exhausted ranges, half-consumed iterators, cursors.

use alloc::vec::{self, Vec};
use core::ops::RangeInclusive;

use crate::cloner::Engine;
use crate::path::Segment;
use crate::raw::erased::Meta;
use crate::raw::place::{Span, copy_gaps, place_row, span};
use crate::raw::sweep::Sweep;
#[cfg(feature = "std")]
use crate::raw::sweep::sweep_leaf;
use crate::raw::sweep::sweep_nothing;
use crate::raw::trail::Step;
#[cfg(feature = "std")]
use crate::raw::traits::CloneVisitor;
use crate::raw::traits::{DeepClone, Placed, Sweeper};

/// Where the two ends of a range lie in it.
fn ends<T>(range: &RangeInclusive<T>) -> [Span; 2] {
    [span(range, range.start()), span(range, range.end())]
}

// SAFETY: P1: both ends and the rest, or nothing.
unsafe impl<T: DeepClone> DeepClone for RangeInclusive<T> {
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        let [start, end] = ends(self);
        let from = core::ptr::from_ref(self).cast();
        // The rest says whether the range is exhausted, which only `Clone` tells otherwise, and that would share.
        // SAFETY: `dst` has room for one; the ends are placed next.
        unsafe { copy_gaps(from, dst.cast(), size_of::<Self>(), &mut [start, end]) };
        // SAFETY: the end's place in `dst`.
        let (start, end) = unsafe { (dst.add(start.offset()), dst.add(end.offset())) };
        // SAFETY: as above.
        if unsafe { self.start().__place(start, engine) }.is_err() {
            return Err(engine.at(Segment::Field("start")));
        }
        // SAFETY: as above.
        if unsafe { self.end().__place(end, engine) }.is_err() {
            engine.dispose(|sweep| {
                // SAFETY: it was placed and is not used after this.
                unsafe { sweep.value(start.cast::<T>()) }
            });
            return Err(engine.at(Segment::Field("end")));
        }
        Ok(())
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_range<T: DeepClone>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>) {
            // SAFETY: a placed range; the reference ends here.
            let ends = ends(unsafe { &*at.cast::<RangeInclusive<T>>() });
            for end in ends {
                // SAFETY: the end is placed.
                unsafe { sweep.value(at.add(end.offset()).cast::<T>()) }
            }
        }
        sweep_range::<T>
    }
    #[inline(always)]
    fn __plain() -> bool {
        T::__plain()
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
        let first = copy.as_mut_ptr();
        engine.descend::<Self>(|engine| {
            // SAFETY: there is room for as many.
            unsafe { place_row(rest, first, engine) }
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
                let rest = unsafe { &*at };
                let values = rest.as_slice().iter();
                sweep.behind(|| Step::row(rest), |sweep| sweep.looked_at(values));
            }
        }
        sweep_rest::<T>
    }
    #[inline(always)]
    fn __racy() -> bool {
        false
    }
}

/// Iterators over what is borrowed, and stays so: their `Clone` copies the position.
macro_rules! borrowing {
    ($([$($generics:tt)*] $type:ty),* $(,)?) => { $(
        // SAFETY: P1: written whole, and nothing can fail.
        unsafe impl<$($generics)*> DeepClone for $type {
            #[inline]
            unsafe fn __place(&self, dst: *mut u8, _: &mut Engine<'_>) -> Placed {
                // SAFETY: `dst` has room for one.
                unsafe { dst.cast::<Self>().write(self.clone()) };
                Ok(())
            }
            #[inline]
            fn __sweeper(&self) -> Sweeper {
                const { assert!(!core::mem::needs_drop::<Self>(), "it owns nothing") }
                sweep_nothing
            }
            #[inline(always)]
            fn __racy() -> bool {
                false
            }
        }
    )* };
}

borrowing! {
    ['a, T] core::slice::Iter<'a, T>,
    ['a, T] core::slice::Chunks<'a, T>,
    ['a, T] core::slice::ChunksExact<'a, T>,
    ['a, T] core::slice::Windows<'a, T>,
    ['a] core::str::Bytes<'a>,
    ['a] core::str::Chars<'a>,
    ['a] core::str::CharIndices<'a>,
    ['a] core::str::Lines<'a>,
    ['a] core::str::SplitWhitespace<'a>,
}

#[cfg(feature = "std")]
// SAFETY: P1: passed on, and the position copied.
unsafe impl<T: DeepClone> DeepClone for std::io::Cursor<T> {
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        let content = span(self, self.get_ref());
        let from = core::ptr::from_ref(self).cast();
        // SAFETY: `dst` has room for one. All but the content is the position.
        unsafe { copy_gaps(from, dst.cast(), size_of::<Self>(), &mut [content]) };
        // SAFETY: the content's place in `dst`.
        unsafe { self.get_ref().__place(dst.add(content.offset()), engine) }
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
