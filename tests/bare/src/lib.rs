//! Nodes of all that the library clones without `std`, which count their instances and fail on demand.
//!
//! The tests and programs of this package are built four times: with and without the feature `std`, with unwinding and with `panic = "abort"`.

#![forbid(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::{Rc, Weak};

use deepclone::{Cloner, DeepClone, Error, impl_deep_clone};

/// Without a way to go on after a panic of user code, an operation that was left half done would be seen.
pub const PANICS_END_THE_PROGRAM: bool = cfg!(not(all(feature = "std", panic = "unwind")));

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static FUSE: Cell<Option<(u32, Mode)>> = const { Cell::new(None) };
}

/// How user code fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By an error; where it can't return one, it does not fail.
    Error,
    /// By a panic.
    Panic,
}

/// How many [`Live`] there are in this thread.
pub fn live() -> isize {
    LIVE.get()
}

/// Lets the step after so many others fail.
pub fn arm(steps: u32, mode: Mode) {
    FUSE.set(Some((steps, mode)));
}

/// Lets no step fail. Returns whether one was still to fail.
pub fn disarm() -> bool {
    FUSE.take().is_some()
}

/// A step of user code.
fn step(can_tell: bool) -> Result<(), Error> {
    match FUSE.get() {
        Some((0, Mode::Error)) if can_tell => {
            FUSE.set(None);
            Err(Error::custom("the fuse"))
        }
        Some((0, Mode::Panic)) => {
            FUSE.set(None);
            panic!("the fuse");
        }
        Some((steps, mode)) => {
            FUSE.set(Some((steps.saturating_sub(1), mode)));
            Ok(())
        }
        None => Ok(()),
    }
}

/// Counted while it lives; its copy is a step.
#[derive(Debug)]
pub struct Live(());

impl Live {
    /// One more.
    #[expect(clippy::new_without_default, reason = "it counts")]
    pub fn new() -> Self {
        LIVE.set(LIVE.get() + 1);
        Self(())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

impl_deep_clone! { impl for Live = |_, _| step(true).map(|()| Live::new()) }

/// A node with every kind of edge.
#[derive(DeepClone, Debug)]
pub struct Node {
    /// Which one it is.
    pub number: usize,
    /// Before all edges.
    pub first: Live,
    /// Strong.
    pub next: RefCell<Vec<Rc<Node>>>,
    /// Weak.
    pub back: RefCell<Vec<Weak<Node>>>,
    /// As an object of a trait.
    pub object: RefCell<Option<Rc<dyn Numbered>>>,
    /// In a map, as key and as value.
    pub by_key: RefCell<BTreeMap<Key, Rc<Node>>>,
    /// In a set.
    pub set: RefCell<BTreeSet<Key>>,
    /// A tree of its own.
    pub tree: RefCell<Option<Rc<Tree>>>,
    /// After all edges.
    pub last: Box<Live>,
}

impl Node {
    /// A node without edges.
    pub fn new(number: usize) -> Rc<Self> {
        Rc::new(Self {
            number,
            first: Live::new(),
            next: RefCell::default(),
            back: RefCell::default(),
            object: RefCell::default(),
            by_key: RefCell::default(),
            set: RefCell::default(),
            tree: RefCell::default(),
            last: Box::new(Live::new()),
        })
    }

    /// Takes all edges out, and drops them.
    pub fn cut(&self) {
        let edges = (self.next.take(), self.back.take(), self.object.take());
        drop((edges, self.by_key.take(), self.set.take(), self.tree.take()));
    }
}

/// What has a number.
pub trait Numbered: DeepClone + std::fmt::Debug {
    /// The number.
    fn number(&self) -> usize;
}

impl Numbered for Node {
    fn number(&self) -> usize {
        self.number
    }
}

/// Compared by what may be seen of the nodes that it leads to.
#[derive(DeepClone, Debug)]
pub struct Key {
    /// Comes first.
    pub rank: u32,
    /// What it leads to, its own map perhaps.
    pub node: Option<Rc<Node>>,
    /// Counted.
    pub live: Live,
}

impl Key {
    /// A key that leads nowhere, or to a node.
    pub fn new(rank: u32, node: Option<Rc<Node>>) -> Self {
        Self {
            rank,
            node,
            live: Live::new(),
        }
    }

    fn sight(&self) -> (u32, Option<usize>) {
        (self.rank, self.node.as_ref().map(|node| node.number))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // It can't return an error, and a panic may come instead.
        let _ = step(false);
        self.sight().cmp(&other.sight())
    }
}

/// Copied by hand, with weak parents of its own type.
#[derive(Debug)]
pub struct Tree {
    /// Upwards.
    pub parent: RefCell<Weak<Tree>>,
    /// Downwards.
    pub children: RefCell<Vec<Rc<Tree>>>,
    /// Counted.
    pub live: Live,
}

impl Tree {
    /// A tree with so many levels of two children each.
    pub fn new(levels: u32) -> Rc<Self> {
        Rc::new_cyclic(|this| {
            let children = (0..if levels == 0 { 0 } else { 2 }).map(|_| Self::new(levels - 1));
            let children: Vec<_> = children.collect();
            for child in &children {
                child.parent.replace(this.clone());
            }
            Self {
                parent: RefCell::default(),
                children: RefCell::new(children),
                live: Live::new(),
            }
        })
    }

    /// How many there are, if each child knows its parent.
    pub fn count(self: &Rc<Self>) -> usize {
        let children = self.children.borrow();
        let knows = |child: &Rc<Self>| Weak::ptr_eq(&child.parent.borrow(), &Rc::downgrade(self));
        assert!(children.iter().all(knows));
        1 + children.iter().map(Self::count).sum::<usize>()
    }

    fn copy(&self, cloner: &mut Cloner<'_>) -> Result<Self, Error> {
        Ok(Self {
            live: cloner.deep_clone(&self.live)?,
            parent: cloner.deep_clone(&self.parent)?,
            children: cloner.deep_clone(&self.children)?,
        })
    }
}

impl_deep_clone! { impl for Tree = Tree::copy }
