//! What a deep clone costs, beside what else one could write: workloads, contenders, and how they are measured.
//!
//! `cargo run --release -p deepclone-benches` writes the report, `--bin bars` prints the ratios that the library has to meet.

mod clock;
mod contender;
mod peers;
mod stack;
mod workload;
pub mod workloads;

pub use clock::{Measured, Rounds, keep_freed_memory, measure};
pub use contender::{Contender, Role};
pub use stack::on_huge_stack;
pub use workload::{Bar, Builder, CLONE, PEER, Workload};
