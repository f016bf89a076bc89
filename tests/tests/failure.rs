//! A failure at any point costs nothing: an error and a panic at every step of acyclic, weakly and strongly cyclic graphs.
//!
//! What is counted: fuses, made by user code, are all dropped; `Drop` of a node that no one was given does not run, finished or not; no memory stays
//! behind; the source looks as before, counts too; and the next clone succeeds.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "the same bodies run for both families"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use deepclone::{DeepClone, ErrorKind, Options, Session};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};
use deepclone_tests::picture::{Picture, assert_copied, assert_unmoved};

/// What `f` allocates and does not free, in bytes.
fn left_behind(f: impl FnOnce()) -> i64 {
    allocation_counter::measure(f).bytes_current
}

each_family! {
    use graphs::{Graph, Node, sever};

    /// Fails at every step of a clone of a graph's root, in both ways.
    fn fail_everywhere(graph: &Graph) {
        let before = Picture::of(graph.root());
        let live = graph.detonator.live();
        graph.detonator.disarm();
        let copy = graph.root().deep_clone();
        let steps = graph.detonator.steps();
        assert_eq!(steps, 2 * graph.nodes.len());
        assert_copied(&before, graph.root(), &copy);
        sever(&copy);
        drop(copy);
        assert_eq!(graph.detonator.live(), live);
        for mode in [Mode::Error, Mode::Panic] {
            for step in 0..steps {
                let dropped = graph.detonator.owners_dropped();
                let left = left_behind(|| graph.detonator.fail_at(step, mode, || graph.root().try_deep_clone()));
                assert_eq!(left, 0, "bytes left behind by {mode:?} at step {step}");
                assert_eq!(graph.detonator.steps(), step + 1, "nothing is asked for after a failure");
                assert_eq!(graph.detonator.live(), live, "fuses after {mode:?} at step {step}");
                assert_eq!(graph.detonator.owners_dropped(), dropped, "`Drop` of a node after {mode:?} at step {step}");
                assert!(graph.is_at_rest());
                assert_unmoved(&before, graph.root());
            }
        }
        graph.detonator.disarm();
        let copy = graph.root().deep_clone();
        assert_copied(&before, graph.root(), &copy);
        sever(&copy);
        drop(copy);
        assert_eq!(graph.detonator.live(), live);
    }

    #[test]
    fn an_acyclic_graph_fails_clean_at_every_step() {
        fail_everywhere(&Graph::acyclic(60));
    }

    #[test]
    fn a_weakly_cyclic_graph_fails_clean_at_every_step() {
        fail_everywhere(&Graph::weakly_cyclic(60));
    }

    #[test]
    fn a_strongly_cyclic_graph_fails_clean_at_every_step() {
        fail_everywhere(&Graph::strongly_cyclic(60));
    }

    #[test]
    fn a_complete_graph_with_loops_fails_clean_at_every_step() {
        fail_everywhere(&Graph::complete(40));
    }

    /// A session goes on after a failure: what it copied before is known, what failed is not.
    #[test]
    fn a_session_fails_clean_at_every_step_and_goes_on() {
        let graph = Graph::strongly_cyclic(40);
        let other = Graph::weakly_cyclic(10);
        let live = graph.detonator.live();
        for mode in [Mode::Error, Mode::Panic] {
            for step in 0..2 * graph.nodes.len() {
                graph.detonator.disarm();
                let mut session = Session::new();
                let first = session.deep_clone(other.root()).expect("nothing is armed");
                let before = Picture::of(graph.root());
                graph.detonator.fail_at(step, mode, || session.deep_clone(graph.root()));
                assert_eq!(graph.detonator.live(), live);
                assert!(graph.is_at_rest());
                Picture::of(graph.root()).assert_shape_of(&before);
                assert!(Strong::ptr_eq(&session.copy_of(other.root()).expect("known"), &first));
                assert!(session.copy_of(graph.root()).is_none());
                let copy = session.deep_clone(graph.root()).expect("nothing is armed");
                drop(session);
                assert_copied(&before, graph.root(), &copy);
                sever(&copy);
                drop(copy);
                sever(&first);
            }
        }
    }

    #[test]
    fn an_error_carries_the_type_and_the_path_to_the_step() {
        let graph = Graph::new(3);
        graph.link(0, 1);
        graph.link(1, 2);
        graph.detonator.arm(2, Mode::Error);
        let error = graph.root().try_deep_clone().err().expect("armed");
        // What lies behind an `Arc` in a lock is copied when the lock is free again.
        let path = match module_path!().ends_with("::rc") {
            true => "Node.strong[0].strong[0].before",
            false => "….before",
        };
        assert_eq!(error.path(), path);
        assert!(error.type_name().contains("Fuse"), "{}", error.type_name());
    }

    /// No user code at all runs before the failure, so nothing is pinned: the other half of the engine.
    #[derive(DeepClone)]
    struct Plain {
        name: String,
        strong: Slot<Vec<Strong<Plain>>>,
        weak: Slot<Vec<Weak<Plain>>>,
        gate: std::cell::RefCell<String>,
    }

    fn plain(nodes: usize) -> Vec<Strong<Plain>> {
        let nodes: Vec<Strong<Plain>> = (0..nodes)
            .map(|number| {
                Strong::new(Plain {
                    name: number.to_string(),
                    strong: Slot::default(),
                    weak: Slot::default(),
                    gate: String::from("closed").into(),
                })
            })
            .collect();
        for (number, node) in nodes.iter().enumerate() {
            for to in [number + 1, number + nodes.len() - 1, number * 3, number] {
                open(&node.strong).push(Strong::clone(&nodes[to % nodes.len()]));
            }
            open(&node.weak).push(Strong::downgrade(&nodes[number * 5 % nodes.len()]));
        }
        nodes
    }

    fn cut(nodes: &[Strong<Plain>]) {
        for node in nodes {
            open(&node.strong).clear();
        }
    }

    #[test]
    fn an_open_cell_at_any_node_of_a_strongly_cyclic_graph_fails_clean() {
        let nodes = plain(50);
        for node in &nodes {
            let gate = node.gate.borrow_mut();
            let left = left_behind(|| {
                let error = nodes[0].try_deep_clone().err().expect("a cell is open");
                assert_eq!(error.kind(), ErrorKind::AlreadyBorrowed);
                assert!(error.path().ends_with(".gate"), "{}", error.path());
            });
            drop(gate);
            assert_eq!(left, 0);
            for node in &nodes {
                assert_eq!((Strong::strong_count(node), Strong::weak_count(node)), counts(&nodes, node));
                assert!(is_at_rest(&node.strong) && is_at_rest(&node.weak));
                assert!(node.gate.try_borrow_mut().is_ok());
            }
        }
        let copy = nodes[0].deep_clone();
        assert_eq!(copy.name, "0");
        let mut copies = vec![copy];
        let mut next = 0;
        while next < copies.len() {
            let edges: Vec<Strong<Plain>> = open(&copies[next].strong).clone();
            for edge in edges {
                if !copies.iter().any(|seen| Strong::ptr_eq(seen, &edge)) {
                    copies.push(edge);
                }
            }
            next += 1;
        }
        assert_eq!(copies.len(), nodes.len());
        cut(&copies);
        cut(&nodes);
    }

    /// The counts that the edges of `nodes` and the list itself make.
    fn counts(nodes: &[Strong<Plain>], node: &Strong<Plain>) -> (usize, usize) {
        let mut strong = 1;
        let mut weak = 0;
        for from in nodes {
            strong += open(&from.strong).iter().filter(|to| Strong::ptr_eq(to, node)).count();
            weak += open(&from.weak).iter().filter(|to| to.as_ptr() == Strong::as_ptr(node)).count();
        }
        (strong, weak)
    }

    #[test]
    fn a_limit_exceeded_at_any_object_of_a_strongly_cyclic_graph_fails_clean() {
        let nodes = plain(50);
        for limit in 0..nodes.len() {
            let left = left_behind(|| {
                let mut session = Session::with_options(Options::new().max_objects(limit));
                let error = session.deep_clone(&nodes[0]).err().expect("a limit");
                assert_eq!(error.kind(), ErrorKind::LimitExceeded);
            });
            assert_eq!(left, 0);
            for node in &nodes {
                assert_eq!((Strong::strong_count(node), Strong::weak_count(node)), counts(&nodes, node));
            }
        }
        let mut session = Session::with_options(Options::new().max_objects(nodes.len()));
        let copy = session.deep_clone(&nodes).expect("just enough");
        drop(session);
        for node in &copy {
            assert_eq!((Strong::strong_count(node), Strong::weak_count(node)), counts(&copy, node));
        }
        cut(&copy);
        cut(&nodes);
    }

    /// Containers that are half full when an element fails.
    #[test]
    fn every_container_fails_clean_at_every_element() {
        use std::collections::{BTreeMap, BinaryHeap, HashMap, LinkedList, VecDeque};

        #[derive(DeepClone)]
        struct Element {
            fuse: Fuse,
            text: String,
        }

        impl Drop for Element {
            fn drop(&mut self) {
                self.fuse.owner_dropped();
            }
        }

        #[derive(DeepClone)]
        enum Choice {
            Named { first: Element, second: Box<Element> },
            Tuple(Element, (Element, Element)),
        }

        #[derive(DeepClone)]
        struct Everything {
            vec: Vec<Element>,
            slice: Box<[Element]>,
            array: [Element; 3],
            deque: VecDeque<Element>,
            list: LinkedList<Element>,
            shared: Strong<[Element]>,
            again: Strong<[Element]>,
            map: HashMap<u32, Element>,
            ordered: BTreeMap<String, Element>,
            heap: BinaryHeap<(u32, Strong<u32>)>,
            after: Element,
            choices: Vec<Choice>,
            options: (Option<Element>, Result<Element, Element>),
            once: Once<Element>,
            slot: Slot<Element>,
            cell: std::cell::RefCell<Option<Box<Element>>>,
            lock: std::sync::RwLock<Element>,
            iterator: std::vec::IntoIter<Element>,
            last: Element,
        }

        let detonator = Detonator::new();
        let element = || Element { fuse: detonator.fuse(), text: String::from("text") };
        let elements = || (0..4).map(|_| element());
        let shared: Strong<[Element]> = elements().collect();
        let mut deque: VecDeque<Element> = elements().collect();
        deque.rotate_left(2);
        deque.push_back(element());
        let mut iterator = elements().collect::<Vec<_>>().into_iter();
        iterator.next();
        let number = Strong::new(7);
        let source = Everything {
            vec: elements().collect(),
            slice: elements().collect(),
            array: [element(), element(), element()],
            deque,
            list: elements().collect(),
            again: Strong::clone(&shared),
            shared,
            map: (0..).zip(elements()).collect(),
            ordered: (0..).map(|number: u32| number.to_string()).zip(elements()).collect(),
            heap: (0..4).map(|priority| (priority, Strong::clone(&number))).collect(),
            after: element(),
            choices: vec![
                Choice::Named { first: element(), second: Box::new(element()) },
                Choice::Tuple(element(), (element(), element())),
            ],
            options: (Some(element()), Err(element())),
            once: Once::from(element()),
            slot: Slot::new(element()),
            cell: std::cell::RefCell::new(Some(Box::new(element()))),
            lock: std::sync::RwLock::new(element()),
            iterator,
            last: element(),
        };
        let live = detonator.live();
        detonator.disarm();
        let copy = source.deep_clone();
        let steps = detonator.steps();
        assert_eq!(isize::try_from(steps), Ok(live));
        assert_eq!(detonator.live(), 2 * live);
        assert_eq!(copy.last.text, "text");
        drop(copy);
        assert_eq!(detonator.live(), live);
        for mode in [Mode::Error, Mode::Panic] {
            for step in 0..steps {
                let dropped = detonator.owners_dropped();
                let left = left_behind(|| detonator.fail_at(step, mode, || source.try_deep_clone()));
                assert_eq!(left, 0, "bytes left behind by {mode:?} at step {step}");
                assert_eq!(detonator.live(), live, "fuses after {mode:?} at step {step}");
                assert_eq!(detonator.owners_dropped(), dropped, "`Drop` after {mode:?} at step {step}");
                assert_eq!(Strong::strong_count(&number), 5);
                assert_eq!(Strong::strong_count(&source.shared), 2);
                assert!(is_at_rest(&source.slot) && source.lock.try_write().is_ok());
            }
        }
        drop(source.deep_clone());
        assert_eq!(detonator.live(), live);
    }

    /// A field that is copied by its `Clone` panics without the help of `Result`.
    #[test]
    fn a_panic_in_a_clone_at_any_node_fails_clean() {
        #[derive(DeepClone)]
        struct Cloned {
            next: Slot<Option<Strong<Cloned>>>,
            #[deepclone(clone)]
            fuse: Fuse,
        }

        let detonator = Detonator::new();
        let nodes: Vec<Strong<Cloned>> = (0..40)
            .map(|_| Strong::new(Cloned { next: Slot::default(), fuse: detonator.fuse() }))
            .collect();
        for (number, node) in nodes.iter().enumerate() {
            *open(&node.next) = Some(Strong::clone(&nodes[(number + 1) % nodes.len()]));
        }
        let live = detonator.live();
        for step in 0..nodes.len() {
            let left = left_behind(|| detonator.fail_at(step, Mode::Panic, || nodes[0].try_deep_clone()));
            assert_eq!(left, 0);
            assert_eq!(detonator.live(), live);
            for node in &nodes {
                assert_eq!((Strong::strong_count(node), Strong::weak_count(node)), (2, 0));
                assert!(is_at_rest(&node.next));
            }
        }
        let copy = nodes[0].deep_clone();
        assert_eq!(detonator.live(), 2 * live);
        open(&copy.next).take();
        drop(copy);
        assert_eq!(detonator.live(), live);
        for node in &nodes {
            open(&node.next).take();
        }
    }

    #[test]
    fn deep_clone_panics_with_the_text_of_the_error() {
        let graph = Graph::new(1);
        graph.detonator.arm(0, Mode::Error);
        let error = graph.root().try_deep_clone().err().expect("armed");
        graph.detonator.arm(0, Mode::Error);
        let payload = catch_unwind(AssertUnwindSafe(|| graph.root().deep_clone())).err().expect("armed");
        let text = payload.downcast_ref::<String>().expect("a text");
        assert_eq!(*text, error.to_string());
        assert!(text.contains("help: "), "{text}");
    }

    /// The list is long enough to be put off many times, and the step is the last.
    #[test]
    fn a_long_list_fails_clean_at_its_far_end() {
        let length = 20_000;
        let graph = Graph::new(length);
        for from in 0..graph.nodes.len() - 1 {
            graph.link(from, from + 1);
        }
        let live = graph.detonator.live();
        for mode in [Mode::Error, Mode::Panic] {
            let dropped = graph.detonator.owners_dropped();
            let last = graph.nodes.len() - 1;
            let left = left_behind(|| graph.detonator.fail_at(last, mode, || graph.root().try_deep_clone()));
            assert_eq!(left, 0);
            assert_eq!(graph.detonator.live(), live);
            assert_eq!(graph.detonator.owners_dropped(), dropped);
        }
        assert!(graph.nodes.iter().all(|node| Strong::strong_count(node) <= 2 && Strong::weak_count(node) == 0));
        let _: &Node = &graph.nodes[0];
    }
}
