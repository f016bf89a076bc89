//! For how long a lock is held: whatever owned data its content is made of, the lock is free while what this reaches through an `Arc` is copied.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to locks, and tell whether they are free, are the point"
)]

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, RwLock, Weak};
use std::thread;

use deepclone::{DeepClone, impl_deep_clone};
use deepclone_tests::stir::must_finish;

/// A lock that somebody looks at while its content is copied.
trait Lock: Send + Sync {
    fn is_free(&self) -> bool;
}

impl<T: Send + Sync> Lock for Mutex<T> {
    fn is_free(&self) -> bool {
        self.try_lock().is_ok()
    }
}

impl<T: Send + Sync> Lock for RwLock<T> {
    fn is_free(&self) -> bool {
        self.try_write().is_ok()
    }
}

/// What was found when children were copied.
#[derive(Default)]
struct Found {
    lock: OnceLock<Weak<dyn Lock>>,
    free: AtomicUsize,
    held: AtomicUsize,
}

/// Looks at the lock when it is copied.
struct Probe(Arc<Found>);

impl Clone for Probe {
    fn clone(&self) -> Self {
        let lock = self.0.lock.get().and_then(Weak::upgrade);
        let lock = lock.expect("the source lives");
        // From another thread, to which it is free or is not.
        let is_free = thread::scope(|scope| scope.spawn(|| lock.is_free()).join());
        match is_free.expect("it did not panic") {
            true => self.0.free.fetch_add(1, Relaxed),
            false => self.0.held.fetch_add(1, Relaxed),
        };
        Self(self.0.clone())
    }
}

fn slowly(probe: &Probe) -> Probe {
    probe.clone()
}

/// Something behind an `Arc` that takes time to copy.
trait Child: DeepClone + Debug + Ord + Hash + Send + Sync + 'static {
    fn new(number: usize, probe: Probe) -> Self;
}

macro_rules! child {
    ($name:ident [$($derive:meta)?] [$($field:meta)?]) => {
        $(#[$derive])?
        struct $name {
            number: usize,
            $(#[$field])?
            probe: Probe,
        }

        impl Child for $name {
            fn new(number: usize, probe: Probe) -> Self {
                Self { number, probe }
            }
        }

        impl Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} of {}", self.number, Arc::strong_count(&self.probe.0))
            }
        }

        impl $name {
            fn rank(&self) -> usize {
                self.number
            }
        }

        deepclone_tests::ranked!($name);
    };
}

child!(ByHand [] []);
child!(Cloned[derive(DeepClone)][deepclone(clone)]);
child!(With[derive(DeepClone)][deepclone(with = slowly)]);

impl_deep_clone! {
    impl for ByHand = |child, cloner| Ok(ByHand {
        number: cloner.deep_clone(&child.number)?,
        probe: child.probe.clone(),
    })
}

trait Thing: DeepClone + Send + Sync {}
impl<T: DeepClone + Send + Sync> Thing for T {}

/// Copies a lock and its content with so many children, by way of an `Arc` and by way of a reference.
fn look<L: Lock + DeepClone + 'static>(children: usize, new: impl Fn(&Arc<Found>) -> L) {
    let found = Arc::new(Found::default());
    let lock = Arc::new(new(&found));
    let weak = Arc::downgrade(&lock);
    assert!(found.lock.set(weak).is_ok());
    for round in 1..=2 {
        let copy = match round {
            1 => lock.deep_clone(),
            _ => Arc::new((*lock).deep_clone()),
        };
        assert!(copy.is_free() && lock.is_free());
        let seen = (found.free.load(Relaxed), found.held.load(Relaxed));
        assert_eq!(
            seen,
            (children * round, 0),
            "{}",
            std::any::type_name::<L>()
        );
    }
}

/// A test for a way to hold children in a lock: in a mutex with all kinds of children, in the other lock with one.
macro_rules! content {
    ($($name:ident: $children:literal, |$new:ident| $content:expr;)*) => { $(
        #[test]
        fn $name() {
            fn content<C: Child>(found: &Arc<Found>) -> impl DeepClone + Send + Sync + use<C> {
                let made = AtomicUsize::new(0);
                let $new = || Arc::new(C::new(made.fetch_add(1, Relaxed), Probe(found.clone())));
                $content
            }
            fn mutex<C: Child>() {
                look($children, |found| Mutex::new(content::<C>(found)));
            }
            must_finish(|| {
                mutex::<ByHand>();
                mutex::<Cloned>();
                mutex::<With>();
                look($children, |found| RwLock::new(content::<With>(found)));
            });
        }
    )* };
}

#[derive(DeepClone)]
enum Shape<C: Child> {
    Unit,
    Tuple(u8, Arc<C>),
    Struct { child: Option<Arc<C>> },
}

/// Weak handles around a child, and one to a child that is gone.
#[derive(DeepClone)]
struct Mixed<C: Child> {
    first: Weak<C>,
    again: Weak<C>,
    child: Arc<C>,
    last: Weak<C>,
    gone: Weak<C>,
}

content! {
    a_lock_is_free_while_the_child_that_is_its_whole_content_is_copied: 1, |child| child();
    a_lock_is_free_while_children_in_a_vector_are_copied: 2, |child| vec![child(), child()];
    a_lock_is_free_while_children_in_a_queue_are_copied: 2, |child| {
        let mut queue = VecDeque::from([child(), child()]);
        queue.rotate_left(1);
        queue
    };
    a_lock_is_free_while_children_in_a_linked_list_are_copied: 2, |child| LinkedList::from([child(), child()]);
    a_lock_is_free_while_children_in_a_boxed_slice_are_copied: 2, |child| Box::<[_]>::from([child(), child()]);
    a_lock_is_free_while_children_in_an_array_are_copied: 3, |child| [child(), child(), child()];
    a_lock_is_free_while_children_in_a_tuple_are_copied: 2, |child| (1, child(), "a".to_owned(), (child(),));
    a_lock_is_free_while_children_in_an_enum_are_copied: 2, |child| {
        [Shape::Unit, Shape::Tuple(1, child()), Shape::Struct { child: Some(child()) }]
    };
    a_lock_is_free_while_a_child_in_a_once_lock_is_copied: 1, |child| OnceLock::from(child());
    a_lock_is_free_while_children_in_an_inner_lock_are_copied: 2, |child| {
        (Mutex::new(RwLock::new(child())), RwLock::new(Mutex::new(child())))
    };
    a_lock_is_free_while_children_further_down_are_copied: 2, |child| {
        Arc::new((1, Arc::new(vec![(2, child())]), Arc::new(Mutex::new(child()))))
    };

    a_lock_is_free_while_the_values_of_a_hash_map_are_copied: 2, |child| HashMap::from([(1, child()), (2, child())]);
    a_lock_is_free_while_the_values_of_a_btree_map_are_copied: 2, |child| BTreeMap::from([(1, child()), (2, child())]);
    a_lock_is_free_while_the_keys_of_a_hash_map_are_copied: 2, |child| HashMap::from([(child(), 1), (child(), 2)]);
    a_lock_is_free_while_the_keys_of_a_btree_map_are_copied: 2, |child| BTreeMap::from([(child(), 1), (child(), 2)]);
    a_lock_is_free_while_keys_and_values_of_one_map_are_copied: 4, |child| {
        HashMap::from([(child(), child()), (child(), child())])
    };
    a_lock_is_free_while_the_elements_of_sets_are_copied: 4, |child| {
        (HashSet::from([child(), child()]), BTreeSet::from([child(), child()]))
    };
    a_lock_is_free_while_the_elements_of_a_heap_are_copied: 2, |child| BinaryHeap::from([child(), child()]);

    a_lock_is_free_while_children_behind_trait_objects_are_copied: 2, |child| {
        [child() as Arc<dyn Thing>, child() as Arc<dyn Thing>]
    };
    a_lock_is_free_while_children_in_a_boxed_trait_object_are_copied: 2, |child| {
        Box::new((child(), vec![child()])) as Box<dyn Thing>
    };
    a_lock_is_free_while_a_shared_slice_of_children_is_copied: 2, |child| {
        let children: Vec<_> = [child(), child()].into_iter().filter_map(Arc::into_inner).collect();
        Arc::<[_]>::from(children)
    };
    a_lock_is_free_while_a_shared_slice_of_shared_children_is_copied: 2, |child| {
        Arc::<[_]>::from([child(), child()])
    };
    a_lock_is_free_while_a_child_with_two_owners_under_it_is_copied: 1, |child| {
        let child = child();
        (child.clone(), 1, vec![child])
    };
    a_lock_is_free_while_a_child_that_it_has_as_two_types_is_copied: 1, |child| {
        let child = child();
        (child.clone() as Arc<dyn Thing>, child)
    };
    a_lock_is_free_while_a_child_with_weak_handles_under_it_is_copied: 1, |new| {
        let child = new();
        let weak = Arc::downgrade(&child);
        let gone = Arc::downgrade(&new());
        Mixed { first: weak.clone(), again: weak.clone(), child, last: weak, gone }
    };
}

#[test]
fn a_lock_with_a_weak_handle_is_not_looked_at_for_a_child_that_others_own() {
    let found = Arc::new(Found::default());
    let child = Arc::new(With::new(1, Probe(found.clone())));
    let lock = Mutex::new((Arc::downgrade(&child), Arc::downgrade(&child)));
    let copy = lock.deep_clone().into_inner().expect("not poisoned");
    assert!(copy.0.upgrade().is_none() && copy.1.upgrade().is_none());
    assert_eq!((Arc::strong_count(&child), Arc::weak_count(&child)), (1, 2));
}

/// Maps wait until the lock is free, and so do their values, also in what is moved to its place when it is whole, such as a list.
mod maps {
    use super::*;

    content! {
        a_lock_is_free_while_the_keys_of_a_map_in_a_linked_list_are_finished: 1, |child| LinkedList::from([HashMap::from([(child(), 1)])]);
        a_lock_is_free_while_the_keys_of_a_map_in_a_once_lock_are_finished: 1, |child| OnceLock::from(BTreeMap::from([(child(), 1)]));
        a_lock_is_free_while_the_values_of_maps_in_lists_and_once_locks_are_copied: 2, |child| {
            (LinkedList::from([HashMap::from([(1, child())])]), OnceLock::from(BTreeMap::from([(1, child())])))
        };
        a_lock_is_free_while_the_keys_of_maps_in_maps_are_finished: 2, |child| {
            (HashMap::from([(1, HashMap::from([(child(), 1)]))]), BTreeMap::from([(1, HashSet::from([child()]))]))
        };
        a_lock_is_free_while_the_keys_of_a_map_that_is_a_key_are_finished: 1, |child| HashSet::from([BTreeSet::from([child()])]);
        a_lock_is_free_while_the_keys_of_a_map_in_a_heap_are_finished: 1, |child| BinaryHeap::from([BTreeSet::from([child()])]);
        a_lock_is_free_while_the_keys_of_a_map_in_an_inner_lock_are_finished: 1, |child| Mutex::new(HashMap::from([(child(), 1)]));
        a_lock_is_free_while_the_keys_of_maps_in_rows_are_finished: 4, |child| {
            let set = || HashSet::from([child()]);
            (vec![set()], VecDeque::from([set()]), Box::<[_]>::from([set()]), [Some(set())])
        };
        a_lock_is_free_while_the_keys_of_maps_in_boxes_are_finished: 2, |child| {
            (Box::new(HashSet::from([child()])), Box::new(BTreeSet::from([child()])) as Box<dyn Thing>)
        };
    }
}
