//! Recording what holds other values: sequences, tuples, maps, structs. Lengths and shapes are written when they end, so no
//! announced length is believed.

use crate::error::ErrorKind;
use crate::fault::Fault;
use crate::path::Segment;
use crate::tape::cursor::Cursor;
use crate::tape::key::key_text;
use crate::tape::numbers::{One, Plain};
use crate::tape::shapes::{Guess, NOWHERE};
use crate::tape::token;
use crate::tape::writer::Recording;
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

type Written = Result<(), Fault>;

/// How many numbers of a sequence are written at a time, at most and at least.
pub(super) const BLOCK: usize = 256;
pub(super) const SHORT_BLOCK: usize = 8;

/// Writes a content of a compound. Whether that takes care is decided once for all of them, for they all start at one place
/// of the stack.
#[inline(always)]
fn write<T: ?Sized + Serialize>(recording: &mut Recording, value: &T, care: bool) -> Written {
    if care {
        return recording.carefully(value);
    }
    value.serialize(recording)
}

#[inline]
fn patch(recording: &mut Recording, at: usize, length: usize) {
    recording.tokens[at..at + 8].copy_from_slice(&(length as u64).to_le_bytes());
}

/// Writes elements.
pub(crate) struct ItemWriter<'a> {
    recording: &'a mut Recording,
    length_at: usize,
    count: usize,
    care: bool,
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
            care: false,
            variant,
        })
    }

    #[inline]
    fn item<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        if self.count == 0 {
            self.recording.descend::<T>()?;
            self.care = self.recording.needs_care();
        }
        if let Err(fault) = write(self.recording, value, self.care) {
            fail(self.recording, Segment::Index(self.count), self.variant);
            return Err(fault);
        }
        self.count += 1;
        self.recording.check_size()
    }

    /// Writes elements that are numbers: the tokens of a block at once, then what goes between them. A wrong hint costs no more
    /// than a block; with `SHORT_BLOCK` all blocks are of that size, which is cheaper where there is one.
    #[inline]
    pub(crate) fn numbers<const BLOCK: usize, I>(&mut self, plain: Plain, mut items: I) -> Written
    where
        I: Iterator,
        I::Item: Serialize,
    {
        loop {
            let tokens = &mut self.recording.tokens;
            let start = tokens.len();
            let room = items.size_hint().0.clamp(SHORT_BLOCK, BLOCK);
            tokens.resize(start + room * plain.width(), plain.token);
            let mut count = 0;
            let mut odd = None;
            let places = tokens[start..].chunks_exact_mut(plain.width());
            for (place, item) in places.zip(items.by_ref()) {
                match item.serialize(One) {
                    Ok(number) if number.token == plain.token => {
                        place[1..].copy_from_slice(&number.bytes[..plain.size]);
                        count += 1;
                    }
                    _ => {
                        odd = Some(item);
                        break;
                    }
                }
            }
            tokens.truncate(start + count * plain.width());
            if count > 0 {
                if self.count == 0 {
                    self.recording.descend::<I::Item>()?;
                }
                self.count += count;
                self.recording.check_size()?;
            }
            if let Some(item) = odd {
                self.item(&item)?;
            } else if count < room {
                return Ok(());
            }
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
    care: bool,
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
            care: false,
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
            self.care = self.recording.needs_care();
        }
        self.key = self.recording.end();
        if let Err(fault) = write(self.recording, key, self.care) {
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
        if let Err(fault) = write(self.recording, value, self.care) {
            let key = key_text(self.recording, self.key, self.count);
            self.recording.under(Segment::Key(key));
            return Err(fault);
        }
        self.key_open = false;
        self.count += 1;
        self.recording.check_size()
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

/// Writes fields, and finds the shape they make: the guess if that holds to the end.
pub(crate) struct FieldWriter<'a> {
    recording: &'a mut Recording,
    shape_at: usize,
    root: u32,
    /// The shape so far, once the guess was wrong.
    shape: Option<u32>,
    guess: Guess,
    started: bool,
    care: bool,
    variant: Option<&'static str>,
}

impl<'a> FieldWriter<'a> {
    #[inline]
    pub(crate) fn start(
        recording: &'a mut Recording,
        name: &'static str,
        variant: Option<&'static str>,
    ) -> Result<Self, Fault> {
        let (root, guess) = recording.shapes.start(name);
        recording.put_id(token::STRUCT, guess.shape)?;
        Ok(Self {
            shape_at: recording.tokens.len() - 4,
            recording,
            root,
            shape: None,
            guess,
            started: false,
            care: false,
            variant,
        })
    }

    #[inline(always)]
    fn field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Written {
        if !self.started {
            self.started = true;
            self.recording.descend::<T>()?;
            self.care = self.recording.needs_care();
        }
        if self.recording.shapes.is_guessed(self.guess, key) {
            self.guess.next += 1;
        } else {
            let so_far = shape_so_far(self.recording, self.root, self.shape, self.guess);
            self.shape = Some(self.recording.shapes.step(so_far, key));
            self.guess.next = NOWHERE;
        }
        if let Err(fault) = write(self.recording, value, self.care) {
            fail(self.recording, Segment::Name(key), self.variant);
            return Err(fault);
        }
        Ok(())
    }

    #[inline(always)]
    fn finish(self) -> Written {
        if self.started {
            self.recording.ascend();
        }
        if !self.recording.shapes.is_complete(self.guess) {
            let shape = shape_so_far(self.recording, self.root, self.shape, self.guess);
            settle(self.recording, self.root, shape, self.shape_at);
        }
        self.recording.check_size()
    }
}

// The rare steps of a `FieldWriter` take its parts by value: one whose address is taken is kept in memory, which makes a small
// struct cost a third more.

#[cold]
fn shape_so_far(recording: &mut Recording, root: u32, shape: Option<u32>, guess: Guess) -> u32 {
    match shape {
        Some(shape) => shape,
        None => recording.shapes.give_up(root, guess),
    }
}

/// Writes the shape that the fields made instead of the guess.
#[cold]
fn settle(recording: &mut Recording, root: u32, shape: u32, shape_at: usize) {
    recording.shapes.finish(root, shape);
    recording.tokens[shape_at..shape_at + 4].copy_from_slice(&shape.to_le_bytes());
}

#[cold]
fn fail(recording: &mut Recording, segment: Segment, variant: Option<&'static str>) {
    recording.under(segment);
    if let Some(variant) = variant {
        recording.under(Segment::Name(variant));
    }
}

macro_rules! fields {
    ($($kind:ident,)*) => {$(
        impl $kind for FieldWriter<'_> {
            type Ok = ();
            type Error = Fault;
            #[inline(always)]
            fn serialize_field<T: ?Sized + Serialize>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Written {
                self.field(key, value)
            }
            #[inline(always)]
            fn end(self) -> Written {
                self.finish()
            }
        }
    )*};
}

fields! { SerializeStruct, SerializeStructVariant, }
