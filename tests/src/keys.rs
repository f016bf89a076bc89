//! Keys: what they are hashed and compared by.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::fuse::Fuse;

/// Keys that are hashed and compared by what their method `rank` answers.
#[macro_export]
macro_rules! ranked {
    ($($type:ty),* $(,)?) => { $(
        impl std::hash::Hash for $type {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.rank().hash(state);
            }
        }

        impl PartialEq for $type {
            fn eq(&self, other: &Self) -> bool {
                self.rank() == other.rank()
            }
        }

        impl Eq for $type {}

        impl Ord for $type {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.rank().cmp(&other.rank())
            }
        }

        impl PartialOrd for $type {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }
    )* };
}

/// Keys that are ordered by what their method `compare` answers, and equal where it says so.
#[macro_export]
macro_rules! compared {
    ($($type:ty),* $(,)?) => { $(
        impl Ord for $type {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.compare(other)
            }
        }

        impl PartialOrd for $type {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl PartialEq for $type {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other).is_eq()
            }
        }

        impl Eq for $type {}
    )* };
}

/// Keys that are equal if this is. What they are hashed by is up to them.
#[macro_export]
macro_rules! equal_by {
    ($type:ty, |$key:ident| $what:expr) => {
        impl PartialEq for $type {
            fn eq(&self, other: &Self) -> bool {
                let what = |$key: &Self| $what;
                what(self) == what(other)
            }
        }

        impl Eq for $type {}
    };
}

/// A number that keys are hashed and compared by, with a step each time if there is a fuse: in a comparison it is that of the first of the two, and both
/// have been seen by then.
pub struct Rank<'f>(pub u32, pub Option<&'f Fuse>);

impl Rank<'_> {
    fn step(&self) {
        drop(self.1.cloned());
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.step();
        self.0.cmp(&other.0)
    }
}

impl Hash for Rank<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.step();
        self.0.hash(state);
    }
}

compared!(Rank<'_>);
