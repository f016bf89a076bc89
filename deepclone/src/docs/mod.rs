//! Prose: what a deep clone is, what it costs, where its limits are, and why it is sound.

#[doc = include_str!("semantics.md")]
pub mod semantics {}

#[doc = include_str!("cycles.md")]
pub mod cycles {}

#[doc = include_str!("limitations.md")]
pub mod limitations {}

#[doc = include_str!("performance.md")]
pub mod performance {}

#[doc = include_str!("concurrency.md")]
pub mod concurrency {}

#[doc = include_str!("internals.md")]
pub mod internals {}
