//! `Arc`'s `Weak` races the last owner of its target: both threads meet at each of 20,000 moments.

use std::sync::{Arc, Mutex, Weak};
use std::thread;

use deepclone::{DeepClone, impl_deep_clone};
use deepclone_tests::fuse::{Detonator, Fuse};
use deepclone_tests::stir::{in_step, must_finish};

const RACES: usize = 20_000;

/// Fewer, for variants.
const FEWER: usize = 5_000;

/// Two threads that race need two cores, so the tests run one at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Something to do in a `Drop`. A copy has nothing to do.
struct Last(Box<dyn Fn() + Send + Sync>);

impl Default for Last {
    fn default() -> Self {
        Self(Box::new(|| ()))
    }
}

/// A target of a derived type. Its `Drop` takes the lock from which the weak handle leads to it.
#[derive(DeepClone)]
struct Derived {
    number: usize,
    fuse: Fuse,
    #[deepclone(default)]
    last: Last,
}

impl Drop for Derived {
    fn drop(&mut self) {
        (self.last.0)();
        self.fuse.owner_dropped();
    }
}

/// The same, with a copy written by hand.
struct ByHand {
    number: usize,
    fuse: Fuse,
    last: Last,
}

impl_deep_clone! {
    impl for ByHand = |source, cloner| Ok(ByHand {
        number: source.number,
        fuse: cloner.deep_clone(&source.fuse)?,
        last: Last::default(),
    })
}

impl Drop for ByHand {
    fn drop(&mut self) {
        (self.last.0)();
        self.fuse.owner_dropped();
    }
}

/// A hook into the middle of a copy.
struct Hook(Box<dyn Fn() + Send + Sync>);

impl_deep_clone! { impl for Hook = |hook, _cloner| { (hook.0)(); Ok(Hook(Box::new(|| ()))) } }

trait Numbered: DeepClone + Send + Sync {
    fn number(&self) -> usize;
}

impl Numbered for Derived {
    fn number(&self) -> usize {
        self.number
    }
}

impl Numbered for ByHand {
    fn number(&self) -> usize {
        self.number
    }
}

/// Under a sanitizer a clone may take longer than the delays that are swept: then one of the two may never come first.
fn clones_are_slow() -> bool {
    std::env::var_os("STRESS_ROUNDS").is_some()
}

/// How often the target was alive after the clone, dead before it, and went meanwhile.
#[derive(Default, Debug)]
struct Outcomes {
    alive: usize,
    dead: usize,
    went: usize,
}

macro_rules! races {
    ($name:ident, $races:expr, $target:ident, $view:ty) => {
        mod $name {
            use super::*;

            fn target(number: usize, fuse: Fuse, last: Last) -> Arc<$view> {
                Arc::new($target { number, fuse, last })
            }

            type Lone = Mutex<Option<Weak<$view>>>;

            fn race_lone_handles() {
                let detonator = Detonator::new();
                let slots: Vec<Arc<Lone>> = (0..$races).map(|_| Arc::default()).collect();
                let mut owners: Vec<_> = Vec::new();
                for (number, slot) in slots.iter().enumerate() {
                    let lock = slot.clone();
                    let last = Last(Box::new(move || {
                        drop(lock.lock().expect("not poisoned"));
                    }));
                    let owner = target(number, detonator.fuse(), last);
                    *slot.lock().expect("free") = Some(Arc::downgrade(&owner));
                    owners.push(Some(owner));
                }
                // It costs nothing to look at, beside the lock.
                let handles: Vec<Weak<$view>> = owners
                    .iter()
                    .map(|owner| Arc::downgrade(owner.as_ref().expect("it is there")))
                    .collect();
                let mut outcomes = Outcomes::default();
                in_step(
                    $races,
                    |number| drop(owners[number].take()),
                    |number| {
                        let was_dead = handles[number].strong_count() == 0;
                        let copy = slots[number].deep_clone();
                        let is_alive = handles[number].strong_count() > 0;
                        match (was_dead, is_alive) {
                            (true, false) => outcomes.dead += 1,
                            (false, true) => outcomes.alive += 1,
                            (false, false) => outcomes.went += 1,
                            (true, true) => panic!("it rose again"),
                        }
                        let weak = copy.lock().expect("not poisoned").take();
                        let weak = weak.expect("there is a handle");
                        assert!(weak.upgrade().is_none(), "a weak edge pulls nothing in");
                        assert_eq!(Arc::strong_count(&copy), 1);
                    },
                );
                let both = outcomes.alive > 0 && outcomes.dead > 0;
                assert!(both || clones_are_slow(), "{outcomes:?}");
                assert_eq!((detonator.owners_dropped(), detonator.live()), ($races, 0));
                for (slot, handle) in slots.iter().zip(&handles) {
                    assert_eq!((handle.strong_count(), Arc::strong_count(slot)), (0, 1));
                    let found = slot.lock().expect("not poisoned").take();
                    assert!(found.is_some_and(|found| found.ptr_eq(handle)));
                }
            }

            #[test]
            fn a_weak_that_races_the_last_owner_of_its_target_dangles_and_the_target_is_dropped_once()
             {
                let _alone = ALONE.lock();
                must_finish(race_lone_handles);
            }

            /// A weak handle, and code that runs under the same lock afterwards.
            #[derive(DeepClone)]
            struct Watched {
                handle: Option<Weak<$view>>,
                hook: Hook,
            }

            fn lose_the_owner() {
                let detonator = Detonator::new();
                let lock = Arc::new(Mutex::new(Watched {
                    handle: None,
                    hook: Hook(Box::new(|| ())),
                }));
                let dropped_by = Arc::new(Mutex::new(None));
                let (watched, thread) = (lock.clone(), dropped_by.clone());
                let last = Last(Box::new(move || {
                    drop(watched.try_lock().expect("the clone has let go of it"));
                    *thread.lock().expect("not poisoned") = Some(thread::current().id());
                }));
                let owner = target(1, detonator.fuse(), last);
                let handle = Arc::downgrade(&owner);
                let owner = Mutex::new(Some(owner));
                *lock.lock().expect("free") = Watched {
                    handle: Some(handle.clone()),
                    hook: Hook(Box::new(move || {
                        thread::scope(|scope| {
                            scope.spawn(|| drop(owner.lock().expect("not poisoned").take()));
                        });
                    })),
                };
                let copy = lock.deep_clone();
                let copy = copy.lock().expect("not poisoned").handle.take();
                assert!(copy.is_some_and(|copy| copy.upgrade().is_none()));
                assert_eq!(
                    *dropped_by.lock().expect("not poisoned"),
                    Some(thread::current().id())
                );
                assert_eq!((detonator.owners_dropped(), detonator.live()), (1, 0));
                assert_eq!((handle.strong_count(), Arc::strong_count(&lock)), (0, 1));
            }

            #[test]
            fn a_clone_that_is_left_as_the_last_owner_of_a_target_drops_it_when_no_lock_is_held() {
                must_finish(lose_the_owner);
            }

            /// An owner between two weak handles.
            #[derive(DeepClone)]
            struct Place {
                before: Mutex<Weak<$view>>,
                owner: Mutex<Option<Arc<$view>>>,
                after: Mutex<Weak<$view>>,
            }

            fn race_owners() {
                let detonator = Detonator::new();
                let places: Vec<Place> = (0..FEWER)
                    .map(|number| {
                        let owner = target(number, detonator.fuse(), Last::default());
                        Place {
                            before: Mutex::new(Arc::downgrade(&owner)),
                            after: Mutex::new(Arc::downgrade(&owner)),
                            owner: Mutex::new(Some(owner)),
                        }
                    })
                    .collect();
                let (mut with, mut without) = (0, 0);
                in_step(
                    FEWER,
                    |number| {
                        let owner = places[number].owner.lock().expect("not poisoned").take();
                        assert_eq!(owner.expect("it is there").number(), number);
                    },
                    |number| {
                        let copy = places[number].deep_clone();
                        let before = copy.before.into_inner().expect("not poisoned").upgrade();
                        let owner = copy.owner.into_inner().expect("not poisoned");
                        let after = copy.after.into_inner().expect("not poisoned").upgrade();
                        let Some(owner) = owner else {
                            assert!(before.is_none() && after.is_none());
                            without += 1;
                            return;
                        };
                        with += 1;
                        assert_eq!(owner.number(), number);
                        // It was there when its owner was, so it was before. Afterwards it may have gone.
                        assert!(before.is_some_and(|before| Arc::ptr_eq(&before, &owner)));
                        assert!(after.is_none_or(|after| Arc::ptr_eq(&after, &owner)));
                        assert_eq!((Arc::strong_count(&owner), Arc::weak_count(&owner)), (1, 0));
                    },
                );
                let both = with > 0 && without > 0;
                assert!(both || clones_are_slow(), "{with} and {without}");
                assert_eq!(
                    (detonator.owners_dropped(), detonator.live()),
                    (FEWER + with, 0)
                );
                assert!(places.iter().all(|place| {
                    let before = place.before.lock().expect("not poisoned");
                    let after = place.after.lock().expect("not poisoned");
                    (before.strong_count(), after.strong_count()) == (0, 0)
                }));
            }

            #[test]
            fn an_owner_that_is_taken_from_between_its_weak_handles_is_in_the_copy_with_them_or_is_not()
             {
                let _alone = ALONE.lock();
                must_finish(race_owners);
            }
        }
    };
}

races!(derived, RACES, Derived, Derived);
races!(derived_behind_a_trait, RACES, Derived, dyn Numbered);
races!(by_hand, FEWER, ByHand, ByHand);
races!(by_hand_behind_a_trait, FEWER, ByHand, dyn Numbered);
