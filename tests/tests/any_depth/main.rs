//! What comes out never depends on depth: the same graph with short chains and with long ones, whatever code written by hand looks at.

#![allow(
    clippy::duplicate_mod,
    reason = "the graph is made of either kind of pointer"
)]

mod arc;
mod keys;
mod rc;
