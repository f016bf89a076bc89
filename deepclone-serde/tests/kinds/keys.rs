//! Map keys.

use crate::scalars::Bytes;
use crate::table::Table;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Point {
    x: i8,
    y: i8,
}
#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Id(u64);
#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Clone)]
enum Key {
    Unit,
    Newtype(u8),
    Tuple(u8, char),
    Struct { a: bool },
}

fn map<K: Ord>(keys: impl IntoIterator<Item = K>) -> BTreeMap<K, u8> {
    keys.into_iter().zip(0..).collect()
}

pub(crate) fn fill(table: &mut Table) {
    table.kind("keys: `bool`", map([false, true]));
    table.kind("keys: `i8`", map([-1_i8, 1]));
    table.kind("keys: `u64`", map([0, u64::MAX]));
    table.kind("keys: `i128`", map([i128::MIN, 0]));
    table.kind("keys: `char`", map(['a', 'ß']));
    table.kind("keys: `String`", map(["".to_owned(), "b".to_owned()]));
    table.kind("keys: bytes", map([Bytes(vec![]), Bytes(vec![255])]));
    table.kind("keys: `()`", map([()]));
    table.kind("keys: `Option`", map([None, Some(1)]));
    table.kind(
        "keys: nested `Option`",
        map([None, Some(None), Some(Some(1))]),
    );
    table.kind("keys: tuple", map([(1, 'a'), (2, 'b')]));
    table.kind("keys: array", map([[1, 2], [3, 4]]));
    table.kind("keys: `Vec`", map([vec![], vec![1]]));
    table.kind("keys: struct", map([Point { x: 1, y: 2 }]));
    table.kind("keys: newtype", map([Id(1), Id(2)]));
    table.kind(
        "keys: enum",
        map([
            Key::Unit,
            Key::Newtype(1),
            Key::Tuple(2, 'x'),
            Key::Struct { a: true },
        ]),
    );
    table.kind("keys: map", map([map([1]), map([1, 2])]));
    table.kind("keys: `IpAddr`", map([IpAddr::from([1, 2, 3, 4])]));
    table.kind(
        "keys: `String`, hashed",
        HashMap::from([("a".to_owned(), 1)]),
    );
}
