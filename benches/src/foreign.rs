//! Other languages' deep copies of values like W2, W5 and W9, where their interpreters are at hand.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output};

use serde::Deserialize;

/// Another language's copy.
pub struct Foreign {
    /// What it is called.
    pub name: &'static str,
    /// The workload that its value is like.
    pub workload: String,
    /// Nanoseconds, or why there are none.
    pub outcome: Result<f64, String>,
}

#[derive(Deserialize)]
struct Line {
    workload: String,
    nanoseconds: Option<f64>,
    error: Option<String>,
}

fn absent(name: &'static str, why: String) -> Foreign {
    Foreign {
        name,
        workload: "-".to_owned(),
        outcome: Err(why),
    }
}

/// The rows of a report that doesn't run them.
pub fn left_out(why: &str) -> Vec<Foreign> {
    vec![absent("Python and Node", why.to_owned())]
}

/// The workloads of which every script has a value.
const WORKLOADS: [&str; 3] = ["W2", "W5", "W9"];

/// Runs the scripts in `foreign/`.
pub fn measure() -> Vec<Foreign> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign");
    let mut all = Vec::new();
    for (name, program, script) in [
        ("Python, copy.deepcopy", "python3", "deepcopy.py"),
        ("Node, structuredClone", "node", "structured-clone.mjs"),
    ] {
        let mut command = Command::new(program);
        command.arg(scripts.join(script)).arg("3");
        all.extend(run(name, command));
    }
    all
}

/// Runs a script. It prints a line of JSON for each value; where one is missing, the row says how the script ended.
pub fn run(name: &'static str, mut command: Command) -> Vec<Foreign> {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let program = command.get_program().display();
            return vec![absent(name, format!("{program} is not on the PATH"))];
        }
        Err(error) => return vec![absent(name, error.to_string())],
    };
    let printed = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<Line> = printed
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let why = how_it_ended(&output);
    if lines.is_empty() {
        return vec![absent(name, why)];
    }
    for workload in WORKLOADS {
        if !lines.iter().any(|line| line.workload == workload) {
            lines.push(Line {
                workload: workload.to_owned(),
                nanoseconds: None,
                error: Some(why.clone()),
            });
        }
    }
    lines
        .into_iter()
        .map(|line| Foreign {
            name,
            workload: line.workload,
            outcome: line
                .nanoseconds
                .ok_or_else(|| line.error.unwrap_or_else(|| "it gave no time".to_owned())),
        })
        .collect()
}

/// The script's exit status and the line of its complaint that names an error, or else the first one.
fn how_it_ended(output: &Output) -> String {
    let complaint = String::from_utf8_lossy(&output.stderr);
    let mut lines = complaint
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let first = lines.clone().next();
    // A trace begins with where it happened.
    let error = lines.find(|line| {
        line.split(':')
            .next()
            .is_some_and(|word| word.ends_with("Error"))
    });
    match error.or(first) {
        Some(line) => format!("{}: {line}", output.status),
        None => format!("{}, without a word", output.status),
    }
}
