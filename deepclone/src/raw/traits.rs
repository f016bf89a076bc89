//! [`DeepClone`]: which method to call, and what an implementation owes the engine.

use super::erased::Meta;
use super::hand::ByHand;
use super::sweep::Sweep;
use crate::Error;
use crate::cloner::Engine;

/// The operation has failed. What failed lies with the engine.
#[derive(Debug, Clone, Copy)]
pub struct Failed(pub(crate) ());

/// Whether a value was placed. One register wide.
pub type Placed = Result<(), Failed>;

/// Walks or takes apart the placed value at an address.
pub type Sweeper = unsafe fn(at: *mut u8, meta: Meta, sweep: &mut Sweep<'_, '_>);

/// An independent copy of a value, however it is shared and wherever it cycles.
///
/// Call [`deep_clone`](DeepClone::deep_clone) or [`try_deep_clone`](DeepClone::try_deep_clone). To make a type of your
/// own clonable, derive it: `#[derive(DeepClone)]`. Where a derive can't know how to copy, say it by
/// [`impl_deep_clone!`](crate::impl_deep_clone) or an attribute on the field.
///
/// The trait is dyn-compatible. A trait of yours with `DeepClone` as its supertrait makes `Box<dyn Shape>`,
/// `Rc<dyn Shape>`, `Rc<RefCell<dyn Shape>>` and `Weak<dyn Shape>` clonable, with no further words.
///
/// # Safety
///
/// There is no stable way to implement this trait: the hidden methods are a contract between the derive macro and the
/// engine and change without notice. Derive it or use `impl_deep_clone!`.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use deepclone::DeepClone;
///
/// let shared = Rc::new(vec![1, 2]);
/// let source = (Rc::clone(&shared), shared);
/// let copy = source.deep_clone();
/// assert!(Rc::ptr_eq(&copy.0, &copy.1), "shared in the source, so shared in the copy");
/// assert!(!Rc::ptr_eq(&copy.0, &source.0), "and never with the source");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be deep-cloned",
    label = "no deep clone of `{Self}`",
    note = "if the type is yours, derive it: `#[derive(DeepClone)]`, or write its copy by hand with `impl_deep_clone!`",
    note = "on a field: `#[deepclone(clone)]` uses `Clone` (on an `Rc` that shares), `#[deepclone(with = path)]` and `#[deepclone(try_with = path)]` call a function of yours, `#[deepclone(default)]` starts afresh, `#[deepclone(serde)]` goes through serde (feature `serde`)",
    note = "a type of another crate may be behind a feature of `deepclone` named after it, such as `indexmap-2`",
    note = "`&mut T`, raw pointers, guards, files, threads, channels and closures can't be copied by anyone: use one of the attributes"
)]
pub unsafe trait DeepClone {
    /// Copies the value and all that it owns, shared things once.
    ///
    /// The cost is that of `Clone` for owned data, and one table look-up for each edge to an allocation that has
    /// more than one. Weak edges are kept where their target is reached by strong ones, and dangle otherwise.
    ///
    /// # Panics
    ///
    /// With the text of the error that [`try_deep_clone`](DeepClone::try_deep_clone) would have returned, and with
    /// whatever user code panics with.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone::DeepClone;
    ///
    /// assert_eq!(vec!["a".to_string()].deep_clone(), ["a"]);
    /// ```
    #[inline]
    #[track_caller]
    fn deep_clone(&self) -> Self
    where
        Self: Sized,
    {
        super::root::deep_clone(self)
    }

    /// Copies the value and all that it owns, or says why that can't be done.
    ///
    /// # Errors
    ///
    /// - [`AlreadyBorrowed`](crate::ErrorKind::AlreadyBorrowed): a `RefCell` is mutably borrowed.
    /// - [`Poisoned`](crate::ErrorKind::Poisoned): a lock is poisoned.
    /// - [`WouldBlock`](crate::ErrorKind::WouldBlock): a copy written by hand, of what a lock holds, would take another lock.
    /// - [`Incomplete`](crate::ErrorKind::Incomplete): a copy written by hand lies on a cycle.
    /// - [`KeyInCycle`](crate::ErrorKind::KeyInCycle): a map's key can't be hashed or compared before the map exists.
    /// - [`Custom`](crate::ErrorKind::Custom): a copy written by hand returned an error of its own.
    ///
    /// A failure leaves the source as it was, and nothing of the copy.
    ///
    /// # Panics
    ///
    /// With whatever user code panics with, after everything was cleaned up.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone::{DeepClone, ErrorKind};
    /// use std::cell::RefCell;
    ///
    /// let cell = RefCell::new(1);
    /// let guard = cell.borrow_mut();
    /// assert_eq!(cell.try_deep_clone().unwrap_err().kind(), ErrorKind::AlreadyBorrowed);
    /// drop(guard);
    /// assert_eq!(cell.try_deep_clone().unwrap(), cell);
    /// ```
    #[inline]
    fn try_deep_clone(&self) -> Result<Self, Error>
    where
        Self: Sized,
    {
        super::root::try_deep_clone(self)
    }

    /// Writes a copy of `self` to `dst`.
    ///
    /// # Safety
    ///
    /// `dst` is valid for writes of `size_of_val(self)` bytes and aligned for `self`. On `Err` nothing at `dst` is
    /// initialised. The copy may hold handles to allocations that are not finished: until the operation is done it
    /// is moved, walked and taken apart, and nothing else.
    #[doc(hidden)]
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed;

    /// The function that walks or takes apart a placed copy of this very type.
    #[doc(hidden)]
    fn __sweeper(&self) -> Sweeper;

    /// How to copy this as the pointee of an `Rc` or `Arc` when the copy is written by hand.
    #[doc(hidden)]
    #[inline(always)]
    fn __by_hand(&self) -> Option<ByHand> {
        None
    }

    /// Immutable data that [`ImmutablePolicy::Share`](crate::ImmutablePolicy::Share) is about.
    #[doc(hidden)]
    #[inline(always)]
    fn __immutable(&self) -> bool {
        false
    }

    /// This is a slice.
    #[doc(hidden)]
    #[inline(always)]
    fn __is_row(&self) -> bool {
        false
    }

    /// This is `u8`.
    #[doc(hidden)]
    #[inline(always)]
    fn __byte() -> bool
    where
        Self: Sized,
    {
        false
    }

    /// A copy is the same bytes: nothing owned, no user code, nothing that other threads may write. Looks at inline
    /// bytes only, so that it ends on recursive types.
    #[doc(hidden)]
    #[inline(always)]
    fn __plain() -> bool
    where
        Self: Sized,
    {
        false
    }

    /// The inline bytes may be written by others while we read (atomics, locks, types we know nothing of).
    #[doc(hidden)]
    #[inline(always)]
    fn __racy() -> bool
    where
        Self: Sized,
    {
        true
    }

    /// For pointers: how a long row of them is placed.
    #[doc(hidden)]
    #[inline(always)]
    fn __edges_placer() -> Option<EdgesPlacer<Self>>
    where
        Self: Sized,
    {
        None
    }

    /// Visits with `Self: Clone` if `Clone` makes a deep clone of this type, and says whether it did.
    #[doc(hidden)]
    #[inline(always)]
    fn __as_clone<C: CloneVisitor<Self>>(visitor: C) -> bool
    where
        Self: Sized,
    {
        let _ = visitor;
        false
    }
}

/// Places a row, and counts what is placed: all of it, or on `Err` so many at its start. There is room for all of them.
pub(crate) type EdgesPlacer<T> =
    unsafe fn(row: &[T], dst: *mut T, &mut Engine<'_>, placed: &mut usize) -> Placed;

/// What is to be done with a type once it is known to be `Clone`.
pub trait CloneVisitor<T> {
    /// Does it.
    fn visit(self)
    where
        T: Clone;
}
