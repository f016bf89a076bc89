//! Deep nests in one cell or lock, with a map that waits for its keys at each level: time and memory grow as the nest does.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::mutable_key_type,
    reason = "nothing here leaves its thread, and keys that lie on a cycle are the point"
)]

use std::collections::HashSet;

use allocation_counter::measure;
use deepclone::DeepClone;

macro_rules! nests {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        mod $name {
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);

            #[derive(DeepClone, Default)]
            struct Nest {
                keys: HashSet<Key>,
                inner: Option<Box<Nest>>,
            }

            #[derive(DeepClone, Default)]
            struct Room {
                nest: Slot<Nest>,
            }

            #[derive(DeepClone)]
            struct Key(Strong<Room>);

            impl Key {
                fn rank(&self) -> *const Room {
                    Strong::as_ptr(&self.0)
                }
            }

            deepclone_tests::ranked!(Key);

            fn room(levels: usize) -> Strong<Room> {
                let room = Strong::new(Room::default());
                let mut nest = Nest::default();
                for _ in 0..levels {
                    nest = Nest {
                        keys: HashSet::from([Key(room.clone())]),
                        inner: Some(Box::new(nest)),
                    };
                }
                *open(&room.nest) = nest;
                room
            }

            /// Takes the nest out, one level after the other, and tells how many keys were found.
            fn cut(room: &Strong<Room>) -> usize {
                let mut nest = std::mem::take(&mut *open(&room.nest));
                let mut found = 0;
                let key = Key(room.clone());
                while let Some(inner) = nest.inner.take() {
                    found += usize::from(nest.keys.contains(&key));
                    nest = *inner;
                }
                found
            }

            /// The most that is on the heap while a nest of so many levels is copied, and how many blocks were allocated.
            fn used(levels: usize) -> (u64, u64) {
                let source = room(levels);
                let mut found = 0;
                let info = measure(|| {
                    let copy = source.deep_clone();
                    assert_eq!(counts(&copy), (levels + 1, 0));
                    found = cut(&copy);
                });
                assert_eq!((found, cut(&source)), (levels, levels));
                (info.bytes_max, info.count_total)
            }

            #[test]
            fn twice_as_deep_takes_twice_as_much_memory() {
                let (bytes, blocks) = used(500);
                let (more_bytes, more_blocks) = used(1000);
                assert!(more_bytes < bytes * 9 / 4, "{bytes}, then {more_bytes}");
                assert!(more_blocks < blocks * 9 / 4, "{blocks}, then {more_blocks}");
            }

            #[test]
            fn the_keys_of_each_of_ten_thousand_levels_are_found() {
                used(10_000);
            }
        }
    };
}

deepclone_tests::each_kind!(nests);
