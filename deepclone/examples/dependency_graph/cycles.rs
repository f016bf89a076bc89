//! Strong cycles of a walked graph: which edges lie on one, which close one.

use crate::walk::{Edge, Walk};

/// Cycles of strong edges.
pub(crate) struct Cycles {
    /// Sets of two or more allocations that reach each other, and allocations that own themselves.
    pub(crate) knots: usize,
    /// The allocations in them.
    pub(crate) objects: usize,
    /// By edge: it lies on a strong cycle.
    pub(crate) on_cycle: Vec<bool>,
    /// By edge: a depth-first search finds its target unfinished. Without these edges there would be no cycle.
    pub(crate) closing: Vec<bool>,
}

impl Cycles {
    pub(crate) fn of(walk: &Walk) -> Self {
        let forward = Adjacency::new(walk, |edge| edge.to.map(|to| (edge.from, to)));
        let backward = Adjacency::new(walk, |edge| edge.to.map(|to| (to, edge.from)));

        let mut closing = vec![false; walk.edges.len()];
        let mut state = vec![State::New; walk.objects.len()];
        let mut finished = Vec::new();
        for start in 0..walk.objects.len() {
            forward.search(
                start,
                &mut state,
                |edge| closing[edge] = true,
                |node| finished.push(node),
            );
        }

        // Kosaraju: against the edges, from the node that was finished last, a search stays within one component.
        let mut component = vec![0; walk.objects.len()];
        let mut size = Vec::new();
        let mut state = vec![State::New; walk.objects.len()];
        for &start in finished.iter().rev() {
            let number = size.len();
            let mut members = 0;
            backward.search(
                start,
                &mut state,
                |_| (),
                |node| {
                    component[node] = number;
                    members += 1;
                },
            );
            if members > 0 {
                size.push(members);
            }
        }

        let mut knotted = vec![false; size.len()];
        let on_cycle: Vec<bool> = walk
            .edges
            .iter()
            .map(|edge| {
                let Some(to) = edge.to.filter(|_| edge.is_strong()) else {
                    return false;
                };
                let inside = component[edge.from] == component[to];
                knotted[component[to]] |= inside;
                inside
            })
            .collect();
        Self {
            knots: knotted.iter().filter(|knotted| **knotted).count(),
            objects: component
                .iter()
                .filter(|component| knotted[**component])
                .count(),
            on_cycle,
            closing,
        }
    }

    /// How many edges close a cycle.
    pub(crate) fn closing_edges(&self) -> usize {
        self.closing.iter().filter(|closing| **closing).count()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

/// Strong edges by the node that they leave: number of the edge, node that it leads to.
struct Adjacency(Vec<Vec<(usize, usize)>>);

impl Adjacency {
    fn new(walk: &Walk, ends: impl Fn(&Edge) -> Option<(usize, usize)>) -> Self {
        let mut lists = vec![Vec::new(); walk.objects.len()];
        for (number, edge) in walk
            .edges
            .iter()
            .enumerate()
            .filter(|(_, edge)| edge.is_strong())
        {
            if let Some((from, to)) = ends(edge) {
                lists[from].push((number, to));
            }
        }
        Self(lists)
    }

    /// Depth first from `start`, without recursion.
    fn search(
        &self,
        start: usize,
        state: &mut [State],
        mut closes: impl FnMut(usize),
        mut done: impl FnMut(usize),
    ) {
        if state[start] != State::New {
            return;
        }
        state[start] = State::Open;
        let mut path = vec![(start, 0)];
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let Some(&(edge, to)) = self.0[node].get(*next) else {
                state[node] = State::Done;
                done(node);
                path.pop();
                continue;
            };
            *next += 1;
            match state[to] {
                State::New => {
                    state[to] = State::Open;
                    path.push((to, 0));
                }
                State::Open => closes(edge),
                State::Done => (),
            }
        }
    }
}
