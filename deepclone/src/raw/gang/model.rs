//! The orders in which members can use the table, the real members and the real table: all orders of two by loom, and some that chance gives by ThreadSanitizer.
//!
//! A copy's content is watched: two threads that touch it without an order between them end the model. Counts go down to zero on the first thread only, after the
//! others have ended: the standard library's fence there is one that ThreadSanitizer doesn't see.

use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::vec::Vec;

use super::Gang;
use crate::DeepClone;
use crate::cloner::{Engine, Exposure};
use crate::raw::watched::Watched;
use crate::sync::model::{model as in_many_orders, thread};

/// What user code copies, and how often it has.
struct Tracked {
    content: Watched<u32>,
    made: Arc<AtomicUsize>,
}

fn track(source: &Tracked) -> Tracked {
    source.made.fetch_add(1, Ordering::Relaxed);
    let tracked = Tracked {
        content: Watched::new(0),
        made: source.made.clone(),
    };
    tracked.content.set(source.content.get() + 1);
    tracked
}

#[derive(DeepClone)]
#[deepclone(crate = crate)]
pub(super) struct Node {
    #[deepclone(with = track)]
    content: Tracked,
    next: OnceLock<Arc<Node>>,
    before: OnceLock<Weak<Node>>,
}

#[cfg(tsan)]
impl Node {
    pub(super) fn lead_to(&self, next: &Arc<Node>, before: &Arc<Node>) {
        self.next.set(next.clone()).ok();
        self.before.set(Arc::downgrade(before)).ok();
    }

    pub(super) fn next(&self) -> Option<&Arc<Node>> {
        self.next.get()
    }

    pub(super) fn before(&self) -> Option<&Weak<Node>> {
        self.before.get()
    }

    pub(super) fn content(&self) -> u32 {
        self.content.content.get()
    }

    pub(super) fn made(&self) -> usize {
        self.content.made.load(Ordering::Relaxed)
    }
}

pub(super) fn node(made: &Arc<AtomicUsize>) -> Arc<Node> {
    Arc::new(Node {
        content: Tracked {
            content: Watched::new(7),
            made: made.clone(),
        },
        next: OnceLock::new(),
        before: OnceLock::new(),
    })
}

/// Two nodes that lead to each other, strongly one way and weakly the other.
fn pair(made: &Arc<AtomicUsize>) -> (Arc<Node>, Arc<Node>) {
    let (first, second) = (node(made), node(made));
    first.next.set(second.clone()).ok();
    second.before.set(Arc::downgrade(&first)).ok();
    (first, second)
}

/// Copies an element as a member, and fills what it got the claims for. Returns the numbers of those.
fn work<T: DeepClone>(gang: &Gang, element: usize, source: &T) -> (MaybeUninit<T>, Vec<usize>) {
    let mut engine = Engine::member(gang, Exposure::Threads);
    engine.begin_element(element);
    let mut copy = MaybeUninit::<T>::uninit();
    let done = engine.perform(
        // SAFETY: there is room for one.
        |engine| unsafe { source.__place(copy.as_mut_ptr().cast(), engine) },
        |_| unreachable!("nothing fails here"),
    );
    assert!(done.is_ok());
    let mut filled = Vec::new();
    while let Some(claim) = engine.claims().pop() {
        assert!(engine.fill_claimed(&claim.entry).is_ok());
        filled.push(claim.serial);
    }
    (copy, filled)
}

/// Copies two elements by two members, in many orders, and gives the copies to a check. `expected` is how often user code has to run.
fn model<T: DeepClone + Send + 'static>(
    elements: fn(&Arc<AtomicUsize>) -> (T, T),
    expected: usize,
    check: fn(&T, &T, &T, &T),
) {
    in_many_orders(move || {
        // The stack of the thread that loom begins with is too small.
        let all = thread::Builder::new().stack_size(1 << 20).spawn(move || {
            let made = Arc::new(AtomicUsize::new(0));
            let (first, second) = elements(&made);
            let gang = Arc::new(Gang::new());
            let other = {
                let gang = gang.clone();
                let other = thread::Builder::new().stack_size(1 << 20);
                other.spawn(move || {
                    let (copy, filled) = work(&gang, 1, &second);
                    drop(gang);
                    (second, Sent(copy), filled)
                })
            };
            let (copy, mut filled) = work(&gang, 0, &first);
            let (second, Sent(other_copy), more) = other.unwrap().join().unwrap();
            filled.extend(more);
            let gang = Arc::into_inner(gang).expect("the other has ended");
            assert_eq!(
                filled.len(),
                expected,
                "each copy is claimed by one of them"
            );
            let mut engine = Engine::plain();
            engine.expose(Exposure::Threads);
            let is_filled = |serial| filled.contains(&serial);
            engine.adopt_all(gang.into_slots(), is_filled, |_, _, _| {
                unreachable!("who claims, fills")
            });
            assert!(engine.conclude().is_ok());
            engine.close();
            assert_eq!(made.load(Ordering::Relaxed), expected);
            // SAFETY: they were placed, and the operation is done.
            let (copy, other_copy) = unsafe { (copy.assume_init(), other_copy.assume_init()) };
            check(&first, &second, &copy, &other_copy);
        });
        all.unwrap().join().unwrap();
    });
}

/// What was placed on another thread.
pub(super) struct Sent<T>(pub(super) T);

// SAFETY: the models send copies only, whose types are `Send`.
unsafe impl<T> Send for Sent<T> {}

#[test]
fn two_edges_to_one_source_lead_to_one_copy() {
    model(
        |made| {
            let shared = node(made);
            (shared.clone(), shared)
        },
        1,
        |source, _, first, second| {
            assert!(Arc::ptr_eq(first, second) && !Arc::ptr_eq(source, first));
            assert_eq!(first.content.content.get(), 8);
            assert_eq!((Arc::strong_count(first), Arc::weak_count(first)), (2, 0));
            assert_eq!((Arc::strong_count(source), Arc::weak_count(source)), (2, 0));
        },
    );
}

#[test]
fn a_weak_edge_claims_nothing_and_leads_to_the_copy_that_a_strong_one_claims() {
    model(
        |made| {
            let shared = node(made);
            ((Some(Arc::downgrade(&shared)), None), (None, Some(shared)))
        },
        1,
        |_, source, (weak, _), (_, strong): &(Option<Weak<Node>>, Option<Arc<Node>>)| {
            let (Some(weak), Some(strong)) = (weak, strong) else {
                unreachable!("as in the source");
            };
            assert!(core::ptr::eq(weak.as_ptr(), Arc::as_ptr(strong)));
            assert_eq!((Arc::strong_count(strong), Arc::weak_count(strong)), (1, 1));
            let source = source.1.as_ref().map(Arc::strong_count);
            assert_eq!(source, Some(1));
        },
    );
}

#[test]
fn a_cycle_that_two_members_enter_at_either_end_closes() {
    model(pair, 2, |_, source, first, second| {
        assert!(Arc::ptr_eq(first.next.get().unwrap(), second));
        let before = second.before.get().unwrap();
        assert!(core::ptr::eq(before.as_ptr(), Arc::as_ptr(first)));
        assert_eq!(
            (first.content.content.get(), second.content.content.get()),
            (8, 8)
        );
        assert_eq!((Arc::strong_count(first), Arc::weak_count(first)), (1, 1));
        assert_eq!((Arc::strong_count(second), Arc::weak_count(second)), (2, 0));
        assert_eq!((Arc::strong_count(source), Arc::weak_count(source)), (2, 0));
    });
}

#[test]
fn after_a_failure_nothing_behind_it_is_begun_and_all_before_it_is() {
    in_many_orders(|| {
        let gang = Arc::new(Gang::new());
        let failing: Vec<_> = [4, 2]
            .into_iter()
            .map(|element| {
                let gang = gang.clone();
                thread::spawn(move || {
                    gang.fail(element);
                    assert!(gang.leaves(element + 1));
                    assert!(!gang.leaves(2));
                })
            })
            .collect();
        for thread in failing {
            thread.join().unwrap();
        }
        assert!(gang.leaves(3) && !gang.leaves(2));
    });
}
