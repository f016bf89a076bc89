//! The names in a recording: types, variants and the field lists of structs, each kept once.
//!
//! Field lists are the nodes of a trie. A struct walks one step per field; in the usual case that is the step the last
//! struct of the type took, found by comparing two addresses. Two `&'static str` with one address and one length are one
//! text, so no text is compared while recording.

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// How many nodes and labels a table may hold before the next recording starts with an empty one.
const LIMIT: usize = 8_192;
const NONE: u32 = u32::MAX;
/// How many names are found without hashing.
const FRONT: usize = 256;

/// A type's name, and one of its variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) name: &'static str,
    pub(crate) variant: &'static str,
    pub(crate) index: u32,
}

/// Ends each list of fields. Compared by address, and so no one's field.
static END: &str = "(end of fields)";
/// A place in no list.
pub(crate) const NOWHERE: usize = usize::MAX;

/// A shape that a struct may turn out to have, and the place of its next field in the lists.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guess {
    pub(crate) shape: u32,
    pub(crate) next: usize,
}

/// Whether the fields of a shape may be handed to a target as a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Unknown,
    InOrder,
    ByName,
}

#[derive(Debug)]
struct Node {
    key: &'static str,
    parent: u32,
    depth: u32,
    likely: u32,
    /// Of a root: the shape that the last struct ended with.
    guess: Guess,
    list: u32,
    /// Address and length of the target's field list that the verdict is about.
    target: Cell<(usize, usize)>,
    verdict: Cell<Verdict>,
}

impl Node {
    fn new(key: &'static str, parent: u32, depth: u32) -> Self {
        Self {
            key,
            parent,
            depth,
            likely: NONE,
            guess: Guess {
                shape: NONE,
                next: NOWHERE,
            },
            list: NONE,
            target: Cell::new((0, 0)),
            verdict: Cell::new(Verdict::Unknown),
        }
    }
}

type Address = (usize, usize);

fn address(text: &'static str) -> Address {
    (text.as_ptr().addr(), text.len())
}

#[inline(always)]
fn same(a: &'static str, b: &'static str) -> bool {
    std::ptr::eq(a, b)
}

/// Mixes addresses; they are no one's input, so nothing stronger is needed.
#[derive(Clone, Default, Debug)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}

type Map<K> = HashMap<K, u32, BuildHasherDefault<AddressHasher>>;

/// All names of a recording.
#[derive(Debug)]
pub(crate) struct Shapes {
    labels: Vec<Label>,
    label_front: [u32; FRONT],
    label_ids: Map<(Address, Address, u32)>,
    nodes: Vec<Node>,
    root_front: [u32; FRONT],
    root_ids: Map<Address>,
    child_ids: Map<(u32, Address)>,
    lists: Vec<&'static str>,
}

impl Default for Shapes {
    fn default() -> Self {
        Self {
            labels: Vec::new(),
            label_front: [NONE; FRONT],
            label_ids: Map::default(),
            nodes: Vec::new(),
            root_front: [NONE; FRONT],
            root_ids: Map::default(),
            child_ids: Map::default(),
            lists: Vec::new(),
        }
    }
}

impl Shapes {
    /// Forgets everything if the table has become large. Ids given out before are void then.
    pub(crate) fn trim(&mut self) {
        if self.nodes.len() + self.labels.len() + self.lists.len() / 4 > LIMIT {
            *self = Self::default();
        }
    }

    /// The id of a type's name, or of a variant.
    #[inline]
    pub(crate) fn label(&mut self, name: &'static str, variant: &'static str, index: u32) -> u32 {
        let mixed =
            name.as_ptr().addr() ^ variant.as_ptr().addr().wrapping_add(index as usize * 37);
        let slot = mixed % FRONT;
        let id = self.label_front[slot];
        match self.labels.get(id as usize) {
            Some(label)
                if same(label.name, name)
                    && same(label.variant, variant)
                    && label.index == index =>
            {
                id
            }
            _ => self.label_slow(slot, name, variant, index),
        }
    }

    #[cold]
    fn label_slow(
        &mut self,
        slot: usize,
        name: &'static str,
        variant: &'static str,
        index: u32,
    ) -> u32 {
        let next = self.labels.len() as u32;
        let id = *self
            .label_ids
            .entry((address(name), address(variant), index))
            .or_insert(next);
        if id == next {
            self.labels.push(Label {
                name,
                variant,
                index,
            });
        }
        self.label_front[slot] = id;
        id
    }

    /// What [`Shapes::label`] gave `id` for.
    #[inline]
    pub(crate) fn label_of(&self, id: u32) -> Option<&Label> {
        self.labels.get(id as usize)
    }

    /// The shape of a struct without fields, where every struct of that name starts, and a guess at the shape that it ends
    /// with: that of the last one.
    #[inline]
    pub(crate) fn start(&mut self, name: &'static str) -> (u32, Guess) {
        let slot = name.as_ptr().addr() % FRONT;
        let id = self.root_front[slot];
        match self.nodes.get(id as usize) {
            Some(node) if same(node.key, name) => (id, node.guess),
            _ => {
                let id = self.root_slow(slot, name);
                (id, self.nodes[id as usize].guess)
            }
        }
    }

    #[cold]
    fn root_slow(&mut self, slot: usize, name: &'static str) -> u32 {
        let next = self.nodes.len() as u32;
        let id = *self.root_ids.entry(address(name)).or_insert(next);
        if id == next {
            self.nodes.push(Node::new(name, NONE, 0));
        }
        self.root_front[slot] = id;
        id
    }

    /// The shape that has one field more than `shape`.
    #[inline]
    pub(crate) fn step(&mut self, shape: u32, key: &'static str) -> u32 {
        let likely = self.nodes[shape as usize].likely;
        match self.nodes.get(likely as usize) {
            Some(node) if same(node.key, key) => likely,
            _ => self.step_slow(shape, key),
        }
    }

    #[cold]
    fn step_slow(&mut self, shape: u32, key: &'static str) -> u32 {
        let next = self.nodes.len() as u32;
        let id = *self.child_ids.entry((shape, address(key))).or_insert(next);
        if id == next {
            let depth = self.nodes[shape as usize].depth + 1;
            self.nodes.push(Node::new(key, shape, depth));
        }
        self.nodes[shape as usize].likely = id;
        id
    }

    /// Whether the next field of a guess is `key`.
    #[inline(always)]
    pub(crate) fn is_guessed(&self, guess: Guess, key: &'static str) -> bool {
        let next = self.lists.get(guess.next);
        next.is_some_and(|name| same(name, key))
    }

    /// Whether a guess came out right, after its last field.
    #[inline(always)]
    pub(crate) fn is_complete(&self, guess: Guess) -> bool {
        self.is_guessed(guess, END)
    }

    /// The shape that has the fields of `guess` so far, when it turned out wrong.
    #[cold]
    pub(crate) fn give_up(&mut self, root: u32, guess: Guess) -> u32 {
        let mut shape = root;
        if let Some(node) = self.nodes.get(guess.shape as usize) {
            for at in node.list as usize..guess.next {
                shape = self.step(shape, self.lists[at]);
            }
        }
        shape
    }

    /// Marks `shape` as one that a struct ended with, so that its fields can be listed.
    pub(crate) fn finish(&mut self, root: u32, shape: u32) {
        if self.nodes[shape as usize].list == NONE {
            self.list(shape);
        }
        let next = self.nodes[shape as usize].list as usize;
        self.nodes[root as usize].guess = Guess { shape, next };
    }

    #[cold]
    fn list(&mut self, shape: u32) {
        let start = self.lists.len();
        let mut at = shape;
        while self.nodes[at as usize].parent != NONE {
            self.lists.push(self.nodes[at as usize].key);
            at = self.nodes[at as usize].parent;
        }
        self.lists[start..].reverse();
        self.lists.push(END);
        self.nodes[shape as usize].list = start as u32;
    }

    /// The field names of a shape that a struct ended with.
    #[inline]
    pub(crate) fn fields(&self, shape: u32) -> &[&'static str] {
        let Some(node) = self.nodes.get(shape as usize) else {
            return &[];
        };
        let start = node.list as usize;
        self.lists
            .get(start..start + node.depth as usize)
            .unwrap_or(&[])
    }

    /// The name of the struct that has `shape`.
    pub(crate) fn struct_name(&self, shape: u32) -> &'static str {
        let mut at = shape as usize;
        while self.nodes[at].parent != NONE {
            at = self.nodes[at].parent as usize;
        }
        self.nodes[at].key
    }

    /// Whether a target that asks for `wanted` may get the fields of `shape` as a sequence: the names are the same, in
    /// the same order, and no such target has refused before.
    #[inline]
    pub(crate) fn verdict(&self, shape: u32, wanted: &'static [&'static str]) -> Verdict {
        let Some(node) = self.nodes.get(shape as usize) else {
            return Verdict::ByName;
        };
        let target = (wanted.as_ptr().addr(), wanted.len());
        if node.target.get() == target && node.verdict.get() != Verdict::Unknown {
            return node.verdict.get();
        }
        self.verdict_slow(shape, node, wanted, target)
    }

    #[cold]
    fn verdict_slow(
        &self,
        shape: u32,
        node: &Node,
        wanted: &'static [&'static str],
        target: (usize, usize),
    ) -> Verdict {
        let private = self.struct_name(shape).starts_with('$');
        let verdict = if !private && self.fields(shape) == wanted {
            Verdict::InOrder
        } else {
            Verdict::ByName
        };
        node.target.set(target);
        node.verdict.set(verdict);
        verdict
    }

    /// Remembers that the target that last asked for `shape` wants its fields by name.
    pub(crate) fn refuse(&self, shape: u32) {
        self.nodes[shape as usize].verdict.set(Verdict::ByName);
    }
}
