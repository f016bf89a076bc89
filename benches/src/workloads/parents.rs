//! A tree whose nodes know their parents.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use deepclone::DeepClone;
use rustc_hash::FxHashMap;
#[cfg(feature = "serialized")]
use serde::{Deserialize, Serialize};

use crate::contender::Role;
use crate::description::Description;
use crate::peers::peer_struct;
use crate::serialized::Edge;
use crate::workload::{Builder, CLONE, Workload};

#[derive(DeepClone)]
#[cfg_attr(feature = "serialized", derive(Serialize, Deserialize))]
pub(crate) struct Node {
    id: u64,
    #[cfg_attr(feature = "serialized", serde(with = "deepclone_serde::shared"))]
    parent: Weak<RefCell<Node>>,
    #[cfg_attr(feature = "serialized", serde(with = "crate::serialized::edges"))]
    children: Vec<Rc<RefCell<Node>>>,
}

peer_struct! { Node { id, parent, children } }

pub(crate) type Tree = Rc<RefCell<Node>>;

/// Every node has up to eight children.
pub(crate) fn grow(nodes: u64) -> Tree {
    let root = Rc::new(RefCell::new(Node {
        id: 0,
        parent: Weak::new(),
        children: Vec::new(),
    }));
    let mut all = vec![root.clone()];
    for id in 1..nodes {
        let parent = all[(id as usize - 1) / 8].clone();
        let node = Rc::new(RefCell::new(Node {
            id,
            parent: Rc::downgrade(&parent),
            children: Vec::new(),
        }));
        parent.borrow_mut().children.push(node.clone());
        all.push(node);
    }
    root
}

fn cyclic(node: &Tree, parent: Weak<RefCell<Node>>) -> Tree {
    Rc::new_cyclic(|this| {
        let node = node.borrow();
        RefCell::new(Node {
            id: node.id,
            parent,
            children: node
                .children
                .iter()
                .map(|child| cyclic(child, this.clone()))
                .collect(),
        })
    })
}

fn filled_afterwards(node: &Tree, parent: Weak<RefCell<Node>>) -> Tree {
    let node = node.borrow();
    let copy = Rc::new(RefCell::new(Node {
        id: node.id,
        parent,
        children: Vec::new(),
    }));
    let children = node
        .children
        .iter()
        .map(|child| filled_afterwards(child, Rc::downgrade(&copy)))
        .collect();
    copy.borrow_mut().children = children;
    copy
}

/// As one writes it who doesn't know the shape: any edge may lead anywhere that was copied.
fn memoised(node: &Tree, memo: &mut FxHashMap<*const RefCell<Node>, Tree>) -> Tree {
    if let Some(copy) = memo.get(&Rc::as_ptr(node)) {
        return copy.clone();
    }
    let source = node.borrow();
    let parent = memo.get(&source.parent.as_ptr());
    let copy = Rc::new(RefCell::new(Node {
        id: source.id,
        parent: parent.map_or_else(Weak::new, Rc::downgrade),
        children: Vec::new(),
    }));
    memo.insert(Rc::as_ptr(node), copy.clone());
    let children = source
        .children
        .iter()
        .map(|child| memoised(child, memo))
        .collect();
    copy.borrow_mut().children = children;
    copy
}

/// By hand, in one pass.
pub(crate) fn by_hand(root: &Tree) -> Tree {
    cyclic(root, Weak::new())
}

fn describe(node: &Tree, seen: &mut Description) {
    seen.rc(node);
    let node = node.borrow();
    seen.note(node.id);
    seen.weak(&node.parent);
    node.children.iter().for_each(|child| describe(child, seen));
    seen.note("/");
}

pub(super) fn tree() -> Workload {
    Builder::new(
        "W8",
        "a tree of Rc<RefCell<Node>> with Weak parents, 100k nodes",
        "documents, widgets, scopes: the shape that most graphs in safe Rust have",
        Edge(grow(100_000)),
    )
    .described(|Edge(root)| {
        let mut seen = Description::default();
        describe(root, &mut seen);
        seen
    })
    .by_hand("new_cyclic, no memo", |Edge(root)| Edge(by_hand(root)))
    .by_hand("filled afterwards, no memo", |Edge(root)| {
        Edge(filled_afterwards(root, Weak::new()))
    })
    .by_hand("filled afterwards, Fx memo", |Edge(root)| {
        Edge(memoised(root, &mut FxHashMap::default()))
    })
    .derived(|Edge(root)| Edge(root.deep_clone()))
    .peer(|Edge(root)| Edge(peer::DeepClone::deep_clone(root)))
    .through_serde()
    .unable(Role::Clone, CLONE, "Clone of an Rc shares")
    .bar("new_cyclic, no memo", 1.70)
    .build()
}
