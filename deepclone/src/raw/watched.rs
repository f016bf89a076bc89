//! What a model is judged by: a cell that gives its accesses no order, so that the protocol around it has to.

#[cfg(tsan)]
use core::cell::Cell;
#[cfg(loom)]
use loom::cell::Cell;

/// Two threads that touch it without an order between them are found out, by loom or by ThreadSanitizer.
pub(crate) struct Watched<T>(Cell<T>);

impl<T: Copy> Watched<T> {
    pub(crate) fn new(content: T) -> Self {
        Self(Cell::new(content))
    }

    pub(crate) fn get(&self) -> T {
        self.0.get()
    }

    pub(crate) fn set(&self, content: T) {
        self.0.set(content);
    }
}

// SAFETY: not sound, and so in tests only: to find out who shares it is what it is there for.
unsafe impl<T: Send> Sync for Watched<T> {}
// SAFETY: loom's cell is sent by no one but the models, whose threads take turns.
unsafe impl<T: Send> Send for Watched<T> {}
