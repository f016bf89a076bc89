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

fn main() {
    let _copy = Bits { int: 1 }.deep_clone();
}
