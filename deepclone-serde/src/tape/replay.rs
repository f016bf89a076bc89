//! A recording as a value: written again into another format, with the limits already checked and the place known.

use crate::depth;
use crate::path::{Segment, Trail};
use crate::tape::cursor::{Cursor, Head, Place};
use crate::tape::key::key_text;
use crate::tape::writer::Recording;
use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use std::cell::{Cell, RefCell};

/// One pass over a recording towards another serializer.
pub(crate) struct Replay<'t> {
    recording: &'t Recording,
    at: Cell<Place<'t>>,
    depth: Cell<usize>,
    trail: RefCell<Trail>,
}

impl<'t> Replay<'t> {
    pub(crate) fn new(recording: &'t Recording) -> Self {
        Self {
            recording,
            at: Cell::new(recording.root()),
            depth: Cell::new(0),
            trail: RefCell::default(),
        }
    }

    /// Where it failed.
    pub(crate) fn into_trail(self) -> Trail {
        self.trail.into_inner()
    }

    fn head<E: Error>(&self) -> Result<Head<'t>, E> {
        let mut place = self.at.get();
        let head = place.head().map_err(E::custom)?;
        self.at.set(place);
        Ok(head)
    }

    fn here(&self) -> Cursor {
        self.recording.cursor(&self.at.get())
    }

    fn under<T, E>(&self, result: Result<T, E>, segment: impl FnOnce() -> Segment) -> Result<T, E> {
        if result.is_err() {
            self.trail.borrow_mut().note(segment());
        }
        result
    }

    fn label<E: Error>(&self, id: u32) -> Result<(&'static str, u32, &'static str), E> {
        let label = self.recording.shapes.label_of(id);
        label
            .map(|label| (label.name, label.index, label.variant))
            .ok_or_else(|| E::custom("the recording has an unknown name"))
    }

    fn length<E: Error>(&self) -> Result<usize, E> {
        match self.head()? {
            Head::Tuple(length) => Ok(length),
            _ => Err(E::custom("the recording has no tuple here")),
        }
    }

    fn fields<E: Error>(&self) -> Result<&'t [&'static str], E> {
        match self.head()? {
            Head::Struct(shape) => Ok(self.recording.shapes.fields(shape)),
            _ => Err(E::custom("the recording has no struct here")),
        }
    }

    fn value<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self.head()? {
            Head::Unit => s.serialize_unit(),
            Head::Bool(value) => s.serialize_bool(value),
            Head::I8(value) => s.serialize_i8(value),
            Head::I16(value) => s.serialize_i16(value),
            Head::I32(value) => s.serialize_i32(value),
            Head::I64(value) => s.serialize_i64(value),
            Head::I128(value) => s.serialize_i128(value),
            Head::U8(value) => s.serialize_u8(value),
            Head::U16(value) => s.serialize_u16(value),
            Head::U32(value) => s.serialize_u32(value),
            Head::U64(value) => s.serialize_u64(value),
            Head::U128(value) => s.serialize_u128(value),
            Head::F32(value) => s.serialize_f32(value),
            Head::F64(value) => s.serialize_f64(value),
            Head::Char(value) => s.serialize_char(value),
            Head::Str(value) => s.serialize_str(value),
            Head::Bytes(value) => s.serialize_bytes(value),
            Head::None => s.serialize_none(),
            Head::Some => s.serialize_some(self),
            Head::UnitStruct(label) => s.serialize_unit_struct(self.label(label)?.0),
            Head::Newtype(label) => s.serialize_newtype_struct(self.label(label)?.0, self),
            Head::Seq { length, announced } => {
                let mut seq = s.serialize_seq(announced.then_some(length))?;
                for index in 0..length {
                    self.under(seq.serialize_element(self), || Segment::Index(index))?;
                }
                seq.end()
            }
            Head::Tuple(length) => {
                let mut tuple = s.serialize_tuple(length)?;
                for index in 0..length {
                    self.under(tuple.serialize_element(self), || Segment::Index(index))?;
                }
                tuple.end()
            }
            Head::TupleStruct(label) => {
                let length = self.length()?;
                let mut tuple = s.serialize_tuple_struct(self.label(label)?.0, length)?;
                for index in 0..length {
                    self.under(tuple.serialize_field(self), || Segment::Index(index))?;
                }
                tuple.end()
            }
            Head::Map { length, announced } => {
                let mut map = s.serialize_map(announced.then_some(length))?;
                for index in 0..length {
                    let key = self.here();
                    let segment = || Segment::Key(key_text(self.recording, key, index));
                    self.under(map.serialize_key(self), segment)?;
                    self.under(map.serialize_value(self), segment)?;
                }
                map.end()
            }
            Head::Struct(shape) => {
                let fields = self.recording.shapes.fields(shape);
                let name = self.recording.shapes.struct_name(shape);
                let mut fields_of = s.serialize_struct(name, fields.len())?;
                for field in fields {
                    let written = fields_of.serialize_field(field, self);
                    self.under(written, || Segment::Name(field))?;
                }
                fields_of.end()
            }
            Head::UnitVariant(label) => {
                let (name, index, variant) = self.label(label)?;
                s.serialize_unit_variant(name, index, variant)
            }
            Head::NewtypeVariant(label) => {
                let (name, index, variant) = self.label(label)?;
                let written = s.serialize_newtype_variant(name, index, variant, self);
                self.under(written, || Segment::Name(variant))
            }
            Head::TupleVariant(label) => {
                let (name, index, variant) = self.label(label)?;
                let length = self.length()?;
                let mut tuple = s.serialize_tuple_variant(name, index, variant, length)?;
                for index in 0..length {
                    let written = self.under(tuple.serialize_field(self), || Segment::Index(index));
                    self.under(written, || Segment::Name(variant))?;
                }
                tuple.end()
            }
            Head::StructVariant(label) => {
                let (name, index, variant) = self.label(label)?;
                let fields = self.fields()?;
                let mut fields_of =
                    s.serialize_struct_variant(name, index, variant, fields.len())?;
                for field in fields {
                    let written = fields_of.serialize_field(field, self);
                    let written = self.under(written, || Segment::Name(field));
                    self.under(written, || Segment::Name(variant))?;
                }
                fields_of.end()
            }
        }
    }
}

impl Serialize for Replay<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let depth = self.depth.get() + 1;
        self.depth.set(depth);
        let written = if depth::is_due(depth) && depth::is_low() {
            depth::on_fresh_stack(|| self.value(s))
        } else {
            self.value(s)
        };
        self.depth.set(depth - 1);
        written
    }
}
