//! Sequences of plain numbers, recorded in blocks.
//!
//! One by one, each number waits for the length of the tape that the one before it has stored. So a block gets all its tokens
//! at once, and then the numbers between them. Only where the elements are of a type that is a number by its name; whatever does
//! not write itself as one goes the usual way. They are read back by [`crate::tape::runs`].

use crate::tape::token;
use serde::de::DeserializeSeed;
use serde::ser::{Error, Impossible, Serialize, Serializer};
use std::any::type_name;
use std::fmt::{self, Display};

/// How the numbers of a type stand on tape.
#[derive(Clone, Copy, Default)]
pub(crate) struct Plain {
    pub(crate) token: u8,
    /// Of the number, without its token.
    pub(crate) size: usize,
}

impl Plain {
    /// How a `T` stands on tape, if that is a plain number or a reference to one. Decided while compiling.
    #[inline(always)]
    pub(crate) fn of<T>() -> Option<Self> {
        let name = type_name::<T>();
        let (token, size) = match name.strip_prefix('&').unwrap_or(name) {
            "u8" => (token::U8, 1),
            "u16" => (token::U16, 2),
            "u32" => (token::U32, 4),
            "u64" | "usize" => (token::U64, 8),
            "i8" => (token::I8, 1),
            "i16" => (token::I16, 2),
            "i32" => (token::I32, 4),
            "i64" | "isize" => (token::I64, 8),
            "f32" => (token::F32, 4),
            "f64" => (token::F64, 8),
            _ => return None,
        };
        Some(Self { token, size })
    }

    /// How much of the tape a number takes.
    #[inline(always)]
    pub(crate) fn width(self) -> usize {
        1 + self.size
    }

    /// How the numbers that a seed of serde's own reads stand on tape.
    #[inline(always)]
    pub(crate) fn sought<'de, T: DeserializeSeed<'de>>() -> Option<Self> {
        if type_name::<T>().starts_with("core::marker::PhantomData<") {
            Self::of::<T::Value>()
        } else {
            None
        }
    }
}

/// A number with its token.
pub(crate) struct Number {
    pub(crate) token: u8,
    pub(crate) bytes: [u8; 8],
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

/// Takes one number.
pub(crate) struct One;

macro_rules! numbers {
    ($($method:ident: $number:ty = $token:ident,)*) => {$(
        #[inline(always)]
        fn $method(self, value: $number) -> Result<Number, NoNumber> {
            let mut bytes = [0; 8];
            bytes[..size_of::<$number>()].copy_from_slice(&value.to_le_bytes());
            Ok(Number { token: token::$token, bytes })
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
