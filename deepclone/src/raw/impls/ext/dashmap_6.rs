//! `dashmap` 6: maps and sets in shards, each behind a lock of its own.
//!
//! The source's shards are locked for reading one after the other, never two at once. Under the lock, what an entry owns is copied; of an `Arc` only the handle
//! is taken, and what it leads to is copied when the lock is free again. Keys are hashed and compared when no shard is locked.
//! Each shard is consistent in itself. The hasher of a set can't be asked for, so the copy of a set gets a default one.

use core::hash::{BuildHasher, Hash};
use core::mem::MaybeUninit;
use core::ptr;
use std::time::Instant;

use dashmap::mapref::entry::Entry;
use dashmap::{DashMap, DashSet, RwLock, RwLockReadGuard};

use super::super::locks::PAUSE;
use crate::cloner::{Engine, Exposure, Place, Verdict};
use crate::error::ErrorKind;
use crate::options::LockPolicy;
use crate::path::Segment;
use crate::raw::access::{Access, Mode};
use crate::raw::erased::{Erased, Meta};
use crate::raw::hold::PlacedValue;
use crate::raw::keyed::place_pair;
use crate::raw::sweep::{Sweep, sweep_nothing};
use crate::raw::traits::{DeepClone, Failed, Placed, Sweeper};
use crate::raw::unwind;

/// A placed pair that waits to be added. Never dropped as it is.
struct Pair<K, V> {
    key: MaybeUninit<K>,
    value: MaybeUninit<V>,
}

/// The pairs from `added` on are placed.
struct Pairs<K, V> {
    pairs: Vec<Pair<K, V>>,
    added: usize,
    /// The key of the pair `added` went into an insertion that did not end.
    half: bool,
    /// A key has an edge to something.
    keys_lead_somewhere: bool,
}

impl<K: DeepClone, V: DeepClone> Pairs<K, V> {
    /// Takes apart what was not added.
    fn dispose(&mut self, engine: &mut Engine<'_>) {
        engine.dispose(|sweep| {
            for pair in &mut self.pairs[self.added..] {
                if !core::mem::take(&mut self.half) {
                    // SAFETY: placed, and not used after this.
                    unsafe { sweep.value(pair.key.as_mut_ptr()) };
                }
                // SAFETY: placed, and not used after this.
                unsafe { sweep.value(pair.value.as_mut_ptr()) };
            }
        });
        self.pairs.clear();
        self.added = 0;
    }
}

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
trait Sharded: Sized {
    type Key: DeepClone;
    type Value: DeepClone;

    /// Places the pairs of one shard after the other.
    fn gather(
        &self,
        gathered: &mut Pairs<Self::Key, Self::Value>,
        engine: &mut Engine<'_>,
    ) -> Placed;
    fn trace(&self, sweep: &mut Sweep<'_, '_>);
    fn count(&self) -> usize;
    /// An empty one with room for as many. User code: the hasher's.
    fn empty_like(&self, count: usize) -> Self;
    /// Adds a pair unless there is an equal key. User code: `Hash`, `Eq`.
    ///
    /// # Safety
    ///
    /// `value` points to a value, which is the container's if this returns `true`.
    unsafe fn add(&self, key: Self::Key, value: *mut Self::Value) -> bool;
    fn into_pairs(self) -> impl Iterator<Item = (Self::Key, Self::Value)>;
}

/// What has to be written for each type, since the type of a shard has no public name.
macro_rules! by_shards {
    ($key:ty, $value:ty) => {
        fn gather(&self, gathered: &mut Pairs<$key, $value>, engine: &mut Engine<'_>) -> Placed {
            let Pairs {
                pairs,
                keys_lead_somewhere,
                ..
            } = gathered;
            for shard in self.shards() {
                engine.keep_up()?;
                let Some(guard) = read(shard, engine) else {
                    return Err(engine.fail(ErrorKind::WouldBlock, core::any::type_name::<Self>()));
                };
                // From here on, no pair of this shard moves until all that was put off under its lock is done.
                pairs.reserve(guard.len());
                let queued = engine.queue.len();
                let waiting = engine.gathered.len();
                engine.locks += 1;
                let placed = engine.in_cell(|engine| {
                    // SAFETY: the table lives and is not changed as long as the guard does.
                    for bucket in unsafe { guard.iter() } {
                        // SAFETY: as above.
                        let (key, value) = unsafe { bucket.as_ref() };
                        let index = pairs.len();
                        let Some(pair) = pairs.spare_capacity_mut().first_mut() else {
                            unreachable!("there is room for the whole shard");
                        };
                        let pair = pair.write(Pair {
                            key: MaybeUninit::uninit(),
                            value: MaybeUninit::uninit(),
                        });
                        // SAFETY: the places are initialised if it returns `Ok`, and only then counted.
                        *keys_lead_somewhere |= unsafe {
                            place_pair(
                                Some(index),
                                key,
                                value.get(),
                                pair.key.as_mut_ptr(),
                                pair.value.as_mut_ptr(),
                                engine,
                            )
                        }?;
                        // SAFETY: the pair was written.
                        unsafe { pairs.set_len(index + 1) };
                    }
                    Ok(())
                });
                engine.locks -= 1;
                drop(guard);
                placed?;
                engine.fill_put_off_under_lock(queued)?;
                engine.left_guard(waiting, NO_ACCESS)?;
            }
            Ok(())
        }
        fn trace(&self, sweep: &mut Sweep<'_, '_>) {
            for shard in self.shards() {
                let table = shard.read();
                // SAFETY: the table is not changed meanwhile.
                for bucket in unsafe { table.iter() } {
                    // SAFETY: as above.
                    let (key, value) = unsafe { bucket.as_ref() };
                    sweep.looked_at(core::iter::once(key));
                    sweep.looked_at(core::iter::once(value.get()));
                }
            }
        }
        fn count(&self) -> usize {
            self.shards().iter().map(|shard| shard.read().len()).sum()
        }
    };
}

impl<K, V, S> Sharded for DashMap<K, V, S>
where
    K: DeepClone + Eq + Hash,
    V: DeepClone,
    S: BuildHasher + Clone,
{
    type Key = K;
    type Value = V;

    by_shards! { K, V }
    fn empty_like(&self, count: usize) -> Self {
        let shards = self.shards().len();
        Self::with_capacity_and_hasher_and_shard_amount(count, self.hasher().clone(), shards)
    }
    unsafe fn add(&self, key: K, value: *mut V) -> bool {
        match self.entry(key) {
            Entry::Vacant(vacant) => {
                // SAFETY: moved out once. From here on nothing can unwind: the slot is found.
                drop(vacant.insert(unsafe { value.read() }));
                true
            }
            Entry::Occupied(_) => false,
        }
    }
    fn into_pairs(self) -> impl Iterator<Item = (K, V)> {
        self.into_iter()
    }
}

impl<K, S> Sharded for DashSet<K, S>
where
    K: DeepClone + Eq + Hash,
    S: BuildHasher + Clone + Default,
{
    type Key = K;
    type Value = ();

    by_shards! { K, () }
    fn empty_like(&self, count: usize) -> Self {
        // A set does not give its hasher to anybody.
        Self::with_capacity_and_hasher(count, S::default())
    }
    unsafe fn add(&self, key: K, _: *mut ()) -> bool {
        self.insert(key)
    }
    fn into_pairs(self) -> impl Iterator<Item = (K, ())> {
        self.into_iter().map(|key| (key, ()))
    }
}

/// Finishes a key, so that it can be hashed.
fn finish_key<K: DeepClone>(key: &mut MaybeUninit<K>, engine: &mut Engine<'_>) -> Placed {
    // Under a lock around the map, no other lock is taken for a key's sake.
    let barred = engine.locks_barred;
    engine.locks_barred |= engine.locks > 0;
    // SAFETY: the key is placed, and ours.
    let placed = unsafe { PlacedValue::new(key.as_mut_ptr()) };
    let verdict = engine.show(placed);
    engine.locks_barred = barred;
    match verdict? {
        Verdict::Finished => Ok(()),
        Verdict::Unfinished => Err(engine.fail(ErrorKind::KeyInCycle, core::any::type_name::<K>())),
    }
}

/// Moves the pairs into a fresh map.
fn add_all<M: Sharded>(
    gathered: &mut Pairs<M::Key, M::Value>,
    copy: &M,
    engine: &mut Engine<'_>,
) -> Placed {
    while gathered.added < gathered.pairs.len() {
        let index = gathered.added;
        if gathered.keys_lead_somewhere
            && finish_key(&mut gathered.pairs[index].key, engine).is_err()
        {
            return Err(engine.at(Segment::Key(index)));
        }
        engine.expose(Exposure::User);
        gathered.half = true;
        let pair: *mut Pair<M::Key, M::Value> = &raw mut gathered.pairs[index];
        let added = unwind::catch(|| {
            // SAFETY: the key is finished and moved out once, which `half` remembers. The value is placed.
            unsafe {
                let key = (*pair).key.assume_init_read();
                copy.add(key, (*pair).value.as_mut_ptr())
            }
        });
        match added {
            Ok(true) => {
                gathered.half = false;
                gathered.added += 1;
            }
            Ok(false) => {
                engine.fail(ErrorKind::KeyInCycle, core::any::type_name::<M::Key>());
                return Err(engine.at(Segment::Key(index)));
            }
            Err(payload) => return Err(engine.fail_by_panic(payload)),
        }
    }
    Ok(())
}

fn copy_of<M: Sharded>(source: &M, engine: &mut Engine<'_>) -> Result<M, Failed> {
    let mut gathered = Pairs {
        pairs: Vec::new(),
        added: 0,
        half: false,
        keys_lead_somewhere: false,
    };
    let placed = source.gather(&mut gathered, engine);
    if let Err(failed) = placed {
        gathered.dispose(engine);
        return Err(failed);
    }
    let count = gathered.pairs.len();
    let made = engine.before_user();
    let copy = match made.and_then(|()| engine.user(|| source.empty_like(count))) {
        Ok(copy) => copy,
        Err(failed) => {
            gathered.dispose(engine);
            return Err(failed);
        }
    };
    if let Err(failed) = add_all(&mut gathered, &copy, engine) {
        gathered.dispose(engine);
        let mut copy = MaybeUninit::new(copy);
        // SAFETY: it holds placed pairs and is not used after this.
        engine.dispose(|sweep| unsafe { sweep_sharded(copy.as_mut_ptr(), sweep) });
        return Err(failed);
    }
    Ok(copy)
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
        let place = core::mem::replace(&mut engine.place, Place::ASIDE);
        let copy = copy_of(source, engine);
        engine.place = place;
        let copy = copy?;
        let added = copy.count();
        // SAFETY: `dst` has room for a map.
        unsafe { dst.write(copy) };
        let charged = engine.charge_bytes::<M>(added * size_of::<(M::Key, M::Value)>());
        if charged.is_err() {
            // SAFETY: the map was written, and is not used after this.
            engine.dispose(|sweep| unsafe { sweep_sharded(dst, sweep) });
        }
        charged
    })
}

/// # Safety
///
/// As [`Sweep::value`].
unsafe fn sweep_sharded<M: Sharded>(at: *mut M, sweep: &mut Sweep<'_, '_>) {
    // A scan looks at a source, whose shards are not locked.
    if sweep.scans() || sweep.meets(at.cast()) {
        return;
    }
    if sweep.disposes() {
        // SAFETY: a placed map, which is not used after this.
        for (key, value) in unsafe { at.read() }.into_pairs() {
            // SAFETY: moved out of the map.
            unsafe {
                sweep.moved_out(core::iter::once(key));
                sweep.moved_out(core::iter::once(value));
            }
        }
        return;
    }
    // SAFETY: a placed map, to which nobody else refers: no shard is locked.
    unsafe { &*at }.trace(sweep);
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
