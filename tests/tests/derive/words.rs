//! The words of fields and of types, and an error of one: which field it names.

use std::cell::RefCell;
use std::rc::Rc;

use deepclone::{Cloner, DeepClone, Error, ErrorKind};

use super::{Never, NotClonable};

#[derive(DeepClone)]
enum WithWords<T> {
    Shared(#[deepclone(clone)] Rc<T>, u8),
    Fresh {
        #[deepclone(default)]
        option: Option<T>,
        #[deepclone(with = half)]
        half: u32,
        #[deepclone(default = 9)]
        nine: u8,
        #[deepclone(try_with = checked)]
        limit: u32,
    },
}

#[test]
fn words_of_fields_in_variants() {
    let shared = Rc::new(NotClonable);
    let WithWords::Shared(copy, 4) = WithWords::Shared(Rc::clone(&shared), 4).deep_clone() else {
        unreachable!()
    };
    assert!(Rc::ptr_eq(&copy, &shared));
    let fresh = WithWords::Fresh {
        option: Some(NotClonable),
        half: 8,
        nine: 0,
        limit: 1,
    };
    let WithWords::Fresh {
        option,
        half,
        nine,
        limit,
    } = fresh.deep_clone()
    else {
        unreachable!()
    };
    assert_eq!((option, half, nine, limit), (None, 4, 9, 2));
    let fresh = WithWords::Fresh {
        option: Some(NotClonable),
        half: 8,
        nine: 0,
        limit: 101,
    };
    let error = fresh.try_deep_clone().err().expect("the limit is too high");
    assert_eq!(error.path(), "WithWords::Fresh.limit");
}

#[derive(DeepClone)]
struct Account<T> {
    #[deepclone(clone)]
    bank: Rc<T>,
    #[deepclone(default)]
    cache: Option<T>,
    #[deepclone(default = Self::START)]
    start: u32,
    #[deepclone(with = half)]
    balance: u32,
    #[deepclone(with = str::to_owned)]
    name: String,
    #[deepclone(try_with = checked)]
    limit: u32,
    deep: Rc<T>,
}

impl<T> Account<T> {
    const START: u32 = 5;
}

fn half(balance: &u32) -> u32 {
    balance / 2
}

pub(super) struct TooHigh(pub(super) u32);

impl From<TooHigh> for Error {
    fn from(too_high: TooHigh) -> Self {
        Self::custom(format!("{} is too high", too_high.0))
    }
}

fn checked(limit: &u32, cloner: &mut Cloner<'_>) -> Result<u32, TooHigh> {
    if *limit > 100 {
        return Err(TooHigh(*limit));
    }
    Ok(cloner.deep_clone(limit).expect("a number is always copied") + 1)
}

fn account(limit: u32) -> Account<String> {
    Account {
        bank: Rc::new("b".to_owned()),
        cache: Some("c".to_owned()),
        start: 0,
        balance: 4,
        name: "n".to_owned(),
        limit,
        deep: Rc::new("d".to_owned()),
    }
}

#[test]
fn words_of_fields() {
    let source = account(9);
    let copy = source.deep_clone();
    assert!(Rc::ptr_eq(&copy.bank, &source.bank));
    assert!(!Rc::ptr_eq(&copy.deep, &source.deep));
    assert_eq!(
        (copy.cache, copy.start, copy.balance, copy.name, copy.limit),
        (None, 5, 2, "n".to_owned(), 10)
    );
    assert_eq!(source.cache.as_deref(), Some("c"));
}

#[test]
fn a_field_that_fails_is_named() {
    let error = account(101)
        .try_deep_clone()
        .err()
        .expect("the limit is too high");
    assert_eq!(error.kind(), ErrorKind::Custom);
    assert_eq!(error.path(), "Account.limit");
    assert!(error.to_string().contains("101 is too high"), "{error}");

    #[derive(DeepClone)]
    enum Wallet {
        Cards { accounts: Vec<Account<String>> },
        Cash(u8, RefCell<u8>),
    }

    #[derive(DeepClone)]
    struct Person {
        wallet: Wallet,
    }

    let person = Person {
        wallet: Wallet::Cards {
            accounts: vec![account(1), account(102)],
        },
    };
    let error = person
        .try_deep_clone()
        .err()
        .expect("the limit is too high");
    assert_eq!(error.path(), "Person.wallet::Cards.accounts[1].limit");
    let person = Person {
        wallet: Wallet::Cash(1, RefCell::new(2)),
    };
    let Wallet::Cash(_, cell) = &person.wallet else {
        unreachable!()
    };
    let guard = cell.borrow_mut();
    let error = person.try_deep_clone().err().expect("the cell is borrowed");
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::AlreadyBorrowed, "Person.wallet::Cash.1")
    );
    drop(guard);
    assert!(matches!(person.deep_clone().wallet, Wallet::Cash(1, _)));
}

#[derive(DeepClone)]
#[deepclone(clone)]
struct ByClone<T>(Rc<T>);

impl<T> Clone for ByClone<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

#[derive(DeepClone)]
#[deepclone(with = Self::copy)]
struct With<T> {
    value: Rc<T>,
}

impl<T: DeepClone> With<T> {
    fn copy(&self, cloner: &mut Cloner<'_>) -> Result<Self, Error> {
        Ok(Self {
            value: cloner.deep_clone(&self.value)?,
        })
    }
}

#[derive(DeepClone)]
#[deepclone(try_with = next, bound = "T: Copy")]
struct Counter<T>(u32, T);

fn next<T: Copy>(counter: &Counter<T>, _cloner: &mut Cloner<'_>) -> Result<Counter<T>, TooHigh> {
    if counter.0 == 100 {
        Err(TooHigh(100))
    } else {
        Ok(Counter(counter.0 + 1, counter.1))
    }
}

#[derive(DeepClone)]
#[deepclone(with = never)]
enum WithVariants {
    #[allow(dead_code)]
    Never(Never),
    Other(#[allow(dead_code)] NotClonable),
}

fn never(_source: &WithVariants, _cloner: &mut Cloner<'_>) -> Result<WithVariants, Error> {
    Ok(WithVariants::Other(NotClonable))
}

#[test]
fn words_of_types() {
    let by_clone = ByClone(Rc::new(NotClonable));
    assert!(Rc::ptr_eq(&by_clone.deep_clone().0, &by_clone.0));
    let with = With { value: Rc::new(1) };
    assert!(!Rc::ptr_eq(&with.deep_clone().value, &with.value));
    let counter = Counter(1, "a").deep_clone();
    assert_eq!((counter.0, counter.1), (2, "a"));
    let error = Counter(100, "a")
        .try_deep_clone()
        .err()
        .expect("100 is too high");
    assert_eq!(error.kind(), ErrorKind::Custom);
    assert!(matches!(
        WithVariants::Other(NotClonable).deep_clone(),
        WithVariants::Other(NotClonable)
    ));
}

#[derive(DeepClone)]
struct Returns {
    #[deepclone(default = return 3)]
    returned: u32,
    #[deepclone(default = nothing()?.checked_add(1))]
    asked: Option<u32>,
    #[deepclone(default = 'labelled: { break 'labelled 6 })]
    looped: u32,
    #[deepclone(default = { 1 } + 2)]
    summed: u32,
}

fn nothing() -> Option<u32> {
    None
}

#[test]
fn expressions_can_only_leave_themselves() {
    let copy = Returns {
        returned: 0,
        asked: Some(1),
        looped: 0,
        summed: 0,
    }
    .deep_clone();
    assert_eq!(
        (copy.returned, copy.asked, copy.looped, copy.summed),
        (3, None, 6, 3)
    );
}
