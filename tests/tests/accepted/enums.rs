//! Variants of every form.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::DeepClone;

#[derive(DeepClone, Debug, PartialEq)]
enum Shape {
    Point,
    Circle(u32),
    Named { name: String, inner: Box<Shape> },
    Empty {},
}

#[test]
fn an_enum_with_variants_of_every_form() {
    let inner = Box::new(Shape::Circle(3));
    for shape in [
        Shape::Point,
        Shape::Empty {},
        Shape::Named {
            name: "a".to_owned(),
            inner,
        },
    ] {
        assert_eq!(shape.deep_clone(), shape);
    }
}
