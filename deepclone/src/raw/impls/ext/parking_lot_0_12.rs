//! `parking_lot` 0.12: locks that can't be poisoned.
//!
//! The impls are those of `lock_api`, which `parking_lot` is made of. A lock is written in place like those of the standard library: its
//! content lies last, so what lies before it is the head of any free lock of the same kind.

use core::ptr;
use std::time::Instant;

use parking_lot::lock_api::{GetThreadId, Mutex, RawMutex, RawRwLock, ReentrantMutex, RwLock};

use super::super::cells::place_head;
use super::super::locks::PAUSE;
use crate::cloner::{Engine, Exposure};
use crate::error::ErrorKind;
use crate::options::LockPolicy;
use crate::raw::access::{Access, Mode};
use crate::raw::erased::{Erased, Meta, from_parts, with_address};
use crate::raw::sweep::{Sweep, sweep_leaf};
use crate::raw::traits::{DeepClone, Failed, Placed, Sweeper};

/// Takes a lock as the options say.
fn take<G>(
    engine: &mut Engine<'_>,
    block: impl Fn() -> G,
    attempt: impl Fn() -> Option<G>,
    type_name: &'static str,
) -> Result<G, Failed> {
    // From here on, other threads may change what we have not seen yet.
    engine.expose(Exposure::Threads);
    if engine.locks_barred {
        return Err(engine.fail(ErrorKind::WouldBlock, type_name));
    }
    let taken = match engine.options.locks {
        LockPolicy::Block => Some(block()),
        LockPolicy::Try => attempt(),
        LockPolicy::Timeout(limit) => {
            let start = Instant::now();
            loop {
                match attempt() {
                    None if start.elapsed() < limit => {
                        std::thread::sleep(PAUSE.min(limit.saturating_sub(start.elapsed())));
                    }
                    taken => break taken,
                }
            }
        }
    };
    taken.ok_or_else(|| engine.fail(ErrorKind::WouldBlock, type_name))
}

macro_rules! lock {
    ([$($bounds:tt)*] [$($raw:ident),*] $lock:ident, $access:ident, $block:ident, $attempt:ident, $write:expr) => {
        // SAFETY: P1: a free lock with a placed content, or nothing.
        unsafe impl<$($bounds)*, T: ?Sized + DeepClone> DeepClone for $lock<$($raw,)* T> {
            unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
                let take = |engine: &mut Engine<'_>| {
                    take(
                        engine,
                        || self.$block(),
                        || self.$attempt(),
                        core::any::type_name::<Self>(),
                    )
                };
                // SAFETY: the lock is a source's.
                let (guard, made) = unsafe { engine.take_lock(take) }?;
                let content: &T = &guard;
                let offset = (&raw const *content).addr() - (&raw const *self).addr();
                let fresh = $lock::<$($raw,)* ()>::new(());
                let head = fresh.data_ptr().addr() - (&raw const fresh).addr();
                // SAFETY: `dst` has room for a lock like this one.
                unsafe { place_head(fresh, head, offset, dst) };
                // SAFETY: a view of the place of the copy.
                let copy = unsafe { with_address(ptr::from_ref(self), dst) };
                let copy = $access::access::<$($raw,)* T>(Erased::new(copy.cast_const()));
                let queued = engine.queue.len();
                engine.holds_lock();
                let gathered = engine.gathered.len();
                let placed = engine.in_cell(|engine| {
                    // SAFETY: the content lies there in the copy as well.
                    unsafe { content.__place(dst.add(offset), engine) }
                });
                engine.locks -= 1;
                drop(guard);
                engine.release_made(made);
                placed?;
                // What was made and is not wanted any more may have panicked in its `Drop`.
                let finished = match engine.unless_failed() {
                    Ok(()) => engine.left_lock(queued, gathered, copy),
                    failed => failed,
                };
                if finished.is_err() {
                    engine.dispose(|sweep| {
                        // SAFETY: the lock is placed and not used after this.
                        unsafe { sweep.value(with_address(ptr::from_ref(self), dst)) }
                    });
                }
                finished
            }
            fn __sweeper(&self) -> Sweeper {
                $access::sweep_lock::<$($raw,)* T>
            }
        }

        mod $access {
            use super::*;

            pub(super) unsafe fn sweep_lock<$($bounds)*, T: ?Sized + DeepClone>(
                at: *mut u8,
                meta: Meta,
                sweep: &mut Sweep<'_, '_>,
            ) {
                // A scan looks at a source, whose lock is not ours.
                if sweep.scans() {
                    return;
                }
                // SAFETY: a placed lock, viewed as the source was; nobody holds it, since it was never given out.
                let lock = unsafe { from_parts::<$lock<$($raw,)* T>>(at, meta) };
                // SAFETY: as above; the reference ends here.
                let content = unsafe { (*lock).data_ptr() };
                sweep.in_cell(
                    || access::<$($raw,)* T>(Erased::new(lock.cast_const())),
                    // SAFETY: the content is placed; the raw lock owns nothing.
                    |sweep| unsafe { sweep.value(content) },
                );
            }

            /// How to get into a lock of the copy.
            pub(super) fn access<$($bounds)*, T: ?Sized + DeepClone>(cell: Erased) -> Access {
                Access {
                    cell,
                    sweeper: sweep_lock::<$($raw,)* T>,
                    open: open::<$($raw,)* T>,
                    share: None,
                    poison: None,
                }
            }

            unsafe fn open<$($bounds)*, T: ?Sized>(lock: Erased, mode: Mode, work: &mut dyn FnMut()) -> bool {
                // SAFETY: the lock is live and finished: W2.
                let lock = unsafe { &*lock.typed::<$lock<$($raw,)* T>>() };
                match mode {
                    Mode::Write => $write(lock, work),
                    Mode::Read => lock.$attempt().map(|_guard| work()).is_some(),
                }
            }
        }
    };
}

lock! { [R: RawMutex] [R] Mutex, mutex, lock, try_lock, |lock: &Mutex<R, T>, work: &mut dyn FnMut()| lock.try_lock().map(|_guard| work()).is_some() }
lock! { [R: RawRwLock] [R] RwLock, rw_lock, read, try_read, |lock: &RwLock<R, T>, work: &mut dyn FnMut()| lock.try_write().map(|_guard| work()).is_some() }
// Its guards give no `&mut`: what is written while the copy's owner may hold it is written by us alone if nobody holds it.
lock! { [R: RawMutex, G: GetThreadId] [R, G] ReentrantMutex, reentrant_mutex, lock, try_lock, |lock: &ReentrantMutex<R, G, T>, work: &mut dyn FnMut()| {
    !lock.is_owned_by_current_thread() && lock.try_lock().map(|_guard| work()).is_some()
} }

// SAFETY: P1: a fresh one, and nothing can fail.
unsafe impl DeepClone for parking_lot::Condvar {
    unsafe fn __place(&self, dst: *mut u8, _: &mut Engine<'_>) -> Placed {
        // SAFETY: `dst` has room for one.
        unsafe { dst.cast::<Self>().write(Self::new()) };
        Ok(())
    }
    fn __sweeper(&self) -> Sweeper {
        sweep_leaf::<Self>
    }
}
