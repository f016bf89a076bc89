//! What generated code names. No part of the public interface: it changes without notice.

pub use alloc::borrow::ToOwned;
pub use core;
pub use core::option::Option::{self, None, Some};
pub use core::result::Result::{self, Err, Ok};

pub use crate::cloner::Engine;
#[cfg(feature = "serde")]
pub use crate::raw::by_serde::place_serde;
pub use crate::raw::cells::{CellContent, CopyContent, CopyProbe, IsCopy};
pub use crate::raw::erased::{Meta, from_parts, with_address};
pub use crate::raw::hand::{
    ByHand, call_by_hand, place_by_hand, place_clone, place_default, place_try_with, place_with,
};
pub use crate::raw::place::{
    Span, offset_of_ref, place_bytes, place_copy, span, start_variant, undo,
};
pub use crate::raw::sweep::{Field, Sweep, deep_field, finished_field, finished_sweeper};
pub use crate::raw::traits::{CloneVisitor, Failed, Placed, Sweeper};
pub use crate::{Cloner, DeepClone, Error};
#[cfg(feature = "derive")]
pub use deepclone_derive::impl_deep_clone_in;

/// A type and a visitor, for the question whether the type is `Copy`: inherent methods win over those of [`NotCopy`].
pub struct AsCopy<T, C>(pub C, pub core::marker::PhantomData<T>);

impl<T: Copy, C: CloneVisitor<T>> AsCopy<T, C> {
    /// Visits: `Copy` types are `Clone` by their bytes.
    #[inline(always)]
    pub fn visit_if_copy(self) -> bool {
        self.0.visit();
        true
    }
}

/// The answer for types that are not `Copy`.
pub trait NotCopy: Sized {
    /// Does nothing.
    #[inline(always)]
    fn visit_if_copy(self) -> bool {
        false
    }
}

impl<T, C> NotCopy for AsCopy<T, C> {}
