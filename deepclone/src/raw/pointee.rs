//! What the engine can do with a shared allocation whose type it does not know.
//!
//! One table per pair of pointer and pointee type; an entry of the memo is a table and two addresses. The functions are
//! `unsafe`; [`Entry`](super::entry::Entry) holds the invariants under which they are called.

use core::alloc::Layout;

use super::erased::Erased;
use super::hand::ByHand;
use super::reserve::Family;
use super::sweep::Sweep;
use super::traits::Placed;
use crate::cloner::Engine;

/// The functions for one type of shared pointer. Over-aligned, so that an entry can keep its state in the spare bits.
#[repr(align(64))]
pub(crate) struct Pointee {
    pub(crate) family: &'static Family,
    /// Layout of a pointee, which need not be written: only the metadata is looked at.
    pub(crate) layout: unsafe fn(Erased) -> Layout,
    /// Layout of a source's pointee, and how to copy it when it is written by hand.
    pub(crate) describe: unsafe fn(Erased) -> Description,
    /// Copies the pointee to memory of that layout.
    pub(crate) place: unsafe fn(Erased, *mut u8, &mut Engine<'_>) -> Placed,
    /// Walks or takes apart a placed pointee.
    pub(crate) sweep: unsafe fn(Erased, &mut Sweep<'_, '_>),
    /// Adds a strong count.
    pub(crate) hold: unsafe fn(Erased),
    /// Takes a strong count away, with the pointee if it was the last.
    pub(crate) release: unsafe fn(Erased),
    /// Adds a weak count.
    pub(crate) pin: unsafe fn(Erased),
    /// Takes a weak count away.
    pub(crate) unpin: unsafe fn(Erased),
    /// Whether there are weak handles.
    #[cfg(feature = "std")]
    pub(crate) has_weak: unsafe fn(Erased) -> bool,
    /// Adds a strong count unless there is none left; needs a weak count.
    pub(crate) revive: unsafe fn(Erased) -> bool,
    /// Whether the pointee is free of edges for sure.
    pub(crate) leads_nowhere: bool,
    /// The pointee's type, for messages.
    pub(crate) type_name: fn() -> &'static str,
}

/// What [`Pointee::describe`] tells.
pub(crate) struct Description {
    pub(crate) layout: Layout,
    pub(crate) by_hand: Option<ByHand>,
}
