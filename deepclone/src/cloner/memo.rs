//! The memo: from the address of a source allocation to its entry.
//!
//! A table of 32-bit slots, probed linearly, over entries in an arena that never moves them. A slot holds the entry's number and
//! as many bits of the hash as the number leaves free, so that a probe rarely has to look at the wrong entry. Entries cost
//! 32 bytes plus 6 to 13 for the slot; the arena grows by a quarter at most, so that the peak stays below 64 bytes a node.

use alloc::vec;
use alloc::vec::Vec;

use crate::raw::entry::Entry;

/// Entries in the first four chunks; each further four are twice as large.
const FIRST_CHUNK_BITS: u32 = 4;

/// A list whose elements never move and whose unused part is at most a quarter of it.
pub(crate) struct Arena {
    chunks: Vec<Vec<Entry>>,
    len: u32,
}

/// Chunk and offset of an element.
#[inline(always)]
fn locate(index: u32) -> (usize, usize) {
    let shifted = u64::from(index) + (4 << FIRST_CHUNK_BITS);
    let octave = shifted.ilog2() - (FIRST_CHUNK_BITS + 2);
    let chunk_bits = octave + FIRST_CHUNK_BITS;
    let chunk = (octave as usize) * 4 + (((shifted >> chunk_bits) & 3) as usize);
    (chunk, (shifted & ((1 << chunk_bits) - 1)) as usize)
}

impl Arena {
    const fn new() -> Self {
        Self {
            chunks: Vec::new(),
            len: 0,
        }
    }

    #[inline]
    pub(crate) fn get(&self, index: u32) -> &Entry {
        let (chunk, offset) = locate(index);
        &self.chunks[chunk][offset]
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, index: u32) -> &mut Entry {
        let (chunk, offset) = locate(index);
        &mut self.chunks[chunk][offset]
    }

    fn push(&mut self, entry: Entry) -> u32 {
        let index = self.len;
        let (chunk, offset) = locate(index);
        if offset == 0 {
            let chunk_bits = (chunk / 4) as u32 + FIRST_CHUNK_BITS;
            self.chunks.push(Vec::with_capacity(1 << chunk_bits));
        }
        self.chunks[chunk].push(entry);
        self.len = index
            .checked_add(1)
            .expect("an operation has at most 2^32 - 1 shared allocations");
        index
    }

    fn truncate(&mut self, len: u32) {
        while self.len > len {
            let (chunk, offset) = locate(self.len - 1);
            self.chunks[chunk].truncate(offset);
            if offset == 0 {
                self.chunks.truncate(chunk);
            }
            self.len -= 1;
        }
    }
}

/// Open addressing from addresses to 31-bit numbers.
pub(crate) struct Slots {
    slots: Vec<u32>,
    bits: u32,
    used: u32,
}

/// Where a look-up ended.
pub(crate) enum Probe {
    Found(u32),
    Vacant(Vacancy),
}

/// A free slot, good until the next insertion.
pub(crate) struct Vacancy {
    slot: usize,
    tag: u32,
}

impl Slots {
    const fn new() -> Self {
        Self {
            slots: Vec::new(),
            bits: 0,
            used: 0,
        }
    }

    #[inline(always)]
    fn hash(address: usize) -> u64 {
        // Data addresses of `Rc` are multiples of a word; the golden ratio spreads them over the high bits.
        ((address as u64) >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    /// Start of the probe, and the hash bits that go beside the number, in place.
    #[inline(always)]
    fn split(&self, address: usize) -> (usize, u32) {
        let hash = Self::hash(address);
        let slot = (hash >> (64 - self.bits)) as usize;
        let tag = ((hash >> (32 - self.bits)) as u32) & !self.number_mask();
        (slot, tag)
    }

    #[inline(always)]
    fn number_mask(&self) -> u32 {
        (1 << self.bits) - 1
    }

    /// Looks for the number at `address` for which `is_it` holds. The table must have room for one more.
    #[inline]
    fn probe(&self, address: usize, is_it: impl Fn(u32) -> bool) -> Probe {
        let (mut slot, tag) = self.split(address);
        let mask = self.slots.len() - 1;
        let number_mask = self.number_mask();
        loop {
            let found = self.slots[slot & mask];
            if found == 0 {
                return Probe::Vacant(Vacancy {
                    slot: slot & mask,
                    tag,
                });
            }
            if found & !number_mask == tag {
                let number = (found & number_mask) - 1;
                if is_it(number) {
                    return Probe::Found(number);
                }
            }
            slot += 1;
        }
    }

    #[inline(always)]
    fn is_full(&self) -> bool {
        // Five eighths.
        self.used as usize >= self.slots.len() / 8 * 5
    }

    #[cold]
    fn grow(&mut self, address_of: impl Fn(u32) -> usize) {
        let old_mask = self.number_mask();
        let bits = if self.slots.is_empty() {
            6
        } else {
            self.bits + 1
        };
        assert!(
            bits < 32,
            "an operation has at most 2^30 shared allocations"
        );
        let old = core::mem::replace(&mut self.slots, vec![0; 1 << bits]);
        self.bits = bits;
        let mask = self.slots.len() - 1;
        for found in old {
            if found != 0 {
                let number = (found & old_mask) - 1;
                let (mut slot, tag) = self.split(address_of(number));
                while self.slots[slot & mask] != 0 {
                    slot += 1;
                }
                self.slots[slot & mask] = tag | (number + 1);
            }
        }
    }

    fn fill(&mut self, vacancy: &Vacancy, number: u32) {
        self.slots[vacancy.slot] = vacancy.tag | (number + 1);
        self.used += 1;
    }

    fn clear(&mut self) {
        self.slots.fill(0);
        self.used = 0;
    }
}

/// All entries of an operation.
pub(crate) struct Memo {
    entries: Arena,
    by_source: Slots,
    /// From the address of a copy to its entry, once somebody asks.
    by_copy: Slots,
    by_copy_wanted: bool,
    /// Entries that are not in `by_source`, in order.
    unkeyed: Vec<u32>,
}

impl Memo {
    pub(crate) const fn new() -> Self {
        Self {
            entries: Arena::new(),
            by_source: Slots::new(),
            by_copy: Slots::new(),
            by_copy_wanted: false,
            unkeyed: Vec::new(),
        }
    }

    #[inline(always)]
    pub(crate) fn len(&self) -> u32 {
        self.entries.len
    }

    #[inline]
    pub(crate) fn entry(&self, id: u32) -> &Entry {
        self.entries.get(id)
    }

    #[inline]
    pub(crate) fn entry_mut(&mut self, id: u32) -> &mut Entry {
        self.entries.get_mut(id)
    }

    /// Looks a source up.
    #[inline]
    pub(crate) fn probe(&mut self, source: *const (), tag: u8) -> Probe {
        if self.by_source.is_full() {
            let entries = &self.entries;
            self.by_source
                .grow(|id| entries.get(id).source_address().addr());
        }
        let entries = &self.entries;
        self.by_source
            .probe(source.addr(), |id| entries.get(id).is_of(source, tag))
    }

    /// Adds the entry of a source that `probe` has not found.
    #[inline]
    pub(crate) fn insert(&mut self, vacancy: &Vacancy, entry: Entry) -> u32 {
        let id = self.entries.push(entry);
        self.by_source.fill(vacancy, id);
        if self.by_copy_wanted {
            self.index_copy(id);
        }
        id
    }

    /// Adds the entry of a source to which there is one edge only, so that nobody will look it up.
    pub(crate) fn insert_unkeyed(&mut self, entry: Entry) -> u32 {
        let id = self.entries.push(entry);
        self.unkeyed.push(id);
        if self.by_copy_wanted {
            self.index_copy(id);
        }
        id
    }

    /// From now on, copies can be looked up.
    pub(crate) fn index_copies(&mut self) {
        if !self.by_copy_wanted {
            self.by_copy_wanted = true;
            for id in 0..self.entries.len {
                self.index_copy(id);
            }
        }
    }

    /// Enters the copy of an entry, when it gets one.
    pub(crate) fn index_copy(&mut self, id: u32) {
        let address = self.entries.get(id).copy_address();
        if !self.by_copy_wanted || address.is_null() {
            return;
        }
        let entries = &self.entries;
        if self.by_copy.is_full() {
            self.by_copy
                .grow(|id| entries.get(id).copy_address().addr());
        }
        if let Probe::Vacant(vacancy) = self.by_copy.probe(address.addr(), |other| other == id) {
            self.by_copy.fill(&vacancy, id);
        }
    }

    /// The entry whose copy lies at an address.
    pub(crate) fn by_copy(&self, copy: *const ()) -> Option<u32> {
        debug_assert!(self.by_copy_wanted);
        if self.by_copy.used == 0 {
            return None;
        }
        let entries = &self.entries;
        let probe = self.by_copy.probe(copy.addr(), |id| {
            core::ptr::addr_eq(entries.get(id).copy_address(), copy)
        });
        match probe {
            Probe::Found(id) => Some(id),
            Probe::Vacant(_) => None,
        }
    }

    /// Forgets all entries from `len` on.
    pub(crate) fn truncate(&mut self, len: u32) {
        self.entries.truncate(len);
        self.unkeyed.retain(|id| *id < len);
        self.by_source.clear();
        self.by_copy.clear();
        let unkeyed = core::mem::take(&mut self.unkeyed);
        let mut rest = unkeyed.iter().copied().peekable();
        for id in 0..len {
            if rest.next_if_eq(&id).is_none() {
                let (source, tag) = {
                    let entry = self.entries.get(id);
                    (entry.source_address(), entry.tag())
                };
                if let Probe::Vacant(vacancy) = self.probe(source, tag) {
                    self.by_source.fill(&vacancy, id);
                }
            }
            if self.by_copy_wanted {
                self.index_copy(id);
            }
        }
        self.unkeyed = unkeyed;
    }
}
