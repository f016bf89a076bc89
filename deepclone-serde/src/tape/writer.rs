//! Recording a value: the `Serializer`. Scalars and texts are here, whatever holds other values is in
//! [`crate::tape::compound`].

use crate::depth;
use crate::error::{ErrorKind, shorten};
use crate::fault::Fault;
use crate::path::{Segment, Trail};
use crate::shared;
use crate::tape::compound::{FieldWriter, ItemWriter, MapWriter};
use crate::tape::cursor::Cursor;
use crate::tape::numbers::is_number;
use crate::tape::shapes::Shapes;
use crate::tape::token;
use serde::ser::{Serialize, SerializeSeq, Serializer};
use std::any::type_name;
use std::cell::RefCell;
use std::fmt::{self, Display, Write};

/// Which of its two forms a value is asked for; serde calls it `is_human_readable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Form {
    #[default]
    Compact,
    Readable,
}

/// What a recording may grow to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) max_depth: usize,
    pub(crate) max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_depth: 500_000,
            max_bytes: usize::MAX,
        }
    }
}

/// A value on tape, and the state of writing it.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    pub(crate) tokens: Vec<u8>,
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) shapes: Shapes,
    /// Where values stand that asked which form they are written in.
    pub(crate) asks: RefCell<Vec<Cursor>>,
    /// Where shared edges stand.
    pub(crate) edges: Vec<usize>,
    /// The deepest level so far.
    pub(crate) deepest: usize,
    pub(crate) trail: Trail,
    pub(crate) failed: bool,
    pub(crate) depth: usize,
    form: Form,
    limits: Limits,
    /// How many bytes of tokens are allowed beside the texts so far.
    token_limit: usize,
}

type Written = Result<(), Fault>;

impl Recording {
    /// Forgets the last value and gets ready for the next.
    pub(crate) fn start(&mut self, form: Form, limits: Limits) {
        self.clear();
        self.shapes.trim();
        self.form = form;
        self.limits = limits;
        self.token_limit = limits.max_bytes;
    }

    pub(crate) fn clear(&mut self) {
        self.tokens.clear();
        self.text.clear();
        self.bytes.clear();
        self.asks.get_mut().clear();
        self.edges.clear();
        self.trail.clear();
        self.deepest = 0;
        self.depth = 0;
        self.failed = false;
    }

    /// How many bytes the last value took.
    pub(crate) fn used(&self) -> usize {
        self.tokens.len() + self.text.len() + self.bytes.len()
    }

    /// How many bytes are kept for values.
    pub(crate) fn held(&self) -> usize {
        self.tokens.capacity() + self.text.capacity() + self.bytes.capacity()
    }

    /// Says that a value's code went on after a failure, which leaves the recording torn.
    #[cold]
    pub(crate) fn swallowed(&self) -> Fault {
        Fault::new(
            ErrorKind::Serialize,
            "the value swallowed an error while it was written",
        )
    }

    /// The place behind everything recorded so far.
    #[inline]
    pub(crate) fn end(&self) -> Cursor {
        Cursor {
            token: self.tokens.len(),
            text: self.text.len(),
            bytes: self.bytes.len(),
        }
    }

    /// Appends a token. Whatever can come in any number has [`check_size`](Self::check_size) called between.
    #[inline(always)]
    pub(crate) fn put<const N: usize>(&mut self, token: [u8; N]) -> Written {
        self.tokens.extend_from_slice(&token);
        Ok(())
    }

    /// Checks the limit of bytes: after each element, map value, struct and only content.
    #[inline(always)]
    pub(crate) fn check_size(&mut self) -> Written {
        if self.tokens.len() > self.token_limit {
            return Err(self.too_large());
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn put_id(&mut self, token: u8, id: u32) -> Written {
        let [a, b, c, d] = id.to_le_bytes();
        self.put([token, a, b, c, d])
    }

    #[inline]
    pub(crate) fn put_length(&mut self, token: u8, length: usize) -> Written {
        let [a, b, c, d, e, f, g, h] = (length as u64).to_le_bytes();
        self.put([token, a, b, c, d, e, f, g, h])
    }

    /// Counts `length` bytes of text before they are taken in.
    #[inline]
    fn admit(&mut self, length: usize) -> Written {
        match self.token_limit.checked_sub(length) {
            Some(left) if self.tokens.len() <= left => {
                self.token_limit = left;
                Ok(())
            }
            _ => Err(self.too_large()),
        }
    }

    #[cold]
    fn too_large(&mut self) -> Fault {
        self.failed = true;
        let limit = self.limits.max_bytes;
        Fault::new(
            ErrorKind::Bytes,
            format!("the recording would exceed {limit} bytes"),
        )
    }

    #[cold]
    fn too_deep<T: ?Sized>(&mut self) -> Fault {
        self.failed = true;
        let mut name = type_name::<T>().to_owned();
        shorten(&mut name, 512);
        let limit = self.limits.max_depth;
        Fault::new(
            ErrorKind::Depth,
            format!("`{name}` lies more than {limit} levels deep; a cycle, or see `max_depth`"),
        )
    }

    /// Goes one level down, towards a `T`.
    #[inline]
    pub(crate) fn descend<T: ?Sized>(&mut self) -> Written {
        self.depth += 1;
        if self.depth > self.deepest {
            if self.depth > self.limits.max_depth {
                return Err(self.too_deep::<T>());
            }
            self.deepest = self.depth;
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn ascend(&mut self) {
        self.depth -= 1;
    }

    /// Records `value`, on a fresh stack where this one ends.
    #[inline]
    pub(crate) fn content<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        if depth::is_due(self.depth) && depth::is_low() {
            return depth::on_fresh_stack(|| value.serialize(self));
        }
        value.serialize(self)
    }

    /// Records the only content of something, one level down.
    #[inline]
    fn only<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        self.descend::<T>()?;
        let written = self.content(value);
        self.ascend();
        if written.is_err() {
            self.failed = true;
            return written;
        }
        self.check_size()
    }

    /// Notes on the way up that a failure lies under `segment`.
    #[cold]
    pub(crate) fn under(&mut self, segment: Segment) {
        self.failed = true;
        self.trail.note(segment);
    }

    #[inline]
    fn put_text_token(&mut self, length: usize) -> Written {
        match u8::try_from(length) {
            Ok(short) => self.put([token::STR_SHORT, short]),
            Err(_) => self.put_length(token::STR, length),
        }
    }
}

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
        if is_number::<I::Item>() {
            seq.numbers(items)?;
        } else {
            for item in items {
                seq.serialize_element(&item)?;
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
