//! Owned and shared trait objects.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use std::cell::RefCell;
use std::rc::Rc;

use deepclone::DeepClone;

trait Shape: DeepClone {
    fn area(&self) -> u32;
}

#[derive(DeepClone)]
struct Square(u32);

impl Shape for Square {
    fn area(&self) -> u32 {
        self.0 * self.0
    }
}

#[derive(DeepClone)]
struct Picture {
    owned: Box<dyn Shape>,
    shared: Rc<RefCell<dyn Shape>>,
}

#[test]
fn fields_with_trait_objects() {
    let picture = Picture {
        owned: Box::new(Square(2)),
        shared: Rc::new(RefCell::new(Square(3))),
    };
    let copy = picture.deep_clone();
    assert_eq!((copy.owned.area(), copy.shared.borrow().area()), (4, 9));
}
