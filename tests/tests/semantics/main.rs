//! What is copied, what stays borrowed, what is shared, and what an error says.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "the same bodies run for both families"
)]

mod contents;
mod errors;
mod sharing;
