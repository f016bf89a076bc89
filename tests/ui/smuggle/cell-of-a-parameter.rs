use std::cell::Cell;

use deepclone::DeepClone;

#[derive(DeepClone)]
struct Holder<T> {
    token: Cell<T>,
}

fn main() {}
