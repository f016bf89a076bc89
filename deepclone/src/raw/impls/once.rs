//! Cells that are set once.

use core::cell::OnceCell;
use core::mem::MaybeUninit;
use core::ptr;
#[cfg(feature = "std")]
use std::sync::OnceLock;

use crate::cloner::Engine;
use crate::raw::erased::Meta;
use crate::raw::moved::{MovedInto, is_gathered, place_gathered};
use crate::raw::sweep::Sweep;
use crate::raw::traits::{DeepClone, Placed, Sweeper};

macro_rules! once {
    ($cell:ident $($racy:item)?) => {
        // SAFETY: an unset cell that is ours takes the value, and that is all.
        unsafe impl<T: DeepClone> MovedInto for $cell<T> {
            type Value = T;
            const INDEXED: bool = false;

            fn new() -> Self {
                Self::new()
            }
            fn values(&self) -> impl ExactSizeIterator<Item = &T> {
                self.get().into_iter()
            }
            fn push(&mut self, value: T) {
                *self = Self::from(value);
            }
            fn into_values(self) -> impl Iterator<Item = T> {
                self.into_inner().into_iter()
            }
        }

        // SAFETY: P1: written whole, after what can fail.
        unsafe impl<T: DeepClone> DeepClone for $cell<T> {
            unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
                if is_gathered::<Self>(engine) {
                    // SAFETY: passed on.
                    return unsafe { place_gathered(self, dst, engine) };
                }
                let copy = dst.cast::<Self>();
                // One that is being initialised elsewhere is not set yet.
                let Some(value) = self.get() else {
                    // SAFETY: `dst` has room for one.
                    unsafe { copy.write(Self::new()) };
                    return Ok(());
                };
                let mut content = MaybeUninit::<T>::uninit();
                let aside = content.as_mut_ptr();
                let afloat = engine.count_afloat();
                engine.afloat(|engine| {
                    // SAFETY: room for one. What is set is not changed while the cell is borrowed.
                    unsafe { value.__place(aside.cast(), engine) }
                })?;
                // SAFETY: placed, and `dst` has room for one.
                unsafe { copy.write(Self::from(aside.read())) };
                if engine.count_afloat() == afloat {
                    return Ok(());
                }
                // SAFETY: the copy was written; the reference ends here.
                let value = unsafe { (*copy).get() }.map_or(0, |value| ptr::from_ref(value).addr());
                let value = dst.wrapping_add(value - dst.addr()).cast();
                let landed = engine.floats_to(afloat, aside, value);
                if landed.is_err() {
                    // SAFETY: the cell is placed and not used after this.
                    engine.dispose(|sweep| unsafe { sweep.value(copy) });
                }
                landed
            }
            fn __sweeper(&self) -> Sweeper {
                unsafe fn sweep_once<T: DeepClone>(
                    at: *mut u8,
                    _: Meta,
                    sweep: &mut Sweep<'_, '_>,
                ) {
                    if sweep.meets(at) {
                        return;
                    }
                    // SAFETY: a placed cell; the reference ends before the sweep.
                    if let Some(value) = unsafe { (*at.cast::<$cell<T>>()).get() } {
                        let offset = ptr::from_ref(value).addr() - at.addr();
                        // SAFETY: the content is placed.
                        unsafe { sweep.value(at.add(offset).cast::<T>()) }
                    }
                }
                sweep_once::<T>
            }
            $($racy)?
        }
    };
}

once! {
    OnceCell
    #[inline(always)]
    fn __racy() -> bool {
        false
    }
}

#[cfg(feature = "std")]
once!(OnceLock);
