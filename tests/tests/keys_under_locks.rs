//! Keys of maps in cells and locks: they lead to free locks of their own, and are hashed and compared with no guard held.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to locks, and tell whether they are free, are the point"
)]

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, LinkedList, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use deepclone::DeepClone;

#[derive(DeepClone, PartialEq, Eq, Hash)]
struct Key(u32, Locked);

/// Equal to all others.
#[derive(DeepClone)]
struct Locked(Arc<Mutex<u32>>);

impl PartialEq for Locked {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Locked {}

impl Hash for Locked {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

fn map() -> HashMap<Key, u32> {
    HashMap::from([(Key(1, Locked(Arc::default())), 2)])
}

#[test]
fn keys_that_lead_to_free_locks_are_copied_under_a_lock() {
    let source = Mutex::new((vec![map()], VecDeque::from([map()]), Mutex::new(map())));
    assert_eq!(
        source.try_deep_clone().err().map(|error| error.kind()),
        None
    );
}

#[test]
fn keys_that_lead_to_free_locks_are_copied_in_lists_and_once_locks_around_and_under_a_lock() {
    fn is_copied<T: DeepClone>(source: &T) {
        assert_eq!(
            source.try_deep_clone().err().map(|error| error.kind()),
            None
        );
    }
    is_copied(&Mutex::new(LinkedList::from([map()])));
    is_copied(&Mutex::new(OnceLock::from(map())));
    is_copied(&Mutex::new(OnceLock::from(LinkedList::from([
        OnceLock::from(vec![map()]),
    ]))));
    is_copied(&LinkedList::from([Mutex::new(map())]));
    is_copied(&OnceLock::from(RwLock::new(map())));
    is_copied(&HashMap::from([(
        1,
        OnceLock::from(Mutex::new(LinkedList::from([map()]))),
    )]));
}

thread_local! {
    /// Tells whether nobody has the source open.
    static IS_FREE: RefCell<Option<Box<dyn Fn() -> bool>>> = const { RefCell::new(None) };
    static LOOKS: Cell<usize> = const { Cell::new(0) };
}

/// A key that looks at the source when it is hashed or compared.
#[derive(DeepClone)]
struct Watchful(u32, Arc<u32>);

impl Watchful {
    fn rank(&self) -> u32 {
        IS_FREE.with_borrow(|is_free| {
            if let Some(is_free) = is_free {
                LOOKS.set(LOOKS.get() + 1);
                assert!(is_free(), "it is hashed or compared under a guard");
            }
        });
        self.0
    }
}

deepclone_tests::ranked!(Watchful);

fn hashed() -> HashMap<Watchful, u32> {
    (0..3)
        .map(|number| (Watchful(number, Arc::new(number)), number))
        .collect()
}

fn compared() -> BTreeSet<Watchful> {
    (0..3)
        .map(|number| Watchful(number, Arc::new(number)))
        .collect()
}

/// Whether no cell of a source is open, under the others too.
trait Free {
    fn is_free(&self) -> bool;
}

impl<T> Free for Mutex<T> {
    fn is_free(&self) -> bool {
        self.try_lock().is_ok()
    }
}

impl<T> Free for RwLock<T> {
    fn is_free(&self) -> bool {
        self.try_write().is_ok()
    }
}

impl<T> Free for RefCell<T> {
    fn is_free(&self) -> bool {
        self.try_borrow_mut().is_ok()
    }
}

impl<T: Free> Free for LinkedList<T> {
    fn is_free(&self) -> bool {
        self.iter().all(T::is_free)
    }
}

impl<T: Free> Free for OnceLock<T> {
    fn is_free(&self) -> bool {
        self.get().is_none_or(T::is_free)
    }
}

impl<T: Free> Free for HashMap<u32, T> {
    fn is_free(&self) -> bool {
        self.values().all(T::is_free)
    }
}

fn watch<T: DeepClone + Free + 'static>(looks: usize, source: T) {
    let source = std::rc::Rc::new(source);
    let watched = std::rc::Rc::downgrade(&source);
    let is_free = move || watched.upgrade().is_some_and(|source| source.is_free());
    LOOKS.set(0);
    IS_FREE.set(Some(Box::new(is_free)));
    let copy = (*source).deep_clone();
    IS_FREE.set(None);
    assert!(copy.is_free());
    assert!(LOOKS.get() >= looks, "{} of {looks} looks", LOOKS.get());
}

#[test]
fn keys_are_hashed_and_compared_with_no_guard_held_whatever_their_map_is_moved_into() {
    watch(3, Mutex::new(hashed()));
    watch(3, RefCell::new(compared()));
    watch(3, Mutex::new(LinkedList::from([hashed()])));
    watch(6, RwLock::new(LinkedList::from([hashed(), hashed()])));
    watch(3, RefCell::new(LinkedList::from([vec![compared()]])));
    watch(3, Mutex::new(OnceLock::from(compared())));
    watch(3, RefCell::new(OnceCell::from(hashed())));
    watch(
        3,
        RefCell::new(OnceCell::from(LinkedList::from([OnceCell::from(hashed())]))),
    );
    watch(3, Mutex::new(std::io::Cursor::new(hashed())));
    watch(3, Mutex::new(Some(vec![hashed()].into_iter())));
    // The guard within what is moved.
    watch(3, LinkedList::from([Mutex::new(hashed())]));
    watch(
        6,
        LinkedList::from([RefCell::new(hashed()), RefCell::new(hashed())]),
    );
    watch(3, OnceLock::from(RwLock::new(Box::new(compared()))));
    watch(3, HashMap::from([(1, RefCell::new(hashed()))]));
    watch(
        3,
        HashMap::from([(1, Mutex::new(LinkedList::from([hashed()])))]),
    );
}
