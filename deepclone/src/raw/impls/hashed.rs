//! Maps and sets that hash.

/// A hash map: its type, its entries, what `drain` takes, and what has to be called before a pair is added, for the insertion to ask no user code.
macro_rules! hashed_map {
    ($type:ident, $entry:ident, ($($all:tt)?) $(, $reserve:ident)?) => {
        keyed! { [K: DeepClone + Eq + Hash, V: DeepClone, S: BuildHasher + Clone] [K, V, S] $type<K, V, S> }
        map_by_clone! { [K: DeepClone + Eq + Hash, V: DeepClone, S: BuildHasher + Clone] $type<K, V, S> }

        // SAFETY: the value is read by `VacantEntry::insert` alone. That hashes nothing: there is room, or the map keeps the hashes of its keys. A map that has room for a pair does not
        // move those it has.
        unsafe impl<K: DeepClone + Eq + Hash, V: DeepClone, S: BuildHasher + Clone> Keyed
            for $type<K, V, S>
        {
            type Key = K;
            type Value = V;
            const ASKS: Asks = Asks::Hash;

            fn count(&self) -> usize {
                self.len()
            }
            fn empty_like(&self) -> Self {
                Self::with_capacity_and_hasher(self.len(), self.hasher().clone())
            }
            #[inline]
            unsafe fn add(&mut self, key: K, value: *mut V) -> Option<NonNull<V>> {
                $(self.$reserve(1);)?
                match self.entry(key) {
                    // SAFETY: the value is the container's now.
                    $entry::Vacant(vacant) => Some(vacant.insert(unsafe { value.read() }).into()),
                    $entry::Occupied(_) => None,
                }
            }
            fn take_all(&mut self) -> Vec<(K, V)> {
                self.drain($($all)?).collect()
            }
            fn finds_all(&self) -> bool {
                self.keys().all(|key| {
                    self.get_key_value(key)
                        .is_some_and(|(found, _)| core::ptr::eq(found, key))
                })
            }
            unsafe fn sweep_at(at: *mut Self, sweep: &mut Sweep<'_, '_>) {
                sweep_pairs!(at, sweep);
            }
        }

        impl<K: DeepClone + Eq + Hash, V: DeepClone, S: BuildHasher + Clone> Listed
            for $type<K, V, S>
        {
            fn each(&self, mut visit: impl FnMut(usize, &K, &V) -> Placed) -> Placed {
                for (index, (key, value)) in self.iter().enumerate() {
                    visit(index, key, value)?;
                }
                Ok(())
            }
        }
    };
}

/// A hash set: its type, and what `drain` takes.
macro_rules! hashed_set {
    ($type:ident, ($($all:tt)?)) => {
        keyed! { [K: DeepClone + Eq + Hash, S: BuildHasher + Clone] [K, S] $type<K, S> }
        set_by_clone! { [K: DeepClone + Eq + Hash, S: BuildHasher + Clone] $type<K, S> }

        // SAFETY: the value is of no size.
        unsafe impl<K: DeepClone + Eq + Hash, S: BuildHasher + Clone> Keyed for $type<K, S> {
            type Key = K;
            type Value = ();
            const ASKS: Asks = Asks::Hash;

            fn count(&self) -> usize {
                self.len()
            }
            fn empty_like(&self) -> Self {
                Self::with_capacity_and_hasher(self.len(), self.hasher().clone())
            }
            unsafe fn add(&mut self, key: K, _: *mut ()) -> Option<NonNull<()>> {
                self.insert(key).then_some(NonNull::dangling())
            }
            fn take_all(&mut self) -> Vec<(K, ())> {
                self.drain($($all)?).map(|key| (key, ())).collect()
            }
            fn finds_all(&self) -> bool {
                self.iter()
                    .all(|key| self.get(key).is_some_and(|found| core::ptr::eq(found, key)))
            }
            unsafe fn sweep_at(at: *mut Self, sweep: &mut Sweep<'_, '_>) {
                sweep_keys!(at, sweep);
            }
        }

        impl<K: DeepClone + Eq + Hash, S: BuildHasher + Clone> Listed for $type<K, S> {
            fn each(&self, mut visit: impl FnMut(usize, &K, &()) -> Placed) -> Placed {
                for (index, key) in self.iter().enumerate() {
                    visit(index, key, &())?;
                }
                Ok(())
            }
        }
    };
}

#[cfg(any(feature = "indexmap-2", feature = "hashbrown-0_17"))]
pub(super) use {hashed_map, hashed_set};

#[cfg(feature = "std")]
const _: () = {
    use alloc::vec::Vec;
    use core::hash::{BuildHasher, Hash};
    use core::ptr::NonNull;
    use std::collections::{HashMap, HashSet, hash_map::Entry};

    use super::maps::{keyed, map_by_clone, set_by_clone, sweep_keys, sweep_pairs};
    use crate::cloner::Engine;
    use crate::raw::erased::Meta;
    use crate::raw::keyed::{
        Asks, ByClone, KeyIsClone, Keyed, Listed, may_clone_whole, place_keyed,
    };
    use crate::raw::sweep::Sweep;
    use crate::raw::traits::{CloneVisitor, DeepClone, Placed, Sweeper};

    hashed_map!(HashMap, Entry, ());
    hashed_set!(HashSet, ());
};
