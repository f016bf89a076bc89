//! A symbol table: scopes that know what encloses them, symbols that share their types.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::{Rc, Weak};

use deepclone::DeepClone;
use rustc_hash::FxHashMap;
#[cfg(feature = "serialized")]
use serde::{Deserialize, Serialize};

use crate::contender::Role;
use crate::description::Description;
use crate::peers::peer_struct;
use crate::serialized::Edge;
use crate::workload::{Builder, CLONE, Workload};

#[derive(DeepClone)]
#[cfg_attr(feature = "serialized", derive(Serialize, Deserialize))]
struct Scope {
    symbols: HashMap<String, Symbol>,
    #[cfg_attr(feature = "serialized", serde(with = "deepclone_serde::shared"))]
    around: Weak<RefCell<Scope>>,
    #[cfg_attr(feature = "serialized", serde(with = "crate::serialized::edges"))]
    within: Vec<Rc<RefCell<Scope>>>,
}

#[derive(DeepClone)]
#[cfg_attr(feature = "serialized", derive(Serialize, Deserialize))]
struct Symbol {
    line: u32,
    #[cfg_attr(feature = "serialized", serde(with = "deepclone_serde::shared"))]
    of_type: Rc<Type>,
}

#[derive(DeepClone)]
#[cfg_attr(feature = "serialized", derive(Serialize, Deserialize))]
struct Type {
    name: String,
    #[cfg_attr(feature = "serialized", serde(with = "crate::serialized::edges"))]
    parameters: Vec<Rc<Type>>,
}

peer_struct! {
    Scope { symbols, around, within }
    Symbol { line, of_type }
    Type { name, parameters }
}

type Table = Rc<RefCell<Scope>>;

fn table(scopes: usize, each: u32) -> Table {
    let mut random = fastrand::Rng::with_seed(3);
    let mut types: Vec<Rc<Type>> = Vec::new();
    for n in 0..200 {
        let parameters = (0..random.usize(..3).min(n))
            .map(|_| types[random.usize(..n)].clone())
            .collect();
        types.push(Rc::new(Type {
            name: format!("Type{n}"),
            parameters,
        }));
    }
    let root = Rc::new(RefCell::new(Scope {
        symbols: HashMap::new(),
        around: Weak::new(),
        within: Vec::new(),
    }));
    let mut all = vec![root.clone()];
    for n in 1..scopes {
        let around = all[random.usize(..n)].clone();
        let symbols = (0..each)
            .map(|line| {
                let of_type = types[random.usize(..types.len())].clone();
                (format!("symbol{line}"), Symbol { line, of_type })
            })
            .collect();
        let scope = Rc::new(RefCell::new(Scope {
            symbols,
            around: Rc::downgrade(&around),
            within: Vec::new(),
        }));
        around.borrow_mut().within.push(scope.clone());
        all.push(scope);
    }
    root
}

/// Written for this type: only types are shared, so only they need a memo. Without one, each use of a type gets a copy of its own.
struct ByHand {
    types: Option<FxHashMap<*const Type, Rc<Type>>>,
}

impl ByHand {
    fn of_type(&mut self, source: &Rc<Type>) -> Rc<Type> {
        let types = self.types.as_ref();
        if let Some(copy) = types.and_then(|types| types.get(&Rc::as_ptr(source))) {
            return copy.clone();
        }
        let copy = Rc::new(Type {
            name: source.name.clone(),
            parameters: source
                .parameters
                .iter()
                .map(|of| self.of_type(of))
                .collect(),
        });
        if let Some(types) = &mut self.types {
            types.insert(Rc::as_ptr(source), copy.clone());
        }
        copy
    }

    fn scope(&mut self, source: &Table, around: Weak<RefCell<Scope>>) -> Table {
        Rc::new_cyclic(|this| {
            let source = source.borrow();
            RefCell::new(Scope {
                symbols: source
                    .symbols
                    .iter()
                    .map(|(name, symbol)| {
                        let symbol = Symbol {
                            line: symbol.line,
                            of_type: self.of_type(&symbol.of_type),
                        };
                        (name.clone(), symbol)
                    })
                    .collect(),
                around,
                within: source
                    .within
                    .iter()
                    .map(|within| self.scope(within, this.clone()))
                    .collect(),
            })
        })
    }
}

fn describe_type(of: &Rc<Type>, seen: &mut Description) {
    seen.rc(of);
    seen.note(&of.name);
    of.parameters.iter().for_each(|of| describe_type(of, seen));
    seen.note("/");
}

fn describe(scope: &Table, seen: &mut Description) {
    seen.rc(scope);
    let scope = scope.borrow();
    seen.weak(&scope.around);
    for (name, symbol) in BTreeMap::from_iter(&scope.symbols) {
        seen.note(name);
        seen.note(symbol.line);
        describe_type(&symbol.of_type, seen);
    }
    scope
        .within
        .iter()
        .for_each(|within| describe(within, seen));
    seen.note("/");
}

pub(super) fn symbols() -> Workload {
    Builder::new(
        "scopes",
        "a symbol table: 2k scopes of 16 symbols, 200 shared types",
        "what a compiler forks before it tries something: maps, Weak parents and sharing together",
        Edge(table(2000, 16)),
    )
    .described(|Edge(root)| {
        let mut seen = Description::default();
        describe(root, &mut seen);
        seen
    })
    .by_hand("new_cyclic, Fx memo of types", |Edge(root)| {
        let types = Some(FxHashMap::default());
        Edge(ByHand { types }.scope(root, Weak::new()))
    })
    .by_hand("new_cyclic, no memo, duplicates", |Edge(root)| {
        Edge(ByHand { types: None }.scope(root, Weak::new()))
    })
    .derived(|Edge(root)| Edge(root.deep_clone()))
    .peer(|Edge(root)| Edge(peer::DeepClone::deep_clone(root)))
    .through_serde()
    .unable(Role::Clone, CLONE, "Clone of an Rc shares")
    .build()
}
