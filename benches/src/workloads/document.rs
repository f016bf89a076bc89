//! A real document: what `cargo metadata` says about this workspace, as a tree of values and as structs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use deepclone::DeepClone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::description::Description;
use crate::peers::peer_struct;
use crate::workload::{Builder, Workload};

/// A type of somebody else's in a struct of ours. The library has an impl for `Value`, behind its feature `serde_json-1`:
/// it calls its `Clone`, which shares nothing.
#[derive(Clone, DeepClone, Serialize, Deserialize)]
#[serde(transparent)]
struct Document {
    value: Value,
}

/// It has no impl for a `Value`. This is what its derive writes for a field under its `#[deepclone(clone)]`.
impl peer::DeepClone for Document {
    fn deep_clone_in(&self, _: &mut peer::Cloner) -> Self {
        Self {
            value: self.value.clone(),
        }
    }
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Option<Resolve>,
    target_directory: String,
    version: u32,
    workspace_root: String,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Package {
    name: String,
    version: String,
    id: String,
    license: Option<String>,
    description: Option<String>,
    source: Option<String>,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
    features: BTreeMap<String, Vec<String>>,
    manifest_path: String,
    authors: Vec<String>,
    categories: Vec<String>,
    keywords: Vec<String>,
    edition: String,
    rust_version: Option<String>,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Dependency {
    name: String,
    source: Option<String>,
    req: String,
    kind: Option<String>,
    rename: Option<String>,
    optional: bool,
    uses_default_features: bool,
    features: Vec<String>,
    target: Option<String>,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Target {
    kind: Vec<String>,
    crate_types: Vec<String>,
    name: String,
    src_path: String,
    edition: String,
    doctest: bool,
    test: bool,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
    root: Option<String>,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
    features: Vec<String>,
}

peer_struct! {
    Metadata { packages, workspace_members, resolve, target_directory, version, workspace_root }
    Package {
        name, version, id, license, description, source, dependencies, targets, features, manifest_path,
        authors, categories, keywords, edition, rust_version,
    }
    Dependency {
        name, source, req, kind, rename, optional, uses_default_features, features, target,
    }
    Target { kind, crate_types, name, src_path, edition, doctest, test }
    Resolve { nodes, root }
    Node { id, dependencies, features }
}

/// Everything that cargo knows about this workspace, or about its members alone when the rest has not been downloaded.
fn metadata() -> String {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let ask = |more: &[&str]| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--offline"])
            .args(more)
            .arg("--manifest-path")
            .arg(&manifest)
            .output()
            .ok()?;
        output.status.success().then_some(output.stdout)
    };
    let json = ask(&[])
        .or_else(|| ask(&["--no-deps"]))
        .expect("cargo tells the metadata of the workspace that this was built in");
    String::from_utf8(json).expect("cargo writes JSON in UTF-8")
}

pub(super) fn values() -> Workload {
    let value = serde_json::from_str(&metadata()).expect("cargo writes JSON");
    Builder::new(
        "json",
        "the `cargo metadata` of this workspace as a serde_json::Value",
        "any document: a type of somebody else's crate (0.3.2 takes it in by its attribute `clone`)",
        Document { value },
    )
    .described(Description::of_plain)
    .copied_by_everyone()
    .build()
}

pub(super) fn structs() -> Workload {
    let metadata: Metadata = serde_json::from_str(&metadata()).expect("cargo writes what it says");
    Builder::new(
        "typed",
        "the `cargo metadata` of this workspace as structs",
        "an answer of an API: structs of strings, options, vectors and maps",
        metadata,
    )
    .described(Description::of_plain)
    .copied_by_everyone()
    .build()
}
