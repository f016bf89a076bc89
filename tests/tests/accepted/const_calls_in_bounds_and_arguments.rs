//! Calls of const functions in where-clauses and generic arguments, and fields named like attribute words.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::{Cloner, DeepClone, Error, impl_deep_clone};

const fn one() -> usize {
    1
}

#[derive(DeepClone)]
#[deepclone(bound = "[(); one()]: Sized")]
struct Account
where
    [(); one()]: Sized,
{
    #[deepclone(with = add::<{ one() }>)]
    with: usize,
    #[deepclone(try_with = try_add::<{ one() }>)]
    try_with: usize,
    #[deepclone(bound = "[(); one()]: Sized")]
    plain: [u8; one()],
}

fn add<const N: usize>(number: &usize) -> usize {
    number + N
}

fn try_add<const N: usize>(number: &usize, _cloner: &mut Cloner<'_>) -> Result<usize, Error> {
    Ok(number + N)
}

#[derive(DeepClone)]
#[deepclone(try_with = next::<{ one() }>)]
struct Counter(usize);

fn next<const N: usize>(counter: &Counter, _cloner: &mut Cloner<'_>) -> Result<Counter, Error> {
    Ok(Counter(counter.0 + N))
}

struct Ledger<const N: usize>(u32);

impl_deep_clone! {
    impl for Ledger<{ one() }> where [(); one()]: Sized = |ledger, _cloner| Ok(Ledger(ledger.0))
}

#[test]
fn calls_of_const_functions_in_bounds_and_arguments() {
    let copy = Account {
        with: 1,
        try_with: 2,
        plain: [3],
    }
    .deep_clone();
    assert_eq!((copy.with, copy.try_with, copy.plain), (2, 3, [3]));
    assert_eq!(Counter(1).deep_clone().0, 2);
    assert_eq!(Ledger::<1>(7).deep_clone().0, 7);
}
