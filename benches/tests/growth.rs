//! Whether the report notices a cost that isn't linear.

use deepclone_benches::growth::{Flag, Step, judge};
use deepclone_benches::heap::Heap;
use deepclone_benches::machine::Cache;

const L2: u64 = 1 << 20;

/// A step whose nodes take `time` ns here and `by_hand` there, and `bytes` of memory.
fn step(nodes: usize, time: f64, by_hand: f64, bytes: usize) -> Step {
    let heap = Heap {
        allocations: nodes,
        peak: nodes * bytes,
        kept: nodes * bytes,
    };
    Step {
        nodes,
        time,
        by_hand,
        heap,
        flag: None,
    }
}

/// What is said of the second of two steps, on a machine with one cache.
fn judged(before: Step, after: Step) -> Option<Flag> {
    let mut steps = [before, after];
    let cache = Cache {
        name: "L2".to_owned(),
        bytes: L2,
    };
    judge(&mut steps, &[cache]);
    let [first, second] = steps;
    assert_eq!(first.flag, None);
    second.flag
}

/// Ten times the nodes, both sizes far above the cache.
fn in_memory(time: f64, by_hand: f64) -> Option<Flag> {
    judged(
        step(1_000_000, 10.0, 10.0, 32),
        step(10_000_000, time, by_hand, 32),
    )
}

/// Ten times the nodes, from within the cache to above it.
fn at_the_end_of_a_cache(time: f64, by_hand: f64) -> Option<Flag> {
    judged(
        step(1_000, 10.0, 10.0, 32),
        step(100_000, time, by_hand, 32),
    )
}

fn leaves() -> Option<Flag> {
    Some(Flag::Leaves("L2".to_owned()))
}

#[test]
fn a_linear_step_has_no_flag() {
    assert_eq!(in_memory(10.0, 10.0), None);
    assert_eq!(in_memory(15.9, 10.0), None);
    assert_eq!(
        judged(step(100, 10.0, 10.0, 32), step(1_000, 10.0, 10.0, 32)),
        None
    );
}

#[test]
fn a_step_that_grows_alone_is_a_fault() {
    assert_eq!(in_memory(16.1, 10.0), Some(Flag::MoreTime));
    assert_eq!(in_memory(100.0, 30.0), Some(Flag::MoreTime));
}

#[test]
fn a_step_that_grows_as_the_copy_by_hand_does_is_memory() {
    assert_eq!(in_memory(30.0, 25.0), Some(Flag::Memory(2.5)));
    assert_eq!(in_memory(31.0, 24.0), Some(Flag::MoreTime));
}

#[test]
fn a_quadratic_step_is_a_fault_where_a_cache_ends_too() {
    assert_eq!(at_the_end_of_a_cache(100.0, 10.0), Some(Flag::MoreTime));
    assert_eq!(at_the_end_of_a_cache(100.0, 39.0), Some(Flag::MoreTime));
}

#[test]
fn the_end_of_a_cache_allows_for_more() {
    assert_eq!(at_the_end_of_a_cache(10.0, 10.0), leaves());
    assert_eq!(at_the_end_of_a_cache(24.0, 10.0), leaves());
    assert_eq!(at_the_end_of_a_cache(26.0, 10.0), Some(Flag::MoreTime));
    assert_eq!(at_the_end_of_a_cache(70.0, 30.0), leaves());
}

#[test]
fn memory_that_grows_is_a_fault_anywhere() {
    let of = |nodes, bytes| step(nodes, 10.0, 10.0, bytes);
    assert_eq!(
        judged(of(1_000_000, 32), of(10_000_000, 64)),
        Some(Flag::MoreMemory)
    );
    assert_eq!(
        judged(of(1_000, 32), of(100_000, 64)),
        Some(Flag::MoreMemory)
    );
}

#[test]
fn faults_are_faults_and_no_others() {
    let flags = [
        (Flag::MoreTime, "more time than linear", true),
        (Flag::MoreMemory, "more memory than linear", true),
        (
            Flag::Leaves("L2 and L3".to_owned()),
            "leaves L2 and L3",
            false,
        ),
        (
            Flag::Memory(2.53),
            "memory: a copy by hand grows by 2.5 as well",
            false,
        ),
    ];
    for (flag, text, fault) in flags {
        assert_eq!((&*flag.to_string(), flag.is_fault()), (text, fault));
    }
}
