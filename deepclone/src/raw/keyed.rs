//! Maps, sets and heaps: containers that run user code on what they hold; and others that values are moved into.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

use super::few::{Few, Room};
use super::gather::gather;
use super::sweep::{Grave, Sweep};
use super::traits::{DeepClone, Failed, Placed};
use super::unwind;
use crate::cloner::Engine;
use crate::path::Segment;

/// What user code of its keys a container runs when a pair is added.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// None: it has no keys, but values that are moved into it.
    Nothing,
    /// `Ord`. Nobody looks at a key that is alone: it is handed over together with the next.
    Order,
    /// `Hash` and `Eq`.
    #[cfg(any(feature = "std", feature = "indexmap-2", feature = "hashbrown-0_17"))]
    Hash,
}

/// A container that pairs are added to.
///
/// # Safety
///
/// `add` reads the value if and only if it returns something, and does not unwind after that. If the container is `Listed` and asks something, that is where the value lies now. If it
/// hashes, the value stays there as long as no more pairs are added than `empty_like` has made room for.
pub(crate) unsafe trait Keyed: Sized {
    type Key: DeepClone;
    type Value: DeepClone;
    const ASKS: Asks;
    /// Whether a value has an index in the path of an error.
    const INDEXED: bool = true;

    fn count(&self) -> usize;
    /// An empty one of the same kind, with room for as many. User code: the hasher's `Clone`.
    fn empty_like(&self) -> Self;
    /// Adds a pair unless there is an equal key. User code: `Hash`, `Eq`, `Ord`.
    ///
    /// # Safety
    ///
    /// `value` points to a value, which is the container's if this returns anything.
    unsafe fn add(
        &mut self,
        key: Self::Key,
        value: *mut Self::Value,
    ) -> Option<NonNull<Self::Value>>;
    /// Compares the keys of a container that compares. User code: `Ord`.
    fn compare(_: &Self::Key, _: &Self::Key) -> Ordering {
        Ordering::Equal
    }
    /// The values of a container that compares, in its order. No user code.
    fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Self::Value> {
        core::iter::empty()
    }
    /// The first key of a container that compares. No user code.
    fn first_key(&self) -> Option<&Self::Key> {
        None
    }
    /// Moves everything out. No user code.
    fn take_all(&mut self) -> Vec<(Self::Key, Self::Value)>;
    /// Whether every key is still found where it is. User code, as above.
    fn finds_all(&self) -> bool;
    /// # Safety
    ///
    /// As [`Sweep::value`].
    unsafe fn sweep_at(at: *mut Self, sweep: &mut Sweep<'_, '_>);
}

/// A container whose pairs can be looked at one after the other.
pub(crate) trait Listed: Keyed {
    /// Visits all pairs, in the order in which they can be added.
    fn each(&self, visit: impl FnMut(usize, &Self::Key, &Self::Value) -> Placed) -> Placed;
}

/// Whether user code has seen the keys of a filled container. Then they are finished, and what they alone owned may have other owners by now, on other threads too: it is nobody's
/// business any more. Only a key that is compared with nothing is not seen.
pub(crate) fn keys_are_seen<M: Keyed>(count: usize) -> bool {
    M::ASKS != Asks::Order || count > 1
}

/// Takes a keyed container apart. Keys that were seen are dropped as usual, and so is the hasher.
///
/// # Safety
///
/// `at` holds a placed container, which is not used after this.
pub(crate) unsafe fn dispose_keyed<M: Keyed>(at: *mut M, sweep: &mut Sweep<'_, '_>) {
    // SAFETY: passed on.
    let mut container = unsafe { at.read() };
    let mut pairs = ManuallyDrop::new(container.take_all());
    let are_seen = keys_are_seen::<M>(pairs.len());
    sweep.engine.bury(Grave::new(container));
    sweep.with_room(&mut |sweep| {
        for pair in pairs.iter_mut() {
            let pair: *mut (M::Key, M::Value) = pair;
            // SAFETY: the key is placed and nobody else has it. It is moved out or taken apart, once.
            unsafe {
                if are_seen {
                    sweep.engine.bury(Grave::new((&raw const (*pair).0).read()));
                } else {
                    // What nobody has seen is not user code's.
                    sweep.value(&raw mut (*pair).0);
                }
            }
            // SAFETY: the value is placed and nobody else has it.
            unsafe { sweep.value(&raw mut (*pair).1) }
        }
    });
    // SAFETY: nothing of them is left.
    unsafe { pairs.set_len(0) };
    drop(ManuallyDrop::into_inner(pairs));
}

/// Places a key and its value, and tells whether the key leads anywhere. On `Err` neither is left, and the path has their index if there is one.
///
/// # Safety
///
/// `key` and `value` have room. They are initialised if and only if this returns `Ok`.
pub(crate) unsafe fn place_pair<K: DeepClone, V: DeepClone>(
    index: Option<usize>,
    source_key: &K,
    source_value: &V,
    key: *mut K,
    value: *mut V,
    engine: &mut Engine<'_>,
) -> Result<bool, Failed> {
    let edges = engine.edges;
    // SAFETY: `key` has room for a `K`.
    let placed = engine.in_key(|engine| unsafe { source_key.__place(key.cast(), engine) });
    if placed.is_err() {
        return Err(index.map_or(Failed(()), |index| engine.at(Segment::Key(index))));
    }
    let leads_somewhere = engine.edges != edges;
    if leads_somewhere && engine.sinks(edges).is_err() {
        engine.dispose(|sweep| {
            // SAFETY: the key was placed and is not used after this.
            unsafe { sweep.value(key) }
        });
        return Err(index.map_or(Failed(()), |index| engine.at(Segment::Key(index))));
    }
    // SAFETY: `value` has room for a `V`.
    if unsafe { source_value.__place(value.cast(), engine) }.is_err() {
        engine.dispose(|sweep| {
            // SAFETY: the key was placed and is not used after this.
            unsafe { sweep.value(key) }
        });
        return Err(index.map_or(Failed(()), |index| engine.at(Segment::Index(index))));
    }
    Ok(leads_somewhere)
}

/// Places a keyed container.
///
/// # Safety
///
/// `dst` has room for an `M`.
pub(crate) unsafe fn place_keyed<M: Listed>(
    source: &M,
    dst: *mut u8,
    engine: &mut Engine<'_>,
) -> Placed {
    engine.descend::<M>(|engine| {
        #[cfg(feature = "rayon")]
        if engine.may_lead(source.count()) {
            // SAFETY: passed on.
            return unsafe { super::parallel::place_map(source, dst.cast::<M>(), engine) };
        }
        if engine.place.guards() == 0 {
            // SAFETY: passed on.
            unsafe { place_now(source, dst.cast::<M>(), engine) }
        } else {
            let empty = engine
                .before_user()
                .and_then(|()| engine.user(|| source.empty_like()))?;
            // SAFETY: `dst` has room for an `M`.
            unsafe { dst.cast::<M>().write(empty) };
            // SAFETY: the empty map lies at its place.
            let gathered = unsafe { gather(source, dst.cast::<M>(), engine) };
            if gathered.is_err() {
                // SAFETY: the empty map is not used after this.
                engine.dispose(|sweep| unsafe { M::sweep_at(dst.cast::<M>(), sweep) });
            }
            gathered
        }
    })
}

/// # Safety
///
/// `dst` has room for an `M`.
unsafe fn place_now<M: Listed>(source: &M, dst: *mut M, engine: &mut Engine<'_>) -> Placed {
    let empty = engine
        .before_user()
        .and_then(|()| engine.user(|| source.empty_like()))?;
    // SAFETY: `dst` has room for an `M`.
    unsafe { dst.write(empty) };
    let place = engine.place;
    engine.place = place.afloat();
    let mut room = Room::new();
    let mut few = Few::<M>::in_room(&mut room, source.count(), engine);
    let filled = unwind::catch(|| {
        source.each(|index, key, value| {
            // SAFETY: the map at `dst` is ours alone.
            unsafe { few.place(index, key, value, &mut *dst, engine) }
        })?;
        // SAFETY: as above; all keys that lead anywhere were added at once.
        unsafe { few.end(&mut *dst, engine) }
    });
    engine.place = place;
    let placed = match filled {
        Ok(placed) => placed,
        Err(payload) => Err(engine.fail_by_panic(payload)),
    };
    if placed.is_err() {
        engine.dispose(|sweep| {
            // SAFETY: neither is used after this; the map holds placed pairs.
            unsafe {
                few.dispose(&mut *dst, sweep);
                M::sweep_at(dst, sweep);
            }
        });
    }
    placed
}

/// Places a container by its own `Clone`, which copies its memory as it is, if that is the same as a deep clone.
pub(crate) struct ByClone<'a, 'op, M> {
    pub(crate) source: &'a M,
    pub(crate) dst: *mut u8,
    pub(crate) engine: &'a mut Engine<'op>,
    /// Written if it came to that.
    pub(crate) placed: &'a mut Option<Placed>,
}

/// The second step of the double dispatch: the key is known to be `Clone`.
pub(crate) struct KeyIsClone<'a, 'op, M>(pub(crate) ByClone<'a, 'op, M>);

impl<M: Clone> ByClone<'_, '_, M> {
    /// Clones.
    pub(crate) fn run(self) {
        let source = self.source;
        let made = self.engine.before_user();
        let made = made.and_then(|()| self.engine.user(|| source.clone()));
        *self.placed = Some(made.map(|copy| {
            // SAFETY: `dst` has room for an `M`.
            unsafe { self.dst.cast::<M>().write(copy) }
        }));
    }
}

/// Whether a container may be cloned by its `Clone`: not while every buffer has to be counted, and not where several threads can copy the pairs.
pub(crate) fn may_clone_whole<M: Keyed>(engine: &Engine<'_>) -> bool {
    if M::Key::__plain() && M::Value::__plain() {
        return true;
    }
    #[cfg(feature = "rayon")]
    if engine.leads {
        return false;
    }
    !engine.accounts
}
