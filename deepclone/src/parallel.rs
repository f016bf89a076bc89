//! [`ParDeepClone`]: a collection copied by the threads of a pool.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};
use std::collections::{HashMap, HashSet};

use crate::raw::parallel::{Collection, run_in_parallel};
use crate::{DeepClone, Error};

/// A collection whose elements are copied by the threads of the current rayon pool, or an `Arc` that such collections are reached from.
///
/// The result is that of [`deep_clone`](DeepClone::deep_clone): the order of the source, each `Arc` copied once, whatever elements lead to it, cycles and weak edges as
/// there. Elements must be `Send + Sync`, which the compiler checks: an `Rc` inside is a compile error.
///
/// What elements own and what they share is copied by the thread that meets it first. So it pays where there is much to copy for each pointer; the first elements show whether it does, and
/// if not the call continues on the calling thread alone. So it does with one thread, with few elements, and where something is written by hand. The
/// details stand in [`docs::concurrency`](crate::docs::concurrency).
///
/// # Examples
///
/// ```
/// use deepclone::ParDeepClone;
/// use std::sync::Arc;
///
/// let name: Arc<str> = "shared".into();
/// let rows: Vec<(Arc<str>, Vec<u64>)> = (0..1000).map(|n| (name.clone(), vec![n; 16])).collect();
/// let copy = rows.par_deep_clone();
/// assert_eq!(copy, rows);
/// assert!(copy.iter().all(|row| Arc::ptr_eq(&row.0, &copy[0].0)));
/// assert!(!Arc::ptr_eq(&copy[0].0, &name));
/// ```
///
/// ```compile_fail
/// use deepclone::ParDeepClone;
/// use std::rc::Rc;
///
/// // error: `Rc<i32>` cannot be sent between threads safely
/// let copy = vec![Rc::new(1)].par_deep_clone();
/// ```
pub trait ParDeepClone: Collection {
    /// Copies the collection.
    ///
    /// # Panics
    ///
    /// As [`DeepClone::deep_clone`]. Of several panics and errors that of the first element in the order of the source comes out.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone::ParDeepClone;
    ///
    /// let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// let texts = vec![String::from("a"); 1000];
    /// assert_eq!(pool.install(|| texts.par_deep_clone()), texts);
    /// # Ok::<(), rayon::ThreadPoolBuildError>(())
    /// ```
    #[must_use]
    #[track_caller]
    fn par_deep_clone(&self) -> Self::Copy
    where
        Self::Element: Send + Sync,
    {
        match self.try_par_deep_clone() {
            Ok(copy) => copy,
            Err(error) => panic!("{error}"),
        }
    }

    /// Copies the collection, or says why that can't be done.
    ///
    /// # Errors
    ///
    /// Those of [`DeepClone::try_deep_clone`]: that of the first element in the order of the source. Nothing of the copy is left.
    ///
    /// # Panics
    ///
    /// With whatever user code panics with.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone::{ErrorKind, ParDeepClone};
    /// use std::sync::Mutex;
    ///
    /// let locks: Vec<Mutex<u8>> = (0..100).map(Mutex::new).collect();
    /// assert_eq!(locks.try_par_deep_clone()?.len(), 100);
    /// # Ok::<(), deepclone::Error>(())
    /// ```
    fn try_par_deep_clone(&self) -> Result<Self::Copy, Error>
    where
        Self::Element: Send + Sync,
    {
        run_in_parallel(self)
    }
}

impl<T: DeepClone> ParDeepClone for [T] {}
impl<T: DeepClone> ParDeepClone for Vec<T> {}
impl<T: DeepClone> ParDeepClone for Box<[T]> {}
impl<T: DeepClone> ParDeepClone for VecDeque<T> {}
impl<K: DeepClone + Eq + Hash, V: DeepClone, S: BuildHasher + Clone> ParDeepClone
    for HashMap<K, V, S>
{
}
impl<K: DeepClone + Eq + Hash, S: BuildHasher + Clone> ParDeepClone for HashSet<K, S> {}
impl<K: DeepClone + Ord, V: DeepClone> ParDeepClone for BTreeMap<K, V> {}
impl<K: DeepClone + Ord> ParDeepClone for BTreeSet<K> {}
impl<T: ?Sized + DeepClone> ParDeepClone for Arc<T> {}
