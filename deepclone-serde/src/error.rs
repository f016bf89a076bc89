//! What a caller sees when a copy fails. Knows nothing of how a value is recorded.

use crate::fault::Fault;
use crate::path::Trail;
use std::fmt;

/// Upper bound on the message part of an error, so that a failure deep in a cycle stays small.
const MESSAGE_LIMIT: usize = 1_536;

/// Why a value could not be copied.
///
/// # Examples
///
/// ```
/// use deepclone_serde::{ErrorKind, convert};
///
/// let error = convert::<str, u32>("seven").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Deserialize);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The value's `Serialize`, or the codec, refused to write it.
    Serialize,
    /// The target's `Deserialize`, or the codec, refused what was written.
    Deserialize,
    /// Something was recorded that the target never read.
    Leftover,
    /// The value nests deeper than `max_depth`, or has a cycle.
    Depth,
    /// The recording would exceed `max_bytes`.
    Bytes,
    /// The copy does not record as its source does.
    Unfaithful,
}

/// A failed copy: its kind, the place in the value, the codec and the codec's own text.
///
/// # Examples
///
/// ```
/// use deepclone_serde::convert;
///
/// let error = convert::<_, Vec<u8>>(&[1_u32, 2, 300]).unwrap_err();
/// assert_eq!(error.path(), "[2]");
/// assert!(error.to_string().contains("300"));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    path: String,
    codec: &'static str,
    message: String,
}

impl Error {
    pub(crate) fn new(fault: Fault, trail: &Trail, codec: &'static str) -> Self {
        let (kind, mut message) = fault.into_parts();
        shorten(&mut message, MESSAGE_LIMIT);
        Self(Box::new(Inner {
            kind,
            path: trail.render(),
            codec,
            message,
        }))
    }

    /// The same error, met on the way through another codec.
    #[cfg(any(feature = "bincode", feature = "postcard", feature = "rmp-serde"))]
    pub(crate) fn through(mut self, codec: &'static str) -> Self {
        self.0.codec = codec;
        self
    }

    /// What went wrong.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone_serde::{Copier, ErrorKind};
    ///
    /// let error = Copier::new().max_bytes(8).copy(&[0_u64; 9]).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Bytes);
    /// ```
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Where in the value: fields, variants and map keys after dots, elements in brackets; empty at the root.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone_serde::convert;
    /// use std::collections::BTreeMap;
    ///
    /// let source = BTreeMap::from([("left", [1, 2])]);
    /// let error = convert::<_, BTreeMap<String, Vec<bool>>>(&source).unwrap_err();
    /// assert_eq!(error.path(), "left[0]");
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The name of the codec that was in use.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone_serde::convert;
    ///
    /// assert_eq!(convert::<_, bool>(&1).unwrap_err().codec(), "tape");
    /// ```
    #[must_use]
    pub fn codec(&self) -> &'static str {
        self.0.codec
    }

    /// The text of the codec or of the value's own code, without kind and path.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone_serde::convert;
    ///
    /// let error = convert::<_, bool>(&1).unwrap_err();
    /// assert!(error.message().contains("expected a boolean"));
    /// ```
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.0.kind {
            ErrorKind::Serialize => "cannot write",
            ErrorKind::Deserialize => "cannot read back",
            ErrorKind::Leftover => "never read",
            ErrorKind::Depth => "too deep",
            ErrorKind::Bytes => "too large",
            ErrorKind::Unfaithful => "copy differs",
        };
        let place = if self.0.path.is_empty() {
            "the root"
        } else {
            &self.0.path
        };
        write!(
            f,
            "{what} at {place}: {} ({})",
            self.0.message, self.0.codec
        )
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("path", &self.0.path)
            .field("codec", &self.0.codec)
            .field("message", &self.0.message)
            .finish()
    }
}

impl std::error::Error for Error {}

/// Cuts `text` to at most `limit` bytes on a character boundary and marks the cut.
pub(crate) fn shorten(text: &mut String, limit: usize) {
    if text.len() > limit {
        let mut end = limit;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
}
