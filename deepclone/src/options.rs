//! What a caller can ask of a [`Session`](crate::Session), and what it tells afterwards.

use core::time::Duration;

/// What to do about a lock that is held elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LockPolicy {
    /// Wait, as `Mutex::lock` does. A lock held by the calling thread itself then behaves as `Mutex::lock` documents.
    #[default]
    Block,
    /// Fail with [`ErrorKind::WouldBlock`](crate::ErrorKind::WouldBlock). A `RwLock` is read beside other readers.
    Try,
    /// Wait for so long, then fail.
    Timeout(Duration),
}

/// What to do about a poisoned lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum PoisonPolicy {
    /// Fail with [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned).
    #[default]
    Error,
    /// Copy the data as it is into a lock that is not poisoned.
    Recover,
}

/// What to do about shared immutable data: `str`, `Path`, `CStr`, `OsStr` and `[u8]` behind `Rc` or `Arc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ImmutablePolicy {
    /// Copy it, once for each allocation: nothing is shared with the source.
    #[default]
    Copy,
    /// Share it with the source, as `Clone` does.
    Share,
}

/// Limits and policies of a [`Session`](crate::Session).
///
/// # Examples
///
/// ```
/// use deepclone::{ErrorKind, Options, Session};
/// use std::rc::Rc;
///
/// let mut session = Session::with_options(Options::new().max_objects(1));
/// let error = session.deep_clone(&(Rc::new(1), Rc::new(2))).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::LimitExceeded);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Options {
    pub(crate) max_objects: u64,
    pub(crate) max_bytes: u64,
    pub(crate) max_depth: u64,
    pub(crate) locks: LockPolicy,
    pub(crate) poison: PoisonPolicy,
    pub(crate) immutable: ImmutablePolicy,
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// No limits, [`LockPolicy::Block`], [`PoisonPolicy::Error`], [`ImmutablePolicy::Copy`].
    pub const fn new() -> Self {
        Self {
            max_objects: u64::MAX,
            max_bytes: u64::MAX,
            max_depth: u64::MAX,
            locks: LockPolicy::Block,
            poison: PoisonPolicy::Error,
            immutable: ImmutablePolicy::Copy,
        }
    }

    /// At most so many `Rc` and `Arc` allocations over the life of the session, reservations for weak edges included.
    pub const fn max_objects(mut self, objects: usize) -> Self {
        self.max_objects = objects as u64;
        self
    }

    /// At most so many bytes: the pointees of `Rc` and `Arc`, and buffers by their length.
    pub const fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes as u64;
        self
    }

    /// At most so many `Box`, `Rc`, `Arc` and container boundaries on the first path that reaches a value. An owned text
    /// (`String`, `PathBuf`) is a value, and no container of bytes.
    pub const fn max_depth(mut self, depth: usize) -> Self {
        self.max_depth = depth as u64;
        self
    }

    /// What to do about a lock that is held.
    pub const fn locks(mut self, policy: LockPolicy) -> Self {
        self.locks = policy;
        self
    }

    /// What to do about a poisoned lock.
    pub const fn poison(mut self, policy: PoisonPolicy) -> Self {
        self.poison = policy;
        self
    }

    /// What to do about shared immutable data.
    pub const fn immutable(mut self, policy: ImmutablePolicy) -> Self {
        self.immutable = policy;
        self
    }
}

/// What the calls of a [`Session`](crate::Session) have done. Failed calls count nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub struct Stats {
    /// `Rc` and `Arc` allocations placed.
    pub objects: u64,
    /// Strong edges that found a copy, kept ones too.
    pub shared_edges: u64,
    /// Strong edges that found a copy that was not finished.
    pub cycles: u64,
    /// Pointees put off, because the stack was deep or a cell or lock was held.
    pub deferred: u64,
    /// Bytes of pointees, and of buffers by their length.
    pub bytes: u64,
}
