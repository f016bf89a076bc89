//! The locks of `parking_lot`: places on cycles, and held no longer than they have to be.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use deepclone::{DeepClone, ErrorKind, LockPolicy, Options, Session};
use parking_lot::{Mutex, ReentrantMutex, RwLock};

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
