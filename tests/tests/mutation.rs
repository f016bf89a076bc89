//! Other threads change the source while it is cloned: never a wrong type, a freed address or a lost count.

use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, RwLock, Weak};
use std::thread;

use deepclone::{Cloner, DeepClone, Error, Session, impl_deep_clone};

/// Rounds of a race: enough for it to happen, few enough for a sanitizer.
const ROUNDS: usize = 2_000;

static LIVE: AtomicIsize = AtomicIsize::new(0);

/// Counts itself, and says which kind of thing it is.
#[derive(Debug)]
struct Tag(&'static str);

impl Tag {
    fn new(kind: &'static str) -> Self {
        LIVE.fetch_add(1, Ordering::Relaxed);
        Self(kind)
    }
}

impl Clone for Tag {
    fn clone(&self) -> Self {
        Self::new(self.0)
    }
}

impl Drop for Tag {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

trait Thing: DeepClone + Send + Sync {
    fn check(&self);
}

/// Three types of one size, so that the allocator gives one the address of another.
#[derive(DeepClone, Debug)]
struct Apple {
    #[deepclone(clone)]
    tag: Tag,
    seeds: u64,
}

#[derive(DeepClone, Debug)]
struct Brick {
    #[deepclone(clone)]
    tag: Tag,
    weight: u64,
}

#[derive(DeepClone, Debug)]
struct Cloud {
    #[deepclone(clone)]
    tag: Tag,
    drops: u64,
}

impl Thing for Apple {
    fn check(&self) {
        assert_eq!((self.tag.0, self.seeds), ("apple", 1));
    }
}

impl Thing for Brick {
    fn check(&self) {
        assert_eq!((self.tag.0, self.weight), ("brick", 2));
    }
}

impl Thing for Cloud {
    fn check(&self) {
        assert_eq!((self.tag.0, self.drops), ("cloud", 3));
    }
}

fn apple() -> Arc<Apple> {
    Arc::new(Apple {
        tag: Tag::new("apple"),
        seeds: 1,
    })
}

fn brick() -> Arc<Brick> {
    Arc::new(Brick {
        tag: Tag::new("brick"),
        weight: 2,
    })
}

fn cloud() -> Arc<Cloud> {
    Arc::new(Cloud {
        tag: Tag::new("cloud"),
        drops: 3,
    })
}

/// A cloud and a weak handle to it, or to one that is gone.
type Sky = (Weak<Cloud>, Option<Arc<Cloud>>);

/// Slots of concrete types and of trait objects, all of which are changed all the time.
#[derive(DeepClone)]
struct Shelf {
    apples: Vec<Mutex<Option<Arc<Apple>>>>,
    bricks: Vec<RwLock<Option<Arc<Brick>>>>,
    clouds: Vec<Mutex<Sky>>,
    things: Vec<Mutex<Option<Arc<dyn Thing>>>>,
    weak_things: Vec<RwLock<Weak<dyn Thing>>>,
}

impl Shelf {
    fn new(slots: usize) -> Self {
        fn row<T>(slots: usize, mut new: impl FnMut() -> T) -> Vec<T> {
            (0..slots).map(|_| new()).collect()
        }
        Self {
            apples: row(slots, || Mutex::new(Some(apple()))),
            bricks: row(slots, || RwLock::new(Some(brick()))),
            clouds: row(slots, Default::default),
            things: row(slots, || Mutex::new(Some(cloud() as Arc<dyn Thing>))),
            weak_things: row(slots, || {
                RwLock::new(Weak::<Brick>::new() as Weak<dyn Thing>)
            }),
        }
    }

    /// Puts in new things, drops old ones, moves others about.
    fn stir(&self, slot: usize) {
        let others = self.apples.len();
        let next = (slot + 1) % others;
        let new = apple();
        let old = self.apples[slot]
            .lock()
            .expect("not poisoned")
            .replace(new.clone());
        let object: Arc<dyn Thing> = match slot % 3 {
            0 => new,
            1 => brick(),
            _ => cloud(),
        };
        *self.weak_things[slot].write().expect("not poisoned") = Arc::downgrade(&object);
        let old_object = self.things[next]
            .lock()
            .expect("not poisoned")
            .replace(object);
        drop((old, old_object));
        let brick = self.bricks[slot].write().expect("not poisoned").take();
        let swapped = std::mem::replace(
            &mut *self.bricks[next].write().expect("not poisoned"),
            brick,
        );
        let fresh = swapped.or_else(|| Some(self::brick()));
        *self.bricks[slot].write().expect("not poisoned") = fresh;
        let held = cloud();
        let old = std::mem::replace(
            &mut *self.clouds[slot].lock().expect("not poisoned"),
            (
                Arc::downgrade(&held),
                slot.is_multiple_of(2).then_some(held),
            ),
        );
        drop(old);
    }

    /// Of a copy, which nobody else has: everything is of its type, and every count is the number of edges.
    fn check(&self) {
        let mut objects: Vec<(*const (), usize, usize)> = Vec::new();
        let mut edges: Vec<*const ()> = Vec::new();
        let mut meet = |address: *const (), strong: usize, weak: usize| {
            edges.push(address);
            objects.push((address, strong, weak));
        };
        for apple in &self.apples {
            if let Some(apple) = &*apple.lock().expect("not poisoned") {
                apple.check();
                meet(
                    Arc::as_ptr(apple).cast(),
                    Arc::strong_count(apple),
                    Arc::weak_count(apple),
                );
            }
        }
        for brick in &self.bricks {
            if let Some(brick) = &*brick.read().expect("not poisoned") {
                brick.check();
                meet(
                    Arc::as_ptr(brick).cast(),
                    Arc::strong_count(brick),
                    Arc::weak_count(brick),
                );
            }
        }
        for cloud in &self.clouds {
            let cloud = cloud.lock().expect("not poisoned");
            if let Some(strong) = &cloud.1 {
                strong.check();
                meet(
                    Arc::as_ptr(strong).cast(),
                    Arc::strong_count(strong),
                    Arc::weak_count(strong),
                );
                assert!(Arc::ptr_eq(
                    &cloud.0.upgrade().expect("both were put in together"),
                    strong
                ));
            }
        }
        for thing in &self.things {
            if let Some(thing) = &*thing.lock().expect("not poisoned") {
                thing.check();
                meet(
                    Arc::as_ptr(thing).cast(),
                    Arc::strong_count(thing),
                    Arc::weak_count(thing),
                );
            }
        }
        let mut weak_edges: Vec<*const ()> = Vec::new();
        for thing in &self.weak_things {
            let thing = thing.read().expect("not poisoned");
            if let Some(strong) = thing.upgrade() {
                strong.check();
                weak_edges.push(Arc::as_ptr(&strong).cast());
            }
        }
        for cloud in &self.clouds {
            if let Some(strong) = cloud.lock().expect("not poisoned").0.upgrade() {
                weak_edges.push(Arc::as_ptr(&strong).cast());
            }
        }
        for (address, strong, weak) in objects {
            assert_eq!(
                strong,
                edges.iter().filter(|edge| **edge == address).count()
            );
            assert_eq!(
                weak,
                weak_edges.iter().filter(|edge| **edge == address).count()
            );
        }
        for weak in weak_edges {
            assert!(edges.contains(&weak), "a weak edge alone keeps nothing");
        }
    }
}

fn while_stirred(shelf: &Arc<Shelf>, clone: impl Fn()) {
    let stop = AtomicBool::new(false);
    let started = Barrier::new(4);
    thread::scope(|scope| {
        for worker in 0..3 {
            let (stop, started) = (&stop, &started);
            let shelf = shelf.clone();
            scope.spawn(move || {
                started.wait();
                let mut slot = worker;
                while !stop.load(Ordering::Relaxed) {
                    slot = (slot + 1) % shelf.apples.len();
                    shelf.stir(slot);
                }
            });
        }
        started.wait();
        clone();
        stop.store(true, Ordering::Relaxed);
    });
}

/// The tests below count the same things, one at a time.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn arcs_swapped_in_and_out_of_locks_during_a_clone_keep_their_types_and_counts() {
    let _alone = ALONE.lock();
    let shelf = Arc::new(Shelf::new(6));
    while_stirred(&shelf, || {
        for _ in 0..ROUNDS {
            shelf.deep_clone().check();
        }
    });
    shelf.check();
    drop(shelf);
    assert_eq!(LIVE.load(Ordering::Relaxed), 0);
}

#[test]
fn arcs_swapped_during_the_calls_of_a_session_keep_their_types() {
    let _alone = ALONE.lock();
    let shelf = Arc::new(Shelf::new(3));
    while_stirred(&shelf, || {
        for _ in 0..ROUNDS / 40 {
            let mut session = Session::new();
            let copies: Vec<_> = (0..20)
                .map(|_| session.deep_clone(&*shelf).expect("nothing in it fails"))
                .collect();
            drop(session);
            for copy in &copies {
                for thing in copy
                    .things
                    .iter()
                    .filter_map(|slot| slot.lock().expect("not poisoned").clone())
                {
                    thing.check();
                }
                for apple in copy
                    .apples
                    .iter()
                    .filter_map(|slot| slot.lock().expect("not poisoned").clone())
                {
                    apple.check();
                }
            }
        }
    });
    drop(shelf);
    assert_eq!(LIVE.load(Ordering::Relaxed), 0);
}

/// A copy written by hand between two looks at the same locks.
struct Twice(Arc<Shelf>, u32);

fn twice(source: &Twice, cloner: &mut Cloner<'_>) -> Result<Twice, Error> {
    let first = cloner.deep_clone(&source.0.things)?;
    source.0.stir(0);
    let second = cloner.deep_clone(&source.0.things)?;
    for thing in first.iter().chain(&second) {
        if let Some(thing) = &*thing.lock().expect("not poisoned") {
            thing.check();
        }
    }
    Ok(Twice(cloner.deep_clone(&source.0)?, source.1))
}

impl_deep_clone! { impl for Twice = twice }

#[test]
fn a_copy_written_by_hand_that_looks_twice_gets_the_right_types_each_time() {
    let _alone = ALONE.lock();
    let shelf = Arc::new(Shelf::new(4));
    while_stirred(&shelf, || {
        let source = Twice(shelf.clone(), 1);
        for _ in 0..ROUNDS / 10 {
            let copy = source.deep_clone();
            copy.0.check();
            assert_eq!((Arc::strong_count(&copy.0), copy.1), (1, 1));
        }
    });
    drop(shelf);
    assert_eq!(LIVE.load(Ordering::Relaxed), 0);
}

/// A chain that is too long for the stack, so that its end is put off while it is taken away.
#[derive(DeepClone)]
struct Link {
    #[deepclone(clone)]
    tag: Tag,
    number: u64,
    next: Mutex<Option<Arc<Link>>>,
}

fn chain(len: u64) -> Option<Arc<Link>> {
    (0..len).fold(None, |next, number| {
        Some(Arc::new(Link {
            tag: Tag::new("link"),
            number,
            next: Mutex::new(next),
        }))
    })
}

fn take_apart(mut link: Option<Arc<Link>>) -> u64 {
    let mut len = 0;
    let mut last = None;
    while let Some(this) = link {
        assert_eq!(this.tag.0, "link");
        assert!(last.is_none_or(|last| this.number + 1 == last));
        last = Some(this.number);
        link = this.next.lock().expect("not poisoned").take();
        len += 1;
    }
    len
}

#[test]
fn a_chain_that_is_taken_away_while_it_is_put_off_is_copied_up_to_where_it_was() {
    let _alone = ALONE.lock();
    for round in 0..30 {
        let root = Arc::new(Mutex::new(chain(3_000)));
        let shared = root.clone();
        let started = Arc::new(Barrier::new(2));
        let taker = {
            let started = started.clone();
            thread::spawn(move || {
                started.wait();
                for _ in 0..round * 20 {
                    std::hint::spin_loop();
                }
                let taken = shared.lock().expect("not poisoned").take();
                take_apart(taken)
            })
        };
        started.wait();
        let copy = root.deep_clone();
        assert_eq!(taker.join().expect("it did not panic"), 3_000);
        let content = copy.lock().expect("not poisoned").take();
        let len = take_apart(content);
        assert!(len <= 3_000);
    }
    assert_eq!(LIVE.load(Ordering::Relaxed), 0);
}

/// Its `Drop` takes the lock in which the weak handle lies that raced it.
struct Owner {
    tag: Tag,
    slot: Arc<Mutex<Weak<Owner>>>,
    free: Arc<AtomicUsize>,
}

impl_deep_clone! {
    impl for Owner = |owner, cloner| Ok(Owner {
        tag: owner.tag.clone(),
        slot: Arc::default(),
        free: { cloner.deep_clone(&0)?; Arc::default() },
    })
}

impl Drop for Owner {
    fn drop(&mut self) {
        drop(self.slot.lock());
        self.free.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_weak_that_races_the_last_owner_of_its_target_dangles_and_the_target_is_dropped_once() {
    let _alone = ALONE.lock();
    const RACES: usize = 20_000;
    let dropped = Arc::new(AtomicUsize::new(0));
    let slots: Arc<Vec<Arc<Mutex<Weak<Owner>>>>> =
        Arc::new((0..RACES).map(|_| Arc::default()).collect());
    let owners: Vec<Arc<Owner>> = slots
        .iter()
        .map(|slot| {
            let owner = Arc::new(Owner {
                tag: Tag::new("owner"),
                slot: slot.clone(),
                free: dropped.clone(),
            });
            *slot.lock().expect("not poisoned") = Arc::downgrade(&owner);
            owner
        })
        .collect();
    let at = Arc::new(AtomicUsize::new(0));
    let dropper = {
        let at = at.clone();
        thread::spawn(move || {
            for (index, owner) in owners.into_iter().enumerate() {
                // Beside the clone, a little ahead of it or behind.
                while at.load(Ordering::Acquire) + 2 < index {
                    thread::yield_now();
                }
                drop(owner);
            }
        })
    };
    for (index, slot) in slots.iter().enumerate() {
        at.store(index, Ordering::Release);
        let copy = slot.deep_clone();
        let weak = copy.lock().expect("not poisoned").clone();
        assert!(weak.upgrade().is_none(), "a weak edge pulls nothing in");
    }
    dropper.join().expect("it did not panic");
    assert_eq!(dropped.load(Ordering::Relaxed), RACES);
    assert!(
        slots
            .iter()
            .all(|slot| slot.lock().expect("not poisoned").strong_count() == 0)
    );
    drop(slots);
    assert_eq!(LIVE.load(Ordering::Relaxed), 0);
}
