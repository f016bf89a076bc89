//! Many views of one allocation, on cycles, in an operation that fails at every step that there is: nothing is left, and the source is as it was.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "nothing here leaves its thread"
)]

use deepclone::DeepClone;
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

trait Named: DeepClone {
    fn name(&self) -> u32;
}

trait Animal: Named {
    fn let_go(&mut self);
}

each_family! {
    /// A type with views of itself as all that it can be seen as. Each field is followed by a step.
    #[derive(DeepClone)]
    #[repr(align(64))]
    struct Beast {
        number: u32,
        first: Fuse,
        itself: Option<Strong<Slot<Beast>>>,
        second: Fuse,
        animal: Option<Strong<Slot<dyn Animal>>>,
        weak: Weak<Slot<Beast>>,
        third: Fuse,
        weak_animal: Weak<Slot<dyn Animal>>,
        array: Option<Strong<[Slot<Row>; 2]>>,
        slice: Option<Strong<[Slot<Row>]>>,
        last: Fuse,
    }

    #[derive(DeepClone)]
    struct Row {
        before: Fuse,
        owner: Option<Strong<Slot<dyn Animal>>>,
        back: Option<Strong<[Slot<Row>]>>,
        weak: Weak<[Slot<Row>]>,
        nothing: Option<Strong<Empty>>,
        something: Option<Strong<dyn Named>>,
        after: Fuse,
    }

    #[derive(DeepClone)]
    struct Empty;

    impl Named for Empty {
        fn name(&self) -> u32 {
            0
        }
    }

    impl Named for Beast {
        fn name(&self) -> u32 {
            self.number
        }
    }

    impl Animal for Beast {
        fn let_go(&mut self) {
            self.itself = None;
            self.animal = None;
            if let Some(slice) = &self.slice {
                for slot in &**slice {
                    let (owner, back) = { let mut row = open(slot); (row.owner.take(), row.back.take()) };
                    drop((owner, back));
                }
            }
            self.array = None;
            self.slice = None;
        }
    }

    fn beast(detonator: &Detonator) -> Strong<Slot<Beast>> {
        let empty = Strong::new(Empty);
        let row = || Slot::new(Row {
            before: detonator.fuse(),
            owner: None,
            back: None,
            weak: Weak::<[Slot<Row>; 0]>::new(),
            nothing: Some(empty.clone()),
            something: Some(empty.clone()),
            after: detonator.fuse(),
        });
        let array = Strong::new([row(), row()]);
        let slice: Strong<[Slot<Row>]> = array.clone();
        let beast = Strong::new(Slot::new(Beast {
            number: 7,
            first: detonator.fuse(),
            itself: None,
            second: detonator.fuse(),
            animal: None,
            weak: Weak::new(),
            third: detonator.fuse(),
            weak_animal: Weak::<Slot<Beast>>::new(),
            array: Some(array),
            slice: Some(slice.clone()),
            last: detonator.fuse(),
        }));
        let animal: Strong<Slot<dyn Animal>> = beast.clone();
        for slot in &*slice {
            let mut row = open(slot);
            row.owner = Some(animal.clone());
            row.back = Some(slice.clone());
            row.weak = Strong::downgrade(&slice);
        }
        let mut content = open(&beast);
        content.itself = Some(beast.clone());
        content.weak = Strong::downgrade(&beast);
        content.weak_animal = Strong::downgrade(&animal);
        content.animal = Some(animal);
        drop(content);
        beast
    }

    fn let_go<T: Animal + ?Sized>(beast: &Strong<Slot<T>>) {
        // Its own handles go while it is open, the last one later.
        let held = beast.clone();
        open(&held).let_go();
    }

    fn fails_everywhere<R: DeepClone>(root: impl Fn(&Strong<Slot<Beast>>) -> R, copied: impl Fn(R)) {
        let detonator = Detonator::new();
        let source = beast(&detonator);
        let live = detonator.live();
        let before = counts(&source);
        let unharmed = |_| {
            assert!(is_at_rest(&source));
            let content = open(&source);
            assert!(content.slice.iter().flat_map(|slice| slice.iter()).all(is_at_rest));
            drop(content);
            assert_eq!(counts(&source), before);
        };
        for mode in [Mode::Error, Mode::Panic] {
            let (steps, copy) = detonator.fail_at_every_step(mode, || root(&source).try_deep_clone(), unharmed);
            assert_eq!(steps, 8);
            copied(copy.expect("no step is left to fail"));
            unharmed(steps);
            assert_eq!(detonator.live(), live);
        }
        let_go(&source);
        assert_eq!(counts(&source), (1, 2));
        drop(source);
        assert_eq!(detonator.live(), 0);
    }

    #[test]
    fn entered_as_itself() {
        fails_everywhere(Clone::clone, |copy| {
            assert_eq!(counts(&copy), (5, 2));
            assert_eq!(open(&copy).name(), 7);
            let_go(&copy);
            assert_eq!(counts(&copy), (1, 2));
        });
    }

    #[test]
    fn entered_as_a_trait_object() {
        fails_everywhere(
            |source| -> Strong<Slot<dyn Animal>> { source.clone() },
            |copy| {
                assert_eq!(counts(&copy), (5, 2));
                assert_eq!(open(&copy).name(), 7);
                let_go(&copy);
            },
        );
    }

    #[test]
    fn entered_as_a_slice_of_what_it_owns() {
        fails_everywhere(
            |source| open(source).slice.clone(),
            |copy| {
                let slice = copy.expect("a slice");
                assert_eq!(counts(&slice), (5, 2));
                let nothing = open(&slice[0]).nothing.clone().expect("an empty thing");
                let something = open(&slice[1]).something.clone().expect("an empty thing");
                assert!(std::ptr::addr_eq(Strong::as_ptr(&nothing), Strong::as_ptr(&something)));
                assert_eq!((something.name(), counts(&nothing)), (0, (6, 0)));
                let owner = open(&slice[0]).owner.clone().expect("an owner");
                let_go(&owner);
            },
        );
    }

    #[test]
    fn entered_weakly_first() {
        fails_everywhere(
            |source| (Strong::downgrade(source), open(source).array.clone()),
            |(weak, array)| {
                let copy = weak.upgrade().expect("it was reached");
                let array = array.expect("an array");
                assert!(std::ptr::addr_eq(
                    Strong::as_ptr(&array),
                    Strong::as_ptr(open(&copy).slice.as_ref().expect("a slice")),
                ));
                let_go(&copy);
                assert_eq!(counts(&copy), (1, 3));
            },
        );
    }
}
