//! One allocation seen as a cell of something and as a cell of a trait object, and weak views from inside and from outside.

use deepclone::{DeepClone, Session};
use deepclone_tests::orders::in_every_order;

trait Speaks: DeepClone {
    fn says(&self) -> String;
    fn louder(&mut self);
    /// Lets go of all views of itself.
    fn forget_itself(&mut self) {}
}

#[derive(DeepClone)]
struct Zero;

#[derive(DeepClone)]
#[repr(align(64))]
struct Wide(u8);

impl Speaks for Zero {
    fn says(&self) -> String {
        "zero".to_owned()
    }
    fn louder(&mut self) {}
}

impl Speaks for Wide {
    fn says(&self) -> String {
        assert_eq!(std::ptr::from_ref(self).addr() % 64, 0);
        format!("wide {}", self.0)
    }
    fn louder(&mut self) {
        self.0 += 1;
    }
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

            /// What a cell is seen as.
            #[derive(DeepClone)]
            enum Cells<C: Speaks + 'static> {
                Itself(Strong<Slot<C>>),
                Trait(Strong<Slot<dyn Speaks>>),
                Weak(Weak<Slot<C>>),
                WeakTrait(Weak<Slot<dyn Speaks>>),
            }

            impl<C: Speaks> Cells<C> {
                fn all(of: &Strong<Slot<C>>) -> Vec<Self> {
                    let cell: Strong<Slot<dyn Speaks>> = of.clone();
                    let weak: Weak<Slot<dyn Speaks>> = Strong::downgrade(&cell);
                    vec![
                        Self::Itself(of.clone()),
                        Self::Trait(cell),
                        Self::Weak(Strong::downgrade(of)),
                        Self::WeakTrait(weak),
                    ]
                }

                /// Another handle to the same cell, through the same view.
                fn again(&self) -> Self {
                    match self {
                        Self::Itself(view) => Self::Itself(view.clone()),
                        Self::Trait(view) => Self::Trait(view.clone()),
                        Self::Weak(view) => Self::Weak(view.clone()),
                        Self::WeakTrait(view) => Self::WeakTrait(view.clone()),
                    }
                }

                fn address(&self) -> *const () {
                    match self {
                        Self::Itself(view) => Strong::as_ptr(view).cast(),
                        Self::Trait(view) => Strong::as_ptr(view).cast(),
                        Self::Weak(view) => view.as_ptr().cast(),
                        Self::WeakTrait(view) => view.as_ptr().cast(),
                    }
                }

                fn says(&self) -> String {
                    match self {
                        Self::Itself(view) => open(view).says(),
                        Self::Trait(view) => open(view).says(),
                        Self::Weak(view) => open(&view.upgrade().expect("reached")).says(),
                        Self::WeakTrait(view) => open(&view.upgrade().expect("reached")).says(),
                    }
                }

                fn louder(&self) {
                    match self {
                        Self::Itself(view) => open(view).louder(),
                        Self::Trait(view) => open(view).louder(),
                        Self::Weak(view) => open(&view.upgrade().expect("reached")).louder(),
                        Self::WeakTrait(view) => open(&view.upgrade().expect("reached")).louder(),
                    }
                }

                /// Strong and weak counts of what it leads to.
                fn counts(&self) -> (usize, usize) {
                    match self {
                        Self::Itself(view) => counts(view),
                        Self::Trait(view) => counts(view),
                        Self::Weak(view) => (view.strong_count(), view.weak_count()),
                        Self::WeakTrait(view) => (view.strong_count(), view.weak_count()),
                    }
                }
            }

            fn cells_in_every_order<C: Speaks + 'static>(new: fn() -> C) {
                let subject = Strong::new(Slot::new(new()));
                let said = open(&subject).says();
                let mut orders = 0;
                in_every_order(&mut Cells::all(&subject), &mut |views| {
                    let copy = views.deep_clone();
                    for (view, original) in copy.iter().zip(views) {
                        assert_eq!(
                            std::mem::discriminant(view),
                            std::mem::discriminant(original)
                        );
                        assert!(std::ptr::addr_eq(view.address(), copy[0].address()));
                        assert!(!std::ptr::addr_eq(view.address(), original.address()));
                        assert_eq!((view.says(), view.counts()), (said.clone(), (2, 2)));
                    }
                    // What is changed through one view is seen through all, and not in the source.
                    copy[orders % 4].louder();
                    orders += 1;
                    let louder = copy[0].says();
                    assert!(copy.iter().all(|view| view.says() == louder));
                    assert_eq!(open(&subject).says(), said);
                });
                assert_eq!((orders, counts(&subject)), (24, (1, 0)));
            }

            #[test]
            fn a_cell_and_the_same_cell_of_a_trait_object_lead_to_one_copy() {
                cells_in_every_order(|| Wide(1));
                cells_in_every_order(|| Zero);
            }

            #[derive(DeepClone)]
            struct Looped {
                number: u32,
                seen_as: Vec<Cells<Looped>>,
            }

            impl Speaks for Looped {
                fn says(&self) -> String {
                    format!("looped {}", self.number)
                }
                fn louder(&mut self) {
                    self.number += 1;
                }
                fn forget_itself(&mut self) {
                    self.seen_as.clear();
                }
            }

            /// The views of the copy from inside are those of its own cell. They are let go of.
            fn assert_looped(copy: &Strong<Slot<Looped>>, held: (usize, usize)) {
                let inside = std::mem::take(&mut open(copy).seen_as);
                for view in &inside {
                    assert!(std::ptr::addr_eq(view.address(), Strong::as_ptr(copy)));
                    assert_eq!(view.says(), "looped 1");
                    assert_eq!(view.counts(), (2 + held.0, 2 + held.1));
                }
                drop(inside);
                assert_eq!(counts(copy), held);
            }

            #[test]
            fn a_cell_that_leads_to_itself_as_a_cell_of_a_trait_object_is_one_copy() {
                let new = || Looped { number: 1, seen_as: Vec::new() };
                let subject = Strong::new(Slot::new(new()));
                in_every_order(&mut Cells::all(&subject), &mut |order| {
                    open(&subject).seen_as = order.iter().map(Cells::again).collect();

                    let root: Strong<Slot<dyn Speaks>> = subject.clone();
                    let copy = root.deep_clone();
                    drop(root);
                    open(&copy).louder();
                    assert_eq!(open(&copy).says(), "looped 2");
                    assert_eq!(counts(&copy), (3, 2));
                    open(&copy).forget_itself();
                    assert_eq!(counts(&copy), (1, 0));

                    assert_looped(&subject.deep_clone(), (1, 0));

                    let root: Weak<Slot<dyn Speaks>> = Strong::<Slot<Looped>>::downgrade(&subject);
                    let (weak, copy) = (root, subject.clone()).deep_clone();
                    let object = weak.upgrade().expect("it was reached");
                    assert!(same(&object, &copy));
                    assert_eq!(open(&object).says(), "looped 1");
                    drop(object);
                    assert_looped(&copy, (1, 1));
                    open(&subject).seen_as.clear();
                });
            }

            #[derive(DeepClone)]
            struct SelfSeeing<P: Speaks + 'static> {
                number: u32,
                payload: P,
                itself: Weak<SelfSeeing<P>>,
                as_trait: Slot<Weak<dyn Speaks>>,
            }

            impl<P: Speaks> Speaks for SelfSeeing<P> {
                fn says(&self) -> String {
                    let itself = self.itself.upgrade().expect("it lives");
                    let as_trait = open(&self.as_trait).upgrade().expect("it lives");
                    assert!(std::ptr::eq(&*itself, self));
                    assert!(same(&itself, &as_trait));
                    format!("{} that sees itself, {}", self.number, self.payload.says())
                }
                fn louder(&mut self) {
                    self.number += 1;
                }
            }

            fn sees_itself<P: Speaks + 'static>(payload: P, says: &str) {
                let concrete = Strong::new_cyclic(|itself: &Weak<SelfSeeing<P>>| SelfSeeing {
                    number: 9,
                    payload,
                    itself: itself.clone(),
                    as_trait: Slot::new(itself.clone()),
                });
                let object: Strong<dyn Speaks> = concrete;
                let copy = object.deep_clone();
                assert_eq!(copy.says(), says);
                assert_eq!(counts(&copy), (1, 2));
                assert_eq!(counts(&object), (1, 2));
                assert!(!same(&copy, &object));
            }

            #[test]
            fn a_weak_to_itself_inside_a_trait_object_leads_to_the_copy_wherever_that_is_aligned() {
                sees_itself(Zero, "9 that sees itself, zero");
                sees_itself(Wide(1), "9 that sees itself, wide 1");
            }

            #[test]
            fn weak_views_of_something_out_of_reach_dangle_and_have_the_right_vtable_where_it_is_kept() {
                let outside: Strong<Slot<dyn Speaks>> = Strong::new(Slot::new(Wide(1)));
                let row: Strong<[u16]> = Strong::from([1, 2, 3]);
                let object: Strong<dyn Speaks> = Strong::new(Zero);
                let gone: Weak<dyn Speaks> = {
                    let short: Strong<dyn Speaks> = Strong::new(Zero);
                    Strong::downgrade(&short)
                };
                let never: Weak<Slot<dyn Speaks>> = Weak::<Slot<Zero>>::new();
                let source = (
                    Strong::downgrade(&outside),
                    Strong::downgrade(&row),
                    Strong::downgrade(&object),
                    gone,
                    never,
                );
                let copy = source.deep_clone();
                assert!(copy.0.upgrade().is_none());
                assert!(copy.1.upgrade().is_none());
                assert!(copy.2.upgrade().is_none());
                assert!(copy.3.upgrade().is_none());
                assert!(copy.4.upgrade().is_none());

                // What is kept is reached by the weak views alone, and shows which vtable and length they have.
                let mut session = Session::new();
                session.keep(&outside).expect("it was not copied");
                session.keep(&row).expect("it was not copied");
                session.keep(&object).expect("it was not copied");
                let kept = session.deep_clone(&source).expect("nothing fails");
                drop(session);
                let cell = kept.0.upgrade().expect("it is kept");
                let says = open(&cell).says();
                assert!(same(&cell, &outside) && says == "wide 1");
                assert_eq!(kept.1.upgrade().as_deref(), Some(&[1, 2, 3][..]));
                let spoken = kept.2.upgrade().map(|object| object.says());
                assert_eq!(spoken.as_deref(), Some("zero"));
                assert!(kept.3.upgrade().is_none() && kept.4.upgrade().is_none());
                drop((kept, cell));
                assert_eq!(counts(&outside), (1, 1));
                assert_eq!(counts(&row), (1, 1));
                assert_eq!(counts(&object), (1, 1));
            }
        }
    };
}

deepclone_tests::each_kind!(views);
