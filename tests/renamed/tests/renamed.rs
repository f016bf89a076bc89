//! Derived and written code works where the dependency has another name.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use copying::DeepClone;
use deepclone_renamed::{Either, Label, Node};

#[test]
fn a_cycle_of_derived_types_is_copied_under_another_name_of_the_crate() {
    let source = Rc::new(Node {
        content: Either::Left("a".into()),
        label: Label("first".to_owned()),
        place: 7,
        cache: Some(1),
        next: RefCell::default(),
        parent: RefCell::new(Weak::new()),
    });
    source.next.replace(Some(source.clone()));
    source.parent.replace(Rc::downgrade(&source));
    let copy = source.deep_clone();
    let next = copy.next.take().expect("the edge was copied");
    assert!(Rc::ptr_eq(&next, &copy) && !Rc::ptr_eq(&copy, &source));
    assert!(Weak::ptr_eq(&copy.parent.borrow(), &Rc::downgrade(&copy)));
    assert_eq!((copy.place, copy.cache), (7, None));
    assert_eq!(
        (&copy.label, &copy.content),
        (&source.label, &source.content)
    );
    source.next.take();
}
