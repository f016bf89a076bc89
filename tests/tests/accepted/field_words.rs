//! Every word that an attribute on a field knows.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use std::rc::Rc;

use deepclone::{Cloner, DeepClone, Error};

#[derive(DeepClone)]
struct Account<T> {
    #[deepclone(clone)]
    bank: Rc<T>,
    #[deepclone(default)]
    cache: Option<T>,
    #[deepclone(default = Self::START)]
    start: u32,
    #[deepclone(with = Self::half)]
    balance: u32,
    #[deepclone(try_with = checked)]
    limit: u32,
    #[deepclone(clone, bound = "T: Clone")]
    plain: T,
}

impl<T> Account<T> {
    const START: u32 = 5;

    fn half(balance: &u32) -> u32 {
        balance / 2
    }
}

fn checked(limit: &u32, cloner: &mut Cloner<'_>) -> Result<u32, Error> {
    cloner.deep_clone(limit)
}

#[test]
fn every_word_on_a_field() {
    let account = Account {
        bank: Rc::new(1_u8),
        cache: Some(2),
        start: 0,
        balance: 4,
        limit: 9,
        plain: 3,
    };
    let copy = account.deep_clone();
    assert!(Rc::ptr_eq(&copy.bank, &account.bank));
    assert_eq!(
        (copy.cache, copy.start, copy.balance, copy.limit, copy.plain),
        (None, 5, 2, 9, 3)
    );
    assert_eq!(account.cache, Some(2));
}
