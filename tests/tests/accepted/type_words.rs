//! Every word that an attribute on a type knows.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::{Cloner, DeepClone, Error};

#[derive(DeepClone, Clone, Debug, PartialEq)]
#[deepclone(clone)]
struct ByClone<T>(T);

#[derive(DeepClone)]
#[deepclone(with = Self::copy)]
struct With<T> {
    value: T,
}

impl<T: DeepClone> With<T> {
    fn copy(&self, cloner: &mut Cloner<'_>) -> Result<Self, Error> {
        Ok(Self {
            value: cloner.deep_clone(&self.value)?,
        })
    }
}

#[derive(DeepClone)]
#[deepclone(try_with = next, crate = ::deepclone, bound = "")]
struct Counter(u32);

fn next(counter: &Counter, _cloner: &mut Cloner<'_>) -> Result<Counter, Error> {
    Ok(Counter(counter.0 + 1))
}

#[test]
fn every_word_on_a_type() {
    assert_eq!(ByClone("a").deep_clone(), ByClone("a"));
    assert_eq!(With { value: 3 }.deep_clone().value, 3);
    assert_eq!(Counter(1).deep_clone().0, 2);
}
