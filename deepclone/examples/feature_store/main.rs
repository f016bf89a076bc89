//! A risk platform's feature store in memory, copied while it is in use.
//!
//! Events stream in and update the features of users behind locks, readers score by them, a rule book is published through `Snapshot`, and
//! every 250 ms a snapshotter deep-clones the whole store. Half of the time it rests, so that the report can tell what the copies cost the others.
//!
//! ```text
//! cargo run --release --example feature_store -- [--seconds S] [--writers W] [--readers R] [--users N] [--entries N] [--csv FILE] [--svg FILE]
//! ```

mod arguments;
mod clock;
mod curve;
mod hold;
mod report;
mod shadow;
mod snapshots;
mod store;
mod traffic;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use arguments::Arguments;
use clock::{Clock, Phase};
use report::Report;
use store::Store;

/// Set by Ctrl-C.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    if let Err(error) = ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed)) {
        eprintln!("Ctrl-C will not end in a report: {error}");
    }
    eprintln!("filling the store with {} users …", arguments.users);
    let store = Store::filled(arguments.users);
    let clock = Clock::new(arguments.seconds);
    let report = run(&store, &clock, &arguments);
    print!("{report}");
    if let Err(error) = report.write_files(&arguments) {
        eprintln!("{error}");
        return ExitCode::from(2);
    }
    if report.is_faithful() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs everybody until the time is up, and gathers what they saw.
fn run(store: &Store, clock: &Clock, arguments: &Arguments) -> Report {
    let mut report = Report::new(arguments);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..arguments.writers)
            .map(|number| scope.spawn(move || traffic::write(store, clock, number)))
            .collect();
        let readers: Vec<_> = (0..arguments.readers)
            .map(|number| scope.spawn(move || traffic::read(store, clock, number)))
            .collect();
        let publisher = scope.spawn(|| traffic::publish(store, clock));
        let snapshotter = scope.spawn(|| snapshots::take(store, clock));
        while clock.phase() != Phase::Over {
            if INTERRUPTED.load(Ordering::Relaxed) {
                clock.stop();
            }
            progress(store, clock);
            thread::sleep(Duration::from_millis(100));
        }
        report.seconds = clock.elapsed().as_secs_f64();
        eprintln!();
        for writer in writers {
            report.writers.merge(writer.join().expect("a writer"));
        }
        for reader in readers {
            report.readers.merge(reader.join().expect("a reader"));
        }
        report.published = publisher.join().expect("the publisher");
        report.snapshots = snapshotter.join().expect("the snapshotter");
    });
    if arguments.entries > 0 && !INTERRUPTED.load(Ordering::Relaxed) {
        eprintln!(
            "copying {} entries under a lock, in three ways …",
            arguments.entries
        );
        report.holds = Some(hold::compare(arguments.entries));
    }
    report
}

fn progress(store: &Store, clock: &Clock) {
    let elapsed = clock.elapsed().as_secs_f64();
    let events = store.events();
    eprint!(
        "\r{elapsed:6.1} s   {:>9} events   {:>9.0} events/s   {} snapshots   {}   ",
        events,
        events as f64 / elapsed.max(0.001),
        store.copies(),
        match clock.phase() {
            Phase::Quiet => "snapshots off",
            Phase::Copying => "snapshots on ",
            Phase::Over => "done         ",
        }
    );
}

/// How long something took, in nanoseconds.
fn nanoseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
