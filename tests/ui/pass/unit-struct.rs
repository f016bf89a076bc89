#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::DeepClone;

#[derive(DeepClone, Debug, PartialEq)]
struct Unit;

#[derive(DeepClone, Debug, PartialEq)]
struct Braces {}

fn main() {
    assert_eq!(Unit.deep_clone(), Unit);
    assert_eq!(Braces {}.deep_clone(), Braces {});
}
