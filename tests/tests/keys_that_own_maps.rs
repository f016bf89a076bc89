//! Keys that are the only owners of an allocation with a map in a cell: the engine knows that allocation, so each belongs to user code from when it is hashed or
//! compared, and is dropped once, also if the call fails later.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use deepclone::{DeepClone, Session};
use deepclone_tests::each_mix;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

/// A key of the inner maps. It leads nowhere, so they are filled when their cell is closed.
#[derive(DeepClone, PartialEq, Eq, Hash, PartialOrd, Ord, Clone, Debug)]
struct Tag(Option<Box<[String; 1]>>);

fn tags() -> [Tag; 3] {
    let tag = |at: u8| Tag(Some(Box::new([format!("tag {at}").repeat(5)])));
    [Tag(None), tag(1), tag(2)]
}

macro_rules! owners {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        #[allow(
            clippy::arc_with_non_send_sync,
            clippy::rc_buffer,
            clippy::mutable_key_type,
            reason = "nothing here leaves its thread, and a key's number doesn't change"
        )]
        mod $name {
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);

            #[derive(DeepClone)]
            struct Key {
                number: u32,
                sorted: Strong<Slot<BTreeSet<Tag>>>,
                hashed: Strong<(u8, Slot<HashMap<Tag, Fuse>>)>,
                inner: Strong<Strong<Slot<BinaryHeap<Tag>>>>,
            }

            impl Key {
                fn new(number: u32, fuse: &Fuse) -> Self {
                    Self {
                        number,
                        sorted: Strong::new(Slot::new(tags().into())),
                        hashed: Strong::new((
                            1,
                            Slot::new(tags().map(|tag| (tag, fuse.clone())).into()),
                        )),
                        inner: Strong::new(Strong::new(Slot::new(tags().into()))),
                    }
                }

                fn rank(&self) -> u32 {
                    self.number
                }

                fn check(&self) {
                    let in_hashed = open(&self.hashed.1);
                    for tag in tags() {
                        assert!(open(&self.sorted).contains(&tag) && in_hashed.contains_key(&tag));
                    }
                    assert_eq!(open(&self.inner).len(), 3);
                    let counts = [
                        counts(&self.sorted),
                        counts(&self.hashed),
                        counts(&self.inner),
                    ];
                    assert_eq!(counts, [(1, 0); 3]);
                }
            }

            deepclone_tests::ranked!(Key);

            #[derive(DeepClone)]
            struct Root {
                set: HashSet<Key>,
                sorted_set: BTreeSet<Key>,
                map: HashMap<Key, Fuse>,
                sorted: BTreeMap<Key, Fuse>,
                heap: BinaryHeap<Key>,
                in_cell: Slot<HashMap<Key, Fuse>>,
                late: Fuse,
            }

            impl Root {
                fn new(detonator: &Detonator) -> Self {
                    let fuse = detonator.fuse();
                    let keys = || [3, 1, 2].map(|number| Key::new(number, &fuse));
                    let pairs = || keys().map(|key| (key, fuse.clone()));
                    Self {
                        set: keys().into(),
                        sorted_set: keys().into(),
                        map: pairs().into(),
                        sorted: pairs().into(),
                        heap: keys().into(),
                        in_cell: Slot::new(pairs().into()),
                        late: fuse.clone(),
                    }
                }

                fn check(&self) {
                    let in_cell = open(&self.in_cell);
                    let keys = self
                        .set
                        .iter()
                        .chain(&self.sorted_set)
                        .chain(self.map.keys());
                    let keys = keys.chain(self.sorted.keys()).chain(&self.heap);
                    let count = keys.chain(in_cell.keys()).map(Key::check).count();
                    assert_eq!(count, 18);
                    let fuse = &self.late;
                    let wanted = [1, 2, 3].map(|number| Key::new(number, fuse));
                    for key in &wanted {
                        assert!(self.set.contains(key) && self.map.contains_key(key));
                        assert!(in_cell.contains_key(key));
                    }
                    assert!(self.sorted_set.iter().eq(&wanted) && self.sorted.keys().eq(&wanted));
                    assert!(self.heap.peek() == wanted.last());
                }
            }

            #[test]
            fn keys_that_own_maps_are_copied_and_found() {
                let source = Root::new(&Detonator::new());
                source.deep_clone().check();
                let copy = Session::new().deep_clone(&source);
                // Counts are exact when the session is gone.
                copy.expect("it can be copied").check();
            }

            #[test]
            fn keys_that_own_maps_are_dropped_once_where_the_call_fails() {
                for mode in [Mode::Error, Mode::Panic] {
                    let detonator = Detonator::new();
                    let source = Root::new(&detonator);
                    let check = |_| source.check();
                    let (steps, copy) =
                        detonator.fail_at_every_step(mode, || source.try_deep_clone(), check);
                    assert!(steps > 60);
                    copy.expect("no step fails").check();
                    let in_session = || Session::new().deep_clone(&source);
                    let (steps, copy) = detonator.fail_at_every_step(mode, in_session, check);
                    assert!(steps > 60);
                    copy.expect("no step fails").check();
                }
            }
        }
    };
}

each_mix!(owners);
