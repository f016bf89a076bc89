//! Keys that lie on a strong cycle with their own map: found by look-up in the copy, in the right order, whatever holds the map and in which order things are met.

use std::cmp::Ordering;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::hash::{BuildHasher, Hash, Hasher};
use std::marker::PhantomData;

use deepclone::DeepClone;

/// What a key is hashed and compared by.
trait Rule: DeepClone + 'static {
    fn of(address: usize, number: u32) -> u64;
}

#[derive(DeepClone)]
enum ByAddress {}

#[derive(DeepClone)]
enum ByValue {}

/// By the value, but nearly all keys collide.
#[derive(DeepClone)]
enum ByParity {}

impl Rule for ByAddress {
    fn of(address: usize, _: u32) -> u64 {
        address as u64
    }
}

impl Rule for ByValue {
    fn of(_: usize, number: u32) -> u64 {
        number.into()
    }
}

impl Rule for ByParity {
    fn of(_: usize, number: u32) -> u64 {
        (u64::from(number) << 1) | u64::from(number % 2)
    }
}

/// A hasher that can be cloned, and has no `Default`.
#[derive(Clone)]
struct Seeded {
    seed: u64,
    state: RandomState,
}

impl BuildHasher for Seeded {
    type Hasher = std::hash::DefaultHasher;

    fn build_hasher(&self) -> Self::Hasher {
        let mut hasher = self.state.build_hasher();
        self.seed.hash(&mut hasher);
        hasher
    }
}

impl Seeded {
    fn new(seed: u64) -> Self {
        Self {
            seed,
            state: RandomState::new(),
        }
    }
}

macro_rules! keys {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        #[allow(
            clippy::arc_with_non_send_sync,
            clippy::mutable_key_type,
            reason = "nothing here leaves its thread, and the keys' own parts don't change"
        )]
        mod $name {
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);

            /// A node whose maps and sets have nodes for keys, itself among them.
            #[derive(DeepClone)]
            struct Node<R: Rule> {
                early: Slot<Vec<Strong<Node<R>>>>,
                number: u32,
                hash_map: Slot<HashMap<Key<R>, Strong<Node<R>>, Seeded>>,
                tree_map: Slot<BTreeMap<Key<R>, Strong<Node<R>>>>,
                hash_set: Slot<HashSet<Key<R>>>,
                tree_set: Slot<BTreeSet<Key<R>>>,
                heap: Slot<BinaryHeap<Key<R>>>,
                by_number: Slot<HashMap<(u32, Key<R>), Box<Option<Key<R>>>>>,
                late: Slot<Vec<Strong<Node<R>>>>,
            }

            #[derive(DeepClone)]
            struct Key<R: Rule>(Strong<Node<R>>, PhantomData<R>);

            impl<R: Rule> Key<R> {
                fn new(node: &Strong<Node<R>>) -> Self {
                    Self(node.clone(), PhantomData)
                }
                fn rank(&self) -> u64 {
                    R::of(Strong::as_ptr(&self.0).addr(), self.0.number)
                }
            }

            impl<R: Rule> Hash for Key<R> {
                fn hash<H: Hasher>(&self, state: &mut H) {
                    self.rank().hash(state);
                }
            }

            impl<R: Rule> PartialEq for Key<R> {
                fn eq(&self, other: &Self) -> bool {
                    self.rank() == other.rank()
                }
            }

            impl<R: Rule> Eq for Key<R> {}

            impl<R: Rule> Ord for Key<R> {
                fn cmp(&self, other: &Self) -> Ordering {
                    self.rank().cmp(&other.rank())
                }
            }

            impl<R: Rule> PartialOrd for Key<R> {
                fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                    Some(self.cmp(other))
                }
            }

            impl<R: Rule> Node<R> {
                fn new(number: u32) -> Strong<Self> {
                    Strong::new(Self {
                        early: Slot::default(),
                        number,
                        hash_map: Slot::new(HashMap::with_hasher(Seeded::new(number.into()))),
                        tree_map: Slot::default(),
                        hash_set: Slot::default(),
                        tree_set: Slot::default(),
                        heap: Slot::default(),
                        by_number: Slot::default(),
                        late: Slot::default(),
                    })
                }

                /// How many strong edges `add` makes.
                const EDGES: usize = 9;

                fn add(&self, node: &Strong<Self>) {
                    open(&self.hash_map).insert(Key::new(node), node.clone());
                    open(&self.tree_map).insert(Key::new(node), node.clone());
                    open(&self.hash_set).insert(Key::new(node));
                    open(&self.tree_set).insert(Key::new(node));
                    open(&self.heap).push(Key::new(node));
                    let other = Box::new(Some(Key::new(node)));
                    open(&self.by_number).insert((node.number, Key::new(node)), other);
                }

                fn clear(&self) {
                    open(&self.hash_map).clear();
                    open(&self.tree_map).clear();
                    open(&self.hash_set).clear();
                    open(&self.tree_set).clear();
                    open(&self.heap).clear();
                    open(&self.by_number).clear();
                    open(&self.early).clear();
                    open(&self.late).clear();
                }

                /// Everything that holds keys holds exactly those to `nodes`, and finds each.
                fn assert_holds(&self, nodes: &[Strong<Self>]) {
                    let hash_map = open(&self.hash_map);
                    let tree_map = open(&self.tree_map);
                    let hash_set = open(&self.hash_set);
                    let tree_set = open(&self.tree_set);
                    let by_number = open(&self.by_number);
                    // Taken out one by one: what `Ord` of the copies says must hold in the heap as it was copied.
                    let mut heap = Vec::new();
                    let top = nodes.iter().map(Key::new).max();
                    assert!(open(&self.heap).peek() == top.as_ref());
                    while let Some(key) = { open(&self.heap).pop() } {
                        heap.push(key);
                    }
                    assert!(heap.is_sorted_by(|above, below| above >= below));
                    let mut heap: Vec<_> = heap.into_iter().map(|key| key.0).collect();
                    open(&self.heap).extend(heap.iter().map(Key::new));
                    assert_eq!(hash_map.hasher().seed, u64::from(self.number));
                    for len in [
                        hash_map.len(),
                        tree_map.len(),
                        hash_set.len(),
                        tree_set.len(),
                        heap.len(),
                        by_number.len(),
                    ] {
                        assert_eq!(len, nodes.len());
                    }
                    for node in nodes {
                        let key = Key::new(node);
                        assert!(Strong::ptr_eq(&hash_map[&key], node));
                        assert!(Strong::ptr_eq(&tree_map[&key], node));
                        assert!(
                            hash_set
                                .get(&key)
                                .is_some_and(|key| Strong::ptr_eq(&key.0, node))
                        );
                        assert!(
                            tree_set
                                .get(&key)
                                .is_some_and(|key| Strong::ptr_eq(&key.0, node))
                        );
                        let other = &by_number[&(node.number, key)];
                        assert!(
                            (**other)
                                .as_ref()
                                .is_some_and(|key| Strong::ptr_eq(&key.0, node))
                        );
                        let found = heap.iter().position(|held| Strong::ptr_eq(held, node));
                        heap.swap_remove(found.expect("the heap has it"));
                    }
                    assert!(heap.is_empty());
                    assert!(
                        tree_map
                            .keys()
                            .zip(tree_map.keys().skip(1))
                            .all(|(a, b)| a < b)
                    );
                    assert!(
                        tree_set
                            .iter()
                            .zip(tree_set.iter().skip(1))
                            .all(|(a, b)| a < b)
                    );
                    assert!(hash_map.capacity() >= nodes.len());
                }
            }

            /// Nodes on a ring, whose maps hold all of them. `late` says where in the nodes the ring goes.
            fn ring<R: Rule>(nodes: u32, late: bool) -> Vec<Strong<Node<R>>> {
                let nodes: Vec<_> = (0..nodes).map(Node::<R>::new).collect();
                for (index, node) in nodes.iter().enumerate() {
                    nodes.iter().for_each(|other| node.add(other));
                    let next = nodes[(index + 1) % nodes.len()].clone();
                    open(if late { &node.late } else { &node.early }).push(next);
                }
                nodes
            }

            fn follow<R: Rule>(root: &Strong<Node<R>>, late: bool) -> Vec<Strong<Node<R>>> {
                let mut nodes = vec![root.clone()];
                loop {
                    let last = &nodes[nodes.len() - 1];
                    let next = open(if late { &last.late } else { &last.early })[0].clone();
                    if Strong::ptr_eq(&next, root) {
                        return nodes;
                    }
                    nodes.push(next);
                }
            }

            fn rings<R: Rule>() {
                for len in [1, 2, 5] {
                    for late in [false, true] {
                        let source = ring::<R>(len, late);
                        let edges = Node::<R>::EDGES * source.len() + 1;
                        let copy = source[0].deep_clone();
                        let copies = follow(&copy, late);
                        assert_eq!(copies.len(), source.len());
                        for node in copies.iter() {
                            node.assert_holds(&copies);
                        }
                        drop(copy);
                        for (node, original) in copies.iter().zip(&source) {
                            assert_eq!(Strong::strong_count(node), edges + 1);
                            assert_eq!(Strong::weak_count(node), 0);
                            assert_eq!(Strong::strong_count(original), edges + 1);
                            assert_eq!(Strong::weak_count(original), 0);
                            assert!(!Strong::ptr_eq(node, original));
                        }
                        for node in copies.iter().chain(&source) {
                            node.clear();
                        }
                        assert!(copies.iter().all(|node| Strong::strong_count(node) == 1));
                    }
                }
            }

            #[test]
            fn keys_hashed_by_address_that_lie_on_a_cycle_with_their_map_are_found_in_the_copy() {
                rings::<ByAddress>();
            }

            #[test]
            fn keys_hashed_by_value_that_lie_on_a_cycle_with_their_map_are_found_in_the_copy() {
                rings::<ByValue>();
                rings::<ByParity>();
            }

            #[test]
            fn a_ring_too_long_for_the_stack_has_its_keys_found_as_well() {
                let source: Vec<_> = (0..5_000).map(Node::<ByAddress>::new).collect();
                for (index, node) in source.iter().enumerate() {
                    node.add(&source[(index + 1) % source.len()]);
                    node.add(node);
                    open(&node.early).push(source[(index + 1) % source.len()].clone());
                }
                let copies = follow(&source[0].deep_clone(), false);
                assert_eq!(copies.len(), source.len());
                for (index, node) in copies.iter().enumerate() {
                    let next = copies[(index + 1) % copies.len()].clone();
                    node.assert_holds(&[node.clone(), next]);
                }
                copies.iter().chain(&source).for_each(|node| node.clear());
            }

            /// A node that lies as a whole in a cell, with its map bare inside, in three orders.
            #[derive(DeepClone)]
            struct Bare {
                before: Option<Strong<Slot<Bare>>>,
                map: HashMap<Handle, u32>,
                number: u32,
                order: BTreeMap<Handle, u32>,
                after: Option<Strong<Slot<Bare>>>,
            }

            #[derive(DeepClone, Clone)]
            struct Handle(Strong<Slot<Bare>>);

            impl Handle {
                fn rank(&self) -> *const Slot<Bare> {
                    Strong::as_ptr(&self.0)
                }
            }

            deepclone_tests::ranked!(Handle);

            #[test]
            fn a_bare_map_in_a_struct_in_a_cell_is_filled_at_the_end() {
                for (before, after) in [(false, false), (true, false), (false, true), (true, true)]
                {
                    let nodes: Vec<_> = (0..3)
                        .map(|number| {
                            Strong::new(Slot::new(Bare {
                                before: None,
                                map: HashMap::new(),
                                number,
                                order: BTreeMap::new(),
                                after: None,
                            }))
                        })
                        .collect();
                    for (index, node) in nodes.iter().enumerate() {
                        let next = &nodes[(index + 1) % 3];
                        let mut content = open(node);
                        content.before = before.then(|| next.clone());
                        content.after = after.then(|| next.clone());
                        for (number, other) in nodes.iter().enumerate() {
                            content.map.insert(Handle(other.clone()), number as u32);
                            content.order.insert(Handle(other.clone()), number as u32);
                        }
                    }
                    let copy = nodes[0].deep_clone();
                    let mut handles: Vec<_> = open(&copy).map.keys().cloned().collect();
                    assert_eq!(handles.len(), 3);
                    handles.sort_by_key(|handle| open(&handle.0).number);
                    assert!(Strong::ptr_eq(&handles[0].0, &copy));
                    for handle in &handles {
                        let content = open(&handle.0);
                        for (number, handle) in handles.iter().enumerate() {
                            assert_eq!(content.map[handle], number as u32);
                            assert_eq!(content.order[handle], number as u32);
                        }
                        assert!(content.order.keys().is_sorted());
                    }
                    let edges = 6 + usize::from(before) + usize::from(after);
                    assert_eq!(Strong::strong_count(&handles[1].0), edges + 1);
                    assert_eq!(Strong::strong_count(&nodes[1]), edges + 1);
                    for node in handles.iter().map(|handle| &handle.0).chain(&nodes) {
                        let map = std::mem::take(&mut open(node).map);
                        let order = std::mem::take(&mut open(node).order);
                        let before = open(node).before.take();
                        let after = open(node).after.take();
                        drop((map, order, before, after));
                    }
                }
            }
        }
    };
}

deepclone_tests::each_mix!(keys);
