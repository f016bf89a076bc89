//! Sequences of plain numbers, recorded in blocks.
//!
//! One by one, each number waits for the length of the tape that the one before it has stored. Here a block is put together
//! beside the tape. Only where the elements are of a type that is a number by its name; whatever does not write itself as one
//! goes the usual way.

use crate::tape::token;
use serde::ser::{Error, Impossible, Serialize, Serializer};
use std::any::type_name;
use std::fmt::{self, Display};

/// A number as it stands on tape.
pub(crate) struct Number {
    pub(crate) bytes: [u8; 9],
    pub(crate) length: usize,
}

/// The value is no plain number.
#[derive(Debug)]
pub(crate) struct NoNumber;

impl Display for NoNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no number")
    }
}

impl std::error::Error for NoNumber {}

impl Error for NoNumber {
    fn custom<T: Display>(_message: T) -> Self {
        Self
    }
}

/// Whether a `T` is a plain number, or a reference to one. Decided while compiling.
#[inline(always)]
pub(crate) fn is_number<T>() -> bool {
    let name = type_name::<T>();
    matches!(
        name.strip_prefix('&').unwrap_or(name),
        "u8" | "u16"
            | "u32"
            | "u64"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "usize"
            | "isize"
            | "f32"
            | "f64"
    )
}

/// Takes one number.
pub(crate) struct One;

macro_rules! numbers {
    ($($method:ident: $number:ty = $token:ident,)*) => {$(
        #[inline(always)]
        fn $method(self, value: $number) -> Result<Number, NoNumber> {
            const LENGTH: usize = 1 + size_of::<$number>();
            let mut bytes = [token::$token; 9];
            bytes[1..LENGTH].copy_from_slice(&value.to_le_bytes());
            Ok(Number { bytes, length: LENGTH })
        }
    )*};
}

macro_rules! others {
    ($($method:ident($($argument:ty),*) -> $ok:ty;)*) => {$(
        fn $method(self, $(_: $argument),*) -> Result<$ok, NoNumber> {
            Err(NoNumber)
        }
    )*};
}

type Compound = Impossible<Number, NoNumber>;

impl Serializer for One {
    type Ok = Number;
    type Error = NoNumber;
    type SerializeSeq = Compound;
    type SerializeTuple = Compound;
    type SerializeTupleStruct = Compound;
    type SerializeTupleVariant = Compound;
    type SerializeMap = Compound;
    type SerializeStruct = Compound;
    type SerializeStructVariant = Compound;

    numbers! {
        serialize_i8: i8 = I8,
        serialize_i16: i16 = I16,
        serialize_i32: i32 = I32,
        serialize_i64: i64 = I64,
        serialize_u8: u8 = U8,
        serialize_u16: u16 = U16,
        serialize_u32: u32 = U32,
        serialize_u64: u64 = U64,
        serialize_f32: f32 = F32,
        serialize_f64: f64 = F64,
    }

    others! {
        serialize_bool(bool) -> Number;
        serialize_char(char) -> Number;
        serialize_str(&str) -> Number;
        serialize_bytes(&[u8]) -> Number;
        serialize_none() -> Number;
        serialize_unit() -> Number;
        serialize_unit_struct(&'static str) -> Number;
        serialize_unit_variant(&'static str, u32, &'static str) -> Number;
        serialize_seq(Option<usize>) -> Compound;
        serialize_tuple(usize) -> Compound;
        serialize_tuple_struct(&'static str, usize) -> Compound;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Compound;
        serialize_map(Option<usize>) -> Compound;
        serialize_struct(&'static str, usize) -> Compound;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Compound;
    }

    fn serialize_some<T: ?Sized + Serialize>(self, _: &T) -> Result<Number, NoNumber> {
        Err(NoNumber)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<Number, NoNumber> {
        Err(NoNumber)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Number, NoNumber> {
        Err(NoNumber)
    }
}
