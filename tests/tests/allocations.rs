//! What a clone allocates: one allocation for each shared node, and a few for bookkeeping, all of which are gone afterwards.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "the same bodies run for both families"
)]

use allocation_counter::{AllocationInfo, measure};
use deepclone::DeepClone;
use deepclone_tests::each_family;

/// Clones, and counts what that allocates; what the copy keeps stays in the count.
fn cost<T: DeepClone>(source: &T) -> (T, AllocationInfo) {
    let mut copy = None;
    let info = measure(|| copy = Some(source.deep_clone()));
    (copy.expect("copied"), info)
}

#[test]
fn plain_values_allocate_nothing() {
    let (_, info) = cost(&(1_u8, [2_u64; 100], Some('c'), std::cell::Cell::new(1)));
    assert_eq!(info.count_total, 0);
}

#[test]
fn owned_values_allocate_what_their_clone_does() {
    let source = (
        vec![String::from("a"), String::from("b")],
        Box::new([1_u64; 10]),
        vec![vec![1_u8], vec![2]],
        std::collections::HashMap::from([(1_u8, 2_u8)]),
        Some(Box::new(5)),
    );
    let mut clone = None;
    let by_clone = measure(|| clone = Some(source.clone()));
    let (copy, info) = cost(&source);
    assert_eq!(copy, source);
    assert_eq!(info, by_clone);
}

each_family! {
    /// A node that several edges lead to.
    #[derive(DeepClone)]
    struct Node {
        number: u64,
        edges: Slot<[Option<Strong<Node>>; 2]>,
    }

    /// A ring that is linked both ways: each node has two strong edges.
    fn ring(length: usize) -> Vec<Strong<Node>> {
        let nodes: Vec<Strong<Node>> = (0..length as u64)
            .map(|number| Strong::new(Node { number, edges: Slot::default() }))
            .collect();
        for number in 0..length {
            let next = Strong::clone(&nodes[(number + 1) % length]);
            let previous = Strong::clone(&nodes[(number + length - 1) % length]);
            *open(&nodes[number].edges) = [Some(next), Some(previous)];
        }
        nodes
    }

    fn cut(first: &Strong<Node>) {
        let mut nodes = vec![Strong::clone(first)];
        while let Some(node) = nodes.pop() {
            let edges = std::mem::take(&mut *open(&node.edges));
            nodes.extend(edges.into_iter().flatten());
        }
    }

    #[test]
    fn n_shared_nodes_take_n_allocations_and_o_of_log_n() {
        for length in [1_usize, 10, 100, 1_000, 10_000, 100_000] {
            let nodes = ring(length);
            let (copy, info) = cost(&nodes[0]);
            assert_eq!(copy.number, 0);
            let extra = info.count_total - length as u64;
            let bar = 8 + 9 * u64::from(length.ilog2());
            assert!(extra <= bar, "{extra} extra allocations for {length} nodes, at most {bar}");
            // Nothing but the copy is left.
            assert_eq!(info.count_current, length as i64);
            cut(&copy);
            cut(&nodes[0]);
        }
    }

    #[test]
    fn n_unique_nodes_take_n_allocations_and_o_of_log_n() {
        #[derive(DeepClone)]
        struct Link {
            next: Option<Strong<Link>>,
        }

        for length in [1_u32, 100, 100_000] {
            let list = (0..length).fold(None, |next, _| Some(Strong::new(Link { next })));
            let (copy, info) = cost(&list);
            let extra = info.count_total - u64::from(length);
            let bar = 8 + 9 * u64::from(length.ilog2());
            assert!(extra <= bar, "{extra} extra allocations for {length} nodes, at most {bar}");
            assert_eq!(info.count_current, i64::from(length));
            for mut list in [list, copy] {
                while let Some(link) = list {
                    list = Strong::into_inner(link).and_then(|link| link.next);
                }
            }
        }
    }

    #[test]
    fn a_thousand_edges_to_one_node_take_one_allocation_for_it() {
        let node = Strong::new(7);
        let source = vec![node; 1_000];
        let (copy, info) = cost(&source);
        assert_eq!(Strong::strong_count(&copy[0]), 1_000);
        assert_eq!(info.count_current, 2);
        assert!(info.count_total <= 2 + 8, "{info:?}");
    }

    #[test]
    fn weak_targets_that_are_not_copied_leave_nothing() {
        let nodes: Vec<Strong<[u8; 64]>> = (0..100).map(|_| Strong::new([0; 64])).collect();
        let source: Vec<Weak<[u8; 64]>> = nodes.iter().map(Strong::downgrade).collect();
        let (copy, info) = cost(&source);
        assert!(copy.iter().all(|weak| weak.upgrade().is_none()));
        let freed = measure(|| drop(copy));
        assert_eq!(info.bytes_current + freed.bytes_current, 0);
    }
}
