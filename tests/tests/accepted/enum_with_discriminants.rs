//! Enums with discriminants and a representation.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::DeepClone;

#[derive(DeepClone, Debug, PartialEq, Clone, Copy)]
#[repr(u8)]
enum Level {
    Low = 3,
    High = 200,
}

#[derive(DeepClone, Debug, PartialEq)]
#[repr(C, u16)]
enum Tagged {
    Number(u64) = 7,
    Text(String) = 9,
}

#[test]
fn an_enum_with_discriminants_and_a_representation() {
    assert_eq!(Level::High.deep_clone(), Level::High);
    assert_eq!(Level::Low.deep_clone() as u8, 3);
    assert_eq!(Tagged::Number(1).deep_clone(), Tagged::Number(1));
    let text = Tagged::Text("a".to_owned());
    assert_eq!(text.deep_clone(), text);
}
