//! The pairs of a map whose values have cells that are afloat, on their way into it.
//!
//! A map that hashes does not move what it has, so its values are told where they lie as soon as they are added. One that compares does, and does not say where to. But if pairs are added in
//! their order, the n-th value in the end is that of the n-th pair: so all are placed before the first is added, and brought into order.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::Range;
use core::ptr;

use super::hold::PlacedValue;
use super::keyed::{Keyed, place_pair};
use super::pairs::{bury_alone, key_of};
use super::sweep::{Grave, Sweep};
use super::traits::Placed;
use super::unwind;
use crate::cloner::{Engine, Exposure};
use crate::path::Segment;

/// Which cells are afloat in which pair of a row.
pub(crate) struct Cells {
    /// How many were afloat before the first pair.
    from: usize,
    /// How many there are up to the end of each pair.
    until: Vec<usize>,
}

impl Cells {
    /// Those of a row of so many pairs, which were placed in any order. What lies in a block of its own counts as the first pair's.
    #[cfg(feature = "rayon")]
    pub(crate) fn of_row<P>(from: usize, row: Range<*const P>, engine: &mut Engine<'_>) -> Self {
        let length = (row.end.addr() - row.start.addr()).checked_div(size_of::<P>());
        let owners = engine.sort_afloat(from, row);
        let mut until = Vec::new();
        let mut end = 0;
        for pair in 0..length.unwrap_or(0) {
            end += owners[end..]
                .iter()
                .take_while(|owner| **owner == pair)
                .count();
            until.push(from + end);
        }
        Self { from, until }
    }

    /// Those of a pair.
    pub(crate) fn of(&self, pair: usize) -> Range<usize> {
        let start = match pair {
            0 => self.from,
            pair => self.until[pair - 1],
        };
        start..self.until[pair]
    }
}

/// All pairs of a map that compares, placed and not added yet.
pub(crate) struct Adrift<M: Keyed> {
    pairs: Vec<ManuallyDrop<(M::Key, M::Value)>>,
    cells: Cells,
    /// User code has seen the keys of so many, the first ones.
    seen: usize,
    /// The others may lead somewhere.
    keys_lead_somewhere: bool,
}

impl<M: Keyed> Adrift<M> {
    /// So many pairs of `map`, which is empty after this, and room for all. No cell is afloat in them.
    pub(super) fn new(map: &mut M, afloat: usize, count: usize) -> Self {
        let mut pairs = Vec::with_capacity(count);
        let added = map.take_all();
        let seen = if added.len() == 1 { 0 } else { added.len() };
        pairs.extend(added.into_iter().map(ManuallyDrop::new));
        let until = alloc::vec![afloat; pairs.len()];
        let cells = Cells {
            from: afloat,
            until,
        };
        Self {
            pairs,
            cells,
            seen,
            // One that is alone may have been added without a look.
            keys_lead_somewhere: true,
        }
    }

    #[cfg(feature = "rayon")]
    pub(crate) fn of_row(
        pairs: Vec<ManuallyDrop<(M::Key, M::Value)>>,
        cells: Cells,
        keys_lead_somewhere: bool,
    ) -> Self {
        Self {
            pairs,
            cells,
            seen: 0,
            keys_lead_somewhere,
        }
    }

    /// Takes over a pair that was placed elsewhere, with all cells that are afloat since the last one.
    ///
    /// # Safety
    ///
    /// The pair is placed at `pair`, and not used there after this.
    pub(super) unsafe fn push(&mut self, pair: *mut (M::Key, M::Value), engine: &mut Engine<'_>) {
        // SAFETY: passed on.
        self.pairs.push(ManuallyDrop::new(unsafe { pair.read() }));
        self.cells.until.push(engine.count_afloat());
        let index = self.pairs.len() - 1;
        let new = (&raw mut self.pairs[index]).cast::<(M::Key, M::Value)>();
        // SAFETY: both within their pairs.
        let (old, new) = unsafe { (&raw const (*pair).1, &raw mut (*new).1) };
        engine.has_moved(self.cells.of(index), old, new);
    }

    /// Places a pair.
    pub(super) fn place(
        &mut self,
        index: usize,
        source_key: &M::Key,
        source_value: &M::Value,
        engine: &mut Engine<'_>,
    ) -> Placed {
        let at = self.pairs.len();
        assert!(at < self.pairs.capacity(), "there is room for all");
        let first: *mut (M::Key, M::Value) = self.pairs.as_mut_ptr().cast();
        // SAFETY: there is room for one more; it is counted when it is placed.
        unsafe {
            let pair = first.add(at);
            let (key, value) = (&raw mut (*pair).0, &raw mut (*pair).1);
            place_pair(Some(index), source_key, source_value, key, value, engine)?;
            self.pairs.set_len(at + 1);
        }
        self.cells.until.push(engine.count_afloat());
        Ok(())
    }

    /// Adds all pairs to `map`, which is empty, and tells all cells where they lie. Whatever happens, no pair is left.
    pub(crate) fn fill(mut self, map: &mut M, engine: &mut Engine<'_>) -> Placed {
        let mut order = Vec::new();
        let mut added = Added::default();
        let filled = self.sort(&mut order, engine).and_then(|()| {
            let done = unwind::catch(|| self.add(&order, &mut added, map));
            settle::<M>(done, engine)
        });
        if let Err(failed) = filled {
            let gone = &order[..added.count];
            let half = order.get(added.count).filter(|_| added.half).copied();
            engine.dispose(|sweep| self.dispose_by(gone, half, sweep));
            if !order.is_empty() {
                // They were all compared.
                bury_alone(map, engine);
            }
            return Err(failed);
        }
        // SAFETY: all are the map's.
        unsafe { self.pairs.set_len(0) };
        self.land(&order, &added, map, engine)
    }

    /// The order of the keys. Each is handed over just before it is compared for the first time.
    fn sort(&mut self, order: &mut Vec<usize>, engine: &mut Engine<'_>) -> Placed {
        engine.expose(Exposure::User);
        let first: *mut (M::Key, M::Value) = self.pairs.as_mut_ptr().cast();
        let mut sorted = BTreeMap::new();
        for index in 0..self.pairs.len() {
            // SAFETY: placed, and ours until it is added.
            let key = |at| unsafe { PlacedValue::new(&raw mut (*first.add(at)).0) };
            self.hand_over(index, key, engine)?;
            // SAFETY: placed, and neither moved nor written to as long as `sorted` lives.
            let key = ByOrder::<M>(unsafe { &(*first.add(index)).0 }, PhantomData);
            let inserted = unwind::catch(|| match sorted.insert(key, index) {
                None => Ok(()),
                Some(_) => Err(index),
            });
            settle::<M>(inserted, engine)?;
        }
        order.extend(sorted.into_values());
        Ok(())
    }

    /// A key is about to be compared with those before it. The first is handed over together with the second.
    fn hand_over(
        &mut self,
        index: usize,
        key: impl Fn(usize) -> PlacedValue,
        engine: &mut Engine<'_>,
    ) -> Placed {
        if index == 0 || index < self.seen {
            return Ok(());
        }
        if self.keys_lead_somewhere {
            let key_type = core::any::type_name::<M::Key>;
            if index == 1 {
                let checked = engine.check_key(key(1), key_type);
                checked.map_err(|_| engine.at(Segment::Key(1)))?;
                let finished = engine.finish_key(key(0), key_type);
                finished.map_err(|_| engine.at(Segment::Key(0)))?;
            }
            let finished = engine.finish_key(key(index), key_type);
            finished.map_err(|_| engine.at(Segment::Key(index)))?;
        }
        self.seen = index + 1;
        Ok(())
    }

    /// Adds all pairs in their order. If the map refuses one, tells which.
    fn add(&mut self, order: &[usize], added: &mut Added, map: &mut M) -> Result<(), usize> {
        let first: *mut (M::Key, M::Value) = self.pairs.as_mut_ptr().cast();
        for index in order {
            added.half = true;
            // SAFETY: placed and finished; the key is moved out once, which `half` remembers.
            let new = unsafe {
                let pair = first.add(*index);
                map.add((&raw const (*pair).0).read(), &raw mut (*pair).1)
            };
            let Some(new) = new else {
                return Err(*index);
            };
            added.half = false;
            added.count += 1;
            let there = |value: &mut M::Value| ptr::eq(value, new.as_ptr());
            let rank = if map.values_mut().next_back().is_some_and(there) {
                Some(added.ranks.len())
            } else {
                // The order of the keys has changed.
                map.values_mut().position(there)
            };
            let rank = rank.unwrap_or_else(|| unreachable!("it was just added"));
            added.ranks.insert(rank, *index);
        }
        Ok(())
    }

    /// Tells all cells where they lie.
    fn land(&self, order: &[usize], added: &Added, map: &mut M, engine: &mut Engine<'_>) -> Placed {
        assert_eq!(added.ranks.len(), order.len(), "all were added");
        let first: *const (M::Key, M::Value) = self.pairs.as_ptr().cast();
        let mut told = 0;
        for (value, index) in map.values_mut().zip(&added.ranks) {
            // SAFETY: within the row.
            let old = unsafe { &raw const (*first.add(*index)).1 };
            engine.has_moved(self.cells.of(*index), old, value);
            told += 1;
        }
        assert_eq!(told, order.len(), "all are there");
        for index in (0..order.len()).rev() {
            let start = self.cells.of(index).start;
            if engine.count_afloat() > start && engine.lands(start).is_err() {
                return Err(engine.at(Segment::Index(index)));
            }
        }
        Ok(())
    }

    /// Takes all pairs apart.
    pub(super) fn dispose(mut self, sweep: &mut Sweep<'_, '_>) {
        self.dispose_by(&[], None, sweep);
    }

    /// Takes apart what is left: some pairs are gone, of another the key. Keys that user code has seen are dropped as usual.
    fn dispose_by(&mut self, gone: &[usize], half: Option<usize>, sweep: &mut Sweep<'_, '_>) {
        let mut is_left = alloc::vec![true; self.pairs.len()];
        for index in gone {
            is_left[*index] = false;
        }
        for index in (0..self.pairs.len()).filter(|index| is_left[*index]) {
            let key = key_of(&mut self.pairs, index);
            let pair: *mut (M::Key, M::Value) = (&raw mut self.pairs[index]).cast();
            // SAFETY: placed, and not used after this.
            unsafe {
                if half != Some(index) {
                    if index < self.seen {
                        sweep.engine.bury(Grave::new(key.read()));
                    } else {
                        sweep.value(key);
                    }
                }
                sweep.value(&raw mut (*pair).1);
            }
        }
        self.pairs.clear();
    }
}

/// What came of user code that may have found two equal keys, and tells which the second is.
fn settle<M: Keyed>(
    done: Result<Result<(), usize>, unwind::Payload>,
    engine: &mut Engine<'_>,
) -> Placed {
    match done {
        Ok(Ok(())) => Ok(()),
        Ok(Err(index)) => {
            engine.fail_equal::<M::Key>();
            Err(engine.at(Segment::Key(index)))
        }
        Err(payload) => Err(engine.fail_by_panic(payload)),
    }
}

/// How far the pairs have gone into the map.
#[derive(Default)]
struct Added {
    /// So many, in their order, are the map's.
    count: usize,
    /// The key of the next one is gone.
    half: bool,
    /// The pairs in the order in which the map has them.
    ranks: Vec<usize>,
}

/// A key by the order of its map.
struct ByOrder<'k, M: Keyed>(&'k M::Key, PhantomData<M>);

impl<M: Keyed> Ord for ByOrder<'_, M> {
    fn cmp(&self, other: &Self) -> Ordering {
        M::compare(self.0, other.0)
    }
}

impl<M: Keyed> PartialOrd for ByOrder<'_, M> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<M: Keyed> PartialEq for ByOrder<'_, M> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<M: Keyed> Eq for ByOrder<'_, M> {}
