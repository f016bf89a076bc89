//! A list that grows by chunks: its elements move only while there are few.

use alloc::vec::Vec;

/// The first elements lie in a vector of their own.
const HEAD_BITS: u32 = 8;
const HEAD: u32 = 1 << HEAD_BITS;
/// Each doubling after that takes so many chunks: so the number of chunks is logarithmic, and the last one is at most a fifth of all.
const CHUNKS_BITS: u32 = 2;

/// A list whose elements move only while there are few.
pub(super) struct Arena<E> {
    head: Vec<E>,
    chunks: Vec<Vec<E>>,
}

/// Where an element lies that is not in the head.
struct Spot {
    chunk: usize,
    at: usize,
    /// Elements in that chunk.
    size: usize,
}

#[inline(always)]
fn spot(index: u32) -> Spot {
    let doubling = index.ilog2();
    let bits = doubling - CHUNKS_BITS;
    let chunk = ((doubling - HEAD_BITS) << CHUNKS_BITS) + (index >> bits) - (1 << CHUNKS_BITS);
    Spot {
        chunk: chunk as usize,
        at: (index & ((1 << bits) - 1)) as usize,
        size: 1 << bits,
    }
}

impl<E> Arena<E> {
    pub(super) const fn new() -> Self {
        Self {
            head: Vec::new(),
            chunks: Vec::new(),
        }
    }

    #[inline(always)]
    pub(super) fn get(&self, index: u32) -> &E {
        if index < HEAD {
            return &self.head[index as usize];
        }
        let spot = spot(index);
        &self.chunks[spot.chunk][spot.at]
    }

    #[inline(always)]
    pub(super) fn get_mut(&mut self, index: u32) -> &mut E {
        if index < HEAD {
            return &mut self.head[index as usize];
        }
        let spot = spot(index);
        &mut self.chunks[spot.chunk][spot.at]
    }

    /// Makes room for so many more, as far as they lie in the head.
    pub(super) fn make_room(&mut self, more: usize) {
        let free = (HEAD as usize).saturating_sub(self.head.len());
        self.head.reserve_exact(more.min(free));
    }

    /// Adds an element that has this number.
    #[inline(always)]
    pub(super) fn push(&mut self, index: u32, element: E) {
        if index < HEAD {
            self.head.push(element);
        } else {
            self.push_to_chunk(index, element);
        }
    }

    #[inline]
    fn push_to_chunk(&mut self, index: u32, element: E) {
        let spot = spot(index);
        if spot.at == 0 {
            self.chunks.push(Vec::with_capacity(spot.size));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(element);
        }
    }

    pub(super) fn truncate(&mut self, len: u32) {
        if len <= HEAD {
            self.head.truncate(len as usize);
            self.chunks.clear();
            return;
        }
        let last = spot(len - 1);
        self.chunks.truncate(last.chunk + 1);
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.truncate(last.at + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Arena;

    #[test]
    fn elements_stay_where_they_are_found_through_growing_and_cutting() {
        let mut arena = Arena::new();
        for index in 0..20_000 {
            arena.push(index, index);
        }
        for len in [20_000, 16_385, 16_384, 4_097, 300, 257, 256, 255, 1, 0] {
            arena.truncate(len);
            for index in 0..len {
                assert_eq!(*arena.get(index), index);
            }
            for index in len..len + 600 {
                arena.push(index, index);
            }
            for index in 0..len + 600 {
                *arena.get_mut(index) += 1;
                assert_eq!(*arena.get(index), index + 1);
                *arena.get_mut(index) -= 1;
            }
        }
        assert!(arena.chunks.len() < 30);
    }
}
