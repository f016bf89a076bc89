//! A session in which calls that go well and calls that fail come one after the other: what it knows stays right, whatever was forgotten in between.

use std::collections::BTreeMap;

use deepclone::{Cloner, DeepClone, Error, Session};
use deepclone_tests::chance::Chance;
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

each_family! {
    #[derive(DeepClone)]
    struct Node {
        number: usize,
        next: Slot<Option<Strong<Node>>>,
        back: Slot<Weak<Node>>,
    }

    /// Looks at what its weak edge leads to.
    fn look(weak: &Weak<Node>, cloner: &mut Cloner<'_>) -> Result<Weak<Node>, Error> {
        let copy = cloner.deep_clone(weak)?;
        if let Some(node) = copy.upgrade() {
            assert!(node.number < NODES);
        }
        Ok(copy)
    }

    #[derive(DeepClone)]
    struct Root {
        before: Fuse,
        nodes: Vec<Strong<Node>>,
        #[deepclone(try_with = look)]
        seen: Weak<Node>,
        after: Fuse,
    }

    const NODES: usize = 300;

    /// A chain in pieces, with links back.
    fn nodes() -> Vec<Strong<Node>> {
        let node = |number| Node { number, next: Slot::new(None), back: Slot::default() };
        let nodes: Vec<_> = (0..NODES).map(|number| Strong::new(node(number))).collect();
        for number in (1..NODES).filter(|number| number % 7 != 0) {
            *open(&nodes[number - 1].next) = Some(nodes[number].clone());
            *open(&nodes[number].back) = Strong::downgrade(&nodes[number - 1]);
        }
        nodes
    }

    fn next(node: &Node) -> Option<Strong<Node>> {
        open(&node.next).clone()
    }

    #[test]
    fn what_a_session_knows_is_right_after_calls_that_failed_and_copies_that_were_dropped() {
        for seed in 0..20 {
            let mut chance = Chance(seed);
            let detonator = Detonator::new();
            let sources = nodes();
            let mut session = Session::new();
            // What is alive of the copies, by their numbers.
            let mut copies: BTreeMap<usize, Strong<Node>> = BTreeMap::new();
            for _ in 0..120 {
                let first = chance.below(NODES);
                let count = if chance.below(4) == 0 { 100 } else { 3 };
                let some = (0..count).map(|step| sources[(first + step * 11) % NODES].clone());
                // What is seen dangles for good in that call, unless it was reached before.
                let nodes: Vec<_> = some.collect();
                let seen = &nodes[chance.below(nodes.len())];
                let root = Root {
                    before: detonator.fuse(),
                    seen: Strong::downgrade(seen),
                    nodes,
                    after: detonator.fuse(),
                };
                let alive = session.stats();
                if chance.below(2) == 0 {
                    let mode = if chance.below(2) == 0 { Mode::Error } else { Mode::Panic };
                    detonator.fail_at(1, mode, || session.deep_clone(&root));
                    assert_eq!(session.stats(), alive);
                } else {
                    let copy = session.deep_clone(&root).expect("nothing fails");
                    for (source, copy) in root.nodes.iter().zip(&copy.nodes) {
                        assert_eq!(source.number, copy.number);
                        let known = copies.insert(source.number, copy.clone());
                        assert!(known.is_none_or(|known| same(&known, copy)));
                        let mut at = copy.clone();
                        while let Some(next) = next(&at) {
                            assert_eq!(next.number, at.number + 1);
                            let known = copies.insert(next.number, next.clone());
                            assert!(known.is_none_or(|known| same(&known, &next)));
                            at = next;
                        }
                    }
                    assert!(same(&copy.seen.upgrade().expect("it was reached"), &copies[&root.seen.upgrade().expect("alive").number]));
                }
                for (number, copy) in &copies {
                    let known = session.copy_of(&sources[*number]).expect("it lives");
                    assert!(same(&known, copy));
                }
                if chance.below(5) == 0 {
                    // Those that nothing leads to any more are gone.
                    let all = chance.below(2) == 0;
                    copies.retain(|number, _| !all && number % 2 == 0);
                    for (number, source) in sources.iter().enumerate() {
                        if let Some(copy) = session.copy_of(source) {
                            copies.insert(number, copy);
                        }
                    }
                }
            }
            drop(session);
            for (number, copy) in &copies {
                let before = number.checked_sub(1).filter(|_| number % 7 != 0);
                let before = before.is_some_and(|before| copies.contains_key(&before));
                assert_eq!(Strong::strong_count(copy), 1 + usize::from(before));
            }
            for source in &sources {
                let linked = usize::from(source.number % 7 != 0);
                let back = usize::from(open(&source.next).is_some());
                assert_eq!(counts(source), (1 + linked, back));
            }
        }
    }

    /// Looks at what a weak edge leads to, before its target is copied once more: it dangles from then on.
    #[derive(DeepClone)]
    struct Early {
        #[deepclone(try_with = look)]
        seen: Weak<Node>,
        fuse: Fuse,
    }

    #[test]
    fn what_a_failed_call_has_seen_dangling_can_be_copied_in_the_next() {
        let detonator = Detonator::new();
        let node = nodes().swap_remove(0);
        for mode in [Mode::Error, Mode::Panic] {
            let mut session = Session::new();
            let first = session.deep_clone(&node).expect("nothing fails");
            drop(first);
            let early = Early { seen: Strong::downgrade(&node), fuse: detonator.fuse() };
            detonator.fail_at(0, mode, || session.deep_clone(&early));
            let (early, copy) = (early, node.clone());
            let copy = session.deep_clone(&copy).expect("it is not known any more");
            let early = session.deep_clone(&early).expect("nothing fails");
            assert!(same(&early.seen.upgrade().expect("it is known"), &copy));
        }
    }
}
