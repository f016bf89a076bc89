//! The tables for a terminal and for Markdown.

use std::fmt::Write;

use super::gather::{Report, Row};
use super::{bytes, ratio, time};
use crate::contender::Role;
use crate::growth::Flag;

const HEADS: [&str; 8] = [
    "workload",
    "deepclone",
    "compared with",
    "ratio",
    "bar",
    "0.3.2",
    "serde",
    "floor",
];

/// A workload's cells, a line for each bar.
fn lines(row: &Row) -> Vec<[String; 8]> {
    let ours = row.time_of(Role::Derived).unwrap_or(f64::NAN);
    let over = |role| {
        row.time_of(role)
            .map_or_else(|| "-".to_owned(), |theirs| ratio(ours / theirs))
    };
    let line = |baseline: &str, bar: String| {
        [
            format!("{} {}", row.id, row.title),
            time(ours),
            baseline.to_owned(),
            row.against(baseline).map_or_else(|| "-".to_owned(), ratio),
            bar,
            over(Role::Peer),
            over(Role::Serde),
            over(Role::Floor),
        ]
    };
    if row.bars.is_empty() {
        return vec![line(row.baseline(), String::new())];
    }
    row.bars
        .iter()
        .map(|bar| line(bar.baseline, format!("{:.2}", bar.ratio)))
        .collect()
}

/// What the columns mean.
const LEGEND: &str = "ratio: deepclone's time over that of the contender beside it; 0.3.2, serde, floor: over that of the crate of \
                      this name on crates.io, of deepclone_serde with the tape, and of the copy's allocations filled by memcpy.";

fn width(text: &str) -> usize {
    text.chars().count()
}

/// The table for a terminal.
pub fn terminal(report: &Report) -> String {
    let lines: Vec<[String; 8]> = report.rows.iter().flat_map(lines).collect();
    let mut widths = HEADS.map(width);
    for line in &lines {
        for (widest, cell) in widths.iter_mut().zip(line) {
            *widest = width(cell).max(*widest);
        }
    }
    let mut table = String::new();
    let mut put = |cells: &[String; 8]| {
        for (column, (cell, widest)) in cells.iter().zip(widths).enumerate() {
            let pad = " ".repeat(widest - width(cell));
            let (left, right) = if column == 0 || column == 2 {
                ("", &*pad)
            } else {
                (&*pad, "")
            };
            let _ = write!(table, "{left}{cell}{right}  ");
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    };
    put(&HEADS.map(str::to_owned));
    lines.iter().for_each(&mut put);
    table.push('\n');
    table.push_str(LEGEND);
    table.push_str("\n\n");
    for growth in &report.growth {
        let _ = writeln!(table, "{}", growth.name);
        for step in &growth.steps {
            let _ = writeln!(
                table,
                "{:>12} nodes {:>8.1} ns ({:.1} by hand) and {:>6.1} bytes a node at the peak, {} kept  {}",
                step.nodes,
                step.time,
                step.by_hand,
                step.heap.peak as f64 / step.nodes as f64,
                bytes(step.heap.kept),
                step.flag.as_ref().map_or_else(String::new, Flag::to_string)
            );
        }
    }
    for foreign in &report.foreign {
        let _ = match &foreign.outcome {
            Ok(taken) => writeln!(
                table,
                "{} {}: {}",
                foreign.workload,
                foreign.name,
                time(*taken)
            ),
            Err(why) => writeln!(table, "{} {}: {why}", foreign.workload, foreign.name),
        };
    }
    match &report.compiled {
        Ok(compiled) => {
            for of in compiled {
                let _ = writeln!(table, "{}", of.sentence());
            }
        }
        Err(why) => {
            let _ = writeln!(table, "compile cost: {why}");
        }
    }
    table
}

/// The table for a README.
pub fn markdown(report: &Report) -> String {
    let mut table = format!(
        "| {} |\n|---|--:|---|--:|--:|--:|--:|--:|\n",
        HEADS.join(" | ")
    );
    for line in report.rows.iter().flat_map(lines) {
        let _ = writeln!(
            table,
            "| {} |",
            line.map(|cell| cell.replace('<', "\\<")).join(" | ")
        );
    }
    let machine = &report.machine;
    let _ = write!(
        table,
        "\n{LEGEND}\n`{}` at commit {} on {}, {}, {}, with {}.\n",
        report.command,
        machine.commit.as_deref().unwrap_or("none"),
        machine.processor,
        machine.system,
        machine.rustc,
        machine.codecs.join(", ")
    );
    table
}
