//! Maps in boxes in cells that are moved to their place when they are whole: a `OnceCell`, a list.

#![allow(
    clippy::mutable_key_type,
    clippy::box_collection,
    reason = "keys that lead to cells, and where their maps lie, are the point"
)]

use std::collections::{HashMap, LinkedList};

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::each_family;

each_family! {
    type Map = HashMap<Key, u64>;
    type Rows = LinkedList<Slot<Vec<Map>>>;

    #[derive(DeepClone, Default)]
    struct Node {
        once: Once<Slot<Box<Map>>>,
        list: Slot<Option<Box<Rows>>>,
        row: Once<Vec<Slot<Option<Map>>>>,
    }

    #[derive(DeepClone)]
    struct Key(Strong<Node>);

    impl Key {
        fn rank(&self) -> *const Node {
            Strong::as_ptr(&self.0)
        }
    }

    deepclone_tests::ranked!(Key);

    #[test]
    fn maps_behind_cells_that_move_are_whole_or_an_error() {
        for place in 0..3 {
            let source = Strong::new(Node::default());
            let map = || HashMap::from([(Key(source.clone()), 7)]);
            match place {
                0 => assert!(source.once.set(Slot::new(Box::new(map()))).is_ok()),
                1 => *open(&source.list) = Some(Box::new(LinkedList::from([Slot::new(vec![map(), map()])]))),
                _ => assert!(source.row.set(vec![Slot::new(None), Slot::new(Some(map()))]).is_ok()),
            }
            let cloned = source.try_deep_clone();
            if let Err(error) = &cloned {
                assert_eq!(error.kind(), ErrorKind::KeyInCycle);
            }
            for node in [Some(source.clone()), cloned.ok()].into_iter().flatten() {
                let key = Key(node.clone());
                let mut maps = Vec::new();
                maps.extend(node.once.get().map(|slot| std::mem::take(&mut **open(slot))));
                let list = open(&node.list).take();
                maps.extend(list.iter().flat_map(|list| list.iter()).flat_map(|slot| std::mem::take(&mut *open(slot))));
                maps.extend(node.row.get().into_iter().flatten().filter_map(|slot| open(slot).take()));
                assert_eq!(maps.len(), if place == 1 { 2 } else { 1 });
                assert!(maps.iter().all(|map| map[&key] == 7));
            }
            assert_eq!(Strong::strong_count(&source), 1);
        }
    }
}
