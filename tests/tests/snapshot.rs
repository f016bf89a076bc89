//! Versions that are published whole: `Snapshot`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread;

use arc_swap::ArcSwap;
use deepclone::{DeepClone, Error, ErrorKind, Snapshot};

#[derive(Clone, DeepClone, Debug)]
struct Rule {
    limit: Arc<Mutex<u32>>,
}

fn rules() -> Vec<Rule> {
    (0..3)
        .map(|limit| Rule {
            limit: Arc::new(Mutex::new(limit)),
        })
        .collect()
}

fn limits(rules: &[Rule]) -> Vec<u32> {
    rules
        .iter()
        .map(|rule| *rule.limit.lock().unwrap())
        .collect()
}

#[test]
fn an_update_leaves_earlier_versions_as_they_were() {
    let snapshot = Snapshot::new(rules());
    let before = snapshot.load_full();
    snapshot.update(|draft| *draft[1].limit.lock().unwrap() = 100);
    assert_eq!(limits(&before), [0, 1, 2]);
    assert_eq!(limits(&snapshot.load()), [0, 100, 2]);
}

#[test]
fn rcu_by_clone_changes_what_readers_hold_when_arc_swap_does_it() {
    let swap = ArcSwap::from_pointee(rules());
    let before = swap.load_full();
    swap.rcu(|current| {
        let next = Vec::clone(current);
        *next[1].limit.lock().unwrap() = 100;
        next
    });
    assert_eq!(
        limits(&before),
        [0, 100, 2],
        "both versions hold the same mutex"
    );
}

#[test]
fn rcu_publishes_a_version_that_aliases_neither_the_last_nor_what_was_made() {
    let snapshot = Snapshot::new(rules());
    let before = snapshot.load_full();
    snapshot.rcu(|current| current[..2].to_vec());
    let after = snapshot.load_full();
    assert_eq!(after.len(), 2);
    for (old, new) in before.iter().zip(&*after) {
        assert!(!Arc::ptr_eq(&old.limit, &new.limit));
        assert_eq!(Arc::strong_count(&old.limit), 1);
        assert_eq!(Arc::strong_count(&new.limit), 1);
    }
}

#[test]
fn a_panicking_update_publishes_nothing_and_lets_the_next_writer_in() {
    let snapshot = Snapshot::new(rules());
    let before = snapshot.load_full();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        snapshot.update(|draft| {
            draft.clear();
            panic!("in the middle");
        })
    }));
    assert_eq!(
        *panicked.unwrap_err().downcast_ref::<&str>().unwrap(),
        "in the middle"
    );
    assert!(Arc::ptr_eq(&before, &snapshot.load_full()));
    snapshot.update(|draft| draft.truncate(1));
    assert_eq!(snapshot.load().len(), 1);
}

#[test]
fn a_failing_update_publishes_nothing() {
    let snapshot = Snapshot::new(rules());
    let before = snapshot.load_full();
    let error = snapshot
        .try_update(|draft| {
            draft.clear();
            Err::<(), _>(Error::custom("no"))
        })
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Custom);
    assert!(Arc::ptr_eq(&before, &snapshot.load_full()));
}

#[test]
fn a_version_that_cannot_be_cloned_stays_the_current_one() {
    let snapshot = Snapshot::new(rules());
    let before = snapshot.load_full();
    let poisoned = before[0].limit.clone();
    thread::spawn(move || {
        let _guard = poisoned.lock().unwrap();
        panic!("poisons the lock");
    })
    .join()
    .unwrap_err();
    let error = snapshot.try_update(|_| Ok::<(), Error>(())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Poisoned);
    assert_eq!(error.path(), "Vec[0].limit");
    let error = snapshot
        .try_rcu(|now| Ok::<_, Error>(now.clone()))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Poisoned);
    assert!(Arc::ptr_eq(&before, &snapshot.load_full()));
    assert!(catch_unwind(AssertUnwindSafe(|| snapshot.update(|_| ()))).is_err());
}

#[test]
fn a_stored_value_is_published_as_it_is() {
    let snapshot = Snapshot::new(vec![]);
    let next = rules();
    let first = next[0].limit.clone();
    snapshot.store(next);
    assert!(Arc::ptr_eq(&snapshot.load()[0].limit, &first));
}

#[test]
fn an_update_inside_an_update_panics_instead_of_waiting_for_itself() {
    let snapshot = Snapshot::new(1);
    let other = Snapshot::new(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        snapshot.update(|draft| {
            *draft = 2;
            other.update(|other| *other = 2);
            snapshot.store(3);
        })
    }));
    assert!(panicked.is_err());
    assert_eq!((*snapshot.load(), *other.load()), (1, 2));
}

#[test]
fn the_drop_of_an_old_version_may_update_the_snapshot() {
    #[derive(DeepClone)]
    struct Last {
        number: u32,
        #[deepclone(clone)]
        of: Weak<Snapshot<Last>>,
    }
    impl Drop for Last {
        fn drop(&mut self) {
            if let Some(snapshot) = self.of.upgrade()
                && self.number < 3
            {
                snapshot.update(|draft| draft.number += 1);
            }
        }
    }
    let snapshot = Arc::new_cyclic(|of| {
        Snapshot::new(Last {
            number: 0,
            of: of.clone(),
        })
    });
    snapshot.update(|draft| draft.number += 1);
    assert_eq!(snapshot.load().number, 4);
}

#[test]
fn writers_take_turns_and_readers_see_whole_versions() {
    const WRITERS: usize = 4;
    const ROUNDS: usize = 200;
    let snapshot = Snapshot::new((0_usize, Arc::new(Mutex::new(0_usize))));
    let done = AtomicBool::new(false);
    let seen = AtomicUsize::new(0);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut last = 0;
                    while !done.load(Ordering::Acquire) {
                        let version = snapshot.load();
                        assert_eq!(version.0, *version.1.lock().unwrap());
                        assert!(version.0 >= last);
                        last = version.0;
                        seen.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        snapshot.update(|draft| {
                            draft.0 += 1;
                            *draft.1.lock().unwrap() += 1;
                        });
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Release);
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert_eq!(snapshot.load().0, WRITERS * ROUNDS);
}

#[test]
fn no_version_outlives_its_readers() {
    let snapshot = Snapshot::new(rules());
    let first = Arc::downgrade(&snapshot.load_full());
    let kept = snapshot.load_full();
    snapshot.update(|_| ());
    assert!(first.upgrade().is_some());
    drop(kept);
    assert!(first.upgrade().is_none());
}
