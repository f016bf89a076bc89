//! Shards: a collection that is too large to be there twice is copied piece by piece, and each piece is handed over a channel.

use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crossbeam_channel::Sender;

use crate::Error;
use crate::raw::pieces::{CopyOf, Piece, Rows, clone_pieces};

/// A piece of a collection's copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard<T> {
    /// Its number, in the order of the source.
    pub index: usize,
    /// Its entries, in the order of the source.
    pub entries: Vec<T>,
}

/// Why not all shards were sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum ShardsError {
    /// A shard could not be copied.
    Clone(Error),
    /// Nobody receives any more.
    Disconnected,
}

impl fmt::Display for ShardsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clone(error) => error.fmt(f),
            Self::Disconnected => f.write_str("all receivers of the shards are gone"),
        }
    }
}

impl core::error::Error for ShardsError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Clone(error) => Some(error),
            Self::Disconnected => None,
        }
    }
}

impl From<Error> for ShardsError {
    fn from(error: Error) -> Self {
        Self::Clone(error)
    }
}

/// How a collection is cut: so many entries in each shard but the last.
///
/// The source is anything that iterates over `&T`, or over `(&K, &V)` as maps do. The channel is the caller's: its capacity says how many shards may
/// wait. At any time, there are at most as many as fit in the channel, and one more for each thread that sends or receives.
///
/// # Examples
///
/// ```
/// use deepclone::Shards;
/// use std::collections::BTreeMap;
///
/// let source: BTreeMap<u32, String> = (0..10).map(|key| (key, key.to_string())).collect();
/// let (sender, receiver) = crossbeam_channel::bounded::<deepclone::Shard<_>>(1);
/// std::thread::scope(|scope| {
///     let elsewhere = scope.spawn(|| {
///         let receiver = receiver;
///         receiver.iter().map(|shard| shard.entries.len()).collect::<Vec<_>>()
///     });
///     assert_eq!(Shards::of(4).send(&source, &sender)?, 3);
///     drop(sender);
///     assert_eq!(elsewhere.join().unwrap(), [4, 4, 2]);
///     Ok::<(), deepclone::ShardsError>(())
/// })?;
/// # Ok::<(), deepclone::ShardsError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Shards {
    entries: NonZeroUsize,
}

impl Shards {
    /// Shards of so many entries.
    ///
    /// # Panics
    ///
    /// If that is none.
    #[must_use]
    #[track_caller]
    pub fn of(entries: usize) -> Self {
        Self {
            entries: NonZeroUsize::new(entries).expect("a shard has at least one entry"),
        }
    }

    /// Copies and sends, on this thread, with one identity for all shards: what entries of two shards share, their copies share, while the first
    /// copy lives. Waits while the channel is full. Returns the number of shards.
    ///
    /// Beside the shards in flight this needs a table entry, and the memory of the copy's allocation, for each `Rc` or `Arc` that has
    /// more than one owner. A weak edge to something that is reached in a later shard only dangles, since a shard is finished when it is sent.
    ///
    /// # Errors
    ///
    /// - [`Clone`](ShardsError::Clone): a shard could not be copied; earlier ones were sent.
    /// - [`Disconnected`](ShardsError::Disconnected): nobody receives any more.
    ///
    /// # Panics
    ///
    /// With what user code panics with.
    pub fn send<S>(
        &self,
        source: S,
        sender: &Sender<Shard<CopyOf<S::Item>>>,
    ) -> Result<usize, ShardsError>
    where
        S: IntoIterator,
        S::Item: Piece,
    {
        let mut rows = Rows::new();
        let mut source = Source::new(source.into_iter());
        while let Some((index, pieces)) = source.next(self.entries) {
            let entries = rows.clone_pieces(&pieces)?;
            hand_over(sender, Shard { index, entries })?;
        }
        Ok(source.cut)
    }

    /// As [`send`](Shards::send), on so many threads of its own, with an identity for each shard: what entries of two shards share is copied for each.
    /// Shards arrive in any order. All threads have ended when this returns.
    ///
    /// # Errors
    ///
    /// As [`send`](Shards::send); of several the one that came first.
    ///
    /// # Panics
    ///
    /// With what user code panics with, and if `workers` is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use deepclone::{Shards, ShardsError};
    ///
    /// let source = vec![String::from("x"); 100];
    /// let (sender, receiver) = crossbeam_channel::bounded::<deepclone::Shard<_>>(1);
    /// drop(receiver);
    /// let result = Shards::of(10).send_from(2, &source, &sender);
    /// assert!(matches!(result, Err(ShardsError::Disconnected)));
    /// ```
    pub fn send_from<S>(
        &self,
        workers: usize,
        source: S,
        sender: &Sender<Shard<CopyOf<S::Item>>>,
    ) -> Result<usize, ShardsError>
    where
        S: IntoIterator<IntoIter: Send>,
        S::Item: Piece + Send,
        CopyOf<S::Item>: Send,
    {
        assert!(workers > 0, "somebody has to copy");
        let source = Mutex::new(Source::new(source.into_iter()));
        let stopped = AtomicBool::new(false);
        let work = || -> Result<(), ShardsError> {
            while !stopped.load(Ordering::Relaxed) {
                let next = {
                    // What a panicking iterator has left is as good as what it would have given.
                    let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
                    source.next(self.entries)
                };
                let Some((index, pieces)) = next else { break };
                let entries = clone_pieces(&pieces)?;
                hand_over(sender, Shard { index, entries })?;
            }
            Ok(())
        };
        let first_failure = Mutex::new(None);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..workers)
                .map(|_| {
                    scope.spawn(|| {
                        let stop = StopOnDrop(&stopped);
                        match work() {
                            Ok(()) => core::mem::forget(stop),
                            Err(error) => {
                                let mut failure =
                                    first_failure.lock().unwrap_or_else(PoisonError::into_inner);
                                failure.get_or_insert(error);
                            }
                        }
                    })
                })
                .collect();
            let mut panic = None;
            for thread in threads {
                if let Err(payload) = thread.join() {
                    panic.get_or_insert(payload);
                }
            }
            if let Some(payload) = panic {
                std::panic::resume_unwind(payload);
            }
        });
        match first_failure
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
        {
            Some(error) => Err(error),
            None => Ok(source
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner)
                .cut),
        }
    }
}

/// Stops the other workers, also after a panic.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A source that is cut into shards.
struct Source<I> {
    rest: I,
    /// Shards cut so far.
    cut: usize,
}

impl<I: Iterator> Source<I> {
    fn new(rest: I) -> Self {
        Self { rest, cut: 0 }
    }

    fn next(&mut self, entries: NonZeroUsize) -> Option<(usize, Vec<I::Item>)> {
        let pieces: Vec<_> = self.rest.by_ref().take(entries.get()).collect();
        if pieces.is_empty() {
            return None;
        }
        let index = self.cut;
        self.cut += 1;
        Some((index, pieces))
    }
}

fn hand_over<T>(sender: &Sender<Shard<T>>, shard: Shard<T>) -> Result<(), ShardsError> {
    // The shard that nobody took is dropped here: finished values, with their own `Drop`.
    sender.send(shard).map_err(|_| ShardsError::Disconnected)
}
