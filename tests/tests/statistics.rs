//! What the statistics of a session say about graphs that are known, every number of them.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "nothing here leaves its thread"
)]

use deepclone::{DeepClone, ImmutablePolicy, Options, Session, Stats};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Mode};

fn stats_of<T: DeepClone>(value: &T) -> (T, Stats) {
    let mut session = Session::new();
    let copy = session.deep_clone(value).expect("nothing fails");
    (copy, session.stats())
}

fn expected([objects, shared_edges, cycles, deferred, bytes]: [usize; 5]) -> Stats {
    let mut stats = Stats::default();
    stats.objects = objects as u64;
    stats.shared_edges = shared_edges as u64;
    stats.cycles = cycles as u64;
    stats.deferred = deferred as u64;
    stats.bytes = bytes as u64;
    stats
}

each_family! {
    /// Edges in a vector that nobody can change while it is copied, or in a cell.
    #[derive(DeepClone)]
    struct Node {
        fixed: Vec<Strong<Node>>,
        open: Slot<Vec<Strong<Node>>>,
        weak: Slot<Vec<Weak<Node>>>,
        text: String,
    }

    const NODE: usize = size_of::<Node>();
    const EDGE: usize = size_of::<Strong<Node>>();
    const TEXT: usize = "four".len();

    fn node(fixed: &[&Strong<Node>]) -> Strong<Node> {
        Strong::new(Node {
            fixed: fixed.iter().map(|node| Strong::clone(node)).collect(),
            open: Slot::default(),
            weak: Slot::default(),
            text: "four".to_owned(),
        })
    }

    fn link(from: &Strong<Node>, to: &Strong<Node>) {
        open(&from.open).push(to.clone());
    }

    fn free(nodes: impl IntoIterator<Item = Strong<Node>>) {
        let mut ahead: Vec<_> = nodes.into_iter().collect();
        while let Some(node) = ahead.pop() {
            let edges = std::mem::take(&mut *open(&node.open));
            ahead.extend(edges);
        }
    }

    /// The statistics, whatever the root is, after which the copy is taken apart.
    fn stats(root: &Strong<Node>) -> Stats {
        let (copy, stats) = stats_of(root);
        free([copy]);
        stats
    }

    /// Whether what lies in a slot is copied after the slot was closed: so it is in a lock, and not in a cell.
    fn puts_off() -> bool {
        module_path!().ends_with("arc")
    }

    /// `count` if slots put off what they lead to.
    fn deferred(count: usize) -> usize {
        if puts_off() { count } else { 0 }
    }

    #[test]
    fn a_chain_has_as_many_objects_as_links_and_nothing_else() {
        for len in [1, 2, 50] {
            let mut first = node(&[]);
            for _ in 1..len {
                first = node(&[&first]);
            }
            let bytes = len * (NODE + TEXT) + (len - 1) * EDGE;
            assert_eq!(stats(&first), expected([len, 0, 0, 0, bytes]));
            // By cells and locks the same, but that each lock puts off what it leads to.
            let links: Vec<_> = (0..len).map(|_| node(&[])).collect();
            links.windows(2).for_each(|pair| link(&pair[0], &pair[1]));
            assert_eq!(stats(&links[0]), expected([len, 0, 0, deferred(len - 1), bytes]));
            // Weak edges back are no strong ones. Each takes room in its vector.
            links.windows(2).for_each(|pair| open(&pair[1].weak).push(Strong::downgrade(&pair[0])));
            let bytes = bytes + (len - 1) * EDGE;
            assert_eq!(stats(&links[0]), expected([len, 0, 0, deferred(len - 1), bytes]));
        }
    }

    #[test]
    fn a_ring_is_a_chain_with_one_edge_that_is_shared_and_closes_a_cycle() {
        for len in [1, 2, 50] {
            let links: Vec<_> = (0..len).map(|_| node(&[])).collect();
            (0..len).for_each(|at| link(&links[at], &links[(at + 1) % len]));
            let bytes = len * (NODE + TEXT + EDGE);
            for root in &links {
                assert_eq!(stats(root), expected([len, 1, 1, deferred(len - 1), bytes]));
            }
            free(links);
        }
    }

    #[test]
    fn each_of_several_loops_on_a_node_is_a_cycle() {
        for loops in [1, 2, 3] {
            let only = node(&[]);
            (0..loops).for_each(|_| link(&only, &only));
            assert_eq!(stats(&only), expected([1, loops, loops, 0, NODE + TEXT + loops * EDGE]));
            free([only]);
        }
    }

    #[test]
    fn the_edges_of_two_nodes_that_lead_to_each_other_several_times_are_shared_but_one() {
        for times in [1, 2, 3] {
            let (a, b) = (node(&[]), node(&[]));
            for _ in 0..times {
                link(&a, &b);
                link(&b, &a);
            }
            // In cells the second is finished when the first one's further edges are met; in locks it still waits.
            let cycles = if puts_off() { 2 * times - 1 } else { times };
            let bytes = 2 * (NODE + TEXT) + 2 * times * EDGE;
            for root in [&a, &b] {
                assert_eq!(stats(root), expected([2, 2 * times - 1, cycles, deferred(1), bytes]));
            }
            free([a, b]);
        }
    }

    #[test]
    fn in_a_complete_graph_every_edge_but_one_to_each_node_is_shared() {
        for count in [1, 3, 10] {
            let nodes: Vec<_> = (0..count).map(|_| node(&[])).collect();
            for from in &nodes {
                nodes.iter().for_each(|to| link(from, to));
            }
            // From the handle of the caller and from each node to each node, itself too.
            let edges = count * count + 1;
            // The n-th node that is met finds itself and the ones before it unfinished, as depth-first search has it. In locks the first one
            // finds itself only, and each of those that wait finds the first one, itself and the others that still wait: as many in all.
            let cycles = count * (count + 1) / 2;
            let bytes = count * (NODE + TEXT) + count * count * EDGE;
            for root in &nodes {
                assert_eq!(stats(root), expected([count, edges - count, cycles, deferred(count - 1), bytes]));
            }
            free(nodes);
        }
        let graph = graphs::Graph::complete(10);
        let (copy, stats) = stats_of(graph.root());
        let bytes = 10 * size_of::<graphs::Node>() + 10 * "node 0".len() + 100 * EDGE;
        assert_eq!(stats, expected([10, 91, 55, deferred(9), bytes]));
        graphs::sever(&copy);
    }

    #[test]
    fn sharing_without_cycles_has_shared_edges_and_no_cycles() {
        let leaf = node(&[]);
        let (left, right) = (node(&[&leaf]), node(&[&leaf, &leaf]));
        let top = node(&[&left, &right]);
        let bytes = 4 * (NODE + TEXT) + 5 * EDGE;
        assert_eq!(stats(&top), expected([4, 2, 0, 0, bytes]));
        // Three nodes in each of five layers, each with edges to all of the layer below, and one on top.
        let mut layer = [node(&[]), node(&[]), node(&[])];
        for _ in 1..5 {
            layer = [(); 3].map(|()| node(&layer.each_ref()));
        }
        let top = node(&layer.each_ref());
        let (objects, edges) = (16, 3 + 4 * 9);
        let bytes = objects * (NODE + TEXT) + edges * EDGE;
        // One edge to each but the top is the first.
        assert_eq!(stats(&top), expected([objects, edges - (objects - 1), 0, 0, bytes]));
    }

    #[test]
    fn sharing_below_slots_is_counted_alike() {
        let [leaf, left, right, top] = [(); 4].map(|()| node(&[]));
        for (from, to) in [(&left, &leaf), (&right, &leaf), (&right, &leaf), (&top, &left), (&top, &right)] {
            link(from, to);
        }
        let bytes = 4 * (NODE + TEXT) + 5 * EDGE;
        // In a lock, the second edge of the right side finds the leaf waiting for the lock to be closed. That counts as a cycle.
        assert_eq!(stats(&top), expected([4, 2, deferred(1), deferred(3), bytes]));
    }

    #[test]
    fn a_thing_of_everything_adds_up() {
        let shared = Strong::new(7_u16);
        let text: Strong<str> = "text".into();
        let slice: Strong<[u32]> = [1, 2, 3].into();
        let source = (
            vec![shared.clone(), shared.clone()],
            (text.clone(), text.clone(), Strong::downgrade(&text)),
            (slice, Strong::new(()), Box::new(5_u64)),
            "owned".to_owned(),
        );
        let (copy, stats) = stats_of(&source);
        let bytes = 2 + 2 * EDGE + 4 + 12 + size_of::<u64>() + 5;
        assert_eq!(stats, expected([4, 2, 0, 0, bytes]));
        drop(copy);
        assert_eq!(Strong::strong_count(&shared), 3);
    }

    #[test]
    fn kept_and_shared_things_count_as_edges_and_as_nothing_else() {
        let kept = node(&[]);
        let source = vec![kept.clone(), kept.clone(), node(&[&kept])];
        let mut session = Session::new();
        session.keep(&kept).expect("it was not copied");
        assert_eq!(session.stats(), Stats::default());
        let copy = session.deep_clone(&source).expect("nothing fails");
        let bytes = 3 * EDGE + NODE + TEXT + EDGE;
        assert_eq!(session.stats(), expected([1, 3, 0, 0, bytes]));
        drop(copy);
        let text: Strong<str> = "text".into();
        let mut session = Session::with_options(Options::new().immutable(ImmutablePolicy::Share));
        let copy = session.deep_clone(&vec![text.clone(), text.clone()]).expect("nothing fails");
        let edge = size_of::<Strong<str>>();
        assert_eq!(session.stats(), expected([0, 2, 0, 0, 2 * edge]));
        drop(copy);
    }

    #[test]
    fn calls_of_a_session_add_up_and_failed_ones_count_nothing() {
        let detonator = Detonator::new();
        let shared = Strong::new(5_u32);
        let good = vec![shared.clone(), shared.clone()];
        let bad = (good.clone(), Strong::new(6_u32), detonator.fuse());
        let mut session = Session::new();
        let mut copies = Vec::new();
        for round in 0..3_usize {
            for mode in [Mode::Error, Mode::Panic] {
                let before = session.stats();
                detonator.fail_at(0, mode, || session.deep_clone(&bad));
                assert_eq!(session.stats(), before);
            }
            copies.push(session.deep_clone(&good).expect("nothing fails"));
            let bytes = 4 + (round + 1) * 2 * EDGE;
            assert_eq!(session.stats(), expected([1, 2 * round + 1, 0, 0, bytes]));
        }
    }
}
