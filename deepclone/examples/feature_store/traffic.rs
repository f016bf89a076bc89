//! Those who use the store: writers, readers, and the publisher of rules.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crate::clock::{Clock, Phase};
use crate::curve::Latencies;
use crate::nanoseconds;
use crate::store::{Store, open};

/// Events after which a writer tells the others how far it is.
const BATCH: u64 = 256;

const MERCHANTS: [&str; 4] = ["grocer", "airline", "a bookshop with a long name", "fuel"];
const COUNTRIES: [&str; 5] = ["de", "fr", "jp", "br", "us"];

/// Pseudo-random numbers: splitmix64.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// Writes events until the run is over.
pub(crate) fn write(store: &Store, clock: &Clock, number: usize) -> Latencies {
    let mut numbers = Numbers::new(number as u64);
    let mut latencies = Latencies::new();
    loop {
        let (phase, point) = clock.now();
        if phase == Phase::Over {
            return latencies;
        }
        for _ in 0..BATCH {
            let number = numbers.next();
            let amount = (number % 100_000) as f64 / 100.0;
            let merchant = MERCHANTS[(number >> 20) as usize % MERCHANTS.len()];
            let country = COUNTRIES[(number >> 24) as usize % COUNTRIES.len()];
            let start = Instant::now();
            let user = store.user((number >> 32) % store.count);
            open(&user).update(amount, merchant, country);
            latencies.record(phase, point, nanoseconds(start));
        }
        store.add_events(BATCH);
    }
}

/// Scores users until the run is over.
pub(crate) fn read(store: &Store, clock: &Clock, number: usize) -> Latencies {
    let mut numbers = Numbers::new(!(number as u64));
    let mut latencies = Latencies::new();
    loop {
        let (phase, point) = clock.now();
        if phase == Phase::Over {
            return latencies;
        }
        for _ in 0..BATCH {
            let start = Instant::now();
            let rules = store.rules.load();
            let user = store.user(numbers.next() % store.count);
            let mean = open(&user).mean;
            for rule in &rules.limits {
                if mean > rule.limit {
                    rule.hits.fetch_add(1, Ordering::Relaxed);
                }
            }
            latencies.record(phase, point, nanoseconds(start));
        }
    }
}

/// Publishes a new rule book every 100 ms. Returns how many.
pub(crate) fn publish(store: &Store, clock: &Clock) -> u64 {
    while clock.phase() != Phase::Over {
        store.rules.update(|draft| {
            draft.version += 1;
            let shift = draft.version as usize % draft.limits.len();
            draft.strictest = draft.limits[shift].clone();
            for rule in &draft.limits {
                rule.hits.store(0, Ordering::Relaxed);
            }
        });
        thread::sleep(Duration::from_millis(100));
    }
    let rules = store.rules.load();
    assert!(
        rules
            .limits
            .iter()
            .any(|rule| std::sync::Arc::ptr_eq(rule, &rules.strictest)),
        "what is shared within a version is shared within the next"
    );
    rules.version
}
