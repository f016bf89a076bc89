//! Boxes whose content is placed later, because the stack is deep.
//!
//! A box's block does not move, so the box can go to its place at once, and what lies in the block is written when the frames above have left. Invariants
//! (cited as B1–B2):
//!
//! - B1. The source of an open box is owned by the root's source, through values and blocks and never through a cell or a shared pointer. So nobody
//!   can write to it or free it as long as the root is borrowed, which is the whole root call.
//! - B2. From when it is put off until it is filled, the content of an open box is unwritten, and the engine knows its address. Nobody follows the
//!   box before the root call ends, since user code has no way to it, except to take it apart after a failure: then its block is freed and its content left alone.

use core::alloc::Layout;

use super::erased::Erased;
use super::traits::{DeepClone, Placed};
use crate::cloner::Engine;

/// A box that was written and whose content was not.
pub(crate) struct OpenBox {
    source: Erased,
    block: *mut u8,
    place: unsafe fn(Erased, *mut u8, &mut Engine<'_>) -> Placed,
}

impl OpenBox {
    /// # Safety
    ///
    /// B1 holds for `source`; `block` has its layout, is not empty, and nobody else writes to it.
    pub(crate) unsafe fn new<T: ?Sized + DeepClone>(source: &T, block: *mut u8) -> Self {
        unsafe fn place<T: ?Sized + DeepClone>(
            source: Erased,
            block: *mut u8,
            engine: &mut Engine<'_>,
        ) -> Placed {
            // SAFETY: B1: the source is as it was, viewed as it was.
            unsafe { (*source.typed::<T>()).__place(block, engine) }
        }
        debug_assert!(Layout::for_value(source).size() > 0);
        Self {
            source: Erased::new(source),
            block,
            place: place::<T>,
        }
    }

    pub(crate) fn block(&self) -> *mut u8 {
        self.block
    }

    /// Places the content.
    pub(crate) fn fill(self, engine: &mut Engine<'_>) -> Placed {
        // SAFETY: B1 and B2: the source is alive, the block is unwritten and has its layout. Once, since this takes the box.
        unsafe { (self.place)(self.source, self.block, engine) }
    }
}
