//! Keys that are `Weak` and hashed or compared by what they lead to, in all five containers, failing at every step that there is: right, or an
//! error, and never left behind.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::mutable_key_type,
    reason = "nothing here leaves its thread, and what is hashed and compared does not change"
)]

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Container {
    HashMap,
    HashSet,
    TreeMap,
    TreeSet,
    Heap,
}

const CONTAINERS: [Container; 5] = [
    Container::HashMap,
    Container::HashSet,
    Container::TreeMap,
    Container::TreeSet,
    Container::Heap,
];

/// How the members of a family hang together, beside the weak keys that each has to all of them.
#[derive(Clone, Copy, Debug)]
struct Shape {
    /// The strong edges are met before the keys.
    early: bool,
    /// The children have a strong edge to their parent.
    ring: bool,
    /// Each key has a strong edge to the member whose container it lies in.
    back: bool,
}

const MEMBERS: u32 = 3;

macro_rules! keys {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        mod $name {
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);

            #[derive(DeepClone)]
            struct Member {
                before: Fuse,
                number: u32,
                early: Slot<Vec<Strong<Member>>>,
                hash_map: Slot<HashMap<Key, Fuse>>,
                hash_set: Slot<HashSet<Key>>,
                tree_map: Slot<BTreeMap<Key, Fuse>>,
                tree_set: Slot<BTreeSet<Key>>,
                heap: Slot<BinaryHeap<Key>>,
                late: Slot<Vec<Strong<Member>>>,
                after: Fuse,
            }

            #[derive(DeepClone)]
            struct Key {
                to: Weak<Member>,
                fuse: Fuse,
                back: Option<Strong<Member>>,
            }

            impl Key {
                fn rank(&self) -> Option<u32> {
                    self.to.upgrade().map(|member| member.number)
                }
            }

            deepclone_tests::ranked!(Key);

            fn member(detonator: &Detonator, number: u32) -> Strong<Member> {
                Strong::new(Member {
                    before: detonator.fuse(),
                    number,
                    early: Slot::default(),
                    hash_map: Slot::default(),
                    hash_set: Slot::default(),
                    tree_map: Slot::default(),
                    tree_set: Slot::default(),
                    heap: Slot::default(),
                    late: Slot::default(),
                    after: detonator.fuse(),
                })
            }

            impl Member {
                fn put(&self, container: Container, key: Key, value: Fuse) {
                    match container {
                        Container::HashMap => {
                            open(&self.hash_map).insert(key, value);
                        }
                        Container::HashSet => {
                            open(&self.hash_set).insert(key);
                        }
                        Container::TreeMap => {
                            open(&self.tree_map).insert(key, value);
                        }
                        Container::TreeSet => {
                            open(&self.tree_set).insert(key);
                        }
                        Container::Heap => open(&self.heap).push(key),
                    }
                }

                /// Calls `visit` with every key and whether it was found where it is; in order, where there is one.
                fn each(&self, container: Container, mut visit: impl FnMut(&Key, bool)) {
                    let same = |a: &Key, b: Option<&Key>| b.is_some_and(|b| std::ptr::eq(a, b));
                    match container {
                        Container::HashMap => {
                            let map = open(&self.hash_map);
                            map.keys().for_each(|key| {
                                let found = map.get_key_value(key).map(|pair| pair.0);
                                visit(key, same(key, found));
                            });
                        }
                        Container::HashSet => {
                            let set = open(&self.hash_set);
                            set.iter()
                                .for_each(|key| visit(key, same(key, set.get(key))));
                        }
                        Container::TreeMap => {
                            let map = open(&self.tree_map);
                            map.keys().for_each(|key| {
                                let found = map.get_key_value(key).map(|pair| pair.0);
                                visit(key, same(key, found));
                            });
                            assert!(map.keys().is_sorted());
                        }
                        Container::TreeSet => {
                            let set = open(&self.tree_set);
                            set.iter()
                                .for_each(|key| visit(key, same(key, set.get(key))));
                            assert!(set.iter().is_sorted());
                        }
                        Container::Heap => {
                            let mut heap = std::mem::take(&mut *open(&self.heap));
                            let keys: Vec<_> = std::iter::from_fn(|| heap.pop()).collect();
                            keys.iter().for_each(|key| visit(key, true));
                            assert!(keys.iter().rev().is_sorted());
                            open(&self.heap).extend(keys);
                        }
                    }
                }

                fn let_go(&self) {
                    let taken = (
                        std::mem::take(&mut *open(&self.early)),
                        std::mem::take(&mut *open(&self.hash_map)),
                        std::mem::take(&mut *open(&self.hash_set)),
                        std::mem::take(&mut *open(&self.tree_map)),
                        std::mem::take(&mut *open(&self.tree_set)),
                        std::mem::take(&mut *open(&self.heap)),
                        std::mem::take(&mut *open(&self.late)),
                    );
                    drop(taken);
                }
            }

            /// A parent and its children.
            fn family(detonator: &Detonator, container: Container, shape: Shape) -> Strong<Member> {
                let members: Vec<_> = (0..MEMBERS)
                    .map(|number| member(detonator, number))
                    .collect();
                let slot = |member: &Strong<Member>, to: &[Strong<Member>]| {
                    let slot = if shape.early {
                        &member.early
                    } else {
                        &member.late
                    };
                    open(slot).extend_from_slice(to);
                };
                slot(&members[0], &members[1..]);
                if shape.ring {
                    members[1..]
                        .iter()
                        .for_each(|child| slot(child, &members[..1]));
                }
                for owner in &members {
                    for to in &members {
                        let key = Key {
                            to: Strong::downgrade(to),
                            fuse: detonator.fuse(),
                            back: shape.back.then(|| owner.clone()),
                        };
                        owner.put(container, key, detonator.fuse());
                    }
                }
                members[0].clone()
            }

            fn members(parent: &Strong<Member>) -> Vec<Strong<Member>> {
                let mut members = vec![parent.clone()];
                members.extend(open(&parent.early).iter().cloned());
                members.extend(open(&parent.late).iter().cloned());
                members
            }

            fn assert_whole(parent: &Strong<Member>, container: Container, shape: Shape) {
                let members = members(parent);
                assert_eq!(members.len(), MEMBERS as usize);
                for owner in &members {
                    let mut numbers = Vec::new();
                    owner.each(container, |key, found| {
                        let to = key.to.upgrade().expect("the whole family was reached");
                        assert!(found && Strong::ptr_eq(&to, &members[to.number as usize]));
                        let leads_back = key.back.as_ref().map(|back| Strong::ptr_eq(back, owner));
                        assert_eq!(leads_back, shape.back.then_some(true));
                        numbers.push(to.number);
                    });
                    numbers.sort_unstable();
                    assert!(numbers.into_iter().eq(0..MEMBERS));
                    assert_eq!(Strong::weak_count(owner), MEMBERS as usize);
                }
            }

            /// Fails at every step that there is, and says what comes of no failure.
            fn outcome(
                detonator: &Detonator,
                source: &Strong<Member>,
                check: impl Fn(&Strong<Member>),
            ) -> Result<(), ErrorKind> {
                check(source);
                let (live, before) = (detonator.live(), counts(source));
                let mut outcomes = Vec::new();
                let unharmed = |_| {
                    assert_eq!(counts(source), before);
                    check(source);
                };
                for mode in [Mode::Error, Mode::Panic] {
                    let attempt = || source.try_deep_clone();
                    let (steps, ended) = detonator.fail_at_every_step(mode, attempt, unharmed);
                    outcomes.push(ended.map_err(|error| error.kind()).map(|copy| {
                        check(&copy);
                        assert_eq!(counts(&copy), before);
                        members(&copy).iter().for_each(|member| member.let_go());
                    }));
                    assert_eq!(detonator.live(), live);
                    unharmed(steps);
                }
                assert_eq!(outcomes[0], outcomes[1]);
                outcomes[0]
            }

            fn of_a_family(container: Container, shape: Shape) -> Result<(), ErrorKind> {
                let detonator = Detonator::new();
                let source = family(&detonator, container, shape);
                let found = outcome(&detonator, &source, |parent| {
                    assert_whole(parent, container, shape)
                });
                members(&source).iter().for_each(|member| member.let_go());
                drop(source);
                assert_eq!(detonator.live(), 0);
                found
            }

            #[test]
            fn weak_keys_are_found_in_each_container_on_a_strong_cycle_and_off_it() {
                for container in CONTAINERS {
                    for bits in 0..8 {
                        let shape = Shape {
                            early: bits & 1 != 0,
                            ring: bits & 2 != 0,
                            back: bits & 4 != 0,
                        };
                        let outcome = of_a_family(container, shape);
                        assert_eq!(outcome, Ok(()), "{container:?} {shape:?}");
                    }
                }
            }

            /// Keys of one member to itself and to others, which nothing else leads to.
            fn with_keys_to_others(container: Container, others: u32) -> Result<(), ErrorKind> {
                let detonator = Detonator::new();
                let members: Vec<_> = (0..=others)
                    .map(|number| member(&detonator, number))
                    .collect();
                let source = &members[0];
                for to in &members {
                    let key = Key {
                        to: Strong::downgrade(to),
                        fuse: detonator.fuse(),
                        back: Some(source.clone()),
                    };
                    source.put(container, key, detonator.fuse());
                }
                let live = detonator.live();
                let found = source.try_deep_clone().map(|copy| {
                    let mut ranks = Vec::new();
                    copy.each(container, |key, found| {
                        assert!(found);
                        ranks.push(key.rank());
                    });
                    ranks.sort_unstable();
                    let nowhere = std::iter::repeat_n(None, others as usize);
                    assert!(ranks.into_iter().eq(nowhere.chain([Some(0)])));
                    copy.let_go();
                });
                assert_eq!(detonator.live(), live);
                source.let_go();
                drop(members);
                assert_eq!(detonator.live(), 0);
                found.map_err(|error| error.kind())
            }

            #[test]
            fn weak_keys_to_what_is_not_copied_are_all_equal_so_that_two_of_them_are_an_error() {
                for container in CONTAINERS {
                    assert_eq!(with_keys_to_others(container, 1), Ok(()), "{container:?}");
                    let expected = match container {
                        Container::Heap => Ok(()),
                        _ => Err(ErrorKind::KeyInCycle),
                    };
                    assert_eq!(with_keys_to_others(container, 2), expected, "{container:?}");
                }
            }

            /// In no cell: the keys are hashed or compared where they are met.
            fn in_no_cell<C: DeepClone + FromIterator<I>, I>(
                with: fn(Key) -> I,
                keys: fn(&C) -> Vec<&Key>,
                alone: Option<ErrorKind>,
            ) {
                let detonator = Detonator::new();
                let targets = [member(&detonator, 7), member(&detonator, 8)];
                let live = detonator.live();
                let new = |count: usize| -> C {
                    let key = |to| Key {
                        to: Strong::downgrade(to),
                        fuse: detonator.fuse(),
                        back: None,
                    };
                    targets[..count].iter().map(key).map(with).collect()
                };
                let is_right = |copy: &C, targets: &[Strong<Member>]| {
                    keys(copy).iter().all(|key| {
                        let to = key.to.upgrade().expect("alive");
                        targets.iter().any(|target| Strong::ptr_eq(&to, target))
                    })
                };
                for (count, before) in [(1, alone), (2, Some(ErrorKind::KeyInCycle))] {
                    let behind = (targets.clone(), new(count)).deep_clone();
                    assert!(is_right(&behind.1, &behind.0));
                    drop(behind);
                    match (new(count), targets.clone()).try_deep_clone() {
                        Ok(copy) => assert!(before.is_none() && is_right(&copy.0, &copy.1)),
                        Err(error) => {
                            assert_eq!(Some(error.kind()), before);
                            let text = error.to_string();
                            assert!(
                                text.contains("put what owns its target before the map"),
                                "{text}"
                            );
                        }
                    }
                    assert_eq!(detonator.live(), live);
                    assert_eq!(targets.each_ref().map(counts), [(1, 0); 2]);
                }
            }

            #[test]
            fn weak_keys_in_no_cell_are_right_behind_their_target_and_an_error_before_it() {
                let error = Some(ErrorKind::KeyInCycle);
                in_no_cell::<HashMap<_, _>, _>(|key| (key, 1), |map| map.keys().collect(), error);
                in_no_cell::<HashSet<_>, _>(|key| key, |set| set.iter().collect(), error);
                // Nobody compares one that is alone.
                in_no_cell::<BTreeMap<_, _>, _>(|key| (key, 1), |map| map.keys().collect(), None);
                in_no_cell::<BTreeSet<_>, _>(|key| key, |set| set.iter().collect(), None);
                in_no_cell::<BinaryHeap<_>, _>(|key| key, |heap| heap.iter().collect(), None);
            }
        }
    };
}

deepclone_tests::each_kind!(keys);
