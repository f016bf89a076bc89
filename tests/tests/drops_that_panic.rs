//! A `Drop` that panics in the midst of a call, where nobody waits for user code to fail: the call ends with that panic, and nothing is begun after it.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells are the point"
)]

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet, LinkedList};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use deepclone::{DeepClone, Error, Session, impl_deep_clone};

/// What the panic of a call says.
fn panic_of<T>(call: impl FnOnce() -> Result<T, Error>) -> String {
    let payload = match catch_unwind(AssertUnwindSafe(call)) {
        Err(payload) => payload,
        Ok(Ok(copy)) => {
            // Its drop would be the second panic.
            std::mem::forget(copy);
            panic!("it went well")
        }
        Ok(Err(error)) => panic!("an error instead of a panic: {error}"),
    };
    (*payload.downcast::<&str>().expect("a text")).to_owned()
}

/// Whose `Drop` panics, once.
struct Bomb(AtomicBool);

impl Bomb {
    fn armed() -> Self {
        Self(AtomicBool::new(true))
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!self.0.swap(false, Ordering::SeqCst), "the drop of a bomb");
    }
}

/// Locks whose content is taken out while its copy is made: the copy is wanted no more, and its `Drop` panics.
macro_rules! unwanted_under {
    ($name:ident, $test:ident, $lock:ty, $new:expr, $take:expr) => {
        mod $name {
            use super::*;

            type Content = $lock;

            fn take(slot: &Content) -> Option<Arc<Hand>> {
                let take: fn(&Content) -> Option<Arc<Hand>> = $take;
                take(slot)
            }

            struct Hand {
                root: OnceLock<Weak<Root>>,
                armed: Option<Bomb>,
            }

            impl_deep_clone! {
                impl for Hand = |hand, _cloner| {
                    let root = hand.root.get().and_then(Weak::upgrade);
                    let taken = root.and_then(|root| take(&root.slot));
                    drop(taken);
                    Ok(Hand { root: OnceLock::new(), armed: Some(Bomb::armed()) })
                }
            }

            #[derive(DeepClone)]
            struct Shared {
                text: Vec<String>,
                again: Mutex<Option<Arc<Shared>>>,
            }

            #[derive(DeepClone)]
            struct Known {
                sole: Arc<Shared>,
                back: Weak<Shared>,
            }

            type Key = (Arc<Shared>, Weak<Shared>);

            /// What stands behind the lock would all be begun after the failure.
            #[derive(DeepClone)]
            struct Root {
                slot: Content,
                strong: (Arc<Shared>, Arc<Shared>),
                weak_first: (Weak<Shared>, Arc<Shared>),
                alone: Arc<Shared>,
                sole: Known,
                cells: (Mutex<Option<Arc<Shared>>>, Mutex<BTreeMap<u8, Key>>),
                lists: Mutex<LinkedList<Arc<Shared>>>,
                maps: HashMap<u8, Arc<Shared>>,
                row: Vec<Arc<Shared>>,
            }

            fn shared() -> Arc<Shared> {
                let text = vec!["a text".repeat(9)];
                Arc::new(Shared {
                    text,
                    again: Mutex::default(),
                })
            }

            #[test]
            fn $test() {
                let all: Vec<Arc<Shared>> = (0..24).map(|_| shared()).collect();
                let sole = shared();
                let back = Arc::downgrade(&sole);
                let at = |index: usize| all[index].clone();
                let pair = |index: usize| (at(index), Arc::downgrade(&all[index]));
                let make = |hand: &Arc<Hand>| {
                    Arc::new(Root {
                        slot: $new(Some(hand.clone())),
                        strong: (at(0), at(0)),
                        weak_first: (Arc::downgrade(&all[1]), at(1)),
                        alone: shared(),
                        sole: Known {
                            sole: sole.clone(),
                            back: back.clone(),
                        },
                        cells: (Mutex::new(Some(at(2))), Mutex::new([(1, pair(3))].into())),
                        lists: Mutex::new([at(4), at(5)].into()),
                        maps: [(1, at(6))].into(),
                        row: all[7..].to_vec(),
                    })
                };
                for in_session in [false, true] {
                    let hand = Arc::new(Hand {
                        root: OnceLock::new(),
                        armed: None,
                    });
                    // Then it is copied before the lock is taken for good.
                    let _expected = Arc::downgrade(&hand);
                    let root = make(&hand);
                    let weak = Arc::downgrade(&root);
                    hand.root.set(weak).expect("not set yet");
                    let counts = |at: &Arc<Shared>| (Arc::strong_count(at), Arc::weak_count(at));
                    let before: Vec<_> = all.iter().chain([&sole]).map(counts).collect();
                    let said = panic_of(|| {
                        if in_session {
                            Session::new().deep_clone(&root)
                        } else {
                            root.try_deep_clone()
                        }
                    });
                    assert_eq!(said, "the drop of a bomb");
                    let after: Vec<_> = all.iter().chain([&sole]).map(counts).collect();
                    assert_eq!(before, after);
                    assert!(take(&root.slot).is_none(), "taken, and the lock is free");
                    assert!(hand.armed.is_none());
                    let copy = root.deep_clone();
                    assert_eq!(copy.row[0].text, root.row[0].text);
                    assert!(copy.row[0].again.lock().expect("not poisoned").is_none());
                    assert_eq!(Arc::strong_count(&copy.strong.0), 2);
                    assert_eq!(Arc::weak_count(&copy.weak_first.1), 1);
                    assert_eq!(copy.alone.text, copy.sole.sole.text);
                    assert!(copy.sole.back.ptr_eq(&Arc::downgrade(&copy.sole.sole)));
                    assert_eq!((copy.maps.len(), copy.row.len()), (1, 17));
                    assert_eq!(copy.lists.lock().expect("not poisoned").len(), 2);
                    assert!(copy.cells.0.lock().expect("not poisoned").is_some());
                }
            }
        }
    };
}

unwanted_under! {
    in_a_mutex,
    a_copy_that_a_mutex_wants_no_more_panics_when_it_is_dropped,
    Mutex<Option<Arc<Hand>>>,
    Mutex::new,
    |slot: &Content| slot.lock().expect("not poisoned").take()
}

unwanted_under! {
    in_a_lock_for_readers,
    a_copy_that_a_lock_for_readers_wants_no_more_panics_when_it_is_dropped,
    std::sync::RwLock<Option<Arc<Hand>>>,
    std::sync::RwLock::new,
    |slot: &Content| slot.write().expect("not poisoned").take()
}

unwanted_under! {
    in_a_foreign_mutex,
    a_copy_that_a_foreign_mutex_wants_no_more_panics_when_it_is_dropped,
    parking_lot::Mutex<Option<Arc<Hand>>>,
    parking_lot::Mutex::new,
    |slot: &Content| slot.lock().take()
}

/// A source that the call is the last to own, when maps wait for their keys.
mod a_source {
    use super::*;

    struct Fatal(#[expect(dead_code, reason = "its drop is the point")] Bomb);

    #[derive(DeepClone)]
    struct Target {
        #[deepclone(default)]
        fatal: Option<Fatal>,
    }

    thread_local! {
        static OWNER: RefCell<Option<Arc<Target>>> = const { RefCell::new(None) };
    }

    fn let_go(number: &u64) -> u64 {
        drop(OWNER.take());
        *number
    }

    #[derive(DeepClone)]
    struct Peer {
        target: RefCell<Weak<Target>>,
        #[deepclone(with = let_go)]
        number: u64,
        known: RefCell<HashSet<Myself>>,
        sorted: RefCell<BTreeMap<Myself, String>>,
    }

    #[derive(DeepClone)]
    struct Myself(Rc<Peer>);

    deepclone_tests::ranked!(Myself);

    impl Myself {
        fn rank(&self) -> u64 {
            self.0.number
        }
    }

    #[test]
    fn a_source_that_dies_before_maps_are_filled_panics_when_it_is_dropped() {
        let peer = Rc::new(Peer {
            target: RefCell::default(),
            number: 3,
            known: RefCell::default(),
            sorted: RefCell::default(),
        });
        let myself = || Myself(peer.clone());
        peer.known.borrow_mut().insert(myself());
        peer.sorted.borrow_mut().insert(myself(), "me".to_owned());
        for in_session in [false, true] {
            let fatal = Some(Fatal(Bomb::armed()));
            let target = Arc::new(Target { fatal });
            peer.target.replace(Arc::downgrade(&target));
            OWNER.set(Some(target));
            let said = panic_of(|| {
                if in_session {
                    Session::new().deep_clone(&peer)
                } else {
                    peer.try_deep_clone()
                }
            });
            assert_eq!(said, "the drop of a bomb");
            assert_eq!((Rc::strong_count(&peer), Rc::weak_count(&peer)), (3, 0));
            let target = peer.target.borrow();
            assert_eq!((target.strong_count(), target.weak_count()), (0, 0));
        }
        let copy = peer.deep_clone();
        assert!(copy.known.borrow().contains(&Myself(copy.clone())));
        assert_eq!(copy.sorted.borrow().len(), 1);
        for node in [&peer, &copy] {
            node.known.take();
            node.sorted.take();
        }
    }
}

/// An error of code written by hand that another one takes the place of: its `Drop` panics in its own time, and the session knows nothing of it afterwards.
mod an_error {
    use super::*;
    use deepclone::ErrorKind;

    #[derive(Debug)]
    struct Fatal(#[expect(dead_code, reason = "its drop is the point")] FatalBomb);

    struct FatalBomb(Bomb);

    impl std::fmt::Debug for FatalBomb {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_tuple("FatalBomb").field(&self.0.0).finish()
        }
    }

    impl std::fmt::Display for Fatal {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("fatal")
        }
    }

    impl std::error::Error for Fatal {}

    struct Inner;

    impl_deep_clone! {
        impl for Inner = |_inner, _cloner| Err(Error::custom(Fatal(FatalBomb(Bomb::armed()))))
    }

    /// Replaces the error, after it has let go of it.
    struct Middle(Inner);

    impl_deep_clone! {
        impl for Middle = |middle, cloner| {
            let inner = cloner.deep_clone(&middle.0);
            drop(inner.map_err(drop));
            Err(Error::custom("another"))
        }
    }

    #[derive(DeepClone)]
    struct Node {
        lock: Mutex<Middle>,
    }

    struct Top(Rc<Node>);

    impl_deep_clone! { impl for Top = |top, cloner| Ok(Top(cloner.deep_clone(&top.0)?)) }

    #[derive(DeepClone)]
    struct Next {
        weak: std::rc::Weak<u64>,
        map: RefCell<BTreeMap<u8, Rc<u64>>>,
        lock: Mutex<u64>,
    }

    #[test]
    fn an_error_that_is_replaced_panics_when_it_is_dropped_and_the_next_call_knows_nothing_of_it() {
        let top = Top(Rc::new(Node {
            lock: Mutex::new(Middle(Inner)),
        }));
        let shared = Rc::new(7);
        let next = Next {
            weak: Rc::downgrade(&shared),
            map: RefCell::new([(1, shared.clone()), (2, shared)].into()),
            lock: Mutex::new(1),
        };
        let mut session = Session::new();
        for _ in 0..3 {
            let said = panic_of(|| session.deep_clone(&top));
            assert_eq!(said, "the drop of a bomb");
            assert!(!top.0.lock.is_poisoned() && top.0.lock.try_lock().is_ok());
            let copy = session.deep_clone(&next).expect("nothing fails");
            assert_eq!(copy.map.borrow().len(), 2);
            assert!(Rc::ptr_eq(
                &copy.weak.upgrade().expect("it lives"),
                &copy.map.borrow()[&2]
            ));
            assert_eq!(copy.lock.into_inner().ok(), Some(1));
        }
        let said = panic_of(|| top.try_deep_clone());
        assert_eq!(said, "the drop of a bomb");
        let open = next.map.borrow_mut();
        let error = session.deep_clone(&next).err().expect("it is open");
        assert_eq!(error.kind(), ErrorKind::AlreadyBorrowed);
        drop(open);
    }
    /// Its copy panics when it is dropped, and its neighbour's error when that is dropped.
    #[derive(DeepClone)]
    struct Both {
        shared: Rc<u64>,
        bomb: Charge,
        inner: Inner,
    }

    struct Charge(#[expect(dead_code, reason = "its drop is the point")] Option<Bomb>);

    impl_deep_clone! { impl for Charge = |_charge, _cloner| Ok(Charge(Some(Bomb::armed()))) }

    #[test]
    fn the_first_of_two_drops_that_panic_is_told_and_nothing_is_left_of_the_call() {
        let shared = Rc::new(7);
        let both = || Both {
            shared: shared.clone(),
            bomb: Charge(None),
            inner: Inner,
        };
        let source = (both(), both());
        for in_session in [false, true] {
            let said = panic_of(|| {
                if in_session {
                    Session::new().deep_clone(&source)
                } else {
                    source.try_deep_clone()
                }
            });
            assert_eq!(said, "the drop of a bomb");
            assert_eq!((Rc::strong_count(&shared), Rc::weak_count(&shared)), (3, 0));
        }
    }
}
