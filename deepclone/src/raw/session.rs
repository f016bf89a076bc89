//! [`Session`]: several roots, one identity.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr;

use super::entry::State;
use super::erased::Erased;
use super::root::{Root, run_in_session};
use super::shared::SharedPointer;
use super::traits::DeepClone;
use super::unwind;
use crate::Error;
use crate::cloner::Engine;
use crate::options::{Options, Stats};

/// Several roots that are cloned as one: what two of them reach is copied once, while its copy lives.
///
/// The sources may change and die between the calls. A failed call leaves nothing behind, and earlier copies stay known. Weak edges are
/// settled when their root's call ends. Strong and weak counts of the copies are exact when the session is dropped: until
/// then it owns weak counts on sources and copies.
///
/// # Examples
///
/// ```
/// use deepclone::Session;
/// use std::rc::Rc;
///
/// let shared = Rc::new(1);
/// let (a, b) = ((1, shared.clone()), (2, shared));
/// let mut session = Session::new();
/// let a2 = session.deep_clone(&a)?;
/// let b2 = session.deep_clone(&b)?;
/// assert!(Rc::ptr_eq(&a2.1, &b2.1));
/// # Ok::<(), deepclone::Error>(())
/// ```
pub struct Session {
    engine: Engine<'static>,
    _not_send: PhantomData<*const ()>,
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.engine.close();
    }
}

impl core::fmt::Debug for Session {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

impl Session {
    /// A session without limits.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(deepclone::Session::new().stats().objects, 0);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::with_options(Options::new())
    }

    /// A session with limits and policies.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone::{LockPolicy, Options, Session};
    ///
    /// let session = Session::with_options(Options::new().locks(LockPolicy::Try));
    /// assert_eq!(session.stats().bytes, 0);
    /// ```
    #[must_use]
    pub fn with_options(options: Options) -> Self {
        Self {
            engine: Engine::session(options),
            _not_send: PhantomData,
        }
    }

    /// Clones a root.
    ///
    /// # Errors
    ///
    /// Those of [`DeepClone::try_deep_clone`], and [`LimitExceeded`](crate::ErrorKind::LimitExceeded) and
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) as the options say.
    ///
    /// # Panics
    ///
    /// With whatever user code panics with. The session stays usable.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut session = deepclone::Session::new();
    /// assert_eq!(session.deep_clone(&vec![1, 2])?, [1, 2]);
    /// # Ok::<(), deepclone::Error>(())
    /// ```
    pub fn deep_clone<T: DeepClone>(&mut self, value: &T) -> Result<T, Error> {
        let mut copy = MaybeUninit::<T>::uninit();
        let root = const { &Root::of::<T>() };
        // SAFETY: `value` is borrowed, `copy` has room for a `T`.
        unsafe {
            run_in_session(
                &mut self.engine,
                root,
                ptr::from_ref(value).cast(),
                copy.as_mut_ptr().cast(),
            )
        }?;
        // SAFETY: it was placed, and the call has finished it.
        Ok(unsafe { copy.assume_init() })
    }

    /// Leaves this allocation shared between source and copies: edges to it, strong and weak and through whatever view, lead to
    /// the source.
    ///
    /// # Errors
    ///
    /// [`Incomplete`](crate::ErrorKind::Incomplete) if it was copied already, and its copy lives.
    ///
    /// # Panics
    ///
    /// With what the copy's `Drop` panics with, if another thread lets go of it while this looks whether it lives.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// let font = Rc::new("Inter".to_string());
    /// let page = vec![font.clone()];
    /// let mut session = deepclone::Session::new();
    /// session.keep(&font)?;
    /// assert!(Rc::ptr_eq(&session.deep_clone(&page)?[0], &font));
    /// # Ok::<(), deepclone::Error>(())
    /// ```
    pub fn keep<P: SharedPointer>(&mut self, source: &P) -> Result<(), Error> {
        let target = source.target();
        self.engine.begin_call();
        match self.engine.keep(target.key, target.source, target.pointee) {
            Ok(()) => Ok(()),
            Err(_) => {
                let error = self.engine.error(core::any::type_name::<P>());
                let from = self.engine.memo.len();
                let mut failure = self.engine.tear_down(from);
                if let Some(payload) = failure.panic.take() {
                    unwind::resume(payload);
                }
                Err(error)
            }
        }
    }

    /// The copy of a source, while it lives. What was [kept](Self::keep) has none.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// let node = Rc::new(1);
    /// let mut session = deepclone::Session::new();
    /// let copy = session.deep_clone(&node)?;
    /// assert!(Rc::ptr_eq(&session.copy_of(&node).unwrap(), &copy));
    /// # Ok::<(), deepclone::Error>(())
    /// ```
    pub fn copy_of<P: SharedPointer>(&mut self, source: &P) -> Option<P> {
        let target = source.target();
        let entry = self.engine.entry_of_source(target.key)?;
        if entry.state() != State::Shown || !entry.revive_copy() {
            return None;
        }
        let copy = entry.copy_address();
        // SAFETY: the copy has the layout and the type of the source, viewed as the argument views it, and one count is ours.
        Some(unsafe { P::from_copy(source, copy) })
    }

    /// What the calls so far have done; failed ones count nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut session = deepclone::Session::new();
    /// session.deep_clone(&std::rc::Rc::new(1_u32))?;
    /// assert_eq!((session.stats().objects, session.stats().bytes), (1, 4));
    /// # Ok::<(), deepclone::Error>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.engine.stats
    }
}

/// What an edge leads to.
pub struct Target {
    pub(crate) key: *const (),
    pub(crate) source: Erased,
    pub(crate) pointee: &'static super::pointee::Pointee,
}
