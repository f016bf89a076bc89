//! One pass over a recording: where it is, what it has met, and how each kind of value is handed to a visitor. The requests of
//! serde are in [`crate::tape::request`], what a visitor walks through in [`crate::tape::access`], what it gets that asked for something else in
//! `lenient.rs`.

use crate::depth;
use crate::error::ErrorKind;
use crate::fault::Fault;
use crate::path::{Segment, Trail};
use crate::shared;
use crate::tape::access::{EntryAccess, FieldsByName, FieldsInOrder, ItemAccess};
use crate::tape::cursor::{Head, Place, broken};
use crate::tape::enums::{OneEntry, VariantReader};
use crate::tape::readable::Readable;
use crate::tape::runs::RunAccess;
use crate::tape::shapes::Label;
use crate::tape::token;
use crate::tape::writer::{Form, Recording};
use serde::de::{DeserializeSeed, Deserializer, Visitor};
use std::cell::Cell;

/// Whether a struct may be handed over as a sequence of its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fields {
    /// Where the target names the same fields in the same order, as formats without field names do.
    InOrder,
    /// Always as a map; owned texts and bytes are handed over as owned, too.
    ByName,
}

/// One pass over a recording.
pub(crate) struct Reader<'de> {
    pub(crate) at: Place<'de>,
    pub(crate) recording: &'de Recording,
    pub(crate) depth: usize,
    pub(super) readable: Option<&'de Readable>,
    pub(super) form: Form,
    pub(super) fields: Fields,
    pub(super) asked_at: Cell<usize>,
    /// A buffer wanted the readable form of something, and there was none.
    pub(crate) wants_readable: bool,
    /// One of serde's buffers is to hold a value that is deep, and there may not be stack for it.
    pub(crate) wants_stack: bool,
    /// There is stack for serde's buffers.
    pub(crate) has_stack: bool,
    /// The shape of the innermost struct that did not come through as a sequence.
    pub(crate) refused: Option<u32>,
    /// A failure passed through a compound, which is therefore left half-way; nothing is left to read since.
    pub(crate) broken: bool,
    pub(crate) trail: Trail,
}

impl<'de> Reader<'de> {
    pub(crate) fn new(
        recording: &'de Recording,
        readable: Option<&'de Readable>,
        fields: Fields,
    ) -> Self {
        Self {
            at: recording.root(),
            recording,
            depth: 0,
            readable,
            form: Form::Compact,
            fields,
            asked_at: Cell::new(usize::MAX),
            wants_readable: false,
            wants_stack: false,
            has_stack: false,
            refused: None,
            broken: false,
            trail: Trail::default(),
        }
    }

    /// Notes on the way up that a failure lies under `segment`.
    #[cold]
    pub(crate) fn under(&mut self, segment: Segment) {
        self.abandon();
        self.trail.note(segment);
    }

    /// Gives up the rest, so that a target which swallows the failure fails at the next value, or at the end.
    #[cold]
    pub(super) fn abandon(&mut self) {
        self.broken = true;
        self.at.tokens = &[];
    }

    /// How much is left to read; it shrinks with every value.
    #[inline]
    pub(crate) fn left(&self) -> usize {
        self.at.tokens.len()
    }

    pub(super) fn offset(&self) -> usize {
        self.recording.tokens.len() - self.at.tokens.len()
    }

    /// Lets `seed` read the value here and makes sure that it did.
    #[inline]
    pub(crate) fn read<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let before = self.left();
        let value = seed.deserialize(&mut *self)?;
        if self.left() == before {
            return Err(self.unread());
        }
        Ok(value)
    }

    /// Fails where reading goes on after a failure that was swallowed. Requests that meet the token they expect needn't ask:
    /// no token is left then.
    pub(super) fn check_whole(&mut self) -> Result<(), Fault> {
        if self.broken {
            self.trail.clear();
            return Err(self.unread());
        }
        Ok(())
    }

    #[cold]
    pub(super) fn unread(&self) -> Fault {
        if self.broken {
            return Fault::new(
                ErrorKind::Leftover,
                "the target swallowed an error and left the rest unread",
            );
        }
        Fault::new(ErrorKind::Leftover, "the target did not read this value")
    }

    #[cold]
    pub(crate) fn leftover(&mut self, segment: Segment, count: usize) -> Fault {
        self.under(segment);
        Fault::new(
            ErrorKind::Leftover,
            format!("{count} recorded here or behind, but the target stopped reading"),
        )
    }

    /// Runs `work` one level down.
    #[inline]
    pub(crate) fn deeper<V, F>(&mut self, work: F) -> Result<V, Fault>
    where
        F: FnOnce(&mut Self) -> Result<V, Fault>,
    {
        self.depth += 1;
        let result = depth::with_room_for::<V, _>(self.depth, || work(self));
        self.depth -= 1;
        result
    }

    /// The length behind `token`, if that is here.
    #[inline(always)]
    pub(super) fn take_length_of(&mut self, token: u8) -> Option<usize> {
        let ([first, length @ ..], rest) = self.at.tokens.split_first_chunk::<9>()?;
        if *first != token {
            return None;
        }
        self.at.tokens = rest;
        Some(u64::from_le_bytes(*length) as usize)
    }

    /// The id behind `token`, if that is here.
    #[inline(always)]
    pub(super) fn take_id_of(&mut self, token: u8) -> Option<u32> {
        let ([first, id @ ..], rest) = self.at.tokens.split_first_chunk::<5>()?;
        if *first != token {
            return None;
        }
        self.at.tokens = rest;
        Some(u32::from_le_bytes(*id))
    }

    /// Goes into `Some`s and newtypes.
    pub(super) fn strip(&mut self) {
        while let Some(token::SOME | token::NEWTYPE | token::TUPLE_STRUCT) = self.at.peek() {
            match self.at.head() {
                Ok(Head::Newtype(label)) if self.is_edge(label) => self.enter_edge(),
                _ => {}
            }
        }
    }

    pub(super) fn is_edge(&self, label: u32) -> bool {
        let label = self.recording.shapes.label_of(label);
        label.is_some_and(|label| std::ptr::eq(label.name, shared::TOKEN))
    }

    /// Goes to the content of a shared edge, for a target that is not shared. An edge by number alone has none and is left as
    /// a value that no such target takes.
    pub(super) fn enter_edge(&mut self) {
        let mut inside = self.at;
        let pair = (inside.head(), inside.head(), inside.peek());
        if let (Ok(Head::Tuple(2)), Ok(Head::U32(_)), Some(token::SOME)) = pair {
            self.at = inside;
        }
    }

    #[inline]
    pub(crate) fn label(&self, id: u32) -> Result<&'de Label, Fault> {
        self.recording.shapes.label_of(id).ok_or_else(broken)
    }

    #[inline]
    pub(super) fn items<V: Visitor<'de>>(
        &mut self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deeper(|reader| {
            let mut access = ItemAccess::new(reader, length);
            let value = visitor.visit_seq(&mut access)?;
            access.finish()?;
            Ok(value)
        })
    }

    /// Elements of a sequence, of which there may be many.
    #[inline]
    pub(super) fn elements<V: Visitor<'de>>(
        &mut self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if !RunAccess::is_due(self, length) {
            return self.items(length, visitor);
        }
        self.deeper(|reader| {
            let mut access = RunAccess::new(reader, length);
            let value = visitor.visit_seq(&mut access);
            let rest = access.into_rest();
            let value = value?;
            rest.finish()?;
            Ok(value)
        })
    }

    pub(super) fn entries<V: Visitor<'de>>(
        &mut self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deeper(|reader| {
            let mut access = EntryAccess::new(reader, length);
            let value = visitor.visit_map(&mut access)?;
            access.finish()?;
            Ok(value)
        })
    }

    pub(super) fn by_name<V: Visitor<'de>>(
        &mut self,
        shape: u32,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deeper(|reader| {
            let mut access = FieldsByName::new(reader, shape);
            let value = visitor.visit_map(&mut access)?;
            access.finish()?;
            Ok(value)
        })
    }

    #[inline]
    pub(super) fn in_order<V: Visitor<'de>>(
        &mut self,
        shape: u32,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deeper(|reader| {
            let mut access = FieldsInOrder::new(reader, fields);
            let value = visitor
                .visit_seq(&mut access)
                .and_then(|value| access.finish().map(|()| value));
            if value.is_err() {
                reader.refused.get_or_insert(shape);
            }
            value
        })
    }

    pub(crate) fn variant<V: Visitor<'de>>(
        &mut self,
        name: &'de str,
        has_content: bool,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deeper(|reader| {
            let before = reader.left();
            let access = VariantReader::new(reader, name, has_content);
            let value = visitor.visit_enum(access);
            match value {
                Ok(value) if has_content && reader.left() == before => {
                    drop(value);
                    let fault = reader.unread();
                    reader.under(Segment::Key(name.to_owned()));
                    Err(fault)
                }
                Err(fault) => {
                    reader.under(Segment::Key(name.to_owned()));
                    Err(fault)
                }
                value => value,
            }
        })
    }

    /// Shows the value here as what it is, in the way text formats would.
    pub(super) fn dispatch<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        self.check_whole()?;
        match self.at.head()? {
            Head::Unit | Head::UnitStruct(_) => visitor.visit_unit(),
            Head::Bool(value) => visitor.visit_bool(value),
            Head::I8(value) => visitor.visit_i8(value),
            Head::I16(value) => visitor.visit_i16(value),
            Head::I32(value) => visitor.visit_i32(value),
            Head::I64(value) => visitor.visit_i64(value),
            Head::I128(value) => visitor.visit_i128(value),
            Head::U8(value) => visitor.visit_u8(value),
            Head::U16(value) => visitor.visit_u16(value),
            Head::U32(value) => visitor.visit_u32(value),
            Head::U64(value) => visitor.visit_u64(value),
            Head::U128(value) => visitor.visit_u128(value),
            Head::F32(value) => visitor.visit_f32(value),
            Head::F64(value) => visitor.visit_f64(value),
            Head::Char(value) => visitor.visit_char(value),
            Head::Str(value) => visitor.visit_borrowed_str(value),
            Head::Bytes(value) => visitor.visit_borrowed_bytes(value),
            Head::None => visitor.visit_none(),
            Head::Some => self.deeper(|reader| {
                let before = reader.left();
                let value = visitor.visit_some(&mut *reader)?;
                reader.check_read(before, value)
            }),
            Head::Newtype(label) => {
                if self.label(label)?.name == "_ExtStruct" {
                    return visitor.visit_newtype_struct(self);
                }
                self.deserialize_any(visitor)
            }
            Head::TupleStruct(_) => self.dispatch(visitor),
            Head::Seq { length, .. } | Head::Tuple(length) => self.items(length, visitor),
            Head::Map { length, .. } => self.entries(length, visitor),
            Head::Struct(shape) => self.by_name(shape, visitor),
            Head::UnitVariant(label) => visitor.visit_borrowed_str(self.label(label)?.variant),
            Head::NewtypeVariant(label)
            | Head::TupleVariant(label)
            | Head::StructVariant(label) => {
                let variant = self.label(label)?.variant;
                self.deeper(|reader| {
                    let mut access = OneEntry::new(reader, variant);
                    let value = visitor.visit_map(&mut access)?;
                    access.finish()?;
                    Ok(value)
                })
            }
        }
    }

    #[inline]
    pub(super) fn newtype<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        self.deeper(|reader| {
            let before = reader.left();
            let value = visitor.visit_newtype_struct(&mut *reader)?;
            reader.check_read(before, value)
        })
    }

    /// A shared edge, or a plain value where one is asked for.
    pub(super) fn edge<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        let mut inside = self.at;
        let is_edge = match inside.head()? {
            Head::Newtype(label) => self.is_edge(label),
            _ => false,
        };
        if !is_edge {
            return visitor.visit_some(self);
        }
        self.at = inside;
        self.newtype(visitor)
            .inspect_err(|_| self.trail.forget_last())
    }

    #[inline]
    pub(super) fn check_read<V>(&mut self, before: usize, value: V) -> Result<V, Fault> {
        if self.left() == before {
            return Err(self.unread());
        }
        Ok(value)
    }

    #[inline]
    pub(super) fn text<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        if let Some(([token::STR_SHORT, length], rest)) = self.at.tokens.split_first_chunk() {
            self.at.tokens = rest;
            let text = self.at.take_text(usize::from(*length))?;
            return visitor.visit_borrowed_str(text);
        }
        self.lenient(visitor)
    }
}
