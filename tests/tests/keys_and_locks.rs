//! Keys whose `Hash` takes a lock: that of the map that they sit in, or another.

#![allow(
    clippy::mutable_key_type,
    clippy::box_collection,
    reason = "keys that read locks, and maps in blocks of their own, are the point"
)]

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, LinkedList};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, Weak};

use deepclone::{DeepClone, ErrorKind};

/// Hashed by how many keys are in the map that it sits in, whose lock it takes for that.
#[derive(DeepClone)]
struct Stubborn(Arc<Crowd>, u32);

#[derive(DeepClone, Default)]
struct Crowd {
    members: Mutex<HashMap<Stubborn, u32>>,
}

thread_local! {
    static HASHED: RefCell<Vec<Weak<Crowd>>> = const { RefCell::new(Vec::new()) };
}

impl Hash for Stubborn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        HASHED.with_borrow_mut(|hashed| hashed.push(Arc::downgrade(&self.0)));
        let members = self.0.members.lock().expect("not poisoned").len();
        (self.1, members).hash(state);
    }
}

deepclone_tests::equal_by!(Stubborn, |key| key.1);

#[test]
fn keys_whose_hash_takes_the_lock_of_the_map_that_they_sit_in_are_an_error_and_do_not_wait_for_ever()
 {
    for count in [1, 5] {
        let source = Arc::new(Crowd::default());
        let members = (0..count)
            .map(|number| (Stubborn(source.clone(), number), number))
            .collect();
        *source.members.lock().expect("free") = members;
        HASHED.take();
        let error = source.try_deep_clone().err().map(|error| error.kind());
        assert_eq!(error, Some(ErrorKind::KeyInCycle));
        let copies = HASHED.take();
        assert!(copies.iter().all(|copy| {
            copy.upgrade()
                .is_none_or(|copy| Arc::ptr_eq(&copy, &source))
        }));
        assert!(!source.members.is_poisoned());
        let members = std::mem::take(&mut *source.members.lock().expect("free"));
        assert_eq!(
            (members.len(), Arc::strong_count(&source)),
            (count as usize, count as usize + 1)
        );
    }
}

/// Hashed by a lock beside the map that it sits in.
#[derive(DeepClone)]
struct Modest(Arc<Member>);

#[derive(DeepClone)]
struct Member {
    name: Mutex<String>,
    members: Mutex<HashMap<Modest, u32>>,
}

impl Hash for Modest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name.lock().expect("not poisoned").hash(state);
    }
}

deepclone_tests::equal_by!(Modest, |key| Arc::as_ptr(&key.0));

#[test]
fn keys_whose_hash_takes_another_lock_are_found_and_no_lock_comes_out_poisoned() {
    let source = Arc::new(Member {
        name: Mutex::new(String::from("name")),
        members: Mutex::default(),
    });
    source
        .members
        .lock()
        .expect("free")
        .insert(Modest(source.clone()), 1);
    let copy = source.deep_clone();
    assert!(!copy.members.is_poisoned() && !copy.name.is_poisoned());
    for member in [copy, source] {
        let members = std::mem::take(&mut *member.members.lock().expect("free"));
        assert_eq!(members.get(&Modest(member.clone())), Some(&1));
    }
}

/// Two variants with maps at the same place, and a row of them.
#[derive(DeepClone)]
enum Shelf {
    Numbers(HashMap<Moving, u64>),
    Texts(HashMap<Moving, [u32; 2]>),
    Row(Vec<Option<Box<Shelf>>>),
}

#[derive(DeepClone)]
struct Room {
    shelf: Mutex<Shelf>,
}

#[derive(DeepClone)]
struct Moving(Arc<Room>);

thread_local! {
    /// At this call of `Hash` the shelf is changed, in this way.
    static CALLS: Cell<i32> = const { Cell::new(0) };
    static WAY: Cell<usize> = const { Cell::new(0) };
}

/// Ways to change a shelf while its map waits.
const WAYS: [fn(&mut Shelf); 6] = [
    |shelf| *shelf = Shelf::Texts(HashMap::new()),
    |shelf| *shelf = Shelf::Numbers(HashMap::with_capacity(20)),
    |shelf| {
        if let Shelf::Row(row) = shelf {
            row.clear();
        }
    },
    |shelf| {
        if let Shelf::Row(row) = shelf {
            row.truncate(1);
            row.shrink_to_fit();
        }
    },
    |shelf| {
        if let Shelf::Row(row) = shelf {
            row[1] = Some(Box::new(Shelf::Texts(HashMap::new())));
        }
    },
    |shelf| {
        if let Shelf::Row(row) = shelf
            && let Some(last) = &mut row[1]
        {
            **last = Shelf::Texts(HashMap::new());
        }
    },
];

impl Hash for Moving {
    fn hash<H: Hasher>(&self, _: &mut H) {
        CALLS.set(CALLS.get() - 1);
        if CALLS.get() == 0
            && let Ok(mut shelf) = self.0.shelf.try_lock()
        {
            WAYS[WAY.get()](&mut shelf);
        }
    }
}

deepclone_tests::equal_by!(Moving, |key| Arc::as_ptr(&key.0));

/// A row that lies in the lock itself.
#[cfg(feature = "foreign")]
mod in_an_array {
    use arrayvec::ArrayVec;

    use super::*;

    #[derive(DeepClone, Default)]
    struct Rack {
        maps: Mutex<ArrayVec<HashMap<Clearing, u64>, 2>>,
    }

    #[derive(DeepClone)]
    struct Clearing(Arc<Rack>);

    impl Hash for Clearing {
        fn hash<H: Hasher>(&self, _: &mut H) {
            CALLS.set(CALLS.get() - 1);
            if CALLS.get() == 0
                && let Ok(mut maps) = self.0.maps.try_lock()
            {
                maps.clear();
            }
        }
    }

    deepclone_tests::equal_by!(Clearing, |key| Arc::as_ptr(&key.0));

    #[test]
    fn a_map_that_is_taken_out_of_an_array_in_a_mutex_is_not_written_to() {
        for call in 0..8 {
            let source = Arc::new(Rack::default());
            let map = HashMap::from([(Clearing(source.clone()), 7)]);
            source.maps.lock().expect("free").push(map);
            CALLS.set(call);
            let cloned = source.try_deep_clone();
            CALLS.set(0);
            if let Err(error) = &cloned {
                assert_eq!(error.kind(), ErrorKind::AlreadyBorrowed);
            }
            for rack in [Some(source.clone()), cloned.ok()].into_iter().flatten() {
                let maps = std::mem::take(&mut *rack.maps.lock().expect("free"));
                assert!(maps.iter().all(|map| map[&Clearing(rack.clone())] == 7));
            }
            assert_eq!(Arc::strong_count(&source), 1);
        }
    }
}

#[test]
fn a_map_that_waits_in_a_mutex_is_not_written_to_where_it_is_no_more() {
    for way in 0..WAYS.len() {
        for call in 0..8 {
            for in_a_row in [false, true] {
                let source = Arc::new(Room {
                    shelf: Mutex::new(Shelf::Row(Vec::new())),
                });
                let shelf = Shelf::Numbers(HashMap::from([(Moving(source.clone()), 7)]));
                let row = |shelf| Shelf::Row(vec![None, Some(Box::new(shelf)), None]);
                *source.shelf.lock().expect("free") = if in_a_row { row(shelf) } else { shelf };
                WAY.set(way);
                CALLS.set(call);
                let cloned = source.try_deep_clone();
                CALLS.set(0);
                let empty = || Shelf::Row(Vec::new());
                if let Ok(copy) = cloned {
                    let shelf =
                        std::mem::replace(&mut *copy.shelf.lock().expect("not poisoned"), empty());
                    match shelf {
                        Shelf::Numbers(map) => {
                            assert!(map.is_empty() || map[&Moving(copy.clone())] == 7)
                        }
                        Shelf::Texts(map) => assert!(map.is_empty()),
                        Shelf::Row(row) => assert!(row.len() <= 3),
                    }
                }
                assert!(!source.shelf.is_poisoned());
                let shelf = std::mem::replace(&mut *source.shelf.lock().expect("free"), empty());
                drop(shelf);
                assert_eq!(Arc::strong_count(&source), 1);
            }
        }
    }
}

/// Maps in boxes whose own places are moved before all is done.
#[derive(DeepClone, Default)]
struct Moved {
    in_map: Mutex<HashMap<u32, Box<HashMap<OfMoved, u64>>>>,
    in_list: Mutex<LinkedList<Vec<HashMap<OfMoved, u64>>>>,
}

#[derive(DeepClone)]
struct OfMoved(Arc<Moved>);

impl OfMoved {
    fn rank(&self) -> *const Moved {
        Arc::as_ptr(&self.0)
    }
}

deepclone_tests::ranked!(OfMoved);

#[test]
fn maps_in_blocks_that_change_hands_while_they_wait_are_whole_or_an_error() {
    for in_list in [false, true] {
        let source = Arc::new(Moved::default());
        let map = || HashMap::from([(OfMoved(source.clone()), 7)]);
        if in_list {
            let list = LinkedList::from([vec![map()], vec![], vec![map(), map()]]);
            *source.in_list.lock().expect("free") = list;
        } else {
            let maps = (0..20).map(|number| (number, Box::new(map()))).collect();
            *source.in_map.lock().expect("free") = maps;
        }
        let cloned = source.try_deep_clone();
        if let Err(error) = &cloned {
            assert_eq!(error.kind(), ErrorKind::KeyInCycle);
        }
        for moved in [Some(source.clone()), cloned.ok()].into_iter().flatten() {
            let maps = std::mem::take(&mut *moved.in_map.lock().expect("free"));
            assert!(maps.values().all(|map| map[&OfMoved(moved.clone())] == 7));
            let list = std::mem::take(&mut *moved.in_list.lock().expect("free"));
            assert!(
                list.iter()
                    .flatten()
                    .all(|map| map[&OfMoved(moved.clone())] == 7)
            );
            assert_eq!(maps.len() + list.len(), if in_list { 3 } else { 20 });
        }
        assert_eq!(Arc::strong_count(&source), 1);
    }
}
