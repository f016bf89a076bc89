//! A `Cell` of a type of the user's that is `Copy`.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use std::cell::Cell;

use deepclone::DeepClone;

#[derive(DeepClone, Clone, Copy, Debug, PartialEq)]
struct Token(u32);

#[derive(DeepClone)]
struct Holder {
    token: Cell<Token>,
}

#[test]
fn a_cell_of_a_copy_type() {
    assert_eq!(
        Holder {
            token: Cell::new(Token(3))
        }
        .deep_clone()
        .token
        .get(),
        Token(3)
    );
}
