//! What containers keep beside their elements: order, layout, capacity, hashers, allocations that several elements lead to.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::mutable_key_type,
    reason = "the same bodies run for both families, and keys that change are part of the test"
)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::{BuildHasher, DefaultHasher, Hasher};
use std::rc::Rc;

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

#[test]
fn capacity_is_at_least_the_length() {
    let mut vec: Vec<String> = Vec::with_capacity(100);
    vec.push(String::from("one"));
    let copy = vec.deep_clone();
    assert!(copy.capacity() >= copy.len());
    assert_eq!(copy, vec);
    let map: HashMap<String, Rc<u8>> = (0..100)
        .map(|key: u8| (key.to_string(), Rc::new(key)))
        .collect();
    assert!(map.deep_clone().capacity() >= 100);
    assert_eq!(Vec::<String>::with_capacity(9).deep_clone().len(), 0);
}

#[test]
fn a_deque_that_wraps_around_keeps_its_order() {
    let mut deque: VecDeque<Rc<u32>> = (0..8).map(Rc::new).collect();
    for number in 8..13 {
        deque.pop_front();
        deque.push_back(Rc::new(number));
    }
    let (front, back) = deque.as_slices();
    assert!(!front.is_empty() && !back.is_empty(), "it wraps around");
    let mut copy = deque.deep_clone();
    assert_eq!(copy, deque);
    copy.push_front(Rc::new(0));
    copy.pop_back();
    assert_eq!(
        copy.iter().map(|number| **number).collect::<Vec<_>>(),
        [0, 5, 6, 7, 8, 9, 10, 11]
    );
}

#[test]
fn a_heap_keeps_its_layout_and_asks_no_order() {
    /// Counts how often it is compared.
    #[derive(DeepClone, PartialEq, Eq, Debug, Clone)]
    struct Counted(u32);

    thread_local! {
        static COMPARED: Cell<u32> = const { Cell::new(0) };
    }

    impl Ord for Counted {
        fn cmp(&self, other: &Self) -> std::cmp::Ordering {
            COMPARED.set(COMPARED.get() + 1);
            self.0.cmp(&other.0)
        }
    }

    impl PartialOrd for Counted {
        fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
            Some(self.cmp(other))
        }
    }

    let heap: BinaryHeap<Counted> = [3, 9, 4, 1, 7, 2, 8].map(Counted).into();
    let layout = heap.iter().cloned().collect::<Vec<_>>();
    let mut copy = heap.deep_clone();
    assert_eq!(copy.iter().cloned().collect::<Vec<_>>(), layout);
    copy.push(Counted(5));
    let sorted = copy.into_sorted_vec();
    assert!(sorted.is_sorted_by_key(|counted| counted.0));
    assert_eq!(sorted.len(), 8);
}

#[test]
fn a_list_keeps_its_order() {
    let mut list: LinkedList<Box<str>> = ["b", "c"].map(Box::from).into();
    list.push_front("a".into());
    let mut copy = list.deep_clone();
    assert_eq!(copy, list);
    let mut tail = copy.split_off(1);
    copy.append(&mut tail);
    assert_eq!(copy, list);
}

/// A hasher that knows how it was seeded. It has no `Default`.
#[derive(Clone)]
struct Seed(u64);

impl BuildHasher for Seed {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.0);
        hasher
    }
}

#[test]
fn a_map_of_a_seeded_hasher_finds_its_keys() {
    let mut map: HashMap<Rc<str>, Rc<RefCell<u32>>, Seed> = HashMap::with_hasher(Seed(7));
    let shared = Rc::new(RefCell::new(0));
    for number in 0..100 {
        map.insert(number.to_string().into(), Rc::clone(&shared));
    }
    let copy = map.deep_clone();
    assert_eq!((copy.hasher().0, copy.len()), (7, 100));
    for number in 0..100 {
        let found = &copy[&*number.to_string()];
        assert!(Rc::ptr_eq(found, &copy["0"]));
    }
    assert_eq!(Rc::strong_count(&copy["0"]), 100);
    assert_eq!(Rc::strong_count(&shared), 101);
    let set: HashSet<(u8, String), Seed> = {
        let mut set = HashSet::with_hasher(Seed(9));
        set.insert((1, String::from("one")));
        set
    };
    let copy = set.deep_clone();
    assert_eq!(copy.hasher().0, 9);
    assert!(copy.contains(&(1, String::from("one"))));
}

/// A key whose equality can be changed from outside, as no key should.
#[derive(DeepClone, Clone)]
struct Fickle {
    value: Rc<Cell<u32>>,
}

impl Fickle {
    fn rank(&self) -> u32 {
        self.value.get()
    }
}

deepclone_tests::ranked!(Fickle);

#[test]
fn keys_that_have_become_equal_are_never_dropped_silently() {
    let keys: Vec<Fickle> = (0..10)
        .map(|number| Fickle {
            value: Rc::new(Cell::new(number)),
        })
        .collect();
    let hashed: HashMap<Fickle, u32> = keys.iter().cloned().zip(0..).collect();
    let ordered: BTreeMap<Fickle, u32> = keys.iter().cloned().zip(0..).collect();
    let set: BTreeSet<Fickle> = keys.iter().cloned().collect();
    for key in &keys {
        key.value.set(5);
    }
    let kept_or_refused = |outcome: Result<usize, deepclone::Error>| match outcome {
        Ok(length) => assert_eq!(length, 10),
        Err(error) => assert_eq!(error.kind(), ErrorKind::KeyInCycle),
    };
    kept_or_refused(hashed.try_deep_clone().map(|copy| copy.len()));
    kept_or_refused(ordered.try_deep_clone().map(|copy| copy.len()));
    kept_or_refused(set.try_deep_clone().map(|copy| copy.len()));
    assert_eq!((hashed.len(), ordered.len(), set.len()), (10, 10, 10));
}

#[test]
fn keys_ordered_by_address_move_to_where_their_copies_belong() {
    #[derive(DeepClone, Clone)]
    struct ByAddress(Rc<u32>);

    impl ByAddress {
        fn rank(&self) -> *const u32 {
            Rc::as_ptr(&self.0)
        }
    }

    deepclone_tests::ranked!(ByAddress);

    let keys: Vec<ByAddress> = (0..100).map(|number| ByAddress(Rc::new(number))).collect();
    let ordered: BTreeMap<ByAddress, u32> = keys.iter().cloned().zip(0..).collect();
    let hashed: HashMap<ByAddress, u32> = keys.iter().cloned().zip(0..).collect();
    let (keys, ordered, hashed) = (keys, ordered, hashed).deep_clone();
    assert_eq!((ordered.len(), hashed.len()), (100, 100));
    for (number, key) in (0..).zip(&keys) {
        assert_eq!(
            (ordered[key], hashed[key], *key.0),
            (number, number, number)
        );
        assert_eq!(Rc::strong_count(&key.0), 3);
    }
    assert!(ordered.keys().is_sorted());
}

/// An iterator that is half consumed does not look at what is gone.
#[test]
fn an_iterator_copies_what_is_left() {
    let shared = Rc::new(RefCell::new(1));
    let mut iterator = vec![Rc::new(RefCell::new(0)), Rc::clone(&shared), shared].into_iter();
    let gone = iterator.next().expect("the first");
    let open = gone.borrow_mut();
    let mut copy = iterator.deep_clone();
    drop(open);
    assert_eq!(copy.len(), 2);
    let (one, other) = (copy.next().expect("left"), copy.next_back().expect("left"));
    assert!(Rc::ptr_eq(&one, &other));
    assert_eq!(Rc::strong_count(&one), 2);
    assert_eq!(iterator.len(), 2);
}

/// Many elements, so that growing would show.
#[test]
fn containers_of_many_elements_copy_each_of_them() {
    let number = 10_000_u32;
    let source = (
        (0..number)
            .map(|key| (key, key.to_string()))
            .collect::<HashMap<_, _>>(),
        (0..number)
            .map(|key| (key.to_string(), key))
            .collect::<BTreeMap<_, _>>(),
        (0..number)
            .map(|key| key.to_string())
            .collect::<HashSet<_>>(),
        (0..number)
            .map(|key| key.to_string())
            .collect::<VecDeque<_>>(),
        (0..number).map(|key| vec![key; 2]).collect::<Vec<_>>(),
        (0..number).collect::<LinkedList<_>>(),
    );
    assert_eq!(source.deep_clone(), source);
}

each_family! {
    #[test]
    fn elements_of_all_containers_lead_to_one_copy() {
        let node = Strong::new(Slot::new(1));
        let handle = || Strong::clone(&node);
        let source = (
            vec![handle(), handle()],
            VecDeque::from([handle()]),
            LinkedList::from([handle()]),
            HashMap::from([(1_u8, handle())]),
            BTreeMap::from([(1_u8, handle())]),
            [handle(), handle()],
            Box::<[_]>::from([handle()]),
            Strong::<[_]>::from([handle()]),
            (vec![handle()].into_iter(), Some(handle()), Slot::new(handle()), Once::from(handle())),
        );
        let copy = source.deep_clone();
        let first = &copy.0[0];
        assert!(!Strong::ptr_eq(first, &node));
        let inner = &copy.8;
        let others = [
            &copy.0[1],
            &copy.1[0],
            copy.2.front().expect("one"),
            &copy.3[&1],
            &copy.4[&1],
            &copy.5[0],
            &copy.5[1],
            &copy.6[0],
            &copy.7[0],
            &inner.0.as_slice()[0],
            inner.1.as_ref().expect("some"),
            inner.3.get().expect("set"),
        ];
        assert!(others.iter().all(|other| Strong::ptr_eq(first, other)));
        assert!(Strong::ptr_eq(first, &open(&inner.2)));
        assert_eq!(counts(first), (14, 0));
        assert_eq!(counts(&node), (15, 0));
    }

    #[test]
    fn keys_that_are_shared_pointers_are_found_by_what_they_say() {
        let name: Strong<str> = "name".into();
        let source = (
            HashMap::from([(Strong::clone(&name), Strong::clone(&name))]),
            BTreeMap::from([(Strong::clone(&name), vec![Strong::clone(&name)])]),
            HashSet::from([Strong::clone(&name)]),
            BTreeSet::from([name]),
        );
        let copy = source.deep_clone();
        let (key, value) = copy.0.get_key_value("name").expect("found");
        assert!(Strong::ptr_eq(key, value));
        assert!(Strong::ptr_eq(key, &copy.1["name"][0]));
        assert!(Strong::ptr_eq(key, copy.2.get("name").expect("found")));
        assert!(Strong::ptr_eq(key, copy.3.get("name").expect("found")));
        assert_eq!(Strong::strong_count(key), 6);
        assert!(!Strong::ptr_eq(key, source.2.get("name").expect("found")));
        assert_eq!(copy, source);
    }

    #[test]
    fn rows_of_shared_pointers_fail_clean_in_every_container() {
        #[derive(DeepClone)]
        struct Leaf {
            fuse: Fuse,
            number: u32,
        }

        let detonator = Detonator::new();
        let leaves: Vec<Strong<Leaf>> =
            (0..4).map(|number| Strong::new(Leaf { fuse: detonator.fuse(), number })).collect();
        let twice = || leaves.iter().chain(&leaves).cloned();
        let source = (
            twice().collect::<Vec<_>>(),
            twice().collect::<VecDeque<_>>(),
            twice().collect::<LinkedList<_>>(),
            (0..).zip(twice()).collect::<HashMap<u32, _>>(),
            (0..).zip(twice()).collect::<BTreeMap<u32, _>>(),
            twice().collect::<Strong<[_]>>(),
            twice().collect::<Vec<_>>().into_iter(),
        );
        for mode in [Mode::Error, Mode::Panic] {
            for step in 0..leaves.len() {
                let left = allocation_counter::measure(|| detonator.fail_at(step, mode, || source.try_deep_clone()));
                assert_eq!(left.bytes_current, 0);
                assert_eq!(detonator.live(), 4);
                assert!(leaves.iter().all(|leaf| Strong::strong_count(leaf) == 15 && Strong::weak_count(leaf) == 0));
            }
        }
        let copy = source.deep_clone();
        assert_eq!(detonator.live(), 8);
        assert_eq!(Strong::strong_count(&copy.0[0]), 14);
        assert!(Strong::ptr_eq(&copy.3[&1], &copy.4[&5]));
        assert_eq!(copy.5.iter().map(|leaf| leaf.number).sum::<u32>(), 12);
    }
}
