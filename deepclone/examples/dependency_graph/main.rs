//! Deep-clones the package graph of a real workspace and proves that the copy is one.
//!
//! ```text
//! cargo run --release -p deepclone --example dependency_graph [PATH/TO/Cargo.toml] [--dot FILE]
//! ```
//!
//! Packages own their dependencies and their dependents, so the graph is full of strong cycles. Exit code 1 and one line on the
//! standard error for bad input, and if any of the proofs fails.

mod arguments;
mod cycles;
mod dot;
mod input;
mod licence;
mod model;
mod proof;
mod report;
mod walk;

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;

use arguments::Arguments;
use cycles::Cycles;
use proof::Proof;

fn main() -> ExitCode {
    match Arguments::parse(std::env::args_os().skip(1)).and_then(run) {
        Ok(text) => {
            // Whoever closes the pipe has read enough.
            let _ = io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("dependency_graph: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<String, String> {
    let Arguments::Run { manifest, dot } = arguments else {
        return Ok(arguments::USAGE.to_owned());
    };
    let manifest = manifest.unwrap_or_else(input::own_manifest);
    let source = input::read(&manifest)?;
    let proof = Proof::of(source)?;
    let cycles = Cycles::of(&proof.copy);
    let mut text = report::report(&proof, &cycles);
    if let Some(file) = dot {
        fs::write(&file, dot::dot(&proof.copy, &cycles))
            .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        text.push_str(&format!("\nGraphviz: {}\n", file.display()));
    }
    Ok(text)
}
