//! The report: all workloads measured, shown in a terminal and on a page.

mod charts;
mod gather;
mod page;
mod readme;
mod table;

pub use charts::{Chart, charts};
pub use gather::{Extent, Growth, Report, Row, Seat, WORKLOAD, gather, measure_here};
pub use page::page;
pub use readme::{CHART, readme};
pub use table::{markdown, terminal};

/// A time for people.
pub(crate) fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e4 => format!("{:.2} µs", n / 1e3),
        n if n < 1e6 => format!("{:.0} µs", n / 1e3),
        n if n < 1e8 => format!("{:.2} ms", n / 1e6),
        n if n < 1e9 => format!("{:.0} ms", n / 1e6),
        n => format!("{:.2} s", n / 1e9),
    }
}

/// A ratio for people: three figures that mean something.
pub(crate) fn ratio(ratio: f64) -> String {
    match ratio {
        r if r < 0.1 => format!("{r:.3}"),
        r if r < 10.0 => format!("{r:.2}"),
        r => format!("{r:.0}"),
    }
}

/// A size for people.
pub(crate) fn bytes(bytes: usize) -> String {
    match bytes as f64 {
        b if b < 1e4 => format!("{b:.0} B"),
        b if b < 1e6 => format!("{:.0} kB", b / 1e3),
        b if b < 1e8 => format!("{:.1} MB", b / 1e6),
        b if b < 1e9 => format!("{:.0} MB", b / 1e6),
        b => format!("{:.2} GB", b / 1e9),
    }
}
