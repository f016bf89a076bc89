//! What a deep clone costs, beside what else one could write: workloads, contenders, and how they are measured.
//!
//! `cargo run --release -p deepclone-benches` writes the report, `--bin bars` prints the ratios that the library has to meet.

mod clock;
pub mod compile;
mod contender;
pub mod counting;
mod description;
mod floor;
pub mod foreign;
pub mod growth;
pub mod heap;
pub mod machine;
mod peers;
pub mod report;
mod serialized;
mod stack;
mod workload;
pub mod workloads;

pub use clock::{Measured, Rounds, keep_freed_memory, measure};
pub use contender::{Contender, Copying, Role};
pub use description::Description;
pub use stack::on_huge_stack;
pub use workload::{Bar, Builder, CLONE, PEER, Workload};
