//! Keys of a map in a lock in a container in a cell, which nobody looks up again: those that read another map that has to wait are hashed when that is in place.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells are the point"
)]

use std::collections::{BTreeMap, HashMap, HashSet, LinkedList};
use std::sync::{Mutex, RwLock};

use deepclone::DeepClone;
use deepclone_tests::each_family;

each_family! {
    type Set<C> = HashSet<ByCount<C>>;

    /// Where the set lies.
    trait Holds: DeepClone + Default {
        fn of(set: Set<Self>) -> Self;
        fn has_all(&self) -> bool;
    }

    fn finds_all<C: Holds>(set: &Set<C>) -> bool {
        set.len() == 2 && set.iter().all(|key| set.contains(key))
    }

    macro_rules! holds {
        ($($name:ident($type:ty): |$set:ident| $of:expr, |$it:ident| $get:expr;)*) => {
            $(
                #[derive(DeepClone, Default)]
                struct $name($type);

                impl Holds for $name {
                    fn of($set: Set<Self>) -> Self {
                        Self($of)
                    }
                    fn has_all(&self) -> bool {
                        let $it = &self.0;
                        finds_all(&$get)
                    }
                }
            )*

            #[test]
            fn keys_that_read_another_map_are_found_in_locks_in_containers() {
                $( check::<$name>(); )*
            }
        };
    }

    holds! {
        InVec(Vec<Mutex<Set<InVec>>>): |set| vec![Mutex::new(set)], |it| it[0].lock().expect("it is sound");
        InOnce(Once<Mutex<Set<InOnce>>>): |set| Once::from(Mutex::new(set)), |it| it.get().expect("set").lock().expect("it is sound");
        InList(LinkedList<Mutex<Set<InList>>>): |set| [Mutex::new(set)].into(), |it| it.front().expect("one").lock().expect("it is sound");
        InTree(BTreeMap<u8, RwLock<Set<InTree>>>): |set| [(1, RwLock::new(set))].into(), |it| it[&1].read().expect("it is sound");
        InMap(HashMap<u8, Box<Mutex<Set<InMap>>>>): |set| [(1, Box::new(Mutex::new(set)))].into(), |it| it[&1].lock().expect("it is sound");
    }

    #[derive(DeepClone)]
    struct Place<C: Holds> {
        content: Slot<C>,
    }

    #[derive(DeepClone)]
    struct Register<C: Holds> {
        known: Slot<HashSet<ByNumber<C>>>,
    }

    /// Hashed by how much its register knows.
    #[derive(DeepClone)]
    struct ByCount<C: Holds>(Strong<Register<C>>, usize);

    impl<C: Holds> std::hash::Hash for ByCount<C> {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            (open(&self.0.known).len() + self.1).hash(state);
        }
    }

    impl<C: Holds> PartialEq for ByCount<C> {
        fn eq(&self, other: &Self) -> bool {
            same(&self.0, &other.0) && self.1 == other.1
        }
    }

    impl<C: Holds> Eq for ByCount<C> {}

    #[derive(DeepClone)]
    struct ByNumber<C: Holds>(usize, Strong<Place<C>>);

    impl<C: Holds> std::hash::Hash for ByNumber<C> {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    impl<C: Holds> PartialEq for ByNumber<C> {
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }

    impl<C: Holds> Eq for ByNumber<C> {}

    fn check<C: Holds>() {
        let place = Strong::new(Place { content: Slot::new(C::default()) });
        let register = Strong::new(Register { known: Slot::default() });
        open(&register.known).extend((1..6).map(|number| ByNumber(number, place.clone())));
        *open(&place.content) = C::of([1, 2].map(|add| ByCount(register.clone(), add)).into());
        let what = std::any::type_name::<C>();
        let from_place = (place.clone(), register.clone()).deep_clone();
        let (one, other) = (register.clone(), place.clone()).deep_clone();
        for (place, register) in [from_place, (other, one), (place, register)] {
            assert!(open(&place.content).has_all(), "{what}");
            let known = std::mem::take(&mut *open(&register.known));
            assert!(known.len() == 5 && known.iter().all(|key| known.contains(key)), "{what}");
            assert!(known.iter().all(|key| same(&key.1, &place)), "{what}");
        }
    }
}
