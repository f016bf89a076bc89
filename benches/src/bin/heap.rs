//! Counts what copies ask of the heap, for the report: `heap WORKLOAD` all contenders of a workload, `heap NAME NODES` the library's copy of a growing value.
//! Prints JSON.

use std::alloc::System;
use std::process::ExitCode;

use deepclone_benches::counting::count;
use deepclone_benches::growth::GROWING;
use deepclone_benches::heap::{Counts, Heap};
use deepclone_benches::workloads::{BARRED, REAL};
use deepclone_benches::{Role, on_huge_stack};
use serde::Serialize;
use tracking_allocator::Allocator;

#[global_allocator]
static HEAP: Allocator<System> = Allocator::system();

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let counted = match &*arguments {
        [id] => of_workload(id).map(print),
        [name, nodes] => of_growing(name, nodes).map(print),
        _ => None,
    };
    if counted.is_none() {
        eprintln!("usage: heap WORKLOAD | heap NAME NODES");
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}

fn print(counts: impl Serialize) {
    println!(
        "{}",
        serde_json::to_string(&counts).expect("counts are plain")
    );
}

fn of_workload(id: &str) -> Option<Counts> {
    let mut all = BARRED.iter().chain(REAL);
    let (_, make) = all.find(|(other, _)| *other == id)?;
    let mut counts = Counts {
        heaps: Vec::new(),
        blocks: Vec::new(),
    };
    on_huge_stack(|| {
        for contender in make().contenders {
            let heap = contender.copy.map_or(Heap::default(), |mut copy| {
                let (heap, blocks) = count(&mut *copy);
                if contender.role == Role::Derived {
                    counts.blocks = blocks;
                }
                heap
            });
            counts.heaps.push(heap);
        }
    });
    Some(counts)
}

fn of_growing(name: &str, nodes: &str) -> Option<Heap> {
    let growing = GROWING.iter().find(|growing| growing.name == name)?;
    let nodes = nodes.parse().ok()?;
    Some(growing.with_copy(nodes, |copy| count(copy).0))
}
