//! Where the figures were made: the processor, its caches, the versions.

use std::fs;
use std::process::Command;

/// A data cache that a working set can outgrow.
#[derive(Clone, Debug)]
pub struct Cache {
    /// `L2`.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// Where the figures were made.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Processors that this process may use.
    pub processors: usize,
    /// Bytes of memory, if the system tells.
    pub memory: Option<u64>,
    /// Its data caches, the smallest first; empty if the system doesn't tell.
    pub caches: Vec<Cache>,
    /// The system's name and version.
    pub system: String,
    /// What `rustc` says of itself.
    pub rustc: String,
    /// The other languages whose copies the report shows, with their versions; empty if there are none.
    pub languages: Vec<String>,
    /// serde and the crates of the codecs, with their versions.
    pub codecs: Vec<String>,
    /// The commit of the workspace, if it has one; it ends in `-dirty` if files were changed since.
    pub commit: Option<String>,
}

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// The value of the first line of `/proc`'s `file` that starts with `key`.
fn line(file: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn caches() -> Vec<Cache> {
    let mut caches: Vec<Cache> = (0..8)
        .filter_map(|index| {
            let read = |what: &str| {
                let path = format!("/sys/devices/system/cpu/cpu0/cache/index{index}/{what}");
                fs::read_to_string(path)
                    .ok()
                    .map(|text| text.trim().to_owned())
            };
            let size = read("size")?;
            let kilobytes: u64 = size.strip_suffix('K')?.parse().ok()?;
            (read("type")? != "Instruction").then_some(Cache {
                name: format!("L{}", read("level")?),
                bytes: kilobytes << 10,
            })
        })
        .collect();
    caches.sort_by_key(|cache| cache.bytes);
    caches
}

/// What this was built with.
const LOCK: &str = include_str!("../../Cargo.lock");
/// What copies through serde, besides `deepclone_serde`.
const CODECS: [&str; 4] = ["serde", "rmp-serde", "bincode", "postcard"];

/// The names that are packages of a `Cargo.lock`, each with its version; twice if it is there in two.
pub fn versions(lock: &str, names: &[&str]) -> Vec<String> {
    let value = |line: &str, key| -> Option<String> {
        let quoted = line.strip_prefix(key)?.strip_prefix(" = \"")?;
        Some(quoted.strip_suffix('"')?.to_owned())
    };
    let packages: Vec<(String, String)> = lock
        .split("[[package]]")
        .filter_map(|package| {
            let find = |key| package.lines().find_map(|line| value(line, key));
            Some((find("name")?, find("version")?))
        })
        .collect();
    let mut found = Vec::new();
    for wanted in names {
        let of_name = packages.iter().filter(|(name, _)| name == wanted);
        found.extend(of_name.map(|(name, version)| format!("{name} {version}")));
    }
    found
}

/// `Python 3.11.2`, `Node v20.1.0`.
fn languages() -> Vec<String> {
    let python = said("python3", &["--version"]);
    let node = said("node", &["--version"]).map(|version| format!("Node {version}"));
    python.into_iter().chain(node).collect()
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let memory = line("/proc/meminfo", "MemTotal")
            .and_then(|line| line.strip_suffix(" kB")?.parse::<u64>().ok())
            .map(|kilobytes| kilobytes << 10);
        Self {
            processor: line("/proc/cpuinfo", "model name")
                .unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            memory,
            caches: caches(),
            system: said("uname", &["-sr"]).unwrap_or_else(|| std::env::consts::OS.to_owned()),
            rustc: said("rustc", &["--version"]).unwrap_or_else(|| "unknown".to_owned()),
            languages: languages(),
            codecs: versions(LOCK, &CODECS),
            commit: said("git", &["describe", "--always", "--dirty", "--exclude=*"]),
        }
    }
}
