#![doc = include_str!("../README.md")]

mod codec;
mod copier;
mod copy;
mod depth;
pub mod docs;
mod error;
mod fault;
mod job;
mod path;
mod pool;
pub mod shared;
mod tape;
#[cfg(any(feature = "bincode", feature = "postcard", feature = "rmp-serde"))]
mod traced;
mod verify;

#[cfg(feature = "bincode")]
pub use codec::Bincode;
#[cfg(feature = "rmp-serde")]
pub use codec::MessagePack;
#[cfg(feature = "postcard")]
pub use codec::Postcard;
pub use codec::{Codec, Tape};
pub use copier::Copier;
pub use copy::{convert, copy, copy_into, copy_verified, copy_with};
pub use error::{Error, ErrorKind};
