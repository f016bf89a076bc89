//! Graphs that a long list tells of: from some thousand nodes on the list is followed first. Nothing of that shows.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::{Rc, Weak};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use deepclone::{DeepClone, Error, ErrorKind, ParDeepClone, impl_deep_clone};

/// Layers of a graph, and nodes in one.
const LAYERS: u32 = 16;
const WIDTH: u32 = 1_100;

/// A node that others lead to as well, so that it is put off in a large graph.
#[derive(DeepClone)]
struct Node<E> {
    number: u32,
    below: RefCell<Vec<Rc<Node<E>>>>,
    end: Option<E>,
}

fn node<E>(number: u32, end: Option<E>) -> Rc<Node<E>> {
    let below = RefCell::default();
    Rc::new(Node { number, below, end })
}

/// The first of many layers of nodes, each of which leads to two of the next: what the first node leads to is most of them. Behind it, nodes that have these ends and
/// are first met when the list is followed.
fn large<E>(ends: impl IntoIterator<Item = E>) -> Vec<Rc<Node<E>>> {
    let mut all: Vec<Vec<_>> = (0..LAYERS)
        .map(|layer| {
            (0..WIDTH)
                .map(|at| node(layer * WIDTH + at, None))
                .collect()
        })
        .collect();
    for (upper, lower) in all.iter().zip(&all[1..]) {
        for (at, node) in upper.iter().enumerate() {
            for other in [at + 1, at * 7 + 3].map(|at| at % lower.len()) {
                node.below.borrow_mut().push(Rc::clone(&lower[other]));
            }
        }
    }
    let mut list = all.swap_remove(0);
    list.extend(small(ends));
    list
}

/// The same without all that comes before.
fn small<E>(ends: impl IntoIterator<Item = E>) -> Vec<Rc<Node<E>>> {
    let numbers = LAYERS * WIDTH..;
    let mut list = vec![];
    for (number, end) in numbers.zip(ends) {
        let behind = node(number, Some(end));
        let before = node(0, None);
        // Twice, as something that is shared.
        *before.below.borrow_mut() = vec![Rc::clone(&behind), behind];
        list.push(before);
    }
    list
}

/// The ends of a list, in order.
fn ends<E>(list: &[Rc<Node<E>>]) -> Vec<Rc<Node<E>>> {
    let below = list.iter().flat_map(|node| {
        let below = node.below.borrow();
        below.first().cloned()
    });
    below.filter(|node| node.end.is_some()).collect()
}

/// Walks both graphs, and returns how many nodes there are.
fn assert_copied<E>(source: &[Rc<Node<E>>], copy: &[Rc<Node<E>>]) -> usize {
    let mut pairs: Vec<_> = source.iter().cloned().zip(copy.iter().cloned()).collect();
    let mut seen = HashMap::new();
    while let Some((one, other)) = pairs.pop() {
        assert_eq!(one.number, other.number);
        assert_eq!(Rc::strong_count(&one), Rc::strong_count(&other));
        match seen.insert(Rc::as_ptr(&one), Rc::as_ptr(&other)) {
            Some(before) => assert_eq!(before, Rc::as_ptr(&other)),
            None => {
                let (one, other) = (one.below.borrow(), other.below.borrow());
                pairs.extend(one.iter().cloned().zip(other.iter().cloned()));
            }
        }
    }
    let copies: HashSet<_> = seen.values().collect();
    assert_eq!(copies.len(), seen.len(), "one copy for each");
    seen.len()
}

/// Written by hand: sees whether its target is there.
struct Watcher(Weak<u32>);

impl_deep_clone! { impl for Watcher = |watcher, cloner| {
    let copy = cloner.deep_clone(&watcher.0)?;
    Ok(Watcher(copy.upgrade().map_or(Weak::new(), |target| Rc::downgrade(&target))))
} }

#[test]
fn a_large_graph_is_copied_whole_whatever_is_put_off() {
    let source = large([1, 2]);
    let copy = source.deep_clone();
    let nodes = assert_copied(&source, &copy);
    assert_eq!(nodes, (LAYERS * WIDTH + 4) as usize);
}

#[test]
fn a_list_out_of_order_and_one_of_the_same_pointer_are_copied_whole_too() {
    let mut source = large([1, 2]);
    for at in 0..source.len() {
        let other = at * 7_919 % source.len();
        source.swap(at, other);
    }
    assert_copied(&source, &source.deep_clone());
    let source = vec![node(7, None::<u32>); 5_000];
    assert_copied(&source, &source.deep_clone());
}

#[test]
fn a_copy_by_hand_sees_what_a_large_graph_before_it_leads_to() {
    #[derive(DeepClone)]
    enum End {
        Target(Rc<u32>),
        Watcher(Watcher),
    }
    for make in [small, large] {
        for inside in [false, true] {
            let target = Rc::new(7);
            let watcher = || Watcher(Rc::downgrade(&target));
            let mut all = vec![End::Target(Rc::clone(&target))];
            if inside {
                all.push(End::Watcher(watcher()));
            }
            let source = (make(all), (!inside).then(watcher));
            let copy = source.deep_clone();
            assert_copied(&source.0, &copy.0);
            let ends = ends(&copy.0);
            let watcher = match (&copy.1, ends.last().and_then(|last| last.end.as_ref())) {
                (Some(watcher), _) | (None, Some(End::Watcher(watcher))) => watcher,
                _ => panic!("as in the source"),
            };
            let seen = watcher.0.upgrade().expect("its target was copied before");
            assert_eq!((*seen, Rc::strong_count(&seen)), (7, 2));
            assert!(matches!(&ends[0].end, Some(End::Target(target)) if Rc::ptr_eq(target, &seen)));
        }
    }
}

#[test]
fn a_parent_by_hand_in_a_large_graph_is_entered_before_the_child_behind_it() {
    struct Parent(RefCell<Vec<Rc<Child>>>);
    #[derive(DeepClone)]
    struct Child {
        parent: RefCell<Weak<Parent>>,
    }
    impl_deep_clone! { impl for Parent = |parent, cloner| {
        Ok(Parent(RefCell::new(cloner.deep_clone(&*parent.0.borrow())?)))
    } }
    #[derive(DeepClone)]
    enum End {
        Family(Rc<RefCell<Rc<Parent>>>),
        Child(Rc<Child>),
    }
    for make in [small, large] {
        let parent = Rc::new(Parent(RefCell::default()));
        let child = Rc::new(Child {
            parent: RefCell::new(Rc::downgrade(&parent)),
        });
        parent.0.borrow_mut().push(Rc::clone(&child));
        let family = Rc::new(RefCell::new(parent));
        let source = make(vec![End::Family(Rc::clone(&family)), End::Child(child)]);
        let copy = source.deep_clone();
        let ends = ends(&copy);
        let [Some(End::Family(family)), Some(End::Child(child))] = [&ends[0].end, &ends[1].end]
        else {
            panic!("as in the source");
        };
        let parent = family.borrow();
        assert!(Rc::ptr_eq(&parent.0.borrow()[0], child));
        let back = child.parent.borrow().upgrade().expect("its parent");
        assert!(Rc::ptr_eq(&back, &parent));
    }
}

#[test]
fn code_by_hand_in_a_large_graph_may_ask_for_what_is_beside_it() {
    struct Asks(Rc<Asked>);
    impl_deep_clone! { impl for Asks = |asks, cloner| Ok(Asks(cloner.deep_clone(&asks.0)?)) }
    #[derive(DeepClone)]
    struct Asked {
        watcher: Watcher,
        asks: Option<Asks>,
    }
    for make in [small, large] {
        for asks_first in [false, true] {
            let nowhere = Rc::new(7);
            let asked_by = |asks| {
                let watcher = Watcher(Rc::downgrade(&nowhere));
                Rc::new(Asked { watcher, asks })
            };
            let asked = asked_by(None);
            let asking = asked_by(Some(Asks(Rc::clone(&asked))));
            let mut all = vec![Rc::clone(&asked), Rc::clone(&asking)];
            if asks_first {
                all.reverse();
            }
            let copy = make(all).deep_clone();
            let ends = ends(&copy);
            let mut ends: Vec<_> = ends.iter().filter_map(|node| node.end.as_ref()).collect();
            if asks_first {
                ends.reverse();
            }
            let asks = ends[1].asks.as_ref().expect("as in the source");
            assert!(Rc::ptr_eq(&asks.0, ends[0]));
            assert!(ends.iter().all(|node| node.watcher.0.upgrade().is_none()));
        }
    }
}

thread_local! {
    static RUNS: Cell<u32> = const { Cell::new(0) };
}

fn counted(number: &u32) -> u32 {
    RUNS.set(RUNS.get() + 1);
    *number
}

#[derive(DeepClone)]
struct Counted(#[deepclone(with = counted)] u32);

#[test]
fn user_code_in_a_large_graph_and_behind_it_runs_once() {
    for make in [small, large] {
        RUNS.set(0);
        let source = (make(vec![Counted(1), Counted(2)]), Counted(3));
        let copy = source.deep_clone();
        assert_eq!((RUNS.get(), copy.1.0), (3, 3));
        assert_copied(&source.0, &copy.0);
        for (end, number) in ends(&copy.0).iter().zip(1..) {
            assert_eq!(end.end.as_ref().map(|counted| counted.0), Some(number));
        }
    }
}

#[test]
fn an_error_in_a_large_graph_leaves_nothing_of_it() {
    #[derive(DeepClone)]
    enum End {
        Good(Rc<u32>),
        Bad(RefCell<u32>),
    }
    for make in [small, large] {
        let good = Rc::new(7);
        let all = vec![End::Good(Rc::clone(&good)), End::Bad(RefCell::new(1))];
        let source = make(all);
        let nodes = ends(&source);
        let Some(End::Bad(bad)) = &nodes[1].end else {
            panic!("as it was made");
        };
        let held = bad.borrow_mut();
        let measured = allocation_counter::measure(|| {
            let failed = source.try_deep_clone().err();
            assert_eq!(
                failed.map(|error: Error| error.kind()),
                Some(ErrorKind::AlreadyBorrowed)
            );
        });
        assert_eq!(measured.bytes_current, 0);
        assert_eq!((Rc::strong_count(&good), Rc::weak_count(&good)), (2, 0));
        drop(held);
        drop(nodes);
        assert_copied(&source, &source.deep_clone());
    }
}

/// What several threads may share, with edges that are set later.
#[derive(DeepClone)]
struct Across {
    number: u32,
    counted: Option<CountedAcross>,
    below: OnceLock<Vec<Arc<Across>>>,
}

static RUNS_ACROSS: AtomicU32 = AtomicU32::new(0);

fn count_across(number: &u32) -> u32 {
    RUNS_ACROSS.fetch_add(1, Ordering::Relaxed);
    *number
}

#[derive(DeepClone)]
struct CountedAcross(#[deepclone(with = count_across)] u32);

/// A list of nodes, the first of which leads to all others. The last has user code, if that is wanted.
fn across(counts: bool) -> Vec<Arc<Across>> {
    let count = 6_000;
    let list: Vec<_> = (0..count)
        .map(|number| {
            Arc::new(Across {
                number,
                counted: (counts && number + 1 == count).then_some(CountedAcross(number)),
                below: OnceLock::new(),
            })
        })
        .collect();
    for (at, node) in list.iter().enumerate() {
        let below = [2 * at + 1, 2 * at + 2];
        let below = below.iter().filter_map(|at| list.get(*at).cloned());
        node.below.set(below.collect()).ok();
    }
    list
}

#[test]
fn a_large_graph_that_is_tried_by_several_threads_is_copied_whole_and_once() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build();
    let pool = pool.expect("a pool");
    for counts in [false, true] {
        let source = across(counts);
        RUNS_ACROSS.store(0, Ordering::Relaxed);
        let copy = pool.install(|| source.par_deep_clone());
        assert_eq!(RUNS_ACROSS.load(Ordering::Relaxed), u32::from(counts));
        for (source, node) in source.iter().zip(&copy) {
            assert_eq!(source.number, node.number);
            assert_eq!(Arc::strong_count(source), Arc::strong_count(node));
            assert!(!Arc::ptr_eq(source, node));
            let below = |node: &Across| node.below.get().map_or(0, Vec::len);
            assert_eq!(below(source), below(node));
            for below in node.below.get().into_iter().flatten() {
                assert!(Arc::ptr_eq(below, &copy[below.number as usize]));
            }
        }
    }
}
