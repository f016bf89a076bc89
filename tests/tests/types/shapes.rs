//! Tuples, arrays, sums, ranges, and what has nothing of its own to copy.

use std::cmp::Reverse;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{
    Bound, ControlFlow, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive,
};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::Poll;

use deepclone::DeepClone;

use crate::{check, check_by};

#[test]
fn tuples_up_to_sixteen() {
    let text = || String::from("text");
    check! {
        (String,): (text(),);
        (u8, String): (1, text());
        (u8, u16, String): (1, 2, text());
        (u8, u16, u32, String): (1, 2, 3, text());
        (u8, u16, u32, u64, String): (1, 2, 3, 4, text());
        (u8, u16, u32, u64, u128, String): (1, 2, 3, 4, 5, text());
        (u8, u16, u32, u64, u128, (), String): (1, 2, 3, 4, 5, (), text());
        (u8, u16, u32, u64, u128, (), bool, String): (1, 2, 3, 4, 5, (), true, text());
        (u8, u16, u32, u64, u128, (), bool, char, String): (1, 2, 3, 4, 5, (), true, 'c', text());
        (u8, u16, u32, u64, u128, (), bool, char, i8, String): (1, 2, 3, 4, 5, (), true, 'c', -1, text());
        (u8, u16, u32, u64, u128, (), bool, char, i8, i16, String): (1, 2, 3, 4, 5, (), true, 'c', -1, -2, text());
        (u8, u16, u32, u64, u128, (), bool, char, i8, i16, i32, String): (1, 2, 3, 4, 5, (), true, 'c', -1, -2, -3, text());
    }
    type Texts13 = (
        u8,
        String,
        u8,
        String,
        u8,
        String,
        u8,
        String,
        u8,
        String,
        u8,
        String,
        u8,
    );
    check_by! {
        Texts13: (1, text(), 2, text(), 3, text(), 4, text(), 5, text(), 6, text(), 7)
            => |it| (it.0, it.1.clone(), it.6, it.11.clone(), it.12);
        (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, String):
            (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, text())
            => |it| (it.0, it.12, it.13.clone());
        (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u64, String):
            (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, text())
            => |it| (it.0, it.12, it.13, it.14.clone());
        (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u64, String, Box<str>):
            (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, text(), "last".into())
            => |it| (it.0, it.12, it.13, it.14.clone(), it.15.clone());
    }
}

#[test]
fn arrays_and_boxed_slices() {
    check! {
        [String; 0]: [];
        [u8; 0]: [];
        [String; 1]: [String::from("a")];
        [u64; 33]: [7; 33];
        [[String; 2]; 2]: [[String::from("a"), String::new()], [String::new(), String::from("b")]];
        Box<[u64]>: Box::from([1, 2, 3]);
        Box<[String]>: Box::from([String::from("a"), String::from("b")]), Box::default();
        Box<[()]>: Box::from([(); 5]);
        Box<[String; 2]>: Box::new([String::from("a"), String::from("b")]);
        Box<Box<Box<u8>>>: Box::new(Box::new(Box::new(1)));
    }
    check_by! {
        Box<[u8; 100_000]>: Box::new([7; 100_000]) => |it| it.iter().map(|&byte| u64::from(byte)).sum::<u64>();
        [String; 1_000]: std::array::from_fn(|number| number.to_string()) => |it| it.to_vec();
    }
}

#[test]
fn sums_and_ranges() {
    let text = || String::from("text");
    check! {
        Option<String>: Some(text()), None;
        Option<Option<String>>: Some(Some(text())), Some(None), None;
        Option<Box<u8>>: Some(Box::new(1)), None;
        Result<String, u8>: Ok(text()), Err(1);
        Result<(), String>: Ok(()), Err(text());
        Bound<String>: Bound::Included(text()), Bound::Excluded(text()), Bound::Unbounded;
        ControlFlow<String, u8>: ControlFlow::Break(text()), ControlFlow::Continue(1);
        ControlFlow<(), String>: ControlFlow::Break(()), ControlFlow::Continue(text());
        Poll<String>: Poll::Ready(text()), Poll::Pending;
        Poll<Option<Result<String, u8>>>: Poll::Ready(Some(Ok(text()))), Poll::Ready(None);
        Reverse<String>: Reverse(text());
        Range<u8>: 1..5;
        Range<String>: text()..text();
        RangeFrom<String>: text()..;
        RangeFull: ..;
        RangeInclusive<u8>: 1..=5;
        RangeInclusive<String>: text()..=text();
        RangeTo<String>: ..text();
        RangeToInclusive<String>: ..=text();
    }
}

#[test]
fn markers_borrows_and_functions() {
    struct NotClonable;

    fn twice(number: u8) -> u8 {
        2 * number
    }

    let outside = NotClonable;
    check_by! {
        PhantomData<NotClonable>: PhantomData => |it| size_of_val(it);
        PhantomData<dyn Debug>: PhantomData => |it| size_of_val(it);
        std::marker::PhantomPinned: std::marker::PhantomPinned => |it| size_of_val(it);
        &NotClonable: &outside => |it| std::ptr::eq(*it, &raw const outside);
        Pin<&NotClonable>: Pin::new(&outside) => |it| std::ptr::eq(&raw const **it, &raw const outside);
        &dyn Debug: &5_u8 => |it| format!("{it:?}");
        fn(u8) -> u8: twice => |it| it(4);
        ManuallyDrop<u8>: ManuallyDrop::new(5) => |it| **it;
    }
    let text = String::from("text");
    check_by! {
        std::borrow::Cow<'_, str>: std::borrow::Cow::Borrowed(text.as_str()) => |it| it.as_ptr();
        std::borrow::Cow<'static, str>: std::borrow::Cow::Owned(String::from("text")) => |it| it.to_string();
        std::borrow::Cow<'_, [u8]>: std::borrow::Cow::Borrowed(text.as_bytes()) => |it| it.as_ptr();
        std::borrow::Cow<'static, Path>: std::borrow::Cow::Owned(PathBuf::from("path")) => |it| it.to_path_buf();
    }
    let mut kept = ManuallyDrop::new(String::from("kept"));
    let mut copy = kept.deep_clone();
    assert_eq!(*copy, "kept");
    assert_ne!(copy.as_ptr(), kept.as_ptr());
    drop((std::mem::take(&mut *kept), std::mem::take(&mut *copy)));
}
