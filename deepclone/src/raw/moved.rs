//! Containers that values are moved into, since nobody can write to their places: lists, cells that are set once.
//!
//! What moves can't hold a map that waits, unless that is told where to. So under a cell or a lock, where maps wait until that is released, such a container is gathered like a map, and put
//! together when those in its values have been filled. Elsewhere its values are moved at once: see `afloat`.

use core::ptr::NonNull;

use super::gather::gather;
use super::keyed::{Asks, Keyed, Listed};
use super::sweep::Sweep;
use super::traits::{DeepClone, Placed};
use crate::cloner::Engine;

/// Such a container.
///
/// # Safety
///
/// `push` does not unwind once it has read the value.
pub(crate) unsafe trait MovedInto: DeepClone {
    type Value: DeepClone;
    /// Whether a value has an index in the path of an error.
    const INDEXED: bool;

    fn new() -> Self;
    fn values(&self) -> impl ExactSizeIterator<Item = &Self::Value>;
    fn push(&mut self, value: Self::Value);
    fn into_values(self) -> impl Iterator<Item = Self::Value>;
}

// SAFETY: passed on.
unsafe impl<C: MovedInto> Keyed for Values<C> {
    type Key = ();
    type Value = C::Value;
    const ASKS: Asks = Asks::Nothing;
    const INDEXED: bool = C::INDEXED;

    fn count(&self) -> usize {
        self.0.values().len()
    }
    fn empty_like(&self) -> Self {
        Self(C::new())
    }
    unsafe fn add(&mut self, (): (), value: *mut C::Value) -> Option<NonNull<C::Value>> {
        // SAFETY: the value is the container's now.
        self.0.push(unsafe { value.read() });
        Some(NonNull::dangling())
    }
    fn take_all(&mut self) -> alloc::vec::Vec<((), C::Value)> {
        let values = core::mem::replace(&mut self.0, C::new()).into_values();
        values.map(|value| ((), value)).collect()
    }
    fn finds_all(&self) -> bool {
        true
    }
    unsafe fn sweep_at(at: *mut Self, sweep: &mut Sweep<'_, '_>) {
        // SAFETY: passed on.
        unsafe { sweep.value(&raw mut (*at).0) }
    }
}

impl<C: MovedInto> Listed for Values<C> {
    fn each(&self, mut visit: impl FnMut(usize, &(), &C::Value) -> Placed) -> Placed {
        for (index, value) in self.0.values().enumerate() {
            visit(index, &(), value)?;
        }
        Ok(())
    }
}

/// A container as a map of its values, with no keys.
#[repr(transparent)]
pub(crate) struct Values<C>(C);

/// Whether such a container has to be gathered where it is placed now.
#[inline(always)]
pub(crate) fn is_gathered<C: MovedInto>(engine: &Engine<'_>) -> bool {
    engine.place.guards() > 0 && !C::Value::__plain()
}

/// Places such a container under a guard.
///
/// # Safety
///
/// `dst` has room for a `C`.
#[inline(never)]
pub(crate) unsafe fn place_gathered<C: MovedInto>(
    source: &C,
    dst: *mut u8,
    engine: &mut Engine<'_>,
) -> Placed {
    let dst = dst.cast::<Values<C>>();
    // SAFETY: `dst` has room for one, and `Values` is transparent.
    unsafe { dst.write(Values(C::new())) };
    // SAFETY: as above; the empty container lies at its place, and owns nothing.
    unsafe {
        gather(
            &*core::ptr::from_ref(source).cast::<Values<C>>(),
            dst,
            engine,
        )
    }
}
