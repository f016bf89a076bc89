//! How long a lock is held while a map is copied: by the engine, handles first, or all under it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use deepclone::DeepClone;

use crate::store::open;

/// An entry.
type Values = Arc<Mutex<Vec<f64>>>;

/// Three ways on the same map.
pub(crate) struct Holds {
    pub(crate) entries: u64,
    /// The lock is cloned: under it the engine reserves all copies, and fills them when it is free.
    pub(crate) lock_cloned: Hold,
    /// The handles are cloned by hand under the lock, and deep-cloned when it is free.
    pub(crate) handles_first: Hold,
    /// The map is cloned by somebody who holds its lock.
    pub(crate) under_lock: Hold,
}

/// One way.
pub(crate) struct Hold {
    /// How long somebody else has waited for the lock at most.
    pub(crate) held: Duration,
    /// How long the copy took.
    pub(crate) took: Duration,
}

/// Measures all.
pub(crate) fn compare(entries: u64) -> Holds {
    let map: HashMap<u64, Values> = (0..entries)
        .map(|key| (key, Arc::new(Mutex::new(vec![key as f64; 4]))))
        .collect();
    let map = Mutex::new(map);
    Holds {
        entries,
        lock_cloned: watch(&map, || drop(map.deep_clone())),
        handles_first: watch(&map, || {
            let handles: Vec<(u64, Values)> = open(&map)
                .iter()
                .map(|(key, values)| (*key, values.clone()))
                .collect();
            drop(handles.deep_clone());
        }),
        under_lock: watch(&map, || {
            let held = open(&map);
            let copy = held.deep_clone();
            drop(held);
            drop(copy);
        }),
    }
}

/// Runs `copy` while somebody asks for the lock all the time.
fn watch<T: Send>(lock: &Mutex<T>, copy: impl FnOnce()) -> Hold {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut longest = Duration::ZERO;
            while !done.load(Ordering::Acquire) {
                let start = Instant::now();
                drop(open(lock));
                longest = longest.max(start.elapsed());
                // Somebody who came again at once would keep the lock for himself.
                thread::sleep(Duration::from_micros(50));
            }
            longest
        });
        let start = Instant::now();
        copy();
        let took = start.elapsed();
        done.store(true, Ordering::Release);
        Hold {
            held: watcher.join().expect("the watcher"),
            took,
        }
    })
}
