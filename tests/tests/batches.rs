//! Many values in one call.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deepclone::{
    DeepClone, ErrorKind, deep_clone_batch, deep_clone_each, try_deep_clone_batch,
    try_deep_clone_each,
};

static MADE: AtomicUsize = AtomicUsize::new(0);

fn made(value: &u32) -> u32 {
    MADE.fetch_add(1, Ordering::Relaxed);
    *value
}

#[derive(DeepClone)]
struct Counted {
    #[deepclone(with = made)]
    number: u32,
}

#[test]
fn a_batch_of_maps_keeps_what_they_share_and_copies_it_once() {
    let shared = Arc::new(Counted { number: 7 });
    let maps: Vec<HashMap<u32, Arc<Counted>>> = (0..100)
        .map(|map| HashMap::from([(map, shared.clone())]))
        .collect();
    let before = MADE.load(Ordering::Relaxed);
    let copies = deep_clone_batch(&maps);
    assert_eq!(MADE.load(Ordering::Relaxed) - before, 1);
    let first = &copies[0][&0];
    assert!((0..100).all(|map| Arc::ptr_eq(first, &copies[map as usize][&map])));
    assert_eq!(Arc::strong_count(first), 100);
    assert_eq!(Arc::strong_count(&shared), 101);
    assert_eq!(first.number, 7);
}

#[test]
fn with_a_memo_each_nothing_is_shared() {
    let shared = Rc::new(5);
    let batch = vec![(shared.clone(), shared.clone()), (shared.clone(), shared)];
    let copies = deep_clone_each(&batch);
    assert!(Rc::ptr_eq(&copies[0].0, &copies[0].1));
    assert!(!Rc::ptr_eq(&copies[0].0, &copies[1].0));
}

#[test]
fn a_failure_in_a_batch_leaves_nothing_and_tells_where() {
    let shared = Rc::new(());
    let batch: Vec<_> = (0..5).map(|_| RefCell::new(shared.clone())).collect();
    let guard = batch[3].borrow_mut();
    let error = try_deep_clone_batch(&batch).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::AlreadyBorrowed, "[_][3]")
    );
    let (index, error) = try_deep_clone_each(&batch).unwrap_err();
    assert_eq!((index, error.kind()), (3, ErrorKind::AlreadyBorrowed));
    drop(guard);
    assert_eq!((Rc::strong_count(&shared), Rc::weak_count(&shared)), (6, 0));
    assert_eq!(try_deep_clone_batch(&batch).unwrap().len(), 5);
}

#[test]
fn an_empty_batch_is_an_empty_vector() {
    assert!(deep_clone_batch::<String>(&[]).is_empty());
    assert!(deep_clone_each::<String>(&[]).is_empty());
}
