//! What a failure takes apart: not what user code holds, not what it has put somewhere, each thing once, and all of it.

#![allow(
    clippy::mutable_key_type,
    clippy::box_collection,
    reason = "keys that lead to cells, and where their maps lie, are the point"
)]

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};

use deepclone::{DeepClone, Error, ErrorKind, LockPolicy, Options, Session, impl_deep_clone};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse};

fn text() -> String {
    "a text".repeat(20)
}

each_family! {
    thread_local! {
        /// Calls of `Hash` since the last clone began, and the one that does something.
        static CALLS: Cell<u32> = const { Cell::new(0) };
        static FATAL: Cell<u32> = const { Cell::new(0) };
    }

    /// Whether this call is the one.
    fn is_fatal() -> bool {
        CALLS.set(CALLS.get() + 1);
        CALLS.get() == FATAL.get()
    }

    fn arm(call: u32) {
        CALLS.set(0);
        FATAL.set(call);
    }

    /// Two nodes that are keys of their own maps, in an option in a cell.
    #[derive(DeepClone)]
    struct Node {
        name: String,
        map: Slot<Option<Box<HashMap<Myself, u32>>>>,
        other: Slot<Weak<Node>>,
        fuse: Fuse,
    }

    #[derive(DeepClone)]
    struct Myself(Strong<Node>);

    impl Hash for Myself {
        fn hash<H: Hasher>(&self, state: &mut H) {
            if is_fatal() {
                let other = open(&self.0.other).upgrade();
                for node in other.iter().chain([&self.0]) {
                    if is_at_rest(&node.map) {
                        let taken = open(&node.map).take();
                        drop(taken);
                    }
                }
            }
            self.0.name.hash(state);
        }
    }

    deepclone_tests::equal_by!(Myself, |key| Strong::as_ptr(&key.0));

    #[test]
    fn a_hash_that_takes_maps_out_of_their_cells_in_either_pass_finds_them_whole_or_not_at_all() {
        for call in 0..10 {
            let detonator = Detonator::new();
            let node = |name: &str| {
                Strong::new(Node {
                    name: name.repeat(20),
                    map: Slot::new(Some(Box::default())),
                    other: Slot::default(),
                    fuse: detonator.fuse(),
                })
            };
            let (first, second) = (node("first"), node("second"));
            *open(&first.other) = Strong::downgrade(&second);
            *open(&second.other) = Strong::downgrade(&first);
            for node in [&first, &second] {
                arm(0);
                let map = HashMap::from([(Myself(node.clone()), 1)]);
                *open(&node.map) = Some(Box::new(map));
            }
            arm(call);
            let cloned = (first.clone(), second.clone()).try_deep_clone();
            arm(0);
            match cloned {
                Ok(copy) => {
                    assert_eq!((copy.0.name.len(), copy.1.name.len()), (100, 120));
                    for node in [&copy.0, &copy.1] {
                        let map = open(&node.map).take();
                        if let Some(map) = map {
                            assert_eq!((map.len(), map.get(&Myself(node.clone()))), (1, Some(&1)));
                        }
                    }
                }
                Err(error) => assert!(
                    matches!(error.kind(), ErrorKind::KeyInCycle | ErrorKind::AlreadyBorrowed),
                    "{error}",
                ),
            }
            for node in [first, second] {
                let taken = open(&node.map).take();
                assert_eq!(taken.map(|map| map.len()), Some(1), "the source is as it was");
            }
            assert_eq!(detonator.live(), 0, "call {call}");
        }
    }

    thread_local! {
        /// A pointee that user code knows, what it has got of it, and how often hashers are still to be dropped before it looks.
        static KNOWN: RefCell<Option<Weak<Big>>> = const { RefCell::new(None) };
        static GOT: RefCell<Option<Strong<Big>>> = const { RefCell::new(None) };
        static DROPS: Cell<i32> = const { Cell::new(-1) };
    }

    /// A hasher whose `Drop` gets hold of what user code knows.
    struct Nosy;

    impl Clone for Nosy {
        fn clone(&self) -> Self {
            Self
        }
    }

    impl BuildHasher for Nosy {
        type Hasher = DefaultHasher;
        fn build_hasher(&self) -> DefaultHasher {
            DefaultHasher::new()
        }
    }

    impl Drop for Nosy {
        fn drop(&mut self) {
            let drops = DROPS.get();
            DROPS.set((drops - 1).max(-1));
            let known = (drops == 0).then(|| KNOWN.with_borrow(|known| known.clone())).flatten();
            if let Some(big) = known.and_then(|known| known.upgrade()) {
                assert_eq!(big.text.0, text());
                GOT.set(Some(big));
            }
        }
    }

    #[derive(DeepClone)]
    struct Text(String, Strong<u8>);

    #[derive(DeepClone)]
    struct Big {
        text: Text,
        map: HashMap<u8, Text, Nosy>,
    }

    #[derive(DeepClone)]
    struct Shown(Strong<Big>, u32);

    impl Hash for Shown {
        fn hash<H: Hasher>(&self, state: &mut H) {
            if FATAL.get() > 0 {
                if is_fatal() {
                    resume_unwind(Box::new("hashed"));
                }
                KNOWN.set(Some(Strong::downgrade(&self.0)));
            }
            self.1.hash(state);
        }
    }

    deepclone_tests::equal_by!(Shown, |key| key.1);

    fn shown(number: u32) -> Shown {
        Shown(Strong::new(Big { text: Text(text(), Strong::new(1)), map: HashMap::with_hasher(Nosy) }), number)
    }

    struct FailsLate;

    impl_deep_clone! { impl for FailsLate = |_, _| Err(Error::custom("it always does")) }

    /// User code knows a key's pointee by a weak handle, and upgrades that while the failed operation is cleaned up.
    #[test]
    fn what_a_key_has_shown_is_whole_for_whoever_upgrades_a_handle_during_the_clean_up() {
        for drops in 0..6 {
            for call in [2, u32::MAX] {
                let source = (HashSet::from([shown(1), shown(2)]), FailsLate);
                arm(call);
                DROPS.set(drops);
                let cloned = catch_unwind(AssertUnwindSafe(|| source.try_deep_clone().is_ok()));
                arm(0);
                DROPS.set(-1);
                assert!(!matches!(cloned, Ok(true)));
                assert_eq!(cloned.is_err(), call == 2, "the hash panics or the other half fails");
                if let Some(big) = GOT.take() {
                    assert_eq!((big.text.0.as_str(), big.map.len()), (text().as_str(), 0));
                    assert_eq!((Strong::strong_count(&big), *big.text.1), (1, 1));
                }
                KNOWN.take();
            }
        }
    }

    /// Something of the user's that has to be dropped.
    #[derive(DeepClone)]
    struct Token(Fuse);

    /// A key into which user code puts tokens.
    #[derive(DeepClone)]
    struct Holder {
        boxed: Slot<Option<Box<Token>>>,
        shared: Slot<Option<Strong<Token>>>,
        number: u32,
    }

    thread_local! {
        static TOKENS: RefCell<Vec<Token>> = const { RefCell::new(Vec::new()) };
    }

    impl Hash for Holder {
        fn hash<H: Hasher>(&self, state: &mut H) {
            if is_fatal() {
                resume_unwind(Box::new("hashed"));
            }
            if let Some(token) = TOKENS.with_borrow_mut(Vec::pop) {
                *open(&self.boxed) = Some(Box::new(token));
            }
            if let Some(token) = TOKENS.with_borrow_mut(Vec::pop) {
                *open(&self.shared) = Some(Strong::new(token));
            }
            self.number.hash(state);
        }
    }

    deepclone_tests::equal_by!(Holder, |key| key.number);

    #[test]
    fn what_user_code_has_put_into_a_key_is_dropped_by_its_own_drop_when_the_operation_fails() {
        let detonator = Detonator::new();
        let holder = |number| Holder { boxed: Slot::default(), shared: Slot::default(), number };
        let source = HashSet::from([holder(1), holder(2)]);
        TOKENS.with_borrow_mut(|tokens| tokens.extend([Token(detonator.fuse()), Token(detonator.fuse())]));
        arm(2);
        let cloned = catch_unwind(AssertUnwindSafe(|| source.try_deep_clone().is_ok()));
        arm(0);
        assert!(cloned.is_err());
        assert!(TOKENS.take().is_empty(), "they were put into the key");
        assert_eq!(detonator.live(), 0);
        assert!(source.iter().all(|key| open(&key.boxed).is_none() && open(&key.shared).is_none()));
    }

    /// A map that waits, in what only one node leads to.
    #[derive(DeepClone)]
    struct Leaf {
        text: String,
        fuse: Fuse,
        map: Slot<HashMap<Strong<String>, u32>>,
    }

    #[derive(DeepClone)]
    struct Branch {
        leaves: Slot<Vec<Strong<Leaf>>>,
        map: Slot<HashMap<OfBranch, u32>>,
    }

    #[derive(DeepClone)]
    struct OfBranch(Strong<Branch>);

    impl Hash for OfBranch {
        fn hash<H: Hasher>(&self, _: &mut H) {
            if is_fatal() {
                let taken = std::mem::take(&mut *open(&self.0.leaves));
                drop(taken);
                resume_unwind(Box::new("hashed"));
            }
        }
    }

    deepclone_tests::equal_by!(OfBranch, |key| Strong::as_ptr(&key.0));

    #[derive(DeepClone)]
    struct Early {
        map: Slot<HashMap<OfBranch, u32>>,
        branch: Strong<Branch>,
    }

    #[test]
    fn what_a_waiting_map_lies_in_is_freed_with_its_content_when_user_code_drops_the_last_handle() {
        let detonator = Detonator::new();
        for early in [false, true] {
            for call in 1..4 {
                let key = Strong::new(text());
                let leaf = Strong::new(Leaf { text: text(), fuse: detonator.fuse(), map: Slot::default() });
                open(&leaf.map).insert(key.clone(), 1);
                let branch = Strong::new(Branch { leaves: Slot::new(vec![leaf]), map: Slot::default() });
                arm(0);
                let map = HashMap::from([(OfBranch(branch.clone()), 1)]);
                let mut in_front = HashMap::new();
                if early {
                    in_front = map;
                } else {
                    *open(&branch.map) = map;
                }
                let source = Strong::new((key, Early { map: Slot::new(in_front), branch: branch.clone() }));
                let live = detonator.live();
                arm(call);
                let cloned = catch_unwind(AssertUnwindSafe(|| source.try_deep_clone()));
                arm(0);
                if let Ok(copy) = cloned {
                    let copy = copy.expect("no hash was asked for in vain");
                    let taken = std::mem::take(&mut *open(&copy.1.branch.map));
                    drop(taken);
                }
                assert_eq!(detonator.live(), live, "call {call}");
                assert_eq!(open(&branch.leaves)[0].text, text());
                let taken = std::mem::take(&mut *open(&branch.map));
                drop(taken);
            }
        }
        assert_eq!(detonator.live(), 0);
    }

    /// A map in a cell inside of what is written by hand leads back to what is being written.
    #[derive(DeepClone)]
    struct Root {
        hand: Hand,
        text: String,
        fuse: Fuse,
    }

    impl Drop for Root {
        fn drop(&mut self) {
            assert_eq!(self.text, text(), "it is finished");
        }
    }

    #[derive(DeepClone)]
    struct Owner {
        map: Slot<HashMap<Strong<String>, Strong<Root>>>,
    }

    struct Hand(Slot<Option<Strong<Owner>>>);

    impl_deep_clone! { impl for Hand = |hand, cloner| Ok(Hand(cloner.deep_clone(&hand.0)?)) }

    #[test]
    fn pairs_that_lead_to_what_is_never_written_are_taken_apart_without_their_drop() {
        let detonator = Detonator::new();
        let key = Strong::new(text());
        let root = Strong::new(Root { hand: Hand(Slot::default()), text: text(), fuse: detonator.fuse() });
        let owner = Strong::new(Owner { map: Slot::new(HashMap::from([(key.clone(), root.clone())])) });
        *open(&root.hand.0) = Some(owner.clone());
        let error = (key, root).try_deep_clone().err().expect("the root is asked for while it is written");
        assert_eq!(error.kind(), ErrorKind::Incomplete);
        assert_eq!(detonator.live(), 1);
        let taken = std::mem::take(&mut *open(&owner.map));
        drop(taken);
        assert_eq!((Strong::strong_count(&owner), detonator.live()), (1, 0));
    }
}

type Locked = Arc<Mutex<Vec<Arc<Grabs>>>>;

thread_local! {
    /// A lock that is taken by the copies below, and never given back.
    static GRABBED: RefCell<Option<Locked>> = const { RefCell::new(None) };
}

/// Its copy takes the lock that its source lies in, for good.
#[derive(Debug)]
struct Grabs(Fuse);

impl_deep_clone! { impl for Grabs = |grabs, cloner| {
    let copy = Grabs(cloner.deep_clone(&grabs.0)?);
    if let Some(lock) = GRABBED.take() {
        std::mem::forget(lock.lock().expect("it is free while user code runs"));
    }
    Ok(copy)
} }

/// What is written by hand under a lock is copied with the lock released; then the lock can't be taken again.
#[test]
fn copies_made_while_a_lock_was_released_are_dropped_if_it_can_not_be_taken_again() {
    let detonator = Detonator::new();
    let source: Locked = Arc::new(Mutex::new(vec![Arc::new(Grabs(detonator.fuse()))]));
    let weak = Arc::downgrade(&source.lock().expect("free")[0]);
    GRABBED.set(Some(source.clone()));
    let mut session = Session::with_options(Options::new().locks(LockPolicy::Try));
    let error = session
        .deep_clone(&source)
        .expect_err("the lock is taken meanwhile");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    drop(session);
    assert_eq!(detonator.live(), 1);
    assert_eq!((Arc::strong_count(&source), weak.strong_count()), (1, 1));
}
