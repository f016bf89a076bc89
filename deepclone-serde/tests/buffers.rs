//! What copies allocate once they are warm, and what the thread keeps.

use allocation_counter::measure;
use deepclone_serde::{Copier, copy, copy_verified};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn allocations<R>(work: impl FnOnce() -> R) -> (u64, R) {
    let mut result = None;
    let heap = measure(|| result = Some(work()));
    (heap.count_total, result.unwrap())
}

/// How many bytes more are in use after `work`.
fn held(work: impl FnOnce()) -> i64 {
    measure(work).bytes_current
}

/// Runs on a thread that has no buffers yet, with nothing else on it.
fn on_a_fresh_thread(work: impl FnOnce() + Send + 'static) {
    std::thread::spawn(work).join().unwrap();
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Flat {
    a: u8,
    b: Option<(i64, char)>,
    c: [f64; 4],
    d: Kind,
    ip: IpAddr,
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
enum Kind {
    Unit,
    Struct { x: f32, y: Option<Option<bool>> },
}

fn flat() -> Flat {
    Flat {
        a: 1,
        b: Some((-1, 'x')),
        c: [0.0, 1.0, f64::MAX, -0.0],
        d: Kind::Struct {
            x: 1.5,
            y: Some(None),
        },
        ip: [127, 0, 0, 1].into(),
    }
}

#[test]
fn a_warm_copy_of_a_type_without_heap_data_allocates_nothing() {
    on_a_fresh_thread(|| {
        for _ in 0..4 {
            copy(&flat()).unwrap();
            copy(&Kind::Unit).unwrap();
        }
        assert_eq!(allocations(|| copy(&flat()).unwrap()), (0, flat()));
        assert_eq!(allocations(|| copy(&Kind::Unit).unwrap()).0, 0);
        let mut copier = Copier::new();
        for _ in 0..4 {
            copier.copy(&flat()).unwrap();
        }
        assert_eq!(allocations(|| copier.copy(&flat()).unwrap()), (0, flat()));
    });
}

fn allocates_as_clone_does<T: Serialize + serde::de::DeserializeOwned + Clone + Send + 'static>(
    source: T,
) {
    on_a_fresh_thread(move || {
        for _ in 0..4 {
            copy(&source).unwrap();
        }
        let (by_copy, _copy) = allocations(|| copy(&source).unwrap());
        let (by_clone, _clone) = allocations(|| source.clone());
        assert_eq!(by_copy, by_clone);
    });
}

#[test]
fn a_warm_copy_allocates_what_the_copy_holds() {
    allocates_as_clone_does("text".to_owned());
    allocates_as_clone_does(vec![1.5; 10_000]);
    allocates_as_clone_does(vec!["a".to_owned(), "b".repeat(1000)]);
    allocates_as_clone_does(vec![Some(Box::new(flat())); 100]);
    allocates_as_clone_does(HashMap::from([(1, vec![flat()]), (2, vec![])]));
    allocates_as_clone_does(vec![BTreeMap::from([("k".to_owned(), 1)]); 3]);
}

#[test]
fn skipped_fields_allocate_nothing_either() {
    #[derive(Serialize, Deserialize)]
    struct Sparse {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        a: Option<u8>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        b: Option<u8>,
    }
    on_a_fresh_thread(|| {
        let all = || {
            [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(a, b)| Sparse {
                a: (a > 0).then_some(a),
                b: (b > 0).then_some(b),
            })
        };
        for _ in 0..4 {
            copy(&all()).unwrap();
        }
        assert_eq!(allocations(|| copy(&all()).unwrap()).0, 0);
    });
}

#[test]
fn oversized_buffers_are_given_back() {
    on_a_fresh_thread(|| {
        copy(&0).unwrap();
        let large = held(|| drop(copy(&"x".repeat(64 << 20)).unwrap()));
        assert!(large >= 64 << 20);
        let small = held(|| {
            for _ in 0..16 {
                copy(&"small".to_owned()).unwrap();
            }
        });
        assert!(
            large + small <= 16 << 20,
            "{} bytes are held",
            large + small
        );
    });
}

#[test]
fn a_copier_gives_back_oversized_buffers_too() {
    on_a_fresh_thread(|| {
        let mut copier = Copier::new();
        let kept = held(|| {
            drop(copier.copy(&vec![0_u64; 4 << 20]).unwrap());
            for _ in 0..16 {
                copier.copy(&1).unwrap();
            }
        });
        assert!(kept <= 16 << 20, "{kept} bytes are held");
    });
}

#[test]
fn a_panicking_copy_returns_its_buffer() {
    struct Panics;
    impl Serialize for Panics {
        fn serialize<S: Serializer>(&self, _s: S) -> Result<S::Ok, S::Error> {
            panic!("half-way")
        }
    }
    on_a_fresh_thread(|| {
        for _ in 0..4 {
            copy(&flat()).unwrap();
        }
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            deepclone_serde::convert::<_, u8>(&("x".repeat(1000), Panics)).is_ok()
        }));
        assert!(panicked.is_err());
        drop(panicked);
        for _ in 0..4 {
            copy(&flat()).unwrap();
        }
        assert_eq!(allocations(|| copy(&flat()).unwrap()), (0, flat()));
    });
}

#[test]
fn a_verified_copy_of_a_plain_value_is_free_of_allocations_too() {
    on_a_fresh_thread(|| {
        for _ in 0..4 {
            copy_verified(&flat()).unwrap();
        }
        assert_eq!(allocations(|| copy_verified(&flat()).unwrap()).0, 0);
    });
}

#[test]
fn a_copier_can_be_sent() {
    fn is_send<T: Send>(_: &T) {}
    let mut copier = Copier::new();
    copier.copy(&1).unwrap();
    is_send(&copier);
    let copied = std::thread::spawn(move || copier.copy(&2).unwrap())
        .join()
        .unwrap();
    assert_eq!(copied, 2);
}
