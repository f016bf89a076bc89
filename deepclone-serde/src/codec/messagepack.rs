//! MessagePack, by the crate `rmp-serde`.

use crate::codec::encoded::through;
use crate::codec::{Codec, sealed::Sealed};
use crate::error::Error;
use crate::job::Job;
use serde::Serialize;
use serde::de::{DeserializeOwned, DeserializeSeed};

/// Goes through MessagePack with named fields. `Some(None)` and `None` are one and the same there.
///
/// # Examples
///
/// ```
/// use deepclone_serde::{MessagePack, copy_with};
///
/// let source = vec![("a".to_owned(), 1.5)];
/// assert_eq!(copy_with(MessagePack, &source).unwrap(), source);
/// assert_eq!(copy_with(MessagePack, &Some(None::<u8>)).unwrap(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessagePack;

impl Sealed for MessagePack {}

impl Codec for MessagePack {
    const NAME: &'static str = "messagepack";

    fn carry<T: DeserializeOwned>(&self, job: &mut Job<'_>) -> Result<T, Error> {
        through(
            job,
            Self::NAME,
            |replay, buffer| {
                let mut serializer = rmp_serde::Serializer::new(buffer).with_struct_map();
                replay.serialize(&mut serializer)
            },
            |root, bytes| {
                let mut deserializer = rmp_serde::Deserializer::new(bytes);
                deserializer.set_max_depth(usize::MAX);
                let value = root.deserialize(&mut deserializer)?;
                let left = deserializer.get_ref().len();
                Ok::<_, rmp_serde::decode::Error>((value, left))
            },
        )
    }
}
