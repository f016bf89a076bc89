//! Many views of one allocation, with a cell and without, in every order, in an operation that fails at every step that there is: nothing is
//! left, and the source is as it was.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "nothing here leaves its thread"
)]

use deepclone::DeepClone;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};
use deepclone_tests::orders::in_every_order;

trait Named: DeepClone {
    fn name(&self) -> u32;
}

trait Weighs: DeepClone {
    fn weight(&self) -> usize;
}

trait Animal: Named + Weighs {}

/// What has to be aligned, and what has no size.
trait Payload: DeepClone + 'static {
    fn new() -> Self;
    fn weight(&self) -> usize;
}

#[derive(DeepClone)]
#[repr(align(64))]
struct Aligned(u8);

impl Payload for Aligned {
    fn new() -> Self {
        Self(7)
    }
    fn weight(&self) -> usize {
        assert_eq!(std::ptr::from_ref(self).addr() % 64, 0);
        self.0.into()
    }
}

impl Payload for () {
    fn new() -> Self {}
    fn weight(&self) -> usize {
        7
    }
}

/// Clones until no step is left to fail, and returns how many steps there are.
fn fails_at_every_step<T: DeepClone>(
    detonator: &Detonator,
    source: &T,
    check: impl Fn(&T),
    let_go: impl Fn(&T),
) -> usize {
    check(source);
    let live = detonator.live();
    let steps = [Mode::Error, Mode::Panic].map(|mode| {
        let attempt = || source.try_deep_clone();
        let (steps, copy) = detonator.fail_at_every_step(mode, attempt, |_| check(source));
        assert_eq!(detonator.steps(), steps);
        let copy = copy.expect("no step is left to fail");
        check(&copy);
        let_go(&copy);
        drop(copy);
        assert_eq!(detonator.live(), live);
        check(source);
        steps
    });
    assert_eq!(steps[0], steps[1]);
    steps[0]
}

macro_rules! views {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        mod $name {
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);

            /// In no cell, with weak handles to itself.
            #[derive(DeepClone)]
            struct Beast<P: Payload> {
                first: Fuse,
                number: u32,
                payload: P,
                itself: Weak<Beast<P>>,
                as_animal: Weak<dyn Animal>,
                last: Fuse,
            }

            impl<P: Payload> Named for Beast<P> {
                fn name(&self) -> u32 {
                    let itself = self.itself.upgrade().expect("it lives");
                    let as_animal = self.as_animal.upgrade().expect("it lives");
                    assert!(std::ptr::eq(&*itself, self));
                    assert!(std::ptr::addr_eq(&*as_animal, self));
                    self.number
                }
            }

            impl<P: Payload> Weighs for Beast<P> {
                fn weight(&self) -> usize {
                    self.payload.weight()
                }
            }

            impl<P: Payload> Animal for Beast<P> {}

            #[derive(DeepClone)]
            enum View<P: Payload> {
                Itself(Strong<Beast<P>>),
                Named(Strong<dyn Named>),
                Weighs(Strong<dyn Weighs>),
                Animal(Strong<dyn Animal>),
                WeakWeighs(Weak<dyn Weighs>),
            }

            impl<P: Payload> View<P> {
                /// Looks through the view's own vtable.
                fn look(&self) -> *const () {
                    match self {
                        Self::Itself(view) => {
                            assert_eq!((view.name(), view.weight(), counts(view)), (9, 7, (4, 3)));
                            Strong::as_ptr(view).cast()
                        }
                        Self::Named(view) => {
                            assert_eq!((view.name(), counts(view)), (9, (4, 3)));
                            Strong::as_ptr(view).cast()
                        }
                        Self::Weighs(view) => {
                            assert_eq!((view.weight(), counts(view)), (7, (4, 3)));
                            Strong::as_ptr(view).cast()
                        }
                        Self::Animal(view) => {
                            assert_eq!((view.name(), view.weight(), counts(view)), (9, 7, (4, 3)));
                            Strong::as_ptr(view).cast()
                        }
                        Self::WeakWeighs(view) => {
                            assert_eq!((view.strong_count(), view.weak_count()), (4, 3));
                            let strong = view.upgrade().expect("its target was reached");
                            assert_eq!(strong.weight(), 7);
                            view.as_ptr().cast()
                        }
                    }
                }
            }

            fn fails_in_every_order<P: Payload>() {
                let detonator = Detonator::new();
                let beast = Strong::new_cyclic(|itself: &Weak<Beast<P>>| Beast {
                    first: detonator.fuse(),
                    number: 9,
                    payload: P::new(),
                    itself: itself.clone(),
                    as_animal: itself.clone(),
                    last: detonator.fuse(),
                });
                let animal: Strong<dyn Animal> = beast.clone();
                let weighs: Strong<dyn Weighs> = animal.clone();
                let weak = Strong::downgrade(&weighs);
                // The upcast goes through the table of the trait object.
                let views = [
                    View::Named(animal.clone()),
                    View::Weighs(weighs),
                    View::Animal(animal),
                    View::Itself(beast),
                    View::WeakWeighs(weak),
                ];
                let mut views: Vec<_> = views.map(|view| (detonator.fuse(), view)).into();
                in_every_order(&mut views, &mut |views| {
                    let check = |views: &Vec<(Fuse, View<P>)>| {
                        let address = views[0].1.look();
                        assert!(views.iter().all(|(_, view)| view.look() == address));
                    };
                    // A step before each view, and two in the beast.
                    let steps = fails_at_every_step(&detonator, views, check, |_| ());
                    assert_eq!(steps, 7);
                });
                drop(views);
                assert_eq!(detonator.live(), 0);
            }

            #[test]
            fn views_in_no_cell_that_fail_at_any_step_leave_nothing_behind_in_every_order() {
                fails_in_every_order::<()>();
                fails_in_every_order::<Aligned>();
            }

            /// An element that has to be aligned, with a weak handle to the row that it lies in.
            #[derive(DeepClone)]
            struct Element {
                first: Fuse,
                aligned: Aligned,
                row: Weak<[Element]>,
                last: Fuse,
            }

            #[derive(DeepClone)]
            enum Row {
                Array(Strong<[Element; 3]>),
                Slice(Strong<[Element]>),
                WeakArray(Weak<[Element; 3]>),
                WeakSlice(Weak<[Element]>),
            }

            impl Row {
                fn slice(&self) -> Strong<[Element]> {
                    match self {
                        Self::Array(view) => view.clone(),
                        Self::Slice(view) => view.clone(),
                        Self::WeakArray(view) => view.upgrade().expect("it was reached"),
                        Self::WeakSlice(view) => view.upgrade().expect("it was reached"),
                    }
                }
            }

            #[test]
            fn views_of_aligned_rows_that_fail_at_any_step_leave_nothing_behind_in_every_order() {
                let detonator = Detonator::new();
                let array = Strong::new_cyclic(|row: &Weak<[Element; 3]>| {
                    [1, 2, 3].map(|number| Element {
                        first: detonator.fuse(),
                        aligned: Aligned(number),
                        row: row.clone(),
                        last: detonator.fuse(),
                    })
                });
                let slice: Strong<[Element]> = array.clone();
                let views = [
                    Row::WeakArray(Strong::downgrade(&array)),
                    Row::WeakSlice(Strong::downgrade(&slice)),
                    Row::Array(array),
                    Row::Slice(slice),
                ];
                let mut views: Vec<_> = views.map(|view| (detonator.fuse(), view)).into();
                in_every_order(&mut views, &mut |views| {
                    let check = |views: &Vec<(Fuse, Row)>| {
                        let first = views[0].1.slice();
                        for (_, view) in views {
                            assert!(Strong::ptr_eq(&view.slice(), &first));
                        }
                        for element in &*first {
                            let row = element.row.upgrade().expect("it lives");
                            assert!(Strong::ptr_eq(&row, &first));
                        }
                        let weights = first.iter().map(|element| element.aligned.weight());
                        assert!(weights.eq([1, 2, 3]));
                        // With `first`.
                        assert_eq!(counts(&first), (3, 5));
                    };
                    let steps = fails_at_every_step(&detonator, views, check, |_| ());
                    assert_eq!(steps, 10);
                });
                drop(views);
                assert_eq!(detonator.live(), 0);
            }

            trait Keeper: Named {
                fn let_go(&mut self);
            }

            /// In a cell, on a cycle with all views of it.
            #[derive(DeepClone)]
            struct Held<P: Payload> {
                first: Fuse,
                payload: P,
                seen_as: Vec<(Fuse, Cell<P>)>,
                last: Fuse,
            }

            impl<P: Payload> Named for Held<P> {
                fn name(&self) -> u32 {
                    assert_eq!(self.payload.weight(), 7);
                    self.seen_as.len() as u32
                }
            }

            impl<P: Payload> Keeper for Held<P> {
                fn let_go(&mut self) {
                    self.seen_as.clear();
                }
            }

            #[derive(DeepClone)]
            enum Cell<P: Payload> {
                Itself(Strong<Slot<Held<P>>>),
                Keeper(Strong<Slot<dyn Keeper>>),
                Named(Strong<Slot<dyn Named>>),
                Weak(Weak<Slot<Held<P>>>),
                WeakKeeper(Weak<Slot<dyn Keeper>>),
            }

            impl<P: Payload> Cell<P> {
                /// In an order of numbers from 0 to 4.
                fn all(of: &Strong<Slot<Held<P>>>, order: &[usize]) -> Vec<Self> {
                    let view = |which: &usize| match which {
                        0 => Self::Itself(of.clone()),
                        1 => Self::Keeper(of.clone()),
                        2 => Self::Named(of.clone()),
                        3 => Self::Weak(Strong::downgrade(of)),
                        _ => Self::WeakKeeper(Strong::<Slot<Held<P>>>::downgrade(of)),
                    };
                    order.iter().map(view).collect()
                }

                fn address(&self) -> *const () {
                    match self {
                        Self::Itself(view) => Strong::as_ptr(view).cast(),
                        Self::Keeper(view) => Strong::as_ptr(view).cast(),
                        Self::Named(view) => Strong::as_ptr(view).cast(),
                        Self::Weak(view) => view.as_ptr().cast(),
                        Self::WeakKeeper(view) => view.as_ptr().cast(),
                    }
                }
            }

            fn fails_in_a_cell<P: Payload>() {
                let detonator = Detonator::new();
                let subject = Strong::new(Slot::new(Held {
                    first: detonator.fuse(),
                    payload: P::new(),
                    seen_as: Vec::new(),
                    last: detonator.fuse(),
                }));
                in_every_order(&mut vec![0, 1, 2, 3, 4], &mut |order| {
                    let views = Cell::all(&subject, order);
                    let views = views.into_iter().map(|view| (detonator.fuse(), view));
                    open(&subject).seen_as = views.collect();
                    // Entered weakly through the trait, or as itself: either is met first.
                    let keeper: Strong<Slot<dyn Keeper>> = subject.clone();
                    let root = (Strong::downgrade(&keeper), subject.clone());
                    drop(keeper);
                    let check =
                        |(weak, typed): &(Weak<Slot<dyn Keeper>>, Strong<Slot<Held<P>>>)| {
                            let keeper = weak.upgrade().expect("it was reached");
                            assert!(std::ptr::addr_eq(
                                Strong::as_ptr(&keeper),
                                Strong::as_ptr(typed)
                            ));
                            assert_eq!(open(&keeper).name(), 5);
                            let address = Strong::as_ptr(typed).cast::<()>();
                            let content = open(typed);
                            assert!(
                                content
                                    .seen_as
                                    .iter()
                                    .all(|(_, view)| std::ptr::addr_eq(view.address(), address))
                            );
                        };
                    let steps = fails_at_every_step(&detonator, &root, check, |(_, typed)| {
                        assert_eq!(counts(typed), (4, 3));
                        open(typed).let_go();
                        assert_eq!(counts(typed), (1, 1));
                    });
                    assert_eq!(steps, 7);
                    assert_eq!(counts(&subject), (5, 3));
                    drop(root);
                    open(&subject).let_go();
                    assert_eq!(counts(&subject), (1, 0));
                });
                drop(subject);
                assert_eq!(detonator.live(), 0);
            }

            #[test]
            fn views_of_cells_that_fail_at_any_step_leave_nothing_behind_in_every_order() {
                fails_in_a_cell::<()>();
                fails_in_a_cell::<Aligned>();
            }
        }
    };
}

deepclone_tests::each_kind!(views);
