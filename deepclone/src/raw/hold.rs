//! Small owners: of a strong count on a source, of a placed value that is looked at.

use super::entry::Entry;
use super::erased::{Erased, Meta};
use super::pointee::{Description, Pointee};
use super::sweep::Sweep;
use super::traits::{DeepClone, Sweeper};

/// A strong count on a source, given back on drop.
pub(crate) struct Hold {
    source: Erased,
    pointee: &'static Pointee,
}

impl Hold {
    /// Adds a count to a source that is alive.
    #[cfg(feature = "std")]
    pub(crate) fn new(source: Erased, pointee: &'static Pointee) -> Self {
        // SAFETY: the caller has an edge to it in hand.
        unsafe { (pointee.hold)(source) };
        Self { source, pointee }
    }

    #[cfg(feature = "std")]
    pub(crate) fn source(&self) -> Erased {
        self.source
    }

    #[cfg(feature = "std")]
    pub(crate) fn pointee(&self) -> &'static Pointee {
        self.pointee
    }

    /// Takes over the count of [`Entry::hold_source`].
    pub(crate) fn of(entry: &Entry) -> Self {
        Self {
            source: entry.source(),
            pointee: entry.pointee(),
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // SAFETY: this owns the count.
        unsafe { (self.pointee.release)(self.source) }
    }
}

/// Describes the pointee of an edge that is in our hands.
#[inline]
pub(crate) fn describe(source: Erased, pointee: &'static Pointee) -> Description {
    // SAFETY: the edge keeps its target alive.
    unsafe { (pointee.describe)(source) }
}

/// A placed value that somebody else owns.
#[derive(Clone, Copy)]
pub(crate) struct PlacedValue {
    at: *mut u8,
    meta: Meta,
    sweeper: Sweeper,
}

impl PlacedValue {
    /// # Safety
    ///
    /// `at` holds a placed value for as long as this is used, and nobody refers to it meanwhile.
    pub(crate) unsafe fn new<T: ?Sized + DeepClone>(at: *mut T) -> Self {
        Self {
            at: at.cast(),
            meta: Erased::new(at.cast_const()).meta,
            // SAFETY: a placed value may be looked at; the reference ends here.
            sweeper: unsafe { (*at).__sweeper() },
        }
    }

    /// A value whose type only its sweeper knows.
    ///
    /// # Safety
    ///
    /// As [`PlacedValue::new`], and `sweeper` sweeps it.
    pub(crate) unsafe fn of(at: *mut u8, sweeper: Sweeper) -> Self {
        Self {
            at,
            meta: core::ptr::null(),
            sweeper,
        }
    }

    /// Traces it.
    pub(crate) fn sweep(&self, sweep: &mut Sweep<'_, '_>) {
        // SAFETY: the promise of `new`.
        unsafe { (self.sweeper)(self.at, self.meta, sweep) }
    }
}
