//! Prose without code.

#[doc = include_str!("kinds.md")]
pub mod kinds {}
