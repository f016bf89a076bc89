//! `Arc::<str>::default()` and its like, which lie in one static: the counts of all of them and of their copies, and what failures, limits, sessions
//! and weak edges do to them. The same with `Rc`, whose empty ones lie where they like.

use std::collections::HashMap;
use std::ffi::CStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use deepclone::{DeepClone, ErrorKind, ImmutablePolicy, Options, Session, Stats};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Mode};

/// The static is everybody's. So that its counts mean something, one test at a time looks at it.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As much alignment as the static has.
#[derive(DeepClone)]
#[repr(align(16))]
struct Wide;

/// More.
#[derive(DeepClone)]
#[repr(align(64))]
struct Wider;

/// A handle: where it leads, and the counts there.
type Handle = (usize, usize, usize);

/// Each allocation has as many strong counts as there are handles, and no weak ones.
#[track_caller]
fn assert_exact(handles: &[Handle]) {
    let mut edges = HashMap::new();
    for (address, ..) in handles {
        *edges.entry(address).or_insert(0) += 1;
    }
    for (address, strong, weak) in handles {
        assert_eq!((*strong, *weak), (edges[address], 0), "{handles:?}");
    }
}

each_family! {
    #[derive(DeepClone, Clone, Default)]
    struct Empties {
        text: Strong<str>,
        bytes: Strong<[u8]>,
        c: Strong<CStr>,
        words: Strong<[u64]>,
        strings: Strong<[String]>,
        slots: Strong<[Slot<u32>]>,
        wide: Strong<[Wide]>,
        wider: Strong<[Wider]>,
    }

    fn handle<T: ?Sized>(of: &Strong<T>) -> Handle {
        (Strong::as_ptr(of).cast::<()>().addr(), Strong::strong_count(of), Strong::weak_count(of))
    }

    impl Empties {
        fn handles(&self) -> [Handle; 8] {
            let Self { text, bytes, c, words, strings, slots, wide, wider } = self;
            [handle(text), handle(bytes), handle(c), handle(words), handle(strings), handle(slots), handle(wide), handle(wider)]
        }

        fn check(&self) {
            assert_eq!((&*self.text, &*self.bytes, &*self.c), ("", &[][..], c""));
            assert_eq!([self.words.len(), self.strings.len(), self.slots.len(), self.wide.len(), self.wider.len()], [0; 5]);
            let [.., wide, wider] = self.handles();
            assert_eq!((wide.0 % 16, wider.0 % 64), (0, 0));
        }
    }

    fn handles(of: &[Empties]) -> Vec<Handle> {
        of.iter().flat_map(Empties::handles).collect()
    }

    /// Twice the same handles, and others like them.
    fn source() -> Vec<Empties> {
        let first = Empties::default();
        vec![first.clone(), first, Empties::default()]
    }

    type Clones = fn(&Vec<Empties>) -> Vec<Empties>;

    #[test]
    fn copies_of_empty_things_have_exact_counts_and_the_source_keeps_its_own() {
        let _alone = alone();
        let source = source();
        let before = handles(&source);
        // The session ends with its line: till then it has weak counts of its own.
        let clones: [Clones; 2] =
            [Vec::deep_clone, |source| Session::new().deep_clone(source).expect("nothing fails")];
        for clone in clones {
            let copy = clone(&source);
            copy.iter().for_each(Empties::check);
            let copies = handles(&copy);
            assert_exact(&copies);
            for (copy, source) in copies.iter().zip(&before) {
                assert!(before.iter().all(|source| source.0 != copy.0), "nothing is shared with the source");
                // What was one allocation for one type still is.
                let at = before.iter().position(|other| other.0 == source.0).expect("it is there");
                let like = (at..before.len()).step_by(8).filter(|at| before[*at].0 == source.0);
                assert!(like.map(|other| copies[other].0).all(|address| address == copies[at].0));
            }
            assert_eq!(handles(&source), before);
            // They are ordinary allocations, and can be changed once they are alone.
            let mut only = copy.into_iter().next().expect("three").strings;
            assert!(Strong::get_mut(&mut only).is_some());
            assert_eq!(Strong::strong_count(&only), 1);
        }
        assert_eq!(handles(&source), before);
    }

    #[test]
    fn calls_that_fail_leave_the_counts_of_empty_things_alone() {
        let _alone = alone();
        for mode in [Mode::Error, Mode::Panic] {
            let detonator = Detonator::new();
            let empties = source();
            let source = (
                (detonator.fuse(), empties[0].clone()),
                (detonator.fuse(), empties.clone()),
                (Strong::downgrade(&empties[0].text), Slot::new(vec![empties[2].clone()]), detonator.fuse()),
            );
            let before = handles(&empties);
            let mut sessions = [
                Session::new(),
                Session::with_options(Options::new().immutable(ImmutablePolicy::Share)),
            ];
            for step in 0..3 {
                detonator.fail_at(step, mode, || source.try_deep_clone());
                assert_eq!(handles(&empties), before, "at step {step}");
                for session in &mut sessions {
                    detonator.fail_at(step, mode, || session.deep_clone(&source));
                    assert_eq!(session.stats(), Stats::default());
                    let strong = |handles: Vec<Handle>| handles.into_iter().map(|handle| handle.1).collect::<Vec<_>>();
                    assert_eq!(strong(handles(&empties)), strong(before.clone()), "at step {step}");
                }
                assert_eq!(detonator.live(), 3);
            }
            drop(sessions);
            assert_eq!(handles(&empties), before);
            let copy = source.deep_clone();
            let weak = copy.2.0.upgrade().expect("it was reached");
            assert!(same(&weak, &copy.0.1.text) && same(&weak, &copy.1.1[0].text));
            drop(copy);
            assert_eq!((Strong::strong_count(&weak), &*weak), (1, ""));
            assert_eq!(handles(&empties), before);
        }
    }

    #[test]
    fn limits_count_empty_things_as_the_allocations_that_their_copies_are() {
        let _alone = alone();
        let source = source();
        let before = handles(&source);
        let mut addresses: Vec<_> = handles(&source.deep_clone()).into_iter().map(|handle| handle.0).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let enough = addresses.len();
        let mut unlimited = Session::new();
        let copy = unlimited.deep_clone(&source).expect("no limits");
        let stats = unlimited.stats();
        assert_eq!((stats.objects as usize, stats.shared_edges as usize), (enough, 3 * 8 - enough));
        drop((unlimited, copy));
        for limit in 0..=enough + 1 {
            let mut session = Session::with_options(Options::new().max_objects(limit));
            match session.deep_clone(&source) {
                Ok(copy) => {
                    assert!(limit >= enough);
                    drop(session);
                    assert_exact(&handles(&copy));
                }
                Err(error) => {
                    assert!(limit < enough);
                    assert_eq!((error.kind(), session.stats()), (ErrorKind::LimitExceeded, Stats::default()));
                    drop(session);
                }
            }
            assert_eq!(handles(&source), before, "at {limit}");
        }
    }

    #[test]
    fn an_empty_thing_that_is_kept_stays_where_it_is() {
        let _alone = alone();
        let source = source();
        let before = handles(&source);
        let mut session = Session::new();
        session.keep(&source[0].text).expect("it was not copied");
        session.keep(&source[0].c).expect("it was not copied");
        session.keep(&source[2].wide).expect("it was not copied");
        for _ in 0..2 {
            let copy = session.deep_clone(&source).expect("nothing fails");
            copy.iter().for_each(Empties::check);
            for (copy, source) in copy[..2].iter().zip(&source) {
                assert!(same(&copy.text, &source.text) && same(&copy.c, &source.c));
            }
            assert!(same(&copy[2].wide, &source[2].wide));
            // What nobody kept is copied, also if it is empty.
            assert!(!same(&copy[0].wider, &source[0].wider));
            let as_kept = session.copy_of(&source[0].text);
            assert!(as_kept.is_none_or(|text| same(&text, &source[0].text)));
        }
        assert_eq!(session.keep(&source[1].text).map_err(|error| error.kind()), Ok(()), "it is kept already");
        drop(session);
        assert_eq!(handles(&source), before);
    }

    #[test]
    fn an_empty_thing_that_was_copied_is_known_by_all_its_views_and_can_not_be_kept() {
        let _alone = alone();
        let source = source();
        let before = handles(&source);
        let mut session = Session::new();
        assert!(session.copy_of(&source[0].text).is_none());
        let copy = session.deep_clone(&source).expect("nothing fails");
        for (copy, source) in copy.iter().zip(&source) {
            assert!(same(&session.copy_of(&source.text).expect("it lives"), &copy.text));
            assert!(same(&session.copy_of(&source.c).expect("it lives"), &copy.c));
            assert!(same(&session.copy_of(&source.words).expect("it lives"), &copy.words));
            assert!(same(&session.copy_of(&source.slots).expect("it lives"), &copy.slots));
            assert!(same(&session.copy_of(&source.wide).expect("it lives"), &copy.wide));
            assert!(same(&session.copy_of(&source.wider).expect("it lives"), &copy.wider));
        }
        for error in [session.keep(&source[0].text), session.keep(&source[0].c), session.keep(&source[0].wide)] {
            assert_eq!(error.map_err(|error| error.kind()), Err(ErrorKind::Incomplete));
        }
        drop(copy);
        // With its last handle it is gone, though the static stays.
        assert!(session.copy_of(&source[0].text).is_none() && session.copy_of(&source[0].c).is_none());
        session.keep(&source[0].text).expect("its copy is gone");
        let again = session.deep_clone(&source[0]).expect("nothing fails");
        assert!(same(&again.text, &source[0].text));
        drop((again, session));
        assert_eq!(handles(&source), before);
    }

    #[test]
    fn empty_texts_are_shared_by_policy() {
        let _alone = alone();
        let source = source();
        let before = handles(&source);
        let mut session = Session::with_options(Options::new().immutable(ImmutablePolicy::Share));
        let copy = session.deep_clone(&source).expect("nothing fails");
        for (copy, source) in copy.iter().zip(&source) {
            copy.check();
            assert!(same(&copy.text, &source.text) && same(&copy.bytes, &source.bytes) && same(&copy.c, &source.c));
            assert!(!same(&copy.wider, &source.wider));
        }
        drop(session);
        // Three more of each, wherever they lead.
        let (now, copies) = (handles(&source), handles(&copy));
        for ((now, before), source) in now.iter().zip(&before).zip(&before) {
            let added = copies.iter().filter(|copy| copy.0 == source.0).count();
            assert_eq!((now.1, now.2), (before.1 + added, before.2));
        }
        drop(copy);
        assert_eq!(handles(&source), before);
    }

    #[test]
    fn weak_edges_to_empty_things_lead_to_their_copies_or_dangle() {
        let _alone = alone();
        let Empties { text, c, wide, .. } = Empties::default();
        let weak = (Strong::downgrade(&text), Strong::downgrade(&c), Strong::downgrade(&wide));
        let before = (handle(&text), handle(&c), handle(&wide));
        // No strong edge: they dangle, though what they lead to lives as long as the program.
        let copy = weak.deep_clone();
        assert!(copy.0.upgrade().is_none() && copy.1.upgrade().is_none() && copy.2.upgrade().is_none());
        // Before and after a strong edge.
        let source = (weak.clone(), (text.clone(), c.clone(), wide.clone()), weak.clone());
        let copy = source.deep_clone();
        let (text2, c2, wide2) = &copy.1;
        for weak in [&copy.0, &copy.2] {
            assert!(same(&weak.0.upgrade().expect("it was reached"), text2));
            assert!(same(&weak.1.upgrade().expect("it was reached"), c2));
            assert!(same(&weak.2.upgrade().expect("it was reached"), wide2));
        }
        assert!(!same(text2, &text) && !same(c2, &c) && !same(wide2, &wide));
        for copied in [handle(text2), handle(c2), handle(wide2)] {
            assert_eq!((copied.1, copied.2), (1, 2));
        }
        drop(source);
        // Kept: they lead to the source.
        let mut session = Session::new();
        session.keep(&text).expect("it was not copied");
        let copy = session.deep_clone(&weak).expect("nothing fails");
        assert!(same(&copy.0.upgrade().expect("it is kept"), &text));
        assert!(copy.1.upgrade().is_none(), "its layout is another, and so it counts as another");
        drop((copy, session));
        assert_eq!((handle(&text), handle(&c), handle(&wide)), before);
    }
}
