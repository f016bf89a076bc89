//! The page: one file, readable on a phone and in the dark.

use std::fmt::Write;

use super::gather::{Report, Row, Seat};
use super::{Chart, bytes, ratio, time};
use crate::contender::Role;
use crate::growth::Flag;

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1b1b1b;--soft:#666;--rule:#d5d5d5;--paper:#fff;--ours:#2e86de1f;--good:#2c7a44;--bad:#c0392b}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--soft:#a5a5a5;--rule:#444;--paper:#161616;--ours:#2e86de40;--good:#6fcf8a;--bad:#ff7b6b}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:64rem;background:var(--paper);color:var(--ink);font:1rem/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 .3rem}
p{margin:.3rem 0 .8rem}small,.soft{color:var(--soft)}
code{font-size:.92em}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem}
figure{margin:0}figure svg{display:block;width:100%;height:auto}figcaption{color:var(--soft);font-size:.9rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .5rem;border-bottom:1px solid var(--rule);text-align:right;overflow-wrap:normal}
th:first-child,td:first-child,td.words{text-align:left}
tr.ours{background:var(--ours)}
td.words{color:var(--soft)}
.met{color:var(--good)}.missed{color:var(--bad)}
details{border-bottom:1px solid var(--rule);padding:.4rem 0}summary{cursor:pointer}
dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem .8rem;margin:0}dt{color:var(--soft)}dd{margin:0}
";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn verdict(row: &Row) -> String {
    let mut words = String::new();
    for bar in &row.bars {
        let Some(value) = row.against(bar.baseline) else {
            continue;
        };
        let class = if value <= bar.ratio { "met" } else { "missed" };
        let _ = write!(
            words,
            " <span class=\"{class}\">{} of {}, bar {:.2}: {class}</span>",
            ratio(value),
            escape(bar.baseline),
            bar.ratio
        );
    }
    if row.bars.is_empty()
        && let Some(value) = row.against(row.baseline())
    {
        let _ = write!(words, " {} of {}", ratio(value), escape(row.baseline()));
    }
    words
}

fn seat(page: &mut String, row: &Row, seat: &Seat) {
    let class = if seat.role == Role::Derived {
        " class=ours"
    } else {
        ""
    };
    let name = escape(seat.name);
    let _ = match &seat.outcome {
        Ok((measured, heap)) => {
            let ours = row.time_of(Role::Derived).unwrap_or(f64::NAN);
            writeln!(
                page,
                "<tr{class}><td>{name}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                time(measured.median),
                ratio(ours / measured.median),
                time(measured.best),
                time(measured.upper),
                heap.allocations,
                bytes(heap.peak),
                bytes(heap.kept),
            )
        }
        Err(why) => writeln!(
            page,
            "<tr{class}><td>{name}</td><td class=words colspan=7>can't: {}</td></tr>",
            escape(why)
        ),
    };
}

fn workloads(page: &mut String, report: &Report) {
    page.push_str(
        "<h2>Workloads</h2>\n<p>Times are medians for one copy; its drop is not in them. The ratio is deepclone's time over this \
         one's: below 1, deepclone is faster. Best and upper quarter tell how steady the figures are.</p>\n",
    );
    for row in &report.rows {
        let _ = writeln!(
            page,
            "<details open><summary><b>{}</b> {}.{}</summary>\n<p class=soft>{}.</p>\n<div class=wide><table><tr><th>contender\
             <th>time<th>ratio<th>best<th>upper quarter<th>allocations<th>peak<th>kept</tr>",
            row.id,
            escape(row.title),
            verdict(row),
            escape(row.why)
        );
        for of in &row.seats {
            seat(page, row, of);
        }
        page.push_str("</table></div></details>\n");
    }
}

fn growth(page: &mut String, report: &Report) {
    page.push_str("<h2>Growth</h2>\n");
    for growth in &report.growth {
        let _ = writeln!(
            page,
            "<h3>{}</h3>\n<div class=wide><table><tr><th>nodes<th>ns a node<th>by hand<th>bytes a node, peak<th>kept<th></tr>",
            escape(growth.name)
        );
        for step in &growth.steps {
            let _ = writeln!(
                page,
                "<tr><td>{}</td><td>{:.1}</td><td>{:.1}</td><td>{:.1}</td><td>{}</td><td class=words>{}</td></tr>",
                step.nodes,
                step.time,
                step.by_hand,
                step.heap.peak as f64 / step.nodes as f64,
                bytes(step.heap.kept),
                escape(&step.flag.as_ref().map_or_else(String::new, Flag::to_string))
            );
        }
        page.push_str("</table></div>\n");
    }
}

fn elsewhere(page: &mut String, report: &Report) {
    page.push_str("<h2>Other languages</h2>\n<p>On values like these workloads' with as many nodes.</p>\n<div class=wide><table>\
                   <tr><th>copy<th>workload<th>time<th>of deepclone's</tr>\n");
    for foreign in &report.foreign {
        let ours = report
            .rows
            .iter()
            .find(|row| row.id == foreign.workload)
            .and_then(|row| row.time_of(Role::Derived));
        let _ = match &foreign.outcome {
            Ok(taken) => writeln!(
                page,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                foreign.name,
                foreign.workload,
                time(*taken),
                ours.map_or_else(String::new, |ours| ratio(taken / ours))
            ),
            Err(why) => writeln!(
                page,
                "<tr><td>{}</td><td>{}</td><td class=words colspan=2>can't: {}</td></tr>",
                foreign.name,
                foreign.workload,
                escape(why)
            ),
        };
    }
    page.push_str("</table></div>\n<h2>Compile cost</h2>\n");
    match &report.compiled {
        Ok(compiled) => {
            for of in compiled {
                let _ = writeln!(page, "<p>{}.</p>", escape(&of.sentence()));
            }
        }
        Err(why) => {
            let _ = writeln!(page, "<p class=soft>{}</p>", escape(why));
        }
    }
}

fn made_with(page: &mut String, report: &Report) {
    let machine = &report.machine;
    let caches: Vec<String> = machine
        .caches
        .iter()
        .map(|cache| format!("{} {}", cache.name, bytes(cache.bytes as usize)))
        .collect();
    let memory = machine.memory.map_or_else(
        || "unknown".to_owned(),
        |memory| format!("{} GiB", memory >> 30),
    );
    let languages = if machine.languages.is_empty() {
        "neither python3 nor node is on the PATH".to_owned()
    } else {
        machine.languages.join(", ")
    };
    page.push_str("<dl>\n");
    for (term, of) in [
        ("command", format!("<code>{}</code>", escape(&report.command))),
        ("commit", escape(machine.commit.as_deref().unwrap_or("none"))),
        ("processor", format!("{}, {} of them", escape(&machine.processor), machine.processors)),
        ("caches", escape(&caches.join(", "))),
        ("memory", memory),
        ("system", escape(&machine.system)),
        ("compiler", escape(&machine.rustc)),
        ("serde and codecs", escape(&machine.codecs.join(", "))),
        ("other languages", escape(&languages)),
        (
            "method",
            "all contenders of a workload in one process and on one thread, in an order shuffled every round, those through \
             serde after the others; processor time of that thread; the system's allocator"
                .to_owned(),
        ),
    ] {
        let _ = writeln!(page, "<dt>{term}</dt><dd>{of}</dd>");
    }
    page.push_str("</dl>\n");
}

/// The page of a report.
pub fn page(report: &Report, charts: &[Chart]) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport content=\"width=device-width,initial-scale=1\">\n\
         <title>What a deep clone costs</title>\n<style>{STYLE}</style>\n<h1>What a deep clone costs</h1>\n"
    );
    made_with(&mut page, report);
    page.push_str("<div class=charts>\n");
    for chart in charts {
        let _ = writeln!(
            page,
            "<figure><h2>{}</h2>{}<figcaption>{}</figcaption></figure>",
            chart.title, chart.svg, chart.caption
        );
    }
    page.push_str("</div>\n");
    workloads(&mut page, report);
    growth(&mut page, report);
    elsewhere(&mut page, report);
    page
}
