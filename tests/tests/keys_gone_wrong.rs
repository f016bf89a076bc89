//! Keys that can't be right, and user code of keys and hashers that panics: nothing is left behind.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::hash::{BuildHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};
use deepclone_tests::sites::{Site, clone_of};

/// A hasher whose `Clone` is a step.
struct Fused(Fuse);

impl Clone for Fused {
    fn clone(&self) -> Self {
        Self(Site::Hasher.step(&self.0))
    }
}

impl BuildHasher for Fused {
    type Hasher = std::hash::DefaultHasher;
    fn build_hasher(&self) -> Self::Hasher {
        std::hash::DefaultHasher::new()
    }
}

/// Does everything that can go wrong at every step that can be taken: `source` is cloned until no step is left to fail. Returns where each of the steps
/// was taken.
fn fail_at_every_step<T: DeepClone>(
    detonator: &Detonator,
    source: &T,
    check: impl Fn(&T),
    undo: impl Fn(T),
) -> Vec<Site> {
    let live = detonator.live();
    let mut sites = Vec::new();
    for mode in [Mode::Error, Mode::Panic] {
        sites.clear();
        let (_, copy) = detonator.fail_at_every_step(
            mode,
            || clone_of(source),
            |_| {
                sites.push(Site::of_the_failure());
                check(source);
            },
        );
        undo(copy.expect("no step is left to fail"));
        undo(source.deep_clone());
        assert_eq!(detonator.live(), live);
    }
    sites
}

each_family! {
    thread_local! {
        /// Nodes that keys led to when they were hashed.
        static SEEN: RefCell<Vec<Weak<Holder>>> = const { RefCell::new(Vec::new()) };
    }

    /// A key all of whose user code are steps: its copy, its `Hash`, its `Eq` and its `Ord`.
    #[derive(DeepClone)]
    struct Touchy {
        number: u32,
        fuse: Fuse,
        nodes: Slot<Vec<Strong<Holder>>>,
    }

    impl Touchy {
        fn touch(&self, site: Site) {
            drop(site.step(&self.fuse));
        }
    }

    impl Hash for Touchy {
        fn hash<H: Hasher>(&self, state: &mut H) {
            SEEN.with_borrow_mut(|seen| seen.extend(open(&self.nodes).iter().map(Strong::downgrade)));
            self.touch(Site::Hash);
            (self.number % 2).hash(state);
        }
    }

    deepclone_tests::touched!(Touchy);

    #[derive(DeepClone)]
    struct Holder {
        fuse: Fuse,
        hash_map: Slot<HashMap<Touchy, Strong<Fuse>, Fused>>,
        tree_map: Slot<BTreeMap<Touchy, Strong<Fuse>>>,
        hash_set: Slot<HashSet<Touchy>>,
        tree_set: Slot<BTreeSet<Touchy>>,
        heap: Slot<BinaryHeap<Touchy>>,
        in_no_cell: HashMap<Touchy, Option<Strong<Fuse>>, Fused>,
        also_in_no_cell: BTreeMap<Touchy, Option<Strong<Fuse>>>,
        shared: Strong<Fuse>,
    }

    fn holder(detonator: &Detonator, keys: u32) -> Strong<Holder> {
        let shared = Strong::new(detonator.fuse());
        let key = |number| Touchy { number, fuse: detonator.fuse(), nodes: Slot::default() };
        let hasher = || Fused(detonator.fuse());
        let mut holder = Holder {
            fuse: detonator.fuse(),
            hash_map: Slot::new(HashMap::with_hasher(hasher())),
            tree_map: Slot::default(),
            hash_set: Slot::default(),
            tree_set: Slot::default(),
            heap: Slot::default(),
            in_no_cell: HashMap::with_hasher(hasher()),
            also_in_no_cell: BTreeMap::new(),
            shared: shared.clone(),
        };
        for number in 0..keys {
            open(&holder.hash_map).insert(key(number), shared.clone());
            open(&holder.tree_map).insert(key(number), shared.clone());
            open(&holder.hash_set).insert(key(number));
            open(&holder.tree_set).insert(key(number));
            open(&holder.heap).push(key(number));
            holder.in_no_cell.insert(key(number), Some(shared.clone()));
            holder.also_in_no_cell.insert(key(number), Some(shared.clone()));
        }
        Strong::new(holder)
    }

    fn assert_unharmed(holder: &Strong<Holder>, keys: u32, strong: usize) {
        assert!(is_at_rest(&holder.hash_map) && is_at_rest(&holder.tree_map));
        assert!(is_at_rest(&holder.hash_set) && is_at_rest(&holder.tree_set) && is_at_rest(&holder.heap));
        assert_eq!(counts(holder), (strong, 0));
        let shared = &holder.shared;
        assert_eq!(counts(shared), (4 * keys as usize + 1, 0));
        assert_eq!(open(&holder.hash_map).len(), keys as usize);
        assert!(open(&holder.hash_map).iter().all(|(key, _)| is_at_rest(&key.nodes)));
    }

    #[test]
    fn keys_and_hashers_that_panic_anywhere_leave_nothing_behind() {
        let detonator = Detonator::new();
        let source = holder(&detonator, 3);
        let mut sites = fail_at_every_step(
            &detonator,
            &source,
            |source| assert_unharmed(source, 3, 1),
            |copy| assert_unharmed(&copy, 3, 1),
        );
        assert!(sites.len() > 40, "{}", sites.len());
        // The two maps that have such a hasher copy it once each.
        assert_eq!(sites.iter().filter(|site| **site == Site::Hasher).count(), 2);
        sites.sort_unstable();
        sites.dedup();
        assert_eq!(sites, [Site::Copy, Site::Hash, Site::Eq, Site::Ord, Site::Hasher]);
        drop(source);
        assert_eq!(detonator.live(), 0);
    }

    fn let_go(holder: &Holder) {
        for (key, _) in open(&holder.hash_map).iter() {
            open(&key.nodes).clear();
        }
        for (key, _) in open(&holder.tree_map).iter() {
            open(&key.nodes).clear();
        }
    }

    /// The keys of two of the maps lead back to the node that the maps lie in.
    #[test]
    fn keys_on_a_cycle_with_their_map_that_fail_while_they_are_copied_leave_nothing_behind() {
        let detonator = Detonator::new();
        let source = holder(&detonator, 2);
        for (key, _) in open(&source.hash_map).iter() {
            open(&key.nodes).extend([source.clone(), source.clone()]);
        }
        for (key, _) in open(&source.tree_map).iter() {
            open(&key.nodes).push(source.clone());
        }
        let copy = source.deep_clone();
        SEEN.take();
        assert_unharmed(&copy, 2, 7);
        let_go(&copy);
        assert_unharmed(&copy, 2, 1);
        drop(copy);
        // The steps before any key on the cycle is shown to its own `Hash`.
        let live = detonator.live();
        for mode in [Mode::Error, Mode::Panic] {
            for step in 0..12 {
                detonator.fail_at(step, mode, || source.try_deep_clone());
                SEEN.take();
                assert_unharmed(&source, 2, 7);
            }
        }
        assert_eq!(detonator.live(), live);
        let_go(&source);
        drop(source);
        assert_eq!(detonator.live(), 0);
    }

    /// Every step of it, the second pass too. What user code was shown is whole.
    #[test]
    fn keys_on_a_cycle_that_panic_whenever_they_are_shown_leave_nothing_torn() {
        let detonator = Detonator::new();
        let source = holder(&detonator, 2);
        for (key, _) in open(&source.hash_map).iter() {
            open(&key.nodes).push(source.clone());
        }
        let live = detonator.live();
        let let_go_of_the_seen = |_| {
            Site::of_the_failure();
            // A cycle that user code was shown is user code's to cut.
            for node in SEEN.take().iter().filter_map(Weak::upgrade) {
                if !Strong::ptr_eq(&node, &source) {
                    assert!(is_at_rest(&node.hash_map));
                    let_go(&node);
                }
            }
            assert_unharmed(&source, 2, 3);
        };
        let (steps, copy) = detonator.fail_at_every_step(Mode::Panic, || source.try_deep_clone(), let_go_of_the_seen);
        drop(copy.expect("no step is left to fail"));
        let_go_of_the_seen(steps);
        assert_eq!(detonator.live(), live);
        let_go(&source);
    }

    /// A key whose copy is whole without its map: a ring of its own.
    #[derive(DeepClone)]
    struct Ring(Strong<Ringlet>, u32);

    #[derive(DeepClone)]
    struct Ringlet {
        fuse: Fuse,
        next: Slot<Option<Strong<Ringlet>>>,
    }

    impl Ring {
        fn new(detonator: &Detonator, number: u32) -> Self {
            let ringlet = Strong::new(Ringlet { fuse: detonator.fuse(), next: Slot::new(None) });
            *open(&ringlet.next) = Some(ringlet.clone());
            Self(ringlet, number)
        }

        fn cut(&self) {
            let next = open(&self.0.next).take();
            drop(next);
        }

        fn rank(&self) -> u32 {
            self.1
        }
    }

    deepclone_tests::ranked!(Ring);

    #[expect(clippy::mutable_key_type, reason = "what is hashed and compared does not change")]
    #[test]
    fn a_key_that_is_a_ring_is_not_left_behind_where_its_own_value_fails() {
        let detonator = Detonator::new();
        let hashed = HashMap::from([(Ring::new(&detonator, 0), detonator.fuse())]);
        let sorted = BTreeMap::from([(Ring::new(&detonator, 1), detonator.fuse())]);
        let in_a_cell = Slot::new(HashMap::from([(Ring::new(&detonator, 2), detonator.fuse())]));
        let live = detonator.live();
        // Two steps a map: the ring, and its value. Then the ring was hashed or compared, and is user code's to cut.
        fn fails<T: DeepClone>(detonator: &Detonator, source: &T) {
            for mode in [Mode::Error, Mode::Panic] {
                for step in 0..2 {
                    detonator.fail_at(step, mode, || source.try_deep_clone());
                }
            }
        }
        fails(&detonator, &hashed);
        assert_eq!(detonator.live(), live);
        fails(&detonator, &sorted);
        assert_eq!(detonator.live(), live);
        fails(&detonator, &in_a_cell);
        assert_eq!(detonator.live(), live);
        let copy = hashed.deep_clone();
        assert!(hashed.keys().chain(copy.keys()).all(|ring| Strong::strong_count(&ring.0) == 2));
        hashed.keys().chain(copy.keys()).chain(sorted.keys()).for_each(Ring::cut);
        open(&in_a_cell).keys().for_each(Ring::cut);
        drop((hashed, copy, sorted, in_a_cell));
        assert_eq!(detonator.live(), 0);
    }

    /// A map in no cell, whose key leads back to what the map lies in.
    #[derive(DeepClone)]
    struct Bare {
        number: u32,
        map: HashMap<Back, u32>,
        fuse: Fuse,
    }

    #[derive(DeepClone)]
    struct Back(Strong<Slot<Option<Strong<Bare>>>>, u32);

    impl Back {
        fn rank(&self) -> u32 {
            self.1
        }
    }

    deepclone_tests::ranked!(Back);

    #[test]
    fn a_map_in_no_cell_on_a_cycle_with_its_keys_is_an_error_with_the_keys_type_and_place() {
        let detonator = Detonator::new();
        let link = Strong::new(Slot::new(None));
        let source = Strong::new(Bare {
            number: 5,
            map: HashMap::from([(Back(link.clone(), 1), 1)]),
            fuse: detonator.fuse(),
        });
        *open(&link) = Some(source.clone());
        let error = source.try_deep_clone().err().expect("the key is not finished");
        assert_eq!(error.kind(), ErrorKind::KeyInCycle);
        assert!(error.type_name().ends_with("Back"), "{}", error.type_name());
        assert_eq!(error.path(), "Bare.map{key 0}");
        assert!(error.to_string().lines().any(|line| line.starts_with("help:")));
        assert_eq!(detonator.live(), 1);
        assert_eq!(counts(&source), (2, 0));
        assert_eq!(counts(&link), (2, 0));
        assert_eq!((source.number, is_at_rest(&link)), (5, true));
        let panic = catch_unwind(AssertUnwindSafe(|| source.deep_clone())).err().expect("it panics");
        let text = panic.downcast_ref::<String>().expect("with a text");
        assert_eq!(*text, error.to_string());
        // Off the cycle it works.
        let taken = open(&link).take();
        drop(taken);
        assert_eq!(source.deep_clone().map.len(), 1);
    }
}
