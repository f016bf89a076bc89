//! What a copy asks of the heap. It is counted by a program of its own, `heap`, whose allocator tells of every call: in the one that takes times there is
//! nothing between the copies and the system's allocator.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What one copy asks of the heap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Heap {
    /// Calls that allocate, growing included.
    pub allocations: usize,
    /// Bytes in use at most, above those at the start. A block that is moved to grow counts twice meanwhile.
    pub peak: usize,
    /// Bytes in use in the end: the copy.
    pub kept: usize,
}

/// What the contenders of one workload ask of the heap.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Counts {
    /// By contender; zero for those that can't copy the value.
    pub heaps: Vec<Heap>,
    /// The blocks that the library's copy consists of, by size, in the order in which they were allocated.
    pub blocks: Vec<usize>,
}

/// The program that counts.
pub struct Counter {
    path: PathBuf,
}

impl Counter {
    /// Builds the program, with the features and the profile of this one.
    ///
    /// # Errors
    ///
    /// If cargo can't be run, or does not build it.
    pub fn build() -> Result<Self, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .args([
                "build",
                "--quiet",
                "--message-format=json-render-diagnostics",
            ])
            .args(["--bin", "heap", "--manifest-path"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
        if !cfg!(debug_assertions) {
            command.arg("--release");
        }
        if !cfg!(feature = "serialized") {
            command.arg("--no-default-features");
        }
        let output = command
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("cargo: {error}"))?;
        let messages = String::from_utf8_lossy(&output.stdout);
        let path = messages.lines().find_map(|message| {
            let message: serde_json::Value = serde_json::from_str(message).ok()?;
            (message["target"]["name"] == "heap")
                .then(|| message["executable"].as_str().map(PathBuf::from))?
        });
        path.map(|path| Self { path })
            .ok_or_else(|| format!("the program that counts was not built: {}", output.status))
    }

    /// Counts for a workload.
    ///
    /// # Errors
    ///
    /// If the program fails.
    pub fn workload(&self, id: &str) -> Result<Counts, String> {
        self.ask(&[id])
    }

    /// Counts for the library's copy of a growing value.
    ///
    /// # Errors
    ///
    /// If the program fails.
    pub fn growing(&self, name: &str, nodes: usize) -> Result<Heap, String> {
        self.ask(&[name, &nodes.to_string()])
    }

    fn ask<A: DeserializeOwned>(&self, arguments: &[&str]) -> Result<A, String> {
        let output = Command::new(&self.path)
            .args(arguments)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("{}: {error}", self.path.display()))?;
        serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("nothing was counted: {}: {error}", output.status))
    }
}
