//! Random graphs with chains of any length, and what comes of copying them. `Rc` is the pointer of the module around.

use std::cell::RefCell;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::fmt::Write;
use std::sync::Mutex;

use deepclone::{DeepClone, Error, ErrorKind, Options, Session};
use deepclone_tests::chance::Chance;

use super::items::{Asks, ById, ByTarget, COUNTED, Counted, Item, Link, Node, Parent, Sees};
use super::{Rc, Weak};

/// Kinds of items, with chains a few times.
const KINDS: usize = 22;

/// Deeper than pointers are followed without a stop, with or without optimisation.
const LONG: u32 = 1_500;

/// A graph, and what has to be taken apart before it can go.
struct Graph {
    root: Vec<Item>,
    nodes: Vec<Rc<Node>>,
    parents: Vec<Rc<Parent>>,
    /// Second handles, for what is to look shared.
    links: Vec<Rc<Link>>,
}

impl Drop for Graph {
    fn drop(&mut self) {
        for node in &self.nodes {
            self.root.append(&mut node.items.take());
        }
        for parent in &self.parents {
            self.root.append(&mut parent.items.take());
        }
        cut(std::mem::take(&mut self.root));
    }
}

/// Cuts the cycles, and the chains link by link.
fn cut(root: Vec<Item>) {
    let mut ahead = root;
    while let Some(item) = ahead.pop() {
        match item {
            Item::Strong(node) | Item::Asks(Asks(node)) => ahead.append(&mut node.items.take()),
            Item::ByHand(parent) => ahead.append(&mut parent.items.take()),
            Item::Locked(items) => {
                ahead.append(&mut items.lock().expect("nobody panics under it"));
            }
            Item::Key(map) => map.values().for_each(|node| cut_node(node, &mut ahead)),
            Item::Hashed(map) => map.iter().for_each(|(key, node)| {
                cut_node(&key.0, &mut ahead);
                cut_node(node, &mut ahead);
            }),
            Item::Sorted(map) => map.iter().for_each(|(key, node)| {
                cut_node(&key.0, &mut ahead);
                cut_node(node, &mut ahead);
            }),
            Item::Set(set) => set.iter().for_each(|key| cut_node(&key.0, &mut ahead)),
            Item::Heap(heap) => heap.iter().for_each(|key| cut_node(&key.0, &mut ahead)),
            Item::Looked(map) => map.values().for_each(|node| cut_node(node, &mut ahead)),
            #[cfg(feature = "foreign")]
            Item::Parked(items) => ahead.append(&mut items.lock()),
            #[cfg(feature = "foreign")]
            Item::Dashed(map) => map.iter().for_each(|node| cut_node(&node, &mut ahead)),
            Item::Chain(link) => {
                let mut next = Some(link);
                // Whoever else has a handle comes later.
                while let Some(mut link) = next.and_then(Rc::into_inner) {
                    next = link.take_next();
                    ahead.extend(link.end.take());
                }
            }
            Item::Weak(_) | Item::Sees(_) | Item::Child(_) | Item::LookedInOrder(_) => {}
        }
    }
}

fn cut_node(node: &Rc<Node>, ahead: &mut Vec<Item>) {
    ahead.append(&mut node.items.take());
}

/// A graph of a few nodes with some things behind chains.
fn graph(seed: u64, length: u32) -> Graph {
    let mut chance = Chance(seed);
    let count = 1 + chance.below(4);
    let nodes: Vec<_> = (0..count as u32)
        .map(|id| {
            let items = RefCell::default();
            Rc::new(Node { id, items })
        })
        .collect();
    let parents: Vec<_> = (0..2)
        .map(|id| {
            let items = RefCell::default();
            Rc::new(Parent { id, items })
        })
        .collect();
    let mut graph = Graph {
        root: vec![],
        nodes,
        parents,
        links: vec![],
    };
    for index in 0..graph.nodes.len() {
        let items = some_items(&mut graph, &mut chance, length, 3);
        graph.nodes[index].items.replace(items);
    }
    for index in 0..graph.parents.len() {
        let items = some_items(&mut graph, &mut chance, length, 2);
        graph.parents[index].items.replace(items);
    }
    graph.root = some_items(&mut graph, &mut chance, length, 5);
    graph
}

fn some_items(graph: &mut Graph, chance: &mut Chance, length: u32, most: usize) -> Vec<Item> {
    let count = chance.below(most + 1);
    (0..count).map(|_| item(graph, chance, length)).collect()
}

fn item(graph: &mut Graph, chance: &mut Chance, length: u32) -> Item {
    let node = Rc::clone(&graph.nodes[chance.below(graph.nodes.len())]);
    let parent = Rc::clone(&graph.parents[chance.below(graph.parents.len())]);
    // A ring that was finished for a key is user code's to cut where the call fails, and nobody here has it.
    let (other, kind) = if std::env::var_os("LEAKS_ARE_TOLD").is_some() {
        let kind = chance.below(14);
        (Rc::clone(&node), if kind > 10 { KINDS } else { kind })
    } else {
        let other = Rc::clone(&graph.nodes[chance.below(graph.nodes.len())]);
        (other, chance.below(KINDS))
    };
    match kind {
        0..=2 => Item::Strong(node),
        3 => Item::Weak(Rc::downgrade(&node)),
        4 | 5 => Item::Sees(Sees {
            target: Rc::downgrade(&node),
            saw: None,
        }),
        6 => Item::Asks(Asks(node)),
        7 => Item::ByHand(parent),
        8 => Item::Child(Rc::downgrade(&parent)),
        9 => {
            let items = some_items(graph, chance, length, 2);
            Item::Locked(Rc::new(Mutex::new(items)))
        }
        10 => Item::Key([(7, node)].into()),
        11 => Item::Hashed(HashMap::from([(ById(node), other)])),
        12 => Item::Sorted(BTreeMap::from([
            (ById(node), Rc::clone(&other)),
            (ById(Rc::clone(&other)), other),
        ])),
        13 => Item::Set([ById(node), ById(other)].into_iter().collect()),
        14 => Item::Heap(BinaryHeap::from([ById(node), ById(other)])),
        15 => Item::Looked(HashMap::from([(ByTarget(Rc::downgrade(&node)), other)])),
        16 => Item::LookedInOrder(BTreeMap::from([
            (ByTarget(Rc::downgrade(&node)), 1),
            (ByTarget(Rc::downgrade(&other)), 2),
        ])),
        #[cfg(feature = "foreign")]
        17 => {
            let items = some_items(graph, chance, length, 2);
            Item::Parked(Rc::new(parking_lot::Mutex::new(items)))
        }
        #[cfg(feature = "foreign")]
        18 => Item::Dashed(Rc::new([(7, node)].into_iter().collect())),
        _ => {
            let end = item(graph, chance, length);
            let is_shared = chance.below(2) == 0;
            let has_back = chance.below(3) == 0;
            let is_locked = chance.below(3) == 0;
            let mut chain = None;
            let mut end = Some(end);
            for number in 0..length {
                let next: Option<Rc<Link>> = chain.take();
                let (next, locked) = if is_locked {
                    (None, next)
                } else {
                    (next, None)
                };
                let link = Rc::new(Link {
                    next,
                    locked: Mutex::new(locked),
                    end: end.take(),
                    counted: Counted(number),
                    back: RefCell::default(),
                });
                if let Some(next) = link.next().filter(|_| has_back) {
                    next.back.replace(Rc::downgrade(&link));
                }
                if is_shared {
                    graph.links.push(Rc::clone(&link));
                }
                chain = Some(link);
            }
            Item::Chain(chain.expect("some links"))
        }
    }
}

/// Writes down what can be reached, with nodes by their numbers and chains without their length.
#[derive(Default)]
struct Description {
    text: String,
    nodes: HashMap<*const (), usize>,
}

impl Description {
    fn of(items: &[Item]) -> String {
        let mut description = Self::default();
        description.items(items);
        description.text
    }

    /// Whether it is met for the first time.
    fn meets(&mut self, at: *const (), name: &str) -> bool {
        let next = self.nodes.len();
        let number = *self.nodes.entry(at).or_insert(next);
        write!(self.text, "{name}{number} ").expect("a string takes all");
        number == next
    }

    fn node(&mut self, node: &Rc<Node>) {
        if self.meets(Rc::as_ptr(node).cast(), "node ") {
            write!(self.text, "is {} ", node.id).expect("a string takes all");
            self.items(&node.items.borrow());
        }
    }

    fn items(&mut self, items: &[Item]) {
        self.text.push_str("( ");
        for item in items {
            match item {
                Item::Strong(node) => self.node(node),
                Item::Weak(weak) => self.weak(weak),
                Item::Sees(sees) => {
                    write!(self.text, "saw {:?} ", sees.saw).expect("a string takes all");
                    self.weak(&sees.target);
                }
                Item::Asks(asks) => self.node(&asks.0),
                Item::ByHand(parent) => self.parent(parent),
                Item::Child(parent) => match parent.upgrade() {
                    Some(parent) => self.parent(&parent),
                    None => self.text.push_str("dangles "),
                },
                Item::Locked(items) => {
                    self.items(&items.lock().expect("nobody panics under it"));
                }
                Item::Key(map) => self.node(&map[&7]),
                Item::Hashed(map) => map.keys().for_each(|key| {
                    self.node(&key.0);
                    self.node(&map[key]);
                }),
                Item::Sorted(map) => map.keys().for_each(|key| {
                    self.node(&key.0);
                    self.node(&map[key]);
                }),
                Item::Set(set) => {
                    let mut keys: Vec<_> = set.iter().collect();
                    keys.sort();
                    for key in keys {
                        assert!(set.contains(key));
                        self.node(&key.0);
                    }
                }
                Item::Heap(heap) => {
                    for key in heap.clone().into_sorted_vec() {
                        self.node(&key.0);
                    }
                }
                Item::Looked(map) => map.keys().for_each(|key| {
                    self.weak(&key.0);
                    self.node(&map[key]);
                }),
                Item::LookedInOrder(map) => map.keys().for_each(|key| {
                    self.weak(&key.0);
                    write!(self.text, "{} ", map[key]).expect("a string takes all");
                }),
                #[cfg(feature = "foreign")]
                Item::Parked(items) => self.items(&items.lock()),
                #[cfg(feature = "foreign")]
                Item::Dashed(map) => self.node(&map.get(&7).expect("it is there")),
                Item::Chain(link) => {
                    self.text.push_str("chain ");
                    let mut link = Rc::clone(link);
                    while let Some(next) = link.next() {
                        let back = next.back.borrow().upgrade();
                        assert!(back.is_none_or(|back| Rc::ptr_eq(&back, &link)));
                        link = next;
                    }
                    self.items(link.end.as_slice());
                }
            }
        }
        self.text.push_str(") ");
    }

    fn weak(&mut self, weak: &Weak<Node>) {
        match weak.upgrade() {
            Some(node) => self.node(&node),
            None => self.text.push_str("dangles "),
        }
    }

    fn parent(&mut self, parent: &Rc<Parent>) {
        if self.meets(Rc::as_ptr(parent).cast(), "parent ") {
            write!(self.text, "is {} ", parent.id).expect("a string takes all");
            self.items(&parent.items.borrow());
        }
    }
}

/// What comes of a copy: its description or the kind of error.
fn outcome(graph: &Graph, in_session: bool) -> Result<String, ErrorKind> {
    COUNTED.set(0);
    let copy: Result<Vec<Item>, Error> = if in_session {
        Session::with_options(Options::new()).deep_clone(&graph.root)
    } else {
        graph.root.try_deep_clone()
    };
    match copy {
        Ok(copy) => {
            let text = Description::of(&copy);
            cut(copy);
            Ok(text)
        }
        Err(error) => Err(error.kind()),
    }
}

fn assert_same(seeds: std::ops::Range<u64>) {
    let (mut copied, mut failed) = (0, 0);
    for seed in seeds {
        for in_session in [false, true] {
            let short = outcome(&graph(seed, 2), in_session);
            let long = outcome(&graph(seed, LONG), in_session);
            assert_eq!(short, long, "seed {seed}, in a session: {in_session}");
            *if short.is_ok() {
                &mut copied
            } else {
                &mut failed
            } += 1;
        }
    }
    assert!(copied > 0 && failed > 0, "{copied} copied, {failed} failed");
}

#[test]
fn random_graphs_with_code_by_hand_come_out_the_same_behind_short_chains_and_long_ones() {
    let rounds = std::env::var("DEPTH_ROUNDS").ok();
    let rounds = rounds.and_then(|rounds| rounds.parse().ok());
    assert_same(0..rounds.unwrap_or(250));
}
