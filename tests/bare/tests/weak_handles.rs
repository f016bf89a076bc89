//! Nobody upgrades a `Weak` to a copy that was never made, on whatever thread.

#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use deepclone::{Cloner, DeepClone, Error, ErrorKind, impl_deep_clone};
use deepclone_bare::{PANICS_END_THE_PROGRAM, Tree};

thread_local! {
    static KEPT: RefCell<Vec<Weak<Shelf>>> = const { RefCell::new(Vec::new()) };
}

/// Copied by hand. Its child has a weak handle to it, which is kept; and then it fails.
struct Shelf {
    book: Option<Book>,
    fails: bool,
}

struct Book(Weak<Shelf>);

impl Shelf {
    fn new(fails: bool) -> Arc<Self> {
        Arc::new_cyclic(|shelf| Self {
            book: Some(Book(shelf.clone())),
            fails,
        })
    }

    fn copy(&self, cloner: &mut Cloner<'_>) -> Result<Self, Error> {
        let book = cloner.deep_clone(&self.book)?;
        if self.fails {
            return Err(Error::custom("after the book"));
        }
        Ok(Self {
            book,
            fails: self.fails,
        })
    }
}

impl Book {
    fn copy(&self, cloner: &mut Cloner<'_>) -> Result<Self, Error> {
        let shelf = cloner.deep_clone(&self.0)?;
        assert!(shelf.upgrade().is_none(), "it is not finished");
        KEPT.with_borrow_mut(|kept| kept.push(shelf.clone()));
        Ok(Self(shelf))
    }
}

impl_deep_clone! { impl for Shelf = Shelf::copy }
impl_deep_clone! { impl for Book = Book::copy }

#[test]
fn a_weak_handle_to_an_arc_that_was_never_made_dangles_for_ever() {
    assert!(Shelf::new(true).try_deep_clone().is_err());
    let kept = KEPT.take();
    let upgraded = move || {
        kept.iter()
            .filter(|shelf| shelf.upgrade().is_some())
            .count()
    };
    assert_eq!(
        std::thread::spawn(upgraded)
            .join()
            .expect("it does not panic"),
        0
    );
}

#[test]
fn a_node_in_an_arc_with_a_weak_handle_to_it_needs_unwinding() {
    let result = Shelf::new(false).try_deep_clone();
    let why = "a failure could not be left";
    assert_eq!(result.is_err(), PANICS_END_THE_PROGRAM, "{why}");
    match result {
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Incomplete);
            assert!(error.to_string().contains("Book"), "{error}");
        }
        Ok(copy) => {
            let book = copy.book.as_ref().expect("it was copied");
            assert!(Arc::ptr_eq(&book.0.upgrade().expect("it is whole"), &copy));
            assert_eq!((Arc::strong_count(&copy), Arc::weak_count(&copy)), (1, 2));
            KEPT.take();
        }
    }
}

#[test]
fn a_tree_in_rcs_needs_nothing() {
    let tree = Tree::new(4);
    let copy = tree.deep_clone();
    assert_eq!((copy.count(), tree.count()), (31, 31));
}
