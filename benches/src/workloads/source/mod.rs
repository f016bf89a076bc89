//! A real syntax tree: this workspace's own sources, as `syn` reads them, in a type of ours.

mod read;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};

use crate::description::Description;
use crate::workload::{Builder, Workload};

fn rust_files(below: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(below).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The files that `syn` can read: some that test mistakes are meant not to be.
pub(super) fn workspace() -> Workload {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package lies in the workspace");
    let mut paths = Vec::new();
    rust_files(workspace, &mut paths);
    paths.sort();
    let files: Vec<tree::File> = paths
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(&path).ok()?;
            let file = syn::parse_file(&text).ok()?;
            Some(read::file(path.to_string_lossy().into_owned(), &file))
        })
        .collect();
    Builder::new(
        "source",
        "this workspace's sources as a syntax tree",
        "what a macro, a formatter or a language server keeps: boxes and vectors of enums, short strings",
        files,
    )
    .described(Description::of_plain)
    .copied_by_everyone()
    .build()
}
