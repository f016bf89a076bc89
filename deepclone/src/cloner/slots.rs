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

    /// Empties the slot of a number that was filled for `address`. Those behind it that were pushed aside by it move up; `address_of` tells what they were filled for.
    pub(super) fn remove(
        &mut self,
        address: usize,
        number: u32,
        address_of: impl Fn(u32) -> usize,
    ) {
        let Some(mask) = self.slots.len().checked_sub(1) else {
            return;
        };
        let number_mask = self.number_mask;
        let mut hole = self.view().split(address).0 & mask;
        loop {
            match self.slots[hole] {
                0 => return,
                found if found & number_mask == number + 1 => break,
                _ => hole = (hole + 1) & mask,
            }
        }
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let found = self.slots[at];
            if found == 0 {
                break;
            }
            let home = self.view().split(address_of((found & number_mask) - 1)).0 & mask;
            // The way from where it is looked for leads past the hole.
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(hole) & mask {
                self.slots[hole] = found;
                hole = at;
            }
        }
        self.slots[hole] = 0;
        self.room += 1;
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

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    use super::{Probe, Slots};

    fn find(slots: &Slots, addresses: &[usize], address: usize) -> Option<u32> {
        let probe = slots
            .view()
            .probe(address, |id| addresses[id as usize] == address);
        match probe {
            Probe::Found(id) => Some(id),
            Probe::Vacant(_) => None,
        }
    }

    #[test]
    fn what_was_removed_is_not_found_and_all_else_is() {
        for spread in [8, 16, 4096, 1 << 20] {
            let mut slots = Slots::new();
            let mut addresses: Vec<usize> = Vec::new();
            let mut there = BTreeMap::new();
            let mut random = 1_usize;
            for step in 0..6000 {
                random = random
                    .wrapping_mul(0x5851_F42D_4C95_7F2D)
                    .wrapping_add(step | 1);
                if random >> 40 & 3 < 2 || there.is_empty() {
                    let id = addresses.len() as u32;
                    addresses.push((id as usize + 1) * spread);
                    while !slots.takes(addresses.len()) {
                        slots.grow(there.iter().map(|(id, address)| (*id, *address)));
                    }
                    let address = addresses[id as usize];
                    if let Probe::Vacant(vacancy) = slots.view().probe(address, |_| false) {
                        assert!(slots.fill(&vacancy, id));
                    }
                    there.insert(id, address);
                } else {
                    let after = (random >> 44) as u32 % addresses.len() as u32;
                    let next = there.range(after..).next().or(there.first_key_value());
                    let Some((id, address)) = next.map(|(id, address)| (*id, *address)) else {
                        continue;
                    };
                    slots.remove(address, id, |id| addresses[id as usize]);
                    there.remove(&id);
                    assert_eq!(find(&slots, &addresses, address), None);
                }
                if step % 97 == 0 {
                    for (id, address) in &there {
                        assert_eq!(find(&slots, &addresses, *address), Some(*id));
                    }
                    let filled = slots.slots.iter().filter(|slot| **slot != 0).count();
                    assert_eq!(filled, there.len());
                }
            }
        }
    }
}
