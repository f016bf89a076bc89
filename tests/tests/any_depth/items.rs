//! What the random graphs are made of. `Rc` is the pointer of the module around.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::Mutex;

use deepclone::{DeepClone, impl_deep_clone};

use super::{Rc, Weak};

/// What a node leads to.
#[derive(DeepClone)]
pub(super) enum Item {
    Strong(Rc<Node>),
    Weak(Weak<Node>),
    Sees(Sees),
    Asks(Asks),
    ByHand(Rc<Parent>),
    Child(Weak<Parent>),
    Locked(Rc<Mutex<Vec<Item>>>),
    Key(HashMap<u32, Rc<Node>>),
    /// Keys that lead to nodes.
    Hashed(HashMap<ById, Rc<Node>>),
    Sorted(BTreeMap<ById, Rc<Node>>),
    /// In the same order each time: what user code gets to see depends on it.
    Set(HashSet<ById, BuildHasherDefault<DefaultHasher>>),
    Heap(BinaryHeap<ById>),
    /// Keys that look whether their target is there.
    Looked(HashMap<ByTarget, Rc<Node>>),
    LookedInOrder(BTreeMap<ByTarget, u8>),
    #[cfg(feature = "foreign")]
    Parked(Rc<parking_lot::Mutex<Vec<Item>>>),
    #[cfg(feature = "foreign")]
    Dashed(Rc<dashmap::DashMap<u32, Rc<Node>>>),
    Chain(Rc<Link>),
}

#[derive(DeepClone)]
pub(super) struct Node {
    pub(super) id: u32,
    pub(super) items: RefCell<Vec<Item>>,
}

/// A link of a chain. What it holds itself comes behind the rest of the chain.
#[derive(DeepClone)]
pub(super) struct Link {
    pub(super) next: Option<Rc<Link>>,
    /// The next one in some chains.
    pub(super) locked: Mutex<Option<Rc<Link>>>,
    pub(super) end: Option<Item>,
    pub(super) counted: Counted,
    pub(super) back: RefCell<Weak<Link>>,
}

impl Link {
    pub(super) fn next(&self) -> Option<Rc<Link>> {
        let locked = self.locked.lock().expect("nobody panics under it");
        self.next.clone().or_else(|| locked.clone())
    }

    pub(super) fn take_next(&mut self) -> Option<Rc<Link>> {
        let locked = self.locked.get_mut().expect("nobody panics under it");
        self.next.take().or_else(|| locked.take())
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let mut next = self.take_next();
        while let Some(mut link) = next.and_then(Rc::into_inner) {
            next = link.take_next();
        }
    }
}

/// User code that gets nothing to see.
#[derive(DeepClone)]
pub(super) struct Counted(#[deepclone(with = count)] pub(super) u32);

/// A key that reads its node.
#[derive(Clone, DeepClone)]
pub(super) struct ById(pub(super) Rc<Node>);

/// A key that reads its node if that is there.
#[derive(Clone, DeepClone)]
pub(super) struct ByTarget(pub(super) Weak<Node>);

impl ById {
    fn rank(&self) -> u32 {
        self.0.id
    }
}

impl ByTarget {
    fn rank(&self) -> Option<u32> {
        self.0.upgrade().map(|node| node.id)
    }
}

deepclone_tests::ranked!(ById, ByTarget);

thread_local! {
    pub(super) static COUNTED: Cell<u32> = const { Cell::new(0) };
}

fn count(number: &u32) -> u32 {
    COUNTED.set(COUNTED.get() + 1);
    *number
}

/// Written by hand: notes whether its target is there.
pub(super) struct Sees {
    pub(super) target: Weak<Node>,
    pub(super) saw: Option<bool>,
}

impl_deep_clone! { impl for Sees = |sees, cloner| {
    let target = cloner.deep_clone(&sees.target)?;
    let saw = Some(target.upgrade().is_some());
    Ok(Sees { target, saw })
} }

/// Written by hand: has to get a finished node.
pub(super) struct Asks(pub(super) Rc<Node>);

impl_deep_clone! { impl for Asks = |asks, cloner| Ok(Asks(cloner.deep_clone(&asks.0)?)) }

/// A pointee written by hand.
pub(super) struct Parent {
    pub(super) id: u32,
    pub(super) items: RefCell<Vec<Item>>,
}

impl_deep_clone! { impl for Parent = |parent, cloner| {
    let items = RefCell::new(cloner.deep_clone(&*parent.items.borrow())?);
    Ok(Parent { id: parent.id, items })
} }
