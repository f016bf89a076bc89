//! Clones that fail while other threads swap what they read: nothing is lost, nothing is poisoned, and no `Drop` runs that should not.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use deepclone::{DeepClone, ErrorKind, Options, Session};
use deepclone_tests::fuse::{Detonator, Mode};
use deepclone_tests::graphs::arc::{Graph, Node, sever};
use deepclone_tests::stir::while_stirred;

/// How many clones, and how often the graph has to be changed in the middle of them.
const ROUNDS: (usize, usize) = (1_500, 1_500);

/// The number of a node that comes and goes.
const NEW: u32 = 1_000;

/// A graph of nodes, and what becomes of it.
struct Stirred {
    graph: Graph,
    /// Whether edges may lead back.
    cyclic: bool,
    /// How many nodes were made for it, those that have gone again too.
    made: AtomicUsize,
}

impl Stirred {
    fn new((graph, cyclic): (Graph, bool)) -> Self {
        Self {
            cyclic,
            made: AtomicUsize::new(graph.nodes.len()),
            graph,
        }
    }

    /// Exchanges the edges of two nodes, or puts a new node between them and takes an old one away.
    fn stir(&self, number: usize) {
        let nodes = self.graph.nodes.len();
        let (mut from, mut to) = (number % nodes, number * 7 / 2 % nodes);
        if !self.cyclic {
            if from == to {
                return;
            }
            (from, to) = (from.min(to), from.max(to));
        }
        let (from, to) = (&self.graph.nodes[from], &self.graph.nodes[to]);
        if number.is_multiple_of(2) {
            let mut edges = std::mem::take(&mut *from.strong.lock().expect("not poisoned"));
            edges.reverse();
            if self.cyclic {
                edges = std::mem::replace(&mut *to.strong.lock().expect("not poisoned"), edges);
            }
            from.strong.lock().expect("not poisoned").extend(edges);
            return;
        }
        self.made.fetch_add(1, Relaxed);
        let new = Arc::new(Node {
            id: NEW,
            name: String::from("new"),
            before: self.graph.detonator.fuse(),
            strong: Mutex::new(vec![to.clone()]),
            weak: Mutex::new(vec![Arc::downgrade(from)]),
            after: self.graph.detonator.fuse(),
        });
        let mut weak = from.weak.lock().expect("not poisoned");
        weak.insert(0, Arc::downgrade(&new));
        weak.truncate(4);
        drop(weak);
        let mut strong = from.strong.lock().expect("not poisoned");
        let oldest = strong.iter().rposition(|node| node.id == NEW);
        let old = oldest
            .filter(|_| strong.len() > 4)
            .map(|oldest| strong.remove(oldest));
        strong.insert(0, new);
        drop(strong);
        drop(old);
    }

    fn detonator(&self) -> &Detonator {
        &self.graph.detonator
    }

    /// When all is over: every lock is free, only what was made for the graph was dropped, beside so many copies, and all of it.
    fn check(self, copies: usize) {
        let Self { graph, made, .. } = self;
        let made = made.into_inner();
        assert!(made > graph.nodes.len(), "it was stirred");
        assert!(graph.is_at_rest());
        for node in &graph.nodes {
            node.weak.lock().expect("not poisoned").clear();
        }
        for node in &graph.nodes {
            let edges = std::mem::take(&mut *node.strong.lock().expect("not poisoned"));
            drop(edges);
        }
        for node in &graph.nodes {
            assert_eq!((Arc::strong_count(node), Arc::weak_count(node)), (1, 0));
        }
        let detonator = graph.detonator.clone();
        assert_eq!(detonator.live(), 2 * graph.nodes.len() as isize);
        drop(graph);
        assert_eq!(detonator.live(), 0);
        assert_eq!(detonator.owners_dropped(), made + copies);
    }
}

/// Takes a copy apart.
fn drop_copy(copy: &Arc<Node>) {
    assert!(copy.is_at_rest());
    sever(copy);
}

/// Clones with a blast at each of the first steps in turn. What comes out whole is taken apart, and the drops that this makes are counted.
fn blast(stirred: &Stirred, mode: Mode) -> usize {
    let (mut failed, mut whole) = (0, 0);
    let copied = AtomicUsize::new(0);
    let root = stirred.graph.root();
    while_stirred(
        2,
        ROUNDS,
        |number| stirred.stir(number),
        |round| {
            let step = round % 24;
            let detonator = stirred.detonator();
            match detonator.attempt_at(step, mode, || root.try_deep_clone()) {
                Some(copy) => {
                    // Each node is two steps.
                    let steps = detonator.steps();
                    assert!(steps.is_multiple_of(2), "{steps}");
                    copied.fetch_add(steps / 2, Relaxed);
                    whole += 1;
                    drop_copy(&copy.expect("no step failed"));
                }
                None => failed += 1,
            }
        },
    );
    assert!(failed > 0, "{failed} failed, {whole} did not");
    copied.into_inner()
}

/// Graphs, and whether they get strong cycles when they are stirred.
fn graphs() -> [(Graph, bool); 3] {
    [
        (Graph::acyclic(9), false),
        (Graph::weakly_cyclic(10), false),
        (Graph::strongly_cyclic(7), true),
    ]
}

#[test]
fn a_clone_that_gets_an_error_while_edges_are_swapped_loses_nothing_and_poisons_nothing() {
    for graph in graphs() {
        let stirred = Stirred::new(graph);
        let copies = blast(&stirred, Mode::Error);
        stirred.check(copies);
    }
}

#[test]
fn a_clone_that_panics_while_edges_are_swapped_loses_nothing_and_poisons_nothing() {
    for graph in graphs() {
        let stirred = Stirred::new(graph);
        let copies = blast(&stirred, Mode::Panic);
        stirred.check(copies);
    }
}

#[test]
fn a_clone_that_has_too_many_objects_while_edges_are_swapped_loses_nothing_and_poisons_nothing() {
    for graph in graphs() {
        let stirred = Stirred::new(graph);
        let root = stirred.graph.root();
        let (mut copies, mut failed) = (0, 0);
        while_stirred(
            2,
            ROUNDS,
            |number| stirred.stir(number),
            |round| {
                let options = Options::new().max_objects(round % 12);
                let mut session = Session::with_options(options);
                stirred.detonator().disarm();
                match session.deep_clone(root) {
                    Ok(copy) => {
                        let objects = session.stats().objects as usize;
                        drop(session);
                        assert_eq!(stirred.detonator().steps(), 2 * objects);
                        copies += objects;
                        drop_copy(&copy);
                    }
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
                        assert_eq!(session.stats(), Session::new().stats());
                        failed += 1;
                    }
                }
            },
        );
        assert!(failed > 0);
        stirred.check(copies);
    }
}

#[test]
fn a_session_goes_on_after_a_failure_while_edges_are_swapped() {
    for mode in [Mode::Error, Mode::Panic] {
        let stirred = Stirred::new((Graph::strongly_cyclic(7), true));
        let root = stirred.graph.root();
        let (mut copies, mut failed) = (0, 0);
        while_stirred(
            2,
            (ROUNDS.0 / 5, ROUNDS.1 / 5),
            |number| stirred.stir(number),
            |round| {
                let mut session = Session::new();
                let detonator = stirred.detonator();
                let first = detonator.attempt_at(round % 9, mode, || session.deep_clone(root));
                let copy = session.deep_clone(root).expect("it is disarmed");
                // The graph may have had fewer steps in that moment.
                match first {
                    Some(first) => assert!(Arc::ptr_eq(&first.expect("no step failed"), &copy)),
                    None => failed += 1,
                }
                copies += session.stats().objects as usize;
                drop(session);
                drop_copy(&copy);
            },
        );
        assert!(failed > 0);
        stirred.check(copies);
    }
}
