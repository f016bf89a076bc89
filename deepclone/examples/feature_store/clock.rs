//! What time it is in the run: quiet, copying, over.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The run alternates between both kinds so often, so that whatever else the machine does meets both alike.
const TURNS: u32 = 4;
/// Points of the latency curve at most.
const POINTS: u32 = 400;

/// A part of the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// Nobody copies.
    Quiet,
    /// A copy is made every 250 ms.
    Copying,
    Over,
}

/// The clock of a run.
pub(crate) struct Clock {
    start: Instant,
    total: Duration,
    stopped: AtomicBool,
}

impl Clock {
    pub(crate) fn new(seconds: u64) -> Self {
        Self {
            start: Instant::now(),
            total: Duration::from_secs(seconds),
            stopped: AtomicBool::new(false),
        }
    }

    /// Ends the run before its time.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase_at(self.elapsed())
    }

    fn phase_at(&self, elapsed: Duration) -> Phase {
        if elapsed >= self.total || self.stopped.load(Ordering::Relaxed) {
            return Phase::Over;
        }
        let turn = self.total / (2 * TURNS);
        let index = elapsed.as_nanos() / turn.as_nanos();
        if index % 2 == 0 {
            Phase::Quiet
        } else {
            Phase::Copying
        }
    }

    /// The phase, and the point of the latency curve.
    pub(crate) fn now(&self) -> (Phase, usize) {
        let elapsed = self.elapsed();
        let point = elapsed.as_nanos() / self.step().as_nanos();
        (self.phase_at(elapsed), point as usize)
    }

    /// The time from one point of the latency curve to the next.
    pub(crate) fn step(&self) -> Duration {
        Duration::from_millis(250).max(self.total / POINTS)
    }
}
