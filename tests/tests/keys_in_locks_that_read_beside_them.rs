//! Keys of a map in a lock in a container in a cell, which nobody looks up again, that read a map which lies in a cell itself: in the same cell, or in another beside a lock with a map.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells are the point"
)]

use std::collections::{HashSet, LinkedList};
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, RwLock};

use deepclone::DeepClone;
use deepclone_tests::each_family;

/// A key by its number, with an edge to where it lies.
#[derive(DeepClone)]
struct ByNumber<P>(usize, P);

impl<P> Hash for ByNumber<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<P> PartialEq for ByNumber<P> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<P> Eq for ByNumber<P> {}

/// Where keys lie, and how many there are of the others.
trait Reads {
    fn count(&self) -> usize;
}

/// A key that is hashed by what the place counts where it lies.
#[derive(DeepClone)]
struct ByCount<P>(P, usize);

impl<P: std::ops::Deref<Target: Reads>> Hash for ByCount<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0.count() + self.1).hash(state);
    }
}

impl<P> PartialEq for ByCount<P> {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

impl<P> Eq for ByCount<P> {}

fn numbered<P: Clone>(place: &P) -> HashSet<ByNumber<P>> {
    (1..6)
        .map(|number| ByNumber(number, place.clone()))
        .collect()
}

fn counted<P: Clone + std::ops::Deref<Target: Reads>>(place: &P) -> HashSet<ByCount<P>> {
    [1, 2].map(|add| ByCount(place.clone(), add)).into()
}

fn finds_all<K: Eq + Hash>(set: &HashSet<K>, count: usize) -> bool {
    set.len() == count && set.iter().all(|key| set.contains(key))
}

/// The map that is read lies in the same cell; readers don't keep one another out of it.
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
                    #[derive(DeepClone, Default)]
                    struct Place {
                        content: $cell<(LinkedList<Mutex<HashSet<ByCount<$strong<Place>>>>>, HashSet<ByNumber<$strong<Place>>>)>,
                    }

                    impl Reads for Place {
                        fn count(&self) -> usize {
                            self.content.$read()$(.$result().unwrap())?.1.len()
                        }
                    }

                    let place = $strong::new(Place::default());
                    place.content.$write()$(.$result().unwrap())?.1 = numbered(&place);
                    let counted = counted(&place);
                    place.content.$write()$(.$result().unwrap())?.0.push_back(Mutex::new(counted));
                    let copy = place.deep_clone();
                    for place in [&copy, &place] {
                        let content = place.content.$read()$(.$result().unwrap())?;
                        assert!(finds_all(&content.1, 5));
                        assert!(finds_all(&content.0.front().unwrap().lock().unwrap(), 2));
                    }
                    for place in [copy, place] {
                        let content = std::mem::take(&mut *place.content.$write()$(.$result().unwrap())?);
                        drop(content);
                    }
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
    /// The map that is read, and one that is filled late.
    type Other<P> = (Numbered<P>, LinkedList<Mutex<Numbered<P>>>);

    macro_rules! places {
        ($($name:ident { $($field:ident: $type:ty,)* } $test:ident: |$set:ident| $of:expr, |$it:ident| $get:expr;)*) => {
            $(
                #[derive(DeepClone, Default)]
                struct $name {
                    $($field: Slot<$type>,)*
                }

                impl Reads for $name {
                    fn count(&self) -> usize {
                        open(&self.other).0.len()
                    }
                }

                #[test]
                fn $test() {
                    let place = Strong::new($name::default());
                    *open(&place.other) = (numbered(&place), [Mutex::new(numbered(&place))].into());
                    let $set = counted(&place);
                    *open(&place.content) = $of;
                    let copy = place.deep_clone();
                    for place in [copy, place] {
                        {
                            let $it = open(&place.content);
                            assert!(finds_all(&$get, 2));
                        }
                        let other = open(&place.other);
                        assert!(finds_all(&other.0, 5));
                        assert!(finds_all(&other.1.front().unwrap().lock().unwrap(), 5));
                        drop(other);
                        let left = (std::mem::take(&mut *open(&place.other)), std::mem::take(&mut *open(&place.content)));
                        drop(left);
                    }
                }
            )*
        };
    }

    places! {
        Before { content: LinkedList<RwLock<Counted<Before>>>, other: Other<Before>, }
            keys_in_a_lock_that_read_a_map_in_a_later_cell_are_found:
            |set| [RwLock::new(set)].into(), |it| it.front().unwrap().read().unwrap();
        After { other: Other<After>, content: LinkedList<RwLock<Counted<After>>>, }
            keys_in_a_lock_that_read_a_map_in_an_earlier_cell_are_found:
            |set| [RwLock::new(set)].into(), |it| it.front().unwrap().read().unwrap();
        NoLockBefore { content: LinkedList<Counted<NoLockBefore>>, other: Other<NoLockBefore>, }
            keys_in_a_list_that_read_a_map_in_a_later_cell_are_found:
            |set| [set].into(), |it| it.front().unwrap();
        NoLockAfter { other: Other<NoLockAfter>, content: LinkedList<Counted<NoLockAfter>>, }
            keys_in_a_list_that_read_a_map_in_an_earlier_cell_are_found:
            |set| [set].into(), |it| it.front().unwrap();
    }
}
