//! The start and the end of a root call.

use core::mem::MaybeUninit;
use core::ptr;

use super::sweep::sweep_sized;
use super::traits::{DeepClone, Placed, Sweeper};
use super::unwind;
use crate::Error;
use crate::cloner::Engine;

/// What a root call needs to know of its type.
pub(crate) struct Root {
    place: unsafe fn(*const u8, *mut u8, &mut Engine<'_>) -> Placed,
    sweeper: Sweeper,
    type_name: fn() -> &'static str,
}

impl Root {
    pub(crate) const fn new(
        place: unsafe fn(*const u8, *mut u8, &mut Engine<'_>) -> Placed,
        sweeper: Sweeper,
        type_name: fn() -> &'static str,
    ) -> Self {
        Self {
            place,
            sweeper,
            type_name,
        }
    }

    pub(crate) const fn of<T: DeepClone>() -> Self {
        unsafe fn place<T: DeepClone>(
            source: *const u8,
            dst: *mut u8,
            engine: &mut Engine<'_>,
        ) -> Placed {
            // SAFETY: the caller gives a borrowed `T` and room for one.
            unsafe { (*source.cast::<T>()).__place(dst, engine) }
        }
        Self {
            place: place::<T>,
            sweeper: sweep_sized::<T>,
            type_name: core::any::type_name::<T>,
        }
    }
}

#[inline]
pub(crate) fn try_deep_clone<T: DeepClone>(value: &T) -> Result<T, Error> {
    let mut copy = MaybeUninit::<T>::uninit();
    if T::__plain() {
        // SAFETY: a copy of a plain value is the same bytes.
        unsafe { ptr::copy_nonoverlapping(value, copy.as_mut_ptr(), 1) };
    } else {
        let root = const { &Root::of::<T>() };
        // SAFETY: `value` is borrowed, `copy` has room for a `T`.
        unsafe { run(root, ptr::from_ref(value).cast(), copy.as_mut_ptr().cast()) }?;
    }
    // SAFETY: it was placed, and the operation has finished it.
    Ok(unsafe { copy.assume_init() })
}

#[inline]
#[track_caller]
pub(crate) fn deep_clone<T: DeepClone>(value: &T) -> T {
    let mut copy = MaybeUninit::<T>::uninit();
    if T::__plain() {
        // SAFETY: a copy of a plain value is the same bytes.
        unsafe { ptr::copy_nonoverlapping(value, copy.as_mut_ptr(), 1) };
    } else {
        let root = const { &Root::of::<T>() };
        // SAFETY: `value` is borrowed, `copy` has room for a `T`.
        let done = unsafe { run(root, ptr::from_ref(value).cast(), copy.as_mut_ptr().cast()) };
        if let Err(error) = done {
            give_up(&error);
        }
    }
    // SAFETY: it was placed, and the operation has finished it.
    unsafe { copy.assume_init() }
}

#[cold]
#[inline(never)]
#[track_caller]
fn give_up(error: &Error) -> ! {
    panic!("{error}")
}

/// A plain call.
///
/// # Safety
///
/// `source` is borrowed and of the type of `root`, `dst` has room for such a value. It is written unless this returns an error.
pub(crate) unsafe fn run(
    root: &'static Root,
    source: *const u8,
    dst: *mut u8,
) -> Result<(), Error> {
    let mut engine = Engine::plain();
    // SAFETY: passed on.
    let placed = unsafe { (root.place)(source, dst, &mut engine) };
    if placed.is_ok() && engine.is_untouched() {
        return Ok(());
    }
    // SAFETY: `dst` holds the value if it was placed.
    let result = unsafe { end(&mut engine, root, dst, placed, 0) };
    engine.close();
    match result {
        Ok(()) => Ok(()),
        Err(Ended::Error(error)) => Err(error),
        Err(Ended::Panic(payload)) => unwind::resume(payload),
    }
}

/// How a failed call ends.
pub(crate) enum Ended {
    Error(Error),
    Panic(unwind::Payload),
}

/// A call of a session.
///
/// # Safety
///
/// As [`run`].
pub(crate) unsafe fn run_in_session(
    engine: &mut Engine<'_>,
    root: &'static Root,
    source: *const u8,
    dst: *mut u8,
) -> Result<(), Error> {
    let from = engine.memo.len();
    let stats = engine.stats;
    engine.stack = super::stack::Stack::here(true);
    let ended = unwind::catch(|| {
        // SAFETY: passed on.
        let placed = unsafe { (root.place)(source, dst, engine) };
        // SAFETY: `dst` holds the value if it was placed.
        unsafe { end(engine, root, dst, placed, from) }
    });
    let ended = match ended {
        Ok(ended) => ended,
        Err(payload) => {
            // A `Drop` has panicked while values were taken apart. What the engine knows can't be trusted any more: it is leaked.
            engine.abandon();
            unwind::resume(payload)
        }
    };
    match ended {
        Ok(()) => {
            engine.show_all(from);
            Ok(())
        }
        Err(ended) => {
            engine.stats = stats;
            match ended {
                Ended::Error(error) => Err(error),
                Ended::Panic(payload) => unwind::resume(payload),
            }
        }
    }
}

/// Does what was put off, and ends the call.
///
/// # Safety
///
/// `dst` holds a placed value of the type of `root` if `placed` says so.
#[cold]
#[inline(never)]
unsafe fn end(
    engine: &mut Engine<'_>,
    root: &'static Root,
    dst: *mut u8,
    placed: Placed,
    from: u32,
) -> Result<(), Ended> {
    let done = placed
        .and_then(|()| engine.run_queue(0))
        .and_then(|()| engine.conclude());
    if done.is_ok() && !engine.has_failed() {
        return Ok(());
    }
    let error = engine.error((root.type_name)());
    if placed.is_ok() {
        engine.dispose(|sweep| {
            // SAFETY: the value was placed, and is not used after this.
            unsafe { (root.sweeper)(dst, ptr::null(), sweep) }
        });
    }
    let mut failure = engine.tear_down(from);
    match failure.panic.take() {
        Some(payload) => Err(Ended::Panic(payload)),
        None => Err(Ended::Error(error)),
    }
}
