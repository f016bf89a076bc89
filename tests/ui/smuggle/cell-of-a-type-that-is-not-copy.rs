use std::cell::Cell;

use deepclone::DeepClone;

#[derive(DeepClone)]
struct Token(u32);

#[derive(DeepClone)]
struct Holder {
    token: Cell<Token>,
}

fn main() {}
