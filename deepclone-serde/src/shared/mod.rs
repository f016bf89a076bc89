//! Identity of shared pointers inside one copy: `#[serde(with = "deepclone_serde::shared")]` on a field of type `Rc<T>`,
//! `Arc<T>` or a `Weak` of either, `Rc<str>` and `Rc<[T]>` included.
//!
//! Inside one of this crate's copies each allocation is written once and every further edge refers to it. The copy has the
//! same edges among its own allocations, and its counts are those edges. Edges to an allocation that is still being written
//! come out right when they are weak, as parent edges are; a cycle of strong edges can't be rebuilt from parts and is an
//! error. A `Weak` whose target is not reached by strong edges of the same copy dangles in the copy. Where a strong pointer to
//! the target is written without `shared`, by serde's own `Rc` or as the copied value itself, the edge would dangle for no
//! reason that can be seen, and is an error: copy the pointer through a transparent newtype, as below, rather than what it
//! points to.
//!
//! Outside of a copy the field is written and read as its pointee alone, a `Weak` as an optional one, as serde's feature `rc`
//! does.
//!
//! Containers of pointers go through a transparent newtype:
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use std::rc::Rc;
//!
//! #[derive(Serialize, Deserialize)]
//! #[serde(transparent)]
//! struct Shared(#[serde(with = "deepclone_serde::shared")] Rc<String>);
//!
//! let text = Rc::new("once".to_owned());
//! let copy = deepclone_serde::copy(&vec![Shared(text.clone()), Shared(text)]).unwrap();
//! assert!(Rc::ptr_eq(&copy[0].0, &copy[1].0));
//! assert_eq!(Rc::strong_count(&copy[0].0), 2);
//! ```

mod edge;
mod pointer;
mod root;
mod scope;

pub(crate) use edge::TOKEN;
pub use edge::{deserialize, serialize};
pub use pointer::SharedPointer;
pub(crate) use scope::{Ended, Scope, finish_writing, restart_reading, restart_writing};
