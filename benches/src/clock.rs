//! How contenders are timed: by turns in an order that is shuffled every round, so that the state of the heap and the moods of the
//! machine fall on all of them, with the drop of the copies outside. What copies through serde has turns of its own, after the others:
//! it is so much slower that it would leave them cold caches at every turn.

use std::cell::Cell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use serde::{Deserialize, Serialize};

use crate::contender::{Copying, Role};
use crate::workload::Workload;

/// How long a workload is measured.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Rounds {
    /// Rounds at least, whatever they take.
    pub least: usize,
    /// Rounds at most.
    pub most: usize,
    /// Stop after this.
    pub budget: Duration,
}

impl Rounds {
    /// For figures to be shown.
    pub const FULL: Self = Self {
        least: 15,
        most: 4000,
        budget: Duration::from_millis(2500),
    };
    /// For a first look.
    pub const QUICK: Self = Self {
        least: 3,
        most: 1000,
        budget: Duration::from_millis(250),
    };
}

/// What a contender takes for one copy, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Measured {
    /// The median over all rounds.
    pub median: f64,
    /// The best round: what is left when others use the machine.
    pub best: f64,
    /// The quarter of the rounds that was slower than this.
    pub upper: f64,
    /// How many rounds there were.
    pub rounds: usize,
}

/// A sample lasts about this, or one copy.
const SAMPLE: f64 = 20_000.0;
/// Copies that live at once, at most: more would fall out of the caches.
const COPIES: usize = 64;

/// The time that this thread has had of a processor: what else runs on the machine counts only as far as it spoils the caches. All
/// contenders run on one thread.
fn sample(contender: &mut dyn Copying, copies: usize) -> f64 {
    if copies == 1 {
        tidy_heap();
    }
    let begun = Cell::new(ThreadTime::now());
    let taken = Cell::new(Duration::ZERO);
    contender.run(copies, &mut || begun.set(ThreadTime::now()), &mut || {
        taken.set(begun.get().elapsed());
    });
    taken.get().as_nanos() as f64 / copies as f64
}

/// Has glibc's allocator join the small chunks that the last copy left, which it does when a large one comes and goes. Otherwise a
/// large copy would get its memory in the order in which another contender's copy was dropped.
fn tidy_heap() {
    drop(black_box(Vec::<u8>::with_capacity(256 << 10)));
}

/// Has glibc's allocator keep what is freed: its thresholds follow the largest block that it has given back.
pub fn keep_freed_memory() {
    drop(black_box(Vec::<u8>::with_capacity(31 << 20)));
}

struct Entrant<'a> {
    index: usize,
    copy: &'a mut dyn Copying,
    copies: usize,
    samples: Vec<f64>,
}

impl<'a> Entrant<'a> {
    /// After two copies to get warm, which also tell how many a sample takes. Where that is one for sure, one copy is enough.
    fn new(index: usize, copy: &'a mut dyn Copying) -> Self {
        let first = sample(copy, 1);
        let warm = if first > 100.0 * SAMPLE {
            first
        } else {
            sample(copy, 1).min(first).max(1.0)
        };
        Self {
            index,
            copy,
            copies: ((SAMPLE / warm) as usize).clamp(1, COPIES),
            samples: Vec::new(),
        }
    }

    fn measured(mut self) -> Measured {
        self.samples.sort_by(f64::total_cmp);
        let samples = self.samples;
        Measured {
            median: samples[samples.len() / 2],
            best: samples[0],
            upper: samples[samples.len() * 3 / 4],
            rounds: samples.len(),
        }
    }
}

fn race(entrants: &mut [Entrant<'_>], rounds: Rounds) {
    let begun = Instant::now();
    let mut done = 0;
    while done < rounds.least || (done < rounds.most && begun.elapsed() < rounds.budget) {
        fastrand::shuffle(entrants);
        for entrant in &mut *entrants {
            let sample = sample(entrant.copy, entrant.copies);
            entrant.samples.push(sample);
        }
        done += 1;
    }
}

/// Measures those of `workload`'s contenders that can copy its value; in their order.
pub fn measure(workload: &mut Workload, rounds: Rounds) -> Vec<Option<Measured>> {
    let mut results = vec![None; workload.contenders.len()];
    let rounds = Rounds {
        budget: rounds.budget / 2,
        ..rounds
    };
    for through_serde in [false, true] {
        let contenders = workload.contenders.iter_mut().enumerate();
        let mut entrants: Vec<Entrant<'_>> = contenders
            .filter(|(_, contender)| (contender.role == Role::Serde) == through_serde)
            .filter_map(|(index, contender)| {
                let copy = contender.copy.as_mut().ok()?;
                Some(Entrant::new(index, &mut **copy))
            })
            .collect();
        if entrants.is_empty() {
            continue;
        }
        race(&mut entrants, rounds);
        for entrant in entrants {
            let index = entrant.index;
            results[index] = Some(entrant.measured());
        }
    }
    results
}

/// Measures two against each other.
pub(crate) fn measure_two([one, other]: [&mut dyn Copying; 2], rounds: Rounds) -> [Measured; 2] {
    let mut entrants = [Entrant::new(0, one), Entrant::new(1, other)];
    race(&mut entrants, rounds);
    // The race has shuffled them.
    entrants.sort_by_key(|entrant| entrant.index);
    entrants.map(Entrant::measured)
}
