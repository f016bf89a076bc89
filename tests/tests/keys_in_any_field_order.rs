//! Keys on a strong cycle with their own containers, whatever is declared first: the containers, or what their keys are hashed and compared by.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::mutable_key_type,
    reason = "nothing here leaves its thread, and what is hashed and compared does not change"
)]

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use deepclone::DeepClone;
use deepclone_tests::orders::in_every_order;

/// What a key is hashed and compared by, which differs from the order in which the nodes are reached.
const NUMBERS: [u32; 4] = [30, 10, 40, 20];

macro_rules! keys {
    ($name:ident, $strong:path, $slot:path, $open:ident, { $($field:ident: $type:ty),+ $(,)? }) => {
        mod $name {
            use $slot as Slot;
            use $strong as Strong;

            use super::*;

            fn open<T: ?Sized>(slot: &Slot<T>) -> impl std::ops::DerefMut<Target = T> + '_ {
                slot.$open().expect("nobody has it open")
            }

            #[derive(DeepClone, Default)]
            struct Node {
                $($field: $type),+
            }

            /// Hashed and compared by the number of its node.
            #[derive(DeepClone, Clone)]
            struct Key(Strong<Node>);

            impl Key {
                fn rank(&self) -> u32 {
                    self.0.number
                }
            }

            deepclone_tests::ranked!(Key);

            fn nodes() -> Vec<Strong<Node>> {
                let new = |number| Strong::new(Node { number, ..Node::default() });
                let nodes: Vec<_> = NUMBERS.into_iter().map(new).collect();
                let keys: Vec<_> = nodes.iter().cloned().map(Key).collect();
                for node in &nodes {
                    open(&node.hash_map).extend(keys.iter().cloned().zip(NUMBERS));
                    open(&node.tree_map).extend(keys.iter().cloned().zip(NUMBERS));
                    open(&node.hash_set).extend(keys.iter().cloned());
                    open(&node.tree_set).extend(keys.iter().cloned());
                    open(&node.heap).extend(keys.iter().cloned());
                }
                nodes
            }

            /// All containers of `node` hold keys to `nodes`, which are sorted by their numbers.
            fn assert_holds(node: &Node, nodes: &[Strong<Node>]) {
                let is = |key: &Key, node: &Strong<Node>| Strong::ptr_eq(&key.0, node);
                for (node_of_key, number) in nodes.iter().zip([10, 20, 30, 40]) {
                    let key = Key(node_of_key.clone());
                    let map = open(&node.hash_map);
                    assert!(map.get_key_value(&key).is_some_and(|(held, value)| is(held, node_of_key) && *value == number));
                    drop(map);
                    assert_eq!(open(&node.tree_map).get(&key), Some(&number));
                    assert!(open(&node.hash_set).get(&key).is_some_and(|held| is(held, node_of_key)));
                    assert!(open(&node.tree_set).get(&key).is_some_and(|held| is(held, node_of_key)));
                }
                assert_eq!((open(&node.hash_map).len(), open(&node.hash_set).len()), (4, 4));
                let same = |keys: Vec<&Key>| keys.into_iter().zip(nodes).all(|(key, node)| is(key, node));
                assert!(open(&node.tree_map).len() == 4 && same(open(&node.tree_map).keys().collect()));
                assert!(open(&node.tree_set).len() == 4 && same(open(&node.tree_set).iter().collect()));
                let mut heap = std::mem::take(&mut *open(&node.heap));
                assert!(heap.peek().is_some_and(|key| is(key, &nodes[3])));
                let popped: Vec<_> = std::iter::from_fn(|| heap.pop()).collect();
                assert!(popped.len() == 4 && same(popped.iter().rev().collect()));
                open(&node.heap).extend(popped);
            }

            fn let_go(node: &Node) {
                let taken = (
                    std::mem::take(&mut *open(&node.hash_map)),
                    std::mem::take(&mut *open(&node.tree_map)),
                    std::mem::take(&mut *open(&node.hash_set)),
                    std::mem::take(&mut *open(&node.tree_set)),
                    std::mem::take(&mut *open(&node.heap)),
                );
                drop(taken);
            }

            #[test]
            fn keys_are_found_whatever_is_declared_first() {
                let source = nodes();
                for root in &source {
                    let copy = root.deep_clone();
                    let mut copies: Vec<_> = open(&copy.hash_map).keys().map(|key| key.0.clone()).collect();
                    copies.sort_by_key(|node| node.number);
                    assert!(copies.iter().map(|node| node.number).eq([10, 20, 30, 40]));
                    assert_eq!(copy.number, root.number);
                    assert!(copies.iter().any(|node| Strong::ptr_eq(node, &copy)));
                    drop(copy);
                    copies.iter().for_each(|node| assert_holds(node, &copies));
                    // Five containers in each of four nodes.
                    assert!(copies.iter().all(|node| Strong::strong_count(node) == 21));
                    copies.iter().for_each(|node| let_go(node));
                    assert!(copies.iter().all(|node| Strong::strong_count(node) == 1));
                }
                assert!(source.iter().all(|node| Strong::strong_count(node) == 21));
                assert!(source.iter().all(|node| Strong::weak_count(node) == 0));
                source.iter().for_each(|node| let_go(node));
            }
        }
    };
}

macro_rules! in_every_cell {
    ($name:ident, $fields:tt) => {
        mod $name {
            use super::*;

            keys!(
                rc_in_ref_cells,
                std::rc::Rc,
                std::cell::RefCell,
                try_borrow_mut,
                $fields
            );
            keys!(rc_in_mutexes, std::rc::Rc, std::sync::Mutex, lock, $fields);
            keys!(
                arc_in_mutexes,
                std::sync::Arc,
                std::sync::Mutex,
                lock,
                $fields
            );
            keys!(
                arc_in_rw_locks,
                std::sync::Arc,
                std::sync::RwLock,
                write,
                $fields
            );
        }
    };
}

in_every_cell!(number_first, {
    number: u32,
    heap: Slot<BinaryHeap<Key>>,
    tree_set: Slot<BTreeSet<Key>>,
    hash_set: Slot<HashSet<Key>>,
    tree_map: Slot<BTreeMap<Key, u32>>,
    hash_map: Slot<HashMap<Key, u32>>,
});

in_every_cell!(number_last, {
    hash_map: Slot<HashMap<Key, u32>>,
    tree_map: Slot<BTreeMap<Key, u32>>,
    hash_set: Slot<HashSet<Key>>,
    tree_set: Slot<BTreeSet<Key>>,
    heap: Slot<BinaryHeap<Key>>,
    number: u32,
});

in_every_cell!(number_last_after_the_heap_first, {
    heap: Slot<BinaryHeap<Key>>,
    tree_set: Slot<BTreeSet<Key>>,
    hash_set: Slot<HashSet<Key>>,
    tree_map: Slot<BTreeMap<Key, u32>>,
    hash_map: Slot<HashMap<Key, u32>>,
    number: u32,
});

in_every_cell!(number_between, {
    tree_set: Slot<BTreeSet<Key>>,
    hash_map: Slot<HashMap<Key, u32>>,
    number: u32,
    tree_map: Slot<BTreeMap<Key, u32>>,
    hash_set: Slot<HashSet<Key>>,
    heap: Slot<BinaryHeap<Key>>,
});

/// The order by the addresses of the copies, which is another than that of the sources.
mod by_address {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    #[derive(DeepClone, Default)]
    struct Node {
        next: RefCell<Option<Rc<Node>>>,
        number: u32,
        map: RefCell<BTreeMap<Key, u32>>,
        set: RefCell<BTreeSet<Key>>,
        heap: RefCell<BinaryHeap<Key>>,
    }

    #[derive(DeepClone, Clone)]
    struct Key(Rc<Node>);

    impl Key {
        fn rank(&self) -> *const Node {
            Rc::as_ptr(&self.0)
        }
    }

    deepclone_tests::ranked!(Key);

    /// Nodes on a ring in this order, each with keys to all of them. Their numbers are the order of their addresses.
    fn ring(order: &[usize]) -> Vec<Rc<Node>> {
        let mut nodes: Vec<_> = order.iter().map(|_| Rc::new(Node::default())).collect();
        nodes.sort_by_key(Rc::as_ptr);
        for (number, node) in (0..).zip(&mut nodes) {
            Rc::get_mut(node).expect("the only handle").number = number;
        }
        for (at, index) in order.iter().enumerate() {
            let node = &nodes[*index];
            let next = nodes[order[(at + 1) % order.len()]].clone();
            node.next.replace(Some(next));
            let keys = || nodes.iter().cloned().map(Key);
            node.map.borrow_mut().extend(keys().zip(0..));
            node.set.borrow_mut().extend(keys());
            node.heap.borrow_mut().extend(keys());
        }
        nodes
    }

    fn let_go(node: &Node) {
        let next = node.next.take();
        drop((next, node.map.take(), node.set.take(), node.heap.take()));
    }

    #[test]
    fn keys_ordered_by_address_come_out_in_the_order_of_the_new_addresses() {
        let mut other_order = 0;
        in_every_order(&mut vec![0, 1, 2, 3], &mut |order| {
            let source = ring(order);
            let copy = source[order[0]].deep_clone();
            let mut copies: Vec<_> = copy.set.borrow().iter().map(|key| key.0.clone()).collect();
            copies.sort_by_key(Rc::as_ptr);
            assert_eq!(copies.len(), 4);
            other_order += u32::from(!copies.iter().map(|node| node.number).eq(0..4));
            for node in &copies {
                let is = |key: &Key, node: &Rc<Node>| Rc::ptr_eq(&key.0, node);
                for other in &copies {
                    let key = Key(other.clone());
                    assert_eq!(node.map.borrow().get(&key), Some(&other.number));
                    assert!(node.set.borrow().contains(&key));
                }
                assert!(
                    node.map
                        .borrow()
                        .keys()
                        .zip(&copies)
                        .all(|(key, node)| is(key, node))
                );
                assert!(
                    node.set
                        .borrow()
                        .iter()
                        .zip(&copies)
                        .all(|(key, node)| is(key, node))
                );
                let mut heap = node.heap.take();
                assert!(heap.peek().is_some_and(|key| is(key, &copies[3])));
                let popped: Vec<_> = std::iter::from_fn(|| heap.pop()).collect();
                assert!(
                    popped.len() == 4
                        && popped
                            .iter()
                            .rev()
                            .zip(&copies)
                            .all(|(key, node)| is(key, node))
                );
            }
            copies.iter().chain(&source).for_each(|node| let_go(node));
            drop(copy);
            assert!(
                copies
                    .iter()
                    .chain(&source)
                    .all(|node| Rc::strong_count(node) == 1)
            );
        });
        // Otherwise nothing was shown.
        assert!(other_order > 0);
    }
}
