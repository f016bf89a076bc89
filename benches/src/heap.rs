//! What a copy asks of the heap: how often, how much, and the list of what is left, for the lower bound.
//!
//! Counting is off while anything is timed; what remains of it then is a look at a flag.
#![expect(
    unsafe_code,
    reason = "an allocator that counts, and allocations without a type, can't be had otherwise"
)]

use std::alloc::{GlobalAlloc, Layout, System, alloc, dealloc, handle_alloc_error};
use std::collections::HashMap;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use serde::{Deserialize, Serialize};

use crate::contender::Copying;

/// The system's allocator, counting when asked. A binary that wants counts makes it the global one.
pub struct Counting;

static COUNTS: AtomicBool = AtomicBool::new(false);
static LOGS: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicUsize = AtomicUsize::new(0);
/// Bytes in use above those at the start; wraps below.
static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static LOG: Mutex<Vec<Event>> = Mutex::new(Vec::new());

enum Event {
    Made(usize, Layout),
    Freed(usize),
}

fn log(event: Event) {
    // The room was made before logging was switched on: an allocation here would come back to this place.
    if let Ok(mut log) = LOG.try_lock()
        && log.len() < log.capacity()
    {
        log.push(event);
    }
}

fn made(at: *mut u8, layout: Layout) {
    CALLS.fetch_add(1, Relaxed);
    let now = IN_USE
        .fetch_add(layout.size(), Relaxed)
        .wrapping_add(layout.size());
    if now.cast_signed() > PEAK.load(Relaxed).cast_signed() {
        PEAK.store(now, Relaxed);
    }
    if LOGS.load(Relaxed) {
        log(Event::Made(at.addr(), layout));
    }
}

fn freed(at: *mut u8, size: usize) {
    IN_USE.fetch_sub(size, Relaxed);
    if LOGS.load(Relaxed) {
        log(Event::Freed(at.addr()));
    }
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is handed on.
        let at = unsafe { System.alloc(layout) };
        if COUNTS.load(Relaxed) {
            made(at, layout);
        }
        at
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is handed on.
        let at = unsafe { System.alloc_zeroed(layout) };
        if COUNTS.load(Relaxed) {
            made(at, layout);
        }
        at
    }

    #[inline]
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        if COUNTS.load(Relaxed) {
            freed(at, layout.size());
        }
        // SAFETY: the caller's promise is handed on.
        unsafe { System.dealloc(at, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if COUNTS.load(Relaxed) {
            freed(at, layout.size());
        }
        // SAFETY: the caller's promise is handed on.
        let at = unsafe { System.realloc(at, layout, size) };
        if COUNTS.load(Relaxed) {
            // SAFETY: `realloc` is only called with sizes that are good for this alignment.
            made(at, unsafe {
                Layout::from_size_align_unchecked(size, layout.align())
            });
        }
        at
    }
}

/// What one copy asks of the heap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Heap {
    /// Calls that allocate, growing included.
    pub allocations: usize,
    /// Bytes in use at most, above those at the start.
    pub peak: usize,
    /// Bytes in use in the end: the copy.
    pub kept: usize,
}

/// Counts what one copy asks of the heap. All zero where [`Counting`] is not the global allocator.
pub fn count(contender: &mut dyn Copying) -> Heap {
    let mut heap = Heap::default();
    contender.run(
        1,
        &mut || {
            for counter in [&CALLS, &IN_USE, &PEAK] {
                counter.store(0, Relaxed);
            }
            COUNTS.store(true, Relaxed);
        },
        &mut || {
            COUNTS.store(false, Relaxed);
            heap = Heap {
                allocations: CALLS.load(Relaxed),
                peak: PEAK.load(Relaxed),
                kept: IN_USE.load(Relaxed),
            };
        },
    );
    heap
}

/// The allocations that one copy consists of, in the order in which they were made.
fn allocations(contender: &mut dyn Copying) -> Vec<Layout> {
    let calls = count(contender).allocations;
    *LOG.lock().expect("nothing panics under the lock") = Vec::with_capacity(2 * calls + 1024);
    contender.run(
        1,
        &mut || {
            LOGS.store(true, Relaxed);
            COUNTS.store(true, Relaxed);
        },
        &mut || {
            COUNTS.store(false, Relaxed);
            LOGS.store(false, Relaxed);
        },
    );
    let log = std::mem::take(&mut *LOG.lock().expect("nothing panics under the lock"));
    let mut kept: Vec<Option<Layout>> = Vec::new();
    let mut alive = HashMap::new();
    for event in log {
        match event {
            Event::Made(at, layout) => {
                alive.insert(at, kept.len());
                kept.push(Some(layout));
            }
            Event::Freed(at) => {
                if let Some(index) = alive.remove(&at) {
                    kept[index] = None;
                }
            }
        }
    }
    kept.into_iter().flatten().collect()
}

/// Blocks of memory that are given back when dropped.
struct Blocks(Vec<(*mut u8, Layout)>);

impl Drop for Blocks {
    fn drop(&mut self) {
        for &(at, layout) in &self.0 {
            // SAFETY: it was allocated with this layout, and nothing else refers to it.
            unsafe { dealloc(at, layout) };
        }
    }
}

impl Blocks {
    fn allocate(layout: Layout) -> *mut u8 {
        // SAFETY: nobody asks the heap for zero bytes, so the log has no such layout.
        let at = unsafe { alloc(layout) };
        if at.is_null() {
            handle_alloc_error(layout);
        }
        at
    }

    fn copy(&self, copy: &mut Self) {
        for &(source, layout) in &self.0 {
            let at = Self::allocate(layout);
            // SAFETY: two blocks of that size, of which one is new. The bytes are written, all of them, by `floor`.
            unsafe { ptr::copy_nonoverlapping(source, at, layout.size()) };
            copy.0.push((at, layout));
        }
    }
}

struct Floor(Blocks);

impl Copying for Floor {
    fn run(&mut self, copies: usize, start: &mut dyn FnMut(), stop: &mut dyn FnMut()) {
        let mut made = Vec::from_iter((0..copies).map(|_| {
            let blocks = self.0.0.len();
            Blocks(Vec::with_capacity(blocks))
        }));
        start();
        for copy in &mut made {
            self.0.copy(copy);
        }
        stop();
    }
}

/// The allocations of a copy, made again and filled by `memcpy`: nothing that ends in as many blocks can be much faster.
pub fn floor(contender: &mut dyn Copying) -> Box<dyn Copying> {
    let source = Blocks(
        allocations(contender)
            .into_iter()
            .map(|layout| {
                let at = Blocks::allocate(layout);
                // SAFETY: a block of that size.
                unsafe { ptr::write_bytes(at, 1, layout.size()) };
                (at, layout)
            })
            .collect(),
    );
    Box::new(Floor(source))
}
