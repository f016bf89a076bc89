//! What is copied, what stays borrowed, what is shared, and what an error says.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "the same bodies run for both families"
)]

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::error::Error as _;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use deepclone::{
    Cloner, DeepClone, Error, ErrorKind, ImmutablePolicy, Options, Session, Stats, impl_deep_clone,
};
use deepclone_tests::each_family;
use deepclone_tests::picture::{Picture, assert_copied};

#[test]
fn what_is_borrowed_stays_borrowed() {
    #[derive(DeepClone)]
    struct View<'a> {
        text: &'a str,
        numbers: &'a [RefCell<u8>],
        cow: Cow<'a, str>,
        call: fn(&str) -> usize,
        owned: String,
    }

    let text = String::from("text");
    let numbers = [RefCell::new(1)];
    let source = View {
        text: &text,
        numbers: &numbers,
        cow: Cow::Borrowed(&text),
        call: str::len,
        owned: text.clone(),
    };
    // What is only borrowed is not looked at.
    let open = numbers[0].borrow_mut();
    let copy = source.deep_clone();
    drop(open);
    assert!(std::ptr::eq(copy.text, source.text));
    assert!(std::ptr::eq(copy.numbers, source.numbers));
    assert!(matches!(copy.cow, Cow::Borrowed(borrowed) if std::ptr::eq(borrowed, text.as_str())));
    assert_eq!((copy.call)("four"), 4);
    assert_ne!(copy.owned.as_ptr(), source.owned.as_ptr());
}

#[test]
fn a_change_of_the_copy_does_not_reach_the_source() {
    #[derive(DeepClone)]
    struct Document {
        title: Rc<RefCell<String>>,
        pages: Vec<Rc<RefCell<Vec<String>>>>,
        index: HashMap<String, Rc<RefCell<Vec<String>>>>,
    }

    let page = Rc::new(RefCell::new(vec![String::from("line")]));
    let source = Document {
        title: Rc::new(RefCell::new(String::from("title"))),
        pages: vec![Rc::clone(&page), Rc::clone(&page)],
        index: HashMap::from([(String::from("page"), page)]),
    };
    let copy = source.deep_clone();
    copy.title.borrow_mut().push('!');
    copy.pages[0].borrow_mut().push(String::from("another"));
    assert_eq!(copy.index["page"].borrow().len(), 2);
    assert_eq!(copy.pages[1].borrow().len(), 2);
    assert_eq!(*source.title.borrow(), "title");
    assert_eq!(source.index["page"].borrow().len(), 1);
}

#[test]
fn the_state_that_clone_keeps_is_kept() {
    let mut range = 1..=3_u8;
    range.by_ref().for_each(drop);
    assert!(range.deep_clone().is_empty());
    assert_eq!(range.deep_clone().next(), None);
    assert!(OnceCell::<u8>::new().deep_clone().get().is_none());
    assert!(OnceLock::<u8>::new().deep_clone().get().is_none());
    let cell = OnceCell::<Rc<u8>>::new().deep_clone();
    assert_eq!(**cell.get_or_init(|| Rc::new(3)), 3);
    let nan = f64::from_bits(0x7ff0_0000_0000_0001);
    assert_eq!(nan.deep_clone().to_bits(), nan.to_bits());
}

#[test]
fn references_need_nothing_to_outlive() {
    fn copies(text: &str) -> Rc<RefCell<Vec<&str>>> {
        Rc::new(RefCell::new(vec![text])).deep_clone()
    }

    let text = String::from("short-lived");
    assert_eq!(*copies(&text).borrow(), ["short-lived"]);
}

/// Copies of it go wrong as it is told to.
struct Grumpy(&'static str);

#[derive(Debug)]
struct Grumble(&'static str);

impl std::fmt::Display for Grumble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Grumble {}

impl From<Grumble> for Error {
    fn from(grumble: Grumble) -> Self {
        Self::custom(grumble)
    }
}

fn grumble(grumpy: &Grumpy, _: &mut Cloner<'_>) -> Result<Grumpy, Grumble> {
    Err(Grumble(grumpy.0))
}

impl_deep_clone! { impl for Grumpy = grumble }

#[derive(DeepClone)]
struct Scene {
    nodes: Vec<Rc<Item>>,
    by_name: HashMap<String, Option<Box<Kind>>>,
    pair: (u8, RefCell<Kind>),
}

#[derive(DeepClone)]
struct Item {
    gate: RefCell<u8>,
    lock: Mutex<u8>,
}

#[derive(DeepClone)]
enum Kind {
    Unit,
    Tuple(u8, Grumpy),
    Named { inner: [Grumpy; 2] },
}

fn scene() -> Scene {
    let item = |number| {
        Rc::new(Item {
            gate: RefCell::new(number),
            lock: Mutex::new(number),
        })
    };
    Scene {
        nodes: (0..5).map(item).collect(),
        by_name: HashMap::from([(String::from("unit"), Some(Box::new(Kind::Unit)))]),
        pair: (1, RefCell::new(Kind::Unit)),
    }
}

#[test]
fn a_cell_that_is_mutably_borrowed_is_an_error_with_a_path() {
    let scene = scene();
    let open = scene.nodes[3].gate.borrow_mut();
    let error = scene.try_deep_clone().err().expect("a cell is open");
    drop(open);
    assert_eq!(error.kind(), ErrorKind::AlreadyBorrowed);
    assert_eq!(error.path(), "Scene.nodes[3].gate");
    assert_eq!(error.type_name(), std::any::type_name::<RefCell<u8>>());
    assert!(error.source().is_none());
    let text = error.to_string();
    assert!(text.contains("Scene.nodes[3].gate"), "{text}");
    assert!(
        text.lines()
            .last()
            .is_some_and(|line| line.trim_start().starts_with("help: ")),
        "{text}"
    );
    assert!(scene.try_deep_clone().is_ok());
}

#[test]
fn a_cell_that_is_borrowed_for_reading_is_none() {
    let scene = scene();
    let read = scene.nodes[3].gate.borrow();
    assert_eq!(*scene.deep_clone().nodes[3].gate.borrow_mut(), 3);
    assert_eq!(*read, 3);
}

#[test]
fn a_poisoned_lock_is_an_error_with_a_path() {
    let scene = scene();
    let poisoning = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _guard = scene.nodes[4].lock.lock();
        std::panic::resume_unwind(Box::new(()));
    }));
    assert!(poisoning.is_err());
    let error = scene.try_deep_clone().err().expect("a lock is poisoned");
    assert_eq!(error.kind(), ErrorKind::Poisoned);
    assert_eq!(error.path(), "Scene.nodes[4].lock");
    assert!(scene.nodes[4].lock.is_poisoned());
    scene.nodes[4].lock.clear_poison();
    assert!(scene.try_deep_clone().is_ok());
}

#[test]
fn an_error_of_the_users_comes_back_with_the_path_through_maps_tuples_and_variants() {
    let mut scene = scene();
    scene.by_name.insert(
        String::from("tuple"),
        Some(Box::new(Kind::Tuple(1, Grumpy("no")))),
    );
    let error = scene.try_deep_clone().err().expect("grumpy");
    assert_eq!(error.kind(), ErrorKind::Custom);
    assert!(
        error.path().starts_with("Scene.by_name["),
        "{}",
        error.path()
    );
    assert!(error.path().ends_with("]::Tuple.1"), "{}", error.path());
    let source = error
        .source()
        .and_then(|source| source.downcast_ref::<Grumble>());
    assert_eq!(source.map(|grumble| grumble.0), Some("no"));
    assert!(error.to_string().contains("no"), "{error}");
    scene.by_name.remove("tuple");

    *scene.pair.1.borrow_mut() = Kind::Named {
        inner: [Grumpy("never"), Grumpy("again")],
    };
    let error = scene.try_deep_clone().err().expect("grumpy");
    assert_eq!(error.path(), "Scene.pair.1::Named.inner[0]");
    assert_eq!(error.type_name(), std::any::type_name::<Grumpy>());
}

#[test]
fn paths_begin_at_the_root_whatever_it_is() {
    let grumpy = || Grumpy("no");
    let path = |error: Option<Error>| error.expect("grumpy").path().to_owned();
    assert_eq!(path((1_u8, grumpy()).try_deep_clone().err()), "(_, _).1");
    let nested = Rc::new(Some(Box::new((grumpy(), 1_u8, 2_u8))));
    assert_eq!(path(nested.try_deep_clone().err()), "(_, _, _).0");
    let error = grumpy().try_deep_clone().err();
    assert_eq!(path(error), "Grumpy");
    let error = vec![(0_u8, Ok::<u8, Grumpy>(1)), (1, Err(grumpy()))]
        .try_deep_clone()
        .err();
    let path = path(error);
    assert!(path.contains("[1].1"), "{path}");
}

#[test]
fn errors_are_small_and_can_be_sent() {
    fn can_be_sent<T: Send + Sync + 'static + std::error::Error>() {}
    can_be_sent::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Error>>(), size_of::<usize>());
    let error = Error::custom("a text of the user's");
    assert_eq!(error.kind(), ErrorKind::Custom);
    assert_eq!(
        error.source().map(ToString::to_string).as_deref(),
        Some("a text of the user's")
    );
    assert!(format!("{error:?}").contains("Custom"));
}

#[test]
fn a_strong_cycle_through_a_copy_written_by_hand_is_incomplete_and_says_so() {
    struct Hand {
        next: RefCell<Option<Rc<Hand>>>,
    }

    impl_deep_clone! {
        impl for Hand = |hand, cloner| Ok(Hand { next: cloner.deep_clone(&hand.next)? })
    }

    let hand = Rc::new(Hand {
        next: RefCell::default(),
    });
    *hand.next.borrow_mut() = Some(Rc::clone(&hand));
    let error = hand.try_deep_clone().err().expect("a cycle by hand");
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    assert!(error.type_name().ends_with("Hand"), "{}", error.type_name());
    let text = error.to_string();
    assert!(text.contains("help: ") && text.contains("Hand"), "{text}");
    assert_eq!((Rc::strong_count(&hand), Rc::weak_count(&hand)), (2, 0));
    hand.next.take();
    assert!(hand.deep_clone().next.borrow().is_none());
}

#[test]
fn limits_are_errors_and_counted_by_what_is_copied() {
    let source = vec![Rc::new([0_u8; 100]), Rc::new([1; 100])];
    let limited = |options: Options| {
        Session::with_options(options)
            .deep_clone(&source)
            .err()
            .map(|error| error.kind())
    };
    assert_eq!(
        limited(Options::new().max_objects(1)),
        Some(ErrorKind::LimitExceeded)
    );
    assert_eq!(limited(Options::new().max_objects(2)), None);
    assert_eq!(
        limited(Options::new().max_bytes(150)),
        Some(ErrorKind::LimitExceeded)
    );
    assert_eq!(limited(Options::new().max_bytes(1_000)), None);
    let nested = Box::new(Box::new(Box::new(1_u8)));
    let depth = |depth| {
        Session::with_options(Options::new().max_depth(depth))
            .deep_clone(&nested)
            .is_ok()
    };
    assert!(depth(3) && !depth(2));
}

#[test]
fn what_cannot_be_shared_between_threads_is_not() {
    trait AmbiguousIfSend<A> {
        fn some_item() {}
    }
    impl<T: ?Sized> AmbiguousIfSend<()> for T {}
    #[allow(dead_code)]
    struct Sends;
    impl<T: ?Sized + Send> AmbiguousIfSend<Sends> for T {}
    trait AmbiguousIfSync<A> {
        fn some_item() {}
    }
    impl<T: ?Sized> AmbiguousIfSync<()> for T {}
    #[allow(dead_code)]
    struct Syncs;
    impl<T: ?Sized + Sync> AmbiguousIfSync<Syncs> for T {}

    // Each of these compiles only while the type is neither.
    <Session as AmbiguousIfSend<_>>::some_item();
    <Session as AmbiguousIfSync<_>>::some_item();
    <Cloner<'_> as AmbiguousIfSend<_>>::some_item();
    <Cloner<'_> as AmbiguousIfSync<_>>::some_item();
}

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
        assert_eq!((Strong::strong_count(&source.0), Strong::weak_count(&source.0)), (2, 0));
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

#[test]
fn cells_and_locks_are_closed_in_the_copy() {
    let source = (
        Rc::new(RefCell::new(1)),
        Arc::new(Mutex::new(2)),
        Arc::new(RwLock::new(3)),
        Cell::new(4),
    );
    let read = source.0.borrow();
    let copy = source.deep_clone();
    drop(read);
    assert_eq!(*copy.0.try_borrow_mut().expect("closed"), 1);
    assert_eq!(*copy.1.try_lock().expect("open"), 2);
    assert_eq!(*copy.2.try_write().expect("open"), 3);
    assert_eq!(copy.3.get(), 4);
}
