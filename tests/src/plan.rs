//! Random graphs: a plan in plain numbers, from which a graph of either family is built.

use proptest::collection::vec;
use proptest::prelude::*;

/// An edge of a plan. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
pub enum EdgePlan {
    /// A strong edge to a node.
    Strong(usize),
    /// A weak edge to a node.
    Weak(usize),
    /// A strong edge to a node, seen as a trait object.
    Dynamic(usize),
    /// A weak edge to a node, seen as a trait object.
    WeakDynamic(usize),
    /// A strong edge to a slice of edges.
    Slice(usize),
    /// A weak edge to a slice of edges.
    WeakSlice(usize),
    /// A strong edge to a badge: a second type behind the trait.
    Badge(usize),
    /// A text that is shared.
    Text(usize),
    /// A strong edge to a node in a box.
    Boxed(usize),
}

/// What a node keeps its edges in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Container {
    /// A vector in a `RefCell` or `Mutex`.
    Vec,
    /// A vector in a `OnceCell` or `OnceLock` in a slot.
    Once,
    /// A vector in a `Mutex`, in both families.
    Mutex,
    /// A queue in an `RwLock`, in both families.
    RwLock,
    /// A hash map in a slot.
    HashMap,
    /// An ordered map in a slot.
    BTreeMap,
}

/// A graph to build.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The nodes: containers and edges.
    pub nodes: Vec<(Container, Vec<EdgePlan>)>,
    /// Shared slices.
    pub slices: Vec<Vec<EdgePlan>>,
    /// Where the clone begins.
    pub roots: Vec<EdgePlan>,
}

fn edge() -> impl Strategy<Value = EdgePlan> {
    let to = any::<prop::sample::Index>().prop_map(|index| index.index(1 << 16));
    (0..16_u8, to).prop_map(|(kind, to)| match kind {
        0..5 => EdgePlan::Strong(to),
        5..8 => EdgePlan::Weak(to),
        8 | 9 => EdgePlan::Dynamic(to),
        10 => EdgePlan::WeakDynamic(to),
        11 => EdgePlan::Slice(to),
        12 => EdgePlan::WeakSlice(to),
        13 => EdgePlan::Badge(to),
        14 => EdgePlan::Text(to),
        _ => EdgePlan::Boxed(to),
    })
}

fn container() -> impl Strategy<Value = Container> {
    prop_oneof![
        3 => Just(Container::Vec),
        1 => Just(Container::Once),
        1 => Just(Container::Mutex),
        1 => Just(Container::RwLock),
        1 => Just(Container::HashMap),
        1 => Just(Container::BTreeMap),
    ]
}

/// Plans of up to `nodes` nodes.
pub fn plans(nodes: usize) -> impl Strategy<Value = Plan> {
    (
        vec((container(), vec(edge(), 0..6)), 0..=nodes),
        vec(vec(edge(), 0..4), 0..8),
        vec(edge(), 1..6),
    )
        .prop_map(|(nodes, slices, roots)| Plan {
            nodes,
            slices,
            roots,
        })
}

macro_rules! world {
    ($family:ident, $things:ty) => {
        use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
        use std::sync::{Mutex, RwLock};

        use deepclone::DeepClone;

        use super::{Container, EdgePlan, Plan};
        use crate::families::$family::{Once, Slot, Strong, Weak, open};
        use crate::picture::{Pen, Portrayed};

        /// What nodes and badges have in common.
        pub trait Thing: DeepClone + Portrayed {
            /// Takes its edges out.
            fn take(&self) -> Vec<Edge>;
        }

        /// A trait object.
        pub type Things = $things;

        /// One edge.
        #[derive(DeepClone, Clone)]
        pub enum Edge {
            /// To a node.
            Strong(Strong<Node>),
            /// To a node, weakly.
            Weak(Weak<Node>),
            /// To anything.
            Dynamic(Strong<Things>),
            /// To anything, weakly.
            WeakDynamic(Weak<Things>),
            /// To a slice.
            Slice(Strong<[Edge]>),
            /// To a slice, weakly.
            WeakSlice(Weak<[Edge]>),
            /// To a text.
            Text(Strong<str>),
            /// To a node, by way of a box.
            Boxed(Box<Edge>),
        }

        impl Portrayed for Edge {
            fn portray(&self, pen: &mut Pen) {
                match self {
                    Self::Strong(to) => to.portray(pen),
                    Self::Weak(to) => to.portray(pen),
                    Self::Dynamic(to) => to.portray(pen),
                    Self::WeakDynamic(to) => to.portray(pen),
                    Self::Slice(to) => to.portray(pen),
                    Self::WeakSlice(to) => to.portray(pen),
                    Self::Text(to) => to.portray(pen),
                    Self::Boxed(to) => to.portray(pen),
                }
            }
        }

        /// The edges of a node.
        #[derive(DeepClone)]
        #[allow(missing_docs)]
        pub enum Edges {
            Vec(Slot<Vec<Edge>>),
            Once(Slot<Once<Vec<Edge>>>),
            Mutex(Mutex<Vec<Edge>>),
            RwLock(RwLock<VecDeque<Edge>>),
            HashMap(Slot<HashMap<u32, Edge>>),
            BTreeMap { edges: Slot<BTreeMap<String, Edge>> },
        }

        impl Portrayed for Edges {
            fn portray(&self, pen: &mut Pen) {
                match self {
                    Self::Vec(edges) => edges.portray(pen),
                    Self::Once(edges) => edges.portray(pen),
                    Self::Mutex(edges) => edges.portray(pen),
                    Self::RwLock(edges) => edges.portray(pen),
                    Self::HashMap(edges) => edges.portray(pen),
                    Self::BTreeMap { edges } => edges.portray(pen),
                }
            }
        }

        impl Edges {
            fn new(container: Container) -> Self {
                match container {
                    Container::Vec => Self::Vec(Slot::default()),
                    Container::Once => Self::Once(Slot::default()),
                    Container::Mutex => Self::Mutex(Mutex::default()),
                    Container::RwLock => Self::RwLock(RwLock::default()),
                    Container::HashMap => Self::HashMap(Slot::default()),
                    Container::BTreeMap => Self::BTreeMap {
                        edges: Slot::default(),
                    },
                }
            }

            fn fill(&self, edges: Vec<Edge>) {
                match self {
                    Self::Vec(slot) => *open(slot) = edges,
                    Self::Once(slot) => {
                        // A node without edges stays unset.
                        if !edges.is_empty() {
                            *open(slot) = Once::from(edges);
                        }
                    }
                    Self::Mutex(slot) => *slot.lock().expect("not poisoned") = edges,
                    Self::RwLock(slot) => *slot.write().expect("not poisoned") = edges.into(),
                    Self::HashMap(slot) => *open(slot) = (0..).zip(edges).collect(),
                    Self::BTreeMap { edges: slot } => {
                        *open(slot) = (0..)
                            .map(|number: u32| format!("edge {number}"))
                            .zip(edges)
                            .collect();
                    }
                }
            }

            /// Takes all edges out.
            pub fn take(&self) -> Vec<Edge> {
                match self {
                    Self::Vec(slot) => std::mem::take(&mut *open(slot)),
                    Self::Once(slot) => open(slot).take().unwrap_or_default(),
                    Self::Mutex(slot) => std::mem::take(&mut *slot.lock().expect("not poisoned")),
                    Self::RwLock(slot) => {
                        std::mem::take(&mut *slot.write().expect("not poisoned")).into()
                    }
                    Self::HashMap(slot) => std::mem::take(&mut *open(slot)).into_values().collect(),
                    Self::BTreeMap { edges } => {
                        std::mem::take(&mut *open(edges)).into_values().collect()
                    }
                }
            }
        }

        /// A node.
        #[derive(DeepClone)]
        pub struct Node {
            /// Which node this is.
            pub id: u32,
            /// Where it leads.
            pub edges: Edges,
        }

        impl Portrayed for Node {
            fn portray(&self, pen: &mut Pen) {
                self.id.portray(pen);
                self.edges.portray(pen);
            }
        }

        impl Thing for Node {
            fn take(&self) -> Vec<Edge> {
                self.edges.take()
            }
        }

        /// Another type behind the trait, with an edge of its own. Large and aligned.
        #[derive(DeepClone)]
        #[repr(align(64))]
        pub struct Badge {
            /// What it says.
            pub text: [u8; 3],
            /// The node that it was given to.
            pub of: Slot<Option<Strong<Things>>>,
        }

        impl Portrayed for Badge {
            fn portray(&self, pen: &mut Pen) {
                self.text.portray(pen);
                self.of.portray(pen);
            }
        }

        impl Thing for Badge {
            fn take(&self) -> Vec<Edge> {
                open(&self.of)
                    .take()
                    .map(Edge::Dynamic)
                    .into_iter()
                    .collect()
            }
        }

        /// A built plan. What it holds is severed when it is dropped.
        pub struct World {
            /// Every node, those that no root reaches too.
            pub nodes: Vec<Strong<Node>>,
            badges: Vec<Strong<Badge>>,
            /// Where the clone begins.
            pub roots: Vec<Edge>,
        }

        impl World {
            /// Builds what was planned.
            pub fn build(plan: &Plan) -> Self {
                let nodes: Vec<Strong<Node>> = (0..)
                    .zip(&plan.nodes)
                    .map(|(id, (container, _))| {
                        Strong::new(Node {
                            id,
                            edges: Edges::new(*container),
                        })
                    })
                    .collect();
                let badges: Vec<Strong<Badge>> = (0_u8..5)
                    .map(|number| {
                        let of = match nodes.get(usize::from(number) * 7) {
                            Some(node) => Some(Strong::clone(node) as Strong<Things>),
                            None => None,
                        };
                        Strong::new(Badge {
                            text: [number; 3],
                            of: Slot::new(of),
                        })
                    })
                    .collect();
                let texts: Vec<Strong<str>> = ["", "a", "some text"].map(Strong::from).into();
                let mut slices: Vec<Strong<[Edge]>> = Vec::new();
                let edge = |plan: &EdgePlan, slices: &[Strong<[Edge]>]| {
                    let node = |to: &usize| {
                        (!nodes.is_empty()).then(|| Strong::clone(&nodes[to % nodes.len()]))
                    };
                    let slice = |to: &usize| {
                        (!slices.is_empty()).then(|| Strong::clone(&slices[to % slices.len()]))
                    };
                    Some(match plan {
                        EdgePlan::Strong(to) => Edge::Strong(node(to)?),
                        EdgePlan::Weak(to) => Edge::Weak(Strong::downgrade(&node(to)?)),
                        EdgePlan::Dynamic(to) => Edge::Dynamic(node(to)?),
                        EdgePlan::WeakDynamic(to) => {
                            let node: Strong<Things> = node(to)?;
                            Edge::WeakDynamic(Strong::downgrade(&node))
                        }
                        EdgePlan::Slice(to) => Edge::Slice(slice(to)?),
                        EdgePlan::WeakSlice(to) => Edge::WeakSlice(Strong::downgrade(&slice(to)?)),
                        EdgePlan::Badge(to) => Edge::Dynamic(Strong::clone(
                            &badges[to % badges.len()],
                        ) as Strong<Things>),
                        EdgePlan::Text(to) => Edge::Text(Strong::clone(&texts[to % texts.len()])),
                        EdgePlan::Boxed(to) => Edge::Boxed(Box::new(Edge::Strong(node(to)?))),
                    })
                };
                for plan in &plan.slices {
                    let edges: Vec<Edge> =
                        plan.iter().filter_map(|plan| edge(plan, &slices)).collect();
                    slices.push(edges.into());
                }
                for (node, (_, plan)) in nodes.iter().zip(&plan.nodes) {
                    let edges = plan.iter().filter_map(|plan| edge(plan, &slices));
                    node.edges.fill(edges.collect());
                }
                let roots = plan
                    .roots
                    .iter()
                    .filter_map(|plan| edge(plan, &slices))
                    .collect();
                Self {
                    nodes,
                    badges,
                    roots,
                }
            }
        }

        impl Drop for World {
            fn drop(&mut self) {
                for badge in &self.badges {
                    open(&badge.of).take();
                }
                for node in &self.nodes {
                    drop(node.edges.take());
                }
            }
        }

        /// Takes a copy of [`World::roots`] apart: cuts all edges that can be reached, so that nothing keeps itself alive.
        pub fn sever(roots: Vec<Edge>) {
            let mut edges = roots;
            let mut kept = Vec::new();
            let mut slices = HashSet::new();
            while let Some(edge) = edges.pop() {
                match &edge {
                    Edge::Strong(node) => edges.extend(node.edges.take()),
                    Edge::Dynamic(thing) => edges.extend(thing.take()),
                    Edge::Slice(slice) => {
                        // A slice stays as it is, so it is opened once.
                        if slices.insert(Strong::as_ptr(slice).cast::<Edge>()) {
                            edges.extend(slice.iter().cloned());
                        }
                    }
                    Edge::Boxed(inner) => edges.push((**inner).clone()),
                    Edge::Weak(_) | Edge::WeakDynamic(_) | Edge::WeakSlice(_) | Edge::Text(_) => {}
                }
                kept.push(edge);
            }
        }
    };
}

/// Of `Rc` and `RefCell`.
pub mod rc {
    world! { rc, dyn Thing }
}

/// Of `Arc` and `Mutex`.
pub mod arc {
    world! { arc, dyn Thing + Send + Sync }
}
