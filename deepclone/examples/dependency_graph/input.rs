//! Reads a workspace through `cargo metadata` and builds the graph. Every fault of the input is one line of text.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};

use cargo_metadata::{CargoOpt, Metadata, MetadataCommand, PackageId};

use crate::licence::Register;
use crate::model::{Package, Shared, Workspace};

/// The manifest of the workspace that this example belongs to.
pub(crate) fn own_manifest() -> PathBuf {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_root.parent().unwrap_or(crate_root).join("Cargo.toml")
}

/// The package graph of the workspace that `manifest` belongs to.
pub(crate) fn read(manifest: &Path) -> Result<Rc<Workspace>, String> {
    if let Err(error) = fs::File::open(manifest) {
        return Err(format!("cannot open {}: {error}", manifest.display()));
    }
    if manifest.is_dir() {
        return Err(format!(
            "{} is a folder, not a Cargo.toml",
            manifest.display()
        ));
    }
    let metadata = ask_cargo(manifest)?;
    build(&metadata).map_err(|fault| format!("{}: {fault}", manifest.display()))
}

/// Asks cargo, and once more without the network if that fails.
fn ask_cargo(manifest: &Path) -> Result<Metadata, String> {
    let mut command = MetadataCommand::new();
    command
        .manifest_path(manifest)
        .features(CargoOpt::AllFeatures);
    command
        .exec()
        .or_else(|error| {
            command
                .other_options(["--offline".to_owned()])
                .exec()
                .map_err(|_| error)
        })
        .map_err(|error| match error {
            cargo_metadata::Error::CargoMetadata { stderr } => {
                format!(
                    "cargo cannot read {}: {}",
                    manifest.display(),
                    first_and_last(&stderr)
                )
            }
            error => format!(
                "cannot run cargo metadata for {}: {error}",
                manifest.display()
            ),
        })
}

/// What cargo says is wrong, and the last of the causes that it lists, on one line.
fn first_and_last(stderr: &str) -> String {
    let mut lines = stderr.lines().skip_while(|line| !line.starts_with("error"));
    let first = lines.next().unwrap_or(stderr).trim_start_matches("error: ");
    let cause = stderr
        .rsplit_once("Caused by:")
        .and_then(|(_, causes)| causes.lines().find(|line| !line.trim().is_empty()));
    let place = lines.find(|line| line.trim_start().starts_with("-->"));
    [Some(first), cause, place]
        .into_iter()
        .flatten()
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(": ")
}

fn build(metadata: &Metadata) -> Result<Rc<Workspace>, String> {
    let resolve = metadata
        .resolve
        .as_ref()
        .ok_or("cargo resolved no dependencies")?;
    let mut register = Register::default();
    let mut texts = HashMap::new();
    let workspace = Rc::new_cyclic(|workspace: &Weak<Workspace>| {
        let packages: Vec<Shared> = metadata
            .packages
            .iter()
            .map(|package| {
                Rc::new(RefCell::new(Package {
                    name: package.name.to_string(),
                    version: package.version.to_string(),
                    dependencies: Vec::new(),
                    dependents: Vec::new(),
                    workspace: Weak::clone(workspace),
                    licence: match &package.license {
                        Some(expression) => register.expression(expression),
                        None => register.without_expression(
                            package.license_file.as_ref().map(|file| file.as_str()),
                        ),
                    },
                    texts: licence_texts(package.manifest_path.as_std_path(), &mut texts),
                }))
            })
            .collect();
        let members = metadata
            .packages
            .iter()
            .zip(&packages)
            .filter(|(package, _)| metadata.workspace_members.contains(&package.id))
            .map(|(_, shared)| Rc::clone(shared))
            .collect();
        Workspace {
            root: metadata.workspace_root.to_string(),
            packages,
            members,
        }
    });

    let by_id: HashMap<&PackageId, &Shared> = metadata
        .packages
        .iter()
        .map(|package| &package.id)
        .zip(&workspace.packages)
        .collect();
    for node in &resolve.nodes {
        for dependency in &node.deps {
            let (Some(from), Some(to)) = (by_id.get(&node.id), by_id.get(&dependency.pkg)) else {
                workspace.cut_cycles();
                return Err(format!("cargo lists no package {}", dependency.pkg));
            };
            from.borrow_mut().dependencies.push(Rc::clone(to));
            to.borrow_mut().dependents.push(Rc::clone(from));
        }
    }
    Ok(workspace)
}

/// The licence files beside a manifest; equal texts are one allocation.
fn licence_texts(manifest: &Path, known: &mut HashMap<String, Rc<str>>) -> Vec<Rc<str>> {
    let mut files: Vec<PathBuf> = manifest
        .parent()
        .and_then(|folder| fs::read_dir(folder).ok())
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .to_uppercase();
            ["LICENSE", "LICENCE", "COPYING", "UNLICENSE"]
                .iter()
                .any(|stem| name.starts_with(stem))
        })
        .collect();
    files.sort();
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .map(|text| {
            known
                .entry(text)
                .or_insert_with_key(|text| Rc::from(text.as_str()))
                .clone()
        })
        .collect()
}
