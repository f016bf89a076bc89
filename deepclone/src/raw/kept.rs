//! Values that user code has made on a thread that then had to leave its work to another one: they are used there, so that the code runs once.
//!
//! Invariants: K1. A noted value is a second copy of the bytes of one that was placed. Only one of the two is used: the placed one as long as the work goes on, the
//! noted one when it was left; then nobody has dropped the placed one. K2. Nothing is noted under a lock. So what is found at the source's address when
//! the work is taken up again is the same value of the same type: it is borrowed, or held, until the operation ends, and has not been written to.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::any::type_name;
use core::mem::MaybeUninit;

use super::traits::{Failed, Placed};
use crate::cloner::Engine;

/// What was made for one piece of work, in this order.
#[derive(Default)]
pub(crate) struct Made {
    values: VecDeque<Value>,
    bytes: Vec<MaybeUninit<u8>>,
}

struct Value {
    /// The address of its source, or of the function that made it of nothing.
    from: *const (),
    type_name: fn() -> &'static str,
    offset: usize,
    size: usize,
    drop: unsafe fn(*const MaybeUninit<u8>),
}

// SAFETY: what is noted is part of a copy that is sent, or is made by code that any thread may run.
unsafe impl Send for Made {}

impl Made {
    /// # Safety
    ///
    /// `at` holds an `F`.
    unsafe fn note<F>(&mut self, from: *const (), at: *const u8) {
        unsafe fn drop_unaligned<F>(at: *const MaybeUninit<u8>) {
            // SAFETY: the bytes of an `F`, which is dropped once.
            drop(unsafe { at.cast::<F>().read_unaligned() });
        }
        let offset = self.bytes.len();
        // SAFETY: so many bytes lie there.
        let bytes =
            unsafe { core::slice::from_raw_parts(at.cast::<MaybeUninit<u8>>(), size_of::<F>()) };
        self.bytes.extend_from_slice(bytes);
        self.values.push_back(Value {
            from,
            type_name: type_name::<F>,
            offset,
            size: size_of::<F>(),
            drop: drop_unaligned::<F>,
        });
    }

    /// Forgets all: the placed values are the ones that are used.
    fn forget(&mut self) {
        self.values.clear();
        self.bytes.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// What was made for work that was left.
pub(crate) struct Kept {
    all: Vec<Made>,
}

impl Kept {
    pub(crate) fn new(all: Vec<Made>) -> Self {
        Self { all }
    }

    pub(crate) fn add(&mut self, more: Vec<Made>) {
        self.all.extend(more);
    }

    /// Moves a value to its place.
    ///
    /// # Safety
    ///
    /// `dst` has room for an `F`, whose source lies at `from`.
    unsafe fn take<F>(&mut self, from: *const (), dst: *mut u8) -> bool {
        let size = size_of::<F>();
        let is_it = |value: &Value| {
            value.from == from && value.size == size && (value.type_name)() == type_name::<F>()
        };
        for made in &mut self.all {
            // It is the first one, unless other work comes in between.
            let Some(index) = made.values.iter().position(is_it) else {
                continue;
            };
            if let Some(value) = made.values.remove(index) {
                let bytes = &made.bytes[value.offset..value.offset + size];
                // SAFETY: K2: the bytes of an `F`, which are not used again.
                unsafe { dst.copy_from_nonoverlapping(bytes.as_ptr().cast(), size) };
                return true;
            }
        }
        false
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        for made in &mut self.all {
            while let Some(value) = made.values.pop_front() {
                // SAFETY: K1: the work was left, and this value was not used.
                unsafe { (value.drop)(made.bytes[value.offset..].as_ptr()) }
            }
        }
    }
}

impl Engine<'_> {
    /// Before user code makes an `F` of the source at `from`: places the one that was made already, or leaves the work.
    ///
    /// # Safety
    ///
    /// `dst` has room for an `F`.
    #[inline]
    pub(crate) unsafe fn place_kept<F>(&mut self, from: *const (), dst: *mut u8) -> Option<Placed> {
        if self.is_member() && (self.locks > 0 || size_of::<F>() == 0) {
            // K2; and what has no size has no address of its own.
            return Some(Err(self.stop()));
        }
        let failed = self.has_failed();
        let kept = self.kept.as_mut()?;
        if failed {
            return Some(Err(Failed(())));
        }
        // SAFETY: passed on.
        unsafe { kept.take::<F>(from, dst) }.then_some(Ok(()))
    }

    /// After user code has made an `F`.
    ///
    /// # Safety
    ///
    /// It lies at `at`.
    #[inline]
    pub(crate) unsafe fn note_made<F>(&mut self, from: *const (), at: *const u8) {
        if let Some(made) = self.made() {
            // SAFETY: passed on.
            unsafe { made.note::<F>(from, at) }
        }
    }

    /// The work of a member is done, or has failed.
    pub(crate) fn forget_made(&mut self) {
        if let Some(made) = self.made() {
            made.forget();
        }
    }
}
