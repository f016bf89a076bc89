//! Nodes with fuses, and the graphs that tests make of them. The same for both families.

macro_rules! graphs {
    ($family:ident) => {
        use std::collections::HashSet;

        use deepclone::DeepClone;

        use crate::families::$family::{Slot, Strong, Weak, is_at_rest, open};
        use crate::fuse::{Detonator, Fuse};
        use crate::picture::{Pen, Portrayed};

        /// A node: one step of a clone before its edges, one after. Its `Drop` reports to the detonator.
        #[derive(DeepClone)]
        pub struct Node {
            /// Which node this is.
            pub id: u32,
            /// Something to own.
            pub name: String,
            /// The first step.
            pub before: Fuse,
            /// Strong edges.
            pub strong: Slot<Vec<Strong<Node>>>,
            /// Weak edges.
            pub weak: Slot<Vec<Weak<Node>>>,
            /// The second step.
            pub after: Fuse,
        }

        impl Drop for Node {
            fn drop(&mut self) {
                self.after.owner_dropped();
            }
        }

        impl Portrayed for Node {
            fn portray(&self, pen: &mut Pen) {
                self.id.portray(pen);
                self.name.portray(pen);
                self.strong.portray(pen);
                self.weak.portray(pen);
            }
        }

        impl Node {
            /// Whether no cell of it is borrowed, no lock taken or poisoned.
            pub fn is_at_rest(&self) -> bool {
                is_at_rest(&self.strong) && is_at_rest(&self.weak)
            }
        }

        /// Cuts all strong edges that can be reached from a node, so that nothing keeps itself alive.
        pub fn sever(node: &Strong<Node>) {
            let mut seen = HashSet::new();
            let mut nodes = vec![Strong::clone(node)];
            let mut cut = Vec::new();
            while let Some(node) = nodes.pop() {
                if seen.insert(Strong::as_ptr(&node)) {
                    let edges = std::mem::take(&mut *open(&node.strong));
                    nodes.extend(edges.iter().cloned());
                    cut.push((node, edges));
                }
            }
        }

        /// All nodes of a graph. They are severed when it is dropped.
        pub struct Graph {
            /// The nodes, the root first.
            pub nodes: Vec<Strong<Node>>,
            /// What their fuses hang on.
            pub detonator: Detonator,
        }

        impl Drop for Graph {
            fn drop(&mut self) {
                for node in &self.nodes {
                    let edges = std::mem::take(&mut *open(&node.strong));
                    drop(edges);
                }
            }
        }

        impl Graph {
            /// Nodes without edges.
            pub fn new(nodes: u32) -> Self {
                let detonator = Detonator::new();
                let nodes = (0..nodes)
                    .map(|id| {
                        Strong::new(Node {
                            id,
                            name: format!("node {id}"),
                            before: detonator.fuse(),
                            strong: Slot::default(),
                            weak: Slot::default(),
                            after: detonator.fuse(),
                        })
                    })
                    .collect();
                Self { nodes, detonator }
            }

            /// The node that all others are reached from.
            pub fn root(&self) -> &Strong<Node> {
                &self.nodes[0]
            }

            /// Adds a strong edge.
            pub fn link(&self, from: usize, to: usize) {
                open(&self.nodes[from].strong).push(Strong::clone(&self.nodes[to]));
            }

            /// Adds a weak edge.
            pub fn link_weakly(&self, from: usize, to: usize) {
                open(&self.nodes[from].weak).push(Strong::downgrade(&self.nodes[to]));
            }

            /// Whether no cell in it is borrowed, no lock taken or poisoned.
            pub fn is_at_rest(&self) -> bool {
                self.nodes.iter().all(|node| node.is_at_rest())
            }

            /// Each node leads to the next three: many paths, no cycle.
            pub fn acyclic(nodes: usize) -> Self {
                let graph = Self::new(nodes as u32);
                for from in 0..nodes {
                    for to in from + 1..nodes.min(from + 4) {
                        graph.link(from, to);
                    }
                }
                graph
            }

            /// A tree of threes with weak edges to the parent, to the next sibling, and from each leaf to the root.
            pub fn weakly_cyclic(nodes: usize) -> Self {
                let graph = Self::new(nodes as u32);
                for child in 1..nodes {
                    let parent = (child - 1) / 3;
                    graph.link(parent, child);
                    graph.link_weakly(child, parent);
                    if child + 1 < nodes {
                        graph.link_weakly(child, child + 1);
                    }
                    if 3 * child + 1 >= nodes {
                        graph.link_weakly(child, 0);
                    }
                }
                graph
            }

            /// A ring that is linked both ways, with chords, a loop on every fifth node, and weak edges across.
            pub fn strongly_cyclic(nodes: usize) -> Self {
                let graph = Self::new(nodes as u32);
                for from in 0..nodes {
                    graph.link(from, (from + 1) % nodes);
                    graph.link(from, (from + nodes - 1) % nodes);
                    if from % 3 == 0 {
                        graph.link(from, from * 7 % nodes);
                    }
                    if from % 5 == 0 {
                        graph.link(from, from);
                    }
                    graph.link_weakly(from, (from + nodes / 2) % nodes);
                }
                graph
            }

            /// Every node leads to every node, itself too.
            pub fn complete(nodes: usize) -> Self {
                let graph = Self::new(nodes as u32);
                for from in 0..nodes {
                    for to in 0..nodes {
                        graph.link(from, to);
                    }
                }
                graph
            }
        }
    };
}

/// Of `Rc` and `RefCell`.
pub mod rc {
    graphs! { rc }
}

/// Of `Arc` and `Mutex`.
pub mod arc {
    graphs! { arc }
}
