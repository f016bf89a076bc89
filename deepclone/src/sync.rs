//! The locks and counters of the protocols that are modelled: those of the standard library, and in a model those of loom.

#[cfg(all(feature = "rayon", not(all(loom, test))))]
pub(crate) use core::sync::atomic::AtomicBool;
#[cfg(not(all(loom, test)))]
pub(crate) use core::sync::atomic::{AtomicUsize, Ordering};
#[cfg(not(all(loom, test)))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(all(feature = "rayon", loom, test))]
pub(crate) use loom::sync::atomic::AtomicBool;
#[cfg(all(loom, test))]
pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering};
#[cfg(all(loom, test))]
pub(crate) use loom::sync::{Mutex, MutexGuard};

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
