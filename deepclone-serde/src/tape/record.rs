//! The `Serializer`: one token per scalar or text, the start of one for whatever holds other values.

use crate::error::ErrorKind;
use crate::fault::Fault;
use crate::path::Segment;
use crate::shared;
use crate::tape::compound::{BLOCK, FieldWriter, ItemWriter, MapWriter, SHORT_BLOCK};
use crate::tape::numbers::Plain;
use crate::tape::token;
use crate::tape::writer::{Form, Recording, Written};
use serde::ser::{Serialize, SerializeSeq, Serializer};
use std::fmt::{self, Display, Write};

macro_rules! numbers {
    ($($method:ident: $number:ty = $token:ident,)*) => {$(
        #[inline]
        fn $method(self, value: $number) -> Written {
            let mut bytes = [token::$token; 1 + size_of::<$number>()];
            bytes[1..].copy_from_slice(&value.to_le_bytes());
            self.put(bytes)
        }
    )*};
}

impl<'a> Serializer for &'a mut Recording {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = ItemWriter<'a>;
    type SerializeTuple = ItemWriter<'a>;
    type SerializeTupleStruct = ItemWriter<'a>;
    type SerializeTupleVariant = ItemWriter<'a>;
    type SerializeMap = MapWriter<'a>;
    type SerializeStruct = FieldWriter<'a>;
    type SerializeStructVariant = FieldWriter<'a>;

    numbers! {
        serialize_i8: i8 = I8,
        serialize_i16: i16 = I16,
        serialize_i32: i32 = I32,
        serialize_i64: i64 = I64,
        serialize_i128: i128 = I128,
        serialize_u8: u8 = U8,
        serialize_u16: u16 = U16,
        serialize_u32: u32 = U32,
        serialize_u64: u64 = U64,
        serialize_u128: u128 = U128,
        serialize_f32: f32 = F32,
        serialize_f64: f64 = F64,
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Written {
        self.put([if value { token::TRUE } else { token::FALSE }])
    }

    #[inline]
    fn serialize_char(self, value: char) -> Written {
        self.put_id(token::CHAR, u32::from(value))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Written {
        self.admit(value.len())?;
        self.put_text_token(value.len())?;
        self.text.push_str(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.admit(value.len())?;
        self.put_length(token::BYTES, value.len())?;
        self.bytes.extend_from_slice(value);
        Ok(())
    }

    #[inline]
    fn serialize_none(self) -> Written {
        self.put([token::NONE])
    }

    #[inline]
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Written {
        self.put([token::SOME])?;
        self.only(value)
    }

    #[inline]
    fn serialize_unit(self) -> Written {
        self.put([token::UNIT])
    }

    fn serialize_unit_struct(self, name: &'static str) -> Written {
        let label = self.shapes.label(name, "", 0);
        self.put_id(token::UNIT_STRUCT, label)
    }

    #[inline]
    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Written {
        let label = self.shapes.label(name, variant, index);
        self.put_id(token::UNIT_VARIANT, label)
    }

    #[inline]
    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        name: &'static str,
        value: &T,
    ) -> Written {
        let is_edge = std::ptr::eq(name, shared::TOKEN);
        if is_edge {
            self.edges.push(self.tokens.len());
        }
        let label = self.shapes.label(name, "", 0);
        self.put_id(token::NEWTYPE, label)?;
        let written = self.only(value);
        if is_edge && written.is_err() {
            self.trail.forget_last();
        }
        written
    }

    #[inline]
    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        let label = self.shapes.label(name, variant, index);
        self.put_id(token::NEWTYPE_VARIANT, label)?;
        self.only(value)
            .inspect_err(|_| self.under(Segment::Name(variant)))
    }

    #[inline]
    fn serialize_seq(self, length: Option<usize>) -> Result<ItemWriter<'a>, Fault> {
        let token = match length {
            Some(_) => token::SEQ,
            None => token::SEQ_OPEN,
        };
        ItemWriter::start(self, token, None)
    }

    #[inline]
    fn serialize_tuple(self, _length: usize) -> Result<ItemWriter<'a>, Fault> {
        ItemWriter::start(self, token::TUPLE, None)
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        _length: usize,
    ) -> Result<ItemWriter<'a>, Fault> {
        let label = self.shapes.label(name, "", 0);
        self.put_id(token::TUPLE_STRUCT, label)?;
        ItemWriter::start(self, token::TUPLE, None)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<ItemWriter<'a>, Fault> {
        let label = self.shapes.label(name, variant, index);
        self.put_id(token::TUPLE_VARIANT, label)?;
        ItemWriter::start(self, token::TUPLE, Some(variant))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<MapWriter<'a>, Fault> {
        let token = match length {
            Some(_) => token::MAP,
            None => token::MAP_OPEN,
        };
        MapWriter::start(self, token)
    }

    #[inline]
    fn serialize_struct(
        self,
        name: &'static str,
        _length: usize,
    ) -> Result<FieldWriter<'a>, Fault> {
        FieldWriter::start(self, name, None)
    }

    #[inline]
    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<FieldWriter<'a>, Fault> {
        let label = self.shapes.label(name, variant, index);
        self.put_id(token::STRUCT_VARIANT, label)?;
        FieldWriter::start(self, variant, Some(variant))
    }

    #[inline]
    fn collect_seq<I>(self, items: I) -> Written
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        let items = items.into_iter();
        let mut seq = match items.size_hint() {
            (low, Some(high)) if low == high => self.serialize_seq(Some(low))?,
            _ => self.serialize_seq(None)?,
        };
        match Plain::of::<I::Item>() {
            Some(plain) if items.size_hint().0 <= 8 => {
                seq.numbers::<SHORT_BLOCK, _>(plain, items)?;
            }
            Some(plain) => seq.numbers::<BLOCK, _>(plain, items)?,
            None => {
                for item in items {
                    seq.serialize_element(&item)?;
                }
            }
        }
        SerializeSeq::end(seq)
    }

    fn collect_str<T: ?Sized + Display>(self, value: &T) -> Written {
        let token_at = self.tokens.len();
        self.put_length(token::STR, 0)?;
        let start = self.text.len();
        let mut sink = TextSink {
            recording: self,
            refusal: None,
        };
        let shown = write!(sink, "{value}");
        if let Some(fault) = sink.refusal {
            return Err(fault);
        }
        if shown.is_err() {
            return Err(Fault::new(
                ErrorKind::Serialize,
                "a `Display` implementation returned an error",
            ));
        }
        let length = (self.text.len() - start) as u64;
        self.tokens[token_at + 1..token_at + 9].copy_from_slice(&length.to_le_bytes());
        Ok(())
    }

    fn is_human_readable(&self) -> bool {
        let here = self.end();
        let mut asks = self.asks.borrow_mut();
        if asks.last().is_none_or(|last| last.token != here.token) {
            asks.push(here);
        }
        self.form == Form::Readable
    }
}

/// Takes formatted text straight into the arena.
struct TextSink<'a> {
    recording: &'a mut Recording,
    refusal: Option<Fault>,
}

impl Write for TextSink<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if let Err(fault) = self.recording.admit(part.len()) {
            self.refusal = Some(fault);
            return Err(fmt::Error);
        }
        self.recording.text.push_str(part);
        Ok(())
    }
}
