//! What serde's attributes do to structs.

use crate::table::Table;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Renamed {
    first_field: u8,
    #[serde(rename = "2nd")]
    second: u8,
    #[serde(alias = "drei")]
    third: u8,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct RenamedApart {
    #[serde(rename(serialize = "out", deserialize = "in"))]
    field: u8,
}

#[derive(Serialize, Deserialize, PartialEq, Default)]
#[serde(default)]
struct Sparse {
    #[serde(skip_serializing_if = "Option::is_none")]
    a: Option<u8>,
    b: u8,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    c: Vec<u8>,
}

fn seven() -> u8 {
    7
}
fn is_zero(n: &u8) -> bool {
    *n == 0
}

#[derive(Serialize, Deserialize, PartialEq)]
struct WrongDefault {
    a: u8,
    #[serde(skip_serializing_if = "is_zero", default = "seven")]
    b: u8,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct Skipped {
    a: u8,
    #[serde(skip)]
    b: u8,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct SkippedOnTheWayBack {
    #[serde(skip_deserializing)]
    a: u8,
    b: u8,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct SkippedOnTheWayOut {
    #[serde(skip_serializing, default)]
    a: u8,
    b: u8,
}

#[derive(Serialize, Deserialize, PartialEq, Clone)]
struct Inner {
    x: u8,
    ip: IpAddr,
}
#[derive(Serialize, Deserialize, PartialEq, Clone)]
struct OptionalInner {
    y: Option<Option<u8>>,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct FlatStruct {
    a: u8,
    #[serde(flatten)]
    inner: Inner,
    z: char,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct FlatMap {
    a: u8,
    #[serde(flatten)]
    rest: HashMap<String, Vec<IpAddr>>,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct FlatOption {
    a: u8,
    #[serde(flatten)]
    inner: Option<Inner>,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct FlatWide {
    #[serde(flatten)]
    inner: Wide,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct Wide {
    n: i128,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct FlatOptionOfOptional {
    #[serde(flatten)]
    inner: Option<Strict>,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct Strict {
    #[serde(serialize_with = "as_text")]
    n: u8,
}
fn as_text<S: Serializer>(n: &u8, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(n)
}
#[derive(Serialize, Deserialize, PartialEq)]
#[serde(tag = "kind")]
enum FlatEnum {
    One { ip: IpAddr },
    Two(Inner),
}
#[derive(Serialize, Deserialize, PartialEq)]
struct FlatTagged {
    a: Option<Option<u8>>,
    #[serde(flatten)]
    tagged: FlatEnum,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct FlatTwice {
    #[serde(flatten)]
    one: Inner,
    #[serde(flatten)]
    two: OptionalInner,
}
#[derive(Serialize, Deserialize, PartialEq)]
enum Plain {
    A(u8),
    B { c: u8 },
}
#[derive(Serialize, Deserialize, PartialEq)]
struct FlatExternal {
    #[serde(flatten)]
    plain: Plain,
    b: u8,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(transparent)]
struct Transparent {
    inner: Inner,
}
#[derive(Serialize, Deserialize, PartialEq, Clone)]
#[serde(from = "String", into = "String")]
struct Converted(u32);
impl From<String> for Converted {
    fn from(text: String) -> Self {
        Self(text.len() as u32)
    }
}
impl From<Converted> for String {
    fn from(value: Converted) -> Self {
        "x".repeat(value.0 as usize)
    }
}
#[derive(Serialize, Deserialize, PartialEq)]
#[serde(try_from = "i32")]
struct Even(i32);
impl TryFrom<i32> for Even {
    type Error = String;
    fn try_from(n: i32) -> Result<Self, String> {
        if n % 2 == 0 {
            Ok(Self(n))
        } else {
            Err(format!("{n} is odd"))
        }
    }
}

mod as_pairs {
    use super::*;
    pub(crate) fn serialize<S: Serializer>(
        map: &BTreeMap<u8, char>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        s.collect_seq(map)
    }
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<BTreeMap<u8, char>, D::Error> {
        Ok(Vec::deserialize(d)?.into_iter().collect())
    }
}
#[derive(Serialize, Deserialize, PartialEq)]
struct With {
    #[serde(with = "as_pairs")]
    map: BTreeMap<u8, char>,
}
fn shouted<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    Ok(String::deserialize(d)?.to_uppercase())
}
fn rounded<S: Serializer>(n: &f64, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_f64(n.round())
}
#[derive(Serialize, Deserialize, PartialEq)]
struct LossyOnTheWayBack {
    #[serde(deserialize_with = "shouted")]
    text: String,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct LossyOnTheWayOut {
    #[serde(serialize_with = "rounded")]
    number: f64,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct AsText {
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    n: u8,
}
fn from_text<'de, D: Deserializer<'de>>(d: D) -> Result<u8, D::Error> {
    String::deserialize(d)?
        .parse()
        .map_err(serde::de::Error::custom)
}

mod remote {
    #[derive(PartialEq, Clone)]
    pub(crate) struct Far {
        pub(crate) a: u8,
    }
}
#[derive(Serialize, Deserialize)]
#[serde(remote = "remote::Far")]
struct FarHere {
    a: u8,
}
#[derive(Serialize, Deserialize, PartialEq)]
struct OfRemote {
    #[serde(with = "FarHere")]
    far: remote::Far,
}

pub(crate) fn fill(table: &mut Table) {
    let ip = IpAddr::from([1, 2, 3, 4]);
    let inner = Inner { x: 1, ip };
    table.kind(
        "renamed fields",
        Renamed {
            first_field: 1,
            second: 2,
            third: 3,
        },
    );
    table.error(
        "a field renamed apart",
        RenamedApart { field: 1 },
        "it is written by one name and read by another",
    );
    table.kind("fields left out", Sparse::default());
    table.kind(
        "fields left out, not all",
        Sparse {
            a: None,
            b: 1,
            c: vec![2],
        },
    );
    table.kind(
        "fields left out, none",
        Sparse {
            a: Some(1),
            b: 1,
            c: vec![2],
        },
    );
    table.seen(
        "a field left out whose default is another",
        WrongDefault { a: 1, b: 0 },
        "the default is wrong",
    );
    table.unseen("`skip`", Skipped { a: 1, b: 2 }, "the field is not written");
    table.seen(
        "`skip_deserializing`",
        SkippedOnTheWayBack { a: 1, b: 2 },
        "the field is not read",
    );
    table.unseen(
        "`skip_serializing`",
        SkippedOnTheWayOut { a: 1, b: 2 },
        "the field is not written",
    );
    table.kind(
        "`flatten`: struct with an `IpAddr`",
        FlatStruct {
            a: 1,
            inner: inner.clone(),
            z: 'z',
        },
    );
    table.kind(
        "`flatten`: map of `IpAddr`s",
        FlatMap {
            a: 1,
            rest: HashMap::from([("x".to_owned(), vec![ip])]),
        },
    );
    table.kind(
        "`flatten`: option, some",
        FlatOption {
            a: 1,
            inner: Some(inner.clone()),
        },
    );
    table.kind("`flatten`: option, none", FlatOption { a: 1, inner: None });
    table.error(
        "`flatten`: `i128`",
        FlatWide {
            inner: Wide { n: 1 },
        },
        "serde's buffers hold no 128-bit integers",
    );
    table.seen(
        "`flatten`: option that can't be read back",
        FlatOptionOfOptional {
            inner: Some(Strict { n: 1 }),
        },
        "serde makes `None` of an error there",
    );
    table.kind(
        "`flatten`: tagged enum, struct",
        FlatTagged {
            a: Some(None),
            tagged: FlatEnum::One { ip },
        },
    );
    table.kind(
        "`flatten`: tagged enum, newtype",
        FlatTagged {
            a: None,
            tagged: FlatEnum::Two(inner.clone()),
        },
    );
    table.kind(
        "`flatten`: twice",
        FlatTwice {
            one: inner.clone(),
            two: OptionalInner { y: Some(None) },
        },
    );
    table.kind(
        "`flatten`: external enum, newtype",
        FlatExternal {
            plain: Plain::A(1),
            b: 2,
        },
    );
    table.kind(
        "`flatten`: external enum, struct",
        FlatExternal {
            plain: Plain::B { c: 1 },
            b: 2,
        },
    );
    table.kind("`transparent`", Transparent { inner });
    table.kind("`from` and `into`", Converted(5));
    table.kind("`try_from` alone", Even(4));
    table.error(
        "`try_from` that refuses",
        Even(3),
        "the type refuses the value that it wrote",
    );
    table.kind(
        "`with`",
        With {
            map: BTreeMap::from([(1, 'a')]),
        },
    );
    table.seen(
        "`deserialize_with` that changes the value",
        LossyOnTheWayBack {
            text: "text".to_owned(),
        },
        "the impl is lossy",
    );
    table.unseen(
        "`serialize_with` that changes the value",
        LossyOnTheWayOut { number: 0.6 },
        "the impl is lossy before the recording",
    );
    table.kind("`collect_str` and parse", AsText { n: 200 });
    table.kind(
        "`remote`",
        OfRemote {
            far: remote::Far { a: 1 },
        },
    );
}
