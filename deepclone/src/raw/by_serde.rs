//! Fields that are copied through serde: for types that only offer `Serialize` and `Deserialize`.

use core::any::type_name;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::hand::place_made;
use super::traits::Placed;
use crate::Error;
use crate::cloner::Engine;

impl From<deepclone_serde::Error> for Error {
    /// An error of kind [`Custom`](crate::ErrorKind::Custom) with the other as its source.
    fn from(error: deepclone_serde::Error) -> Self {
        Self::custom(error)
    }
}

/// Places a copy made by `deepclone_serde::copy`.
///
/// # Safety
///
/// `dst` has room for an `F`.
pub unsafe fn place_serde<F: Serialize + DeserializeOwned>(
    source: &F,
    dst: *mut u8,
    engine: &mut Engine<'_>,
) -> Placed {
    let copy = |engine: &mut Engine<'_>| {
        engine
            .user(|| deepclone_serde::copy(source))?
            .map_err(|error| engine.fail_by_hand(error.into(), type_name::<F>()))
    };
    // SAFETY: passed on.
    unsafe { place_made(core::ptr::from_ref(source).cast(), dst, engine, copy) }
}
