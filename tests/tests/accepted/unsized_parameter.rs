//! Parameters that may be unsized.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use std::rc::Rc;

use deepclone::DeepClone;

#[derive(DeepClone)]
struct Tail<T: ?Sized> {
    name: String,
    tail: T,
}

#[derive(DeepClone)]
struct Shared<T>
where
    T: ?Sized,
{
    value: Rc<T>,
}

#[test]
fn a_parameter_that_may_be_unsized() {
    let tail: Box<Tail<[u8]>> = Box::new(Tail {
        name: "a".to_owned(),
        tail: [1, 2, 3],
    });
    let copy = tail.deep_clone();
    assert_eq!(
        (copy.name.as_str(), &copy.tail),
        ("a", [1, 2, 3].as_slice())
    );
    assert_eq!(
        Tail {
            name: String::new(),
            tail: 7
        }
        .deep_clone()
        .tail,
        7
    );
    assert_eq!(
        &*Shared::<str> {
            value: Rc::from("b")
        }
        .deep_clone()
        .value,
        "b"
    );
}
