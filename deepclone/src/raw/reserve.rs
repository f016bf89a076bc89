//! Memory for a shared allocation whose content comes later, known by its layout alone.
//!
//! `Rc::from_raw` and `Arc::from_raw` document that a pointer may come from `into_raw` of another pointee type of
//! the same size and alignment. So an `Rc<[MaybeUninit<Chunk>]>` of as many chunks as the layout has stands for an
//! `Rc<T>` of any `T` with that layout: `dyn Trait`, slices, user types with an unsized tail.

use alloc::rc::Rc;
use alloc::sync::Arc;
use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr;

/// What `Rc` and `Arc` do for an allocation of a given layout, whatever lies in it.
pub(crate) struct Family {
    /// Reserves an allocation with one strong count and nothing in it.
    pub(crate) reserve: fn(Layout) -> *mut u8,
    /// Adds a strong count to a live allocation.
    increment: unsafe fn(*mut u8, Layout),
    /// Takes a strong count away; the last one frees the memory and leaves the content alone.
    decrement: unsafe fn(*mut u8, Layout),
    /// The strong counts of a live allocation.
    #[cfg(feature = "rayon")]
    strong_count: unsafe fn(*mut u8, Layout) -> usize,
    /// Whether other threads may own the source too.
    pub(crate) across_threads: bool,
}

impl Family {
    /// # Safety
    ///
    /// As [`Family::increment`].
    #[cfg(feature = "rayon")]
    pub(crate) unsafe fn strong_count(&self, at: *mut u8, layout: Layout) -> usize {
        // SAFETY: passed on to the caller.
        unsafe { (self.strong_count)(at, layout) }
    }

    /// # Safety
    ///
    /// `at` is the data address of a live allocation of this family with that layout.
    pub(crate) unsafe fn increment(&self, at: *mut u8, layout: Layout) {
        // SAFETY: passed on to the caller.
        unsafe { (self.increment)(at, layout) }
    }

    /// # Safety
    ///
    /// As [`Family::increment`], and the caller owns the count that goes. The content is not dropped.
    pub(crate) unsafe fn decrement(&self, at: *mut u8, layout: Layout) {
        // SAFETY: passed on to the caller.
        unsafe { (self.decrement)(at, layout) }
    }
}

macro_rules! by_alignment {
    ($layout:expr, $chunk:ident => $body:expr) => {
        by_alignment!(@ $layout, $chunk => $body;
            1 2 4 8 16 32 64 128 256 512 1024 2048 4096 8192 16384 32768 65536
            131072 262144 524288 1048576 2097152 4194304 8388608 16777216 33554432
            67108864 134217728 268435456 536870912)
    };
    (@ $layout:expr, $chunk:ident => $body:expr; $($align:literal)*) => {
        match $layout.align() {
            $($align => {
                #[repr(align($align))]
                #[derive(Clone, Copy)]
                struct $chunk(#[expect(dead_code, reason = "only its size and alignment count")] [u8; $align]);
                $body
            })*
            _ => unreachable!("no type has a larger alignment"),
        }
    };
}

/// Returns a reservation for layouts of so many words, by types whose layout the compiler knows.
macro_rules! by_words {
    ($layout:expr, $pointer:ident; $($words:literal)*) => {
        if $layout.align() == align_of::<usize>() {
            match $layout.size() / size_of::<usize>() {
                $($words => {
                    let reserved = $pointer::new(MaybeUninit::<[usize; $words]>::uninit());
                    return $pointer::into_raw(reserved).cast_mut().cast();
                })*
                _ => {}
            }
        }
    };
}

macro_rules! family {
    ($name:ident, $pointer:ident, $across_threads:expr, $reserve:ident) => {
        /// Reserves an allocation with one strong count and nothing in it. Where the layout is a constant, so is what comes of this.
        #[inline(always)]
        pub(crate) fn $reserve(layout: Layout) -> *mut u8 {
            by_words!(layout, $pointer; 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
            by_alignment!(layout, Chunk => {
                let reserved = $pointer::<[Chunk]>::new_uninit_slice(layout.size() / layout.align());
                $pointer::into_raw(reserved).cast_mut().cast()
            })
        }

        pub(crate) static $name: Family = {
            fn reserve(layout: Layout) -> *mut u8 {
                $reserve(layout)
            }
            unsafe fn increment(at: *mut u8, layout: Layout) {
                by_alignment!(layout, Chunk => {
                    let chunks = ptr::slice_from_raw_parts(
                        at.cast::<MaybeUninit<Chunk>>(),
                        layout.size() / layout.align(),
                    );
                    // SAFETY: the caller names a live allocation whose size and alignment these chunks have.
                    unsafe { $pointer::increment_strong_count(chunks) }
                })
            }
            unsafe fn decrement(at: *mut u8, layout: Layout) {
                by_alignment!(layout, Chunk => {
                    let chunks = ptr::slice_from_raw_parts(
                        at.cast::<MaybeUninit<Chunk>>(),
                        layout.size() / layout.align(),
                    );
                    // SAFETY: as above, and the caller owns a count. Uninitialised chunks have no drop glue.
                    drop(unsafe { $pointer::from_raw(chunks) })
                })
            }
            #[cfg(feature = "rayon")]
            unsafe fn strong_count(at: *mut u8, layout: Layout) -> usize {
                by_alignment!(layout, Chunk => {
                    let chunks = ptr::slice_from_raw_parts(
                        at.cast::<MaybeUninit<Chunk>>(),
                        layout.size() / layout.align(),
                    );
                    // SAFETY: as above; it borrows one of the counts.
                    let handle = unsafe { $pointer::from_raw(chunks) };
                    $pointer::strong_count(&core::mem::ManuallyDrop::new(handle))
                })
            }
            Family {
                reserve,
                increment,
                decrement,
                #[cfg(feature = "rayon")]
                strong_count,
                across_threads: $across_threads,
            }
        };
    };
}

family!(RC, Rc, false, reserve_rc);
family!(ARC, Arc, true, reserve_arc);
