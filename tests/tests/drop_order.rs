//! In which order copies are dropped: as their source would be. And what a clone that fails drops: what user code has made, once, and nothing that is
//! half built.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "nothing here leaves its thread"
)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, LinkedList, VecDeque};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use deepclone::{Cloner, DeepClone, Error, impl_deep_clone};
use deepclone_tests::each_family;

thread_local! {
    /// What was dropped, in order.
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    /// After how many copies of marks the next one fails.
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
    /// Whether it panics.
    static PANICS: Cell<bool> = const { Cell::new(false) };
    /// The marks that were copied.
    static MADE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn log_of<T>(value: T) -> Vec<String> {
    LOG.take();
    drop(value);
    LOG.take()
}

fn log(entry: impl Into<String>) {
    LOG.with_borrow_mut(|log| log.push(entry.into()));
}

/// Tells that it is dropped. Derived, so that the engine makes its copies.
#[derive(DeepClone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Mark(String);

impl Drop for Mark {
    fn drop(&mut self) {
        log(&self.0);
    }
}

fn mark(name: &str) -> Mark {
    Mark(name.to_owned())
}

fn marks(names: &str) -> impl Iterator<Item = Mark> {
    names.split_whitespace().map(mark)
}

/// The source and its copy tell the same, and so does the copy of the copy.
#[track_caller]
fn assert_same_order<T: DeepClone>(source: T) -> Vec<String> {
    let copy = source.deep_clone();
    let second = copy.deep_clone();
    let expected = log_of(copy);
    assert_eq!(log_of(second), expected);
    assert_eq!(log_of(source), expected);
    assert!(!expected.is_empty());
    expected
}

#[test]
fn fields_are_dropped_in_the_order_of_their_declaration_and_after_their_owner() {
    #[derive(DeepClone)]
    struct Owner {
        z: Mark,
        a: (Mark, Mark),
        m: Box<Mark>,
        tail: [Mark; 2],
    }
    impl Drop for Owner {
        fn drop(&mut self) {
            log("owner");
        }
    }
    #[derive(DeepClone)]
    enum Either {
        Tuple(Mark, Option<Mark>),
        Named { second: Mark, first: Mark },
    }
    let owner = || Owner {
        tail: [mark("t0"), mark("t1")],
        m: Box::new(mark("m")),
        a: (mark("a0"), mark("a1")),
        z: mark("z"),
    };
    assert_eq!(
        assert_same_order(owner()),
        ["owner", "z", "a0", "a1", "m", "t0", "t1"]
    );
    let either = vec![
        Either::Tuple(mark("0"), Some(mark("1"))),
        Either::Named {
            first: mark("3"),
            second: mark("2"),
        },
        Either::Tuple(mark("4"), None),
    ];
    assert_eq!(assert_same_order(either), ["0", "1", "2", "3", "4"]);
}

#[test]
fn elements_of_sequences_are_dropped_from_the_front() {
    let names = "d a c b";
    let expected = ["d", "a", "c", "b"];
    assert_eq!(
        assert_same_order(marks(names).collect::<Vec<_>>()),
        expected
    );
    assert_eq!(
        assert_same_order(marks(names).collect::<Box<[_]>>()),
        expected
    );
    assert_eq!(
        assert_same_order(marks(names).collect::<LinkedList<_>>()),
        expected
    );
    // One that goes around the end of its buffer.
    let mut deque: VecDeque<_> = marks("x y c b").collect();
    deque.rotate_left(2);
    deque.truncate(2);
    deque.push_front(mark("a"));
    deque.push_front(mark("d"));
    assert_eq!(assert_same_order(deque), expected);
    // A heap is a vector in disguise, and keeps its layout.
    assert_eq!(
        assert_same_order(marks("d a c b e").collect::<BinaryHeap<_>>()).len(),
        5
    );
    // Half of it has been taken.
    let mut iter = marks("x y d a c b").collect::<Vec<_>>().into_iter();
    drop((iter.next(), iter.next()));
    assert_eq!(assert_same_order(iter), expected);
}

#[test]
fn entries_of_maps_are_dropped_key_before_value_and_in_the_order_of_the_map() {
    let pairs = || marks("c a b").zip(marks("C A B"));
    assert_eq!(
        assert_same_order(pairs().collect::<BTreeMap<_, _>>()),
        ["a", "A", "b", "B", "c", "C"]
    );
    assert_eq!(
        assert_same_order(marks("c a b").collect::<BTreeSet<_>>()),
        ["a", "b", "c"]
    );
    // A hash map has an order of its own, which its copy has as well if the hashes are the same.
    type Hashed = HashMap<Mark, Mark, BuildHasherDefault<DefaultHasher>>;
    let log = assert_same_order(pairs().collect::<Hashed>());
    for pair in log.chunks(2) {
        assert_eq!(pair[0].to_uppercase(), pair[1]);
    }
    let mut sorted = log;
    sorted.sort();
    assert_eq!(sorted, ["A", "B", "C", "a", "b", "c"]);
}

each_family! {
    #[test]
    fn shared_things_are_dropped_with_the_last_handle_in_the_order_of_the_handles() {
        #[derive(DeepClone)]
        struct Holder {
            early: Vec<Strong<Mark>>,
            cell: Slot<Option<Strong<Mark>>>,
            middle: Mark,
            late: Strong<Mark>,
            weak: Weak<Mark>,
        }
        let [a, b, c] = ["a", "b", "c"].map(|name| Strong::new(mark(name)));
        let holder = Holder {
            early: vec![b.clone(), a.clone(), b],
            cell: Slot::new(Some(c.clone())),
            middle: mark("middle"),
            weak: Strong::downgrade(&c),
            late: a,
        };
        drop(c);
        assert_eq!(assert_same_order(holder), ["b", "c", "middle", "a"]);
    }

    /// A chain, a fan and a loop, each of which tells of itself before what it owns.
    #[derive(DeepClone)]
    struct Node {
        name: String,
        edges: Slot<Vec<Strong<Node>>>,
        parent: Slot<Weak<Node>>,
    }

    impl Drop for Node {
        fn drop(&mut self) {
            let parent = open(&self.parent).upgrade().map_or("nobody".to_owned(), |parent| parent.name.clone());
            log(format!("{} of {parent}", self.name));
        }
    }

    fn node(name: &str, edges: &[&Strong<Node>]) -> Strong<Node> {
        let node = Strong::new(Node {
            name: name.to_owned(),
            edges: Slot::new(edges.iter().map(|edge| Strong::clone(edge)).collect()),
            parent: Slot::default(),
        });
        for edge in edges {
            *open(&edge.parent) = Strong::downgrade(&node);
        }
        node
    }

    #[test]
    fn graphs_are_dropped_from_the_root_down_edge_by_edge() {
        let leaf = node("leaf", &[]);
        let (left, right) = (node("left", &[&leaf]), node("right", &[&leaf]));
        let root = node("root", &[&left, &right, &left]);
        drop((left, right, leaf));
        // The left one has two handles and goes with the second, and the leaf with it. When a node goes, its parent is going already.
        let expected = ["root of nobody", "right of nobody", "left of nobody", "leaf of nobody"];
        assert_eq!(assert_same_order(root), expected);
        // A loop, cut by hand.
        let (a, b) = (node("a", &[]), node("b", &[]));
        open(&a.edges).push(b.clone());
        open(&b.edges).push(a.clone());
        *open(&b.parent) = Strong::downgrade(&a);
        drop(b);
        let copy = a.deep_clone();
        let cut = |node: Strong<Node>| {
            LOG.take();
            let edges = std::mem::take(&mut *open(&node.edges));
            drop((edges, node));
            LOG.take()
        };
        let of_the_copy = cut(copy);
        assert_eq!(of_the_copy, ["b of a", "a of nobody"]);
        assert_eq!(cut(a), of_the_copy);
    }

    /// Made by user code, one by one, until that fails.
    struct Made(String);

    impl_deep_clone! { impl for Made = make }

    fn make(made: &Made, _: &mut Cloner<'_>) -> Result<Made, Error> {
        if LEFT.get() == 0 {
            if PANICS.get() {
                resume_unwind(Box::new("no more"));
            }
            return Err(Error::custom("no more"));
        }
        LEFT.set(LEFT.get() - 1);
        MADE.with_borrow_mut(|made_so_far| made_so_far.push(made.0.clone()));
        Ok(Made(made.0.clone()))
    }

    impl Drop for Made {
        fn drop(&mut self) {
            log(&self.0);
        }
    }

    /// Derived. Its `Drop` reads all of it.
    #[derive(DeepClone)]
    struct Owner {
        first: Made,
        list: Vec<Made>,
        next: Slot<Option<Strong<Owner>>>,
        pairs: BTreeMap<u32, Made>,
        last: Box<Made>,
    }

    impl Drop for Owner {
        fn drop(&mut self) {
            let pairs: String = self.pairs.values().map(|made| made.0.as_str()).collect();
            let list: String = self.list.iter().map(|made| made.0.as_str()).collect();
            log(format!("owner {} {list} {pairs} {}", self.first.0, self.last.0));
        }
    }

    fn owner(prefix: &str, next: Option<Strong<Owner>>) -> Strong<Owner> {
        let made = |number: u32| Made(format!("{prefix}{number}"));
        Strong::new(Owner {
            first: made(0),
            list: vec![made(1), made(2)],
            next: Slot::new(next),
            pairs: [(8, made(4)), (7, made(3))].into(),
            last: Box::new(made(5)),
        })
    }

    /// Reads what it was given, so that user code has seen it.
    struct Sees(Strong<Owner>, Made);

    impl_deep_clone! {
        impl for Sees = |sees, cloner| Ok(Sees(cloner.deep_clone(&sees.0)?, cloner.deep_clone(&sees.1)?))
    }

    fn fails_after<T: DeepClone>(source: &T, copies: usize) -> (Vec<String>, Vec<String>) {
        LOG.take();
        MADE.take();
        LEFT.set(copies);
        let ended = catch_unwind(AssertUnwindSafe(|| source.try_deep_clone().is_ok()));
        LEFT.set(usize::MAX);
        assert!(!matches!(ended, Ok(true)));
        (MADE.take(), LOG.take())
    }

    #[test]
    fn a_clone_that_fails_drops_what_was_made_once_and_no_owner_that_is_half_built() {
        for panics in [false, true] {
            PANICS.set(panics);
            let inner = owner("i", None);
            let source = (owner("o", Some(inner.clone())), [Strong::downgrade(&inner)], inner.clone());
            for copies in 0..12 {
                let (mut made, mut dropped) = fails_after(&source, copies);
                assert_eq!(made.len(), copies);
                // User code has seen none of the owners, so they are taken apart without their `Drop`.
                made.sort();
                dropped.sort();
                assert_eq!(dropped, made, "each once, in some order");
            }
            assert_eq!(counts(&inner), (3, 1));
        }
    }

    #[test]
    fn what_user_code_has_seen_is_whole_when_a_failure_drops_it() {
        for panics in [false, true] {
            PANICS.set(panics);
            let inner = owner("i", None);
            let source = vec![Sees(owner("o", Some(inner.clone())), Made("x".to_owned())), Sees(inner, Made("y".to_owned()))];
            for copies in 0..14 {
                let (mut made, dropped) = fails_after(&source, copies);
                let (owners, mut dropped): (Vec<_>, Vec<_>) =
                    dropped.into_iter().partition(|entry| entry.starts_with("owner"));
                for owner in &owners {
                    assert!(["owner o0 o1o2 o3o4 o5", "owner i0 i1i2 i3i4 i5"].contains(&owner.as_str()), "{owner}");
                }
                // Both are seen when the first `Sees` has got them, and not before.
                assert_eq!(owners.len(), if copies >= 12 { 2 } else { 0 }, "after {copies}");
                made.sort();
                dropped.sort();
                assert_eq!(dropped, made, "each once");
            }
        }
    }
}

/// A key that panics when it is compared.
#[derive(DeepClone)]
struct Compared(Mark, Option<std::rc::Rc<u32>>);

impl Compared {
    fn rank(&self) -> &str {
        if PANICS.get() {
            resume_unwind(Box::new("compared"));
        }
        &self.0.0
    }
}

deepclone_tests::ranked!(Compared);

#[test]
fn keys_that_were_compared_are_dropped_as_usual_and_one_that_was_not_is_not() {
    fn dropped<T: DeepClone>(source: &T) -> Vec<String> {
        LOG.take();
        PANICS.set(true);
        let cloned = catch_unwind(AssertUnwindSafe(|| source.try_deep_clone()));
        PANICS.set(false);
        assert!(cloned.is_err());
        let mut dropped = LOG.take();
        dropped.sort_unstable();
        dropped
    }
    for shared in [false, true] {
        let key = |name: &str| Compared(Mark(name.into()), shared.then(|| std::rc::Rc::new(1)));
        let keys = || ["a", "b", "c"].map(key);
        assert_eq!(dropped(&BTreeSet::from(keys())), ["a", "b"]);
        assert_eq!(
            dropped(&BTreeMap::from(keys().map(|key| (key, 1)))),
            ["a", "b"]
        );
        assert_eq!(dropped(&RefCell::new(BTreeSet::from(keys()))), ["a", "b"]);
        assert_eq!(
            dropped(&std::rc::Rc::new(RefCell::new(BTreeSet::from(keys())))),
            ["a", "b"]
        );
        // Nobody has seen the one that is alone.
        let source = (
            BTreeSet::from([key("alone")]),
            HashMap::from([(key("hashed"), 1)]),
        );
        assert_eq!(dropped(&source), ["hashed"]);
    }
}
