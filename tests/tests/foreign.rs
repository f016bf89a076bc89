//! Types of other crates.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::{Arc, Mutex as StdMutex, Weak};
use std::thread;
use std::time::Duration;

use arrayvec::{ArrayString, ArrayVec};
use dashmap::{DashMap, DashSet};
use deepclone::{Cloner, DeepClone, Error, ErrorKind, LockPolicy, Options, Session};
use either::Either;
use indexmap::{IndexMap, IndexSet};
use parking_lot::{Mutex, ReentrantMutex, RwLock};
use smallvec::{SmallVec, smallvec};

#[test]
fn what_others_made_of_bytes_is_the_same_in_the_copy() {
    let day = chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let source = (
        uuid::Uuid::from_u128(7),
        day,
        time::Duration::seconds(3),
        ordered_float::OrderedFloat(f64::NAN),
        ArrayString::<8>::from("abc").unwrap(),
        num_bigint::BigInt::from(-5) * 1_000_000_007_u64,
        semver::Version::parse("1.2.3-pre.longer-than-a-word+build").unwrap(),
        url::Url::parse("https://example.org/a?b=c").unwrap(),
        serde_json::json!({"a": [1, 2.5, null], "b": {"c": "d"}}),
    );
    assert_eq!(source.deep_clone(), source);
}

#[test]
fn bytes_are_copied_not_shared() {
    let source = bytes::Bytes::from(vec![1_u8; 64]);
    let copy = source.deep_clone();
    assert_eq!(copy, source);
    assert_ne!(copy.as_ptr(), source.as_ptr());
    assert!(source.is_unique());
}

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

#[derive(DeepClone)]
struct Node {
    edges: Mutex<Vec<Arc<Node>>>,
    guarded: RwLock<Option<Weak<Node>>>,
    owner: ReentrantMutex<RefCell<u32>>,
}

fn node(number: u32) -> Arc<Node> {
    Arc::new(Node {
        edges: Mutex::default(),
        guarded: RwLock::new(None),
        owner: ReentrantMutex::new(RefCell::new(number)),
    })
}

#[test]
fn parking_lot_locks_are_places_on_cycles() {
    let (a, b) = (node(1), node(2));
    a.edges.lock().extend([a.clone(), b.clone()]);
    b.edges.lock().push(a.clone());
    *b.guarded.write() = Some(Arc::downgrade(&a));
    let copy = a.deep_clone();
    let edges = copy.edges.lock();
    assert!(Arc::ptr_eq(&edges[0], &copy));
    assert!(Arc::ptr_eq(&edges[1].edges.lock()[0], &copy));
    let parent = edges[1].guarded.read().clone().unwrap().upgrade().unwrap();
    assert!(Arc::ptr_eq(&parent, &copy));
    assert_eq!(*edges[1].owner.lock().borrow(), 2);
    drop(edges);
    for node in [&a, &copy] {
        let edges = std::mem::take(&mut *node.edges.lock());
        edges[1].edges.lock().clear();
    }
}

#[test]
fn parking_lot_locks_hold_unsized_contents() {
    trait Shape: DeepClone + Send + Sync {
        fn area(&self) -> u32;
    }
    #[derive(DeepClone)]
    struct Square(u32);
    impl Shape for Square {
        fn area(&self) -> u32 {
            self.0 * self.0
        }
    }
    let shapes: Vec<Arc<Mutex<dyn Shape>>> = vec![Arc::new(Mutex::new(Square(3)))];
    let twice = (shapes.clone(), shapes);
    let copy = twice.deep_clone();
    assert!(Arc::ptr_eq(&copy.0[0], &copy.1[0]));
    assert_eq!(copy.0[0].lock().area(), 9);
    let slice: Arc<RwLock<[u16]>> = Arc::new(RwLock::new([1, 2, 3]));
    assert_eq!(*slice.deep_clone().read(), [1, 2, 3]);
    let reentrant: Arc<ReentrantMutex<[u16]>> = Arc::new(ReentrantMutex::new([4, 5]));
    assert_eq!(*reentrant.deep_clone().lock(), [4, 5]);
}

#[test]
fn a_parking_lot_lock_that_is_held_is_an_error_where_waiting_is_not_allowed() {
    let lock = Arc::new(Mutex::new(1));
    let guard = lock.lock();
    for policy in [
        LockPolicy::Try,
        LockPolicy::Timeout(Duration::from_millis(1)),
    ] {
        let mut session = Session::with_options(Options::new().locks(policy));
        let error = session.deep_clone(&lock).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
    drop(guard);
    let readers = RwLock::new(2);
    let reader = readers.read();
    let mut session = Session::with_options(Options::new().locks(LockPolicy::Try));
    assert_eq!(*session.deep_clone(&readers).unwrap().read(), 2);
    drop(reader);
    let owned = ReentrantMutex::new(3);
    let owner = owned.lock();
    assert_eq!(*session.deep_clone(&owned).unwrap().lock(), 3);
    drop(owner);
}

struct Tree {
    name: String,
    parent: RwLock<Weak<Tree>>,
    children: Mutex<Vec<Arc<Tree>>>,
}

deepclone::impl_deep_clone! { impl for Tree = |tree, cloner| {
    let parent = cloner.deep_clone(&tree.parent)?;
    assert!(parent.read().upgrade().is_none(), "nobody sees a parent that is not finished");
    let children = cloner.deep_clone(&tree.children)?;
    assert!(children.lock().iter().all(|child| !child.name.is_empty()));
    Ok(Tree { name: tree.name.clone(), parent, children })
} }

#[test]
fn a_tree_written_by_hand_may_link_to_its_parents_under_parking_lot_locks() {
    let tree = |name: &str| {
        Arc::new(Tree {
            name: name.into(),
            parent: RwLock::default(),
            children: Mutex::default(),
        })
    };
    let root = tree("root");
    for name in ["a", "b"] {
        let (child, leaf) = (tree(name), tree("leaf"));
        *leaf.parent.write() = Arc::downgrade(&child);
        child.children.lock().push(leaf);
        *child.parent.write() = Arc::downgrade(&root);
        root.children.lock().push(child);
    }
    let copy = root.deep_clone();
    for (child, name) in copy.children.lock().iter().zip(["a", "b"]) {
        assert_eq!(child.name, name);
        assert!(Arc::ptr_eq(&child.parent.read().upgrade().unwrap(), &copy));
        let leaf = child.children.lock()[0].clone();
        assert!(Arc::ptr_eq(&leaf.parent.read().upgrade().unwrap(), child));
    }
    assert_eq!((Arc::strong_count(&copy), Arc::weak_count(&copy)), (1, 2));
    assert_eq!((Arc::strong_count(&root), Arc::weak_count(&root)), (1, 2));
}

#[test]
fn an_arc_under_a_parking_lot_lock_is_followed_when_the_lock_is_free_again() {
    let inner = Arc::new(Mutex::new(1));
    let outer = Mutex::new(inner.clone());
    thread::scope(|scope| {
        let held = inner.lock();
        let cloning = scope.spawn(|| outer.deep_clone());
        for _ in 0..1000 {
            // A clone that waited for the inner lock under this one would never end.
            drop(outer.lock());
            thread::yield_now();
        }
        drop(held);
        assert_eq!(*cloning.join().unwrap().lock().lock(), 1);
    });
}

#[test]
fn a_map_under_a_parking_lot_lock_is_filled_after_it() {
    let source = Arc::new(Mutex::new(HashMap::from([(
        Arc::<str>::from("a"),
        HashMap::from([(1, vec![1])]),
    )])));
    let copy = (source.clone(), source).deep_clone();
    assert!(Arc::ptr_eq(&copy.0, &copy.1));
    assert_eq!(copy.0.lock()["a"][&1], [1]);
}

#[test]
fn a_map_of_maps_under_a_lock_is_copied() {
    let inner: HashMap<String, Arc<u8>> = (0..10)
        .map(|key| (key.to_string(), Arc::new(key)))
        .collect();
    let outer: HashMap<String, HashMap<String, Arc<u8>>> = (0..50)
        .map(|key| (key.to_string(), inner.clone()))
        .collect();
    let source = Mutex::new(outer);
    assert_eq!(*source.deep_clone().lock(), *source.lock());
}

#[test]
fn a_dash_map_is_copied_with_what_its_entries_share() {
    let source: DashMap<String, Arc<StdMutex<u32>>> = DashMap::with_shard_amount(4);
    let shared = Arc::new(StdMutex::new(0));
    for index in 0..1000_u32 {
        let value = if index % 2 == 0 {
            shared.clone()
        } else {
            Arc::new(StdMutex::new(index))
        };
        source.insert(index.to_string(), value);
    }
    let copy = source.deep_clone();
    assert_eq!(copy.len(), 1000);
    assert_eq!(copy.shards().len(), 4);
    let first = copy.get("0").unwrap().clone();
    assert_eq!(Arc::strong_count(&first), 501);
    assert_eq!(Arc::strong_count(&shared), 501);
    for index in 0..1000_u32 {
        let value = copy.get(&index.to_string()).unwrap();
        if index % 2 == 0 {
            assert!(Arc::ptr_eq(&value, &first));
        } else {
            assert_eq!(*value.lock().unwrap(), index);
        }
    }
}

#[test]
fn a_dash_set_is_copied_with_what_its_keys_share() {
    let names: Vec<Arc<str>> = (0..100).map(|name: u32| name.to_string().into()).collect();
    let source: DashSet<Arc<str>> = names.iter().cloned().collect();
    let both = (source, names);
    let copy = both.deep_clone();
    assert_eq!(copy.0.len(), 100);
    for name in &copy.1 {
        assert!(Arc::ptr_eq(copy.0.get(&**name).unwrap().key(), name));
        assert_eq!(Arc::strong_count(name), 2);
    }
    assert!(!Arc::ptr_eq(&copy.1[0], &both.1[0]));
    assert!(
        both.1
            .iter()
            .all(|name| Arc::strong_count(name) == 2 && Arc::weak_count(name) == 0)
    );
    let strings: DashSet<String> = DashSet::from_iter(["a".to_string(), "b".to_string()]);
    assert!(strings.deep_clone().contains("b"));
    let limited = Options::new().max_bytes(1);
    let error = Session::with_options(limited)
        .deep_clone(&strings)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert_eq!(strings.len(), 2);
}

#[test]
fn a_dash_map_may_lie_on_a_cycle_through_its_values() {
    #[derive(DeepClone)]
    struct User {
        friends: DashMap<Arc<str>, Arc<User>>,
    }
    let user = Arc::new(User {
        friends: DashMap::new(),
    });
    user.friends.insert("self".into(), user.clone());
    let copy = user.deep_clone();
    let friend = copy.friends.get("self").unwrap().clone();
    assert!(Arc::ptr_eq(&friend, &copy));
    assert_eq!(Arc::strong_count(&copy), 3);
    user.friends.clear();
    copy.friends.clear();
}

#[test]
fn a_dash_map_holds_maps_and_lies_in_locks() {
    let inner: HashMap<String, Arc<u8>> = HashMap::from([("x".into(), Arc::new(1))]);
    let map: DashMap<u8, StdMutex<HashMap<String, Arc<u8>>>> = DashMap::new();
    for key in 0..20 {
        map.insert(key, StdMutex::new(inner.clone()));
    }
    let copy = StdMutex::new(map).deep_clone().into_inner().unwrap();
    assert_eq!(copy.len(), 20);
    let kept = copy.get(&3).unwrap().lock().unwrap()["x"].clone();
    assert_eq!(Arc::strong_count(&kept), 21);
    let nested: DashMap<u8, DashMap<String, HashMap<u8, Vec<u8>>>> = DashMap::new();
    let low = DashMap::new();
    low.insert("low".to_string(), HashMap::from([(1, vec![2])]));
    nested.insert(1, low);
    let copy = nested.deep_clone();
    assert_eq!(copy.get(&1).unwrap().get("low").unwrap()[&1], [2]);
}

#[test]
fn no_shard_is_locked_while_what_an_arc_leads_to_is_copied() {
    fn take(value: &StdMutex<u32>, _: &mut Cloner<'_>) -> Result<StdMutex<u32>, Error> {
        MAP.with(|map| {
            let map = map.borrow().clone().unwrap();
            for shard in map.shards() {
                assert!(shard.try_write().is_some(), "a shard is locked");
            }
        });
        Ok(StdMutex::new(*value.lock().unwrap()))
    }
    #[derive(DeepClone)]
    struct Entry {
        #[deepclone(try_with = take)]
        value: StdMutex<u32>,
    }
    type Entries = Arc<DashMap<u32, Arc<Entry>>>;
    thread_local! {
        static MAP: RefCell<Option<Entries>> = const { RefCell::new(None) };
    }
    let map = Arc::new(DashMap::new());
    for key in 0..50 {
        map.insert(
            key,
            Arc::new(Entry {
                value: StdMutex::new(key),
            }),
        );
    }
    MAP.with(|slot| *slot.borrow_mut() = Some(map.clone()));
    let copy = DashMap::deep_clone(&map);
    MAP.with(|slot| *slot.borrow_mut() = None);
    assert_eq!(copy.len(), 50);
    assert_eq!(*copy.get(&7).unwrap().value.lock().unwrap(), 7);
}

#[test]
fn a_failure_in_a_dash_map_leaves_nothing() {
    let shared = Arc::new(());
    let source = DashMap::new();
    for key in 0..64 {
        source.insert(key, Arc::new((Mutex::new(key), shared.clone())));
    }
    let held = source.get(&33).unwrap().clone();
    let guard = held.0.lock();
    let mut session = Session::with_options(Options::new().locks(LockPolicy::Try));
    assert_eq!(
        session.deep_clone(&source).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    drop(guard);
    let held = Mutex::new(1);
    let guard = held.lock();
    let owned: DashMap<u8, &Mutex<i32>> = DashMap::new();
    owned.insert(1, &held);
    assert!(
        session.deep_clone(&owned).is_ok(),
        "borrowed things stay borrowed"
    );
    drop(guard);
    drop(session);
    assert_eq!(Arc::strong_count(&shared), 65);
    assert_eq!(Arc::weak_count(&shared), 0);
}

#[test]
fn keys_that_panic_leave_a_dash_map_as_it_was() {
    #[derive(DeepClone, PartialEq, Eq)]
    struct Key {
        number: u8,
        shared: Arc<()>,
    }
    thread_local! {
        static FUSE: std::cell::Cell<Option<u32>> = const { std::cell::Cell::new(None) };
    }
    impl Hash for Key {
        fn hash<H: Hasher>(&self, state: &mut H) {
            FUSE.with(|fuse| match fuse.get() {
                Some(0) => {
                    fuse.set(None);
                    panic!("the fuse has burnt down");
                }
                left => fuse.set(left.map(|left| left - 1)),
            });
            self.number.hash(state);
        }
    }
    let shared = Arc::new(());
    let source = DashMap::with_shard_amount(2);
    for number in 0..20 {
        let key = Key {
            number,
            shared: shared.clone(),
        };
        source.insert(key, Arc::clone(&shared));
    }
    for left in 0..20 {
        FUSE.with(|fuse| fuse.set(Some(left)));
        let panicked =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| source.try_deep_clone()));
        assert!(panicked.is_err(), "after {left}");
        FUSE.with(|fuse| fuse.set(None));
        assert_eq!(Arc::strong_count(&shared), 41);
        assert_eq!(Arc::weak_count(&shared), 0);
    }
    assert_eq!(source.deep_clone().len(), 20);
}

#[test]
fn papaya_maps_take_finished_pairs() {
    let shared = Arc::new(StdMutex::new(1));
    let source: papaya::HashMap<Arc<str>, Arc<StdMutex<i32>>> = papaya::HashMap::new();
    for key in ["a", "b", "c"] {
        source.pin().insert(key.into(), shared.clone());
    }
    let both = (source, shared);
    let copy = both.deep_clone();
    let pairs = copy.0.pin();
    assert_eq!(pairs.len(), 3);
    assert!(pairs.iter().all(|(_, value)| Arc::ptr_eq(value, &copy.1)));
    let set: papaya::HashSet<u64> = [1, 2].into_iter().collect();
    assert_eq!(set.deep_clone().len(), 2);
}

#[test]
fn a_papaya_map_on_a_strong_cycle_is_refused() {
    #[derive(DeepClone)]
    struct Hub {
        spokes: papaya::HashMap<u8, Arc<StdMutex<Option<Arc<Hub>>>>>,
    }
    let hub = Arc::new(Hub {
        spokes: papaya::HashMap::new(),
    });
    let spoke = Arc::new(StdMutex::new(Some(hub.clone())));
    hub.spokes.pin().insert(1, spoke.clone());
    let error = hub.try_deep_clone().map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    *spoke.lock().unwrap() = None;
    assert!(hub.try_deep_clone().is_ok());
}
