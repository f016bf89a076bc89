//! Enums in each representation.

use crate::scalars::Bytes;
use crate::table::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

#[derive(Serialize, Deserialize, PartialEq, Clone)]
struct Inner {
    a: u8,
    b: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq, Clone)]
enum External {
    Unit,
    Newtype(u8),
    OfUnit(()),
    OfOption(Option<u8>),
    OfStruct(Inner),
    Tuple(u8, char),
    NoTuple(),
    Struct { a: u8, b: Option<Box<External>> },
    NoStruct {},
}

#[derive(Serialize, Deserialize, PartialEq, Clone)]
#[serde(tag = "tag")]
enum Internal {
    Unit,
    OfStruct(Inner),
    OfMap(BTreeMap<String, f64>),
    OfEnum(External),
    Struct {
        a: i64,
        ip: IpAddr,
        bytes: Bytes,
        c: char,
    },
    Options {
        a: Option<Option<u8>>,
        u: (),
    },
    Deep {
        inner: Box<Internal>,
        external: External,
    },
    Wide {
        n: u128,
    },
}

#[derive(Serialize, Deserialize, PartialEq, Clone)]
#[serde(tag = "tag", content = "content")]
enum Adjacent {
    Unit,
    Newtype(IpAddr),
    OfOption(Option<u8>),
    Tuple(u8, f32),
    Struct { a: Option<Option<u8>>, c: char },
}

#[derive(Serialize, Deserialize, PartialEq, Clone)]
#[serde(untagged)]
enum Untagged {
    Unit,
    Bool(bool),
    Number(i64),
    Float(f64),
    Ip(IpAddr),
    Text(String),
    Pair(u8, IpAddr),
    Struct {
        a: External,
        map: BTreeMap<u32, IpAddr>,
    },
    Other {
        chars: Vec<char>,
        bytes: Bytes,
    },
}

#[derive(Serialize, Deserialize, PartialEq, Clone)]
#[serde(untagged)]
enum Ambiguous {
    Small(u8),
    Large(u32),
}

#[derive(Serialize, Deserialize, PartialEq, Clone)]
#[serde(untagged)]
enum AmbiguousOption {
    Maybe(Option<u8>),
    Unit,
}

#[derive(Serialize, Deserialize, PartialEq)]
enum WithOther {
    Known,
    #[serde(other)]
    Other,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(
    tag = "tag",
    rename_all = "kebab-case",
    rename_all_fields = "SCREAMING_SNAKE_CASE"
)]
enum Renamed {
    FirstOne {
        the_field: u8,
    },
    #[serde(alias = "two")]
    SecondOne,
}

#[derive(Serialize, Deserialize, PartialEq)]
enum PartlyUntagged {
    Tagged(u8),
    #[serde(untagged)]
    Rest(BTreeMap<String, IpAddr>),
}

#[derive(Serialize, Deserialize, PartialEq)]
enum Skipping {
    A,
    #[serde(skip)]
    #[allow(dead_code)]
    B,
    #[serde(alias = "cc")]
    C,
    D(u8),
}

fn inner() -> Inner {
    Inner {
        a: 1,
        b: Some("b".to_owned()),
    }
}

pub(crate) fn fill(table: &mut Table) {
    let ip = IpAddr::from([1, 2, 3, 4]);
    table.kind("external enum: unit", External::Unit);
    table.kind("external enum: newtype", External::Newtype(1));
    table.kind("external enum: newtype of unit", External::OfUnit(()));
    table.kind("external enum: newtype of none", External::OfOption(None));
    table.kind(
        "external enum: newtype of a struct",
        External::OfStruct(inner()),
    );
    table.kind("external enum: tuple", External::Tuple(1, 'x'));
    table.kind("external enum: empty tuple", External::NoTuple());
    table.kind(
        "external enum: struct",
        External::Struct {
            a: 1,
            b: Some(Box::new(External::Unit)),
        },
    );
    table.kind("external enum: empty struct", External::NoStruct {});
    table.kind(
        "`Vec` of an external enum",
        vec![External::Unit, External::Newtype(2), External::Unit],
    );
    table.kind("`Option` of an external enum, none", None::<External>);
    table.kind("internally tagged: unit", Internal::Unit);
    table.kind(
        "internally tagged: struct inside",
        Internal::OfStruct(inner()),
    );
    table.kind(
        "internally tagged: map inside",
        Internal::OfMap(BTreeMap::from([("x".to_owned(), 0.1)])),
    );
    table.kind(
        "internally tagged: enum inside",
        Internal::OfEnum(External::Tuple(1, 'x')),
    );
    table.kind(
        "internally tagged: `IpAddr`, bytes, `char`",
        Internal::Struct {
            a: -1,
            ip,
            bytes: Bytes(vec![1, 2]),
            c: 'ß',
        },
    );
    table.kind(
        "internally tagged: some none",
        Internal::Options {
            a: Some(None),
            u: (),
        },
    );
    table.kind(
        "internally tagged: itself",
        Internal::Deep {
            inner: Box::new(Internal::Unit),
            external: External::Tuple(1, 'x'),
        },
    );
    table.error(
        "internally tagged: `u128`",
        Internal::Wide { n: u128::MAX },
        "serde's buffers hold no 128-bit integers",
    );
    table.kind("adjacently tagged: unit", Adjacent::Unit);
    table.kind("adjacently tagged: `IpAddr`", Adjacent::Newtype(ip));
    table.kind("adjacently tagged: none", Adjacent::OfOption(None));
    table.kind("adjacently tagged: tuple", Adjacent::Tuple(1, 0.1));
    table.kind(
        "adjacently tagged: struct",
        Adjacent::Struct {
            a: Some(None),
            c: 'x',
        },
    );
    table.kind("untagged: unit", Untagged::Unit);
    table.kind("untagged: number", Untagged::Number(-1));
    table.kind("untagged: float", Untagged::Float(0.1));
    table.kind("untagged: `IpAddr`", Untagged::Ip(ip));
    table.kind("untagged: text", Untagged::Text("text".to_owned()));
    table.kind("untagged: tuple", Untagged::Pair(1, ip));
    table.kind(
        "untagged: struct",
        Untagged::Struct {
            a: External::Newtype(1),
            map: BTreeMap::from([(7, ip)]),
        },
    );
    table.kind(
        "untagged: chars and bytes",
        Untagged::Other {
            chars: vec!['a', 'ß'],
            bytes: Bytes(vec![0, 1]),
        },
    );
    table.kind("untagged, partly: tagged", PartlyUntagged::Tagged(1));
    table.kind(
        "untagged, partly: the rest",
        PartlyUntagged::Rest(BTreeMap::from([("x".to_owned(), ip)])),
    );
    table.seen("untagged, ambiguous: a number for both", Ambiguous::Large(1), "serde tries the variants in turn and the first one takes it; the width shows that it is another");
    table.seen(
        "untagged, ambiguous: nothing for both",
        AmbiguousOption::Unit,
        "serde takes a unit for `None`, too",
    );
    table.kind("enum with `other`: known", WithOther::Known);
    table.kind("enum with `other`: other", WithOther::Other);
    table.kind("renamed enum: struct", Renamed::FirstOne { the_field: 1 });
    table.kind("renamed enum: unit with an alias", Renamed::SecondOne);
    table.kind("enum with a skipped variant: before", Skipping::A);
    table.kind("enum with a skipped variant: behind", Skipping::C);
    table.kind("enum with a skipped variant: last", Skipping::D(4));
}
