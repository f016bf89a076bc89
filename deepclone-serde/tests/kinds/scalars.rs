//! Numbers, texts, bytes, units and options.

use crate::table::Table;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// Bytes as bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        d.deserialize_bytes(V)
    }
}

fn bits_64(a: &f64, b: &f64) -> bool {
    a.to_bits() == b.to_bits()
}

fn bits_32(a: &f32, b: &f32) -> bool {
    a.to_bits() == b.to_bits()
}

#[derive(Serialize, Deserialize, PartialEq)]
struct Unit;

pub(crate) fn fill(table: &mut Table) {
    table.kind("`bool`, false", false);
    table.kind("`bool`, true", true);
    table.kind("`u8`, largest", u8::MAX);
    table.kind("`u16`, largest", u16::MAX);
    table.kind("`u32`, largest", u32::MAX);
    table.kind("`u64`, largest", u64::MAX);
    table.kind("`u128`, largest", u128::MAX);
    table.kind("`usize`, largest", usize::MAX);
    table.kind("`i8`, smallest", i8::MIN);
    table.kind("`i16`, smallest", i16::MIN);
    table.kind("`i32`, smallest", i32::MIN);
    table.kind("`i64`, smallest", i64::MIN);
    table.kind("`i128`, smallest", i128::MIN);
    table.kind("`isize`, smallest", isize::MIN);
    table.kind_by(
        "`f32`, NaN with a payload",
        f32::from_bits(0x7fc0_1234),
        bits_32,
    );
    table.kind_by("`f32`, a third", 1.0_f32 / 3.0, bits_32);
    table.kind_by(
        "`f64`, NaN with a payload",
        f64::from_bits(0xfff8_0000_dead_beef),
        bits_64,
    );
    table.kind_by(
        "`f64`, signalling NaN",
        f64::from_bits(0x7ff0_0000_0000_0001),
        bits_64,
    );
    table.kind_by("`f64`, negative zero", -0.0, bits_64);
    table.kind_by("`f64`, infinite", f64::NEG_INFINITY, bits_64);
    table.kind_by("`f64`, subnormal", 5e-324, bits_64);
    table.kind_by("`f64`, largest", f64::MAX, bits_64);
    table.kind("`char`, NUL", '\0');
    table.kind("`char`, largest", char::MAX);
    table.kind("`char`, combining", '\u{301}');
    table.kind("`String`, empty", String::new());
    table.kind("`String`, non-ASCII", "Grüße, 世界 🦀".to_owned());
    table.kind("`String`, with NUL", "a\0b".to_owned());
    table.kind("`String`, 255 bytes", "x".repeat(255));
    table.kind("`String`, 256 bytes", "x".repeat(256));
    table.kind("`String`, 70,000 bytes", "ß".repeat(35_000));
    table.kind("`Box<str>`", Box::<str>::from("boxed"));
    table.kind("`Cow<str>`", Cow::<'static, str>::Owned("cow".to_owned()));
    table.kind("bytes, empty", Bytes(vec![]));
    table.kind("bytes, all", Bytes((0..=255).collect()));
    table.kind("`Vec<u8>`", vec![0_u8, 255]);
    table.kind("`()`", ());
    table.kind("unit struct", Unit);
    table.kind("`Option`, none", None::<u8>);
    table.kind("`Option`, some", Some(1_u8));
    table.kind("`Option<Option>`, none", None::<Option<u8>>);
    table.kind("`Option<Option>`, some none", Some(None::<u8>));
    table.kind("`Option<Option>`, some some", Some(Some(1_u8)));
    table.kind(
        "four `Option`s, innermost none",
        Some(Some(Some(None::<u8>))),
    );
    table.kind("`Option<()>`, none", None::<()>);
    table.kind("`Option<()>`, some", Some(()));
    table.kind("`Option<unit struct>`, some", Some(Unit));
    table.kind("`Option<Vec>`, some empty", Some(Vec::<u8>::new()));
    table.kind("`Option<String>`, some empty", Some(String::new()));
    table.kind(
        "`Option<Box<Option>>`, some none",
        Some(Box::new(None::<u8>)),
    );
}
