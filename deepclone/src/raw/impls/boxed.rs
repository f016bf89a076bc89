//! `Box`, and `Pin` of owning pointers.

use alloc::alloc::{alloc, dealloc, handle_alloc_error};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::sync::Arc;
use core::alloc::Layout;
use core::pin::Pin;
use core::ptr;

use crate::cloner::Engine;
use crate::raw::erased::{Meta, with_address};
use crate::raw::open::OpenBox;
use crate::raw::place::place_bytes;
use crate::raw::sweep::{Sweep, sweep_nothing};
use crate::raw::trail::Step;
use crate::raw::traits::{CloneVisitor, DeepClone, Placed, Sweeper};

/// Memory for a box or a vector of that layout.
#[inline(always)]
pub(super) fn reserve(layout: Layout) -> *mut u8 {
    if layout.size() == 0 {
        return ptr::without_provenance_mut(layout.align());
    }
    // SAFETY: the size is not zero.
    let at = unsafe { alloc(layout) };
    if at.is_null() {
        handle_alloc_error(layout);
    }
    at
}

/// # Safety
///
/// `at` comes from `reserve` with that layout, or from a box.
#[inline(always)]
pub(super) unsafe fn free(at: *mut u8, layout: Layout) {
    if layout.size() != 0 {
        // SAFETY: passed on.
        unsafe { dealloc(at, layout) }
    }
}

/// Places a box of this. Inlined: its frame is what a level of a deep value costs.
///
/// # Safety
///
/// `dst` has room for a box.
#[inline(always)]
unsafe fn place_boxed<T: ?Sized + DeepClone>(
    content: &T,
    dst: *mut u8,
    engine: &mut Engine<'_>,
) -> Placed {
    let layout = Layout::for_value(content);
    let at = reserve(layout);
    // SAFETY: reserved with the layout of the content.
    let placed = unsafe { content.__place(at, engine) };
    if let Err(failed) = placed {
        // SAFETY: nothing lies in it.
        unsafe { free(at, layout) };
        return Err(failed);
    }
    // SAFETY: the content is placed, in memory as a box has it, viewed as the source is.
    let copy = unsafe { Box::from_raw(with_address(content, at)) };
    // SAFETY: `dst` has room for a box.
    unsafe { dst.cast::<Box<T>>().write(copy) };
    Ok(())
}

/// The step into a box. What a trait object is, its metadata does not say for certain.
///
/// # Safety
///
/// At `at` lies a box with a placed content.
unsafe fn step<T: ?Sized + DeepClone>(at: *mut u8) -> Step {
    // SAFETY: a box is a pointer to its content, which may be looked at.
    let is_row = || unsafe { (*at.cast::<*const T>().read()).__is_row() };
    if size_of::<*const T>() == size_of::<*const u8>() || is_row() {
        // SAFETY: the content is sized or a slice.
        unsafe { Step::boxed::<T>(at) }
    } else {
        Step::LOST
    }
}

/// Places a box of this whose content comes later.
///
/// # Safety
///
/// `dst` has room for a box; B1 holds for the content, which is not empty.
#[cold]
#[inline(never)]
unsafe fn put_off<T: ?Sized + DeepClone>(content: &T, dst: *mut u8, engine: &mut Engine<'_>) {
    let at = reserve(Layout::for_value(content));
    // SAFETY: passed on; reserved with the layout of the content.
    engine.put_off_box(unsafe { OpenBox::new(content, at) });
    // As a pointer: a typed box would claim its content for itself, which is written through another pointer.
    // SAFETY: `dst` has room for a box, which is laid out like a pointer to its content.
    unsafe { dst.cast::<*mut T>().write(with_address(content, at)) };
}

// SAFETY: P1: a box of a placed value, or nothing.
unsafe impl<T: ?Sized + DeepClone> DeepClone for Box<T> {
    #[inline]
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        let content: &T = self;
        let layout = Layout::for_value(content);
        if engine.needs_care() {
            if layout.size() > 0 && engine.puts_off_box() {
                // SAFETY: B1: `puts_off_box` has asked for it.
                unsafe { put_off(content, dst, engine) };
                return Ok(());
            }
            return engine.carefully(layout.size(), core::any::type_name::<Self>, &mut |engine| {
                // SAFETY: passed on.
                unsafe { place_boxed(content, dst, engine) }
            });
        }
        // SAFETY: passed on.
        unsafe { place_boxed(content, dst, engine) }
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_box<T: ?Sized + DeepClone>(
            at: *mut u8,
            _: Meta,
            sweep: &mut Sweep<'_, '_>,
        ) {
            // SAFETY: a box is a pointer to its content; reading it as one leaves the box where it is.
            let content = unsafe { at.cast::<*mut T>().read() };
            // SAFETY: the content is placed; only its metadata is looked at.
            let layout = Layout::for_value(unsafe { &*content });
            // B2: nothing lies in a box that was put off.
            if !(sweep.disposes() && sweep.engine.is_open_box(content.cast())) {
                sweep.behind(
                    // SAFETY: a placed box.
                    || unsafe { step::<T>(at) },
                    // SAFETY: the content is placed, and when disposing not used after this.
                    |sweep| unsafe { sweep.below(content) },
                );
            }
            if sweep.disposes() {
                // SAFETY: the content is gone, the memory is the box's.
                unsafe { free(content.cast(), layout) };
            }
        }
        sweep_box::<T>
    }
    #[inline(always)]
    fn __racy() -> bool {
        false
    }
}

/// `Pin` is transparent and its pointee stays where it is, so a pinned pointer is copied like the pointer. Only for pointers that own: a blanket
/// impl would let others pin what can move.
macro_rules! pinned {
    ($($pointer:ident)*) => { $(
        // SAFETY: P1: passed on.
        unsafe impl<T: ?Sized + DeepClone> DeepClone for Pin<$pointer<T>> {
            #[inline]
            unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
                // SAFETY: `Pin` is `repr(transparent)`.
                let pointer = unsafe { &*ptr::from_ref(self).cast::<$pointer<T>>() };
                // SAFETY: passed on; the copy's pointee never moves.
                unsafe { pointer.__place(dst, engine) }
            }
            fn __sweeper(&self) -> Sweeper {
                // SAFETY: `Pin` is `repr(transparent)`.
                unsafe { &*ptr::from_ref(self).cast::<$pointer<T>>() }.__sweeper()
            }
            #[inline(always)]
            fn __racy() -> bool {
                false
            }
        }
    )* };
}

pinned! { Box Rc Arc }

super::plain::plain! { {'a, T: ?Sized} Pin<&'a T> }
