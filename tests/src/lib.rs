//! Fixtures of the tests: values that count their instances and blow up on demand, graphs to copy, and an oracle that
//! compares a copy with its source without asking the engine.
//!
//! | module       | what it owns                                                              |
//! |--------------|---------------------------------------------------------------------------|
//! | [`crowds`]   | nodes whose maps in cells have all the others as keys                     |
//! | [`deeds`]    | what code written by hand may do to a ring that it was given              |
//! | [`families`] | one test body for `Rc` with `RefCell` and for `Arc` with `Mutex`          |
//! | [`fuse`]     | live counts, and an `Err` or a panic at the k-th copy                     |
//! | [`keys`]     | what keys are hashed and compared by                                      |
//! | [`orders`]   | all orders of a few things                                                |
//! | [`picture`]  | what can be reached from a value: shape, addresses, counts                |
//! | [`graphs`]   | nodes with fuses in acyclic, weakly and strongly cyclic graphs            |
//! | [`plan`]     | random graphs with every kind of edge and container                       |
//! | [`pools`]    | pools of threads, and work for them                                       |
//! | [`sites`]    | where in user code a step is taken                                        |
//! | [`stir`]     | threads that change a source while it is copied, and races in step        |

pub mod chance;
pub mod crowds;
pub mod deeds;
pub mod families;
pub mod fuse;
pub mod graphs;
pub mod keys;
pub mod orders;
pub mod picture;
pub mod plan;
#[cfg(feature = "foreign")]
pub mod pools;
pub mod sites;
pub mod stir;
