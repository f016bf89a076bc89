//! Whether time and memory stay linear as a value grows.

use std::collections::HashMap;
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
    pub flag: Option<String>,
}

/// From a thousand to ten million.
pub const SIZES: [usize; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];

/// The copiers of a value, ours and the one by hand, and what gets rid of the value.
type Made = ([Box<dyn Copying>; 2], Box<dyn FnOnce()>);

fn made<T: 'static>(source: T, copies: [fn(&T) -> T; 2], retire: fn(T)) -> Made {
    let source = Rc::new(source);
    let copiers = copies.map(|copy| copying(&source, copy, retire));
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

/// A node may cost this much more than in the size before when both lie in memory: page tables grow, too.
const SLOPE: f64 = 1.6;
/// And this much more than what a copy by hand costs more there.
const BESIDE: f64 = 1.25;

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
        step.flag = if memory(step) > memory(before) * SLOPE {
            Some("more memory than linear".to_owned())
        } else if !left.is_empty() {
            Some(format!("leaves {}", left.join(" and ")))
        } else if step.time > before.time * SLOPE {
            let beside = step.by_hand / before.by_hand;
            Some(if step.time / before.time <= beside * BESIDE {
                format!("memory: a copy by hand grows by {beside:.1} as well")
            } else {
                "more time than linear".to_owned()
            })
        } else {
            None
        };
    }
}
