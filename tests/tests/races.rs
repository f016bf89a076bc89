//! Other threads that get at what a clone has made, or at what it reads, in the middle of it. Each test has a bounded number of rounds.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells, and where their maps lie, are the point"
)]

use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, RwLock, Weak};
use std::thread;

use deepclone::{DeepClone, Error, impl_deep_clone};
use deepclone_tests::stir::in_step;

fn text() -> String {
    "a text".repeat(20)
}

/// A tree written by hand whose copy fails after its own weak handle has gone to another thread.
struct Tree {
    parent: Weak<Tree>,
    text: String,
    sender: Mutex<Sender<Weak<Tree>>>,
    seen: Arc<AtomicU32>,
}

impl_deep_clone! { impl for Tree = |tree, cloner| {
    let handle = cloner.deep_clone(&tree.parent)?;
    let seen = tree.seen.load(SeqCst);
    tree.sender.lock().expect("free").send(handle.clone()).expect("somebody listens");
    while tree.seen.load(SeqCst) == seen {
        thread::yield_now();
    }
    drop(handle);
    Err(Error::custom("it always does"))
} }

/// Upgrades what comes in, again and again, and reads what it gets. Tells when it has begun.
fn upgrade_all(receiver: &Receiver<Weak<Tree>>, seen: &AtomicU32) -> usize {
    let mut got = 0;
    while let Ok(handle) = receiver.recv() {
        seen.fetch_add(1, SeqCst);
        for _ in 0..2_000 {
            if let Some(tree) = handle.upgrade() {
                assert_eq!(tree.text, text());
                got += 1;
            }
        }
    }
    got
}

#[test]
fn a_copy_by_hand_that_fails_can_not_be_upgraded_by_another_thread() {
    let (sender, receiver) = channel();
    let seen = Arc::new(AtomicU32::new(0));
    let tree = Arc::new_cyclic(|parent| Tree {
        parent: parent.clone(),
        text: text(),
        sender: Mutex::new(sender),
        seen: seen.clone(),
    });
    let listener = thread::spawn(move || upgrade_all(&receiver, &seen));
    for _ in 0..500 {
        assert!(tree.try_deep_clone().is_err());
    }
    assert_eq!(
        (Arc::strong_count(&tree), tree.text.len()),
        (1, text().len())
    );
    drop(tree);
    assert_eq!(listener.join().expect("what it read was whole"), 0);
}

#[derive(DeepClone)]
struct Big(Vec<(String, Arc<u8>)>);

/// A key that shows its pointee to another thread when it is hashed first, and panics when it is hashed again.
#[derive(DeepClone)]
struct Shown {
    big: Arc<Big>,
    number: u32,
    #[deepclone(clone)]
    stage: Arc<Stage>,
}

struct Stage {
    armed: AtomicBool,
    calls: AtomicU32,
    sender: Mutex<Sender<Weak<Big>>>,
    seen: AtomicU32,
}

impl Hash for Shown {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let stage = &self.stage;
        if stage.armed.load(SeqCst) {
            if stage.calls.fetch_add(1, SeqCst) > 0 {
                resume_unwind(Box::new("hashed"));
            }
            let seen = stage.seen.load(SeqCst);
            let handle = Arc::downgrade(&self.big);
            stage
                .sender
                .lock()
                .expect("free")
                .send(handle)
                .expect("somebody listens");
            while stage.seen.load(SeqCst) == seen {
                thread::yield_now();
            }
        }
        self.number.hash(state);
    }
}

deepclone_tests::equal_by!(Shown, |key| key.number);

/// A pointee with one owner is not taken apart in place when somebody else may know it.
#[test]
fn a_unique_pointee_of_a_key_stays_whole_for_another_thread_when_the_operation_fails() {
    let (sender, receiver) = channel::<Weak<Big>>();
    let stage = Arc::new(Stage {
        armed: AtomicBool::new(false),
        calls: AtomicU32::new(0),
        sender: Mutex::new(sender),
        seen: AtomicU32::new(0),
    });
    let key = |number| Shown {
        big: Arc::new(Big((0..2_000).map(|_| (text(), Arc::new(7))).collect())),
        number,
        stage: stage.clone(),
    };
    let source = HashSet::from([key(1), key(2)]);
    let watched = stage.clone();
    let listener = thread::spawn(move || {
        while let Ok(handle) = receiver.recv() {
            watched.seen.fetch_add(1, SeqCst);
            while let Some(big) = handle.upgrade() {
                assert!(
                    big.0
                        .iter()
                        .all(|(read, seven)| read.len() == 120 && **seven == 7)
                );
                drop(big);
                thread::yield_now();
            }
        }
    });
    for _ in 0..30 {
        stage.calls.store(0, SeqCst);
        stage.armed.store(true, SeqCst);
        let cloned = catch_unwind(AssertUnwindSafe(|| source.try_deep_clone().is_ok()));
        stage.armed.store(false, SeqCst);
        assert!(cloned.is_err());
    }
    // The last sender: the listener ends.
    let (unheard, _) = channel();
    *stage.sender.lock().expect("free") = unheard;
    listener.join().expect("what it read was whole");
    assert!(source.iter().all(|key| Arc::strong_count(&key.big) == 1));
}

/// One thread clones while another, which holds the outer lock for reading as well, writes inside of the inner one.
fn clone_beside_a_writer<T: DeepClone + Send + Sync + 'static>(
    source: &Arc<T>,
    write: impl Fn(&T) + Send + 'static,
    check: impl Fn(&T),
) {
    let stop = Arc::new(AtomicBool::new(false));
    let writer = {
        let (source, stop) = (source.clone(), stop.clone());
        thread::spawn(move || {
            while !stop.load(SeqCst) {
                write(&source);
            }
        })
    };
    for _ in 0..300 {
        let copy = source.deep_clone();
        check(&copy);
        assert_eq!((Arc::strong_count(&copy), Arc::weak_count(&copy)), (1, 0));
    }
    stop.store(true, SeqCst);
    writer.join().expect("it only writes");
    assert_eq!((Arc::strong_count(source), Arc::weak_count(source)), (1, 0));
}

type InStd = std::sync::RwLock<Mutex<Vec<Arc<String>>>>;

#[test]
fn a_mutex_under_a_lock_that_is_only_read_is_not_looked_into_without_taking_it() {
    clone_beside_a_writer::<InStd>(
        &Arc::default(),
        |source| {
            let outer = source.read().expect("not poisoned");
            for number in 0..100 {
                outer
                    .lock()
                    .expect("not poisoned")
                    .push(Arc::new(format!("number {number}")));
            }
            *outer.lock().expect("not poisoned") = Vec::new();
        },
        |copy| {
            let outer = copy.read().expect("not poisoned");
            let inner = outer.lock().expect("not poisoned");
            assert!(
                inner
                    .iter()
                    .enumerate()
                    .all(|(at, text)| **text == format!("number {at}"))
            );
        },
    );
}

#[cfg(feature = "foreign")]
mod foreign {
    use super::*;

    type InParkingLot = std::sync::RwLock<parking_lot::Mutex<Vec<Arc<String>>>>;
    type InDashMap = std::sync::RwLock<dashmap::DashMap<u64, Arc<String>>>;

    #[test]
    fn a_parking_lot_mutex_under_a_lock_that_is_only_read_is_not_looked_into_without_taking_it() {
        clone_beside_a_writer::<InParkingLot>(
            &Arc::default(),
            |source| {
                let outer = source.read().expect("not poisoned");
                for number in 0..100 {
                    outer.lock().push(Arc::new(format!("number {number}")));
                }
                *outer.lock() = Vec::new();
            },
            |copy| {
                let outer = copy.read().expect("not poisoned");
                let inner = outer.lock();
                assert!(
                    inner
                        .iter()
                        .enumerate()
                        .all(|(at, text)| **text == format!("number {at}"))
                );
            },
        );
    }

    #[test]
    fn a_dash_map_under_a_lock_that_is_only_read_is_not_looked_into_without_taking_its_shards() {
        clone_beside_a_writer::<InDashMap>(
            &Arc::new(std::sync::RwLock::new(dashmap::DashMap::with_shard_amount(
                2,
            ))),
            |source| {
                let outer = source.read().expect("not poisoned");
                for number in 0..300 {
                    outer.insert(number, Arc::new(format!("number {number}")));
                }
                outer.clear();
                outer.shrink_to_fit();
            },
            |copy| {
                let outer = copy.read().expect("not poisoned");
                assert!(
                    outer
                        .iter()
                        .all(|pair| **pair.value() == format!("number {}", pair.key()))
                );
            },
        );
    }
}

/// Cells under a lock that are set, through a guard for reading, while they are copied.
#[test]
fn once_locks_that_are_set_while_they_are_copied_are_set_in_the_copy_or_not() {
    const CELLS: usize = 300;
    let rounds =
        std::env::var("STRESS_ROUNDS").map_or(1000, |rounds| rounds.parse().expect("a number"));
    let rows: Vec<RwLock<Vec<OnceLock<String>>>> = (0..rounds)
        .map(|_| RwLock::new((0..CELLS).map(|_| OnceLock::new()).collect()))
        .collect();
    let set = |round: usize| {
        let row = rows[round].read().expect("nobody writes to it");
        for cell in row.iter().rev() {
            cell.set(text()).expect("nobody else sets it");
        }
    };
    in_step(rounds, set, |round| {
        let copy = rows[round].deep_clone().into_inner().expect("not poisoned");
        assert_eq!(copy.len(), CELLS);
        assert!(
            copy.iter()
                .filter_map(OnceLock::get)
                .all(|set| *set == text())
        );
    });
    assert!(rows.iter().all(|row| !row.is_poisoned()));
}
