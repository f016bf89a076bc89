//! Calls of a session that fail leave nothing that a later call could trip over.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells, and where their maps lie, are the point"
)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use deepclone::{DeepClone, Error, ErrorKind, Options, Session, impl_deep_clone};
use deepclone_tests::each_family;

/// Its copy always fails.
struct Fails;

impl_deep_clone! { impl for Fails = |_, _| Err(Error::custom("it always does")) }

thread_local! {
    /// Whether the next copy of a hasher that is dropped panics.
    static ARMED: Cell<bool> = const { Cell::new(false) };
}

/// A hasher whose copies may panic when they are dropped.
struct Heavy {
    is_copy: bool,
}

impl Clone for Heavy {
    fn clone(&self) -> Self {
        Self { is_copy: true }
    }
}

impl BuildHasher for Heavy {
    type Hasher = DefaultHasher;
    fn build_hasher(&self) -> DefaultHasher {
        DefaultHasher::new()
    }
}

impl Drop for Heavy {
    fn drop(&mut self) {
        if self.is_copy && ARMED.take() {
            resume_unwind(Box::new("dropped"));
        }
    }
}

each_family! {
    #[test]
    fn what_has_died_and_exceeds_the_limit_when_it_is_copied_again_is_an_error_each_time() {
        let source = Strong::new(String::from("hello"));
        let mut session = Session::with_options(Options::new().max_objects(1));
        drop(session.deep_clone(&source).expect("one is allowed"));
        for _ in 0..3 {
            let error = session.deep_clone(&source).expect_err("a second is not");
            assert_eq!(error.kind(), ErrorKind::LimitExceeded);
            assert!(session.copy_of(&source).is_none());
        }
        drop(session);
        assert_eq!(counts(&source), (1, 0));
    }

    #[test]
    fn a_weak_edge_met_first_leads_to_the_new_copy_when_the_earlier_one_has_died() {
        let target = Strong::new(String::from("target"));
        let mut session = Session::new();
        drop(session.deep_clone(&target).expect("plain"));
        let source = (Strong::downgrade(&target), target);
        let (weak, strong) = session.deep_clone(&source).expect("plain");
        let upgraded = weak.upgrade().expect("it leads somewhere");
        assert!(Strong::ptr_eq(&upgraded, &strong));
        let (weak, again) = session.deep_clone(&source).expect("plain");
        assert!(Strong::ptr_eq(&again, &strong));
        drop((weak, strong, again, upgraded));
        assert!(session.copy_of(&source.1).is_none());
    }

    struct Drops(Strong<String>);

    impl_deep_clone! { impl for Drops = |drops, cloner| {
        drop(cloner.deep_clone(&drops.0)?);
        drop(cloner.deep_clone(&drops.0)?);
        Ok(Drops(cloner.deep_clone(&drops.0)?))
    } }

    /// Each copy that is asked for again after the last handle to it was dropped is a new object.
    #[test]
    fn what_user_code_drops_and_asks_for_again_is_counted_and_limited_each_time() {
        let text = Strong::new(String::from("text"));
        let source = vec![Drops(text.clone()), Drops(text)];
        let copy = source.deep_clone();
        assert!(Strong::ptr_eq(&copy[0].0, &copy[1].0));
        for limit in 0..6 {
            let mut session = Session::with_options(Options::new().max_objects(limit));
            for _ in 0..3 {
                match session.deep_clone(&source) {
                    Ok(copy) => {
                        assert!(Strong::ptr_eq(&copy[0].0, &copy[1].0));
                        assert_eq!(Strong::strong_count(&copy[0].0), 2);
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::LimitExceeded),
                }
            }
        }
        assert_eq!(counts(&source[0].0), (2, 0));
    }

    thread_local! {
        static READ: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    #[derive(DeepClone)]
    struct Node {
        id: u64,
        hand: Slot<Option<Asks>>,
        next: Slot<Option<Strong<Node>>>,
        text: String,
    }

    struct Asks(Weak<Node>);

    impl_deep_clone! { impl for Asks = |asks, cloner| {
        let node = cloner.deep_clone(&asks.0)?;
        if let Some(node) = node.upgrade() {
            READ.with_borrow_mut(|read| read.push(node.text.clone()));
        }
        Ok(Asks(node))
    } }

    fn node() -> Strong<Node> {
        Strong::new(Node { id: 7, hand: Slot::default(), next: Slot::default(), text: "text".repeat(20) })
    }

    /// The address of a copy that has died may be that of a later one, which is not finished yet.
    #[test]
    fn a_copy_at_the_address_of_one_that_died_in_a_failed_call_is_not_taken_for_finished() {
        for _ in 0..50 {
            let first = node();
            let mut session = Session::new();
            drop(session.deep_clone(&first).expect("plain"));
            let failed = session.deep_clone(&(first.clone(), Fails));
            assert_eq!(failed.err().map(|error| error.kind()), Some(ErrorKind::Custom));
            let second = node();
            *open(&second.hand) = Some(Asks(Strong::downgrade(&second)));
            match session.deep_clone(&second) {
                Ok(copy) => assert_eq!((copy.id, copy.text.as_str()), (7, second.text.as_str())),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Incomplete),
            }
            assert!(READ.take().iter().all(|read| *read == second.text));
        }
    }

    #[derive(DeepClone)]
    struct Hashed {
        text: String,
        map: HashMap<u8, Fails, Heavy>,
    }

    #[test]
    fn a_hasher_that_panics_when_it_is_dropped_after_a_failure_leaves_the_session_usable() {
        let mut map = HashMap::with_hasher(Heavy { is_copy: false });
        map.insert(1, Fails);
        let source = Strong::new(Hashed { text: "text".repeat(20), map });
        let mut session = Session::new();
        ARMED.set(true);
        let failed = catch_unwind(AssertUnwindSafe(|| session.deep_clone(&source).is_ok()));
        assert!(!matches!(failed, Ok(true)));
        assert!(!ARMED.take(), "the hasher was dropped");
        let target = Strong::new(String::from("target"));
        for _ in 0..2 {
            let (weak, strong) = session.deep_clone(&(Strong::downgrade(&target), target.clone())).expect("plain");
            assert!(Strong::ptr_eq(&weak.upgrade().expect("alive"), &strong));
        }
        assert_eq!((source.text.len(), Strong::strong_count(&source), Strong::weak_count(&source)), (80, 1, 0));
        drop(session);
        assert_eq!(counts(&target), (1, 0));
    }

    thread_local! {
        static STEPS: Cell<i32> = const { Cell::new(0) };
        static FATAL: Cell<i32> = const { Cell::new(-1) };
    }

    fn step() {
        STEPS.set(STEPS.get() + 1);
        if STEPS.get() == FATAL.get() {
            resume_unwind(Box::new("a step"));
        }
    }

    /// A node with something of everything.
    #[derive(DeepClone)]
    struct Zoo {
        id: u32,
        next: Slot<Option<Strong<Zoo>>>,
        up: Slot<Weak<Zoo>>,
        map: Slot<HashMap<Key, Strong<Zoo>>>,
        list: Slot<Vec<Strong<String>>>,
        hand: Slot<Option<Hand>>,
        text: Strong<str>,
        set: Slot<BTreeSet<Strong<String>>>,
    }

    #[derive(DeepClone)]
    struct Key(Strong<String>, u32);

    impl Hash for Key {
        fn hash<H: Hasher>(&self, state: &mut H) {
            step();
            self.1.hash(state);
        }
    }

    deepclone_tests::equal_by!(Key, |key| key.1);

    struct Hand(Strong<String>, Strong<String>);

    impl_deep_clone! { impl for Hand = |hand, cloner| {
        step();
        if STEPS.get() % 3 == 0 {
            drop(cloner.deep_clone(&hand.0)?);
        }
        Ok(Hand(cloner.deep_clone(&hand.0)?, cloner.deep_clone(&hand.1)?))
    } }

    fn zoo(with_maps: bool) -> Vec<Strong<Zoo>> {
        let key = Strong::new(String::from("key"));
        let shared = Strong::new(String::from("shared"));
        let nodes: Vec<_> = (0..4)
            .map(|id| {
                Strong::new(Zoo {
                    id,
                    next: Slot::default(),
                    up: Slot::default(),
                    map: Slot::default(),
                    list: Slot::new(vec![shared.clone(), Strong::new(String::from("own"))]),
                    hand: Slot::new(Some(Hand(key.clone(), shared.clone()))),
                    text: Strong::from("text"),
                    set: Slot::new(BTreeSet::from([key.clone()])),
                })
            })
            .collect();
        for at in 0..4 {
            *open(&nodes[at].next) = Some(nodes[(at + 1) % 4].clone());
            *open(&nodes[at].up) = Strong::downgrade(&nodes[(at + 3) % 4]);
            if with_maps {
                let mut map = open(&nodes[at].map);
                map.insert(Key(key.clone(), 1), nodes[(at + 2) % 4].clone());
                map.insert(Key(key.clone(), 2), nodes[at].clone());
            }
        }
        nodes
    }

    fn unlink(node: &Strong<Zoo>) {
        let mut ahead = vec![node.clone()];
        while let Some(node) = ahead.pop() {
            let map = std::mem::take(&mut *open(&node.map));
            ahead.extend(map.into_values());
            let next = open(&node.next).take();
            ahead.extend(next);
        }
    }

    /// Limits and panics at every point, in the second of three calls. What leaks, LeakSanitizer tells.
    #[test]
    fn a_session_over_a_cyclic_zoo_fails_clean_at_every_limit_and_every_panic_and_goes_on() {
        for with_maps in [false, true] {
            let (mut succeeded, mut failed, mut panicked) = (0, 0, 0);
            for limit in 0..40 {
                for fatal in [-1, 1, 2, 5, 9] {
                    let source = zoo(with_maps);
                    let mut session = Session::with_options(Options::new().max_objects(limit));
                    for call in 0..3 {
                        STEPS.set(0);
                        FATAL.set(if call == 1 { fatal } else { -1 });
                        let cloned = catch_unwind(AssertUnwindSafe(|| match call {
                            2 => session.deep_clone(&source[2]).map(|node| vec![node]),
                            _ => session.deep_clone(&source),
                        }));
                        FATAL.set(-1);
                        match cloned {
                            Ok(Ok(copies)) => {
                                succeeded += 1;
                                assert_eq!(copies[0].id, if call == 2 { 2 } else { 0 });
                                assert!(copies.iter().all(|copy| &*copy.text == "text"));
                                copies.iter().for_each(unlink);
                            }
                            Ok(Err(error)) => {
                                failed += 1;
                                assert_eq!(error.kind(), ErrorKind::LimitExceeded);
                            }
                            Err(_) => panicked += 1,
                        }
                    }
                    drop(session);
                    assert!(source.iter().all(|node| is_at_rest(&node.map) && is_at_rest(&node.list)));
                    source.iter().for_each(unlink);
                    assert!(source.iter().all(|node| Strong::strong_count(node) == 1));
                }
            }
            assert!(succeeded > 0 && failed > 0 && panicked > 0);
        }
    }
}
