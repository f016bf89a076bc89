//! One allocation, many views: as itself, as traits and their supertraits, as an array and as a slice, as a cell of something and as a cell of a
//! trait object. Whatever the order in which they are met, there is one copy, and each view keeps its vtable.

use std::any::Any;
use std::fmt::Debug;

use deepclone::DeepClone;
use deepclone_tests::orders::in_every_order;

/// Above both of the others: a diamond.
trait Seen: DeepClone {
    fn as_any(&self) -> &dyn Any;
}

trait Named: Seen {
    fn name(&self) -> String;
}

trait Weighs: Seen {
    fn weight(&self) -> usize;
}

trait Animal: Named + Weighs + 'static {
    fn legs(&self) -> usize;
}

/// What a concrete type carries: nothing, something that has to be aligned, something with a heap part.
trait Payload: DeepClone + Debug + 'static {
    fn new(seed: u8) -> Self;
    fn weight(&self) -> usize;
}

impl Payload for () {
    fn new(_: u8) -> Self {}
    fn weight(&self) -> usize {
        0
    }
}

#[derive(DeepClone, Debug)]
#[repr(align(64))]
struct Aligned(u8);

impl Payload for Aligned {
    fn new(seed: u8) -> Self {
        Self(seed)
    }
    fn weight(&self) -> usize {
        assert_eq!(std::ptr::from_ref(self).addr() % 64, 0);
        usize::from(self.0)
    }
}

impl Payload for String {
    fn new(seed: u8) -> Self {
        "x".repeat(seed.into())
    }
    fn weight(&self) -> usize {
        self.len()
    }
}

/// Of size zero.
#[derive(DeepClone, Debug)]
struct Ghost;

/// Of size zero, and aligned all the same.
#[derive(DeepClone, Debug)]
#[repr(align(64))]
struct HeavyGhost;

impl Seen for Ghost {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Named for Ghost {
    fn name(&self) -> String {
        "ghost".to_owned()
    }
}

impl Weighs for Ghost {
    fn weight(&self) -> usize {
        1
    }
}

impl Animal for Ghost {
    fn legs(&self) -> usize {
        0
    }
}

impl Seen for HeavyGhost {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Named for HeavyGhost {
    fn name(&self) -> String {
        "heavy ghost".to_owned()
    }
}

impl Weighs for HeavyGhost {
    fn weight(&self) -> usize {
        assert_eq!(std::ptr::from_ref(self).addr() % 64, 0);
        64
    }
}

impl Animal for HeavyGhost {
    fn legs(&self) -> usize {
        0
    }
}

#[test]
fn every_order_is_really_every_order() {
    let mut orders = std::collections::BTreeSet::new();
    in_every_order(&mut vec![1, 2, 3, 4], &mut |order| {
        orders.insert(order.clone());
    });
    assert_eq!(orders.len(), 24);
}

macro_rules! views {
    ($name:ident, $strong:path, $weak:path, $slot:path, $open:ident) => {
        #[allow(
            clippy::arc_with_non_send_sync,
            reason = "nothing here leaves its thread"
        )]
        mod $name {
            use super::*;

            deepclone_tests::pointers_and_cells!($strong, $weak, $slot, $open);

            #[derive(DeepClone)]
            enum View<C: Animal> {
                Itself(Strong<C>),
                Named(Strong<dyn Named>),
                Weighs(Strong<dyn Weighs>),
                Animal(Strong<dyn Animal>),
                WeakItself(Weak<C>),
                WeakNamed(Weak<dyn Named>),
                WeakWeighs(Weak<dyn Weighs>),
                WeakAnimal(Weak<dyn Animal>),
            }

            impl<C: Animal> View<C> {
                /// All but one: the orders of eight are too many.
                fn all(of: &Strong<C>) -> Vec<Self> {
                    let animal: Strong<dyn Animal> = of.clone();
                    let weak: Weak<dyn Animal> = Strong::downgrade(&animal);
                    vec![
                        Self::Itself(of.clone()),
                        Self::Named(of.clone()),
                        Self::Weighs(animal.clone()),
                        Self::Animal(animal),
                        Self::WeakItself(Strong::downgrade(of)),
                        Self::WeakNamed(weak.clone()),
                        Self::WeakAnimal(weak),
                    ]
                }

                /// As many as are weak, and one that keeps them alive.
                fn weak(of: &Strong<C>) -> Vec<Self> {
                    let animal: Strong<dyn Animal> = of.clone();
                    let weak: Weak<dyn Animal> = Strong::downgrade(&animal);
                    vec![
                        Self::WeakItself(Strong::downgrade(of)),
                        Self::WeakNamed(weak.clone()),
                        Self::WeakWeighs(weak.clone()),
                        Self::WeakAnimal(weak),
                        Self::Animal(animal),
                    ]
                }

                /// Another handle to the same allocation, through the same view.
                fn again(&self) -> Self {
                    match self {
                        Self::Itself(view) => Self::Itself(view.clone()),
                        Self::Named(view) => Self::Named(view.clone()),
                        Self::Weighs(view) => Self::Weighs(view.clone()),
                        Self::Animal(view) => Self::Animal(view.clone()),
                        Self::WeakItself(view) => Self::WeakItself(view.clone()),
                        Self::WeakNamed(view) => Self::WeakNamed(view.clone()),
                        Self::WeakWeighs(view) => Self::WeakWeighs(view.clone()),
                        Self::WeakAnimal(view) => Self::WeakAnimal(view.clone()),
                    }
                }

                fn address(&self) -> *const () {
                    match self {
                        Self::Itself(view) => Strong::as_ptr(view).cast(),
                        Self::Named(view) => Strong::as_ptr(view).cast(),
                        Self::Weighs(view) => Strong::as_ptr(view).cast(),
                        Self::Animal(view) => Strong::as_ptr(view).cast(),
                        Self::WeakItself(view) => view.as_ptr().cast(),
                        Self::WeakNamed(view) => view.as_ptr().cast(),
                        Self::WeakWeighs(view) => view.as_ptr().cast(),
                        Self::WeakAnimal(view) => view.as_ptr().cast(),
                    }
                }

                /// Strong and weak counts of what it leads to.
                fn counts(&self) -> (usize, usize) {
                    match self {
                        Self::Itself(view) => counts(view),
                        Self::Named(view) => counts(view),
                        Self::Weighs(view) => counts(view),
                        Self::Animal(view) => counts(view),
                        Self::WeakItself(view) => (view.strong_count(), view.weak_count()),
                        Self::WeakNamed(view) => (view.strong_count(), view.weak_count()),
                        Self::WeakWeighs(view) => (view.strong_count(), view.weak_count()),
                        Self::WeakAnimal(view) => (view.strong_count(), view.weak_count()),
                    }
                }

                /// Name, weight and legs, as far as the view's own vtable knows them.
                fn speaks(&self) -> (Option<String>, Option<usize>, Option<usize>) {
                    const ALIVE: &str = "the target was reached";
                    match self {
                        Self::Itself(view) => all(&**view),
                        Self::Named(view) => (Some(view.name()), None, None),
                        Self::Weighs(view) => (None, Some(view.weight()), None),
                        Self::Animal(view) => all(&**view),
                        Self::WeakItself(view) => all(&*view.upgrade().expect(ALIVE)),
                        Self::WeakNamed(view) => {
                            (Some(view.upgrade().expect(ALIVE).name()), None, None)
                        }
                        Self::WeakWeighs(view) => {
                            (None, Some(view.upgrade().expect(ALIVE).weight()), None)
                        }
                        Self::WeakAnimal(view) => all(&*view.upgrade().expect(ALIVE)),
                    }
                }
            }

            fn all(
                animal: &(impl Animal + ?Sized),
            ) -> (Option<String>, Option<usize>, Option<usize>) {
                (
                    Some(animal.name()),
                    Some(animal.weight()),
                    Some(animal.legs()),
                )
            }

            /// The views of `copy` are those of `source`, on one allocation of their own.
            fn assert_one_copy<C: Animal>(
                copy: &[View<C>],
                source: &[View<C>],
                counts: (usize, usize),
            ) {
                assert_eq!(copy.len(), source.len());
                for (copied, original) in copy.iter().zip(source) {
                    assert_eq!(
                        std::mem::discriminant(copied),
                        std::mem::discriminant(original)
                    );
                    assert!(std::ptr::addr_eq(copied.address(), copy[0].address()));
                    assert!(!std::ptr::addr_eq(copied.address(), original.address()));
                    assert_eq!(copied.counts(), counts);
                    assert_eq!(copied.speaks(), original.speaks());
                }
            }

            fn in_a_row<C: Animal>(subject: C) {
                let subject = Strong::new(subject);
                in_every_order(&mut View::all(&subject), &mut |views| {
                    assert_one_copy(&views.deep_clone(), views, (4, 3));
                });
                in_every_order(&mut View::weak(&subject), &mut |views| {
                    assert_one_copy(&views.deep_clone(), views, (1, 4));
                });
                assert_eq!(counts(&subject), (1, 0));
            }

            #[test]
            fn all_views_of_one_allocation_lead_to_one_copy_in_every_order() {
                in_a_row(Beast::new(1, ()));
                in_a_row(Beast::new(2, Aligned::new(7)));
                in_a_row(Beast::new(3, String::new()));
            }

            #[test]
            fn views_of_an_allocation_of_size_zero_lead_to_one_copy_in_every_order() {
                in_a_row(Ghost);
                in_a_row(HeavyGhost);
            }

            #[derive(DeepClone)]
            struct Beast<P: Payload> {
                legs: usize,
                payload: P,
                seen_as: Slot<Vec<View<Beast<P>>>>,
            }

            impl<P: Payload> Beast<P> {
                fn new(legs: usize, payload: P) -> Self {
                    Self {
                        legs,
                        payload,
                        seen_as: Slot::default(),
                    }
                }
            }

            impl<P: Payload> Seen for Beast<P> {
                fn as_any(&self) -> &dyn Any {
                    self
                }
            }

            impl<P: Payload> Named for Beast<P> {
                fn name(&self) -> String {
                    format!("beast with {:?}", self.payload)
                }
            }

            impl<P: Payload> Weighs for Beast<P> {
                fn weight(&self) -> usize {
                    self.payload.weight()
                }
            }

            impl<P: Payload> Animal for Beast<P> {
                fn legs(&self) -> usize {
                    self.legs
                }
            }

            /// Clones through a view as the root, and returns what the copy is seen as from inside and its address.
            fn entered<P: Payload>(
                subject: &Strong<Beast<P>>,
                root: usize,
            ) -> (Vec<View<Beast<P>>>, *const ()) {
                fn inside<P: Payload>(copy: &Beast<P>) -> (Vec<View<Beast<P>>>, *const ()) {
                    let seen_as = std::mem::take(&mut *open(&copy.seen_as));
                    (seen_as, std::ptr::from_ref(copy).cast())
                }
                let animal: Strong<dyn Animal> = subject.clone();
                let named: Strong<dyn Named> = subject.clone();
                let weighs: Strong<dyn Weighs> = subject.clone();
                match root {
                    0 => inside(&subject.deep_clone()),
                    1 => inside(of_a_beast(animal.deep_clone().as_any())),
                    2 => inside(of_a_beast(named.deep_clone().as_any())),
                    3 => inside(of_a_beast(weighs.deep_clone().as_any())),
                    _ => {
                        let weak: Weak<dyn Weighs> = Strong::downgrade(&weighs);
                        let (weak, named) = (weak, named).deep_clone();
                        let weighs = weak.upgrade().expect("it was reached");
                        assert!(std::ptr::addr_eq(
                            Strong::as_ptr(&named),
                            Strong::as_ptr(&weighs)
                        ));
                        inside(of_a_beast(weighs.as_any()))
                    }
                }
            }

            fn of_a_beast<P: Payload>(seen: &dyn Any) -> &Beast<P> {
                seen.downcast_ref().expect("it is a beast")
            }

            fn on_a_cycle<P: Payload>() {
                let subject = Strong::new(Beast::new(4, P::new(5)));
                let mut orders = 0;
                in_every_order(&mut View::all(&subject), &mut |views| {
                    // Through each of five roots in turn, which is not among the views from inside.
                    *open(&subject.seen_as) = views.iter().map(View::again).collect();
                    let (seen_as, address) = entered(&subject, orders % 5);
                    orders += 1;
                    assert!(std::ptr::addr_eq(seen_as[0].address(), address));
                    // The root is gone.
                    assert_one_copy(&seen_as, views, (4, 3));
                    let last = seen_as.iter().find_map(|view| match view {
                        View::Itself(view) => Some(view.clone()),
                        _ => None,
                    });
                    drop(seen_as);
                    let last = last.expect("it is seen as itself");
                    assert_eq!(counts(&last), (1, 0));
                    open(&subject.seen_as).clear();
                });
                assert_eq!(orders, 5_040);
            }

            #[test]
            fn views_from_inside_lead_back_to_the_copy_in_every_order() {
                on_a_cycle::<()>();
                on_a_cycle::<Aligned>();
                on_a_cycle::<String>();
            }
        }
    };
}

deepclone_tests::each_kind!(views);
