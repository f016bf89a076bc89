//! The `Deserializer`. A request meets the token it expects without a detour; anything else is as lenient as a text format.

use crate::depth;
use crate::fault::Fault;
use crate::shared;
use crate::tape::cursor::Head;
use crate::tape::reader::{Fields, Reader};
use crate::tape::shapes::Verdict;
use crate::tape::token;
use crate::tape::writer::Form;
use serde::de::{Deserializer, Visitor};

macro_rules! numbers {
    ($($method:ident: $number:ty = $token:ident, $visit:ident;)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            const SIZE: usize = 1 + size_of::<$number>();
            match self.at.tokens.split_first_chunk::<SIZE>() {
                Some(([token::$token, bytes @ ..], rest)) => {
                    self.at.tokens = rest;
                    visitor.$visit(<$number>::from_le_bytes(*bytes))
                }
                _ => self.lenient(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Fault;

    numbers! {
        deserialize_i8: i8 = I8, visit_i8;
        deserialize_i16: i16 = I16, visit_i16;
        deserialize_i32: i32 = I32, visit_i32;
        deserialize_i64: i64 = I64, visit_i64;
        deserialize_i128: i128 = I128, visit_i128;
        deserialize_u8: u8 = U8, visit_u8;
        deserialize_u16: u16 = U16, visit_u16;
        deserialize_u32: u32 = U32, visit_u32;
        deserialize_u64: u64 = U64, visit_u64;
        deserialize_u128: u128 = U128, visit_u128;
        deserialize_f32: f32 = F32, visit_f32;
        deserialize_f64: f64 = F64, visit_f64;
    }

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.recording.deepest > self.depth + depth::SHALLOW && !self.has_stack {
            self.check_stack::<V>()?;
        }
        if self.form == Form::Compact && !self.recording.asks.borrow().is_empty() {
            return self.any_of_two(visitor);
        }
        self.dispatch(visitor)
    }

    #[inline]
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if let Some((&first @ (token::FALSE | token::TRUE), rest)) = self.at.tokens.split_first() {
            self.at.tokens = rest;
            return visitor.visit_bool(first == token::TRUE);
        }
        self.lenient(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.lenient(visitor)
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.text(visitor)
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.fields == Fields::ByName {
            self.strip();
            let start = self.at;
            if let Head::Str(text) = self.at.head()? {
                return visitor.visit_string(text.to_owned());
            }
            self.at = start;
        }
        self.text(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.lenient(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.fields == Fields::ByName {
            self.strip();
            let start = self.at;
            if let Head::Bytes(bytes) = self.at.head()? {
                return visitor.visit_byte_buf(bytes.to_vec());
            }
            self.at = start;
        }
        self.lenient(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let mut inside = self.at;
        while inside.peek() == Some(token::NEWTYPE) {
            inside.head()?;
        }
        let Some((&first @ (token::NONE | token::SOME | token::UNIT), rest)) =
            inside.tokens.split_first()
        else {
            return visitor.visit_some(self);
        };
        self.at.tokens = rest;
        match first {
            token::NONE => visitor.visit_none(),
            token::UNIT => visitor.visit_unit(),
            _ => self.deeper(|reader| {
                let before = reader.left();
                let value = visitor.visit_some(&mut *reader)?;
                reader.check_read(before, value)
            }),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.strip();
        if self.at.peek() == Some(token::NONE) {
            self.at.head()?;
            return visitor.visit_unit();
        }
        self.dispatch(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_unit(visitor)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if std::ptr::eq(name, shared::TOKEN) {
            return self.edge(visitor);
        }
        match self.at.peek() {
            Some(token::NEWTYPE) => {
                self.at.head()?;
                self.newtype(visitor)
            }
            Some(token::STRUCT) if name.starts_with('$') => {
                let mut inside = self.at;
                match inside.head()? {
                    Head::Struct(shape) if self.recording.shapes.struct_name(shape) == name => {
                        self.dispatch(visitor)
                    }
                    _ => visitor.visit_newtype_struct(self),
                }
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if let Some(length) = self.take_length_of(token::SEQ) {
            return self.elements(length, visitor);
        }
        self.sequence(visitor)
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if let Some(length) = self.take_length_of(token::TUPLE) {
            return self.items(length, visitor);
        }
        self.sequence(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.sequence(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if let Some(length) = self.take_length_of(token::MAP) {
            return self.entries(length, visitor);
        }
        self.lenient(visitor)
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Some(shape) = self.take_id_of(token::STRUCT) else {
            return self.lenient(visitor);
        };
        if self.fields == Fields::InOrder
            && self.recording.shapes.verdict(shape, fields) == Verdict::InOrder
        {
            return self.in_order(shape, fields, visitor);
        }
        self.by_name(shape, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if let Some(([first @ token::UNIT_VARIANT..=token::STRUCT_VARIANT, id @ ..], rest)) =
            self.at.tokens.split_first_chunk::<5>()
        {
            let name = self.label(u32::from_le_bytes(*id))?.variant;
            self.at.tokens = rest;
            return self.variant(name, *first != token::UNIT_VARIANT, visitor);
        }
        self.lenient_enum(visitor)
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.text(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.check_whole()?;
        self.recording.skip(&mut self.at)?;
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        self.asked_at.set(self.offset());
        self.form == Form::Readable
    }
}
