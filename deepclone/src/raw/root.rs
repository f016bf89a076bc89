//! The start and the end of a root call.

use core::mem::MaybeUninit;
use core::ptr;

use super::sweep::{SweeperOf, sweeper_of};
use super::traits::{DeepClone, Placed};
use super::unwind;
use crate::Error;
use crate::cloner::{Engine, Order};

/// Writes the copy of a value whose type is known to whoever made this.
pub(crate) type PlaceAt = unsafe fn(source: *const u8, dst: *mut u8, &mut Engine<'_>) -> Placed;

/// What a root call needs to know of its type.
pub(crate) struct Root {
    place: PlaceAt,
    sweeper_of: SweeperOf,
    type_name: fn() -> &'static str,
}

impl Root {
    pub(crate) const fn new<T: DeepClone>(place: PlaceAt, type_name: fn() -> &'static str) -> Self {
        Self {
            place,
            sweeper_of: sweeper_of::<T>(),
            type_name,
        }
    }

    /// Views of what the trait has: no code is generated for it.
    pub(crate) const fn of<T: DeepClone>() -> Self {
        type Place<T> = unsafe fn(&T, *mut u8, &mut Engine<'_>) -> Placed;
        // SAFETY: a reference and a raw pointer to sized types are passed alike. Whoever calls it gives a borrowed `T`.
        let place = unsafe { core::mem::transmute::<Place<T>, PlaceAt>(T::__place) };
        Self::new::<T>(place, core::any::type_name::<T>)
    }
}

/// Inlined, also before LLVM sees it: a program has one of these for each root.
#[inline(always)]
pub(crate) fn try_deep_clone<T: DeepClone>(value: &T) -> Result<T, Error> {
    let mut copy = MaybeUninit::<T>::uninit();
    if T::__plain() {
        // SAFETY: a copy of a plain value is the same bytes.
        unsafe { ptr::copy_nonoverlapping(value, &raw mut copy as _, 1) };
    } else {
        let root = const { &Root::of::<T>() };
        // SAFETY: `value` is borrowed, `copy` has room for one.
        unsafe { run(root, &raw const *value as _, &raw mut copy as _) }?;
    }
    // SAFETY: it was placed, and the operation has finished it.
    Ok(unsafe { ptr::read(&raw const copy as _) })
}

/// The same for a call that can't fail.
#[inline(always)]
#[track_caller]
pub(crate) fn deep_clone<T: DeepClone>(value: &T) -> T {
    let mut copy = MaybeUninit::<T>::uninit();
    if T::__plain() {
        // SAFETY: a copy of a plain value is the same bytes.
        unsafe { ptr::copy_nonoverlapping(value, &raw mut copy as _, 1) };
    } else {
        let root = const { &Root::of::<T>() };
        // SAFETY: `value` is borrowed, `copy` has room for one.
        unsafe { run_or_panic(root, &raw const *value as _, &raw mut copy as _) };
    }
    // SAFETY: it was placed, and the operation has finished it.
    unsafe { ptr::read(&raw const copy as _) }
}

/// A plain call that can't fail.
///
/// # Safety
///
/// As [`run`]; `dst` is written when this returns.
#[inline(never)]
#[track_caller]
unsafe fn run_or_panic(root: &'static Root, source: *const u8, dst: *mut u8) {
    // SAFETY: passed on.
    if let Err(error) = unsafe { run_inlined(root, source, dst) } {
        give_up(&error);
    }
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
#[inline(never)]
pub(crate) unsafe fn run(
    root: &'static Root,
    source: *const u8,
    dst: *mut u8,
) -> Result<(), Error> {
    // SAFETY: passed on.
    unsafe { run_inlined(root, source, dst) }
}

/// A plain call under way. What only its end needs waits here: a register would have to be saved for it.
struct Call {
    engine: Engine<'static>,
    root: &'static Root,
    source: *const u8,
    dst: *mut u8,
}

/// # Safety
///
/// As [`run`].
#[inline(always)]
unsafe fn run_inlined(root: &'static Root, source: *const u8, dst: *mut u8) -> Result<(), Error> {
    let mut call = Call {
        engine: Engine::plain(),
        root,
        source,
        dst,
    };
    // SAFETY: passed on.
    let placed = unsafe { (root.place)(source, dst, &mut call.engine) };
    if placed.is_ok() && call.engine.is_untouched() {
        // It owns nothing.
        core::mem::forget(call);
        return Ok(());
    }
    // SAFETY: `dst` holds the value if it was placed.
    unsafe { call.end(placed) }
}

impl Call {
    /// Ends the call, or begins it again if it only has to keep the order.
    ///
    /// # Safety
    ///
    /// As [`run`]; `dst` holds the value if `placed` says so.
    #[inline(never)]
    unsafe fn end(&mut self, placed: Placed) -> Result<(), Error> {
        // SAFETY: passed on.
        let mut ended = unsafe { end(&mut self.engine, self.root, self.dst, placed, 0) };
        self.engine.close();
        if let Err(Ended::Again) = ended {
            self.engine = Engine::plain();
            self.engine.order = Order::Kept;
            // SAFETY: passed on; nothing is left of the first try.
            ended = unsafe {
                let placed = (self.root.place)(self.source, self.dst, &mut self.engine);
                end(&mut self.engine, self.root, self.dst, placed, 0)
            };
            self.engine.close();
        }
        match ended {
            Ok(()) => Ok(()),
            Err(Ended::Error(error)) => Err(error),
            Err(Ended::Panic(payload)) => unwind::resume(payload),
            Err(Ended::Again) => unreachable!("the order was kept"),
        }
    }
}

/// How a failed call ends.
pub(crate) enum Ended {
    Error(Error),
    Panic(unwind::Payload),
    /// Nothing is left of it, and it has to begin again.
    Again,
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
    let from = engine.begin_call();
    let stats = engine.stats;
    engine.stack = super::stack::Stack::here(true);
    let ended = unwind::catch(|| {
        let run = |engine: &mut Engine<'_>, order| {
            engine.order = order;
            // SAFETY: passed on.
            let placed = unsafe { (root.place)(source, dst, engine) };
            // SAFETY: `dst` holds the value if it was placed.
            unsafe { end(engine, root, dst, placed, from) }
        };
        match run(engine, Order::Free) {
            Err(Ended::Again) => {
                // Nothing is left of the first try.
                engine.stats = stats;
                run(engine, Order::Kept)
            }
            ended => ended,
        }
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
                Ended::Again => unreachable!("the order was kept"),
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
        .and_then(|()| engine.fill_boxes())
        .and_then(|()| engine.run_queue(0))
        .and_then(|()| {
            engine.caught_up();
            engine.conclude()
        });
    if done.is_ok() && !engine.has_failed() {
        return Ok(());
    }
    let error = engine.error((root.type_name)());
    if placed.is_ok() {
        engine.dispose(|sweep| {
            // SAFETY: the value was placed, and is not used after this.
            unsafe {
                let sweeper = (root.sweeper_of)(dst);
                sweeper(dst, ptr::null(), sweep);
            }
        });
    }
    let mut failure = engine.tear_down(from);
    match failure.panic.take() {
        Some(payload) => {
            // What they carry is the user's.
            unwind::drop_beside_panic((error, failure));
            Err(Ended::Panic(payload))
        }
        // Something that comes first in the source may fail as well.
        None if matches!(engine.order, Order::Again | Order::Overtaken) => Err(Ended::Again),
        None => Err(Ended::Error(error)),
    }
}
