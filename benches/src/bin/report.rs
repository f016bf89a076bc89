//! Measures everything and shows it: a table in the terminal, a page with charts, and the pieces for a README.
//!
//! `cargo run --release -p deepclone-benches --bin report -- [--quick] [--out DIR] [--readme]`. `--quick` takes less than a minute and
//! leaves out the largest sizes, other languages and the compiler. The directory is `target/report` otherwise. `--readme` puts the
//! table and the first chart into the README as well. A full run ends in exit code 1 if a value's cost grows more than linearly.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use deepclone_benches::keep_freed_memory;
use deepclone_benches::report::{
    CHART, Extent, Report, WORKLOAD, charts, gather, markdown, measure_here, page, readme, terminal,
};
use indicatif::{ProgressBar, ProgressStyle};

fn main() -> ExitCode {
    let mut extent = Extent::Full;
    let mut out = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/report");
    let mut refresh = false;
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|argument| argument == WORKLOAD).is_some() {
        let (id, rounds) = (arguments.next(), arguments.next());
        keep_freed_memory();
        return match measure_here(&id.unwrap_or_default(), &rounds.unwrap_or_default()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => usage(&error),
        };
    }
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--quick" => extent = Extent::Quick,
            "--out" => match arguments.next() {
                Some(directory) => out = PathBuf::from(directory),
                None => return usage("--out wants a directory"),
            },
            "--readme" => refresh = true,
            _ => return usage(&format!("`{argument}` is not an option")),
        }
    }
    let mut command = "cargo run --release -p deepclone-benches --bin report".to_owned();
    if extent == Extent::Quick {
        command.push_str(" -- --quick");
    }
    keep_freed_memory();
    let bar = ProgressBar::new(1).with_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}")
            .expect("the template is well-formed"),
    );
    let gathered = gather(extent, command, &mut |total, what| {
        if bar.length() == Some(1) {
            bar.set_length(total as u64);
        } else {
            bar.inc(1);
        }
        bar.set_message(what.to_owned());
        bar.tick();
    });
    bar.finish_and_clear();
    let report = match gathered {
        Ok(report) => report,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    println!("{}", terminal(&report));
    if refresh && let Err(error) = write_readme(&report) {
        eprintln!("README.md: {error}");
        return ExitCode::FAILURE;
    }
    match write(&report, &out) {
        Ok(page) => {
            println!("{}", page.display());
            verdict(&report)
        }
        Err(error) => {
            eprintln!("{}: {error}", out.display());
            ExitCode::FAILURE
        }
    }
}

/// A full run fails if a cost isn't linear. A quick one has too few rounds to say so.
fn verdict(report: &Report) -> ExitCode {
    let faults = report.faults();
    if report.extent == Extent::Quick || faults.is_empty() {
        return ExitCode::SUCCESS;
    }
    for fault in faults {
        eprintln!("{fault}");
    }
    ExitCode::FAILURE
}

fn usage(mistake: &str) -> ExitCode {
    eprintln!("{mistake}\nusage: report [--quick] [--out DIR] [--readme]");
    ExitCode::from(2)
}

fn write(report: &Report, out: &Path) -> std::io::Result<PathBuf> {
    fs::create_dir_all(out)?;
    let charts = charts(report);
    for chart in &charts {
        fs::write(out.join(chart.file), &chart.svg)?;
    }
    fs::write(out.join("table.md"), markdown(report))?;
    let index = out.join("index.html");
    fs::write(&index, page(report, &charts))?;
    index.canonicalize()
}

/// Puts the table and its chart into the README of this workspace.
fn write_readme(report: &Report) -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let file = root.join("README.md");
    let refreshed = readme(&fs::read_to_string(&file)?, report)
        .ok_or_else(|| std::io::Error::other("the marks of the report's part are missing"))?;
    if let Some(chart) = charts(report).first() {
        fs::write(root.join(CHART), &chart.svg)?;
    }
    fs::write(file, refreshed)
}
