//! Elements of a sequence, with a fast way through plain numbers.
//!
//! One by one, each number waits for the place that the one before it has stored in the reader. A run of them has a place of its
//! own and brings the reader along when it ends. Only where the elements are of a type that is a number by its name; whatever
//! does not stand on tape as one goes the usual way.

use crate::fault::Fault;
use crate::tape::access::ItemAccess;
use crate::tape::cursor::broken;
use crate::tape::numbers::Plain;
use crate::tape::reader::Reader;
use crate::tape::token;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

/// Fewer elements than this aren't worth a run.
const FEW: usize = 16;

/// Elements of a sequence that starts with a number.
pub(crate) struct RunAccess<'a, 'de> {
    /// Where the run starts.
    items: ItemAccess<'a, 'de>,
    /// As much of the tape as the items would take if all were numbers like the first.
    run: &'de [u8],
    /// What each of them would take.
    width: usize,
    /// How far the run is read.
    offset: usize,
}

impl<'a, 'de> RunAccess<'a, 'de> {
    /// Whether `length` elements from here on may be a run.
    #[inline(always)]
    pub(crate) fn is_due(reader: &Reader<'de>, length: usize) -> bool {
        length >= FEW && reader.at.peek().and_then(width_of).is_some()
    }

    pub(crate) fn new(reader: &'a mut Reader<'de>, length: usize) -> Self {
        let tokens = reader.at.tokens;
        let width = reader.at.peek().and_then(width_of).unwrap_or(1);
        Self {
            items: ItemAccess::new(reader, length),
            run: &tokens[..length.saturating_mul(width).min(tokens.len())],
            width,
            offset: 0,
        }
    }

    /// The next number of the run.
    #[inline(always)]
    fn next(&mut self, plain: Plain) -> Option<Number<'de>> {
        if self.width != plain.width() {
            return None;
        }
        let end = self.offset + plain.width();
        let bytes = self.run.get(self.offset..end)?;
        if bytes[0] != plain.token {
            return None;
        }
        self.offset = end;
        Some(Number { bytes })
    }

    /// Ends the run.
    fn settle(&mut self) {
        self.items.pass(self.offset / self.width, self.offset);
        self.offset = 0;
        self.run = &[];
    }

    /// Says that the last number of the run was refused.
    #[cold]
    fn refused(&mut self, fault: Fault) -> Fault {
        self.settle();
        self.items.under_last();
        fault
    }

    /// The elements behind the run.
    pub(crate) fn into_rest(mut self) -> ItemAccess<'a, 'de> {
        self.settle();
        self.items
    }
}

impl<'de> SeqAccess<'de> for RunAccess<'_, 'de> {
    type Error = Fault;

    #[inline(always)]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        if let Some(number) = Plain::sought::<T>().and_then(|plain| self.next(plain)) {
            return match seed.deserialize(number) {
                Ok(value) => Ok(Some(value)),
                Err(fault) => Err(self.refused(fault)),
            };
        }
        let (left, value) = read_beside(self.items.reborrow(), self.offset, self.width, seed);
        self.items.left = left;
        self.run = &[];
        self.offset = 0;
        value
    }

    fn size_hint(&self) -> Option<usize> {
        self.items.left.checked_sub(self.offset / self.width)
    }
}

/// Ends a run, reads what comes then, and tells how much is left. Takes the parts of a `RunAccess` by value: one whose address is
/// taken is kept in memory, and then each number waits for the one before it after all.
#[inline(never)]
fn read_beside<'de, T: DeserializeSeed<'de>>(
    mut items: ItemAccess<'_, 'de>,
    offset: usize,
    width: usize,
    seed: T,
) -> (usize, Result<Option<T::Value>, Fault>) {
    items.pass(offset / width, offset);
    let value = items.next_element_seed(seed);
    (items.left, value)
}

/// What a number with this token takes on tape.
#[inline]
fn width_of(token: u8) -> Option<usize> {
    Some(match token {
        token::I8 | token::U8 => 2,
        token::I16 | token::U16 => 3,
        token::I32 | token::U32 | token::F32 => 5,
        token::I64 | token::U64 | token::F64 => 9,
        _ => return None,
    })
}

/// A number on tape, for a target that is one.
struct Number<'de> {
    bytes: &'de [u8],
}

macro_rules! show_as {
    ($bytes:expr, $visitor:expr; $($token:ident => $number:ty, $visit:ident;)*) => {
        match $bytes {
            $([token::$token, bytes @ ..] => match bytes.try_into() {
                Ok(bytes) => $visitor.$visit(<$number>::from_le_bytes(bytes)),
                Err(_) => Err(broken()),
            },)*
            _ => Err(broken()),
        }
    };
}

impl<'de> Deserializer<'de> for Number<'de> {
    type Error = Fault;

    /// Where the number was found its token is known already, so one case is left of these.
    #[inline(always)]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        show_as! { self.bytes, visitor;
            I8 => i8, visit_i8;
            I16 => i16, visit_i16;
            I32 => i32, visit_i32;
            I64 => i64, visit_i64;
            U8 => u8, visit_u8;
            U16 => u16, visit_u16;
            U32 => u32, visit_u32;
            U64 => u64, visit_u64;
            F32 => f32, visit_f32;
            F64 => f64, visit_f64;
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
