//! An independent walk: what is reachable from a workspace, edge by edge, by plain reads of the model.
//!
//! It knows nothing of the engine. Allocations are numbered in the order in which they are met, and edges are met in the order in
//! which they are stored; so two graphs are isomorphic, edge order included, exactly if their walks write down the same thing.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::licence::License;
use crate::model::{Package, Workspace};

/// What an allocation holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Workspace,
    Package,
    Licence,
    Text,
}

/// What an edge means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Lists,
    Member,
    DependsOn,
    NeededBy,
    Licence,
    Part,
    Text,
    /// The one weak edge.
    BelongsTo,
}

/// One `Rc` allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) kind: Kind,
    /// Everything in it that is no edge.
    pub(crate) content: String,
    /// Counts of the allocation, without the handle of whoever asked for the walk.
    pub(crate) strong: usize,
    pub(crate) weak: usize,
}

/// From and to by number; a weak edge whose target no strong edge reaches leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) from: usize,
    pub(crate) to: Option<usize>,
    pub(crate) role: Role,
}

impl Edge {
    pub(crate) fn is_strong(&self) -> bool {
        self.role != Role::BelongsTo
    }
}

/// What a walk found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Walk {
    pub(crate) objects: Vec<Object>,
    pub(crate) edges: Vec<Edge>,
    /// By object: address and length of what the allocation holds.
    pointees: Vec<(usize, usize)>,
    /// The buffers that these own.
    buffers: Vec<(usize, usize)>,
}

impl Walk {
    /// The same objects, contents and edges in the same order, and the same counts.
    pub(crate) fn is_isomorphic_to(&self, other: &Self) -> bool {
        self.objects == other.objects && self.edges == other.edges
    }

    /// No byte in common.
    pub(crate) fn is_disjoint_from(&self, other: &Self) -> bool {
        let memory = other
            .pointees
            .iter()
            .chain(&other.buffers)
            .copied()
            .collect();
        overlaps(&self.pointees, &memory) + overlaps(&self.buffers, &memory) == 0
    }

    /// How many allocations of this graph belong to the other one, too.
    pub(crate) fn objects_shared_with(&self, other: &Self) -> usize {
        overlaps(&self.pointees, &other.pointees.iter().copied().collect())
    }

    /// Strong and weak counts of every allocation are the edges that lead to it.
    pub(crate) fn counts_are_edges(&self) -> bool {
        let mut found = vec![(0, 0); self.objects.len()];
        for edge in &self.edges {
            let Some(to) = edge.to else { continue };
            if edge.is_strong() {
                found[to].0 += 1;
            } else {
                found[to].1 += 1;
            }
        }
        self.objects
            .iter()
            .map(|object| (object.strong, object.weak))
            .eq(found)
    }

    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.objects
            .iter()
            .filter(|object| object.kind == kind)
            .count()
    }

    pub(crate) fn strong_edges(&self) -> usize {
        self.edges.iter().filter(|edge| edge.is_strong()).count()
    }
}

/// How many of `ranges` overlap with `memory`, which maps addresses to lengths.
fn overlaps(ranges: &[(usize, usize)], memory: &BTreeMap<usize, usize>) -> usize {
    let overlap = |&&(start, len): &&(usize, usize)| {
        let last = memory.range(..start + len).next_back();
        len > 0 && last.is_some_and(|(other, len)| other + len > start)
    };
    ranges.iter().filter(overlap).count()
}

/// Walks all that is reachable from `root`.
pub(crate) fn walk(root: &Rc<Workspace>) -> Walk {
    let mut walker = Walker::default();
    walker.number(Handle::Workspace(Rc::clone(root)));
    let mut at = 0;
    while let Some(handle) = walker.handles.get(at) {
        let content = match handle.clone() {
            Handle::Workspace(workspace) => walker.workspace(at, &workspace),
            Handle::Package(package) => walker.package(at, &package.borrow()),
            Handle::Licence(licence) => walker.licence(at, &*licence),
            Handle::Text(text) => text.to_string(),
        };
        walker.contents.push(content);
        at += 1;
    }
    walker.finish()
}

/// Keeps an allocation alive while the walk goes on.
#[derive(Clone)]
enum Handle {
    Workspace(Rc<Workspace>),
    Package(Rc<RefCell<Package>>),
    Licence(Rc<dyn License>),
    Text(Rc<str>),
}

impl Handle {
    fn kind(&self) -> Kind {
        match self {
            Self::Workspace(_) => Kind::Workspace,
            Self::Package(_) => Kind::Package,
            Self::Licence(_) => Kind::Licence,
            Self::Text(_) => Kind::Text,
        }
    }

    fn range(&self) -> (usize, usize) {
        match self {
            Self::Workspace(rc) => (Rc::as_ptr(rc).addr(), size_of_val(&**rc)),
            Self::Package(rc) => (Rc::as_ptr(rc).addr(), size_of_val(&**rc)),
            Self::Licence(rc) => (Rc::as_ptr(rc).addr(), size_of_val(&**rc)),
            Self::Text(rc) => (Rc::as_ptr(rc).addr(), rc.len()),
        }
    }

    fn counts(&self) -> (usize, usize) {
        match self {
            Self::Workspace(rc) => (Rc::strong_count(rc), Rc::weak_count(rc)),
            Self::Package(rc) => (Rc::strong_count(rc), Rc::weak_count(rc)),
            Self::Licence(rc) => (Rc::strong_count(rc), Rc::weak_count(rc)),
            Self::Text(rc) => (Rc::strong_count(rc), Rc::weak_count(rc)),
        }
    }
}

#[derive(Default)]
struct Walker {
    handles: Vec<Handle>,
    contents: Vec<String>,
    numbers: HashMap<(Kind, usize), usize>,
    edges: Vec<Edge>,
    pointees: Vec<(usize, usize)>,
    buffers: Vec<(usize, usize)>,
}

impl Walker {
    fn number(&mut self, handle: Handle) -> usize {
        let (address, len) = handle.range();
        *self
            .numbers
            .entry((handle.kind(), address))
            .or_insert_with(|| {
                self.pointees.push((address, len));
                self.handles.push(handle);
                self.handles.len() - 1
            })
    }

    fn edge(&mut self, from: usize, role: Role, to: Handle) {
        let to = Some(self.number(to));
        self.edges.push(Edge { from, to, role });
    }

    fn buffer<T>(&mut self, start: *const T, capacity: usize) {
        if capacity > 0 {
            self.buffers.push((start.addr(), capacity * size_of::<T>()));
        }
    }

    fn text(&mut self, text: &str) {
        self.buffer(text.as_ptr(), text.len());
    }

    fn workspace(&mut self, at: usize, workspace: &Workspace) -> String {
        self.text(&workspace.root);
        for (role, list) in [
            (Role::Lists, &workspace.packages),
            (Role::Member, &workspace.members),
        ] {
            self.buffer(list.as_ptr(), list.len());
            for package in list {
                self.edge(at, role, Handle::Package(Rc::clone(package)));
            }
        }
        workspace.root.clone()
    }

    fn package(&mut self, at: usize, package: &Package) -> String {
        self.text(&package.name);
        self.text(&package.version);
        for (role, list) in [
            (Role::DependsOn, &package.dependencies),
            (Role::NeededBy, &package.dependents),
        ] {
            self.buffer(list.as_ptr(), list.len());
            for other in list {
                self.edge(at, role, Handle::Package(Rc::clone(other)));
            }
        }
        self.edge(
            at,
            Role::Licence,
            Handle::Licence(Rc::clone(&package.licence)),
        );
        self.buffer(package.texts.as_ptr(), package.texts.len());
        for text in &package.texts {
            self.edge(at, Role::Text, Handle::Text(Rc::clone(text)));
        }
        let owner = (Kind::Workspace, package.workspace.as_ptr().addr());
        let to = self.numbers.get(&owner).copied();
        self.edges.push(Edge {
            from: at,
            to,
            role: Role::BelongsTo,
        });
        package.label()
    }

    fn licence(&mut self, at: usize, licence: &dyn License) -> String {
        if let Some(words) = licence.words() {
            self.text(words);
        }
        self.buffer(licence.parts().as_ptr(), licence.parts().len());
        for part in licence.parts() {
            self.edge(at, Role::Part, Handle::Licence(Rc::clone(part)));
        }
        licence.name().to_owned()
    }

    /// Reads the counts. Every allocation has one handle of the walk, the root one more of the caller.
    fn finish(self) -> Walk {
        let objects = self
            .handles
            .iter()
            .zip(self.contents)
            .enumerate()
            .map(|(at, (handle, content))| {
                let (strong, weak) = handle.counts();
                Object {
                    kind: handle.kind(),
                    content,
                    strong: strong - 1 - usize::from(at == 0),
                    weak,
                }
            })
            .collect();
        Walk {
            objects,
            edges: self.edges,
            pointees: self.pointees,
            buffers: self.buffers,
        }
    }
}
