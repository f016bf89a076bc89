//! Latencies by phase and over time.

use std::fmt::Write as _;

use hdrhistogram::Histogram;

use crate::clock::Phase;

/// Latencies beyond this many nanoseconds are counted as this many.
const LONGEST: u64 = 60_000_000_000;

/// What one kind of thread has measured.
pub(crate) struct Latencies {
    pub(crate) quiet: Histogram<u64>,
    pub(crate) copying: Histogram<u64>,
    /// By the point of the curve.
    points: Vec<(Phase, Histogram<u32>)>,
}

/// A histogram that takes whatever a run can last.
pub(crate) fn histogram<C: hdrhistogram::Counter>(digits: u8) -> Histogram<C> {
    Histogram::new_with_bounds(1, LONGEST, digits).expect("the bounds are valid")
}

impl Latencies {
    pub(crate) fn new() -> Self {
        Self {
            quiet: histogram(3),
            copying: histogram(3),
            points: Vec::new(),
        }
    }

    pub(crate) fn record(&mut self, phase: Phase, point: usize, nanoseconds: u64) {
        while self.points.len() <= point {
            self.points.push((phase, histogram(1)));
        }
        self.points[point].1.saturating_record(nanoseconds);
        match phase {
            Phase::Quiet => self.quiet.saturating_record(nanoseconds),
            Phase::Copying => self.copying.saturating_record(nanoseconds),
            Phase::Over => {}
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.quiet += other.quiet;
        self.copying += other.copying;
        for (index, (phase, points)) in other.points.into_iter().enumerate() {
            match self.points.get_mut(index) {
                Some(known) => known.1 += points,
                None => self.points.push((phase, points)),
            }
        }
    }
}

/// The curve as a table.
pub(crate) fn csv(latencies: &Latencies, step: f64) -> String {
    let mut table = String::from("seconds,snapshots,events,p50_ns,p95_ns,p99_ns,max_ns\n");
    for (index, (phase, histogram)) in latencies.points.iter().enumerate() {
        let _ = writeln!(
            table,
            "{:.2},{},{},{},{},{},{}",
            index as f64 * step,
            if *phase == Phase::Copying {
                "on"
            } else {
                "off"
            },
            histogram.len(),
            histogram.value_at_quantile(0.5),
            histogram.value_at_quantile(0.95),
            histogram.value_at_quantile(0.99),
            histogram.max(),
        );
    }
    table
}

/// The curve as a picture: microseconds, logarithmic, over time; shaded where snapshots are taken.
pub(crate) fn svg(latencies: &Latencies, step: f64) -> String {
    const WIDTH: f64 = 960.0;
    const HEIGHT: f64 = 360.0;
    const LEFT: f64 = 70.0;
    const BOTTOM: f64 = 40.0;
    const DECADES: f64 = 7.0;
    let points = &latencies.points;
    let across = (WIDTH - LEFT - 10.0) / points.len().max(1) as f64;
    let x = |index: usize| LEFT + (index as f64 + 0.5) * across;
    let y = |nanoseconds: u64| {
        let decades = ((nanoseconds.max(10) as f64).log10() - 1.0).min(DECADES);
        HEIGHT - BOTTOM - decades / DECADES * (HEIGHT - BOTTOM - 20.0)
    };
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (index, (phase, _)) in points.iter().enumerate() {
        if *phase == Phase::Copying {
            let _ = writeln!(
                picture,
                "<rect x=\"{:.1}\" y=\"20\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#eef\"/>",
                x(index) - across / 2.0,
                across + 0.5,
                HEIGHT - BOTTOM - 20.0
            );
        }
    }
    for (decade, label) in [
        "10 ns", "100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms",
    ]
    .iter()
    .enumerate()
    {
        let level = y(10_u64.pow(decade as u32 + 1));
        let _ = writeln!(
            picture,
            "<line x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{level:.1}\" y2=\"{level:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            LEFT - 6.0,
            level + 4.0
        );
    }
    for (quantile, name, colour, place) in [
        (0.5, "P50", "#2a2", 0.0),
        (0.95, "P95", "#c80", 60.0),
        (0.99, "P99", "#c22", 120.0),
    ] {
        let line: Vec<String> = points
            .iter()
            .enumerate()
            .map(|(index, (_, histogram))| {
                format!(
                    "{:.1},{:.1}",
                    x(index),
                    y(histogram.value_at_quantile(quantile))
                )
            })
            .collect();
        let _ = writeln!(
            picture,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"{}\"/>\
             <text x=\"{:.1}\" y=\"14\" fill=\"{colour}\">{name}</text>",
            line.join(" "),
            LEFT + place
        );
    }
    let _ = writeln!(
        picture,
        "<text x=\"{:.1}\" y=\"{:.1}\">{:.1} s of writers' latency; shaded: a snapshot every 250 ms</text>\n</svg>",
        LEFT,
        HEIGHT - 12.0,
        points.len() as f64 * step
    );
    picture
}
