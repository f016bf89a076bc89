//! What a session leaves shared, by `keep` and by policy, when calls of it fail; kept nodes of strong cycles; sources that are strong cycles and
//! die between the calls; and limits on rings.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "nothing here leaves its thread"
)]

use std::ffi::{CStr, OsStr};
use std::path::Path;

use deepclone::{DeepClone, ErrorKind, ImmutablePolicy, Options, Session, Stats};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

each_family! {
    /// Two steps, with edges between them.
    #[derive(DeepClone)]
    struct Node {
        before: Fuse,
        next: Slot<Option<Strong<Node>>>,
        other: Slot<Vec<Strong<Node>>>,
        weak: Slot<Weak<Node>>,
        after: Fuse,
    }

    fn node(detonator: &Detonator) -> Strong<Node> {
        Strong::new(Node {
            before: detonator.fuse(),
            next: Slot::default(),
            other: Slot::default(),
            weak: Slot::default(),
            after: detonator.fuse(),
        })
    }

    /// Each leads to the next, the last to the first, and each weakly to the one before.
    fn ring(detonator: &Detonator, len: usize) -> Vec<Strong<Node>> {
        let nodes: Vec<_> = (0..len).map(|_| node(detonator)).collect();
        for at in 0..len {
            *open(&nodes[at].next) = Some(nodes[(at + 1) % len].clone());
            *open(&nodes[(at + 1) % len].weak) = Strong::downgrade(&nodes[at]);
        }
        nodes
    }

    fn next(node: &Strong<Node>) -> Strong<Node> {
        open(&node.next).clone().expect("it leads on")
    }

    fn cut(node: &Strong<Node>) {
        let edges = (open(&node.next).take(), std::mem::take(&mut *open(&node.other)));
        drop(edges);
    }

    #[test]
    fn what_is_kept_has_its_counts_after_calls_that_fail_and_is_still_kept() {
        for mode in [Mode::Error, Mode::Panic] {
            let detonator = Detonator::new();
            let kept = node(&detonator);
            let by_weak_only = Strong::new(detonator.fuse());
            let mut session = Session::new();
            session.keep(&kept).expect("it was not copied");
            session.keep(&by_weak_only).expect("it was not copied");
            let (first, last) = (node(&detonator), node(&detonator));
            *open(&first.next) = Some(kept.clone());
            open(&last.other).extend([kept.clone(), first.clone(), kept.clone()]);
            *open(&last.weak) = Strong::downgrade(&kept);
            let source = (kept.clone(), [first, last], Strong::downgrade(&by_weak_only), detonator.fuse());
            let live = detonator.live();
            // The session's own weak counts are on them till it ends.
            let before = (counts(&kept), counts(&by_weak_only));
            assert_eq!((before.0.0, before.1.0), (5, 1));
            for step in 0..5 {
                detonator.fail_at(step, mode, || session.deep_clone(&source));
                assert_eq!((counts(&kept), counts(&by_weak_only)), before, "at step {step}");
                assert_eq!(session.stats(), Stats::default());
                assert_eq!(detonator.live(), live);
                assert!(is_at_rest(&kept.next) && is_at_rest(&kept.weak));
                // Still kept, in a call that is smaller.
                let again = session.deep_clone(&(kept.clone(), source.2.clone())).expect("nothing fails");
                assert!(same(&again.0, &kept) && same(&again.1.upgrade().expect("it lives"), &by_weak_only));
                drop(again);
                assert_eq!((counts(&kept), counts(&by_weak_only)), before);
                session = without_statistics(session, &kept, &by_weak_only);
            }
            detonator.disarm();
            let copy = session.deep_clone(&source).expect("not armed");
            assert_eq!(detonator.steps(), 5, "nothing of what is kept was copied");
            assert!(same(&copy.0, &kept) && same(&next(&copy.1[0]), &kept));
            assert!(same(&open(&copy.1[1].other)[1], &copy.1[0]));
            assert!(same(&open(&copy.1[1].weak).upgrade().expect("it lives"), &kept));
            assert!(same(&copy.2.upgrade().expect("it lives"), &by_weak_only));
            drop(session);
            assert_eq!((counts(&kept), counts(&by_weak_only)), ((9, 2), (1, 2)));
            drop(copy);
            assert_eq!((counts(&kept), counts(&by_weak_only)), ((5, 1), (1, 1)));
            assert_eq!(detonator.live(), live);
        }
    }

    /// A fresh session that keeps the same: so that the next failure finds no statistics.
    fn without_statistics(old: Session, kept: &Strong<Node>, other: &Strong<Fuse>) -> Session {
        drop(old);
        assert_eq!((counts(kept), counts(other)), ((5, 1), (1, 1)), "it gives back what it has taken");
        let mut session = Session::new();
        session.keep(kept).expect("it was not copied");
        session.keep(other).expect("it was not copied");
        session
    }

    #[test]
    fn what_is_shared_by_policy_has_its_counts_after_calls_that_fail() {
        type Texts = (Strong<str>, Strong<[u8]>, Strong<Path>, Strong<OsStr>, Strong<CStr>);
        for mode in [Mode::Error, Mode::Panic] {
            let detonator = Detonator::new();
            let texts: Texts =
                ("text".into(), [1, 2].into(), Path::new("/a").into(), OsStr::new("os").into(), c"c".into());
            let all = || (counts(&texts.0), counts(&texts.1), counts(&texts.2), counts(&texts.3), counts(&texts.4));
            let copied = Strong::new(detonator.fuse());
            let source = (
                texts.clone(),
                detonator.fuse(),
                vec![texts.clone(), texts.clone()],
                (copied.clone(), Strong::downgrade(&texts.0), Slot::new(Some(texts.1.clone()))),
                detonator.fuse(),
            );
            let live = detonator.live();
            let before = all();
            assert_eq!((before.0, before.1), ((4, 1), (5, 0)));
            let mut session = Session::with_options(Options::new().immutable(ImmutablePolicy::Share));
            for step in 0..3 {
                detonator.fail_at(step, mode, || session.deep_clone(&source));
                assert_eq!(all().0.0, before.0.0, "at step {step}");
                assert_eq!(all().1.0, before.1.0, "at step {step}");
                assert_eq!((all().2.0, all().3.0, all().4.0), (before.2.0, before.3.0, before.4.0));
                assert_eq!((session.stats(), detonator.live()), (Stats::default(), live));
            }
            drop(session);
            assert_eq!(all(), before, "it gives back what it has taken");
            let mut session = Session::with_options(Options::new().immutable(ImmutablePolicy::Share));
            let copy = session.deep_clone(&source).expect("not armed");
            assert!(same(&copy.0.0, &texts.0) && same(&copy.2[1].4, &texts.4) && !same(&copy.3.0, &copied));
            assert!(same(&copy.3.1.upgrade().expect("it stays on the source"), &texts.0));
            drop(session);
            assert_eq!((counts(&texts.0), counts(&texts.1), counts(&texts.2)), ((7, 2), (9, 0), (7, 0)));
            drop(copy);
            assert_eq!(all(), before);
            assert_eq!(detonator.live(), live);
        }
    }

    #[test]
    fn a_kept_node_of_a_strong_cycle_stays_on_it_and_the_others_are_copied_around_it() {
        for len in [1, 2, 5] {
            for entrance in 0..len {
                let detonator = Detonator::new();
                let nodes = ring(&detonator, len);
                let mut session = Session::new();
                session.keep(&nodes[0]).expect("it was not copied");
                let copy = session.deep_clone(&nodes[entrance]).expect("nothing fails");
                // The copies lead to the kept one, and that leads on into the source.
                let copies = if entrance == 0 { 0 } else { len - entrance };
                assert_eq!(session.stats().objects as usize, copies);
                assert_eq!(detonator.live() as usize, 2 * (len + copies));
                let mut at = copy.clone();
                for source in &nodes[entrance..] {
                    assert_eq!(same(&at, source), same(source, &nodes[0]));
                    if same(source, &nodes[0]) {
                        break;
                    }
                    // The one before lies outside of what was reached, or is a copy, or is kept.
                    let before = open(&at.weak).upgrade();
                    assert_eq!(before.is_some(), entrance == 1 || !same(source, &nodes[entrance]));
                    at = next(&at);
                }
                assert!(same(&at, &nodes[0]));
                assert_eq!(session.keep(&nodes[0]).map_err(|error| error.kind()), Ok(()), "it is kept already");
                drop(at);
                drop(session);
                let handles = if entrance == 0 { 1 } else { usize::from(copies > 0) };
                assert_eq!(Strong::strong_count(&nodes[0]), 2 + handles);
                assert_eq!(Strong::weak_count(&nodes[0]), 1 + usize::from(entrance == 1));
                // Cut at the kept node, the copies go with their handle: no cycle is left among them.
                drop(copy);
                assert_eq!(detonator.live() as usize, 2 * len);
                assert!(nodes.iter().all(|node| counts(node) == (2, 1)));
                nodes.iter().for_each(cut);
            }
        }
    }

    #[test]
    fn a_kept_node_of_a_strong_cycle_is_kept_through_failures_at_every_step() {
        for mode in [Mode::Error, Mode::Panic] {
            let detonator = Detonator::new();
            let nodes = ring(&detonator, 4);
            open(&nodes[2].other).extend([nodes[2].clone(), nodes[0].clone()]);
            let mut session = Session::new();
            session.keep(&nodes[0]).expect("it was not copied");
            let before: Vec<_> = nodes.iter().map(counts).collect();
            for step in 0..6 {
                detonator.fail_at(step, mode, || session.deep_clone(&nodes[1]));
                assert_eq!(nodes.iter().map(counts).map(|counts| counts.0).collect::<Vec<_>>(), [3, 2, 3, 2]);
                assert_eq!(counts(&nodes[0]), before[0], "at step {step}");
                assert_eq!((session.stats(), detonator.live()), (Stats::default(), 8));
            }
            let copy = session.deep_clone(&nodes[1]).expect("not armed");
            assert!(same(&next(&next(&next(&copy))), &nodes[0]));
            let second = next(&copy);
            assert!(same(&open(&second.other)[0], &second) && same(&open(&second.other)[1], &nodes[0]));
            drop(session);
            assert_eq!(counts(&second), (3, 1));
            cut(&second);
            drop((copy, second));
            assert_eq!(detonator.live(), 8);
            nodes.iter().for_each(cut);
        }
    }

    #[test]
    fn sources_that_are_strong_cycles_may_be_cut_and_die_between_the_calls() {
        let detonator = Detonator::new();
        let mut session = Session::new();
        let mut copies = Vec::new();
        for round in 0..300 {
            let nodes = ring(&detonator, 1 + round % 4);
            let copy = session.deep_clone(&nodes[round % nodes.len()]).expect("nothing fails");
            let again = session.deep_clone(&nodes[0]).expect("nothing fails");
            let mut at = again.clone();
            for node in &nodes {
                assert!(same(&session.copy_of(node).expect("it lives"), &at), "one copy each");
                at = next(&at);
            }
            assert!(same(&at, &again));
            // Every other copy dies before its source, and every third lives as long as the session.
            let keep = round % 3 == 0;
            if round % 2 == 0 && !keep {
                cut(&copy);
                drop((copy, again, at));
                nodes.iter().for_each(cut);
            } else {
                nodes.iter().for_each(cut);
                drop((again, at));
                if keep {
                    copies.push((copy, nodes.len()));
                } else {
                    cut(&copy);
                }
            }
        }
        let live: usize = copies.iter().map(|(_, len)| 2 * len).sum();
        assert_eq!(detonator.live() as usize, live, "a session keeps nobody alive");
        drop(session);
        for (copy, len) in &copies {
            assert_eq!(counts(copy), (2, 1));
            let mut at = next(copy);
            (1..*len).for_each(|_| at = next(&at));
            assert!(same(&at, copy), "it is still closed");
            assert!(same(&next(&open(&copy.weak).upgrade().expect("it lives")), copy));
        }
        copies.iter().for_each(|(copy, _)| cut(copy));
        drop(copies);
        assert_eq!(detonator.live(), 0);
    }

    type Limit = fn(Options, usize) -> Options;

    #[test]
    fn limits_on_a_ring_are_exact_and_what_exceeds_them_is_taken_apart() {
        let detonator = Detonator::new();
        let nodes = ring(&detonator, 6);
        let bytes = {
            let mut session = Session::new();
            let copy = session.deep_clone(&nodes[0]).expect("no limits");
            cut(&copy);
            session.stats().bytes as usize
        };
        assert_eq!(bytes, 6 * size_of::<Node>());
        // The vector in the last node lies one deeper than the node.
        let limits: [(usize, Limit); 3] =
            [(6, Options::max_objects), (bytes, Options::max_bytes), (7, Options::max_depth)];
        for (enough, set) in limits {
            for limit in (0..=7).map(|sixth| enough * sixth / 6) {
                let mut session = Session::with_options(set(Options::new(), limit));
                for entrance in &nodes {
                    match session.deep_clone(entrance) {
                        Ok(copy) => {
                            assert!(limit >= enough, "{limit} of {enough}");
                            assert_eq!(detonator.live(), 24);
                            cut(&copy);
                            // A limit on what a session makes is one on all its calls.
                            drop(copy);
                            session = Session::with_options(set(Options::new(), limit));
                        }
                        Err(error) => {
                            assert!(limit < enough, "{limit} of {enough}");
                            assert_eq!(error.kind(), ErrorKind::LimitExceeded);
                            assert!(error.to_string().contains("\nhelp: raise the limit"), "{error}");
                            assert_eq!(session.stats(), Stats::default());
                        }
                    }
                    assert_eq!(detonator.live(), 12, "nothing is lost");
                    assert!(nodes.iter().all(|node| session.copy_of(node).is_none()));
                    assert!(nodes.iter().all(|node| is_at_rest(&node.next) && is_at_rest(&node.weak)));
                }
                drop(session);
                assert!(nodes.iter().all(|node| counts(node) == (2, 1)));
            }
            // One less than enough is not enough.
            let mut session = Session::with_options(set(Options::new(), enough - 1));
            let error = session.deep_clone(&nodes[3]).err().expect("one too many");
            assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        }
        nodes.iter().for_each(cut);
        drop(nodes);
        assert_eq!(detonator.live(), 0);
    }
}
