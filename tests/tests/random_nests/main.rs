//! Random nests of containers in cells around keys that lead anywhere: copies have the same shape, keys are found in them, and a clone that fails leaves nothing but what
//! user code was handed.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::mutable_key_type,
    reason = "nothing here leaves its thread, and what is hashed and compared does not change"
)]

mod generator;
mod nest;
mod picture;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt::Write;

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::chance::Chance;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};
use deepclone_tests::keys::Rank;

use nest::{AWAKE, Peek, awake};

const SEEDS: u64 = 1_200;

macro_rules! nests {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        mod $name {
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);

            nest::nest!();
            generator::generator!();
            picture::picture!();

            fn root(nodes: &[Strong<Node>]) -> &Strong<Node> {
                nodes.last().expect("there are some")
            }

            #[test]
            fn have_copies_of_the_same_shape_in_which_keys_are_found() {
                let mut copied = 0;
                for seed in 0..SEEDS {
                    let detonator = Detonator::new();
                    let nodes = nodes(seed, &detonator);
                    let live = detonator.live();
                    let before = Picture::of(root(&nodes));
                    let outcome = awake(|| root(&nodes).try_deep_clone());
                    match outcome {
                        Ok(copy) => {
                            HANDED.take();
                            let picture = Picture::of(&copy);
                            // What cannot be reached from the root has handles of its own to it.
                            let strip = |text: &str| {
                                text.lines()
                                    .filter(|line| !line.contains(" and "))
                                    .map(String::from)
                                    .collect::<Vec<_>>()
                            };
                            assert_eq!(strip(&picture.text), strip(&before.text), "seed {seed}");
                            assert!(
                                picture
                                    .seen
                                    .iter()
                                    .all(|place| !before.seen.contains(place))
                            );
                            assert_counts(&copy, &picture);
                            cut(vec![copy]);
                            copied += 1;
                        }
                        Err(error) => {
                            assert_eq!(error.kind(), ErrorKind::KeyInCycle, "seed {seed}")
                        }
                    }
                    cut(HANDED.take());
                    assert_eq!(detonator.live(), live, "seed {seed}");
                    assert_eq!(Picture::of(root(&nodes)).text, before.text, "seed {seed}");
                    cut(nodes);
                    assert_eq!(detonator.live(), 0);
                }
                assert_eq!(copied, SEEDS);
            }

            #[test]
            fn leave_nothing_behind_wherever_they_fail() {
                // A map is taken out of a mutex while its keys are looked up: what lies in its values has been where it can be seen, and is not seen by them.
                if stringify!($open) == "try_lock" {
                    return;
                }
                for seed in 0..SEEDS / 20 {
                    let detonator = Detonator::new();
                    let nodes = nodes(seed, &detonator);
                    let before = Picture::of(root(&nodes)).text;
                    for mode in [Mode::Error, Mode::Panic] {
                        let (_, outcome) = detonator.fail_at_every_step(
                            mode,
                            || awake(|| root(&nodes).try_deep_clone()),
                            |_| cut(HANDED.take()),
                        );
                        match outcome {
                            Ok(copy) => cut(vec![copy]),
                            Err(error) => {
                                assert_eq!(error.kind(), ErrorKind::KeyInCycle, "seed {seed}")
                            }
                        }
                        cut(HANDED.take());
                        assert_eq!(Picture::of(root(&nodes)).text, before, "seed {seed}");
                    }
                    cut(nodes);
                    assert_eq!(detonator.live(), 0, "seed {seed}");
                }
            }
        }
    };
}

deepclone_tests::each_kind!(nests);
