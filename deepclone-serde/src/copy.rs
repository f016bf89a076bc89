//! The functions that copy with the buffers of the thread.

use crate::codec::{Codec, Tape};
use crate::copier::Options;
use crate::error::Error;
use crate::pool::Loan;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Copies a value by writing it to an in-memory tape and reading it back.
///
/// # Examples
///
/// ```
/// let source = vec![(1, Some("one".to_owned())), (2, None)];
/// assert_eq!(deepclone_serde::copy(&source).unwrap(), source);
/// ```
///
/// # Errors
///
/// - [`Serialize`](crate::ErrorKind::Serialize): the value's `Serialize` returned an error.
/// - [`Deserialize`](crate::ErrorKind::Deserialize): the value's `Deserialize` did.
/// - [`Leftover`](crate::ErrorKind::Leftover): it did not read all that was written.
/// - [`Depth`](crate::ErrorKind::Depth): the value nests more than 500,000 levels deep, or has a cycle.
pub fn copy<T: Serialize + DeserializeOwned>(value: &T) -> Result<T, Error> {
    copy_with(Tape, value)
}

/// Copies a value through `codec`.
///
/// # Examples
///
/// ```
/// use deepclone_serde::{Tape, copy_with};
///
/// assert_eq!(copy_with(Tape, &[1.5, 2.5]).unwrap(), [1.5, 2.5]);
/// ```
///
/// # Errors
///
/// Those of [`copy`], and what the codec adds: a byte format that can't keep a value answers with
/// [`Serialize`](crate::ErrorKind::Serialize) or [`Deserialize`](crate::ErrorKind::Deserialize).
pub fn copy_with<C: Codec, T: Serialize + DeserializeOwned>(
    codec: C,
    value: &T,
) -> Result<T, Error> {
    Options::default().carry(&codec, &mut Loan::take(), value)
}

/// Replaces `target` by a copy of `source`; `target` stays as it is when that fails.
///
/// # Examples
///
/// ```
/// let mut target = vec![0];
/// deepclone_serde::copy_into(&vec![1, 2], &mut target).unwrap();
/// assert_eq!(target, [1, 2]);
/// ```
///
/// # Errors
///
/// Those of [`copy`].
pub fn copy_into<T: Serialize + DeserializeOwned>(source: &T, target: &mut T) -> Result<(), Error> {
    *target = copy(source)?;
    Ok(())
}

/// Copies a value into another type, by the names of fields and variants.
///
/// # Examples
///
/// ```
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize)]
/// struct Old { name: &'static str, size: u8, color: u8 }
/// #[derive(Deserialize, PartialEq, Debug)]
/// struct New { size: u64, name: String }
///
/// let new: New = deepclone_serde::convert(&Old { name: "box", size: 3, color: 1 }).unwrap();
/// assert_eq!(new, New { size: 3, name: "box".into() });
/// ```
///
/// # Errors
///
/// Those of [`copy`]; a missing field, or an unknown one where the target denies these, is named.
pub fn convert<A: ?Sized + Serialize, B: DeserializeOwned>(value: &A) -> Result<B, Error> {
    Options::default().carry(&Tape, &mut Loan::take(), value)
}

/// Copies a value, records the copy as well and compares the two recordings.
///
/// Maps are compared by key, sequences without regard to order where only the order differs, floats by their bits. What is
/// in neither recording, such as a field under `#[serde(skip)]`, can't be seen.
///
/// # Examples
///
/// ```
/// use deepclone_serde::{ErrorKind, copy_verified};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Debug)]
/// struct Door { #[serde(skip_deserializing)] open: bool }
///
/// let error = copy_verified(&Door { open: true }).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Unfaithful);
/// assert_eq!(error.path(), "open");
/// ```
///
/// # Errors
///
/// Those of [`copy`], and [`Unfaithful`](crate::ErrorKind::Unfaithful) with the path of the first difference.
pub fn copy_verified<T: Serialize + DeserializeOwned>(value: &T) -> Result<T, Error> {
    Options::default().carry_verified(&Tape, &mut Loan::take(), value)
}
