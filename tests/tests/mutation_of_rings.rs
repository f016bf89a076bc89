//! Other threads rewire a ring while it is cloned: every copy is well-formed, and no count is lost on either side.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use deepclone::{DeepClone, Session};
use deepclone_tests::fuse::{Detonator, Fuse};
use deepclone_tests::stir::while_stirred;

/// How many nodes stay in the ring all the time.
const RING: usize = 8;

/// How many clones, and how often the ring has to be rewired in the middle of them.
const ROUNDS: (usize, usize) = (2_000, 2_000);

/// What a node is, in a number that no other type has at that place.
const WHEEL: u64 = 0x7768_6565_6c00_0000;
const GEAR: u64 = 0x6765_6172_0000_0000;

/// Whatever nodes carry: a `Fuse`, which is user code, or a plain number, so that only locks expose the source.
trait Cargo: DeepClone + Send + Sync + 'static {}

impl Cargo for Fuse {}
impl Cargo for [usize; 1] {}

/// Two types of one size, so that the allocator gives one the address of another.
#[derive(DeepClone)]
struct Wheel<C: Cargo> {
    kind: u64,
    id: u64,
    edges: Mutex<Vec<Edge<C>>>,
    cargo: C,
}

#[derive(DeepClone)]
struct Gear<C: Cargo> {
    cargo: C,
    edges: Mutex<Vec<Edge<C>>>,
    id: u64,
    kind: u64,
}

trait Part<C>: DeepClone + Send + Sync {
    fn id(&self) -> u64;
    fn edges(&self) -> MutexGuard<'_, Vec<Edge<C>>>
    where
        C: Cargo;
}

impl<C: Cargo> Part<C> for Wheel<C> {
    fn id(&self) -> u64 {
        assert_eq!(self.kind, WHEEL);
        self.id
    }
    fn edges(&self) -> MutexGuard<'_, Vec<Edge<C>>> {
        self.edges.lock().expect("not poisoned")
    }
}

impl<C: Cargo> Part<C> for Gear<C> {
    fn id(&self) -> u64 {
        assert_eq!(self.kind, GEAR);
        self.id
    }
    fn edges(&self) -> MutexGuard<'_, Vec<Edge<C>>> {
        self.edges.lock().expect("not poisoned")
    }
}

#[derive(DeepClone, Clone)]
enum Edge<C: Cargo> {
    Wheel(Arc<Wheel<C>>),
    Gear(Arc<Gear<C>>),
    Any(Arc<dyn Part<C>>),
    Back(Weak<Wheel<C>>),
}

impl<C: Cargo> Edge<C> {
    /// The allocation, and its counts.
    fn counts(&self) -> Option<(*const (), usize, usize)> {
        fn of<T: ?Sized>(edge: &Arc<T>) -> Option<(*const (), usize, usize)> {
            let counts = (Arc::strong_count(edge), Arc::weak_count(edge));
            Some((Arc::as_ptr(edge).cast(), counts.0, counts.1))
        }
        match self {
            Self::Wheel(wheel) => of(wheel),
            Self::Gear(gear) => of(gear),
            Self::Any(part) => of(part),
            Self::Back(_) => None,
        }
    }

    fn part(&self) -> Option<&dyn Part<C>> {
        match self {
            Self::Wheel(wheel) => Some(&**wheel),
            Self::Gear(gear) => Some(&**gear),
            Self::Any(part) => Some(&**part),
            Self::Back(_) => None,
        }
    }
}

fn wheel<C: Cargo>(id: u64, cargo: C) -> Arc<Wheel<C>> {
    Arc::new(Wheel {
        kind: WHEEL,
        id,
        edges: Mutex::default(),
        cargo,
    })
}

fn gear<C: Cargo>(id: u64, cargo: C) -> Arc<Gear<C>> {
    Arc::new(Gear {
        cargo,
        edges: Mutex::default(),
        id,
        kind: GEAR,
    })
}

/// Takes all edges out that can be reached from these, and checks on the way that everything is of its type, that each number below `RING` is there once at most,
/// and that all counts are the numbers of edges, beside so many strong ones that the caller has. Says how many allocations there were.
fn take_apart<C: Cargo>(roots: Vec<Edge<C>>, others: impl Fn(u64) -> usize) -> usize {
    let mut met: HashMap<*const (), (Edge<C>, usize)> = HashMap::new();
    let mut back: HashMap<*const (), usize> = HashMap::new();
    let mut edges = roots;
    let mut weak = Vec::new();
    while let Some(edge) = edges.pop() {
        let Some((address, ..)) = edge.counts() else {
            if let Edge::Back(handle) = edge {
                weak.push(handle);
            }
            continue;
        };
        if let Some((_, count)) = met.get_mut(&address) {
            *count += 1;
            continue;
        }
        let part = edge.part().expect("it has counts");
        edges.append(&mut part.edges());
        met.insert(address, (edge, 1));
    }
    for handle in &weak {
        if let Some(wheel) = handle.upgrade() {
            wheel.id();
            *back.entry(Arc::as_ptr(&wheel).cast()).or_default() += 1;
        }
    }
    assert!(back.keys().all(|address| met.contains_key(address)));
    let mut seen = [0; RING];
    for (address, (edge, _)) in &met {
        let (_, strong, weak) = edge.counts().expect("it is a strong edge");
        let id = edge.part().expect("it is a strong edge").id();
        if let Some(seen) = seen.get_mut(id as usize) {
            *seen += 1;
        }
        // The other edges were dropped when they were met.
        assert_eq!(strong, 1 + others(id));
        assert_eq!(weak, back.get(address).copied().unwrap_or(0), "{id}");
    }
    assert!(seen.iter().all(|times| *times <= 1), "{seen:?}");
    met.len()
}

/// A ring, and its nodes by their numbers: each leads to the next and, weakly, to the one before.
struct Ring<C: Cargo> {
    nodes: Vec<Arc<Wheel<C>>>,
}

impl<C: Cargo> Ring<C> {
    fn new(cargo: &impl Fn(usize) -> C) -> Self {
        let nodes: Vec<_> = (0..RING).map(|id| wheel(id as u64, cargo(id))).collect();
        for (id, node) in nodes.iter().enumerate() {
            let last = &nodes[(id + RING - 1) % RING];
            node.edges().extend([
                Edge::Wheel(nodes[(id + 1) % RING].clone()),
                Edge::Back(Arc::downgrade(last)),
            ]);
        }
        Self { nodes }
    }

    /// Exchanges what two nodes lead to, and what comes after the first edge of others. Old nodes that nothing leads to any more go.
    fn stir(&self, number: usize, cargo: &impl Fn(usize) -> C) {
        let (from, to) = (
            &self.nodes[number % RING],
            &self.nodes[number / RING % RING],
        );
        let id = RING as u64 + number as u64;
        match number % 5 {
            // The ring falls into two, or two become one.
            0 => {
                let taken = std::mem::take(&mut *from.edges());
                let others = std::mem::replace(&mut *to.edges(), taken);
                from.edges().extend(others);
            }
            // A new node in between, to which two edges lead, in one of two types.
            1 => {
                let new = wheel(id, cargo(number));
                new.edges().push(Edge::Wheel(to.clone()));
                new.edges().push(Edge::Back(Arc::downgrade(from)));
                to.edges().push(Edge::Any(new.clone()));
                from.edges().push(Edge::Wheel(new));
            }
            2 => {
                let new = gear(id, cargo(number));
                new.edges().push(Edge::Gear(new.clone()));
                new.edges().push(Edge::Any(from.clone()));
                to.edges().push(Edge::Any(new.clone()));
                from.edges().push(Edge::Gear(new));
            }
            // All that was added goes, or all but one.
            _ => {
                let mut edges = from.edges();
                let len = edges.len().min(2 + number % 2);
                let old = edges.split_off(len);
                drop(edges);
                for edge in &old {
                    if let Edge::Gear(gear) = edge {
                        let itself = std::mem::take(&mut *gear.edges());
                        drop(itself);
                    }
                }
            }
        }
    }
}

/// Clones a ring while two threads rewire it, by one call or several calls of a session. Gives what is left of the source.
fn clone_rings<C: Cargo>(cargo: impl Fn(usize) -> C + Sync, calls: usize) -> Ring<C> {
    let ring = Ring::new(&cargo);
    while_stirred(
        2,
        (ROUNDS.0 / calls, ROUNDS.1 / calls),
        |number| ring.stir(number, &cargo),
        |round| {
            let root = &ring.nodes[round % RING];
            let mut session = Session::new();
            let copies: Vec<_> = (0..calls)
                .map(|_| Edge::Wheel(session.deep_clone(root).expect("nothing in it fails")))
                .collect();
            drop(session);
            assert_eq!(copies[0].part().map(|part| part.id()), Some(root.id()));
            assert!(take_apart(copies, |_| 0) >= 1);
        },
    );
    ring
}

/// The source is as sound as its copies. The nodes of the ring have one owner more, and are all that is left afterwards.
fn check_source<C: Cargo>(ring: Ring<C>) {
    let roots = ring.nodes.iter().cloned().map(Edge::Wheel).collect();
    let others = |id| usize::from(id < RING as u64);
    assert!(take_apart(roots, others) >= RING);
    for (id, node) in ring.nodes.iter().enumerate() {
        assert_eq!((node.id(), node.edges().len()), (id as u64, 0));
        assert_eq!((Arc::strong_count(node), Arc::weak_count(node)), (1, 0));
    }
}

#[test]
fn a_ring_of_plain_nodes_is_whole_in_each_copy_while_threads_rewire_it() {
    check_source(clone_rings(|number| [number], 1));
}

#[test]
fn a_ring_of_nodes_with_user_code_is_whole_in_each_copy_and_no_node_is_lost() {
    let detonator = Detonator::new();
    let ring = clone_rings(|_| detonator.fuse(), 1);
    check_source(ring);
    // What was taken out of the ring while it led back to itself is taken apart by who takes it out.
    assert_eq!(detonator.live(), 0);
}

#[test]
fn a_ring_that_is_rewired_between_and_during_the_calls_of_a_session_is_whole_in_all_copies_together()
 {
    check_source(clone_rings(|number| [number], 3));
    let detonator = Detonator::new();
    check_source(clone_rings(|_| detonator.fuse(), 3));
    assert_eq!(detonator.live(), 0);
}
