//! Counts calls of the allocator, in a program that has made `tracking_allocator`'s the global one.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracking_allocator::{AllocationGroupId, AllocationRegistry, AllocationTracker};

use crate::contender::Copying;
use crate::heap::Heap;

/// What was allocated since counting began.
#[derive(Default)]
struct State {
    heap: Heap,
    /// By address: which of the blocks it is.
    alive: HashMap<usize, usize>,
    /// All blocks in order, without those that are gone.
    blocks: Vec<Option<usize>>,
}

static STATE: Mutex<Option<State>> = Mutex::new(None);

fn state() -> MutexGuard<'static, Option<State>> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes down what it is told. It isn't told of what it allocates for that itself.
struct Clerk;

impl AllocationTracker for Clerk {
    fn allocated(&self, address: usize, size: usize, _: usize, _: AllocationGroupId) {
        if let Some(State {
            heap,
            alive,
            blocks,
        }) = &mut *state()
        {
            heap.allocations += 1;
            heap.kept += size;
            heap.peak = heap.peak.max(heap.kept);
            alive.insert(address, blocks.len());
            blocks.push(Some(size));
        }
    }

    fn deallocated(
        &self,
        address: usize,
        size: usize,
        _: usize,
        _: AllocationGroupId,
        _: AllocationGroupId,
    ) {
        // What is older does not count.
        if let Some(State {
            heap,
            alive,
            blocks,
        }) = &mut *state()
            && let Some(index) = alive.remove(&address)
        {
            heap.kept -= size;
            blocks[index] = None;
        }
    }
}

/// Counts what one copy asks of the heap, and lists the blocks that are left of it.
///
/// # Panics
///
/// If another tracker has been installed.
pub fn count(contender: &mut dyn Copying) -> (Heap, Vec<usize>) {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    INSTALLED.call_once(|| {
        AllocationRegistry::set_global_tracker(Clerk).expect("there is no other tracker");
    });
    let mut counted = State::default();
    contender.run(
        1,
        &mut || {
            *state() = Some(State::default());
            AllocationRegistry::enable_tracking();
        },
        &mut || {
            AllocationRegistry::disable_tracking();
            counted = state().take().unwrap_or_default();
        },
    );
    let blocks = counted.blocks.into_iter().flatten().collect();
    (counted.heap, blocks)
}
