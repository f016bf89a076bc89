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

fn main() {
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
