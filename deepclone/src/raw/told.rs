//! Where the values of a map have gone, for the cells in them that are afloat.

use alloc::vec::Vec;
#[cfg(feature = "rayon")]
use core::mem::ManuallyDrop;
use core::ops::Range;
use core::ptr::{self, NonNull};

use super::keyed::{Asks, Keyed};
#[cfg(feature = "rayon")]
use super::pairs::fill_and_tell;
use super::traits::Placed;
use crate::cloner::Engine;
#[cfg(feature = "rayon")]
use crate::cloner::Keys;
use crate::path::Segment;

/// The cells that are afloat in the values of one map.
///
/// A map that hashes does not move what it has: its values are told at once. One that compares does, as long as pairs are added: its values are told in the end.
pub(crate) struct Told<M: Keyed> {
    /// How many cells were afloat before the first value.
    from: usize,
    /// The values that are told in the end.
    adrift: Vec<Adrift<M::Value>>,
    /// The cells up to here were told, or are those of `adrift`.
    until: usize,
}

/// A value with cells that are afloat, in a map that moves what it has.
struct Adrift<V> {
    /// Which it is in the map.
    rank: usize,
    /// Which it was in the source.
    index: usize,
    /// Which cells.
    afloat: Range<usize>,
    /// Where it was placed.
    old: *const V,
}

impl<M: Keyed> Told<M> {
    pub(crate) fn new(engine: &Engine<'_>) -> Self {
        let from = engine.count_afloat();
        Self {
            from,
            adrift: Vec::new(),
            until: from,
        }
    }

    /// Whether cells are afloat that were not told where they went.
    #[inline(always)]
    pub(crate) fn lags(&self, engine: &Engine<'_>) -> bool {
        engine.count_afloat() > self.until
    }

    /// Whether values are told in the end.
    pub(super) fn waits(&self) -> bool {
        !self.adrift.is_empty()
    }

    /// A value was placed at `old` and added to the map, where it lies at `new`. The cells in it that are afloat are those from the last that was told up to `until`.
    pub(super) fn tell(
        &mut self,
        index: usize,
        until: usize,
        old: *const M::Value,
        new: NonNull<M::Value>,
        map: &mut M,
        engine: &mut Engine<'_>,
    ) {
        let afloat = self.until..until;
        self.until = until;
        if M::ASKS != Asks::Order {
            return engine.has_moved(afloat, old, new.as_ptr());
        }
        let rank = rank(new, map);
        let behind = self.adrift.iter_mut().filter(|adrift| adrift.rank >= rank);
        behind.for_each(|adrift| adrift.rank += 1);
        if !afloat.is_empty() {
            self.adrift.push(Adrift {
                rank,
                index,
                afloat,
                old,
            });
        }
    }

    /// All cells lie where they stay.
    pub(super) fn lands(&mut self, engine: &mut Engine<'_>) -> Placed {
        self.until = self.from;
        engine.lands(self.from)
    }

    /// Tells the values that were not told yet where they lie, which is where they stay: all pairs were added.
    #[cold]
    pub(super) fn tell_all(&mut self, map: &mut M, engine: &mut Engine<'_>) -> Placed {
        let mut in_order: Vec<_> = self.adrift.iter().collect();
        in_order.sort_unstable_by_key(|adrift| adrift.rank);
        let mut in_order = in_order.into_iter().peekable();
        for (rank, value) in map.values_mut().enumerate() {
            if let Some(adrift) = in_order.next_if(|adrift| adrift.rank == rank) {
                engine.has_moved(adrift.afloat.clone(), adrift.old, value);
            }
        }
        assert!(in_order.next().is_none(), "all were told");
        while let Some(adrift) = self.adrift.pop() {
            if engine.lands(adrift.afloat.start).is_err() {
                return Err(engine.at(Segment::Index(adrift.index)));
            }
        }
        self.lands(engine)
    }
}

#[cfg(feature = "rayon")]
impl<M: Keyed> Told<M> {
    /// Moves pairs into `map` whose values have cells that are afloat. Whatever happens, no pair is left.
    ///
    /// # Safety
    ///
    /// As [`fill_at`](super::pairs::fill_at).
    pub(crate) unsafe fn fill(
        &mut self,
        pairs: &mut Vec<ManuallyDrop<(M::Key, M::Value)>>,
        keys: Keys,
        map: &mut M,
        engine: &mut Engine<'_>,
    ) -> Placed {
        let cells = engine.sort_afloat(self.from, pairs.as_ptr_range());
        let mut cells = cells.into_iter().peekable();
        let mut until = self.from;
        let mut tell = |index, old, new, map: &mut M, engine: &mut Engine<'_>| {
            while cells.next_if(|of| *of <= index).is_some() {
                until += 1;
            }
            self.tell(index, until, old, new, map, engine);
        };
        // SAFETY: passed on.
        unsafe { fill_and_tell(pairs, keys, map, Some(&mut tell), engine) }?;
        if self.waits() {
            self.tell_all(map, engine)
        } else {
            self.lands(engine)
        }
    }
}

/// Which value of a map that compares lies there: in most maps the last, since keys come in their order.
fn rank<M: Keyed>(value: NonNull<M::Value>, map: &mut M) -> usize {
    let last = map.count() - 1;
    let is_there = |at: &mut M::Value| ptr::eq(at, value.as_ptr());
    if map.values_mut().next_back().is_some_and(is_there) {
        return last;
    }
    let found = map.values_mut().position(is_there);
    found.unwrap_or_else(|| unreachable!("it was just added"))
}
