//! The collections that are copied in parallel, and the start of such a call.

mod rows;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr;
use std::collections::{HashMap, HashSet};

use crate::Error;
use crate::cloner::{Engine, Exposure};
use crate::raw::erased::Meta;
use crate::raw::keyed::may_clone_whole;
use crate::raw::root::{Root, run};
use crate::raw::sweep::Sweep;
use crate::raw::traits::{DeepClone, Placed, Sweeper};
use rows::{place_map, place_values};

/// A collection that can be copied by several threads. Sealed.
///
/// # Safety
///
/// `place_in_parallel` is as `DeepClone::__place`, for a `Self::Copy`.
pub unsafe trait Collection {
    /// What the threads read and make.
    type Element;
    /// What the copy is: a slice's is a vector, every other collection's is of its own type.
    type Copy: DeepClone;

    /// # Safety
    ///
    /// `dst` has room for a copy.
    #[doc(hidden)]
    unsafe fn place_in_parallel(&self, dst: *mut Self::Copy, engine: &mut Engine<'_>) -> Placed
    where
        Self::Element: Send + Sync;
}

macro_rules! collection {
    ([$($generics:tt)*] $type:ty, $element:ty => $copy:ty, |$source:ident, $engine:ident| $made:expr) => {
        // SAFETY: P1: written whole, after what can fail.
        unsafe impl<$($generics)*> Collection for $type {
            type Element = $element;
            type Copy = $copy;
            unsafe fn place_in_parallel(&self, dst: *mut $copy, engine: &mut Engine<'_>) -> Placed
            where
                $element: Send + Sync,
            {
                let ($source, $engine) = (self, engine);
                let copy = $made?;
                // SAFETY: `dst` has room for one.
                unsafe { dst.write(copy) };
                Ok(())
            }
        }
    };
}

collection! { [T: DeepClone] [T], T => Vec<T>, |source, engine| place_values(source, &[], engine) }
collection! { [T: DeepClone] Vec<T>, T => Vec<T>, |source, engine| place_values(source, &[], engine) }
collection! { [T: DeepClone] Box<[T]>, T => Box<[T]>,
    |source, engine| place_values(source, &[], engine).map(Vec::into_boxed_slice)
}
collection! { [T: DeepClone] VecDeque<T>, T => VecDeque<T>, |source, engine| {
    let (front, back) = source.as_slices();
    place_values(front, back, engine).map(VecDeque::from)
} }

macro_rules! keyed_collection {
    ([$($generics:tt)*] $type:ty, $key:ty, $value:ty) => {
        // SAFETY: P1: written whole, after what can fail.
        unsafe impl<$($generics)*> Collection for $type {
            type Element = ($key, $value);
            type Copy = $type;
            unsafe fn place_in_parallel(&self, dst: *mut $type, engine: &mut Engine<'_>) -> Placed
            where
                ($key, $value): Send + Sync,
            {
                if <$key>::__plain() && <$value>::__plain() && may_clone_whole::<$type>(engine) {
                    // Adding the pairs one by one would take longer than copying the table.
                    // SAFETY: passed on.
                    return unsafe { self.__place(dst.cast(), engine) };
                }
                let copy = place_map(self, engine)?;
                // SAFETY: `dst` has room for one.
                unsafe { dst.write(copy) };
                Ok(())
            }
        }
    };
}

keyed_collection! { [K: DeepClone + Eq + Hash, V: DeepClone, S: BuildHasher + Clone] HashMap<K, V, S>, K, V }
keyed_collection! { [K: DeepClone + Eq + Hash, S: BuildHasher + Clone] HashSet<K, S>, K, () }
keyed_collection! { [K: DeepClone + Ord, V: DeepClone] BTreeMap<K, V>, K, V }
keyed_collection! { [K: DeepClone + Ord] BTreeSet<K>, K, () }

/// A collection as the pointee of an `Arc`, whose copying is parallel.
#[repr(transparent)]
struct Inside<C>(C);

// SAFETY: P1: passed on.
unsafe impl<C: Collection<Copy = C> + DeepClone> DeepClone for Inside<C>
where
    C::Element: Send + Sync,
{
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        // SAFETY: passed on.
        unsafe { self.0.place_in_parallel(dst.cast(), engine) }
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_inside<C: DeepClone>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>) {
            // SAFETY: transparent, and placed.
            unsafe { sweep.value(at.cast::<C>()) }
        }
        sweep_inside::<C>
    }
}

// SAFETY: P1: passed on.
unsafe impl<C: Collection<Copy = C> + DeepClone> Collection for Arc<C> {
    type Element = C::Element;
    type Copy = Self;
    unsafe fn place_in_parallel(&self, dst: *mut Self, engine: &mut Engine<'_>) -> Placed
    where
        C::Element: Send + Sync,
    {
        // So that the allocation is entered if it has any other edge: elements may lead back to it.
        engine.expose(Exposure::Threads);
        // SAFETY: of the same size and alignment, since transparent; it borrows the count.
        let source = unsafe { Arc::from_raw(Arc::as_ptr(self).cast::<Inside<C>>()) };
        let source = ManuallyDrop::new(source);
        let mut copy = MaybeUninit::<Arc<Inside<C>>>::uninit();
        // SAFETY: room for one.
        unsafe { source.__place(copy.as_mut_ptr().cast(), engine) }?;
        // SAFETY: placed.
        let copy = unsafe { copy.assume_init() };
        // SAFETY: as above, and `dst` has room for one.
        unsafe { dst.write(Arc::from_raw(Arc::into_raw(copy).cast::<C>())) };
        Ok(())
    }
}

struct RootOf<C: ?Sized>(PhantomData<C>);

impl<C: Collection + ?Sized> RootOf<C>
where
    C::Element: Send + Sync,
{
    const ROOT: &'static Root =
        &Root::new::<C::Copy>(place_root::<C>, core::any::type_name::<C::Copy>);
}

/// # Safety
///
/// `source` is a `&C`, and `dst` has room for a copy.
unsafe fn place_root<C: Collection + ?Sized>(
    source: *const u8,
    dst: *mut u8,
    engine: &mut Engine<'_>,
) -> Placed
where
    C::Element: Send + Sync,
{
    // SAFETY: passed on.
    unsafe { (*source.cast::<&C>()).place_in_parallel(dst.cast(), engine) }
}

/// A plain call whose root is a collection.
pub(crate) fn run_in_parallel<C: Collection + ?Sized>(source: &C) -> Result<C::Copy, Error>
where
    C::Element: Send + Sync,
{
    let mut copy = MaybeUninit::<C::Copy>::uninit();
    // SAFETY: the source is borrowed, `copy` has room for one.
    unsafe {
        run(
            RootOf::<C>::ROOT,
            ptr::from_ref(&source).cast(),
            copy.as_mut_ptr().cast(),
        )
    }?;
    // SAFETY: it was placed, and the call has finished it.
    Ok(unsafe { copy.assume_init() })
}
