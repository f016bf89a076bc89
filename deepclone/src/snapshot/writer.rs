//! The turn of a writer: one at a time, and never inside its own.

#[cfg(all(any(loom, tsan), test))]
mod model;

use std::sync::PoisonError;

use crate::sync::{AtomicUsize, Mutex, MutexGuard, Ordering, this_thread};

/// Who may publish.
pub(super) struct Writer {
    turn: Mutex<()>,
    /// The thread whose turn it is, by the address of a local of that thread; 0 for nobody.
    thread: AtomicUsize,
}

/// While this lives, nobody else publishes.
pub(super) struct Turn<'a> {
    writer: &'a Writer,
    _guard: MutexGuard<'a, ()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.writer.thread.store(0, Ordering::Relaxed);
    }
}

impl Writer {
    pub(super) fn new() -> Self {
        Self {
            turn: Mutex::new(()),
            thread: AtomicUsize::new(0),
        }
    }

    /// Waits for the other writers.
    #[track_caller]
    pub(super) fn enter(&self) -> Turn<'_> {
        let thread = this_thread();
        // Only this thread writes its own number, so it reads it if and only if the turn is its own.
        assert!(
            self.thread.load(Ordering::Relaxed) != thread,
            "a snapshot is updated inside an update of itself, which would wait for itself"
        );
        // A panic of an earlier writer left nothing half done: it has published nothing.
        let guard = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.thread.store(thread, Ordering::Relaxed);
        Turn {
            writer: self,
            _guard: guard,
        }
    }
}
