//! A visitor under trace: scalars go through as they are, whatever leads deeper is wrapped.

use crate::fault::Fault;
use crate::traced::access::{EnumTrace, MapTrace, SeqTrace};
use crate::traced::{Trace, TracedDeserializer};
use serde::de::{Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A visitor, and the names of the fields or variants that it was asked with.
pub(super) struct Traced<'t, V> {
    pub(super) visitor: V,
    pub(super) trace: &'t Trace,
    pub(super) names: &'static [&'static str],
}

macro_rules! scalars {
    ($($method:ident($value:ty),)*) => {$(
        fn $method<E: Error>(self, value: $value) -> Result<V::Value, E> {
            if self.trace.reading_key.get() {
                let mut key = self.trace.key.borrow_mut();
                key.clear();
                key.push_str(&value.to_string());
            }
            let trace = self.trace;
            self.visitor.$method::<Fault>(value).map_err(|fault| trace.theirs(fault))
        }
    )*};
}

macro_rules! opaque {
    ($($method:ident($($value:ident: $kind:ty)?),)*) => {$(
        fn $method<E: Error>(self, $($value: $kind)?) -> Result<V::Value, E> {
            let trace = self.trace;
            self.visitor.$method::<Fault>($($value)?).map_err(|fault| trace.theirs(fault))
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Traced<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    scalars! {
        visit_bool(bool),
        visit_i8(i8),
        visit_i16(i16),
        visit_i32(i32),
        visit_i64(i64),
        visit_i128(i128),
        visit_u8(u8),
        visit_u16(u16),
        visit_u32(u32),
        visit_u64(u64),
        visit_u128(u128),
        visit_f32(f32),
        visit_f64(f64),
        visit_char(char),
        visit_str(&str),
        visit_borrowed_str(&'de str),
        visit_string(String),
    }

    opaque! {
        visit_bytes(value: &[u8]),
        visit_borrowed_bytes(value: &'de [u8]),
        visit_byte_buf(value: Vec<u8>),
        visit_none(),
        visit_unit(),
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let trace = self.trace;
        self.visitor
            .visit_some(TracedDeserializer::new(inner, trace))
            .map_err(|fault| trace.theirs(fault))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let trace = self.trace;
        self.visitor
            .visit_newtype_struct(TracedDeserializer::new(inner, trace))
            .map_err(|fault| trace.theirs(fault))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let Self {
            visitor,
            trace,
            names,
        } = self;
        visitor
            .visit_seq(SeqTrace::new(inner, trace, names))
            .map_err(|fault| trace.theirs(fault))
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let trace = self.trace;
        self.visitor
            .visit_map(MapTrace::new(inner, trace))
            .map_err(|fault| trace.theirs(fault))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let Self {
            visitor,
            trace,
            names,
        } = self;
        visitor
            .visit_enum(EnumTrace::new(inner, trace, names))
            .map_err(|fault| trace.theirs(fault))
    }
}
