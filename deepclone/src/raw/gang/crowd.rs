//! Four members on threads of their own at a graph of some hundred edges, watched by ThreadSanitizer. Claims change hands, as they do in a pool.

use core::mem::MaybeUninit;
use core::sync::atomic::AtomicUsize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::vec::Vec;

use super::model::{Node, Sent, node};
use super::{Claim, Gang};
use crate::DeepClone;
use crate::cloner::{Engine, Exposure};
use crate::raw::watched::Watched;
use crate::sync::Mutex;

const MEMBERS: usize = 4;
const ELEMENTS: usize = 24;
const NODES: usize = 96;
const ROUNDS: u64 = 300;

/// Numbers that look like chance and are the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// Nodes that lead to an earlier one each, strongly, and to any one, weakly.
fn graph(chance: &mut Chance) -> Vec<Arc<Node>> {
    let made = Arc::new(AtomicUsize::new(0));
    let nodes: Vec<_> = (0..NODES).map(|_| node(&made)).collect();
    for (index, node) in nodes.iter().enumerate().skip(1) {
        node.lead_to(&nodes[chance.below(index)], &nodes[chance.below(NODES)]);
    }
    nodes
}

/// One member: its elements, and whatever claims there are.
fn member(
    gang: &Gang,
    claims: &Mutex<Vec<Claim>>,
    first: usize,
    elements: &[Arc<Node>],
) -> (Vec<MaybeUninit<Arc<Node>>>, Vec<usize>) {
    let mut engine = Engine::member(gang, Exposure::Threads);
    let mut copies = Vec::new();
    let mut filled = Vec::new();
    let fill = |engine: &mut Engine<'_>, claim: Claim, filled: &mut Vec<usize>| {
        assert!(engine.fill_claimed(&claim.entry).is_ok());
        filled.push(claim.serial);
    };
    for (index, element) in elements.iter().enumerate() {
        engine.begin_element(first + index);
        let mut copy = MaybeUninit::<Arc<Node>>::uninit();
        let done = engine.perform(
            // SAFETY: there is room for one.
            |engine| unsafe { element.__place(copy.as_mut_ptr().cast(), engine) },
            |_| unreachable!("nothing fails here"),
        );
        assert!(done.is_ok());
        copies.push(copy);
        // Every other claim is left to whoever comes.
        while let Some(claim) = engine.claims().pop() {
            let others = claims.lock().unwrap().pop();
            claims.lock().unwrap().push(claim);
            if let Some(claim) = others {
                fill(&mut engine, claim, &mut filled);
            }
        }
    }
    loop {
        let Some(claim) = engine
            .claims()
            .pop()
            .or_else(|| claims.lock().unwrap().pop())
        else {
            return (copies, filled);
        };
        fill(&mut engine, claim, &mut filled);
    }
}

#[test]
fn four_members_at_one_graph_make_each_copy_once_and_touch_none_out_of_turn() {
    for seed in 0..ROUNDS {
        let mut chance = Chance(seed);
        let nodes = graph(&mut chance);
        let row: Vec<_> = (0..MEMBERS * ELEMENTS)
            .map(|_| nodes[chance.below(NODES)].clone())
            .collect();
        let gang = Arc::new(Gang::new());
        let claims = Arc::new(Mutex::new(Vec::new()));
        let members: Vec<_> = row
            .chunks(ELEMENTS)
            .enumerate()
            .map(|(index, elements)| {
                let (gang, claims, elements) = (gang.clone(), claims.clone(), elements.to_vec());
                thread::spawn(move || {
                    let (copies, filled) = member(&gang, &claims, index * ELEMENTS, &elements);
                    drop((gang, claims));
                    (elements, Sent(copies), filled)
                })
            })
            .collect();
        let worked: Vec<_> = members.into_iter().map(|one| one.join().unwrap()).collect();
        let gang = Arc::into_inner(gang).expect("the others have ended");
        let mut engine = Engine::plain();
        engine.expose(Exposure::Threads);
        let filled: Vec<_> = worked
            .iter()
            .flat_map(|(.., filled)| filled.iter().copied())
            .collect();
        let is_filled = |serial| filled.contains(&serial);
        engine.adopt_all(gang.into_slots(), is_filled, |_, _, _| {
            unreachable!("who claims, fills")
        });
        assert!(engine.conclude().is_ok());
        engine.close();
        let copies = worked.into_iter().flat_map(|(_, Sent(copies), _)| copies);
        // SAFETY: they were placed, and the operation is done.
        let copies: Vec<_> = copies.map(|copy| unsafe { copy.assume_init() }).collect();
        let met = compare(&row, &copies);
        assert_eq!(nodes[0].made(), met, "user code ran once for each copy");
        assert_eq!(filled.len(), met, "each copy was claimed once");
    }
}

/// Walks both graphs. Returns how many copies there are.
fn compare(row: &[Arc<Node>], copies: &[Arc<Node>]) -> usize {
    let mut known = BTreeMap::new();
    let mut ahead: Vec<_> = row.iter().zip(copies).collect();
    while let Some((source, copy)) = ahead.pop() {
        let met = known.insert(Arc::as_ptr(source), (Arc::as_ptr(copy), source, copy));
        if let Some((met, ..)) = met {
            assert_eq!(met, Arc::as_ptr(copy), "one copy for each source");
            continue;
        }
        assert_eq!(copy.content(), source.content() + 1);
        ahead.extend(source.next().zip(copy.next()));
        assert_eq!(source.next().is_some(), copy.next().is_some());
    }
    for (met, source, copy) in known.values() {
        let before = copy.before().map(|weak| weak.as_ptr());
        let expected = source.before().map(|weak| {
            let met = known.get(&weak.as_ptr());
            met.map(|(copy, ..)| *copy)
        });
        match (expected, before) {
            (None, None) => {}
            (Some(Some(expected)), Some(before)) => assert_eq!(expected, before),
            (Some(None), Some(_)) => assert!(copy.before().unwrap().upgrade().is_none()),
            _ => panic!("a weak edge is lost at {met:?}"),
        }
        let shared = known
            .values()
            .filter(|(.., one)| one.next().map(Arc::as_ptr) == Some(*met));
        let held = copies.iter().filter(|one| Arc::as_ptr(one) == *met).count();
        assert_eq!(Arc::strong_count(copy), shared.count() + held);
    }
    known.len()
}

#[test]
#[ignore = "it is a race, to show that races are found: run it by itself, and see it fail"]
fn what_nothing_orders_is_found() {
    let cell = Arc::new(Watched::new(0));
    let threads = [1, 2].map(|number| {
        let cell = cell.clone();
        thread::spawn(move || cell.set(number))
    });
    for one in threads {
        one.join().unwrap();
    }
}
