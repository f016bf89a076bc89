//! What a visitor walks through: elements, entries and fields. Each checks at its end that nothing was left.

use crate::fault::Fault;
use crate::path::Segment;
use crate::tape::cursor::Cursor;
use crate::tape::enums::Name;
use crate::tape::key::key_text;
use crate::tape::reader::Reader;
use serde::de::value::U8Deserializer;
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, SeqAccess};

/// Elements of a sequence or tuple.
pub(crate) struct ItemAccess<'a, 'de> {
    reader: &'a mut Reader<'de>,
    pub(super) left: usize,
    length: usize,
}

impl<'a, 'de> ItemAccess<'a, 'de> {
    #[inline]
    pub(crate) fn new(reader: &'a mut Reader<'de>, length: usize) -> Self {
        Self {
            reader,
            left: length,
            length,
        }
    }

    /// The same place, to be told how much is left afterwards.
    #[inline(always)]
    pub(super) fn reborrow(&mut self) -> ItemAccess<'_, 'de> {
        ItemAccess {
            reader: &mut *self.reader,
            left: self.left,
            length: self.length,
        }
    }

    /// Goes behind `count` elements that are read and took `length` of the tape.
    pub(super) fn pass(&mut self, count: usize, length: usize) {
        self.left -= count;
        self.reader.at.tokens = &self.reader.at.tokens[length..];
    }

    /// Notes that a failure lies under the last element.
    #[cold]
    pub(super) fn under_last(&mut self) {
        self.reader
            .under(Segment::Index(self.length - self.left - 1));
    }

    #[inline]
    pub(crate) fn finish(self) -> Result<(), Fault> {
        if self.left > 0 {
            let index = Segment::Index(self.length - self.left);
            return Err(self.reader.leftover(index, self.left));
        }
        Ok(())
    }
}

impl<'de> SeqAccess<'de> for ItemAccess<'_, 'de> {
    type Error = Fault;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        match self.reader.read(seed) {
            Ok(value) => Ok(Some(value)),
            Err(fault) => {
                self.under_last();
                Err(fault)
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// Fields of a struct whose target has the same ones.
pub(crate) struct FieldsInOrder<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: &'static [&'static str],
}

impl<'a, 'de> FieldsInOrder<'a, 'de> {
    #[inline]
    pub(crate) fn new(reader: &'a mut Reader<'de>, fields: &'static [&'static str]) -> Self {
        Self {
            reader,
            left: fields,
        }
    }

    #[inline]
    pub(crate) fn finish(self) -> Result<(), Fault> {
        match self.left.first() {
            None => Ok(()),
            Some(name) => Err(self.reader.leftover(Segment::Name(name), self.left.len())),
        }
    }
}

impl<'de> SeqAccess<'de> for FieldsInOrder<'_, 'de> {
    type Error = Fault;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some((name, left)) = self.left.split_first() else {
            return Ok(None);
        };
        self.left = left;
        match self.reader.read(seed) {
            Ok(value) => Ok(Some(value)),
            Err(fault) => {
                self.reader.under(Segment::Name(name));
                Err(fault)
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len())
    }
}

/// Fields of a struct, each with its name.
pub(crate) struct FieldsByName<'a, 'de> {
    reader: &'a mut Reader<'de>,
    fields: &'de [&'static str],
    next: usize,
    value_open: bool,
}

impl<'a, 'de> FieldsByName<'a, 'de> {
    pub(crate) fn new(reader: &'a mut Reader<'de>, shape: u32) -> Self {
        let fields = reader.recording.shapes.fields(shape);
        Self {
            reader,
            fields,
            next: 0,
            value_open: false,
        }
    }

    pub(crate) fn finish(self) -> Result<(), Fault> {
        let read = self.next - usize::from(self.value_open);
        match self.fields.get(read) {
            None => Ok(()),
            Some(name) => {
                let count = self.fields.len() - read;
                Err(self.reader.leftover(Segment::Name(name), count))
            }
        }
    }
}

impl<'de> MapAccess<'de> for FieldsByName<'_, 'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        if self.value_open {
            let name = Segment::Name(self.fields[self.next - 1]);
            return Err(self.reader.leftover(name, 1));
        }
        let Some(name) = self.fields.get(self.next).copied() else {
            return Ok(None);
        };
        self.next += 1;
        self.value_open = true;
        match seed.deserialize(Name(name)) {
            Ok(key) => Ok(Some(key)),
            Err(fault) => {
                self.reader.under(Segment::Name(name));
                Err(fault)
            }
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        if !self.value_open {
            return Err(Fault::custom("a value was asked for before its key"));
        }
        self.value_open = false;
        self.reader.read(seed).inspect_err(|_| {
            self.reader.under(Segment::Name(self.fields[self.next - 1]));
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.fields.len() - self.next)
    }
}

/// Entries of a map.
pub(crate) struct EntryAccess<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: usize,
    length: usize,
    key: Cursor,
    value_open: bool,
}

impl<'a, 'de> EntryAccess<'a, 'de> {
    #[inline]
    pub(crate) fn new(reader: &'a mut Reader<'de>, length: usize) -> Self {
        Self {
            key: reader.recording.cursor(&reader.at),
            reader,
            left: length,
            length,
            value_open: false,
        }
    }

    fn index(&self) -> usize {
        self.length - self.left
    }

    fn key_segment(&self, index: usize) -> Segment {
        Segment::Key(key_text(self.reader.recording, self.key, index))
    }

    pub(crate) fn finish(mut self) -> Result<(), Fault> {
        if self.value_open {
            let segment = self.key_segment(self.index() - 1);
            return Err(self.reader.leftover(segment, 1));
        }
        if self.left > 0 {
            self.key = self.reader.recording.cursor(&self.reader.at);
            let segment = self.key_segment(self.index());
            return Err(self.reader.leftover(segment, self.left));
        }
        Ok(())
    }
}

impl<'de> MapAccess<'de> for EntryAccess<'_, 'de> {
    type Error = Fault;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        if self.value_open {
            let segment = self.key_segment(self.index() - 1);
            return Err(self.reader.leftover(segment, 1));
        }
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.key = self.reader.recording.cursor(&self.reader.at);
        match self.reader.read(seed) {
            Ok(key) => {
                self.value_open = true;
                Ok(Some(key))
            }
            Err(fault) => {
                let segment = self.key_segment(self.index() - 1);
                self.reader.under(segment);
                Err(fault)
            }
        }
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        if !self.value_open {
            return Err(Fault::custom("a value was asked for before its key"));
        }
        self.value_open = false;
        match self.reader.read(seed) {
            Ok(value) => Ok(value),
            Err(fault) => {
                let segment = self.key_segment(self.index() - 1);
                self.reader.under(segment);
                Err(fault)
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// Bytes, for a target that asks for a sequence.
pub(crate) struct ByteItems<'de> {
    left: &'de [u8],
    read: usize,
}

impl<'de> ByteItems<'de> {
    pub(crate) fn new(bytes: &'de [u8]) -> Self {
        Self {
            left: bytes,
            read: 0,
        }
    }

    pub(crate) fn finish(self, reader: &mut Reader<'de>) -> Result<(), Fault> {
        if self.left.is_empty() {
            return Ok(());
        }
        Err(reader.leftover(Segment::Index(self.read), self.left.len()))
    }
}

impl<'de> SeqAccess<'de> for ByteItems<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some((byte, left)) = self.left.split_first() else {
            return Ok(None);
        };
        self.left = left;
        self.read += 1;
        let byte: U8Deserializer<Fault> = (*byte).into_deserializer();
        seed.deserialize(byte).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len())
    }
}
