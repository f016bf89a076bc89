//! What user code may see while maps wait for their keys: finished values, or an error, never what is still being written.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells, and where their maps lie, are the point"
)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use deepclone::{DeepClone, ErrorKind, impl_deep_clone};
use deepclone_tests::each_family;

/// A text that nobody can mistake for what a fresh allocation holds.
fn text(of: &str) -> String {
    format!("the text of {of}").repeat(5)
}

each_family! {
    thread_local! {
        /// Texts that user code has read.
        static READ: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
        /// Values that user code has kept.
        static STASH: RefCell<Vec<Strong<String>>> = const { RefCell::new(Vec::new()) };
        /// Calls of `Hash`, and the one that panics.
        static CALLS: Cell<u32> = const { Cell::new(0) };
        static FATAL: Cell<u32> = const { Cell::new(0) };
    }

    /// A key by value, shared with what is around its map: so the map waits.
    #[derive(DeepClone, PartialEq, Eq, PartialOrd, Ord, Hash)]
    struct Label(Strong<String>);

    #[derive(DeepClone)]
    struct Owner {
        map: Slot<HashMap<Label, Strong<Root>>>,
    }

    impl Owner {
        fn read(&self) {
            let Some(map) = look(&self.map) else { return };
            READ.with_borrow_mut(|read| read.extend(map.values().map(|root| root.text.clone())));
        }
    }

    /// What leads to the owner comes first, then user code, then what is not written by then.
    #[derive(DeepClone)]
    struct Root {
        owner: Strong<Owner>,
        hand: Option<Hand>,
        set: HashSet<Reader>,
        text: String,
    }

    struct Hand(Strong<Owner>);

    impl_deep_clone! { impl for Hand = |hand, cloner| {
        let owner = cloner.deep_clone(&hand.0)?;
        owner.read();
        Ok(Hand(owner))
    } }

    /// A key whose `Hash` reads another map.
    #[derive(DeepClone)]
    struct Reader(Strong<Owner>);

    impl Hash for Reader {
        fn hash<H: Hasher>(&self, _: &mut H) {
            self.0.read();
        }
    }

    deepclone_tests::equal_by!(Reader, |key| Strong::as_ptr(&key.0));

    fn the_values_of_a_waiting_map_lead_back(with_hand: bool) {
        let label = Strong::new(text("a label"));
        let owner = Strong::new(Owner { map: Slot::default() });
        let set = if with_hand { HashSet::new() } else { HashSet::from([Reader(owner.clone())]) };
        let root = Strong::new(Root {
            owner: owner.clone(),
            hand: with_hand.then(|| Hand(owner.clone())),
            set,
            text: text("the root"),
        });
        open(&owner.map).insert(Label(label.clone()), root.clone());
        READ.take();
        let source = (label, root);
        let error = source.try_deep_clone().err().expect("the root is asked for while it is written");
        let kind = if with_hand { ErrorKind::Incomplete } else { ErrorKind::KeyInCycle };
        assert_eq!(error.kind(), kind);
        assert!(READ.take().iter().all(|read| *read == text("the root")));
        assert_eq!(Strong::strong_count(&source.1), 2);
        let taken = std::mem::take(&mut *open(&owner.map));
        drop(taken);
    }

    #[test]
    fn code_written_by_hand_never_sees_a_value_of_a_waiting_map_that_is_still_being_written() {
        the_values_of_a_waiting_map_lead_back(true);
    }

    #[test]
    fn a_key_never_sees_a_value_of_a_waiting_map_that_is_still_being_written() {
        the_values_of_a_waiting_map_lead_back(false);
    }

    /// A node that is its own key. Its value is shared with what is around.
    #[derive(DeepClone)]
    struct Node {
        name: String,
        stashes: bool,
        map: Slot<HashMap<Myself, Strong<String>>>,
    }

    #[derive(DeepClone)]
    struct Myself(Strong<Node>);

    impl Hash for Myself {
        fn hash<H: Hasher>(&self, state: &mut H) {
            if self.0.stashes && let Some(map) = look(&self.0.map) {
                STASH.with_borrow_mut(|stash| stash.extend(map.values().cloned()));
            }
            CALLS.set(CALLS.get() + 1);
            if CALLS.get() == FATAL.get() {
                resume_unwind(Box::new(CALLS.get()));
            }
            self.0.name.hash(state);
        }
    }

    deepclone_tests::equal_by!(Myself, |key| Strong::as_ptr(&key.0));

    /// Lets each call of `Hash` in a clone panic in turn, until none is left.
    fn a_hash_panics_at_every_call(stashes: bool) -> u32 {
        for fatal in 1.. {
            let value = Strong::new(text("a value"));
            let node = Strong::new(Node { name: text("a node"), stashes, map: Slot::default() });
            FATAL.set(0);
            open(&node.map).insert(Myself(node.clone()), value.clone());
            let source = (node, value);
            CALLS.set(0);
            FATAL.set(fatal);
            STASH.take();
            let cloned = catch_unwind(AssertUnwindSafe(|| source.deep_clone()));
            FATAL.set(0);
            let calls = CALLS.get();
            let stash = STASH.take();
            assert!(stash.iter().all(|value| **value == text("a value")));
            drop(stash);
            assert_eq!(counts(&source.0), (2, 0));
            assert_eq!(counts(&source.1), (2, 0));
            let taken = std::mem::take(&mut *open(&source.0.map));
            drop(taken);
            match cloned {
                Ok(copy) => {
                    assert_eq!((Strong::strong_count(&copy.0), Strong::strong_count(&copy.1)), (2, 2));
                    let taken = std::mem::take(&mut *open(&copy.0.map));
                    drop(taken);
                    return calls;
                }
                Err(payload) => assert_eq!(payload.downcast_ref::<u32>(), Some(&fatal)),
            }
        }
        unreachable!("there are not that many calls")
    }

    #[test]
    fn shared_values_of_a_map_whose_keys_panic_in_either_pass_are_dropped_once() {
        assert!(a_hash_panics_at_every_call(false) >= 2);
    }

    #[test]
    fn values_that_a_hash_has_kept_stay_whole_when_it_panics_in_either_pass() {
        assert!(a_hash_panics_at_every_call(true) >= 2);
    }

    /// A map that waits inside of what has a single owner.
    #[derive(DeepClone)]
    struct Inner {
        map: Slot<BTreeMap<Label, u32>>,
    }

    impl Inner {
        fn entries(&self) -> Vec<(String, u32)> {
            let map = look(&self.map).expect("nobody writes to it");
            map.iter().map(|(label, number)| (label.0.to_string(), *number)).collect()
        }
    }

    /// A key by what it holds.
    #[derive(DeepClone)]
    struct ByContent(Strong<Inner>);

    impl Hash for ByContent {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.entries().hash(state);
        }
    }

    impl PartialEq for ByContent {
        fn eq(&self, other: &Self) -> bool {
            Strong::ptr_eq(&self.0, &other.0) || self.0.entries() == other.0.entries()
        }
    }

    impl Eq for ByContent {}

    #[derive(DeepClone)]
    struct Middle {
        inner: Strong<Inner>,
    }

    struct Asks(Strong<Middle>);

    impl_deep_clone! { impl for Asks = |asks, cloner| {
        let middle = cloner.deep_clone(&asks.0)?;
        READ.with_borrow_mut(|read| read.extend(middle.inner.entries().into_iter().map(|entry| entry.0)));
        Ok(Asks(middle))
    } }

    fn key(label: &Strong<String>) -> ByContent {
        ByContent(Strong::new(Inner { map: Slot::new(BTreeMap::from([(Label(label.clone()), 1)])) }))
    }

    #[test]
    fn a_key_with_a_map_in_a_unique_pointee_is_hashed_with_that_map_filled() {
        let label = Strong::new(text("a label"));
        let map = HashMap::from([(key(&label), 5)]);
        let source = (label, map);
        let copy = source.deep_clone();
        assert_eq!(copy.1.get(&key(&copy.0)), Some(&5));
        let in_a_cell = (source.0, Strong::new(Slot::new(source.1)));
        let copy = in_a_cell.deep_clone();
        let looked_up = key(&copy.0);
        assert_eq!(open(&copy.1).get(&looked_up), Some(&5));
    }

    #[test]
    fn a_map_in_no_allocation_hashes_its_keys_with_the_maps_they_read_filled() {
        let label = Strong::new(text("a label"));
        let map = || Slot::new(HashMap::from([(key(&label), 5)]));
        let source = (label.clone(), map(), Box::new(map()), vec![map()]);
        let copy = source.deep_clone();
        let looked_up = key(&copy.0);
        for slot in [&copy.1, &*copy.2, &copy.3[0]] {
            assert_eq!(open(slot).get(&looked_up), Some(&5));
        }
    }

    #[test]
    fn code_written_by_hand_finds_the_maps_in_unique_pointees_filled() {
        let label = Strong::new(text("a label"));
        let middle = Strong::new(Middle { inner: key(&label).0 });
        READ.take();
        let source = (label, middle.clone(), Asks(middle));
        let copy = source.deep_clone();
        assert_eq!(READ.take(), [text("a label")]);
        assert!(Strong::ptr_eq(&copy.1, &copy.2.0));
    }

    /// Two maps in one cell, and a copy written by hand that asks for what they lie in when one of them is filled.
    #[derive(DeepClone)]
    struct Pair {
        maps: Slot<(HashMap<Numbered, u32>, HashMap<Numbered, u32>)>,
        deep: Slot<Option<Strong<AskPair>>>,
        text: String,
    }

    struct AskPair(Weak<Pair>, Slot<Option<Strong<Pair>>>);

    impl_deep_clone! { impl for AskPair = |ask, cloner| Ok(AskPair(cloner.deep_clone(&ask.0)?, cloner.deep_clone(&ask.1)?)) }

    #[derive(DeepClone)]
    struct Numbered(Strong<Pair>, u32);

    impl Hash for Numbered {
        fn hash<H: Hasher>(&self, state: &mut H) {
            READ.with_borrow_mut(|read| read.push(self.0.text.clone()));
            self.1.hash(state);
        }
    }

    deepclone_tests::equal_by!(Numbered, |key| key.1);

    #[test]
    fn two_maps_in_one_cell_whose_keys_ask_for_their_owner_are_filled_or_an_error() {
        for strongly in [false, true] {
            let pair = |of| {
                Strong::new(Pair { maps: Slot::default(), deep: Slot::default(), text: text(of) })
            };
            let (first, second) = (pair("the first"), pair("the second"));
            let asked = strongly.then(|| first.clone());
            *open(&second.deep) = Some(Strong::new(AskPair(Strong::downgrade(&first), Slot::new(asked))));
            {
                let mut maps = open(&first.maps);
                maps.0.insert(Numbered(second.clone(), 1), 10);
                maps.1.insert(Numbered(second.clone(), 2), 20);
            }
            READ.take();
            let source = (first.clone(), second);
            match source.try_deep_clone() {
                Ok(copy) => {
                    let taken = std::mem::take(&mut *open(&copy.0.maps));
                    assert_eq!((taken.0.len(), taken.1.len()), (1, 1));
                    assert!(taken.0.keys().all(|key| Strong::ptr_eq(&key.0, &copy.1)));
                }
                Err(error) => assert!(matches!(error.kind(), ErrorKind::Incomplete | ErrorKind::KeyInCycle), "{error}"),
            }
            assert!(READ.take().iter().all(|read| *read == text("the second")));
            let taken = std::mem::take(&mut *open(&first.maps));
            drop(taken);
        }
    }

    /// A map that waits, whose keys lead to maps that wait as well.
    #[derive(DeepClone)]
    struct Layer {
        map: Slot<HashMap<Under, u32>>,
    }

    #[derive(DeepClone)]
    struct Under(u32, Option<Strong<Layer>>, Strong<String>);

    impl Under {
        fn rank(&self) -> u32 {
            self.0
        }
    }

    deepclone_tests::ranked!(Under);

    /// How many maps there are from here on, one behind a key of the other, all filled.
    fn layers(layer: &Layer) -> usize {
        let map = open(&layer.map);
        assert_eq!(map.len(), 1);
        map.keys().next().and_then(|key| key.1.as_ref()).map_or(1, |under| 1 + layers(under))
    }

    struct Counter(Strong<Layer>, usize);

    impl_deep_clone! { impl for Counter = |counter, cloner| {
        let layer = cloner.deep_clone(&counter.0)?;
        let count = layers(&layer);
        Ok(Counter(layer, count))
    } }

    #[test]
    fn code_written_by_hand_gets_maps_filled_that_lie_behind_the_keys_of_maps() {
        let text = Strong::new(text("all layers"));
        let layer = |under| Strong::new(Layer { map: Slot::new(HashMap::from([(Under(1, under, text.clone()), 1)])) });
        let top = layer(Some(layer(Some(layer(Some(layer(None)))))));
        let copy = (top.clone(), Counter(top.clone(), 0)).deep_clone();
        assert_eq!(copy.1.1, 4);
        assert!(same(&copy.0, &copy.1.0));
    }
}
