//! The pairs of a map, as a list, until its keys can be hashed or compared: what a map that waits does where its type is known.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::Range;

use super::filled::{Swap, SwapOf, dispose_fresh};
use super::hold::PlacedValue;
use super::keyed::{Asks, Keyed, Listed, place_pair};
use super::pairs::{dispose_pairs, fill_and_tell, fill_at};
use super::sweep::{Grave, Sweep};
use super::traits::{Failed, Placed};
use super::waiting::Waiting;
#[cfg(feature = "dashmap-6")]
use crate::cloner::Place;
use crate::cloner::{Engine, Keys};

/// What can be done with the pairs. A gather is that of the table's type: W1.
pub(super) struct Table {
    pub(super) len: unsafe fn(*const u8) -> usize,
    pub(super) key: unsafe fn(*mut u8, usize) -> PlacedValue,
    pub(super) value: unsafe fn(*mut u8, usize) -> PlacedValue,
    /// Fills the map at its place.
    pub(super) fill: unsafe fn(*mut u8, Keys, &mut Engine<'_>) -> Placed,
    pub(super) map: unsafe fn(*const u8) -> *const u8,
    /// Makes another map, which is to take the place of the one in the cell.
    pub(super) prepare: unsafe fn(*mut u8, &mut Engine<'_>) -> Placed,
    /// Fills that one.
    pub(super) build: unsafe fn(*mut u8, Keys, &mut Engine<'_>) -> Result<Fresh, Failed>,
    /// The pairs lie elsewhere now, and the map in one of those of another.
    pub(super) moves: unsafe fn(*mut u8, &Range<usize>, *mut u8),
    pub(super) dispose: unsafe fn(*mut u8, &mut Sweep<'_, '_>),
    pub(super) key_type: fn() -> &'static str,
}

/// The pairs of a map of type `M`, which lies empty at `map`.
struct Gather<M: Keyed> {
    map: *mut M,
    pairs: Vec<ManuallyDrop<(M::Key, M::Value)>>,
    /// An empty map, if it has to be found again through its cell.
    fresh: Option<Box<M>>,
}

/// A filled map.
pub(super) struct Fresh {
    /// Where it is to be put.
    pub(super) map: *mut u8,
    /// The box that it lies in.
    pub(super) fresh: *mut u8,
    pub(super) table: &'static Swap,
}

struct TableOf<M>(PhantomData<M>);

impl<M: Keyed> TableOf<M> {
    const TABLE: &'static Table = &Table {
        len: len::<M>,
        key: key::<M>,
        value: value::<M>,
        fill: fill::<M>,
        map: map::<M>,
        prepare: prepare::<M>,
        build: build::<M>,
        moves: moves::<M>,
        dispose: dispose::<M>,
        key_type: core::any::type_name::<M::Key>,
    };
}

/// The pairs of a container, on their way into it.
pub(crate) struct Gathering<M: Keyed> {
    gathered: Gather<M>,
    /// How many maps were gathered before the first pair: those since then may lie in a pair.
    before: usize,
    keys_lead_somewhere: bool,
}

impl<M: Keyed> Gathering<M> {
    fn new(map: *mut M, engine: &Engine<'_>) -> Self {
        Self {
            gathered: Gather {
                map,
                pairs: Vec::new(),
                fresh: None,
            },
            before: engine.gathered.len(),
            keys_lead_somewhere: false,
        }
    }

    /// Makes room for so many more pairs. Maps that were gathered in one move with it.
    pub(crate) fn reserve(&mut self, count: usize, engine: &mut Engine<'_>) {
        let pairs = &mut self.gathered.pairs;
        let old = pairs.as_ptr_range();
        let old = old.start.addr()..old.end.addr();
        if pairs.is_empty() {
            pairs.reserve_exact(count);
        } else {
            pairs.reserve(count);
        }
        let new: *mut u8 = pairs.as_mut_ptr().cast();
        if new.addr() != old.start && !old.is_empty() {
            for map in &mut engine.gathered[self.before..] {
                map.moves(&old, new);
            }
        }
    }

    #[cfg(feature = "dashmap-6")]
    pub(crate) fn len(&self) -> usize {
        self.gathered.pairs.len()
    }

    /// Places a pair, if there is room for one.
    pub(crate) fn place(
        &mut self,
        source_key: &M::Key,
        source_value: &M::Value,
        engine: &mut Engine<'_>,
    ) -> Placed {
        let pairs = &mut self.gathered.pairs;
        let index = pairs.len();
        if index == pairs.capacity() {
            // Another thread has set a cell that was not set when it was asked.
            return Ok(());
        }
        let first = pairs.as_mut_ptr().cast::<(M::Key, M::Value)>();
        // SAFETY: there is room for one more.
        let (key, value) = unsafe {
            let pair = first.add(index);
            (&raw mut (*pair).0, &raw mut (*pair).1)
        };
        let index_in_path = M::INDEXED.then_some(index);
        // SAFETY: both have room for what is placed there.
        self.keys_lead_somewhere |=
            unsafe { place_pair(index_in_path, source_key, source_value, key, value, engine) }?;
        // SAFETY: as many pairs were placed, in order.
        unsafe { pairs.set_len(index + 1) };
        Ok(())
    }

    fn dispose(&mut self, engine: &mut Engine<'_>) {
        let pairs = &mut self.gathered.pairs;
        // SAFETY: all pairs are placed, and forgotten after this.
        engine.dispose(|sweep| unsafe { dispose_pairs::<M>(pairs, 0, sweep) });
    }
}

/// Gathers the pairs of `source`, whose copy lies empty at `map`. What asks no user code and holds no map that waits is filled at once.
///
/// # Safety
///
/// `map` holds an empty map, at its place.
pub(crate) unsafe fn gather<M: Listed>(source: &M, map: *mut M, engine: &mut Engine<'_>) -> Placed {
    // SAFETY: passed on.
    unsafe {
        gather_by(map, engine, |gathering, engine| {
            gathering.reserve(source.count(), engine);
            source.each(|_, key, value| gathering.place(key, value, engine))
        })
    }
}

/// The same for pairs that somebody else places.
///
/// # Safety
///
/// As [`gather`].
pub(crate) unsafe fn gather_by<M: Keyed>(
    map: *mut M,
    engine: &mut Engine<'_>,
    place_all: impl FnOnce(&mut Gathering<M>, &mut Engine<'_>) -> Placed,
) -> Placed {
    engine.unless_failed()?;
    let mut gathering = Gathering::new(map, engine);
    // A map that is gathered inside of a pair notes where it lies: so pairs are placed where they stay until they are added.
    let placed = engine.aside(|engine| place_all(&mut gathering, engine));
    if let Err(failed) = placed {
        gathering.dispose(engine);
        return Err(failed);
    }
    let Gathering {
        mut gathered,
        before,
        keys_lead_somewhere,
    } = gathering;
    if M::ASKS == Asks::Nothing && engine.gathered.len() == before {
        // SAFETY: all pairs are placed; the map is empty, and ours.
        return unsafe { fill_at(&mut gathered.pairs, Keys::Finished, &mut *map, engine) };
    }
    let is_alone = M::ASKS == Asks::Order && gathered.pairs.len() == 1;
    let gather: *mut u8 = Box::into_raw(Box::new(gathered)).cast();
    let nobody_looks = !keys_lead_somewhere || is_alone;
    // SAFETY: the table is of the same type.
    let map = unsafe { Waiting::new(gather, TableOf::<M>::TABLE, nobody_looks, before, engine) };
    engine.gathered.push(map);
    Ok(())
}

/// Places pairs, and adds them at once. No guard is open around the map.
///
/// # Safety
///
/// As [`gather`].
#[cfg(feature = "dashmap-6")]
pub(crate) unsafe fn add_by<M: Keyed>(
    map: *mut M,
    engine: &mut Engine<'_>,
    place_all: impl FnOnce(&mut Gathering<M>, &mut Engine<'_>) -> Placed,
) -> Placed {
    let mut gathering = Gathering::new(map, engine);
    let place = core::mem::replace(&mut engine.place, Place::ASIDE);
    let placed = place_all(&mut gathering, engine);
    let added = if placed.is_ok() {
        let keys = if gathering.keys_lead_somewhere {
            Keys::LeadNow
        } else {
            Keys::Finished
        };
        // SAFETY: all pairs are placed; the map is empty, and ours.
        unsafe { fill_at(&mut gathering.gathered.pairs, keys, &mut *map, engine) }
    } else {
        gathering.dispose(engine);
        placed
    };
    engine.place = place;
    added
}

unsafe fn len<M: Keyed>(gather: *const u8) -> usize {
    // SAFETY: W1.
    unsafe { (*gather.cast::<Gather<M>>()).pairs.len() }
}

unsafe fn key<M: Keyed>(gather: *mut u8, index: usize) -> PlacedValue {
    // SAFETY: W1.
    let gather = unsafe { &mut *gather.cast::<Gather<M>>() };
    let pair: *mut ManuallyDrop<(M::Key, M::Value)> = &mut gather.pairs[index];
    // SAFETY: `ManuallyDrop` is transparent; the pair is placed.
    unsafe { PlacedValue::new(&raw mut (*pair.cast::<(M::Key, M::Value)>()).0) }
}

unsafe fn value<M: Keyed>(gather: *mut u8, index: usize) -> PlacedValue {
    // SAFETY: W1.
    let gather = unsafe { &mut *gather.cast::<Gather<M>>() };
    let pair: *mut ManuallyDrop<(M::Key, M::Value)> = &mut gather.pairs[index];
    // SAFETY: `ManuallyDrop` is transparent; the pair is placed.
    unsafe { PlacedValue::new(&raw mut (*pair.cast::<(M::Key, M::Value)>()).1) }
}

/// # Safety
///
/// W1. What lay in `old` lies at `new`.
unsafe fn moves<M: Keyed>(gather: *mut u8, old: &Range<usize>, new: *mut u8) {
    // SAFETY: W1.
    let gather = unsafe { &mut *gather.cast::<Gather<M>>() };
    if old.contains(&gather.map.addr()) {
        gather.map = new.wrapping_add(gather.map.addr() - old.start).cast();
    }
}

unsafe fn map<M: Keyed>(gather: *const u8) -> *const u8 {
    // SAFETY: W1.
    unsafe { (*gather.cast::<Gather<M>>()).map.cast() }
}

/// # Safety
///
/// W1 and W2. Nobody else has the map.
unsafe fn prepare<M: Keyed>(gather: *mut u8, engine: &mut Engine<'_>) -> Placed {
    // SAFETY: W1.
    let gather = unsafe { &mut *gather.cast::<Gather<M>>() };
    let map = gather.map;
    engine.before_user()?;
    // SAFETY: W2: the empty map is ours alone.
    let fresh = engine.user(|| unsafe { (*map).empty_like() })?;
    gather.fresh = Some(Box::new(fresh));
    Ok(())
}

unsafe fn dispose<M: Keyed>(gather: *mut u8, sweep: &mut Sweep<'_, '_>) {
    // SAFETY: W1; given once.
    let mut gather = unsafe { Box::from_raw(gather.cast::<Gather<M>>()) };
    if let Some(fresh) = gather.fresh.take() {
        sweep.engine.bury(Grave::new(fresh));
    }
    // SAFETY: all pairs are placed, and forgotten after this.
    unsafe { dispose_pairs::<M>(&mut gather.pairs, 0, sweep) }
}

/// # Safety
///
/// W1 and W2. The gather is not used after this.
unsafe fn fill<M: Keyed>(gather: *mut u8, keys: Keys, engine: &mut Engine<'_>) -> Placed {
    // SAFETY: W1; given once.
    let mut gather = unsafe { Box::from_raw(gather.cast::<Gather<M>>()) };
    let map = gather.map;
    // SAFETY: W2: an empty map that nobody else can reach.
    let filled = unsafe { fill_and_tell(&mut gather.pairs, keys, &mut *map, None, engine) };
    // Which key of which map would not be right: the path ends at the cell.
    filled.map_err(|_| Failed(()))
}

/// # Safety
///
/// As [`fill`]; `prepare` was called.
unsafe fn build<M: Keyed>(
    gather: *mut u8,
    keys: Keys,
    engine: &mut Engine<'_>,
) -> Result<Fresh, Failed> {
    // SAFETY: W1; given once.
    let mut gather = unsafe { Box::from_raw(gather.cast::<Gather<M>>()) };
    let Some(fresh) = gather.fresh.take() else {
        unreachable!("it was prepared when it began to wait");
    };
    let fresh = Box::into_raw(fresh);
    // SAFETY: the map is ours.
    if let Err(failed) = unsafe { fill_at(&mut gather.pairs, keys, &mut *fresh, engine) } {
        // SAFETY: it holds placed pairs and is not used after this.
        engine.dispose(|sweep| unsafe { dispose_fresh::<M>(fresh.cast(), sweep) });
        return Err(failed);
    }
    Ok(Fresh {
        map: gather.map.cast(),
        fresh: fresh.cast(),
        table: SwapOf::<M>::TABLE,
    })
}
