//! A graph whose strong edges form cycles.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher;
use std::rc::Rc;

use deepclone::DeepClone;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::contender::Role;
use crate::description::Description;
use crate::workload::{Builder, CLONE, PEER, Workload};

#[derive(DeepClone)]
pub(crate) struct Node {
    id: u64,
    edges: RefCell<Vec<Rc<Node>>>,
}

/// All nodes in a row; the edges go anywhere.
pub(crate) type Graph = Vec<Rc<Node>>;

pub(crate) fn random_graph(nodes: usize, edges: usize) -> Graph {
    let graph: Graph = (0..nodes)
        .map(|id| {
            Rc::new(Node {
                id: id as u64,
                edges: RefCell::default(),
            })
        })
        .collect();
    let mut random = fastrand::Rng::with_seed(9);
    for node in &graph {
        *node.edges.borrow_mut() = (0..edges)
            .map(|_| graph[random.usize(..nodes)].clone())
            .collect();
    }
    graph
}

/// Cuts the cycles.
pub(crate) fn dissolve(graph: Graph) {
    for node in &graph {
        node.edges.take();
    }
}

/// A memo and recursion: what one writes first. Deep graphs need a deep stack.
fn recursive<S: BuildHasher + Default>(graph: &Graph) -> Graph {
    fn edge<S: BuildHasher>(
        node: &Rc<Node>,
        memo: &mut HashMap<*const Node, Rc<Node>, S>,
    ) -> Rc<Node> {
        if let Some(copy) = memo.get(&Rc::as_ptr(node)) {
            return copy.clone();
        }
        let copy = Rc::new(Node {
            id: node.id,
            edges: RefCell::default(),
        });
        memo.insert(Rc::as_ptr(node), copy.clone());
        let edges = node
            .edges
            .borrow()
            .iter()
            .map(|to| edge(to, memo))
            .collect();
        *copy.edges.borrow_mut() = edges;
        copy
    }
    let mut memo = HashMap::<_, _, S>::default();
    graph.iter().map(|node| edge(node, &mut memo)).collect()
}

/// A memo and a list of nodes whose edges are still to be copied: any depth, any root.
fn worklist<S: BuildHasher + Default>(graph: &Graph) -> Graph {
    let mut memo = HashMap::<*const Node, Rc<Node>, S>::default();
    let mut open: Vec<(Rc<Node>, Rc<Node>)> = Vec::new();
    let mut edge = |node: &Rc<Node>, open: &mut Vec<(Rc<Node>, Rc<Node>)>| match memo
        .entry(Rc::as_ptr(node))
    {
        Entry::Occupied(known) => known.get().clone(),
        Entry::Vacant(vacant) => {
            let copy = Rc::new(Node {
                id: node.id,
                edges: RefCell::default(),
            });
            open.push((node.clone(), copy.clone()));
            vacant.insert(copy).clone()
        }
    };
    let copies = graph.iter().map(|node| edge(node, &mut open)).collect();
    while let Some((node, copy)) = open.pop() {
        *copy.edges.borrow_mut() = node
            .edges
            .borrow()
            .iter()
            .map(|to| edge(to, &mut open))
            .collect();
    }
    copies
}

/// Two passes over a row that is known to hold all nodes, with a memo as large as it has to be: the best there is, for this type.
pub(crate) fn two_passes(graph: &Graph) -> Graph {
    let mut memo = FxHashMap::with_capacity_and_hasher(graph.len(), FxBuildHasher);
    let copies: Graph = graph
        .iter()
        .map(|node| {
            let copy = Rc::new(Node {
                id: node.id,
                edges: RefCell::default(),
            });
            memo.insert(Rc::as_ptr(node), copy.clone());
            copy
        })
        .collect();
    for (node, copy) in graph.iter().zip(&copies) {
        *copy.edges.borrow_mut() = node
            .edges
            .borrow()
            .iter()
            .map(|to| memo[&Rc::as_ptr(to)].clone())
            .collect();
    }
    copies
}

fn describe(graph: &Graph) -> Description {
    let mut seen = Description::default();
    for node in graph {
        seen.note(node.id);
        seen.rc(node);
        node.edges.borrow().iter().for_each(|to| seen.rc(to));
        seen.note("/");
    }
    seen
}

pub(super) fn graph() -> Workload {
    Builder::new(
        "W9",
        "a graph of 100k nodes with 4 strong edges each, full of cycles",
        "automata, dependency and object graphs: a memo look-up for every edge",
        random_graph(100_000, 4),
    )
    .retire(dissolve)
    .described(describe)
    .unable(
        Role::ByHand,
        "no memo",
        "it would go round the cycles without end",
    )
    .by_hand("SipHash memo, recursive", recursive::<RandomState>)
    .by_hand("Fx memo, recursive", recursive::<FxBuildHasher>)
    .by_hand("SipHash memo, work list", worklist::<RandomState>)
    .by_hand("Fx memo, work list", worklist::<FxBuildHasher>)
    .by_hand("Fx memo, two passes", two_passes)
    .deep_cloned()
    .unable(Role::Peer, PEER, "it panics at a cycle of strong edges")
    .not_through_serde("a cycle of strong edges can't be written")
    .unable(Role::Clone, CLONE, "Clone of an Rc shares")
    .bar("SipHash memo, recursive", 0.70)
    .bar("Fx memo, recursive", 1.05)
    .build()
}
