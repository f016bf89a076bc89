//! The memo's table: 32-bit slots, probed linearly, from addresses to numbers.
//!
//! A slot holds a number and as many bits of the hash as the number leaves free, so that a probe rarely looks at the wrong entry.

use alloc::vec;
use alloc::vec::Vec;

/// Tables of up to so many slots are kept sparse.
const SPARSE: usize = 1 << 10;

/// How many of so many slots are filled at most. A small table is kept sparse: it lies in the first cache, where a second probe costs more than the space.
const fn most(slots: usize) -> u32 {
    let eighths = if slots <= SPARSE { 3 } else { 5 };
    (slots / 8 * eighths) as u32
}

/// Open addressing from addresses to 31-bit numbers.
pub(super) struct Slots {
    pub(super) slots: Vec<u32>,
    /// Bits of a number; as many as the index of a slot has.
    bits: u32,
    /// Ones where a number is.
    number_mask: u32,
    /// How many more can be filled before it has to grow.
    room: u32,
}

/// Where a look-up ended.
pub(crate) enum Probe {
    Found(u32),
    Vacant(Vacancy),
}

/// A free slot, good until the next insertion. As long as there are few entries, there is none, and none is needed.
pub(crate) struct Vacancy {
    slot: usize,
    tag: u32,
}

impl Vacancy {
    /// Where there is no table.
    pub(super) const NOWHERE: Self = Self {
        slot: usize::MAX,
        tag: 0,
    };
}

impl Slots {
    pub(super) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            bits: 0,
            number_mask: 0,
            room: 0,
        }
    }

    /// The table as it is, for a look-up or for many.
    #[inline(always)]
    pub(super) fn view(&self) -> View<'_> {
        View {
            slots: &self.slots,
            bits: self.bits,
            number_mask: self.number_mask,
        }
    }

    /// Whether one more can be filled, with a number up to this one. Numbers are given to entries that are never looked up as well.
    #[inline(always)]
    pub(super) fn takes(&self, number: usize) -> bool {
        self.room > 0 && number < self.number_mask as usize
    }

    /// Gives these numbers a table that takes more. The old one is gone before the new one is there: the peak counts.
    #[cold]
    #[inline(never)]
    pub(super) fn grow(&mut self, numbers: impl Iterator<Item = (u32, usize)> + Clone) {
        let count = numbers.clone().count();
        let mut bits = (self.bits + 1).max(6);
        while most(1 << bits) as usize <= count {
            bits += 1;
        }
        assert!(
            bits < 32,
            "an operation has at most 2^30 shared allocations"
        );
        self.slots = Vec::new();
        self.slots = vec![0; 1 << bits];
        self.bits = bits;
        self.number_mask = (1 << bits) - 1;
        self.room = most(self.slots.len());
        let mask = self.slots.len() - 1;
        for (number, address) in numbers {
            let (mut slot, tag) = self.view().split(address);
            while self.slots[slot & mask] != 0 {
                slot += 1;
            }
            self.slots[slot & mask] = tag | (number + 1);
            self.room -= 1;
        }
    }

    /// Fills a slot, if there is a table.
    #[inline(always)]
    pub(super) fn fill(&mut self, vacancy: &Vacancy, number: u32) -> bool {
        match self.slots.get_mut(vacancy.slot) {
            Some(slot) => {
                *slot = vacancy.tag | (number + 1);
                self.room -= 1;
                true
            }
            None => false,
        }
    }

    pub(super) fn clear(&mut self) {
        self.slots.fill(0);
        self.room = most(self.slots.len());
    }
}

/// A table that is only looked at. It stays in registers where the table itself is read anew after every write.
#[derive(Clone, Copy)]
pub(super) struct View<'m> {
    slots: &'m [u32],
    bits: u32,
    number_mask: u32,
}

impl View<'_> {
    /// Start of the probe, and the hash bits that go beside the number, in place.
    #[inline(always)]
    fn split(&self, address: usize) -> (usize, u32) {
        // Data addresses of `Rc` are multiples of a word; the golden ratio spreads them over the high bits.
        let hash = ((address as u64) >> 2).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let high = (hash >> 32) as u32;
        let slot = high >> (32 - self.bits);
        (slot as usize, (hash as u32) & !self.number_mask)
    }

    /// Looks for the number at `address` for which `is_it` holds. The table is not empty and has a free slot.
    #[inline(always)]
    pub(super) fn probe(&self, address: usize, is_it: impl Fn(u32) -> bool) -> Probe {
        let (mut slot, tag) = self.split(address);
        let slots = self.slots;
        let mask = slots.len() - 1;
        let number_mask = self.number_mask;
        loop {
            let found = slots[slot & mask];
            if found == 0 {
                return Probe::Vacant(Vacancy {
                    slot: slot & mask,
                    tag,
                });
            }
            if (found ^ tag) & !number_mask == 0 {
                let number = (found & number_mask) - 1;
                if is_it(number) {
                    return Probe::Found(number);
                }
            }
            slot += 1;
        }
    }
}
