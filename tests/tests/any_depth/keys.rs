//! Keys and locks far down, and which of two errors is told.

use std::cell::RefCell;
use std::collections::{HashMap, LinkedList};
use std::rc::Rc;
use std::sync::{Arc, Mutex, Weak, mpsc};
use std::thread;
use std::time::Duration;

use deepclone::{DeepClone, Error, ErrorKind, impl_deep_clone};

/// From a few to more than there is stack for.
const DEPTHS: [u32; 4] = [1, 300, 1_500, 5_000];

/// Hashed by its number, with more behind it.
#[derive(DeepClone)]
struct Node {
    id: u32,
    first: Arc<u32>,
    second: Arc<u32>,
}

#[derive(DeepClone)]
struct Key(Arc<Node>);

impl Key {
    fn rank(&self) -> u32 {
        self.0.id
    }
}

deepclone_tests::ranked!(Key);

fn node() -> Arc<Node> {
    let (first, second) = (Arc::new(1), Arc::new(2));
    Arc::new(Node {
        id: 1,
        first,
        second,
    })
}

/// Something so many boxes down.
#[derive(DeepClone)]
enum Deep<E> {
    End(E),
    More(Box<Deep<E>>),
}

fn deep<E>(depth: u32, end: E) -> Deep<E> {
    (0..depth).fold(Deep::End(end), |deep, _| Deep::More(Box::new(deep)))
}

/// Runs where the drop of a long chain has room.
fn with_room(work: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(64 << 20).spawn(work);
    thread.expect("a thread").join().expect("no panic");
}

#[test]
fn code_by_hand_in_the_value_of_a_locked_map_may_ask_for_its_key_at_any_depth() {
    struct Asks(Arc<Node>);
    impl_deep_clone! { impl for Asks = |asks, cloner| Ok(Asks(cloner.deep_clone(&asks.0)?)) }
    #[derive(DeepClone)]
    struct Behind {
        asks: Asks,
    }
    with_room(|| {
        for depth in DEPTHS {
            let node = node();
            let behind = Arc::new(Behind {
                asks: Asks(Arc::clone(&node)),
            });
            let map = HashMap::from([(Key(node), behind)]);
            let copy = deep(depth, Mutex::new(map)).deep_clone();
            let mut end = &copy;
            while let Deep::More(more) = end {
                end = more;
            }
            let Deep::End(map) = end else {
                unreachable!("it is no other variant");
            };
            let map = map.lock().expect("not poisoned");
            let (key, behind) = map.iter().next().expect("an entry");
            assert!(Arc::ptr_eq(&key.0, &behind.asks.0));
            assert_eq!(Arc::strong_count(&key.0), 2);
        }
    });
}

#[test]
fn what_lies_behind_a_lock_is_copied_after_it_was_released_at_any_depth() {
    /// Takes the lock that leads to it.
    struct Hand(Mutex<Weak<Mutex<Deep<Locked>>>>);
    impl_deep_clone! { impl for Hand = |hand, _cloner| {
        let lock = hand.0.lock().map_err(|_| Error::custom("poisoned"))?.upgrade();
        let lock = lock.ok_or_else(|| Error::custom("gone"))?;
        drop(lock.lock());
        Ok(Hand(Mutex::default()))
    } }
    #[derive(DeepClone)]
    struct Behind {
        hand: Hand,
    }
    /// The map is moved before the lock is released, so its key is finished under the lock.
    #[derive(DeepClone)]
    struct Locked {
        behind: Arc<Behind>,
        maps: LinkedList<HashMap<Key, u32>>,
        last: Arc<u32>,
    }
    for depth in DEPTHS {
        let (tell, told) = mpsc::channel();
        let copies = move || {
            let hand = Hand(Mutex::default());
            let behind = Arc::new(Behind { hand });
            let locked = Locked {
                behind: Arc::clone(&behind),
                maps: LinkedList::from([HashMap::from([(Key(node()), 1)])]),
                last: Arc::new(3),
            };
            let lock = Arc::new(Mutex::new(deep(depth, locked)));
            *behind.hand.0.lock().expect("not poisoned") = Arc::downgrade(&lock);
            let copied = lock.try_deep_clone().map(drop);
            tell.send(copied.map_err(|error| error.kind())).ok();
        };
        let thread = thread::Builder::new().stack_size(64 << 20).spawn(copies);
        let done = told.recv_timeout(Duration::from_secs(60));
        assert_eq!(
            done,
            Ok(Ok(())),
            "it would wait for itself, {depth} boxes down"
        );
        thread.expect("a thread").join().expect("no panic");
    }
}

#[test]
fn of_two_errors_the_first_in_the_source_is_told_at_any_depth() {
    struct Fails;
    impl_deep_clone! { impl for Fails = |_fails, _cloner| Err(Error::custom("as ordered")) }
    #[derive(DeepClone)]
    struct Link {
        next: Option<Rc<Link>>,
        fails: Option<Fails>,
        poisoned: Option<Mutex<u8>>,
    }
    fn chain(length: u32, fails: Option<Fails>, poisoned: Option<Mutex<u8>>) -> Rc<Link> {
        let mut link = Rc::new(Link {
            next: None,
            fails,
            poisoned,
        });
        for _ in 0..length {
            link = Rc::new(Link {
                next: Some(link),
                fails: None,
                poisoned: None,
            });
        }
        link
    }
    fn poisoned() -> Mutex<u8> {
        let lock = Mutex::new(1);
        let poisoning = || {
            let _guard = lock.lock().expect("not poisoned yet");
            panic!("to poison it");
        };
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(poisoning));
        assert!(panicked.is_err());
        lock
    }
    with_room(|| {
        for depth in DEPTHS {
            let kind = |result: Result<(), Error>| result.err().map(|error| error.kind());

            let source = (chain(depth, Some(Fails), None), poisoned());
            let failed = source.try_deep_clone().map(drop);
            assert_eq!(kind(failed), Some(ErrorKind::Custom), "{depth}");

            let source = (chain(depth, None, Some(poisoned())), Rc::new(Fails));
            let failed = source.try_deep_clone().map(drop);
            assert_eq!(kind(failed), Some(ErrorKind::Poisoned), "{depth}");
        }
        for depth in DEPTHS {
            let source = (chain(depth, Some(Fails), None), RefCell::new(1));
            let guard = source.1.borrow_mut();
            let failed = source.try_deep_clone().err().map(|error| error.kind());
            assert_eq!(failed, Some(ErrorKind::Custom), "{depth}");
            drop(guard);

            let source = (chain(depth, None, Some(poisoned())), RefCell::new(1));
            let guard = source.1.borrow_mut();
            let failed = source.try_deep_clone().err().map(|error| error.kind());
            assert_eq!(failed, Some(ErrorKind::Poisoned), "{depth}");
            drop(guard);
        }
    });
}
