//! What is shared in the copy is what is shared in the source, and nothing is with it.

use deepclone::{DeepClone, ImmutablePolicy, Options, Session, Stats};
use deepclone_tests::each_family;
use deepclone_tests::picture::{Picture, assert_copied};

each_family! {
    #[test]
    fn nothing_is_shared_with_the_source() {
        #[derive(DeepClone)]
        struct Shares {
            text: Strong<str>,
            bytes: Strong<[u8]>,
            node: Strong<Slot<Vec<Strong<String>>>>,
            again: Strong<Slot<Vec<Strong<String>>>>,
        }

        let inner = Strong::new(String::from("inner"));
        let node = Strong::new(Slot::new(vec![Strong::clone(&inner), Strong::clone(&inner)]));
        let mut source = Shares {
            text: "text".into(),
            bytes: [1, 2].into(),
            node: Strong::clone(&node),
            again: node,
        };
        let copy = source.deep_clone();
        assert!(Strong::get_mut(&mut source.text).is_some());
        assert!(Strong::get_mut(&mut source.bytes).is_some());
        assert_eq!((Strong::strong_count(&source.node), Strong::strong_count(&inner)), (2, 3));
        assert!(!Strong::ptr_eq(&copy.text, &source.text));
        assert!(Strong::ptr_eq(&copy.node, &copy.again));
        assert!(!Strong::ptr_eq(&copy.node, &source.node));
        let nodes = open(&copy.node);
        assert!(Strong::ptr_eq(&nodes[0], &nodes[1]));
        assert_eq!(Strong::strong_count(&nodes[0]), 2);
        assert!(!Strong::ptr_eq(&nodes[0], &inner));
    }

    #[test]
    fn the_copy_is_unique_where_the_source_is() {
        let source = Strong::new(Strong::new(String::from("text")));
        let mut copy = source.deep_clone();
        let inner = Strong::get_mut(&mut copy).expect("the only handle");
        Strong::get_mut(inner).expect("the only handle").push('!');
        let inner = Strong::try_unwrap(copy).expect("the only handle");
        assert_eq!(Strong::try_unwrap(inner).expect("the only handle"), "text!");
        assert_eq!(**source, "text");
    }

    #[test]
    fn zero_sized_and_aligned_pointees_keep_their_identity() {
        #[derive(DeepClone, Debug, PartialEq)]
        struct Nothing;

        #[derive(DeepClone, Debug, PartialEq)]
        #[repr(align(128))]
        struct Aligned(u8);

        #[derive(DeepClone, Debug, PartialEq)]
        #[repr(align(4096))]
        struct Page([u8; 3]);

        let (one, other) = (Strong::new(Nothing), Strong::new(Nothing));
        let aligned = Strong::new(Aligned(3));
        let page = Strong::new(Page([1, 2, 3]));
        let source = (
            [Strong::clone(&one), other, one],
            [Strong::clone(&aligned), aligned],
            [Strong::clone(&page), page],
        );
        let copy = source.deep_clone();
        assert_eq!(copy, source);
        assert!(Strong::ptr_eq(&copy.0[0], &copy.0[2]) && !Strong::ptr_eq(&copy.0[0], &copy.0[1]));
        assert!(Strong::ptr_eq(&copy.1[0], &copy.1[1]) && Strong::ptr_eq(&copy.2[0], &copy.2[1]));
        assert_eq!(Strong::as_ptr(&copy.1[0]).addr() % 128, 0);
        assert_eq!(Strong::as_ptr(&copy.2[0]).addr() % 4096, 0);
        assert_eq!((Strong::strong_count(&copy.0[0]), Strong::strong_count(&copy.0[1])), (2, 1));
        assert_eq!((Strong::strong_count(&copy.1[0]), Strong::strong_count(&copy.2[0])), (2, 2));
    }

    #[test]
    fn a_large_cell_needs_no_stack() {
        let bytes = large();
        assert_eq!(open(&bytes)[8 << 10], 7);
        let shared: Strong<Slot<[u8; 8 << 20]>> = Strong::from(bytes);
        let copy = shared.deep_clone();
        assert_eq!(open(&copy)[8 << 10], 7);
        assert!(open(&copy).iter().all(|byte| *byte == 7));
    }

    /// On a thread with a stack that has room for temporaries: the test's own.
    fn large() -> Box<Slot<[u8; 8 << 20]>> {
        std::thread::Builder::new()
            .stack_size(128 << 20)
            .spawn(|| Box::new(Slot::new([7; 8 << 20])))
            .expect("a thread")
            .join()
            .expect("no panic")
    }

    #[test]
    fn sharing_is_opt_in_field_by_field() {
        #[derive(DeepClone)]
        struct Opted {
            #[deepclone(clone)]
            shared: Strong<Slot<u8>>,
            copied: Strong<Slot<u8>>,
        }

        let cell = Strong::new(Slot::new(1));
        let source = Opted { shared: Strong::clone(&cell), copied: cell };
        let copy = source.deep_clone();
        assert!(Strong::ptr_eq(&copy.shared, &source.shared));
        assert!(!Strong::ptr_eq(&copy.copied, &source.copied));
        assert_eq!((Strong::strong_count(&source.shared), Strong::strong_count(&copy.copied)), (3, 1));
    }

    #[test]
    fn immutable_text_is_shared_under_the_policy_and_nothing_else_is() {
        type Source = (Strong<str>, Strong<[u8]>, Strong<String>, Strong<[u16]>, Strong<Slot<u8>>);
        let source: Source =
            ("text".into(), [1, 2].into(), Strong::new(String::new()), [1].into(), Strong::new(Slot::new(1)));
        let options = Options::new().immutable(ImmutablePolicy::Share);
        let copy = Session::with_options(options).deep_clone(&source).expect("copies");
        assert!(Strong::ptr_eq(&copy.0, &source.0) && Strong::ptr_eq(&copy.1, &source.1));
        assert!(!Strong::ptr_eq(&copy.2, &source.2) && !Strong::ptr_eq(&copy.3, &source.3));
        assert!(!Strong::ptr_eq(&copy.4, &source.4));
        assert_eq!(counts(&source.0), (2, 0));
    }

    #[test]
    fn copying_twice_makes_two_copies() {
        let graph = graphs::Graph::strongly_cyclic(20);
        let before = Picture::of(graph.root());
        let (one, other) = (graph.root().deep_clone(), graph.root().deep_clone());
        assert_copied(&before, graph.root(), &one);
        assert_copied(&before, graph.root(), &other);
        Picture::of(&one).assert_copy_of(&Picture::of(&other));
        let third = one.deep_clone();
        assert_copied(&Picture::of(&one), &one, &third);
        for copy in [one, other, third] {
            graphs::sever(&copy);
        }
    }

    #[test]
    fn a_copy_outlives_its_source_and_drops_once() {
        let graph = graphs::Graph::weakly_cyclic(30);
        let detonator = graph.detonator.clone();
        let copy = graph.root().deep_clone();
        drop(graph);
        assert_eq!((detonator.live(), detonator.owners_dropped()), (60, 30));
        assert_eq!(copy.name, "node 0");
        drop(copy);
        assert_eq!((detonator.live(), detonator.owners_dropped()), (0, 60));
    }

    #[test]
    fn statistics_count_objects_edges_and_cycles() {
        let graph = graphs::Graph::new(3);
        graph.link(0, 1);
        graph.link(0, 1);
        graph.link(1, 2);
        graph.link(2, 0);
        let mut session = Session::new();
        let copy = session.deep_clone(graph.root()).expect("copies");
        let Stats { objects, shared_edges, cycles, .. } = session.stats();
        // The edge back to the first node. Where slots are locks, the second of the first node's edges as well: its target waits for the lock to
        // be opened.
        let waits = module_path!().ends_with("arc");
        assert_eq!((objects, shared_edges, cycles), (3, 2, if waits { 2 } else { 1 }));
        drop(session);
        graphs::sever(&copy);
    }
}
