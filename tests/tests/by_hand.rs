//! Copies written by hand among derived ones: they only ever hold finished values, in graphs of any depth and on cycles.

use std::collections::HashMap;

use deepclone::{Cloner, DeepClone, Error, ErrorKind, impl_deep_clone};
use deepclone_tests::each_family;
use deepclone_tests::fuse::Detonator;

/// How deep, from what fits any stack to what fits none.
const DEPTHS: [u32; 4] = [3, 50, 1_000, 6_000];

each_family! {
    /// Derived, with edges to nodes of both kinds below it.
    #[derive(DeepClone)]
    struct Derived {
        number: u32,
        hand: Option<Hand>,
        next: Option<Strong<Derived>>,
        skip: Slot<Option<Strong<Derived>>>,
        again: Option<Strong<Hand>>,
    }

    /// Written by hand. Looks at all that it gets, as far as `LOOK`.
    struct Hand {
        number: u32,
        next: Option<Strong<Derived>>,
        skip: Slot<Option<Strong<Derived>>>,
    }

    const LOOK: u32 = 20;

    fn look(node: &Derived) {
        let mut nodes = vec![(node.number, node.next.clone())];
        if let Some(hand) = &node.hand {
            nodes.push((hand.number, hand.next.clone()));
        }
        for _ in 0..LOOK {
            let Some((number, Some(next))) = nodes.pop() else { return };
            assert!(next.number < number);
            nodes.push((next.number, next.next.clone()));
            if let Some(hand) = &next.hand {
                assert_eq!(hand.number, next.number);
                nodes.push((hand.number, hand.next.clone()));
            }
        }
    }

    fn copy(hand: &Hand, cloner: &mut Cloner<'_>) -> Result<Hand, Error> {
        let skip = cloner.deep_clone(&hand.skip)?;
        let next = cloner.deep_clone(&hand.next)?;
        let again = cloner.deep_clone(&hand.next)?;
        if let (Some(next), Some(again)) = (&next, &again) {
            assert!(Strong::ptr_eq(next, again));
            look(next);
        }
        if let Some(skip) = &*open(&skip) {
            look(skip);
        }
        Ok(Hand { number: hand.number, next, skip })
    }

    impl_deep_clone! { impl for Hand = copy }

    /// Node `n` leads to `n - 1`, `n - 2` and `n - 7`, through edges of all kinds. The last comes first to be dropped.
    fn ladder(depth: u32) -> Vec<Strong<Derived>> {
        let mut nodes: Vec<Strong<Derived>> = Vec::new();
        let mut hands: Vec<Strong<Hand>> = Vec::new();
        for number in 0..depth {
            let back = |steps: usize| nodes.len().checked_sub(steps).map(|at| nodes[at].clone());
            let hand = |next, skip| Hand { number, next, skip: Slot::new(skip) };
            let derived = match number % 4 {
                0 => Derived { number, hand: Some(hand(back(1), back(2))), next: back(1), skip: Slot::new(back(7)), again: None },
                1 => Derived { number, hand: None, next: back(2), skip: Slot::new(back(1)), again: None },
                2 => Derived { number, hand: Some(hand(back(2), None)), next: None, skip: Slot::new(back(1)), again: None },
                _ => Derived { number, hand: None, next: back(1), skip: Slot::default(), again: hands.last().cloned() },
            };
            if number % 4 == 2 {
                hands.push(Strong::new(hand(back(1), back(7))));
            }
            nodes.push(Strong::new(derived));
        }
        // What only `again` leads to is dropped from the top, too.
        HANDS.set(hands);
        nodes
    }

    thread_local! {
        static HANDS: std::cell::Cell<Vec<Strong<Hand>>> = const { std::cell::Cell::new(Vec::new()) };
    }

    /// The nodes of a copy, from the bottom.
    fn collect(root: &Strong<Derived>) -> Vec<Strong<Derived>> {
        let mut nodes: HashMap<u32, Strong<Derived>> = HashMap::new();
        let mut hands: HashMap<u32, Strong<Hand>> = HashMap::new();
        let mut ahead = vec![root.clone()];
        while let Some(node) = ahead.pop() {
            if let Some(known) = nodes.get(&node.number) {
                assert!(Strong::ptr_eq(known, &node), "copied once");
                continue;
            }
            ahead.extend(node.next.clone());
            ahead.extend(open(&node.skip).clone());
            if let Some(hand) = &node.hand {
                ahead.extend(hand.next.clone());
                ahead.extend(open(&hand.skip).clone());
            }
            if let Some(hand) = &node.again {
                ahead.extend(hand.next.clone());
                ahead.extend(open(&hand.skip).clone());
                let known = hands.entry(hand.number).or_insert_with(|| hand.clone());
                assert!(Strong::ptr_eq(known, hand), "copied once");
            }
            nodes.insert(node.number, node);
        }
        let mut nodes: Vec<_> = nodes.into_values().collect();
        nodes.sort_by_key(|node| node.number);
        let mut hands: Vec<_> = hands.into_values().collect();
        hands.sort_by_key(|hand| hand.number);
        HANDS.set(hands);
        nodes
    }

    fn free(mut nodes: Vec<Strong<Derived>>) {
        let mut hands = HANDS.take();
        while let Some(node) = nodes.pop() {
            while hands.last().is_some_and(|hand| hand.number >= node.number) {
                hands.pop();
            }
            drop(node);
        }
    }

    fn edges_to(nodes: &[Strong<Derived>]) -> Vec<usize> {
        nodes.iter().map(Strong::strong_count).collect()
    }

    fn number(of: &Option<Strong<Derived>>) -> Option<u32> {
        of.as_ref().map(|node| node.number)
    }

    fn edges_of_hand(hand: &Hand) -> [Option<u32>; 2] {
        [number(&hand.next), number(&open(&hand.skip))]
    }

    /// Where the edges of a node and of what it owns lead. `collect` has seen that one number is one allocation.
    fn edges_of(node: &Derived) -> ([Option<u32>; 4], Option<u32>) {
        let [next, skip] = node.hand.as_ref().map_or([None; 2], edges_of_hand);
        ([number(&node.next), number(&open(&node.skip)), next, skip], node.again.as_ref().map(|hand| hand.number))
    }

    #[test]
    fn written_and_derived_types_mix_in_acyclic_graphs_of_any_depth() {
        for depth in DEPTHS {
            let nodes = ladder(depth);
            let source_hands = HANDS.take();
            let root = nodes[nodes.len() - 1].clone();
            let before = edges_to(&nodes);
            let copied = root.deep_clone();
            assert_eq!(edges_to(&nodes), before);
            assert!(nodes.iter().all(|node| Strong::weak_count(node) == 0));
            // What can be reached, with one handle on each in a list.
            let reached = collect(&root);
            let reached_hands = HANDS.take();
            let copies = collect(&copied);
            let hands = HANDS.take();
            drop((root, copied));
            assert_eq!((copies.len(), hands.len()), (reached.len(), reached_hands.len()));
            let (mut to_nodes, mut to_hands) = (HashMap::new(), HashMap::new());
            for (copy, node) in copies.iter().zip(&reached) {
                assert_eq!(copy.number, node.number);
                assert!(!Strong::ptr_eq(copy, node));
                let (edges, again) = edges_of(node);
                assert_eq!(edges_of(copy), (edges, again));
                edges.into_iter().flatten().for_each(|to| *to_nodes.entry(to).or_insert(0) += 1);
                again.into_iter().for_each(|to| *to_hands.entry(to).or_insert(0) += 1);
            }
            for (copy, hand) in hands.iter().zip(&reached_hands) {
                assert_eq!(copy.number, hand.number);
                assert!(!Strong::ptr_eq(copy, hand));
                assert_eq!(edges_of_hand(copy), edges_of_hand(hand));
                edges_of_hand(hand).into_iter().flatten().for_each(|to| *to_nodes.entry(to).or_insert(0) += 1);
            }
            for copy in &copies {
                let edges = to_nodes.get(&copy.number).map_or(0, |edges| *edges);
                assert_eq!(counts(copy), (edges + 1, 0));
            }
            for copy in &hands {
                assert_eq!(counts(copy), (to_hands[&copy.number] + 1, 0));
            }
            HANDS.set(hands);
            free(copies);
            drop((reached, reached_hands));
            HANDS.set(source_hands);
            free(nodes);
        }
    }

    /// A list of derived nodes that leads to one written by hand at its end, which leads to a shared thing that the root leads to as well.
    #[derive(DeepClone)]
    struct Chain {
        shared: Strong<Slot<Vec<u32>>>,
        next: Option<Strong<Chain>>,
        end: Option<End>,
    }

    struct End(Strong<Slot<Vec<u32>>>, Option<Strong<Chain>>);

    impl_deep_clone! { impl for End = |end, cloner| Ok(End(cloner.deep_clone(&end.0)?, cloner.deep_clone(&end.1)?)) }

    #[test]
    fn the_outcome_does_not_depend_on_how_deep_a_written_copy_lies() {
        for depth in DEPTHS {
            let shared = Strong::new(Slot::new(vec![1]));
            let leaf = Strong::new(Chain { shared: shared.clone(), next: None, end: None });
            let mut links = vec![leaf.clone()];
            links.push(Strong::new(Chain {
                shared: shared.clone(),
                next: Some(leaf.clone()),
                end: Some(End(shared.clone(), Some(leaf.clone()))),
            }));
            for _ in 0..depth {
                let next = links.last().cloned();
                links.push(Strong::new(Chain { shared: shared.clone(), next, end: None }));
            }
            let copy = (links.last().cloned(), End(shared.clone(), Some(leaf))).deep_clone();
            let mut copies = Vec::new();
            let mut next = copy.0.clone();
            while let Some(link) = next {
                assert!(Strong::ptr_eq(&link.shared, &copy.1.0));
                next = link.next.clone();
                copies.push(link);
            }
            assert_eq!(copies.len(), links.len());
            assert_eq!(Strong::strong_count(&copy.1.0), links.len() + 2);
            let end = copies[copies.len() - 2].end.as_ref().expect("it has an end");
            assert!(Strong::ptr_eq(end.1.as_ref().expect("a leaf"), copy.1.1.as_ref().expect("a leaf")));
            drop(copy);
            copies.reverse();
            while copies.pop().is_some() {}
            while links.pop().is_some() {}
            assert_eq!(counts(&shared), (1, 0));
        }
    }

    /// On a strong cycle with itself or with derived types.
    struct Knot {
        next: Slot<Option<Strong<Knot>>>,
        around: Slot<Option<Strong<Around>>>,
        fuse: deepclone_tests::fuse::Fuse,
    }

    impl_deep_clone! {
        impl for Knot = |knot, cloner| Ok(Knot {
            fuse: cloner.deep_clone(&knot.fuse)?,
            next: cloner.deep_clone(&knot.next)?,
            around: cloner.deep_clone(&knot.around)?,
        })
    }

    #[derive(DeepClone)]
    struct Around {
        loops: Slot<Vec<Strong<Around>>>,
        knots: Vec<Strong<Knot>>,
        boxed: Option<Box<Knot>>,
        fuse: deepclone_tests::fuse::Fuse,
    }

    fn assert_incomplete<T: DeepClone>(source: &T) {
        let error = source.try_deep_clone().err().expect("it can't be finished");
        assert_eq!(error.kind(), ErrorKind::Incomplete);
        assert!(error.type_name().ends_with("Knot"), "{}", error.type_name());
        let text = error.to_string();
        let (first, help) = text.split_once("\nhelp: ").expect("a line of help");
        assert!(first.contains(error.type_name()), "{text}");
        assert!(help.contains("derive"), "{text}");
    }

    #[test]
    fn a_copy_written_by_hand_on_a_strong_cycle_is_an_error_that_names_the_type() {
        let detonator = Detonator::new();
        let knot = || Strong::new(Knot { next: Slot::default(), around: Slot::default(), fuse: detonator.fuse() });
        // To itself, and to another of its kind.
        let (a, b) = (knot(), knot());
        *open(&a.next) = Some(a.clone());
        assert_incomplete(&a);
        assert_incomplete(&vec![(1, a.clone())]);
        *open(&b.next) = Some(b.clone());
        *open(&a.next) = Some(b.clone());
        let last = open(&b.next).replace(a.clone());
        drop(last);
        assert_incomplete(&a);
        // Through derived types.
        let (c, d) = (knot(), knot());
        let around = Strong::new(Around {
            loops: Slot::default(),
            knots: vec![c.clone(), d.clone()],
            boxed: None,
            fuse: detonator.fuse(),
        });
        *open(&d.around) = Some(around.clone());
        assert_incomplete(&around);
        assert_incomplete(&d);
        assert_incomplete(&Slot::new(around.clone()));
        let nothing = open(&d.around).take();
        drop(nothing);
        assert!(around.try_deep_clone().is_ok(), "off the cycle it works");
        assert_eq!(detonator.live(), 5);
        for knot in [&a, &b, &c, &d] {
            assert_eq!(Strong::weak_count(knot), 0);
            assert!(is_at_rest(&knot.next) && is_at_rest(&knot.around));
        }
        assert_eq!(counts(&around), (1, 0));
        let last = (open(&a.next).take(), open(&b.next).take());
        drop(last);
    }

    #[test]
    fn a_copy_written_by_hand_gets_whole_cycles_that_it_does_not_lie_on() {
        let detonator = Detonator::new();
        let around = Strong::new(Around { loops: Slot::default(), knots: Vec::new(), boxed: None, fuse: detonator.fuse() });
        open(&around.loops).extend([around.clone(), around.clone()]);
        let knot = Knot { next: Slot::default(), around: Slot::new(Some(around.clone())), fuse: detonator.fuse() };
        // Below derived values that lead there as well, before and after.
        let (first, knot_copy, last) = (around.clone(), Strong::new(knot), around.clone()).deep_clone();
        assert!(Strong::ptr_eq(&first, &last));
        assert!(Strong::ptr_eq(&first, open(&knot_copy.around).as_ref().expect("an edge")));
        assert!(open(&first.loops).iter().all(|around| Strong::ptr_eq(around, &first)));
        assert_eq!(counts(&first), (5, 0));
        for around in [&first, &around] {
            let loops = std::mem::take(&mut *open(&around.loops));
            drop(loops);
        }
        drop((first, knot_copy, last));
        assert_eq!(detonator.live(), 1);
    }
}
