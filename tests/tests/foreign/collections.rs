//! Collections and sums that one thread has.

use std::cell::RefCell;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::rc::Rc;
use std::sync::Arc;

use arrayvec::ArrayVec;
use deepclone::{DeepClone, ErrorKind};
use either::Either;
use indexmap::{IndexMap, IndexSet};
use smallvec::{SmallVec, smallvec};

#[test]
fn an_index_map_keeps_its_order_and_what_its_entries_share() {
    let shared = Rc::new(1);
    let mut source: IndexMap<String, Rc<i32>> = IndexMap::new();
    for name in ["z", "a", "m"] {
        source.insert(name.into(), shared.clone());
    }
    source.swap_remove("z");
    let copy = source.deep_clone();
    assert!(copy.keys().eq(["m", "a"]));
    assert!(Rc::ptr_eq(&copy[0], &copy[1]));
    assert!(!Rc::ptr_eq(&copy[0], &shared));
    assert_eq!(Rc::strong_count(&copy[0]), 2);
    let set: IndexSet<Box<str>> = ["q".into(), "b".into()].into_iter().collect();
    assert!(set.deep_clone().iter().eq(set.iter()));
}

#[test]
fn an_index_map_in_a_cell_may_lie_on_a_cycle_through_its_values() {
    struct Node {
        next: RefCell<IndexMap<u8, Rc<Node>>>,
    }
    deepclone::impl_deep_clone! { impl for Mark = |_, _| Ok(Mark) }
    struct Mark;
    #[derive(DeepClone)]
    struct Derived {
        next: RefCell<IndexMap<u8, Rc<Derived>>>,
        _mark: Option<Mark>,
    }
    let node = Rc::new(Derived {
        next: RefCell::default(),
        _mark: None,
    });
    node.next.borrow_mut().insert(3, node.clone());
    let copy = node.deep_clone();
    assert!(Rc::ptr_eq(&copy.next.borrow()[&3], &copy));
    copy.next.borrow_mut().clear();
    node.next.borrow_mut().clear();
    let _ = |node: Node| node.next;
}

#[test]
fn hashbrown_maps_are_maps() {
    let mut source: hashbrown::HashMap<String, Arc<u8>, BuildHasherDefault<DefaultHasher>> =
        hashbrown::HashMap::default();
    let shared = Arc::new(1);
    for index in 0..100 {
        source.insert(index.to_string(), shared.clone());
    }
    let copy = source.deep_clone();
    assert_eq!(copy, source);
    assert_eq!(Arc::strong_count(&copy["7"]), 100);
    assert_eq!(Arc::strong_count(&shared), 101);
}

#[test]
fn short_vectors_keep_what_they_share_inline_and_spilled() {
    let shared = Rc::new(String::from("x"));
    for length in [0, 1, 2, 5] {
        let small: SmallVec<[Rc<String>; 2]> = smallvec![shared.clone(); length];
        let copy = small.deep_clone();
        assert_eq!(copy.spilled(), small.spilled());
        assert_eq!(copy.len(), length);
        assert!(copy.windows(2).all(|pair| Rc::ptr_eq(&pair[0], &pair[1])));
        let array: ArrayVec<Rc<String>, 5> = small.iter().cloned().collect();
        let copy = array.deep_clone();
        assert_eq!(copy.len(), length);
        assert!(copy.iter().all(|one| Rc::strong_count(one) == length));
    }
    assert_eq!(Rc::strong_count(&shared), 1);
}

#[test]
fn a_failure_in_a_short_vector_leaves_nothing() {
    let shared = Rc::new(());
    let cells: SmallVec<[RefCell<Rc<()>>; 4]> =
        (0..3).map(|_| RefCell::new(shared.clone())).collect();
    let guard = cells[2].borrow_mut();
    let error = cells.try_deep_clone().unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::AlreadyBorrowed, "SmallVec[2]")
    );
    drop(guard);
    assert!(cells.try_deep_clone().is_ok());
    assert_eq!(Rc::strong_count(&shared), 4);
}

#[test]
fn either_side_is_copied() {
    let shared = Rc::new(1);
    let source: (Either<Rc<i32>, String>, Either<u8, Rc<i32>>) =
        (Either::Left(shared.clone()), Either::Right(shared));
    let copy = source.deep_clone();
    match copy {
        (Either::Left(a), Either::Right(b)) => assert!(Rc::ptr_eq(&a, &b)),
        other => panic!("{other:?}"),
    }
}
