//! Every order in which two members can use the table, by loom: the real members and the real table.
//!
//! A copy's content is tracked: two threads that touch it without an order between them end the model.

use core::cell::Cell;
use core::mem::MaybeUninit;
use std::sync::{Arc, OnceLock, Weak};
use std::vec::Vec;

use loom::thread;

use super::Gang;
use crate::DeepClone;
use crate::cloner::{Adopted, Engine, Exposure};

std::thread_local! {
    /// How often user code has run in this order: loom's threads of one model take turns on one thread of the system.
    static MADE: Cell<usize> = const { Cell::new(0) };
}

struct Tracked(loom::cell::Cell<u32>);

fn track(_: &Tracked) -> Tracked {
    MADE.set(MADE.get() + 1);
    let tracked = Tracked(loom::cell::Cell::new(0));
    tracked.0.set(1);
    tracked
}

#[derive(DeepClone)]
#[deepclone(crate = crate)]
struct Node {
    #[deepclone(with = track)]
    content: Tracked,
    next: OnceLock<Arc<Node>>,
    before: OnceLock<Weak<Node>>,
}

// SAFETY: loom looks after the cell.
unsafe impl Send for Node {}
// SAFETY: as above.
unsafe impl Sync for Node {}

fn node() -> Arc<Node> {
    Arc::new(Node {
        content: Tracked(loom::cell::Cell::new(7)),
        next: OnceLock::new(),
        before: OnceLock::new(),
    })
}

/// Two nodes that lead to each other, strongly one way and weakly the other.
fn pair() -> (Arc<Node>, Arc<Node>) {
    let (first, second) = (node(), node());
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

/// Copies two elements by two members, in every order, and gives the copies to a check. `made` is how often user code has to run.
fn model<T: DeepClone + Send + 'static>(
    elements: fn() -> (T, T),
    made: usize,
    check: fn(&T, &T, &T, &T),
) {
    loom::model(move || {
        // The stack of the thread that loom begins with is too small.
        let all = thread::Builder::new().stack_size(1 << 20).spawn(move || {
            MADE.set(0);
            let (first, second) = elements();
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
            assert_eq!(filled.len(), made, "each copy is claimed by one of them");
            let mut engine = Engine::plain();
            engine.expose(Exposure::Threads);
            for slot in gang.into_slots() {
                let adopted = engine.adopt(&slot, filled.contains(&slot.serial));
                assert!(
                    !matches!(adopted, Adopted::Unfilled(_)),
                    "who claims, fills"
                );
            }
            assert!(engine.conclude().is_ok());
            engine.close();
            assert_eq!(MADE.get(), made);
            // SAFETY: they were placed, and the operation is done.
            let (copy, other_copy) = unsafe { (copy.assume_init(), other_copy.assume_init()) };
            check(&first, &second, &copy, &other_copy);
        });
        all.unwrap().join().unwrap();
    });
}

struct Sent<T>(MaybeUninit<T>);

// SAFETY: a copy is sent like its source.
unsafe impl<T: Send> Send for Sent<T> {}

#[test]
fn two_edges_to_one_source_lead_to_one_copy() {
    model(
        || {
            let shared = node();
            (shared.clone(), shared)
        },
        1,
        |source, _, first, second| {
            assert!(Arc::ptr_eq(first, second) && !Arc::ptr_eq(source, first));
            assert_eq!(first.content.0.get(), 1);
            assert_eq!((Arc::strong_count(first), Arc::weak_count(first)), (2, 0));
            assert_eq!((Arc::strong_count(source), Arc::weak_count(source)), (2, 0));
        },
    );
}

#[test]
fn a_weak_edge_claims_nothing_and_leads_to_the_copy_that_a_strong_one_claims() {
    model(
        || {
            let shared = node();
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
        assert_eq!((first.content.0.get(), second.content.0.get()), (1, 1));
        assert_eq!((Arc::strong_count(first), Arc::weak_count(first)), (1, 1));
        assert_eq!((Arc::strong_count(second), Arc::weak_count(second)), (2, 0));
        assert_eq!((Arc::strong_count(source), Arc::weak_count(source)), (2, 0));
    });
}

#[test]
fn after_a_failure_nothing_behind_it_is_begun_and_all_before_it_is() {
    loom::model(|| {
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
