//! Structs with fields that have numbers, or none.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::DeepClone;

#[derive(DeepClone, Debug, PartialEq)]
struct Pair(String, Vec<u8>);

#[derive(DeepClone, Debug, PartialEq)]
struct Nothing();

#[test]
fn a_tuple_struct() {
    let pair = Pair("a".to_owned(), vec![1, 2]);
    assert_eq!(pair.deep_clone(), pair);
    assert_eq!(Nothing().deep_clone(), Nothing());
}
