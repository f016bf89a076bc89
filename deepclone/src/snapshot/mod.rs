//! [`Snapshot`]: versions of a value that readers see whole.
//!
//! Owns the order of writers and what is published when. Reading is `arc-swap`'s, copying the engine's.

mod writer;

use core::fmt;
use core::ops::Deref;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::{DeepClone, Error};
use writer::Writer;

/// A value of which there is always a current version, whole and never edited in place.
///
/// Readers get a version by [`load`](Snapshot::load) and never wait, whatever writers do. [`update`](Snapshot::update) makes an independent deep clone of the
/// current version, lets the closure edit that draft, and publishes it in one step. So a version shares nothing with the one before, even where `T`
/// holds an `Arc<Mutex<_>>`: with `ArcSwap::rcu` and `Clone` both versions would hold the same mutex, and an edit would show in what readers
/// took for a finished version.
///
/// Writers are let in one after the other. If the clone fails, or the closure panics or returns an error, nothing is published.
///
/// # Examples
///
/// ```
/// use deepclone::Snapshot;
/// use std::sync::{Arc, Mutex};
///
/// let rules = Snapshot::new(vec![Arc::new(Mutex::new(10))]);
/// let before = rules.load_full();
/// rules.update(|draft| *draft[0].lock().unwrap() = 20);
/// assert_eq!(*before[0].lock().unwrap(), 10, "an old version stays what it was");
/// assert_eq!(*rules.load()[0].lock().unwrap(), 20);
/// ```
pub struct Snapshot<T> {
    current: ArcSwap<T>,
    writer: Writer,
}

/// A version that was current when it was loaded. Derefs to it.
///
/// Meant for a short look; to keep a version use [`Snapshot::load_full`].
pub struct Version<T> {
    guard: arc_swap::Guard<Arc<T>>,
}

impl<T> Deref for Version<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T: fmt::Debug> fmt::Debug for Version<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Debug> fmt::Debug for Snapshot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Snapshot").field(&self.load()).finish()
    }
}

impl<T: Default> Default for Snapshot<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Snapshot<T> {
    fn from(first: T) -> Self {
        Self::new(first)
    }
}

impl<T> Snapshot<T> {
    /// Begins with a first version.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(*deepclone::Snapshot::new(1).load(), 1);
    /// ```
    pub fn new(first: T) -> Self {
        Self {
            current: ArcSwap::from_pointee(first),
            writer: Writer::new(),
        }
    }

    /// The current version, for a short look. Never waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let names = deepclone::Snapshot::new(vec!["a"]);
    /// assert_eq!(names.load().len(), 1);
    /// ```
    pub fn load(&self) -> Version<T> {
        Version {
            guard: self.current.load(),
        }
    }

    /// The current version, to be kept as long as one likes. Never waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let names = deepclone::Snapshot::new(vec!["a"]);
    /// let kept = names.load_full();
    /// names.store(vec![]);
    /// assert_eq!(kept.len(), 1);
    /// ```
    pub fn load_full(&self) -> Arc<T> {
        self.current.load_full()
    }

    /// Publishes a value as it is, after the writers that are at it.
    ///
    /// The value is moved in, not copied: that it shares nothing with a version or with the caller is the caller's business.
    ///
    /// # Panics
    ///
    /// Inside an [`update`](Snapshot::update) or [`rcu`](Snapshot::rcu) of the same snapshot.
    ///
    /// # Examples
    ///
    /// ```
    /// let number = deepclone::Snapshot::new(1);
    /// number.store(2);
    /// assert_eq!(*number.load(), 2);
    /// ```
    #[track_caller]
    pub fn store(&self, next: T) {
        let next = Arc::new(next);
        let turn = self.writer.enter();
        let last = self.current.swap(next);
        drop(turn);
        // This may be the last owner: its `Drop` runs when the next writer can go on.
        drop(last);
    }
}

impl<T: DeepClone> Snapshot<T> {
    /// Deep-clones the current version, lets `edit` change the draft, and publishes it.
    ///
    /// # Panics
    ///
    /// With the text of the error that [`try_update`](Snapshot::try_update) would have returned if the clone fails, and with what
    /// `edit` panics with; then nothing is published. Inside another update of the same snapshot, which would wait for itself.
    ///
    /// # Examples
    ///
    /// ```
    /// let list = deepclone::Snapshot::new(vec![1]);
    /// let length = list.update(|draft| {
    ///     draft.push(2);
    ///     draft.len()
    /// });
    /// assert_eq!((length, &**list.load()), (2, &[1, 2][..]));
    /// ```
    #[track_caller]
    pub fn update<R>(&self, edit: impl FnOnce(&mut T) -> R) -> R {
        match self.try_update(|draft| Ok::<R, Error>(edit(draft))) {
            Ok(result) => result,
            Err(error) => panic!("{error}"),
        }
    }

    /// As [`update`](Snapshot::update), but the clone and the edit may fail; then nothing is published.
    ///
    /// # Errors
    ///
    /// Those of [`DeepClone::try_deep_clone`], turned into `E`, and those of `edit`.
    ///
    /// # Panics
    ///
    /// With what `edit` panics with, and inside another update of the same snapshot.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone::{Error, Snapshot};
    ///
    /// let list = Snapshot::new(vec![1]);
    /// let refused = list.try_update(|draft| {
    ///     draft.push(2);
    ///     Err::<(), _>(Error::custom("not today"))
    /// });
    /// assert!(refused.is_err());
    /// assert_eq!(**list.load(), [1]);
    /// ```
    #[track_caller]
    pub fn try_update<R, E: From<Error>>(
        &self,
        edit: impl FnOnce(&mut T) -> Result<R, E>,
    ) -> Result<R, E> {
        // Dropped after the turn, also when this fails.
        let mut slot = None;
        let last;
        let turn = self.writer.enter();
        let draft = slot.insert(Arc::new(T::try_deep_clone(&self.current.load())?));
        let Some(edited) = Arc::get_mut(draft) else {
            unreachable!("a fresh allocation has one owner");
        };
        let result = edit(edited)?;
        last = slot.take().map(|next| self.current.swap(next));
        drop(turn);
        drop(last);
        Ok(result)
    }

    /// Makes the next version from the current one and publishes a deep clone of it.
    ///
    /// For when the next version is easier to build than to edit. `make` runs once, since writers take turns, and may build it by `Clone`,
    /// sharing what it likes with the current version: what is published shares nothing.
    ///
    /// # Panics
    ///
    /// As [`update`](Snapshot::update).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// let one = deepclone::Snapshot::new(vec![Arc::new(Mutex::new(1))]);
    /// let before = one.load_full();
    /// one.rcu(|current| current.clone());
    /// assert!(!Arc::ptr_eq(&before[0], &one.load()[0]));
    /// ```
    #[track_caller]
    pub fn rcu(&self, make: impl FnOnce(&T) -> T) {
        match self.try_rcu(|current| Ok::<T, Error>(make(current))) {
            Ok(()) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// As [`rcu`](Snapshot::rcu), but the making and the clone may fail; then nothing is published.
    ///
    /// # Errors
    ///
    /// Those of `make`, and those of [`DeepClone::try_deep_clone`], turned into `E`.
    ///
    /// # Panics
    ///
    /// As [`try_update`](Snapshot::try_update).
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone::{Error, Snapshot};
    ///
    /// let number = Snapshot::new(1_u8);
    /// let next = |current: &u8| current.checked_add(255).ok_or_else(|| Error::custom("full"));
    /// assert!(number.try_rcu(next).is_err());
    /// assert_eq!(*number.load(), 1);
    /// ```
    #[track_caller]
    pub fn try_rcu<E: From<Error>>(&self, make: impl FnOnce(&T) -> Result<T, E>) -> Result<(), E> {
        // Dropped after the turn, also when this fails.
        let made;
        let last;
        let turn = self.writer.enter();
        made = make(&self.current.load())?;
        last = self.current.swap(Arc::new(made.try_deep_clone()?));
        drop(turn);
        drop((last, made));
        Ok(())
    }
}
