//! What copying by several threads gains, and where it gains nothing: `cargo run --release --example parallel_gain --features rayon`.
//!
//! For each kind of data: the medians of copies by one thread and by the threads of the pool, made in turns. First, what the machine gives: the same rows
//! copied in two halves by two threads that know nothing of each other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use deepclone::{DeepClone, ParDeepClone, deep_clone_batch, deep_clone_each};

#[derive(DeepClone)]
struct Row {
    name: String,
    values: Vec<u64>,
}

#[derive(DeepClone)]
struct Node {
    edges: Mutex<Vec<Arc<Node>>>,
}

/// So many copies are made each way, that the medians of one way against itself differ by two parts in a hundred at most.
const ROUNDS: usize = 51;
/// Fewer where the difference can't be missed.
const FEW_ROUNDS: usize = 7;

/// Compares two ways of copying: prints the medians.
fn tell(what: &str, alone: impl FnMut(), together: impl FnMut()) {
    tell_after(ROUNDS, what, alone, together);
}

fn tell_after(rounds: usize, what: &str, mut alone: impl FnMut(), mut together: impl FnMut()) {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..2 * rounds {
        // Alternately, and each of them first as often as second: A B B A.
        let way = usize::from(round % 4 == 1 || round % 4 == 2);
        let start = Instant::now();
        if way == 0 {
            alone()
        } else {
            together()
        }
        times[way].push(start.elapsed().as_secs_f64() * 1000.0);
    }
    let [alone, together] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    });
    println!(
        "{what:<44}{alone:>9.1} ms{together:>9.1} ms{:>8.2} ×",
        alone / together
    );
}

/// Copies a vector both ways.
fn compare<T: DeepClone + Send + Sync>(what: &str, source: &Vec<T>) {
    tell(
        what,
        || drop(source.deep_clone()),
        || drop(source.par_deep_clone()),
    );
}

fn graph(count: usize) -> Vec<Arc<Node>> {
    let nodes: Vec<_> = (0..count)
        .map(|_| {
            Arc::new(Node {
                edges: Mutex::default(),
            })
        })
        .collect();
    for (number, node) in nodes.iter().enumerate() {
        let mut edges = node.edges.lock().expect("not poisoned");
        edges.extend((1..5).map(|step| nodes[(number * 7 + step * 13) % count].clone()));
    }
    nodes
}

/// Opens the cycles, so that the nodes can go.
fn cut(nodes: &[Arc<Node>]) {
    for node in nodes {
        node.edges.lock().expect("not poisoned").clear();
    }
}

fn main() {
    println!("{:<44}{:>12}{:>12}", "", "one thread", "the pool");
    let rows: Vec<Row> = (0..100_000)
        .map(|number| Row {
            name: number.to_string(),
            values: vec![number; 64],
        })
        .collect();
    assert!(
        rows.iter()
            .all(|row| row.name.len() < 8 && row.values.len() == 64)
    );
    let halves = || {
        let (left, right) = rows.split_at(rows.len() / 2);
        thread::scope(|scope| {
            let left = scope.spawn(|| deep_clone_batch(left));
            let right = scope.spawn(|| deep_clone_batch(right));
            drop((left.join(), right.join()));
        });
    };
    tell(
        "rows, two independent halves",
        || drop(rows.deep_clone()),
        halves,
    );
    compare("rows of a String and a Vec", &rows);
    drop(rows);
    compare(
        "plain rows of 64 bytes, 2,000,000",
        &vec![[3_u64; 8]; 2_000_000],
    );
    let names: Vec<Arc<str>> = (0..1000).map(|name: u32| name.to_string().into()).collect();
    let mixed: Vec<(Arc<str>, Vec<u64>)> = (0..100_000)
        .map(|number| (names[number % 1000].clone(), vec![1; 64]))
        .collect();
    compare("rows of an Arc<str> of 1000 and a Vec", &mixed);
    drop(mixed);
    let shared: Vec<Arc<str>> = (0..100_000)
        .map(|number| names[number % 1000].clone())
        .collect();
    compare("Vec<Arc<str>>, 100,000 of 1000", &shared);
    let rows: Vec<Arc<Row>> = (0..20_000)
        .map(|number| {
            Arc::new(Row {
                name: number.to_string(),
                values: vec![number; 512],
            })
        })
        .collect();
    let index = rows.clone();
    compare("Vec<Arc<Row>> of 4 KiB, held elsewhere too", &rows);
    drop((rows, index));
    let nodes = graph(100_000);
    tell(
        "cyclic graph of 100,000 Arc<Node>",
        || cut(&nodes.deep_clone()),
        || cut(&nodes.par_deep_clone()),
    );
    cut(&nodes);
    let batch: Vec<HashMap<String, u64>> = (0..10_000)
        .map(|map| (0..20).map(|key| (format!("{map}-{key}"), key)).collect())
        .collect();
    let each = || drop(deep_clone_each(&batch));
    tell("10,000 maps, against a memo each", each, || {
        drop(batch.par_deep_clone())
    });
    tell("10,000 maps, one memo, one thread", each, || {
        drop(deep_clone_batch(&batch))
    });
    let threads = || {
        thread::scope(|scope| {
            let copies: Vec<_> = batch
                .iter()
                .map(|map| scope.spawn(move || map.deep_clone()))
                .collect();
            for copy in copies {
                drop(copy.join());
            }
        });
    };
    tell_after(FEW_ROUNDS, "10,000 maps, a thread for each", each, threads);
}
