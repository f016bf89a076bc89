//! One allocation seen as an array and as a slice, as text and as bytes, as a cell of something and as a cell of a trait object or a slice, and pinned.

use std::pin::Pin;

use deepclone::DeepClone;

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

/// A type of the user's with an unsized tail.
#[derive(DeepClone)]
struct Tailed<T: ?Sized> {
    head: u16,
    tail: T,
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

            fn same<A: ?Sized, B: ?Sized>(a: &Shared<A>, b: &Shared<B>) -> bool {
                std::ptr::addr_eq(Shared::as_ptr(a), Shared::as_ptr(b))
            }

            fn counts<T: ?Sized>(of: &Shared<T>) -> (usize, usize) {
                (Shared::strong_count(of), Shared::weak_count(of))
            }

            fn array_and_slice<T: DeepClone + 'static, const N: usize>(array: [T; N]) {
                let array = Shared::new(array);
                let slice: Shared<[T]> = array.clone();
                let weak: Weak<[T]> = Shared::downgrade(&slice);

                let array_first = (array.clone(), slice.clone(), weak.clone()).deep_clone();
                let slice_first = (slice.clone(), weak.clone(), array.clone()).deep_clone();
                let weak_first = (weak.clone(), array.clone(), slice.clone()).deep_clone();
                for (array, slice, weak) in [
                    array_first,
                    (slice_first.2, slice_first.0, slice_first.1),
                    (weak_first.1, weak_first.2, weak_first.0),
                ] {
                    assert!(same(&array, &slice));
                    assert_eq!(slice.len(), N);
                    assert!(Shared::ptr_eq(
                        &weak.upgrade().expect("reached as an array"),
                        &slice
                    ));
                    assert_eq!(counts(&array), (2, 1));
                }

                // Only one of the strong views.
                let (weak_copy, array_copy) = (weak.clone(), array.clone()).deep_clone();
                assert!(same(
                    &weak_copy.upgrade().expect("reached as an array"),
                    &array_copy
                ));
                assert_eq!(counts(&array_copy), (1, 1));
                let weak_array: Weak<[T; N]> = Shared::downgrade(&array);
                let (weak_copy, slice_copy) = (weak_array, slice.clone()).deep_clone();
                assert!(same(
                    &weak_copy.upgrade().expect("reached as a slice"),
                    &slice_copy
                ));
                assert_eq!(counts(&slice_copy), (1, 1));
                assert_eq!(counts(&array), (2, 1));
            }

            #[test]
            fn an_array_and_a_slice_of_it_lead_to_one_copy() {
                array_and_slice([1_u8, 2, 3]);
                array_and_slice(["a".to_owned(), "b".to_owned()]);
                array_and_slice([Wide(1), Wide(2)]);
                array_and_slice([Shared::new(1), Shared::new(2)]);
            }

            #[test]
            fn an_array_of_size_zero_and_a_slice_of_it_lead_to_one_copy() {
                array_and_slice([Zero, Zero, Zero]);
                array_and_slice::<u64, 0>([]);
                array_and_slice::<Wide, 0>([]);
                array_and_slice::<String, 0>([]);
                array_and_slice([(), ()]);
            }

            #[derive(DeepClone)]
            enum Row {
                Array(Shared<[Slot; 2]>),
                Slice(Shared<[Slot]>),
                Weak(Weak<[Slot]>),
            }

            #[derive(DeepClone, Default)]
            struct Slot {
                rows: Guarded<Vec<Row>>,
            }

            #[test]
            fn elements_that_lead_back_to_their_array_and_to_a_slice_of_it_lead_to_the_copy() {
                let array: Shared<[Slot; 2]> = Shared::new([Slot::default(), Slot::default()]);
                let slice: Shared<[Slot]> = array.clone();
                *open(&array[0].rows) = vec![
                    Row::Weak(Shared::downgrade(&slice)),
                    Row::Slice(slice.clone()),
                ];
                *open(&array[1].rows) = vec![Row::Array(array.clone()), Row::Slice(slice.clone())];

                let from_array = array.deep_clone();
                let from_slice = slice.deep_clone();
                assert_eq!(counts(&from_array), (4, 1));
                assert_eq!(counts(&from_slice), (4, 1));
                let as_slice: Shared<[Slot]> = from_array.clone();
                drop(from_array);
                for copy in [as_slice, from_slice] {
                    assert!(!same(&copy, &slice));
                    for slot in &*copy {
                        for row in &*open(&slot.rows) {
                            match row {
                                Row::Array(array) => assert!(same(array, &copy)),
                                Row::Slice(slice) => {
                                    assert!(Shared::ptr_eq(slice, &copy));
                                    assert_eq!(slice.len(), 2);
                                }
                                Row::Weak(weak) => {
                                    assert!(std::ptr::eq(weak.as_ptr(), Shared::as_ptr(&copy)));
                                }
                            }
                        }
                    }
                    copy.iter().for_each(|slot| open(&slot.rows).clear());
                    assert_eq!(counts(&copy), (1, 0));
                }
                slice.iter().for_each(|slot| open(&slot.rows).clear());
                assert_eq!(counts(&slice), (2, 0));
            }

            #[test]
            fn text_and_its_bytes_lead_to_one_copy() {
                for text in ["", "a", "hello"] {
                    let text: Shared<str> = text.into();
                    let bytes: Shared<[u8]> = text.clone().into();
                    let weak = Shared::downgrade(&text);

                    let (t, w, b) = (text.clone(), weak.clone(), bytes.clone()).deep_clone();
                    assert!(same(&t, &b) && !same(&t, &text));
                    assert_eq!((&*t, &*b), (&*text, text.as_bytes()));
                    assert_eq!(counts(&t), (2, 1));
                    assert_eq!(w.upgrade().as_deref(), Some(&*text));

                    let (w, b, t) = (weak, bytes.clone(), text.clone()).deep_clone();
                    assert!(same(&t, &b) && !same(&t, &text));
                    assert_eq!((&*t, &*b), (&*text, text.as_bytes()));
                    assert_eq!(counts(&t), (2, 1));
                    assert_eq!(w.upgrade().as_deref(), Some(&*text));
                }
            }

            #[test]
            fn a_tail_of_the_users_seen_sized_and_unsized_leads_to_one_copy() {
                let sized: Shared<Tailed<[String; 2]>> = Shared::new(Tailed {
                    head: 7,
                    tail: ["a".to_owned(), "b".to_owned()],
                });
                let unsized_: Shared<Tailed<[String]>> = sized.clone();
                let weak: Weak<Tailed<[String]>> = Shared::downgrade(&unsized_);
                let (w, u, s) = (weak, unsized_, sized.clone()).deep_clone();
                assert!(same(&u, &s) && !same(&s, &sized));
                assert_eq!((u.head, &u.tail[..]), (7, &sized.tail[..]));
                assert_eq!(s.tail, sized.tail);
                assert_eq!(counts(&s), (2, 1));
                assert!(Shared::ptr_eq(&w.upgrade().expect("reached"), &u));
            }

            #[test]
            fn a_pinned_view_leads_to_the_same_copy() {
                let pinned: (Pin<Shared<u32>>, Shared<u32>) = {
                    let shared = Shared::new(5);
                    (Pin::new(shared.clone()), shared)
                };
                let (p, s) = pinned.deep_clone();
                assert!(std::ptr::eq(&*p, &*s));
                assert_eq!(counts(&s), (2, 0));
            }

            /// What a cell is seen as.
            #[derive(DeepClone)]
            enum Cells<C: Speaks + 'static> {
                Itself(Shared<Guarded<C>>),
                Trait(Shared<Guarded<dyn Speaks>>),
                Weak(Weak<Guarded<C>>),
                WeakTrait(Weak<Guarded<dyn Speaks>>),
            }

            impl<C: Speaks> Cells<C> {
                fn all(of: &Shared<Guarded<C>>) -> Vec<Self> {
                    let cell: Shared<Guarded<dyn Speaks>> = of.clone();
                    let weak: Weak<Guarded<dyn Speaks>> = Shared::downgrade(&cell);
                    vec![
                        Self::Itself(of.clone()),
                        Self::Trait(cell),
                        Self::Weak(Shared::downgrade(of)),
                        Self::WeakTrait(weak),
                    ]
                }

                fn address(&self) -> *const () {
                    match self {
                        Self::Itself(view) => Shared::as_ptr(view).cast(),
                        Self::Trait(view) => Shared::as_ptr(view).cast(),
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

                fn strong(&self) -> usize {
                    match self {
                        Self::Itself(view) => Shared::strong_count(view),
                        Self::Trait(view) => Shared::strong_count(view),
                        Self::Weak(view) => view.strong_count(),
                        Self::WeakTrait(view) => view.strong_count(),
                    }
                }
            }

            fn cells_in_every_order<C: Speaks + 'static>(new: fn() -> C) {
                for rotation in 0..4 {
                    for reversed in [false, true] {
                        let subject = Shared::new(Guarded::new(new()));
                        let said = open(&subject).says();
                        let mut views = Cells::all(&subject);
                        views.rotate_left(rotation);
                        if reversed {
                            views.reverse();
                        }
                        let copy = views.deep_clone();
                        for view in &copy {
                            assert!(std::ptr::addr_eq(view.address(), copy[0].address()));
                            assert_eq!((view.says(), view.strong()), (said.clone(), 2));
                        }
                        // What is changed through one view is seen through all, and not in the source.
                        copy[rotation].louder();
                        let louder = copy[rotation].says();
                        assert!(copy.iter().all(|view| view.says() == louder));
                        assert_eq!(open(&subject).says(), said);
                    }
                }
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

            #[test]
            fn a_cell_that_leads_to_itself_as_a_cell_of_a_trait_object_is_one_copy() {
                for rotation in 0..4 {
                    let subject = Shared::new(Guarded::new(Looped {
                        number: 1,
                        seen_as: Vec::new(),
                    }));
                    let mut views = Cells::all(&subject);
                    views.rotate_left(rotation);
                    open(&subject).seen_as = views;
                    let root: Shared<Guarded<dyn Speaks>> = subject.clone();
                    let copy = root.deep_clone();
                    drop(root);
                    open(&copy).louder();
                    assert_eq!(open(&copy).says(), "looped 2");

                    let typed = subject.deep_clone();
                    let inside = std::mem::take(&mut open(&typed).seen_as);
                    for view in &inside {
                        assert!(std::ptr::addr_eq(view.address(), Shared::as_ptr(&typed)));
                        assert_eq!(view.says(), "looped 1");
                        assert_eq!(view.strong(), 3);
                    }
                    drop(inside);
                    assert_eq!(counts(&typed), (1, 0));
                    open(&subject).seen_as.clear();

                    assert_eq!(counts(&copy), (3, 2));
                    open(&copy).forget_itself();
                    assert_eq!(counts(&copy), (1, 0));
                }
            }

            #[derive(DeepClone)]
            struct SelfSeeing {
                number: u32,
                itself: Weak<SelfSeeing>,
                as_trait: Guarded<Weak<dyn Speaks>>,
            }

            impl Speaks for SelfSeeing {
                fn says(&self) -> String {
                    let itself = self.itself.upgrade().expect("it lives");
                    let as_trait = open(&self.as_trait).upgrade().expect("it lives");
                    assert!(std::ptr::eq(&*itself, self));
                    assert!(same(&itself, &as_trait));
                    format!("self-seeing {}", self.number)
                }
                fn louder(&mut self) {
                    self.number += 1;
                }
            }

            #[test]
            fn a_weak_to_itself_inside_a_trait_object_leads_to_the_copy() {
                let concrete = Shared::new_cyclic(|itself: &Weak<SelfSeeing>| SelfSeeing {
                    number: 9,
                    itself: itself.clone(),
                    as_trait: Guarded::new(itself.clone()),
                });
                let object: Shared<dyn Speaks> = concrete;
                let copy = object.deep_clone();
                assert_eq!(copy.says(), "self-seeing 9");
                assert_eq!(counts(&copy), (1, 2));
                assert_eq!(counts(&object), (1, 2));
                assert!(!same(&copy, &object));
            }

            #[test]
            fn weak_views_of_something_out_of_reach_dangle_with_the_right_vtable() {
                let outside: Shared<Guarded<dyn Speaks>> = Shared::new(Guarded::new(Wide(1)));
                let row: Shared<[u16]> = Shared::from([1, 2, 3]);
                let object: Shared<dyn Speaks> = Shared::new(Zero);
                let gone: Weak<dyn Speaks> = {
                    let short: Shared<dyn Speaks> = Shared::new(Zero);
                    Shared::downgrade(&short)
                };
                let never: Weak<Guarded<dyn Speaks>> = Weak::<Guarded<Zero>>::new();
                let source = (
                    Shared::downgrade(&outside),
                    Shared::downgrade(&row),
                    Shared::downgrade(&object),
                    gone,
                    never,
                );
                let copy = source.deep_clone();
                assert!(copy.0.upgrade().is_none());
                assert!(copy.1.upgrade().is_none());
                assert!(copy.2.upgrade().is_none());
                assert!(copy.3.upgrade().is_none());
                assert!(copy.4.upgrade().is_none());
                assert_eq!(counts(&outside), (1, 1));
                assert_eq!(counts(&row), (1, 1));
                assert_eq!(counts(&object), (1, 1));
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
