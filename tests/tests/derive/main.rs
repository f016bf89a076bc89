//! What derived impls do when they run: every shape, every word, and what is left behind when a field fails.

mod by_hand;
mod enums;
mod failures;
mod generics;
mod shapes;
mod words;

use std::fmt::Debug;
use std::rc::Rc;

use deepclone::DeepClone;

fn same<T: DeepClone + PartialEq + Debug>(value: &T) {
    assert_eq!(&value.deep_clone(), value);
    assert_eq!(
        &value.try_deep_clone().expect("nothing in it can fail"),
        value
    );
}

#[derive(DeepClone, Debug, PartialEq, Clone, Copy)]
struct Plain {
    small: u8,
    large: u64,
}

#[derive(DeepClone, Debug, PartialEq)]
enum Never {}

#[derive(Debug, PartialEq)]
struct NotClonable;

#[derive(DeepClone)]
struct Tail<T: ?Sized> {
    head: String,
    #[deepclone(default = 9)]
    nine: u8,
    #[deepclone(clone)]
    shared: Rc<str>,
    tail: T,
}
