//! Code written by hand that does what it may: starts operations of its own, makes temporaries, stashes what it got, changes the source, swallows
//! errors and catches panics.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "nothing here leaves its thread"
)]

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use deepclone::{Cloner, DeepClone, Error, ErrorKind, impl_deep_clone};
use deepclone_tests::deeds::Deed;
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

/// An error of a user's own.
#[derive(Debug, PartialEq, Eq)]
struct NoSignal(u32);

impl std::fmt::Display for NoSignal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no signal on {}", self.0)
    }
}

impl std::error::Error for NoSignal {}

impl From<NoSignal> for Error {
    fn from(error: NoSignal) -> Self {
        Self::custom(error)
    }
}

struct Radio(u32);

impl_deep_clone! { impl for Radio = tune }

fn tune(radio: &Radio, _: &mut Cloner<'_>) -> Result<Radio, NoSignal> {
    Err(NoSignal(radio.0))
}

fn tune_frequency(frequency: &u32, _: &mut Cloner<'_>) -> Result<u32, NoSignal> {
    Err(NoSignal(*frequency))
}

#[derive(DeepClone)]
enum Device {
    Radio { inside: Vec<Radio> },
    Dial(#[deepclone(try_with = tune_frequency)] u32),
}

#[test]
fn an_error_of_the_users_own_comes_out_with_its_path_and_as_the_source() {
    for (device, path, name) in [
        (
            Device::Radio {
                inside: vec![Radio(3)],
            },
            "(_, _).1::Radio.inside[0]",
            "Radio",
        ),
        (Device::Dial(3), "(_, _).1::Dial.0", "u32"),
    ] {
        let error = (1, device).try_deep_clone().err().expect("it fails");
        assert_eq!(error.kind(), ErrorKind::Custom);
        assert_eq!(error.path(), path);
        assert!(error.type_name().ends_with(name), "{}", error.type_name());
        let source = std::error::Error::source(&error).expect("the user's own");
        assert_eq!(source.downcast_ref::<NoSignal>(), Some(&NoSignal(3)));
        let text = error.to_string();
        assert!(
            text.contains("no signal on 3") && text.contains("\nhelp: "),
            "{text}"
        );
    }
}

/// Whose `Into<Error>` panics.
struct Explosive;

impl From<Explosive> for Error {
    fn from(_: Explosive) -> Self {
        resume_unwind(Box::new("no words"))
    }
}

struct Speechless(Fuse);

impl_deep_clone! { impl for Speechless = fall_silent }

fn fall_silent(speechless: &Speechless, cloner: &mut Cloner<'_>) -> Result<Speechless, Explosive> {
    let made = cloner.deep_clone(&speechless.0);
    assert!(made.is_ok());
    Err(Explosive)
}

#[test]
fn a_conversion_into_an_error_that_panics_passes_through_and_leaks_nothing() {
    let detonator = Detonator::new();
    let source = (detonator.fuse(), vec![Speechless(detonator.fuse())]);
    let payload = catch_unwind(AssertUnwindSafe(|| source.try_deep_clone()))
        .err()
        .expect("it panics");
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"no words"));
    assert_eq!(detonator.live(), 2);
}

each_family! {
    use deeds::Ring;

    thread_local! {
        static SOURCE: RefCell<Option<Strong<Shelf>>> = const { RefCell::new(None) };
    }

    struct Rogue {
        deed: Deed,
        ring: Strong<Ring>,
        bad: Option<Strong<Fuse>>,
    }

    impl_deep_clone! { impl for Rogue = misbehave }

    fn misbehave(rogue: &Rogue, cloner: &mut Cloner<'_>) -> Result<Rogue, Error> {
        let (ring, bad) = deeds::commit(rogue.deed, &rogue.ring, &rogue.bad, cloner)?;
        Ok(Rogue { deed: rogue.deed, ring, bad })
    }

    #[derive(DeepClone)]
    struct Gang {
        before: Fuse,
        ring: Slot<Option<Strong<Ring>>>,
        rogues: Vec<Strong<Rogue>>,
        boxed: Option<Box<Rogue>>,
        after: Fuse,
    }

    /// A gang around one ring of five, whose rogue does a deed, behind an `Rc` or in a box.
    fn gang(detonator: &Detonator, deed: Deed, boxed: bool) -> Gang {
        let ring = Ring::of(detonator, 5);
        let rogue = Rogue { deed, ring: ring.clone(), bad: Some(Strong::new(detonator.fuse())) };
        let (rogues, boxed) = if boxed { (vec![], Some(Box::new(rogue))) } else { (vec![Strong::new(rogue)], None) };
        Gang { before: detonator.fuse(), ring: Slot::new(Some(ring)), rogues, boxed, after: detonator.fuse() }
    }

    impl Gang {
        fn rogue(&self) -> &Rogue {
            self.boxed.as_deref().unwrap_or_else(|| &self.rogues[0])
        }

        fn open(&self) {
            self.rogue().ring.cut();
            if let Some(ring) = &*open(&self.ring) {
                ring.cut();
            }
        }
    }

    fn for_each_place(deed: Deed, check: impl Fn(&Detonator, &Gang)) {
        for boxed in [false, true] {
            let detonator = Detonator::new();
            let gang = gang(&detonator, deed, boxed);
            let live = detonator.live();
            check(&detonator, &gang);
            detonator.disarm();
            deeds::cut_stashed();
            assert_eq!(detonator.live(), live, "{deed:?}");
            let ring = &gang.rogue().ring;
            assert_eq!(counts(ring), (3, 0));
            assert_eq!(deeds::len(ring), 5);
            gang.open();
            drop(gang);
            assert_eq!(detonator.live(), 0);
        }
    }

    #[test]
    fn what_was_stashed_stays_whole_however_the_operation_ends() {
        for_each_place(Deed::Stash, |_, gang| {
            let copy = deeds::attempt(gang).expect("no panic").expect("no error");
            let stashed = deeds::STASH.with_borrow(|stash| stash[0].clone());
            assert!(Strong::ptr_eq(&stashed, &copy.rogue().ring));
            assert!(Strong::ptr_eq(&stashed, open(&copy.ring).as_ref().expect("the same ring")));
            drop(copy);
            assert_eq!(deeds::len(&stashed), 5);
        });
        for_each_place(Deed::StashAndFail, |_, gang| {
            let error = deeds::attempt(gang).expect("no panic").err().expect("it fails");
            assert_eq!(error.kind(), ErrorKind::Custom);
            assert!(error.to_string().contains("after the stash"));
            assert_eq!(deeds::STASH.with_borrow(|stash| deeds::len(&stash[0])), 5);
        });
        for_each_place(Deed::StashAndPanic, |_, gang| {
            let payload = deeds::attempt(gang).err().expect("it panics");
            assert_eq!(payload.downcast_ref::<&str>(), Some(&"after the stash"));
            assert_eq!(deeds::STASH.with_borrow(|stash| deeds::len(&stash[0])), 5);
        });
    }

    /// The step at which the fuse behind `bad` burns: after the first of the gang and the ring.
    const BAD: usize = 6;

    #[test]
    fn an_error_that_is_swallowed_fails_the_operation_all_the_same() {
        for deed in [Deed::Swallow, Deed::SwallowAndGoOn] {
            for_each_place(deed, |detonator, gang| {
                deeds::assert_swallowed_in_vain(detonator, BAD, deed, gang);
                // Not armed, it is copied and dropped, and nothing is wrong.
                if deed == Deed::Swallow {
                    let copy = deeds::attempt(gang).expect("no panic").expect("no error");
                    copy.open();
                }
            });
        }
    }

    #[test]
    fn a_panic_that_is_caught_fails_the_operation_all_the_same() {
        for mode in [Mode::Error, Mode::Panic] {
            for_each_place(Deed::Catch, |detonator, gang| {
                deeds::assert_caught_in_vain(detonator, BAD, mode, gang);
            });
        }
    }

    #[test]
    fn operations_of_its_own_in_the_middle_of_another_have_nothing_to_do_with_it() {
        for_each_place(Deed::OperateMeanwhile, |_, gang| {
            // It opens the copy of the ring that the operation has made, and returns another.
            let copy = deeds::attempt(gang).expect("no panic").expect("no error");
            let first = open(&copy.ring).clone().expect("a ring");
            assert!(!Strong::ptr_eq(&first, &copy.rogue().ring));
            assert!(open(&first.next).is_none(), "user code has opened it");
            assert_eq!(deeds::len(&copy.rogue().ring), 5);
            deeds::STASH.take();
            assert_eq!(Strong::strong_count(&first), 2);
            copy.open();
        });
    }

    #[test]
    fn every_deed_fails_well_at_every_step() {
        for deed in [Deed::Stash, Deed::Swallow, Deed::StashAndFail] {
            for mode in [Mode::Error, Mode::Panic] {
                for_each_place(deed, |detonator, gang| {
                    deeds::assert_fails_well(detonator, mode, deed, gang, |copy| copy.open());
                });
            }
        }
    }

    /// Makes temporaries, and has them cloned.
    struct Busy(u32);

    impl_deep_clone! {
        impl for Busy = |busy, cloner| {
            for round in 0..busy.0 {
                // One address, again and again, for things of several types.
                let number = Strong::new(u64::from(round));
                assert_eq!(*cloner.deep_clone(&number)?, u64::from(round));
                drop(number);
                let pair = Strong::new((round, !round));
                assert_eq!(*cloner.deep_clone(&pair)?, (round, !round));
                drop(pair);
                let slot = Strong::new(Slot::new(round));
                let (a, weak, b) = cloner.deep_clone(&(slot.clone(), Strong::downgrade(&slot), slot))?;
                assert!(Strong::ptr_eq(&a, &b) && weak.upgrade().is_some());
                assert_eq!(*open(&b), round);
            }
            Ok(Busy(busy.0))
        }
    }

    #[test]
    fn a_hundred_thousand_temporaries_are_never_taken_for_one_another() {
        let copy = (Strong::new(1), Strong::new(Busy(100_000))).deep_clone();
        assert_eq!(copy.1.0, 100_000);
        assert_eq!(counts(&copy.1), (1, 0));
    }

    /// Slots whose content user code changes while they are copied.
    #[derive(DeepClone)]
    struct Shelf {
        cells: Vec<Slot<Content>>,
        vandals: Vec<Strong<Vandal>>,
        more: Vec<Slot<Content>>,
    }

    #[derive(DeepClone, Default)]
    enum Content {
        #[default]
        Nothing,
        Number(Strong<u64>),
        Text(Strong<(Box<u32>, u32)>),
        Weak(Weak<(Box<u32>, u32)>),
        Object(Strong<dyn Thing>),
        Nested(Strong<Slot<Content>>),
    }

    trait Thing: DeepClone {
        fn number(&self) -> u64;
    }

    #[derive(DeepClone)]
    struct Thirteen(u64);

    impl Thing for Thirteen {
        fn number(&self) -> u64 {
            self.0
        }
    }

    impl Content {
        fn new(seed: usize) -> Self {
            match seed % 6 {
                0 => Self::Nothing,
                1 => Self::Number(Strong::new(11)),
                2 => Self::Text(Strong::new((Box::new(12), 12))),
                3 => Self::Weak(Strong::downgrade(&Strong::new((Box::new(12), 12)))),
                4 => Self::Object(Strong::new(Thirteen(13))),
                _ => Self::Nested(Strong::new(Slot::new(Self::new(seed / 6)))),
            }
        }

        fn check(&self) {
            match self {
                Self::Nothing => {}
                Self::Number(number) => assert_eq!(**number, 11),
                Self::Text(text) => assert_eq!((*text.0, text.1), (12, 12)),
                Self::Weak(weak) => assert!(weak.upgrade().is_none_or(|text| text.1 == 12)),
                Self::Object(object) => assert_eq!(object.number(), 13),
                Self::Nested(nested) => open(nested).check(),
            }
        }
    }

    struct Vandal(usize);

    fn vandalise(vandal: &Vandal, cloner: &mut Cloner<'_>) -> Result<Vandal, Error> {
        let shelf = SOURCE.with_borrow(Clone::clone).expect("set by the test");
        for (index, slot) in shelf.cells.iter().chain(&shelf.more).enumerate() {
            let old = std::mem::replace(&mut *open(slot), Content::new(index + vandal.0));
            drop(old);
            if index % 3 == vandal.0 % 3 {
                open(&cloner.deep_clone(slot)?).check();
            }
        }
        Ok(Vandal(vandal.0))
    }

    impl_deep_clone! { impl for Vandal = vandalise }

    #[test]
    fn user_code_that_changes_the_source_in_the_middle_meets_no_freed_address_and_no_wrong_type() {
        for seed in 0..40 {
            let slots = |offset: usize| (0..24).map(|slot| Slot::new(Content::new(slot + offset))).collect();
            let shelf = Strong::new(Shelf {
                cells: slots(seed),
                vandals: (0..5).map(|vandal| Strong::new(Vandal(vandal + seed))).collect(),
                more: slots(seed * 7),
            });
            SOURCE.set(Some(shelf.clone()));
            let copy = shelf.deep_clone();
            SOURCE.set(None);
            for slot in copy.cells.iter().chain(&copy.more) {
                open(slot).check();
            }
            assert!(copy.vandals.iter().all(|vandal| Strong::weak_count(vandal) == 0));
            assert_eq!(counts(&shelf), (1, 0));
        }
    }
}
