//! Maps, sets and heaps that compare, and what all maps and sets have in common.

use alloc::collections::{BTreeMap, BTreeSet, BinaryHeap, btree_map};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ptr::NonNull;

use crate::cloner::Engine;
use crate::raw::erased::Meta;
use crate::raw::keyed::{Asks, ByClone, KeyIsClone, Keyed, Listed, may_clone_whole, place_keyed};
use crate::raw::sweep::Sweep;
use crate::raw::traits::{CloneVisitor, DeepClone, Placed, Sweeper};

/// `DeepClone` for a container that is `Keyed`: by its own `Clone` where that is the same, pair by pair otherwise.
macro_rules! keyed {
    ([$($generics:tt)*] [$($arguments:tt)*] $type:ty) => {
        // SAFETY: P1: passed on.
        unsafe impl<$($generics)*> DeepClone for $type {
            unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
                let pair = size_of::<(<Self as Keyed>::Key, <Self as Keyed>::Value)>();
                engine.charge_bytes::<Self>(Keyed::count(self) * pair)?;
                if may_clone_whole::<Self>(engine) {
                    engine.touch::<Self>()?;
                    let mut placed = None;
                    <Self as Keyed>::Key::__as_clone(ByClone {
                        source: self,
                        dst,
                        engine,
                        placed: &mut placed,
                    });
                    if let Some(placed) = placed {
                        return placed;
                    }
                }
                // SAFETY: passed on.
                unsafe { place_keyed(self, dst, engine) }
            }
            fn __sweeper(&self) -> Sweeper {
                unsafe fn sweep_keyed<$($generics)*>(
                    at: *mut u8,
                    _: Meta,
                    sweep: &mut Sweep<'_, '_>,
                ) {
                    // SAFETY: passed on.
                    unsafe { <$type as Keyed>::sweep_at(at.cast(), sweep) }
                }
                sweep_keyed::<$($arguments)*>
            }
        }
    };
}

/// The dispatch to `Clone` for a map: by its key, then by its value.
macro_rules! map_by_clone {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> CloneVisitor<K> for ByClone<'_, '_, $type> {
            #[inline]
            fn visit(self)
            where
                K: Clone,
            {
                V::__as_clone(KeyIsClone(self));
            }
        }
        impl<$($generics)*> CloneVisitor<V> for KeyIsClone<'_, '_, $type>
        where
            K: Clone,
        {
            #[inline]
            fn visit(self)
            where
                V: Clone,
            {
                self.0.run();
            }
        }
    };
}

/// The dispatch to `Clone` for a set.
macro_rules! set_by_clone {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> CloneVisitor<K> for ByClone<'_, '_, $type> {
            #[inline]
            fn visit(self)
            where
                K: Clone,
            {
                self.run();
            }
        }
    };
}

/// Sweeps pairs that lie in a container, or were moved out of it.
macro_rules! sweep_pairs {
    ($at:expr, $sweep:expr) => {
        if $sweep.disposes() {
            // SAFETY: the container is not used after this.
            unsafe { crate::raw::keyed::dispose_keyed($at, $sweep) }
        } else {
            if $sweep.meets($at.cast()) {
                return;
            }
            // SAFETY: a placed container, which nobody writes to.
            let container = unsafe { &*$at };
            $sweep.look_up::<K>(|| container.finds_all());
            let skips_keys = $sweep.skips_keys::<Self>(container.len());
            for (key, value) in container {
                if !skips_keys {
                    $sweep.looked_at(core::iter::once(key));
                }
                $sweep.looked_at(core::iter::once(value));
            }
        }
    };
}

macro_rules! sweep_keys {
    ($at:expr, $sweep:expr) => {
        if $sweep.disposes() {
            // SAFETY: the container is not used after this.
            unsafe { crate::raw::keyed::dispose_keyed($at, $sweep) }
        } else {
            if $sweep.meets($at.cast()) {
                return;
            }
            // SAFETY: a placed container, which nobody writes to.
            let container = unsafe { &*$at };
            $sweep.look_up::<K>(|| container.finds_all());
            if !$sweep.skips_keys::<Self>(container.len()) {
                $sweep.looked_at(container.iter());
            }
        }
    };
}

#[cfg(any(feature = "std", feature = "indexmap-2", feature = "hashbrown-0_17"))]
pub(super) use {keyed, map_by_clone, set_by_clone, sweep_keys, sweep_pairs};

keyed! { [K: DeepClone + Ord, V: DeepClone] [K, V] BTreeMap<K, V> }
map_by_clone! { [K: DeepClone + Ord, V: DeepClone] BTreeMap<K, V> }

// SAFETY: the value is read by `VacantEntry::insert` alone.
unsafe impl<K: DeepClone + Ord, V: DeepClone> Keyed for BTreeMap<K, V> {
    type Key = K;
    type Value = V;
    const ASKS: Asks = Asks::Order;

    fn count(&self) -> usize {
        self.len()
    }
    fn empty_like(&self) -> Self {
        Self::new()
    }
    unsafe fn add(&mut self, key: K, value: *mut V) -> Option<NonNull<V>> {
        match self.entry(key) {
            // SAFETY: the value is the container's now.
            btree_map::Entry::Vacant(vacant) => Some(vacant.insert(unsafe { value.read() }).into()),
            btree_map::Entry::Occupied(_) => None,
        }
    }
    fn compare(one: &K, other: &K) -> Ordering {
        one.cmp(other)
    }
    fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.values_mut()
    }
    fn first_key(&self) -> Option<&K> {
        self.first_key_value().map(|(key, _)| key)
    }
    fn take_all(&mut self) -> Vec<(K, V)> {
        core::mem::take(self).into_iter().collect()
    }
    fn finds_all(&self) -> bool {
        self.keys().zip(self.keys().skip(1)).all(|(a, b)| a < b)
    }
    unsafe fn sweep_at(at: *mut Self, sweep: &mut Sweep<'_, '_>) {
        sweep_pairs!(at, sweep);
    }
}

impl<K: DeepClone + Ord, V: DeepClone> Listed for BTreeMap<K, V> {
    fn each(&self, mut visit: impl FnMut(usize, &K, &V) -> Placed) -> Placed {
        for (index, (key, value)) in self.iter().enumerate() {
            visit(index, key, value)?;
        }
        Ok(())
    }
}

keyed! { [K: DeepClone + Ord] [K] BTreeSet<K> }
set_by_clone! { [K: DeepClone + Ord] BTreeSet<K> }

// SAFETY: the value is of no size.
unsafe impl<K: DeepClone + Ord> Keyed for BTreeSet<K> {
    type Key = K;
    type Value = ();
    const ASKS: Asks = Asks::Order;

    fn count(&self) -> usize {
        self.len()
    }
    fn empty_like(&self) -> Self {
        Self::new()
    }
    unsafe fn add(&mut self, key: K, _: *mut ()) -> Option<NonNull<()>> {
        self.insert(key).then_some(NonNull::dangling())
    }
    fn first_key(&self) -> Option<&K> {
        self.first()
    }
    fn take_all(&mut self) -> Vec<(K, ())> {
        core::mem::take(self)
            .into_iter()
            .map(|key| (key, ()))
            .collect()
    }
    fn finds_all(&self) -> bool {
        self.iter().zip(self.iter().skip(1)).all(|(a, b)| a < b)
    }
    unsafe fn sweep_at(at: *mut Self, sweep: &mut Sweep<'_, '_>) {
        sweep_keys!(at, sweep);
    }
}

impl<K: DeepClone + Ord> Listed for BTreeSet<K> {
    fn each(&self, mut visit: impl FnMut(usize, &K, &()) -> Placed) -> Placed {
        for (index, key) in self.iter().enumerate() {
            visit(index, key, &())?;
        }
        Ok(())
    }
}

keyed! { [K: DeepClone + Ord] [K] BinaryHeap<K> }
set_by_clone! { [K: DeepClone + Ord] BinaryHeap<K> }

// SAFETY: the value is of no size.
unsafe impl<K: DeepClone + Ord> Keyed for BinaryHeap<K> {
    type Key = K;
    type Value = ();
    const ASKS: Asks = Asks::Order;

    fn count(&self) -> usize {
        self.len()
    }
    fn empty_like(&self) -> Self {
        Self::with_capacity(self.len())
    }
    unsafe fn add(&mut self, key: K, _: *mut ()) -> Option<NonNull<()>> {
        self.push(key);
        Some(NonNull::dangling())
    }
    fn first_key(&self) -> Option<&K> {
        self.peek()
    }
    fn take_all(&mut self) -> Vec<(K, ())> {
        self.drain().map(|key| (key, ())).collect()
    }
    fn finds_all(&self) -> bool {
        let buffer = self.as_slice();
        (1..buffer.len()).all(|child| buffer[child] <= buffer[(child - 1) / 2])
    }
    unsafe fn sweep_at(at: *mut Self, sweep: &mut Sweep<'_, '_>) {
        sweep_keys!(at, sweep);
    }
}

impl<K: DeepClone + Ord> Listed for BinaryHeap<K> {
    fn each(&self, mut visit: impl FnMut(usize, &K, &()) -> Placed) -> Placed {
        // In the order of the buffer: a heap to which its own buffer is pushed has the same layout.
        for (index, key) in self.iter().enumerate() {
            visit(index, key, &())?;
        }
        Ok(())
    }
}
