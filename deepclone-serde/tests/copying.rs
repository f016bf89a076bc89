//! Values of every kind come back as they were, and what can't is an error at its place.

use deepclone_serde::{Copier, ErrorKind, convert, copy, copy_into, copy_verified};
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::{self, Debug};
use std::net::IpAddr;

fn same<T: Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(value: T) {
    assert_eq!(copy(&value).unwrap(), value);
    assert_eq!(copy_verified(&value).unwrap(), value);
    let mut target = copy(&value).unwrap();
    copy_into(&value, &mut target).unwrap();
    assert_eq!(target, value);
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
enum Shape {
    Unit,
    Newtype(u8),
    Tuple(u8, String),
    Struct { a: u8, b: Option<Box<Shape>> },
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Plain {
    a: u8,
    b: String,
    c: Vec<Shape>,
}

#[test]
fn plain_values_come_back() {
    same(());
    same(true);
    same(-1_i8);
    same(u64::MAX);
    same(u128::MAX);
    same(i128::MIN);
    same('ß');
    same("text".to_owned());
    same("long ".repeat(100));
    same(Some(None::<Option<()>>));
    same(Some(Some(Some(()))));
    same(vec![
        Shape::Unit,
        Shape::Newtype(1),
        Shape::Tuple(2, "x".into()),
    ]);
    same(Plain {
        a: 1,
        b: "b".into(),
        c: vec![Shape::Struct {
            a: 3,
            b: Some(Box::new(Shape::Unit)),
        }],
    });
    same(HashMap::from([
        ("a".to_owned(), vec![1, 2]),
        ("b".to_owned(), vec![]),
    ]));
    same(BTreeMap::from([((1, 'a'), Some(2)), ((1, 'b'), None)]));
    same((1..100).collect::<HashSet<u32>>());
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
#[serde(untagged)]
enum Address {
    Ip(IpAddr),
    Many(Vec<IpAddr>),
    Named { host: String, ip: Option<IpAddr> },
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
#[serde(tag = "kind")]
enum Tagged {
    Server {
        ip: IpAddr,
        socket: std::net::SocketAddr,
    },
    Empty,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Outer {
    ip: IpAddr,
    #[serde(flatten)]
    inner: BTreeMap<String, IpAddr>,
    #[serde(flatten)]
    tagged: Option<Tagged>,
}

#[test]
fn readable_forms_survive_serdes_buffers() {
    let ip: IpAddr = "1.2.3.4".parse().unwrap();
    same(Address::Ip(ip));
    same(Address::Many(vec![ip, "::1".parse().unwrap()]));
    same(Address::Named {
        host: "h".into(),
        ip: Some(ip),
    });
    same(Tagged::Server {
        ip,
        socket: "1.2.3.4:5".parse().unwrap(),
    });
    same(vec![Tagged::Empty]);
    same(Outer {
        ip,
        inner: BTreeMap::from([("x".to_owned(), ip)]),
        tagged: None,
    });
}

#[derive(Debug, PartialEq)]
struct OnlyByName(u8);

impl Serialize for OnlyByName {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut fields = s.serialize_struct("OnlyByName", 1)?;
        fields.serialize_field("value", &self.0)?;
        fields.end()
    }
}

impl<'de> Deserialize<'de> for OnlyByName {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct ByName;
        impl<'de> Visitor<'de> for ByName {
            type Value = OnlyByName;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OnlyByName, A::Error> {
                let mut value = 0;
                while let Some(key) = map.next_key::<String>()? {
                    assert_eq!(key, "value");
                    value = map.next_value()?;
                }
                Ok(OnlyByName(value))
            }
        }
        d.deserialize_struct("OnlyByName", &["value"], ByName)
    }
}

#[test]
fn a_target_that_reads_fields_only_by_name_gets_them_so() {
    same(vec![OnlyByName(1), OnlyByName(2)]);
}

fn forgiving<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<OnlyByName>, D::Error> {
    Ok(Vec::deserialize(d).unwrap_or_default())
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Forgiving {
    #[serde(deserialize_with = "forgiving")]
    values: Vec<OnlyByName>,
}

#[test]
fn a_target_that_swallows_errors_never_sees_one_that_is_ours() {
    same(Forgiving {
        values: vec![OnlyByName(7)],
    });
}

#[derive(Serialize, Deserialize, Debug)]
struct Groups {
    groups: Vec<HashMap<String, Members>>,
}
#[derive(Serialize, Deserialize, Debug)]
struct Members {
    members: Vec<Picky>,
}
#[derive(Deserialize, Debug)]
struct Picky(u8);
impl Serialize for Picky {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            0 => Err(S::Error::custom("zero is refused")),
            1 => s.serialize_str("one"),
            n => s.serialize_newtype_struct("Picky", &n),
        }
    }
}

fn groups(last: u8) -> Groups {
    let admins = |n| {
        HashMap::from([(
            "admins".to_owned(),
            Members {
                members: vec![Picky(2), Picky(3), Picky(n)],
            },
        )])
    };
    Groups {
        groups: vec![admins(4), admins(last)],
    }
}

#[test]
fn errors_have_the_path_while_writing_and_reading() {
    for (last, kind) in [(0, ErrorKind::Serialize), (1, ErrorKind::Deserialize)] {
        let error = copy(&groups(last)).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.path(), "groups[1].admins.members[2]", "{error}");
    }
    copy(&groups(9)).unwrap();
}

struct First;
impl<'de> Deserialize<'de> for First {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = First;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a seq")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<First, A::Error> {
                seq.next_element::<IgnoredAny>()?;
                Ok(First)
            }
        }
        d.deserialize_seq(V)
    }
}

#[test]
fn what_is_never_read_is_an_error_where_it_stands() {
    let error = convert::<_, BTreeMap<String, First>>(&BTreeMap::from([("a", [1, 2, 3])]))
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Leftover);
    assert_eq!(error.path(), "a[1]");
}

struct Torn;
impl Serialize for Torn {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(None)?;
        map.serialize_key("lonely")?;
        map.end()
    }
}

#[test]
fn a_key_without_a_value_is_an_error() {
    let error = convert::<_, IgnoredAny>(&Torn).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Serialize);
}

struct Hinted(usize);
impl Serialize for Hinted {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut seq = s.serialize_seq(Some(self.0))?;
        for i in 0..3 {
            seq.serialize_element(&i)?;
        }
        seq.end()
    }
}

#[test]
fn announced_lengths_are_not_believed() {
    for hint in [0, 1, usize::MAX] {
        assert_eq!(convert::<_, Vec<i32>>(&Hinted(hint)).unwrap(), [0, 1, 2]);
    }
}

#[test]
fn depth_counts_what_is_inside_something() {
    let value = vec![vec![Some(1)]];
    assert!(Copier::new().max_depth(3).copy(&value).is_ok());
    let error = Copier::new().max_depth(2).copy(&value).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Depth);
    assert_eq!(error.path(), "[0][0]");
    assert!(
        Copier::new()
            .max_depth(1)
            .copy(&vec![Vec::<u8>::new()])
            .is_ok()
    );
}

#[derive(Serialize, Deserialize)]
struct Nest(Option<Box<Nest>>);

fn nest(levels: usize) -> Nest {
    (0..levels).fold(Nest(None), |inner, _| Nest(Some(Box::new(inner))))
}

fn levels(mut nest: Nest) -> usize {
    let mut levels = 0;
    while let Some(inner) = nest.0.take() {
        nest = *inner;
        levels += 1;
    }
    levels
}

#[test]
fn deep_values_come_back_on_a_small_stack() {
    for depth in [200, 2_000, 100_000] {
        let source = nest(depth);
        assert_eq!(levels(copy(&source).unwrap()), depth);
        assert_eq!(levels(copy_verified(&source).unwrap()), depth);
        assert_eq!(levels(source), depth);
    }
}

#[test]
fn text_is_refused_before_it_is_taken_in() {
    let text = "x".repeat(1000);
    assert_eq!(
        Copier::new().max_bytes(999).copy(&text).unwrap_err().kind(),
        ErrorKind::Bytes
    );
    assert!(Copier::new().max_bytes(1009).copy(&text).is_ok());
}
