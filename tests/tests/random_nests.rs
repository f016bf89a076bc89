//! Random nests of containers in cells around keys that lead anywhere: copies have the same shape, keys are found in them, and a clone that fails leaves nothing but what
//! user code was handed.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::mutable_key_type,
    reason = "nothing here leaves its thread, and what is hashed and compared does not change"
)]

use std::cell::{Cell, OnceCell, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, RwLock, TryLockError};

use deepclone::{DeepClone, ErrorKind};
use deepclone_tests::chance::Chance;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

thread_local! {
    /// Whether `Hash` and `Ord` keep what they are handed, and may panic.
    static AWAKE: Cell<bool> = const { Cell::new(false) };
}

fn awake<R>(work: impl FnOnce() -> R) -> R {
    /// A panic ends it, too.
    struct Asleep;
    impl Drop for Asleep {
        fn drop(&mut self) {
            AWAKE.set(false);
        }
    }
    let _asleep = Asleep;
    AWAKE.set(true);
    work()
}

/// A cell that is looked into unless somebody writes to it.
trait Peek<T> {
    fn peek(&self, look: impl FnOnce(&T));
}

impl<T> Peek<T> for RefCell<T> {
    fn peek(&self, look: impl FnOnce(&T)) {
        if let Ok(content) = self.try_borrow() {
            look(&content);
        }
    }
}

impl<T> Peek<T> for Mutex<T> {
    fn peek(&self, look: impl FnOnce(&T)) {
        // Poisoned while its maps are looked at, which are not in it then.
        match self.try_lock() {
            Ok(content) => look(&content),
            Err(TryLockError::Poisoned(content)) => look(&content.into_inner()),
            Err(TryLockError::WouldBlock) => {}
        }
    }
}

impl<T> Peek<T> for RwLock<T> {
    fn peek(&self, look: impl FnOnce(&T)) {
        if let Ok(content) = self.try_read() {
            look(&content);
        }
    }
}

/// What a key is hashed and compared by. May panic, after both keys have been seen.
struct Rank<'k>(u32, &'k Fuse);

impl Rank<'_> {
    fn step(&self) {
        if AWAKE.get() {
            drop(self.1.clone());
        }
    }
}

impl Hash for Rank<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.step();
        self.0.hash(state);
    }
}

impl PartialEq for Rank<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Rank<'_> {}

impl Ord for Rank<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.step();
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Rank<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

macro_rules! nests {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        mod $name {
            #[allow(clippy::wildcard_imports)]
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);

            #[derive(DeepClone)]
            struct Node {
                number: u32,
                fuse: Fuse,
                bare: Nest,
                first: Slot<Nest>,
                second: Slot<(u8, Nest)>,
            }

            #[derive(DeepClone)]
            struct Key {
                number: u32,
                node: Strong<Node>,
            }

            thread_local! {
                static HANDED: RefCell<Vec<Strong<Node>>> = const { RefCell::new(Vec::new()) };
            }

            impl Key {
                fn rank(&self) -> Rank<'_> {
                    if AWAKE.get() {
                        HANDED.with_borrow_mut(|handed| keep(&self.node, handed));
                    }
                    Rank(self.number, &self.node.fuse)
                }
            }

            deepclone_tests::ranked!(Key);

            /// Keeps all that a node leads to, and what was handed over before, as far as it can be seen now.
            fn keep(node: &Strong<Node>, handed: &mut Vec<Strong<Node>>) {
                let mut ahead = std::mem::take(handed);
                ahead.push(node.clone());
                let mut behind = Vec::new();
                while let Some(node) = ahead.pop() {
                    if behind.iter().any(|known| same(known, &node)) {
                        continue;
                    }
                    reach(&node.bare, &mut ahead);
                    node.first.peek(|nest| reach(nest, &mut ahead));
                    node.second.peek(|pair| reach(&pair.1, &mut ahead));
                    behind.push(node);
                }
                *handed = behind;
            }

            #[derive(DeepClone)]
            enum Nest {
                Nothing,
                Strong(Strong<Node>),
                Weak(Weak<Node>),
                Hashed(HashMap<Key, Nest>),
                Sorted(BTreeMap<Key, Nest>),
                Set(HashSet<Key>),
                Heap(BinaryHeap<Key>),
                Named(HashMap<u32, Nest>),
                OfSets(BTreeMap<BTreeSet<Key>, Nest>),
                List(LinkedList<Nest>),
                Once(OnceCell<Box<Nest>>),
                Row(Vec<Nest>),
                Deque(VecDeque<Nest>),
                Rest(std::vec::IntoIter<Nest>),
                Boxed(Option<Box<Nest>>),
                Slice(Box<[Nest]>),
                Inner(Box<Slot<Nest>>),
                Ranked(BTreeMap<u32, Nest>),
                Direct(u8, Slot<Vec<Nest>>),
                Held(OnceCell<(u8, Slot<Box<Nest>>)>),
            }

            impl Nest {
                /// The nests in it, but for those in a cell.
                fn nests(&self) -> Vec<&Self> {
                    match self {
                        Self::Hashed(map) => map.values().collect(),
                        Self::Sorted(map) => map.values().collect(),
                        Self::Named(map) => map.values().collect(),
                        Self::Ranked(map) => map.values().collect(),
                        Self::OfSets(map) => map.values().collect(),
                        Self::List(nests) => nests.iter().collect(),
                        Self::Once(once) => once.get().map(|nest| &**nest).into_iter().collect(),
                        Self::Row(nests) => nests.iter().collect(),
                        Self::Deque(nests) => nests.iter().collect(),
                        Self::Rest(nests) => nests.as_slice().iter().collect(),
                        Self::Boxed(nest) => nest.as_deref().into_iter().collect(),
                        Self::Slice(nests) => nests.iter().collect(),
                        _ => Vec::new(),
                    }
                }

                /// The keys of a map or a set.
                fn keys(&self) -> Vec<&Key> {
                    match self {
                        Self::Hashed(map) => map.keys().collect(),
                        Self::Sorted(map) => map.keys().collect(),
                        Self::Set(set) => set.iter().collect(),
                        Self::Heap(heap) => heap.iter().collect(),
                        Self::OfSets(map) => map.keys().flatten().collect(),
                        _ => Vec::new(),
                    }
                }
            }

            /// Makes nests out of what there is.
            struct Builder {
                chance: Chance,
                nodes: Vec<Strong<Node>>,
                keys: u32,
            }

            impl Builder {
                fn node(&mut self) -> Strong<Node> {
                    let at = self.chance.below(self.nodes.len());
                    self.nodes[at].clone()
                }

                fn keys(&mut self) -> Vec<Key> {
                    let count = 1 + self.chance.below(2);
                    (0..count)
                        .map(|_| {
                            self.keys += 1;
                            Key {
                                number: self.keys,
                                node: self.node(),
                            }
                        })
                        .collect()
                }

                fn nests(&mut self, depth: usize) -> Vec<Nest> {
                    let count = 1 + self.chance.below(2);
                    (0..count).map(|_| self.nest(depth)).collect()
                }

                fn edge(&mut self) -> Nest {
                    if self.nodes.is_empty() {
                        return Nest::Nothing;
                    }
                    match self.chance.below(4) {
                        0 => Nest::Nothing,
                        1 => Nest::Weak(Strong::downgrade(&self.node())),
                        _ => Nest::Strong(self.node()),
                    }
                }

                fn nest(&mut self, depth: usize) -> Nest {
                    let kinds = if depth == 0 { 6 } else { 21 };
                    match self.chance.below(kinds) {
                        0..=3 => self.edge(),
                        4 => Nest::Set(self.keys().into_iter().collect()),
                        5 => Nest::Heap(self.keys().into_iter().collect()),
                        6 => Nest::Hashed(
                            self.keys()
                                .into_iter()
                                .map(|key| (key, self.nest(depth - 1)))
                                .collect(),
                        ),
                        7 => Nest::Sorted(
                            self.keys()
                                .into_iter()
                                .map(|key| (key, self.nest(depth - 1)))
                                .collect(),
                        ),
                        8 => Nest::Named((0..).zip(self.nests(depth - 1)).collect()),
                        9 => {
                            let keys = self.keys().into_iter().collect();
                            Nest::OfSets(BTreeMap::from([(keys, self.nest(depth - 1))]))
                        }
                        10 => Nest::List(self.nests(depth - 1).into_iter().collect()),
                        11 => Nest::Once(OnceCell::from(Box::new(self.nest(depth - 1)))),
                        12 => Nest::Row(self.nests(depth - 1)),
                        13 => Nest::Deque(self.nests(depth - 1).into()),
                        14 if self.chance.below(2) == 0 => {
                            Nest::Rest(self.nests(depth - 1).into_iter())
                        }
                        14 => Nest::Boxed(Some(Box::new(self.nest(depth - 1)))),
                        15 => Nest::Slice(self.nests(depth - 1).into()),
                        16 => Nest::Ranked((0..).zip(self.nests(depth - 1)).collect()),
                        17 => Nest::Direct(0, Slot::new(self.nests(depth - 1))),
                        18 => {
                            Nest::Held(OnceCell::from((0, Slot::new(self.nest(depth - 1).into()))))
                        }
                        _ => Nest::Inner(Box::new(Slot::new(self.nest(depth - 1)))),
                    }
                }

                /// What lies in no cell, with empty cells in it.
                fn frame(&mut self, depth: usize) -> Nest {
                    let kinds = if depth == 0 { 5 } else { 13 };
                    let kind = self.chance.below(kinds);
                    let mut frames = || {
                        let count = 1 + self.chance.below(4);
                        let frames = (0..count).map(|_| self.frame(depth - 1));
                        frames.collect::<Vec<_>>()
                    };
                    match kind {
                        0 => self.edge(),
                        1 | 2 => Nest::Direct(1, Slot::default()),
                        3 => Nest::Held(OnceCell::from((2, Slot::new(Nest::Nothing.into())))),
                        4 => Nest::Inner(Box::new(Slot::new(Nest::Nothing))),
                        5 => Nest::Named((0..).zip(frames()).collect()),
                        6 => Nest::Ranked((0..).zip(frames()).collect()),
                        7 => Nest::List(frames().into_iter().collect()),
                        8 => Nest::Once(OnceCell::from(Box::new(self.frame(depth - 1)))),
                        9 => Nest::Row(frames()),
                        10 => Nest::Deque(frames().into()),
                        11 => Nest::Rest(frames().into_iter()),
                        _ => Nest::Slice(frames().into()),
                    }
                }

                /// Fills the cells in it.
                fn fill(&mut self, frame: &Nest) {
                    match frame {
                        Nest::Inner(slot) => *open(slot) = self.nest(2),
                        Nest::Direct(_, slot) => *open(slot) = self.nests(2),
                        Nest::Held(once) => {
                            let nest = self.nest(2).into();
                            if let Some(held) = once.get() {
                                *open(&held.1) = nest;
                            }
                        }
                        _ => frame.nests().into_iter().for_each(|frame| self.fill(frame)),
                    }
                }
            }

            /// The last of a few nodes leads to the others.
            fn nodes(seed: u64, detonator: &Detonator) -> Vec<Strong<Node>> {
                let mut builder = Builder {
                    chance: Chance(seed),
                    nodes: Vec::new(),
                    keys: 0,
                };
                for number in 0..2 + builder.chance.below(3) {
                    let node = Strong::new(Node {
                        number: u32::try_from(number).expect("few"),
                        fuse: detonator.fuse(),
                        bare: builder.frame(3),
                        first: Slot::new(Nest::Nothing),
                        second: Slot::new((0, Nest::Nothing)),
                    });
                    builder.nodes.push(node);
                }
                for at in 0..builder.nodes.len() {
                    let (first, second) = (builder.nest(3), builder.nest(3));
                    *open(&builder.nodes[at].first) = first;
                    open(&builder.nodes[at].second).1 = second;
                    let node = builder.nodes[at].clone();
                    builder.fill(&node.bare);
                }
                builder.nodes
            }

            /// Writes down what a node leads to.
            #[derive(Default)]
            struct Picture {
                text: String,
                seen: Vec<*const Node>,
                /// Where weak handles lead.
                weak: Vec<*const Node>,
                /// Nodes whose counts are written down at the end.
                nodes: Vec<Strong<Node>>,
            }

            impl Picture {
                fn of(root: &Strong<Node>) -> Self {
                    let mut picture = Self::default();
                    picture.strong(root);
                    for place in std::mem::take(&mut picture.weak) {
                        // Nothing pulls in what only these lead to.
                        let known = picture.seen.iter().position(|seen| *seen == place);
                        picture.note(&format!("leads to {known:?}"));
                    }
                    for node in std::mem::take(&mut picture.nodes) {
                        // Less the one of this list.
                        let (strong, weak) = counts(&node);
                        picture.note(&format!("{}: {} and {weak}", node.number, strong - 1));
                    }
                    picture
                }

                fn note(&mut self, text: &str) {
                    writeln!(self.text, "{text}").expect("a text takes anything");
                }

                fn strong(&mut self, node: &Strong<Node>) {
                    let place = Strong::as_ptr(node);
                    if let Some(known) = self.seen.iter().position(|seen| *seen == place) {
                        return self.note(&format!("again {known}"));
                    }
                    self.seen.push(place);
                    self.nodes.push(node.clone());
                    self.note(&format!("node {}", node.number));
                    self.nest(&node.bare);
                    self.nest(&open(&node.first));
                    self.nest(&open(&node.second).1);
                }

                fn key(&mut self, key: &Key) {
                    self.note(&format!("key {}", key.number));
                    self.strong(&key.node);
                }

                fn nests<'n>(&mut self, kind: &str, nests: impl IntoIterator<Item = &'n Nest>) {
                    self.note(kind);
                    nests.into_iter().for_each(|nest| self.nest(nest));
                    self.note("end");
                }

                fn nest(&mut self, nest: &Nest) {
                    match nest {
                        Nest::Nothing => self.note("nothing"),
                        Nest::Strong(node) => self.strong(node),
                        Nest::Weak(node) => {
                            self.note("weak");
                            self.weak.push(node.as_ptr());
                        }
                        Nest::Hashed(map) => {
                            let mut keys: Vec<&Key> = map.keys().collect();
                            keys.sort_unstable();
                            self.note("hashed");
                            for key in keys {
                                self.key(key);
                                // By look-up: it is found.
                                self.nest(&map[key]);
                            }
                        }
                        Nest::Sorted(map) => {
                            self.note("sorted");
                            for key in map.keys() {
                                self.key(key);
                                self.nest(&map[key]);
                            }
                        }
                        Nest::Set(set) => {
                            let mut keys: Vec<&Key> = set.iter().collect();
                            keys.sort_unstable();
                            self.note("set");
                            keys.iter()
                                .for_each(|key| self.key(set.get(*key).expect("it is found")));
                        }
                        Nest::Heap(heap) => {
                            self.note("heap");
                            heap.iter().for_each(|key| self.key(key));
                        }
                        Nest::Named(map) => {
                            let mut names: Vec<&u32> = map.keys().collect();
                            names.sort_unstable();
                            self.nests("named", names.into_iter().map(|name| &map[name]));
                        }
                        Nest::OfSets(map) => {
                            self.note("of sets");
                            for (set, nest) in map {
                                set.iter().for_each(|key| self.key(key));
                                assert!(map.contains_key(set));
                                self.nest(nest);
                            }
                        }
                        Nest::List(list) => self.nests("list", list),
                        Nest::Once(once) => self.nests("once", once.get().map(|nest| &**nest)),
                        Nest::Row(row) => self.nests("row", row),
                        Nest::Deque(deque) => self.nests("deque", deque),
                        Nest::Rest(rest) => self.nests("rest", rest.as_slice()),
                        Nest::Boxed(nest) => self.nests("boxed", nest.as_deref()),
                        Nest::Slice(row) => self.nests("slice", row),
                        Nest::Inner(slot) => self.nests("inner", [&*open(slot)]),
                        Nest::Ranked(map) => self.nests("ranked", map.values()),
                        Nest::Direct(_, slot) => self.nests("direct", &*open(slot)),
                        Nest::Held(once) => {
                            let held = once.get().expect("it is set");
                            self.nests("held", [&**open(&held.1)]);
                        }
                    }
                }
            }

            /// Takes everything apart that can be reached from here. What lies in no cell goes with its node.
            fn cut(mut ahead: Vec<Strong<Node>>) {
                let mut behind = Vec::new();
                while let Some(node) = ahead.pop() {
                    let first = std::mem::replace(&mut *open(&node.first), Nest::Nothing);
                    let second = std::mem::replace(&mut open(&node.second).1, Nest::Nothing);
                    let known = behind.iter().any(|known| same(known, &node));
                    if !known {
                        reach(&node.bare, &mut ahead);
                        empty(&node.bare);
                        behind.push(node);
                    }
                    reach(&first, &mut ahead);
                    reach(&second, &mut ahead);
                }
            }

            /// Empties all cells in it.
            fn empty(frame: &Nest) {
                match frame {
                    Nest::Inner(slot) => *open(slot) = Nest::Nothing,
                    Nest::Direct(_, slot) => open(slot).clear(),
                    Nest::Held(once) => {
                        if let Some(held) = once.get() {
                            **open(&held.1) = Nest::Nothing;
                        }
                    }
                    _ => frame.nests().into_iter().for_each(empty),
                }
            }

            fn reach(nest: &Nest, ahead: &mut Vec<Strong<Node>>) {
                match nest {
                    Nest::Weak(node) => ahead.extend(node.upgrade()),
                    Nest::Strong(node) => ahead.push(node.clone()),
                    Nest::Inner(slot) => slot.peek(|nest| reach(nest, ahead)),
                    Nest::Direct(_, slot) => {
                        slot.peek(|nests| nests.iter().for_each(|nest| reach(nest, ahead)));
                    }
                    Nest::Held(once) => {
                        if let Some(held) = once.get() {
                            held.1.peek(|nest| reach(nest, ahead));
                        }
                    }
                    _ => {
                        ahead.extend(nest.keys().into_iter().map(|key| key.node.clone()));
                        nest.nests().into_iter().for_each(|nest| reach(nest, ahead));
                    }
                }
            }

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

            /// As many handles as edges in the copy, and the one of the caller.
            fn assert_counts(copy: &Strong<Node>, picture: &Picture) {
                let mut edges: HashMap<*const Node, (usize, usize)> = HashMap::new();
                edges.entry(Strong::as_ptr(copy)).or_default().0 += 1;
                let mut ahead = vec![copy.clone()];
                let mut behind: Vec<Strong<Node>> = Vec::new();
                while let Some(node) = ahead.pop() {
                    if behind.iter().any(|known| same(known, &node)) {
                        continue;
                    }
                    let before = ahead.len();
                    for nest in [&node.bare, &*open(&node.first), &open(&node.second).1] {
                        edges_of(nest, &mut ahead, &mut edges);
                    }
                    for node in &ahead[before..] {
                        edges.entry(Strong::as_ptr(node)).or_default().0 += 1;
                    }
                    behind.push(node);
                }
                assert_eq!(behind.len(), picture.seen.len());
                for node in &behind {
                    let (strong, weak) = counts(node);
                    // Less the one of this list.
                    assert_eq!((strong - 1, weak), edges[&Strong::as_ptr(node)]);
                }
            }

            /// Strong edges as handles, weak ones counted.
            fn edges_of(
                nest: &Nest,
                ahead: &mut Vec<Strong<Node>>,
                edges: &mut HashMap<*const Node, (usize, usize)>,
            ) {
                match nest {
                    Nest::Weak(node) => {
                        if node.strong_count() > 0 {
                            edges.entry(node.as_ptr()).or_default().1 += 1;
                        }
                    }
                    Nest::Strong(node) => ahead.push(node.clone()),
                    Nest::Inner(slot) => edges_of(&open(slot), ahead, edges),
                    Nest::Direct(_, slot) => {
                        open(slot)
                            .iter()
                            .for_each(|nest| edges_of(nest, ahead, edges));
                    }
                    Nest::Held(once) => {
                        if let Some(held) = once.get() {
                            edges_of(&open(&held.1), ahead, edges);
                        }
                    }
                    _ => {
                        ahead.extend(nest.keys().into_iter().map(|key| key.node.clone()));
                        let nests = nest.nests().into_iter();
                        nests.for_each(|nest| edges_of(nest, ahead, edges));
                    }
                }
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

const SEEDS: u64 = 1_200;

deepclone_tests::each_kind!(nests);
