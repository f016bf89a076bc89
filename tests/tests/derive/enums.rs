//! Enums: every kind of variant, and every way to store which one it is.

use std::cell::{Cell, RefCell};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use deepclone::DeepClone;

use super::{Never, same};

#[derive(DeepClone, Debug, PartialEq)]
enum Shape {
    Point,
    Circle(u32),
    Named {
        r#type: String,
        inner: Box<Shape>,
    },
    Pair(String, u8),
    Empty {},
    NoField(),
    #[allow(dead_code)]
    Impossible(Never, String),
}

#[test]
fn enums_with_every_kind_of_variant() {
    let inner = Box::new(Shape::Pair("b".to_owned(), 1));
    for shape in [
        Shape::Point,
        Shape::Circle(3),
        Shape::Named {
            r#type: "a".to_owned(),
            inner,
        },
        Shape::Pair("c".to_owned(), 2),
        Shape::Empty {},
        Shape::NoField(),
    ] {
        same(&shape);
    }
    same(&None::<Never>);
}

#[derive(DeepClone, Debug, PartialEq, Clone, Copy)]
#[repr(i16)]
enum Level {
    Low = -3,
    Middle,
    High = 300,
}

#[derive(DeepClone, Debug, PartialEq)]
#[repr(C, u8)]
enum Tagged {
    Number(u64) = 7,
    Text(String) = 9,
    Bare = 200,
}

/// The discriminant is in the niche of a field.
#[derive(DeepClone, Debug, PartialEq)]
enum Niche {
    Text(String),
    Number(u16),
    Flags(bool, bool),
    Bare,
}

#[derive(DeepClone, Debug, PartialEq)]
enum InBool {
    Flag(bool),
    A,
    B,
}

#[derive(DeepClone, Debug, PartialEq)]
enum Single {
    Only(String),
}

#[derive(DeepClone, Debug, PartialEq)]
enum Nested {
    Deep(Option<Option<InBool>>),
    Shallow(Niche),
    Neither,
}

#[test]
fn every_way_to_store_a_discriminant() {
    for level in [Level::Low, Level::Middle, Level::High] {
        same(&level);
    }
    for tagged in [
        Tagged::Number(1),
        Tagged::Text("a".to_owned()),
        Tagged::Bare,
    ] {
        same(&tagged);
    }
    for niche in [
        Niche::Text("a".to_owned()),
        Niche::Number(1),
        Niche::Flags(true, false),
        Niche::Bare,
    ] {
        same(&niche);
        same(&Some(Box::new(niche)));
    }
    for in_bool in [
        InBool::Flag(true),
        InBool::Flag(false),
        InBool::A,
        InBool::B,
    ] {
        same(&in_bool);
        same(&Nested::Deep(Some(Some(in_bool))));
    }
    same(&Nested::Deep(Some(None)));
    same(&Nested::Deep(None));
    same(&Nested::Shallow(Niche::Bare));
    same(&Nested::Neither);
    same(&Single::Only("a".to_owned()));
}

#[derive(DeepClone, Debug)]
enum Shared {
    Counted(AtomicU32, u8),
    Locked(Mutex<String>),
    Celled(Cell<u8>, RefCell<Vec<u8>>),
    Plain(u8),
}

#[test]
fn variants_whose_bytes_may_change_while_they_are_read() {
    let Shared::Counted(count, small) = Shared::Counted(AtomicU32::new(3), 4).deep_clone() else {
        unreachable!()
    };
    assert_eq!((count.load(Ordering::Relaxed), small), (3, 4));
    let Shared::Locked(text) = Shared::Locked(Mutex::new("a".to_owned())).deep_clone() else {
        unreachable!()
    };
    assert_eq!(*text.lock().expect("it is not poisoned"), "a");
    let celled = Shared::Celled(Cell::new(1), RefCell::new(vec![2]));
    let Shared::Celled(cell, list) = celled.deep_clone() else {
        unreachable!()
    };
    assert_eq!((cell.get(), list.into_inner()), (1, vec![2]));
    assert!(matches!(Shared::Plain(1).deep_clone(), Shared::Plain(1)));
}
