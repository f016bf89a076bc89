//! What a copy through serde costs: time beside bincode 2.0.1 and beside `Clone`, allocations beyond the copy's own, and the
//! buffers' share.
//!
//! `cargo bench -p deepclone-serde --features bincode`. Contenders run by turns in a shuffled order, and medians are shown.

use bincode::config::standard;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

mod counting {
    #![expect(
        unsafe_code,
        reason = "an allocator that counts can't be written without"
    )]
    use super::*;

    pub(super) struct Counting;
    pub(super) static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

    // SAFETY: every call goes to the system's allocator as it came.
    unsafe impl GlobalAlloc for Counting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
            // SAFETY: the caller's promise is handed on.
            unsafe { System.alloc(layout) }
        }
        unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
            // SAFETY: the caller's promise is handed on.
            unsafe { System.dealloc(at, layout) }
        }
        unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
            // SAFETY: the caller's promise is handed on.
            unsafe { System.realloc(at, layout, size) }
        }
    }
}

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

fn allocations<R>(work: impl FnOnce() -> R) -> (usize, R) {
    let before = counting::ALLOCATIONS.load(Ordering::Relaxed);
    let result = work();
    (
        counting::ALLOCATIONS.load(Ordering::Relaxed) - before,
        result,
    )
}

#[derive(Serialize, Deserialize, Clone)]
struct Small {
    id: u32,
    kind: u8,
    x: f32,
    y: f32,
    weight: f64,
    count: i64,
}

#[derive(Serialize, Deserialize, Clone)]
struct Config {
    name: String,
    enabled: bool,
    limits: Limits,
    services: Vec<Service>,
    labels: HashMap<String, String>,
}

#[derive(Serialize, Deserialize, Clone)]
struct Limits {
    memory: u64,
    cpus: f64,
    burst: Option<u32>,
}

#[derive(Serialize, Deserialize, Clone)]
struct Service {
    name: String,
    ports: Vec<u16>,
    backend: Backend,
    retry: Option<Retry>,
}

#[derive(Serialize, Deserialize, Clone)]
enum Backend {
    None,
    Socket(String),
    Http {
        host: String,
        path: String,
        tls: bool,
    },
    Weighted(Vec<(String, f32)>),
}

#[derive(Serialize, Deserialize, Clone)]
struct Retry {
    attempts: u8,
    delays: Vec<u64>,
}

#[derive(Serialize, Deserialize, Clone)]
struct Node {
    tag: String,
    children: Vec<Node>,
}

fn config() -> Vec<Config> {
    (0..1_080)
        .map(|i| Config {
            name: format!("application-{i}"),
            enabled: i % 3 == 0,
            limits: Limits {
                memory: i * 1_000_000,
                cpus: i as f64 / 7.0,
                burst: (i % 2 == 0).then_some(i as u32),
            },
            services: (0..16)
                .map(|j| Service {
                    name: format!("service-{i}-{j}"),
                    ports: vec![80, 443, 8000 + j],
                    backend: match j % 4 {
                        0 => Backend::None,
                        1 => Backend::Socket(format!("/run/service-{j}.sock")),
                        2 => Backend::Http {
                            host: format!("host-{j}.example.org"),
                            path: "/api/v1/items".to_owned(),
                            tls: true,
                        },
                        _ => Backend::Weighted(vec![
                            ("left".to_owned(), 0.25),
                            ("right".to_owned(), 0.75),
                        ]),
                    },
                    retry: (j % 2 == 0).then(|| Retry {
                        attempts: 3,
                        delays: vec![10, 100, 1000],
                    }),
                })
                .collect(),
            labels: (0..8)
                .map(|j| (format!("label-{j}"), format!("value-{i}-{j}")))
                .collect(),
        })
        .collect()
}

fn document(depth: usize) -> Node {
    (0..depth).fold(
        Node {
            tag: "leaf".to_owned(),
            children: Vec::new(),
        },
        |inner, level| Node {
            tag: format!("level-{level}"),
            children: vec![
                Node {
                    tag: "text".to_owned(),
                    children: Vec::new(),
                },
                inner,
            ],
        },
    )
}

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
    let (by_copy, _copy) = allocations(|| deepclone_serde::copy(value).unwrap());
    let (by_bincode, _copy) = allocations(&mut through_bincode);
    let kilobytes = buffer.len() / 1_000;
    println!(
        "{name:<28} {kilobytes:>5} kB {ours:>9.1} us  ÷ bincode {:>5.2}  ÷ Clone {:>6.2}  allocations {by_copy} (bincode {by_bincode})  bars {bars}",
        ours / bincode,
        ours / clone,
    );
}

/// The same copies with buffers from the pool and with fresh ones.
fn compare_buffers<T: Serialize + DeserializeOwned>(name: &str, value: &T) {
    let rounds = 2_000;
    let run = |copy: &dyn Fn() -> T| {
        let (count, took) =
            allocations(|| time(|| (0..rounds).for_each(|_| drop(black_box(copy())))));
        let seconds = took.as_secs_f64();
        (seconds * 1e9 / f64::from(rounds), count as f64 / seconds)
    };
    let pooled = || deepclone_serde::copy(value).unwrap();
    let fresh = || deepclone_serde::Copier::new().copy(value).unwrap();
    run(&pooled);
    let (with, with_rate) = run(&pooled);
    let (without, without_rate) = run(&fresh);
    println!(
        "{name:<28} with the pool {with:>9.0} ns, {with_rate:>11.0} allocations/s; without {without:>9.0} ns, {without_rate:>11.0} allocations/s"
    );
}

fn main() {
    let floats: Vec<f64> = (0..100_000).map(|i| i as f64 * 0.37).collect();
    let small: Vec<Small> = (0..20_000)
        .map(|i| Small {
            id: i,
            kind: (i % 7) as u8,
            x: i as f32,
            y: 0.5,
            weight: f64::from(i) / 3.0,
            count: i64::from(i) * 1_000,
        })
        .collect();
    let map: HashMap<String, Vec<String>> = (0..10_000)
        .map(|i| {
            (
                format!("key-{i}"),
                (0..3).map(|j| format!("value-{i}-{j}")).collect(),
            )
        })
        .collect();
    let runs = move || {
        compare("Vec<f64> 100k", &floats, 300, "1.2 / 11");
        compare("config tree", &config(), 150, "1.0 / 1.85");
        compare("HashMap<String, Vec<String>>", &map, 100, "1.0 / 1.8");
        compare("20k small numeric structs", &small, 300, "1.2 / -");
        compare("document, 400 deep", &document(400), 500, "1.0 / -");
        compare_buffers("one small struct", &small[0]);
        compare_buffers("one configuration", &config()[0]);
        compare_buffers("document, 400 deep", &document(400));
    };
    std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(runs)
        .unwrap()
        .join()
        .unwrap();
}
