//! Cycles of strong edges are copied, through anything that can hold one, and the counts in the copy are the edges in the copy.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::type_complexity,
    reason = "the same bodies run for both families, and for holders of any type"
)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, LinkedList, VecDeque};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Mutex, RwLock};

use deepclone::DeepClone;
use deepclone_tests::each_family;
use deepclone_tests::picture::{Pen, Picture, Portrayed, assert_copied};

each_family! {
    use graphs::{Graph, sever};

    /// Copies a graph's root and checks the copy, then all nodes at once.
    fn copies(graph: &Graph) {
        let before = Picture::of(graph.root());
        assert_eq!(before.objects(), graph.nodes.len());
        let copy = graph.root().deep_clone();
        assert_copied(&before, graph.root(), &copy);
        sever(&copy);
        let before = Picture::of(&graph.nodes);
        let copies = graph.nodes.deep_clone();
        assert_copied(&before, &graph.nodes, &copies);
        sever(&copies[0]);
        drop(copies);
        let live = graph.detonator.live();
        drop(copy);
        assert_eq!(graph.detonator.live(), live - 2);
    }

    #[test]
    fn a_loop_of_one() {
        let graph = Graph::new(1);
        graph.link(0, 0);
        copies(&graph);
        let copy = graph.root().deep_clone();
        assert!(Strong::ptr_eq(&copy, &open(&copy.strong)[0]));
        assert_eq!(counts(&copy), (2, 0));
        assert_eq!(Strong::strong_count(graph.root()), 2);
        sever(&copy);
    }

    #[test]
    fn a_cycle_of_two() {
        let graph = Graph::new(2);
        graph.link(0, 1);
        graph.link(1, 0);
        copies(&graph);
    }

    #[test]
    fn loops_that_are_doubled() {
        let graph = Graph::new(3);
        for from in 0..3 {
            for to in 0..3 {
                for _ in 0..4 {
                    graph.link(from, to);
                    graph.link_weakly(from, to);
                }
            }
        }
        copies(&graph);
    }

    #[test]
    fn a_complete_graph_of_100_with_loops() {
        let graph = Graph::complete(100);
        copies(&graph);
        let copy = graph.root().deep_clone();
        let nodes = open(&copy.strong).clone();
        assert!(nodes.iter().all(|node| Strong::strong_count(node) == 101 + usize::from(Strong::ptr_eq(node, &copy))));
        sever(&copy);
    }

    #[test]
    fn a_ring_with_chords_loops_and_weak_edges() {
        copies(&Graph::strongly_cyclic(501));
    }

    /// A ring that is linked both ways.
    #[derive(DeepClone)]
    struct Link {
        number: u32,
        next: Slot<Option<Strong<Link>>>,
        previous: Slot<Option<Strong<Link>>>,
    }

    #[test]
    fn a_ring_of_a_million_that_is_linked_both_ways() {
        let length: u32 = if cfg!(debug_assertions) { 200_000 } else { 1_000_000 };
        let links: Vec<Strong<Link>> = (0..length)
            .map(|number| Strong::new(Link { number, next: Slot::default(), previous: Slot::default() }))
            .collect();
        for (one, other) in links.iter().zip(links.iter().cycle().skip(1)) {
            *open(&one.next) = Some(Strong::clone(other));
            *open(&other.previous) = Some(Strong::clone(one));
        }
        let copy = links[0].deep_clone();
        let mut at = Strong::clone(&copy);
        for number in 0..length {
            let next = open(&at.next).take().expect("a ring");
            assert_eq!(at.number, number);
            assert!(!Strong::ptr_eq(&at, &links[number as usize]));
            let back = open(&next.previous).take().expect("a ring");
            assert!(Strong::ptr_eq(&back, &at));
            drop(back);
            // The edges of its neighbours are taken; only to the first leads one more, from the last, and the handle of the copy.
            let expected = match number {
                0 => 3,
                _ => 1,
            };
            assert_eq!(counts(&at), (expected, 0));
            at = next;
        }
        assert!(Strong::ptr_eq(&at, &copy));
        drop(at);
        assert_eq!(Strong::strong_count(&copy), 1);
        for link in &links {
            assert_eq!(counts(link), (3, 0));
        }
        for link in &links {
            open(&link.next).take();
            open(&link.previous).take();
        }
    }

    /// Each node has one slot, and its edge to itself lies in what the slot holds.
    #[test]
    fn cycles_through_every_holder() {
        macro_rules! through {
            ($($name:ident: $holder:ty = |$node:ident| $make:expr, |$held:ident| $find:expr;)*) => { $({
                #[derive(DeepClone)]
                struct $name {
                    number: u32,
                    holder: Slot<Option<$holder>>,
                }

                let node = Strong::new($name { number: 7, holder: Slot::new(None) });
                let holder: $holder = {
                    let $node = Strong::clone(&node);
                    $make
                };
                *open(&node.holder) = Some(holder);
                let before = Strong::strong_count(&node);
                let copy = node.deep_clone();
                assert_eq!(copy.number, 7);
                assert_eq!(Strong::strong_count(&node), before, "{}", stringify!($name));
                assert_eq!(Strong::strong_count(&copy), before, "{}", stringify!($name));
                assert_eq!(Strong::weak_count(&copy), 0);
                {
                    let opened = open(&copy.holder);
                    let $held = opened.as_ref().expect("copied");
                    let found: Strong<$name> = $find;
                    assert!(Strong::ptr_eq(&found, &copy), "{}", stringify!($name));
                }
                let cut = open(&copy.holder).take();
                drop(cut);
                let cut = open(&node.holder).take();
                drop(cut);
                assert_eq!(Strong::strong_count(&copy), 1);
                assert_eq!(Strong::strong_count(&node), 1);
            })* };
        }

        through! {
            Direct: Strong<Direct> = |node| node, |held| Strong::clone(held);
            InBox: Box<Strong<InBox>> = |node| Box::new(node), |held| Strong::clone(held);
            InVec: Vec<Strong<InVec>> = |node| vec![Strong::clone(&node), node], |held| Strong::clone(&held[1]);
            InDeque: VecDeque<Strong<InDeque>> = |node| VecDeque::from([node]), |held| Strong::clone(&held[0]);
            InList: LinkedList<Strong<InList>> = |node| LinkedList::from([node]), |held| Strong::clone(held.front().unwrap());
            InTuple: (u8, Strong<InTuple>, String) = |node| (1, node, String::new()), |held| Strong::clone(&held.1);
            InArray: [Strong<InArray>; 2] = |node| [Strong::clone(&node), node], |held| Strong::clone(&held[1]);
            InResult: Result<Strong<InResult>, ()> = |node| Ok(node), |held| Strong::clone(held.as_ref().unwrap());
            InRefCell: RefCell<Option<Strong<InRefCell>>> = |node| RefCell::new(Some(node)), |held| held.borrow().clone().unwrap();
            InCell: Cell<Option<Strong<InCell>>> = |node| Cell::new(Some(node)), |held| {
                let content = held.take();
                held.set(content.clone());
                content.unwrap()
            };
            InOnce: Once<Strong<InOnce>> = |node| Once::from(node), |held| Strong::clone(held.get().unwrap());
            InMutex: Mutex<Vec<Strong<InMutex>>> = |node| Mutex::new(vec![node]), |held| Strong::clone(&held.lock().unwrap()[0]);
            InRwLock: RwLock<Strong<InRwLock>> = |node| RwLock::new(node), |held| Strong::clone(&held.read().unwrap());
            InHashMap: HashMap<u8, Strong<InHashMap>> = |node| HashMap::from([(1, node)]), |held| Strong::clone(&held[&1]);
            InBTreeMap: BTreeMap<u8, Strong<InBTreeMap>> = |node| BTreeMap::from([(1, node)]), |held| Strong::clone(&held[&1]);
            InSlice: Strong<[Strong<InSlice>]> = |node| Strong::from([node]), |held| Strong::clone(&held[0]);
            InBoxedSlice: Box<[Strong<InBoxedSlice>]> = |node| Box::from([node]), |held| Strong::clone(&held[0]);
            InSharedCell: Strong<Slot<Vec<Strong<InSharedCell>>>> = |node| Strong::new(Slot::new(vec![node])), |held| Strong::clone(&open(held)[0]);
            InPin: Pin<Strong<Strong<InPin>>> = |node| Strong::pin(node), |held| Strong::clone(held);
            InPinnedBox: Pin<Box<Strong<InPinnedBox>>> = |node| Box::pin(node), |held| Strong::clone(held);
            InIterator: std::vec::IntoIter<Strong<InIterator>> = |node| vec![node].into_iter(), |held| Strong::clone(&held.as_slice()[0]);
            InReverse: std::cmp::Reverse<Strong<InReverse>> = |node| std::cmp::Reverse(node), |held| Strong::clone(&held.0);
        }
    }

    /// Nodes of two types on one cycle, through a slice, a trait object and a once-cell.
    trait Thing: DeepClone {
        fn next(&self) -> Option<Strong<dyn Thing>>;
        fn cut(&self) -> Option<Strong<[Strong<dyn Thing>]>> {
            None
        }
    }

    #[derive(DeepClone)]
    struct One {
        things: Slot<Option<Strong<[Strong<dyn Thing>]>>>,
    }

    #[derive(DeepClone)]
    struct Other {
        back: Once<Strong<One>>,
    }

    impl Thing for One {
        fn next(&self) -> Option<Strong<dyn Thing>> {
            open(&self.things).as_ref().map(|things| Strong::clone(&things[0]))
        }

        fn cut(&self) -> Option<Strong<[Strong<dyn Thing>]>> {
            open(&self.things).take()
        }
    }

    impl Thing for Other {
        fn next(&self) -> Option<Strong<dyn Thing>> {
            self.back.get().map(|one| Strong::clone(one) as Strong<dyn Thing>)
        }
    }

    #[test]
    fn a_cycle_through_a_slice_a_trait_object_and_a_once_cell() {
        let one = Strong::new(One { things: Slot::new(None) });
        let other = Strong::new(Other { back: Once::from(Strong::clone(&one)) });
        let things: [Strong<dyn Thing>; 2] = [other, Strong::clone(&one) as Strong<dyn Thing>];
        *open(&one.things) = Some(Strong::from(things));
        assert_eq!(Strong::strong_count(&one), 3);

        let copy = one.deep_clone();
        assert_eq!(Strong::strong_count(&one), 3);
        assert_eq!(Strong::strong_count(&copy), 3);
        let next = copy.next().expect("the other");
        assert_eq!(Strong::strong_count(&next), 2);
        let back = next.next().expect("the one");
        assert!(std::ptr::addr_eq(Strong::as_ptr(&back), Strong::as_ptr(&copy)));
        drop((next, back));
        let things = open(&copy.things).take().expect("a slice");
        assert_eq!(Strong::strong_count(&things), 1);
        assert_eq!(Strong::strong_count(&things[0]), 1);
        assert!(std::ptr::addr_eq(Strong::as_ptr(&things[1]), Strong::as_ptr(&copy)));
        drop(things);
        assert_eq!(counts(&copy), (1, 0));
        let cut = open(&one.things).take();
        drop(cut);

        // Entered at the slice, and at the trait object.
        let one = Strong::new(One { things: Slot::new(None) });
        let things: Strong<[Strong<dyn Thing>]> = Strong::from([Strong::clone(&one) as Strong<dyn Thing>]);
        *open(&one.things) = Some(Strong::clone(&things));
        let copied = things.deep_clone();
        assert_eq!(Strong::strong_count(&copied), 2);
        assert_eq!(Strong::strong_count(&copied[0]), 1);
        let object = Strong::clone(&one) as Strong<dyn Thing>;
        let copy = object.deep_clone();
        assert_eq!(Strong::strong_count(&copy), 2);
        let next = copy.next().expect("itself");
        assert!(std::ptr::addr_eq(Strong::as_ptr(&next), Strong::as_ptr(&copy)));
        drop(next);
        for edges in [copied[0].cut(), copy.cut(), one.cut()] {
            drop(edges);
        }
    }

    #[test]
    fn a_cycle_whose_root_is_a_plain_value() {
        // The root is what the reference leads to: edges to the `Rc` around it lead to a copy of its own.
        let node = Graph::new(2);
        node.link(0, 1);
        node.link(1, 0);
        let before = Picture::of(&node.nodes);
        let copy = (**node.root()).deep_clone();
        deepclone_tests::picture::assert_unmoved(&before, &node.nodes);
        let one = Strong::clone(&open(&copy.strong)[0]);
        let zero = Strong::clone(&open(&one.strong)[0]);
        assert_eq!(zero.id, 0);
        assert!(!std::ptr::addr_eq(Strong::as_ptr(&zero), &raw const copy));
        assert!(Strong::ptr_eq(&open(&zero.strong)[0], &one));
        assert_eq!(Strong::strong_count(&zero), 2);
        assert_eq!(Strong::strong_count(&one), 3);
        sever(&zero);
    }
}

#[test]
fn a_cycle_through_both_families() {
    /// Across `Rc` and `Arc`.
    #[derive(DeepClone)]
    struct Near {
        far: RefCell<Option<std::sync::Arc<Far>>>,
    }

    #[derive(DeepClone)]
    struct Far {
        near: Mutex<Option<Rc<Near>>>,
    }

    impl Portrayed for Near {
        fn portray(&self, pen: &mut Pen) {
            self.far.portray(pen);
        }
    }

    impl Portrayed for Far {
        fn portray(&self, pen: &mut Pen) {
            self.near.portray(pen);
        }
    }

    let near = Rc::new(Near {
        far: RefCell::default(),
    });
    let far = std::sync::Arc::new(Far {
        near: Mutex::new(Some(Rc::clone(&near))),
    });
    *near.far.borrow_mut() = Some(std::sync::Arc::clone(&far));
    let source = (near, far);
    let before = Picture::of(&source);
    let copy = source.deep_clone();
    assert_copied(&before, &source, &copy);
    for (near, far) in [source, copy] {
        near.far.take();
        drop(far);
    }
}
