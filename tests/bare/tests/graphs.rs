//! Random graphs are copied whole, and what fails leaves nothing behind, where there is no `std` and where nothing can unwind.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::rc::Rc;

use deepclone::{DeepClone, ErrorKind, Options, Session};
use deepclone_bare::{Key, Mode, Node, Tree, arm, disarm, live};

/// Numbers that look like chance and are the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

fn plant(seed: u64) -> Vec<Rc<Node>> {
    let mut chance = Chance(seed);
    let nodes: Vec<_> = (0..1 + chance.below(24)).map(Node::new).collect();
    for node in &nodes {
        for _ in 0..chance.below(4) {
            let target = &nodes[chance.below(nodes.len())];
            match chance.below(7) {
                0 | 1 => node.next.borrow_mut().push(target.clone()),
                2 => node.back.borrow_mut().push(Rc::downgrade(target)),
                3 => *node.object.borrow_mut() = Some(target.clone()),
                4 => {
                    let key = Key::new(chance.below(4) as u32, None);
                    node.by_key.borrow_mut().insert(key, target.clone());
                }
                5 => {
                    let key = Key::new(chance.below(4) as u32, Some(target.clone()));
                    node.set.borrow_mut().insert(key);
                }
                _ => *node.tree.borrow_mut() = Some(Tree::new(chance.below(4) as u32)),
            }
        }
    }
    nodes
}

/// What there is to see of a graph, from all its nodes in their order.
fn picture(nodes: &[Rc<Node>]) -> Vec<String> {
    let places: BTreeMap<_, _> = nodes
        .iter()
        .enumerate()
        .map(|(place, node)| (Rc::as_ptr(node), place))
        .collect();
    let place = |node: &Rc<Node>| places[&Rc::as_ptr(node)];
    let of = |node: &Rc<Node>| {
        let object = node.object.borrow();
        format!(
            "{} {} {} {:?} {:?} {:?} {:?} {:?} {:?}",
            node.number,
            Rc::strong_count(node),
            Rc::weak_count(node),
            node.next.borrow().iter().map(place).collect::<Vec<_>>(),
            node.back
                .borrow()
                .iter()
                .map(|back| places.get(&back.as_ptr()))
                .collect::<Vec<_>>(),
            object
                .as_ref()
                .map(|object| (object.number(), places[&Rc::as_ptr(object).cast()])),
            node.by_key
                .borrow()
                .iter()
                .map(|(key, value)| (key.rank, place(value)))
                .collect::<Vec<_>>(),
            node.set
                .borrow()
                .iter()
                .map(|key| (key.rank, key.node.as_ref().map(place)))
                .collect::<Vec<_>>(),
            node.tree.borrow().as_ref().map(Tree::count),
        )
    };
    nodes.iter().map(of).collect()
}

fn cut(nodes: &[Rc<Node>]) {
    nodes.iter().for_each(|node| node.cut());
}

#[test]
fn random_graphs_come_out_as_they_are_with_exact_counts() {
    for seed in 0..400 {
        let source = plant(seed);
        let before = picture(&source);
        let copy = source.deep_clone();
        assert_eq!(picture(&copy), before, "seed {seed}");
        assert_eq!(picture(&source), before, "seed {seed}");
        // Each key is found.
        for node in &copy {
            let set = node.set.borrow();
            assert!(set.iter().all(|key| set.contains(key)), "seed {seed}");
        }
        cut(&copy);
        cut(&source);
        drop((source, copy));
        assert_eq!(live(), 0, "seed {seed}");
    }
}

#[test]
fn an_error_at_any_step_leaves_nothing_behind() {
    for seed in 0..100 {
        let source = plant(seed);
        let (before, alive) = (picture(&source), live());
        for steps in 0.. {
            arm(steps, Mode::Error);
            let result = source.try_deep_clone();
            if disarm() {
                cut(&result.expect("the fuse was not reached"));
                break;
            }
            assert_eq!(result.expect_err("the fuse").kind(), ErrorKind::Custom);
            assert_eq!(live(), alive, "seed {seed}, step {steps}");
            assert_eq!(picture(&source), before, "seed {seed}, step {steps}");
        }
        assert_eq!(live(), alive, "seed {seed}");
        cut(&source);
    }
}

#[test]
fn any_limit_leaves_nothing_behind() {
    for seed in 0..100 {
        let source = plant(seed);
        let (before, alive) = (picture(&source), live());
        for objects in 0.. {
            let result =
                Session::with_options(Options::new().max_objects(objects)).deep_clone(&source);
            match result {
                Ok(copy) => {
                    cut(&copy);
                    break;
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::LimitExceeded),
            }
            assert_eq!(live(), alive, "seed {seed}, {objects} objects");
            assert_eq!(picture(&source), before, "seed {seed}, {objects} objects");
        }
        assert_eq!(live(), alive, "seed {seed}");
        cut(&source);
    }
}

#[test]
fn a_session_goes_on_after_calls_that_failed() {
    for seed in 0..100 {
        let source = plant(seed);
        let before = picture(&source);
        let mut session = Session::new();
        let copy = (0..)
            .find_map(|steps| {
                arm(steps, Mode::Error);
                // Each time one step further, and then not at all.
                let copy = session.deep_clone(&source);
                disarm();
                copy.ok()
            })
            .expect("at last no step fails");
        let again = session.deep_clone(&source).expect("no fuse is armed");
        assert!(
            copy.iter()
                .zip(&again)
                .all(|(one, other)| Rc::ptr_eq(one, other))
        );
        drop((again, session));
        assert_eq!(picture(&copy), before, "seed {seed}");
        cut(&copy);
        cut(&source);
        drop((source, copy));
        assert_eq!(live(), 0, "seed {seed}");
    }
}

#[test]
fn a_chain_of_shared_pointers_of_any_length_is_copied() {
    let nodes: Vec<_> = (0..50_000).map(Node::new).collect();
    for pair in nodes.windows(2) {
        pair[0].next.borrow_mut().push(pair[1].clone());
    }
    let copy = nodes[0].deep_clone();
    let mut at = copy;
    for number in 0..nodes.len() {
        assert_eq!(at.number, number);
        match at.next.take().pop() {
            Some(next) => at = next,
            None => assert_eq!(number, nodes.len() - 1),
        }
    }
    cut(&nodes);
}
