//! Locks, and cells of several threads.

use core::ptr;
use std::sync::{Condvar, Mutex, RwLock, TryLockError};
use std::time::{Duration, Instant};

use super::cells::place_head;
use crate::cloner::{Engine, Exposure};
use crate::error::ErrorKind;
use crate::options::{LockPolicy, PoisonPolicy};
use crate::raw::access::{Access, Mode};
use crate::raw::erased::{Erased, Meta, from_parts, with_address};
use crate::raw::sweep::{Sweep, sweep_leaf};
use crate::raw::traits::{DeepClone, Failed, Placed, Sweeper};
use crate::raw::unwind;

/// How long to pause between two looks at a lock that is held.
pub(super) const PAUSE: Duration = Duration::from_micros(100);

/// Takes a lock as the options say.
#[inline]
fn take<G>(
    engine: &mut Engine<'_>,
    block: impl Fn() -> Result<G, std::sync::PoisonError<G>>,
    attempt: impl Fn() -> Result<G, TryLockError<G>>,
    type_name: &'static str,
) -> Result<G, Failed> {
    // From here on, other threads may change what we have not seen yet.
    engine.expose(Exposure::Threads);
    if engine.locks_barred {
        return Err(engine.fail(ErrorKind::WouldBlock, type_name));
    }
    let taken = match engine.options.locks {
        LockPolicy::Block => block().map_err(|poisoned| Some(poisoned.into_inner())),
        LockPolicy::Try => attempt().map_err(into_poisoned),
        LockPolicy::Timeout(limit) => {
            let start = Instant::now();
            loop {
                match attempt().map_err(into_poisoned) {
                    Err(None) if start.elapsed() < limit => {
                        std::thread::sleep(PAUSE.min(limit.saturating_sub(start.elapsed())));
                    }
                    taken => break taken,
                }
            }
        }
    };
    match taken {
        Ok(guard) => Ok(guard),
        Err(Some(guard)) if engine.options.poison == PoisonPolicy::Recover => Ok(guard),
        Err(Some(guard)) => {
            drop(guard);
            Err(engine.fail(ErrorKind::Poisoned, type_name))
        }
        Err(None) => Err(engine.fail(ErrorKind::WouldBlock, type_name)),
    }
}

/// Works while a lock is held, poisoned or not, if it is to be had at once.
fn work_under<G>(taken: Result<G, TryLockError<G>>, work: &mut dyn FnMut()) -> bool {
    let guard = match taken {
        Ok(guard) => guard,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return false,
    };
    work();
    drop(guard);
    true
}

fn into_poisoned<G>(error: TryLockError<G>) -> Option<G> {
    match error {
        TryLockError::Poisoned(poisoned) => Some(poisoned.into_inner()),
        TryLockError::WouldBlock => None,
    }
}

macro_rules! lock {
    ($lock:ident, $access:ident, $block:ident, $attempt:ident, $write:ident, $poison:expr) => {
        // SAFETY: P1: a free lock with a placed content, or nothing.
        unsafe impl<T: ?Sized + DeepClone> DeepClone for $lock<T> {
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
                let mut fresh = $lock::new(());
                let head = {
                    let content = fresh
                        .get_mut()
                        .map(ptr::from_mut)
                        .unwrap_or(ptr::null_mut());
                    content.addr() - (&raw const fresh).addr()
                };
                // SAFETY: `dst` has room for a lock like this one.
                unsafe { place_head(fresh, head, offset, dst) };
                let cell = Erased::new(ptr::from_ref(self)).at(dst.cast_const().cast());
                let copy = $access::access::<T>(cell);
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
                $access::sweep_lock::<T>
            }
        }

        mod $access {
            use super::*;

            pub(super) unsafe fn sweep_lock<T: ?Sized + DeepClone>(
                at: *mut u8,
                meta: Meta,
                sweep: &mut Sweep<'_, '_>,
            ) {
                if sweep.scans() {
                    return;
                }
                // SAFETY: a placed lock, viewed as the source was; nobody holds it, since it was never given out.
                let lock = unsafe { from_parts::<$lock<T>>(at, meta) };
                // SAFETY: as above; the reference ends before the sweep.
                let content = match unsafe { (*lock).get_mut() } {
                    Ok(content) => ptr::from_mut(content),
                    Err(poisoned) => ptr::from_mut(poisoned.into_inner()),
                };
                sweep.in_cell(
                    || access::<T>(Erased::new(lock.cast_const())),
                    // SAFETY: the content is placed.
                    |sweep| unsafe { sweep.value(content) },
                );
            }

            /// How to get into a lock of the copy.
            pub(super) fn access<T: ?Sized + DeepClone>(cell: Erased) -> Access {
                Access {
                    cell,
                    sweeper: sweep_lock::<T>,
                    open: open::<T>,
                    share: None,
                    poison: $poison,
                }
            }

            unsafe fn open<T: ?Sized>(lock: Erased, mode: Mode, work: &mut dyn FnMut()) -> bool {
                // SAFETY: the lock is live and finished: W2.
                let lock = unsafe { &*lock.typed::<$lock<T>>() };
                match mode {
                    Mode::Write => work_under(lock.$write(), work),
                    Mode::Read => work_under(lock.$attempt(), work),
                }
            }
        }
    };
}

/// Poisons a lock as a panic does that leaves its guard behind, which this is. Where that can't be done, because panics abort or one is under way already, the lock
/// stays as it is.
unsafe fn poison<T: ?Sized>(lock: Erased, poisoned: bool) -> bool {
    // SAFETY: the lock is live: W2.
    let lock = unsafe { &*lock.typed::<Mutex<T>>() };
    if !poisoned {
        lock.clear_poison();
    } else if cfg!(panic = "unwind") {
        drop(unwind::catch(|| {
            let _guard = lock.try_lock();
            unwind::resume(Box::new(()))
        }));
    }
    lock.is_poisoned()
}

// Who holds a mutex keeps readers out as well, which the keys may be.
lock!(Mutex, mutex, lock, try_lock, try_lock, Some(poison::<T>));
lock!(RwLock, rw_lock, read, try_read, try_write, None);

// SAFETY: P1: a fresh one, and nothing can fail.
unsafe impl DeepClone for Condvar {
    unsafe fn __place(&self, dst: *mut u8, _: &mut Engine<'_>) -> Placed {
        // SAFETY: `dst` has room for one.
        unsafe { dst.cast::<Self>().write(Self::new()) };
        Ok(())
    }
    fn __sweeper(&self) -> Sweeper {
        sweep_leaf::<Self>
    }
}
