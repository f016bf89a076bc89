//! Enums on the way back: by name, with a content that is an ordinary value.

use crate::fault::Fault;
use crate::path::Segment;
use crate::tape::reader::Reader;
use crate::tape::token;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// The name of a field or variant, read as a value of its own.
pub(crate) struct Name<'de>(pub(crate) &'de str);

impl<'de> Deserializer<'de> for Name<'de> {
    type Error = Fault;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Name<'de> {
    type Error = Fault;
    type Variant = NoContent;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, NoContent), Fault> {
        Ok((seed.deserialize(self)?, NoContent))
    }
}

/// What a variant has that is given by its name alone.
pub(crate) struct NoContent;

impl NoContent {
    fn lacks(expected: &str) -> Fault {
        Fault::invalid_type(Unexpected::UnitVariant, &expected)
    }
}

impl<'de> VariantAccess<'de> for NoContent {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _seed: T) -> Result<T::Value, Fault> {
        Err(Self::lacks("newtype variant"))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _length: usize,
        _visitor: V,
    ) -> Result<V::Value, Fault> {
        Err(Self::lacks("tuple variant"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Fault> {
        Err(Self::lacks("struct variant"))
    }
}

/// A variant whose content, if it has one, is the value at the reader's place.
pub(crate) struct VariantReader<'a, 'de> {
    reader: &'a mut Reader<'de>,
    name: &'de str,
    has_content: bool,
}

impl<'a, 'de> VariantReader<'a, 'de> {
    #[inline]
    pub(crate) fn new(reader: &'a mut Reader<'de>, name: &'de str, has_content: bool) -> Self {
        Self {
            reader,
            name,
            has_content,
        }
    }
}

impl<'de> EnumAccess<'de> for VariantReader<'_, 'de> {
    type Error = Fault;
    type Variant = Self;

    #[inline]
    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Fault> {
        Ok((seed.deserialize(Name(self.name))?, self))
    }
}

impl<'de> VariantAccess<'de> for VariantReader<'_, 'de> {
    type Error = Fault;

    #[inline]
    fn unit_variant(self) -> Result<(), Fault> {
        if !self.has_content {
            return Ok(());
        }
        if self.reader.at.peek() == Some(token::UNIT) {
            self.reader.at.head()?;
            return Ok(());
        }
        Err(Fault::invalid_type(
            Unexpected::Other("variant with content"),
            &"unit variant",
        ))
    }

    #[inline]
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        if !self.has_content {
            return NoContent.newtype_variant_seed(seed);
        }
        self.reader.read(seed)
    }

    #[inline]
    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        if !self.has_content {
            return NoContent.tuple_variant(length, visitor);
        }
        self.reader.deserialize_tuple(length, visitor)
    }

    #[inline]
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if !self.has_content {
            return NoContent.struct_variant(fields, visitor);
        }
        self.reader.deserialize_struct("", fields, visitor)
    }
}

/// A variant with content as text formats show it: a map of one entry.
pub(crate) struct OneEntry<'a, 'de> {
    reader: &'a mut Reader<'de>,
    name: &'de str,
    step: Step,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Key,
    Value,
    Done,
}

impl<'a, 'de> OneEntry<'a, 'de> {
    pub(crate) fn new(reader: &'a mut Reader<'de>, name: &'de str) -> Self {
        Self {
            reader,
            name,
            step: Step::Key,
        }
    }

    fn segment(&self) -> Segment {
        Segment::Key(self.name.to_owned())
    }

    pub(crate) fn finish(self) -> Result<(), Fault> {
        if self.step == Step::Done {
            return Ok(());
        }
        let segment = self.segment();
        Err(self.reader.leftover(segment, 1))
    }
}

impl<'de> MapAccess<'de> for OneEntry<'_, 'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        match self.step {
            Step::Key => {
                self.step = Step::Value;
                seed.deserialize(Name(self.name)).map(Some)
            }
            Step::Value => {
                let segment = self.segment();
                Err(self.reader.leftover(segment, 1))
            }
            Step::Done => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        if self.step != Step::Value {
            return Err(Fault::custom("a value was asked for before its key"));
        }
        self.step = Step::Done;
        let value = self.reader.read(seed);
        if value.is_err() {
            let segment = self.segment();
            self.reader.under(segment);
        }
        value
    }

    fn size_hint(&self) -> Option<usize> {
        Some(usize::from(self.step == Step::Key))
    }
}
