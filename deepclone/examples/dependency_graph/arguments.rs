//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
Deep-clones the package graph of a workspace and proves that the copy is one.

usage: cargo run --release -p deepclone --example dependency_graph [PATH/TO/Cargo.toml] [--dot FILE]

  PATH/TO/Cargo.toml   the workspace to read (default: the one of this example)
  --dot FILE           write the copy as Graphviz
";

/// What to do.
pub(crate) enum Arguments {
    Help,
    Run {
        manifest: Option<PathBuf>,
        dot: Option<PathBuf>,
    },
}

impl Arguments {
    pub(crate) fn parse(words: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut words = words;
        let (mut manifest, mut dot) = (None, None);
        while let Some(word) = words.next() {
            let twice = match word.to_str() {
                Some("--help" | "-h") => return Ok(Self::Help),
                Some("--dot") => dot.replace(words.next().ok_or("--dot needs a file name")?.into()),
                Some(option) if option.starts_with('-') => {
                    return Err(format!("unknown option {option}; --help lists all"));
                }
                _ => manifest.replace(word.into()),
            };
            if let Some(first) = twice {
                let first: PathBuf = first;
                return Err(format!(
                    "{} was given already, and only one makes sense",
                    first.display()
                ));
            }
        }
        Ok(Self::Run { manifest, dot })
    }
}
