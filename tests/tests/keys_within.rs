//! Keys in maps that lie inside of other things in a cell, and keys that are weak handles.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use deepclone::{DeepClone, ErrorKind};

macro_rules! keys {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        #[allow(
            clippy::arc_with_non_send_sync,
            clippy::mutable_key_type,
            reason = "nothing here leaves its thread, and the keys' own parts don't change"
        )]
        mod $name {
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);

            /// Cells whose content holds its maps in an `Option`, a tuple, an enum, an array, a box and a vector.
            #[derive(DeepClone, Default)]
            struct Wrapped {
                optional: Slot<Option<HashMap<In, u8>>>,
                pair: Slot<(u8, HashSet<In>)>,
                either: Slot<Either>,
                several: Slot<[BTreeMap<In, u8>; 2]>,
                boxed: Slot<Option<Box<BTreeMap<In, u8>>>>,
                row: Slot<Vec<Option<Box<(Either, HashSet<In>)>>>>,
            }

            #[derive(DeepClone, Default)]
            enum Either {
                #[default]
                Neither,
                Map(u8, HashMap<In, u8>),
            }

            #[derive(DeepClone, PartialEq, Eq, Hash, PartialOrd, Ord, Clone, Copy, Debug)]
            enum Side {
                Left,
                Right,
            }

            #[derive(DeepClone, Clone)]
            struct In(Side, Strong<Wrapped>);

            impl In {
                fn rank(&self) -> (Side, *const Wrapped) {
                    (self.0, Strong::as_ptr(&self.1))
                }
            }

            deepclone_tests::ranked!(In);

            #[test]
            fn maps_inside_of_what_a_cell_holds_are_filled_at_the_end() {
                let source = Strong::new(Wrapped::default());
                let keys = |node: &Strong<Wrapped>| {
                    [Side::Left, Side::Right].map(|side| In(side, node.clone()))
                };
                let map = || keys(&source).into_iter().zip(0..).collect::<HashMap<_, _>>();
                *open(&source.optional) = Some(map());
                *open(&source.pair) = (1, keys(&source).into());
                *open(&source.either) = Either::Map(2, map());
                *open(&source.several) =
                    [(); 2].map(|()| keys(&source).into_iter().zip(0..).collect());
                *open(&source.boxed) = Some(Box::new(keys(&source).into_iter().zip(0..).collect()));
                let row = (Either::Map(3, map()), keys(&source).into());
                open(&source.row).extend([None, Some(Box::new(row))]);
                let copy = source.deep_clone();
                assert_eq!(Strong::strong_count(&copy), 17);
                for (number, key) in (0..).zip(keys(&copy)) {
                    assert_eq!(open(&copy.optional).as_ref().and_then(|map| map.get(&key)), Some(&number));
                    assert!(open(&copy.pair).1.contains(&key));
                    assert!(matches!(&*open(&copy.either), Either::Map(2, map) if map[&key] == number));
                    assert!(open(&copy.several).iter().all(|map| map[&key] == number));
                    assert!(open(&copy.boxed).as_ref().is_some_and(|map| map[&key] == number));
                    let row = open(&copy.row);
                    let [None, Some(last)] = &row[..] else { panic!("two elements") };
                    assert!(last.1.contains(&key));
                    assert!(matches!(&last.0, Either::Map(3, map) if map[&key] == number));
                }
                for node in [&copy, &source] {
                    let taken = std::mem::take(&mut *open(&node.optional));
                    let pair = std::mem::take(&mut *open(&node.pair));
                    let either = std::mem::take(&mut *open(&node.either));
                    let several = std::mem::take(&mut *open(&node.several));
                    let boxed = std::mem::take(&mut *open(&node.boxed));
                    let row = std::mem::take(&mut *open(&node.row));
                    drop((taken, pair, either, several, boxed, row));
                    assert_eq!(Strong::strong_count(node), 1);
                }
            }

            /// Keys that hold weak handles to the nodes of the graph.
            #[derive(DeepClone)]
            struct Family {
                number: u32,
                children: Slot<Vec<Strong<Family>>>,
                favourites: Slot<HashMap<Member, u32>>,
                ranking: Slot<BTreeMap<Member, u32>>,
            }

            /// Hashed and compared by what its handle leads to.
            #[derive(DeepClone)]
            struct Member(Weak<Family>);

            impl Member {
                fn rank(&self) -> Option<u32> {
                    self.0.upgrade().map(|member| member.number)
                }
            }

            deepclone_tests::ranked!(Member);

            fn family(of: u32) -> Strong<Family> {
                let new = |number| {
                    Strong::new(Family {
                        number,
                        children: Slot::default(),
                        favourites: Slot::default(),
                        ranking: Slot::default(),
                    })
                };
                let parent = new(0);
                let mut members = vec![parent.clone()];
                members.extend((1..=of).map(new));
                open(&parent.children).extend_from_slice(&members[1..]);
                for node in &members {
                    for member in &members {
                        open(&node.favourites).insert(Member(Strong::downgrade(member)), member.number);
                        open(&node.ranking).insert(Member(Strong::downgrade(member)), member.number);
                    }
                }
                parent
            }

            #[test]
            fn weak_keys_that_are_hashed_by_their_target_are_right_or_an_error() {
                let source = family(4);
                match source.try_deep_clone() {
                    Ok(copy) => {
                        let mut members = vec![copy.clone()];
                        members.extend(open(&copy.children).iter().cloned());
                        for node in &members {
                            for member in &members {
                                let key = Member(Strong::downgrade(member));
                                assert_eq!(open(&node.favourites).get(&key), Some(&member.number));
                                assert_eq!(open(&node.ranking).get(&key), Some(&member.number));
                            }
                            assert_eq!(open(&node.favourites).len(), 5);
                            assert!(open(&node.ranking).values().is_sorted());
                        }
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::KeyInCycle),
                }
                assert_eq!(Strong::weak_count(&source), 10);
            }

            #[test]
            fn weak_keys_whose_target_lies_outside_are_right_or_an_error() {
                let source = family(1);
                let child = open(&source.children)[0].clone();
                match child.try_deep_clone() {
                    Ok(copy) => {
                        for map in [&*open(&copy.favourites)] {
                            assert_eq!(map.len(), 2);
                            assert!(map.keys().all(|key| map.contains_key(key)));
                        }
                        let ranking = open(&copy.ranking);
                        assert_eq!(ranking.len(), 2);
                        assert!(ranking.keys().all(|key| ranking.contains_key(key)));
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::KeyInCycle),
                }
            }

            /// Maps as values of maps, and in a row, which move while they are made.
            #[derive(DeepClone, Default)]
            struct Nest {
                by_number: Slot<HashMap<u32, HashMap<Within, u32>>>,
                in_order: Slot<BTreeMap<u32, (BTreeMap<Within, u32>, String)>>,
                row: Slot<Vec<HashSet<Within>>>,
                boxed: Slot<Option<Box<HashMap<Within, u32>>>>,
                link: Slot<Option<Strong<Nest>>>,
            }

            /// Hashed by its number, and leading somewhere or nowhere.
            #[derive(DeepClone, Clone)]
            struct Within(u32, Option<Strong<Nest>>);

            impl Within {
                fn rank(&self) -> u32 {
                    self.0
                }
            }

            deepclone_tests::ranked!(Within);

            fn fill(nest: &Nest, to: Option<&Strong<Nest>>, which: u32) {
                let keys = || (0..20).map(|number| Within(number, to.cloned()));
                for number in 0..10 {
                    if which % 4 == 0 {
                        open(&nest.by_number).insert(number, keys().zip(0..).collect());
                    }
                    if which % 4 == 1 {
                        open(&nest.in_order).insert(number, (keys().zip(0..).collect(), "x".to_owned()));
                    }
                    if which % 4 == 2 {
                        open(&nest.row).push(keys().collect());
                    }
                }
                if which % 4 == 3 {
                    *open(&nest.boxed) = Some(Box::new(keys().zip(0..).collect()));
                }
            }

            fn check(nest: &Nest, which: u32) {
                let key = |number| Within(number, None);
                let whole = |map: &HashMap<Within, u32>| {
                    map.len() == 20 && (0..20).all(|number| map[&key(number)] == number)
                };
                if which % 4 == 0 {
                    let maps = open(&nest.by_number);
                    assert_eq!(maps.len(), 10);
                    assert!(maps.values().all(whole));
                }
                if which % 4 == 1 {
                    let maps = open(&nest.in_order);
                    assert_eq!(maps.len(), 10);
                    assert!(maps.values().all(|(map, text)| map.values().copied().eq(0..20) && text == "x"));
                }
                if which % 4 == 2 {
                    let sets = open(&nest.row);
                    assert_eq!(sets.len(), 10);
                    assert!(sets.iter().all(|set| set.len() == 20 && (0..20).all(|number| set.contains(&key(number)))));
                }
                if which % 4 == 3 {
                    assert!(open(&nest.boxed).as_deref().is_some_and(whole));
                }
            }

            fn empty(nest: &Nest) {
                let taken = (
                    std::mem::take(&mut *open(&nest.by_number)),
                    std::mem::take(&mut *open(&nest.in_order)),
                    std::mem::take(&mut *open(&nest.row)),
                    std::mem::take(&mut *open(&nest.boxed)),
                    open(&nest.link).take(),
                );
                drop(taken);
            }

            #[test]
            fn maps_inside_of_maps_and_rows_in_a_cell_are_whole() {
                for which in 0..4 {
                    let elsewhere = Strong::new(Nest::default());
                    for to in [None, Some(&elsewhere)] {
                        let nest = Strong::new(Nest::default());
                        fill(&nest, to, which);
                        let bare = Nest::default();
                        fill(&bare, to, which);
                        let (copy, _, bare) = (nest.clone(), nest.clone(), bare).deep_clone();
                        check(&copy, which);
                        check(&bare, which);
                        let loose = open(&nest.row).deep_clone();
                        assert_eq!(loose.len(), open(&nest.row).len());
                    }
                    assert_eq!(counts(&elsewhere), (1, 0));
                }
            }

            #[test]
            fn maps_inside_of_maps_and_rows_on_a_cycle_with_their_keys_are_whole_or_an_error() {
                for which in 0..4 {
                    let nest = Strong::new(Nest::default());
                    let other = Strong::new(Nest::default());
                    *open(&other.link) = Some(nest.clone());
                    for to in [&nest, &other] {
                        fill(&nest, Some(to), which);
                        let strong = (Strong::strong_count(&nest), Strong::strong_count(&other));
                        match nest.try_deep_clone() {
                            Ok(copy) => {
                                check(&copy, which);
                                empty(&copy);
                                assert_eq!(counts(&copy), (1, 0));
                            }
                            Err(error) => assert_eq!(error.kind(), ErrorKind::KeyInCycle),
                        }
                        assert_eq!((Strong::strong_count(&nest), Strong::strong_count(&other)), strong);
                        empty(&nest);
                    }
                    empty(&other);
                }
            }
        }
    };
}

deepclone_tests::each_mix!(keys);
