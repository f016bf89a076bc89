//! `return` and `?` in a closure.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code, clippy::never_loop)]

use deepclone::{DeepClone, Error, ErrorKind, impl_deep_clone};

macro_rules! refuse_if {
    ($condition:expr) => {
        if $condition {
            return Err(Error::custom("refused"));
        }
    };
}

struct Account {
    balance: u32,
    names: Vec<String>,
}

impl_deep_clone! {
    impl for Account = |account, cloner| {
        // Its own macros may leave the closure as well.
        refuse_if!(account.balance > 9);
        if account.names.is_empty() {
            return Ok(Account { balance: 1, names: Vec::new() });
        }
        let half = half(account.balance)?;
        let names = loop {
            break cloner.deep_clone(&account.names)?;
        };
        Ok(Account { balance: half, names })
    }
}

fn half(number: u32) -> Result<u32, Error> {
    if number.is_multiple_of(2) {
        Ok(number / 2)
    } else {
        Err(Error::custom("odd"))
    }
}

#[test]
fn return_and_question_mark_within_a_closure() {
    let account = |balance, names: &[&str]| Account {
        balance,
        names: names.iter().map(|name| String::from(*name)).collect(),
    };
    let copy = account(8, &["a", "b"]).deep_clone();
    assert_eq!(
        (copy.balance, copy.names),
        (4, vec![String::from("a"), String::from("b")])
    );
    assert_eq!(account(8, &[]).deep_clone().balance, 1);
    for (balance, why) in [(10, "refused"), (7, "odd")] {
        let error = account(balance, &["a"])
            .try_deep_clone()
            .err()
            .expect("it refuses");
        assert_eq!(error.kind(), ErrorKind::Custom);
        assert!(error.to_string().contains(why), "{error}");
    }
}
