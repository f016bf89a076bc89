//! `dashmap` 6: a map in shards, each behind a lock of its own.
//!
//! The source's shards are locked for reading one after the other, never two at once. Under the lock, what an entry owns is copied; of an `Arc` only the handle
//! is taken, and what it leads to is copied when the lock is free again. Keys are hashed and compared when no shard is locked.
//! Each shard is consistent in itself.

use core::hash::{BuildHasher, Hash};
use core::mem::MaybeUninit;
use core::ptr;
use std::time::Instant;

use dashmap::mapref::entry::Entry;
use dashmap::{DashMap, RwLock, RwLockReadGuard};

use super::super::locks::PAUSE;
use crate::cloner::{Engine, Exposure, Place, Verdict};
use crate::error::ErrorKind;
use crate::options::LockPolicy;
use crate::path::Segment;
use crate::raw::access::{Access, Mode};
use crate::raw::erased::{Erased, Meta};
use crate::raw::hold::PlacedValue;
use crate::raw::keyed::place_pair;
use crate::raw::sweep::Sweep;
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
        open: refuse,
        share: None,
        poison: None,
    }
};

/// Places the pairs of one shard after the other behind `pairs`.
fn place_shards<K, V, S>(
    source: &DashMap<K, V, S>,
    pairs: &mut Vec<Pair<K, V>>,
    engine: &mut Engine<'_>,
) -> Placed
where
    K: DeepClone + Eq + Hash,
    V: DeepClone,
    S: BuildHasher + Clone,
{
    for shard in source.shards() {
        let Some(guard) = read(shard, engine) else {
            return Err(engine.fail(
                ErrorKind::WouldBlock,
                core::any::type_name::<DashMap<K, V, S>>(),
            ));
        };
        // From here on, no pair of this shard moves until all that was put off under its lock is done.
        pairs.reserve(guard.len());
        let queued = engine.queue.len();
        let gathered = engine.waiting.len();
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
                unsafe {
                    place_pair(
                        index,
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
        if engine.locks == 0 && !engine.stack.is_deep() {
            engine.run_queue(queued)?;
        }
        engine.left_guard(gathered, NO_ACCESS)?;
    }
    Ok(())
}

/// Finishes a key, so that it can be hashed.
fn finish_key<K: DeepClone>(key: &mut MaybeUninit<K>, engine: &mut Engine<'_>) -> Placed {
    // Under a lock around the map, no other lock is taken for a key's sake.
    let barred = engine.locks_barred;
    engine.locks_barred |= engine.locks > 0;
    // SAFETY: the key is placed, and ours.
    let placed = unsafe { PlacedValue::new(key.as_mut_ptr()) };
    let verdict = engine.finish(placed);
    engine.locks_barred = barred;
    match verdict? {
        Verdict::Finished => engine.fill_shown(),
        Verdict::Unfinished => Err(engine.fail(ErrorKind::KeyInCycle, core::any::type_name::<K>())),
    }
}

/// Moves the pairs into a fresh map.
fn add_all<K, V, S>(
    gathered: &mut Pairs<K, V>,
    copy: &DashMap<K, V, S>,
    engine: &mut Engine<'_>,
) -> Placed
where
    K: DeepClone + Eq + Hash,
    V: DeepClone,
    S: BuildHasher + Clone,
{
    while gathered.added < gathered.pairs.len() {
        let index = gathered.added;
        if finish_key(&mut gathered.pairs[index].key, engine).is_err() {
            return Err(engine.at(Segment::Key(index)));
        }
        engine.expose(Exposure::User);
        gathered.half = true;
        let pair: *mut Pair<K, V> = &raw mut gathered.pairs[index];
        let added = unwind::catch(|| {
            // SAFETY: the key is finished and moved out once, which `half` remembers.
            let key = unsafe { (*pair).key.assume_init_read() };
            match copy.entry(key) {
                Entry::Vacant(vacant) => {
                    // SAFETY: placed and moved out once. From here on nothing can unwind: the slot is found.
                    drop(vacant.insert(unsafe { (*pair).value.assume_init_read() }));
                    true
                }
                Entry::Occupied(_) => false,
            }
        });
        match added {
            Ok(true) => {
                gathered.half = false;
                gathered.added += 1;
            }
            Ok(false) => {
                engine.fail(ErrorKind::KeyInCycle, core::any::type_name::<K>());
                return Err(engine.at(Segment::Key(index)));
            }
            Err(payload) => return Err(engine.fail_by_panic(payload)),
        }
    }
    Ok(())
}

fn copy_of<K, V, S>(
    source: &DashMap<K, V, S>,
    engine: &mut Engine<'_>,
) -> Result<DashMap<K, V, S>, Failed>
where
    K: DeepClone + Eq + Hash,
    V: DeepClone,
    S: BuildHasher + Clone,
{
    let mut gathered = Pairs {
        pairs: Vec::new(),
        added: 0,
        half: false,
    };
    if let Err(failed) = place_shards(source, &mut gathered.pairs, engine) {
        gathered.dispose(engine);
        return Err(failed);
    }
    let made = engine.user(|| {
        DashMap::with_capacity_and_hasher_and_shard_amount(
            gathered.pairs.len(),
            source.hasher().clone(),
            source.shards().len(),
        )
    });
    let copy = match made {
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
        engine.dispose(|sweep| unsafe { sweep_map(copy.as_mut_ptr(), sweep) });
        return Err(failed);
    }
    Ok(copy)
}

// SAFETY: P1: written whole, after what can fail.
unsafe impl<K, V, S> DeepClone for DashMap<K, V, S>
where
    K: DeepClone + Eq + Hash,
    V: DeepClone,
    S: BuildHasher + Clone,
{
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        engine.expose(Exposure::Threads);
        if engine.locks_barred {
            return Err(engine.fail(ErrorKind::WouldBlock, core::any::type_name::<Self>()));
        }
        engine.descend::<Self>(|engine| {
            let place = core::mem::replace(&mut engine.place, Place::ASIDE);
            let copy = copy_of(self, engine);
            engine.place = place;
            let copy = copy?;
            let added = copy.shards().iter().map(|shard| shard.read().len());
            let added: usize = added.sum();
            // SAFETY: `dst` has room for a map.
            unsafe { dst.cast::<Self>().write(copy) };
            let charged = engine.charge_bytes::<Self>(added * size_of::<(K, V)>());
            if charged.is_err() {
                // SAFETY: the map was written, and is not used after this.
                engine.dispose(|sweep| unsafe { sweep_map(dst.cast::<Self>(), sweep) });
            }
            charged
        })
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_it<K, V, S>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>)
        where
            K: DeepClone + Eq + Hash,
            V: DeepClone,
            S: BuildHasher + Clone,
        {
            // SAFETY: passed on.
            unsafe { sweep_map(at.cast::<DashMap<K, V, S>>(), sweep) }
        }
        sweep_it::<K, V, S>
    }
}

/// # Safety
///
/// As [`Sweep::value`].
unsafe fn sweep_map<K, V, S>(at: *mut DashMap<K, V, S>, sweep: &mut Sweep<'_, '_>)
where
    K: DeepClone + Eq + Hash,
    V: DeepClone,
    S: BuildHasher + Clone,
{
    // A scan looks at a source, whose shards are not locked.
    if sweep.scans() {
        return;
    }
    // SAFETY: a placed map, to which nobody else refers.
    let shards = unsafe { &mut *at }.shards_mut();
    for shard in shards {
        let table = shard.get_mut();
        if sweep.disposes() {
            for (key, value) in table.drain() {
                // SAFETY: moved out of the map.
                unsafe {
                    sweep.moved_out(core::iter::once(key));
                    sweep.moved_out(core::iter::once(value.into_inner()));
                }
            }
        } else {
            // SAFETY: the table is not changed meanwhile.
            for bucket in unsafe { table.iter() } {
                // SAFETY: as above.
                let (key, value) = unsafe { bucket.as_ref() };
                sweep.looked_at(core::iter::once(key));
                sweep.looked_at(core::iter::once(value.get()));
            }
        }
    }
    if sweep.disposes() {
        // SAFETY: its pairs are gone, and it is not used after this.
        unsafe { ptr::drop_in_place(at) }
    }
}
