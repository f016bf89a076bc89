//! The workloads, grouped by what makes them cost something.

pub(crate) mod cyclic;
mod document;
pub(crate) mod lists;
mod maps;
pub(crate) mod parents;
mod plain;
mod scene;
mod scopes;
mod shared;
mod source;
mod syntax;
mod tiny;

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

/// Values as programs have them, with their names.
pub const REAL: &[(&str, Make)] = &[
    ("tiny", tiny::setting),
    ("json", document::values),
    ("typed", document::structs),
    ("source", source::workspace),
    ("scopes", scopes::symbols),
    ("scene", scene::widgets),
];
