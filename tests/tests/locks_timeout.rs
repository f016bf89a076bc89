//! `LockPolicy::Timeout`: a lock that stays held is an error, not before its time and not for ever after it, wherever it lies.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use deepclone::{DeepClone, Error, ErrorKind, LockPolicy, Options, Session};
use deepclone_tests::stir::{PATIENCE, must_finish};

const LIMIT: Duration = Duration::from_millis(50);

/// Far beyond the limit, and not for ever.
const BOUND: Duration = Duration::from_secs(10);

const POLICY: Options = Options::new().locks(LockPolicy::Timeout(LIMIT));

/// Fails as it has to: after the limit, with a trace of nothing.
fn times_out<T: DeepClone>(source: &T) -> Error {
    let mut session = Session::with_options(POLICY);
    let start = Instant::now();
    let error = session.deep_clone(source).err().expect("a lock is held");
    let time = start.elapsed();
    assert!((LIMIT..BOUND).contains(&time), "{time:?}");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert_eq!(session.stats(), Session::new().stats());
    error
}

fn succeeds<T: DeepClone>(source: &T) -> T {
    Session::with_options(POLICY)
        .deep_clone(source)
        .expect("all is free")
}

/// A thread that holds something until it is told to let go.
struct Holder {
    go: Sender<()>,
    thread: JoinHandle<()>,
}

impl Holder {
    /// `hold` calls what it is given while it holds something.
    fn new(hold: impl FnOnce(&dyn Fn()) + Send + 'static) -> Self {
        let (go, gone) = channel();
        let (held, is_held) = channel();
        let thread = thread::spawn(move || {
            hold(&|| {
                held.send(()).expect("the other thread listens");
                gone.recv_timeout(PATIENCE)
                    .expect("the other thread goes on");
            });
        });
        is_held.recv_timeout(PATIENCE).expect("it is held");
        Self { go, thread }
    }

    fn let_go(self) {
        self.go.send(()).expect("the holder listens");
        self.thread.join().expect("it did not panic");
    }
}

/// Tells that a clone has come here.
fn tell(begun: &Option<Sender<()>>) -> Option<Sender<()>> {
    if let Some(begun) = begun {
        begun.send(()).expect("somebody listens");
    }
    None
}

macro_rules! locks {
    ($name:ident, $lock:ident, $write:ident, $try_write:ident) => {
        mod $name {
            use super::*;

            #[derive(DeepClone)]
            struct Link {
                number: u32,
                next: $lock<Vec<Arc<Link>>>,
            }

            fn ring(len: u32) -> Vec<Arc<Link>> {
                let new = |number| {
                    Arc::new(Link {
                        number,
                        next: $lock::default(),
                    })
                };
                let ring: Vec<_> = (0..len).map(new).collect();
                for (index, link) in ring.iter().enumerate() {
                    let next = ring[(index + 1) % ring.len()].clone();
                    link.next
                        .$write()
                        .expect("free")
                        .extend([next, link.clone()]);
                }
                ring
            }

            fn cut(link: &Link) -> Vec<Arc<Link>> {
                std::mem::take(&mut *link.next.$write().expect("not poisoned"))
            }

            /// Takes the copy of a ring apart on the way.
            fn check_copy(copy: Arc<Link>, len: u32) {
                let mut at = copy;
                for number in 0..len {
                    assert_eq!(at.number, number);
                    let next = cut(&at);
                    assert!(Arc::ptr_eq(&next[1], &at));
                    at = next[0].clone();
                }
                assert_eq!(Arc::strong_count(&at), 1);
            }

            #[test]
            fn a_lock_that_this_thread_holds_is_given_up_within_a_bound() {
                must_finish(|| {
                    let source = vec![(1, Arc::new($lock::new(5)))];
                    let held = source[0].1.$write().expect("free");
                    assert_eq!(times_out(&source).path(), "Vec[0].1");
                    drop(held);
                    assert_eq!(*succeeds(&source)[0].1.$write().expect("free"), 5);
                });
            }

            #[test]
            fn a_lock_that_another_thread_holds_past_the_limit_is_given_up_within_a_bound() {
                must_finish(|| {
                    let source = vec![(1, Arc::new($lock::new(5)))];
                    let lock = source[0].1.clone();
                    let holder = Holder::new(move |wait| {
                        let mut held = lock.$write().expect("free");
                        wait();
                        *held = 6;
                    });
                    assert_eq!(times_out(&source).path(), "Vec[0].1");
                    holder.let_go();
                    assert_eq!(*succeeds(&source)[0].1.$write().expect("free"), 6);
                    assert_eq!(Arc::strong_count(&source[0].1), 1);
                });
            }

            #[test]
            fn a_held_lock_behind_an_arc_in_another_lock_is_given_up_and_the_other_is_let_go_of() {
                must_finish(|| {
                    let inner = Arc::new($lock::new(5));
                    let source = Arc::new($lock::new((1, inner.clone())));
                    let holder = Holder::new(move |wait| {
                        let held = inner.$write().expect("free");
                        wait();
                        drop(held);
                    });
                    times_out(&source);
                    assert!(source.$try_write().is_ok());
                    holder.let_go();
                    let copy = succeeds(&source);
                    assert_eq!(*copy.$write().expect("free").1.$write().expect("free"), 5);
                });
            }

            #[derive(DeepClone)]
            struct Told {
                times: u32,
                #[deepclone(with = tell)]
                begun: Option<Sender<()>>,
                inner: Arc<$lock<u32>>,
            }

            #[test]
            fn a_lock_is_free_while_a_lock_behind_an_arc_in_it_is_waited_for() {
                must_finish(|| {
                    let inner = Arc::new($lock::new(5));
                    let (begun, has_begun) = channel();
                    let source = Arc::new($lock::new(Told {
                        times: 0,
                        begun: Some(begun),
                        inner: inner.clone(),
                    }));
                    let holder = Holder::new(move |wait| {
                        let held = inner.$write().expect("free");
                        wait();
                        drop(held);
                    });
                    let shared = source.clone();
                    let cloned = thread::spawn(move || {
                        let options = Options::new().locks(LockPolicy::Timeout(PATIENCE));
                        Session::with_options(options).deep_clone(&shared)
                    });
                    has_begun
                        .recv_timeout(PATIENCE)
                        .expect("the clone has the outer lock");
                    // The inner one is let go of only when the outer one was to be had.
                    source.$write().expect("not poisoned").times += 1;
                    holder.let_go();
                    let copy = cloned
                        .join()
                        .expect("it did not panic")
                        .expect("it is free in time");
                    let copy = copy.$write().expect("free");
                    assert_eq!((copy.times, *copy.inner.$write().expect("free")), (0, 5));
                });
            }

            #[test]
            fn a_held_lock_that_another_lock_owns_is_given_up_and_the_other_is_let_go_of() {
                must_finish(|| {
                    let source = Arc::new(RwLock::new((1, $lock::new(5))));
                    let shared = source.clone();
                    let holder = Holder::new(move |wait| {
                        // Reads beside the clone, and writes further in.
                        let outer = shared.read().expect("not poisoned");
                        let held = outer.1.$write().expect("free");
                        wait();
                        drop(held);
                    });
                    times_out(&source);
                    holder.let_go();
                    assert!(source.try_write().is_ok());
                    let copy = succeeds(&source);
                    assert_eq!(*copy.read().expect("free").1.$write().expect("free"), 5);
                });
            }

            #[test]
            fn a_held_lock_on_a_cycle_is_given_up_and_the_cycle_stays_as_it_was() {
                must_finish(|| {
                    let ring = ring(5);
                    for at in 0..ring.len() {
                        let link = ring[at].clone();
                        let holder = Holder::new(move |wait| {
                            let held = link.next.$write().expect("free");
                            wait();
                            drop(held);
                        });
                        times_out(&ring[0]);
                        holder.let_go();
                        assert!(ring.iter().all(|link| link.next.$try_write().is_ok()));
                        let counts = |link| (Arc::strong_count(link), Arc::weak_count(link));
                        assert!(ring.iter().all(|link| counts(link) == (3, 0)));
                    }
                    check_copy(succeeds(&ring[0]), 5);
                    for link in &ring {
                        drop(cut(link));
                    }
                });
            }

            #[test]
            fn a_lock_is_waited_for_as_long_as_there_is_time_on_a_cycle_too() {
                must_finish(|| {
                    let ring = ring(3);
                    let link = ring[1].clone();
                    let holder = Holder::new(move |wait| {
                        let held = link.next.$write().expect("free");
                        wait();
                        thread::sleep(LIMIT);
                        drop(held);
                    });
                    let options = Options::new().locks(LockPolicy::Timeout(PATIENCE));
                    let root = ring[0].clone();
                    let cloned =
                        thread::spawn(move || Session::with_options(options).deep_clone(&root));
                    holder.let_go();
                    let copy = cloned
                        .join()
                        .expect("it did not panic")
                        .expect("it is free in time");
                    check_copy(copy, 3);
                    for link in &ring {
                        drop(cut(link));
                    }
                });
            }
        }
    };
}

locks!(mutexes, Mutex, lock, try_lock);
locks!(rw_locks, RwLock, write, try_write);
