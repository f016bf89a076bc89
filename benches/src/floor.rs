//! The lower bound: the allocations of a copy, made again and filled by `memcpy`. Nothing that ends in as many blocks can be much faster.

use crate::contender::Copying;
use crate::heap::Heap;

/// Copies blocks of bytes.
struct Floor(Vec<Vec<u8>>);

impl Copying for Floor {
    fn run(&mut self, copies: usize, start: &mut dyn FnMut(), stop: &mut dyn FnMut()) {
        let blocks = &self.0;
        let mut made = Vec::from_iter((0..copies).map(|_| Vec::with_capacity(blocks.len())));
        start();
        for copy in &mut made {
            copy.extend(blocks.iter().cloned());
        }
        stop();
    }
}

/// Copies blocks of these sizes.
pub(crate) fn floor(blocks: &[usize]) -> Box<dyn Copying> {
    Box::new(Floor(blocks.iter().map(|size| vec![1; *size]).collect()))
}

/// What that asks of the heap.
pub(crate) fn heap_of(blocks: &[usize]) -> Heap {
    let bytes = blocks.iter().sum();
    Heap {
        allocations: blocks.len(),
        peak: bytes,
        kept: bytes,
    }
}
