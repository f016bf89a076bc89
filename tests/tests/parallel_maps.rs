//! Maps that are copied by several threads, with keys and values that lead anywhere.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells are the point"
)]

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList};
use std::sync::{Arc, Mutex, OnceLock};

use deepclone::{DeepClone, ErrorKind, ParDeepClone};
use deepclone_tests::fuse::{Detonator, Fuse, Mode};
use deepclone_tests::pools::on_pools;

/// More than one thread copies alone.
const MANY: usize = 300;

/// Maps in no cell, set when the nodes that are their keys exist.
#[derive(DeepClone, Default)]
struct Node {
    hashed: OnceLock<HashMap<ByName, String>>,
    sorted: OnceLock<BTreeMap<ByName, String>>,
    set: OnceLock<HashSet<ByName>>,
    sorted_set: OnceLock<BTreeSet<ByName>>,
    heap: OnceLock<BinaryHeap<ByName>>,
    // What is hashed comes last, so that it is not there yet while the maps are copied.
    name: String,
}

/// Hashed and compared by a name. The edge can be cut.
#[derive(DeepClone)]
struct ByName(Mutex<Option<Arc<Node>>>);

impl ByName {
    fn new(node: &Arc<Node>) -> Self {
        Self(Mutex::new(Some(node.clone())))
    }

    fn rank(&self) -> Option<String> {
        let node = self.0.lock().expect("not poisoned");
        node.as_ref().map(|node| node.name.clone())
    }
}

deepclone_tests::ranked!(ByName);

fn nodes(count: usize) -> Vec<Arc<Node>> {
    let node = |at| Node {
        name: format!("a name that is on the heap, number {at}"),
        ..Node::default()
    };
    (0..count).map(|at| Arc::new(node(at))).collect()
}

/// Gives a node one of five maps.
fn set(node: &Node, kind: usize, keys: impl Iterator<Item = ByName>) {
    let text = || "a text that is on the heap".to_owned();
    let is_set = match kind {
        0 => node
            .hashed
            .set(keys.map(|key| (key, text())).collect())
            .is_ok(),
        1 => node
            .sorted
            .set(keys.map(|key| (key, text())).collect())
            .is_ok(),
        2 => node.set.set(keys.collect()).is_ok(),
        3 => node.sorted_set.set(keys.collect()).is_ok(),
        _ => node.heap.set(keys.collect()).is_ok(),
    };
    assert!(is_set);
}

fn keys(node: &Node) -> Vec<&ByName> {
    let maps = node.hashed.get().into_iter().flat_map(|map| map.keys());
    let sorted = node.sorted.get().into_iter().flat_map(|map| map.keys());
    let sets = node.set.get().into_iter().flatten();
    let sorted_sets = node.sorted_set.get().into_iter().flatten();
    let heaps = node.heap.get().into_iter().flatten();
    let all = maps.chain(sorted).chain(sets).chain(sorted_sets);
    all.chain(heaps).collect()
}

fn cut(node: &Node) {
    for key in keys(node) {
        key.0.lock().expect("not poisoned").take();
    }
}

#[test]
fn a_key_on_a_cycle_with_its_map_is_an_error_before_it_is_hashed() {
    on_pools([1, 2, 4], || {
        for kind in 0..5 {
            let nodes = nodes(MANY);
            let node = &nodes[7];
            set(node, kind, nodes.iter().map(ByName::new));
            let plain = node.try_deep_clone().map(drop).expect_err("a cycle");
            let parallel = vec![node.clone(); 3].try_par_deep_clone();
            let parallel = parallel.map(drop).expect_err("a cycle");
            for error in [plain, parallel] {
                assert_eq!(error.kind(), ErrorKind::KeyInCycle);
                assert_eq!(error.type_name(), std::any::type_name::<ByName>());
            }
            assert_eq!(keys(node).len(), MANY);
            cut(node);
        }
    });
}

#[test]
fn keys_that_lead_to_what_comes_later_are_whole_when_they_are_hashed() {
    on_pools([1, 2, 4], || {
        for kind in 0..5 {
            let mut nodes = nodes(MANY);
            let first = Arc::new(Node::default());
            set(&first, kind, nodes.iter().map(ByName::new));
            nodes.insert(0, first);
            for copy in [
                nodes.try_par_deep_clone(),
                vec![nodes]
                    .try_par_deep_clone()
                    .map(|mut all| all.remove(0)),
            ] {
                let copy = copy.expect("there is no cycle");
                assert_eq!(Arc::strong_count(&copy[1]), 2);
                let keys = keys(&copy[0]);
                assert_eq!(keys.len(), MANY);
                for key in &keys {
                    let node = key.0.lock().expect("not poisoned");
                    let node = node.as_ref().expect("it is there");
                    assert!(copy.iter().any(|known| Arc::ptr_eq(known, node)));
                }
                match kind {
                    0 => assert!(keys.iter().all(|key| {
                        copy[0]
                            .hashed
                            .get()
                            .is_some_and(|map| map.contains_key(key))
                    })),
                    1 => assert!(keys.iter().all(|key| {
                        copy[0]
                            .sorted
                            .get()
                            .is_some_and(|map| map.contains_key(key))
                    })),
                    2 => assert!(
                        keys.iter()
                            .all(|key| copy[0].set.get().is_some_and(|set| set.contains(key)))
                    ),
                    3 => assert!(keys.iter().all(|key| {
                        copy[0]
                            .sorted_set
                            .get()
                            .is_some_and(|set| set.contains(key))
                    })),
                    _ => {}
                }
            }
        }
    });
}

/// Maps in locks in the values of maps in no cell.
mod in_values {
    use super::*;

    #[derive(DeepClone, Default)]
    struct Hub {
        hashed: HashMap<usize, Value>,
        sorted: BTreeMap<usize, Value>,
        by_id: BTreeMap<ById, Value>,
        leaves: Mutex<Vec<Arc<Hub>>>,
    }

    #[derive(DeepClone)]
    struct Value {
        direct: Mutex<HashSet<ById>>,
        fuse: Fuse,
        boxed: Option<Box<Mutex<BTreeSet<ById>>>>,
    }

    #[derive(DeepClone, Clone)]
    struct ById(Arc<Hub>);

    impl ById {
        fn rank(&self) -> *const Hub {
            Arc::as_ptr(&self.0)
        }
    }

    deepclone_tests::ranked!(ById);

    impl Hub {
        fn values(&self) -> impl Iterator<Item = &Value> {
            let hashed = self.hashed.values().chain(self.sorted.values());
            hashed.chain(self.by_id.values())
        }

        fn cut(&self) {
            for value in self.values() {
                value.direct.lock().expect("not poisoned").clear();
                if let Some(boxed) = &value.boxed {
                    boxed.lock().expect("not poisoned").clear();
                }
            }
        }
    }

    fn hub(fuse: &Fuse, count: usize) -> Arc<Hub> {
        let value = |at| Value {
            direct: Mutex::default(),
            fuse: fuse.clone(),
            boxed: (at % 3 == 1).then(Box::default),
        };
        let values = || (0..count).map(|at| (at, value(at)));
        let leaves: Vec<Arc<Hub>> = (0..count).map(|_| Arc::default()).collect();
        let hub = Arc::new(Hub {
            hashed: values().collect(),
            sorted: values().collect(),
            by_id: leaves
                .iter()
                .map(|leaf| (ById(leaf.clone()), value(1)))
                .collect(),
            leaves: Mutex::new(leaves),
        });
        for value in hub.values() {
            value
                .direct
                .lock()
                .expect("not poisoned")
                .insert(ById(hub.clone()));
            if let Some(boxed) = &value.boxed {
                boxed
                    .lock()
                    .expect("not poisoned")
                    .insert(ById(hub.clone()));
            }
        }
        hub
    }

    fn assert_copied(copy: &Arc<Hub>, source: &Arc<Hub>, handles: usize) {
        assert_eq!(
            Arc::strong_count(copy) - handles,
            Arc::strong_count(source) - 1
        );
        let key = ById(copy.clone());
        assert_eq!(copy.values().count(), source.values().count());
        for value in copy.values() {
            assert!(value.direct.lock().expect("not poisoned").contains(&key));
            if let Some(boxed) = &value.boxed {
                assert!(boxed.lock().expect("not poisoned").contains(&key));
            }
        }
        assert!(copy.sorted.keys().eq(source.sorted.keys()));
        assert!(copy.by_id.keys().is_sorted());
        assert_eq!(copy.by_id.len(), source.by_id.len());
    }

    #[test]
    fn are_found_where_their_values_went() {
        on_pools([1, 2, 4], || {
            let detonator = Detonator::new();
            let hub = hub(&detonator.fuse(), MANY);
            let live = detonator.live();
            let copies = vec![hub.clone(), hub.clone()].par_deep_clone();
            assert_eq!(detonator.live(), 2 * live);
            assert_copied(&copies[0], &hub, 2);
            copies[0].cut();
            drop(copies);
            assert_eq!(detonator.live(), live);
            hub.cut();
        });
    }

    #[test]
    fn nothing_is_left_of_them_wherever_they_fail() {
        let detonator = Detonator::new();
        let hub = hub(&detonator.fuse(), 20);
        for mode in [Mode::Error, Mode::Panic] {
            let (steps, outcome) = detonator.fail_at_every_step(
                mode,
                || vec![hub.clone()].try_par_deep_clone(),
                |_| {},
            );
            assert!(steps >= 60);
            outcome.expect("the fuse is not lit any more")[0].cut();
        }
        hub.cut();
        drop(hub);
        assert_eq!(detonator.live(), 0);
    }
}

/// Hashed and compared by how much lies in a map, in a cell in a container of its own.
#[derive(DeepClone)]
struct BySize(LinkedList<BTreeMap<u8, Mutex<Shared>>>);

type Shared = HashMap<Arc<usize>, usize>;

impl BySize {
    fn new(size: usize, shared: &[Arc<usize>]) -> Self {
        let pairs = shared.iter().take(size).map(|shared| (shared.clone(), 1));
        Self([[(1, Mutex::new(pairs.collect()))].into()].into())
    }

    fn rank(&self) -> usize {
        let map = &self.0.front().expect("there is one")[&1];
        map.lock().expect("not poisoned").len()
    }
}

deepclone_tests::ranked!(BySize);

#[derive(DeepClone)]
struct BySizes {
    hashed: HashMap<BySize, usize>,
    sorted: BTreeMap<BySize, BySize>,
}

#[test]
fn keys_see_the_maps_in_their_containers() {
    let shared: Vec<_> = (0..MANY).map(Arc::new).collect();
    let key = |size| BySize::new(size, &shared);
    let source = Arc::new(BySizes {
        hashed: (0..MANY).map(|size| (key(size), size)).collect(),
        sorted: (0..MANY).map(|size| (key(size), key(size))).collect(),
    });
    let before: Vec<_> = shared.iter().map(Arc::strong_count).collect();
    on_pools([1, 2, 4], || {
        let copies = [source.par_deep_clone(), source.deep_clone()];
        for copy in &copies {
            let hashed = |size| copy.hashed.get(&key(size));
            assert!((0..MANY).all(|size| hashed(size) == Some(&size)));
            let sorted = copy
                .sorted
                .iter()
                .map(|(key, value)| (key.rank(), value.rank()));
            assert!(sorted.eq((0..MANY).map(|size| (size, size))));
        }
        drop(copies);
        let after: Vec<_> = shared.iter().map(Arc::strong_count).collect();
        assert_eq!(before, after);
    });
}
