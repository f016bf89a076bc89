//! Other languages' deep copies of values like W2, W5 and W9, where their interpreters are at hand.

use std::path::Path;
use std::process::Command;

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

/// Runs the scripts in `foreign/`. They print a line of JSON for each value.
pub fn measure() -> Vec<Foreign> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign");
    let mut all = Vec::new();
    for (name, program, script) in [
        ("Python, copy.deepcopy", "python3", "deepcopy.py"),
        ("Node, structuredClone", "node", "structured-clone.mjs"),
    ] {
        let output = Command::new(program)
            .arg(scripts.join(script))
            .arg("3")
            .output();
        let lines = match &output {
            Ok(output) => String::from_utf8_lossy(&output.stdout),
            Err(_) => {
                all.push(absent(name, format!("{program} is not on the PATH")));
                continue;
            }
        };
        for line in lines.lines() {
            if let Ok(line) = serde_json::from_str::<Line>(line) {
                all.push(Foreign {
                    name,
                    workload: line.workload,
                    outcome: line
                        .nanoseconds
                        .ok_or_else(|| line.error.unwrap_or_default()),
                });
            }
        }
    }
    all
}
