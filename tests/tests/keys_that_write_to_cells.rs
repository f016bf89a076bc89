//! Keys whose `Hash` and `Ord` write to the cell or lock in which other maps wait for keys: no guard of a map that waits is in their way.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::mutable_key_type,
    reason = "nothing here leaves its thread, and keys that write are the point"
)]

use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, LinkedList};
use std::panic::{AssertUnwindSafe, catch_unwind};

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::fuse::{Detonator, Mode};

const NODES: usize = 5;

macro_rules! writers {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        mod $name {
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);
            deepclone_tests::crowd!();

            /// With the rank of its node, which is worked out when it is first asked for.
            #[derive(DeepClone, Default)]
            struct Content {
                rank: Option<usize>,
                asked: usize,
                hashed: HashSet<Key>,
                ordered: BTreeMap<Key, Vec<Key>>,
                heap: BinaryHeap<Key>,
                nests: Vec<Option<Box<HashMap<Key, usize>>>>,
                rows: Box<[HashSet<Key>]>,
                lists: LinkedList<HashSet<Key>>,
                keys_of_keys: HashMap<usize, BTreeMap<Key, HashSet<Key>>>,
            }

            impl Key {
                fn rank(&self) -> usize {
                    let number = self.0.number;
                    let mut content = open(&self.0.slot);
                    content.asked += 1;
                    *content.rank.get_or_insert(NODES - number)
                }
            }

            impl Content {
                fn of(keys: &[Key]) -> Self {
                    let set = || keys.iter().cloned().collect::<HashSet<Key>>();
                    let ordered = || keys.iter().cloned();
                    Self {
                        hashed: set(),
                        ordered: ordered().map(|key| (key.clone(), vec![key])).collect(),
                        heap: ordered().collect(),
                        nests: vec![None, Some(Box::new(ordered().zip(0..).collect()))],
                        rows: vec![set(), set()].into(),
                        lists: [set(), HashSet::new()].into(),
                        keys_of_keys: [(7, ordered().map(|key| (key, set())).collect())].into(),
                        ..Self::default()
                    }
                }

                fn assert_finds(&self, keys: &[Key]) {
                    for key in keys {
                        assert!(self.hashed.contains(key));
                        assert!(self.ordered[key][0] == *key);
                        assert!(self.nests[1].as_ref().expect("set").contains_key(key));
                        assert!(self.rows.iter().all(|set| set.contains(key)));
                        assert!(self.lists.front().expect("two").contains(key));
                        assert!(self.keys_of_keys[&7][key].contains(key));
                    }
                    let ranks = |keys: &mut dyn Iterator<Item = &Key>| {
                        keys.map(Key::rank).collect::<Vec<_>>()
                    };
                    assert!(ranks(&mut self.ordered.keys()).is_sorted());
                    let heap = ranks(&mut self.heap.clone().into_sorted_vec().iter());
                    assert_eq!(heap, ranks(&mut self.ordered.keys()));
                }
            }

            #[test]
            fn a_key_may_write_to_any_cell_but_the_one_around_its_own_map() {
                let detonator = Detonator::new();
                let nodes = nodes(&detonator, NODES);
                let source: Vec<_> = nodes.iter().map(counts).collect();
                let copy = nodes.deep_clone();
                assert_eq!(copy.iter().map(counts).collect::<Vec<_>>(), source);
                for node in &copy {
                    assert!(!same(node, &nodes[node.number]));
                    let content = std::mem::take(&mut *open(&node.slot));
                    assert!(content.asked > 0, "keys have written");
                    content.assert_finds(&others(&copy, node.number));
                    *open(&node.slot) = content;
                }
                cut(&copy);
                cut(&nodes);
                drop((copy, nodes));
                assert_eq!(detonator.live(), 0);
            }

            #[test]
            fn nothing_is_left_of_keys_that_write_wherever_they_fail() {
                let detonator = Detonator::new();
                let nodes = nodes(&detonator, NODES);
                for mode in [Mode::Error, Mode::Panic] {
                    let (steps, outcome) =
                        detonator.fail_at_every_step(mode, || nodes.try_deep_clone(), |_| {});
                    assert!(steps >= NODES);
                    cut(&outcome.expect("the fuse is not lit any more"));
                }
                cut(&nodes);
                drop(nodes);
                assert_eq!(detonator.live(), 0);
            }

            #[test]
            fn a_key_that_writes_to_the_cell_around_its_own_map_ends_the_operation() {
                let detonator = Detonator::new();
                let nodes = nodes(&detonator, NODES);
                let live = detonator.live();
                let node = &nodes[0];
                let own = HashSet::from([Key(node.clone())]);
                open(&node.slot).hashed = own;
                let outcome = catch_unwind(AssertUnwindSafe(|| nodes.try_deep_clone().map(drop)));
                match outcome {
                    Ok(outcome) => {
                        let kind = outcome.map_err(|error| error.kind());
                        assert_eq!(kind, Err(ErrorKind::KeyInCycle));
                    }
                    // Keys are read through the cell: a key that panics there does so in any reader.
                    Err(_) => assert_ne!(stringify!($open), "try_lock"),
                }
                cut(&nodes);
                drop(nodes);
                assert!(detonator.live() <= live);
            }
        }
    };
}

deepclone_tests::each_mix!(writers);
