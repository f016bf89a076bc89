//! An independent copy of *any* value: nested, shared and cyclic.
//!
//! # The mistake that compiles
//!
//! ```
//! use std::{cell::RefCell, rc::Rc};
//!
//! #[derive(Clone)]
//! struct Scene {
//!     selected: Rc<RefCell<String>>,
//! }
//!
//! let scene = Scene { selected: Rc::new(RefCell::new("teapot".into())) };
//! let undo = scene.clone();
//! scene.selected.borrow_mut().clear();
//! assert_eq!(*undo.selected.borrow(), "", "the copy has changed with the original");
//! ```
//!
//! # The program that was meant
//!
//! ```
//! # #[cfg(feature = "derive")] {
//! use deepclone::DeepClone;
//! use std::{cell::RefCell, rc::{Rc, Weak}};
//!
//! #[derive(DeepClone)]
//! struct Node {
//!     name: String,
//!     parent: RefCell<Weak<Node>>,
//!     children: RefCell<Vec<Rc<Node>>>,
//!     next: RefCell<Option<Rc<Node>>>, // may lead back here
//! }
//!
//! let node = Rc::new(Node {
//!     name: "teapot".into(),
//!     parent: RefCell::default(),
//!     children: RefCell::default(),
//!     next: RefCell::default(),
//! });
//! *node.next.borrow_mut() = Some(node.clone());
//!
//! let copy = node.deep_clone();
//! assert!(Rc::ptr_eq(&copy, copy.next.borrow().as_ref().unwrap()), "the cycle is closed");
//! assert!(!Rc::ptr_eq(&copy, &node), "and nothing is shared");
//! # node.next.take();
//! # copy.next.take();
//! # }
//! ```
//!
//! Each shared allocation is copied once, every strong and weak edge to it leads to that one copy, counts are exact, cycles are closed, any depth
//! fits on any stack, and a failure is an [`Error`] that leaves nothing behind. What is promised, in full: [`docs::semantics`].
//!
//! # What can't be copied
//!
//! `&mut T`, raw pointers, guards, files, threads, ends of channels, closures: a compile error that says what to write instead. The limits of what can
//! stand in [`docs::limitations`]; read them before relying on keys in cycles or on copies written by hand in graphs.
//!
//! # Where to go from here
//!
//! | you want | look at |
//! |---|---|
//! | to make your types clonable | [`macro@DeepClone`] (the derive), [`impl_deep_clone!`](crate::impl_deep_clone) |
//! | several roots, limits, things that stay shared | [`Session`], [`Options`] |
//! | many values at once, or one on several threads | [`deep_clone_batch`], [`deep_clone_each`]; `ParDeepClone` (feature `rayon`) |
//! | a state that is changed while it is served | `Snapshot` (feature `arc-swap-1`), `Shards` (feature `crossbeam-channel-0_5`) |
//! | to know what exactly a copy is | [`docs::semantics`], [`docs::cycles`] |
//! | threads, locks, pools and handing copies over | [`docs::concurrency`] |
//! | the cost | [`docs::performance`] |
//! | why it is sound | [`docs::internals`] |
//!
//! # Features
//!
//! - `std` (default): locks, hash maps, `OsString`, `Path`; any depth, by growing the stack; cleaning up after a panic. Without it the crate needs `alloc`.
//! - `derive` (default): both macros. Without it there is no way to add types.
//! - `serde`: `#[deepclone(serde)]` on a field, which goes through the crate `deepclone_serde`.
//! - One feature for each foreign crate, named after it and its major version, such as `indexmap-2`.
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod batch;
mod cloner;
pub mod docs;
mod error;
#[cfg(feature = "derive")]
mod macros;
mod options;
#[cfg(feature = "rayon")]
mod parallel;
mod path;
mod raw;
#[cfg(feature = "crossbeam-channel-0_5")]
mod shards;
#[cfg(feature = "arc-swap-1")]
mod snapshot;
#[cfg(any(feature = "rayon", feature = "arc-swap-1"))]
mod sync;

#[cfg(feature = "derive")]
pub use deepclone_derive::DeepClone;

pub use batch::{deep_clone_batch, deep_clone_each, try_deep_clone_batch, try_deep_clone_each};
pub use error::{Error, ErrorKind};
pub use options::{ImmutablePolicy, LockPolicy, Options, PoisonPolicy, Stats};
#[cfg(feature = "rayon")]
pub use parallel::ParDeepClone;
pub use raw::hand::Cloner;
#[cfg(feature = "crossbeam-channel-0_5")]
pub use raw::pieces::Piece;
pub use raw::session::Session;
pub use raw::shared::SharedPointer;
pub use raw::traits::DeepClone;
#[cfg(feature = "crossbeam-channel-0_5")]
pub use shards::{Shard, Shards, ShardsError};
#[cfg(feature = "arc-swap-1")]
pub use snapshot::{Snapshot, Version};

/// The README's programs are tests.
#[cfg(all(doctest, feature = "std", feature = "derive"))]
#[doc = include_str!("../../README.md")]
struct Readme;
