//! Threads that change something while something else is done with it, and what to look for afterwards.

use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait for what must come: a test fails, it does not hang.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Runs something on a thread of its own and waits for its end, for so long.
///
/// # Panics
///
/// If it panics, or does not end.
pub fn must_finish<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, finished) = channel();
    thread::spawn(move || done.send(work()));
    finished.recv_timeout(PATIENCE).expect("it finishes")
}

/// Stops the threads, also when the work has panicked.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Works at least `rounds` times while threads stir, and goes on until they have stirred `least` times in the middle of some work. Stirring gets numbers that
/// differ from thread to thread.
///
/// # Panics
///
/// If the threads do not get to stir.
pub fn while_stirred(
    threads: usize,
    (rounds, least): (usize, usize),
    stir: impl Fn(usize) + Sync,
    mut work: impl FnMut(usize),
) {
    let stop = AtomicBool::new(false);
    let stirred = AtomicUsize::new(0);
    let started = Barrier::new(threads + 1);
    thread::scope(|scope| {
        let _stop = Stop(&stop);
        for thread in 0..threads {
            let (stop, stirred, started, stir) = (&stop, &stirred, &started, &stir);
            scope.spawn(move || {
                started.wait();
                let mut number = thread;
                while !stop.load(Relaxed) {
                    stir(number);
                    stirred.fetch_add(1, Relaxed);
                    number += threads;
                }
            });
        }
        started.wait();
        let mut start = Instant::now();
        let (mut round, mut meanwhile) = (0, 0);
        while round < rounds || meanwhile < least {
            let before = stirred.load(Relaxed);
            work(round);
            meanwhile += stirred.load(Relaxed) - before;
            round += 1;
            if round < rounds {
                start = Instant::now();
            }
            assert!(start.elapsed() < PATIENCE, "{meanwhile} times stirred");
        }
    });
}

/// Spins until something holds. Lets others run if that takes long.
///
/// # Panics
///
/// If it takes too long.
pub fn spin_until(holds: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if holds() {
            return;
        }
        std::hint::spin_loop();
    }
    let start = Instant::now();
    while !holds() {
        thread::yield_now();
        assert!(start.elapsed() < PATIENCE, "it does not come");
    }
}

/// Does two things at the same moment on two threads, so many times. For each number both wait for each other; then one of them, by turns, spins for a while,
/// which is a little longer or shorter each time.
pub fn in_step(rounds: usize, mut there: impl FnMut(usize) + Send, mut here: impl FnMut(usize)) {
    const LONGEST: usize = 128;
    let at = [AtomicUsize::new(0), AtomicUsize::new(0)];
    let meet = |me: usize, number: usize| {
        at[me].store(number + 1, Release);
        spin_until(|| at[1 - me].load(Acquire) > number);
        if number % 2 == me {
            for _ in 0..(number / 2) % LONGEST {
                std::hint::spin_loop();
            }
        }
    };
    thread::scope(|scope| {
        let meet = &meet;
        scope.spawn(move || {
            for number in 0..rounds {
                meet(0, number);
                there(number);
            }
        });
        for number in 0..rounds {
            meet(1, number);
            here(number);
        }
    });
}

/// The strong edges of values that nobody else has, with the counts that each found at its end, and the weak ones that lead somewhere.
#[derive(Default)]
pub struct Edges {
    strong: Vec<(*const (), usize, usize)>,
    weak: Vec<*const ()>,
}

impl Edges {
    /// Adds a strong edge, and looks at what it leads to.
    pub fn strong<T: ?Sized>(&mut self, edge: &Arc<T>, look: impl Fn(&T)) {
        look(edge);
        let counts = (Arc::strong_count(edge), Arc::weak_count(edge));
        self.strong
            .push((Arc::as_ptr(edge).cast(), counts.0, counts.1));
    }

    /// Adds a weak edge, and looks at what it leads to, if there is something.
    pub fn weak<T: ?Sized>(&mut self, edge: &Weak<T>, look: impl Fn(&T)) {
        if let Some(edge) = edge.upgrade() {
            look(&edge);
            self.weak.push(Arc::as_ptr(&edge).cast());
        }
    }

    /// Every count is the number of edges, and nothing lives by weak edges alone.
    ///
    /// # Panics
    ///
    /// If it is not so.
    pub fn check(&self) {
        for (address, strong, weak) in &self.strong {
            let edges = self.strong.iter().filter(|edge| edge.0 == *address);
            let weak_edges = self.weak.iter().filter(|edge| *edge == address);
            assert_eq!((*strong, *weak), (edges.count(), weak_edges.count()));
        }
        for weak in &self.weak {
            assert!(self.strong.iter().any(|edge| edge.0 == *weak));
        }
    }
}
