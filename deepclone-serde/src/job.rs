//! One copy on its way: the source, the buffers, the limits. Codecs get a job and make the value from it.

use crate::error::Error;
use crate::path::Trail;
use crate::pool::Scratch;
use crate::shared::{self, Ended};
use crate::tape::{Form, Limits, Recording, in_place};
use serde::Serialize;

type Source<'j> = dyn Fn(&mut Recording) -> Result<(), crate::fault::Fault> + 'j;

/// One copy on its way.
pub struct Job<'j> {
    pub(crate) scratch: &'j mut Scratch,
    pub(crate) limits: Limits,
    source: &'j Source<'j>,
    codec: &'static str,
}

impl<'j> Job<'j> {
    /// Records the compact form of what `source` writes.
    pub(crate) fn start(
        scratch: &'j mut Scratch,
        limits: Limits,
        codec: &'static str,
        source: &'j Source<'j>,
    ) -> Result<Self, Error> {
        record(&mut scratch.compact, Form::Compact, limits, codec, source)?;
        Ok(Self {
            scratch,
            limits,
            source,
            codec,
        })
    }

    /// Records the readable form beside it.
    pub(crate) fn record_readable(&mut self) -> Result<(), Error> {
        let recording = self.scratch.readable.recording_mut();
        record(
            recording,
            Form::Readable,
            self.limits,
            self.codec,
            self.source,
        )?;
        self.scratch
            .readable
            .pair_with(&self.scratch.compact)
            .map_err(|fault| Error::new(fault, &Trail::default(), self.codec))
    }
}

/// Records what `source` writes, once more if an edge that came too early has to be turned round, and once more if weak edges
/// lead out of it.
fn record(
    recording: &mut Recording,
    form: Form,
    limits: Limits,
    codec: &'static str,
    source: &Source<'_>,
) -> Result<(), Error> {
    let mut forbidden = Vec::new();
    loop {
        recording.start(form, limits);
        recording.forbid(std::mem::take(&mut forbidden));
        shared::restart_writing();
        let mut written = source(recording);
        if written.is_ok() && recording.failed {
            written = Err(recording.swallowed());
        }
        written = written.and_then(|()| recording.check_size());
        if let Err(fault) = written {
            return Err(Error::new(fault, &recording.trail, codec));
        }
        match shared::finish_writing(recording) {
            Ended::Complete => return Ok(()),
            Ended::Again(plain) => forbidden = plain,
            Ended::InPlace(name) => {
                return Err(Error::new(in_place(name), &recording.trail, codec));
            }
        }
    }
}

/// Records `value` alone.
pub(crate) fn record_value<T: ?Sized + Serialize>(
    recording: &mut Recording,
    limits: Limits,
    codec: &'static str,
    value: &T,
) -> Result<(), Error> {
    record(recording, Form::Compact, limits, codec, &|recording| {
        value.serialize(recording)
    })
}
