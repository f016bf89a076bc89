//! Random graphs with chains of any length, and what comes of copying them. `Rc` is the pointer of the module around.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Mutex;

use deepclone::{DeepClone, Error, ErrorKind, Options, Session, impl_deep_clone};

use super::{Rc, Weak};

/// Deeper than pointers are followed without a stop, with or without optimisation.
const LONG: u32 = 1_500;

/// What a node leads to.
#[derive(DeepClone)]
enum Item {
    Strong(Rc<Node>),
    Weak(Weak<Node>),
    Sees(Sees),
    Asks(Asks),
    ByHand(Rc<Parent>),
    Child(Weak<Parent>),
    Locked(Rc<Mutex<Vec<Item>>>),
    Key(HashMap<u32, Rc<Node>>),
    Chain(Rc<Link>),
}

#[derive(DeepClone)]
struct Node {
    id: u32,
    items: RefCell<Vec<Item>>,
}

/// A link of a chain. What it holds itself comes behind the rest of the chain.
#[derive(DeepClone)]
struct Link {
    next: Option<Rc<Link>>,
    /// The next one in some chains.
    locked: Mutex<Option<Rc<Link>>>,
    end: Option<Item>,
    counted: Counted,
    back: RefCell<Weak<Link>>,
}

impl Link {
    fn next(&self) -> Option<Rc<Link>> {
        let locked = self.locked.lock().expect("nobody panics under it");
        self.next.clone().or_else(|| locked.clone())
    }

    fn take_next(&mut self) -> Option<Rc<Link>> {
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
struct Counted(#[deepclone(with = count)] u32);

thread_local! {
    static COUNTED: Cell<u32> = const { Cell::new(0) };
}

fn count(number: &u32) -> u32 {
    COUNTED.set(COUNTED.get() + 1);
    *number
}

/// Written by hand: notes whether its target is there.
struct Sees {
    target: Weak<Node>,
    saw: Option<bool>,
}

impl_deep_clone! { impl for Sees = |sees, cloner| {
    let target = cloner.deep_clone(&sees.target)?;
    let saw = Some(target.upgrade().is_some());
    Ok(Sees { target, saw })
} }

/// Written by hand: has to get a finished node.
struct Asks(Rc<Node>);

impl_deep_clone! { impl for Asks = |asks, cloner| Ok(Asks(cloner.deep_clone(&asks.0)?)) }

/// A pointee written by hand.
struct Parent {
    id: u32,
    items: RefCell<Vec<Item>>,
}

impl_deep_clone! { impl for Parent = |parent, cloner| {
    let items = RefCell::new(cloner.deep_clone(&*parent.items.borrow())?);
    Ok(Parent { id: parent.id, items })
} }

/// Numbers that look like chance and are the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

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
            Item::Key(map) => map
                .values()
                .for_each(|node| ahead.append(&mut node.items.take())),
            Item::Chain(link) => {
                let mut next = Some(link);
                // Whoever else has a handle comes later.
                while let Some(mut link) = next.and_then(Rc::into_inner) {
                    next = link.take_next();
                    ahead.extend(link.end.take());
                }
            }
            Item::Weak(_) | Item::Sees(_) | Item::Child(_) => {}
        }
    }
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
    match chance.below(14) {
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
