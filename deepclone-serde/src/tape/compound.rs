//! Recording what holds other values: sequences, tuples, maps, structs. Lengths and shapes are written when they end, so no
//! announced length is believed.

use crate::depth;
use crate::error::ErrorKind;
use crate::fault::Fault;
use crate::path::Segment;
use crate::tape::cursor::Cursor;
use crate::tape::reader;
use crate::tape::token;
use crate::tape::writer::Recording;
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

type Written = Result<(), Fault>;

/// Whether the contents of a compound have stack enough; decided once, for they all start at one place of the stack.
fn contents_need_stack(recording: &Recording) -> bool {
    depth::is_due(recording.depth) && depth::is_low()
}

#[inline]
fn write<T: ?Sized + Serialize>(recording: &mut Recording, value: &T, fresh: bool) -> Written {
    if fresh {
        return depth::on_fresh_stack(|| value.serialize(recording));
    }
    value.serialize(recording)
}

fn patch(recording: &mut Recording, at: usize, length: usize) {
    recording.tokens[at..at + 8].copy_from_slice(&(length as u64).to_le_bytes());
}

/// Writes elements.
pub(crate) struct ItemWriter<'a> {
    recording: &'a mut Recording,
    length_at: usize,
    count: usize,
    fresh: bool,
    variant: Option<&'static str>,
}

impl<'a> ItemWriter<'a> {
    #[inline]
    pub(crate) fn start(
        recording: &'a mut Recording,
        token: u8,
        variant: Option<&'static str>,
    ) -> Result<Self, Fault> {
        recording.put_length(token, 0)?;
        Ok(Self {
            length_at: recording.tokens.len() - 8,
            recording,
            count: 0,
            fresh: false,
            variant,
        })
    }

    #[inline]
    fn item<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        if self.count == 0 {
            self.recording.descend::<T>()?;
            self.fresh = contents_need_stack(self.recording);
        }
        if let Err(fault) = write(self.recording, value, self.fresh) {
            self.fail();
            return Err(fault);
        }
        self.count += 1;
        Ok(())
    }

    #[cold]
    fn fail(&mut self) {
        self.recording.under(Segment::Index(self.count));
        if let Some(variant) = self.variant {
            self.recording.under(Segment::Name(variant));
        }
    }

    #[inline]
    fn finish(self) -> Written {
        if self.count > 0 {
            self.recording.ascend();
            patch(self.recording, self.length_at, self.count);
        }
        Ok(())
    }
}

macro_rules! items {
    ($($kind:ident::$method:ident,)*) => {$(
        impl $kind for ItemWriter<'_> {
            type Ok = ();
            type Error = Fault;
            #[inline]
            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
                self.item(value)
            }
            #[inline]
            fn end(self) -> Written {
                self.finish()
            }
        }
    )*};
}

items! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field,
}

/// Writes keys and values by turns.
pub(crate) struct MapWriter<'a> {
    recording: &'a mut Recording,
    length_at: usize,
    count: usize,
    fresh: bool,
    key: Cursor,
    key_open: bool,
}

impl<'a> MapWriter<'a> {
    pub(crate) fn start(recording: &'a mut Recording, token: u8) -> Result<Self, Fault> {
        recording.put_length(token, 0)?;
        Ok(Self {
            length_at: recording.tokens.len() - 8,
            key: recording.end(),
            recording,
            count: 0,
            fresh: false,
            key_open: false,
        })
    }

    #[cold]
    fn misuse(&mut self, message: &'static str) -> Fault {
        self.recording.failed = true;
        Fault::new(ErrorKind::Serialize, message)
    }
}

impl SerializeMap for MapWriter<'_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Written {
        if self.key_open {
            return Err(self.misuse("a map wrote a key twice without a value between"));
        }
        if self.count == 0 {
            self.recording.descend::<T>()?;
            self.fresh = contents_need_stack(self.recording);
        }
        self.key = self.recording.end();
        if let Err(fault) = write(self.recording, key, self.fresh) {
            self.recording
                .under(Segment::Key(format!("{{key {}}}", self.count)));
            return Err(fault);
        }
        self.key_open = true;
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        if !self.key_open {
            return Err(self.misuse("a map wrote a value without a key"));
        }
        if let Err(fault) = write(self.recording, value, self.fresh) {
            let key = reader::key_text(self.recording, self.key, self.count);
            self.recording.under(Segment::Key(key));
            return Err(fault);
        }
        self.key_open = false;
        self.count += 1;
        Ok(())
    }

    fn end(mut self) -> Written {
        if self.key_open {
            return Err(self.misuse("a map wrote a key without a value"));
        }
        if self.count > 0 {
            self.recording.ascend();
            patch(self.recording, self.length_at, self.count);
        }
        Ok(())
    }
}

/// Writes fields, and finds the shape they make.
pub(crate) struct FieldWriter<'a> {
    recording: &'a mut Recording,
    shape_at: usize,
    shape: u32,
    root: u32,
    fresh: bool,
    variant: Option<&'static str>,
}

impl<'a> FieldWriter<'a> {
    #[inline]
    pub(crate) fn start(
        recording: &'a mut Recording,
        name: &'static str,
        variant: Option<&'static str>,
    ) -> Result<Self, Fault> {
        let root = recording.shapes.root(name);
        recording.put_id(token::STRUCT, root)?;
        Ok(Self {
            shape_at: recording.tokens.len() - 4,
            recording,
            shape: root,
            root,
            fresh: false,
            variant,
        })
    }

    #[inline]
    fn field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Written {
        if self.shape == self.root {
            self.recording.descend::<T>()?;
            self.fresh = contents_need_stack(self.recording);
        }
        self.shape = self.recording.shapes.step(self.shape, key);
        if let Err(fault) = write(self.recording, value, self.fresh) {
            self.fail(key);
            return Err(fault);
        }
        Ok(())
    }

    #[cold]
    fn fail(&mut self, key: &'static str) {
        self.recording.under(Segment::Name(key));
        if let Some(variant) = self.variant {
            self.recording.under(Segment::Name(variant));
        }
    }

    #[inline]
    fn finish(self) -> Written {
        if self.shape != self.root {
            self.recording.ascend();
        }
        self.recording.shapes.finish(self.shape);
        self.recording.tokens[self.shape_at..self.shape_at + 4]
            .copy_from_slice(&self.shape.to_le_bytes());
        Ok(())
    }
}

macro_rules! fields {
    ($($kind:ident,)*) => {$(
        impl $kind for FieldWriter<'_> {
            type Ok = ();
            type Error = Fault;
            #[inline]
            fn serialize_field<T: ?Sized + Serialize>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Written {
                self.field(key, value)
            }
            #[inline]
            fn end(self) -> Written {
                self.finish()
            }
        }
    )*};
}

fields! { SerializeStruct, SerializeStructVariant, }
