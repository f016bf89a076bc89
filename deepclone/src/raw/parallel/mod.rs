//! The collections that are copied in parallel, and the start of such a call.

mod member;
mod rows;
mod together;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr;
use std::collections::{HashMap, HashSet};

use crate::Error;
use crate::cloner::{Engine, Order};
use crate::raw::root::{Root, run};
use crate::raw::traits::{DeepClone, Placed};
use rows::copy_bytes;
pub(crate) use rows::{place_map, place_row};
pub(crate) use together::FEW;

/// What can be copied by several threads. Sealed.
///
/// # Safety
///
/// `place_in_parallel` is as `DeepClone::__place`, for a `Self::Copy`.
pub unsafe trait Collection {
    /// What the threads read and make.
    type Element: ?Sized;
    /// What the copy is: a slice's is a vector, everything else's is of its own type.
    type Copy: DeepClone;
    /// It is nothing but a row of elements: nothing comes behind them.
    #[doc(hidden)]
    const IS_ROW: bool;

    /// # Safety
    ///
    /// `dst` has room for a copy.
    #[doc(hidden)]
    unsafe fn place_in_parallel(&self, dst: *mut Self::Copy, engine: &mut Engine<'_>) -> Placed
    where
        Self::Element: Send + Sync;
}

/// Places one piece of a sequence after the other, or none.
///
/// # Safety
///
/// There is room for all at `first`.
unsafe fn place_pieces<T: DeepClone + Send + Sync>(
    front: &[T],
    back: &[T],
    first: *mut T,
    engine: &mut Engine<'_>,
) -> Placed {
    // SAFETY: there is room for the back behind the front.
    let behind = unsafe { first.add(front.len()) };
    if T::__plain() {
        // SAFETY: as above.
        unsafe {
            copy_bytes(front, first);
            copy_bytes(back, behind);
        }
        return Ok(());
    }
    // SAFETY: as above.
    unsafe { crate::raw::place::place_row(front, first, engine)? };
    // SAFETY: as above.
    let placed = unsafe { crate::raw::place::place_row(back, behind, engine) };
    if placed.is_err() {
        engine.shift_index(front.len());
        engine.dispose(|sweep| {
            // SAFETY: the front was placed, and is not used after this.
            unsafe { sweep.row(first, front.len()) }
        });
    }
    placed
}

macro_rules! sequence {
    ([$($generics:tt)*] $type:ty => $copy:ty, |$source:ident| $pieces:expr) => {
        // SAFETY: P1: written whole, after what can fail.
        unsafe impl<$($generics)*> Collection for $type {
            type Element = T;
            type Copy = $copy;
            const IS_ROW: bool = true;
            unsafe fn place_in_parallel(&self, dst: *mut $copy, engine: &mut Engine<'_>) -> Placed
            where
                T: Send + Sync,
            {
                let $source = self;
                let (front, back) = $pieces;
                let length = front.len() + back.len();
                let mut copy = Vec::<T>::with_capacity(length);
                // SAFETY: there is room for all.
                unsafe { place_pieces(front, back, copy.as_mut_ptr(), engine) }?;
                // SAFETY: all were placed.
                unsafe { copy.set_len(length) };
                // SAFETY: `dst` has room for one.
                unsafe { dst.write(copy.into()) };
                Ok(())
            }
        }
    };
}

sequence! { [T: DeepClone] [T] => Vec<T>, |source| (source, &[][..]) }
sequence! { [T: DeepClone] Vec<T> => Vec<T>, |source| (source.as_slice(), &[][..]) }
sequence! { [T: DeepClone] Box<[T]> => Box<[T]>, |source| (&**source, &[][..]) }
sequence! { [T: DeepClone] VecDeque<T> => VecDeque<T>, |source| source.as_slices() }

macro_rules! whole {
    ([$($generics:tt)*] $type:ty, $element:ty) => {
        // SAFETY: P1: passed on.
        unsafe impl<$($generics)*> Collection for $type {
            type Element = $element;
            type Copy = $type;
            const IS_ROW: bool = false;
            unsafe fn place_in_parallel(&self, dst: *mut $type, engine: &mut Engine<'_>) -> Placed
            where
                $element: Send + Sync,
            {
                // SAFETY: passed on.
                unsafe { self.__place(dst.cast(), engine) }
            }
        }
    };
}

whole! { [K: DeepClone + Eq + Hash, V: DeepClone, S: BuildHasher + Clone] HashMap<K, V, S>, (K, V) }
whole! { [K: DeepClone + Eq + Hash, S: BuildHasher + Clone] HashSet<K, S>, (K, ()) }
whole! { [K: DeepClone + Ord, V: DeepClone] BTreeMap<K, V>, (K, V) }
whole! { [K: DeepClone + Ord] BTreeSet<K>, (K, ()) }
whole! { [T: ?Sized + DeepClone] Arc<T>, T }

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
    engine.leads = rayon::current_num_threads() > 1;
    if engine.leads && !C::IS_ROW {
        // What its members make is kept.
        engine.order = Order::Kept;
    }
    // SAFETY: passed on. R3: `C::Element` is all that it holds.
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
