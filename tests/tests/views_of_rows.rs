//! One allocation seen as an array and as a slice, as text and as bytes, with a tail, and pinned.

use std::pin::Pin;

use deepclone::DeepClone;
use deepclone_tests::orders::in_every_order;

#[derive(DeepClone)]
struct Zero;

#[derive(DeepClone)]
#[repr(align(64))]
struct Wide(u8);

/// A type of the user's with an unsized tail.
#[derive(DeepClone)]
struct Tailed<T: ?Sized> {
    head: u16,
    tail: T,
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

            /// What an array is seen as.
            #[derive(DeepClone)]
            enum Seen<T: DeepClone + 'static, const N: usize> {
                Array(Strong<[T; N]>),
                Slice(Strong<[T]>),
                Weak(Weak<[T]>),
            }

            impl<T: DeepClone, const N: usize> Seen<T, N> {
                /// As a slice, which is alive.
                fn slice(&self) -> Strong<[T]> {
                    match self {
                        Self::Array(view) => view.clone(),
                        Self::Slice(view) => view.clone(),
                        Self::Weak(view) => view.upgrade().expect("its target was reached"),
                    }
                }
            }

            fn array_and_slice<T: DeepClone + 'static, const N: usize>(array: [T; N]) {
                let array = Strong::new(array);
                let slice: Strong<[T]> = array.clone();
                let weak: Weak<[T]> = Strong::downgrade(&slice);

                let mut views = vec![
                    Seen::Array(array.clone()),
                    Seen::Slice(slice.clone()),
                    Seen::Weak(weak.clone()),
                ];
                in_every_order(&mut views, &mut |views: &Vec<Seen<T, N>>| {
                    let copies = views.deep_clone();
                    let first = copies[0].slice();
                    assert!(!same(&first, &slice));
                    for (copy, view) in copies.iter().zip(views) {
                        assert_eq!(std::mem::discriminant(copy), std::mem::discriminant(view));
                        assert!(Strong::ptr_eq(&copy.slice(), &first));
                        assert_eq!(copy.slice().len(), N);
                    }
                    // With `first`.
                    assert_eq!(counts(&first), (3, 1));
                });
                drop(views);

                // Only one of the strong views.
                let (weak_copy, array_copy) = (weak.clone(), array.clone()).deep_clone();
                assert!(same(
                    &weak_copy.upgrade().expect("reached as an array"),
                    &array_copy
                ));
                assert_eq!(counts(&array_copy), (1, 1));
                let weak_array: Weak<[T; N]> = Strong::downgrade(&array);
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
                array_and_slice([Strong::new(1), Strong::new(2)]);
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
                Array(Strong<[Place; 2]>),
                Slice(Strong<[Place]>),
                Weak(Weak<[Place]>),
            }

            #[derive(DeepClone, Default)]
            struct Place {
                rows: Slot<Vec<Row>>,
            }

            #[test]
            fn elements_that_lead_back_to_their_array_and_to_a_slice_of_it_lead_to_the_copy() {
                let array: Strong<[Place; 2]> = Strong::new([Place::default(), Place::default()]);
                let slice: Strong<[Place]> = array.clone();
                *open(&array[0].rows) = vec![
                    Row::Weak(Strong::downgrade(&slice)),
                    Row::Slice(slice.clone()),
                ];
                *open(&array[1].rows) = vec![Row::Array(array.clone()), Row::Slice(slice.clone())];

                let from_array = array.deep_clone();
                let from_slice = slice.deep_clone();
                assert_eq!(counts(&from_array), (4, 1));
                assert_eq!(counts(&from_slice), (4, 1));
                let as_slice: Strong<[Place]> = from_array.clone();
                drop(from_array);
                for copy in [as_slice, from_slice] {
                    assert!(!same(&copy, &slice));
                    for slot in &*copy {
                        for row in &*open(&slot.rows) {
                            match row {
                                Row::Array(array) => assert!(same(array, &copy)),
                                Row::Slice(slice) => {
                                    assert!(Strong::ptr_eq(slice, &copy));
                                    assert_eq!(slice.len(), 2);
                                }
                                Row::Weak(weak) => {
                                    assert!(std::ptr::eq(weak.as_ptr(), Strong::as_ptr(&copy)));
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
                    let text: Strong<str> = text.into();
                    let bytes: Strong<[u8]> = text.clone().into();
                    let weak = Strong::downgrade(&text);

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
                let sized: Strong<Tailed<[String; 2]>> = Strong::new(Tailed {
                    head: 7,
                    tail: ["a".to_owned(), "b".to_owned()],
                });
                let unsized_: Strong<Tailed<[String]>> = sized.clone();
                let weak: Weak<Tailed<[String]>> = Strong::downgrade(&unsized_);
                let (w, u, s) = (weak, unsized_, sized.clone()).deep_clone();
                assert!(same(&u, &s) && !same(&s, &sized));
                assert_eq!((u.head, &u.tail[..]), (7, &sized.tail[..]));
                assert_eq!(s.tail, sized.tail);
                assert_eq!(counts(&s), (2, 1));
                assert!(Strong::ptr_eq(&w.upgrade().expect("reached"), &u));
            }

            #[test]
            fn a_pinned_view_leads_to_the_same_copy() {
                let pinned: (Pin<Strong<u32>>, Strong<u32>) = {
                    let shared = Strong::new(5);
                    (Pin::new(shared.clone()), shared)
                };
                let (p, s) = pinned.deep_clone();
                assert!(std::ptr::eq(&*p, &*s));
                assert_eq!(counts(&s), (2, 0));
            }
        }
    };
}

deepclone_tests::each_kind!(views);
