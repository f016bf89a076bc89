//! Scratch memory between copies: kept per thread, handed out one per running copy, given back clean whatever happens, and
//! shrunk when it has been far too large for a while.

use crate::tape::Recording;
use crate::tape::readable::Readable;
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

/// How many sets of buffers a thread keeps; more than one is needed only when a copy runs inside a copy.
const KEPT: usize = 4;
/// Buffers up to this many bytes are never given back.
const MODEST: usize = 1024 * 1024;
/// How many copies in a row must have used less than a quarter before a buffer shrinks.
const PATIENCE: u32 = 8;

/// Everything a copy writes to before the copy itself.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) compact: Recording,
    pub(crate) readable: Readable,
    /// What a byte codec makes of the recording.
    pub(crate) encoded: Vec<u8>,
    idle: u32,
    peak: usize,
}

impl Scratch {
    /// Empties everything and gives back what has been far too large for a while.
    pub(crate) fn settle(&mut self) {
        let used = self.used();
        let held = self.held();
        self.compact.clear();
        self.readable.clear();
        self.encoded.clear();
        if held <= MODEST || used > held / 4 {
            self.idle = 0;
            self.peak = 0;
            return;
        }
        self.idle += 1;
        self.peak = self.peak.max(used);
        if self.idle >= PATIENCE {
            let keep = self.peak.max(MODEST / 8);
            for recording in [&mut self.compact, self.readable.recording_mut()] {
                recording.tokens.shrink_to(keep);
                recording.text.shrink_to(keep);
                recording.bytes.shrink_to(keep);
                recording.asks.get_mut().shrink_to(keep / 32);
            }
            self.readable.shrink_to(keep / 32);
            self.encoded.shrink_to(keep);
            self.idle = 0;
            self.peak = 0;
        }
    }

    fn used(&self) -> usize {
        let readable = self.readable.recording();
        self.compact.used() + readable.used() + self.encoded.len()
    }

    fn held(&self) -> usize {
        let readable = self.readable.recording();
        self.compact.held() + readable.held() + self.encoded.capacity()
    }
}

thread_local! {
    static POOL: RefCell<Vec<Box<Scratch>>> = const { RefCell::new(Vec::new()) };
}

/// A set of buffers on loan from the thread's pool.
pub(crate) struct Loan(Option<Box<Scratch>>);

impl Loan {
    pub(crate) fn take() -> Self {
        // A copy may run in the destructor of another thread-local, after the pool is gone.
        let pooled = POOL.try_with(|pool| pool.borrow_mut().pop()).ok().flatten();
        Self(Some(pooled.unwrap_or_default()))
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let Some(mut scratch) = self.0.take() else {
            return;
        };
        scratch.settle();
        let _ = POOL.try_with(|pool| {
            let mut pool = pool.borrow_mut();
            if pool.len() < KEPT {
                pool.push(scratch);
            }
        });
    }
}

impl Deref for Loan {
    type Target = Scratch;

    fn deref(&self) -> &Scratch {
        self.0
            .as_ref()
            .expect("a loan holds its buffers until it is dropped")
    }
}

impl DerefMut for Loan {
    fn deref_mut(&mut self) -> &mut Scratch {
        self.0
            .as_mut()
            .expect("a loan holds its buffers until it is dropped")
    }
}
