//! All unsafe code of the engine.
//!
//! The files below hold types whose safe methods are sound under numbered invariants, and the impls of [`traits::DeepClone`], which is an
//! unsafe trait. What is copied when, and what the state of an operation allows, is decided in `cloner`; what one type alone can tell, such as that its lock is poisoned, its impl.
//!
//! Invariants of placed values (cited as P1–P5; those of entries, E1–E5, stand in [`entry`], those of waiting maps, W1–W2, in [`waiting`], that of pairs on their way into a map, F1, in `few`, those of boxes that are filled later, B1–B2, in [`open`]):
//!
//! - P1. `__place(dst)` returning `Ok` has written every byte of `dst` that the type needs, and returning `Err` or unwinding leaves nothing at `dst`
//!   that owns anything.
//! - P2. A placed value may hold handles to copies that are not written yet. It is moved, walked by its sweeper, and disposed of; nothing
//!   else happens to it until it is finished: no method of the user's sees it, no `Drop` of a derived type runs.
//! - P3. A sweeper gets the address of a placed value to which no reference lives. Disposal happens once, and ends the value.
//! - P4. Only user code that runs inside `Engine::user` or `place_try_with` can unwind; both catch it. So between reserving memory and
//!   placing its content no guard is needed: `Err` is the only other way out. Where a panic can't be caught (no `std`), it ends the program.
//! - P5. After the first failure no copy is begun and no user code runs but `Drop`, and the engine owns one strong count on every copy that it has an entry for. A `Drop` that panics may
//!   cause that failure where nobody looks at it at once: so whatever begins a copy asks for it.
#![expect(
    unsafe_code,
    reason = "the engine places values by address; see the invariants"
)]

pub(crate) mod access;
mod adrift;
#[cfg(feature = "serde")]
pub(crate) mod by_serde;
pub(crate) mod edges;
pub(crate) mod entry;
pub(crate) mod erased;
pub(crate) mod exchange;
mod few;
pub(crate) mod filled;
mod forest;
#[cfg(feature = "rayon")]
pub(crate) mod gang;
pub(crate) mod gather;
pub(crate) mod hand;
pub(crate) mod hold;
mod impls;
#[cfg(feature = "rayon")]
pub(crate) mod kept;
pub(crate) mod keyed;
mod moved;
pub(crate) mod open;
mod owners;
mod pairs;
#[cfg(feature = "rayon")]
pub(crate) mod parallel;
pub(crate) mod pieces;
pub(crate) mod place;
pub(crate) mod pointee;
pub(crate) mod reserve;
pub(crate) mod root;
#[cfg(feature = "std")]
mod scan;
pub(crate) mod session;
pub(crate) mod stack;
mod stream;
pub(crate) mod sweep;
pub(crate) mod trail;
pub(crate) mod traits;
pub(crate) mod unwind;
pub(crate) mod waiting;
#[cfg(all(any(loom, tsan), test))]
pub(crate) mod watched;

pub(crate) use impls::{cells, shared};
