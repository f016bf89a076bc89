//! Batches: many values copied by one call, with one memo for all or one each.

use alloc::vec::Vec;

use crate::raw::pieces::clone_pieces;
use crate::{DeepClone, Error};

/// Copies all values of a batch as one operation: what two of them share, their copies share.
///
/// # Panics
///
/// With the text of the error that [`try_deep_clone_batch`] would have returned, and with what user code panics with.
///
/// # Examples
///
/// ```
/// use std::collections::HashMap;
/// use std::rc::Rc;
///
/// let shared = Rc::new(1);
/// let maps = [HashMap::from([("a", shared.clone())]), HashMap::from([("b", shared)])];
/// let copies = deepclone::deep_clone_batch(&maps);
/// assert!(Rc::ptr_eq(&copies[0]["a"], &copies[1]["b"]));
/// ```
#[must_use]
#[track_caller]
pub fn deep_clone_batch<T: DeepClone>(batch: &[T]) -> Vec<T> {
    match try_deep_clone_batch(batch) {
        Ok(copies) => copies,
        Err(error) => panic!("{error}"),
    }
}

/// Copies all values of a batch as one operation, or says why that can't be done.
///
/// # Errors
///
/// Those of [`DeepClone::try_deep_clone`]. The path begins with the index. Nothing of any copy is left.
///
/// # Examples
///
/// ```
/// use std::cell::RefCell;
///
/// let cells = [RefCell::new(1), RefCell::new(2)];
/// let guard = cells[1].borrow_mut();
/// assert_eq!(deepclone::try_deep_clone_batch(&cells).unwrap_err().path(), "[_][1]");
/// # drop(guard);
/// ```
pub fn try_deep_clone_batch<T: DeepClone>(batch: &[T]) -> Result<Vec<T>, Error> {
    clone_pieces(&batch.iter().collect::<Vec<_>>())
}

/// Copies every value of a batch as an operation of its own: copies share nothing with each other.
///
/// That is what a loop over [`deep_clone`](DeepClone::deep_clone) does; it needs memory for one memo at a time.
///
/// # Panics
///
/// As [`deep_clone_batch`].
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
///
/// let shared = Rc::new(1);
/// let copies = deepclone::deep_clone_each(&[shared.clone(), shared]);
/// assert!(!Rc::ptr_eq(&copies[0], &copies[1]));
/// ```
#[must_use]
#[track_caller]
pub fn deep_clone_each<T: DeepClone>(batch: &[T]) -> Vec<T> {
    batch.iter().map(DeepClone::deep_clone).collect()
}

/// Copies every value of a batch as an operation of its own, up to the first that fails.
///
/// # Errors
///
/// The first failure's, with its place in the batch.
///
/// # Examples
///
/// ```
/// use std::cell::RefCell;
///
/// let cells = [RefCell::new(1), RefCell::new(2)];
/// let guard = cells[1].borrow_mut();
/// assert_eq!(deepclone::try_deep_clone_each(&cells).unwrap_err().0, 1);
/// # drop(guard);
/// ```
pub fn try_deep_clone_each<T: DeepClone>(batch: &[T]) -> Result<Vec<T>, (usize, Error)> {
    batch
        .iter()
        .enumerate()
        .map(|(index, value)| value.try_deep_clone().map_err(|error| (index, error)))
        .collect()
}
