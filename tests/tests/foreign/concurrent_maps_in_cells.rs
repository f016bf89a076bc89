//! Concurrent maps under a lock or in a cell: their keys are hashed when that is open for everybody again.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells are the point"
)]

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use dashmap::{DashMap, DashSet};
use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::fuse::{Detonator, Mode};

const KEYS: usize = 40;

thread_local! {
    /// What keys make sure of when they are hashed.
    static CHECK: RefCell<Option<Box<dyn Fn()>>> = const { RefCell::new(None) };
}

macro_rules! concurrent {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        mod $name {
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);
            deepclone_tests::crowd!();

            type Nested = BTreeMap<Key, DashMap<u8, HashSet<Key>>>;

            #[derive(DeepClone, Default)]
            struct Content {
                map: DashMap<Key, usize>,
                set: DashSet<Key>,
                of_maps: DashMap<Key, (u64, HashSet<Key>, Nested)>,
                in_a_row: Vec<Option<DashSet<Key>>>,
            }

            impl Key {
                fn rank(&self) -> usize {
                    CHECK.with_borrow(|check| check.iter().for_each(|check| check()));
                    self.0.number
                }
            }

            impl Content {
                fn of(keys: &[Key]) -> Self {
                    let set = || keys.iter().take(3).cloned().collect::<HashSet<Key>>();
                    let each = || keys.iter().cloned();
                    let nested = || -> Nested {
                        each()
                            .take(2)
                            .map(|key| (key, [(1, set())].into_iter().collect()))
                            .collect()
                    };
                    Self {
                        map: each().map(|key| (key.clone(), key.0.number)).collect(),
                        set: each().collect(),
                        of_maps: each().map(|key| (key, (7, set(), nested()))).collect(),
                        in_a_row: vec![None, Some(each().collect())],
                    }
                }

                fn assert_finds(&self, keys: &[Key]) {
                    let sizes = (self.map.len(), self.set.len(), self.of_maps.len());
                    assert_eq!(sizes, (keys.len(), keys.len(), keys.len()));
                    for key in keys {
                        assert_eq!(self.map.get(key).map(|pair| *pair), Some(key.0.number));
                        let found = self.set.get(key).expect("it is there");
                        assert!(same(&found.0, &key.0), "not with the source");
                        let of_maps = self.of_maps.get(key).expect("it is there");
                        assert_eq!((of_maps.0, of_maps.1.len(), of_maps.2.len()), (7, 3, 2));
                        for key in keys.iter().take(3) {
                            assert!(of_maps.1.contains(key));
                        }
                        for key in keys.iter().take(2) {
                            assert_eq!(of_maps.2[key].get(&1).map(|set| set.len()), Some(3));
                            assert!(of_maps.2[key].get(&1).is_some_and(|set| set.contains(key)));
                        }
                        assert!(
                            self.in_a_row[1]
                                .as_ref()
                                .is_some_and(|set| set.contains(key))
                        );
                    }
                }
            }

            #[test]
            fn maps_on_a_cycle_with_their_keys_are_copied_and_their_keys_found() {
                let detonator = Detonator::new();
                let nodes = nodes(&detonator, KEYS);
                let before: Vec<_> = nodes.iter().map(counts).collect();
                let copy = nodes.deep_clone();
                assert_eq!(copy.iter().map(counts).collect::<Vec<_>>(), before);
                for node in &copy {
                    let content = std::mem::take(&mut *open(&node.slot));
                    content.assert_finds(&others(&copy, node.number));
                    *open(&node.slot) = content;
                }
                cut(&copy);
                cut(&nodes);
                drop((copy, nodes));
                assert_eq!(detonator.live(), 0);
            }

            #[test]
            fn the_cell_around_a_map_is_free_when_its_keys_are_hashed() {
                let detonator = Detonator::new();
                let nodes = nodes(&detonator, KEYS);
                let keys: Vec<_> = nodes.iter().cloned().map(Key).collect();
                let source = Strong::new(Slot::new(Content::of(&keys)));
                let asked = std::rc::Rc::new(std::cell::Cell::new(0));
                let (free, counter) = (source.clone(), asked.clone());
                CHECK.set(Some(Box::new(move || {
                    drop(open(&free));
                    counter.set(counter.get() + 1);
                })));
                let copied = source.try_deep_clone();
                CHECK.set(None);
                assert!(asked.get() > KEYS);
                let content = std::mem::take(&mut *open(&copied.expect("nothing is in the way")));
                let mut copies: Vec<Key> = content.set.iter().map(|key| key.clone()).collect();
                copies.sort();
                content.assert_finds(&copies);
                drop(content);
                copies
                    .iter()
                    .for_each(|key| cut(std::slice::from_ref(&key.0)));
                cut(&nodes);
                drop((copies, keys, source, nodes));
                assert_eq!(detonator.live(), 0);
            }

            #[test]
            fn nothing_is_left_of_them_wherever_they_fail() {
                let detonator = Detonator::new();
                let nodes = nodes(&detonator, 5);
                for mode in [Mode::Error, Mode::Panic] {
                    let (steps, outcome) =
                        detonator.fail_at_every_step(mode, || nodes.try_deep_clone(), |_| {});
                    assert_eq!(steps, 5);
                    cut(&outcome.expect("the fuse is not lit any more"));
                }
                cut(&nodes);
                drop(nodes);
                assert_eq!(detonator.live(), 0);
            }

            #[test]
            fn sets_in_the_values_of_a_concurrent_map_are_looked_up_again() {
                #[derive(DeepClone)]
                struct Hub {
                    values: Slot<DashMap<u32, HashSet<Reader>>>,
                    beside: Slot<HashSet<Reader>>,
                }
                /// Of another hash when there is anything in the set beside, but where it lies in that itself.
                #[derive(DeepClone, Clone)]
                struct Reader(Strong<Hub>, u32, bool);
                impl Reader {
                    fn rank(&self) -> usize {
                        let beside = if self.2 {
                            open(&self.0.beside).len()
                        } else {
                            0
                        };
                        self.1 as usize + 100 * beside
                    }
                }
                deepclone_tests::ranked!(Reader);
                let source = Strong::new(Hub {
                    values: Slot::default(),
                    beside: Slot::default(),
                });
                let readers = |beside| (1..4).map(move |number| (number, beside));
                let keys = |hub: &Strong<Hub>, beside| -> HashSet<Reader> {
                    readers(beside)
                        .map(|(number, beside)| Reader(hub.clone(), number, beside))
                        .collect()
                };
                let values = keys(&source, true);
                open(&source.values).insert(1, values);
                let beside = keys(&source, false);
                *open(&source.beside) = beside;
                match source.try_deep_clone() {
                    Ok(copy) => {
                        let values = std::mem::take(&mut *open(&copy.values));
                        let set = values.get(&1).expect("it is there");
                        assert!(keys(&copy, true).iter().all(|key| set.contains(key)));
                        drop(set);
                        drop(std::mem::take(&mut *open(&copy.beside)));
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::KeyInCycle),
                }
                drop(std::mem::take(&mut *open(&source.values)));
                drop(std::mem::take(&mut *open(&source.beside)));
                assert_eq!(counts(&source), (1, 0));
            }

            #[test]
            fn a_key_whose_hash_reads_the_concurrent_map_that_it_sits_in_is_not_copied_wrongly() {
                #[derive(DeepClone)]
                struct Hub {
                    spokes: Slot<DashMap<Nosy, u8>>,
                }
                #[derive(DeepClone)]
                struct Nosy(Strong<Hub>);
                impl Nosy {
                    fn rank(&self) -> usize {
                        let free = self.0.spokes.$open();
                        free.map_or(0, |spokes| spokes.len())
                    }
                }
                deepclone_tests::ranked!(Nosy);
                let source = Strong::new(Hub {
                    spokes: Slot::default(),
                });
                let spokes: DashMap<_, _> = [(Nosy(source.clone()), 1)].into_iter().collect();
                *open(&source.spokes) = spokes;
                // Where the cell can't be opened while the keys are looked up, the key sees as much as before.
                match source.try_deep_clone() {
                    Ok(copy) => drop(std::mem::take(&mut *open(&copy.spokes))),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::KeyInCycle),
                }
                drop(std::mem::take(&mut *open(&source.spokes)));
                assert_eq!(counts(&source), (1, 0));
            }
        }
    };
}

deepclone_tests::each_kind!(concurrent);
