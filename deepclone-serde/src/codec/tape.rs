//! The default codec: no bytes in between.

use crate::codec::{Codec, sealed::Sealed};
use crate::depth;
use crate::error::{Error, ErrorKind};
use crate::fault::Fault;
use crate::job::Job;
use crate::path::Trail;
use crate::shared;
use crate::tape::Reader;
use crate::tape::reader::Fields;
use serde::de::DeserializeOwned;

/// Reads the in-memory recording itself, which keeps the whole data model of serde.
///
/// # Examples
///
/// ```
/// use deepclone_serde::{Tape, copy_with};
///
/// let source = (Some(None::<u8>), 'x', f64::NAN.to_bits());
/// assert_eq!(copy_with(Tape, &source).unwrap(), source);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tape;

impl Sealed for Tape {}

/// What a pass over the recording ended with.
enum Outcome<T> {
    Done(T),
    Failed(Error),
    /// Again, with the readable form at hand.
    Readable,
    /// Again, with stack for serde's buffers.
    Stack,
    /// Again, by field names; the struct that refused, if that is why.
    ByName(Option<u32>),
}

impl Codec for Tape {
    const NAME: &'static str = "tape";

    fn carry<T: DeserializeOwned>(&self, job: &mut Job<'_>) -> Result<T, Error> {
        let mut fields = Fields::InOrder;
        let mut readable = false;
        let mut stack = false;
        let mut suspect = None;
        loop {
            let outcome = if stack {
                let levels = job.scratch.compact.deepest;
                depth::with_room_to_buffer(levels, || pass(job, readable, fields, stack))
            } else {
                pass(job, readable, fields, stack)
            };
            match outcome {
                Outcome::Done(value) => {
                    if let Some(shape) = suspect {
                        job.scratch.compact.shapes.refuse(shape);
                    }
                    return Ok(value);
                }
                Outcome::Failed(error) => return Err(error),
                Outcome::Readable => {
                    job.record_readable()?;
                    readable = true;
                }
                Outcome::Stack => stack = true,
                Outcome::ByName(shape) => {
                    suspect = shape;
                    fields = Fields::ByName;
                }
            }
        }
    }
}

fn pass<T: DeserializeOwned>(
    job: &Job<'_>,
    readable: bool,
    fields: Fields,
    stack: bool,
) -> Outcome<T> {
    let recording = &job.scratch.compact;
    let twin = readable.then_some(&job.scratch.readable);
    shared::restart_reading();
    depth::with_room_to_drop(recording.deepest, || {
        let mut reader = Reader::new(recording, twin, fields);
        reader.has_stack = stack;
        let result = reader.read(std::marker::PhantomData::<T>);
        if reader.wants_stack && recording.deepest <= depth::BUFFERED_LEVELS {
            return Outcome::Stack;
        }
        if reader.wants_readable && !readable {
            return Outcome::Readable;
        }
        let failed = result.is_err() || reader.broken || reader.left() > 0;
        if fields == Fields::InOrder && !reader.wants_stack && (failed || reader.refused.is_some())
        {
            return Outcome::ByName(reader.refused);
        }
        match result {
            Ok(_) if failed => {
                let rest = Fault::new(ErrorKind::Leftover, "the target stopped reading");
                Outcome::Failed(Error::new(rest, &Trail::default(), Tape::NAME))
            }
            Ok(value) => Outcome::Done(value),
            Err(fault) => Outcome::Failed(Error::new(fault, &reader.trail, Tape::NAME)),
        }
    })
}
