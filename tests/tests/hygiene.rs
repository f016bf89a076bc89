//! Derived code means the same wherever it stands: names of the user's, missing preludes, renamed crates and macros
//! around it don't change what it refers to.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(unreachable_pub)]

extern crate deepclone as another_name;

use deepclone::DeepClone;

/// Every name that generated code could mean by accident is something else here, and nothing comes from a prelude.
mod bare {
    #![no_implicit_prelude]
    #![allow(non_camel_case_types, dead_code)]

    pub struct Result;
    pub struct Option;
    pub struct Vec;
    pub struct Engine;
    pub struct DeepClone;
    pub struct Cloner;
    pub struct Error;
    pub struct Sweeper;
    pub struct Placed;
    pub struct Field;
    pub struct Copy;
    pub struct Clone;
    pub struct Default;
    pub struct PhantomData;
    pub struct u8;
    pub struct bool;
    pub struct usize;
    pub struct str;
    pub mod core {}
    pub mod std {}
    pub mod deepclone {}

    #[derive(::deepclone::DeepClone)]
    pub struct Named {
        pub cloner: u16,
        pub self_: u16,
        pub dst: u16,
        pub engine: u16,
        pub at: u16,
        pub source: u16,
        pub failed: u16,
        pub sweep: u16,
        pub meta: u16,
        pub fields: u16,
        pub value: u16,
        pub field_0: u16,
        pub r#type: ::std::string::String,
    }

    #[derive(::deepclone::DeepClone)]
    pub enum Variants {
        Ok(u16),
        Err(::std::string::String),
        Some { r#type: u16, engine: u16 },
        None,
        Self_,
    }

    #[derive(::deepclone::DeepClone)]
    pub struct Words<DeepClone> {
        #[deepclone(clone)]
        pub shared: ::std::rc::Rc<DeepClone>,
        #[deepclone(default)]
        pub empty: ::std::option::Option<u16>,
        #[deepclone(default = 3)]
        pub three: u16,
        #[deepclone(with = twice)]
        pub twice: u16,
        #[deepclone(try_with = same)]
        pub same: u16,
        pub deep: DeepClone,
    }

    fn twice(number: &u16) -> u16 {
        *number * 2
    }

    fn same(
        number: &u16,
        cloner: &mut ::deepclone::Cloner<'_>,
    ) -> ::std::result::Result<u16, ::deepclone::Error> {
        cloner.deep_clone(number)
    }

    #[derive(::deepclone::DeepClone)]
    pub struct Unsized<T: ?::std::marker::Sized> {
        pub head: u16,
        pub tail: T,
    }

    #[derive(::deepclone::DeepClone)]
    #[repr(C, packed)]
    pub struct Packed(pub u16, pub u32);

    #[derive(::deepclone::DeepClone, ::std::clone::Clone)]
    #[deepclone(clone)]
    pub struct ByClone(pub u16);

    pub struct ByHand(pub u16);

    ::deepclone::impl_deep_clone! {
        impl for ByHand = |by_hand, _cloner| ::std::result::Result::Ok(ByHand(by_hand.0 + 1))
    }
}

#[test]
fn without_a_prelude_and_among_false_names() {
    let named = bare::Named {
        cloner: 1,
        self_: 2,
        dst: 3,
        engine: 4,
        at: 5,
        source: 6,
        failed: 7,
        sweep: 8,
        meta: 9,
        fields: 10,
        value: 11,
        field_0: 12,
        r#type: "t".to_owned(),
    };
    let copy = named.deep_clone();
    assert_eq!(
        [
            copy.cloner,
            copy.self_,
            copy.dst,
            copy.engine,
            copy.at,
            copy.source
        ],
        [1, 2, 3, 4, 5, 6]
    );
    assert_eq!(
        [
            copy.failed,
            copy.sweep,
            copy.meta,
            copy.fields,
            copy.value,
            copy.field_0
        ],
        [7, 8, 9, 10, 11, 12]
    );
    assert_eq!(copy.r#type, "t");

    assert!(matches!(
        bare::Variants::Ok(1).deep_clone(),
        bare::Variants::Ok(1)
    ));
    assert!(
        matches!(bare::Variants::Err("e".to_owned()).deep_clone(), bare::Variants::Err(text) if text == "e")
    );
    assert!(matches!(
        bare::Variants::Some {
            r#type: 1,
            engine: 2
        }
        .deep_clone(),
        bare::Variants::Some {
            r#type: 1,
            engine: 2
        }
    ));
    assert!(matches!(
        bare::Variants::None.deep_clone(),
        bare::Variants::None
    ));
    assert!(matches!(
        bare::Variants::Self_.deep_clone(),
        bare::Variants::Self_
    ));

    let shared = std::rc::Rc::new(1_u8);
    let words = bare::Words {
        shared,
        empty: Some(1),
        three: 0,
        twice: 4,
        same: 5,
        deep: 6,
    };
    let copy = words.deep_clone();
    assert!(std::rc::Rc::ptr_eq(&copy.shared, &words.shared));
    assert_eq!(
        (copy.empty, copy.three, copy.twice, copy.same, copy.deep),
        (None, 3, 8, 5, 6)
    );

    let tail: Box<bare::Unsized<[u16]>> = Box::new(bare::Unsized {
        head: 1,
        tail: [2, 3],
    });
    let copy = tail.deep_clone();
    assert_eq!((copy.head, &copy.tail), (1, [2, 3].as_slice()));
    let copy = bare::Packed(1, 2).deep_clone();
    assert_eq!((copy.0, copy.1), (1, 2));
    assert_eq!(bare::ByClone(3).deep_clone().0, 3);
    assert_eq!(bare::ByHand(3).deep_clone().0, 4);
}

mod reexports {
    pub mod deep {
        pub use deepclone::*;
    }
}

#[derive(another_name::DeepClone)]
#[deepclone(crate = another_name)]
struct Renamed<T> {
    value: T,
    #[deepclone(with = String::clone)]
    text: String,
}

#[derive(reexports::deep::DeepClone)]
#[deepclone(crate = crate::reexports::deep)]
enum Reexported {
    One(Vec<u8>),
}

struct RenamedByHand;

another_name::impl_deep_clone! { impl for RenamedByHand = |_by_hand, _cloner| Ok(RenamedByHand) }

#[test]
fn the_crate_may_have_another_name() {
    let copy = Renamed {
        value: 1,
        text: "a".to_owned(),
    }
    .deep_clone();
    assert_eq!((copy.value, copy.text.as_str()), (1, "a"));
    let Reexported::One(bytes) = Reexported::One(vec![1]).deep_clone();
    assert_eq!(bytes, [1]);
    let RenamedByHand = RenamedByHand.deep_clone();
}

macro_rules! structs {
    ($name:ident<$($lifetime:lifetime,)? $param:ident: $bound:path> { $($field:ident: $ty:ty),* }, $made:expr, $function:path) => {
        #[derive(DeepClone)]
        struct $name<$($lifetime,)? $param: $bound> {
            $($field: $ty,)*
            hidden: u8,
            #[deepclone(default = $made)]
            made: u8,
            #[deepclone(with = $function)]
            converted: u8,
        }

        impl<$($lifetime,)? $param: $bound> $name<$($lifetime,)? $param> {
            fn numbers(&self) -> [u8; 3] {
                [self.hidden, self.made, self.converted]
            }
        }
    };
}

structs!(InMacro<'a, T: PartialEq> { text: &'a str, list: Vec<T>, hidden_too: Option<Box<InMacro<'a, T>>> }, 2 + 3, half);

fn half(number: &u8) -> u8 {
    number / 2
}

macro_rules! with_own_names {
    ($outer:ident) => {
        #[derive(DeepClone)]
        struct Inner {
            value: u8,
        }

        #[derive(DeepClone)]
        enum $outer {
            Only(Inner),
        }

        impl $outer {
            fn new(value: u8) -> Self {
                Self::Only(Inner { value })
            }

            fn value(&self) -> u8 {
                let Self::Only(inner) = self;
                inner.value
            }
        }

        #[derive(DeepClone)]
        #[deepclone(crate = $crate::reexports::deep)]
        struct ByDollarCrate(String);

        struct ByHand(u8);

        deepclone::impl_deep_clone! {
            impl for ByHand = |by_hand, cloner| Ok(ByHand(cloner.deep_clone(&by_hand.0)?))
        }
    };
}

with_own_names!(Outer);

#[test]
fn types_made_by_macros_derive() {
    let hidden_too = InMacro {
        text: "b",
        list: vec![],
        hidden_too: None,
        hidden: 0,
        made: 0,
        converted: 0,
    };
    let source = InMacro {
        text: "a",
        list: vec![1],
        hidden_too: Some(Box::new(hidden_too)),
        hidden: 1,
        made: 0,
        converted: 8,
    };
    let copy = source.deep_clone();
    assert_eq!(
        (copy.text, &copy.list, copy.numbers()),
        ("a", &vec![1], [1, 5, 4])
    );
    assert_eq!(copy.hidden_too.expect("it was copied").text, "b");
    assert_eq!(Outer::new(3).deep_clone().value(), 3);
    assert_eq!(ByHand(4).deep_clone().0, 4);
    assert_eq!(ByDollarCrate("a".to_owned()).deep_clone().0, "a");
}

#[test]
fn types_inside_functions_derive() {
    #[derive(DeepClone)]
    struct Local<T>(T);

    struct LocalByHand;

    deepclone::impl_deep_clone! { impl for LocalByHand = |_local, _cloner| Ok(LocalByHand) }

    assert_eq!(Local(1).deep_clone().0, 1);
    let LocalByHand = LocalByHand.deep_clone();
}

/// A method or an associated item of the user's with the name of one of ours is not taken for it.
mod shadows {
    #![allow(dead_code)]

    use deepclone::DeepClone;

    pub trait Shadow {
        type Point;

        fn deep_field(&self) {}

        fn visit_if_copy(self) -> bool
        where
            Self: Sized,
        {
            panic!("the user's method was called")
        }

        fn fields(&self) {
            panic!("the user's method was called")
        }
    }

    impl<T> Shadow for T {
        type Point = ();
    }

    #[derive(DeepClone)]
    pub enum Shape {
        Point,
        Named(String),
    }

    #[derive(DeepClone, Clone, Copy)]
    pub struct Plain(pub u8);
}

#[test]
fn user_items_are_not_taken_for_ours() {
    use shadows::{Plain, Shape};

    assert!(matches!(Shape::Point.deep_clone(), Shape::Point));
    assert!(matches!(Shape::Named("a".to_owned()).deep_clone(), Shape::Named(name) if name == "a"));
    let map = std::collections::HashMap::from([(1_u8, Plain(2))]);
    assert_eq!(map.deep_clone()[&1].0, 2);
}
