//! Arrays, tuples, sequences, sets, maps, structs.

use crate::table::Table;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Newtype(u32);
#[derive(Serialize, Deserialize, PartialEq)]
struct Nested(Box<Newtype>);
#[derive(Serialize, Deserialize, PartialEq)]
struct OfOption(Option<Newtype>);
#[derive(Serialize, Deserialize, PartialEq)]
struct OfUnit(());
#[derive(Serialize, Deserialize, PartialEq)]
struct Pair(u8, String);
#[derive(Serialize, Deserialize, PartialEq)]
struct NoTuple();
#[derive(Serialize, Deserialize, PartialEq)]
struct NoFields {}
#[derive(Serialize, Deserialize, PartialEq, Clone)]
struct Fields {
    a: u8,
    b: String,
    c: Option<Option<Newtype>>,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct Generic<T> {
    value: T,
    more: Vec<T>,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct Tree {
    name: String,
    children: Vec<Tree>,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct RawNames {
    r#type: u8,
    r#fn: u8,
}

fn fields() -> Fields {
    Fields {
        a: 1,
        b: "b".to_owned(),
        c: Some(None),
    }
}

/// A sequence that does not tell its length.
#[derive(PartialEq)]
struct Lazy(Vec<u8>);
impl Serialize for Lazy {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut seq = s.serialize_seq(None)?;
        for item in &self.0 {
            seq.serialize_element(item)?;
        }
        seq.end()
    }
}
impl<'de> Deserialize<'de> for Lazy {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Vec::deserialize(d).map(Lazy)
    }
}

/// A map that does not tell its length, or tells a wrong one.
#[derive(PartialEq)]
struct LazyMap<const TELLS: bool>(BTreeMap<String, u8>);
impl<const TELLS: bool> Serialize for LazyMap<TELLS> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(TELLS.then_some(usize::MAX))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
impl<'de, const TELLS: bool> Deserialize<'de> for LazyMap<TELLS> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(d).map(LazyMap)
    }
}

pub(crate) fn fill(table: &mut Table) {
    table.kind("array, empty", [0_u8; 0]);
    table.kind("array of 32", [7_u16; 32]);
    table.kind("array of arrays", [[1, 2], [3, 4]]);
    table.kind("tuple of 1", (1,));
    table.kind("tuple of mixed", (1, "two".to_owned(), '3', Some(4.0)));
    table.kind(
        "tuple of 16",
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 'a', 'b', 'c', ()).0,
    );
    table.kind("`Vec`, empty", Vec::<String>::new());
    table.kind("`Vec<()>`", vec![(); 1000]);
    table.kind("`Vec<Option<()>>`", vec![Some(()), None]);
    table.kind("`Vec<f64>`", vec![0.1, -0.0]);
    table.kind("`Vec<Vec>`", vec![vec![], vec![1], vec![2, 3]]);
    table.kind("`Vec` of 100,000", (0..100_000).collect::<Vec<u32>>());
    table.kind("`VecDeque`", VecDeque::from([1, 2]));
    table.kind("`LinkedList`", LinkedList::from(["a".to_owned()]));
    table.kind("`BTreeSet`", BTreeSet::from([3, 1, 2]));
    table.kind("`HashSet`", (0..50).collect::<HashSet<u8>>());
    table.kind(
        "`HashSet` of sets",
        vec![(0..20).collect::<HashSet<u8>>(), HashSet::new()],
    );
    table.kind_by("`BinaryHeap`", BinaryHeap::from([3, 1, 2]), |a, b| {
        a.clone().into_sorted_vec() == b.clone().into_sorted_vec()
    });
    table.kind("`BTreeMap`, empty", BTreeMap::<u8, u8>::new());
    table.kind(
        "`HashMap` of `Vec`s",
        HashMap::from([("a".to_owned(), vec![1]), ("b".to_owned(), vec![])]),
    );
    table.kind(
        "map of maps",
        BTreeMap::from([(1, HashMap::from([(2, 3)]))]),
    );
    table.kind("sequence of unknown length", Lazy(vec![1, 2, 3]));
    table.kind(
        "map of unknown length",
        LazyMap::<false>(BTreeMap::from([("a".to_owned(), 1)])),
    );
    table.kind(
        "map with a wrong length",
        LazyMap::<true>(BTreeMap::from([("a".to_owned(), 1)])),
    );
    table.kind("newtype", Newtype(1));
    table.kind("newtype of a newtype", Nested(Box::new(Newtype(1))));
    table.kind("newtype of an option, none", OfOption(None));
    table.kind("newtype of an option, some", OfOption(Some(Newtype(2))));
    table.kind("newtype of unit", OfUnit(()));
    table.kind(
        "`Option` of a newtype of an option, some none",
        Some(OfOption(None)),
    );
    table.kind("tuple struct", Pair(1, "two".to_owned()));
    table.kind("tuple struct without fields", NoTuple());
    table.kind("struct without fields", NoFields {});
    table.kind("struct", fields());
    table.kind(
        "struct in a map",
        BTreeMap::from([("x".to_owned(), fields())]),
    );
    table.kind(
        "generic struct",
        Generic {
            value: 'x',
            more: vec!['y'],
        },
    );
    table.kind("struct with raw names", RawNames { r#type: 1, r#fn: 2 });
    table.kind(
        "recursive struct",
        Tree {
            name: "root".to_owned(),
            children: vec![Tree {
                name: "leaf".to_owned(),
                children: vec![],
            }],
        },
    );
}
