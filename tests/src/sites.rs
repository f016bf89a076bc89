//! Where in user code a step is taken: in a copy, in a hash, in a comparison, in the `Clone` of a hasher.

use std::cell::Cell;

use deepclone::{DeepClone, Error};

use crate::fuse::Fuse;

/// The user code that a step is taken in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Site {
    /// A copy, or whatever is not one of the others.
    Copy,
    /// The `Hash` of a key.
    Hash,
    /// Its `Eq`.
    Eq,
    /// Its `Ord`.
    Ord,
    /// The `Clone` of a hasher.
    Hasher,
}

thread_local! {
    /// A panic leaves it at the site that panicked.
    static SITE: Cell<Site> = const { Cell::new(Site::Copy) };
}

impl Site {
    /// A step here, in user code that has no `Cloner`.
    pub fn step(self, fuse: &Fuse) -> Fuse {
        SITE.set(self);
        let fuse = fuse.clone();
        SITE.set(Self::Copy);
        fuse
    }

    /// The site that has failed since this was last asked. For a panic, that of the panic.
    pub fn of_the_failure() -> Self {
        SITE.replace(Self::Copy)
    }
}

/// A clone whose errors can only come from copies: the other sites have no way to return one.
///
/// # Errors
///
/// Those of the clone.
///
/// # Panics
///
/// If the error comes from elsewhere.
pub fn clone_of<T: DeepClone>(source: &T) -> Result<T, Error> {
    source
        .try_deep_clone()
        .inspect_err(|_| assert_eq!(SITE.get(), Site::Copy))
}

/// Keys that are compared by their field `number`, each time after their method `touch` was called with the site.
#[macro_export]
macro_rules! touched {
    ($($type:ty),* $(,)?) => { $(
        impl PartialEq for $type {
            fn eq(&self, other: &Self) -> bool {
                self.touch($crate::sites::Site::Eq);
                self.number == other.number
            }
        }

        impl Eq for $type {}

        impl Ord for $type {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.touch($crate::sites::Site::Ord);
                self.number.cmp(&other.number)
            }
        }

        impl PartialOrd for $type {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }
    )* };
}
