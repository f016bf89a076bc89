//! Sources that user code takes out of the locks that they were found in, so that a parallel copy is their last owner.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use deepclone::{DeepClone, ParDeepClone};
use deepclone_tests::fuse::{Detonator, Fuse};
use deepclone_tests::pools::{ByHand, on_pools, work};

/// The number of an element, both slots of which are emptied when this is copied.
struct Taker(usize);

impl Taker {
    fn take<E, T>(
        &self,
        root: &Mutex<Option<Arc<Vec<E>>>>,
        slots: impl Fn(&E) -> [&Mutex<Option<T>>; 2],
    ) -> Self {
        let root = root.lock().expect("not poisoned").clone();
        if let Some(root) = root {
            let slots = slots(&root[self.0]);
            let taken = slots.map(|slot| slot.lock().expect("not poisoned").take());
            drop(taken);
        }
        Self(self.0)
    }
}

mod sources_that_nobody_else_owns {
    use super::*;

    static ROOT: Mutex<Option<Arc<Vec<Element>>>> = Mutex::new(None);
    static PANICS_AT: AtomicUsize = AtomicUsize::new(usize::MAX);

    #[derive(DeepClone)]
    struct Node {
        number: usize,
        fuse: Fuse,
        #[deepclone(default = false)]
        is_source: bool,
    }

    impl Drop for Node {
        fn drop(&mut self) {
            if self.is_source && self.number == PANICS_AT.load(SeqCst) {
                std::panic::resume_unwind(Box::new(self.number));
            }
        }
    }

    type Slot = Mutex<Option<Arc<Node>>>;

    fn take(taker: &Taker) -> Taker {
        taker.take(&ROOT, |element| [&element.one, &element.other])
    }

    #[derive(DeepClone)]
    struct Element {
        one: Slot,
        other: Slot,
        #[deepclone(with = take)]
        taker: Taker,
        #[deepclone(with = work)]
        work: u64,
    }

    #[test]
    fn may_panic_when_they_are_dropped() {
        let detonator = Detonator::new();
        on_pools([2, 4], || {
            for panics_at in [0, 1, 5, 100, 199, usize::MAX] {
                let element = |number| {
                    let node = Arc::new(Node {
                        number,
                        fuse: detonator.fuse(),
                        is_source: true,
                    });
                    Element {
                        one: Mutex::new(Some(node.clone())),
                        other: Mutex::new(Some(node)),
                        taker: Taker(number),
                        work: 0,
                    }
                };
                let source: Arc<Vec<Element>> = Arc::new((0..200).map(element).collect());
                *ROOT.lock().expect("not poisoned") = Some(source.clone());
                PANICS_AT.store(panics_at, SeqCst);
                let outcome = catch_unwind(AssertUnwindSafe(|| source[..].par_deep_clone()));
                PANICS_AT.store(usize::MAX, SeqCst);
                *ROOT.lock().expect("not poisoned") = None;
                match outcome {
                    Ok(copy) => assert!(copy.iter().map(|element| element.taker.0).eq(0..200)),
                    Err(payload) => assert_eq!(payload.downcast_ref(), Some(&panics_at)),
                }
                drop(source);
                assert_eq!(detonator.live(), 0);
            }
        });
    }
}

/// What lies at an address when the work is left may be gone when it is taken up again, if that was reached through a lock.
mod sources_that_are_replaced {
    use super::*;

    const AT: usize = 20;

    static ROOT: Mutex<Option<Arc<Vec<Element>>>> = Mutex::new(None);

    trait Content: DeepClone + Send + Sync {
        fn number(&self) -> u64;
    }

    #[derive(DeepClone)]
    struct Stop(ByHand);

    impl Content for Stop {
        fn number(&self) -> u64 {
            self.0.0 as u64
        }
    }

    /// Puts something else where the first content was, when it is dropped.
    #[derive(DeepClone)]
    struct Replacer {
        #[deepclone(default = false)]
        replaces: bool,
    }

    impl Drop for Replacer {
        fn drop(&mut self) {
            let root = ROOT.lock().expect("not poisoned").clone();
            if let Some(root) = root.filter(|_| self.replaces) {
                let content = second();
                *root[AT].content.lock().expect("not poisoned") = Some(content);
            }
        }
    }

    fn take(taker: &Taker) -> Taker {
        taker.take(&ROOT, |element| [&element.one, &element.other])
    }

    #[derive(DeepClone)]
    struct Element {
        one: Mutex<Option<Arc<Replacer>>>,
        other: Mutex<Option<Arc<Replacer>>>,
        #[deepclone(with = take)]
        taker: Taker,
        content: Mutex<Option<Arc<dyn Content>>>,
        stop: Mutex<Option<Arc<dyn Content>>>,
    }

    const SIZE: usize = 60;

    fn first() -> Arc<dyn Content> {
        struct Bytes(usize, [usize; SIZE]);

        /// Takes its own source away.
        fn copy(bytes: &Bytes) -> Bytes {
            let root = ROOT.lock().expect("not poisoned").clone();
            let own = root.and_then(|root| root[AT].content.lock().expect("not poisoned").take());
            let copy = Bytes(bytes.0, bytes.1);
            drop(own);
            copy
        }

        #[derive(DeepClone)]
        struct Holder(#[deepclone(with = copy)] Bytes);

        impl Content for Holder {
            fn number(&self) -> u64 {
                self.0.0 as u64
            }
        }

        Arc::new(Holder(Bytes(0x1234, [1; SIZE])))
    }

    fn second() -> Arc<dyn Content> {
        struct Bytes(Box<u64>, [usize; SIZE]);

        fn copy(bytes: &Bytes) -> Bytes {
            Bytes(bytes.0.clone(), bytes.1)
        }

        #[derive(DeepClone)]
        struct Holder(#[deepclone(with = copy)] Bytes);

        impl Content for Holder {
            fn number(&self) -> u64 {
                *self.0.0
            }
        }

        Arc::new(Holder(Bytes(Box::new(77), [0; SIZE])))
    }

    #[test]
    fn are_not_taken_for_those_that_were_there() {
        on_pools([2, 4], || {
            let element = |number| {
                let replacer = Arc::new(Replacer {
                    replaces: number == AT - 1,
                });
                let is_there = number == AT;
                let stop = || Arc::new(Stop(ByHand(1))) as Arc<dyn Content>;
                Element {
                    one: Mutex::new(Some(replacer.clone())),
                    other: Mutex::new(Some(replacer)),
                    taker: Taker(number),
                    content: Mutex::new(is_there.then(first)),
                    stop: Mutex::new(is_there.then(stop)),
                }
            };
            let source: Arc<Vec<Element>> = Arc::new((0..100).map(element).collect());
            *ROOT.lock().expect("not poisoned") = Some(source.clone());
            let copy = source[..].par_deep_clone();
            *ROOT.lock().expect("not poisoned") = None;
            let content = copy[AT].content.lock().expect("not poisoned");
            let number = content.as_ref().map(|content| content.number());
            assert!(matches!(number, None | Some(0x1234 | 77)), "{number:?}");
        });
    }
}
