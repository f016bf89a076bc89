//! Lifetimes, types, constants and markers as parameters.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use std::marker::PhantomData;

use deepclone::DeepClone;

struct NotClonable;

#[derive(DeepClone)]
struct All<'a, T, U: Default = u8, const N: usize = 2>
where
    T: PartialEq,
{
    borrowed: &'a str,
    value: T,
    list: [U; N],
    marker: PhantomData<NotClonable>,
}

#[derive(DeepClone)]
struct Marked<T> {
    marker: PhantomData<T>,
    function: fn(T) -> u8,
}

#[test]
fn a_struct_with_parameters_of_every_kind() {
    let all: All<'_, String> = All {
        borrowed: "a",
        value: "b".to_owned(),
        list: [1, 2],
        marker: PhantomData,
    };
    let copy = all.deep_clone();
    assert_eq!(
        (copy.borrowed, copy.value, copy.list),
        ("a", "b".to_owned(), [1, 2])
    );
    let marked = Marked::<NotClonable> {
        marker: PhantomData,
        function: |_| 3,
    };
    assert_eq!((marked.deep_clone().function)(NotClonable), 3);
}
