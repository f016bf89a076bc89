//! [`Error`]: why a deep clone could not be made, where, and what to do about it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

/// The cause behind an error, shared between the copies of it that an operation hands out.
pub(crate) type Cause = Arc<dyn core::error::Error + Send + Sync>;

/// Why a value could not be deep-cloned.
///
/// One pointer wide, `Send`, `Sync` and `'static`. Its `Display` says what happened, at which path and to which type, and
/// ends in a line that begins with `help:`.
///
/// # Examples
///
/// ```
/// use deepclone::{DeepClone, ErrorKind};
/// use std::cell::RefCell;
///
/// #[derive(DeepClone, Debug)]
/// struct Scene {
///     nodes: Vec<RefCell<u32>>,
/// }
///
/// let scene = Scene { nodes: vec![RefCell::new(1), RefCell::new(2)] };
/// let guard = scene.nodes[1].borrow_mut();
/// let error = scene.try_deep_clone().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::AlreadyBorrowed);
/// assert_eq!(error.path(), "Scene.nodes[1]");
/// # drop(guard);
/// ```
pub struct Error {
    pub(crate) inner: Box<Inner>,
}

#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) kind: ErrorKind,
    pub(crate) path: String,
    pub(crate) type_name: &'static str,
    pub(crate) cause: Option<Cause>,
    /// Which failure of which operation this tells of; 0 for an error that no operation has made.
    pub(crate) failure: usize,
    /// What is said instead of what the kind says.
    pub(crate) told: Option<&'static Told>,
}

/// A failure that is not what most of its kind are.
pub(crate) struct Told {
    what: &'static str,
    help: &'static str,
}

impl Told {
    /// `keep` came too late.
    pub(crate) const COPIED: &Self = &Self {
        what: "this allocation was copied already, and its copy lives",
        help: "call `keep` before the first clone that reaches it, or drop the copy",
    };
    /// A map has no room for two of its keys.
    pub(crate) const KEYS_EQUAL: &Self = &Self {
        what: "two keys of a map are equal in the copy",
        help: "don't change keys in maps; and where keys read a `Weak`, put what owns its target before the map, \
               or the map into a `RefCell`, `Mutex` or `RwLock`",
    };
    /// A key was hashed or compared before the strong edge to what its `Weak` leads to had come.
    pub(crate) const KEY_DANGLED: &Self = &Self {
        what: "a map's key has a `Weak` that did not lead anywhere yet when the key was hashed or compared",
        help: "put what owns its target before the map, or the map into a `RefCell`, `Mutex` or `RwLock`",
    };
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A `RefCell` was mutably borrowed.
    AlreadyBorrowed,
    /// A lock was poisoned, and [`PoisonPolicy::Error`](crate::PoisonPolicy::Error) was in force.
    Poisoned,
    /// A lock was held elsewhere, and the [`LockPolicy`](crate::LockPolicy) or the place of the copy did not allow to wait.
    WouldBlock,
    /// A limit of [`Options`](crate::Options) was exceeded.
    LimitExceeded,
    /// Code written by hand would have seen a copy that is not finished.
    Incomplete,
    /// A key of a map lies on a cycle with the map, in a way that hashing or comparing it can't survive.
    KeyInCycle,
    /// Code written by hand returned an error of its own.
    Custom,
}

impl ErrorKind {
    fn what(self) -> &'static str {
        match self {
            Self::AlreadyBorrowed => "a cell is mutably borrowed",
            Self::Poisoned => "a lock is poisoned",
            Self::WouldBlock => "a lock is held",
            Self::LimitExceeded => "a limit was exceeded",
            Self::Incomplete => "a copy written by hand would see an unfinished value",
            Self::KeyInCycle => "a map's key depends on the map itself",
            Self::Custom => "a copy written by hand failed",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::AlreadyBorrowed => "end the mutable borrow before the clone",
            Self::Poisoned => {
                "clone with `Options::poison(PoisonPolicy::Recover)` if the data is usable all the same"
            }
            Self::WouldBlock => {
                "release the lock before the clone, or allow waiting with `Options::locks(LockPolicy::Block)`; \
                 a copy written by hand as the content of a lock can't take another lock: put the inner lock behind a derived type"
            }
            Self::LimitExceeded => "raise the limit in `Options`, or clone a smaller part",
            Self::Incomplete => {
                "derive `DeepClone` for this type and write only the odd field by hand (`with`, `try_with`), \
                 derive the type that holds the `Weak`, break the strong cycle through it, \
                 or put the field that owns it before any field that leads to it by a `Weak`"
            }
            Self::KeyInCycle => {
                "put the map into a `RefCell`, `Mutex` or `RwLock`, and hash the key by something that does not read the map"
            }
            Self::Custom => "see the source of this error",
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, type_name: &'static str) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                path: String::new(),
                type_name,
                cause: None,
                failure: 0,
                told: None,
            }),
        }
    }

    /// An error of one's own, for a copy written by hand: of kind [`ErrorKind::Custom`].
    ///
    /// Write `impl From<MyError> for deepclone::Error` with this, and `?` works in `try_with` functions.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone::{Error, ErrorKind};
    /// use std::error::Error as _;
    ///
    /// let error = Error::custom("the texture is on the GPU");
    /// assert_eq!(error.kind(), ErrorKind::Custom);
    /// assert_eq!(error.source().unwrap().to_string(), "the texture is on the GPU");
    /// ```
    pub fn custom(cause: impl Into<Box<dyn core::error::Error + Send + Sync>>) -> Self {
        let mut error = Self::new(ErrorKind::Custom, "");
        error.inner.cause = Some(Arc::from(cause.into()));
        error
    }

    /// The kind of failure.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(deepclone::Error::custom("no").kind(), deepclone::ErrorKind::Custom);
    /// ```
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// Where it happened, such as `Scene.nodes[3].parent`; below work that was put off it starts with `…`.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone::DeepClone;
    ///
    /// let cells = (1, std::cell::RefCell::new(2));
    /// let _guard = cells.1.borrow_mut();
    /// assert_eq!(cells.try_deep_clone().unwrap_err().path(), "(_, _).1");
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        &self.inner.path
    }

    /// The type at the end of the path; for [`ErrorKind::Incomplete`] the type written by hand.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone::DeepClone;
    ///
    /// let cell = std::cell::RefCell::new(2);
    /// let _guard = cell.borrow_mut();
    /// assert!(cell.try_deep_clone().unwrap_err().type_name().contains("RefCell"));
    /// ```
    #[must_use]
    pub fn type_name(&self) -> &str {
        self.inner.type_name
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            path,
            type_name,
            cause,
            told,
            ..
        } = &*self.inner;
        let what = told.map_or(kind.what(), |told| told.what);
        write!(f, "deep clone failed: {what}")?;
        if !path.is_empty() {
            write!(f, " at `{path}`")?;
        }
        if !type_name.is_empty() {
            write!(f, " (type `{type_name}`)")?;
        }
        if let Some(cause) = cause {
            write!(f, ": {cause}")?;
        }
        let help = told.map_or(kind.help(), |told| told.help);
        write!(f, "\nhelp: {help}")
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.inner.kind)
            .field("path", &self.inner.path)
            .field("type_name", &self.inner.type_name)
            .field("source", &self.inner.cause)
            .finish()
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.inner.cause.as_deref().map(|cause| {
            let cause: &(dyn core::error::Error + 'static) = cause;
            cause
        })
    }
}
