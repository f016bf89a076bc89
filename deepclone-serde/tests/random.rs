//! Random values of the whole data model come back token by token.

use deepclone_serde::{copy, copy_verified};
use proptest::prelude::*;
use serde::de::{
    DeserializeSeed, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cell::RefCell;
use std::fmt;

/// A value of serde's data model. It is read by the request that its writing corresponds to: [`SHAPE`] tells which.
#[derive(Clone, Debug)]
enum Value {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    I128(i128),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    U128(u128),
    F32(f32),
    F64(f64),
    Char(char),
    Str(String),
    Bytes(Vec<u8>),
    None,
    Some(Box<Value>),
    Unit,
    UnitStruct,
    UnitVariant(usize),
    Newtype(Box<Value>),
    NewtypeVariant(usize, Box<Value>),
    Seq(Vec<Value>, Option<usize>),
    Tuple(Vec<Value>),
    TupleStruct(Vec<Value>),
    TupleVariant(usize, Vec<Value>),
    Map(Vec<(Value, Value)>, Option<usize>),
    Struct(Vec<Value>),
    StructVariant(usize, Vec<Value>),
}

const NAMES: &[&str] = &["a", "b", "c", "d", "e", "f"];

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        use Value::*;
        match (self, other) {
            (F32(a), F32(b)) => a.to_bits() == b.to_bits(),
            (F64(a), F64(b)) => a.to_bits() == b.to_bits(),
            (Bool(a), Bool(b)) => a == b,
            (I8(a), I8(b)) => a == b,
            (I16(a), I16(b)) => a == b,
            (I32(a), I32(b)) => a == b,
            (I64(a), I64(b)) => a == b,
            (I128(a), I128(b)) => a == b,
            (U8(a), U8(b)) => a == b,
            (U16(a), U16(b)) => a == b,
            (U32(a), U32(b)) => a == b,
            (U64(a), U64(b)) => a == b,
            (U128(a), U128(b)) => a == b,
            (Char(a), Char(b)) => a == b,
            (Str(a), Str(b)) => a == b,
            (Bytes(a), Bytes(b)) => a == b,
            (None, None) | (Unit, Unit) | (UnitStruct, UnitStruct) => true,
            (Some(a), Some(b)) | (Newtype(a), Newtype(b)) => a == b,
            (UnitVariant(a), UnitVariant(b)) => a == b,
            (NewtypeVariant(i, a), NewtypeVariant(j, b)) => i == j && a == b,
            (Seq(a, _), Seq(b, _)) | (Tuple(a), Tuple(b)) => a == b,
            (TupleStruct(a), TupleStruct(b)) | (Struct(a), Struct(b)) => a == b,
            (TupleVariant(i, a), TupleVariant(j, b))
            | (StructVariant(i, a), StructVariant(j, b)) => i == j && a == b,
            (Map(a, _), Map(b, _)) => a == b,
            _ => false,
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(v) => v.serialize(s),
            Self::I8(v) => v.serialize(s),
            Self::I16(v) => v.serialize(s),
            Self::I32(v) => v.serialize(s),
            Self::I64(v) => v.serialize(s),
            Self::I128(v) => v.serialize(s),
            Self::U8(v) => v.serialize(s),
            Self::U16(v) => v.serialize(s),
            Self::U32(v) => v.serialize(s),
            Self::U64(v) => v.serialize(s),
            Self::U128(v) => v.serialize(s),
            Self::F32(v) => v.serialize(s),
            Self::F64(v) => v.serialize(s),
            Self::Char(v) => v.serialize(s),
            Self::Str(v) => v.serialize(s),
            Self::Bytes(v) => s.serialize_bytes(v),
            Self::None => s.serialize_none(),
            Self::Some(v) => s.serialize_some(v),
            Self::Unit => s.serialize_unit(),
            Self::UnitStruct => s.serialize_unit_struct("U"),
            Self::UnitVariant(i) => s.serialize_unit_variant("E", *i as u32, NAMES[*i]),
            Self::Newtype(v) => s.serialize_newtype_struct("N", v),
            Self::NewtypeVariant(i, v) => s.serialize_newtype_variant("E", *i as u32, NAMES[*i], v),
            Self::Seq(items, hint) => {
                let mut seq = s.serialize_seq(*hint)?;
                items
                    .iter()
                    .try_for_each(|item| seq.serialize_element(item))?;
                seq.end()
            }
            Self::Tuple(items) => {
                let mut tuple = s.serialize_tuple(items.len())?;
                items
                    .iter()
                    .try_for_each(|item| tuple.serialize_element(item))?;
                tuple.end()
            }
            Self::TupleStruct(items) => {
                let mut tuple = s.serialize_tuple_struct("T", items.len())?;
                items
                    .iter()
                    .try_for_each(|item| tuple.serialize_field(item))?;
                tuple.end()
            }
            Self::TupleVariant(i, items) => {
                let mut tuple =
                    s.serialize_tuple_variant("E", *i as u32, NAMES[*i], items.len())?;
                items
                    .iter()
                    .try_for_each(|item| tuple.serialize_field(item))?;
                tuple.end()
            }
            Self::Map(entries, hint) => {
                let mut map = s.serialize_map(*hint)?;
                entries
                    .iter()
                    .try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
            Self::Struct(items) => {
                let mut fields = s.serialize_struct("S", items.len())?;
                NAMES
                    .iter()
                    .zip(items)
                    .try_for_each(|(name, item)| fields.serialize_field(name, item))?;
                fields.end()
            }
            Self::StructVariant(i, items) => {
                let mut fields =
                    s.serialize_struct_variant("E", *i as u32, NAMES[*i], items.len())?;
                NAMES
                    .iter()
                    .zip(items)
                    .try_for_each(|(name, item)| fields.serialize_field(name, item))?;
                fields.end()
            }
        }
    }
}

/// Reads what a given value wrote, by the typed requests that a type of that shape would make.
struct Like<'a>(&'a Value);

thread_local! {
    static SHAPE: RefCell<Value> = const { RefCell::new(Value::Unit) };
}

/// A value as a type of its own, whose shape is in [`SHAPE`].
#[derive(Debug, PartialEq)]
struct Typed(Value);

impl Serialize for Typed {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(s)
    }
}

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let shape = SHAPE.with_borrow(Clone::clone);
        Like(&shape).deserialize(d).map(Typed)
    }
}

impl<'de> DeserializeSeed<'de> for Like<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        Ok(match self.0 {
            Value::Bool(_) => Value::Bool(bool::deserialize(d)?),
            Value::I8(_) => Value::I8(i8::deserialize(d)?),
            Value::I16(_) => Value::I16(i16::deserialize(d)?),
            Value::I32(_) => Value::I32(i32::deserialize(d)?),
            Value::I64(_) => Value::I64(i64::deserialize(d)?),
            Value::I128(_) => Value::I128(i128::deserialize(d)?),
            Value::U8(_) => Value::U8(u8::deserialize(d)?),
            Value::U16(_) => Value::U16(u16::deserialize(d)?),
            Value::U32(_) => Value::U32(u32::deserialize(d)?),
            Value::U64(_) => Value::U64(u64::deserialize(d)?),
            Value::U128(_) => Value::U128(u128::deserialize(d)?),
            Value::F32(_) => Value::F32(f32::deserialize(d)?),
            Value::F64(_) => Value::F64(f64::deserialize(d)?),
            Value::Char(_) => Value::Char(char::deserialize(d)?),
            Value::Str(_) => Value::Str(String::deserialize(d)?),
            Value::Unit => {
                <()>::deserialize(d)?;
                Value::Unit
            }
            Value::Bytes(_) => return d.deserialize_byte_buf(self),
            Value::None | Value::Some(_) => return d.deserialize_option(self),
            Value::UnitStruct => return d.deserialize_unit_struct("U", self),
            Value::Newtype(_) => return d.deserialize_newtype_struct("N", self),
            Value::Seq(..) => return d.deserialize_seq(self),
            Value::Tuple(items) => return d.deserialize_tuple(items.len(), self),
            Value::TupleStruct(items) => return d.deserialize_tuple_struct("T", items.len(), self),
            Value::Map(..) => return d.deserialize_map(self),
            Value::Struct(items) => return d.deserialize_struct("S", &NAMES[..items.len()], self),
            Value::UnitVariant(_)
            | Value::NewtypeVariant(..)
            | Value::TupleVariant(..)
            | Value::StructVariant(..) => return d.deserialize_enum("E", NAMES, self),
        })
    }
}

impl<'a> Like<'a> {
    fn items(&self) -> &'a [Value] {
        match self.0 {
            Value::Seq(items, _)
            | Value::Tuple(items)
            | Value::TupleStruct(items)
            | Value::TupleVariant(_, items)
            | Value::Struct(items)
            | Value::StructVariant(_, items) => items,
            _ => &[],
        }
    }

    fn filled(&self, items: Vec<Value>) -> Value {
        match self.0 {
            Value::Seq(_, hint) => Value::Seq(items, *hint),
            Value::Tuple(_) => Value::Tuple(items),
            Value::TupleStruct(_) => Value::TupleStruct(items),
            Value::TupleVariant(i, _) => Value::TupleVariant(*i, items),
            Value::Struct(_) => Value::Struct(items),
            Value::StructVariant(i, _) => Value::StructVariant(*i, items),
            other => other.clone(),
        }
    }
}

impl<'de> Visitor<'de> for Like<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
    fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Value, E> {
        Ok(Value::Bytes(bytes))
    }
    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(bytes.to_vec()))
    }
    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        match self.0 {
            Value::UnitStruct => Ok(Value::UnitStruct),
            _ => Err(E::custom("a unit for something else")),
        }
    }
    fn visit_none<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::None)
    }
    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        match self.0 {
            Value::Some(inner) => Ok(Value::Some(Box::new(Like(inner).deserialize(d)?))),
            _ => Err(D::Error::custom("some for none")),
        }
    }
    fn visit_newtype_struct<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        match self.0 {
            Value::Newtype(inner) => Ok(Value::Newtype(Box::new(Like(inner).deserialize(d)?))),
            _ => Err(D::Error::custom("a newtype for something else")),
        }
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        for shape in self.items() {
            items.push(
                seq.next_element_seed(Like(shape))?
                    .ok_or_else(|| A::Error::custom("short"))?,
            );
        }
        Ok(self.filled(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        if let Value::Map(entries, hint) = self.0 {
            let mut read = Vec::new();
            for (key, value) in entries {
                let key = map
                    .next_key_seed(Like(key))?
                    .ok_or_else(|| A::Error::custom("short"))?;
                read.push((key, map.next_value_seed(Like(value))?));
            }
            return Ok(Value::Map(read, *hint));
        }
        let mut items = Vec::new();
        for (name, shape) in NAMES.iter().zip(self.items()) {
            let key: String = map.next_key()?.ok_or_else(|| A::Error::custom("short"))?;
            if key != *name {
                return Err(A::Error::custom("another name"));
            }
            items.push(map.next_value_seed(Like(shape))?);
        }
        Ok(self.filled(items))
    }
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Value, A::Error> {
        let (name, variant): (String, _) = data.variant()?;
        let index = NAMES
            .iter()
            .position(|n| *n == name)
            .ok_or_else(|| A::Error::custom("no variant"))?;
        match self.0 {
            Value::UnitVariant(_) => variant.unit_variant().map(|()| Value::UnitVariant(index)),
            Value::NewtypeVariant(_, inner) => {
                let inner = variant.newtype_variant_seed(Like(inner))?;
                Ok(Value::NewtypeVariant(index, Box::new(inner)))
            }
            Value::TupleVariant(_, items) => variant.tuple_variant(items.len(), self),
            Value::StructVariant(_, items) => variant.struct_variant(&NAMES[..items.len()], self),
            _ => Err(A::Error::custom("a variant for something else")),
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i8>().prop_map(Value::I8),
        any::<i16>().prop_map(Value::I16),
        any::<i32>().prop_map(Value::I32),
        any::<i64>().prop_map(Value::I64),
        any::<i128>().prop_map(Value::I128),
        any::<u8>().prop_map(Value::U8),
        any::<u16>().prop_map(Value::U16),
        any::<u32>().prop_map(Value::U32),
        any::<u64>().prop_map(Value::U64),
        any::<u128>().prop_map(Value::U128),
        any::<u32>().prop_map(|bits| Value::F32(f32::from_bits(bits))),
        any::<u64>().prop_map(|bits| Value::F64(f64::from_bits(bits))),
        any::<u64>().prop_map(|bits| Value::F64(f64::from_bits(bits | 0x7ff0 << 48))),
        any::<char>().prop_map(Value::Char),
        ".{0,8}".prop_map(Value::Str),
        "[a-ß]{250,260}".prop_map(Value::Str),
        proptest::collection::vec(any::<u8>(), 0..6).prop_map(Value::Bytes),
        Just(Value::None),
        Just(Value::Unit),
        Just(Value::UnitStruct),
        (0..6_usize).prop_map(Value::UnitVariant),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        let items = proptest::collection::vec(inner.clone(), 0..6);
        let hint = prop_oneof![
            Just(None),
            Just(Some(0)),
            Just(Some(3)),
            Just(Some(usize::MAX))
        ];
        let entries = proptest::collection::vec((inner.clone(), inner), 0..5);
        prop_oneof![
            boxed.clone().prop_map(Value::Some),
            boxed.clone().prop_map(Value::Newtype),
            (0..6_usize, boxed).prop_map(|(i, v)| Value::NewtypeVariant(i, v)),
            (items.clone(), hint.clone()).prop_map(|(v, hint)| Value::Seq(v, hint)),
            items.clone().prop_map(Value::Tuple),
            items.clone().prop_map(Value::TupleStruct),
            (0..6_usize, items.clone()).prop_map(|(i, v)| Value::TupleVariant(i, v)),
            (entries, hint).prop_map(|(v, hint)| Value::Map(v, hint)),
            items.clone().prop_map(Value::Struct),
            (0..6_usize, items).prop_map(|(i, v)| Value::StructVariant(i, v)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_of_the_data_model_comes_back(value in value()) {
        SHAPE.set(value.clone());
        let source = Typed(value);
        prop_assert_eq!(&copy(&source).unwrap(), &source);
        prop_assert_eq!(&copy_verified(&source).unwrap(), &source);
    }
}
