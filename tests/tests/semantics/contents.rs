//! What is copied, what stays borrowed, and what state the copy is in.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use deepclone::{Cloner, DeepClone, Session};

#[test]
fn what_is_borrowed_stays_borrowed() {
    #[derive(DeepClone)]
    struct View<'a> {
        text: &'a str,
        numbers: &'a [RefCell<u8>],
        cow: Cow<'a, str>,
        call: fn(&str) -> usize,
        owned: String,
    }

    let text = String::from("text");
    let numbers = [RefCell::new(1)];
    let source = View {
        text: &text,
        numbers: &numbers,
        cow: Cow::Borrowed(&text),
        call: str::len,
        owned: text.clone(),
    };
    // What is only borrowed is not looked at.
    let open = numbers[0].borrow_mut();
    let copy = source.deep_clone();
    drop(open);
    assert!(std::ptr::eq(copy.text, source.text));
    assert!(std::ptr::eq(copy.numbers, source.numbers));
    assert!(matches!(copy.cow, Cow::Borrowed(borrowed) if std::ptr::eq(borrowed, text.as_str())));
    assert_eq!((copy.call)("four"), 4);
    assert_ne!(copy.owned.as_ptr(), source.owned.as_ptr());
}

#[test]
fn a_change_of_the_copy_does_not_reach_the_source() {
    #[derive(DeepClone)]
    struct Document {
        title: Rc<RefCell<String>>,
        pages: Vec<Rc<RefCell<Vec<String>>>>,
        index: HashMap<String, Rc<RefCell<Vec<String>>>>,
    }

    let page = Rc::new(RefCell::new(vec![String::from("line")]));
    let source = Document {
        title: Rc::new(RefCell::new(String::from("title"))),
        pages: vec![Rc::clone(&page), Rc::clone(&page)],
        index: HashMap::from([(String::from("page"), page)]),
    };
    let copy = source.deep_clone();
    copy.title.borrow_mut().push('!');
    copy.pages[0].borrow_mut().push(String::from("another"));
    assert_eq!(copy.index["page"].borrow().len(), 2);
    assert_eq!(copy.pages[1].borrow().len(), 2);
    assert_eq!(*source.title.borrow(), "title");
    assert_eq!(source.index["page"].borrow().len(), 1);
}

#[test]
fn the_state_that_clone_keeps_is_kept() {
    let mut range = 1..=3_u8;
    range.by_ref().for_each(drop);
    assert!(range.deep_clone().is_empty());
    assert_eq!(range.deep_clone().next(), None);
    assert!(OnceCell::<u8>::new().deep_clone().get().is_none());
    assert!(OnceLock::<u8>::new().deep_clone().get().is_none());
    let cell = OnceCell::<Rc<u8>>::new().deep_clone();
    assert_eq!(**cell.get_or_init(|| Rc::new(3)), 3);
    let nan = f64::from_bits(0x7ff0_0000_0000_0001);
    assert_eq!(nan.deep_clone().to_bits(), nan.to_bits());
}

#[test]
fn references_need_nothing_to_outlive() {
    fn copies(text: &str) -> Rc<RefCell<Vec<&str>>> {
        Rc::new(RefCell::new(vec![text])).deep_clone()
    }

    let text = String::from("short-lived");
    assert_eq!(*copies(&text).borrow(), ["short-lived"]);
}

#[test]
fn what_cannot_be_shared_between_threads_is_not() {
    trait AmbiguousIfSend<A> {
        fn some_item() {}
    }
    impl<T: ?Sized> AmbiguousIfSend<()> for T {}
    #[allow(dead_code)]
    struct Sends;
    impl<T: ?Sized + Send> AmbiguousIfSend<Sends> for T {}
    trait AmbiguousIfSync<A> {
        fn some_item() {}
    }
    impl<T: ?Sized> AmbiguousIfSync<()> for T {}
    #[allow(dead_code)]
    struct Syncs;
    impl<T: ?Sized + Sync> AmbiguousIfSync<Syncs> for T {}

    // Each of these compiles only while the type is neither.
    <Session as AmbiguousIfSend<_>>::some_item();
    <Session as AmbiguousIfSync<_>>::some_item();
    <Cloner<'_> as AmbiguousIfSend<_>>::some_item();
    <Cloner<'_> as AmbiguousIfSync<_>>::some_item();
}

#[test]
fn cells_and_locks_are_closed_in_the_copy() {
    let source = (
        Rc::new(RefCell::new(1)),
        Arc::new(Mutex::new(2)),
        Arc::new(RwLock::new(3)),
        Cell::new(4),
    );
    let read = source.0.borrow();
    let copy = source.deep_clone();
    drop(read);
    assert_eq!(*copy.0.try_borrow_mut().expect("closed"), 1);
    assert_eq!(*copy.1.try_lock().expect("open"), 2);
    assert_eq!(*copy.2.try_write().expect("open"), 3);
    assert_eq!(copy.3.get(), 4);
}
