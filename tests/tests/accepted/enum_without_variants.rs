//! An enum without variants, and a variant that never is.

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

#[test]
fn an_enum_without_variants_or_with_one_that_never_is() {
    assert_eq!(None::<Never>.deep_clone(), None);
    assert_eq!(Maybe::No(1).deep_clone(), Maybe::No(1));
}
