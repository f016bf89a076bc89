//! Postcard, by the crate `postcard`.

use crate::codec::encoded::through;
use crate::codec::{Codec, sealed::Sealed};
use crate::error::Error;
use crate::job::Job;
use serde::de::{DeserializeOwned, DeserializeSeed};

/// Goes through postcard. Like bincode it writes no names, so a value that leaves fields out can come back wrong.
///
/// # Examples
///
/// ```
/// use deepclone_serde::{Postcard, copy_with};
///
/// let source = vec![("a".to_owned(), 1.5)];
/// assert_eq!(copy_with(Postcard, &source).unwrap(), source);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Postcard;

impl Sealed for Postcard {}

impl Codec for Postcard {
    const NAME: &'static str = "postcard";

    fn carry<T: DeserializeOwned>(&self, job: &mut Job<'_>) -> Result<T, Error> {
        through(
            job,
            Self::NAME,
            |replay, buffer| {
                *buffer = postcard::to_extend(replay, std::mem::take(buffer))?;
                Ok::<_, postcard::Error>(())
            },
            |root, bytes| {
                let mut deserializer = postcard::Deserializer::from_bytes(bytes);
                let value = root.deserialize(&mut deserializer)?;
                let left = deserializer.finalize()?.len();
                Ok::<_, postcard::Error>((value, left))
            },
        )
    }
}
