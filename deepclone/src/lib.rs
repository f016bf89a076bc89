//! An independent copy of any value: nested, shared and cyclic.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[path = "private.rs"]
#[doc(hidden)]
pub mod __private;
mod cloner;
mod error;
mod options;
mod path;
mod raw;

#[cfg(feature = "derive")]
pub use deepclone_derive::DeepClone;

pub use error::{Error, ErrorKind};
pub use options::{ImmutablePolicy, LockPolicy, Options, PoisonPolicy, Stats};
pub use raw::hand::Cloner;
pub use raw::session::Session;
pub use raw::shared::SharedPointer;
pub use raw::traits::DeepClone;

/// Says how a type is copied by hand.
#[cfg(feature = "derive")]
#[macro_export]
macro_rules! impl_deep_clone {
    ($($tokens:tt)*) => {
        $crate::__private::impl_deep_clone_in! { ($crate) $($tokens)* }
    };
}
