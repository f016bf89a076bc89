//! Maps in cells in containers that a key owns: they are filled before the key is hashed or compared, whatever container moves them to a block of its own meanwhile, and are dropped once
//! when something fails later.

#![allow(
    clippy::mutable_key_type,
    clippy::rc_buffer,
    reason = "keys that lead to cells are the point"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap, LinkedList};
use std::hash::{Hash, Hasher};

use deepclone::{DeepClone, Session};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

each_family! {
    type Map = Slot<HashMap<Strong<u8>, (Strong<u8>, Fuse)>>;

    /// Where the map in a cell lies.
    trait Holds: DeepClone {
        fn of(map: Map) -> Self;
        fn map(&self) -> &Map;
    }

    macro_rules! holds {
        ($($type:ty: |$map:ident| $of:expr, |$it:ident| $get:expr;)*) => {
            $(
                impl Holds for $type {
                    fn of($map: Map) -> Self {
                        $of
                    }
                    fn map(&self) -> &Map {
                        let $it = self;
                        $get
                    }
                }
            )*

            #[test]
            fn keys_see_the_maps_in_their_containers() {
                $( check::<$type>(); )*
            }

            #[test]
            fn what_keys_containers_hold_is_dropped_once_when_something_fails() {
                $( check_failures::<$type>(); )*
            }
        };
    }

    holds! {
        Map: |map| map, |it| it;
        Box<Map>: |map| Box::new(map), |it| it;
        Vec<Map>: |map| vec![map], |it| &it[0];
        Vec<BTreeMap<u8, Map>>: |map| vec![[(1, map)].into()], |it| &it[0][&1];
        BTreeMap<u8, Map>: |map| [(1, map)].into(), |it| &it[&1];
        BTreeMap<u8, Box<Map>>: |map| [(1, Box::new(map))].into(), |it| &it[&1];
        BTreeMap<u8, BTreeMap<u8, Map>>: |map| [(1, [(2, map)].into())].into(), |it| &it[&1][&2];
        BTreeMap<u8, Vec<Map>>: |map| [(0, vec![]), (1, vec![map])].into(), |it| &it[&1][0];
        HashMap<u8, Map>: |map| [(1, map)].into(), |it| &it[&1];
        HashMap<u8, LinkedList<Map>>: |map| [(1, [map].into())].into(), |it| it[&1].front().expect("one");
        LinkedList<Map>: |map| [map].into(), |it| it.front().expect("one");
        LinkedList<Once<Map>>: |map| [Once::from(map)].into(), |it| it.front().and_then(Once::get).expect("one");
        Once<Map>: |map| Once::from(map), |it| it.get().expect("it is set");
        Once<Box<Map>>: |map| Once::from(Box::new(map)), |it| it.get().expect("it is set");
        Once<Vec<Map>>: |map| Once::from(vec![map]), |it| &it.get().expect("it is set")[0];
        Once<BTreeMap<u8, Map>>: |map| Once::from(BTreeMap::from([(1, map)])), |it| &it.get().expect("it is set")[&1];
        Strong<BTreeMap<u8, Map>>: |map| Strong::new([(1, map)].into()), |it| &it[&1];
        Strong<LinkedList<Map>>: |map| Strong::new([map].into()), |it| it.front().expect("one");
        BTreeMap<u8, Strong<LinkedList<Map>>>: |map| [(1, Strong::new([map].into()))].into(), |it| it[&1].front().expect("one");
    }

    /// Hashed and compared by how much lies in its map.
    #[derive(DeepClone)]
    struct Key<C> {
        before: u8,
        container: C,
        after: Strong<u8>,
    }

    impl<C: Holds> Key<C> {
        /// With a map of so many pairs, whose keys have other owners.
        fn new(size: u8, shared: &[Strong<u8>], fuse: &Fuse) -> Self {
            let pairs = shared.iter().take(size.into());
            let pairs = pairs.map(|shared| (shared.clone(), (shared.clone(), fuse.clone())));
            Self { before: size, container: C::of(Slot::new(pairs.collect())), after: shared[0].clone() }
        }

        fn size(&self) -> usize {
            open(self.container.map()).len()
        }
    }

    impl<C: Holds> Hash for Key<C> {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.size().hash(state);
        }
    }

    impl<C: Holds> PartialEq for Key<C> {
        fn eq(&self, other: &Self) -> bool {
            self.cmp(other).is_eq()
        }
    }

    impl<C: Holds> Eq for Key<C> {}

    impl<C: Holds> PartialOrd for Key<C> {
        fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
            Some(self.cmp(other))
        }
    }

    impl<C: Holds> Ord for Key<C> {
        fn cmp(&self, other: &Self) -> std::cmp::Ordering {
            self.size().cmp(&other.size())
        }
    }

    #[derive(DeepClone)]
    struct Tables<C: Holds> {
        hashed: HashMap<Key<C>, u8>,
        sorted: BTreeMap<Key<C>, Key<C>>,
        in_values: LinkedList<BTreeMap<u8, BTreeSet<Key<C>>>>,
        last: Fuse,
    }

    fn tables<C: Holds>(fuse: &Fuse) -> (Strong<Tables<C>>, Vec<Strong<u8>>) {
        let shared: Vec<_> = (0..5).map(Strong::new).collect();
        let key = |size| Key::new(size, &shared, fuse);
        let tables = Tables {
            hashed: [(key(3), 1), (key(1), 2)].into(),
            sorted: [(key(2), key(2)), (key(4), key(4)), (key(0), key(0))].into(),
            in_values: [[(1, [key(1), key(5)].into())].into()].into(),
            last: fuse.clone(),
        };
        (Strong::new(tables), shared)
    }

    impl<C: Holds> Tables<C> {
        fn check(&self, what: &str) {
            for size in [1, 3] {
                let found = self.hashed.keys().find(|key| key.before == size).expect("it was copied");
                assert_eq!(found.size(), usize::from(size), "{what}");
                assert!(self.hashed.contains_key(found), "{what}");
            }
            let sizes: Vec<_> = self.sorted.iter().map(|(key, value)| (key.size(), value.size())).collect();
            assert_eq!(sizes, [(0, 0), (2, 2), (4, 4)], "{what}");
            let set = &self.in_values.front().expect("one")[&1];
            assert_eq!(set.iter().map(Key::size).collect::<Vec<_>>(), [1, 5], "{what}");
            for key in self.hashed.keys().chain(self.sorted.keys()).chain(set) {
                let map = open(key.container.map());
                assert!(map.iter().all(|(key, (value, _))| same(key, value)), "{what}");
                assert!(map.keys().all(|key| map.contains_key(key)), "{what}");
            }
        }
    }

    fn check<C: Holds>() {
        let detonator = Detonator::new();
        let (source, shared) = tables::<C>(&detonator.fuse());
        let what = std::any::type_name::<C>();
        let (one, other) = (source.clone(), source.clone()).deep_clone();
        assert!(same(&one, &other));
        one.check(what);
        let again = Session::new().deep_clone(&vec![source.clone()]).expect("nothing fails");
        again[0].check(what);
        source.check(what);
        let before = shared.iter().map(counts).collect::<Vec<_>>();
        drop((one, other, again));
        assert_eq!(before, shared.iter().map(counts).collect::<Vec<_>>(), "{what}");
        drop((source, shared));
        assert_eq!(detonator.live(), 0, "{what}");
    }

    fn check_failures<C: Holds>() {
        for mode in [Mode::Error, Mode::Panic] {
            let detonator = Detonator::new();
            let (source, shared) = tables::<C>(&detonator.fuse());
            let before = shared.iter().map(counts).collect::<Vec<_>>();
            let roots = (source.clone(), source);
            let (steps, _) = detonator.fail_at_every_step(
                mode,
                || roots.try_deep_clone(),
                |_| assert_eq!(before, shared.iter().map(counts).collect::<Vec<_>>()),
            );
            assert_eq!(steps, 24 - 1, "{}", std::any::type_name::<C>());
        }
    }
}
