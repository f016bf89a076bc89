//! Rows of borrowed values, copied to a vector in one operation.
#![cfg_attr(
    not(feature = "crossbeam-channel-0_5"),
    allow(
        unreachable_pub,
        reason = "what is public here is exported with that feature"
    )
)]

use alloc::vec::Vec;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr;

use super::place::undo_row;
#[cfg(feature = "crossbeam-channel-0_5")]
use super::root::run_in_session;
use super::root::{Root, run};
use super::traits::{DeepClone, Placed};
use crate::Error;
use crate::cloner::Engine;
use crate::path::Segment;

/// What a borrowed entry of a collection is copied to: `&T` to `T`, `(&K, &V)` to `(K, V)`. Sealed.
pub trait Piece: sealed::Piece {}

impl<P: sealed::Piece> Piece for P {}

pub(crate) mod sealed {
    use super::{DeepClone, Engine, Placed, Segment};

    /// # Safety
    ///
    /// As `DeepClone::__place`.
    pub unsafe trait Piece: Sized {
        type Copy: DeepClone;
        /// # Safety
        ///
        /// `dst` has room for a copy. On `Err` nothing is left there.
        unsafe fn place(&self, dst: *mut Self::Copy, engine: &mut Engine<'_>) -> Placed;
    }

    // SAFETY: passed on.
    unsafe impl<T: DeepClone> Piece for &T {
        type Copy = T;
        unsafe fn place(&self, dst: *mut T, engine: &mut Engine<'_>) -> Placed {
            // SAFETY: passed on.
            unsafe { (**self).__place(dst.cast(), engine) }
        }
    }

    // SAFETY: both or none are placed.
    unsafe impl<K: DeepClone, V: DeepClone> Piece for (&K, &V) {
        type Copy = (K, V);
        unsafe fn place(&self, dst: *mut (K, V), engine: &mut Engine<'_>) -> Placed {
            // SAFETY: a part of the room for both.
            let (key, value) = unsafe { (&raw mut (*dst).0, &raw mut (*dst).1) };
            // SAFETY: as above.
            if unsafe { self.0.__place(key.cast(), engine) }.is_err() {
                return Err(engine.at(Segment::Field("0")));
            }
            // SAFETY: as above.
            if unsafe { self.1.__place(value.cast(), engine) }.is_err() {
                engine.dispose(|sweep| {
                    // SAFETY: the key was placed and is not used after this.
                    unsafe { sweep.value(key) }
                });
                return Err(engine.at(Segment::Field("1")));
            }
            Ok(())
        }
    }
}

/// The type of a piece's copy.
pub(crate) type CopyOf<P> = <P as sealed::Piece>::Copy;

struct RootOf<P>(PhantomData<P>);

impl<P: Piece> RootOf<P> {
    const ROOT: &'static Root =
        &Root::new::<Vec<CopyOf<P>>>(place_pieces::<P>, core::any::type_name::<[CopyOf<P>]>);
}

/// # Safety
///
/// `source` is a `&[P]` and `dst` has room for a vector.
unsafe fn place_pieces<P: Piece>(
    source: *const u8,
    dst: *mut u8,
    engine: &mut Engine<'_>,
) -> Placed {
    // SAFETY: the caller gives a slice.
    let pieces = unsafe { *source.cast::<&[P]>() };
    let mut copy = Vec::<CopyOf<P>>::with_capacity(pieces.len());
    engine.charge_bytes::<Vec<CopyOf<P>>>(pieces.len() * size_of::<CopyOf<P>>())?;
    let first = copy.as_mut_ptr();
    for (index, piece) in pieces.iter().enumerate() {
        // SAFETY: within the room for all.
        if unsafe { piece.place(first.add(index), engine) }.is_err() {
            // SAFETY: so many were placed.
            return Err(unsafe { undo_row(first, index, engine) });
        }
    }
    // SAFETY: all were placed.
    unsafe { copy.set_len(pieces.len()) };
    // SAFETY: `dst` has room for a vector.
    unsafe { dst.cast::<Vec<CopyOf<P>>>().write(copy) };
    Ok(())
}

/// Copies a row in an operation of its own.
pub(crate) fn clone_pieces<P: Piece>(pieces: &[P]) -> Result<Vec<CopyOf<P>>, Error> {
    let mut copy = MaybeUninit::<Vec<CopyOf<P>>>::uninit();
    // SAFETY: the slice is borrowed, `copy` has room for a vector.
    unsafe {
        run(
            RootOf::<P>::ROOT,
            ptr::from_ref(&pieces).cast(),
            copy.as_mut_ptr().cast(),
        )
    }?;
    // SAFETY: it was placed, and the call has finished it.
    Ok(unsafe { copy.assume_init() })
}

/// Several rows, one identity. What has one owner only needs no memory of its own here.
#[cfg(feature = "crossbeam-channel-0_5")]
pub(crate) struct Rows {
    engine: Engine<'static>,
}

#[cfg(feature = "crossbeam-channel-0_5")]
impl Rows {
    pub(crate) fn new() -> Self {
        let mut engine = Engine::session(crate::Options::new());
        // Every piece is visited once, as in a single operation.
        engine.doubts_unique = false;
        Self { engine }
    }

    pub(crate) fn clone_pieces<P: Piece>(&mut self, pieces: &[P]) -> Result<Vec<CopyOf<P>>, Error> {
        let mut copy = MaybeUninit::<Vec<CopyOf<P>>>::uninit();
        // SAFETY: the slice is borrowed, `copy` has room for a vector.
        unsafe {
            run_in_session(
                &mut self.engine,
                RootOf::<P>::ROOT,
                ptr::from_ref(&pieces).cast(),
                copy.as_mut_ptr().cast(),
            )
        }?;
        // SAFETY: it was placed, and the call has finished it.
        Ok(unsafe { copy.assume_init() })
    }
}

#[cfg(feature = "crossbeam-channel-0_5")]
impl Drop for Rows {
    fn drop(&mut self) {
        self.engine.close();
    }
}
