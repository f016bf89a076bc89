//! Shared pointers without cycles: a shared subtree, interned strings.

use std::rc::Rc;
use std::sync::Arc;

use deepclone::DeepClone;
use rustc_hash::FxHashMap;

use crate::contender::Role;
use crate::peers::peer_struct;
use crate::workload::{Builder, CLONE, DUPLICATES, Workload};

#[derive(DeepClone)]
struct Branch {
    value: u64,
    below: Vec<Rc<Branch>>,
}

peer_struct! { Branch { value, below } }

fn naive_branch(branch: &Rc<Branch>) -> Rc<Branch> {
    Rc::new(Branch {
        value: branch.value,
        below: branch.below.iter().map(naive_branch).collect(),
    })
}

fn memoised_branch(
    branch: &Rc<Branch>,
    memo: &mut FxHashMap<*const Branch, Rc<Branch>>,
) -> Rc<Branch> {
    if let Some(copy) = memo.get(&Rc::as_ptr(branch)) {
        return copy.clone();
    }
    let copy = Rc::new(Branch {
        value: branch.value,
        below: branch
            .below
            .iter()
            .map(|below| memoised_branch(below, memo))
            .collect(),
    });
    if Rc::strong_count(branch) > 1 {
        memo.insert(Rc::as_ptr(branch), copy.clone());
    }
    copy
}

pub(super) fn shared_subtree() -> Workload {
    fn subtree(nodes: u64) -> Rc<Branch> {
        let mut below = Vec::new();
        let mut left = nodes - 1;
        while left > 0 {
            let share = left.div_ceil(4 - below.len() as u64);
            below.push(subtree(share));
            left -= share;
        }
        Rc::new(Branch {
            value: nodes,
            below,
        })
    }
    let shared = subtree(64);
    let branches: Vec<Rc<Branch>> = (0..16)
        .map(|value| {
            Rc::new(Branch {
                value,
                below: vec![shared.clone()],
            })
        })
        .collect();
    drop(shared);
    Builder::new(
        "W7",
        "16 nodes that share a subtree of 64",
        "a scene with instances, a decision diagram: a copy without a memo multiplies it",
        branches,
    )
    .by_hand("naive, duplicates", |branches: &Vec<Rc<Branch>>| {
        branches.iter().map(naive_branch).collect()
    })
    .by_hand("Fx memo of shared ones", |branches: &Vec<Rc<Branch>>| {
        let mut memo = FxHashMap::default();
        branches
            .iter()
            .map(|branch| memoised_branch(branch, &mut memo))
            .collect()
    })
    .deep_cloned()
    .peer_plain()
    .not_through_serde(DUPLICATES)
    .unable(Role::Clone, CLONE, "Clone of an Rc shares")
    .bar("naive, duplicates", 0.08)
    .build()
}

pub(super) fn interned_strings() -> Workload {
    let distinct: Vec<Arc<str>> = (0..1000)
        .map(|n| Arc::from(format!("interned word {n}")))
        .collect();
    let mut random = fastrand::Rng::with_seed(11);
    let strings: Vec<Arc<str>> = (0..100_000)
        .map(|_| distinct[random.usize(..distinct.len())].clone())
        .collect();
    drop(distinct);
    Builder::new(
        "W11",
        "a Vec<Arc<str>> of 100k, 1k distinct",
        "interned names: Clone, the baseline, only shares them, so what is above it is the price of independence",
        strings,
    )
    .cloned()
    .by_hand("no memo, duplicates", |strings: &Vec<Arc<str>>| {
        strings.iter().map(|string| Arc::from(&**string)).collect()
    })
    .by_hand("Fx memo", |strings: &Vec<Arc<str>>| {
        let mut memo: FxHashMap<*const u8, Arc<str>> = FxHashMap::default();
        strings
            .iter()
            .map(|string| {
                memo.entry(string.as_ptr())
                    .or_insert_with(|| Arc::from(&**string))
                    .clone()
            })
            .collect()
    })
    .deep_cloned()
    .peer_plain()
    .not_through_serde(DUPLICATES)
    .bar(CLONE, 1.70)
    .build()
}
