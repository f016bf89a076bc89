//! What an error says: its kind, its path, its source.

use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error as _;
use std::rc::Rc;
use std::sync::Mutex;

use deepclone::{Cloner, DeepClone, Error, ErrorKind, Options, Session, impl_deep_clone};

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
