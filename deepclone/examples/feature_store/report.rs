//! What the run has shown.

use std::fmt;
use std::fs;
use std::io;

use hdrhistogram::Histogram;

use crate::arguments::Arguments;
use crate::clock::Clock;
use crate::curve::{self, Latencies, histogram};
use crate::hold::{Hold, Holds};
use crate::shadow::Comparison;
use crate::snapshots::Snapshots;

/// The report.
pub(crate) struct Report {
    pub(crate) writers: Latencies,
    pub(crate) readers: Latencies,
    pub(crate) published: u64,
    pub(crate) snapshots: Snapshots,
    pub(crate) holds: Option<Holds>,
    /// How long it ran.
    pub(crate) seconds: f64,
    step: f64,
}

impl Report {
    pub(crate) fn new(arguments: &Arguments) -> Self {
        Self {
            writers: Latencies::new(),
            readers: Latencies::new(),
            published: 0,
            snapshots: Snapshots {
                times: histogram(3),
                objects: 0,
                bytes: 0,
                users: 0,
                torn: 0,
                failed: Vec::new(),
                comparison: Comparison::default(),
            },
            holds: None,
            seconds: 0.0,
            step: Clock::new(arguments.seconds).step().as_secs_f64(),
        }
    }

    /// Whether every copy was what it should be.
    pub(crate) fn is_faithful(&self) -> bool {
        let snapshots = &self.snapshots;
        snapshots.comparison.mismatches == 0 && snapshots.torn == 0 && snapshots.failed.is_empty()
    }

    pub(crate) fn write_files(&self, arguments: &Arguments) -> io::Result<()> {
        if let Some(file) = &arguments.csv {
            fs::write(file, curve::csv(&self.writers, self.step))?;
        }
        if let Some(file) = &arguments.svg {
            fs::write(file, curve::svg(&self.writers, self.step))?;
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, who: &str, histogram: &Histogram<u64>) -> fmt::Result {
    let micros = |quantile| histogram.value_at_quantile(quantile) as f64 / 1000.0;
    writeln!(
        f,
        "  {who:<26}{:>10.2}{:>10.2}{:>10.2}{:>12.1}{:>14}",
        micros(0.5),
        micros(0.95),
        micros(0.99),
        histogram.max() as f64 / 1000.0,
        histogram.len()
    )
}

fn hold(f: &mut fmt::Formatter<'_>, way: &str, hold: &Hold) -> fmt::Result {
    writeln!(
        f,
        "  {way:<26}{:>10.1} ms held, {:>8.1} ms in all",
        hold.held.as_secs_f64() * 1000.0,
        hold.took.as_secs_f64() * 1000.0
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (writers, readers) = (&self.writers, &self.readers);
        let events = writers.quiet.len() + writers.copying.len();
        writeln!(
            f,
            "{events} events in {:.1} s: {:.0} events/s; {} rule books published\n",
            self.seconds,
            events as f64 / self.seconds.max(0.001),
            self.published
        )?;
        writeln!(
            f,
            "  {:<26}{:>10}{:>10}{:>10}{:>12}{:>14}",
            "latency in µs", "P50", "P95", "P99", "max", "operations"
        )?;
        row(f, "writers, snapshots off", &writers.quiet)?;
        row(f, "writers, snapshots on", &writers.copying)?;
        row(f, "readers, snapshots off", &readers.quiet)?;
        row(f, "readers, snapshots on", &readers.copying)?;
        if writers.quiet.is_empty() || writers.copying.is_empty() {
            writeln!(f, "  P99 of writers, on ÷ off: it ended before that\n")?;
        } else {
            let quiet = writers.quiet.value_at_quantile(0.99).max(1);
            writeln!(
                f,
                "  P99 of writers, on ÷ off: {:.2}\n",
                writers.copying.value_at_quantile(0.99) as f64 / quiet as f64
            )?;
        }
        let snapshots = &self.snapshots;
        writeln!(
            f,
            "{} snapshots: {:.1} ms in the median, {:.1} ms at most; {} allocations, {:.1} MB each",
            snapshots.times.len(),
            snapshots.times.value_at_quantile(0.5) as f64 / 1e6,
            snapshots.times.max() as f64 / 1e6,
            snapshots.objects,
            snapshots.bytes as f64 / 1e6
        )?;
        writeln!(
            f,
            "{} users looked at in the copies, {} of them not whole",
            snapshots.users, snapshots.torn
        )?;
        for failure in &snapshots.failed {
            writeln!(f, "a snapshot failed: {failure}")?;
        }
        writeln!(
            f,
            "shadow comparison: {} values compared, {} mismatches",
            snapshots.comparison.values, snapshots.comparison.mismatches
        )?;
        for path in &snapshots.comparison.paths {
            writeln!(f, "  mismatch at {path}")?;
        }
        if let Some(holds) = &self.holds {
            writeln!(f, "\na lock around a map of {} entries:", holds.entries)?;
            hold(f, "lock cloned", &holds.lock_cloned)?;
            hold(f, "handles taken first", &holds.handles_first)?;
            hold(f, "map cloned under its lock", &holds.under_lock)?;
        }
        Ok(())
    }
}
