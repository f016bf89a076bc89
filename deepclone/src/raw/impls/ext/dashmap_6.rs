//! `dashmap` 6: maps and sets in shards, each behind a lock of its own.
//!
//! The source's shards are locked for reading one after the other, never two at once. Under the lock, what an entry owns is copied; of an `Arc` only the handle
//! is taken, and what it leads to is copied when the lock is free again. Keys are hashed and compared when no shard is locked, but
//! for those of a map that had to wait: its shards are open for reading while they are looked up again.
//! Each shard is consistent in itself. The hasher of a set can't be asked for, so the copy of a set gets a default one.

use core::hash::{BuildHasher, Hash};
use core::ptr::{self, NonNull};
use std::time::Instant;

use dashmap::mapref::entry::Entry;
use dashmap::{DashMap, DashSet, RwLock, RwLockReadGuard};

use super::super::locks::PAUSE;
use crate::cloner::{Engine, Exposure};
use crate::error::ErrorKind;
use crate::options::LockPolicy;
use crate::raw::access::{Access, Mode};
use crate::raw::erased::{Erased, Meta};
use crate::raw::gather::{Gathering, add_by, gather_by};
use crate::raw::keyed::{Asks, Keyed, dispose_keyed};
use crate::raw::sweep::{Sweep, sweep_nothing};
use crate::raw::traits::{DeepClone, Placed, Sweeper};

fn read<'a, T>(lock: &'a RwLock<T>, engine: &Engine<'_>) -> Option<RwLockReadGuard<'a, T>> {
    match engine.options.locks {
        LockPolicy::Block => Some(lock.read()),
        LockPolicy::Try => lock.try_read(),
        LockPolicy::Timeout(limit) => {
            let start = Instant::now();
            loop {
                match lock.try_read() {
                    None if start.elapsed() < limit => {
                        std::thread::sleep(PAUSE.min(limit.saturating_sub(start.elapsed())));
                    }
                    taken => return taken,
                }
            }
        }
    }
}

/// For maps inside the entries: nobody will wait for them, since their place is none that stays.
const NO_ACCESS: Access = {
    unsafe fn refuse(_: Erased, _: Mode, _: &mut dyn FnMut()) -> bool {
        false
    }
    Access {
        cell: Erased {
            data: ptr::null(),
            meta: ptr::null(),
        },
        sweeper: sweep_nothing,
        open: refuse,
        share: None,
        poison: None,
    }
};

/// A map or a set.
trait Sharded: Keyed {
    /// Places the pairs of one shard after the other.
    fn gather(&self, gathering: &mut Gathering<Self>, engine: &mut Engine<'_>) -> Placed;
    fn trace(&self, sweep: &mut Sweep<'_, '_>);
}

/// What has to be written for each type, since the type of a shard has no public name.
macro_rules! by_shards {
    () => {
        fn gather(&self, gathering: &mut Gathering<Self>, engine: &mut Engine<'_>) -> Placed {
            for shard in self.shards() {
                engine.keep_up()?;
                let Some(guard) = read(shard, engine) else {
                    return Err(engine.fail(ErrorKind::WouldBlock, core::any::type_name::<Self>()));
                };
                gathering.reserve(guard.len(), engine);
                let queued = engine.queue.len();
                let waiting = engine.gathered.len();
                engine.holds_lock();
                let under_guard = engine.place.guards() > 0;
                let mut place_all = |engine: &mut Engine<'_>| {
                    // SAFETY: the table lives and is not changed as long as the guard does.
                    for bucket in unsafe { guard.iter() } {
                        // SAFETY: as above.
                        let (key, value) = unsafe { bucket.as_ref() };
                        gathering.place(key, value.get(), engine)?;
                    }
                    Ok(())
                };
                let placed = if under_guard {
                    place_all(engine)
                } else {
                    engine.in_cell(place_all)
                };
                engine.locks -= 1;
                drop(guard);
                placed?;
                engine.fill_put_off_under_lock(queued)?;
                engine.left_guard(waiting, NO_ACCESS)?;
            }
            let size = size_of::<(Self::Key, Self::Value)>();
            engine.charge_bytes::<Self>(gathering.len() * size)
        }
        fn trace(&self, sweep: &mut Sweep<'_, '_>) {
            let skips_keys = sweep.skips_keys::<Self>(self.count());
            for shard in self.shards() {
                let table = shard.read();
                // SAFETY: the table is not changed meanwhile.
                for bucket in unsafe { table.iter() } {
                    // SAFETY: as above.
                    let (key, value) = unsafe { bucket.as_ref() };
                    if !skips_keys {
                        sweep.looked_at(core::iter::once(key));
                    }
                    sweep.looked_at(core::iter::once(value.get()));
                }
            }
        }
    };
}

/// How many pairs there are in the shards that nobody writes to now: so much room a copy needs at least. Nobody waits for the others here, whatever the policy.
macro_rules! known_count {
    ($map:expr) => {
        $map.shards()
            .iter()
            .filter_map(|shard| shard.try_read())
            .map(|table| table.len())
            .sum()
    };
}

/// All pairs of a map that is ours.
macro_rules! take_all {
    ($map:expr) => {
        $map.shards()
            .iter()
            .flat_map(|shard| shard.write().drain().collect::<Vec<_>>())
            .map(|(key, value)| (key, value.into_inner()))
            .collect()
    };
}

// SAFETY: the value is read by `VacantEntry::insert` alone, which hashes nothing.
unsafe impl<K, V, S> Keyed for DashMap<K, V, S>
where
    K: DeepClone + Eq + Hash,
    V: DeepClone,
    S: BuildHasher + Clone,
{
    type Key = K;
    type Value = V;
    const ASKS: Asks = Asks::Hash;

    fn count(&self) -> usize {
        known_count!(self)
    }
    fn empty_like(&self) -> Self {
        let shards = self.shards().len();
        let count = self.count();
        Self::with_capacity_and_hasher_and_shard_amount(count, self.hasher().clone(), shards)
    }
    unsafe fn add(&mut self, key: K, value: *mut V) -> Option<NonNull<V>> {
        match self.entry(key) {
            Entry::Vacant(vacant) => {
                // SAFETY: moved out once. From here on nothing can unwind: the slot is found.
                drop(vacant.insert(unsafe { value.read() }));
                Some(NonNull::dangling())
            }
            Entry::Occupied(_) => None,
        }
    }
    fn take_all(&mut self) -> Vec<(K, V)> {
        take_all!(self)
    }
    fn finds_all(&self) -> bool {
        self.iter().all(|pair| {
            let found = self.get(pair.key());
            found.is_some_and(|found| ptr::eq(found.key(), pair.key()))
        })
    }
    unsafe fn sweep_at(at: *mut Self, sweep: &mut Sweep<'_, '_>) {
        // SAFETY: passed on.
        unsafe { sweep_sharded(at, sweep) }
    }
}

impl<K, V, S> Sharded for DashMap<K, V, S>
where
    K: DeepClone + Eq + Hash,
    V: DeepClone,
    S: BuildHasher + Clone,
{
    by_shards!();
}

// SAFETY: the value is of no size.
unsafe impl<K, S> Keyed for DashSet<K, S>
where
    K: DeepClone + Eq + Hash,
    S: BuildHasher + Clone + Default,
{
    type Key = K;
    type Value = ();
    const ASKS: Asks = Asks::Hash;

    fn count(&self) -> usize {
        known_count!(self)
    }
    fn empty_like(&self) -> Self {
        // A set does not give its hasher to anybody.
        Self::with_capacity_and_hasher(self.count(), S::default())
    }
    unsafe fn add(&mut self, key: K, _: *mut ()) -> Option<NonNull<()>> {
        self.insert(key).then_some(NonNull::dangling())
    }
    fn take_all(&mut self) -> Vec<(K, ())> {
        take_all!(self)
    }
    fn finds_all(&self) -> bool {
        self.iter().all(|key| {
            let found = self.get(key.key());
            found.is_some_and(|found| ptr::eq(found.key(), key.key()))
        })
    }
    unsafe fn sweep_at(at: *mut Self, sweep: &mut Sweep<'_, '_>) {
        // SAFETY: passed on.
        unsafe { sweep_sharded(at, sweep) }
    }
}

impl<K, S> Sharded for DashSet<K, S>
where
    K: DeepClone + Eq + Hash,
    S: BuildHasher + Clone + Default,
{
    by_shards!();
}

/// # Safety
///
/// `dst` has room for an `M`.
unsafe fn place_sharded<M: Sharded>(source: &M, dst: *mut M, engine: &mut Engine<'_>) -> Placed {
    engine.expose(Exposure::Threads);
    if engine.locks_barred {
        return Err(engine.fail(ErrorKind::WouldBlock, core::any::type_name::<M>()));
    }
    engine.descend::<M>(|engine| {
        let empty = engine
            .before_user()
            .and_then(|()| engine.user(|| source.empty_like()))?;
        // SAFETY: `dst` has room for a map.
        unsafe { dst.write(empty) };
        let gather = |gathering: &mut _, engine: &mut Engine<'_>| source.gather(gathering, engine);
        // SAFETY: the empty map lies at its place.
        let placed = unsafe {
            if engine.place.guards() > 0 {
                gather_by(dst, engine, gather)
            } else {
                add_by(dst, engine, gather)
            }
        };
        if placed.is_err() {
            // SAFETY: the map holds placed pairs, and is not used after this.
            engine.dispose(|sweep| unsafe { sweep_sharded(dst, sweep) });
        }
        placed
    })
}

/// # Safety
///
/// As [`Sweep::value`].
unsafe fn sweep_sharded<M: Sharded>(at: *mut M, sweep: &mut Sweep<'_, '_>) {
    if sweep.meets(at.cast()) {
        return;
    }
    if sweep.disposes() {
        // SAFETY: passed on.
        return unsafe { dispose_keyed(at, sweep) };
    }
    // SAFETY: a placed map.
    let map = unsafe { &*at };
    sweep.look_up::<M::Key>(|| map.finds_all());
    // A scan looks at a source, whose shards are not locked.
    if sweep.looks_up() || !sweep.scans() {
        map.trace(sweep);
    }
}

macro_rules! sharded {
    ([$($generics:tt)*] [$($arguments:tt)*] $type:ty) => {
        // SAFETY: P1: written whole, after what can fail.
        unsafe impl<$($generics)*> DeepClone for $type {
            unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
                // SAFETY: passed on.
                unsafe { place_sharded(self, dst.cast::<Self>(), engine) }
            }
            fn __sweeper(&self) -> Sweeper {
                unsafe fn sweep_it<$($generics)*>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>) {
                    // SAFETY: passed on.
                    unsafe { sweep_sharded(at.cast::<$type>(), sweep) }
                }
                sweep_it::<$($arguments)*>
            }
        }
    };
}

sharded! { [K: DeepClone + Eq + Hash, V: DeepClone, S: BuildHasher + Clone] [K, V, S] DashMap<K, V, S> }
sharded! { [K: DeepClone + Eq + Hash, S: BuildHasher + Clone + Default] [K, S] DashSet<K, S> }
