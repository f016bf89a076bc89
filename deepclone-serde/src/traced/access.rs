//! What a traced visitor walks through. Each step that fails notes its place.

use crate::fault::Fault;
use crate::path::Segment;
use crate::traced::visitor::Traced;
use crate::traced::{Trace, TracedDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// A seed under trace.
struct Seed<'t, S> {
    seed: S,
    trace: &'t Trace,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        let trace = self.trace;
        self.seed
            .deserialize(TracedDeserializer::new(inner, trace))
            .map_err(|fault| trace.theirs(fault))
    }
}

/// A seed of a key: its text is kept for the place of its value.
struct KeySeed<'t, S> {
    seed: S,
    trace: &'t Trace,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for KeySeed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        let trace = self.trace;
        trace.key.borrow_mut().clear();
        let outer = trace.reading_key.replace(true);
        let result = Seed {
            seed: self.seed,
            trace,
        }
        .deserialize(inner);
        trace.reading_key.set(outer);
        result
    }
}

/// Elements, or fields in their order.
pub(super) struct SeqTrace<'t, A> {
    inner: A,
    trace: &'t Trace,
    names: &'static [&'static str],
    next: usize,
}

impl<'t, A> SeqTrace<'t, A> {
    pub(super) fn new(inner: A, trace: &'t Trace, names: &'static [&'static str]) -> Self {
        Self {
            inner,
            trace,
            names,
            next: 0,
        }
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for SeqTrace<'_, A> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        let trace = self.trace;
        let index = self.next;
        self.next += 1;
        self.inner
            .next_element_seed(Seed { seed, trace })
            .map_err(|error| {
                let segment = self.names.get(index).copied();
                trace.under(segment.map_or(Segment::Index(index), Segment::Name));
                trace.ours(error)
            })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// Entries, or fields by name.
pub(super) struct MapTrace<'t, A> {
    inner: A,
    trace: &'t Trace,
    key: String,
}

impl<'t, A> MapTrace<'t, A> {
    pub(super) fn new(inner: A, trace: &'t Trace) -> Self {
        Self {
            inner,
            trace,
            key: String::new(),
        }
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for MapTrace<'_, A> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let trace = self.trace;
        let key = self.inner.next_key_seed(KeySeed { seed, trace });
        self.key.clear();
        self.key.push_str(&trace.key.borrow());
        key.map_err(|error| {
            trace.under(Segment::Key(self.key.clone()));
            trace.ours(error)
        })
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let trace = self.trace;
        self.inner
            .next_value_seed(Seed { seed, trace })
            .map_err(|error| {
                trace.under(Segment::Key(self.key.clone()));
                trace.ours(error)
            })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// A variant's name.
pub(super) struct EnumTrace<'t, A> {
    inner: A,
    trace: &'t Trace,
    names: &'static [&'static str],
}

impl<'t, A> EnumTrace<'t, A> {
    pub(super) fn new(inner: A, trace: &'t Trace, names: &'static [&'static str]) -> Self {
        Self {
            inner,
            trace,
            names,
        }
    }
}

impl<'de, 't, A: EnumAccess<'de>> EnumAccess<'de> for EnumTrace<'t, A> {
    type Error = Fault;
    type Variant = ContentTrace<'t, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), Fault> {
        let trace = self.trace;
        let variant = self.inner.variant_seed(KeySeed { seed, trace });
        let text = trace.key.borrow().clone();
        let by_index = text
            .parse()
            .ok()
            .and_then(|index: usize| self.names.get(index));
        let name = by_index.map_or(text, |name| (*name).to_owned());
        match variant {
            Ok((value, inner)) => Ok((value, ContentTrace { inner, trace, name })),
            Err(error) => {
                trace.under(Segment::Key(name));
                Err(trace.ours(error))
            }
        }
    }
}

/// A variant's content.
pub(super) struct ContentTrace<'t, A> {
    inner: A,
    trace: &'t Trace,
    name: String,
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for ContentTrace<'_, A> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        let Self { inner, trace, name } = self;
        inner.unit_variant().map_err(|error| {
            trace.under(Segment::Key(name));
            trace.ours(error)
        })
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        let Self { inner, trace, name } = self;
        inner
            .newtype_variant_seed(Seed { seed, trace })
            .map_err(|error| {
                trace.under(Segment::Key(name));
                trace.ours(error)
            })
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        let Self { inner, trace, name } = self;
        let names = &[];
        let traced = Traced {
            visitor,
            trace,
            names,
        };
        inner.tuple_variant(length, traced).map_err(|error| {
            trace.under(Segment::Key(name));
            trace.ours(error)
        })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Self { inner, trace, name } = self;
        let traced = Traced {
            visitor,
            trace,
            names: fields,
        };
        inner.struct_variant(fields, traced).map_err(|error| {
            trace.under(Segment::Key(name));
            trace.ours(error)
        })
    }
}
