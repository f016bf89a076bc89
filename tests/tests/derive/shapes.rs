//! Structs of every kind, and unions: what is in the copy.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use deepclone::DeepClone;

use super::{Plain, Tail, same};

#[derive(DeepClone, Debug, PartialEq)]
struct Tuple(String, Plain, Vec<Plain>);

#[derive(DeepClone, Debug, PartialEq)]
struct Unit;

#[derive(DeepClone, Debug, PartialEq)]
struct Braces {}

#[test]
fn structs_of_every_kind() {
    same(&Plain { small: 1, large: 2 });
    same(&Tuple(
        "a".to_owned(),
        Plain { small: 1, large: 2 },
        vec![Plain { small: 3, large: 4 }],
    ));
    same(&Unit);
    same(&Braces {});
    same(&vec![Unit, Unit]);
}

#[test]
fn owned_fields_are_copies() {
    let source = Tuple("a".to_owned(), Plain { small: 1, large: 2 }, Vec::new());
    let mut copy = source.deep_clone();
    copy.0.push('b');
    assert_eq!(source.0, "a");
    assert_ne!(copy.0.as_ptr(), source.0.as_ptr());
}

trait Speak: DeepClone {
    fn speak(&self) -> String;
}

impl Speak for String {
    fn speak(&self) -> String {
        self.clone()
    }
}

#[test]
fn unsized_tails() {
    let shared: Rc<str> = Rc::from("s");
    let make = || ("a".to_owned(), 1, Rc::clone(&shared));
    let (head, nine, rc) = make();
    let slice: Box<Tail<[String]>> = Box::new(Tail {
        head,
        nine,
        shared: rc,
        tail: ["b".to_owned(), "c".to_owned()],
    });
    let copy = slice.deep_clone();
    assert_eq!(
        (copy.head.as_str(), copy.nine, &copy.tail),
        ("a", 9, ["b".to_owned(), "c".to_owned()].as_slice())
    );
    assert!(Rc::ptr_eq(&copy.shared, &shared));

    let (head, nine, rc) = make();
    let object: Rc<Tail<dyn Speak>> = Rc::new(Tail {
        head,
        nine,
        shared: rc,
        tail: "hello".to_owned(),
    });
    let copy = object.deep_clone();
    assert_eq!(
        (copy.head.as_str(), copy.nine, copy.tail.speak().as_str()),
        ("a", 9, "hello")
    );
    assert!(!Rc::ptr_eq(&copy, &object));

    let (head, nine, rc) = make();
    let sized = Tail {
        head,
        nine,
        shared: rc,
        tail: 7_u64,
    };
    assert_eq!((sized.deep_clone().tail, sized.deep_clone().nine), (7, 9));

    let (head, nine, rc) = make();
    let nested: Box<Tail<Tail<[u8]>>> = Box::new(Tail {
        head: "n".to_owned(),
        nine: 0,
        shared: Rc::clone(&rc),
        tail: Tail {
            head,
            nine,
            shared: rc,
            tail: [1, 2],
        },
    });
    let copy = nested.deep_clone();
    assert_eq!(
        (copy.head.as_str(), copy.tail.head.as_str(), &copy.tail.tail),
        ("n", "a", [1, 2].as_slice())
    );
}

#[derive(DeepClone)]
#[repr(C, packed)]
struct Packed<T>
where
    T: Copy,
{
    small: u8,
    large: T,
}

#[test]
fn packed_structs() {
    let copy = Packed {
        small: 1,
        large: 70_000_u32,
    }
    .deep_clone();
    assert_eq!((copy.small, { copy.large }), (1, 70_000));
    let copies = vec![
        Packed {
            small: 1,
            large: 2_u64,
        },
        Packed { small: 3, large: 4 },
    ]
    .deep_clone();
    assert_eq!({ copies[1].large }, 4);
}

#[derive(DeepClone, Clone, Copy)]
#[deepclone(clone)]
union Bits {
    float: f32,
    int: u32,
}

#[test]
fn a_union_that_is_copied_whole() {
    let copies = [Bits { int: 3 }, Bits { float: 1.0 }].deep_clone();
    assert_eq!(copies.len(), 2);
}

#[derive(DeepClone, Clone, Copy, Debug, PartialEq)]
enum Token {
    Open,
    Number(u32),
}

#[test]
fn copy_types_in_cells_and_maps() {
    assert_eq!(
        Cell::new(Token::Number(3)).deep_clone().get(),
        Token::Number(3)
    );
    assert_eq!(
        Cell::new(Plain { small: 1, large: 2 }).deep_clone().get(),
        Plain { small: 1, large: 2 }
    );
    let map: HashMap<u8, Token> = [(1, Token::Open), (2, Token::Number(4))].into();
    assert_eq!(map.deep_clone(), map);
}
