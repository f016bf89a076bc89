//! A few pairs of a map, placed before the first of them is added: a processor waits where it moves at once what was written in parts just before.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::mem::MaybeUninit;

use super::adrift::Adrift;
use super::hold::PlacedValue;
use super::keyed::{Asks, Keyed, place_pair};
use super::pairs::{Moved, bury_compared, hand_over};
use super::sweep::Sweep;
use super::traits::{Failed, Placed};
use crate::cloner::{Engine, Keys};
use crate::path::Segment;

/// How many there are at most.
const MOST: usize = 8;
/// How many bytes of stack they may take together.
const BYTES: usize = 512;

/// Room for a few pairs on the stack, or for one that is large elsewhere: maps may lie in maps.
pub(super) struct Room<P> {
    few: MaybeUninit<Bytes>,
    one: Vec<MaybeUninit<P>>,
}

#[repr(align(16))]
#[expect(dead_code, reason = "only its room is used")]
struct Bytes([u8; BYTES]);

impl<P> Room<P> {
    const FITS: bool = align_of::<P>() <= align_of::<Bytes>() && size_of::<P>() <= BYTES;

    /// How many pairs have room.
    const PAIRS: usize = {
        let size = if size_of::<P>() == 0 {
            1
        } else {
            size_of::<P>()
        };
        match BYTES / size {
            _ if !Self::FITS => 1,
            pairs if pairs < MOST => pairs,
            _ => MOST,
        }
    };

    pub(super) fn new() -> Self {
        Self {
            few: MaybeUninit::uninit(),
            one: if Self::FITS {
                Vec::new()
            } else {
                Vec::with_capacity(Self::PAIRS)
            },
        }
    }

    fn first(&mut self) -> *mut P {
        if Self::FITS {
            self.few.as_mut_ptr().cast()
        } else {
            self.one.as_mut_ptr().cast()
        }
    }
}

/// The pairs of one map that were placed and not added yet.
///
/// Invariant F1: those up to `end` are placed, and ours alone but for what `moved` says is the map's.
pub(super) struct Few<'r, M: Keyed> {
    pairs: *mut (M::Key, M::Value),
    moved: Moved,
    end: usize,
    /// The index of the first in the map's own order.
    first: usize,
    /// The map holds one key, which was not handed over yet.
    holds_back: bool,
    /// How many there are in all.
    count: usize,
    /// How many cells were afloat before the first.
    afloat: usize,
    /// All of them, once a cell is afloat, in a map that compares.
    adrift: Option<Box<Adrift<M>>>,
    _room: PhantomData<&'r mut Room<(M::Key, M::Value)>>,
}

impl<'r, M: Keyed> Few<'r, M> {
    /// None of so many, and room for them.
    pub(super) fn in_room(
        room: &'r mut Room<(M::Key, M::Value)>,
        count: usize,
        engine: &Engine<'_>,
    ) -> Self {
        let pairs = room.first();
        Self {
            pairs,
            moved: Moved::NONE,
            end: 0,
            first: 0,
            holds_back: false,
            count,
            afloat: engine.count_afloat(),
            adrift: None,
            _room: PhantomData,
        }
    }

    /// Places a pair. It is added now if its key leads anywhere, or if there is no room for another; so are those before it.
    ///
    /// A key is finished after its value was placed: then nothing can fail between, and whoever has seen the key drops it.
    ///
    /// # Safety
    ///
    /// `map` is ours alone.
    #[inline(always)]
    pub(super) unsafe fn place(
        &mut self,
        index: usize,
        key: &M::Key,
        value: &M::Value,
        map: &mut M,
        engine: &mut Engine<'_>,
    ) -> Placed {
        if M::ASKS == Asks::Order {
            if let Some(adrift) = &mut self.adrift {
                return adrift.place(index, key, value, engine);
            }
        }
        if self.end == 0 {
            self.first = index;
        }
        let edges = engine.edges;
        // SAFETY: there is room for one more: all are added when there is none.
        let leads_somewhere = unsafe {
            let pair = self.pairs.add(self.end);
            place_pair(
                Some(index),
                key,
                value,
                &raw mut (*pair).0,
                &raw mut (*pair).1,
                engine,
            )
        }?;
        self.end += 1;
        let floats = engine.edges != edges && engine.count_afloat() > self.afloat;
        if floats && M::ASKS == Asks::Order {
            // SAFETY: passed on.
            return unsafe { self.set_adrift(map, engine) };
        }
        if leads_somewhere || self.holds_back || floats {
            // SAFETY: passed on.
            return unsafe { self.add_and_finish(leads_somewhere, map, engine) };
        }
        if self.end == Room::<(M::Key, M::Value)>::PAIRS {
            // SAFETY: passed on; no key leads anywhere.
            return unsafe { self.add_all(map, engine) };
        }
        Ok(())
    }

    /// Adds all. The last has a key that leads somewhere, or the one in the map has, or its value has to be told where it went.
    ///
    /// # Safety
    ///
    /// As [`Few::place`].
    #[cold]
    unsafe fn add_and_finish(
        &mut self,
        leads_somewhere: bool,
        map: &mut M,
        engine: &mut Engine<'_>,
    ) -> Placed {
        let last = self.end - 1;
        // SAFETY: passed on; the keys before the last lead nowhere.
        unsafe { self.add_until(last, map, engine) }?;
        // SAFETY: F1.
        let (key, value) = unsafe {
            let pair = self.pairs.add(last);
            (PlacedValue::new(&raw mut (*pair).0), &raw const (*pair).1)
        };
        if leads_somewhere || self.holds_back {
            self.holds_back = M::ASKS == Asks::Order && map.count() == 0;
            let finished = hand_over(map, key, Keys::LeadNow, engine);
            if finished.is_err() {
                return Err(engine.at(Segment::Key(self.first + last)));
            }
        }
        // SAFETY: F1; the key is finished.
        let Some(added) = (unsafe { self.moved.add_next(self.pairs, map) }) else {
            return Err(self.refused(engine));
        };
        self.moved = Moved::NONE;
        self.end = 0;
        if engine.count_afloat() == self.afloat {
            return Ok(());
        }
        let landed = engine.lands_at(self.afloat, value, added.as_ptr());
        landed.map_err(|_| engine.at(Segment::Index(self.first + last)))
    }

    /// Takes back what was added, and adds nothing before the last pair is placed.
    ///
    /// # Safety
    ///
    /// As [`Few::place`].
    #[cold]
    unsafe fn set_adrift(&mut self, map: &mut M, engine: &mut Engine<'_>) -> Placed {
        let last = self.end - 1;
        // SAFETY: passed on; the keys before the last lead nowhere.
        unsafe { self.add_until(last, map, engine) }?;
        let mut adrift = Box::new(Adrift::new(map, self.afloat, self.count));
        // SAFETY: F1.
        unsafe { adrift.push(self.pairs.add(last), engine) };
        self.moved = Moved::NONE;
        self.end = 0;
        self.adrift = Some(adrift);
        Ok(())
    }

    /// Adds what is left.
    ///
    /// # Safety
    ///
    /// As [`Few::add_all`].
    #[inline(always)]
    pub(super) unsafe fn end(&mut self, map: &mut M, engine: &mut Engine<'_>) -> Placed {
        match self.adrift.take() {
            Some(adrift) => adrift.fill(map, engine),
            // SAFETY: passed on.
            None => unsafe { self.add_all(map, engine) },
        }
    }

    /// Adds all.
    ///
    /// # Safety
    ///
    /// `map` is ours alone, and the keys are finished.
    #[inline(always)]
    pub(super) unsafe fn add_all(&mut self, map: &mut M, engine: &mut Engine<'_>) -> Placed {
        // SAFETY: passed on.
        unsafe { self.add_until(self.end, map, engine) }?;
        self.moved = Moved::NONE;
        self.end = 0;
        Ok(())
    }

    /// # Safety
    ///
    /// `map` is ours alone, and the keys up to `until`, which is no more than there are, are finished.
    #[inline(always)]
    unsafe fn add_until(&mut self, until: usize, map: &mut M, engine: &mut Engine<'_>) -> Placed {
        // SAFETY: F1, and passed on.
        if unsafe { self.moved.add_until(self.pairs, until, map) } {
            return Ok(());
        }
        Err(self.refused(engine))
    }

    /// The map has an equal key.
    #[cold]
    fn refused(&self, engine: &mut Engine<'_>) -> Failed {
        engine.fail_equal::<M::Key>();
        engine.at(Segment::Key(self.first + self.moved.count))
    }

    /// Takes apart what is left.
    ///
    /// # Safety
    ///
    /// The pairs are not used after this. `map` is ours alone.
    pub(super) unsafe fn dispose(&mut self, map: &mut M, sweep: &mut Sweep<'_, '_>) {
        if let Some(adrift) = self.adrift.take() {
            adrift.dispose(sweep);
        }
        bury_compared(map, self.moved, sweep.engine);
        // SAFETY: F1, and passed on.
        unsafe { self.moved.dispose_rest(self.pairs, self.end, sweep) };
        self.end = self.moved.count;
    }
}
