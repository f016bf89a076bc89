//! A union, which `clone` copies whole.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::DeepClone;

#[derive(DeepClone, Clone, Copy)]
#[deepclone(clone)]
union Bits {
    float: f32,
    int: u32,
}

#[test]
fn a_union_that_is_copied_whole() {
    let _copy = Bits { int: 1 }.deep_clone();
}
