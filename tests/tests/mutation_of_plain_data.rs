//! Plain things of three types swapped among locks while they are cloned. No user code runs on the way, so that the locks alone tell that others may change the source.

use std::sync::{Arc, Mutex, RwLock, Weak};

use deepclone::{DeepClone, Options, Session};
use deepclone_tests::stir::{Edges, while_stirred};

/// How many clones, and how often the source has to be changed in the middle of them.
const ROUNDS: (usize, usize) = (2_000, 2_000);

/// Three types of one size without a `Drop` or a copy of their own. What they hold tells them apart.
trait Plain: DeepClone + Send + Sync {
    fn new(number: u64) -> Arc<Self>
    where
        Self: Sized;
    fn number(&self) -> u64;
}

macro_rules! plain {
    ($($name:ident { $first:ident, $second:ident, $third:ident } $salt:literal;)*) => { $(
        #[derive(DeepClone)]
        struct $name {
            $first: u64,
            $second: u64,
            $third: u64,
        }

        impl Plain for $name {
            fn new(number: u64) -> Arc<Self> {
                let ($first, $second, $third) = (number, number ^ $salt, number.rotate_left($salt));
                Arc::new(Self { $first, $second, $third })
            }
            fn number(&self) -> u64 {
                let number = self.$first;
                assert_eq!((self.$second, self.$third), (number ^ $salt, number.rotate_left($salt)));
                number
            }
        }
    )* };
}

plain! {
    Apple { seeds, stems, leaves } 0x11;
    Brick { weight, length, width } 0x22;
    Cloud { drops, height, speed } 0x33;
}

/// One thing in a lock of each kind, with a weak handle to whatever lay there last.
#[derive(DeepClone)]
struct Slots<T: Plain> {
    mutex: Mutex<Option<Arc<T>>>,
    rw_lock: RwLock<Vec<Arc<T>>>,
    last: Mutex<Weak<T>>,
}

impl<T: Plain> Slots<T> {
    fn new(number: u64) -> Self {
        let first = T::new(number);
        Self {
            last: Mutex::new(Arc::downgrade(&first)),
            mutex: Mutex::new(Some(first)),
            rw_lock: RwLock::new(vec![T::new(number), T::new(number)]),
        }
    }

    /// Takes one thing out and gives another in return.
    fn swap(&self, new: Arc<T>, round: usize) -> Arc<T> {
        let weak = Arc::downgrade(&new);
        let old = match round % 3 {
            0 => self.mutex.lock().expect("not poisoned").replace(new),
            1 => {
                let mut row = self.rw_lock.write().expect("not poisoned");
                row.push(new);
                Some(row.swap_remove(round % 2))
            }
            _ => {
                let old = self.mutex.lock().expect("not poisoned").take();
                let mut row = self.rw_lock.write().expect("not poisoned");
                row.push(new);
                let taken = row.swap_remove(0);
                drop(row);
                let between = self
                    .mutex
                    .lock()
                    .expect("not poisoned")
                    .replace(old.unwrap_or_else(|| taken.clone()));
                drop(between);
                Some(taken)
            }
        };
        let last = std::mem::replace(&mut *self.last.lock().expect("not poisoned"), weak);
        drop(last);
        old.unwrap_or_else(|| T::new(u64::MAX))
    }
}

fn look<T: Plain + ?Sized>(thing: &T) {
    thing.number();
}

fn look_at_slots<T: Plain>(edges: &mut Edges, row: &[Slots<T>]) {
    for slots in row {
        if let Some(thing) = &*slots.mutex.lock().expect("not poisoned") {
            edges.strong(thing, look);
        }
        for thing in &*slots.rw_lock.read().expect("not poisoned") {
            edges.strong(thing, look);
        }
        edges.weak(&*slots.last.lock().expect("not poisoned"), look);
    }
}

#[derive(DeepClone)]
struct Shelf {
    apples: Vec<Slots<Apple>>,
    bricks: Vec<Slots<Brick>>,
    clouds: Vec<Slots<Cloud>>,
    any: Vec<Mutex<Option<Arc<dyn Plain>>>>,
}

const SLOTS: usize = 4;

impl Shelf {
    fn new() -> Self {
        fn row<T: Plain>() -> Vec<Slots<T>> {
            (0..SLOTS).map(|slot| Slots::new(slot as u64)).collect()
        }
        Self {
            apples: row(),
            bricks: row(),
            clouds: row(),
            any: (0..SLOTS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Moves things along the slots, of which one type after the other goes and comes, so that one is put where another was.
    fn stir(&self, round: usize) {
        fn along<T: Plain>(row: &[Slots<T>], round: usize) -> Arc<T> {
            let new = T::new(round as u64);
            let moved = row[round % SLOTS].swap(new, round);
            row[round / SLOTS % SLOTS].swap(moved, round / 2)
        }
        let any: Arc<dyn Plain> = match round % 3 {
            0 => along::<Apple>(&self.apples, round),
            1 => along::<Brick>(&self.bricks, round),
            _ => along::<Cloud>(&self.clouds, round),
        };
        let mut slot = self.any[round % SLOTS].lock().expect("not poisoned");
        let old = slot.replace(any);
        drop(slot);
        drop(old);
    }

    fn check(&self) {
        check(std::slice::from_ref(self));
    }
}

/// Of shelves that share their things with nobody else.
fn check(shelves: &[Shelf]) {
    let mut edges = Edges::default();
    for shelf in shelves {
        look_at_slots(&mut edges, &shelf.apples);
        look_at_slots(&mut edges, &shelf.bricks);
        look_at_slots(&mut edges, &shelf.clouds);
        for any in &shelf.any {
            if let Some(any) = &*any.lock().expect("not poisoned") {
                edges.strong(any, look);
            }
        }
    }
    edges.check();
}

/// Things that are taken from the shelf and put back all the time, and that stay alive: so they are shared, and each has one copy.
struct Kept {
    apples: Vec<Arc<Apple>>,
    slots: Vec<Mutex<Vec<Arc<Apple>>>>,
}

#[test]
fn plain_things_swapped_among_locks_during_a_clone_keep_their_types_values_and_counts() {
    let shelf = Shelf::new();
    while_stirred(
        2,
        ROUNDS,
        |round| shelf.stir(round),
        |_| shelf.deep_clone().check(),
    );
    shelf.check();
}

#[test]
fn plain_things_swapped_during_the_calls_of_a_session_keep_their_types_values_and_counts() {
    let shelf = Shelf::new();
    while_stirred(
        2,
        (ROUNDS.0 / 10, ROUNDS.1 / 10),
        |round| shelf.stir(round),
        |_| {
            let mut session = Session::new();
            let copies: Vec<_> = (0..5)
                .map(|_| session.deep_clone(&shelf).expect("nothing in it fails"))
                .collect();
            drop(session);
            check(&copies);
        },
    );
    shelf.check();
}

#[test]
fn a_clone_of_plain_things_that_hits_a_limit_while_they_are_swapped_loses_none() {
    let shelf = Shelf::new();
    let mut failed = 0;
    while_stirred(
        2,
        ROUNDS,
        |round| shelf.stir(round),
        |round| {
            let options = Options::new().max_objects(round % 40);
            // The session may keep weak counts of copies, so it goes before they are counted.
            let cloned = Session::with_options(options).deep_clone(&shelf);
            match cloned {
                Ok(copy) => copy.check(),
                Err(_) => failed += 1,
            }
        },
    );
    assert!(failed > 0);
    shelf.check();
}

#[test]
fn plain_things_that_others_keep_while_they_move_from_lock_to_lock_are_copied_once_each() {
    const THINGS: usize = 12;
    let apples: Vec<_> = (0..THINGS)
        .map(|number| Apple::new(number as u64))
        .collect();
    let kept = Kept {
        slots: apples
            .chunks(THINGS / SLOTS)
            .map(|apples| Mutex::new(apples.to_vec()))
            .collect(),
        apples,
    };
    let lock = |slot: usize| kept.slots[slot % SLOTS].lock().expect("not poisoned");
    while_stirred(
        2,
        ROUNDS,
        |round| {
            let Some(apple) = lock(round).pop() else {
                return;
            };
            lock(round / SLOTS).insert(0, apple);
        },
        |_| {
            let copy = kept.slots.deep_clone();
            let mut apples: Vec<_> = copy
                .into_iter()
                .flat_map(|slot| slot.into_inner().expect("not poisoned"))
                .collect();
            apples.sort_by_key(|apple| apple.number());
            let mut edges = 0;
            for same in apples.chunk_by(|a, b| a.number() == b.number()) {
                // One that was moved on may be met again: by its own copy.
                assert!(same.iter().all(|apple| Arc::ptr_eq(apple, &same[0])));
                assert_eq!(
                    (Arc::strong_count(&same[0]), Arc::weak_count(&same[0])),
                    (same.len(), 0)
                );
                edges += same.len();
            }
            assert_eq!(edges, apples.len());
        },
    );
    let there: usize = (0..SLOTS).map(|slot| lock(slot).len()).sum();
    assert_eq!(there, THINGS);
    for slot in &kept.slots {
        slot.lock().expect("not poisoned").clear();
    }
    for (number, apple) in kept.apples.iter().enumerate() {
        assert_eq!(apple.number(), number as u64);
        assert_eq!((Arc::strong_count(apple), Arc::weak_count(apple)), (1, 0));
    }
}
