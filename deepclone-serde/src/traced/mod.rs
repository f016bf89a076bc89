//! A published format's deserializer with a place for errors and a stack that grows: what serde_path_to_error and
//! serde_stacker do, in one pass and with our error type, by which [`crate::shared`] knows that one of our copies runs.

mod access;
mod visitor;

use crate::depth;
use crate::error::ErrorKind;
use crate::fault::Fault;
use crate::path::{Segment, Trail};
use crate::shared;
use serde::de::{Deserializer, Error, Visitor};
use std::cell::{Cell, RefCell};
use visitor::Traced;

/// What a traced pass knows, shared by all its layers.
#[derive(Default)]
pub(crate) struct Trace {
    depth: Cell<usize>,
    trail: RefCell<Trail>,
    /// The error of an inner layer, while one of the format's own type travels in its place.
    stash: RefCell<Option<Fault>>,
    /// The text of the last key, if one is being read.
    key: RefCell<String>,
    reading_key: Cell<bool>,
}

impl Trace {
    pub(crate) fn into_trail(self) -> Trail {
        self.trail.into_inner()
    }

    /// Turns an error of the format into ours, or finds the one of ours that it stands for.
    #[cold]
    pub(crate) fn ours<E: Error>(&self, error: E) -> Fault {
        let stashed = self.stash.borrow_mut().take();
        stashed.unwrap_or_else(|| Fault::new(ErrorKind::Deserialize, error.to_string()))
    }

    /// Puts our error aside and gives the format one of its own.
    #[cold]
    fn theirs<E: Error>(&self, fault: Fault) -> E {
        let error = E::custom(&fault);
        *self.stash.borrow_mut() = Some(fault);
        error
    }

    #[cold]
    fn under(&self, segment: Segment) {
        self.trail.borrow_mut().note(segment);
    }

    fn deeper<V, R>(&self, work: impl FnOnce() -> R) -> R {
        let depth = self.depth.get() + 1;
        self.depth.set(depth);
        let result = depth::with_room_for::<V, _>(depth, work);
        self.depth.set(depth - 1);
        result
    }
}

/// A deserializer under trace.
pub(crate) struct TracedDeserializer<'t, D> {
    inner: D,
    trace: &'t Trace,
}

impl<'t, D> TracedDeserializer<'t, D> {
    pub(crate) fn new(inner: D, trace: &'t Trace) -> Self {
        Self { inner, trace }
    }
}

macro_rules! forward {
    ($($method:ident($($argument:ident: $kind:ty),*) with $names:expr;)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $kind,)* visitor: V) -> Result<V::Value, Fault> {
            let trace = self.trace;
            let names: &'static [&'static str] = $names;
            trace.deeper::<V::Value, _>(|| {
                self.inner
                    .$method($($argument,)* Traced { visitor, trace, names })
                    .map_err(|error| trace.ours(error))
            })
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for TracedDeserializer<'_, D> {
    type Error = Fault;

    forward! {
        deserialize_any() with &[];
        deserialize_bool() with &[];
        deserialize_i8() with &[];
        deserialize_i16() with &[];
        deserialize_i32() with &[];
        deserialize_i64() with &[];
        deserialize_i128() with &[];
        deserialize_u8() with &[];
        deserialize_u16() with &[];
        deserialize_u32() with &[];
        deserialize_u64() with &[];
        deserialize_u128() with &[];
        deserialize_f32() with &[];
        deserialize_f64() with &[];
        deserialize_char() with &[];
        deserialize_str() with &[];
        deserialize_string() with &[];
        deserialize_bytes() with &[];
        deserialize_byte_buf() with &[];
        deserialize_option() with &[];
        deserialize_unit() with &[];
        deserialize_unit_struct(name: &'static str) with &[];
        deserialize_seq() with &[];
        deserialize_tuple(length: usize) with &[];
        deserialize_tuple_struct(name: &'static str, length: usize) with &[];
        deserialize_map() with &[];
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) with fields;
        deserialize_enum(name: &'static str, variants: &'static [&'static str]) with variants;
        deserialize_identifier() with &[];
        deserialize_ignored_any() with &[];
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let trace = self.trace;
        let names = &[];
        let traced = Traced {
            visitor,
            trace,
            names,
        };
        let value = trace.deeper::<V::Value, _>(|| {
            self.inner
                .deserialize_newtype_struct(name, traced)
                .map_err(|error| trace.ours(error))
        });
        if value.is_err() && std::ptr::eq(name, shared::TOKEN) {
            trace.trail.borrow_mut().forget_last();
        }
        value
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}
