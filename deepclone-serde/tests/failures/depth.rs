//! Deep values: neither a failure above them nor a buffer of `serde` overflows the stack.

use deepclone_serde::{ErrorKind, copy, copy_verified};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

use super::next_copy_is_fine;

#[derive(Serialize, Deserialize)]
pub(super) struct Nest {
    inner: Option<Box<Nest>>,
    #[serde(deserialize_with = "refuse_two")]
    last: u8,
}

fn refuse_two<'de, D: Deserializer<'de>>(d: D) -> Result<u8, D::Error> {
    match u8::deserialize(d)? {
        2 => Err(serde::de::Error::custom("two is refused")),
        n => Ok(n),
    }
}

pub(super) fn nest(levels: usize, outermost: u8) -> Nest {
    let innermost = Nest {
        inner: None,
        last: 0,
    };
    let mut nest = (1..levels).fold(innermost, |inner, _| Nest {
        inner: Some(Box::new(inner)),
        last: 0,
    });
    nest.last = outermost;
    nest
}

pub(super) fn take_apart(mut nest: Nest) {
    while let Some(inner) = nest.inner.take() {
        nest = *inner;
    }
}

#[test]
fn a_failure_above_a_deep_value_does_not_overflow_while_that_is_dropped() {
    let source = nest(100_000, 2);
    let error = copy(&source).map(|_| ()).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Deserialize, "last")
    );
    take_apart(source);
    next_copy_is_fine();
}

#[test]
fn a_deep_value_that_is_unfaithful_does_not_overflow_while_it_is_dropped() {
    #[derive(Serialize, Deserialize)]
    struct Lossy {
        nest: Nest,
        #[serde(skip_deserializing)]
        lost: u8,
    }
    let source = Lossy {
        nest: nest(100_000, 0),
        lost: 1,
    };
    let error = copy_verified(&source).map(|_| ()).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Unfaithful, "lost")
    );
    take_apart(source.nest);
    next_copy_is_fine();
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Inner { inner: Box<Tagged> },
    Leaf,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Inner { inner: Option<Box<Untagged>> },
}

#[derive(Serialize, Deserialize)]
struct Flattened {
    a: u8,
    #[serde(flatten)]
    inner: BTreeMap<String, Flattened>,
}

/// Runs where there is room to make and drop deep values.
fn on_a_large_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(work);
    thread.unwrap().join().unwrap();
}

/// Copies a deep value on a stack of the usual size.
fn check_deep<T>(make: fn(usize) -> T)
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    for depth in [200, 2_000, 100_000] {
        on_a_large_stack(move || {
            let source = make(depth);
            let copied = std::thread::scope(|scope| scope.spawn(|| copy(&source)).join().unwrap());
            match copied {
                Ok(copied) => drop(copied),
                Err(error) => assert_eq!(
                    (error.kind(), depth),
                    (ErrorKind::Depth, 100_000),
                    "{error}"
                ),
            }
        });
    }
}

#[test]
fn deep_values_in_serdes_buffers_come_back_or_are_errors() {
    check_deep(|depth| {
        (0..depth).fold(Tagged::Leaf, |inner, _| Tagged::Inner {
            inner: Box::new(inner),
        })
    });
    check_deep(|depth| {
        (0..depth).fold(Untagged::Inner { inner: None }, |inner, _| {
            Untagged::Inner {
                inner: Some(Box::new(inner)),
            }
        })
    });
    check_deep(|depth| {
        let leaf = Flattened {
            a: 1,
            inner: BTreeMap::new(),
        };
        (0..depth).fold(leaf, |inner, _| Flattened {
            a: 0,
            inner: BTreeMap::from([("x".to_owned(), inner)]),
        })
    });
}
