//! What is there after a clone, and what is used for it: live values, exact counts, the heap.

use std::ffi::CStr;

use allocation_counter::measure;
use deepclone::{DeepClone, Session};
use deepclone_tests::each_family;
use deepclone_tests::fuse::Detonator;
use deepclone_tests::picture::{Picture, assert_copied, assert_unmoved};

/// A small generator of numbers: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).expect("it is below a `usize`")
    }
}

/// Bytes that `work` has left behind on the heap, and the most that it had there.
fn heap<R>(work: impl FnOnce() -> R) -> (R, i64, u64) {
    let mut result = None;
    let info = measure(|| result = Some(work()));
    (
        result.expect("it has run"),
        info.bytes_current,
        info.bytes_max,
    )
}

each_family! {
    /// A thousand nodes, with strong and weak edges anywhere.
    fn random(seed: u64) -> graphs::Graph {
        let mut random = Random(seed);
        let graph = graphs::Graph::new(1_000);
        for node in 0..1_000 {
            // Mostly reachable, in no particular order.
            graph.link(random.below(node + 1), node);
            for _ in 0..random.below(4) {
                graph.link(node, random.below(1_000));
            }
            for _ in 0..random.below(4) {
                graph.link_weakly(node, random.below(1_000));
            }
        }
        graph
    }

    #[test]
    fn counts_in_copies_of_random_graphs_are_the_numbers_of_edges() {
        for seed in 0..20 {
            let graph = random(seed);
            let root = graph.root();
            let before = Picture::of(root);
            let copy = root.deep_clone();
            assert_copied(&before, root, &copy);
            graphs::sever(&copy);
            drop(copy);
            assert_eq!(graph.detonator.live(), 2_000);
        }
    }

    #[test]
    fn counts_are_exact_after_a_session_with_many_roots_has_ended() {
        let graph = random(100);
        let entrances = [5, 50, 500, 999].map(|index| graph.nodes[index].clone());
        let before = Picture::of(&entrances);
        let mut session = Session::new();
        let copies = entrances.each_ref().map(|root| session.deep_clone(root).expect("nothing fails"));
        drop(session);
        assert_unmoved(&before, &entrances);
        let after = Picture::of(&copies);
        assert_eq!((after.objects(), after.strong_edges()), (before.objects(), before.strong_edges()));
        for copy in &copies {
            graphs::sever(copy);
        }
        drop(copies);
        assert_eq!(graph.detonator.live(), 2_000);
    }

    #[test]
    fn what_is_alive_after_a_clone_is_the_source_and_the_copy() {
        for nodes in [1, 2, 10, 100] {
            let graph = graphs::Graph::complete(nodes);
            assert_eq!(graph.detonator.live(), 2 * nodes as isize);
            let copy = graph.root().deep_clone();
            assert_eq!(graph.detonator.live(), 4 * nodes as isize);
            assert_eq!(graph.detonator.owners_dropped(), 0);
            graphs::sever(&copy);
            drop(copy);
            assert_eq!(graph.detonator.live(), 2 * nodes as isize);
            assert_eq!(graph.detonator.owners_dropped(), nodes);
        }
    }

    #[test]
    fn a_unique_copy_can_be_opened_and_changed_right_after_the_clone() {
        let source = Strong::new("text".to_owned());
        let mut copy = source.deep_clone();
        Strong::get_mut(&mut copy).expect("it is the only handle").push('!');
        assert_eq!(Strong::try_unwrap(copy), Ok("text!".to_owned()));
        // Below something that was shared, and below user code.
        let detonator = Detonator::new();
        let shared = Strong::new((Strong::new(1), detonator.fuse()));
        let other = Strong::downgrade(&shared);
        let mut copy = (shared.clone(), shared.clone(), other).deep_clone();
        drop((copy.1, copy.2));
        let inner = Strong::get_mut(&mut copy.0).expect("the others are gone");
        *Strong::get_mut(&mut inner.0).expect("it is the only handle") += 1;
        let inner = Strong::try_unwrap(copy.0).map_err(|_| ()).expect("it is the only handle");
        assert_eq!(Strong::try_unwrap(inner.0), Ok(2));
        // And the source as before.
        let mut source = source;
        assert!(Strong::get_mut(&mut source).is_some());
        assert_eq!(counts(&shared), (1, 0));
    }

    #[test]
    fn after_a_failure_the_source_can_be_opened_and_changed() {
        let detonator = Detonator::new();
        let mut source = (Strong::new(1), Strong::new(Slot::new(Strong::new(2))), detonator.fuse());
        detonator.arm(0, deepclone_tests::fuse::Mode::Error);
        assert!(source.try_deep_clone().is_err());
        assert!(Strong::get_mut(&mut source.0).is_some());
        let slot = Strong::get_mut(&mut source.1).expect("it is the only handle");
        assert!(Strong::get_mut(&mut *open(slot)).is_some());
    }

    /// A node without fuses: plain memory.
    #[derive(DeepClone)]
    struct Node {
        name: Box<[u8; 24]>,
        strong: Slot<Vec<Strong<Node>>>,
        weak: Slot<Vec<Weak<Node>>>,
    }

    /// A ring with spokes, in which every node has several edges of both kinds.
    fn web(nodes: usize) -> Vec<Strong<Node>> {
        let mut random = Random(7);
        let nodes: Vec<_> = (0..nodes)
            .map(|_| Strong::new(Node { name: Box::new([7; 24]), strong: Slot::default(), weak: Slot::default() }))
            .collect();
        for (index, node) in nodes.iter().enumerate() {
            let edges = [(index + 1) % nodes.len(), random.below(nodes.len())];
            *open(&node.strong) = edges.map(|to| nodes[to].clone()).into();
            *open(&node.weak) = edges.map(|to| Strong::downgrade(&nodes[to])).into();
        }
        nodes
    }

    fn unravel(root: &Strong<Node>) {
        let mut next = Some(root.clone());
        while let Some(node) = next {
            let edges = std::mem::take(&mut *open(&node.strong));
            next = edges.into_iter().next();
        }
    }

    #[test]
    fn the_peak_of_the_heap_is_the_copy_and_sixty_four_bytes_a_node() {
        for count in [1_000, 20_000, 100_000] {
            let (source, size, _) = heap(|| web(count));
            let handles = i64::try_from(count * size_of::<Strong<Node>>()).expect("small");
            let (copy, kept, peak) = heap(|| source[0].deep_clone());
            // To the byte what the source is made of, without the list of its handles.
            assert_eq!(kept, size - handles, "after the operation no bookkeeping is left");
            let bookkeeping = peak - u64::try_from(kept).expect("it is something");
            assert!(bookkeeping <= 64 * count as u64, "{bookkeeping} bytes with {count} nodes");
            unravel(&copy);
            unravel(&source[0]);
        }
    }

    #[test]
    fn a_failure_and_a_session_leave_nothing_on_the_heap() {
        let detonator = Detonator::new();
        let source = (web(500), detonator.fuse());
        detonator.arm(0, deepclone_tests::fuse::Mode::Error);
        let ((), kept, _) = heap(|| drop(source.try_deep_clone()));
        assert_eq!(kept, 0);
        detonator.disarm();
        let ((), kept, _) = heap(|| {
            let mut session = Session::new();
            let root = &source.0[0];
            let copies = [(); 3].map(|()| session.deep_clone(root).expect("not armed"));
            drop(session);
            unravel(&copies[0]);
        });
        assert_eq!(kept, 0);
        unravel(&source.0[0]);
    }

    #[test]
    fn empty_pointees_that_share_a_static_are_copied_each_as_what_it_is() {
        #[derive(DeepClone)]
        #[repr(align(16))]
        struct Wide;
        type Empties = (Strong<str>, Strong<[u8]>, Strong<[String]>, Strong<CStr>, Strong<[u64]>, Strong<[Wide]>);
        fn empties() -> Empties {
            Default::default()
        }
        let source = (empties(), empties(), Strong::new(1));
        let (a, b, _) = source.deep_clone();
        for (text, bytes, strings, c, words, wide) in [a, b] {
            assert_eq!((&*text, &*bytes, &*c), ("", &[][..], c""));
            assert_eq!((strings.len(), words.len(), wide.len()), (0, 0, 0));
        }
        // Copies of their own: their counts are the edges of the copy.
        let source = (Strong::<str>::default(), Strong::<[String]>::default());
        let mut copy = source.deep_clone();
        assert_eq!((&*copy.0, copy.1.len()), ("", 0));
        assert!(!std::ptr::addr_eq(Strong::as_ptr(&copy.0), Strong::as_ptr(&source.0)));
        let one = std::ptr::addr_eq(Strong::as_ptr(&copy.0), Strong::as_ptr(&copy.1));
        assert_eq!(Strong::strong_count(&copy.1), if one { 2 } else { 1 });
        drop(copy.0);
        assert!(Strong::get_mut(&mut copy.1).is_some());
        let nothing = (Strong::new(()), Strong::new(()), Strong::new([0_u8; 0])).deep_clone();
        assert!(!std::ptr::addr_eq(Strong::as_ptr(&nothing.0), Strong::as_ptr(&nothing.1)));
        assert_eq!((counts(&nothing.0), counts(&nothing.2)), ((1, 0), (1, 0)));
    }
}

#[test]
fn empty_text_by_default_keeps_its_counts() {
    let source: Vec<std::sync::Arc<str>> = vec![Default::default(); 3];
    let others = [std::sync::Arc::<CStr>::default()];
    let copy = source.deep_clone();
    let (c, _) = (
        others.deep_clone(),
        Session::new().deep_clone(&source).expect("nothing fails"),
    );
    assert_eq!(std::sync::Arc::strong_count(&copy[0]), 3);
    assert!(std::sync::Arc::ptr_eq(&copy[0], &copy[2]));
    assert_eq!(&*c[0], c"");
}
