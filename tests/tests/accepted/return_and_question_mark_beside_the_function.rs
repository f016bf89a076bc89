//! `return` and `?` in what stands in the place of a function.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::{Cloner, DeepClone, Error, impl_deep_clone};

struct Account(u32);

// What names the function is run in a function of its own, which returns what a copy returns. So whoever leaves it early
// has said what the copy is, or why there is none, and has skipped nothing else.
impl_deep_clone! {
    impl for Account = {
        if closed() {
            return Ok(Account(0));
        }
        permitted()?;
        'chosen: { break 'chosen Account::copy }
    }
}

impl Account {
    fn copy(&self, _cloner: &mut Cloner<'_>) -> Result<Self, Error> {
        Ok(Self(self.0))
    }
}

thread_local! {
    static WORD: std::cell::Cell<&'static str> = const { std::cell::Cell::new("") };
}

fn closed() -> bool {
    WORD.get() == "closed"
}

fn permitted() -> Result<(), Error> {
    if WORD.get() == "forbidden" {
        return Err(Error::custom("forbidden"));
    }
    Ok(())
}

#[test]
fn return_and_question_mark_within_what_stands_in_the_place_of_a_function() {
    let source = (1, vec![Account(8)], 2);
    for (word, expected) in [("", 8), ("closed", 0), ("", 8)] {
        WORD.set(word);
        let copy = source.deep_clone();
        assert_eq!((copy.0, copy.1[0].0, copy.2), (1, expected, 2));
    }
    WORD.set("forbidden");
    let error = source.try_deep_clone().err().expect("it is forbidden");
    assert_eq!(error.path(), "(_, _, _).1[0]");
    assert!(error.to_string().contains("forbidden"), "{error}");
}
