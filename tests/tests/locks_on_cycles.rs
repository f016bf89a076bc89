//! Locks on strong cycles, owned by `Rc` and by `Arc`: held ones, poisoned ones, and clones that fail among them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use deepclone::{DeepClone, Error, ErrorKind, LockPolicy, Options, PoisonPolicy, Session};
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

const LIMIT: Duration = Duration::from_millis(50);

const POLICIES: [LockPolicy; 4] = [
    LockPolicy::Block,
    LockPolicy::Try,
    LockPolicy::Timeout(LIMIT),
    LockPolicy::Timeout(Duration::MAX),
];

fn refused<T: DeepClone>(options: Options, source: &T) -> Error {
    let mut session = Session::with_options(options);
    let error = session.deep_clone(source).err().expect("there is a reason");
    assert_eq!(session.stats(), Session::new().stats());
    error
}

macro_rules! locks {
    ($name:ident, $strong:ident, $lock:ident, $write:ident, $try_write:ident) => {
        mod $name {
            use super::*;

            /// A link of a ring, with another lock in the first one.
            #[derive(DeepClone)]
            struct Link {
                number: u32,
                fuse: Fuse,
                content: $lock<Content>,
            }

            #[derive(DeepClone, Default)]
            struct Content {
                next: Option<$strong<Link>>,
                itself: Vec<$strong<Link>>,
                boxed: Box<$lock<u32>>,
            }

            /// A ring that is taken apart when it is dropped.
            struct Ring {
                links: Vec<$strong<Link>>,
                detonator: Detonator,
            }

            impl Ring {
                fn new() -> Self {
                    let detonator = Detonator::new();
                    let links: Vec<_> = (0..4)
                        .map(|number| {
                            $strong::new(Link {
                                number,
                                fuse: detonator.fuse(),
                                content: $lock::default(),
                            })
                        })
                        .collect();
                    for (index, link) in links.iter().enumerate() {
                        *link.content.$write().expect("free") = Content {
                            next: Some(links[(index + 1) % 4].clone()),
                            itself: vec![link.clone()],
                            boxed: Box::new($lock::new(link.number)),
                        };
                    }
                    Self { links, detonator }
                }

                /// Every lock is free, all but some are not poisoned, and no count is lost.
                fn check(&self, poisoned: &[usize]) {
                    for (index, link) in self.links.iter().enumerate() {
                        assert_eq!(link.content.is_poisoned(), poisoned.contains(&index));
                        if !link.content.is_poisoned() {
                            let content = link.content.$try_write().expect("free");
                            assert!(content.boxed.$try_write().is_ok());
                            assert!($strong::ptr_eq(&content.itself[0], link));
                        }
                        let counts = ($strong::strong_count(link), $strong::weak_count(link));
                        assert_eq!(counts, (3, 0));
                    }
                    assert_eq!(self.detonator.live(), 4);
                }
            }

            impl Drop for Ring {
                fn drop(&mut self) {
                    for link in &self.links {
                        link.content.clear_poison();
                        drop(cut(link));
                    }
                }
            }

            fn cut(link: &Link) -> Content {
                std::mem::take(&mut *link.content.$write().expect("not poisoned"))
            }

            /// Of a copy: it is the ring again, and nothing in it is held or poisoned.
            fn check_copy(copy: $strong<Link>) {
                let mut at = copy;
                for number in 0..4 {
                    assert_eq!(at.number, number);
                    assert!(!at.content.is_poisoned());
                    assert!(at.content.$try_write().is_ok());
                    let content = cut(&at);
                    assert!($strong::ptr_eq(&content.itself[0], &at));
                    assert!(!content.boxed.is_poisoned());
                    assert_eq!(content.boxed.into_inner().expect("not poisoned"), number);
                    at = content.next.expect("it is a ring");
                }
                assert_eq!($strong::strong_count(&at), 1);
            }

            fn poison<T>(lock: &$lock<T>) {
                let outcome = catch_unwind(AssertUnwindSafe(|| {
                    let _guard = lock.$write();
                    resume_unwind(Box::new(()));
                }));
                assert!(outcome.is_err() && lock.is_poisoned());
            }

            #[test]
            fn a_ring_of_locks_is_copied_under_each_policy() {
                let ring = Ring::new();
                for policy in POLICIES {
                    let mut session = Session::with_options(Options::new().locks(policy));
                    let copy = session.deep_clone(&ring.links[0]).expect("all is free");
                    assert_eq!(session.stats().objects, 4);
                    drop(session);
                    check_copy(copy);
                    ring.check(&[]);
                }
            }

            #[test]
            fn a_held_lock_on_a_ring_is_an_error_under_try_and_after_the_timeout() {
                let ring = Ring::new();
                for at in 0..4 {
                    let held = ring.links[at].content.$write().expect("free");
                    for policy in [
                        LockPolicy::Try,
                        LockPolicy::Timeout(Duration::ZERO),
                        LockPolicy::Timeout(LIMIT),
                    ] {
                        let start = Instant::now();
                        let error = refused(Options::new().locks(policy), &ring.links[0]);
                        if policy == LockPolicy::Timeout(LIMIT) {
                            assert!((LIMIT..Duration::from_secs(10)).contains(&start.elapsed()));
                        }
                        assert_eq!(error.kind(), ErrorKind::WouldBlock);
                        let lock = stringify!($lock);
                        assert!(error.type_name().contains(lock), "{}", error.type_name());
                    }
                    drop(held);
                    ring.check(&[]);
                }
                check_copy(ring.links[0].deep_clone());
            }

            #[test]
            fn a_held_lock_that_is_no_part_of_a_ring_is_an_error_for_whatever_leads_to_it() {
                let ring = Ring::new();
                let apart = $strong::new($lock::new(1));
                let source = (ring.links[1].clone(), vec![apart.clone(), apart.clone()]);
                let held = apart.$write().expect("free");
                let error = refused(Options::new().locks(LockPolicy::Try), &source);
                assert_eq!((error.kind(), error.path()), (ErrorKind::WouldBlock, "(_, _).1[0]"));
                drop(held);
                assert_eq!(($strong::strong_count(&apart), $strong::weak_count(&apart)), (3, 0));
                drop(source);
                ring.check(&[]);
            }

            #[test]
            fn a_poisoned_lock_on_a_ring_is_an_error_and_the_others_stay_as_they_were() {
                for at in 0..4 {
                    let ring = Ring::new();
                    poison(&ring.links[at].content);
                    for policy in POLICIES {
                        let options = Options::new().locks(policy);
                        for options in [options, options.poison(PoisonPolicy::Error)] {
                            let error = refused(options, &ring.links[0]);
                            assert_eq!(error.kind(), ErrorKind::Poisoned);
                            ring.check(&[at]);
                        }
                    }
                    let error = ring.links[0].try_deep_clone().err().expect("it is poisoned");
                    assert_eq!(error.kind(), ErrorKind::Poisoned);
                    ring.check(&[at]);
                    ring.links[at].content.clear_poison();
                    check_copy(ring.links[0].deep_clone());
                    ring.check(&[]);
                }
            }

            #[test]
            fn a_poisoned_lock_on_a_ring_is_copied_into_one_that_is_not_and_stays_poisoned() {
                for poisoned in [&[0][..], &[2], &[0, 3], &[0, 1, 2, 3]] {
                    let ring = Ring::new();
                    for at in poisoned {
                        poison(&ring.links[*at].content);
                    }
                    for policy in POLICIES {
                        let options = Options::new().locks(policy).poison(PoisonPolicy::Recover);
                        let copy = Session::with_options(options).deep_clone(&ring.links[0]);
                        check_copy(copy.expect("poison is no error"));
                        ring.check(poisoned);
                    }
                }
            }

            #[test]
            fn a_poisoned_lock_in_a_lock_on_a_ring_is_an_error_or_is_recovered_and_poisons_nothing_around_it()
            {
                let ring = Ring::new();
                poison(&ring.links[1].content.$write().expect("free").boxed);
                let error = refused(Options::new(), &ring.links[0]);
                assert_eq!(error.kind(), ErrorKind::Poisoned);
                let options = Options::new().poison(PoisonPolicy::Recover);
                let copy = Session::with_options(options).deep_clone(&ring.links[0]);
                check_copy(copy.expect("poison is no error"));
                let content = ring.links[1].content.$try_write().expect("free");
                assert!(content.boxed.is_poisoned());
                content.boxed.clear_poison();
                drop(content);
                ring.check(&[]);
            }

            #[test]
            fn a_clone_of_a_ring_that_fails_at_any_step_poisons_no_lock_and_cures_none() {
                let ring = Ring::new();
                poison(&ring.links[2].content);
                let options = Options::new().poison(PoisonPolicy::Recover);
                for mode in [Mode::Error, Mode::Panic] {
                    // Each link is a step.
                    for step in 0..4 {
                        ring.detonator.fail_at(step, mode, || {
                            Session::with_options(options).deep_clone(&ring.links[0])
                        });
                        ring.check(&[2]);
                    }
                }
                for objects in 0..4 {
                    let error = refused(options.max_objects(objects), &ring.links[0]);
                    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
                    ring.check(&[2]);
                }
            }

            #[test]
            fn a_lock_behind_a_pointer_is_an_error_when_it_is_poisoned_or_is_recovered() {
                let leaf = $strong::new(7);
                let lock = $strong::new($lock::new((leaf.clone(), String::from("x"))));
                let source = vec![(leaf.clone(), lock.clone()), (leaf.clone(), lock.clone())];
                poison(&lock);
                let error = source.try_deep_clone().err().expect("it is poisoned");
                assert_eq!((error.kind(), error.path()), (ErrorKind::Poisoned, "Vec[0].1"));
                for policy in POLICIES {
                    let options = Options::new().locks(policy).poison(PoisonPolicy::Recover);
                    let copy = Session::with_options(options).deep_clone(&source);
                    let copy = copy.expect("poison is no error");
                    assert!($strong::ptr_eq(&copy[0].1, &copy[1].1));
                    assert!(!copy[0].1.is_poisoned() && lock.is_poisoned());
                    let content = copy[0].1.$try_write().expect("free");
                    assert!($strong::ptr_eq(&content.0, &copy[1].0));
                    assert_eq!((*content.0, &*content.1), (7, "x"));
                }
                assert_eq!(($strong::strong_count(&leaf), $strong::weak_count(&leaf)), (4, 0));
                assert_eq!(($strong::strong_count(&lock), $strong::weak_count(&lock)), (3, 0));
            }
        }
    };
}

locks!(rc_mutexes, Rc, Mutex, lock, try_lock);
locks!(rc_rw_locks, Rc, RwLock, write, try_write);
locks!(arc_mutexes, Arc, Mutex, lock, try_lock);
locks!(arc_rw_locks, Arc, RwLock, write, try_write);
