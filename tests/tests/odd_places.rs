//! A clone in places where none is expected: inside a user's `Drop`, a thread-local destructor, a panic's unwinding, another clone.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use deepclone::{Cloner, DeepClone, Error, ErrorKind, Session, impl_deep_clone};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Blast, Detonator, Fuse, Mode};

thread_local! {
    static CLONES: Cell<u32> = const { Cell::new(0) };
}

each_family! {
    /// A ring of three with a map, which every odd place clones.
    #[derive(DeepClone)]
    struct Thing {
        names: Slot<std::collections::HashMap<String, Strong<u32>>>,
        next: Slot<Option<Strong<Thing>>>,
        parent: Slot<Weak<Thing>>,
    }

    impl Thing {
        fn ring() -> Strong<Self> {
            let new = || {
                Strong::new(Self {
                    names: Slot::new([("a".to_owned(), Strong::new(1))].into()),
                    next: Slot::default(),
                    parent: Slot::default(),
                })
            };
            let things = [new(), new(), new()];
            for index in 0..3 {
                *open(&things[index].next) = Some(things[(index + 1) % 3].clone());
                *open(&things[(index + 1) % 3].parent) = Strong::downgrade(&things[index]);
            }
            things[0].clone()
        }

        fn cut(ring: &Strong<Self>) {
            let next = open(&ring.next).take();
            drop(next);
        }
    }

    /// Clones a ring of its own, and looks whether all is as it should be.
    fn clone_a_ring() {
        let ring = Thing::ring();
        let copy = ring.deep_clone();
        let second = open(&copy.next).clone().expect("a ring");
        let third = open(&second.next).clone().expect("a ring");
        assert!(Strong::ptr_eq(open(&third.next).as_ref().expect("a ring"), &copy));
        assert!(Strong::ptr_eq(&open(&copy.parent).upgrade().expect("it lives"), &third));
        assert_eq!(counts(&copy), (2, 1));
        assert_eq!(*open(&second.names)["a"], 1);
        Thing::cut(&copy);
        Thing::cut(&ring);
        CLONES.set(CLONES.get() + 1);
    }

    /// Clones in its `Drop`.
    struct Parting;

    impl Drop for Parting {
        fn drop(&mut self) {
            clone_a_ring();
        }
    }

    impl Clone for Parting {
        fn clone(&self) -> Self {
            clone_a_ring();
            Self
        }
    }

    #[test]
    fn a_clone_inside_a_users_drop() {
        let before = CLONES.get();
        drop((Parting, Strong::new(Parting), vec![Parting]));
        assert_eq!(CLONES.get(), before + 3);
    }

    /// Clones whenever it can: when it is copied, made, hashed and dropped.
    #[derive(DeepClone)]
    struct Everywhere {
        #[deepclone(clone)]
        cloned: Parting,
        #[deepclone(default = { clone_a_ring(); 5 })]
        made: u32,
        #[deepclone(with = number)]
        with: u32,
        keys: std::collections::HashMap<Key, Strong<u32>>,
        itself: Slot<Option<Strong<Everywhere>>>,
        last: Fuse,
    }

    fn number(number: &u32) -> u32 {
        clone_a_ring();
        *number
    }

    #[derive(DeepClone, PartialEq, Eq)]
    struct Key(String);

    impl std::hash::Hash for Key {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            clone_a_ring();
            self.0.hash(state);
        }
    }

    fn everywhere(detonator: &Detonator) -> Strong<Everywhere> {
        let source = Strong::new(Everywhere {
            cloned: Parting,
            made: 1,
            with: 2,
            keys: [(Key("a".to_owned()), Strong::new(1)), (Key("b".to_owned()), Strong::new(2))].into(),
            itself: Slot::default(),
            last: detonator.fuse(),
        });
        *open(&source.itself) = Some(source.clone());
        source
    }

    fn let_go(of: &Strong<Everywhere>) {
        let itself = open(&of.itself).take();
        drop(itself);
    }

    #[test]
    fn clones_inside_all_the_user_code_of_another_clone() {
        let detonator = Detonator::new();
        let source = everywhere(&detonator);
        let before = CLONES.get();
        let copy = source.deep_clone();
        assert!(CLONES.get() >= before + 5);
        assert_eq!((copy.made, copy.with, copy.keys.len()), (5, 2, 2));
        assert_eq!(counts(&copy), (2, 0));
        let_go(&copy);
        let_go(&source);
    }

    #[test]
    fn clones_inside_the_drops_of_a_clone_that_fails() {
        for mode in [Mode::Error, Mode::Panic] {
            let detonator = Detonator::new();
            let source = everywhere(&detonator);
            let before = CLONES.get();
            detonator.fail_at(0, mode, || source.try_deep_clone());
            assert!(CLONES.get() > before + 5, "the copy of `cloned` was dropped");
            assert_eq!(counts(&source), (2, 0));
            assert_eq!(detonator.live(), 1);
            let_go(&source);
        }
    }

    #[test]
    fn a_clone_inside_the_unwinding_of_a_panic() {
        let before = CLONES.get();
        let payload = catch_unwind(|| {
            let _parting = Parting;
            let _other = (Strong::new(Parting), 1);
            resume_unwind(Box::new(7));
        })
        .expect_err("it panics");
        assert_eq!(payload.downcast_ref::<i32>(), Some(&7));
        assert_eq!(CLONES.get(), before + 2);
    }

    /// In its `Drop`, during an unwinding, runs an operation that fails, and one whose user code panics and is caught.
    struct Stubborn(Fuse, Detonator);

    impl Drop for Stubborn {
        fn drop(&mut self) {
            assert!(thread::panicking());
            for mode in [Mode::Error, Mode::Panic] {
                let source = (Strong::new(self.1.fuse()), [self.1.fuse(), self.1.fuse()]);
                self.1.fail_at(1, mode, || source.try_deep_clone());
                assert!(source.try_deep_clone().is_ok());
            }
            drop(self.0.clone());
            CLONES.set(CLONES.get() + 1);
        }
    }

    #[test]
    fn clones_that_fail_inside_the_unwinding_of_a_panic() {
        let detonator = Detonator::new();
        let before = CLONES.get();
        let payload = catch_unwind(AssertUnwindSafe(|| {
            let _stubborn = Stubborn(detonator.fuse(), detonator.clone());
            resume_unwind(Box::new(7));
        }))
        .expect_err("it panics");
        assert_eq!(payload.downcast_ref::<i32>(), Some(&7));
        assert_eq!(CLONES.get(), before + 1);
        assert_eq!(detonator.live(), 0);
    }

    #[test]
    fn locks_that_are_copied_during_an_unwinding_are_not_poisoned() {
        struct Copies(Strong<Slot<Vec<Strong<Slot<u32>>>>>);
        impl Drop for Copies {
            fn drop(&mut self) {
                let copy = self.0.deep_clone();
                assert!(is_at_rest(&copy) && is_at_rest(&open(&copy)[0]));
                assert!(is_at_rest(&self.0) && is_at_rest(&open(&self.0)[0]));
                CLONES.set(CLONES.get() + 1);
            }
        }
        let before = CLONES.get();
        let source = Strong::new(Slot::new(vec![Strong::new(Slot::new(1))]));
        let copies = Copies(source.clone());
        catch_unwind(AssertUnwindSafe(move || {
            let _copies = copies;
            resume_unwind(Box::new(()));
        }))
        .expect_err("it panics");
        assert!(is_at_rest(&source));
        assert_eq!(CLONES.get(), before + 1);
    }

    thread_local! {
        static LAST_WILL: RefCell<Option<LastWill>> = const { RefCell::new(None) };
        static SESSION: RefCell<Option<(Session, Vec<Strong<u32>>)>> = const { RefCell::new(None) };
    }

    /// Clones when its thread ends, first with failures at every step. It tells what it has seen, and panics nowhere: that would end the program.
    struct LastWill(Strong<Thing>, Sender<Seen>);

    /// How many clones failed, with a panic or without, what was left of them, and the counts of a copy.
    #[derive(Debug, PartialEq, Eq, Default)]
    struct Seen {
        errors: usize,
        panics: usize,
        leaked: isize,
        counts: (usize, usize),
    }

    impl Drop for LastWill {
        fn drop(&mut self) {
            let mut seen = Seen::default();
            let detonator = Detonator::new();
            let fuses = (Strong::new(detonator.fuse()), vec![detonator.fuse(), detonator.fuse()]);
            let source = (self.0.clone(), fuses, self.0.clone());
            for (mode, step) in [Mode::Error, Mode::Panic].into_iter().flat_map(|mode| (0..3).map(move |step| (mode, step))) {
                detonator.arm(step, mode);
                match catch_unwind(AssertUnwindSafe(|| source.try_deep_clone())) {
                    Ok(Err(error)) if error.kind() == ErrorKind::Custom => seen.errors += 1,
                    Err(payload) if payload.is::<Blast>() => seen.panics += 1,
                    _ => {}
                }
                seen.leaked += detonator.live() - 3;
            }
            detonator.disarm();
            drop(source);
            if let Ok(copy) = self.0.try_deep_clone() {
                if let Ok(session) = Session::new().deep_clone(&(copy.clone(), 1)) {
                    Thing::cut(&session.0);
                }
                clone_a_ring_quietly();
                seen.counts = counts(&copy);
                Thing::cut(&copy);
            }
            Thing::cut(&self.0);
            let _ = self.1.send(seen);
        }
    }

    fn clone_a_ring_quietly() {
        let ring = Thing::ring();
        let copy = ring.deep_clone();
        Thing::cut(&copy);
        Thing::cut(&ring);
    }

    /// When the thread has used the library: what a thread-local holds is destroyed in an order that depends on it.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    enum Used {
        Never,
        Before,
        After,
    }

    fn use_it() {
        let mut session = Session::new();
        let copies = vec![session.deep_clone(&Strong::new(1)).expect("nothing fails")];
        // It is still open when the thread ends.
        SESSION.set(Some((session, copies)));
        clone_a_ring();
    }

    #[test]
    fn a_clone_inside_a_thread_local_destructor_works_and_fails_as_elsewhere() {
        for used in [Used::Never, Used::Before, Used::After] {
            let (will, opened) = channel();
            thread::spawn(move || {
                if used == Used::Before {
                    use_it();
                }
                LAST_WILL.set(Some(LastWill(Thing::ring(), will)));
                if used == Used::After {
                    use_it();
                }
            })
            .join()
            .expect("it did not panic");
            assert_eq!(opened.recv(), Ok(Seen { errors: 3, panics: 3, leaked: 0, counts: (2, 1) }), "{used:?}");
        }
    }

    /// A copy written by hand that clones itself, in operations of their own, some levels down.
    struct Nested(u32, Strong<Slot<u32>>);

    impl_deep_clone! { impl for Nested = nested }

    fn nested(source: &Nested, cloner: &mut Cloner<'_>) -> Result<Nested, Error> {
        let shared = cloner.deep_clone(&source.1)?;
        if source.0 > 0 {
            let below = Strong::new(Nested(source.0 - 1, source.1.clone())).try_deep_clone()?;
            assert!(!Strong::ptr_eq(&below.1, &shared) && !Strong::ptr_eq(&below.1, &source.1));
            let inside = cloner.deep_clone(&Nested(source.0 - 1, source.1.clone()))?;
            assert!(Strong::ptr_eq(&inside.1, &shared));
        }
        Ok(Nested(source.0, shared))
    }

    #[test]
    fn operations_inside_operations_inside_operations() {
        let shared = Strong::new(Slot::new(1));
        let copy = Nested(6, shared.clone()).deep_clone();
        assert_eq!(counts(&copy.1), (1, 0));
        assert_eq!(counts(&shared), (1, 0));
        assert_eq!(copy.0, 6);
    }

    #[test]
    fn an_error_of_an_inner_operation_passed_on_is_an_error_of_the_outer_one() {
        let fails = Detonator::new();
        fails.arm(0, Mode::Error);
        struct Relays(Fuse);
        impl_deep_clone! { impl for Relays = |relays, _cloner| Ok(Relays(relays.0.try_deep_clone()?)) }
        let error = vec![Relays(fails.fuse())].try_deep_clone().err().expect("it fails");
        assert_eq!(error.kind(), ErrorKind::Custom);
        assert!(error.path().starts_with("Vec[0]"), "{}", error.path());
    }
}
