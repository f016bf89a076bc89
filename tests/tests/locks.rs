//! Locks: held only while the data that they own directly is copied, taken as the options say, never poisoned, never in one another's way.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, OnceLock, RwLock, Weak};
use std::thread;
use std::time::{Duration, Instant};

use deepclone::{
    Cloner, DeepClone, Error, ErrorKind, LockPolicy, Options, PoisonPolicy, Session,
    impl_deep_clone,
};
use deepclone_tests::stir::{PATIENCE, must_finish};

/// A hook into the middle of a copy.
struct Hook(Box<dyn Fn() + Send + Sync>);

impl_deep_clone! { impl for Hook = |hook, _cloner| { (hook.0)(); Ok(Hook(Box::new(|| ()))) } }

impl Hook {
    fn new(hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Box::new(hook))
    }
}

fn session(options: Options) -> Session {
    Session::with_options(options)
}

fn refused<T: DeepClone>(options: Options, value: &T) -> Error {
    let mut session = session(options);
    let Err(error) = session.deep_clone(value) else {
        panic!("it was copied");
    };
    assert_eq!(session.stats(), Session::new().stats());
    error
}

macro_rules! locks {
    ($name:ident, $lock:ident, $write:ident, $try_write:ident) => {
        mod $name {
            use super::*;

            /// What lies in a lock: a hook, then an edge to another lock.
            #[derive(DeepClone)]
            struct Link {
                hook: Hook,
                next: Vec<Arc<$lock<Link>>>,
            }

            #[test]
            fn a_clone_and_a_thread_that_takes_the_same_locks_in_the_other_order_both_finish() {
                let (at_first, clone_is_at_first): (Sender<()>, Receiver<()>) = channel();
                let (second_is_held, go_on): (Sender<()>, Receiver<()>) = channel();
                let go_on = Mutex::new(go_on);
                let second = Arc::new($lock::new(Link {
                    hook: Hook::new(|| ()),
                    next: Vec::new(),
                }));
                let first = Arc::new($lock::new(Link {
                    hook: Hook::new(move || {
                        at_first.send(()).expect("the other thread listens");
                        let go_on = go_on.lock().expect("not poisoned");
                        go_on
                            .recv_timeout(PATIENCE)
                            .expect("the second lock is taken");
                    }),
                    next: vec![second.clone()],
                }));
                let other = {
                    let (first, second) = (first.clone(), second.clone());
                    thread::spawn(move || {
                        clone_is_at_first
                            .recv_timeout(PATIENCE)
                            .expect("the clone begins");
                        let _second = second.$write().expect("not poisoned");
                        second_is_held.send(()).expect("the clone listens");
                        // The clone holds the first and wants the second next.
                        let first = first.$write().expect("not poisoned");
                        first.next.len()
                    })
                };
                let copy = must_finish(move || first.deep_clone());
                assert_eq!(other.join().expect("it did not panic"), 1);
                assert_eq!(
                    Arc::strong_count(&copy.$write().expect("not poisoned").next[0]),
                    1
                );
            }

            #[test]
            fn two_clones_of_two_locks_that_lead_to_each_other_finish() {
                let new = || {
                    Arc::new($lock::new(Link {
                        hook: Hook::new(|| ()),
                        next: Vec::new(),
                    }))
                };
                let (a, b) = (new(), new());
                a.$write().expect("not poisoned").next.push(b.clone());
                b.$write().expect("not poisoned").next.push(a.clone());
                let cut = |lock: &Arc<$lock<Link>>| {
                    let next = std::mem::take(&mut lock.$write().expect("not poisoned").next);
                    drop(next);
                };
                let workers = [a.clone(), b.clone()].map(|root| {
                    move || {
                        for _ in 0..500 {
                            let copy = root.deep_clone();
                            let back = copy.$write().expect("not poisoned").next[0].clone();
                            assert!(Arc::ptr_eq(
                                &back.$write().expect("not poisoned").next[0],
                                &copy
                            ));
                            assert_eq!(Arc::strong_count(&copy), 2);
                            let next =
                                std::mem::take(&mut back.$write().expect("not poisoned").next);
                            drop(next);
                        }
                    }
                });
                let running = workers.map(|worker| thread::spawn(move || must_finish(worker)));
                for thread in running {
                    thread.join().expect("it did not panic");
                }
                cut(&a);
                cut(&b);
            }

            /// Content from which a slow child is reached through an `Arc`, in all the ways that owned data can hold one.
            #[derive(DeepClone)]
            struct Parent {
                now: u32,
                child: Arc<Hook>,
                boxed: Box<(u32, Arc<Hook>)>,
                listed: Vec<Option<Arc<Hook>>>,
                twice: $lock<$lock<Arc<Hook>>>,
                deep: Arc<(u32, Arc<Vec<Arc<Hook>>>)>,
            }

            #[test]
            fn a_lock_is_free_while_what_it_reaches_through_an_arc_is_copied() {
                let calls = Arc::new(AtomicUsize::new(0));
                let source = Arc::new_cyclic(|lock: &Weak<$lock<Parent>>| {
                    let hook = || {
                        let (lock, calls) = (lock.clone(), calls.clone());
                        Arc::new(Hook::new(move || {
                            let lock = lock.upgrade().expect("the source lives");
                            // From another thread, which has all the time that it wants.
                            thread::scope(|scope| {
                                scope.spawn(|| {
                                    let mut parent = lock.$write().expect("not poisoned");
                                    parent.now += 1;
                                    let outer = parent.twice.$try_write().expect("free");
                                    drop(outer.$try_write().expect("free"));
                                });
                            });
                            calls.fetch_add(1, Ordering::Relaxed);
                        }))
                    };
                    $lock::new(Parent {
                        now: 1,
                        child: hook(),
                        boxed: Box::new((2, hook())),
                        listed: vec![Some(hook()), None],
                        twice: $lock::new($lock::new(hook())),
                        deep: Arc::new((3, Arc::new(vec![hook()]))),
                    })
                });
                let copy = {
                    let source = source.clone();
                    must_finish(move || source.deep_clone())
                };
                assert_eq!(calls.load(Ordering::Relaxed), 5);
                // As it was at some moment of the clone.
                assert!((1..=6).contains(&copy.$write().expect("not poisoned").now));
                assert_eq!(source.$write().expect("not poisoned").now, 6);
            }

            #[test]
            fn a_lock_held_by_this_thread_is_an_error_under_try_and_after_the_timeout() {
                let source = (1, vec![Arc::new($lock::new(5)), Arc::new($lock::new(6))]);
                let held = source.1[1].$write().expect("not poisoned");
                let limit = Duration::from_millis(30);
                for policy in [
                    LockPolicy::Try,
                    LockPolicy::Timeout(Duration::ZERO),
                    LockPolicy::Timeout(limit),
                ] {
                    let start = Instant::now();
                    let error = refused(Options::new().locks(policy), &source);
                    if policy == LockPolicy::Timeout(limit) {
                        assert!(start.elapsed() >= limit);
                    }
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    assert_eq!(error.path(), "(_, _).1[1]");
                    assert!(
                        error.type_name().contains(stringify!($lock)),
                        "{}",
                        error.type_name()
                    );
                    assert!(
                        error
                            .to_string()
                            .lines()
                            .any(|line| line.starts_with("help:"))
                    );
                }
                drop(held);
                assert_eq!(
                    (
                        Arc::strong_count(&source.1[0]),
                        Arc::weak_count(&source.1[0])
                    ),
                    (1, 0)
                );
                for policy in [
                    LockPolicy::Block,
                    LockPolicy::Try,
                    LockPolicy::Timeout(Duration::MAX),
                ] {
                    let copy = session(Options::new().locks(policy))
                        .deep_clone(&source)
                        .expect("all is free");
                    assert_eq!(*copy.1[1].$write().expect("not poisoned"), 6);
                }
            }

            #[test]
            fn a_session_is_usable_after_a_lock_was_held() {
                let lock = Arc::new($lock::new(vec![Arc::new(1)]));
                let mut session = session(Options::new().locks(LockPolicy::Try));
                let held = lock.$write().expect("not poisoned");
                assert!(session.deep_clone(&(Arc::new(1), lock.clone())).is_err());
                drop(held);
                let copy = session.deep_clone(&lock).expect("it is free");
                assert_eq!(session.stats().objects, 2);
                let again = session.deep_clone(&lock).expect("it is free");
                assert!(Arc::ptr_eq(&copy, &again));
            }

            #[test]
            fn a_lock_that_is_held_elsewhere_is_waited_for() {
                for policy in [LockPolicy::Block, LockPolicy::Timeout(PATIENCE)] {
                    let lock = Arc::new($lock::new(0));
                    let (held, is_held) = channel();
                    let (go, gone) = channel();
                    let holder = {
                        let lock = lock.clone();
                        thread::spawn(move || {
                            let mut guard = lock.$write().expect("not poisoned");
                            held.send(()).expect("the other thread listens");
                            gone.recv_timeout(PATIENCE)
                                .expect("the other thread goes on");
                            for _ in 0..100 {
                                *guard += 1;
                                thread::yield_now();
                            }
                        })
                    };
                    is_held.recv_timeout(PATIENCE).expect("it is held");
                    go.send(()).expect("the other thread listens");
                    let copy = session(Options::new().locks(policy))
                        .deep_clone(&*lock)
                        .expect("it is released");
                    assert_eq!(copy.into_inner().expect("not poisoned"), 100);
                    holder.join().expect("it did not panic");
                }
            }

            fn poisoned<T: Send + Sync + 'static>(content: T) -> Arc<$lock<T>> {
                let lock = Arc::new($lock::new(content));
                let held = lock.clone();
                let outcome = catch_unwind(AssertUnwindSafe(move || {
                    let _guard = held.$write();
                    std::panic::resume_unwind(Box::new(()));
                }));
                assert!(outcome.is_err() && lock.is_poisoned());
                lock
            }

            #[test]
            fn a_poisoned_lock_is_an_error_or_is_copied_into_one_that_is_not() {
                let leaf = Arc::new(7);
                let source = vec![(leaf.clone(), poisoned((leaf.clone(), "x".to_owned())))];
                let error = source.try_deep_clone().err().expect("it is poisoned");
                assert_eq!(
                    (error.kind(), error.path()),
                    (ErrorKind::Poisoned, "Vec[0].1")
                );
                let error = refused(Options::new().poison(PoisonPolicy::Error), &source);
                assert_eq!(error.kind(), ErrorKind::Poisoned);
                assert_eq!((Arc::strong_count(&leaf), Arc::weak_count(&leaf)), (3, 0));

                for policy in [
                    LockPolicy::Block,
                    LockPolicy::Try,
                    LockPolicy::Timeout(PATIENCE),
                ] {
                    let options = Options::new().poison(PoisonPolicy::Recover).locks(policy);
                    let copy = session(options)
                        .deep_clone(&source)
                        .expect("poison is no error");
                    assert!(!copy[0].1.is_poisoned());
                    assert!(source[0].1.is_poisoned());
                    let content = copy[0].1.$write().expect("not poisoned");
                    assert!(Arc::ptr_eq(&content.0, &copy[0].0));
                    assert_eq!(content.1, "x");
                }
                source[0].1.clear_poison();
                assert!(source.try_deep_clone().is_ok());
            }

            #[test]
            fn an_error_at_one_lock_poisons_no_other() {
                let locks: Vec<_> = (0..4)
                    .map(|number| Arc::new($lock::new((number, None))))
                    .collect();
                for (index, lock) in locks.iter().enumerate() {
                    let next = locks[(index + 1) % 4].clone() as Arc<dyn Any_>;
                    lock.$write().expect("not poisoned").1 = Some(next);
                }
                let bad = poisoned(1);
                let source = (locks.clone(), bad);
                assert_eq!(
                    source
                        .try_deep_clone()
                        .err()
                        .expect("it is poisoned")
                        .kind(),
                    ErrorKind::Poisoned
                );
                for lock in &locks {
                    assert!(!lock.is_poisoned());
                    assert!(lock.$try_write().is_ok());
                    assert_eq!((Arc::strong_count(lock), Arc::weak_count(lock)), (3, 0));
                }
                for lock in &locks {
                    let next = lock.$write().expect("not poisoned").1.take();
                    drop(next);
                }
            }

            trait Any_: DeepClone + Send + Sync {}
            impl<T: DeepClone + Send + Sync> Any_ for T {}

            /// A copy written by hand that wants a lock.
            struct Greedy(Arc<$lock<u32>>, Box<Mutex<u32>>, u32);

            fn greedy(source: &Greedy, cloner: &mut Cloner<'_>) -> Result<Greedy, Error> {
                Ok(match source.2 {
                    0 => Greedy(cloner.deep_clone(&source.0)?, Box::default(), 0),
                    1 => Greedy(Arc::default(), cloner.deep_clone(&source.1)?, 1),
                    _ => Greedy(
                        Arc::default(),
                        Box::default(),
                        cloner.deep_clone(&source.2)?,
                    ),
                })
            }

            impl_deep_clone! { impl for Greedy = greedy }

            #[test]
            fn a_copy_written_by_hand_in_a_lock_gets_no_other_lock_whatever_the_policy() {
                for wants in 0..3 {
                    let inner = Arc::new($lock::new(1));
                    let source = $lock::new((1, Greedy(inner.clone(), Box::default(), wants)));
                    for policy in [
                        LockPolicy::Block,
                        LockPolicy::Try,
                        LockPolicy::Timeout(PATIENCE),
                    ] {
                        let cloned = session(Options::new().locks(policy)).deep_clone(&source);
                        match wants {
                            2 => drop(cloned.expect("it wants no lock")),
                            _ => assert_eq!(
                                cloned.err().expect("it wants a lock").kind(),
                                ErrorKind::WouldBlock
                            ),
                        }
                    }
                    let plain = source.try_deep_clone();
                    assert_eq!(plain.is_ok(), wants == 2);
                    assert!(!source.is_poisoned() && !inner.is_poisoned());
                    assert!(source.$try_write().is_ok() && inner.$try_write().is_ok());
                    assert_eq!((Arc::strong_count(&inner), Arc::weak_count(&inner)), (2, 0));
                }
            }

            #[test]
            fn a_copy_written_by_hand_behind_an_arc_in_a_lock_gets_the_locks_that_it_wants() {
                let source =
                    $lock::new(Arc::new(Greedy(Arc::new($lock::new(4)), Box::default(), 0)));
                let copy = source.deep_clone();
                let greedy = copy.into_inner().expect("not poisoned");
                assert_eq!(*greedy.0.$write().expect("not poisoned"), 4);
            }

            #[test]
            fn locks_owned_by_locks_are_copied() {
                let source = $lock::new((
                    1,
                    $lock::new((2, Mutex::new(RwLock::new(Arc::new($lock::new(3)))))),
                ));
                for policy in [
                    LockPolicy::Block,
                    LockPolicy::Try,
                    LockPolicy::Timeout(PATIENCE),
                ] {
                    let copy = session(Options::new().locks(policy))
                        .deep_clone(&source)
                        .expect("all are free");
                    let (one, inner) = copy.into_inner().expect("not poisoned");
                    let (two, inner) = inner.into_inner().expect("not poisoned");
                    let inner = inner
                        .into_inner()
                        .expect("not poisoned")
                        .into_inner()
                        .expect("not poisoned");
                    assert_eq!(
                        (one, two, *inner.$write().expect("not poisoned")),
                        (1, 2, 3)
                    );
                }
            }
        }
    };
}

locks!(mutexes, Mutex, lock, try_lock);
locks!(rw_locks, RwLock, write, try_write);

#[test]
fn under_try_a_rw_lock_is_read_beside_readers() {
    let lock = RwLock::new(vec![1, 2]);
    let reader = lock.read().expect("not poisoned");
    for policy in [LockPolicy::Try, LockPolicy::Timeout(Duration::ZERO)] {
        let copy = session(Options::new().locks(policy))
            .deep_clone(&lock)
            .expect("readers share");
        assert_eq!(copy.into_inner().expect("not poisoned"), *reader);
    }
}

#[test]
fn a_once_lock_that_is_being_set_elsewhere_comes_out_unset_without_waiting() {
    let once: Arc<OnceLock<u32>> = Arc::default();
    let (started, has_started) = channel();
    let (go, gone) = channel();
    let setter = {
        let once = once.clone();
        thread::spawn(move || {
            once.get_or_init(|| {
                started.send(()).expect("the other thread listens");
                gone.recv_timeout(PATIENCE)
                    .expect("the clone has come back");
                7
            });
        })
    };
    has_started.recv_timeout(PATIENCE).expect("it has begun");
    let copy = {
        let once = once.clone();
        must_finish(move || once.deep_clone())
    };
    assert_eq!(copy.get(), None);
    go.send(()).expect("the setter listens");
    setter.join().expect("it did not panic");
    assert_eq!(copy.set(8), Ok(()));
    assert_eq!(once.deep_clone().get(), Some(&7));
}

#[test]
fn a_condvar_comes_out_fresh_beside_its_mutex() {
    let source = Arc::new((Mutex::new(false), Condvar::new()));
    let copy = source.deep_clone();
    thread::scope(|scope| {
        scope.spawn(|| {
            *copy.0.lock().expect("not poisoned") = true;
            copy.1.notify_all();
        });
        let guard = copy.0.lock().expect("not poisoned");
        let ready = copy
            .1
            .wait_while(guard, |ready| !*ready)
            .expect("not poisoned");
        assert!(*ready);
    });
    assert!(!*source.0.lock().expect("not poisoned"));
}
