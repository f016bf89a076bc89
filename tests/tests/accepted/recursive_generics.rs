//! Types that hold themselves or each other, for which inferred bounds must not run in circles.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::DeepClone;

#[derive(DeepClone)]
struct List<T> {
    value: T,
    next: Option<Box<List<T>>>,
}

#[derive(DeepClone)]
enum Even<T> {
    End,
    More(T, Box<Odd<T>>),
}

#[derive(DeepClone)]
struct Odd<T>(T, Box<Even<T>>);

#[derive(DeepClone)]
struct Tree {
    children: Vec<Self>,
}

#[test]
fn types_with_parameters_that_hold_themselves_or_each_other() {
    let list = List {
        value: "a".to_owned(),
        next: Some(Box::new(List {
            value: "b".to_owned(),
            next: None,
        })),
    };
    assert_eq!(list.deep_clone().next.unwrap().value, "b");
    let even = Even::More(1, Box::new(Odd(2, Box::new(Even::End))));
    assert!(
        matches!(even.deep_clone(), Even::More(1, odd) if odd.0 == 2 && matches!(*odd.1, Even::End))
    );
    assert_eq!(
        Tree {
            children: vec![Tree { children: vec![] }]
        }
        .deep_clone()
        .children
        .len(),
        1
    );
}
