//! A `Drop` that panics while a copy is made by several threads: the call ends with that panic, and nothing is left of it.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use deepclone::{Cloner, DeepClone, Error, ParDeepClone};
use deepclone_tests::pools::on_pools;

/// What the panic of a call says.
fn panic_of<T>(call: impl FnOnce() -> Result<T, Error>) -> String {
    let payload = match catch_unwind(AssertUnwindSafe(call)) {
        Err(payload) => payload,
        Ok(Ok(_)) => panic!("it went well"),
        Ok(Err(error)) => panic!("an error instead of a panic: {error}"),
    };
    (*payload.downcast::<&str>().expect("a text")).to_owned()
}

/// A copy whose filling fails on one thread, and is made, shown and dropped on another before the failure is told.
mod a_failed_copy {
    use super::*;

    static HAS_FAILED: AtomicBool = AtomicBool::new(false);
    static MADE: AtomicUsize = AtomicUsize::new(0);

    #[derive(DeepClone)]
    struct Flaky {
        #[deepclone(with = first_time)]
        number: u64,
        _room: [u64; 20],
    }

    #[derive(DeepClone)]
    struct Holder {
        slot: Mutex<Option<Arc<Flaky>>>,
    }

    fn first_time(number: &u64) -> u64 {
        MADE.fetch_add(1, Ordering::SeqCst);
        assert!(HAS_FAILED.swap(true, Ordering::SeqCst), "the first time");
        *number
    }

    fn work(number: &u64) -> u64 {
        let begun = std::time::Instant::now();
        while begun.elapsed().as_micros() < 30 {}
        *number
    }

    fn wait(number: &u64) -> u64 {
        while !HAS_FAILED.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        *number
    }

    struct Hand {
        holder: Arc<Holder>,
        flaky: Weak<Flaky>,
    }

    fn take_it(hand: &Hand, cloner: &mut Cloner<'_>) -> Result<Hand, Error> {
        let holder = cloner.deep_clone(&hand.holder)?;
        drop(holder.slot.lock().expect("not poisoned").take());
        let flaky = cloner.deep_clone(&hand.flaky)?;
        Ok(Hand { holder, flaky })
    }

    #[derive(DeepClone)]
    enum Element {
        Work(#[deepclone(with = work)] u64),
        Wait(#[deepclone(with = wait)] u64),
        Hand(#[deepclone(try_with = take_it)] Hand),
        Holder(Arc<Holder>),
    }

    #[test]
    fn a_copy_that_has_failed_may_be_gone_before_that_is_told() {
        let flaky = Arc::new(Flaky {
            number: 1,
            _room: [7; 20],
        });
        let holder = Arc::new(Holder {
            slot: Mutex::new(Some(flaky.clone())),
        });
        let mut row: Vec<Element> = (0..400).map(Element::Work).collect();
        row[69] = Element::Wait(1);
        row[70] = Element::Hand(Hand {
            holder: holder.clone(),
            flaky: Arc::downgrade(&flaky),
        });
        row[300] = Element::Holder(holder.clone());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build();
        let pool = pool.expect("there are threads");
        for _ in 0..20 {
            HAS_FAILED.store(false, Ordering::SeqCst);
            let said = panic_of(|| pool.install(|| row.try_par_deep_clone()));
            assert_eq!(said, "the first time");
            assert_eq!((Arc::strong_count(&flaky), Arc::weak_count(&flaky)), (2, 1));
            assert_eq!(Arc::strong_count(&holder), 3);
        }
        assert!(MADE.load(Ordering::SeqCst) >= 20);
        let numbers = |row: &[Element]| -> u64 {
            row.iter()
                .map(|element| match element {
                    Element::Work(number) | Element::Wait(number) => *number,
                    Element::Hand(hand) => hand.flaky.strong_count() as u64,
                    Element::Holder(holder) => {
                        let slot = holder.slot.lock().expect("not poisoned");
                        slot.as_ref().map_or(0, |flaky| flaky.number)
                    }
                })
                .sum()
        };
        let copy = pool.install(|| row.try_par_deep_clone());
        assert!(numbers(&copy.expect("it has failed before")) <= numbers(&row));
    }
}

/// Work that a member begins and leaves to the calling thread, since code written by hand is part of it: what was copied until then is taken apart.
mod work_that_is_left {
    use super::*;

    /// How often the copy of a key panics when it is dropped.
    static ARMED: AtomicUsize = AtomicUsize::new(0);

    #[derive(DeepClone, PartialEq, Eq, Hash)]
    struct Key(u32);

    impl Drop for Key {
        fn drop(&mut self) {
            let less = |armed: usize| armed.checked_sub(1);
            if ARMED
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
                .is_ok()
            {
                resume_unwind(Box::new(Payload));
            }
        }
    }

    /// Panics when it is dropped, while keys do.
    struct Payload;

    impl Drop for Payload {
        fn drop(&mut self) {
            if ARMED.load(Ordering::SeqCst) > 0 {
                resume_unwind(Box::new("the drop of a payload"));
            }
        }
    }

    fn by_hand(number: &u32, _cloner: &mut Cloner<'_>) -> Result<u32, Error> {
        Ok(*number)
    }

    #[derive(DeepClone)]
    struct Element {
        shared: Arc<u32>,
        map: HashMap<Key, u32>,
        #[deepclone(try_with = by_hand)]
        number: u32,
    }

    #[test]
    fn a_drop_that_panics_while_left_work_is_taken_apart_is_told() {
        let shared = Arc::new(7);
        let element = |number| Element {
            shared: shared.clone(),
            map: HashMap::from([(Key(number), number)]),
            number,
        };
        let rows: Vec<Element> = (0..100).map(element).collect();
        on_pools([2, 3, 8], || {
            for times in [1, 2, usize::MAX / 2] {
                ARMED.store(times, Ordering::SeqCst);
                let ended = catch_unwind(AssertUnwindSafe(|| rows.try_par_deep_clone()));
                ARMED.store(0, Ordering::SeqCst);
                let payload = ended.map(drop).expect_err("a drop has panicked");
                assert!(payload.is::<Payload>(), "{times} times");
                assert_eq!(
                    (Arc::strong_count(&shared), Arc::weak_count(&shared)),
                    (101, 0)
                );
            }
            let copy = rows.try_par_deep_clone().expect("nothing fails");
            assert!(
                copy.iter()
                    .all(|element| Arc::ptr_eq(&element.shared, &copy[0].shared))
            );
            assert_eq!(copy.iter().map(|element| element.number).sum::<u32>(), 4950);
        });
    }
}
