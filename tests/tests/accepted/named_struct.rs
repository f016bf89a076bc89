//! The plainest struct.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::DeepClone;

#[derive(DeepClone, Debug, PartialEq)]
struct Point {
    x: i32,
    name: String,
}

#[test]
fn a_struct_with_named_fields() {
    let point = Point {
        x: 1,
        name: "a".to_owned(),
    };
    assert_eq!(point.deep_clone(), point);
}
