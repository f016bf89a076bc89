//! The workloads, grouped by what makes them cost something.

mod cyclic;
mod lists;
mod maps;
mod parents;
mod plain;
mod shared;
mod syntax;

use crate::workload::Workload;

/// Builds a workload.
pub type Make = fn() -> Workload;

/// W1 to W11, in order, with their names. Each is built when it is needed, since some take hundreds of megabytes.
pub const BARRED: &[(&str, Make)] = &[
    ("W1", plain::text_and_numbers),
    ("W2", plain::records),
    ("W3", plain::many_points),
    ("W3k", plain::few_points),
    ("W3c", plain::strings),
    ("W4a", maps::numbers),
    ("W4b", maps::strings),
    ("W4c", maps::records),
    ("W4d", maps::copies),
    ("W5", syntax::tree),
    ("W6", lists::unique_chain),
    ("W7", shared::shared_subtree),
    ("W8", parents::tree),
    ("W9", cyclic::graph),
    ("W10", lists::shared_list),
    ("W10b", lists::boxed_list),
    ("W11", shared::interned_strings),
];
