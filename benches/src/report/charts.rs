//! The charts: SVG that `plotters` draws, narrow enough for a phone, in colours that a style sheet exchanges in the dark.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::gather::{Report, Row};
use super::{ratio, time};
use crate::contender::Role;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// A drawing, with its words.
pub struct Chart {
    /// The name of its file.
    pub file: &'static str,
    /// Its headline.
    pub title: &'static str,
    /// What it shows.
    pub caption: &'static str,
    /// The drawing itself.
    pub svg: String,
}

const WIDTH: u32 = 440;
/// The height of a line of words.
const LINE: i32 = 18;
/// The height of a bar and of the figure behind it.
const BAR: i32 = 15;
/// The back end divides by 1.24: 13 pixels, which are ten on a phone.
const FONT: i32 = 16;
/// Where bars begin.
const LEFT: i32 = 60;
/// Where bars end, with room for a figure behind.
const RIGHT: i32 = WIDTH as i32 - 64;

/// Stands for the page's ink: the style sheet exchanges it.
const INK: RGBColor = RGBColor(1, 1, 1);
/// Stands for the page's rules.
const RULE: RGBColor = RGBColor(190, 190, 191);
/// Colours that can be told apart on white and on black.
const COLOURS: [RGBColor; 6] = [
    RGBColor(46, 134, 222),
    RGBColor(225, 130, 40),
    RGBColor(76, 160, 100),
    RGBColor(160, 105, 200),
    RGBColor(210, 75, 95),
    RGBColor(128, 135, 145),
];

/// For drawings that stand alone, in a README for instance.
const STYLE: &str = "<style>text{font-family:system-ui,sans-serif}@media(prefers-color-scheme:dark){[fill=\"#010101\"]{fill:#e8e8e8}\
                     [stroke=\"#010101\"]{stroke:#e8e8e8}[fill=\"#BEBEBF\"]{fill:#555}[stroke=\"#BEBEBF\"]{stroke:#555}}</style>";

fn svg(height: i32, draw: impl FnOnce(&Area<'_>) -> Drawn) -> String {
    let mut svg = String::new();
    {
        let area =
            SVGBackend::with_string(&mut svg, (WIDTH, height.unsigned_abs())).into_drawing_area();
        draw(&area)
            .and_then(|()| Ok(area.present()?))
            .expect("drawing into a string can't fail");
    }
    // Behind the opening tag.
    let opening = svg
        .find("<svg")
        .and_then(|at| Some(at + svg[at..].find('>')? + 1))
        .expect("an SVG opens with its tag");
    svg.insert_str(opening, STYLE);
    svg
}

fn write(area: &Area<'_>, text: &str, at: (i32, i32), anchor: HPos, colour: RGBColor) -> Drawn {
    let style = ("sans-serif", FONT)
        .into_font()
        .color(&colour)
        .pos(Pos::new(anchor, VPos::Center));
    area.draw(&Text::new(text.to_owned(), at, style))?;
    Ok(())
}

/// Some bars under one label.
struct Group {
    label: String,
    /// Value, its text, the series it belongs to.
    bars: Vec<(f64, String, usize)>,
    /// A bound to be marked.
    bound: Option<f64>,
}

/// Bars on a scale of powers, from a middle line at 1.
fn bars(groups: &[Group], series: &[&str], low: f64, high: f64) -> String {
    let rows: i32 = groups.iter().map(|group| group.bars.len() as i32).sum();
    let legend = (series.len() as i32 + 1) / 2;
    let top = 8 + legend * LINE;
    let height = top + rows * BAR + groups.len() as i32 * 5 + 22;
    let place = |value: f64| {
        let part = (value.clamp(low, high) / low).ln() / (high / low).ln();
        LEFT + (part * f64::from(RIGHT - LEFT)) as i32
    };
    svg(height, |area| {
        for (index, name) in series.iter().enumerate() {
            let x = 6 + (index as i32 % 2) * (WIDTH as i32 / 2);
            let y = 10 + (index as i32 / 2) * LINE;
            area.draw(&Rectangle::new(
                [(x, y - 5), (x + 10, y + 5)],
                COLOURS[index].filled(),
            ))?;
            write(area, name, (x + 16, y), HPos::Left, INK)?;
        }
        let bottom = height - 20;
        let mut tick = low;
        while tick <= high * 1.001 {
            let x = place(tick);
            let colour = if (tick - 1.0).abs() < 1e-9 { INK } else { RULE };
            area.draw(&PathElement::new(vec![(x, top), (x, bottom)], colour))?;
            write(
                area,
                &format!("{tick}"),
                (x, bottom + 10),
                HPos::Center,
                INK,
            )?;
            tick = if tick < 0.999 && tick * 10.0 > 1.001 {
                1.0
            } else {
                tick * 10.0
            };
        }
        let mut y = top + 4;
        for group in groups {
            let tall = group.bars.len() as i32 * BAR;
            write(
                area,
                &group.label,
                (LEFT - 6, y + tall / 2),
                HPos::Right,
                INK,
            )?;
            for (index, (value, text, series)) in group.bars.iter().enumerate() {
                let y = y + index as i32 * BAR;
                let (one, end) = (place(1.0), place(*value));
                let (from, to) = (one.min(end), one.max(end).max(one.min(end) + 1));
                area.draw(&Rectangle::new(
                    [(from, y + 1), (to, y + BAR - 2)],
                    COLOURS[*series].filled(),
                ))?;
                let to = to.max(one);
                write(area, text, (to + 4, y + BAR / 2), HPos::Left, INK)?;
            }
            if let Some(bound) = group.bound {
                let x = place(bound);
                area.draw(&PathElement::new(
                    vec![(x, y - 1), (x, y + tall)],
                    COLOURS[4].stroke_width(2),
                ))?;
            }
            y += tall + 5;
        }
        Ok(())
    })
}

/// Lines over sizes, both scales in powers.
fn curves(report: &Report, height: i32, of: impl Fn(&crate::growth::Step) -> f64) -> String {
    let lines: Vec<(&str, Vec<(f64, f64)>)> = report
        .growth
        .iter()
        .map(|growth| {
            let points = growth
                .steps
                .iter()
                .map(|step| (step.nodes as f64, of(step)))
                .collect();
            (growth.name, points)
        })
        .collect();
    let points = || lines.iter().flat_map(|(_, points)| points.iter().copied());
    let most_nodes = points().map(|(nodes, _)| nodes).fold(1e4, f64::max);
    let most = points().map(|(_, value)| value).fold(1.0, f64::max);
    let least = points().map(|(_, value)| value).fold(most, f64::min);
    svg(height, |area| {
        for (index, (name, _)) in lines.iter().enumerate() {
            let y = 10 + index as i32 * LINE;
            area.draw(&Rectangle::new(
                [(6, y - 5), (16, y + 5)],
                COLOURS[index].filled(),
            ))?;
            write(area, name, (22, y), HPos::Left, INK)?;
        }
        let area = area.margin(lines.len() as i32 * LINE + 12, 4, 4, 16);
        let label = ("sans-serif", FONT).into_font().color(&INK);
        let mut chart = ChartBuilder::on(&area)
            .x_label_area_size(24)
            .y_label_area_size(44)
            .build_cartesian_2d(
                (1e3..most_nodes).log_scale(),
                (least / 2.0..most * 2.0).log_scale(),
            )?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(RULE)
            .axis_style(INK)
            .x_labels(5)
            .y_labels(5)
            .x_label_formatter(&|nodes| match nodes {
                n if *n >= 1e6 => format!("{:.0}M", n / 1e6),
                n => format!("{:.0}k", n / 1e3),
            })
            .y_label_formatter(&|value| format!("{value:.0}"))
            .label_style(label)
            .draw()?;
        for (index, (_, points)) in lines.iter().enumerate() {
            let colour = COLOURS[index];
            chart.draw_series(LineSeries::new(
                points.iter().copied(),
                colour.stroke_width(2),
            ))?;
            chart.draw_series(
                points
                    .iter()
                    .map(|&point| Circle::new(point, 3, colour.filled())),
            )?;
        }
        Ok(())
    })
}

fn ratios(report: &Report) -> String {
    let group = |row: &Row| {
        let mut bars = Vec::new();
        let value = row.against(row.baseline())?;
        bars.push((value, ratio(value), 0));
        if let Some(peer) = row.time_of(Role::Peer) {
            let value = peer * value / row.time_of(Role::Derived)?;
            bars.push((value, ratio(value), 1));
        }
        Some(Group {
            label: row.id.to_owned(),
            bars,
            bound: row.bars.first().map(|bar| bar.ratio),
        })
    };
    let groups: Vec<Group> = report.rows.iter().filter_map(group).collect();
    bars(&groups, &["deepclone", "crates.io 0.3.2"], 0.01, 100.0)
}

fn serialized(report: &Report) -> String {
    let group = |row: &Row| {
        let ours = row.time_of(Role::Derived)?;
        let codecs = row.seats.iter().filter(|seat| seat.role == Role::Serde);
        let bars: Vec<(f64, String, usize)> = codecs
            .enumerate()
            .filter_map(|(index, seat)| {
                let taken = seat.outcome.as_ref().ok()?.0.median;
                Some((taken / ours, time(taken), index))
            })
            .collect();
        (!bars.is_empty()).then(|| Group {
            label: row.id.to_owned(),
            bars,
            bound: None,
        })
    };
    let groups: Vec<Group> = report.rows.iter().filter_map(group).collect();
    let codecs = ["the tape", "MessagePack", "bincode", "postcard"];
    bars(&groups, &codecs, 0.1, 1000.0)
}

fn allocations(report: &Report) -> String {
    let group = |row: &Row| {
        let base = row.baseline();
        let theirs = row.seats.iter().find(|seat| seat.name == base)?;
        let theirs = theirs.outcome.as_ref().ok()?.1;
        let ours = row.heap();
        let over = |ours: usize, theirs: usize| ours as f64 / theirs.max(1) as f64;
        let (calls, peak) = (
            over(ours.allocations, theirs.allocations),
            over(ours.peak, theirs.peak),
        );
        Some(Group {
            label: row.id.to_owned(),
            bars: vec![(calls, ratio(calls), 0), (peak, ratio(peak), 1)],
            bound: None,
        })
    };
    let groups: Vec<Group> = report.rows.iter().filter_map(group).collect();
    bars(&groups, &["allocations", "bytes at the peak"], 0.01, 100.0)
}

/// All charts of a report.
pub fn charts(report: &Report) -> Vec<Chart> {
    vec![
        Chart {
            file: "ratios.svg",
            title: "Time against the baseline",
            caption: "The baseline's time is 1: Clone where it means the same, else the copy written by hand that the table \
                      names. Left of the line is faster; a red mark is the bar that the library has to meet.",
            svg: ratios(report),
        },
        Chart {
            file: "time-per-node.svg",
            title: "Nanoseconds a node as a value grows",
            caption: "Level lines are linear time. They rise where a value outgrows a cache.",
            svg: curves(report, 300, |step| step.time),
        },
        Chart {
            file: "bytes-per-node.svg",
            title: "Bytes a node at the peak as a value grows",
            caption: "The copy and what the library keeps while it copies.",
            svg: curves(report, 300, |step| {
                step.heap.peak as f64 / step.nodes as f64
            }),
        },
        Chart {
            file: "serialized.svg",
            title: "A copy through serde against a derived one",
            caption: "The derived copy's time is 1; the figures are the times of deepclone_serde::copy with each codec.",
            svg: serialized(report),
        },
        Chart {
            file: "allocations.svg",
            title: "Allocations and peak against the baseline",
            caption: "The baseline's count is 1. Above it are the memo and what is put off.",
            svg: allocations(report),
        },
    ]
}
