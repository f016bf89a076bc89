//! Structs, strings and vectors: nothing shared, the ground where a deep clone must cost what `Clone` costs.

use deepclone::DeepClone;
use serde::{Deserialize, Serialize};

use crate::description::Description;
use crate::peers::peer_struct;
use crate::workload::{Builder, CLONE, Workload};

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Series {
    name: String,
    values: Vec<u64>,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Contact {
    id: u32,
    name: String,
    address: String,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Point {
    x: f64,
    y: f64,
    z: f64,
    id: u32,
    flags: u32,
}

peer_struct! {
    Series { name, values }
    Contact { id, name, address }
    Point { x, y, z, id, flags }
}

pub(super) fn text_and_numbers() -> Workload {
    let series = Series {
        name: "requests per second".to_owned(),
        values: (0..1024).collect(),
    };
    Builder::new(
        "W1",
        "a struct with a String and a Vec<u64> of 1024",
        "a message or a column: one flat value, copied often, where any fixed cost shows",
        series,
    )
    .described(Description::of_plain)
    .copied_by_everyone()
    .bar(CLONE, 1.05)
    .build()
}

pub(super) fn records() -> Workload {
    let contacts: Vec<Contact> = (0..10_000)
        .map(|id| Contact {
            id,
            name: format!("contact number {id}"),
            address: format!("{id} Long Street, Springfield"),
        })
        .collect();
    Builder::new(
        "W2",
        "a Vec of 10k structs with two Strings",
        "rows of a table: the allocator does the work, and the copier must not add to it",
        contacts,
    )
    .described(Description::of_plain)
    .copied_by_everyone()
    .bar(CLONE, 1.03)
    .build()
}

fn points(count: u32) -> Vec<Point> {
    (0..count)
        .map(|id| Point {
            x: f64::from(id),
            y: f64::from(id) * 0.5,
            z: f64::from(id) * 0.25,
            id,
            flags: id & 7,
        })
        .collect()
}

pub(super) fn many_points() -> Workload {
    Builder::new(
        "W3",
        "a Vec of 1M plain structs",
        "samples, particles, pixels: memory bandwidth is the floor",
        points(1_000_000),
    )
    .described(Description::of_plain)
    .copied_by_everyone()
    .bar(CLONE, 0.95)
    .build()
}

pub(super) fn few_points() -> Workload {
    Builder::new(
        "W3k",
        "a Vec of 1k plain structs",
        "the same within the caches, where the loop shows that copies one by one",
        points(1_000),
    )
    .described(Description::of_plain)
    .copied_by_everyone()
    .bar(CLONE, 1.0)
    .build()
}

pub(super) fn strings() -> Workload {
    let strings: Vec<String> = (0..100_000).map(|n| format!("a word or two {n}")).collect();
    Builder::new(
        "W3c",
        "a Vec<String> of 100k",
        "lines of a file: one allocation an element",
        strings,
    )
    .described(Description::of_plain)
    .copied_by_everyone()
    .bar(CLONE, 1.03)
    .build()
}
