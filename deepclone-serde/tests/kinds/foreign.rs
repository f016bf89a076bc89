//! Values of other crates, with their private protocols.

use crate::table::Table;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Speaks as serde_json's numbers do under `arbitrary_precision`: a struct of a private name, read by `deserialize_any`.
#[derive(PartialEq)]
struct Precise(String);
const NUMBER: &str = "$serde_json::private::Number";
impl Serialize for Precise {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut fields = s.serialize_struct(NUMBER, 1)?;
        fields.serialize_field(NUMBER, &self.0)?;
        fields.end()
    }
}
impl<'de> Deserialize<'de> for Precise {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> serde::de::Visitor<'de> for V {
            type Value = Precise;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Precise, A::Error> {
                match map.next_entry::<String, String>()? {
                    Some((key, text)) if key == NUMBER => Ok(Precise(text)),
                    _ => Err(serde::de::Error::custom("no number")),
                }
            }
        }
        d.deserialize_any(V)
    }
}

/// Speaks as toml's datetimes do: a struct of a private name, read by name alone.
#[derive(PartialEq)]
struct Moment(String);
const MOMENT: &str = "$__toml_private_datetime";
impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut fields = s.serialize_struct(MOMENT, 1)?;
        fields.serialize_field(MOMENT, &self.0)?;
        fields.end()
    }
}
impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> serde::de::Visitor<'de> for V {
            type Value = Moment;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a moment")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Moment, A::Error> {
                match map.next_entry::<String, String>()? {
                    Some((key, text)) if key == MOMENT => Ok(Moment(text)),
                    _ => Err(serde::de::Error::custom("no moment")),
                }
            }
        }
        d.deserialize_struct(MOMENT, &[MOMENT], V)
    }
}

/// Speaks as identifiers do: text in text formats, bytes in others.
#[derive(PartialEq, Clone)]
struct Identifier([u8; 4]);
impl Serialize for Identifier {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() {
            s.serialize_str(&format!("{:08x}", u32::from_be_bytes(self.0)))
        } else {
            s.serialize_bytes(&self.0)
        }
    }
}
impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        if d.is_human_readable() {
            let number = u32::from_str_radix(&String::deserialize(d)?, 16);
            Ok(Self(
                number.map_err(serde::de::Error::custom)?.to_be_bytes(),
            ))
        } else {
            let bytes = crate::scalars::Bytes::deserialize(d)?.0;
            Ok(Self(
                bytes
                    .try_into()
                    .map_err(|_| serde::de::Error::custom("not four bytes"))?,
            ))
        }
    }
}
#[derive(Serialize, Deserialize, PartialEq)]
#[serde(untagged)]
enum Named {
    Id(Identifier),
    Ids {
        all: Vec<Identifier>,
        by: BTreeMap<String, Identifier>,
    },
}

#[derive(Serialize, Deserialize)]
struct Raw {
    raw: Box<RawValue>,
}

pub(crate) fn fill(table: &mut Table) {
    table.kind("`serde_json::Value`, null", Value::Null);
    table.kind("`serde_json::Value`, number", json!(-1));
    table.kind("`serde_json::Value`, float", json!(0.1));
    table.kind(
        "`serde_json::Value`, nested",
        json!({"a": [1, null, {"b": "c"}], "d": true}),
    );
    table.kind("`Option<serde_json::Value>`", Some(json!([1])));
    table.kind("`serde_json::Number`", serde_json::Number::from(u64::MAX));
    table.kind_by(
        "`serde_json::RawValue`",
        Raw {
            raw: RawValue::from_string("{ \"a\":  1 }".to_owned()).unwrap(),
        },
        |a, b| a.raw.get() == b.raw.get(),
    );
    table.kind(
        "an arbitrary-precision number",
        Precise("1e1000".to_owned()),
    );
    table.kind("a toml datetime", Moment("1979-05-27".to_owned()));
    table.kind("an identifier", Identifier([1, 2, 3, 4]));
    table.kind(
        "an identifier, untagged",
        Named::Id(Identifier([1, 2, 3, 4])),
    );
    table.kind(
        "identifiers inside an untagged struct",
        Named::Ids {
            all: vec![Identifier([0; 4])],
            by: BTreeMap::from([("x".to_owned(), Identifier([9; 4]))]),
        },
    );
}
