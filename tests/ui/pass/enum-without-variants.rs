#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::DeepClone;

#[derive(DeepClone, Debug, PartialEq)]
enum Never {}

#[derive(DeepClone, Debug, PartialEq)]
enum Maybe {
    No(u8),
    Yes(Never, String),
}

fn main() {
    assert_eq!(None::<Never>.deep_clone(), None);
    assert_eq!(Maybe::No(1).deep_clone(), Maybe::No(1));
}
