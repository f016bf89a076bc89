//! A weak edge never pulls anything in: it leads to the copy of what strong edges reach, and dangles otherwise.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "the same bodies run for both families"
)]

use std::cell::RefCell;

use deepclone::{DeepClone, Session};
use deepclone_tests::each_family;
use deepclone_tests::picture::{Picture, assert_copied, assert_unmoved};

each_family! {
    use graphs::{Graph, Node, sever};

    /// How many nodes' fuses are alive.
    fn live(graph: &Graph) -> isize {
        graph.detonator.live() / 2
    }

    #[test]
    fn parents_of_a_whole_tree_are_the_copies() {
        let graph = Graph::weakly_cyclic(100);
        let before = Picture::of(graph.root());
        let copy = graph.root().deep_clone();
        assert_copied(&before, graph.root(), &copy);
        for child in &*open(&copy.strong) {
            let parent = open(&child.weak)[0].upgrade().expect("inside");
            assert!(Strong::ptr_eq(&parent, &copy));
        }
        sever(&copy);
    }

    #[test]
    fn a_weak_to_a_parent_outside_dangles() {
        let graph = Graph::new(3);
        graph.link(0, 1);
        graph.link(1, 2);
        graph.link_weakly(1, 0);
        graph.link_weakly(2, 1);
        graph.link_weakly(2, 0);
        let before = Picture::of(&graph.nodes);
        let copy = graph.nodes[1].deep_clone();
        assert_unmoved(&before, &graph.nodes);
        assert_eq!(live(&graph), 5, "the parent is not copied");
        assert!(open(&copy.weak)[0].upgrade().is_none());
        let child = Strong::clone(&open(&copy.strong)[0]);
        assert!(Strong::ptr_eq(&open(&child.weak)[0].upgrade().expect("inside"), &copy));
        assert!(open(&child.weak)[1].upgrade().is_none());
        assert_eq!(counts(&copy), (1, 1));
    }

    #[test]
    fn a_weak_met_before_its_target_leads_to_the_copy() {
        let node = Strong::new(5);
        let source = (Strong::downgrade(&node), vec![Strong::downgrade(&node)], node, Weak::<i32>::new());
        let copy = source.deep_clone();
        assert!(Strong::ptr_eq(&copy.0.upgrade().expect("inside"), &copy.2));
        assert!(Strong::ptr_eq(&copy.1[0].upgrade().expect("inside"), &copy.2));
        assert!(!Strong::ptr_eq(&copy.2, &source.2));
        assert!(copy.3.upgrade().is_none());
        assert_eq!(counts(&copy.2), (1, 2));
        assert_eq!(counts(&source.2), (1, 2));
    }

    #[test]
    fn a_weak_met_after_its_target_leads_to_the_copy() {
        let node = Strong::new(String::from("target"));
        let weak = Strong::downgrade(&node);
        let source = (node, weak);
        let copy = source.deep_clone();
        assert!(Strong::ptr_eq(&copy.1.upgrade().expect("inside"), &copy.0));
        assert_eq!(counts(&copy.0), (1, 1));
        assert_eq!(counts(&source.0), (1, 1));
    }

    #[test]
    fn a_weak_alone_dangles_and_its_target_is_untouched() {
        let node = Strong::new(RefCell::new(vec![String::from("content")]));
        let weak = Strong::downgrade(&node);
        // Not even looked at: an open cell is no obstacle.
        let open = node.borrow_mut();
        let copy = weak.deep_clone();
        drop(open);
        assert!(copy.upgrade().is_none());
        assert_eq!(counts(&node), (1, 1));
        assert_eq!((copy.strong_count(), copy.weak_count()), (0, 0));
    }

    #[test]
    fn a_weak_whose_target_is_gone_dangles() {
        let node = Strong::new(5);
        let source = [(); 3].map(|()| Strong::downgrade(&node)).to_vec();
        drop(node);
        let copy = source.deep_clone();
        assert!(copy.iter().all(|weak| weak.upgrade().is_none()));
        assert_eq!(source.len(), 3);
        let never: Weak<[u8; 100]> = Weak::new();
        assert!(Weak::ptr_eq(&never.deep_clone(), &Weak::new()));
    }

    #[test]
    fn a_list_entered_in_the_middle_is_copied_from_there() {
        let graph = Graph::new(10);
        for number in 0..9 {
            graph.link(number, number + 1);
            graph.link_weakly(number + 1, number);
        }
        let copy = graph.nodes[4].deep_clone();
        assert_eq!(live(&graph), 10 + 6);
        assert!(open(&copy.weak)[0].upgrade().is_none());
        let mut at = Strong::clone(&copy);
        for id in 4..9 {
            assert_eq!(at.id, id);
            let next = Strong::clone(&open(&at.strong)[0]);
            assert!(Strong::ptr_eq(&open(&next.weak)[0].upgrade().expect("inside"), &at));
            at = next;
        }
        assert_eq!(at.id, 9);
    }

    #[derive(DeepClone)]
    struct Subject {
        observers: Slot<Vec<Weak<Observer>>>,
    }

    #[derive(DeepClone)]
    struct Observer {
        subject: Strong<Subject>,
        seen: u32,
    }

    #[test]
    fn a_subject_forgets_the_observers_that_are_not_copied() {
        let subject = Strong::new(Subject { observers: Slot::default() });
        let observers: Vec<Strong<Observer>> = (0..3)
            .map(|seen| {
                let observer = Strong::new(Observer { subject: Strong::clone(&subject), seen });
                open(&subject.observers).push(Strong::downgrade(&observer));
                observer
            })
            .collect();
        let copy = subject.deep_clone();
        assert!(open(&copy.observers).iter().all(|observer| observer.upgrade().is_none()));
        let copy = observers[1].deep_clone();
        assert_eq!(copy.seen, 1);
        let seen: Vec<bool> =
            open(&copy.subject.observers).iter().map(|observer| observer.upgrade().is_some()).collect();
        assert_eq!(seen, [false, true, false]);
        assert!(Strong::ptr_eq(&open(&copy.subject.observers)[1].upgrade().expect("inside"), &copy));
        assert_eq!(counts(&copy), (1, 1));
        assert_eq!(counts(&subject), (4, 0));
        assert!(observers.iter().all(|one| Strong::strong_count(one) == 1 && Strong::weak_count(one) == 1));
        let all = observers.deep_clone();
        assert!(all.iter().all(|one| Strong::ptr_eq(&one.subject, &all[0].subject)));
        assert!(open(&all[0].subject.observers).iter().zip(&all).all(|(weak, one)| {
            weak.upgrade().is_some_and(|upgraded| Strong::ptr_eq(&upgraded, one))
        }));
    }

    #[test]
    fn a_dangling_copy_has_no_memory_to_keep() {
        let node = Strong::new([0_u8; 4096]);
        let weak = Strong::downgrade(&node);
        let mut copy = None;
        let info = allocation_counter::measure(|| copy = Some(weak.deep_clone()));
        let copy = copy.expect("copied");
        assert!(copy.upgrade().is_none());
        // An allocation that only weak handles keep is freed with the last of them.
        let freed = allocation_counter::measure(|| drop(copy));
        assert_eq!(info.bytes_current + freed.bytes_current, 0);
    }

    #[test]
    fn a_weak_field_with_clone_keeps_pointing_outside() {
        #[derive(DeepClone)]
        struct Child {
            #[deepclone(clone)]
            parent: Weak<String>,
            #[deepclone(clone)]
            shared: Strong<String>,
            own: Strong<String>,
        }

        let parent = Strong::new(String::from("parent"));
        let child = Child {
            parent: Strong::downgrade(&parent),
            shared: Strong::clone(&parent),
            own: Strong::new(String::from("own")),
        };
        let copy = child.deep_clone();
        assert!(Strong::ptr_eq(&copy.parent.upgrade().expect("outside"), &parent));
        assert!(Strong::ptr_eq(&copy.shared, &parent));
        assert!(!Strong::ptr_eq(&copy.own, &child.own));
        assert_eq!(counts(&parent), (3, 2));
    }

    #[test]
    fn weak_edges_are_settled_when_their_root_call_ends() {
        let graph = Graph::new(2);
        graph.link_weakly(0, 1);
        let mut session = Session::new();
        let first = session.deep_clone(&graph.nodes[0]).expect("copies");
        let second = session.deep_clone(&graph.nodes[1]).expect("copies");
        drop(session);
        assert!(open(&first.weak)[0].upgrade().is_none());
        assert_eq!(counts(&second), (1, 0));

        let mut session = Session::new();
        let second = session.deep_clone(&graph.nodes[1]).expect("copies");
        let first = session.deep_clone(&graph.nodes[0]).expect("copies");
        drop(session);
        assert!(Strong::ptr_eq(&open(&first.weak)[0].upgrade().expect("copied before"), &second));
        assert_eq!(counts(&second), (1, 1));
    }

    #[test]
    fn weak_edges_to_slices_texts_and_cells_lead_to_the_copies() {
        type Everything = (
            Weak<[u16]>,
            Weak<Slot<String>>,
            Weak<()>,
            Weak<str>,
            Strong<[u16]>,
            Strong<Slot<String>>,
            Strong<()>,
            Strong<str>,
        );
        let (slice, cell, unit, text): (Strong<[u16]>, _, _, Strong<str>) = (
            Strong::from([1, 2, 3]),
            Strong::new(Slot::new(String::from("cell"))),
            Strong::new(()),
            Strong::from("text"),
        );
        let source: Everything = (
            Strong::downgrade(&slice),
            Strong::downgrade(&cell),
            Strong::downgrade(&unit),
            Strong::downgrade(&text),
            slice,
            cell,
            unit,
            text,
        );
        let copy = source.deep_clone();
        assert!(Strong::ptr_eq(&copy.0.upgrade().expect("inside"), &copy.4));
        assert!(Strong::ptr_eq(&copy.1.upgrade().expect("inside"), &copy.5));
        assert!(Strong::ptr_eq(&copy.2.upgrade().expect("inside"), &copy.6));
        assert!(Strong::ptr_eq(&copy.3.upgrade().expect("inside"), &copy.7));
        assert_eq!(*copy.4, [1, 2, 3]);
        assert_eq!(*open(&copy.5), "cell");
        assert_eq!(&*copy.7, "text");
        assert!(!Strong::ptr_eq(&copy.6, &source.6));
        assert_eq!(Strong::weak_count(&copy.4), 1);
        assert_eq!(Strong::weak_count(&copy.5), 1);
        assert_eq!(Strong::weak_count(&copy.6), 1);
        assert_eq!(Strong::weak_count(&copy.7), 1);
        let outside = source.0.deep_clone();
        assert!(outside.upgrade().is_none());
        assert_eq!(Strong::weak_count(&source.4), 1);
    }

    #[test]
    fn a_cycle_reached_by_a_weak_edge_alone_is_left_alone() {
        let graph = Graph::new(3);
        graph.link(1, 2);
        graph.link(2, 1);
        graph.link_weakly(0, 1);
        graph.link_weakly(0, 2);
        let copy = graph.root().deep_clone();
        assert_eq!(live(&graph), 4);
        assert!(open(&copy.weak).iter().all(|weak| weak.upgrade().is_none()));
        let _: &Node = &copy;
    }

    /// Pointees that lead to themselves weakly, and to nothing else, need not be found by others; those that come later must be.
    #[test]
    fn allocations_that_are_shared_are_found_after_many_that_know_only_themselves() {
        #[derive(DeepClone)]
        struct Itself {
            weak: Slot<Weak<Itself>>,
            also: Slot<Weak<Itself>>,
        }

        for number in [1, 10, 20, 100, 1_000, 20_000] {
            let alone: Vec<Strong<Itself>> = (0..number)
                .map(|_| {
                    let itself = Strong::new(Itself { weak: Slot::default(), also: Slot::default() });
                    *open(&itself.weak) = Strong::downgrade(&itself);
                    *open(&itself.also) = Strong::downgrade(&itself);
                    itself
                })
                .collect();
            let shared: Vec<Strong<u32>> = (0..100).map(Strong::new).collect();
            let source = (alone, shared.clone(), shared);
            let copy = source.deep_clone();
            for itself in &copy.0 {
                assert!(Weak::ptr_eq(&open(&itself.weak), &Strong::downgrade(itself)));
                assert!(Weak::ptr_eq(&open(&itself.also), &Strong::downgrade(itself)));
                assert_eq!(counts(itself), (1, 2));
            }
            for (one, other) in copy.1.iter().zip(&copy.2) {
                assert!(Strong::ptr_eq(one, other), "after {number}");
                assert_eq!(Strong::strong_count(one), 2);
            }
        }
    }
}
