//! A recording of one value in memory: the whole data model of serde, nothing merged and nothing lost.

pub(crate) mod access;
pub(crate) mod compound;
pub(crate) mod cursor;
pub(crate) mod enums;
pub(crate) mod key;
mod lenient;
pub(crate) mod numbers;
pub(crate) mod readable;
pub(crate) mod reader;
pub(crate) mod record;
#[cfg(any(feature = "bincode", feature = "postcard", feature = "rmp-serde"))]
pub(crate) mod replay;
pub(crate) mod request;
mod runs;
pub(crate) mod shapes;
pub(crate) mod token;
mod watch;
pub(crate) mod writer;

pub(crate) use cursor::Cursor;
pub(crate) use reader::Reader;
pub(crate) use writer::{Form, Limits, Recording, in_place};
