//! One allocation, many views: as itself, as traits and their supertraits, as an array and as a slice, as a cell of something and as a cell of a
//! trait object. Whatever the order in which they are met, there is one copy, and each view keeps its vtable.

use std::fmt::Debug;

use deepclone::DeepClone;
use deepclone_tests::orders::in_every_order;

trait Named: DeepClone {
    fn name(&self) -> String;
}

trait Weighs: DeepClone {
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
    ($name:ident, $shared:path, $weak:path, $cell:path, $open:ident) => {
        #[allow(
            clippy::arc_with_non_send_sync,
            reason = "nothing here leaves its thread"
        )]
        mod $name {
            use $cell as Guarded;
            use $shared as Shared;
            use $weak as Weak;

            use super::*;

            fn open<T: ?Sized>(cell: &Guarded<T>) -> impl std::ops::DerefMut<Target = T> + '_ {
                cell.$open().expect("nobody has it open")
            }

            #[derive(DeepClone)]
            enum View<C: Animal> {
                Itself(Shared<C>),
                Named(Shared<dyn Named>),
                Weighs(Shared<dyn Weighs>),
                Animal(Shared<dyn Animal>),
                WeakItself(Weak<C>),
                WeakNamed(Weak<dyn Named>),
                WeakAnimal(Weak<dyn Animal>),
            }

            impl<C: Animal> View<C> {
                fn all(of: &Shared<C>) -> Vec<Self> {
                    let animal: Shared<dyn Animal> = of.clone();
                    let weak: Weak<dyn Animal> = Shared::downgrade(&animal);
                    vec![
                        Self::Itself(of.clone()),
                        Self::Named(of.clone()),
                        Self::Weighs(animal.clone()),
                        Self::Animal(animal),
                        Self::WeakItself(Shared::downgrade(of)),
                        Self::WeakNamed(weak.clone()),
                        Self::WeakAnimal(weak),
                    ]
                }

                fn address(&self) -> *const () {
                    match self {
                        Self::Itself(view) => Shared::as_ptr(view).cast(),
                        Self::Named(view) => Shared::as_ptr(view).cast(),
                        Self::Weighs(view) => Shared::as_ptr(view).cast(),
                        Self::Animal(view) => Shared::as_ptr(view).cast(),
                        Self::WeakItself(view) => view.as_ptr().cast(),
                        Self::WeakNamed(view) => view.as_ptr().cast(),
                        Self::WeakAnimal(view) => view.as_ptr().cast(),
                    }
                }

                /// Strong and weak counts of what it leads to.
                fn counts(&self) -> (usize, usize) {
                    match self {
                        Self::Itself(view) => {
                            (Shared::strong_count(view), Shared::weak_count(view))
                        }
                        Self::Named(view) => (Shared::strong_count(view), Shared::weak_count(view)),
                        Self::Weighs(view) => {
                            (Shared::strong_count(view), Shared::weak_count(view))
                        }
                        Self::Animal(view) => {
                            (Shared::strong_count(view), Shared::weak_count(view))
                        }
                        Self::WeakItself(view) => (view.strong_count(), view.weak_count()),
                        Self::WeakNamed(view) => (view.strong_count(), view.weak_count()),
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
            fn assert_one_copy<C: Animal>(copy: &[View<C>], source: &[View<C>], strong: usize) {
                assert_eq!(copy.len(), source.len());
                for (copied, original) in copy.iter().zip(source) {
                    assert_eq!(
                        std::mem::discriminant(copied),
                        std::mem::discriminant(original)
                    );
                    assert!(std::ptr::addr_eq(copied.address(), copy[0].address()));
                    assert!(!std::ptr::addr_eq(copied.address(), original.address()));
                    assert_eq!(copied.counts(), (strong, 3));
                    assert_eq!(copied.speaks(), original.speaks());
                }
            }

            fn in_a_row<C: Animal>(subject: C) {
                let subject = Shared::new(subject);
                in_every_order(&mut View::all(&subject), &mut |views| {
                    assert_one_copy(&views.deep_clone(), views, 4);
                });
                assert_eq!(
                    (Shared::strong_count(&subject), Shared::weak_count(&subject)),
                    (1, 0)
                );
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
                seen_as: Guarded<Vec<View<Beast<P>>>>,
            }

            impl<P: Payload> Beast<P> {
                fn new(legs: usize, payload: P) -> Self {
                    Self {
                        legs,
                        payload,
                        seen_as: Guarded::default(),
                    }
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

            fn on_a_cycle<P: Payload>() {
                let subject = Shared::new(Beast::new(4, P::new(5)));
                in_every_order(&mut View::all(&subject), &mut |views| {
                    // Through each view as the root, the first one among them.
                    *open(&subject.seen_as) = views.again();
                    let copy = subject.deep_clone();
                    let seen_as = std::mem::take(&mut *open(&copy.seen_as));
                    assert!(std::ptr::addr_eq(
                        seen_as[0].address(),
                        Shared::as_ptr(&copy)
                    ));
                    assert_one_copy(&seen_as, views, 5);
                    drop(seen_as);
                    assert_eq!(
                        (Shared::strong_count(&copy), Shared::weak_count(&copy)),
                        (1, 0)
                    );
                    open(&subject.seen_as).clear();
                });
            }

            /// More handles to the same allocation, through the same views.
            trait Again {
                fn again(&self) -> Self;
            }

            impl<C: Animal> Again for Vec<View<C>> {
                fn again(&self) -> Self {
                    self.iter()
                        .map(|view| match view {
                            View::Itself(view) => View::Itself(view.clone()),
                            View::Named(view) => View::Named(view.clone()),
                            View::Weighs(view) => View::Weighs(view.clone()),
                            View::Animal(view) => View::Animal(view.clone()),
                            View::WeakItself(view) => View::WeakItself(view.clone()),
                            View::WeakNamed(view) => View::WeakNamed(view.clone()),
                            View::WeakAnimal(view) => View::WeakAnimal(view.clone()),
                        })
                        .collect()
                }
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

views!(
    rc_and_ref_cells,
    std::rc::Rc,
    std::rc::Weak,
    std::cell::RefCell,
    try_borrow_mut
);
views!(
    arc_and_mutexes,
    std::sync::Arc,
    std::sync::Weak,
    std::sync::Mutex,
    lock
);
views!(
    arc_and_rw_locks,
    std::sync::Arc,
    std::sync::Weak,
    std::sync::RwLock,
    write
);
