//! The bytes that start each value on a tape. Numbers follow little-endian; texts and bytes lie in arenas of their own, in
//! the order of their tokens.

pub(crate) const UNIT: u8 = 0;
pub(crate) const FALSE: u8 = 1;
pub(crate) const TRUE: u8 = 2;
pub(crate) const I8: u8 = 3;
pub(crate) const I16: u8 = 4;
pub(crate) const I32: u8 = 5;
pub(crate) const I64: u8 = 6;
pub(crate) const I128: u8 = 7;
pub(crate) const U8: u8 = 8;
pub(crate) const U16: u8 = 9;
pub(crate) const U32: u8 = 10;
pub(crate) const U64: u8 = 11;
pub(crate) const U128: u8 = 12;
pub(crate) const F32: u8 = 13;
pub(crate) const F64: u8 = 14;
pub(crate) const CHAR: u8 = 15;
/// One byte of length.
pub(crate) const STR_SHORT: u8 = 16;
/// Eight bytes of length, as are all lengths below.
pub(crate) const STR: u8 = 17;
pub(crate) const BYTES: u8 = 18;
pub(crate) const NONE: u8 = 19;
/// A value follows.
pub(crate) const SOME: u8 = 20;
/// A label.
pub(crate) const UNIT_STRUCT: u8 = 21;
/// A label, then a value.
pub(crate) const NEWTYPE: u8 = 22;
/// A length, then that many values.
pub(crate) const SEQ: u8 = 23;
/// As `SEQ`, but the writer did not tell the length beforehand.
pub(crate) const SEQ_OPEN: u8 = 24;
/// As `SEQ`.
pub(crate) const TUPLE: u8 = 25;
/// A label, a length, then that many values.
pub(crate) const TUPLE_STRUCT: u8 = 26;
/// A length, then that many pairs of values.
pub(crate) const MAP: u8 = 27;
/// As `MAP`, but the writer did not tell the length beforehand.
pub(crate) const MAP_OPEN: u8 = 28;
/// A shape, then a value per field.
pub(crate) const STRUCT: u8 = 29;
/// A label.
pub(crate) const UNIT_VARIANT: u8 = 30;
/// A label, then a value.
pub(crate) const NEWTYPE_VARIANT: u8 = 31;
/// A label, then a `TUPLE`.
pub(crate) const TUPLE_VARIANT: u8 = 32;
/// A label, then a `STRUCT`.
pub(crate) const STRUCT_VARIANT: u8 = 33;
