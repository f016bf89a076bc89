//! Whether time and memory stay linear as a value grows.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use deepclone::DeepClone;

use crate::clock::{Rounds, measure_two};
use crate::contender::{Copying, copying};
use crate::heap::{Counter, Heap};
use crate::machine::Cache;
use crate::stack::on_ordinary_stack;
use crate::workloads::{cyclic, lists, parents};

/// A value that comes in any size.
pub struct Growing {
    /// Its name.
    pub name: &'static str,
    make: fn(usize) -> Made,
}

/// One size of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// How many nodes.
    pub nodes: usize,
    /// Nanoseconds a node.
    pub time: f64,
    /// The same of the best copy by hand, for this type alone.
    pub by_hand: f64,
    /// What the copy asked of the heap.
    pub heap: Heap,
    /// What there is to say about it.
    pub flag: Option<Flag>,
}

/// What there is to say about a step.
#[derive(Clone, PartialEq, Debug)]
pub enum Flag {
    /// A node costs more time than in the size before, and a copy by hand beside it doesn't.
    MoreTime,
    /// A node costs more memory than in the size before.
    MoreMemory,
    /// It has outgrown caches, which are named.
    Leaves(String),
    /// A node costs more time, as it does for a copy by hand, which grows by this.
    Memory(f64),
}

impl Flag {
    /// Whether it means that the cost isn't linear.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::MoreTime | Self::MoreMemory)
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MoreTime => f.write_str("more time than linear"),
            Self::MoreMemory => f.write_str("more memory than linear"),
            Self::Leaves(caches) => write!(f, "leaves {caches}"),
            Self::Memory(by) => write!(f, "memory: a copy by hand grows by {by:.1} as well"),
        }
    }
}

/// From a thousand to ten million.
pub const SIZES: [usize; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];

/// The copiers of a value, ours and the one by hand, and what gets rid of the value.
type Made = ([Box<dyn Copying>; 2], Box<dyn FnOnce()>);

fn made<T: 'static>(source: T, copies: [fn(&T) -> T; 2], retire: fn(T)) -> Made {
    let source = Rc::new(source);
    let copiers = copies.map(|copy| copying(&source, copy, retire, None));
    let dispose = move || {
        if let Some(source) = Rc::into_inner(source) {
            retire(source);
        }
    };
    (copiers, Box::new(dispose))
}

/// What grows.
pub const GROWING: &[Growing] = &[
    Growing {
        name: "a list of Rc",
        make: |nodes| {
            let copy = |list: &Rc<lists::Link>| on_ordinary_stack(|| list.deep_clone());
            let copies = [copy, lists::backwards];
            made(lists::chain(nodes as u64), copies, lists::dismantle)
        },
    },
    Growing {
        name: "a tree with Weak parents",
        make: |nodes| {
            let copy = |tree: &parents::Tree| tree.deep_clone();
            let copies = [copy, parents::by_hand];
            made(parents::grow(nodes as u64), copies, drop)
        },
    },
    Growing {
        name: "a cyclic graph, 4 edges a node",
        make: |nodes| {
            let copy = |graph: &cyclic::Graph| graph.deep_clone();
            let copies = [copy, cyclic::two_passes];
            made(cyclic::random_graph(nodes, 4), copies, cyclic::dissolve)
        },
    },
    Growing {
        name: "a HashMap<u64, String>",
        make: |nodes| {
            let map: HashMap<u64, String> = (0..nodes as u64).map(|n| (n, n.to_string())).collect();
            made(map, [|map| map.deep_clone(), Clone::clone], drop)
        },
    },
];

/// A node may cost this much more than in the size before, or as much more as it does for a copy by hand, with an allowance.
const SLOPE: f64 = 1.6;
/// The allowance where both sizes lie in the same kind of memory.
const BESIDE: f64 = 1.25;
/// The allowance where a cache ends: the two copies don't outgrow it at the same size.
const BESIDE_AT_AN_END: f64 = 2.5;

impl Growing {
    /// Does something with the library's copy of `nodes` nodes.
    pub fn with_copy<R>(&self, nodes: usize, act: impl FnOnce(&mut dyn Copying) -> R) -> R {
        let ([mut ours, by_hand], dispose) = (self.make)(nodes);
        let done = act(&mut *ours);
        drop((ours, by_hand));
        dispose();
        done
    }

    /// Measures it in `nodes` nodes.
    ///
    /// # Errors
    ///
    /// If nothing was counted.
    pub fn step(&self, nodes: usize, rounds: Rounds, counter: &Counter) -> Result<Step, String> {
        let heap = counter.growing(self.name, nodes)?;
        let ([mut ours, mut by_hand], dispose) = (self.make)(nodes);
        let [time, beside] = measure_two([&mut *ours, &mut *by_hand], rounds)
            .map(|measured| measured.median / nodes as f64);
        drop((ours, by_hand));
        dispose();
        Ok(Step {
            nodes,
            time,
            by_hand: beside,
            heap,
            flag: None,
        })
    }
}

/// Says of each step which cache it has outgrown, or that it costs more than a linear one may.
pub fn judge(steps: &mut [Step], caches: &[Cache]) {
    // The source, the copy and what the engine keeps.
    let working_set = |step: &Step| (step.heap.kept + step.heap.peak) as u64;
    for index in 1..steps.len() {
        let (before, after) = steps.split_at_mut(index);
        let (before, step) = (&before[index - 1], &mut after[0]);
        let left: Vec<&str> = caches
            .iter()
            .filter(|cache| {
                // It ends gradually: others use it, too, and the allocator's own words are not counted.
                working_set(before) < 4 * cache.bytes && working_set(step) > cache.bytes / 2
            })
            .map(|cache| &*cache.name)
            .collect();
        let memory = |step: &Step| step.heap.peak as f64 / step.nodes as f64;
        let grows = step.time / before.time;
        let by_hand = step.by_hand / before.by_hand;
        let allowance = if left.is_empty() {
            BESIDE
        } else {
            BESIDE_AT_AN_END
        };
        step.flag = if memory(step) > memory(before) * SLOPE {
            Some(Flag::MoreMemory)
        } else if grows > SLOPE && grows > by_hand * allowance {
            Some(Flag::MoreTime)
        } else if !left.is_empty() {
            Some(Flag::Leaves(left.join(" and ")))
        } else {
            (grows > SLOPE).then_some(Flag::Memory(by_hand))
        };
    }
}
