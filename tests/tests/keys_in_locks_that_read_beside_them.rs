//! Keys of a map in a lock in a container in a cell, which nobody looks up again, that read a map which lies in a cell itself: in the same cell, or in another beside a lock with a map.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells are the point"
)]

use std::cell::RefCell;
use std::collections::{HashSet, LinkedList};
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Mutex, RwLock};

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

/// Where keys lie.
trait Place {
    /// What keys are hashed by that count.
    fn count(&self) -> usize;
    /// Lets go of all keys.
    fn clear(&self);
    fn fuse(&self) -> &Fuse;
}

/// A handle to one.
trait Handle: Deref<Target: Place> + Clone + 'static {}

impl<P: Deref<Target: Place> + Clone + 'static> Handle for P {}

thread_local! {
    /// What user code was handed, to be cut where it lies on a cycle.
    static HANDED: RefCell<Vec<Box<dyn Fn()>>> = const { RefCell::new(Vec::new()) };
}

/// User code has a key. This may be the step that fails.
fn is_handed(place: &impl Handle) {
    let held = place.clone();
    HANDED.with_borrow_mut(|handed| handed.push(Box::new(move || held.clear())));
    drop(place.fuse().clone());
}

fn cut_handed() {
    HANDED.take().iter().for_each(|cut| cut());
}

/// A key by its number, with an edge to where it lies.
#[derive(DeepClone)]
struct ByNumber<P>(usize, P);

impl<P: Handle> Hash for ByNumber<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        is_handed(&self.1);
        self.0.hash(state);
    }
}

impl<P> PartialEq for ByNumber<P> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<P> Eq for ByNumber<P> {}

/// A key that is hashed by what the place counts where it lies.
#[derive(DeepClone)]
struct ByCount<P>(P, usize);

impl<P: Handle> Hash for ByCount<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        is_handed(&self.0);
        (self.0.count() + self.1).hash(state);
    }
}

impl<P> PartialEq for ByCount<P> {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

impl<P> Eq for ByCount<P> {}

fn numbered<P: Handle>(place: &P) -> HashSet<ByNumber<P>> {
    (1..6)
        .map(|number| ByNumber(number, place.clone()))
        .collect()
}

fn counted<P: Handle>(place: &P) -> HashSet<ByCount<P>> {
    [1, 2].map(|add| ByCount(place.clone(), add)).into()
}

fn finds_all<K: Eq + Hash>(set: &HashSet<K>, count: usize) -> bool {
    set.len() == count && set.iter().all(|key| set.contains(key))
}

/// Copies what a place leads to, with a failure wherever user code runs. What user code was handed is cut; of all else nothing is left. Places check what they have.
fn fails_at_every_step<P: Handle + DeepClone>(
    detonator: &Detonator,
    place: &P,
    assert_whole: impl Fn(&P),
) {
    assert_whole(place);
    HANDED.take();
    let (steps, outcome) =
        detonator.fail_at_every_step(Mode::Panic, || place.try_deep_clone(), |_| cut_handed());
    assert!(steps > 10);
    HANDED.take();
    let copy = outcome.expect("the fuse is not lit any more");
    for place in [&copy, place] {
        assert_whole(place);
        place.clear();
    }
    HANDED.take();
}

/// The map that is read lies in the same cell. Readers don't keep one another out of it.
mod in_the_same_cell {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::sync::Arc;

    macro_rules! in_the_same_cell {
        ($($test:ident: $strong:ident $cell:ident $read:ident $write:ident $($result:ident)?;)*) => {
            $(
                #[test]
                fn $test() {
                    #[derive(DeepClone)]
                    struct InOne {
                        fuse: Fuse,
                        content: $cell<(LinkedList<Mutex<HashSet<ByCount<$strong<InOne>>>>>, HashSet<ByNumber<$strong<InOne>>>)>,
                    }

                    impl Place for InOne {
                        fn count(&self) -> usize {
                            self.content.$read()$(.$result().unwrap())?.1.len()
                        }
                        fn clear(&self) {
                            let content = std::mem::take(&mut *self.content.$write()$(.$result().unwrap())?);
                            drop(content);
                        }
                        fn fuse(&self) -> &Fuse {
                            &self.fuse
                        }
                    }

                    let detonator = Detonator::new();
                    let place = $strong::new(InOne { fuse: detonator.fuse(), content: Default::default() });
                    let numbered = numbered(&place);
                    place.content.$write()$(.$result().unwrap())?.1 = numbered;
                    let counted = counted(&place);
                    place.content.$write()$(.$result().unwrap())?.0.push_back(Mutex::new(counted));
                    fails_at_every_step(&detonator, &place, |place| {
                        let content = place.content.$read()$(.$result().unwrap())?;
                        assert!(finds_all(&content.1, 5));
                        assert!(finds_all(&content.0.front().unwrap().lock().unwrap(), 2));
                    });
                    drop(place);
                    assert_eq!(detonator.live(), 0);
                }
            )*
        };
    }

    in_the_same_cell! {
        keys_in_a_lock_that_read_a_map_beside_them_in_a_cell_are_found: Rc RefCell borrow borrow_mut;
        keys_in_a_lock_that_read_a_map_beside_them_in_a_lock_are_found: Arc RwLock read write ok;
    }
}

each_family! {
    type Numbered<P> = HashSet<ByNumber<Strong<P>>>;
    type Counted<P> = HashSet<ByCount<Strong<P>>>;
    /// The map that is read, and one that is filled last.
    type Beside<P> = (Numbered<P>, LinkedList<Mutex<Numbered<P>>>);
    /// The map that is read, in no lock but that around the list.
    type Within<P> = LinkedList<Numbered<P>>;

    /// What lies in the other cell.
    trait IsRead<P> {
        fn of(numbered: impl Fn() -> Numbered<P>) -> Self;
        /// How many keys the map has that is read.
        fn count(&self) -> usize;
        fn finds_all(&self) -> bool;
    }

    impl<P: Place + 'static> IsRead<P> for Beside<P> {
        fn of(numbered: impl Fn() -> Numbered<P>) -> Self {
            (numbered(), [Mutex::new(numbered())].into())
        }
        fn count(&self) -> usize {
            self.0.len()
        }
        fn finds_all(&self) -> bool {
            finds_all(&self.0, 5) && finds_all(&self.1.front().unwrap().lock().unwrap(), 5)
        }
    }

    impl<P: Place + 'static> IsRead<P> for Within<P> {
        fn of(numbered: impl Fn() -> Numbered<P>) -> Self {
            [numbered()].into()
        }
        fn count(&self) -> usize {
            self.front().map_or(0, HashSet::len)
        }
        fn finds_all(&self) -> bool {
            finds_all(self.front().unwrap(), 5)
        }
    }

    macro_rules! places {
        ($($name:ident { $($field:ident: $type:ty,)* } $test:ident: |$set:ident| $of:expr, |$it:ident| $get:expr;)*) => {
            $(
                #[derive(DeepClone)]
                struct $name {
                    fuse: Fuse,
                    $($field: Slot<$type>,)*
                }

                impl Place for $name {
                    fn count(&self) -> usize {
                        open(&self.other).count()
                    }
                    fn clear(&self) {
                        $(
                            let keys = std::mem::take(&mut *open(&self.$field));
                            drop(keys);
                        )*
                    }
                    fn fuse(&self) -> &Fuse {
                        &self.fuse
                    }
                }

                #[test]
                fn $test() {
                    let detonator = Detonator::new();
                    let place = Strong::new($name { fuse: detonator.fuse(), $($field: Slot::default(),)* });
                    *open(&place.other) = IsRead::of(|| numbered(&place));
                    let $set = counted(&place);
                    *open(&place.content) = $of;
                    fails_at_every_step(&detonator, &place, |place| {
                        {
                            let $it = open(&place.content);
                            assert!(finds_all(&$get, 2));
                        }
                        assert!(open(&place.other).finds_all());
                    });
                    drop(place);
                    assert_eq!(detonator.live(), 0);
                }
            )*
        };
    }

    places! {
        Before { content: LinkedList<RwLock<Counted<Before>>>, other: Beside<Before>, }
            keys_in_a_lock_that_read_a_map_in_a_later_cell_are_found:
            |set| [RwLock::new(set)].into(), |it| it.front().unwrap().read().unwrap();
        After { other: Beside<After>, content: LinkedList<RwLock<Counted<After>>>, }
            keys_in_a_lock_that_read_a_map_in_an_earlier_cell_are_found:
            |set| [RwLock::new(set)].into(), |it| it.front().unwrap().read().unwrap();
        MutexBefore { content: LinkedList<Mutex<Counted<MutexBefore>>>, other: Within<MutexBefore>, }
            keys_in_a_lock_that_read_a_map_in_a_list_in_a_later_cell_are_found:
            |set| [Mutex::new(set)].into(), |it| it.front().unwrap().lock().unwrap();
        MutexAfter { other: Within<MutexAfter>, content: LinkedList<Mutex<Counted<MutexAfter>>>, }
            keys_in_a_lock_that_read_a_map_in_a_list_in_an_earlier_cell_are_found:
            |set| [Mutex::new(set)].into(), |it| it.front().unwrap().lock().unwrap();
        NoLockBefore { content: LinkedList<Counted<NoLockBefore>>, other: Beside<NoLockBefore>, }
            keys_in_a_list_that_read_a_map_in_a_later_cell_are_found:
            |set| [set].into(), |it| it.front().unwrap();
        NoLockAfter { other: Beside<NoLockAfter>, content: LinkedList<Counted<NoLockAfter>>, }
            keys_in_a_list_that_read_a_map_in_an_earlier_cell_are_found:
            |set| [set].into(), |it| it.front().unwrap();
    }

    /// The map that is read is filled last.
    #[derive(DeepClone)]
    struct ReadsTheLast {
        fuse: Fuse,
        content: Slot<LinkedList<Counted<ReadsTheLast>>>,
        other: Slot<LinkedList<Mutex<Numbered<ReadsTheLast>>>>,
    }

    impl Place for ReadsTheLast {
        fn count(&self) -> usize {
            let other = open(&self.other);
            other.front().map_or(0, |last| last.lock().unwrap().len())
        }
        fn clear(&self) {
            let keys = (std::mem::take(&mut *open(&self.content)), std::mem::take(&mut *open(&self.other)));
            drop(keys);
        }
        fn fuse(&self) -> &Fuse {
            &self.fuse
        }
    }

    #[test]
    fn a_key_in_a_list_that_reads_a_map_in_a_lock_is_an_error_that_names_the_key() {
        let detonator = Detonator::new();
        let place = Strong::new(ReadsTheLast { fuse: detonator.fuse(), content: Slot::default(), other: Slot::default() });
        open(&place.other).push_back(Mutex::new(numbered(&place)));
        let counted = counted(&place);
        open(&place.content).push_back(counted);
        HANDED.take();
        let error = place.try_deep_clone().err().expect("it is hashed too early");
        assert_eq!(error.kind(), ErrorKind::KeyInCycle);
        assert!(error.type_name().contains("ByCount"), "{error}");
        cut_handed();
        assert_eq!(detonator.live(), 1);
        assert!(finds_all(open(&place.content).front().unwrap(), 2));
        place.clear();
        HANDED.take();
    }
}
