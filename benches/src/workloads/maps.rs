//! Hash maps: whether the table is copied as it lies or filled anew.

use std::collections::{BTreeMap, HashMap};

use deepclone::DeepClone;
use serde::{Deserialize, Serialize};

use crate::description::Description;
use crate::peers::peer_struct;
use crate::workload::{Builder, CLONE, Workload};

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Account {
    owner: String,
    balance: i64,
}

#[derive(Clone, Copy, DeepClone, Serialize, Deserialize)]
struct Quote {
    bid: f64,
    ask: f64,
    at: u64,
}

peer_struct! {
    Account { owner, balance }
    Quote { bid, ask, at }
}

const ENTRIES: u64 = 100_000;

pub(super) fn numbers() -> Workload {
    let map: HashMap<u64, u64> = (0..ENTRIES).map(|n| (n, n * n)).collect();
    Builder::new(
        "W4a",
        "a HashMap<u64, u64> of 100k",
        "counters by id: `Clone` copies the table as it lies",
        map,
    )
    .described(|map| Description::of_plain(&BTreeMap::from_iter(map)))
    .copied_by_everyone()
    .bar(CLONE, 1.05)
    .build()
}

pub(super) fn strings() -> Workload {
    let map: HashMap<String, String> = (0..ENTRIES)
        .map(|n| (format!("key number {n}"), format!("value number {n}")))
        .collect();
    Builder::new(
        "W4b",
        "a HashMap<String, String> of 100k",
        "headers, labels, translations: two allocations an entry",
        map,
    )
    .described(|map| Description::of_plain(&BTreeMap::from_iter(map)))
    .copied_by_everyone()
    .bar(CLONE, 1.05)
    .build()
}

pub(super) fn records() -> Workload {
    let map: HashMap<String, Account> = (0..ENTRIES)
        .map(|n| {
            let account = Account {
                owner: format!("owner number {n}"),
                balance: n as i64,
            };
            (format!("account {n}"), account)
        })
        .collect();
    Builder::new(
        "W4c",
        "a HashMap<String, struct> of 100k",
        "records by name: the value's type is the user's, so the table is filled anew",
        map,
    )
    .described(|map| Description::of_plain(&BTreeMap::from_iter(map)))
    .copied_by_everyone()
    .bar(CLONE, 1.25)
    .build()
}

pub(super) fn copies() -> Workload {
    let map: HashMap<u64, Quote> = (0..ENTRIES)
        .map(|n| {
            let quote = Quote {
                bid: n as f64,
                ask: n as f64 + 0.01,
                at: n,
            };
            (n, quote)
        })
        .collect();
    Builder::new(
        "W4d",
        "a HashMap<u64, Copy struct> of 100k",
        "quotes by instrument: plain bytes of the user's own type",
        map,
    )
    .described(|map| Description::of_plain(&BTreeMap::from_iter(map)))
    .copied_by_everyone()
    .bar(CLONE, 1.10)
    .build()
}
