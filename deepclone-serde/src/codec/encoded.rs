//! What the byte codecs have in common: the recording is written in the format and read back under trace, so that limits,
//! places and stack hold for every format.

use crate::codec::{Codec, Tape};
use crate::depth;
use crate::error::{Error, ErrorKind};
use crate::fault::Fault;
use crate::job::Job;
use crate::path::Trail;
use crate::shared;
use crate::tape::replay::Replay;
use crate::traced::{Trace, TracedDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer};
use std::fmt::Display;
use std::marker::PhantomData;

/// How many levels of a format may end in serde's buffers: rmp-serde, the only one here that fills them, writes no more.
const FORMAT_LEVELS: usize = 1_200;

/// Asks for a `T` from a deserializer under trace.
pub(super) struct Root<'t, T> {
    trace: &'t Trace,
    failure: &'t mut Option<Fault>,
    kind: PhantomData<T>,
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Root<'_, T> {
    /// Nothing if it failed; the failure is kept whole beside it.
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<Option<T>, D::Error> {
        match T::deserialize(TracedDeserializer::new(inner, self.trace)) {
            Ok(value) => Ok(Some(value)),
            Err(fault) => {
                *self.failure = Some(fault);
                Ok(None)
            }
        }
    }
}

/// Goes through a format: `encode` writes to a buffer, `decode` reads with a seed and tells how many bytes it left.
pub(super) fn through<T, W, R, EW, ER>(
    job: &mut Job<'_>,
    codec: &'static str,
    encode: W,
    decode: R,
) -> Result<T, Error>
where
    T: DeserializeOwned,
    W: FnOnce(&Replay<'_>, &mut Vec<u8>) -> Result<(), EW>,
    R: FnOnce(Root<'_, T>, &[u8]) -> Result<(Option<T>, usize), ER>,
    EW: Display,
    ER: Display,
{
    let fail =
        |kind, message: String, trail: &Trail| Error::new(Fault::new(kind, message), trail, codec);
    let recording = &job.scratch.compact;
    let encoded = &mut job.scratch.encoded;
    encoded.clear();
    let replay = Replay::new(recording);
    if let Err(error) = encode(&replay, encoded) {
        let trail = replay.into_trail();
        return Err(fail(ErrorKind::Serialize, error.to_string(), &trail));
    }
    let limit = job.limits.max_bytes;
    if encoded.len() > limit {
        let message = format!("{} bytes of {codec}, {limit} allowed", encoded.len());
        return Err(fail(ErrorKind::Bytes, message, &Trail::default()));
    }
    shared::restart_reading();
    let read = || {
        let trace = Trace::default();
        let mut failure = None;
        let root = Root {
            trace: &trace,
            failure: &mut failure,
            kind: PhantomData,
        };
        let decoded = decode(root, encoded);
        if let Some(fault) = failure {
            return Err(Error::new(fault, &trace.into_trail(), codec));
        }
        match decoded {
            Ok((Some(value), 0)) => Ok(value),
            Ok((_, left)) => {
                let message = format!("{left} bytes are left");
                Err(fail(ErrorKind::Leftover, message, &Trail::default()))
            }
            Err(error) => {
                let trail = trace.into_trail();
                Err(fail(ErrorKind::Deserialize, error.to_string(), &trail))
            }
        }
    };
    let levels = recording.deepest;
    let read = depth::with_room_to_drop(levels, || {
        depth::with_room_to_buffer(levels.min(FORMAT_LEVELS), read)
    });
    read.map_err(|error| unread::<T>(job, codec).unwrap_or(error))
}

/// The place of what the target does not read, if that is why it failed: a format sees at most that something is wrong behind it,
/// the tape sees where.
#[cold]
fn unread<T: DeserializeOwned>(job: &mut Job<'_>, codec: &'static str) -> Option<Error> {
    let levels = job.scratch.compact.deepest;
    let error = depth::with_room_to_drop(levels, || Tape.carry::<T>(job).err())?;
    (error.kind() == ErrorKind::Leftover).then(|| error.through(codec))
}
