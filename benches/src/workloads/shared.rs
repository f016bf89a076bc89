//! Shared pointers without cycles: a shared subtree, interned strings.

use std::rc::Rc;
use std::sync::Arc;

use deepclone::DeepClone;
use rustc_hash::FxHashMap;
#[cfg(feature = "serialized")]
use serde::{Deserialize, Serialize};

use crate::contender::Role;
use crate::description::Description;
use crate::peers::peer_struct;
use crate::serialized::Edges;
use crate::workload::{Builder, CLONE, Workload};

#[derive(DeepClone)]
#[cfg_attr(feature = "serialized", derive(Serialize, Deserialize))]
struct Branch {
    value: u64,
    #[cfg_attr(feature = "serialized", serde(with = "crate::serialized::edges"))]
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

fn describe(branch: &Rc<Branch>, seen: &mut Description) {
    seen.rc(branch);
    seen.note(branch.value);
    branch.below.iter().for_each(|below| describe(below, seen));
    seen.note("/");
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
        Edges(branches),
    )
    .described(|Edges(branches)| {
        let mut seen = Description::default();
        let mut walk = |branch| describe(branch, &mut seen);
        branches.iter().for_each(&mut walk);
        seen
    })
    .by_hand("naive, duplicates", |Edges(branches)| {
        Edges(branches.iter().map(naive_branch).collect())
    })
    .by_hand("Fx memo of shared ones", |Edges(branches)| {
        let mut memo = FxHashMap::default();
        let copy = |branch| memoised_branch(branch, &mut memo);
        Edges(branches.iter().map(copy).collect())
    })
    .derived(|Edges(branches)| Edges(branches.deep_clone()))
    .peer(|Edges(branches)| Edges(peer::DeepClone::deep_clone(branches)))
    .through_serde()
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
        Edges(strings),
    )
    .described(|Edges(strings)| {
        let mut seen = Description::default();
        for string in strings {
            seen.arc(string);
            seen.note(string);
        }
        seen
    })
    .contender(Role::Clone, CLONE, |Edges(strings)| Edges(strings.clone()))
    .by_hand("no memo, duplicates", |Edges(strings)| {
        Edges(strings.iter().map(|string| Arc::from(&**string)).collect())
    })
    .by_hand("Fx memo", |Edges(strings)| {
        let mut memo: FxHashMap<*const u8, Arc<str>> = FxHashMap::default();
        let copy = |string: &Arc<str>| {
            memo.entry(string.as_ptr())
                .or_insert_with(|| Arc::from(&**string))
                .clone()
        };
        Edges(strings.iter().map(copy).collect())
    })
    .derived(|Edges(strings)| Edges(strings.deep_clone()))
    .peer(|Edges(strings)| Edges(peer::DeepClone::deep_clone(strings)))
    .through_serde()
    .bar(CLONE, 1.70)
    .build()
}
