//! How a recording becomes a value again: straight from the tape, or through the bytes of a published format.

#[cfg(feature = "bincode")]
mod bincode;
#[cfg(any(feature = "bincode", feature = "postcard", feature = "rmp-serde"))]
mod encoded;
#[cfg(feature = "rmp-serde")]
mod messagepack;
#[cfg(feature = "postcard")]
mod postcard;
mod tape;

#[cfg(feature = "bincode")]
pub use self::bincode::Bincode;
#[cfg(feature = "rmp-serde")]
pub use self::messagepack::MessagePack;
#[cfg(feature = "postcard")]
pub use self::postcard::Postcard;
pub use self::tape::Tape;

use crate::error::Error;
use crate::job::Job;
use serde::de::DeserializeOwned;

pub(crate) mod sealed {
    /// Keeps the set of codecs ours, for each has to keep the limits and report places.
    pub trait Sealed {}
}

/// A way for a recorded value to become a value again. Sealed: the codecs of this crate.
///
/// # Examples
///
/// ```
/// use deepclone_serde::{Codec, Tape, copy_with};
///
/// fn through<C: Codec>(codec: C) -> Vec<u32> {
///     copy_with(codec, &vec![1, 2, 3]).unwrap()
/// }
/// assert_eq!(through(Tape), [1, 2, 3]);
/// ```
pub trait Codec: Clone + Default + Send + sealed::Sealed {
    /// The name of the codec in errors.
    const NAME: &'static str;

    /// Makes a value from what `job` has recorded.
    #[doc(hidden)]
    fn carry<T: DeserializeOwned>(&self, job: &mut Job<'_>) -> Result<T, Error>;
}
