//! Single fields written by hand that do what they may: stash what they got, swallow errors, catch panics, make temporaries, start operations of
//! their own, and ask for what lies on a strong cycle with them.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "nothing here leaves its thread"
)]

use deepclone::{Cloner, DeepClone, Error, ErrorKind};
use deepclone_tests::deeds::Deed;
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

each_family! {
    use deeds::Ring;

    /// Not clonable by itself: only the field is.
    struct Loot {
        deed: Deed,
        ring: Strong<Ring>,
        bad: Option<Strong<Fuse>>,
    }

    fn plunder(loot: &Loot, cloner: &mut Cloner<'_>) -> Result<Loot, Error> {
        let (ring, bad) = deeds::commit(loot.deed, &loot.ring, &loot.bad, cloner)?;
        Ok(Loot { deed: loot.deed, ring, bad })
    }

    /// Derived, but for the one field, and on a strong cycle with itself that the field knows nothing of.
    #[derive(DeepClone)]
    struct Ship {
        before: Fuse,
        ring: Slot<Option<Strong<Ring>>>,
        itself: Slot<Option<Strong<Ship>>>,
        #[deepclone(try_with = plunder)]
        loot: Loot,
        after: Fuse,
    }

    fn ship(detonator: &Detonator, deed: Deed) -> Strong<Ship> {
        let ring = Ring::of(detonator, 5);
        let ship = Strong::new(Ship {
            before: detonator.fuse(),
            ring: Slot::new(Some(ring.clone())),
            itself: Slot::default(),
            loot: Loot { deed, ring, bad: Some(Strong::new(detonator.fuse())) },
            after: detonator.fuse(),
        });
        *open(&ship.itself) = Some(ship.clone());
        ship
    }

    fn open_ship(ship: &Strong<Ship>) {
        ship.loot.ring.cut();
        if let Some(ring) = &*open(&ship.ring) {
            ring.cut();
        }
        let itself = open(&ship.itself).take();
        drop(itself);
    }

    fn with_ship(deed: Deed, check: impl FnOnce(&Detonator, &Strong<Ship>)) {
        let detonator = Detonator::new();
        let ship = ship(&detonator, deed);
        let live = detonator.live();
        check(&detonator, &ship);
        detonator.disarm();
        deeds::cut_stashed();
        assert_eq!(detonator.live(), live, "{deed:?}");
        let ring = &ship.loot.ring;
        assert_eq!(counts(ring), (3, 0));
        assert_eq!(counts(&ship), (2, 0));
        assert_eq!(deeds::len(ring), 5);
        open_ship(&ship);
        drop(ship);
        assert_eq!(detonator.live(), 0);
    }

    #[test]
    fn what_a_field_has_stashed_stays_whole_however_the_operation_ends() {
        with_ship(Deed::Stash, |_, ship| {
            let copy = deeds::attempt(ship).expect("no panic").expect("no error");
            let stashed = deeds::STASH.with_borrow(|stash| stash[0].clone());
            assert!(Strong::ptr_eq(&stashed, &copy.loot.ring));
            assert!(Strong::ptr_eq(&stashed, open(&copy.ring).as_ref().expect("the same ring")));
            let itself = open(&copy.itself).take().expect("itself");
            assert!(Strong::ptr_eq(&itself, &copy));
            drop((itself, copy));
            assert_eq!(deeds::len(&stashed), 5);
        });
        with_ship(Deed::StashAndFail, |_, ship| {
            let error = deeds::attempt(ship).expect("no panic").err().expect("it fails");
            assert_eq!((error.kind(), error.path()), (ErrorKind::Custom, "Ship.loot"));
            assert!(error.type_name().ends_with("Loot"), "{}", error.type_name());
            assert!(error.to_string().contains("after the stash"));
            assert_eq!(deeds::STASH.with_borrow(|stash| deeds::len(&stash[0])), 5);
        });
        with_ship(Deed::StashAndPanic, |_, ship| {
            let payload = deeds::attempt(ship).err().expect("it panics");
            assert_eq!(payload.downcast_ref::<&str>(), Some(&"after the stash"));
            assert_eq!(deeds::STASH.with_borrow(|stash| deeds::len(&stash[0])), 5);
        });
    }

    /// The step at which the fuse behind `bad` burns: after the first of the ship and the ring.
    const BAD: usize = 6;

    #[test]
    fn an_error_that_a_field_swallows_fails_the_operation_all_the_same() {
        for deed in [Deed::Swallow, Deed::SwallowAndGoOn] {
            with_ship(deed, |detonator, ship| {
                deeds::assert_swallowed_in_vain(detonator, BAD, deed, ship);
                // Not armed, it is copied and dropped, and nothing is wrong.
                if deed == Deed::Swallow {
                    let copy = deeds::attempt(ship).expect("no panic").expect("no error");
                    assert!(copy.loot.bad.is_none());
                    open_ship(&copy);
                }
            });
        }
    }

    #[test]
    fn a_panic_that_a_field_catches_fails_the_operation_all_the_same() {
        for mode in [Mode::Error, Mode::Panic] {
            with_ship(Deed::Catch, |detonator, ship| {
                deeds::assert_caught_in_vain(detonator, BAD, mode, ship);
            });
        }
    }

    #[test]
    fn operations_that_a_field_starts_have_nothing_to_do_with_its_own() {
        with_ship(Deed::OperateMeanwhile, |_, ship| {
            // It opens the copy of the ring that the operation has made, and returns another.
            let copy = deeds::attempt(ship).expect("no panic").expect("no error");
            let first = open(&copy.ring).clone().expect("a ring");
            assert!(!Strong::ptr_eq(&first, &copy.loot.ring));
            assert!(open(&first.next).is_none(), "user code has opened it");
            assert_eq!(deeds::len(&copy.loot.ring), 5);
            assert_eq!(Strong::strong_count(copy.loot.bad.as_ref().expect("copied")), 1);
            deeds::STASH.take();
            assert_eq!(counts(&first), (2, 0));
            open_ship(&copy);
        });
    }

    #[test]
    fn every_deed_of_a_field_fails_well_at_every_step() {
        for deed in [Deed::Stash, Deed::Swallow, Deed::StashAndFail] {
            for mode in [Mode::Error, Mode::Panic] {
                with_ship(deed, |detonator, ship| {
                    deeds::assert_fails_well(detonator, mode, deed, ship, |copy| open_ship(&copy));
                });
            }
        }
    }

    /// A field that makes temporaries, and has them cloned.
    #[derive(DeepClone)]
    struct Busy {
        shared: Strong<u64>,
        #[deepclone(try_with = make_temporaries)]
        rounds: u32,
        again: Strong<u64>,
    }

    fn make_temporaries(rounds: &u32, cloner: &mut Cloner<'_>) -> Result<u32, Error> {
        for round in 0..*rounds {
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
        Ok(*rounds)
    }

    #[test]
    fn a_hundred_thousand_temporaries_of_a_field_are_never_taken_for_one_another() {
        let shared = Strong::new(5);
        let source = Strong::new(Busy { shared: shared.clone(), rounds: 100_000, again: shared });
        let copy = source.deep_clone();
        assert_eq!((copy.rounds, *copy.shared), (100_000, 5));
        assert!(Strong::ptr_eq(&copy.shared, &copy.again) && !Strong::ptr_eq(&copy.shared, &source.shared));
        assert_eq!(counts(&copy.shared), (2, 0));
        assert_eq!(counts(&source.shared), (2, 0));
    }

    /// Whose odd field asks for what leads back here.
    #[derive(DeepClone)]
    struct Eager {
        before: Fuse,
        #[deepclone(try_with = ask)]
        wish: Wish,
        around: Slot<Vec<Strong<Eager>>>,
        after: Fuse,
    }

    #[derive(Default)]
    struct Wish(Slot<Option<Strong<Eager>>>);

    fn ask(wish: &Wish, cloner: &mut Cloner<'_>) -> Result<Wish, Error> {
        match cloner.deep_clone(&wish.0) {
            Ok(slot) => Ok(Wish(slot)),
            Err(error) => {
                deeds::ERRORS.with_borrow_mut(|errors| errors.push(error));
                // What it returns instead does not count.
                Ok(Wish::default())
            }
        }
    }

    #[test]
    fn a_field_that_asks_for_a_strong_cycle_through_it_is_told_its_type_and_what_to_do() {
        let detonator = Detonator::new();
        let eager = || Strong::new(Eager {
            before: detonator.fuse(),
            wish: Wish::default(),
            around: Slot::default(),
            after: detonator.fuse(),
        });
        let (a, b, c) = (eager(), eager(), eager());
        // To itself, and over others by plain fields.
        *open(&a.wish.0) = Some(a.clone());
        *open(&b.wish.0) = Some(c.clone());
        open(&c.around).extend([b.clone(), c.clone()]);
        for root in [&a, &b, &c] {
            let error = (1, root.clone()).try_deep_clone().err().expect("it can't be finished");
            let told = deeds::ERRORS.take();
            assert!(!told.is_empty(), "the field was told");
            for error in told.iter().chain([&error]) {
                assert_eq!(error.kind(), ErrorKind::Incomplete);
            }
            assert!(error.path().ends_with(".wish"), "{}", error.path());
            assert!(error.type_name().ends_with("Wish"), "{}", error.type_name());
            let text = error.to_string();
            let (first, help) = text.split_once("\nhelp: ").expect("a line of help");
            assert!(first.contains(error.type_name()) && first.contains(error.path()), "{text}");
            assert!(help.contains("with") && !help.contains('\n'), "{text}");
            assert_eq!(detonator.live(), 6);
            assert!([&a, &b, &c].map(Strong::weak_count) == [0; 3]);
            assert!([&a, &b, &c].map(Strong::strong_count) == [2, 2, 3]);
            assert!(is_at_rest(&root.wish.0) && is_at_rest(&root.around));
        }
        // Off the cycle it works, though what it asks for has a cycle of its own.
        let cut = (open(&a.wish.0).take(), open(&c.around).remove(0));
        drop(cut);
        let copy = b.deep_clone();
        let wish = open(&copy.wish.0).clone().expect("it was copied");
        assert!(Strong::ptr_eq(&open(&wish.around)[0], &wish));
        for eager in [&wish, &c] {
            let around = std::mem::take(&mut *open(&eager.around));
            drop(around);
        }
        drop((copy, wish));
        assert_eq!(detonator.live(), 6);
    }
}
