//! Copies made by several threads that fail: nothing is left of them, and of several failures the first in the order of the source comes out.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use deepclone::{Cloner, DeepClone, Error, ErrorKind, ParDeepClone};
use deepclone_tests::pools::on_pools;

#[derive(DeepClone)]
struct Armed {
    #[deepclone(try_with = burn)]
    number: usize,
    shared: Arc<()>,
    list: Mutex<Vec<Arc<()>>>,
}

static FUSE: AtomicUsize = AtomicUsize::new(usize::MAX);
const PANIC: usize = 1 << 20;

fn burn(number: &usize, _: &mut Cloner<'_>) -> Result<usize, Error> {
    let fuse = FUSE.load(Ordering::Relaxed);
    if *number == fuse % PANIC {
        assert!(fuse < PANIC, "the fuse has burnt down");
        return Err(Error::custom("the fuse has burnt down"));
    }
    Ok(*number)
}

#[derive(DeepClone)]
struct ArmedPlain {
    #[deepclone(with = burn_plain)]
    number: usize,
    shared: Arc<()>,
    list: Mutex<Vec<Arc<()>>>,
}

fn burn_plain(number: &usize) -> usize {
    assert_ne!(
        *number,
        FUSE.load(Ordering::Relaxed) % PANIC,
        "the fuse has burnt down"
    );
    *number
}

#[test]
fn a_failure_at_any_element_leaves_nothing() {
    on_pools([1, 2, 8], || {
        let shared = Arc::new(());
        let own: Vec<Arc<()>> = (0..60).map(Arc::new).map(|_| Arc::new(())).collect();
        let by_hand: Vec<Armed> = (0..60)
            .map(|number| Armed {
                number,
                shared: shared.clone(),
                list: Mutex::new(vec![shared.clone(), own[number].clone()]),
            })
            .collect();
        let plain: Vec<ArmedPlain> = (0..60)
            .map(|number| ArmedPlain {
                number,
                shared: shared.clone(),
                list: Mutex::new(vec![shared.clone(), own[number].clone()]),
            })
            .collect();
        for fuse in 0..60 {
            FUSE.store(fuse, Ordering::Relaxed);
            let error = by_hand.try_par_deep_clone().map(drop).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Custom);
            assert_eq!(error.path(), format!("Vec[{fuse}].number"));
            let panicked = catch_unwind(AssertUnwindSafe(|| plain.try_par_deep_clone().map(drop)));
            assert!(panicked.is_err());
            FUSE.store(fuse + PANIC, Ordering::Relaxed);
            let panicked =
                catch_unwind(AssertUnwindSafe(|| by_hand.try_par_deep_clone().map(drop)));
            assert!(panicked.is_err());
            FUSE.store(usize::MAX, Ordering::Relaxed);
            assert_eq!(
                (Arc::strong_count(&shared), Arc::weak_count(&shared)),
                (241, 0)
            );
            assert!(own.iter().all(|own| Arc::strong_count(own) == 3));
            assert!(own.iter().all(|own| Arc::weak_count(own) == 0));
        }
        let copy = plain.par_deep_clone();
        assert_eq!(Arc::strong_count(&copy[0].shared), 120);
        assert_eq!(copy[59].number, 59);
        assert_eq!(copy[59].list.lock().unwrap().len(), 2);
        assert!(
            by_hand
                .iter()
                .zip(by_hand.par_deep_clone())
                .all(|(a, b)| a.number == b.number)
        );
        assert!(
            by_hand
                .iter()
                .all(|armed| armed.list.lock().unwrap().len() == 2)
        );
        assert_eq!(Arc::strong_count(&by_hand[0].shared), 241);
    });
}

#[test]
fn the_first_error_in_the_order_of_the_source_comes_out() {
    on_pools([1, 2, 8], || {
        for _ in 0..50 {
            let locks: Vec<Arc<Mutex<u32>>> = (0..400).map(|n| Arc::new(Mutex::new(n))).collect();
            for number in [399, 250, 111, 57] {
                let lock = &locks[number];
                let poisoned = catch_unwind(AssertUnwindSafe(|| {
                    let _guard = lock.lock().unwrap();
                    std::panic::resume_unwind(Box::new(()));
                }));
                assert!(poisoned.is_err());
            }
            let error = locks.try_par_deep_clone().unwrap_err();
            assert_eq!(
                (error.kind(), error.path()),
                (ErrorKind::Poisoned, "Vec[57]")
            );
            let map: BTreeMap<usize, Arc<Mutex<u32>>> = locks.into_iter().enumerate().collect();
            let error = map.try_par_deep_clone().unwrap_err();
            assert_eq!(
                (error.kind(), error.path()),
                (ErrorKind::Poisoned, "BTreeMap[57]")
            );
        }
    });
}

#[test]
fn a_failure_in_what_is_shared_comes_before_a_later_one_in_an_element() {
    on_pools([1, 2, 8], || {
        let poisoned = |value: u32| {
            let lock = Mutex::new(value);
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let _guard = lock.lock().unwrap();
                std::panic::resume_unwind(Box::new(()));
            }));
            assert!(outcome.is_err());
            lock
        };
        let shared = Arc::new(RwLock::new(poisoned(1)));
        type Shared = Arc<RwLock<Mutex<u32>>>;
        let mut source: Vec<(Shared, Mutex<u32>)> = Vec::new();
        let fine = Arc::new(RwLock::new(Mutex::new(2)));
        for number in 0..100 {
            let edge = if number == 40 || number == 41 {
                &shared
            } else {
                &fine
            };
            let own = if number == 70 {
                poisoned(3)
            } else {
                Mutex::new(4)
            };
            source.push((edge.clone(), own));
        }
        let error = source.try_par_deep_clone().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Poisoned);
        // On one thread the path is known, on several the lock is opened when its element is done.
        assert!(["Vec[40].0", "…"].contains(&error.path()), "{error}");
        assert_eq!(
            (Arc::strong_count(&shared), Arc::weak_count(&shared)),
            (3, 0)
        );
    });
}
