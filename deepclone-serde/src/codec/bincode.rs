//! Bincode 2.0.1, by the crate `bincode`.

use crate::codec::encoded::through;
use crate::codec::{Codec, sealed::Sealed};
use crate::error::Error;
use crate::job::Job;
use bincode::config::standard;
use bincode::enc::write::Writer;
use bincode::error::EncodeError;
use serde::de::DeserializeOwned;

/// Goes through bincode 2.0.1 in its standard configuration.
///
/// The crate is unmaintained (RUSTSEC-2025-0141) and here for comparison and for those who have it anyway. It writes no names,
/// so a value that leaves fields out can come back wrong.
///
/// # Examples
///
/// ```
/// use deepclone_serde::{Bincode, copy_with};
///
/// let source = vec![("a".to_owned(), 1.5)];
/// assert_eq!(copy_with(Bincode, &source).unwrap(), source);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bincode;

impl Sealed for Bincode {}

struct Append<'a>(&'a mut Vec<u8>);

impl Writer for Append<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

impl Codec for Bincode {
    const NAME: &'static str = "bincode";

    fn carry<T: DeserializeOwned>(&self, job: &mut Job<'_>) -> Result<T, Error> {
        through(
            job,
            Self::NAME,
            |replay, buffer| bincode::serde::encode_into_writer(replay, Append(buffer), standard()),
            |root, bytes| {
                let (value, read) =
                    bincode::serde::seed_decode_from_slice(root, bytes, standard())?;
                Ok::<_, bincode::error::DecodeError>((value, bytes.len() - read))
            },
        )
    }
}
