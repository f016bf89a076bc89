//! `hashbrown` 0.17: the maps and sets behind those of the standard library.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};

use hashbrown::hash_map::Entry;
use hashbrown::{HashMap, HashSet};

use super::super::maps::{keyed, map_by_clone, set_by_clone, sweep_keys, sweep_pairs};
use crate::cloner::Engine;
use crate::raw::erased::Meta;
use crate::raw::keyed::{Asks, ByClone, KeyIsClone, Keyed, may_clone_whole, place_keyed};
use crate::raw::sweep::Sweep;
use crate::raw::traits::{CloneVisitor, DeepClone, Placed, Sweeper};

keyed! { [K: DeepClone + Eq + Hash, V: DeepClone, S: BuildHasher + Clone] [K, V, S] HashMap<K, V, S> }
map_by_clone! { [K: DeepClone + Eq + Hash, V: DeepClone, S: BuildHasher + Clone] HashMap<K, V, S> }

// SAFETY: the value is read by `VacantEntry::insert` alone, which hashes nothing, since there is room.
unsafe impl<K: DeepClone + Eq + Hash, V: DeepClone, S: BuildHasher + Clone> Keyed
    for HashMap<K, V, S>
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
    fn each(&self, mut visit: impl FnMut(usize, &K, &V) -> Placed) -> Placed {
        for (index, (key, value)) in self.iter().enumerate() {
            visit(index, key, value)?;
        }
        Ok(())
    }
    unsafe fn add(&mut self, key: K, value: *mut V) -> bool {
        // Without room, the insertion would hash all keys again.
        self.reserve(1);
        match self.entry(key) {
            Entry::Vacant(vacant) => {
                // SAFETY: the value is the container's now.
                vacant.insert(unsafe { value.read() });
                true
            }
            Entry::Occupied(_) => false,
        }
    }
    fn take_all(&mut self) -> Vec<(K, V)> {
        self.drain().collect()
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

keyed! { [K: DeepClone + Eq + Hash, S: BuildHasher + Clone] [K, S] HashSet<K, S> }
set_by_clone! { [K: DeepClone + Eq + Hash, S: BuildHasher + Clone] HashSet<K, S> }

// SAFETY: the value is of no size.
unsafe impl<K: DeepClone + Eq + Hash, S: BuildHasher + Clone> Keyed for HashSet<K, S> {
    type Key = K;
    type Value = ();
    const ASKS: Asks = Asks::Hash;

    fn count(&self) -> usize {
        self.len()
    }
    fn empty_like(&self) -> Self {
        Self::with_capacity_and_hasher(self.len(), self.hasher().clone())
    }
    fn each(&self, mut visit: impl FnMut(usize, &K, &()) -> Placed) -> Placed {
        for (index, key) in self.iter().enumerate() {
            visit(index, key, &())?;
        }
        Ok(())
    }
    unsafe fn add(&mut self, key: K, _: *mut ()) -> bool {
        self.insert(key)
    }
    fn take_all(&mut self) -> Vec<(K, ())> {
        self.drain().map(|key| (key, ())).collect()
    }
    fn finds_all(&self) -> bool {
        self.iter()
            .all(|key| self.get(key).is_some_and(|found| core::ptr::eq(found, key)))
    }
    unsafe fn sweep_at(at: *mut Self, sweep: &mut Sweep<'_, '_>) {
        sweep_keys!(at, sweep);
    }
}
