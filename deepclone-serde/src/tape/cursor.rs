//! Walking over a tape without a target: places, the head of each value, and how to pass over a whole value.

use crate::error::ErrorKind;
use crate::fault::Fault;
use crate::tape::token;
use crate::tape::writer::Recording;

/// A place as offsets, to be kept while the tape still grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) token: usize,
    pub(crate) text: usize,
    pub(crate) bytes: usize,
}

/// A place as what lies behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'t> {
    pub(crate) tokens: &'t [u8],
    pub(crate) text: &'t str,
    pub(crate) bytes: &'t [u8],
}

/// What a value starts with. Lengths tell how many values follow.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(any(feature = "bincode", feature = "postcard", feature = "rmp-serde")),
    expect(
        dead_code,
        reason = "only a byte codec asks whether a length was announced"
    )
)]
pub(crate) enum Head<'t> {
    Unit,
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    I128(i128),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    U128(u128),
    F32(f32),
    F64(f64),
    Char(char),
    Str(&'t str),
    Bytes(&'t [u8]),
    None,
    Some,
    UnitStruct(u32),
    Newtype(u32),
    Seq { length: usize, announced: bool },
    Tuple(usize),
    TupleStruct(u32),
    Map { length: usize, announced: bool },
    Struct(u32),
    UnitVariant(u32),
    NewtypeVariant(u32),
    TupleVariant(u32),
    StructVariant(u32),
}

#[cold]
pub(crate) fn broken() -> Fault {
    Fault::new(ErrorKind::Deserialize, "the recording ends early")
}

impl Recording {
    /// The place at `cursor`.
    pub(crate) fn place(&self, cursor: Cursor) -> Place<'_> {
        Place {
            tokens: self.tokens.get(cursor.token..).unwrap_or(&[]),
            text: self.text.get(cursor.text..).unwrap_or(""),
            bytes: self.bytes.get(cursor.bytes..).unwrap_or(&[]),
        }
    }

    /// The place of the recorded value itself.
    pub(crate) fn root(&self) -> Place<'_> {
        Place {
            tokens: &self.tokens,
            text: &self.text,
            bytes: &self.bytes,
        }
    }

    /// The offsets of `place`.
    pub(crate) fn cursor(&self, place: &Place<'_>) -> Cursor {
        Cursor {
            token: self.tokens.len() - place.tokens.len(),
            text: self.text.len() - place.text.len(),
            bytes: self.bytes.len() - place.bytes.len(),
        }
    }

    /// How many values belong directly to one with this head.
    pub(crate) fn contents(&self, head: Head<'_>) -> usize {
        match head {
            Head::Some
            | Head::Newtype(_)
            | Head::TupleStruct(_)
            | Head::NewtypeVariant(_)
            | Head::TupleVariant(_)
            | Head::StructVariant(_) => 1,
            Head::Seq { length, .. } | Head::Tuple(length) => length,
            Head::Map { length, .. } => length * 2,
            Head::Struct(shape) => self.shapes.fields(shape).len(),
            _ => 0,
        }
    }

    /// Passes over one value, however deep.
    pub(crate) fn skip(&self, place: &mut Place<'_>) -> Result<(), Fault> {
        let mut open = 1;
        while open > 0 {
            let head = place.head()?;
            open = open - 1 + self.contents(head);
        }
        Ok(())
    }
}

impl<'t> Place<'t> {
    #[inline]
    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        match self.tokens.split_first_chunk() {
            Some((chunk, rest)) => {
                self.tokens = rest;
                Ok(*chunk)
            }
            None => Err(broken()),
        }
    }

    #[inline]
    fn take_length(&mut self) -> Result<usize, Fault> {
        Ok(u64::from_le_bytes(self.take()?) as usize)
    }

    #[inline]
    fn take_id(&mut self) -> Result<u32, Fault> {
        Ok(u32::from_le_bytes(self.take()?))
    }

    #[inline]
    pub(crate) fn take_text(&mut self, length: usize) -> Result<&'t str, Fault> {
        match self.text.split_at_checked(length) {
            Some((text, rest)) => {
                self.text = rest;
                Ok(text)
            }
            None => Err(broken()),
        }
    }

    fn take_bytes(&mut self, length: usize) -> Result<&'t [u8], Fault> {
        match self.bytes.split_at_checked(length) {
            Some((bytes, rest)) => {
                self.bytes = rest;
                Ok(bytes)
            }
            None => Err(broken()),
        }
    }

    /// The token at this place.
    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.tokens.first().copied()
    }

    /// Reads the head of the value here and goes behind it.
    pub(crate) fn head(&mut self) -> Result<Head<'t>, Fault> {
        let [token] = self.take()?;
        Ok(match token {
            token::UNIT => Head::Unit,
            token::FALSE => Head::Bool(false),
            token::TRUE => Head::Bool(true),
            token::I8 => Head::I8(i8::from_le_bytes(self.take()?)),
            token::I16 => Head::I16(i16::from_le_bytes(self.take()?)),
            token::I32 => Head::I32(i32::from_le_bytes(self.take()?)),
            token::I64 => Head::I64(i64::from_le_bytes(self.take()?)),
            token::I128 => Head::I128(i128::from_le_bytes(self.take()?)),
            token::U8 => Head::U8(u8::from_le_bytes(self.take()?)),
            token::U16 => Head::U16(u16::from_le_bytes(self.take()?)),
            token::U32 => Head::U32(u32::from_le_bytes(self.take()?)),
            token::U64 => Head::U64(u64::from_le_bytes(self.take()?)),
            token::U128 => Head::U128(u128::from_le_bytes(self.take()?)),
            token::F32 => Head::F32(f32::from_le_bytes(self.take()?)),
            token::F64 => Head::F64(f64::from_le_bytes(self.take()?)),
            token::CHAR => Head::Char(char::from_u32(self.take_id()?).ok_or_else(broken)?),
            token::STR_SHORT => {
                let [length] = self.take()?;
                Head::Str(self.take_text(usize::from(length))?)
            }
            token::STR => {
                let length = self.take_length()?;
                Head::Str(self.take_text(length)?)
            }
            token::BYTES => {
                let length = self.take_length()?;
                Head::Bytes(self.take_bytes(length)?)
            }
            token::NONE => Head::None,
            token::SOME => Head::Some,
            token::UNIT_STRUCT => Head::UnitStruct(self.take_id()?),
            token::NEWTYPE => Head::Newtype(self.take_id()?),
            token::SEQ | token::SEQ_OPEN => Head::Seq {
                length: self.take_length()?,
                announced: token == token::SEQ,
            },
            token::TUPLE => Head::Tuple(self.take_length()?),
            token::TUPLE_STRUCT => Head::TupleStruct(self.take_id()?),
            token::MAP | token::MAP_OPEN => Head::Map {
                length: self.take_length()?,
                announced: token == token::MAP,
            },
            token::STRUCT => Head::Struct(self.take_id()?),
            token::UNIT_VARIANT => Head::UnitVariant(self.take_id()?),
            token::NEWTYPE_VARIANT => Head::NewtypeVariant(self.take_id()?),
            token::TUPLE_VARIANT => Head::TupleVariant(self.take_id()?),
            token::STRUCT_VARIANT => Head::StructVariant(self.take_id()?),
            _ => return Err(broken()),
        })
    }
}
