//! Inclusive ranges: both ends are copied deeply, though the standard library lets nobody build one that is exhausted.

use std::ops::RangeInclusive;

use deepclone::DeepClone;
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

/// What a range is generic over needs no `Clone`.
#[derive(DeepClone)]
struct Interval<T> {
    range: RangeInclusive<T>,
}

each_family! {
    #[derive(DeepClone)]
    struct End {
        number: u32,
        fuse: Fuse,
        range: Slot<Option<RangeInclusive<Strong<End>>>>,
    }

    fn end(detonator: &Detonator, number: u32) -> Strong<End> {
        Strong::new(End { number, fuse: detonator.fuse(), range: Slot::new(None) })
    }

    #[test]
    fn the_ends_of_an_inclusive_range_are_copied_and_not_shared() {
        let detonator = Detonator::new();
        let (first, last) = (end(&detonator, 1), end(&detonator, 2));
        let source = Interval { range: first.clone()..=last.clone() };
        let copy = source.deep_clone();
        assert_eq!((copy.range.start().number, copy.range.end().number), (1, 2));
        assert!(!Strong::ptr_eq(copy.range.start(), &first) && !Strong::ptr_eq(copy.range.end(), &last));
        assert_eq!((Strong::strong_count(&first), Strong::strong_count(copy.range.start())), (2, 1));
        // One allocation at both ends stays one.
        let copy = Interval { range: first.clone()..=first.clone() }.deep_clone();
        assert!(Strong::ptr_eq(copy.range.start(), copy.range.end()));
        assert_eq!(Strong::strong_count(copy.range.start()), 2);
    }

    #[test]
    fn an_inclusive_range_may_lie_on_a_cycle_with_its_ends() {
        let detonator = Detonator::new();
        let source = end(&detonator, 1);
        *open(&source.range) = Some(source.clone()..=end(&detonator, 2));
        let copy = source.deep_clone();
        let range = open(&copy.range).take().expect("it was copied");
        assert!(Strong::ptr_eq(range.start(), &copy));
        assert_eq!((range.start().number, range.end().number), (1, 2));
        drop((range, copy));
        assert_eq!(detonator.live(), 2);
        let range = open(&source.range).take();
        drop((range, source));
        assert_eq!(detonator.live(), 0);
    }

    #[test]
    fn an_inclusive_range_whose_end_fails_leaves_nothing_behind() {
        let detonator = Detonator::new();
        let source = Interval { range: end(&detonator, 1)..=end(&detonator, 2) };
        for mode in [Mode::Error, Mode::Panic] {
            for step in 0..2 {
                detonator.fail_at(step, mode, || {
                    source.try_deep_clone().inspect_err(|error| {
                        let end = if step == 0 { "start" } else { "end" };
                        assert!(error.path().contains(&format!("range.{end}")), "{}", error.path());
                    })
                });
                assert_eq!(detonator.live(), 2);
            }
        }
        assert_eq!(source.deep_clone().range.end().number, 2);
    }
}
