//! `papaya` 0.2: maps without locks.
//!
//! Their insertion owns the pair while it runs the key's `Hash` and `Eq`, and readers may hold what lies in them. So they are copied as
//! by hand: key and value are finished before they go in. Nothing is locked, and what is changed meanwhile is seen or not. The hasher of a
//! map can't be asked for, so the copy gets a default one.

use core::hash::{BuildHasher, Hash};

use papaya::{HashMap, HashSet};

use crate::Error;
use crate::cloner::Engine;
use crate::error::ErrorKind;
use crate::raw::hand::{ByHand, Cloner, place_by_hand};
use crate::raw::sweep::finished_sweeper;
use crate::raw::traits::{DeepClone, Placed, Sweeper};

fn copy_map<K, V, S>(
    source: &HashMap<K, V, S>,
    cloner: &mut Cloner<'_>,
) -> Result<HashMap<K, V, S>, Error>
where
    K: DeepClone + Eq + Hash,
    V: DeepClone,
    S: BuildHasher + Default,
{
    let copy = HashMap::builder()
        .capacity(source.len())
        .hasher(S::default())
        .build();
    let pairs = source.pin();
    for (key, value) in &pairs {
        let (key, value) = (cloner.deep_clone(key)?, cloner.deep_clone(value)?);
        if copy.pin().try_insert(key, value).is_err() {
            return Err(Error::new(
                ErrorKind::KeyInCycle,
                core::any::type_name::<K>(),
            ));
        }
    }
    drop(pairs);
    Ok(copy)
}

fn copy_set<K, S>(source: &HashSet<K, S>, cloner: &mut Cloner<'_>) -> Result<HashSet<K, S>, Error>
where
    K: DeepClone + Eq + Hash,
    S: BuildHasher + Default,
{
    let copy = HashSet::builder()
        .capacity(source.len())
        .hasher(S::default())
        .build();
    let keys = source.pin();
    for key in &keys {
        if !copy.pin().insert(cloner.deep_clone(key)?) {
            return Err(Error::new(
                ErrorKind::KeyInCycle,
                core::any::type_name::<K>(),
            ));
        }
    }
    drop(keys);
    Ok(copy)
}

macro_rules! by_hand {
    ([$($generics:tt)*] $type:ty, $copy:ident) => {
        // SAFETY: P1: passed on; what is written is finished.
        unsafe impl<$($generics)*> DeepClone for $type {
            unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
                // SAFETY: passed on.
                unsafe { place_by_hand(self, dst, engine, |source, cloner| $copy(source, cloner)) }
            }
            fn __sweeper(&self) -> Sweeper {
                finished_sweeper::<Self>()
            }
            fn __by_hand(&self) -> Option<ByHand> {
                Some(ByHand::of::<Self>())
            }
        }
    };
}

by_hand! { [K: DeepClone + Eq + Hash, V: DeepClone, S: BuildHasher + Default] HashMap<K, V, S>, copy_map }
by_hand! { [K: DeepClone + Eq + Hash, S: BuildHasher + Default] HashSet<K, S>, copy_set }
