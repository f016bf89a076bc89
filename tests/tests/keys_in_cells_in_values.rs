//! Maps in cells in the values of containers that lie in no cell, on a cycle with their keys: such a value is moved into its container, and the map in it waits where it went.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::large_enum_variant,
    clippy::mutable_key_type,
    reason = "nothing here leaves its thread, and keys that lead to cells are the point"
)]

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList};

use deepclone::{DeepClone, ErrorKind, Session};
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

macro_rules! values {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        mod $name {
            #[allow(clippy::wildcard_imports)]
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);

            type Set = HashSet<ById>;

            /// Hashed and compared by address.
            #[derive(DeepClone)]
            struct ById(Strong<Node>);

            impl ById {
                fn rank(&self) -> usize {
                    Strong::as_ptr(&self.0).addr()
                }
            }

            deepclone_tests::ranked!(ById);

            /// Something that is moved in one piece, with a cell somewhere in it.
            #[derive(DeepClone)]
            enum Value {
                Nothing([u64; 9]),
                Direct {
                    size: u8,
                    set: Slot<Set>,
                    tail: Fuse,
                },
                Boxed(Box<(u8, Slot<Set>)>),
                Two(Slot<Vec<Set>>, Slot<(Fuse, BTreeSet<ById>)>),
                Once(OnceCell<(Fuse, Slot<Set>)>),
                Large([u64; 90], Slot<Set>),
                Map(HashMap<u8, Value>),
                Sorted(BTreeMap<u8, Value>),
                List(LinkedList<Value>),
            }

            #[derive(DeepClone, Default)]
            struct Node {
                named: HashMap<String, Value>,
                sorted: BTreeMap<String, Value>,
                by_id: BTreeMap<ById, Value>,
                list: LinkedList<Value>,
                once: OnceCell<Value>,
                /// With a set in a key.
                by_label: HashMap<Label, Slot<Set>>,
                others: Slot<Vec<Strong<Node>>>,
                /// Leads to the node itself.
                own: Slot<Set>,
            }

            /// A key with a cell in it, which is not hashed.
            #[derive(DeepClone)]
            struct Label(u8, OnceCell<Slot<Set>>);

            impl Label {
                fn rank(&self) -> u8 {
                    self.0
                }
            }

            deepclone_tests::ranked!(Label);

            /// One of each, and one in which others lie.
            fn values(fuse: &Fuse) -> Vec<Value> {
                let direct = |size| Value::Direct {
                    size,
                    set: Slot::default(),
                    tail: fuse.clone(),
                };
                let two =
                    || Value::Two(Slot::default(), Slot::new((fuse.clone(), BTreeSet::new())));
                vec![
                    Value::Nothing([7; 9]),
                    direct(1),
                    Value::Boxed(Box::new((2, Slot::default()))),
                    two(),
                    Value::Once(OnceCell::from((fuse.clone(), Slot::default()))),
                    Value::Large([3; 90], Slot::default()),
                    Value::Map((0..).zip([direct(4), two(), direct(5)]).collect()),
                    Value::Sorted((0..12).zip((6..).map(direct)).collect()),
                    Value::List(LinkedList::from([two(), direct(18)])),
                ]
            }

            impl Value {
                /// Visits all sets, and looks what lies around them.
                fn sets(&self, visit: &mut impl FnMut(&mut Set)) {
                    match self {
                        Self::Nothing(row) => assert_eq!(row, &[7; 9]),
                        Self::Direct { set, .. } => visit(&mut open(set)),
                        Self::Boxed(pair) => {
                            assert_eq!(pair.0, 2);
                            visit(&mut open(&pair.1));
                        }
                        Self::Two(sets, sorted) => {
                            open(sets).iter_mut().for_each(&mut *visit);
                            let sorted = &mut open(sorted).1;
                            let mut set = sorted.iter().map(|key| ById(key.0.clone())).collect();
                            visit(&mut set);
                            sorted.clear();
                            sorted.extend(set);
                        }
                        Self::Once(once) => visit(&mut open(&once.get().expect("it is set").1)),
                        Self::Large(row, set) => {
                            assert_eq!(row, &[3; 90]);
                            visit(&mut open(set));
                        }
                        Self::Map(map) => (0..3).for_each(|at| map[&at].sets(visit)),
                        Self::Sorted(map) => map.values().for_each(|value| value.sets(visit)),
                        Self::List(list) => list.iter().for_each(|value| value.sets(visit)),
                    }
                }
            }

            impl Node {
                fn sets(&self, visit: &mut impl FnMut(&mut Set)) {
                    let mut names: Vec<_> = self.named.keys().collect();
                    names.sort_unstable();
                    for name in names {
                        self.named[name].sets(visit);
                    }
                    self.sorted.values().for_each(|value| value.sets(visit));
                    // In the order of other nodes' addresses, which is another one in the copy.
                    self.by_id.values().for_each(|value| value.sets(visit));
                    self.list.iter().for_each(|value| value.sets(visit));
                    self.once
                        .get()
                        .into_iter()
                        .for_each(|value| value.sets(visit));
                    visit(&mut open(&self.own));
                }

                /// Cuts all cycles.
                fn clear(&self) {
                    self.sets(&mut |set| set.clear());
                    open(&self.others).clear();
                }
            }

            /// A node all of whose sets hold it, and another one.
            fn node(fuse: &Fuse) -> Strong<Node> {
                let leaves: Vec<Strong<Node>> = (0..9).map(|_| Strong::default()).collect();
                let by_id = leaves.iter().map(|leaf| ById(leaf.clone()));
                let once = OnceCell::new();
                assert!(
                    once.set(Value::Map(
                        (0..).zip(values(fuse).into_iter().skip(1)).collect()
                    ))
                    .is_ok()
                );
                let name = |at: usize| format!("name {at}");
                let node = Strong::new(Node {
                    named: (0..).map(name).zip(values(fuse)).collect(),
                    sorted: (0..27)
                        .rev()
                        .map(name)
                        .zip((0..3).flat_map(|_| values(fuse)))
                        .collect(),
                    by_id: by_id.zip(values(fuse)).collect(),
                    list: values(fuse).into_iter().collect(),
                    once,
                    others: Slot::new(leaves),
                    own: Slot::default(),
                    ..Node::default()
                });
                fill(&node);
                node
            }

            fn fill(node: &Strong<Node>) {
                let other = open(&node.others)[4].clone();
                node.sets(&mut |set| {
                    set.insert(ById(node.clone()));
                    set.insert(ById(other.clone()));
                });
            }

            fn assert_whole(node: &Strong<Node>) -> usize {
                let other = open(&node.others)[4].clone();
                let mut count = 0;
                node.sets(&mut |set| {
                    assert_eq!(set.len(), 2);
                    assert!(
                        set.contains(&ById(node.clone())) && set.contains(&ById(other.clone()))
                    );
                    count += 1;
                });
                for (key, _) in &node.by_id {
                    assert!(node.by_id.contains_key(key));
                    assert_eq!(
                        open(&node.others)
                            .iter()
                            .filter(|other| same(other, &key.0))
                            .count(),
                        1
                    );
                }
                count
            }

            #[test]
            fn nothing_is_left_of_them_wherever_they_fail() {
                let detonator = Detonator::new();
                let node = node(&detonator.fuse());
                let expected = assert_whole(&node);
                for mode in [Mode::Error, Mode::Panic] {
                    let (steps, outcome) =
                        detonator.fail_at_every_step(mode, || node.try_deep_clone(), |_| {});
                    assert!(steps > 100);
                    let copy = outcome.expect("the fuse is not lit any more");
                    assert_eq!(assert_whole(&copy), expected);
                    copy.clear();
                }
                assert_eq!(assert_whole(&node), expected);
                node.clear();
                drop(node);
                assert_eq!(detonator.live(), 0);
            }

            #[test]
            fn are_found_in_each_of_two_calls_of_a_session() {
                let detonator = Detonator::new();
                let nodes = [node(&detonator.fuse()), node(&detonator.fuse())];
                for (node, other) in [(&nodes[0], &nodes[1]), (&nodes[1], &nodes[0])] {
                    open(&node.others).push(other.clone());
                }
                let expected = assert_whole(&nodes[0]);
                let mut session = Session::new();
                let copies = nodes
                    .each_ref()
                    .map(|node| session.deep_clone(node).expect("it is copied"));
                drop(session);
                for (copy, other) in [(&copies[0], &copies[1]), (&copies[1], &copies[0])] {
                    assert!(
                        open(&copy.others)
                            .last()
                            .is_some_and(|known| same(known, other))
                    );
                }
                for node in nodes.iter().chain(&copies) {
                    assert_eq!(assert_whole(node), expected);
                    node.clear();
                }
            }

            #[test]
            fn are_found_in_a_sorted_map_whose_keys_come_in_another_order() {
                const COUNT: usize = 700;
                let leaves: Vec<Strong<Node>> = (0..COUNT).map(|_| Strong::default()).collect();
                // Copied backwards, so that the copies' addresses are likely to fall where the sources' rise.
                let value = |size| Value::Direct {
                    size,
                    set: Slot::default(),
                    tail: Detonator::new().fuse(),
                };
                let node = Strong::new(Node {
                    others: Slot::default(),
                    by_id: leaves
                        .iter()
                        .map(|leaf| ById(leaf.clone()))
                        .zip((0..=250).cycle().map(value))
                        .collect(),
                    ..Node::default()
                });
                for (key, value) in &node.by_id {
                    value.sets(&mut |set| {
                        set.extend([ById(node.clone()), ById(key.0.clone())]);
                    });
                }
                let mut backwards = leaves;
                backwards.sort_unstable_by_key(|leaf| std::cmp::Reverse(ById(leaf.clone())));
                let (copied, copy) = (backwards, node.clone()).deep_clone();
                assert_eq!(copied.len(), COUNT);
                let mut last = None;
                for (key, value) in &copy.by_id {
                    assert!(last.replace(key.rank()) < Some(key.rank()));
                    let mut found = 0;
                    value.sets(&mut |set| {
                        assert!(set.contains(key) && set.contains(&ById(copy.clone())));
                        found += 1;
                    });
                    assert_eq!(found, 1);
                }
                copy.clear();
                node.clear();
            }

            /// The key is hashed before the map is filled.
            #[test]
            fn are_an_error_in_a_key_if_they_lead_to_its_map() {
                for is_on_a_cycle in [false, true] {
                    let label = |at| Label(at, OnceCell::from(Slot::default()));
                    let node = Strong::new(Node {
                        by_label: (0..20).map(|at| (label(at), Slot::default())).collect(),
                        ..Node::default()
                    });
                    let leaf = Strong::new(Node::default());
                    for (label, value) in &node.by_label {
                        let target = if is_on_a_cycle && label.0 == 7 {
                            &node
                        } else {
                            &leaf
                        };
                        open(label.1.get().expect("it is set")).insert(ById(target.clone()));
                        open(value).insert(ById(node.clone()));
                    }
                    let clear = |node: &Node| {
                        for (label, value) in &node.by_label {
                            open(label.1.get().expect("it is set")).clear();
                            open(value).clear();
                        }
                    };
                    match node.try_deep_clone() {
                        Err(error) => {
                            assert!(is_on_a_cycle);
                            assert_eq!(error.kind(), ErrorKind::KeyInCycle);
                        }
                        Ok(copy) => {
                            assert!(!is_on_a_cycle);
                            for (label, value) in &copy.by_label {
                                assert_eq!(open(label.1.get().expect("it is set")).len(), 1);
                                assert!(open(value).contains(&ById(copy.clone())));
                            }
                            clear(&copy);
                        }
                    }
                    clear(&node);
                }
            }

            #[test]
            fn are_found_where_their_values_went() {
                let detonator = Detonator::new();
                let node = node(&detonator.fuse());
                let live = detonator.live();
                let expected = assert_whole(&node);
                let copy = node.deep_clone();
                assert_eq!(assert_whole(&copy), expected);
                assert_eq!(counts(&copy), counts(&node));
                assert_eq!(detonator.live(), 2 * live);
                copy.clear();
                drop(copy);
                assert_eq!(detonator.live(), live);
                assert_eq!(assert_whole(&node), expected);
                node.clear();
            }
        }
    };
}

deepclone_tests::each_mix!(values);
