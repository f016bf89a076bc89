//! Derived code is silent under every lint that an author may have turned on. `cargo clippy --tests` is the other half of
//! this test.

#![forbid(unsafe_code)]
#![deny(
    warnings,
    future_incompatible,
    nonstandard_style,
    unused,
    rust_2018_idioms,
    let_underscore
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery, clippy::cargo)]
#![deny(
    absolute_paths_not_starting_with_crate,
    ambiguous_negative_literals,
    explicit_outlives_requirements,
    keyword_idents,
    macro_use_extern_crate,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    private_bounds,
    private_interfaces,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unsafe_op_in_unsafe_fn,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]
#![allow(
    dead_code,
    clippy::cargo_common_metadata,
    clippy::multiple_crate_versions
)]

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::path::PathBuf;
use std::rc::{Rc, Weak};

use deepclone::{Cloner, DeepClone, Error};

#[derive(DeepClone)]
struct Named<'a, T: ?Sized> {
    borrowed: &'a T,
    _unused: u8,
    r#type: String,
}

#[derive(DeepClone)]
struct Tuple(u8, Vec<Self>);

#[derive(DeepClone)]
struct Unit;

#[derive(DeepClone)]
enum Never {}

#[derive(DeepClone)]
enum Shape {
    Point,
    Never(Never, u8),
    Named { name: String, shapes: Vec<Self> },
}

#[derive(DeepClone)]
struct WithNever {
    never: Never,
    text: String,
}

#[derive(DeepClone)]
struct Generic<'a, T, U = u8, const N: usize = 2>
where
    T: Iterator,
{
    text: &'a str,
    items: Vec<T::Item>,
    list: [U; N],
    marker: PhantomData<T>,
}

#[derive(DeepClone)]
struct Node {
    parent: RefCell<Weak<Self>>,
    children: RefCell<Vec<Rc<Self>>>,
}

#[derive(DeepClone)]
struct Tail<T: ?Sized> {
    head: u8,
    tail: T,
}

#[derive(DeepClone)]
#[repr(C, packed)]
struct Packed(u8, u64);

#[derive(DeepClone, Clone, Copy)]
struct Token(u32);

#[derive(DeepClone)]
struct Holder {
    token: Cell<Token>,
}

#[derive(DeepClone)]
struct Big {
    bytes: [u64; 4096],
    name: String,
}

#[derive(DeepClone, Clone)]
struct Private<T>(T);

/// A public type with private types in the bounds of its impl.
#[derive(DeepClone, Debug)]
pub struct Public<T> {
    #[deepclone(clone)]
    shared: Rc<Hidden<T>>,
    #[deepclone(default)]
    empty: Vec<Hidden<T>>,
    #[deepclone(default = 3)]
    three: u8,
    #[deepclone(with = Clone::clone)]
    text: String,
}

#[derive(Debug, Clone)]
struct Hidden<T>(T);

/// Types that lints advise against as arguments, each of which becomes one.
#[derive(DeepClone)]
struct Arguments<'a> {
    #[deepclone(with = str::to_owned)]
    text: String,
    #[deepclone(try_with = deep)]
    other_text: String,
    #[deepclone(with = Clone::clone)]
    option: Option<String>,
    #[deepclone(try_with = deep)]
    boxed: Box<u8>,
    #[deepclone(with = Clone::clone)]
    boxed_too: Box<u8>,
    #[deepclone(with = <[_]>::to_vec)]
    list: Vec<u8>,
    #[deepclone(try_with = deep)]
    path: PathBuf,
    #[deepclone(with = Clone::clone)]
    cow: Cow<'a, str>,
    #[deepclone(try_with = deep)]
    option_of_reference: Option<&'a str>,
    #[deepclone(try_with = deep)]
    small: u8,
    #[deepclone(with = Clone::clone)]
    reference: &'a u8,
    #[deepclone(default = unreachable!("it is never copied"))]
    never: u8,
    #[deepclone(default = { 1 } + 2)]
    three: u8,
    #[deepclone(default = (3))]
    parentheses: u8,
}

fn deep<T: DeepClone>(value: &T, cloner: &mut Cloner<'_>) -> Result<T, Error> {
    cloner.deep_clone(value)
}

#[derive(DeepClone)]
#[deprecated]
struct Old(u8);

#[derive(DeepClone)]
#[allow(deprecated)]
struct UsesOld {
    old: Old,
}

#[derive(DeepClone)]
struct OldField {
    #[deprecated]
    _old: u8,
    new: String,
}

#[derive(DeepClone)]
enum OldVariant {
    #[deprecated]
    Old(u8),
    New(String),
}

#[derive(DeepClone)]
#[allow(non_snake_case, non_camel_case_types)]
struct odd_names {
    Field: u8,
    Text: String,
}

#[derive(DeepClone)]
#[deepclone(clone)]
struct ByClone<'a, T>(&'a str, T);

impl<T: Clone> Clone for ByClone<'_, T> {
    fn clone(&self) -> Self {
        Self(self.0, self.1.clone())
    }
}

#[derive(DeepClone)]
#[deepclone(with = Self::copy)]
struct With<T> {
    value: T,
}

impl<T: DeepClone> With<T> {
    fn copy(&self, cloner: &mut Cloner<'_>) -> Result<Self, Error> {
        Ok(Self {
            value: cloner.deep_clone(&self.value)?,
        })
    }
}

struct ByHand<'a, T>(&'a str, T);

deepclone::impl_deep_clone! {
    impl<'a, T: DeepClone> for ByHand<'a, T> = |by_hand, cloner| Ok(ByHand(by_hand.0, cloner.deep_clone(&by_hand.1)?))
}

#[test]
fn derived_code_is_silent() {
    let named = Named {
        borrowed: "a",
        _unused: 1,
        r#type: "t".to_owned(),
    };
    assert_eq!(named.deep_clone().borrowed, "a");
    assert_eq!(With { value: 1 }.deep_clone().value, 1);
    assert_eq!(ByHand("a", 1).deep_clone().1, 1);
}
