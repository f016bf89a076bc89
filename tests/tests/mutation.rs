//! Other threads change the source while it is cloned: never a wrong type, a freed address or a lost count.

use std::sync::atomic::{AtomicIsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, RwLock, Weak};
use std::thread;

use deepclone::{Cloner, DeepClone, Error, Session, impl_deep_clone};
use deepclone_tests::stir::{self, Edges};

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

    /// See [`check`].
    fn check(&self) {
        check(std::slice::from_ref(self));
    }
}

/// Of copies that share what they have with nobody else: everything is of its type, and every count is the number of edges.
fn check(shelves: &[Shelf]) {
    let mut edges = Edges::default();
    for shelf in shelves {
        for apple in &shelf.apples {
            if let Some(apple) = &*apple.lock().expect("not poisoned") {
                edges.strong(apple, Apple::check);
            }
        }
        for brick in &shelf.bricks {
            if let Some(brick) = &*brick.read().expect("not poisoned") {
                edges.strong(brick, Brick::check);
            }
        }
        for cloud in &shelf.clouds {
            let (weak, strong) = &*cloud.lock().expect("not poisoned");
            if let Some(strong) = strong {
                edges.strong(strong, Cloud::check);
                let weak = weak.upgrade().expect("both were put in together");
                assert!(Arc::ptr_eq(&weak, strong));
            }
            edges.weak(weak, Cloud::check);
        }
        for thing in &shelf.things {
            if let Some(thing) = &*thing.lock().expect("not poisoned") {
                edges.strong(thing, |thing| thing.check());
            }
        }
        for thing in &shelf.weak_things {
            edges.weak(&*thing.read().expect("not poisoned"), |thing| thing.check());
        }
    }
    edges.check();
}

/// Clones while three threads stir the shelf, which they have to do as often as there are rounds at least.
fn while_stirred(shelf: &Shelf, rounds: usize, clone: impl FnMut(usize)) {
    let stir = |number| shelf.stir(number % shelf.apples.len());
    stir::while_stirred(3, (rounds, rounds), stir, clone);
}

/// The tests below count the same things, one at a time.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn arcs_swapped_in_and_out_of_locks_during_a_clone_keep_their_types_and_counts() {
    let _alone = ALONE.lock();
    let shelf = Arc::new(Shelf::new(6));
    while_stirred(&shelf, ROUNDS, |_| shelf.deep_clone().check());
    shelf.check();
    drop(shelf);
    assert_eq!(LIVE.load(Ordering::Relaxed), 0);
}

#[test]
fn arcs_swapped_during_the_calls_of_a_session_keep_their_types_and_counts() {
    let _alone = ALONE.lock();
    let shelf = Arc::new(Shelf::new(3));
    while_stirred(&shelf, ROUNDS / 40, |_| {
        let mut session = Session::new();
        let copies: Vec<_> = (0..20)
            .map(|_| session.deep_clone(&*shelf).expect("nothing in it fails"))
            .collect();
        drop(session);
        // What the calls have in common is shared by their copies, so they are counted together.
        check(&copies);
    });
    shelf.check();
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
    let source = Twice(shelf.clone(), 1);
    while_stirred(&shelf, ROUNDS / 10, |_| {
        let copy = source.deep_clone();
        copy.0.check();
        assert_eq!((Arc::strong_count(&copy.0), copy.1), (1, 1));
    });
    shelf.check();
    drop((source, shelf));
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
