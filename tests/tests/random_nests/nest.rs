//! Nodes, the nests of containers and cells that they hold, and the keys in these, which lead to nodes again. How they are taken apart.

use std::cell::{Cell, RefCell};
use std::sync::{Mutex, RwLock, TryLockError};

thread_local! {
    /// Whether `Hash` and `Ord` keep what they are handed, and may panic.
    pub(crate) static AWAKE: Cell<bool> = const { Cell::new(false) };
}

pub(crate) fn awake<R>(work: impl FnOnce() -> R) -> R {
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
pub(crate) trait Peek<T> {
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

/// The types. The items see the pointers, the cells and the imports of where the macro is called, as those of the other modules do.
macro_rules! nest {
    () => {
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
                let is_awake = AWAKE.get();
                if is_awake {
                    HANDED.with_borrow_mut(|handed| keep(&self.node, handed));
                }
                Rank(self.number, is_awake.then_some(&self.node.fuse))
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
    };
}

pub(crate) use nest;
