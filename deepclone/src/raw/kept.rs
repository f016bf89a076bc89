//! Values that user code has made on a thread that then had to leave its work to another one: they are used there, so that the code runs once.
//!
//! Invariants: K1. A noted value is a second copy of the bytes of one that was placed. Only one of the two is used: the placed one as long as the work goes on, the
//! noted one when it was left; then nobody has dropped the placed one, nor written to it, because no user code has seen it. K2. Nothing is noted once the work has taken a lock. So what is
//! found at the source's address when the work is taken up again is the same value: it is borrowed, or held, until the operation ends, and has not been written to.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::any::TypeId;
use core::mem::MaybeUninit;

use super::sweep::Grave;
use super::traits::{Failed, Placed};
use crate::cloner::Engine;

/// What was made for one piece of work, in this order.
#[derive(Default)]
pub(crate) struct Made {
    values: Vec<Value>,
    bytes: Vec<MaybeUninit<u8>>,
}

struct Value {
    /// The address of its source, or of the function that made it of nothing.
    from: *const (),
    /// But for lifetimes, which are those of the source.
    type_id: TypeId,
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
        self.values.push(Value {
            from,
            type_id: typeid::of::<F>(),
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
#[derive(Default)]
pub(crate) struct Kept {
    /// By where it comes from, in the order in which it was made.
    by_source: BTreeMap<*const (), VecDeque<One>>,
}

/// A value, in the bytes of all that was made with it. Dropped, if it was not used.
struct One {
    value: Value,
    bytes: Rc<[MaybeUninit<u8>]>,
    is_used: bool,
}

impl Drop for One {
    fn drop(&mut self) {
        if !self.is_used {
            // SAFETY: K1: the work was left, and this value was not used.
            unsafe { (self.value.drop)(self.bytes().as_ptr()) }
        }
    }
}

impl One {
    fn bytes(&self) -> &[MaybeUninit<u8>] {
        &self.bytes[self.value.offset..][..self.value.size]
    }
}

impl Kept {
    pub(crate) fn add(&mut self, more: Vec<Made>) {
        for made in more {
            let bytes: Rc<[_]> = made.bytes.into();
            for value in made.values {
                let all = self.by_source.entry(value.from).or_default();
                all.push_back(One {
                    value,
                    bytes: bytes.clone(),
                    is_used: false,
                });
            }
        }
    }

    /// Moves a value to its place.
    ///
    /// # Safety
    ///
    /// `dst` has room for an `F`, whose source lies at `from`.
    unsafe fn take<F>(&mut self, from: *const (), dst: *mut u8) -> bool {
        let Some(all) = self.by_source.get_mut(&from) else {
            return false;
        };
        // What is made of nothing comes from a function, which may be that of several types.
        let is_it = |one: &One| one.value.type_id == typeid::of::<F>();
        let Some(mut one) = all.iter().position(is_it).and_then(|at| all.remove(at)) else {
            return false;
        };
        let bytes = one.bytes().as_ptr().cast();
        // SAFETY: K2: the bytes of an `F`, which are not used again.
        unsafe { dst.copy_from_nonoverlapping(bytes, size_of::<F>()) };
        one.is_used = true;
        true
    }

    /// Drops what was not used, each value by itself: its `Drop` may panic.
    pub(crate) fn bury(self, engine: &mut Engine<'_>) {
        for one in self.by_source.into_values().flatten() {
            engine.bury(Grave::new(one));
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
        if self.is_member() && (self.has_locked() || size_of::<F>() == 0) {
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
            // K1: a key that it lies in leads somewhere, to the work's end: the calling engine hashes it.
            self.edges += 1;
        }
    }

    /// The work of a member is done, or has failed.
    pub(crate) fn forget_made(&mut self) {
        if let Some(made) = self.made() {
            made.forget();
        }
    }
}
