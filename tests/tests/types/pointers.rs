//! Text, bytes and anything else behind boxes and shared pointers, pinned too.

use std::cell::Cell;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use deepclone::DeepClone;
use deepclone_tests::each_family;

use crate::{check, check_by};

#[test]
fn text_and_bytes_and_their_boxes() {
    check! {
        String: String::new(), String::from("text");
        CString: c"text".to_owned(), CString::default();
        OsString: OsString::from("text"), OsString::new();
        PathBuf: PathBuf::from("/a/path"), PathBuf::new();
        Box<str>: "text".into(), "".into();
        Box<CStr>: c"text".into();
        Box<OsStr>: OsStr::new("text").into(), OsStr::new("").into();
        Box<Path>: Path::new("/a/path").into();
        Box<[u8]>: b"bytes".as_slice().into(), Box::default();
        &'static str: "text";
        &'static [u8]: b"bytes";
        std::str::Utf8Error: String::from_utf8(vec![0xff]).unwrap_err().utf8_error();
    }
}

each_family! {
    #[test]
    fn shared_text_and_bytes_are_copied_too() {
        check! {
            Strong<str>: "text".into(), "".into(), Strong::default();
            Strong<CStr>: c"text".into(), c"".into(), Strong::default();
            Strong<OsStr>: OsStr::new("text").into(), OsStr::new("").into();
            Strong<Path>: Path::new("/a/path").into();
            Strong<[u8]>: b"bytes".as_slice().into(), Strong::default();
            Strong<String>: Strong::new(String::from("text"));
        }
        let source: Strong<str> = "text".into();
        let mut copy = source.deep_clone();
        assert!(!Strong::ptr_eq(&copy, &source));
        Strong::get_mut(&mut copy).expect("the only handle").make_ascii_uppercase();
        assert_eq!((&*source, &*copy), ("text", "TEXT"));
        assert_eq!(counts(&source), (1, 0));
    }

    #[test]
    fn shared_pointers_to_anything() {
        check! {
            Strong<u8>: Strong::new(1);
            Strong<()>: Strong::new(());
            Strong<Strong<Strong<String>>>: Strong::new(Strong::new(Strong::new(String::from("deep"))));
            Strong<[String]>: Strong::from([String::from("a"), String::from("b")]), Strong::default();
            Strong<[String; 2]>: Strong::new([String::from("a"), String::from("b")]);
            Strong<[()]>: Strong::from([(), (), ()]);
            Strong<[[u64; 3]]>: Strong::from(vec![[1, 2, 3]; 100]);
            Strong<(u8, Box<[Strong<str>]>)>: Strong::new((1, Box::from([Strong::from("a")])));
            Option<Strong<u8>>: None, Some(Strong::new(1));
            Pin<Strong<String>>: Strong::pin(String::from("pinned"));
        }
        check_by! {
            Strong<Slot<Vec<u8>>>: Strong::new(Slot::new(vec![1, 2])) => |it| open(it).clone();
            Weak<String>: Weak::new() => |it| it.upgrade().is_none();
            Weak<Slot<u8>>: Weak::new() => |it| it.upgrade().is_none();
            Option<Weak<u8>>: Some(Weak::new()) => |it| it.as_ref().is_some_and(|weak| weak.upgrade().is_none());
            Once<Strong<u8>>: Once::from(Strong::new(1)) => |it| it.get().map(|value| **value);
        }
    }

    #[test]
    fn cells_of_shared_pointers_in_place() {
        let node = Strong::new(5_u8);
        let source = (
            Cell::new(Strong::clone(&node)),
            Cell::new(Some(Strong::clone(&node))),
            Cell::new(Strong::downgrade(&node)),
            Cell::new(Some(Strong::downgrade(&node))),
            Cell::new(None::<Strong<u8>>),
            Cell::new(None::<Weak<String>>),
        );
        let copy = source.deep_clone();
        let first = copy.0.into_inner();
        assert_eq!(*first, 5);
        assert!(!Strong::ptr_eq(&first, &node));
        let second = copy.1.into_inner().expect("copied");
        assert!(Strong::ptr_eq(&first, &second));
        assert!(Strong::ptr_eq(&first, &copy.2.into_inner().upgrade().expect("inside")));
        assert!(Strong::ptr_eq(&first, &copy.3.into_inner().expect("copied").upgrade().expect("inside")));
        assert!(copy.4.into_inner().is_none() && copy.5.into_inner().is_none());
        assert_eq!(counts(&first), (2, 0));
        assert!(Strong::ptr_eq(&source.0.into_inner(), &node));
        assert!(Strong::ptr_eq(&source.1.into_inner().expect("still there"), &node));
        assert!(source.2.into_inner().upgrade().is_some());
        assert!(source.3.into_inner().expect("still there").upgrade().is_some());
        assert_eq!(counts(&node), (1, 0));
    }
}

#[test]
fn pins_of_owned_pointers() {
    check! {
        Pin<Box<String>>: Box::pin(String::from("pinned"));
        Pin<Box<[u8]>>: Box::into_pin(Box::from([1, 2]));
        Pin<Rc<String>>: Rc::pin(String::from("pinned"));
        Pin<Arc<String>>: Arc::pin(String::from("pinned"));
        Pin<Arc<str>>: Pin::new(Arc::from("pinned"));
    }
    let source = [Rc::pin(1), Rc::pin(2)];
    let source = (source.clone(), source);
    let copy = source.deep_clone();
    assert!(std::ptr::eq(&raw const *copy.0[1], &raw const *copy.1[1]));
    assert!(!std::ptr::eq(
        &raw const *copy.0[1],
        &raw const *source.1[1]
    ));
}
