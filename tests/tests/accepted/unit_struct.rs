//! Structs without fields.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::DeepClone;

#[derive(DeepClone, Debug, PartialEq)]
struct Unit;

#[derive(DeepClone, Debug, PartialEq)]
struct Braces {}

#[test]
fn a_unit_struct() {
    assert_eq!(Unit.deep_clone(), Unit);
    assert_eq!(Braces {}.deep_clone(), Braces {});
}
