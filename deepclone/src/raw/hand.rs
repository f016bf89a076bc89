//! Copies written by hand: what they get, and how their pointees are reserved.

use alloc::rc::Rc;
use alloc::sync::Arc;
use core::cell::RefCell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr;

use super::erased::Erased;
use super::hold::PlacedValue;
use super::stack::{Mark, with_room};
use super::sweep::Grave;
use super::traits::{DeepClone, Failed, Placed};
use super::unwind;
use crate::Error;
use crate::cloner::{Engine, Exposure, Place, Verdict};

/// What a copy written by hand clones its parts with: one running operation.
///
/// It has no constructor, is neither `Send` nor `Sync`, and its lifetime is invariant, so that two of them can't be swapped.
/// Whatever it returns is finished: all that can be reached from it is whole.
///
/// # Examples
///
/// ```
/// use deepclone::{Cloner, DeepClone, Error};
/// use std::rc::Rc;
///
/// fn first_only(list: &Vec<Rc<str>>, cloner: &mut Cloner<'_>) -> Result<Vec<Rc<str>>, Error> {
///     list.iter().take(1).map(|name| cloner.deep_clone(name)).collect()
/// }
///
/// #[derive(DeepClone)]
/// struct Names {
///     #[deepclone(try_with = first_only)]
///     names: Vec<Rc<str>>,
/// }
///
/// let names = Names { names: vec!["a".into(), "b".into()] };
/// assert_eq!(names.deep_clone().names.len(), 1);
/// ```
pub struct Cloner<'op> {
    engine: *mut Engine<'op>,
    called_from: Mark,
    _brand: PhantomData<fn(&'op ()) -> &'op ()>,
}

impl<'op> Cloner<'op> {
    /// Clones a value within the running operation: what it shares with other parts of the source, its copy shares with
    /// their copies.
    ///
    /// # Errors
    ///
    /// Those of [`DeepClone::try_deep_clone`], and [`ErrorKind::Incomplete`](crate::ErrorKind::Incomplete) if the value leads to a copy that is still being
    /// made. Once this has failed the operation fails, whatever is done about the error.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone::{Cloner, DeepClone, impl_deep_clone};
    ///
    /// struct Ring { slots: Vec<Option<String>> }
    /// impl_deep_clone! { impl for Ring = |ring, cloner| Ok(Ring { slots: cloner.deep_clone(&ring.slots)? }) }
    ///
    /// let ring = Ring { slots: vec![None, Some("x".into())] };
    /// assert_eq!(ring.deep_clone().slots, ring.slots);
    /// ```
    pub fn deep_clone<T: DeepClone>(&mut self, value: &T) -> Result<T, Error> {
        // SAFETY: `Cloner`s are made by `call`, which has the engine borrowed while they live.
        let engine = unsafe { &mut *self.engine };
        let mut copy = MaybeUninit::<T>::uninit();
        let asked = self.called_from.below(
            engine,
            |engine| &mut engine.stack,
            |engine| {
                with_room(
                    engine,
                    |engine| &mut engine.stack,
                    |engine| ask(engine, value, &mut copy),
                )
            },
        );
        match asked {
            // SAFETY: `ask` has placed it.
            Ok(()) => Ok(unsafe { copy.assume_init() }),
            Err(Failed(())) => {
                if let Some(payload) = engine.failure.as_mut().and_then(|f| f.panic.take()) {
                    unwind::resume(payload);
                }
                Err(engine.error(core::any::type_name::<T>()))
            }
        }
    }
}

/// Places a finished copy of `value`.
fn ask<T: DeepClone>(engine: &mut Engine<'_>, value: &T, copy: &mut MaybeUninit<T>) -> Placed {
    if engine.has_failed() {
        return Err(Failed(()));
    }
    if T::__plain() {
        // SAFETY: a copy of a plain value is the same bytes.
        unsafe { ptr::copy_nonoverlapping(value, copy.as_mut_ptr(), 1) };
        return Ok(());
    }
    let queued = engine.queue.len();
    let frame = Frame::enter(engine);
    let waiting = engine.waiting.len();
    let filled = engine.filled.len();
    let edges = engine.edges;
    // SAFETY: `copy` has room for a `T`.
    let placed = unsafe { value.__place(copy.as_mut_ptr().cast(), engine) };
    let finished = placed.and_then(|()| {
        engine.run_queue(queued)?;
        engine.fill_waiting(waiting)?;
        if engine.edges == edges {
            return Ok(());
        }
        // SAFETY: the value is placed and nobody else has it.
        let value = unsafe { PlacedValue::new(copy.as_mut_ptr()) };
        match engine.show(value)? {
            Verdict::Finished => {
                engine.keep_filled(filled);
                Ok(())
            }
            Verdict::Unfinished => Err(engine.fail_incomplete(core::any::type_name::<T>())),
        }
    });
    frame.leave(engine);
    if placed.is_ok() && finished.is_err() {
        engine.dispose(|sweep| {
            // SAFETY: the value is placed and is not used after this.
            unsafe { sweep.value(copy.as_mut_ptr()) }
        });
    }
    finished
}

/// What changes while user code has the word.
struct Frame {
    doubts_unique: bool,
    locks_barred: bool,
    locks: u32,
    is_late: bool,
    floor: usize,
    place: Place,
}

impl Frame {
    fn enter(engine: &mut Engine<'_>) -> Self {
        let frame = Self {
            doubts_unique: engine.doubts_unique,
            locks_barred: engine.locks_barred,
            locks: engine.locks,
            is_late: engine.is_late,
            floor: engine.floor,
            place: engine.place,
        };
        engine.is_late = false;
        engine.floor = engine.queue.len();
        engine.doubts_unique = true;
        engine.place = Place::ASIDE;
        // Under a lock nothing can be put off until it is released, since the code that holds it waits for the value.
        engine.locks_barred |= engine.locks > 0;
        engine.locks = 0;
        frame
    }

    fn leave(self, engine: &mut Engine<'_>) {
        engine.doubts_unique = self.doubts_unique;
        engine.locks_barred = self.locks_barred;
        engine.locks = self.locks;
        engine.is_late = self.is_late;
        engine.floor = self.floor;
        engine.place = self.place;
    }
}

/// `Into<Error>`, with a message of its own where there is none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the error of a copy",
    label = "the error of this function does not become a `deepclone::Error`",
    note = "write `impl From<{Self}> for deepclone::Error`, with `deepclone::Error::custom` where `{Self}` is a `std::error::Error`"
)]
pub trait CopyError {
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Error>> CopyError for E {
    #[inline]
    fn into_error(self) -> Error {
        self.into()
    }
}

/// Runs a user's copy function and turns its error into ours.
///
/// # Errors
///
/// What the function returns.
#[inline]
pub fn call_by_hand<'a, 'op, T, E: CopyError>(
    copy: impl FnOnce(&'a T, &'a mut Cloner<'op>) -> Result<T, E>,
    source: &'a T,
    cloner: &'a mut Cloner<'op>,
) -> Result<T, Error> {
    copy(source, cloner).map_err(CopyError::into_error)
}

/// A copy function as generated code hands it over.
type Copy<T> = for<'a, 'op> fn(&'a T, &'a mut Cloner<'op>) -> Result<T, Error>;

/// Places what a user's function makes. Shared by types and fields written by hand.
///
/// # Safety
///
/// `dst` has room for a `T`.
pub unsafe fn place_try_with<T>(
    source: &T,
    dst: *mut u8,
    engine: &mut Engine<'_>,
    copy: Copy<T>,
) -> Placed {
    if engine.has_failed() {
        return Err(Failed(()));
    }
    #[cfg(feature = "rayon")]
    if engine.is_member() {
        return Err(engine.stop());
    }
    engine.before_hand()?;
    engine.hands.push(core::any::type_name::<T>);
    let made = with_room(
        engine,
        |engine| &mut engine.stack,
        |engine| {
            let pointer: *mut Engine<'_> = engine;
            let mut cloner = Cloner {
                engine: pointer,
                called_from: Mark::here(),
                _brand: PhantomData,
            };
            engine.expose(Exposure::User);
            unwind::catch(|| copy(source, &mut cloner))
        },
    );
    let placed = match made {
        Ok(Ok(value)) => {
            if engine.has_failed() {
                // It was swallowed; what was made is finished all the same.
                engine.bury(Grave::new(value));
                Err(Failed(()))
            } else {
                // SAFETY: `dst` has room for a `T`.
                unsafe { dst.cast::<T>().write(value) };
                Ok(())
            }
        }
        Ok(Err(error)) => Err(engine.fail_by_hand(error, core::any::type_name::<T>())),
        Err(payload) => Err(engine.fail_by_panic(payload)),
    };
    engine.hands.pop();
    placed
}

/// Places a value of a type written by hand.
///
/// # Safety
///
/// `dst` has room for a `T`.
pub unsafe fn place_by_hand<T: DeepClone>(
    source: &T,
    dst: *mut u8,
    engine: &mut Engine<'_>,
    copy: Copy<T>,
) -> Placed {
    // SAFETY: passed on.
    unsafe { place_try_with(source, dst, engine, copy) }
}

/// How to reserve a pointee that is written by hand: with no strong count while its copy runs, so that nobody can upgrade a weak handle.
pub struct ByHand(&'static Makers);

/// What makes such a pointee.
struct Makers {
    rc: Make,
    arc: Make,
    /// The same for one that lies in a `RefCell`.
    in_cell: Option<&'static Makers>,
}

type Make = unsafe fn(*const u8, &mut Engine<'_>, u32) -> Result<*mut u8, Failed>;

struct MakersOf<T>(PhantomData<T>);

impl<T: DeepClone> MakersOf<T> {
    const ALONE: &'static Makers = &Makers {
        rc: in_rc::<T>,
        arc: in_arc::<T>,
        in_cell: None,
    };
    const WITH_CELL: &'static Makers = &Makers {
        in_cell: Some(MakersOf::<RefCell<T>>::ALONE),
        ..*Self::ALONE
    };
}

macro_rules! in_new_cyclic {
    ($name:ident, $pointer:ident, $across_threads:literal) => {
        /// # Safety
        ///
        /// `source` is a `T` that is borrowed, and the entry is its own.
        unsafe fn $name<T: DeepClone>(
            source: *const u8,
            engine: &mut Engine<'_>,
            entry: u32,
        ) -> Result<*mut u8, Failed> {
            let mut placed = Err(Failed(()));
            let made = unwind::or_leave(|leave| {
                $pointer::<MaybeUninit<T>>::new_cyclic(|weak| {
                    engine.entered_by_hand(entry, weak.as_ptr().cast_mut().cast());
                    let mut value = MaybeUninit::<T>::uninit();
                    let dst = value.as_mut_ptr().cast();
                    // SAFETY: `source` is a borrowed `T`, `value` has room for one.
                    placed = unsafe { (*source.cast::<T>()).__place(dst, engine) };
                    if placed.is_err() && $across_threads {
                        // Another thread may be waiting to upgrade a weak handle: it must not come to that.
                        leave.leave();
                    }
                    value
                })
            });
            // Where a failure leaves it uninitialised, dropping it frees the memory alone.
            placed?;
            made.map(|made| $pointer::into_raw(made).cast_mut().cast())
                .ok_or(Failed(()))
        }
    };
}

in_new_cyclic!(in_rc, Rc, false);
in_new_cyclic!(in_arc, Arc, true);

impl ByHand {
    /// For the type `T`.
    #[must_use]
    #[inline]
    pub fn of<T: DeepClone>() -> Self {
        Self(MakersOf::<T>::WITH_CELL)
    }

    /// For the `RefCell` that such a type lies in.
    pub(crate) fn in_cell(self) -> Option<Self> {
        self.0.in_cell.map(Self)
    }

    /// Makes the pointee; the result is a strong count on it.
    pub(crate) fn in_new_cyclic(
        &self,
        across_threads: bool,
        source: Erased,
        engine: &mut Engine<'_>,
        entry: u32,
    ) -> Result<*mut u8, Failed> {
        let make = if across_threads {
            self.0.arc
        } else {
            self.0.rc
        };
        // SAFETY: it was given by the source's own pointee; E2.
        unsafe { make(source.data.cast(), engine, entry) }
    }
}

/// Places a copy by `Clone`.
///
/// # Safety
///
/// `dst` has room for an `F`.
pub unsafe fn place_clone<F: Clone>(source: &F, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
    let from = ptr::from_ref(source).cast();
    // SAFETY: passed on.
    unsafe { place_made(from, dst, engine, |engine| engine.user(|| source.clone())) }
}

/// Places what a user's function makes of nothing.
///
/// # Safety
///
/// `dst` has room for an `F`.
pub unsafe fn place_default<F>(dst: *mut u8, engine: &mut Engine<'_>, make: fn() -> F) -> Placed {
    let from = make as *const ();
    // SAFETY: passed on.
    unsafe { place_made(from, dst, engine, |engine| engine.user(make)) }
}

/// Places what a user's function makes of the source.
///
/// # Safety
///
/// `dst` has room for an `F`.
pub unsafe fn place_with<F>(
    source: &F,
    dst: *mut u8,
    engine: &mut Engine<'_>,
    copy: fn(&F) -> F,
) -> Placed {
    let from = ptr::from_ref(source).cast();
    // SAFETY: passed on.
    unsafe { place_made(from, dst, engine, |engine| engine.user(|| copy(source))) }
}

/// Places what user code makes of the source at `from`, unless it was made before, on a thread that had to leave its work.
///
/// # Safety
///
/// `dst` has room for an `F`.
pub(crate) unsafe fn place_made<F>(
    from: *const (),
    dst: *mut u8,
    engine: &mut Engine<'_>,
    make: impl FnOnce(&mut Engine<'_>) -> Result<F, Failed>,
) -> Placed {
    #[cfg(feature = "rayon")]
    // SAFETY: passed on.
    if let Some(placed) = unsafe { engine.place_kept::<F>(from, dst) } {
        return placed;
    }
    #[cfg(not(feature = "rayon"))]
    let _ = from;
    engine.before_user()?;
    let value = make(engine)?;
    if engine.has_failed() {
        engine.bury(Grave::new(value));
        return Err(Failed(()));
    }
    // SAFETY: `dst` has room for an `F`.
    unsafe { dst.cast::<F>().write(value) };
    #[cfg(feature = "rayon")]
    // SAFETY: it was written.
    unsafe {
        engine.note_made::<F>(from, dst);
    }
    Ok(())
}
