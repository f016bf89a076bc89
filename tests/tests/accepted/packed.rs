//! Packed structs, whose fields may not be borrowed.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::DeepClone;

#[derive(DeepClone)]
#[repr(C, packed)]
struct Header {
    kind: u8,
    length: u32,
}

#[derive(DeepClone)]
#[repr(C, packed(2))]
struct Generic<T>(u8, T)
where
    T: Copy;

#[test]
fn a_packed_struct() {
    let copy = Header {
        kind: 1,
        length: 70_000,
    }
    .deep_clone();
    assert_eq!((copy.kind, { copy.length }), (1, 70_000));
    let copy = Generic(1, 5_u64).deep_clone();
    assert_eq!((copy.0, { copy.1 }), (1, 5));
}
