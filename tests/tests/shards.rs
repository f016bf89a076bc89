//! A collection that is never there twice.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Weak};
use std::thread;

use crossbeam_channel::bounded;
use deepclone::{DeepClone, ErrorKind, Shard, Shards, ShardsError};

/// How many copies live, and how many lived at most.
#[derive(Default)]
struct Census {
    now: AtomicUsize,
    most: AtomicUsize,
}

struct Citizen(Arc<Census>);

impl Citizen {
    fn copy(&self) -> Self {
        let now = self.0.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.most.fetch_max(now, Ordering::SeqCst);
        Self(self.0.clone())
    }
}

impl Drop for Citizen {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(DeepClone)]
struct Entry {
    #[deepclone(with = Citizen::copy)]
    citizen: Citizen,
    number: u32,
}

fn entries(census: &Arc<Census>, count: u32) -> Vec<Entry> {
    // Citizens of the source are not made by `copy`, so they don't count.
    (0..count)
        .map(|number| Entry {
            citizen: Citizen(census.clone()),
            number,
        })
        .collect()
}

/// Drops the source without counting it as copies that died.
fn leave(census: &Census, source: Vec<Entry>) {
    census.now.fetch_add(source.len(), Ordering::SeqCst);
    drop(source);
}

#[test]
fn no_more_is_in_memory_than_the_shards_in_flight() {
    for workers in [0, 1, 3] {
        let census = Arc::new(Census::default());
        let source = entries(&census, 1000);
        let (sender, receiver) = bounded::<Shard<Entry>>(2);
        thread::scope(|scope| {
            let consumer = scope.spawn(|| {
                let receiver = receiver;
                let mut seen = vec![false; 1000];
                for shard in &receiver {
                    assert_eq!(shard.entries.len(), 10);
                    for (place, entry) in shard.entries.iter().enumerate() {
                        assert_eq!(entry.number as usize, shard.index * 10 + place);
                        assert!(!std::mem::replace(&mut seen[entry.number as usize], true));
                    }
                    thread::yield_now();
                }
                assert!(seen.into_iter().all(|seen| seen));
            });
            let sent = match workers {
                0 => Shards::of(10).send(&source, &sender),
                _ => Shards::of(10).send_from(workers, &source, &sender),
            };
            assert_eq!(sent.unwrap(), 100);
            drop(sender);
            consumer.join().unwrap();
        });
        let most = census.most.load(Ordering::SeqCst);
        let shards_in_flight = 2 + workers.max(1) + 1;
        assert!(
            most <= shards_in_flight * 10,
            "{most} with {workers} workers"
        );
        assert_eq!(census.now.load(Ordering::SeqCst), 0);
        leave(&census, source);
    }
}

#[test]
fn identity_is_kept_across_shards() {
    let shared = Arc::new(Mutex::new(1));
    let source: BTreeMap<u32, Arc<Mutex<u32>>> =
        (0..100).map(|key| (key, shared.clone())).collect();
    let (sender, receiver) = bounded(100);
    assert_eq!(Shards::of(7).send(&source, &sender).unwrap(), 15);
    drop(sender);
    let copy: BTreeMap<u32, Arc<Mutex<u32>>> =
        receiver.iter().flat_map(|shard| shard.entries).collect();
    assert_eq!(copy.len(), 100);
    let first = &copy[&0];
    assert!(copy.values().all(|value| Arc::ptr_eq(value, first)));
    assert_eq!(Arc::strong_count(first), 100);
    assert_eq!(Arc::weak_count(first), 0);
    assert_eq!(Arc::strong_count(&shared), 101);
    assert_eq!(Arc::weak_count(&shared), 0);
}

#[test]
fn a_shard_has_an_identity_of_its_own_when_several_threads_copy() {
    let shared = Arc::new(1);
    let source = vec![shared; 8];
    let (sender, receiver) = bounded(2);
    assert_eq!(Shards::of(4).send_from(2, &source, &sender).unwrap(), 2);
    let shards: Vec<_> = receiver.try_iter().collect();
    for shard in &shards {
        assert!(
            shard
                .entries
                .iter()
                .all(|entry| Arc::strong_count(entry) == 4)
        );
    }
    assert!(!Arc::ptr_eq(&shards[0].entries[0], &shards[1].entries[0]));
}

#[test]
fn a_consumer_that_goes_away_stops_the_workers() {
    let census = Arc::new(Census::default());
    let source = entries(&census, 1000);
    for workers in [0, 4] {
        let (sender, receiver) = bounded::<Shard<Entry>>(1);
        let result = thread::scope(|scope| {
            let consumer = scope.spawn(|| {
                let receiver = receiver;
                receiver.recv().unwrap();
            });
            let result = match workers {
                0 => Shards::of(10).send(&source, &sender),
                _ => Shards::of(10).send_from(workers, &source, &sender),
            };
            consumer.join().unwrap();
            result
        });
        assert!(matches!(result, Err(ShardsError::Disconnected)));
        // A shard that was sent while the consumer went lies in the channel as long as that lives.
        drop(sender);
        assert_eq!(
            census.now.load(Ordering::SeqCst),
            0,
            "nothing of any shard is left"
        );
    }
    leave(&census, source);
}

#[test]
fn a_shard_that_cannot_be_copied_is_an_error() {
    let source: HashMap<u32, Mutex<u32>> = (0..30).map(|key| (key, Mutex::new(key))).collect();
    thread::scope(|scope| {
        scope
            .spawn(|| {
                let _guard = source[&17].lock().unwrap();
                panic!("poisons the lock");
            })
            .join()
            .unwrap_err();
    });
    for workers in [0, 2] {
        let (sender, _receiver) = bounded(30);
        let error = match workers {
            0 => Shards::of(1).send(&source, &sender),
            _ => Shards::of(1).send_from(workers, &source, &sender),
        }
        .unwrap_err();
        match error {
            ShardsError::Clone(error) => assert_eq!(error.kind(), ErrorKind::Poisoned),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_panic_in_one_shard_comes_out_and_stops_the_others() {
    fn fuse(number: &u32) -> u32 {
        assert_ne!(*number, 55, "the fuse has burnt down");
        *number
    }
    #[derive(DeepClone)]
    struct Fused {
        #[deepclone(with = fuse)]
        number: u32,
    }
    let source: Vec<Fused> = (0..100).map(|number| Fused { number }).collect();
    assert_eq!(source[3].number, 3);
    for workers in [0, 2] {
        let (sender, receiver) = bounded(100);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| match workers {
            0 => Shards::of(5).send(&source, &sender),
            _ => Shards::of(5).send_from(workers, &source, &sender),
        }));
        assert!(panicked.is_err());
        assert!(receiver.try_iter().all(|shard| shard.index != 11));
    }
}

#[test]
fn weak_edges_lead_on_within_a_shard_and_dangle_beyond_it() {
    #[derive(DeepClone)]
    struct Node {
        next: Option<Weak<Node>>,
    }
    let last = Arc::new(Node { next: None });
    let first = Arc::new(Node {
        next: Some(Arc::downgrade(&last)),
    });
    let source = vec![first, last];
    let (sender, receiver) = bounded(2);
    Shards::of(2).send(&source, &sender).unwrap();
    let shard = receiver.recv().unwrap();
    let next = shard.entries[0].next.as_ref().unwrap().upgrade().unwrap();
    assert!(Arc::ptr_eq(&next, &shard.entries[1]));
    Shards::of(1).send(&source, &sender).unwrap();
    let shard = receiver.recv().unwrap();
    assert!(shard.entries[0].next.as_ref().unwrap().upgrade().is_none());
}

#[test]
fn an_empty_source_sends_nothing() {
    let (sender, receiver) = bounded(1);
    assert_eq!(Shards::of(3).send(&Vec::<u8>::new(), &sender).unwrap(), 0);
    assert!(receiver.try_recv().is_err());
}
