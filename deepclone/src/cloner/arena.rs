//! A list that grows by chunks: its elements move only while there are few.

use alloc::vec::Vec;

/// Elements in a chunk of an arena.
const CHUNK: u32 = 256;

/// A list whose elements move only while there are few. The first `CHUNK` lie in a vector of their own.
pub(super) struct Arena<E> {
    head: Vec<E>,
    chunks: Vec<Vec<E>>,
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
        let chunk = match index / CHUNK {
            0 => &self.head,
            number => &self.chunks[number as usize - 1],
        };
        &chunk[(index % CHUNK) as usize]
    }

    #[inline(always)]
    pub(super) fn get_mut(&mut self, index: u32) -> &mut E {
        let chunk = match index / CHUNK {
            0 => &mut self.head,
            number => &mut self.chunks[number as usize - 1],
        };
        &mut chunk[(index % CHUNK) as usize]
    }

    /// Makes room for so many more, as far as they lie in the first chunk.
    pub(super) fn make_room(&mut self, more: usize) {
        let free = (CHUNK as usize).saturating_sub(self.head.len());
        self.head.reserve_exact(more.min(free));
    }

    /// Adds an element that has this number.
    #[inline(always)]
    pub(super) fn push(&mut self, index: u32, element: E) {
        if index < CHUNK {
            self.head.push(element);
        } else {
            self.push_to_chunk(index, element);
        }
    }

    #[inline]
    fn push_to_chunk(&mut self, index: u32, element: E) {
        if index % CHUNK == 0 {
            self.chunks.push(Vec::with_capacity(CHUNK as usize));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(element);
        }
    }

    pub(super) fn truncate(&mut self, len: u32) {
        self.head.truncate(len as usize);
        self.chunks
            .truncate((len.saturating_sub(1) / CHUNK) as usize);
        if let Some(last) = self.chunks.last_mut() {
            last.truncate(((len - 1) % CHUNK + 1) as usize);
        }
    }
}
