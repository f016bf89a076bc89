//! Structs that are unsized because their last field is.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::DeepClone;

#[derive(DeepClone)]
struct Bytes {
    length: usize,
    bytes: [u8],
}

#[derive(DeepClone)]
#[repr(transparent)]
struct Text(str);

#[derive(DeepClone)]
struct Nested {
    number: u16,
    inner: Wrapper<[String]>,
}

#[derive(DeepClone)]
struct Wrapper<T: ?Sized>(T);

fn clonable<T: DeepClone + ?Sized>() {}

#[test]
fn a_struct_with_an_unsized_tail() {
    clonable::<Bytes>();
    clonable::<Text>();
    clonable::<Nested>();
    let wrapper: Box<Wrapper<[String]>> = Box::new(Wrapper(["a".to_owned()]));
    assert_eq!(wrapper.deep_clone().0[0], "a");
}
