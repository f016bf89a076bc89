//! What user code finds when it runs near a lock: it may fail or panic under it, and nothing of it runs under a lock that need not.

use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::time::Duration;

use deepclone::{DeepClone, LockPolicy, Options, Session, impl_deep_clone};
use deepclone_tests::fuse::{Detonator, Fuse, Mode};
use deepclone_tests::keys::Rank;

fn with_fuse(fuse: &Fuse) -> Fuse {
    fuse.clone()
}

fn plus_one(number: &u32) -> u32 {
    number + 1
}

/// A key whose `Hash`, `Eq` and `Ord` are steps.
#[derive(DeepClone)]
struct Key(u32, Fuse);

impl Key {
    fn rank(&self) -> Rank<'_> {
        Rank(self.0, Some(&self.1))
    }
}

deepclone_tests::ranked!(Key);

/// User code of every kind, to be put into a lock.
#[derive(DeepClone)]
struct Content {
    by_hand: Fuse,
    #[deepclone(clone)]
    cloned: Fuse,
    #[deepclone(with = with_fuse)]
    with: Fuse,
    #[deepclone(try_with = Fuse::burn)]
    try_with: Fuse,
    #[deepclone(with = plus_one)]
    number: u32,
    set: HashSet<Key>,
    map: BTreeMap<Key, Arc<Fuse>>,
    inner: Mutex<RwLock<Fuse>>,
    once: OnceLock<Fuse>,
    next: Option<Arc<Graph>>,
}

#[derive(DeepClone)]
struct Graph {
    mutex: Mutex<Content>,
    rw_lock: RwLock<Content>,
    after: Fuse,
}

fn content(detonator: &Detonator) -> Content {
    let fuse = || detonator.fuse();
    Content {
        by_hand: fuse(),
        cloned: fuse(),
        with: fuse(),
        try_with: fuse(),
        number: 1,
        set: (0..2).map(|number| Key(number, fuse())).collect(),
        map: (0..2)
            .map(|number| (Key(number, fuse()), Arc::new(fuse())))
            .collect(),
        inner: Mutex::new(RwLock::new(fuse())),
        once: fuse().into(),
        next: None,
    }
}

fn graph(detonator: &Detonator) -> Arc<Graph> {
    Arc::new(Graph {
        mutex: Mutex::new(content(detonator)),
        rw_lock: RwLock::new(content(detonator)),
        after: detonator.fuse(),
    })
}

fn assert_at_rest(graph: &Graph) {
    assert!(!graph.mutex.is_poisoned() && !graph.rw_lock.is_poisoned());
    let mutex = graph.mutex.try_lock().expect("nobody holds it");
    let rw_lock = graph.rw_lock.try_write().expect("nobody holds it");
    for content in [&*mutex, &*rw_lock] {
        assert!(!content.inner.is_poisoned());
        let inner = content.inner.try_lock().expect("nobody holds it");
        assert!(!inner.is_poisoned());
        assert!(inner.try_write().is_ok());
        assert!(
            content
                .map
                .values()
                .all(|value| (Arc::strong_count(value), Arc::weak_count(value)) == (1, 0))
        );
    }
}

fn cut(graph: &Graph) {
    let next = graph.mutex.lock().expect("not poisoned").next.take();
    drop(next);
    let next = graph.rw_lock.write().expect("not poisoned").next.take();
    drop(next);
}

fn fails_everywhere(detonator: &Detonator, source: &Arc<Graph>, strong: usize) {
    let live = detonator.live();
    for mode in [Mode::Error, Mode::Panic] {
        let attempt = || source.try_deep_clone();
        let (steps, copy) = detonator.fail_at_every_step(mode, attempt, |_| {
            assert_at_rest(source);
            assert_eq!(
                (Arc::strong_count(source), Arc::weak_count(source)),
                (strong, 0)
            );
        });
        assert!(steps > 20, "{steps}");
        let copy = copy.expect("no step is left to fail");
        assert_at_rest(&copy);
        cut(&copy);
        drop(copy);
        assert_eq!(detonator.live(), live);
    }
}

#[test]
fn user_code_that_fails_under_a_lock_leaves_it_free_and_not_poisoned() {
    let detonator = Detonator::new();
    let source = graph(&detonator);
    fails_everywhere(&detonator, &source, 1);
    drop(source);
    assert_eq!(detonator.live(), 0);
}

#[test]
fn user_code_that_fails_on_a_cycle_of_locks_leaves_them_free_and_not_poisoned() {
    let detonator = Detonator::new();
    let source = graph(&detonator);
    source.mutex.lock().expect("not poisoned").next = Some(source.clone());
    source.rw_lock.write().expect("not poisoned").next = Some(source.clone());
    fails_everywhere(&detonator, &source, 3);
    cut(&source);
    drop(source);
    assert_eq!(detonator.live(), 0);
}

/// Looks in its `Drop` whether the lock that it was copied under is free.
struct Watcher {
    lock: Arc<Mutex<Option<Watched>>>,
    other: Arc<RwLock<u32>>,
    drops: Arc<AtomicUsize>,
}

impl Clone for Watcher {
    fn clone(&self) -> Self {
        Self {
            lock: self.lock.clone(),
            other: self.other.clone(),
            drops: self.drops.clone(),
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if self.lock.try_lock().is_ok() && self.other.try_write().is_ok() {
            self.drops.fetch_add(1, Ordering::Relaxed);
        } else {
            self.drops.fetch_add(1_000, Ordering::Relaxed);
        }
    }
}

#[derive(DeepClone)]
struct Watched {
    #[deepclone(clone)]
    watchers: Vec<Watcher>,
    #[deepclone(clone)]
    one: Watcher,
    last: Fuse,
}

#[test]
fn what_a_failure_drops_is_dropped_when_no_lock_is_held() {
    for mode in [Mode::Error, Mode::Panic] {
        let detonator = Detonator::new();
        let lock = Arc::new(Mutex::new(None));
        let drops = Arc::new(AtomicUsize::new(0));
        let watcher = || Watcher {
            lock: lock.clone(),
            other: Arc::default(),
            drops: drops.clone(),
        };
        *lock.lock().expect("not poisoned") = Some(Watched {
            watchers: vec![watcher(), watcher()],
            one: watcher(),
            last: detonator.fuse(),
        });
        drops.store(0, Ordering::Relaxed);
        detonator.fail_at(0, mode, || lock.try_deep_clone());
        assert_eq!(
            drops.load(Ordering::Relaxed),
            3,
            "1,000 is a drop under the lock"
        );
        assert_eq!(detonator.live(), 1);
        let content = lock.lock().expect("not poisoned").take();
        drop(content);
    }
}

/// Panics in its copy, and again in the `Drop` of what it had made.
struct Spiteful(Arc<AtomicUsize>);

impl Clone for Spiteful {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        Self(self.0.clone())
    }
}

impl Drop for Spiteful {
    fn drop(&mut self) {
        if self.0.fetch_sub(1, Ordering::Relaxed) > 1 {
            resume_unwind(Box::new("spite"));
        }
    }
}

#[derive(DeepClone)]
struct Spite {
    #[deepclone(clone)]
    first: Spiteful,
    last: Fuse,
}

#[test]
fn a_drop_that_panics_while_a_failure_is_cleaned_up_does_not_poison_the_source() {
    for mode in [Mode::Error, Mode::Panic] {
        let detonator = Detonator::new();
        let count = Arc::new(AtomicUsize::new(1));
        let lock = Mutex::new(vec![Spite {
            first: Spiteful(count.clone()),
            last: detonator.fuse(),
        }]);
        detonator.arm(0, mode);
        let cloned = catch_unwind(AssertUnwindSafe(|| lock.try_deep_clone()));
        assert!(!matches!(cloned, Ok(Ok(_))));
        detonator.disarm();
        assert!(!lock.is_poisoned() && lock.try_lock().is_ok());
        assert_eq!(detonator.live(), 1);
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }
}

/// Leads on through locks of both kinds.
#[derive(DeepClone, Default)]
struct Station {
    next: Mutex<Vec<Arc<Station>>>,
    back: RwLock<Option<Arc<Station>>>,
    itself: Mutex<std::sync::Weak<Station>>,
    once: OnceLock<Arc<Station>>,
}

#[test]
fn a_ring_of_locks_meets_no_lock_twice_under_any_policy() {
    let policies = [
        LockPolicy::Block,
        LockPolicy::Try,
        LockPolicy::Timeout(Duration::ZERO),
    ];
    for policy in policies {
        let stations: Vec<_> = (0..50).map(|_| Arc::new(Station::default())).collect();
        for (index, station) in stations.iter().enumerate() {
            let next = &stations[(index + 1) % 50];
            let all = [next.clone(), next.clone(), station.clone()];
            *station.next.lock().expect("not poisoned") = all.into();
            *next.back.write().expect("not poisoned") = Some(station.clone());
            *station.itself.lock().expect("not poisoned") = Arc::downgrade(station);
            // It can't be emptied again, so this one does not close the ring.
            if index + 1 < 50 {
                assert!(station.once.set(next.clone()).is_ok());
            }
        }
        let mut session = Session::with_options(Options::new().locks(policy));
        let copy = session.deep_clone(&stations[0]).expect("no lock is held");
        assert_eq!(session.stats().objects, 50);
        drop(session);
        let mut at = copy.clone();
        let mut copies = Vec::new();
        loop {
            let next = at.next.lock().expect("not poisoned")[0].clone();
            let back = next.back.read().expect("not poisoned").clone();
            assert!(back.is_some_and(|back| Arc::ptr_eq(&back, &at)));
            let itself = at.itself.lock().expect("not poisoned").upgrade();
            assert!(itself.is_some_and(|itself| Arc::ptr_eq(&itself, &at)));
            assert!(at.once.get().is_none_or(|once| Arc::ptr_eq(once, &next)));
            copies.push(std::mem::replace(&mut at, next));
            if Arc::ptr_eq(&at, &copy) {
                break;
            }
        }
        assert_eq!(copies.len(), 50);
        drop((at, copy));
        for ring in [&copies, &stations] {
            for (index, station) in ring.iter().enumerate() {
                let strong = if index == 0 { 5 } else { 6 };
                assert_eq!(
                    (Arc::strong_count(station), Arc::weak_count(station)),
                    (strong, 1)
                );
            }
        }
        for station in copies.iter().chain(&stations) {
            let taken = std::mem::take(&mut *station.next.lock().expect("not poisoned"));
            let back = station.back.write().expect("not poisoned").take();
            drop((taken, back));
        }
    }
}

/// A copy written by hand that puts another of its kind into the lock from which it is reached, as long as there is something to spend.
struct Breeder {
    nest: Arc<Mutex<Vec<Arc<Breeder>>>>,
    budget: Arc<AtomicUsize>,
}

impl_deep_clone! {
    impl for Breeder = |breeder, cloner| {
        let mut nest = breeder.nest.try_lock().expect("nobody holds it");
        let budget = &breeder.budget;
        if budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
            nest.push(Arc::new(Breeder { nest: breeder.nest.clone(), budget: budget.clone() }));
        }
        drop(nest);
        cloner.deep_clone(&1)?;
        Ok(Breeder { nest: Arc::default(), budget: Arc::default() })
    }
}

#[test]
fn content_that_grows_while_it_is_copied_is_copied_as_it_was_at_some_moment() {
    for budget in [0, 1, 5, 200, 20_000] {
        let nest = Arc::new(Mutex::new(Vec::new()));
        let budget_left = Arc::new(AtomicUsize::new(budget));
        for _ in 0..2 {
            nest.lock().expect("not poisoned").push(Arc::new(Breeder {
                nest: nest.clone(),
                budget: budget_left.clone(),
            }));
        }
        let copy = nest.deep_clone();
        let copies = copy.lock().expect("not poisoned").split_off(0);
        assert!((2..=budget + 2).contains(&copies.len()));
        let counts =
            |breeder: &Arc<Breeder>| (Arc::strong_count(breeder), Arc::weak_count(breeder));
        assert!(copies.iter().all(|breeder| counts(breeder) == (1, 0)));
        let breeders = nest.lock().expect("not poisoned").split_off(0);
        assert!(breeders.iter().all(|breeder| counts(breeder) == (1, 0)));
        drop(breeders);
        assert_eq!((Arc::strong_count(&nest), Arc::weak_count(&nest)), (1, 0));
    }
}
