//! Cycles, which end in an error that names them, and what only looks like one.

use deepclone_serde::{Copier, ErrorKind, convert, copy};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::next_copy_is_fine;

#[derive(Serialize, Deserialize)]
struct Ring {
    next: RefCell<Option<Rc<Ring>>>,
}

#[test]
fn a_cycle_ends_in_an_error_that_names_a_type_of_it() {
    let ring = Rc::new(Ring {
        next: RefCell::new(None),
    });
    *ring.next.borrow_mut() = Some(Rc::clone(&ring));
    let error = copy(&*ring).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Depth);
    assert!(error.to_string().contains("Ring"), "{error}");
    assert!(error.to_string().len() < 4096);
    assert!(format!("{error:?}").len() < 4096);
    ring.next.borrow_mut().take();
    next_copy_is_fine();
}

/// A link of a ring whose first field is no part of the ring.
#[derive(Serialize, Deserialize)]
struct Link {
    text: Rc<Counted>,
    next: RefCell<Option<Rc<Link>>>,
}

/// Counts how often it is written.
struct Counted(String, Cell<usize>);

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.1.set(self.1.get() + 1);
        s.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(d)?, Cell::new(0)))
    }
}

fn round(copier: &mut Copier, text: &str) -> (Rc<Link>, Result<Link, deepclone_serde::Error>) {
    let link = Rc::new(Link {
        text: Rc::new(Counted(text.to_owned(), Cell::new(0))),
        next: RefCell::new(None),
    });
    *link.next.borrow_mut() = Some(Rc::clone(&link));
    let copied = copier.copy(&*link);
    link.next.borrow_mut().take();
    (link, copied)
}

#[test]
fn a_cycle_is_named_after_what_is_on_it_and_not_after_what_it_ends_at() {
    for mut copier in [Copier::new(), Copier::new().max_depth(100)] {
        let (_, copied) = round(&mut copier, "text");
        let error = copied.map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Depth);
        assert!(error.message().contains("Link"), "{error}");
    }
}

#[test]
fn a_cycle_with_large_content_ends_soon() {
    let (link, copied) = round(&mut Copier::new(), &"text".repeat(1024 * 1024));
    let error = copied.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Depth);
    assert!(error.message().contains("Link"), "{error}");
    assert!(link.text.1.get() < 64, "{} rounds", link.text.1.get());
    next_copy_is_fine();
}

#[test]
fn what_many_values_of_a_deep_one_share_is_no_cycle() {
    let shared = Rc::new(Counted("text".repeat(256 * 1024), Cell::new(0)));
    let mut list = None;
    for _ in 0..100 {
        list = Some(Rc::new(Link {
            text: Rc::clone(&shared),
            next: RefCell::new(list),
        }));
    }
    let copy = copy(&list).unwrap();
    let mut length = 0;
    let mut rest = copy;
    while let Some(link) = rest {
        length += 1;
        assert!(link.text.0 == shared.0);
        rest = link.next.borrow_mut().take();
    }
    assert_eq!(length, 100);
    drop(list);
}

/// Writes itself as its own content, as often as it is told.
struct Again(Cell<u32>);

impl Serialize for Again {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.0.set(self.0.get() - 1);
        if self.0.get() == 0 {
            return s.serialize_none();
        }
        s.serialize_some(self)
    }
}

#[test]
fn a_value_that_writes_itself_with_another_content_is_no_cycle() {
    let copied: Option<Option<Option<IgnoredAny>>> = convert(&Again(Cell::new(3))).unwrap();
    assert!(matches!(copied, Some(Some(None))));
}
