//! Keys that lead to rings of their own: a ring is left to user code only if user code was handed it, by `Hash` or `Ord`.

#![expect(
    clippy::mutable_key_type,
    reason = "what is hashed and compared does not change"
)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};
use deepclone_tests::keys::Rank;

const KEYS: u32 = 8;

each_family! {
    thread_local! {
        /// The rings of keys that were hashed or compared.
        static HANDED: RefCell<Vec<Strong<Link>>> = const { RefCell::new(Vec::new()) };
    }

    #[derive(DeepClone)]
    struct Link {
        fuse: Fuse,
        next: Slot<Option<Strong<Link>>>,
    }

    /// A key whose user code may fail at each step.
    #[derive(DeepClone)]
    struct Ring {
        number: u32,
        link: Strong<Link>,
    }

    impl Ring {
        fn new(detonator: &Detonator, number: u32) -> Self {
            let link = |next| Strong::new(Link { fuse: detonator.fuse(), next: Slot::new(next) });
            let last = link(None);
            let first = link(Some(last.clone()));
            *open(&last.next) = Some(first.clone());
            Self { number, link: first }
        }

        fn rank(&self) -> Rank<'_> {
            HANDED.with_borrow_mut(|handed| handed.push(self.link.clone()));
            Rank(self.number, Some(&self.link.fuse))
        }
    }

    deepclone_tests::ranked!(Ring);

    fn cut(link: &Link) {
        let next = open(&link.next).take();
        drop(next);
    }

    /// Cuts the rings that user code was handed. How many there are.
    fn cut_handed() -> usize {
        let mut handed = HANDED.take();
        handed.sort_by_key(|link| Strong::as_ptr(link).addr());
        handed.dedup_by(|a, b| Strong::ptr_eq(a, b));
        handed.iter().for_each(|link| cut(link));
        handed.len()
    }

    /// The number of rings that were handed over, for each step at which the clone failed.
    fn handed_at_every_step<T: DeepClone>(detonator: &Detonator, source: &T, links: impl Fn(&T) -> Vec<Strong<Link>>) -> Vec<usize> {
        HANDED.take();
        let live = detonator.live();
        let mut numbers = Vec::new();
        for mode in [Mode::Error, Mode::Panic] {
            let (_, copy) = detonator.fail_at_every_step(mode, || source.try_deep_clone(), |_| numbers.push(cut_handed()));
            let copy = copy.expect("no step is left to fail");
            links(&copy).iter().for_each(|link| cut(link));
            drop(copy);
            HANDED.take();
            assert_eq!(detonator.live(), live);
        }
        numbers
    }

    fn links_of<'k>(keys: impl Iterator<Item = &'k Ring>) -> Vec<Strong<Link>> {
        keys.map(|ring| ring.link.clone()).collect()
    }

    /// Fails everywhere. Once a key has been handed over, the others still wait for their turn.
    fn only_what_was_handed_over_is_left<T: DeepClone>(detonator: &Detonator, source: T, links: impl Fn(&T) -> Vec<Strong<Link>>) {
        let count = links(&source).len();
        let numbers = handed_at_every_step(detonator, &source, &links);
        assert_eq!(numbers.first(), Some(&0));
        for handed in 1..=count {
            // Of those that compare, two are handed over at once.
            assert!(numbers.contains(&handed) || handed == 1 && numbers.contains(&2), "{handed} in {numbers:?}");
        }
        links(&source).iter().for_each(|link| cut(link));
        drop(source);
        HANDED.take();
        assert_eq!(detonator.live(), 0);
    }

    #[test]
    fn a_ring_in_a_hash_map_in_a_cell_is_left_only_if_its_hash_was_called() {
        let detonator = Detonator::new();
        let source: HashMap<Ring, u32> = (0..KEYS).map(|number| (Ring::new(&detonator, number), number)).collect();
        only_what_was_handed_over_is_left(&detonator, Strong::new(Slot::new(source)), |map| links_of(open(map).keys()));
    }

    #[test]
    fn a_ring_in_a_hash_set_in_a_cell_is_left_only_if_its_hash_was_called() {
        let detonator = Detonator::new();
        let source: HashSet<Ring> = (0..KEYS).map(|number| Ring::new(&detonator, number)).collect();
        only_what_was_handed_over_is_left(&detonator, Strong::new(Slot::new(source)), |set| links_of(open(set).iter()));
    }

    #[test]
    fn a_ring_in_a_btree_map_in_a_cell_is_left_only_if_it_was_compared() {
        let detonator = Detonator::new();
        let source: BTreeMap<Ring, u32> = (0..KEYS).map(|number| (Ring::new(&detonator, number), number)).collect();
        only_what_was_handed_over_is_left(&detonator, Strong::new(Slot::new(source)), |map| links_of(open(map).keys()));
    }

    #[test]
    fn a_ring_in_a_btree_set_in_a_cell_is_left_only_if_it_was_compared() {
        let detonator = Detonator::new();
        let source: BTreeSet<Ring> = (0..KEYS).map(|number| Ring::new(&detonator, number)).collect();
        only_what_was_handed_over_is_left(&detonator, Strong::new(Slot::new(source)), |set| links_of(open(set).iter()));
    }

    #[test]
    fn a_ring_in_a_heap_in_a_cell_is_left_only_if_it_was_compared() {
        let detonator = Detonator::new();
        let source: BinaryHeap<Ring> = (0..KEYS).map(|number| Ring::new(&detonator, number)).collect();
        only_what_was_handed_over_is_left(&detonator, Strong::new(Slot::new(source)), |heap| links_of(open(heap).iter()));
    }

    /// In an owned cell, so that it is filled as soon as that is closed.
    #[test]
    fn a_ring_in_a_map_in_a_cell_that_nobody_shares_is_left_only_if_its_hash_was_called() {
        let detonator = Detonator::new();
        let source: HashMap<Ring, u32> = (0..KEYS).map(|number| (Ring::new(&detonator, number), number)).collect();
        only_what_was_handed_over_is_left(&detonator, Slot::new(source), |map| links_of(open(map).keys()));
    }

    #[test]
    fn a_ring_in_a_map_in_no_cell_is_left_only_if_its_hash_was_called() {
        let detonator = Detonator::new();
        let source: HashMap<Ring, u32> = (0..KEYS).map(|number| (Ring::new(&detonator, number), number)).collect();
        only_what_was_handed_over_is_left(&detonator, source, |map| links_of(map.keys()));
    }

    #[test]
    fn a_ring_in_a_set_in_no_cell_is_left_only_if_it_was_compared() {
        let detonator = Detonator::new();
        let source: BTreeSet<Ring> = (0..KEYS).map(|number| Ring::new(&detonator, number)).collect();
        only_what_was_handed_over_is_left(&detonator, source, |set| links_of(set.iter()));
    }

    #[derive(DeepClone)]
    struct Alone {
        map: Slot<BTreeMap<Ring, Fuse>>,
        set: Slot<BTreeSet<Ring>>,
        heap: Slot<BinaryHeap<Ring>>,
        in_no_cell: BTreeMap<Ring, Fuse>,
        heap_in_no_cell: BinaryHeap<Ring>,
        last: Fuse,
        hashed: Slot<HashMap<Ring, u32>>,
    }

    /// Nobody looks at the only key of a container that compares, even if it fails after that was filled.
    #[test]
    fn a_ring_that_is_the_only_key_and_is_compared_to_nothing_is_not_left() {
        let detonator = Detonator::new();
        let ring = |number| Ring::new(&detonator, number);
        let source = Strong::new(Alone {
            map: Slot::new(BTreeMap::from([(ring(0), detonator.fuse())])),
            set: Slot::new(BTreeSet::from([ring(1)])),
            heap: Slot::new(BinaryHeap::from([ring(2)])),
            in_no_cell: BTreeMap::from([(ring(3), detonator.fuse())]),
            heap_in_no_cell: BinaryHeap::from([ring(4)]),
            last: detonator.fuse(),
            hashed: Slot::new(HashMap::from([(ring(5), 5)])),
        });
        let links = |source: &Strong<Alone>| {
            let (map, set, heap, hashed) = (open(&source.map), open(&source.set), open(&source.heap), open(&source.hashed));
            let in_cells = map.keys().chain(set.iter()).chain(heap.iter()).chain(hashed.keys());
            links_of(in_cells.chain(source.in_no_cell.keys()).chain(source.heap_in_no_cell.iter()))
        };
        let numbers = handed_at_every_step(&detonator, &source, links);
        // The one that is hashed.
        assert_eq!(numbers.iter().max(), Some(&1), "{numbers:?}");
        links(&source).iter().for_each(|link| cut(link));
        drop(source);
        HANDED.take();
        assert_eq!(detonator.live(), 0);
    }

    /// A ring behind the value of a pair, in a cell that a key leads to.
    #[derive(DeepClone)]
    struct Crowd {
        map: Slot<HashMap<Member, Strong<Link>>>,
    }

    #[derive(DeepClone)]
    struct Member {
        number: u32,
        fuse: Fuse,
        crowd: Weak<Crowd>,
    }

    impl Member {
        fn rank(&self) -> u32 {
            drop(self.fuse.clone());
            self.number
        }
    }

    deepclone_tests::ranked!(Member);

    #[test]
    fn a_ring_behind_a_value_is_not_left_as_long_as_its_map_is_not_in_place() {
        let detonator = Detonator::new();
        let source = Strong::new(Crowd { map: Slot::default() });
        for number in 0..KEYS {
            let member = Member { number, fuse: detonator.fuse(), crowd: Strong::downgrade(&source) };
            let Ring { link, .. } = Ring::new(&detonator, number);
            open(&source.map).insert(member, link);
        }
        let live = detonator.live();
        // Two links and a key each, then the hash of each.
        let steps = 3 * KEYS as usize + KEYS as usize;
        for step in 0..steps {
            detonator.fail_at(step, Mode::Panic, || source.try_deep_clone());
            assert_eq!(detonator.live(), live, "step {step}");
        }
        open(&source.map).values().for_each(|link| cut(link));
        drop(source);
        assert_eq!(detonator.live(), 0);
    }

    /// What a key leads to is looked at before the first of them is handed over.
    #[derive(DeepClone)]
    struct Torn {
        set: Slot<BTreeSet<Either>>,
        bare: Slot<Option<Strong<Knot>>>,
    }

    /// Its own map lies in no cell.
    #[derive(DeepClone)]
    struct Knot {
        map: HashMap<Either, u32>,
    }

    #[derive(DeepClone)]
    enum Either {
        Ring(Ring),
        Back(u32, Strong<Torn>),
    }

    impl Either {
        fn rank(&self) -> u32 {
            match self {
                Self::Ring(ring) => {
                    HANDED.with_borrow_mut(|handed| handed.push(ring.link.clone()));
                    ring.number
                }
                Self::Back(number, _) => *number,
            }
        }
    }

    deepclone_tests::ranked!(Either);

    #[test]
    fn no_ring_is_handed_over_where_a_key_can_not_be_finished() {
        let detonator = Detonator::new();
        let source = Strong::new(Torn { set: Slot::default(), bare: Slot::default() });
        for number in 0..KEYS {
            open(&source.set).insert(Either::Ring(Ring::new(&detonator, number)));
        }
        let back = Either::Back(KEYS, source.clone());
        *open(&source.bare) = Some(Strong::new(Knot { map: HashMap::from([(back, 0)]) }));
        HANDED.take();
        let live = detonator.live();
        let error = source.try_deep_clone().err().expect("the key of the knot is not finished");
        assert_eq!(error.kind(), ErrorKind::KeyInCycle);
        assert_eq!(cut_handed(), 0);
        assert_eq!(detonator.live(), live);
        drop(open(&source.bare).take());
        for either in open(&source.set).iter() {
            if let Either::Ring(ring) = either {
                cut(&ring.link);
            }
        }
        drop(source);
        HANDED.take();
        assert_eq!(detonator.live(), 0);
    }

    /// A node with a ring of its own, and with maps that wait.
    #[derive(DeepClone, Default)]
    struct Host {
        number: u32,
        ring: Slot<Option<Strong<Host>>>,
        set: Slot<HashSet<Guest>>,
        nested: Slot<HashMap<u32, HashSet<Guest>>>,
        bare: Slot<Option<Strong<Bare>>>,
        fuse: Option<Fuse>,
    }

    /// Maps in no cell.
    #[derive(DeepClone)]
    struct Bare {
        set: BTreeSet<Guest>,
        map: HashMap<Guest, u32>,
    }

    #[derive(DeepClone)]
    struct Guest(u32, Strong<Host>);

    impl Guest {
        fn rank(&self) -> (u32, u32) {
            GUESTS.with_borrow_mut(|guests| guests.push(self.1.clone()));
            (self.0, self.1.number)
        }
    }

    deepclone_tests::ranked!(Guest);

    thread_local! {
        static GUESTS: RefCell<Vec<Strong<Host>>> = const { RefCell::new(Vec::new()) };
    }

    fn host(detonator: &Detonator, number: u32) -> Strong<Host> {
        let host = Strong::new(Host { number, fuse: Some(detonator.fuse()), ..Host::default() });
        *open(&host.ring) = Some(host.clone());
        host
    }

    fn let_go(host: &Host) {
        let set = std::mem::take(&mut *open(&host.set));
        let nested = std::mem::take(&mut *open(&host.nested));
        let bare = open(&host.bare).take();
        let ring = open(&host.ring).take();
        drop((set, nested, bare, ring));
    }

    /// The keys of a map in no cell lead to a host; what that holds leads back to where the map lies.
    fn an_error_leaves_nothing(fill: impl Fn(&Strong<Host>, &Strong<Host>)) {
        let detonator = Detonator::new();
        let (root, guest) = (host(&detonator, 1), host(&detonator, 2));
        fill(&root, &guest);
        GUESTS.take();
        let error = root.try_deep_clone().err().expect("a key is not finished");
        assert_eq!(error.kind(), ErrorKind::KeyInCycle);
        assert!(GUESTS.take().is_empty(), "user code was handed nothing");
        assert_eq!(detonator.live(), 2);
        let_go(&root);
        let_go(&guest);
        GUESTS.take();
        drop((root, guest));
        assert_eq!(detonator.live(), 0);
    }

    #[test]
    fn nothing_is_handed_over_where_a_map_that_a_key_leads_to_can_not_be_filled() {
        an_error_leaves_nothing(|root, guest| {
            open(&guest.set).insert(Guest(1, root.clone()));
            let map = HashMap::from([(Guest(1, guest.clone()), 1)]);
            *open(&root.bare) = Some(Strong::new(Bare { set: BTreeSet::new(), map }));
        });
        an_error_leaves_nothing(|root, guest| {
            open(&guest.nested).insert(1, HashSet::from([Guest(1, root.clone())]));
            let map = HashMap::from([(Guest(1, guest.clone()), 1)]);
            *open(&root.bare) = Some(Strong::new(Bare { set: BTreeSet::new(), map }));
        });
    }

    #[test]
    fn the_first_of_two_keys_is_not_handed_over_where_the_second_is_not_finished() {
        an_error_leaves_nothing(|root, guest| {
            let set = BTreeSet::from([Guest(1, guest.clone()), Guest(2, root.clone())]);
            *open(&root.bare) = Some(Strong::new(Bare { set, map: HashMap::new() }));
        });
    }
}
