//! A copy with options, and with buffers of its own.

use crate::codec::{Codec, Tape};
use crate::depth;
use crate::error::Error;
use crate::job::{Job, record_value};
use crate::pool::{Loan, Scratch};
use crate::shared::Scope;
use crate::tape::Limits;
use crate::verify;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a copy may use, and how far it is checked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    limits: Limits,
    verify: Verify,
}

/// Whether the copy is recorded again and compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Verify {
    #[default]
    No,
    Yes,
}

impl Options {
    pub(crate) fn carry<C, A, B>(
        self,
        codec: &C,
        scratch: &mut Scratch,
        value: &A,
    ) -> Result<B, Error>
    where
        C: Codec,
        A: ?Sized + Serialize,
        B: DeserializeOwned,
    {
        let _scope = Scope::enter(value);
        let source = |recording: &mut crate::tape::Recording| value.serialize(recording);
        let mut job = Job::start(scratch, self.limits, C::NAME, &source)?;
        codec.carry(&mut job)
    }

    pub(crate) fn carry_verified<C, T>(
        self,
        codec: &C,
        scratch: &mut Scratch,
        value: &T,
    ) -> Result<T, Error>
    where
        C: Codec,
        T: Serialize + DeserializeOwned,
    {
        let copy: T = self.carry(codec, scratch, value)?;
        let levels = scratch.compact.deepest;
        depth::with_room_to_drop(levels, move || {
            let _scope = Scope::enter(&copy);
            let mut again = Loan::take();
            record_value(&mut again.compact, self.limits, C::NAME, &copy)?;
            verify::compare(&scratch.compact, &again.compact, C::NAME)?;
            Ok(copy)
        })
    }
}

/// A codec, options and buffers for repeated use.
///
/// # Examples
///
/// ```
/// use deepclone_serde::{Copier, ErrorKind};
///
/// let mut copier = Copier::new().max_depth(2);
/// assert_eq!(copier.copy(&vec![vec![1]]).unwrap(), [[1]]);
/// let error = copier.copy(&vec![vec![vec![1]]]).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Depth);
/// ```
#[derive(Debug, Default)]
pub struct Copier<C = Tape> {
    codec: C,
    options: Options,
    scratch: Box<Scratch>,
}

impl Copier {
    /// A copier that reads the tape itself.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(deepclone_serde::Copier::new().copy(&7).unwrap(), 7);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::with_codec(Tape)
    }
}

impl<C: Codec> Copier<C> {
    /// A copier that goes through `codec`.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone_serde::{Copier, Tape};
    ///
    /// assert_eq!(Copier::with_codec(Tape).copy(&7).unwrap(), 7);
    /// ```
    #[must_use]
    pub fn with_codec(codec: C) -> Self {
        Self {
            codec,
            options: Options::default(),
            scratch: Box::default(),
        }
    }

    /// How many levels a value may have: fields, elements, map values, variant contents, `Some` and newtypes. 500,000
    /// unless set.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(deepclone_serde::Copier::new().max_depth(1).copy(&Some(Some(1))).is_err());
    /// ```
    #[must_use]
    pub fn max_depth(mut self, levels: usize) -> Self {
        self.options.limits.max_depth = levels;
        self
    }

    /// How many bytes the recording may have, and what a byte codec makes of it. Unlimited unless set.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(deepclone_serde::Copier::new().max_bytes(9).copy(&"0123456789".to_owned()).is_err());
    /// ```
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.options.limits.max_bytes = bytes;
        self
    }

    /// Whether each copy is recorded again and compared, as [`copy_verified`](crate::copy_verified) does.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(deepclone_serde::Copier::new().verify(true).copy(&'x').unwrap(), 'x');
    /// ```
    #[must_use]
    pub fn verify(mut self, verify: bool) -> Self {
        self.options.verify = if verify { Verify::Yes } else { Verify::No };
        self
    }

    /// Copies a value.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut copier = deepclone_serde::Copier::new();
    /// assert_eq!(copier.copy(&"a".to_owned()).unwrap(), "a");
    /// assert_eq!(copier.copy(&[1, 2]).unwrap(), [1, 2]);
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`copy`](crate::copy) and of the codec, and:
    ///
    /// - [`Bytes`](crate::ErrorKind::Bytes): the recording would exceed `max_bytes`.
    /// - [`Unfaithful`](crate::ErrorKind::Unfaithful): with `verify`, the copy differs.
    pub fn copy<T: Serialize + DeserializeOwned>(&mut self, value: &T) -> Result<T, Error> {
        let scratch = Settled(&mut self.scratch);
        match self.options.verify {
            Verify::No => self.options.carry(&self.codec, scratch.0, value),
            Verify::Yes => self.options.carry_verified(&self.codec, scratch.0, value),
        }
    }
}

/// Leaves the buffers clean, also after a panic in the value's code.
struct Settled<'s>(&'s mut Scratch);

impl Drop for Settled<'_> {
    fn drop(&mut self) {
        self.0.settle();
    }
}
