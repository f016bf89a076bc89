//! The locks and counters of the protocols that are modelled: those of the standard library, and in a model those that its judge understands.
//!
//! There are two judges. loom (`--cfg loom`) runs all orders of few threads, one after the other, and brings its own locks. ThreadSanitizer (`--cfg tsan`) watches real threads;
//! it has to see how a lock is built, and the standard library comes compiled without it, so the locks are those of the crate `spin`.

#[cfg(all(feature = "rayon", not(all(loom, test))))]
pub(crate) use core::sync::atomic::AtomicBool;
#[cfg(not(all(loom, test)))]
pub(crate) use core::sync::atomic::{AtomicUsize, Ordering};
#[cfg(not(all(any(loom, tsan), test)))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(all(feature = "rayon", loom, test))]
pub(crate) use loom::sync::atomic::AtomicBool;
#[cfg(all(loom, test))]
pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering};
#[cfg(all(loom, test))]
pub(crate) use loom::sync::{Mutex, MutexGuard};

#[cfg(all(tsan, test))]
pub(crate) use spinning::{Mutex, MutexGuard};

/// A number that no other living thread has.
#[cfg(feature = "arc-swap-1")]
pub(crate) fn this_thread() -> usize {
    #[cfg(not(all(loom, test)))]
    std::thread_local! {
        static HERE: u8 = const { 0 };
    }
    #[cfg(all(loom, test))]
    loom::thread_local! {
        static HERE: u8 = 0;
    }
    HERE.with(|here| core::ptr::from_ref(here).addr())
}

/// A spin lock with the signatures of the standard library's.
#[cfg(all(tsan, test))]
mod spinning {
    use std::sync::LockResult;

    pub(crate) use spin::MutexGuard;

    pub(crate) struct Mutex<T>(spin::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn new(content: T) -> Self {
            Self(spin::Mutex::new(content))
        }

        pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
            Ok(self.0.lock())
        }

        #[cfg(feature = "rayon")]
        pub(crate) fn into_inner(self) -> LockResult<T> {
            Ok(self.0.into_inner())
        }
    }
}

/// What the models are made of.
#[cfg(all(any(loom, tsan), test))]
pub(crate) mod model {
    #[cfg(loom)]
    pub(crate) use loom::{model, thread};

    #[cfg(tsan)]
    pub(crate) use std::thread;

    /// How often a model is run where the order is left to chance.
    #[cfg(tsan)]
    const ROUNDS: usize = 2000;

    /// Runs a model often.
    #[cfg(tsan)]
    pub(crate) fn model(run: impl Fn()) {
        for _ in 0..ROUNDS {
            run();
        }
    }
}
