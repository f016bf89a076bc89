//! Several roots through one session: one identity, whatever dies in between, whatever fails.

use deepclone::{Cloner, DeepClone, ErrorKind, Session};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Mode};

trait Speaks: DeepClone {
    fn says(&self) -> u32;
}

#[derive(DeepClone)]
struct Word(u32);

impl Speaks for Word {
    fn says(&self) -> u32 {
        self.0
    }
}

#[test]
fn sessions_and_cloners_stay_on_their_thread() {
    trait AmbiguousIfSend<A> {
        fn ok() {}
    }
    impl<T: ?Sized> AmbiguousIfSend<()> for T {}
    impl<T: ?Sized + Send> AmbiguousIfSend<u8> for T {}
    trait AmbiguousIfSync<A> {
        fn ok() {}
    }
    impl<T: ?Sized> AmbiguousIfSync<()> for T {}
    impl<T: ?Sized + Sync> AmbiguousIfSync<u8> for T {}
    <Session as AmbiguousIfSend<_>>::ok();
    <Session as AmbiguousIfSync<_>>::ok();
    <Cloner<'_> as AmbiguousIfSend<_>>::ok();
    <Cloner<'_> as AmbiguousIfSync<_>>::ok();
}

#[test]
fn the_same_box_cloned_twice_in_a_session_is_two_boxes() {
    let source = Box::new(5);
    let mut session = Session::new();
    let first = session.deep_clone(&source).expect("nothing fails");
    let second = session.deep_clone(&source).expect("nothing fails");
    assert!(!std::ptr::eq(&*first, &*second) && *first == 5 && *second == 5);
}

each_family! {
    #[test]
    fn what_two_roots_reach_is_copied_once() {
        let shared = Strong::new("shared".to_owned());
        let (a, b) = ((1, shared.clone()), vec![Some(shared.clone()), None]);
        let mut session = Session::new();
        let a = session.deep_clone(&a).expect("nothing fails");
        let b = session.deep_clone(&b).expect("nothing fails");
        let c = session.deep_clone(&shared).expect("nothing fails");
        assert!(same(&a.1, b[0].as_ref().expect("it is there")) && same(&a.1, &c) && !same(&c, &shared));
        assert_eq!(session.stats().objects, 1);
        drop(session);
        assert_eq!(counts(&c), (3, 0));
        assert_eq!(counts(&shared), (3, 0));
    }

    #[test]
    fn a_unique_pointer_cloned_twice_in_a_session_is_one_copy() {
        let source = (Strong::new(Box::new(3)), Strong::new(Slot::new(Some(Strong::new(4)))));
        let mut session = Session::new();
        let first = session.deep_clone(&source).expect("nothing fails");
        let second = session.deep_clone(&source).expect("nothing fails");
        assert!(same(&first.0, &second.0) && same(&first.1, &second.1));
        assert_eq!(session.stats().objects, 3);
        drop(session);
        assert_eq!((counts(&first.0), counts(&first.1)), ((2, 0), (2, 0)));
        assert_eq!((counts(&source.0), counts(&source.1)), ((1, 0), (1, 0)));
    }

    #[test]
    fn sources_may_die_between_the_calls_and_leave_their_addresses_to_others() {
        let mut session = Session::new();
        let mut copies = Vec::new();
        for round in 0..20_000_u64 {
            match round % 3 {
                0 => copies.push((round, session.deep_clone(&Strong::new(round)).expect("nothing fails"))),
                1 => {
                    let words = session.deep_clone(&Strong::new([round as u32; 2])).expect("nothing fails");
                    assert_eq!(*words, [round as u32; 2]);
                }
                _ => {
                    let slot = Strong::new(Slot::new(round));
                    let (a, b) = session.deep_clone(&(slot.clone(), Strong::downgrade(&slot))).expect("nothing fails");
                    assert!(same(&a, &b.upgrade().expect("it lives")));
                    assert_eq!(*open(&a), round);
                }
            }
        }
        assert!(copies.iter().all(|(round, copy)| **copy == *round));
        drop(session);
        assert!(copies.iter().all(|(_, copy)| counts(copy) == (1, 0)));
    }

    #[test]
    fn what_was_copied_and_has_died_is_copied_again() {
        let source = Strong::new(Slot::new(vec![Strong::new(1)]));
        let mut session = Session::new();
        for _ in 0..3 {
            assert!(session.copy_of(&source).is_none());
            let copy = session.deep_clone(&source).expect("nothing fails");
            assert!(same(&copy, &session.copy_of(&source).expect("it lives")));
            assert_eq!(*open(&copy)[0], 1);
        }
        assert_eq!(session.stats().objects, 6);
        drop(session);
        assert_eq!(counts(&source), (1, 0));
    }

    #[test]
    fn a_weak_edge_is_settled_when_its_root_call_ends() {
        let target = Strong::new(7);
        let weak = Strong::downgrade(&target);
        let mut session = Session::new();
        let early = session.deep_clone(&weak).expect("nothing fails");
        assert!(early.upgrade().is_none());
        let copy = session.deep_clone(&target).expect("nothing fails");
        assert!(early.upgrade().is_none(), "later roots don't change it");
        let late = session.deep_clone(&weak).expect("nothing fails");
        assert!(same(&late.upgrade().expect("it was reached"), &copy));
        drop(copy);
        assert!(late.upgrade().is_none(), "nothing else keeps it");
        let again = session.deep_clone(&weak).expect("nothing fails");
        assert!(again.upgrade().is_none());
        drop(session);
        assert_eq!(counts(&target), (1, 1));
    }

    #[test]
    fn what_is_kept_stays_shared_through_every_view() {
        let kept = Strong::new(Word(5));
        let object: Strong<dyn Speaks> = kept.clone();
        let (weak, weak_object) = (Strong::downgrade(&kept), Strong::downgrade(&object));
        let source = vec![(weak_object.clone(), object.clone(), kept.clone(), weak.clone(), Strong::new(Word(6)))];
        let mut session = Session::new();
        session.keep(&kept).expect("it was not copied");
        session.keep(&object).expect("it is kept already");
        let copy = session.deep_clone(&source).expect("nothing fails");
        let (w, o, k, v, other) = &copy[0];
        assert!(same(k, &kept) && same(o, &kept) && !same(other, &source[0].4));
        assert!(same(&w.upgrade().expect("it lives"), &kept) && same(&v.upgrade().expect("it lives"), &kept));
        assert_eq!((o.says(), other.says()), (5, 6));
        // `other`, and the two kept edges.
        assert_eq!((session.stats().objects, session.stats().shared_edges), (1, 2));
        drop(session);
        assert_eq!(counts(&kept), (6, 6));
        drop(copy);
        assert_eq!(counts(&kept), (4, 4));
    }

    #[test]
    fn only_a_weak_edge_to_what_is_kept_leads_there_too() {
        let kept: Strong<[u16]> = [1, 2].into();
        let text: Strong<str> = "kept".into();
        let mut session = Session::new();
        session.keep(&kept).expect("it was not copied");
        session.keep(&text).expect("it was not copied");
        let copy = session.deep_clone(&(Strong::downgrade(&kept), Strong::downgrade(&text))).expect("nothing fails");
        assert!(same(&copy.0.upgrade().expect("it lives"), &kept));
        assert!(same(&copy.1.upgrade().expect("it lives"), &text));
        drop(session);
        assert_eq!((counts(&kept), counts(&text)), ((1, 1), (1, 1)));
    }

    #[test]
    fn what_has_a_living_copy_can_not_be_kept() {
        let source = Strong::new(1);
        let mut session = Session::new();
        let copy = session.deep_clone(&source).expect("nothing fails");
        let error = session.keep(&source).expect_err("it has a copy");
        assert_eq!(error.kind(), ErrorKind::Incomplete);
        let text = error.to_string();
        assert!(text.contains("\nhelp: call `keep` before the first clone"), "{text}");
        assert!(same(&session.deep_clone(&source).expect("still usable"), &copy));
        drop(copy);
        session.keep(&source).expect("its copy is gone");
        assert!(same(&session.deep_clone(&source).expect("nothing fails"), &source));
        drop(session);
        assert_eq!(counts(&source), (1, 0));
    }

    #[test]
    fn what_is_kept_may_die_with_the_session_alive() {
        let mut session = Session::new();
        for round in 0..1_000 {
            let kept = Strong::new(round);
            session.keep(&kept).expect("it was not copied");
            let copy = session.deep_clone(&(kept.clone(), Strong::downgrade(&kept))).expect("nothing fails");
            assert!(same(&copy.0, &kept));
            assert_eq!(*copy.0, round);
        }
    }

    #[test]
    fn a_copy_is_known_by_the_view_of_the_argument() {
        let (word, text) = (Strong::new(Word(1)), Strong::<str>::from("text"));
        let object: Strong<dyn Speaks> = word.clone();
        let bytes: Strong<[u8]> = text.clone().into();
        let never: Strong<dyn Speaks> = Strong::new(Word(2));
        let array = Strong::new([Slot::new(1), Slot::new(2)]);
        let slice: Strong<[Slot<u32>]> = array.clone();
        let mut session = Session::new();
        let copy = session
            .deep_clone(&(word.clone(), text.clone(), Strong::downgrade(&never), array))
            .expect("nothing fails");
        let as_object = session.copy_of(&object).expect("known by its allocation");
        assert!(same(&as_object, &copy.0) && as_object.says() == 1);
        assert!(same(&session.copy_of(&word).expect("known"), &copy.0));
        let as_bytes = session.copy_of(&bytes).expect("known by its allocation");
        assert!(same(&as_bytes, &copy.1) && *as_bytes == *b"text");
        assert_eq!(session.copy_of(&slice).expect("known by its allocation").len(), 2);
        assert!(session.copy_of(&never).is_none(), "a weak edge copies nothing");
        assert!(session.copy_of(&Strong::new(1_u8)).is_none());
        drop((as_object, as_bytes, session));
        assert_eq!((counts(&copy.0), counts(&copy.1)), ((1, 0), (1, 0)));
    }

    #[test]
    fn two_entrances_of_one_ring_lead_to_one_copy() {
        let graph = graphs::Graph::strongly_cyclic(10);
        let mut session = Session::new();
        let copies: Vec<_> =
            graph.nodes.iter().map(|node| session.deep_clone(node).expect("nothing fails")).collect();
        for (node, copy) in graph.nodes.iter().zip(&copies) {
            assert!(same(&session.copy_of(node).expect("it lives"), copy));
            assert_eq!(copy.id, node.id);
        }
        let objects = session.stats().objects;
        assert_eq!(objects, 10);
        drop(session);
        for (node, copy) in graph.nodes.iter().zip(&copies) {
            assert_eq!(counts(copy), counts(node));
        }
        graphs::sever(&copies[0]);
        drop(copies);
        assert_eq!(graph.detonator.live(), 20);
    }

    /// After each failure what the call has made is unknown, and what was made before is known.
    #[test]
    fn a_session_goes_on_after_errors_and_caught_panics_at_every_step() {
        for mode in [Mode::Error, Mode::Panic] {
            let detonator = Detonator::new();
            let early = Strong::new(detonator.fuse());
            let shared = Strong::new(Slot::new(Some(Strong::new(detonator.fuse()))));
            let source = (early.clone(), vec![shared.clone(), shared.clone()], [detonator.fuse(), detonator.fuse()]);
            let mut session = Session::new();
            let known = session.deep_clone(&early).expect("not armed");
            let stats = session.stats();
            let live = detonator.live();
            for step in 0..3 {
                detonator.fail_at(step, mode, || session.deep_clone(&source));
                assert_eq!(session.stats(), stats, "failed calls count nothing");
                assert!(session.copy_of(&shared).is_none(), "a failed call leaves nothing");
                assert!(same(&session.copy_of(&early).expect("it lives"), &known));
                assert_eq!(detonator.live(), live);
            }
            detonator.disarm();
            let copy = session.deep_clone(&source).expect("not armed");
            assert_eq!(detonator.steps(), 3);
            assert!(same(&copy.0, &known) && same(&copy.1[0], &copy.1[1]));
            assert!(same(&session.copy_of(&shared).expect("it lives"), &copy.1[0]));
            assert_eq!(session.stats().objects, stats.objects + 2);
            drop((session, copy));
            assert_eq!((counts(&known), counts(&early)), ((1, 0), (2, 0)));
            assert_eq!(counts(&shared), (3, 0));
            assert_eq!(detonator.live(), live);
        }
    }

    #[test]
    fn a_failed_call_that_would_have_copied_something_again_leaves_nothing_of_it() {
        let detonator = Detonator::new();
        let inner = Strong::new(detonator.fuse());
        let source = (inner.clone(), detonator.fuse());
        let mut session = Session::new();
        drop(session.deep_clone(&inner).expect("not armed"));
        detonator.fail_at(1, Mode::Error, || session.deep_clone(&source));
        assert!(session.copy_of(&inner).is_none());
        let copy = session.deep_clone(&source).expect("not armed");
        assert!(same(&session.copy_of(&inner).expect("it lives"), &copy.0));
        drop(session);
        assert_eq!((counts(&inner), counts(&copy.0)), ((2, 0), (1, 0)));
    }
}
