//! What a copy through serde costs: time beside bincode 2.0.1 and beside `Clone`, and the buffers' share. What it allocates, `allocations` counts.
//!
//! `cargo bench -p deepclone-serde --features bincode`. Contenders run by turns in a shuffled order, and medians are shown.

mod values;

use std::hint::black_box;
use std::time::{Duration, Instant};

use bincode::config::standard;
use serde::{Serialize, de::DeserializeOwned};
use values::{config, document, floats, map, on_large_stack, small};

fn median(times: &mut [Duration]) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}

fn time<R>(work: impl FnOnce() -> R) -> Duration {
    let start = Instant::now();
    let result = black_box(work());
    let took = start.elapsed();
    drop(result);
    took
}

fn compare<T: Serialize + DeserializeOwned + Clone>(
    name: &str,
    value: &T,
    rounds: usize,
    bars: &str,
) {
    let mut buffer = Vec::new();
    let mut through_bincode = || -> T {
        buffer.clear();
        bincode::serde::encode_into_std_write(black_box(value), &mut buffer, standard()).unwrap();
        bincode::serde::decode_from_slice(&buffer, standard())
            .unwrap()
            .0
    };
    let mut times = [const { Vec::new() }; 3];
    let mut state = 88_172_645_463_325_252_u64;
    for _ in 0..rounds {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let mut order = [0, 1, 2];
        order.swap(0, (state % 3) as usize);
        order.swap(1, 1 + (state / 3 % 2) as usize);
        for contender in order {
            times[contender].push(match contender {
                0 => time(|| deepclone_serde::copy(black_box(value)).unwrap()),
                1 => time(&mut through_bincode),
                _ => time(|| black_box(value).clone()),
            });
        }
    }
    let [ours, bincode, clone] = &mut times;
    let (ours, bincode, clone) = (median(ours), median(bincode), median(clone));
    let kilobytes = buffer.len() / 1_000;
    println!(
        "{name:<28} {kilobytes:>5} kB {ours:>9.1} us  ÷ bincode {:>5.2}  ÷ Clone {:>6.2}  bars {bars}",
        ours / bincode,
        ours / clone,
    );
}

/// The same copies with buffers from the pool and with fresh ones.
fn compare_buffers<T: Serialize + DeserializeOwned>(name: &str, value: &T) {
    let rounds = 2_000;
    let run = |copy: &dyn Fn() -> T| {
        let took = time(|| (0..rounds).for_each(|_| drop(black_box(copy()))));
        took.as_secs_f64() * 1e9 / f64::from(rounds)
    };
    let pooled = || deepclone_serde::copy(value).unwrap();
    let fresh = || deepclone_serde::Copier::new().copy(value).unwrap();
    run(&pooled);
    let (with, without) = (run(&pooled), run(&fresh));
    println!("{name:<28} with the pool {with:>9.0} ns; without {without:>9.0} ns");
}

fn main() {
    on_large_stack(|| {
        compare("Vec<f64> 100k", &floats(), 300, "1.2 / 11");
        compare("config tree", &config(), 150, "1.0 / 1.85");
        compare("HashMap<String, Vec<String>>", &map(), 100, "1.0 / 1.8");
        compare("20k small numeric structs", &small(), 300, "1.2 / -");
        compare("document, 400 deep", &document(400), 500, "1.0 / -");
        compare_buffers("one small struct", &small()[0]);
        compare_buffers("one configuration", &config()[0]);
        compare_buffers("document, 400 deep", &document(400));
    });
}
